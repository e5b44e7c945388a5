"""ROIs are drawn and changed on the Field page with the mouse, and traces, cells, undo and project follow."""

import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyqtgraph
import pytest
from PyQt5.QtCore import QEvent, QPoint, QPointF, QSettings, Qt
from PyQt5.QtGui import QMouseEvent
from PyQt5.QtWidgets import QApplication

from neuropil_gui import extract, read, read_rois, write_rois
from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.errors import Cancelled
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.metrics import pearson
from neuropil_gui.core.movie_simulation import MovieSimulation, simulate_movie
from neuropil_gui.core.simulation import Simulation
from neuropil_gui.features.field import edit_words as words
from neuropil_gui.features.field import words as field_words
from neuropil_gui.features.field.editing import suggested_path
from neuropil_gui.formats.project.database import Database
from neuropil_gui.formats.simulated_movie import write_simulated_movie
from neuropil_gui.imaging import roi_cells, roi_edits
from neuropil_gui.imaging.extraction import extract_traces
from neuropil_gui.imaging.neighbourhood import Neighbourhoods
from neuropil_gui.imaging.roi import EllipseRoi
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.ui import dialogs
from neuropil_gui.window.main_window import MainWindow

DEMO = RESOURCES / "demos" / "contaminated.npz"
FRAMES, SIDE = 200, 64
CENTRES = ((16, 16, 5), (42, 18, 6), (20, 46, 5))


@pytest.fixture(scope="module")
def movie_and_rois(tmp_path_factory):
    """Files of a small movie of three cells in neuropil, and of their ROIs."""
    folder = tmp_path_factory.mktemp("movie")
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:SIDE, :SIDE] + 0.5
    decay = np.exp(-np.arange(FRAMES) / 12.0)

    def trace(rate):
        return np.convolve(rng.random(FRAMES) < rate, decay)[:FRAMES][:, None, None]

    movie = 200 + 60 * trace(0.05) * np.exp(-((x - 30) ** 2 + (y - 30) ** 2) / 800)
    rois = []
    for centre_x, centre_y, radius in CENTRES:
        movie = movie + 300 * trace(0.03) * (np.hypot(x - centre_x, y - centre_y) < radius)
        angle = np.arange(0, 2 * np.pi, np.pi / 6)
        rois.append(np.c_[centre_x + radius * np.cos(angle), centre_y + radius * np.sin(angle)].round(1))
    np.save(folder / "movie.npy", rng.poisson(movie).astype(np.uint16))
    write_rois(folder / "rois.zip", rois)
    return folder / "movie.npy", folder / "rois.zip"


class Hand:
    """Moves the mouse over the picture, as Qt reports it, in the picture's coordinates."""

    def __init__(self, qtbot, window, tool):
        self.qtbot, self.window, self.tool = qtbot, window, tool
        self.picture = tool.view.picture
        self.viewport = self.picture.widget.viewport()
        self.drawing = tool.editing.drawing

    def send(self, kind, place, button=Qt.LeftButton, modifier=Qt.NoModifier):
        pressed = (
            button if kind in (QEvent.MouseButtonPress, QEvent.MouseButtonDblClick, QEvent.MouseMove) else Qt.NoButton
        )
        if kind == QEvent.MouseMove:
            button = Qt.NoButton
        on_screen = self.picture.widget.mapFromScene(self.picture.box.mapViewToScene(QPointF(*place)))
        event = QMouseEvent(
            kind, QPointF(on_screen), QPointF(self.viewport.mapToGlobal(on_screen)), button, pressed, modifier
        )
        QApplication.sendEvent(self.viewport, event)
        QApplication.processEvents()

    def press(self, place, modifier=Qt.NoModifier):
        self.send(QEvent.MouseButtonPress, place, modifier=modifier)

    def move(self, *places, modifier=Qt.NoModifier):
        for place in places:
            self.send(QEvent.MouseMove, place, modifier=modifier)

    def release(self, place, modifier=Qt.NoModifier):
        self.send(QEvent.MouseButtonRelease, place, modifier=modifier)

    def drag(self, *places, modifier=Qt.NoModifier):
        self.press(places[0], modifier)
        self.move(*places[1:], modifier=modifier)
        self.release(places[-1], modifier)
        self.rest()

    def click(self, place, button=Qt.LeftButton, modifier=Qt.NoModifier):
        self.send(QEvent.MouseButtonPress, place, button, modifier)
        self.send(QEvent.MouseButtonRelease, place, button, modifier)
        self.rest()

    def double_click(self, place):
        self.click(place)
        self.send(QEvent.MouseButtonDblClick, place)
        self.send(QEvent.MouseButtonRelease, place)
        self.rest()

    def key(self, key, modifier=Qt.NoModifier):
        self.qtbot.keyClick(self.picture.widget, key, modifier)
        self.rest()

    def rest(self):
        """Wait until all follows."""
        session = self.window.session
        self.qtbot.waitUntil(lambda: not self.tool.busy and session.cell is not None and session.result is not None)

    def mode(self, name):
        button = self.tool.view.edit.buttons[name]
        if not button.isChecked():
            button.click()
        assert self.drawing.mode == name
        self.rest()

    @property
    def said(self):
        return self.tool.view.edit.sentence.text()

    @property
    def names(self):
        session = self.window.session
        assert [header.name for header in session.recording.cells.headers] == [
            roi.name for roi in session.rois.all.rois
        ]
        return [roi.name for roi in session.rois.all.rois]


