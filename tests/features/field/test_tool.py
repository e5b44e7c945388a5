"""FieldTool: it finds the field of view, draws pictures as they come, and follows the session and its highlight."""

from dataclasses import replace
from unittest.mock import MagicMock

import numpy as np
import pytest
from PyQt5.QtCore import QEvent, QPointF, QRectF, Qt
from PyQt5.QtWidgets import QApplication

from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.engine.controller import Controller
from neuropil_gui.features.field import words
from neuropil_gui.features.field.edit_bar import EditBar
from neuropil_gui.features.field.tool import FIND, PICTURES, FieldTool
from neuropil_gui.formats.extraction import extract
from neuropil_gui.formats.registry import read
from neuropil_gui.formats.rois import write_rois
from neuropil_gui.imaging import stack
from neuropil_gui.imaging.pictures import RunningPictures
from neuropil_gui.state.session import Session
from neuropil_gui.state.undo import Undo

pytestmark = pytest.mark.any_version

FRAMES, ROWS, COLUMNS = 60, 40, 48


@pytest.fixture
def movie():
    return np.random.default_rng(2).integers(0, 500, (FRAMES, ROWS, COLUMNS)).astype(np.uint16)


@pytest.fixture
def recording(tmp_path, movie):
    np.save(tmp_path / "movie.npy", movie)
    square = np.array([[8, 8], [16, 8], [16, 16], [8, 16]])
    beside = np.array([[17, 4], [26, 4], [26, 20], [17, 20]])
    write_rois(tmp_path / "rois.zip", [square, beside, square + 24])
    return extract(tmp_path / "movie.npy", tmp_path / "rois.zip", frame_rate=20.0)


@pytest.fixture
def session(recording, qapp):
    session = Session()
    session.set_recording(recording)
    session.set_cell(recording.cells[0])
    return session


@pytest.fixture
def make(qtbot, runners, parent):
    """Make a tool whose page is on screen."""

    def make(session):
        made = FieldTool(session, MagicMock(spec=Controller), parent)
        made.page.setParent(parent)
        parent.resize(1000, 700)
        made.page.resize(1000, 700)
        parent.show()
        made.page.show()
        return made

    return make


@pytest.fixture
def tool(make, session):
    """A tool that has found the field of view and made its pictures."""
    tool = make(session)
    assert tool.runner.question == FIND
    tool.runner.answer(tool.runner.compute())
    assert tool.runner.question == PICTURES
    tool.runner.answer(tool.runner.compute())
    assert not tool.busy
    return tool


def place_on_screen(tool, x, y):
    scene = tool.view.picture.box.mapViewToScene(QPointF(x, y))
    return tool.view.picture.widget.mapFromScene(scene)


def read_frames(tool):
    """Answer until no frame is asked for."""
    while tool.frames.busy:
        tool.frames.runner.answer(tool.frames.runner.compute())


def point_at(tool, x, y):
    tool.view.picture._on_moved(tool.view.picture.box.mapViewToScene(QPointF(x, y)))


def test_without_a_field_of_view_the_page_says_why(make, session_of, cell):
    tool = make(Session())
    assert tool.view.sentence.text() == words.NO_RECORDING
    tool = make(session_of(cell))
    with pytest.raises(DataError) as error:
        tool.runner.compute()
    tool.runner.fail(error.value)
    assert "Open the movie and its ROIs" in tool.view.sentence.text()
    tool.follow()
    assert tool.runner.asked == [FIND]  # not again and again


def test_pictures_are_drawn_as_they_come_and_are_numpys(make, session, movie):
    tool = make(session)
    tool.runner.answer(tool.runner.compute())
    assert [tool.view.kind.itemData(k) for k in range(tool.view.kind.count())] == [
        "mean", "max", "sd", "correlation", "frame",
    ]  # fmt: skip
    assert tool.view.drawn is None
    made = tool.runner.compute()
    tool._on_reported(PICTURES, type(made)(0.4, {"mean": made.pictures["mean"] + 1}))
    np.testing.assert_allclose(tool.view.drawn, movie.mean(axis=0) + 1, rtol=1e-5)
    assert "40%" in tool.view.row.text.text()
    tool.runner.answer(made)
    np.testing.assert_allclose(tool.view.drawn, movie.mean(axis=0), rtol=1e-5)
    tool.view.choose("max")
    np.testing.assert_array_equal(tool.view.drawn, movie.max(axis=0))


