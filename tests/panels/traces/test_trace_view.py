from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt5.QtGui import QWheelEvent
from PyQt5.QtWidgets import QApplication

from neuropil_gui.core.analysis.pairing import true_columns
from neuropil_gui.core.recording import Cell, StoredResult
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.drawing.prepared import prepare_cell, prepare_separation
from neuropil_gui.drawing.pyramid import Reduction
from neuropil_gui.panels.traces.trace_view import TraceView


@pytest.fixture
def view(qtbot):
    view = TraceView()
    qtbot.addWidget(view)
    view.resize(800, 700)
    with qtbot.waitExposed(view):
        view.show()
    return view


def data(curve):
    return curve.series.times, curve.series.values


def visible(plot):
    return [curve for curve in plot.curves if curve.isVisible()]


def test_raw_draws_the_recorded_numbers(view, cell):
    view.show_cell(cell, None)
    curves = visible(view.raw)
    assert len(curves) == 4
    for curve, trace in zip(curves, cell.traces, strict=True):
        x, y = data(curve)
        np.testing.assert_array_equal(y, trace)
        np.testing.assert_array_equal(x, np.arange(120))
    assert curves[0].pen.width() > curves[1].pen.width()


def test_nothing_that_a_thread_has_prepared_is_made_again_to_draw_it(view, cell, separation_of, monkeypatch):
    stored = StoredResult("file", separation_of(cell).matched.copy())
    cell, separation = prepare_cell(replace(cell, stored=stored)), prepare_separation(separation_of(cell))
    monkeypatch.setattr(Reduction, "of", lambda values: pytest.fail(f"{values.shape} was reduced to be drawn"))
    view.show_cell(cell, 30.0)
    view.show_result(cell, separation)
    view.show_pins({"A": (separation, "pinned")})
    view.restyle()
    assert visible(view.matched)


def test_the_axis_is_in_seconds_only_where_the_frame_rate_is_known(view, cell):
    axis = view.matched.item.getAxis("bottom")
    view.show_cell(cell, None)
    assert axis.labelText == "Frame"
    view.show_cell(cell, 30.0)
    assert axis.labelText == "Time (s)"
    np.testing.assert_allclose(data(view.raw.curves[0])[0], np.arange(120) / 30.0)
    assert view.raw.box.viewRange()[0] == pytest.approx([0, 119 / 30])


def test_the_time_axis_of_a_cell_is_shown_before_the_cell_is_drawn(view, cell):
    short = Cell.from_traces(cell.traces[:, :60])
    view.show_cell(cell, 30.0)
    view.crosshair.show_at(3.0)
    view.show_time(short, 10.0)
    assert view.timed is short
    assert view.cell is cell
    assert view.time_in_view() == pytest.approx((0, 5.9))
    assert view.crosshair.frame is None
    view.crosshair.show_at(5.0)
    assert view.crosshair.frame == 50
    assert [name for name, _, _ in view.crosshair.parts(50)] == ["", "frame"]  # no values of the other cell
    view.raw.box.setXRange(1, 2, padding=0)
    view.show_cell(short, 10.0)
    assert view.time_in_view() == pytest.approx((1, 2))
    assert len(view.crosshair.parts(50)) > 2


def test_lanes_hold_the_components_in_matched_order(view, cell, separation_of):
    separation = separation_of(cell)
    view.show_cell(cell, None)
    view.show_result(cell, separation)
    curves = visible(view.separated)
    assert view.separated.alive == [0, 1, 2, 3]
    for rank, curve in enumerate(curves):
        np.testing.assert_array_equal(data(curve)[1], separation.separated[separation.order[rank]])
    np.testing.assert_array_equal(data(view.matched.curves[0])[1], separation.matched[0])


def test_each_lane_stays_in_its_lane(view, cell, separation_of):
    view.show_cell(cell, None)
    view.show_result(cell, separation_of(cell))
    for lane, curve in enumerate(view.separated.curves):
        y = data(curve)[1]
        on_screen = [curve.transform().map(0.0, float(value))[1] for value in (y.min(), y.max())]
        assert -lane - 1 < on_screen[0] < on_screen[1] < -lane


def test_empty_components_get_a_word_and_no_lane(view, cell, separation_of):
    separation = separation_of(cell, empty=(1, 2))
    view.show_cell(cell, None)
    view.show_result(cell, separation)
    assert len(visible(view.separated)) == 2
    assert view.separated.alive == [0, 1]
    assert "c3, c4 are empty" in view.separated.words()
    assert view.separated.box.viewRange()[1] == [-2, 0]
    view.show_result(cell, separation_of(cell, empty=(0, 1, 2, 3)))
    assert "lower alpha" in view.separated.words()
    assert not visible(view.separated)


