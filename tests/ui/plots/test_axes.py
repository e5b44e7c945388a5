"""Margins of the axes of values."""

import numpy as np
import pyqtgraph as pg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.drawing.pyramid import Pyramid
from neuropil_gui.drawing.series import Series
from neuropil_gui.ui.plots.axes import with_margin
from neuropil_gui.ui.plots.time_plot import TimePlot

VALUES = st.floats(allow_nan=False, allow_infinity=False)


@given(VALUES, VALUES)
def test_a_margin_is_finite_and_holds_the_values_of_any_recording(first, second):
    low, high = with_margin(*sorted((first, second)))
    assert np.isfinite(high - low)
    assert high > low
    if max(abs(first), abs(second)) < 1e300:
        assert low <= min(first, second)
        assert high >= max(first, second)


@pytest.mark.parametrize("size", [1e308, 1e300, 1e-310])
def test_values_near_the_ends_of_a_double_are_drawn_without_a_warning(qtbot, size):
    plot = TimePlot("Raw", "")
    qtbot.addWidget(plot)
    plot.show()
    series = Series(Pyramid(size * np.array([[-1.0, 1.0, 0.0, 1.0]])))
    plot.draw(0, series, pg.mkPen("k"))
    plot.fit(*series.limits)
    assert not plot.grab().isNull()
    low, high = plot.box.viewRange()[1]
    assert low < 0 < high
