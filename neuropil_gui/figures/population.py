"""Figure of the cells of a recording: how numbers of their results are distributed."""

from collections.abc import Mapping, Sequence

import numpy as np

from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.errors import DataError
from neuropil_gui.figures import page, scales
from neuropil_gui.figures.figure import ResultFigure
from neuropil_gui.figures.page import GAP, MARGIN, MM

AXIS = 9.0 * MM
"""Room for the numbers and the label of an axis."""

BINS = 20


def plot_distributions(
    numbers: Mapping[str, Sequence[float]], *, size_mm: tuple[float, float] = (180.0, 50.0), dpi: int = 300
) -> ResultFigure:
    """Draw a histogram of each of some numbers over cells, side by side.

    Parameters
    ----------
    numbers : mapping of str to sequence of float
        By key in `neuropil_gui.core.analysis.numbers.NUMBERS`, a value for each cell; NaN is left out.
    size_mm : tuple of float
        Width and height of the page.
    dpi : int
        Pixels per inch of a PNG.

    Returns
    -------
    ResultFigure

    Raises
    ------
    DataError
        (a ValueError) When there is nothing to draw, or the page is too small.
    """
    known = {key: np.array([each for each in values if np.isfinite(each)]) for key, values in numbers.items()}
    known = {key: values for key, values in known.items() if len(values)}
    if not known:
        raise DataError("There are no numbers to draw: separate the cells first.")
    figure = ResultFigure(size_mm, dpi)
    width, height = (side - 2 * MARGIN for side in figure.get_size_inches() * 72)
    each = (width + GAP) / len(known)
    across, up = each - GAP - AXIS, height - AXIS
    page.check_room(across, up)
    for place, (key, values) in enumerate(known.items()):
        axes = figure.add_subplot()
        scales.dress(axes)
        axes.hist(values, BINS, color=page.component_colour(0))
        page.place(axes, MARGIN + place * each + AXIS, MARGIN + AXIS, across, up)
        scales.scale_axis(axes.xaxis, NUMBERS[key].name, across, int(across // (12 * MM)))
        scales.scale_axis(axes.yaxis, "Cells", up, int(up // (8 * MM)), integer=True)
    cells = max(map(len, known.values()))
    figure.title = "Distributions"
    figure.description = f"{', '.join(NUMBERS[key].name for key in known)} of {cells} cells."
    return figure