def test_the_raw_roi_behind_the_match_is_moved_and_the_legend_says_how(view, cell, separation_of):
    view.show_cell(cell, None)
    separation = separation_of(cell)
    view.show_result(cell, separation)
    behind = data(view.matched.curves[1])[1]
    shift = np.median(cell.traces[0] - separation.matched[0])
    np.testing.assert_allclose(behind, cell.traces[0] - shift)
    assert f"{shift:.4g}" in view.matched.words()
    ica = separation_of(cell, method="ica")
    view.show_result(cell, ica)
    assert "its mean" in view.matched.words()
    np.testing.assert_allclose(data(view.matched.curves[1])[1].mean(), 0.0, atol=1e-9)


@pytest.mark.parametrize("scale", [5.0, 0.0])
def test_truth_is_what_it_adds_to_the_roi_and_a_stored_result_is_drawn_as_it_is(view, cell, separation_of, scale):
    stored = StoredResult("FISSA", np.ones((4, 120)) * 3)
    cell = replace(cell, stored=stored)
    view.show_cell(cell, None)
    separation = separation_of(cell)
    separation = replace(separation, matched=np.vstack([scale * cell.truth.sources[0] + 2, separation.matched[1:]]))
    view.show_result(cell, separation)
    curves = visible(view.matched)
    assert len(curves) == 4
    np.testing.assert_array_equal(data(curves[2])[1], stored.matched[0])
    own = cell.truth.mixing[0, 0] * cell.truth.sources[0]
    np.testing.assert_allclose(data(curves[3])[1], own - np.median(own - separation.matched[0]))
    assert "FISSA" in view.matched.words()


def test_a_result_of_the_file_is_not_drawn_twice(view, cell, separation_of):
    made = separation_of(cell)
    cell = replace(cell, stored=StoredResult("result in out.npz", made.matched), truth=None)
    view.show_cell(cell, None)
    view.show_result(cell, made)
    assert "out.npz" in view.matched.words()
    view.show_result(cell, replace(made, origin="out.npz"))
    assert "out.npz" not in view.matched.words()
    assert len(visible(view.matched)) == 2


def test_a_new_cell_takes_the_old_result_away(view, cell, separation_of):
    view.show_cell(cell, None)
    view.show_result(cell, separation_of(cell))
    view.show_cell(replace(cell, name="cell 2"), None)
    assert not visible(view.separated)
    assert "not separated yet" in view.separated.words()
    view.show_cell(None, None)
    assert not visible(view.raw)


def test_a_result_that_is_out_of_date_says_so_and_is_not_drawn_anew(view, cell, separation_of):
    separation = separation_of(cell)
    view.show_cell(cell, None)
    view.show_result(cell, separation)
    drawn = view.separated.curves[0].series
    view.show_result(cell, separation, False)
    assert "out of date" in view.separated.words()
    assert view.separated.curves[0].series is drawn
    view.show_result(cell, separation, True)
    assert "out of date" not in view.separated.words()


def test_trials_are_marked_between_frames(view, cell):
    view.show_cell(cell, 10.0)
    assert view.raw.trials.xvals == pytest.approx([4.95, 7.95])
    assert "3 trials" in view.raw.words()


def test_dragging_moves_time_in_all_plots_and_no_values(mouse, view, cell, separation_of):
    view.show_cell(cell, None)
    view.show_result(cell, separation_of(cell))
    view.zoom(0.25)
    before = view.raw.box.viewRange()
    moves = [(QEvent.MouseMove, QPoint(x, 130)) for x in (380, 350, 320)]
    press, release = (QEvent.MouseButtonPress, QPoint(400, 100)), (QEvent.MouseButtonRelease, QPoint(320, 130))
    mouse(view.separated.widget.viewport(), press, *moves, release)
    after = view.raw.box.viewRange()
    assert after[0][0] > before[0][0]
    assert after[1] == before[1]
    for plot in (view.separated, view.matched):
        assert plot.box.viewRange()[0] == pytest.approx(after[0], abs=1e-6)


