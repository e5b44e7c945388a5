"""Figure of bi-cross-validation: means, bars, the best value and the choice, in the figure and in its words."""

from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui import SeparationSettings, plot_held_out
from neuropil_gui.core.analysis.bi_cross_validation import HeldOut, in_words
from neuropil_gui.core.errors import DataError


def test_held_out_blocks_are_drawn_with_the_best_value_and_the_choice():
    errors = np.array([[1.0, 1.2, 1.1], [0.40, 0.62, 0.5], [0.42, 0.58, 0.49]])
    over_n = HeldOut("n", (1, 2, 3), errors, SeparationSettings(), 3, 1, ("There are 4 signals.",))
    over_alpha = HeldOut("alpha", (0.1, 1.0), np.array([[0.5, 0.6], [np.nan, np.nan]]), SeparationSettings(), 2, 1)
    figure = plot_held_out([over_n, over_alpha], dpi=80)
    first, second = figure.axes
    drawn = [line.get_ydata() for line in first.lines]
    assert any(np.array_equal(line, over_n.means) for line in drawn)
    marks = {line.get_markerfacecolor(): line.get_xdata() for line in first.lines if line.get_markersize() == 5}
    assert sorted(x for (x,) in marks.values()) == sorted({over_n.best, over_n.chosen})
    assert {first.get_ylabel(), second.get_ylabel()} == {"Error of held-out blocks"}
    assert [label.get_text() for label in second.get_xticklabels()] == ["0.1", "1"]
    assert in_words(over_n) in figure.description
    assert "There are 4 signals." in figure.description
    assert len(second.lines[-2].get_xdata()) == 1, "what is not known is not drawn"
    with pytest.raises(DataError, match="No held-out blocks"):
        plot_held_out(replace(over_alpha, errors=np.full((2, 2), np.nan)))
