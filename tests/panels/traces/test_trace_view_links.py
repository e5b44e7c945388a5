"""Crosshair, highlight, switches, other units and past states: what the traces share and show besides the result."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PyQt5.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt5.QtGui import QKeyEvent
from PyQt5.QtWidgets import QApplication, QSlider, QToolButton

from neuropil_gui.core.analysis.subtraction import difference
from neuropil_gui.core.recording import Cell, StoredResult
from neuropil_gui.panels.traces import match_plot
from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.legend import Word
from neuropil_gui.ui.plots.time_plot import FADED, for_screen


@pytest.fixture
def view(qtbot, cell, separation_of):
    view = TraceView()
    qtbot.addWidget(view)
    view.resize(900, 760)
    with qtbot.waitExposed(view):
        view.show()
    view.show_cell(cell, 10.0)
    view.show_result(cell, separation_of(cell, empty=(2,)))
    return view


@pytest.fixture
def point(mouse):
    """Move the pointer to a place of a plot, in its own coordinates."""

    def point(plot, x, y, offset=0):
        # pyqtgraph leaves out moves that come too fast.
        plot.widget.scene()._lastMoveEventTime = 0
        place = plot.box.mapViewToScene(QPointF(x, y)).toPoint() + QPoint(offset, 0)
        mouse(plot.widget.viewport(), (QEvent.MouseMove, place))
        return place

    return point


def data(curve):
    return curve.series.values


def word(view, name):
    found = view.findChildren(Word, name)
    assert len(found) == 1, name
    return found[0]


def test_the_crosshair_stands_at_one_frame_in_all_plots_with_the_values(view, cell, separation_of, point):
    view.zoom(0.5)
    for plot in (view.raw, view.separated, view.matched):
        middle = sum(plot.box.viewRange()[1]) / 2
        point(plot, 6.03, middle)
        frame = view.crosshair.frame
        assert abs(frame - 60) <= 1
        assert [line.value() for line in view.crosshair.lines] == pytest.approx([frame / 10] * 4)
        assert all(line.isVisible() for line in view.crosshair.lines)
    text = view.readout.text()
    assert f"{frame / 10:.2f} s" in text
    assert f"frame {frame}" in text
    assert "trial 2" in text
    assert f"ROI {cell.traces[0, frame]:.4g}" in text
    assert f"match {view.matched.best.values[frame]:.4g}" in text
    separation = view.separation
    for rank in view.separated.alive:
        value = separation.separated[separation.order[rank], frame]
        assert f"c{rank + 1} {value:.3g}" in text
    view.readout.grab()


def test_the_crosshair_goes_when_the_pointer_leaves(view, point):
    point(view.raw, 3.0, 55)
    assert view.crosshair.frame is not None
    QApplication.sendEvent(view.raw.widget.viewport(), QEvent(QEvent.Leave))
    assert view.crosshair.frame is None
    assert not any(line.isVisible() for line in view.crosshair.lines)
    assert "drag" in view.readout.text()


def test_the_crosshair_follows_another_result(view, cell, separation_of, point):
    point(view.raw, 3.0, 55)
    before = view.readout.text()
    view.show_result(cell, separation_of(cell, empty=(0, 1)))
    assert view.crosshair.frame is not None
    assert view.readout.text() != before
    view.show_cell(None, None)
    assert view.crosshair.frame is None


def test_pointing_at_a_lane_or_its_label_emits_its_component(qtbot, view, point):
    alive = view.separated.alive
    assert len(alive) == 3
    with qtbot.waitSignal(view.component_hovered, check_params_cb=lambda rank: rank == alive[1]):
        point(view.separated, 5.0, -1.5)
    with qtbot.waitSignal(view.component_hovered, check_params_cb=lambda rank: rank == alive[2]):
        point(view.separated, 0.0, -2.5, offset=-20)
    with qtbot.waitSignal(view.component_hovered, check_params_cb=lambda rank: rank is None):
        QApplication.sendEvent(view.separated.widget.viewport(), QEvent(QEvent.Leave))
    with qtbot.assertNotEmitted(view.component_hovered):
        point(view.raw, 5.0, 55)


def test_a_click_on_a_lane_and_a_double_click_that_leaves_a_toggle_as_it_was(mouse, view):
    clicked = []
    view.component_clicked.connect(clicked.append)
    place = view.separated.box.mapViewToScene(QPointF(5.0, -0.5)).toPoint()
    port = view.separated.widget.viewport()
    mouse(port, (QEvent.MouseButtonPress, place), (QEvent.MouseButtonRelease, place))
    assert clicked == [0]
    kinds = (QEvent.MouseButtonPress, QEvent.MouseButtonRelease, QEvent.MouseButtonDblClick, QEvent.MouseButtonRelease)
    mouse(port, *((kind, place) for kind in kinds))
    assert clicked == [0, 0, 0]


def test_pointing_at_a_raw_line_or_at_its_name_emits_the_signal(qtbot, view, cell, point):
    view.zoom(0.2)
    frame = 60
    for row in (1, 3):
        away = [abs(cell.traces[row, frame] - other) for k, other in enumerate(cell.traces[:, frame]) if k != row]
        if min(away) < 0.3:
            continue
        assert view.raw.signal_at(frame / 10, float(cell.traces[row, frame])) == row
    with qtbot.waitSignal(view.signal_hovered, check_params_cb=lambda row: row == 0):
        point(view.raw, frame / 10, float(cell.traces[0, frame]))
    with qtbot.waitSignal(view.signal_hovered, check_params_cb=lambda row: row == 2):
        QApplication.sendEvent(word(view, "signal_2"), QEvent(QEvent.Enter))
    with qtbot.waitSignal(view.signal_hovered, check_params_cb=lambda row: row is None):
        QApplication.sendEvent(word(view, "signal_2"), QEvent(QEvent.Leave))
    with qtbot.waitSignal(view.component_hovered, check_params_cb=lambda rank: rank == 0):
        QApplication.sendEvent(word(view, "best_match"), QEvent(QEvent.Enter))
    assert view.raw.signal_at(-5.0, 50.0) is None
    assert view.raw.signal_at(6.0, 1e6) is None


def opacities(plot):
    return [curve.opacity() for curve in plot.curves if curve.isVisible()]


def test_the_highlight_fades_the_others_and_touches_no_data(view, cell, separation_of):
    before = [curve.series for curve in view.separated.curves]
    view.show_highlight(view.separated.alive[1], None)
    assert opacities(view.separated) == [FADED, 1.0, FADED]
    assert opacities(view.raw) == [1.0] * 4
    assert view.matched.curves[0].opacity() == FADED
    assert [curve.series for curve in view.separated.curves] == before
    view.show_highlight(0, None)
    assert view.matched.curves[0].opacity() == 1.0
    assert view.matched.curves[1].opacity() == FADED
    # Another result is drawn as lit as the one before, and a component without a lane fades nothing.
    view.show_result(cell, separation_of(cell))
    assert opacities(view.separated) == [1.0, FADED, FADED, FADED]
    view.show_highlight(9, None)
    assert opacities(view.separated) == [1.0] * 4
    view.show_highlight(None, 2)
    assert opacities(view.raw) == [FADED, FADED, 1.0, FADED]
    assert view.raw.curves[2].pen.color() == style.QColor(style.current().text)
    view.grab()
    view.show_highlight(None, None)
    assert opacities(view.raw) == [1.0] * 4
    assert view.raw.curves[2].pen.color() == style.pen("region").color()


def test_subtraction_is_switched_and_dragged(qtbot, view, cell):
    slider = view.findChild(QSlider, "neuropil_factor")
    assert not slider.isVisible()
    assert not view.matched.curves[-1].isVisible() or len(view.matched.curves) < 5
    values = view.matched.box.viewRange()[1]
    qtbot.mouseClick(word(view, "show_subtraction"), Qt.LeftButton)
    assert slider.isVisible()
    for factor in (0.7, 0.71):
        expected = cell.traces[0] - factor * cell.traces[1:].mean(axis=0)
        expected -= np.median(expected - view.matched.best.values)
        np.testing.assert_allclose(data(view.matched.curves[4]), expected)
        assert f"F − {factor:.2f} Fneu" in view.matched.words()
        slider.setFocus()
        qtbot.keyClick(slider, Qt.Key_Right)
    assert view.matched.box.viewRange()[1] == values
    slider.setValue(999)
    assert view.matched.factor.factor == 2.0
    qtbot.mouseClick(word(view, "show_subtraction"), Qt.LeftButton)
    assert not slider.isVisible()
    assert not view.matched.curves[4].isVisible()


def test_without_a_result_the_subtraction_is_at_the_raw_level_and_in_view(view, cell):
    cell = replace(cell)
    view.show_cell(cell, 10.0)
    view.show_result(cell, None)
    view.matched.set_shown("show_subtraction", True)
    low, high = view.matched.box.viewRange()[1]
    for factor in (70, 200):
        view.matched.factor.setValue(factor)
        drawn, now = data(view.matched.curves[4]), view.matched.box.viewRange()[1]
        assert np.median(drawn - cell.traces[0]) == pytest.approx(0)
        assert now[0] <= min(low, drawn.min())
        assert now[1] >= max(high, drawn.max())


def test_the_subtraction_of_a_long_cell_is_asked_for(qtbot, view, cell, monkeypatch):
    monkeypatch.setattr(match_plot, "LONG", 100)
    wanted = []
    view.matched.subtraction_wanted.connect(lambda *each: wanted.append(each))
    qtbot.mouseClick(word(view, "show_subtraction"), Qt.LeftButton)
    assert wanted == [(cell, 0.7)]
    assert "show_subtraction" not in view.matched.series
    view.matched.show_subtraction(cell, 0.7, difference(cell, 0.7))
    made = data(view.matched.curves[4])
    # Until the next one is there, what is drawn is still called what it is.
    view.matched.factor.setValue(90)
    assert wanted[1:] == [(cell, 0.9)]
    np.testing.assert_array_equal(data(view.matched.curves[4]), made)
    assert "F − 0.70 Fneu" in view.matched.words()
    view.matched.show_subtraction(cell, 0.9, difference(cell, 0.9))
    assert "F − 0.90 Fneu" in view.matched.words()
    assert np.ptp(data(view.matched.curves[4]) - made) > 0
    # An answer that comes when another cell is shown is not drawn there.
    view.show_cell(Cell.from_traces(cell.traces[:3]), None)
    view.matched.show_subtraction(cell, 0.9, difference(cell, 0.9))
    assert "show_subtraction" not in view.matched.series


def test_the_slider_keeps_its_keys_from_shortcuts(view):
    slider = view.findChild(QSlider, "neuropil_factor")
    for key, kept in ((Qt.Key_Left, True), (Qt.Key_P, False)):
        event = QKeyEvent(QEvent.ShortcutOverride, key, Qt.NoModifier)
        event.ignore()
        QApplication.sendEvent(slider, event)
        assert event.isAccepted() is kept


def test_each_overlay_is_switched_by_its_word_and_stays_so(qtbot, view, cell, separation_of):
    with_stored = replace(cell, stored=StoredResult("FISSA separated.npz", np.ones((4, 120)) * 3))
    view.show_cell(with_stored, 10.0)
    view.show_result(with_stored, separation_of(with_stored))
    for name, slot in (("show_raw", 1), ("show_stored", 2), ("show_truth", 3)):
        assert view.matched.curves[slot].isVisible()
        qtbot.mouseClick(word(view, name), Qt.LeftButton)
        assert not view.matched.curves[slot].isVisible()
    assert view.matched.words() == "c1"
    other = replace(with_stored, name="other")
    view.show_cell(other, 10.0)
    view.show_result(other, separation_of(other))
    assert [curve.isVisible() for curve in view.matched.curves[:4]] == [True, False, False, False]
    assert not word(view, "show_truth").isChecked()
    # By keyboard too.
    word(view, "show_truth").setFocus()
    qtbot.keyClick(word(view, "show_truth"), Qt.Key_Space)
    assert view.matched.curves[3].isVisible()


def test_same_scale_makes_heights_comparable_and_says_so(qtbot, view):
    def heights():
        return [np.ptp(data(curve)) * curve.transform().m22() for curve in view.separated.curves if curve.isVisible()]

    assert heights() == pytest.approx([0.8] * 3)
    qtbot.mouseClick(view.findChild(QToolButton, "same_scale"), Qt.LeftButton)
    assert "one scale" in view.separated.words()
    assert max(heights()) == pytest.approx(0.8)
    scales = {round(curve.transform().m22(), 9) for curve in view.separated.curves if curve.isVisible()}
    assert len(scales) == 1
    qtbot.mouseClick(view.findChild(QToolButton, "same_scale"), Qt.LeftButton)
    assert "own scale" in view.separated.words()


def test_fit_takes_what_is_in_view_and_panning_keeps_it(qtbot, view, cell):
    peak = cell.traces.copy()
    peak[:, 100] += 500
    peaked = replace(cell, traces=peak)
    view.show_cell(peaked, 10.0)
    assert view.raw.box.viewRange()[1][1] > 500
    view.raw.box.setXRange(0, 5, padding=0)
    qtbot.mouseClick(view.findChild(QToolButton, "fit"), Qt.LeftButton)
    qtbot.mouseClick(view.findChild(QToolButton, "fit_matched"), Qt.LeftButton)
    values = [plot.box.viewRange()[1] for plot in (view.raw, view.matched)]
    assert max(high for _, high in values) < 200
    view.pan(1)
    view.zoom(1.5)
    view.show_cell(peaked, 20.0)
    view.restyle()
    assert [plot.box.viewRange()[1] for plot in (view.raw, view.matched)] == values
    view.fit()
    assert view.raw.box.viewRange()[1][1] > 500


def test_another_unit_is_drawn_and_taken_back_without_touching_the_data(view, cell):
    separation = view.separation
    kept = separation.matched.copy(), cell.traces.copy()
    raw, best = cell.traces / 50 - 1, separation.matched[0] / 50 - 1
    view.show_transformed(raw, best)
    np.testing.assert_array_equal(data(view.raw.curves[2]), raw[2])
    np.testing.assert_array_equal(data(view.matched.curves[0]), best)
    np.testing.assert_array_equal(data(view.matched.curves[1]), raw[0])
    for plot in (view.raw, view.matched):
        assert plot.item.getAxis("left").labelText == "ΔF/F"
    assert not word(view, "show_subtraction").isEnabled()
    assert view.matched.box.viewRange()[1][1] < 10
    view.show_transformed(raw[0], None, "z")
    assert [curve.isVisible() for curve in view.raw.curves] == [True, False, False, False]
    assert view.raw.item.getAxis("left").labelText == "z"
    view.show_transformed(None)
    np.testing.assert_array_equal(data(view.raw.curves[2]), cell.traces[2])
    assert view.raw.item.getAxis("left").labelText == "Raw"
    assert word(view, "show_subtraction").isEnabled()
    np.testing.assert_array_equal(separation.matched, kept[0])
    np.testing.assert_array_equal(cell.traces, kept[1])


def test_f_less_fneu_is_drawn_in_another_unit_where_it_is_known(view, cell):
    word(view, "show_subtraction").click()
    raw, best = cell.traces / 50 - 1, view.separation.matched[0] / 50 - 1
    less = raw[0] / 2
    view.show_transformed(raw, best, "ΔF/F", less)
    assert word(view, "show_subtraction").isEnabled()
    np.testing.assert_array_equal(data(view.matched.curves[4]), less)
    assert not view.matched.factor.isVisible()
    view.show_transformed(None)
    expected = cell.traces[0] - 0.7 * cell.traces[1:].mean(axis=0)
    drawn = data(view.matched.curves[4])
    np.testing.assert_allclose(drawn - drawn.mean(), expected - expected.mean(), atol=1e-9)
    assert view.matched.factor.isVisible()


def test_another_result_ends_another_unit(view, cell, separation_of):
    view.show_transformed(cell.traces / 50, view.separation.matched[0] / 50)
    separation = separation_of(cell)
    view.show_result(cell, separation)
    np.testing.assert_array_equal(data(view.matched.curves[0]), separation.matched[0])
    np.testing.assert_array_equal(data(view.raw.curves[0]), cell.traces[0])
    raw, other = cell.traces / 50, separation_of(cell, empty=(3,))
    view.show_result(cell, other, True, (raw, other.matched[0] / 50, "ΔF/F"))
    np.testing.assert_array_equal(data(view.matched.curves[0]), other.matched[0] / 50)
    np.testing.assert_array_equal(data(view.raw.curves[0]), raw[0])
    assert view.matched.item.getAxis("left").labelText == "ΔF/F"


def test_names_of_many_lanes_are_not_written_over_each_other(view, separation_of):
    rng = np.random.default_rng(1)
    many = Cell("many", rng.random((20, 40)) + 1, ("ROI", *(f"np {k}" for k in range(1, 20))))
    view.show_cell(many, None)
    view.show_result(many, separation_of(many))
    axis = view.separated.lane_axis
    picture = view.separated.widget.grab().toImage()
    base = style.QColor(style.current().base).rgb()
    step = axis.boundingRect().height() / 20
    assert step < 14
    # Between two names there is a line of pixels without ink.
    columns = range(35, 58)
    ratio = picture.devicePixelRatio()
    inked = [any(picture.pixel(int(x * ratio), y) != base for x in columns) for y in range(8, picture.height() - 8)]
    assert inked.count(False) >= 15


def test_a_past_state_is_drawn_with_its_label_and_the_result_comes_back(view):
    separation = view.separation
    values = view.matched.box.viewRange()[1]
    past = separation.separated[:, ::-1].copy()
    view.show_state(past, separation.matched[:, ::-1], "iteration 40")
    for lane, rank in enumerate(view.separated.alive):
        np.testing.assert_array_equal(data(view.separated.curves[lane]), past[separation.order[rank]])
    np.testing.assert_array_equal(data(view.matched.curves[0]), separation.matched[0, ::-1])
    assert view.matched.box.viewRange()[1] == values
    for plot in (view.separated, view.matched):
        assert "iteration 40" in plot.words()
        assert plot.state.isVisible()
    view.show_state(None)
    np.testing.assert_array_equal(data(view.matched.curves[0]), separation.matched[0])
    assert not view.matched.state.isVisible()
    with pytest.raises(ValueError, match="shape"):
        view.show_state(past[:2], None)


def test_the_legend_says_less_where_there_is_little_room_and_never_overlaps(view, cell, qtbot):
    qtbot.mouseClick(word(view, "show_subtraction"), Qt.LeftButton)
    for width in (1400, 640, 420):
        view.resize(width, 760)
        QApplication.processEvents()
        words = sorted((each for each in view.matched.legend.findChildren(Word) if each.isVisible()), key=Word.x)
        for left, right in pairwise(words):
            assert left.geometry().right() < right.geometry().left()
        assert words[-1].geometry().right() <= view.matched.legend.width()
        assert view.matched.legend.geometry().right() <= view.matched.factor.geometry().left()
        view.matched.grab()
    assert view.width() == 420


def test_many_regions_share_one_word_and_one_signal_has_no_subtraction(view):
    rng = np.random.default_rng(1)
    names = ("ROI", *(f"np {k}" for k in range(1, 12)))
    view.show_cell(Cell("many", rng.random((12, 40)), names), None)
    assert view.raw.words() == "ROI, 11 neuropil regions"
    view.show_cell(Cell("alone", rng.random((1, 40)), ("ROI",)), None)
    assert view.raw.words() == "ROI"
    assert not word(view, "show_subtraction").isVisible()


def test_focus_is_seen_in_the_title(qtbot, view):
    view.raw.widget.setFocus()
    qtbot.waitUntil(view.raw.widget.hasFocus)
    assert view.raw.header.title.font().underline()
    view.matched.widget.setFocus()
    assert not view.raw.header.title.font().underline()


def test_lines_are_as_wide_on_a_screen_of_small_pixels(view):
    class Sharp:
        def devicePixelRatioF(self):
            return 2.0

    for role in ("raw", "region"):
        wide = for_screen(style.pen(role), Sharp())
        assert wide.width() == 2 * style.pen(role).width()
        assert wide.color().alpha() == 255
    assert for_screen(style.pen("raw"), view).width() == style.pen("raw").width()
