"""Choice of signals and neuropil among the arrays of a file, and the recording that they make."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.recording import Cell, CellHeader, Recording, default_signal_names
from neuropil_gui.formats.paths import (
    MOST_BYTES,
    WHOLE_BYTES,
    CellsOnDemand,
    Identity,
    Options,
    Slices,
    check_count,
    data_error,
    join_names,
    printable_name,
)
from neuropil_gui.formats.plain.arrays import LAYOUTS, Layout, is_movie, layout, read_only
from neuropil_gui.formats.plain.clock import NO_TIMES, find_clock
from neuropil_gui.formats.plain.rows import OF_CELLS
from neuropil_gui.formats.plain.store import Store, Variable, index

#: Names, after the last / or dot, that say which of several arrays are the traces, the best first.
KNOWN = (
    *("raw", "traces", "signals", "F_raw", "RawTraces", "F", "F_df", "F_dff", "dff", "deltaFoF", "trace_array", "data"),
    *("temporal_weights", "extractedSignals", "C_raw", "C_full", "C", "fluorescence"),
)
#: Traces of programs that separate cells themselves: EXTRACT's and CNMF-E's structs, by their layouts.
_SEPARATED = (
    (re.compile(r"^(output|extractAnalysisOutput)[./]temporal_weights$"), "EXTRACT"),
    (re.compile(r"^(neuron|results|obj|neuron_\w+)[./](C_raw|C)$|[./]extractedSignals$"), "CNMF-E"),
)
#: For `Options.neuropil`: that there is none.
NO_NEUROPIL = ""
ALL = (None, None, None)


@dataclass(frozen=True)
class Pick:
    """Arrays that were chosen as traces and neuropil, and the reasons.

    Parameters
    ----------
    name, why : str
        The array of traces, and the reason.
    sure : bool
        Whether there is hardly a doubt.
    neuropil, neuropil_why : str, optional
        The array of neuropil, and the reason.
    of_cells, of_one : str, optional
        Why each trace is that of a cell, or all are those of one; empty where the name does not say so.
    """

    name: str
    why: str
    sure: bool
    neuropil: str | None = None
    neuropil_why: str = ""
    of_cells: str = ""
    of_one: str = ""


def pick(store: Store, options: Options) -> Pick:
    """Choose the signals, and the neuropil that goes with them.

    Parameters
    ----------
    store : Store
        Arrays of the file.
    options : Options
        Answers of the user.

    Raises
    ------
    DataError
        When there are none, or what `options` name is not there.
    """
    found = store.candidates
    if options.dataset is not None:
        name, why, sure = _named(store, options.dataset), "it was asked for", True
    elif not found:
        raise data_error(store.path, _nothing(store))
    else:
        name, why, sure = _best(found)
    if options.neuropil == NO_NEUROPIL:
        return Pick(name, why, sure, of_cells=_of_cells(found[name]), of_one=_of_one(found[name]))
    if options.neuropil is not None:
        other = _named(store, options.neuropil)
        if found[other].shape != found[name].shape or len(found[name].shape) != 2 or other == name:
            raise data_error(
                store.path,
                f"{found[other].label} was asked for as the neuropil of {found[name].label}; another array of the "
                "same two dimensions, ROIs and frames, was expected.",
            )
        return Pick(name, why, sure, other, "it was asked for")
    candidates = [each for each in partners(found, name) if each.names_neuropil]
    if candidates and not found[name].names_neuropil:
        # The one whose name has most in common with that of the signals: Fneu for F, not Fneu_chan2.
        nearest = min(candidates, key=lambda each: (_parent(each.name) != _parent(name), len(each.name)))
        return Pick(
            name, why, sure, nearest.name, f"its name says neuropil, and its shape is that of {join_names([name])}"
        )
    return Pick(name, why, sure, of_cells=_of_cells(found[name]), of_one=_of_one(found[name]))


def _of_cells(variable: Variable) -> str:
    """Return why each trace is that of a cell of its own; empty where the name does not say so."""
    maker = next((maker for pattern, maker in _SEPARATED if pattern.search(variable.name)), None)
    name = join_names([variable.name])
    if maker is not None:
        return f"{name} holds {maker}'s traces, which are demixed already and come without neuropil."
    return f"{name} is a name for the traces of many cells." if variable.last in OF_CELLS else ""


def _of_one(variable: Variable) -> str:
    return "FISSA and this program call the signals of one cell raw." if variable.name == "raw" else ""


def _parent(name: str) -> str:
    return name[: max(name.rfind("/"), name.rfind("."), 0)]


def partners(found: dict[str, Variable], name: str) -> list[Variable]:
    """Return candidates for the neuropil of the array `name`: the others of its two dimensions.

    Parameters
    ----------
    found : dict of str, Variable
        By their names.
    name : str
        Of the signals.
    """
    shape = found[name].shape
    return [each for each in found.values() if each.name != name and each.shape == shape and len(shape) == 2]


def _named(store: Store, asked: str) -> str:
    """Return the full name of the array that the user means: its name, or the last part of it if that is clear."""
    asked = asked.strip("/")
    every = store.variables
    name = asked if asked in every else None
    if name is None:
        ends = [each.name for each in every.values() if each.last == asked]
        name = ends[0] if len(ends) == 1 else None
    if name is None:
        names = join_names(list(store.candidates)) or "nothing"
        raise data_error(
            store.path, f"there is no {join_names([asked])} in it; of what there is, {names} could be read."
        )
    if every[name].obstacle is not None:
        raise data_error(store.path, f"{join_names([name])} {every[name].obstacle}.")
    if not every[name].usable:
        raise data_error(store.path, f"{every[name].label} was asked for, but {LAYOUTS} was expected.")
    return name


def _best(found: dict[str, Variable]) -> tuple[str, str, bool]:
    if len(found) == 1:
        return next(iter(found)), "it is the only array of numbers with 2 to 4 dimensions", True
    for known in KNOWN:
        same = [name for name, each in found.items() if each.last == known]
        if same:
            # Of several by that name, one with a neuropil in the same group.
            name = min(same, key=lambda each: (not _has_neuropil(found, each), len(each)))
            return name, f"it is called {known}, as traces are", len(same) == 1
    found = {name: each for name, each in found.items() if not is_movie(each.shape)} or found
    more = [name for name, each in found.items() if sum(side > 1 for side in each.shape) > 1]
    if len(more) == 1:
        return more[0], "it is the only array that is more than a vector", True
    # Not `found[name].nbytes`: images are large; traces are long.
    name = max(found, key=lambda each: (max(found[each].shape), len(found[each].shape)))
    return name, "it has the longest axis of all arrays", False


def _has_neuropil(found: dict[str, Variable], name: str) -> bool:
    return any(each.names_neuropil and _parent(each.name) == _parent(name) for each in partners(found, name))


def _nothing(store: Store) -> str:
    stopped = [f"{join_names([each.name])} {each.obstacle}" for each in store.variables.values() if each.obstacle]
    if stopped:
        return f"no array of it can be read: {'; '.join(stopped[:2])}."
    names = join_names([*(each.name for each in store.variables.values()), *store.others])
    return f"no array of 2 to 4 dimensions among {names or 'no variables'}; traces were expected."


def recording(store: Store, options: Options) -> Recording:
    """Read the arrays that `options` name, or the best guess, as a recording.

    Parameters
    ----------
    store : Store
    options : Options

    Returns
    -------
    Recording
        Up to `WHOLE` bytes are read at once; above that, cell by cell when they are asked for.

    Raises
    ------
    DataError
        When there are no traces, or several arrays and nothing tells which they are.
    """
    picked = pick(store, options)
    if not picked.sure:
        which = join_names(list(store.candidates))
        raise data_error(
            store.path,
            f"several arrays could be the traces ({which}); expected one that is named raw, or --dataset NAME.",
        )
    plan = plan_of(store, picked, options)
    names = [picked.name, *([picked.neuropil] if picked.neuropil else [])]
    variables = [store.variables[name] for name in names]
    total = sum(each.nbytes for each in variables)
    if total > WHOLE_BYTES and plan.cells is not None and store.seekable:
        identity = Identity.of(store.path)

        def load(name: str, part: Slices) -> NDArray[Any]:
            identity.check()
            values = store.read(name, part)
            identity.check()
            return values

    elif total > MOST_BYTES:
        raise data_error(store.path, f"its {total / 2**30:.0f} GiB are more than can be held in memory.")
    else:
        whole = {name: store.read(name, None) for name in names}

        def load(name: str, part: Slices) -> NDArray[Any]:
            return whole[name][index(part)]

    def cell(number: int) -> Cell:
        part = [number if axis == plan.cells else ALL for axis in range(plan.dimensions)]
        values = [plan.arrange(load(name, part)) for name in names]
        traces = read_only(np.concatenate(values) if len(values) > 1 else values[0])
        return Cell(f"{plan.noun} {number + 1}", traces, signal_names(plan, picked), plan.starts, source_index=number)

    check_count(store.path, plan.count)
    signals = plan.signals * len(names)
    headers = [
        CellHeader(f"{plan.noun} {k + 1}", signals, plan.frames * plan.trials, plan.trials, k)
        for k in range(plan.count)
    ]
    notes = []
    if len(store.candidates) > 1 and options.dataset is None:
        every = join_names(list(store.candidates))
        notes.append(f"{join_names([picked.name])} was taken for the traces, of {every}: {picked.why}.")
    stopped = [each for each in store.variables.values() if each.obstacle and (each.usable or each.dtype == "object")]
    notes.extend(f"{join_names([each.name])} was left out: it {each.obstacle}." for each in stopped[:2])
    if picked.neuropil and options.neuropil is None:
        notes.append(f"{join_names([picked.neuropil])} was taken for the neuropil: {picked.neuropil_why}.")
    clock = find_clock(store, picked.name, plan.frames * plan.trials)
    if clock is not None:
        notes.extend(clock.notes(options))
    elif options.time_unit is not None:
        notes.append(NO_TIMES)
    return Recording(
        printable_name(store.path),
        str(store.path),
        clock.rate(options.time_unit) if clock is not None else None,
        CellsOnDemand(headers, cell),
        store.format,
        (*notes, *plan.notes(options)),
        rows_are_frames=plan.rows_are_frames,
    )


def signal_names(plan: Layout, picked: Pick) -> tuple[str, ...]:
    """Return the names of the signals of a cell.

    Parameters
    ----------
    plan : Layout
    picked : Pick
    """
    return ("ROI", "neuropil") if picked.neuropil else default_signal_names(plan.signals)


def plan_of(store: Store, picked: Pick, options: Options) -> Layout:
    """Return the meaning of the axes of the chosen array.

    Parameters
    ----------
    store : Store
        Arrays of the file.
    picked : Pick
    options : Options
        Answers of the user.
    """
    return layout(
        store.path,
        store.variables[picked.name].shape,
        options,
        paired=picked.neuropil is not None,
        stacked=store.column_major,
        of_cells=picked.of_cells,
        of_one=picked.of_one,
    )