@pytest.fixture
def open_demo(qtbot, window):
    def open_demo():
        window.open_path(DEMO, ask=False)
        qtbot.waitUntil(lambda: window.session.recording is not None and window.session.recording.source == str(DEMO))

    return open_demo


@pytest.fixture
def hand(qtbot, window, movie_and_rois, monkeypatch):
    monkeypatch.setitem(pyqtgraph.CONFIG_OPTIONS, "mouseRateLimit", -1)  # else moves are dropped that come too soon
    window.session.set_recording(extract(*movie_and_rois, frame_rate=20.0))
    window.pages.open("field")
    tool = window.pages.made["field"]
    qtbot.waitUntil(lambda: tool.field is not None and not tool.busy and window.session.result is not None)
    hand = Hand(qtbot, window, tool)
    yield hand
    hand.drawing.leave()


def assert_exact(session):
    """Check that the traces of all cells are the batch's, bit for bit."""
    cells = session.rois.cells
    for index, expected in enumerate(extract_traces(cells.source.movie, cells.rois.regions)):
        assert np.array_equal(session.recording.cells[index].traces, expected)


def test_a_roi_is_dragged_and_traces_and_separation_follow(hand, window, qtbot):
    session = window.session
    before = session.cell
    hand.mode("reshape")
    hand.press((16, 16))
    hand.move((18, 17), (20, 18), (21, 18))
    qtbot.waitUntil(lambda: session.cell is not before and session.drawn is not None)
    assert session.rois.trying
    assert not session.rois.edited
    assert session.highlight.signal is None, "the pointer is over a region, as that was before"
    hand.rest()
    assert session.rois.trying
    shown, result = session.cell, session.result
    hand.move((21.5, 18))
    hand.move((21, 18))
    hand.release((21, 18))
    hand.rest()
    assert not session.rois.trying
    assert np.array_equal(session.cell.traces, shown.traces)
    assert session.result.settings.asks_like(result.settings)
    assert session.rois.as_read == {2, 3}
    assert window.commands["undo"].text().endswith("move ROI 1")
    assert_exact(session)
    window.commands["undo"].trigger()
    hand.rest()
    assert not session.rois.edited
    assert np.array_equal(session.cell.traces, before.traces)