def test_cancelled_pictures_stay_as_far_as_they_are_read_and_go_on_by_run(make, session):
    tool = make(session)
    tool.runner.answer(tool.runner.compute())
    tool.view.row.cancel.click()
    assert not tool.busy
    assert tool.view.row.text.text() == words.CANCELLED
    tool.follow()
    assert not tool.busy
    tool.view.row.run.click()
    assert tool.runner.question == PICTURES


def test_a_pass_that_was_stopped_goes_on_where_it_was(make, session, monkeypatch):
    monkeypatch.setattr(stack, "BLOCK", 10 * ROWS * COLUMNS * 2)
    tool = make(session)
    tool.runner.answer(tool.runner.compute())
    read = []
    monkeypatch.setattr(RunningPictures, "add", lambda self, block: read.append(len(block)))
    with pytest.raises(Cancelled):
        tool.runner.work(lambda report: None, lambda: len(read) == 2)
    tool.page.hide()
    tool.page.show()
    assert "33%" in tool.view.row.text.text()
    tool.runner.work(lambda report: None, lambda: False)
    assert read == [10] * 6


def test_contrast_is_by_percentiles_until_it_is_dragged(tool, movie):
    low, high = tool.view.picture.image.levels
    mean = movie.mean(axis=0)
    np.testing.assert_allclose((low, high), np.percentile(mean, (1, 99.5)), rtol=1e-4)
    tool.view.contrast.low.setValue(20)
    assert tool.view.picture.image.levels[0] == pytest.approx(np.percentile(mean, 20), rel=1e-4)
    tool.view.contrast.region.setRegion((mean.min(), np.median(mean)))
    assert tool.view.picture.image.levels[1] == pytest.approx(np.median(mean))
    assert tool.view.contrast.high.value() == pytest.approx(50, abs=1)
    before = np.array(tool.view.picture.image.levels)
    tool.view.picture.contrast_dragged.emit(0.5, 0.0)
    after = np.array(tool.view.picture.image.levels)
    assert np.ptp(after) == pytest.approx(2 * np.ptp(before))
    # Each picture keeps its own.
    tool.view.choose("max")
    tool.view.choose("mean")
    np.testing.assert_allclose(tool.view.picture.image.levels, after)


def test_a_click_selects_the_cell_and_an_empty_place_none(tool, session, qtbot):
    chosen = []
    session.selection_changed.connect(lambda: chosen.append(session.index))
    viewport = tool.view.picture.widget.viewport()
    for x, y in ((36, 36), (2, 38), (22, 12)):
        qtbot.mouseClick(viewport, Qt.LeftButton, pos=place_on_screen(tool, x, y))
        QApplication.processEvents()
    assert chosen == [2, 1]
    assert tool.view.picture.selected == 1
    assert "</b>" in tool.view.regions.title.text()


def test_regions_light_the_rows_of_the_matrix_and_the_other_way_round(tool, session):
    field = tool.field
    y, x = np.argwhere(field.cells[0].regions.masks[3])[5]
    point_at(tool, x + 0.5, y + 0.5)
    assert session.highlight.signal == 3
    point_at(tool, 12, 12)
    assert (session.highlight.signal, session.highlight.cell) == (0, 0)
    point_at(tool, 1, 1)
    assert (session.highlight.signal, session.highlight.cell) == (None, None)
    session.highlight.hover_signal(2)
    lit = tool.view.picture.selection._lit_item.path().boundingRect()
    rows, columns = np.nonzero(field.cells[0].regions.masks[2])
    assert (lit.left(), lit.right()) == (columns.min(), columns.max() + 1)
    assert (lit.top(), lit.bottom()) == (rows.min(), rows.max() + 1)
    backs = [tool.view.regions.table.item(row, 0).background().color().name() for row in range(5)]
    assert [row for row, back in enumerate(backs) if backs.count(back) == 1] == [2]
    tool.view.regions.table.cellEntered.emit(4, 1)
    assert session.highlight.signal == 4


def test_the_cell_under_the_pointer_in_the_table_is_marked(tool, session):
    session.highlight.hover_cell(2)
    assert tool.view.picture.hovered._groups
    session.highlight.hover_cell(None)
    assert not tool.view.picture.hovered._groups


