"""Reader of NWB 2, and of NWB 1 as the Allen Brain Observatory has it: a series of ROIs, with their neuropil."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.recording import Cell, CellHeader, Recording
from neuropil_gui.formats.child import h5_lookup, nwb_file, process
from neuropil_gui.formats.paths import CellsOnDemand, Identity, Options, check_count, data_error, printable_name
from neuropil_gui.formats.plain.arrays import read_only
from neuropil_gui.formats.plain.rows import BRING_NEUROPIL
from neuropil_gui.formats.programs.nwb_choice import Pair, RoiSeries, choose, dataset_question, neuropil_question
from neuropil_gui.formats.questions import Choice, FileQuestion, Inquiry, Preview

#: Bytes that are read at once: a file of (time, ROIs) gives many cells as fast as one.
BLOCK = 64 * 2**20
LOOK = 16 * 2**20
_POINTS = 4000


def sniff(path: Path, head: bytes) -> bool:
    """Return whether the path is an HDF5 file that names its version of NWB.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        Its first 512 bytes; none for a folder.
    """
    return h5_lookup.is_kind(path, head, "nwb")


@dataclass(eq=False)
class _PairReader:
    """The pair of series of one plane; a block of cells is read at a time, and the last is kept."""

    identity: Identity
    pair: Pair
    frames: int
    held: tuple[int, NDArray[np.float64]] | None = None

    def traces(self, row: int) -> NDArray[np.float64]:
        count = max(1, BLOCK // max(1, self.frames * 8 * len(self.pair.both)))
        start = row // count * count
        if self.held is None or self.held[0] != start:
            self.held = None
            self.held = start, self.read(start, min(start + count, self.pair.cell.rois), self.frames)
        return self.held[1][:, row - start]

    def read(self, start: int, stop: int, frames: int) -> NDArray[np.float64]:
        """Return the traces of some ROIs, shape (signals, ROIs, frames)."""
        self.identity.check()
        values = np.empty((len(self.pair.both), stop - start, frames))
        for signal, series in enumerate(self.pair.both):
            place = (series.data, series.time_first, start, stop, frames)
            found = process.call(nwb_file.block, self.identity.path, *place, bytes_needed=2 * values.nbytes)
            with np.errstate(all="ignore"):  # odd bits in a file are no arithmetic of ours
                values[signal] = found
                values[signal] *= series.conversion
                values[signal] += series.offset
        self.identity.check()
        return values


def read(path: Path, options: Options) -> Recording:
    """Read the ROIs of an NWB file.

    Parameters
    ----------
    path : Path
    options : Options
        `dataset` and `neuropil` are paths of series, or of groups that hold a series for each plane; an empty
        `neuropil` takes none. `plane` takes one of several. `rows_are_frames` says how the data lie where the file does
        not.

    Returns
    -------
    Recording
        `origin` has the file's identifier, session description and start.

    Raises
    ------
    DataError
        When there is no series, or not the one asked for, or its neuropil has another shape.
    """
    identity = Identity.of(path)
    found = process.call(nwb_file.survey, path)
    pairs = choose(path, _listed(path, found, options), options)
    check_count(path, sum(pair.cell.rois for pair in pairs))
    warnings: list[str] = []
    cells: list[tuple[_PairReader, CellHeader]] = []
    rates = {}
    for pair in pairs:
        source, rate, headers = _opened(identity, pair, len(pairs) > 1, warnings)
        rates[pair.cell.plane] = rate
        cells += [(source, header) for header in headers]
    identity.check()
    warnings += _notes(pairs, found["version"])
    if len(set(rates.values())) > 1:
        warnings.append("The series differ in their frame rate; open one of them, or set the frame rate.")
    rate = options.frame_rate
    if rate is None and len(set(rates.values())) == 1:
        rate = next(iter(rates.values()))
    doubtful = any(pair.cell.doubtful for pair in pairs)

    def load(index: int) -> Cell:
        source, header = cells[index]
        assert header.source_index is not None
        return Cell(
            header.name,
            read_only(source.traces(header.source_index)),
            source.pair.names,
            (0,),
            None,
            header.source_index,
        )

    return Recording(
        printable_name(path),
        str(path),
        rate,
        CellsOnDemand([header for _, header in cells], load),
        f"NWB {found['version'][:20]}".strip(),
        tuple(dict.fromkeys(warnings)),
        rows_are_frames=pairs[0].cell.time_first if doubtful else None,
        origin=tuple((str(name), str(value)) for name, value in found["identity"]),
    )


def series_read(path: Path, options: Options) -> dict[str, RoiSeries]:
    """Return the series of the cells that `read` reads, by plane.

    Parameters
    ----------
    path : Path
    options : Options

    Raises
    ------
    DataError
        When there is none, or not the one asked for.
    """
    found = process.call(nwb_file.survey, path)
    return {pair.cell.plane: pair.cell for pair in choose(path, _listed(path, found, options), options)}


def inquire(path: Path) -> Inquiry:
    """Return the questions about an NWB file: series, neuropil, plane, axis of time, frame rate.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        When there is no series.
    """
    identity = Identity.of(path)
    found = process.call(nwb_file.survey, path)
    series = _listed(path, found, Options())
    pairs = choose(path, series, Options())
    questions = [*dataset_question(series, pairs), *neuropil_question(series, pairs)]
    if len(pairs) > 1:
        choices = (Choice(None, f"all {len(pairs)}"), *(Choice(pair.cell.plane, pair.cell.plane) for pair in pairs))
        questions.append(FileQuestion("plane", "Which planes?", None, "Each cell's name says its plane.", choices))
    cell = pairs[0].cell
    if cell.doubtful:
        ways = (Choice(True, f"rows: {cell.shape[0]} frames"), Choice(False, f"columns: {cell.shape[-1]} frames"))
        why = "NWB stores time x ROIs, and nothing else in the file says it."
        questions.append(FileQuestion("rows_are_frames", "Which axis is time?", cell.time_first, why, ways))
    rate = process.call(nwb_file.details, path, cell.home, [(cell.data, cell.time_first)], cell.rois)["rate"]
    if rate is None:
        questions.append(FileQuestion("frame_rate", "At how many frames a second?", None, "The file does not say it."))

    def preview(options: Options) -> Preview:
        chosen = choose(path, _listed(path, found, options), options)
        first = chosen[0].cell
        # Where the ROIs of a frame lie together, one of them is as much to read as all.
        most = min(first.frames, max(2, LOOK // (8 * (first.rois if first.time_first else 1))))
        step = -(-most // _POINTS)
        traces = _PairReader(identity, chosen[0], first.frames).read(0, 1, most)[:, 0, ::step]
        known = options.frame_rate if options.frame_rate is not None else rate
        cells = sum(pair.cell.rois for pair in chosen)
        return Preview(traces, chosen[0].names, first.frames, cells, known, step)

    layout = ";".join(sorted(each.path for each in series))
    guesses = {question.name: str(question.guess) for question in questions}
    guess = Options(dataset=guesses.get("dataset"), neuropil=guesses.get("neuropil"))
    name = f"NWB {found['version'][:20]}".strip()
    alone = any(pair.neuropil is None for pair in pairs)

    def follow(dataset: str) -> tuple[FileQuestion, ...]:
        return tuple(neuropil_question(series, choose(path, series, Options(dataset=dataset))))

    return Inquiry(name, tuple(questions), preview, f"nwb {layout}", guess, follow, alone=alone)


def _listed(path: Path, found: dict[str, Any], options: Options) -> list[RoiSeries]:
    series = [RoiSeries.of(each, options.rows_are_frames) for each in found["series"]]
    if not series:
        raise data_error(
            path,
            "it holds no series of ROIs (RoiResponseSeries), which was expected; a movie in it is opened together with "
            "its ROIs (--rois).",
        )
    return series


def _opened(
    identity: Identity, pair: Pair, named: bool, warnings: list[str]
) -> tuple[_PairReader, float | None, list[CellHeader]]:
    """Return the rate of a pair and the headers of its cells."""
    sets = [(series.data, series.time_first) for series in pair.both]
    known = process.call(nwb_file.details, identity.path, pair.cell.home, sets, pair.cell.rois)
    warnings += known["notes"]
    frames = min(int(known["frames"]), pair.cell.frames)
    if frames < pair.cell.frames:
        warnings.append(f"{pair.cell.plane}: {pair.cell.frames - frames} frames of zeros at its end were left out.")
    marks: NDArray[Any] | None = known["marks"]
    rows = np.arange(pair.cell.rois)
    facts: dict[str, float | str | bool] = {"plane": pair.cell.plane} if named else {}
    if marks is not None:
        accepted = np.flatnonzero((marks if marks.ndim == 1 else marks[:, 0]) > 0)
        if not len(accepted):
            warnings.append(f"{pair.cell.plane}: {known['column']} marks no ROI as a cell; all {len(rows)} are shown.")
        elif len(accepted) < len(rows):
            warnings.append(
                f"{pair.cell.plane}: {len(accepted)} of {len(rows)} ROIs are shown, those that {known['column']} marks."
            )
            rows = accepted
    headers = []
    for row in rows.tolist():
        own_facts = dict(facts)
        if marks is not None and marks.ndim == 2 and marks.shape[1] > 1:
            own_facts["probability"] = float(marks[row, 1])
        name = f"{pair.cell.plane} ROI {row}" if named else f"ROI {row}"
        headers.append(CellHeader(name, len(pair.both), frames, 1, row, tuple(own_facts.items())))
    return _PairReader(identity, pair, frames), known["rate"], headers


def _notes(pairs: list[Pair], version: str) -> list[str]:
    """Return sentences on how the series were read."""
    notes = []
    for pair in pairs:
        if pair.neuropil is None:
            notes += [f"{pair.cell.path} has no neuropil to go with it.", BRING_NEUROPIL]
        for series in pair.both:
            if not series.time_first and not version.lower().startswith(("nwb-1", "1")):
                notes.append(f"{series.path} lies as ROIs x time, by its number of ROIs, and was read so.")
            if (series.conversion, series.offset) != (1.0, 0.0):
                unit = f" to {printable_name(series.unit)}" if series.unit else ""
                factor = f"times {series.conversion:g}" + (f" plus {series.offset:g}" if series.offset else "")
                notes.append(f"{series.path} was converted{unit} as the file says: {factor}.")
    return notes
