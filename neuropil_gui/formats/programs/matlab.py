"""Reader of MATLAB files: FISSA's ``separated.mat``, results of this program, and any arrays or cells of arrays."""

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.frame_rate import is_frame_rate
from neuropil_gui.core.recording import Recording
from neuropil_gui.formats.child.h5file import MAGIC
from neuropil_gui.formats.paths import (
    Options,
    data_error,
    join_names,
    printable_name,
)
from neuropil_gui.formats.plain import choice, preview
from neuropil_gui.formats.plain.preview import of_recording
from neuropil_gui.formats.plain.rows import names_neuropil
from neuropil_gui.formats.plain.trials import TrialList
from neuropil_gui.formats.programs import fissa, own_results, own_separations
from neuropil_gui.formats.programs.matlab_file import MatlabFile
from neuropil_gui.formats.questions import Choice, FileQuestion, Inquiry, Preview

_RATE = FileQuestion(
    "frame_rate",
    "At how many frames per second was it recorded?",
    None,
    "The file does not say, or not in a place that is known.",
)


def sniff(path: Path, head: bytes) -> bool:
    """Return whether the path starts as a MATLAB file of version 5 or 7.3.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        Its first 512 bytes; none for a folder.
    """
    marked = head.startswith(b"MATLAB ") or head[126:128] in (b"IM", b"MI")
    return marked or (head.startswith(MAGIC) and path.suffix.lower() == ".mat")


def read(path: Path, options: Options) -> Recording:
    """Read a MATLAB file of version 5 or 7.3.

    Parameters
    ----------
    path : Path
    options : Options

    Returns
    -------
    Recording
        Of FISSA's ``raw{roi, trial}`` with its result, of our own ``cells``, or of a
        variable (also in a struct) that is an array of 2 to 4 dimensions or cells of such: the one that is asked
        for, the one with a telling name, or the only one.

    Raises
    ------
    DataError
        When there is none, or several without a telling name; the sentence names them.
    """
    file = MatlabFile.open(path)
    whole = None if options.dataset else _producers(file)
    return whole or _plain(file, options)


def inquire(path: Path) -> Inquiry:
    """Return the questions about a MATLAB file.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        When it holds no traces.
    """
    file = MatlabFile.open(path)
    whole = _producers(file)
    if whole is not None:
        return Inquiry(f"MATLAB {file.version}", (), lambda _options: of_recording(whole), "MATLAB:known")
    trials = file.trials
    name = _best_cells(file, Options(), guess=True)
    asked = preview.inquiry(file.store) if file.store.candidates or not trials else None
    if not trials:
        assert asked is not None
        return asked
    if name == "Fcell":
        known = _look_at_cells(file, name, Options())
        rate = [] if known.frame_rate is not None else [_RATE]
        return Inquiry("Suite2P for MATLAB", tuple(rate), lambda options: _look_at_cells(file, name, options), "Fcell")
    choices = tuple(Choice(each, _cells_label(file, each)) for each in trials)
    others = asked.questions if asked is not None else ()
    arrays = next((q.choices for q in others if q.name == "dataset"), ()) or tuple(
        Choice(each.name, each.label) for each in file.store.candidates.values()
    )
    guess = name or (asked.guess.dataset if asked is not None else None) or next(iter(file.store.candidates), None)
    questions: list[FileQuestion] = []
    if len(choices) + len(arrays) > 1:
        why = "Its cells are matrices, as a cell's trials are." if name else "Its name says traces."
        questions.append(FileQuestion("dataset", "Which variable holds the signals?", guess, why, (*choices, *arrays)))
        questions.append(_RATE)

    def look(options: Options) -> Preview:
        chosen = _best_cells(file, options, guess=True)
        return _look_at_cells(file, chosen, options) if chosen else preview.preview(file.store, options)

    rows = _trial_list(file, name).guess if name else None
    if rows is not None and (questions or rows.doubtful):
        questions[:0] = rows.questions()
    signature = f"MATLAB:{','.join(sorted(trials))}:{asked.signature if asked is not None else ''}"
    return Inquiry(
        f"MATLAB {file.version}",
        tuple(questions),
        look,
        signature,
        Options(dataset=guess),
        alone=rows is not None and rows.cells,
    )


