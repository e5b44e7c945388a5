"""The axis of values: as pyqtgraph's, but for numbers that would lie over each other."""

import pyqtgraph as pg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt5.QtGui import QFontMetricsF
from PyQt5.QtWidgets import QApplication

from neuropil_gui.ui.plots.value_axis import LINE, ValueAxis


@pytest.fixture(scope="module")
def axis(qapp):
    return ValueAxis()


@given(low=st.floats(-1e6, 1e6), span=st.floats(1e-6, 1e9), size=st.floats(20, 2000))
def test_two_numbers_are_a_line_apart(axis, low, span, size):
    (spacing, _), *finer = axis.tickSpacing(low, low + span, size)
    line = LINE * QFontMetricsF(QApplication.font()).height()
    assert spacing * size / span >= line * (1 - 1e-9)
    assert f"{spacing:.3e}"[:5] in ("1.000", "2.000", "5.000")
    assert all(spacing > each for each, _ in finer)


def test_a_high_axis_is_as_pyqtgraphs(axis):
    assert axis.tickSpacing(-5, 35, 300) == pg.AxisItem("left").tickSpacing(-5, 35, 300)


@pytest.mark.parametrize(("given", "wider"), [(10, 50), (20, 50), (5, 50), (100, 100)])
def test_a_low_axis_has_fewer_numbers(axis, monkeypatch, given, wider):
    monkeypatch.setattr(pg.AxisItem, "tickSpacing", lambda *_: [(given, 0), (given / 5, 0), (given / 10, 0)])
    line = LINE * QFontMetricsF(QApplication.font()).height()
    levels = axis.tickSpacing(0, 100, 3.5 * line)
    assert levels[0] == (wider, 0)
    assert levels[1] == ((given, 0) if wider != given else (given / 5, 0))
