"""Figure of bi-cross-validation: error of held-out blocks over n and over alpha."""

from collections.abc import Sequence

import numpy as np

from neuropil_gui.core.analysis.bi_cross_validation import HeldOut, in_words
from neuropil_gui.core.analysis.sweep_plans import value_text
from neuropil_gui.core.errors import DataError
from neuropil_gui.figures import page, scales, traces
from neuropil_gui.figures.figure import ResultFigure
from neuropil_gui.figures.page import GAP, MARGIN, RAW, Panel
from neuropil_gui.figures.palette import LIGHT


def plot_held_out(
    found: HeldOut | Sequence[HeldOut], *, size_mm: tuple[float, float] = (180.0, 65.0), dpi: int = 300
) -> ResultFigure:
    """Draw the error of held-out blocks over the values of each setting, with the best value and the choice.

    Parameters
    ----------
    found : HeldOut or sequence of HeldOut
        See `bi_cross_validation`; a panel for each.
    size_mm, dpi
        As of `plot_separation`.

    Returns
    -------
    ResultFigure

    Raises
    ------
    DataError
        (a ValueError) When nothing is known, or the page is too small.
    """
    known = [each for each in ([found] if isinstance(found, HeldOut) else found) if each.best is not None]
    if not known:
        raise DataError("No held-out blocks were predicted yet.")
    figure = ResultFigure(size_mm, dpi)
    width, height = (each - 2 * MARGIN for each in figure.get_size_inches() * 72)
    across = (width - 2 * GAP * (len(known) - 1)) / len(known)
    for place, each in enumerate(known):
        panel = _panel(figure, each)
        traces.stack([panel], each.name, MARGIN + place * (across + 2 * GAP), MARGIN, across, height)
        panel.axes.set_xticks(range(len(each.values)), [value_text(each.name, value) for value in each.values])
    figure.title = "Bi-cross-validation"
    words = [in_words(each) for each in known]
    remarks = dict.fromkeys(remark for each in known for remark in each.remarks)
    blocks = known[0].errors.shape[1]
    figure.description = " ".join(
        (f"Relative squared error of {blocks} held-out blocks of signals x time.", *filter(None, words), *remarks)
    )
    return figure


def _panel(figure: ResultFigure, found: HeldOut) -> Panel:
    axes = figure.add_subplot()
    scales.dress(axes)
    known = np.flatnonzero(np.isfinite(found.means))
    means, reach = found.means[known], np.nan_to_num(found.difference_errors[known])
    own = page.component_colour(0)
    for x, mean, each in zip(known, means, reach, strict=True):
        axes.plot([x, x], [mean - each, mean + each], color=RAW, linewidth=0.5)
    axes.plot(known, means, "o-", color=RAW, linewidth=0.6, markersize=2.5)
    for place, face in ((found.best, LIGHT.base), (found.chosen, own)):
        if place is not None:
            axes.plot([place], [found.means[place]], "o", markersize=5, markerfacecolor=face, markeredgecolor=own)
    axes.set_xlim(-0.5, len(found.values) - 0.5)
    traces.fit_values(axes, np.concatenate([[0.0], means - reach, means + reach]))
    axes.set_ylabel("Error of held-out blocks")
    return Panel(axes, f"Over {found.name}", (("○ least", None), ("● simplest within 1 SE", None)))
