"""The strip with the whole recording, by itself and linked to the plots."""

import numpy as np
import pytest
from PyQt5.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt5.QtGui import QMouseEvent, QWheelEvent
from PyQt5.QtWidgets import QApplication

from neuropil_gui.panels.traces.trace_view import TraceView


@pytest.fixture
def view(qtbot, cell):
    view = TraceView()
    qtbot.addWidget(view)
    view.resize(900, 760)
    with qtbot.waitExposed(view):
        view.show()
    view.show_cell(cell, 10.0)
    return view


@pytest.fixture
def drag(mouse):
    """Drag in the overview from one time to another."""

    def drag(view, start, end):
        strip = view.overview
        strip.widget.scene()._lastMoveEventTime = 0
        at = [QPoint(round(strip.box.mapViewToScene(QPointF(x, 0)).x()), 20) for x in np.linspace(start, end, 4)]
        port = strip.widget.viewport()
        hover = QMouseEvent(
            QEvent.MouseMove, QPointF(at[0]), QPointF(port.mapToGlobal(at[0])), Qt.NoButton, Qt.NoButton, Qt.NoModifier
        )
        QApplication.sendEvent(port, hover)
        mouse(port, (QEvent.MouseButtonPress, at[0]))
        for place in at[1:]:
            strip.widget.scene()._lastMoveEventTime = 0
            mouse(port, (QEvent.MouseMove, place))
        mouse(port, (QEvent.MouseButtonRelease, at[-1]))

    return drag


def window(view):
    return view.raw.box.viewRange()[0]


def assert_linked(view):
    assert view.overview.region.getRegion() == pytest.approx(tuple(window(view)), abs=1e-6)
    for plot in (view.separated, view.matched):
        assert plot.box.viewRange()[0] == pytest.approx(window(view), abs=1e-6)


def test_it_shows_all_of_the_roi_with_its_trials(view, cell):
    series = view.overview.curve.series
    np.testing.assert_array_equal(series.values, cell.traces[0])
    np.testing.assert_allclose(series.times, np.arange(120) / 10)
    assert view.overview.trials.xvals == pytest.approx([4.95, 7.95])
    assert view.overview.box.viewRange()[0] == pytest.approx([0, 11.9])


@pytest.mark.parametrize("width", [640, 900, 1500])
def test_its_edges_are_those_of_the_plots(view, width):
    view.resize(width, 760)
    QApplication.processEvents()
    edges = set()
    for part in (view.raw, view.separated, view.matched, view.overview):
        rect = part.box.sceneBoundingRect()
        left = part.widget.mapTo(view, QPoint(0, 0)).x()
        edges.add((round(left + rect.left(), 3), round(left + rect.right(), 3)))
    assert len(edges) == 1


def test_it_follows_the_plots(view):
    view.zoom(0.5)
    assert_linked(view)
    view.pan(0.2)
    assert_linked(view)
    view.show_all()
    assert_linked(view)


def test_dragging_the_window_moves_the_plots_and_stops_at_the_ends(view, drag):
    view.raw.box.setXRange(4, 6, padding=0)
    drag(view, 5.0, 8.0)
    assert window(view) == pytest.approx([7, 9], abs=0.1)
    assert_linked(view)
    drag(view, 8.0, 11.8)
    assert window(view) == pytest.approx([9.9, 11.9], abs=1e-6)
    drag(view, 10.9, 0.2)
    assert window(view) == pytest.approx([0, 2], abs=1e-6)
    assert_linked(view)


def test_dragging_an_edge_shows_more_or_less(view, drag):
    view.raw.box.setXRange(4, 6, padding=0)
    drag(view, 6.0, 9.0)
    assert window(view) == pytest.approx([4, 9], abs=0.1)
    drag(view, 4.0, 1.0)
    assert window(view) == pytest.approx([1, 9], abs=0.1)
    assert_linked(view)
    # No narrower than the plots allow.
    drag(view, 9.0, 0.5)
    start, end = window(view)
    assert end - start == pytest.approx(0.8)
    assert_linked(view)


def test_clicks_jump_and_a_double_click_shows_all(mouse, view):
    view.raw.box.setXRange(1, 3, padding=0)
    box, port = view.overview.box, view.overview.widget.viewport()
    kinds = (QEvent.MouseButtonPress, QEvent.MouseButtonRelease, QEvent.MouseButtonDblClick, QEvent.MouseButtonRelease)

    def click(x, count):
        place = QPoint(round(box.mapViewToScene(QPointF(x, 0)).x()), 20)
        mouse(port, *((kind, place) for kind in kinds[:count]))

    click(9.0, 2)
    assert window(view) == pytest.approx([8, 10], abs=0.1)
    before = window(view)
    click(8.5, 2)
    assert window(view) == before
    click(11.8, 2)
    assert window(view) == pytest.approx([9.9, 11.9], abs=1e-6)
    assert_linked(view)
    click(1.0, 4)
    assert window(view) == pytest.approx([0, 11.9])


def test_dragging_beside_the_window_takes_it_along(view, drag):
    view.raw.box.setXRange(1, 3, padding=0)
    drag(view, 6.0, 9.0)
    assert window(view) == pytest.approx([8, 10], abs=0.1)
    assert_linked(view)


def test_the_wheel_zooms(view):
    view.raw.box.setXRange(4, 8, padding=0)
    port = view.overview.widget.viewport()
    place = QPointF(view.overview.box.mapViewToScene(QPointF(6.0, 0)).x(), 20)
    event = QWheelEvent(
        place, QPointF(port.mapToGlobal(place.toPoint())), QPoint(), QPoint(0, 240), Qt.NoButton, Qt.NoModifier,
        Qt.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(port, event)
    start, end = window(view)
    assert 0 < end - start < 4
    assert (start + end) / 2 == pytest.approx(6.0, abs=0.1)
    assert_linked(view)


def test_without_a_cell_it_is_empty(view):
    view.show_cell(None, None)
    assert not view.overview.isEnabled()
    assert view.overview.curve.series is None
    view.grab()
