import gc
import weakref

import pytest
from PyQt5.QtGui import QFont, QFontInfo
from PyQt5.QtWidgets import QWidget

from neuropil_gui.panels.convergence_plot import ConvergencePlot
from neuropil_gui.ui.plots.readout import Readout
from neuropil_gui.ui.plots.time_plot import LEFT_WIDTH, TimePlot
from neuropil_gui.ui.sizes import grown, keep_scaled, letters, line_width, scaled, scaled_size, set_scale, smaller


@pytest.fixture
def large(qapp):
    """Twice the usual font, in pixels."""
    usual = qapp.font()
    font = QFont(usual)
    font.setPixelSize(32)
    qapp.setFont(font)
    yield font
    qapp.setFont(usual)


@pytest.fixture
def text_size(qapp):
    """Sets the factor of texts and lengths, which is 1 again after the test."""
    yield set_scale
    set_scale(1.0)


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


def test_texts_and_lengths_follow_the_text_size_and_come_back(qapp, qtbot, text_size):
    widget, before = QWidget(), qapp.font()
    qtbot.addWidget(widget)
    keep_scaled(widget, QWidget.setFixedSize, 60, 20)
    text_size(1.5)
    assert QFontInfo(widget.font()).pixelSize() == pytest.approx(1.5 * QFontInfo(before).pixelSize(), abs=1)
    assert (widget.width(), widget.height()) == (90, 30)
    assert (scaled(7), scaled_size(10, 20).height(), grown(62)) == (10, 30, round(1.5 * 62))
    text_size(0.8)
    assert (widget.width(), widget.height()) == (48, 16)
    text_size(1.0)
    assert (widget.width(), widget.height()) == (60, 20)
    assert qapp.font() == before


def test_a_widget_whose_size_is_kept_can_be_deleted(qapp):
    widget = QWidget()
    keep_scaled(widget, QWidget.setFixedWidth, 60)
    gone = weakref.ref(widget)
    del widget
    gc.collect()
    assert gone() is None


def test_small_letters_and_lines_can_be_read_from_afar(qapp, text_size):
    text_size(1.0, lines=2.5, least_letters=20)
    assert (letters(11), letters(30), line_width(2)) == (20, 30, 5)
    assert smaller(qapp.font()).pixelSize() == 20


def test_the_label_of_a_value_axis_is_hidden_where_it_would_be_cut(qtbot):
    plot = TimePlot("Best match", "help")
    qtbot.addWidget(plot)
    label = plot.item.getAxis("left").label
    for height, shown in ((300, True), (70, False), (300, True)):
        plot.resize(600, height)
        plot.grab()
        assert label.isVisible() == shown
    plot.resize(600, 70)
    plot.grab()
    plot.set_value_label("Best match")
    plot.restyle()
    assert not label.isVisible()
