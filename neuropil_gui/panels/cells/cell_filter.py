"""Filter of the table of cells: the columns that it compares, and its help."""

from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.state.filtering import Filter, FilterColumn, parse


def _of_number(key: str, *aliases: str) -> FilterColumn:
    return FilterColumn(key, float, NUMBERS[key].meaning.rstrip("."), aliases)


FILTER_COLUMNS = {
    column.name: column
    for column in (
        FilterColumn("name", str, "The cell's name"),
        FilterColumn("number", float, "The cell's place in the recording, from 1"),
        FilterColumn("source", float, "The cell's index in its source, from 0"),
        FilterColumn("signals", float, "Signals of the cell: the ROI and its neuropil regions"),
        FilterColumn("frames", float, "Frames of the cell"),
        FilterColumn("trials", float, "Trials of the cell"),
        FilterColumn("plane", str, "The plane it was seen in, where there are several"),
        FilterColumn("probability", float, "suite2p's probability that it is a cell"),
        FilterColumn("red", bool, "Whether suite2p found it in the red channel"),
        FilterColumn("snr", float, "CaImAn's signal to noise ratio"),
        _of_number("n"),
        _of_number("alive"),
        _of_number("r_neuropil", "r"),
        _of_number("r_neuropil_raw", "r_raw"),
        _of_number("score"),
        _of_number("explained"),
        _of_number("negative"),
        _of_number("iterations"),
        _of_number("gain"),
        _of_number("leak"),
        FilterColumn("warnings", float, "How many warnings the result has"),
        FilterColumn("serious", float, "How many of them say that the result cannot be used as it is"),
        FilterColumn("accepted", bool, "Whether you marked the cell as accepted"),
        FilterColumn("rejected", bool, "Whether you marked the cell as rejected"),
        FilterColumn("marked", bool, "Whether the cell has a mark or a note of yours"),
        FilterColumn("note", str, "Your note on the cell"),
        FilterColumn("own", bool, "Whether the cell has settings of its own"),
        FilterColumn("converged", bool, "Whether the solver converged"),
    )
}
"""Columns that a filter of cells can compare; from `plane` to `snr` known where the source states them, from `n` on
once a cell has a result."""

FILTER_HELP = (
    "Words search the name: roi 12. Columns are compared: r_neuropil > 0.3 and alive < 3, 0.2 < score < 0.5, "
    'not converged, name ~ "ROI 1" (contains). and, or, not and parentheses combine them. '
    "What is not known yet, before a cell has a result, matches nothing. Columns: " + ", ".join(FILTER_COLUMNS) + "."
)


def parse_filter(text: str) -> Filter:
    """Parse a filter of cells; raises `FilterError`."""
    return parse(text, FILTER_COLUMNS)