def test_simulated_cells_keep_their_truth_but_not_while_a_hand_moves_or_it_is_hidden(hand, window, qtbot, tmp_path):
    simulated = simulate_movie(MovieSimulation(Simulation(cells=4, frames=80, frame_rate=12.5), 48, 4.0))
    session = window.session
    movie, rois = write_simulated_movie(tmp_path / "movie.tif", simulated)
    session.set_recording(read(movie, rois=rois))
    qtbot.waitUntil(lambda: session.rois.all is not None)
    hand.rest()
    x, y = np.mean(session.rois.all.rois[0].paths[0], axis=0)
    hand.mode("reshape")
    hand.press((x, y))
    hand.move((x + 0.6, y), (x + 1, y))
    qtbot.waitUntil(lambda: session.rois.trying)
    hand.rest()
    assert session.cell.truth is None
    assert "r_truth" not in session.numbers
    hand.release((x + 1, y))
    hand.rest()
    assert pearson(session.cell.truth.sources[0], simulated.sources[0]) == pytest.approx(1)
    assert "r_truth" in session.numbers
    session.teaching.hide_truth(True)
    hand.drag((x + 1, y), (x + 1, y + 0.6), (x + 1, y + 1))
    assert session.cell.truth is None
    assert all(cell.truth is None for cell in session.recording.cells)
    assert "r_truth" not in session.numbers
    session.teaching.hide_truth(False)
    hand.rest()
    assert all(cell.truth is not None for cell in session.recording.cells)
    assert_exact(session)


@pytest.fixture
def gate(monkeypatch):
    """Let no neighbourhood be at hand, and the movie be read for traces once the gate is open."""
    gate = threading.Event()

    def read(movie, regions, progress, should_stop):
        progress(0.25)
        while not gate.wait(0.01):
            if should_stop():
                raise Cancelled
        return extract_traces(movie, regions)

    monkeypatch.setattr(roi_cells, "QUIET_SECONDS", -1.0)
    monkeypatch.setattr(roi_cells, "extract_traces", read)
    monkeypatch.setattr(Neighbourhoods, "find", lambda self, regions: None)
    yield gate
    gate.set()


def test_traces_of_changed_rois_are_read_with_progress_and_cancel(hand, window, qtbot, gate):
    session, row = window.session, hand.tool.view.row
    settings = session.rois.all.settings
    hand.drawing.changes.set_regions(replace(settings, regions=3))
    qtbot.waitUntil(lambda: session.rois.reading is not None)
    assert row.text.text() == field_words.TRACES.format(0.25)
    assert session.cell is None
    row.cancel.click()
    assert row.text.text() == field_words.TRACES_CANCELLED
    qtbot.waitUntil(lambda: window.controller.idle and not hand.tool.busy)
    assert session.cell is None
    gate.set()
    row.run.click()
    hand.rest()
    assert not row.isVisible()
    assert_exact(session)
    window.commands["undo"].trigger()
    hand.rest()
    assert session.rois.all.settings == settings


def test_a_later_change_takes_the_place_of_traces_that_are_read_or_were_cancelled(hand, window, qtbot, gate):
    session, row = window.session, hand.tool.view.row
    settings = session.rois.all.settings
    for cancelled in (False, True):
        hand.drawing.changes.set_regions(replace(settings, regions=3 + cancelled * 2))
        qtbot.waitUntil(lambda: session.rois.reading is not None)
        if cancelled:
            row.cancel.click()
        window.commands["undo"].trigger()
        assert session.rois.all.settings == settings
        assert not session.rois.stopped
        gate.set()
        hand.rest()
        assert not row.isVisible()
        assert_exact(session)
        gate.clear()


def test_escape_puts_a_dragged_roi_back_and_ends_the_mode(hand, window):
    session = window.session
    before = session.cell
    hand.mode("reshape")
    hand.press((16, 16))
    hand.move((18, 17), (22, 18))
    hand.rest()
    assert session.cell is not before
    hand.key(Qt.Key_Escape)
    assert hand.drawing.mode == ""
    hand.move((30, 30))
    hand.release((30, 30))
    hand.rest()
    assert session.cell is before
    assert not session.rois.edited
    assert not window.commands["undo"].isEnabled()


def test_escape_ends_the_mode_wherever_the_focus_is(hand, window, qtbot):
    hand.mode("polygon")
    hand.click((50, 40))
    window.form.setFocus()
    for focus in (window.cells.view, hand.picture.widget):
        hand.mode("polygon")
        qtbot.keyClick(focus, Qt.Key_Escape)
        assert hand.drawing.mode == ""
        assert hand.tool.page.isVisible()  # the key leaves the page where no mode is on
    assert not any(button.isChecked() for button in hand.tool.view.edit.buttons.values())
    hand.mode("polygon")
    assert hand.drawing._points == []