def test_the_wheel_zooms_about_the_pointer(view, cell):
    view.show_cell(cell, None)
    before, values = view.raw.box.viewRange()
    port = view.raw.widget.viewport()
    place = QPointF(500, 60)
    under = view.raw.box.mapSceneToView(place).x()
    event = QWheelEvent(
        place, QPointF(port.mapToGlobal(place.toPoint())), QPoint(), QPoint(0, 240), Qt.NoButton, Qt.NoModifier,
        Qt.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(port, event)
    after, values_after = view.raw.box.viewRange()
    assert after[1] - after[0] < before[1] - before[0]
    assert view.raw.box.mapSceneToView(place).x() == pytest.approx(under, abs=0.5)
    assert values_after == values


def test_double_click_shows_all(mouse, view, cell):
    view.show_cell(cell, None)
    view.zoom(0.2)
    assert view.raw.box.viewRange()[0] != [0, 119]
    kinds = (QEvent.MouseButtonPress, QEvent.MouseButtonRelease, QEvent.MouseButtonDblClick, QEvent.MouseButtonRelease)
    mouse(view.matched.widget.viewport(), *((kind, QPoint(400, 60)) for kind in kinds))
    assert view.raw.box.viewRange()[0] == pytest.approx([0, 119])


def test_pan_stops_at_the_ends(view, cell):
    view.show_cell(cell, None)
    view.zoom(0.5)
    view.pan(10)
    assert view.raw.box.viewRange()[0][1] == pytest.approx(119)
    view.pan(-10)
    assert view.raw.box.viewRange()[0][0] == pytest.approx(0)


def test_values_that_are_not_finite_and_one_frame_can_be_drawn(view):
    traces = np.array([[np.nan, 1.0, 2.0, np.inf], [1.0, 2.0, 3.0, 4.0]])
    view.show_cell(Cell("odd", traces, ("ROI", "np 1")), None)
    assert np.isfinite(view.raw.box.viewRange()).all()
    view.show_cell(Cell("all nan", np.full((2, 4), np.nan), ("ROI", "np 1")), None)
    view.show_cell(Cell("one frame", np.ones((2, 1)), ("ROI", "np 1")), 30.0)
    view.grab()


def test_all_plots_have_the_same_left_edge(view, cell):
    view.show_cell(cell, None)
    lefts = {round(plot.box.sceneBoundingRect().left()) for plot in (view.raw, view.separated, view.matched)}
    assert len(lefts) == 1


def limits(plot):
    return plot.box.viewRange()[1]


def test_another_version_of_a_cell_keeps_the_time_in_view_and_axes_follow_only_what_leaves_them(view, cell):
    view.show_cell(cell, None)
    view.raw.box.setXRange(20, 40, padding=0)
    before = limits(view.raw)
    middle = cell.traces.mean()
    near = replace(cell, traces=middle + 0.95 * (cell.traces - middle))
    view.show_cell(near, None, replaces=True)
    assert view.raw.box.viewRange()[0] == [20, 40]
    assert limits(view.raw) == before
    high = replace(cell, traces=3 * cell.traces)
    view.show_cell(high, None, replaces=True)
    assert limits(view.raw)[1] >= 3 * cell.traces.max()
    longer = replace(cell, traces=np.hstack([cell.traces] * 2))
    view.show_cell(longer, None, replaces=True)
    assert view.raw.box.viewRange()[0] == [20, 40]
    # Another cell is shown whole.
    view.show_cell(cell, None)
    assert view.raw.box.viewRange()[0] == [0, 119]


def test_while_a_handle_is_held_value_axes_only_grow(view, cell, separation_of):
    view.show_cell(cell, None)
    view.hold(True)
    high = replace(cell, traces=3 * cell.traces)
    view.show_cell(high, None, replaces=True)
    grown = limits(view.raw)
    assert grown[1] >= 3 * cell.traces.max()
    low = replace(cell, traces=0.1 * cell.traces)
    view.show_cell(low, None, replaces=True)
    view.show_result(low, separation_of(low))
    assert limits(view.raw)[1] == grown[1]
    assert limits(view.raw)[0] <= 0.1 * cell.traces.min()
    assert limits(view.matched)[1] >= 3 * cell.traces[0].max()
    view.hold(False)
    view.show_cell(replace(cell, traces=0.1 * cell.traces), None, replaces=True)
    assert limits(view.raw)[1] < 0.5 * grown[1]


def test_each_lane_has_the_true_source_of_its_component_which_can_be_switched_off(view):
    cell = simulate(Simulation(frames=400, seed=2)).cells[0]
    separation = separate_cell(cell, SeparationSettings(solver="accelerated"))
    view.show_cell(cell, None)
    view.show_result(cell, separation)
    lanes = view.separated
    _, rows = true_columns(separation, cell.truth)
    assert {lane: source.row for lane, source in lanes.sources.items()} == {
        lane: rows[rank] for lane, rank in enumerate(lanes.alive) if rows[rank] >= 0
    }
    for lane, source in lanes.sources.items():
        own, component = source.values, lanes.series[lane].values
        # The least-squares fit: what is left has no part of the source, and no mean.
        assert np.corrcoef(own, component - own)[0, 1] == pytest.approx(0, abs=1e-6)
        assert own.mean() == pytest.approx(component.mean())
    word = lanes.legend.word("lanes_truth")
    assert "true sources" in lanes.words()
    word.click()
    view.show_result(cell, separate_cell(cell, SeparationSettings(alpha=0.2, solver="accelerated")))
    assert not word.isChecked()
    assert "true sources" not in lanes.words()
    view.show_cell(replace(cell, truth=None), None)
    view.show_result(replace(cell, truth=None), separation)
    assert lanes.sources == {}
