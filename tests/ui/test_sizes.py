import pytest
from PyQt5.QtGui import QFont

from neuropil_gui.panels.convergence_plot import ConvergencePlot
from neuropil_gui.ui.plots.readout import Readout
from neuropil_gui.ui.plots.time_plot import LEFT_WIDTH, TimePlot
from neuropil_gui.ui.sizes import grown, smaller


@pytest.fixture
def large(qapp):
    """Twice the usual font, in pixels."""
    usual = qapp.font()
    font = QFont(usual)
    font.setPixelSize(32)
    qapp.setFont(font)
    yield font
    qapp.setFont(usual)


def test_a_length_is_as_meant_with_the_usual_font(qapp):
    assert grown(62) == 62


def test_a_length_grows_with_the_font(large):
    assert grown(62) == 124


def test_a_font_becomes_smaller_in_points_and_in_pixels(qapp):
    font = QFont(qapp.font())
    font.setPointSizeF(10.0)
    assert smaller(font).pointSizeF() == pytest.approx(8.8)
    font.setPixelSize(20)
    assert smaller(font, 0.9).pixelSize() == 18


def test_views_draw_with_a_font_that_is_set_in_pixels(large, qtbot):
    readout, plot, convergence = Readout("nothing yet"), TimePlot("Raw", "help"), ConvergencePlot()
    for view in (readout, plot, convergence):
        qtbot.addWidget(view)
        view.resize(600, 200)
        view.grab()
    assert plot.item.getAxis("left").width() == 2 * LEFT_WIDTH
    assert convergence.item.getAxis("left").labelStyle["font-size"] == "22px"