def test_a_region_that_is_mostly_another_cell_is_warned_of(tool, session):
    facts = tool.field.facts(0)
    assert any(each.doubtful for each in facts)
    text = tool.view.regions.warning.text()
    assert f"% of np 2 lies in {session.recording.cells[1].name}: that light counts as neuropil" in text
    assert "counts as neuropil" in text
    assert "1 cell with a region that is mostly another cell" in tool.page.header.subtitle_text
    session.select(2)
    session.set_cell(session.recording.cells[2])
    assert tool.view.regions.warning.isHidden()


def test_the_slider_shows_frames_and_moves_the_crosshair(tool, session, movie):
    from neuropil_gui.panels.traces.trace_view import TraceView

    traces = TraceView()
    traces.show_cell(session.cell, 20.0)
    tool.link_crosshair(traces.crosshair)
    tool.view.choose("frame")
    tool.view.traces.slider.setValue(17)
    assert traces.crosshair.frame == 17
    read_frames(tool)
    np.testing.assert_array_equal(tool.view.drawn, movie[17])
    traces.crosshair.show_at(31 / 20.0)
    assert tool.view.traces.frame == 31
    assert tool.frames.runner.question == (31, 1)
    tool.view.traces.means.setCurrentIndex(2)
    read_frames(tool)
    np.testing.assert_allclose(tool.view.drawn, movie[27:36].mean(axis=0), rtol=1e-6)
    traces.deleteLater()


def test_while_a_frame_is_read_only_the_newest_of_others_is_kept(tool, movie):
    tool.view.choose("frame")
    for frame in (5, 9, 14):
        tool.view.traces.slider.setValue(frame)
    assert tool.frames.runner.asked == [(0, 1)]
    tool.frames.runner.answer(tool.frames.runner.compute())
    # What was being read is drawn, so that a slow movie shows something while the slider moves.
    np.testing.assert_array_equal(tool.view.drawn, movie[0])
    assert tool.frames.runner.asked == [(0, 1), (14, 1)]
    tool.frames.runner.answer(tool.frames.runner.compute())
    np.testing.assert_array_equal(tool.view.drawn, movie[14])
    assert not tool.busy


def test_a_frame_that_cannot_be_read_is_said(tool):
    tool.view.choose("frame")
    tool.frames.runner.fail(DataError("movie.npy: the file is cut short."))
    assert tool.view.row.text.text() == "movie.npy: the file is cut short."
    tool.follow()
    assert tool.frames.runner.asked == [(0, 1)]  # not again and again


def test_outlines_are_coloured_by_mark_and_by_numbers(tool, session):
    groups = tool.view.picture.outlines._groups
    assert len(groups) == 1
    session.marks.judge([0], "accepted")
    session.marks.judge([2], "rejected")
    tool.view.colours.setCurrentIndex(tool.view.colours.findData("mark"))
    assert len(tool.view.picture.outlines._groups) == 3
    assert "accepted" in tool.view.legend.text()
    session.marks.judge([2], "accepted")
    assert len(tool.view.picture.outlines._groups) == 2
    tool.view.colours.setCurrentIndex(tool.view.colours.findData("others"))
    assert tool.view.bar.text().startswith("other cells in a region: from 0 % to ")
    tool.view.colours.setCurrentIndex(tool.view.colours.findData("r_neuropil"))
    assert tool.view.bar.isHidden()  # nothing is separated yet


def test_keys_zoom_and_show_all(tool, qtbot):
    box = tool.view.picture.box
    whole = box.viewRect()
    qtbot.keyClick(tool.view.picture.widget, Qt.Key_Plus)
    assert box.viewRect().width() < whole.width()
    qtbot.keyClick(tool.view.picture.widget, Qt.Key_Home)
    assert box.viewRect().width() == pytest.approx(whole.width())


def test_up_and_down_go_from_cell_to_cell(tool, session, qtbot):
    picture = tool.view.picture
    for key, index in ((Qt.Key_Down, 1), (Qt.Key_Down, 2), (Qt.Key_Down, 2), (Qt.Key_Up, 1)):
        qtbot.keyClick(picture.widget, key)
        assert session.index == picture.selected == index


