"""The page Field linked with all else: table of cells, mixing matrix, crosshair of the traces, undo."""

import numpy as np
import pytest
from PyQt5.QtCore import QPointF, Qt
from PyQt5.QtWidgets import QApplication, QDockWidget, QPushButton, QWidget

from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.formats.rois import write_rois
from neuropil_gui.panels.numbers_table import number_text

pytestmark = pytest.mark.any_version

FRAMES, ROWS, COLUMNS = 80, 40, 48


@pytest.fixture
def field(qtbot, window, tmp_path):
    """A movie of three cells, two of them side by side, opened by the window; its page Field with all its pictures."""
    rng = np.random.default_rng(2)
    movie = rng.integers(100, 500, (FRAMES, ROWS, COLUMNS)).astype(np.uint16)
    np.save(tmp_path / "movie.npy", movie)
    square = np.array([[8, 8], [16, 8], [16, 16], [8, 16]])
    write_rois(tmp_path / "rois.zip", [square, np.array([[17, 4], [26, 4], [26, 20], [17, 20]]), square + 22])
    with qtbot.waitSignal(window.session.recording_changed):
        window.open_path(tmp_path / "movie.npy", ask=False, rois=str(tmp_path / "rois.zip"))
    window.pages.open("field")
    tool = window.pages.made["field"]
    qtbot.waitUntil(lambda: tool.field is not None and not tool.busy and window.session.up_to_date)
    return tool


def click(qtbot, tool, x, y):
    picture = tool.view.picture
    place = picture.widget.mapFromScene(picture.box.mapViewToScene(QPointF(x, y)))
    qtbot.mouseClick(picture.widget.viewport(), Qt.LeftButton, pos=place)
    QApplication.processEvents()


def test_a_click_selects_the_cell_in_the_table_and_the_traces(qtbot, window, field):
    click(qtbot, field, 34, 34)
    qtbot.waitUntil(lambda: window.session.cell is not None and window.session.up_to_date)
    assert window.session.index == 2
    assert window.cells.selected() == [2]
    assert field.view.traces.plot.best is not None


def test_the_page_cell_is_drawn_when_it_is_shown_again(qtbot, window, field):
    session, drawn = window.session, window.traces.cell
    session.select(2)
    qtbot.waitUntil(lambda: session.cell is not None and session.up_to_date)
    session.highlight.keep_component(1)
    assert window.traces.cell is drawn is not session.cell  # nobody sees it
    assert window.traces.timed is session.cell  # other pages follow its time axis
    window.pages.open("cell")
    assert window.traces.cell is session.cell
    assert window.traces.separation is session.result
    first = session.result.mixing[:, session.result.order[0]]
    np.testing.assert_allclose(window.mixing.drawn_values()[:, 0], first / first.sum())
    assert window.numbers.rows["score"][1].text() == number_text(NUMBERS["score"], session.numbers)
    assert window.mixing._lit[0] == 1


def test_an_earlier_iteration_of_another_cell_is_not_drawn_when_the_page_cell_is_shown_again(qtbot, window, field):
    session = window.session
    window.controller.run()
    qtbot.waitUntil(lambda: session.history is not None and not window.controller.working)
    session.look_back(1)
    session.select(2)
    qtbot.waitUntil(lambda: session.cell is not None and session.up_to_date)
    window.pages.open("cell")
    series = window.traces.matched.best
    np.testing.assert_array_equal(series.pyramid.values[0], session.result.matched[0])


def test_the_row_under_the_pointer_in_the_matrix_lights_its_region_and_the_other_way_round(window, field):
    window.pages.detach()  # both are seen
    window.mixing.signal_hovered.emit(2)
    rows, columns = np.nonzero(field.field.cells[0].regions.masks[2])
    lit = field.view.picture.selection._lit_item.path().boundingRect()
    assert (lit.left(), lit.top()) == (columns.min(), rows.min())
    window.mixing.signal_hovered.emit(None)
    assert field.view.picture.selection._lit_item.path().isEmpty()
    y, x = np.argwhere(field.field.cells[0].regions.masks[4])[3]
    field.view.picture._on_moved(field.view.picture.box.mapViewToScene(QPointF(x + 0.5, y + 0.5)))
    assert window.mixing._lit[1] == 4


def test_the_cell_under_the_pointer_is_marked_in_the_table(window, field):
    shown = []
    window.session.highlight.cell_changed.connect(shown.append)
    field.view.picture._on_moved(field.view.picture.box.mapViewToScene(QPointF(22, 12)))
    assert shown == [1]
    window.cells.cell_hovered.emit(2)
    assert field.view.picture.hovered.coloured


def test_the_crosshair_and_the_slider_are_at_one_frame(qtbot, window, field):
    window.pages.detach()
    window.traces.crosshair.show_at(31)
    assert field.view.traces.frame == 31
    field.view.traces.slider.setValue(44)
    assert window.traces.crosshair.frame == 44
    field.view.choose("frame")
    qtbot.waitUntil(lambda: not field.busy)
    np.testing.assert_array_equal(field.view.drawn, field.field.movie.read(44, 45)[0])


def test_a_remedy_is_a_step_of_undo_and_the_traces_follow(qtbot, window, field):
    before = window.session.recording.cells[0].traces
    field.view.findChild(QPushButton, "field_exclude").click()
    settled = lambda: not field.busy and window.session.up_to_date and not window.controller.working  # noqa: E731
    qtbot.waitUntil(lambda: window.session.rois.all.settings.exclude_others and settled())
    assert "exclude other cells" in window.commands["undo"].text()
    assert not np.array_equal(window.session.cell.traces[1:], before[1:])
    np.testing.assert_array_equal(window.session.cell.traces[0], before[0])
    window.commands["undo"].trigger()
    qtbot.waitUntil(lambda: not window.session.rois.all.settings.exclude_others and settled())
    np.testing.assert_array_equal(window.session.cell.traces, before)


def test_another_recording_in_its_place_is_looked_for_anew(qtbot, window, field, demo, open_and_wait):
    open_and_wait(demo)
    qtbot.waitUntil(lambda: "Open the movie and its ROIs" in field.view.sentence.text())
    assert field.field is None


def test_a_small_picture_stands_beside_all_pages(qtbot, window, field, tmp_path):
    panel = window.findChild(QDockWidget, "field_dock")
    assert not panel.isVisible()
    field.view.choose("max")
    window.pages.open("cell")
    panel.toggleViewAction().trigger()
    small = panel.findChild(QWidget, "field_small_picture").parent()
    qtbot.waitUntil(small.isVisible)
    np.testing.assert_array_equal(small.image.image, field.view.drawn)
    assert small.outlines.coloured
    window.session.select(2)
    assert small.selected == 2
    window.pages.open("history")
    assert panel.isVisible()
    place = small.widget.mapFromScene(small.box.mapViewToScene(QPointF(22, 12)))
    qtbot.mouseClick(small.widget.viewport(), Qt.LeftButton, pos=place)
    QApplication.processEvents()
    assert window.session.index == 1
    # It works while no page of the field is seen, for another recording too.
    corners = np.array([[4, 4], [10, 4], [10, 11], [4, 11]])
    write_rois(tmp_path / "other.zip", [corners, corners + 11])
    with qtbot.waitSignal(window.session.recording_changed):
        window.open_path(tmp_path / "movie.npy", ask=False, rois=str(tmp_path / "other.zip"))
    qtbot.waitUntil(lambda: small.field is not None and len(small.field.cells) == 2 and not field.busy)
    panel.close()
    assert not field.visible