def _producers(file: MatlabFile) -> Recording | None:
    """Read what FISSA or this program wrote, or return None."""
    rows = file.rows
    if rows.get("raw", {}).get("kind") == "cells" and ("nRegions" in rows or "result" in rows):
        found = file.values(["raw", "result", "sep", "mixmat", "info"])
        if _objects(found.get("raw")):
            result = {name: found[name] for name in ("result", "sep", "mixmat") if _objects(found.get(name))}
            if _objects(found.get("info")):
                result["info"] = _unwrapped(found["info"])
            return fissa.recording(file.path, found["raw"], result, printable_name(file.path), [])
    if rows.get("cells", {}).get("kind") == "other":
        found = file.values(["cells", "frame_rate", "provenance"])
        ours = found.get("cells")
        if ours is not None and _objects(ours) and ours.size and all(_is_ours(each) for each in ours.flat):
            # MATLAB gives every element all fields; what a cell does not have is empty.
            filled = {_number(each, k): _filled(each) for k, each in enumerate(ours.flat, 1)}
            made = own_separations.made_by(found.get("provenance"))
            return own_results.recording(file.path, filled, found.get("frame_rate"), [], made)
    return None


def _objects(value: object) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "O"


def _is_ours(value: object) -> bool:
    return isinstance(value, dict) and "raw" in value


def _filled(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if isinstance(value, str) or np.size(value)}


def _number(row: dict[str, Any], otherwise: int) -> int:
    value = np.asarray(row.get("number", otherwise)).ravel()
    return int(value[0]) if value.size == 1 and value.dtype.kind in "iuf" and np.isfinite(value[0]) else otherwise


def _unwrapped(info: NDArray[Any]) -> NDArray[Any]:
    """Return FISSA's ``info`` with each 1 x 1 struct as its dict."""
    flat = np.empty(info.size, object)
    for index, each in enumerate(info.flat):
        flat[index] = each.ravel()[0] if _objects(each) and each.size == 1 else {}
    return flat.reshape(info.shape)


def _plain(file: MatlabFile, options: Options) -> Recording:
    chosen = _best_cells(file, options)
    if chosen is None:
        return _with_extras(file, choice.recording(file.store, options), options)
    recording = _of_cells(file, chosen, options)
    names = [*file.trials, *file.store.candidates]
    if len(names) > 1:
        note = f"{chosen} was taken for the traces, of {join_names(names)}."
        recording = replace(recording, warnings=(note, *recording.warnings))
    return recording


def _with_extras(file: MatlabFile, recording: Recording, options: Options) -> Recording:
    """Add what EXTRACT and CNMF-E store with the traces: whether they are dF/F, and the length of the recording."""
    notes = list(recording.warnings)
    steps = _numbers(file, "output.config.preprocess")
    if any("EXTRACT" in each for each in notes) and steps.size and steps.flat[0] == 1:
        notes.append("EXTRACT made them dF/F (its preprocess[0] is 1), so they may be negative.")
    groups = [name.removesuffix("extractedSignals") for name in file.rows if name.endswith(".extractedSignals")]
    seconds = _numbers(file, f"{groups[0]}time.totalTime") if groups else np.zeros(0)
    rate = recording.cells.headers[0].frames / float(seconds.flat[0]) if seconds.size == 1 and seconds.any() else 0.0
    if options.frame_rate is None and recording.frame_rate is None and is_frame_rate(rate):
        notes.append(f"The frame rate, {rate:.4g} Hz, is the number of frames by CNMF-E's totalTime in seconds.")
        recording = recording.with_frame_rate(rate)
    return replace(recording, warnings=tuple(notes))


def _numbers(file: MatlabFile, name: str) -> NDArray[np.float64]:
    """Return a small array of numbers, or an empty one."""
    row = file.rows.get(name)
    if row is None or row["kind"] != "numbers" or row["obstacle"] or not 0 < math.prod(row["shape"]) < 100:
        return np.zeros(0)
    return file.part(name, None).astype(np.float64)


