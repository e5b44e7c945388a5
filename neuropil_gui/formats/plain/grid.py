"""Grid of a table of text: its signals as rows, whichever way they lie in the file."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import printable_text
from neuropil_gui.formats.paths import Options, printable_names
from neuropil_gui.formats.plain.clock import Clock, even_step, unit_in
from neuropil_gui.formats.plain.roles import is_index
from neuropil_gui.formats.plain.text_table import TextTable

NUMBERS_CELLS = re.compile(r"(?i)(unit|cell|neuron|roi|component)s?([\W_]?(id|no\.?|number|index))?")


@dataclass
class Grid:
    """Traces of a table before those that are no signals are left out.

    Attributes
    ----------
    traces : ndarray, shape (traces, frames)
    titles : list of str or None
        As they are in the file.
    first : int
        The number, from 1, of the first trace among the columns or rows of the file.
    what : str
        "column" or "row".
    clock : Clock or None
        Times that are not among the traces.
    marks : list of str or None
    of_cells : str
        Why each trace is a cell's; empty where nothing says so.
    """

    traces: NDArray[np.float64]
    titles: list[str] | None
    first: int
    what: str
    clock: Clock | None = None
    marks: list[str] | None = None
    of_cells: str = ""

    @property
    def names(self) -> tuple[str, ...] | None:
        """The titles, made printable and different from each other."""
        if self.titles is None:
            return None
        return printable_names(
            [title or f"{self.what} {number}" for number, title in enumerate(self.titles, self.first)]
        )

    def where(self, k: int) -> str:
        """Return which trace it is, as a sentence begins."""
        title = f" ({printable_text(self.titles[k])})" if self.titles is not None and self.titles[k] else ""
        return f"The first {self.what}{title}" if k + self.first == 1 else f"The {self.what} {k + self.first}{title}"


def by_columns(look: TextTable, values: NDArray[np.float64]) -> Grid:
    """Return the columns as traces."""
    clock, first = None, 1
    if look.stamps is not None:
        title = f" ({printable_text(look.corner)})" if look.corner else ""
        clock, first = Clock.of(f"The first column{title}", look.stamps, "s"), 2
    of_cells = "The marks below their titles (accepted, rejected) are Inscopix's, of cells." if look.marks else ""
    return Grid(values.T, look.header, first, "column", clock, look.marks, of_cells)


def by_rows(look: TextTable, values: NDArray[np.float64], options: Options) -> Grid:
    """Return the rows as traces, without a first column that numbers them."""
    header, corner, titles, of_cells = look.header, look.corner, look.labels or None, ""
    if not look.labels and header is not None and (is_counted(look, values) or is_index(header[0], values[:, 0])):
        corner, *header = header
        if corner and NUMBERS_CELLS.fullmatch(corner):
            titles = [f"{corner} {number:.0f}" for number in values[:, 0]]
            of_cells = f"The first column ({printable_text(corner)}) numbers cells."
        values = values[:, 1:]
    elif not look.labels and header is None and len(values) > 2 and is_index("", values[:, 0]):
        values = values[:, 1:]
    times = [look.number(cell) for cell in header or ()]
    clock = None
    if len(times) > 1 and None not in times:
        stamps, unit = np.array(times, np.float64), unit_in(corner)
        is_count = np.all(np.diff(stamps) == 1) and unit is None and options.time_unit is None
        if even_step(stamps) is not None and not is_count:
            clock = Clock.of("The titles of the columns", stamps, unit)
    return Grid(values, titles, 1, "row", clock, None, of_cells)


def is_counted(look: TextTable, values: NDArray[np.float64]) -> bool:
    """Return whether the first column counts the rows, as pandas writes it, or numbers cells."""
    first, title = values[:, 0], look.header[0] if look.header is not None else None
    if values.shape[1] < 2 or title is None or not (title == "" or NUMBERS_CELLS.fullmatch(title)):
        return False
    return bool(np.all(first == np.rint(first)) and np.all(np.diff(first) > 0))
