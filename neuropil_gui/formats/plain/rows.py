"""Rows as signals of one cell or as cells: best guess, its reason, and the question."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.questions import Choice, FileQuestion

#: What `Options.rows` can be, in words.
SIGNALS, CELLS = "signals", "cells"
CHOICES = (
    Choice(SIGNALS, "a signal of one cell, its ROI or neuropil"),
    Choice(CELLS, "a cell of its own, without neuropil"),
)
BRING_NEUROPIL = (
    "There is no neuropil to separate from, so that the traces can only be looked at; a second file can bring it "
    "(--neuropil-file, or File > Open with questions)."
)
NEUROPIL_FILE = FileQuestion(
    "neuropil_file",
    "Is their neuropil in a second file?",
    None,
    "Cells without neuropil can only be looked at. A file with a trace for each cell brings it, e.g. Fneu.npy.",
)
#: Names of arrays that hold a trace of each cell: of suite2p, CaImAn, CNMF-E, and of zebrafish and other atlases.
OF_CELLS = (
    *("F", "Fneu", "spks", "F_chan2", "Fneu_chan2", "C", "C_raw", "C_full", "YrA", "F_dff", "S", "temporal_weights"),
    *("extractedSignals", "RawTraces", "trace_array", "deltaFoF", "CellResp", "fluo_traces"),
)
#: Traces up to which they are rather the regions of one cell, and up to which nothing is asked; FISSA makes 5 of them.
_MANY, _FEW = 20, 9
_NEUROPIL = re.compile(r"(?i)neu(?!ron)|npil|(^|[\W_\d])np([\W_\d]|$)|surround|background|annulus|halo")
#: Names that number cells or ROIs, e.g. "C00", "cell 3", "unit_id 4", "Mean(2)".
_NUMBERED = re.compile(r"(?i)(?P<stem>.*?)[\W_]*0*\d+\W*")
_ROI = re.compile(r"(?i)roi|cell|soma")
_OF_CELLS = re.compile(r"(?i)(c|cells?|neurons?|units?|components?|rois?|somas?)([\W_]?id)?")


def names_neuropil(title: str) -> bool:
    """Return whether a title stands for neuropil.

    Parameters
    ----------
    title : str
    """
    return _NEUROPIL.search(title) is not None


@dataclass(frozen=True)
class RowsGuess:
    """Best guess for what each trace is.

    Attributes
    ----------
    value : str
        "signals" or "cells".
    why : str
        The reason, a sentence.
    sure : bool
        Whether the file itself says so, or there is but one trace.
    doubtful : bool
        Whether it is worth a question where nothing else is asked.
    """

    value: str
    why: str
    sure: bool = False
    doubtful: bool = False

    @property
    def cells(self) -> bool:
        """Whether each trace is a cell of its own."""
        return self.value == CELLS

    def questions(self) -> list[FileQuestion]:
        """Return the question for what each trace is, unless the file says it."""
        return [] if self.sure else [FileQuestion("rows", "Each trace is", self.value, self.why, CHOICES)]

    def notes(self, count: int, options: Options) -> list[str]:
        """Return sentences on how the traces were read, where that is a guess, and on missing neuropil.

        Parameters
        ----------
        count : int
            Number of traces.
        options : Options
            Answers of the user.
        """
        cells = (options.rows or self.value) == CELLS
        missing = [BRING_NEUROPIL] if cells else []
        if options.rows is not None or self.sure:
            return missing
        if cells:
            read, other = f"Each of the {count} traces was read as a cell of its own", "all as one cell's"
        else:
            read, other = f"The {count} traces were read as signals of one cell", "each as a cell of its own"
        flag = SIGNALS if cells else CELLS
        return [f"{read}. {self.why} --rows {flag}, or File > Open with questions, reads {other}.", *missing]


def guess_rows(count: int, names: Sequence[str] | None = None, of_cells: str = "", of_one: str = "") -> RowsGuess:
    """Return the best guess for what each trace is.

    Parameters
    ----------
    count : int
        Number of traces.
    names : sequence of str, optional
        Their titles in the file.
    of_cells, of_one : str, optional
        Reason why the file's maker is known to store one cell in each trace, or all traces of one cell.

    Returns
    -------
    RowsGuess
    """
    if of_one:
        return RowsGuess(SIGNALS, of_one, sure=True)
    if any(map(names_neuropil, names or ())):
        return RowsGuess(SIGNALS, "A title says neuropil.", sure=True)
    if sum(_ROI.fullmatch(name) is not None for name in names or ()) == 1 < count:
        return RowsGuess(SIGNALS, "One title says ROI, cell or soma.", sure=True)
    if of_cells:
        return RowsGuess(CELLS, of_cells)
    if count == 1:
        return RowsGuess(CELLS, "There is but one trace.", sure=True)
    stem = _common_stem(names or ())
    if stem is not None and _OF_CELLS.fullmatch(stem):
        return RowsGuess(CELLS, f"Titles such as {names[0]!r} number cells.", doubtful=True)  # type: ignore[index]
    if count > _MANY:
        return RowsGuess(CELLS, f"A cell has rarely more than {_MANY} signals.", doubtful=True)
    alike = " Titles that differ by a number only could be those of cells." if stem else ""
    return RowsGuess(
        SIGNALS, f"There are few of them, and none is named after a cell.{alike}", doubtful=count > _FEW or bool(stem)
    )


def _common_stem(names: Sequence[str]) -> str | None:
    """Return what is left of names that differ by a number only."""
    matches = [_NUMBERED.fullmatch(name) for name in names]
    stems = {match["stem"] for match in matches if match is not None}
    return stems.pop() if len(stems) == 1 and None not in matches and len(names) > 1 else None