@pytest.mark.parametrize("modifier", [Qt.AltModifier, Qt.ControlModifier])
def test_corners_are_dragged_added_and_taken_away(hand, window, modifier):
    session = window.session
    hand.mode("reshape")
    hand.drag((21, 16), (23, 16), (26, 16))
    assert session.rois.all.rois[0].paths[0][0] == pytest.approx((26, 16), abs=0.2)
    assert window.commands["undo"].text().endswith("reshape ROI 1")
    hand.click((23, 18.4), modifier=Qt.ShiftModifier)
    assert len(session.rois.all.rois[0].paths[0]) == 13
    hand.click((26, 16), modifier=modifier)
    assert len(session.rois.all.rois[0].paths[0]) == 12
    hand.click((40, 40), modifier=modifier)
    assert hand.said == words.NO_CORNER_HERE
    hand.key(Qt.Key_Right)
    hand.key(Qt.Key_Down)
    assert_exact(session)
    for _ in range(5):
        window.commands["undo"].trigger()
        hand.rest()
    assert not session.rois.edited


def test_rois_are_drawn_by_stroke_corners_and_box(hand, window):
    session = window.session
    angle = np.linspace(0, 2 * np.pi, 24)
    hand.mode("freehand")
    hand.drag(*((45 + 5 * np.cos(each), 45 + 4 * np.sin(each)) for each in angle))
    assert hand.names == ["ROI 1", "ROI 2", "ROI 3", "ROI 4"]
    assert session.index == 3
    assert 50 < len(session.rois.all.regions[3].pixels[0]) < 70
    hand.mode("polygon")
    for corner in ((28, 28), (34, 28), (34, 36)):
        hand.click(corner)
    hand.double_click((28, 36))
    assert session.rois.all.rois[4].paths[0] == pytest.approx(
        np.array([(28, 28), (34, 28), (34, 36), (28, 36)]), abs=0.2
    )
    hand.mode("ellipse")
    hand.drag((52, 30), (56, 34), (60, 35))
    ellipse = session.rois.all.rois[5]
    assert (ellipse.centre, ellipse.radii) == ((56, 32.5), (4, 2.5))
    assert session.cell.name == "ROI 6"
    assert [header.source_index for header in session.recording.cells.headers] == [0, 1, 2, 3, 4, 5]
    assert_exact(session)


def test_a_frame_stays_while_rois_are_drawn_in_it(hand, window):
    strip = hand.tool.view.traces
    strip.slider.setValue(120)
    hand.mode("ellipse")
    hand.drag((52, 30), (56, 34), (60, 35))
    hand.mode("delete")
    hand.click((56, 32))
    assert hand.names == ["ROI 1", "ROI 2", "ROI 3"]
    assert strip.frame == 120
    assert "120" in strip.place.text()


def test_a_stroke_that_makes_no_roi_says_why(hand, window):
    hand.mode("freehand")
    hand.click((55, 55))
    assert hand.said == words.CLICKED["freehand"]
    hand.drag((5, 60), (20, 60), (5, 60))
    assert "three corners" in hand.said
    hand.drag((5, 60), (9, 60), (9, 60.3), (5, 60.3))
    assert "centre of no pixel" in hand.said
    hand.mode("split")
    hand.drag((2, 60), (30, 60))
    assert "does not divide ROI 1" in hand.said
    hand.mode("merge")
    hand.drag((2, 58), (12, 62))
    assert "Two ROIs at least" in hand.said
    hand.mode("delete")
    hand.click((5, 60))
    assert hand.said == words.NO_ROI_HERE
    hand.drag((2, 58), (12, 62))
    assert hand.said == words.NOTHING_IN_BOX
    hand.drag((0, 0), (63, 63))
    assert "One ROI at least" in hand.said
    assert hand.names == ["ROI 1", "ROI 2", "ROI 3"]
    assert not window.commands["undo"].isEnabled()


@pytest.mark.parametrize("modifier", [Qt.AltModifier, Qt.ControlModifier])
def test_a_stroke_adds_to_the_selected_roi_and_takes_away(hand, window, modifier):
    session = window.session
    pixels = len(session.rois.all.regions[0].pixels[0])
    hand.mode("freehand")
    box = ((14, 18), (24, 18), (24, 24), (14, 24))
    hand.drag(*box, modifier=Qt.ShiftModifier)
    more = len(session.rois.all.regions[0].pixels[0])
    assert more > pixels
    hand.drag((10, 8), (22, 8), (22, 16), (10, 16), modifier=modifier)
    assert len(session.rois.all.regions[0].pixels[0]) < more
    assert hand.names == ["ROI 1", "ROI 2", "ROI 3"]


