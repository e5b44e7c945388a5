"""The sweep as a user has it: opened by its key, read, clicked, cancelled, closed, and never in the way."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from PyQt5.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt5.QtGui import QMouseEvent
from PyQt5.QtWidgets import QAction, QApplication, QCheckBox, QComboBox, QLabel, QPushButton, QTabWidget

from neuropil_gui import SeparationSettings, read, separate_cell
from neuropil_gui.core.analysis.sweep import TILE_NUMBERS
from neuropil_gui.engine import live
from neuropil_gui.features.sweep import jobs, pages
from neuropil_gui.features.sweep.film_strip import StripPlot
from neuropil_gui.features.sweep.tile_grid import TileGrid

pytestmark = [pytest.mark.usefixtures("unchecked"), pytest.mark.any_version]


class Tool:
    """The page of the sweep, opened by its key, and ways to point and to wait."""

    def __init__(self, qtbot, window):
        self._qtbot, self._main = qtbot, window
        qtbot.keyClick(window, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
        self.tool = window.pages.made["sweep"]
        self.page = self.tool.page
        qtbot.waitUntil(self.page.isVisible)
        self.strip, self.grid = self.find(StripPlot), self.find(TileGrid)

    def find(self, kind, *name):
        return self.page.findChild(kind, *name)

    def words(self, name="sweep_words"):
        return self.find(QLabel, name).text()

    def choose(self, name, data):
        box = self.find(QComboBox, name)
        box.setCurrentIndex(box.findData(data))

    def show_map(self):
        self.find(QTabWidget, "sweep_tabs").setCurrentIndex(1)

    def show_strip(self):
        self.find(QTabWidget, "sweep_tabs").setCurrentIndex(0)

    def is_done(self):
        return self.tool.question is not None and not self.tool.busy

    def wait(self):
        self._qtbot.waitUntil(self.is_done, timeout=60_000)

    def row(self, row):
        """Where a row of the strip is in its widget."""
        box = self.strip.strip.getViewBox()
        (left, right), _ = box.viewRange()
        return self.strip.widget.mapFromScene(box.mapViewToScene(QPointF((left + right) / 2, row)))

    def click_row(self, row):
        self._qtbot.mouseClick(self.strip.widget.viewport(), Qt.MouseButton.LeftButton, pos=self.row(row))

    def tile(self, place):
        return self.grid.rect_of(place).center().toPoint()


@pytest.fixture
def open_tool(qtbot, window, demo, open_and_wait):
    def open_tool(path=demo):
        open_and_wait(path)
        return Tool(qtbot, window)

    return open_tool


@pytest.fixture
def mouse():
    """Send a move as Qt does."""

    def send(widget, place):
        event = QMouseEvent(
            QEvent.Type.MouseMove, QPointF(place), QPointF(widget.mapToGlobal(place)), Qt.MouseButton.NoButton,
            Qt.MouseButtons(), Qt.KeyboardModifiers(),
        )  # fmt: skip
        QApplication.sendEvent(widget, event)

    return send


@pytest.fixture
def small(tmp_path, demo):
    """The first cells of the demo, in few frames."""
    path = tmp_path / "small.npy"
    np.save(path, np.array([cell.traces[:, :250] for cell in read(demo).cells[:2]]))
    return path


@pytest.fixture
def few_alphas(monkeypatch):
    """Ten rows of the film strip, for tests of what becomes of them and not of which they are."""
    monkeypatch.setattr(pages, "STRIP_ALPHAS", 10)


def is_enabled(box, data):
    return box.model().item(box.findData(data)).isEnabled()


def alphas(tool):
    return tool.strip.plan.x.values


def test_the_film_strip_is_of_the_cell_and_its_settings(qtbot, open_tool, window, small, mouse):
    tool = open_tool(small)
    tool.wait()
    assert tool.strip.isVisible()
    assert len(tool.strip.tiles) == len(alphas(tool)) == 26
    row = alphas(tool).index(0.1)
    expected = separate_cell(window.session.cell, SeparationSettings(solver="accelerated"))
    np.testing.assert_allclose(tool.strip.tiles[row].trace[1], expected.matched[0], rtol=1e-6)
    assert tool.strip.values("alive")[row] == (expected.separated.any(axis=1)).sum()
    assert tool.strip.present == (row, True)
    assert not tool.find(QPushButton, "sweep_button").isVisible()
    # Pointing at a row shows its numbers.
    mouse(tool.strip.widget.viewport(), tool.row(25))
    qtbot.waitUntil(lambda: tool.words().startswith("alpha 10 · "))
    assert "of 5 components alive" in tool.words()
    assert "collapsed: nothing separated" in tool.words()
    assert tool.strip.collapse_label.toPlainText().startswith("collapsed from alpha ")


@pytest.mark.usefixtures("few_alphas")
def test_an_alpha_is_taken_by_click_and_by_keyboard_and_the_mark_follows(qtbot, open_tool, window, small):
    tool = open_tool(small)
    tool.wait()
    before, plan = window.session.settings, tool.strip.plan
    row = alphas(tool).index(0.1)
    tool.click_row(row + 2)
    assert window.session.settings == replace(before, alpha=alphas(tool)[row + 2])
    qtbot.waitUntil(lambda: window.session.answered, timeout=20_000)
    assert window.session.result.settings.alpha == alphas(tool)[row + 2]
    assert tool.strip.present == (row + 2, True)
    # Nothing is separated anew for that: the strip is the same.
    assert tool.strip.plan is plan
    assert tool.is_done()
    # By keyboard.
    tool.strip.widget.setFocus()
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        qtbot.keyClick(tool.strip.widget, key)
    assert window.session.settings.alpha == alphas(tool)[row - 1]
    # The slider of the main window moves the mark.
    window.session.set_settings(replace(window.session.settings, alpha=0.12))
    place, exact = tool.strip.present
    assert not exact
    assert alphas(tool)[int(place)] < 0.12 < alphas(tool)[int(place) + 1]
    window.session.set_settings(replace(window.session.settings, alpha=50.0))
    assert tool.strip.present is None


def test_rows_of_n_other_numbers_and_a_common_range(open_tool, window, small):
    tool = open_tool(small)
    tool.choose("strip_axis", "n")
    tool.wait()
    assert tool.strip.plan.x.values == (1, 2, 3, 4, 5)
    assert tool.strip.present == (4, True)
    assert not tool.find(QComboBox, "strip_greatest").isVisible()
    for key in TILE_NUMBERS:
        tool.choose("strip_number", key)
        if not key.endswith("truth"):
            assert tool.strip.number == key
    tool.find(QCheckBox, "strip_own_range").click()
    assert tool.strip.ends[1] > 2
    tool.click_row(1)
    assert window.session.settings.n == 2


def test_the_map_of_alpha_and_n(qtbot, open_tool, window, small):
    tool = open_tool(small)
    tool.show_map()
    tool.wait()
    assert (tool.grid.plan.columns, tool.grid.plan.rows) == (10, 5)
    assert len(tool.grid.tiles) == 50
    assert tool.grid.present == ((tool.grid.plan.x.values.index(0.1), 4), True)
    qtbot.mouseClick(tool.grid, Qt.MouseButton.LeftButton, pos=tool.tile((3, 1)))
    assert (window.session.settings.alpha, window.session.settings.n) == (0.01, 2)
    assert tool.grid.present == ((3, 1), True)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Return):
        qtbot.keyClick(tool.grid, key)
    assert (window.session.settings.alpha, window.session.settings.n) == (0.0316, 3)
    assert tool.words().startswith("alpha 0.0316, n 3 · ")
    qtbot.waitUntil(lambda: window.session.answered, timeout=20_000)
    # What an axis of the other becomes.
    tool.choose("map_x", "n")
    assert tool.find(QComboBox, "map_y").currentData() == "alpha"


def test_methods_by_n_and_seeds_which_are_taken_with_the_random_start(qtbot, open_tool, window, small):
    tool = open_tool(small)
    tool.show_map()
    # Methods by n first: a row of them is all of ICA.
    tool.choose("map_x", "n")
    tool.choose("map_y", "method")
    tool.wait()
    assert (tool.grid.plan.x.name, tool.grid.plan.y.values) == ("n", ("nmf", "ica"))
    assert {tile.settings.method for tile in tool.grid.tiles.values()} == {"nmf", "ica"}
    tool.choose("map_x", "alpha")
    tool.choose("map_y", "seed")
    tool.wait()
    assert {tile.settings.start for tile in tool.grid.tiles.values()} == {"random"}
    assert [tool.grid.tiles[5, row].settings.seed for row in range(5)] == [892, 1, 2, 3, 4]
    # What the window shows has another start: only near.
    assert tool.grid.present == ((5, 0), False)
    qtbot.mouseClick(tool.grid, Qt.MouseButton.LeftButton, pos=tool.tile((5, 2)))
    settings = window.session.settings
    assert (settings.alpha, settings.seed, settings.start) == (0.1, 2, "random")
    assert tool.grid.present == ((5, 2), True)


@pytest.mark.usefixtures("few_alphas")
def test_ica_has_no_alpha_to_sweep(open_tool, window, small):
    tool = open_tool(small)
    tool.wait()
    window.session.set_settings(SeparationSettings(method="ica"))
    assert "alpha is not used. Choose another setting" in tool.words("sweep_note")
    assert tool.find(QLabel, "sweep_note").isVisible()
    assert not tool.tool.runner.busy
    assert tool.strip.tiles == {}
    tool.choose("strip_axis", "n")
    tool.wait()
    assert len(tool.strip.tiles) == 5
    assert not tool.find(QLabel, "sweep_note").isVisible()


@pytest.mark.usefixtures("few_alphas")
def test_tiles_that_are_refused_say_why(qtbot, open_tool, window, small, tmp_path):
    tool = open_tool(small)
    tool.wait()
    traces = np.random.default_rng(0).normal(size=(3, 200))
    np.save(tmp_path / "negative.npy", traces)
    # Noise has no independent components: ICA would search in vain until it gives up.
    window.session.set_settings(replace(window.session.settings, max_iter=200, max_tries=1))
    window.open_path(tmp_path / "negative.npy")
    qtbot.waitUntil(lambda: window.session.cell is not None and len(window.session.cell.traces) == 3)
    tool.show_map()
    tool.choose("map_x", "method")
    tool.wait()
    assert "not negative" in tool.grid.tip_at(tool.tile((0, 0)))
    assert tool.grid.tiles[1, 1].error == ""


def test_it_stands_back_for_the_users_own_is_cancelled_and_goes_on(qtbot, open_tool, window, long_recording):
    tool = open_tool(long_recording)
    qtbot.waitUntil(lambda: tool.tool.runner.busy, timeout=20_000)
    window.controller.run()
    assert window.controller.separating
    assert not tool.tool.runner.busy
    window.controller.cancel()
    assert tool.tool.runner.busy
    qtbot.waitUntil(lambda: len(tool.strip.tiles) > 0, timeout=20_000)
    assert tool.find(QPushButton, "sweep_button").text() == "Cancel"
    qtbot.mouseClick(tool.find(QPushButton, "sweep_button"), Qt.MouseButton.LeftButton)
    assert not tool.tool.runner.busy
    count = len(tool.strip.tiles)
    assert tool.find(QPushButton, "sweep_button").text() == "Go on"
    assert tool.words("sweep_count").endswith("of 26")
    qtbot.mouseClick(tool.find(QPushButton, "sweep_button"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: tool.tool.runner.busy, timeout=20_000)
    qtbot.waitUntil(lambda: len(tool.strip.tiles) > count or count == 26, timeout=20_000)


@pytest.mark.usefixtures("few_alphas")
def test_drafts_come_first_where_tiles_take_long(qtbot, open_tool, small, monkeypatch):
    monkeypatch.setattr("neuropil_gui.features.sweep.tool.needs_draft", lambda *_: True)
    seen, sweep = [], jobs.sweep
    monkeypatch.setattr(jobs, "sweep", lambda *given: seen.append(given) or sweep(*given))
    tool = open_tool(small)
    tool.wait()
    _, plan, left, drafts = seen[0]
    assert left == drafts == plan.tiles()
    assert not any(tile.draft for tile in tool.strip.tiles.values())


def test_a_very_long_cell_has_drafts_only(open_tool, small, monkeypatch):
    monkeypatch.setattr(live, "DRAFT_ONLY_VALUES", 100)
    tool = open_tool(small)
    tool.wait()
    assert all(tile.draft for tile in tool.strip.tiles.values())
    assert len(tool.strip.tiles) == 26


@pytest.mark.usefixtures("few_alphas")
def test_going_back_is_instant(qtbot, open_tool, window, small, monkeypatch):
    tool = open_tool(small)
    tool.wait()
    first = dict(tool.strip.tiles)
    window.session.set_settings(replace(window.session.settings, tol=1e-3))
    assert tool.strip.tiles == {}
    tool.wait()
    assert {tile.settings.tol for tile in tool.strip.tiles.values()} == {1e-3}
    asked, sweep = [], jobs.sweep
    monkeypatch.setattr(jobs, "sweep", lambda *given: asked.append(given) or sweep(*given))
    window.session.set_settings(replace(window.session.settings, tol=1e-4))
    assert tool.strip.tiles == first
    assert not asked
    tool.show_map()
    tool.show_strip()
    assert tool.strip.tiles == first
    assert len(asked) == 1


@pytest.mark.usefixtures("few_alphas")
def test_another_cell_and_another_recording_whose_truth_can_be_chosen(qtbot, open_tool, window, small, demo):
    tool = open_tool(small)
    truth = partial(is_enabled, tool.find(QComboBox, "map_number"), "r_truth")
    tool.show_map()
    assert not truth()
    tool.show_strip()
    tool.wait()
    first = dict(tool.strip.tiles)
    window.session.select(1)
    assert tool.find(QLabel, "sweep_nothing").isVisible()
    qtbot.waitUntil(lambda: window.session.cell is not None)
    tool.wait()
    assert tool.strip.tiles[4].trace.tobytes() != first[4].trace.tobytes()
    window.session.select(0)
    qtbot.waitUntil(lambda: tool.strip.tiles == first)
    window.open_path(demo)
    qtbot.waitUntil(lambda: len(window.session.recording.cells) == 4 and window.session.cell is not None)
    assert len(window.session.sweeps) <= 1
    assert not set(map(id, tool.strip.tiles.values())) & set(map(id, first.values()))
    tool.show_map()
    assert truth()


@pytest.mark.usefixtures("few_alphas")
def test_nothing_is_made_for_a_window_that_nobody_sees(qtbot, open_tool, window, small):
    tool = open_tool(small)
    qtbot.keyClick(tool.page, Qt.Key.Key_Escape)
    assert not tool.page.isVisible()
    assert not tool.tool.runner.busy
    window.session.set_settings(replace(window.session.settings, tol=1e-3))
    qtbot.waitUntil(lambda: window.session.answered and not window.controller.separating, timeout=20_000)
    assert not tool.tool.runner.busy
    window.findChild(QAction, "sweep").trigger()
    tool.wait()
    assert {tile.settings.tol for tile in tool.strip.tiles.values()} == {1e-3}


def test_it_says_what_to_do_where_nothing_is_open(qtbot, window):
    assert not window.findChild(QAction, "sweep").isEnabled()
    window.pages.open("sweep")
    tool = window.pages.made["sweep"]
    assert "Open a recording" in tool.page.findChild(QLabel, "sweep_nothing").text()


@pytest.mark.usefixtures("few_alphas")
def test_both_themes(open_tool, window, small):
    tool = open_tool(small)
    tool.wait()
    light = tool.page.grab().toImage().pixelColor(QPoint(4, 4))
    window.set_theme("dark")
    assert tool.page.grab().toImage().pixelColor(QPoint(4, 4)).lightness() < light.lightness() / 2
    window.set_theme("light")