def _best_cells(file: MatlabFile, options: Options, guess: bool = False) -> str | None:
    """Return the cell array that is to be read, or None where an array of numbers is; a `guess` is never refused."""
    trials = file.trials
    if options.dataset is None:
        trials = [name for name in trials if not any(_is_neuropil_of(file, name, each) for each in trials)] or trials
    else:
        ends = [name for name in trials if options.dataset in (name, name.rpartition(".")[2])]
        return ends[0] if len(ends) == 1 else None
    names = {name: name.rpartition(".")[2] for name in (*trials, *file.store.candidates)}
    known = [name for best in choice.KNOWN for name, last in names.items() if last == best]
    if len(names) == 1 or known:
        first = known[0] if known else next(iter(names))
        return first if first in trials else None
    if trials and guess:
        return trials[0]
    if trials:
        raise data_error(
            file.path,
            f"several variables could be the traces ({join_names(list(names))}); expected one that is named raw, or "
            "--dataset NAME.",
        )
    return None


def _trial_list(file: MatlabFile, name: str) -> TrialList:
    """Return a cell array of matrices, with that of its neuropil where one is beside it."""
    other = next((each for each in file.trials if _is_neuropil_of(file, each, name)), None)
    values = file.values(list(dict.fromkeys(each.partition(".")[0] for each in (name, other or name))))
    found = TrialList(file.path, name, _field(values, name))
    if other is None:
        return found
    found = replace(found, neuropil=_field(values, other), neuropil_name=join_names([other]))
    if name != "Fcell":
        return found
    # Suite2P for MATLAB: stat has a struct for each ROI.
    stat = file.values(["stat"]).get("stat")
    marks = [_mark(each) for each in stat.ravel()] if isinstance(stat, np.ndarray) and stat.dtype == object else []
    known = [mark for mark in marks if mark is not None]
    if len(known) == len(found.trials(found.values)[0][0]) and any(known):
        found.notes.append(f"{sum(known)} of {len(known)} ROIs are shown, those that stat.iscell marks.")
        return replace(found, accepted=known)
    return found


def _mark(stat: Any) -> bool | None:
    """Return ``iscell`` of a ROI's struct; None where it has none."""
    stat = stat.flat[0] if isinstance(stat, np.ndarray) and stat.size == 1 else stat
    value = np.ravel(stat.get("iscell", ())) if isinstance(stat, dict) else np.zeros(0)
    return bool(value[0]) if value.size == 1 and value.dtype.kind in "fiub" else None


def _is_neuropil_of(file: MatlabFile, other: str, name: str) -> bool:
    rows = file.rows[other], file.rows[name]
    says = names_neuropil(other.rpartition(".")[2]) and not names_neuropil(name.rpartition(".")[2])
    return bool(says and all(rows[0][key] == rows[1][key] for key in ("shape", "inner")))


def _field(values: dict[str, Any], name: str) -> Any:
    top, *fields = name.split(".")
    value = values[top]
    for field in fields:
        value = value.flat[0][field]
    return value


def _of_cells(file: MatlabFile, name: str, options: Options) -> Recording:
    recording = _trial_list(file, name).recording(options, "MATLAB")
    rate, planes = (_numbers(file, f"ops.{field}") for field in ("imageRate", "nplanes"))
    count = max(1.0, float(planes.flat[0])) if planes.size == 1 and np.isfinite(planes).all() else 1.0
    if options.frame_rate is None and name == "Fcell" and rate.size == 1 and is_frame_rate(float(rate.flat[0]) / count):
        note = (
            f"The frame rate is ops.imageRate, {rate.flat[0]:g} Hz of all planes, divided by their number, {count:g}."
        )
        recording = replace(recording, warnings=(*recording.warnings, note))
        recording = recording.with_frame_rate(float(rate.flat[0]) / count)
    return recording


def _look_at_cells(file: MatlabFile, name: str, options: Options) -> Preview:
    """Return the preview of a cell array."""
    recording = _of_cells(file, name, options)
    rate = options.frame_rate if options.frame_rate is not None else recording.frame_rate
    return replace(of_recording(recording), frame_rate=rate)


def _cells_label(file: MatlabFile, name: str) -> str:
    rows, columns = file.rows[name]["shape"]
    return f"{join_names([name])} ({rows} × {columns} cells of matrices)"