def test_rois_are_split_merged_and_deleted_and_undo_brings_them_back(hand, window):
    session = window.session
    session.marks.judge([1], "accepted")
    hand.mode("split")
    hand.drag((16.3, 6), (16.4, 26))
    assert hand.names == ["ROI 2", "ROI 3", "ROI 4", "ROI 5"]
    assert session.marks.all[0].verdict == "accepted"
    hand.mode("merge")
    hand.drag((12, 14), (20, 18))
    assert hand.names == ["ROI 2", "ROI 3", "ROI 6"]
    hand.mode("delete")
    hand.click((42, 18))
    assert hand.names == ["ROI 3", "ROI 6"]
    assert not session.marks.all
    assert_exact(session)
    hand.mode("reshape")
    session.select(1)
    hand.rest()
    hand.key(Qt.Key_Delete)
    assert hand.names == ["ROI 3"]
    texts = []
    while window.commands["undo"].isEnabled():
        texts.append(window.commands["undo"].text())
        window.commands["undo"].trigger()
        hand.rest()
    assert [text.removeprefix("&Undo ") for text in texts] == [
        "delete ROI 6", "delete ROI 2", "merge ROI 4, ROI 5", "split ROI 1", "mark of cell 2",
    ]  # fmt: skip
    assert hand.names == ["ROI 1", "ROI 2", "ROI 3"]
    assert not session.rois.edited


def test_what_was_done_is_said_until_it_is_undone(hand, window):
    hand.drawing.changes.delete([0], "")
    assert hand.said == words.done("delete ROI 1")
    for command in ("undo", "redo"):
        window.commands[command].trigger()
        hand.rest()
        assert hand.said == ""


def test_regions_follow_the_form_and_at_rest_those_of_all_cells(hand, window, qtbot):
    session, form = window.session, hand.tool.view.form
    place = form.regions.mapTo(window, QPoint())
    form.regions.setValue(2)
    qtbot.waitUntil(lambda: len(session.cell.traces) == 3)
    qtbot.waitUntil(lambda: session.rois.all.settings.regions == 2)
    hand.rest()
    assert len(session.cell.traces) == 3
    assert [header.signals for header in session.recording.cells.headers] == [3, 3, 3]
    assert window.commands["undo"].text().endswith("regions 4 → 2")
    assert hand.tool.view.regions.table.rowCount() == 3
    assert form.regions.mapTo(window, QPoint()) == place, "a second click on its arrow would miss it"
    form.slider.setValue(40)
    assert form.expansion.value() == 2
    qtbot.waitUntil(lambda: session.rois.all.settings.expansion == 2)
    hand.rest()
    form.exclude.click()
    qtbot.waitUntil(lambda: session.rois.all.settings.exclude_others)
    hand.rest()
    assert_exact(session)
    for _ in range(3):
        window.commands["undo"].trigger()
        hand.rest()
    assert form.regions.value() == 4
    assert not form.exclude.isChecked()
    assert not session.rois.edited


def test_the_rois_are_saved_for_imagej(hand, window, qtbot, tmp_path, monkeypatch):
    hand.mode("ellipse")
    hand.drag((50, 40), (58, 48))
    suggested = []

    def ask_save(_parent, _title, path, _filters):
        suggested.append(Path(path))
        return tmp_path / "saved.zip"

    monkeypatch.setattr(dialogs, "ask_save", ask_save)
    hand.tool.view.edit.save.click()
    qtbot.waitUntil(lambda: "saved.zip" in hand.said)
    recording = window.session.recording
    beside = Path(recording.source).parent
    assert suggested == [beside / "movie_rois.zip"], "the ROIs that were read are in rois.zip"
    recording = replace(recording, files=(str(beside / "movie_rois.zip"),))
    assert suggested_path(recording) == str(beside / "movie_rois_edited.zip")
    assert hand.said == "Wrote 4 ROIs to saved.zip."
    found = read_rois(tmp_path / "saved.zip").rois
    assert [roi.name for roi in found] == hand.names
    shape = (SIDE, SIDE)
    for saved, roi in zip(found, window.session.rois.all.rois, strict=True):
        assert np.array_equal(saved.pixels(shape), roi.pixels(shape))