def test_numbers_of_regions_are_written_where_there_is_room(tool):
    box, numbers = tool.view.picture.box, tool.view.picture.selection._numbers
    box.setRange(QRectF(4, 4, 16, 16))
    assert [each.isVisible() for each in numbers] == [True] * 4
    for number, pixels in zip(numbers, tool.field.cells[0].regions.pixels[1:], strict=True):
        middle = (pixels % COLUMNS).mean() + 0.5, (pixels // COLUMNS).mean() + 0.5
        assert (number.pos().x(), number.pos().y()) == pytest.approx(middle)
    tool.view.picture.selection.show_zoom(0.5)
    assert [each.isVisible() for each in numbers] == [False] * 4


def test_an_editor_takes_the_mouse_first(tool, session, qtbot):
    editor = MagicMock()
    tool.view.picture.box.editor = editor
    qtbot.mouseClick(tool.view.picture.widget.viewport(), Qt.LeftButton, pos=place_on_screen(tool, 36, 36))
    QApplication.processEvents()
    assert session.index == 0
    place = editor.click.call_args[0][1]
    assert (place.x(), place.y()) == (pytest.approx(36, abs=0.5), pytest.approx(36, abs=0.5))
    qtbot.keyClick(tool.view.picture.widget, Qt.Key_Escape)
    assert editor.key.called


def test_another_recording_is_looked_for_anew(tool, session, session_of, cell):
    session.set_recording(session_of(cell).recording)
    session.set_cell(cell)
    assert tool.runner.question == FIND
    assert tool.pictures == {}


def test_leaving_the_pointer_takes_the_marks_away(tool, session):
    point_at(tool, 12.5, 12.5)
    mean = tool.view.drawn[12, 12]
    assert tool.view.line.text() == f"x 12, y 12 · {mean:,.4g} · {session.recording.cells[0].name}"
    QApplication.sendEvent(tool.view.picture.widget, QEvent(QEvent.Type.Leave))
    assert (session.highlight.signal, session.highlight.cell) == (None, None)
    assert tool.view.line.text() == words.IDLE


def test_a_remedy_makes_the_regions_of_all_cells_otherwise_and_undo_brings_them_back(tool, session, movie):
    undo = Undo(session)
    texts = [button.text() for button in tool.view.regions.buttons if not button.isHidden()]
    assert texts == ["Exclude other cells", "Gap of 2"]
    drawn, before = tool.view.picture.outlines._outlines, tool.field
    tool.view.regions.buttons[0].click()
    tool.editing.changes.grower.answer(tool.editing.changes.grower.compute())
    assert session.rois.all.settings.exclude_others
    assert tool.field.rois is session.rois.all
    assert tool.field.doubtful == ()
    assert tool.view.regions.warning.isHidden()
    assert tool.view.regions.buttons[0].isHidden()
    assert "mostly" not in tool.page.header.subtitle_text
    # Pictures and movie stay, and so do the outlines of ROIs.
    assert not tool.runner.busy
    assert tool.field.movie is before.movie
    assert all(drawn[index] is each for index, each in tool.view.picture.outlines._outlines.items())
    pixels = tool.field.cells[0].regions.pixels[3]
    np.testing.assert_allclose(
        session.recording.cells[0].traces[3], movie.reshape(FRAMES, -1)[:, pixels].mean(axis=1), rtol=1e-12
    )
    undo.undo()
    assert tool.field.rois is before.rois
    assert not tool.view.regions.warning.isHidden()
    undo.deleteLater()


def test_pictures_that_cannot_be_made_are_said_and_asked_for_again_by_run(make, session):
    tool = make(session)
    tool.runner.answer(tool.runner.compute())
    tool.runner.fail(DataError("movie.npy: the file is cut short."))
    assert tool.view.row.text.text() == "movie.npy: the file is cut short."
    assert not tool.busy
    assert not tool.view.sentence.isVisible()  # the cells are there all the same
    tool.view.row.run.click()
    assert tool.runner.question == PICTURES
    tool.runner.answer(tool.runner.compute())
    assert set(tool.pictures) == {"mean", "max", "sd", "correlation"}


def test_a_cell_of_another_plane_brings_the_field_of_that_plane(make, tmp_path):
    for plane in range(2):
        folder = tmp_path / f"plane{plane}"
        folder.mkdir()
        stat = [{"ypix": np.array([3, 4]), "xpix": np.array([3 + plane, 3])}]
        ops = {"Ly": 20, "Lx": 24, "fs": 20.0, "meanImg": np.full((20, 24), float(plane))}
        for name, content in (("stat", stat), ("ops", ops)):
            np.save(folder / f"{name}.npy", np.array(content, object), allow_pickle=True)
        for name in ("F", "Fneu"):
            np.save(folder / f"{name}.npy", np.random.default_rng(1).random((1, 50)).astype(np.float32))
    session = Session()
    session.set_recording(read(tmp_path))
    session.set_cell(session.recording.cells[0])
    tool = make(session)
    tool.runner.answer(tool.runner.compute())
    assert (list(tool.field.cells), tool.view.drawn[0, 0]) == ([0], 0)
    session.select(1)
    assert tool.field is None
    tool.runner.answer(tool.runner.compute())
    session.set_cell(session.recording.cells[1])
    assert (list(tool.field.cells), tool.view.drawn[0, 0]) == ([1], 1)
    assert tool.view.picture.selected == 1


def test_a_movie_of_one_constant_frame_has_pictures_without_contrast(make, tmp_path):
    np.save(tmp_path / "one.npy", np.full((1, ROWS, COLUMNS), 7, np.uint16))
    write_rois(tmp_path / "rois.zip", [np.array([[8, 8], [16, 8], [16, 16], [8, 16]])])
    recording = extract(tmp_path / "one.npy", tmp_path / "rois.zip")
    session = Session()
    session.set_recording(recording)
    session.set_cell(recording.cells[0])
    tool = make(session)
    tool.runner.answer(tool.runner.compute())
    tool.runner.answer(tool.runner.compute())
    for kind in ("mean", "max", "sd", "correlation", "frame"):
        tool.view.choose(kind)
        read_frames(tool)
        tool.view.picture.grab()
    assert tool.view.chosen == "frame"
    np.testing.assert_array_equal(tool.view.drawn, np.full((ROWS, COLUMNS), 7))
    assert tool.figure()() is not None


def test_the_regions_of_all_cells_are_made_in_a_thread_with_progress_and_cancel(tool, session):
    changes, view, before = tool.editing.changes, tool.view, session.rois.all
    view.form.regions.setValue(3)
    view.form.chosen.emit(view.form.settings)
    assert changes.grower.busy
    assert tool.busy
    assert session.rois.all is before
    changes.grower.reported.emit(changes.grower.question, 0.4)
    assert view.row.text.text() == words.GROWING.format(0.4)
    assert not view.regions.buttons[0].isEnabled()
    view.row.cancel.click()
    assert not changes.grower.busy
    assert session.rois.all is before
    assert view.form.settings == before.settings
    assert view.regions.buttons[0].isEnabled()
    assert view.line.isVisible()


def test_a_later_change_of_regions_or_of_a_roi_supersedes_those_that_are_being_made(tool, session):
    changes, undo = tool.editing.changes, Undo(session)
    before = session.rois.all
    changes.set_regions(replace(before.settings, regions=3))
    changes.set_regions(replace(before.settings, regions=2))
    changes.grower.answer(changes.grower.compute())
    assert session.rois.all.settings.regions == 2
    assert undo.undoText() == "regions 4 → 2"
    changes.set_regions(replace(before.settings, regions=3))
    changes.delete([0], "")
    assert not changes.grower.busy
    assert len(session.rois.all) == len(before) - 1
    changes.set_regions(replace(before.settings, regions=3))
    undo.undo()
    assert not changes.grower.busy
    assert len(session.rois.all) == len(before)
    undo.undo()
    assert session.rois.all is before


def test_while_regions_are_made_pictures_are_told_of_afterwards(tool, session):
    changes, view = tool.editing.changes, tool.view
    tool.work.show_pictures(0.2)
    changes.set_regions(replace(session.rois.all.settings, regions=3))
    changes.grower.reported.emit(changes.grower.question, 0.5)
    tool.work.show_pictures(0.3)
    assert view.row.text.text() == words.GROWING.format(0.5)
    changes.grower.answer(changes.grower.compute())
    assert view.row.text.text() == words.READING.format(0.3)
    view.row.cancel.click()
    assert view.row.text.text() == words.CANCELLED


def test_the_sentence_on_editing_has_a_line_of_its_own_where_the_buttons_leave_no_room(qtbot):
    bar = EditBar()
    qtbot.addWidget(bar)
    bar.say("There is no ROI here: click one, or drag a box over some.", True)
    least = bar.minimumSizeHint().width()
    bar.resize(least + 500, 60)
    bar.show()
    assert bar.sentence.y() < bar.save.geometry().bottom()
    assert bar.sentence.geometry().right() < bar.save.x()
    bar.resize(least, 60)
    qtbot.waitUntil(lambda: bar.sentence.y() > bar.save.geometry().bottom())
    assert bar.sentence.width() >= bar.sentence.sizeHint().width()
    bar.resize(least + 500, 60)
    qtbot.waitUntil(lambda: bar.sentence.y() < bar.save.geometry().bottom())