def test_rois_of_traces_alone_are_not_drawn(hand, window, qtbot, open_demo):
    open_demo()
    hand.tool.follow()
    assert hand.drawing.mode == ""
    assert window.session.rois.all is None
    assert not hand.tool.view.edit.buttons["freehand"].isEnabled()
    hand.drawing.set_mode("freehand")
    assert hand.drawing.mode == ""


@pytest.fixture
def start(qtbot, add_window, tmp_path, movie_and_rois):
    """Start the program again and again with the same folders; return its window with the movie open."""

    def start():
        preferences = Preferences(QSettings(str(tmp_path / "preferences.ini"), QSettings.Format.IniFormat))
        window = MainWindow(preferences, projects=tmp_path / "projects")
        add_window(window)
        with qtbot.waitExposed(window):
            window.show()
        with qtbot.waitSignal(window.session.recording_changed):
            window.open_path(movie_and_rois[0], ask=False, rois=str(movie_and_rois[1]), frame_rate=20.0)
        qtbot.waitUntil(lambda: window.session.answered and not window.controller.separating)
        return window

    return start


def test_edited_rois_and_what_was_done_with_their_cells_are_there_again(start, qtbot):
    window = start()
    session = window.session
    window.pages.open("field")
    qtbot.waitUntil(lambda: session.rois.all is not None)
    rois = session.rois.all
    session.marks.judge([2], "accepted")
    for made, text in (
        (lambda: rois.removed([1]), "delete"),
        (lambda: session.rois.all.added(EllipseRoi("ROI 4", (44.0, 44.0), (5.0, 4.0))), "draw"),
        (lambda: session.rois.all.changed(0, roi_edits.moved(rois.rois[0], 2, 1)), "move"),
    ):
        session.rois.change(made(), text)
    window.controller.separate_all()
    qtbot.waitUntil(lambda: len(session.outcomes()) == 3 and session.answered and not window.controller.separating)
    expected = session.rois.all
    assert session.rois.as_read == {3}
    numbers = {index: outcome.numbers["score"] for index, outcome in session.outcomes()}
    window.close()

    window = start()
    session = window.session
    found = session.rois.all
    assert (found.numbers, found.last) == ((1, 3, 4), 4)
    assert expected.same_signals(found) == {0: 0, 1: 1, 2: 2}
    assert session.rois.as_read == {3}
    assert [header.name for header in session.recording.cells.headers] == ["ROI 1", "ROI 3", "ROI 4"]
    assert session.marks.all == {1: Mark("accepted")}
    assert {index: outcome.numbers["score"] for index, outcome in session.outcomes()} == numbers
    assert all(session.results.newest(index) is not None for index in range(3))
    assert_exact(session)
    window.pages.open("field")
    tool = window.pages.made["field"]
    qtbot.waitUntil(lambda: tool.field is not None and not tool.busy)
    assert len(tool.field.cells) == 3
    assert tool.view.edit.buttons["freehand"].isEnabled()
    window.close()


def test_rois_that_are_as_they_were_read_are_not_kept(start, qtbot):
    window = start()
    session = window.session
    window.pages.open("field")
    qtbot.waitUntil(lambda: session.rois.all is not None)
    session.rois.change(session.rois.all.removed([1]), "delete ROI 2")
    window.commands["undo"].trigger()
    qtbot.waitUntil(lambda: session.answered and not window.controller.separating)
    path = window.keeper.path
    window.close()
    with Database(path) as database:
        assert database.keys("rois") == []
    window = start()
    assert not window.session.rois.edited
    assert len(window.session.recording.cells) == 3
    window.close()


def test_a_script_of_edited_rois_is_refused_with_a_remedy(hand, window, qtbot):
    hand.mode("delete")
    hand.click((42, 18))
    window.commands["copy_script"].trigger()
    qtbot.waitUntil(window.messages.isVisible)
    assert "The ROIs were edited" in window.messages.text.text()
