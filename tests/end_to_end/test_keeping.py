"""What is done with a recording is kept, and is there again when it is opened again."""

import os
import shutil
import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from PyQt5.QtCore import QObject, QSettings, Qt, pyqtSignal
from PyQt5.QtWidgets import QAction, QMessageBox, QPushButton

from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
from neuropil_gui.core.analysis.recovery import Estimate
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.spike_times import SpikeTimes
from neuropil_gui.engine import keeper, kept_results, live
from neuropil_gui.engine.runner import Runner
from neuropil_gui.formats.project.database import VERSION, Database
from neuropil_gui.formats.project.packing import pack
from neuropil_gui.panels.cells.cell_model import CellColumn
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.state.stored_results import result_key
from neuropil_gui.ui.message_bar import MessageBar
from neuropil_gui.window.main_window import MainWindow

pytestmark = pytest.mark.any_version


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("keeping")


@pytest.fixture
def tmp_path(folder):
    """The same folder for each test, empty, because a project knows the path of its recording."""
    path = folder / "work"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir()
    return path


@pytest.fixture
def cells(tmp_path):
    """Three cells of five signals."""
    path = tmp_path / "cells.npy"
    np.save(path, np.random.default_rng(1).gamma(2.0, 1.0, (3, 5, 300)) + 1)
    return path


@pytest.fixture
def start(qtbot, add_window, tmp_path, monkeypatch):
    """Start the program again and again with the same folders; return its window with a recording open."""
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.0)
    windows = []

    def start(path, ask=False):
        preferences = Preferences(QSettings(str(tmp_path / "preferences.ini"), QSettings.Format.IniFormat))
        window = MainWindow(preferences, projects=tmp_path / "projects")
        add_window(window)
        windows.append(window)
        with qtbot.waitExposed(window):
            window.show()
        with qtbot.waitSignal(window.session.recording_changed, timeout=10_000):
            window.open_path(path, ask=ask)
        qtbot.waitUntil(lambda: window.session.up_to_date, timeout=20_000)
        return window

    yield start
    for window in windows:
        window.close()


@pytest.fixture
def without_live(tmp_path):
    """Let windows that start from now on separate nothing by themselves: what they show was brought back."""

    def without_live():
        settings = QSettings(str(tmp_path / "preferences.ini"), QSettings.Format.IniFormat)
        Preferences(settings).live = False
        settings.sync()

    return without_live


@dataclass(frozen=True)
class Work:
    """What was done before a test: the first cell was separated with alpha 0.3, and accepted."""

    project: Path
    result: Separation


works: dict[Path, Work] = {}
"""What was done, by the folder that keeps it."""


@pytest.fixture
def before(qtbot, start, cells, folder, tmp_path):
    """The work with `cells` in a window that was closed; done once for all tests, each of which has a copy."""
    done = folder / "done"
    if done not in works:
        window = start(cells)
        window.session.set_settings(replace(window.session.settings, alpha=0.3))
        settled(qtbot, window)
        window.session.marks.judge([0], "accepted")
        works[done] = Work(window.keeper.path, window.session.result)
        window.close()
        shutil.copytree(tmp_path, done)
    shutil.rmtree(tmp_path)
    shutil.copytree(done, tmp_path)
    return works[done]


def message(qtbot, window):
    qtbot.waitUntil(window.messages.isVisible)
    return window.messages.text.text()


def settled(qtbot, window):
    qtbot.waitUntil(lambda: window.session.answered and not window.controller.separating, timeout=20_000)


def test_an_hour_of_work_survives_the_end_of_the_program(qtbot, start, cells):
    window = start(cells)
    session = window.session
    session.set_settings(replace(session.settings, alpha=0.02))
    settled(qtbot, window)
    session.pins.pin()
    window.controller.separate_all()
    qtbot.waitUntil(lambda: len(session.outcomes()) == 3 and not window.controller.working, timeout=30_000)
    session.select(2)
    qtbot.waitUntil(lambda: session.cell is not None)
    settled(qtbot, window)
    session.marks.judge([0, 2], "accepted")
    session.marks.write_note([1], "dendrite?")
    session.spikes.put(1, SpikeTimes(np.array([3.0, 17.5]), "frames", "units.csv, b"))
    session.spikes.put(2, SpikeTimes(np.array([8.0]), "frames"))
    test = CellSpikeIn(SpikeInTest(), None, Estimate(0.82, 0.7, 0.94), Estimate(0.03, -0.1, 0.16), 0.9, 0.1, 0.99)
    session.tests.store({0: test, 1: test}, session.own.all)
    kept = session.result, dict(session.numbers), session.runs.all(), session.settings
    window.close()

    window = start(cells)
    session = window.session
    assert "Continued where you left it" in message(qtbot, window)
    assert (session.index, session.settings) == (2, kept[3])
    np.testing.assert_array_equal(session.result.separated, kept[0].separated)
    np.testing.assert_array_equal(session.result.matched, kept[0].matched)
    assert session.result.settings == kept[0].settings
    assert dict(session.numbers) == pytest.approx(kept[1], nan_ok=True)
    assert [each.number for each in session.runs.all()] == [each.number for each in kept[2]]
    assert session.marks.all == {0: Mark("accepted"), 1: Mark("", "dendrite?"), 2: Mark("accepted")}
    assert list(session.spikes.all) == [1, 2]
    spikes = session.spikes.get(1)
    assert (spikes.times.tolist(), spikes.unit, spikes.source) == ([3.0, 17.5], "frames", "units.csv, b")
    assert [pin.index for pin in session.pins.all if pin] == [0]
    assert {index for index, _ in session.outcomes()} == {0, 1, 2}
    assert set(window.cells.model.summaries) == {0, 1, 2}
    assert {index: each.spike_in for index, each in session.outcomes()} == {0: test, 1: test, 2: None}
    assert window.cells.model.values("gain", range(3)) == [0.82, 0.82, None]


def test_what_was_done_is_kept_when_another_recording_is_opened_in_its_place(qtbot, start, cells, tmp_path):
    other = tmp_path / "other.npy"
    np.save(other, np.load(cells)[:2] + 1)
    window = start(cells)
    window.session.pins.pin()
    window.session.marks.judge([1], "accepted")
    for index in (1, 2):
        window.session.spikes.put(index, SpikeTimes(np.array([8.0]), "frames"))
    assert window.keeper.flush()
    window.session.spikes.put(1, None)
    for path, marks, spikes, pinned in ((other, {}, [], False), (cells, {1: Mark("accepted")}, [2], True)):
        with qtbot.waitSignal(window.session.recording_changed, timeout=10_000):
            window.open_path(path, ask=False)
        assert window.session.marks.all == marks
        assert list(window.session.spikes.all) == spikes
        assert any(window.session.pins.all) == pinned


def test_what_was_in_view_is_in_view_again(qtbot, start, cells):
    window = start(cells)
    session = window.session
    session.set_frame_rate(20.0)
    session.set_baseline(BaselineSettings())
    window.cells.view.sortByColumn(CellColumn.NAME, Qt.SortOrder.DescendingOrder)
    window.cells.filter.setText("signals > 2")
    window.traces.raw.box.setXRange(2.0, 5.0, padding=0)
    for name in ("sweep", "trust"):
        window.commands[name].trigger()
        window.commands["detach"].trigger()
    window.pages.made["sweep"].page.close()
    window.commands["history"].trigger()
    window.close()

    window = start(cells)
    qtbot.waitUntil(lambda: window.pages.current == "history")
    assert window.pages.detached == ["trust"]
    assert window.pages.made["trust"].page.isVisible()
    qtbot.waitUntil(lambda: window.session.cell is not None)
    assert window.session.recording.frame_rate == 20
    assert window.session.delta_f.baseline == BaselineSettings()
    titles = window.cells.view.horizontalHeader()
    assert (titles.sortIndicatorSection(), titles.sortIndicatorOrder()) == (CellColumn.NAME, Qt.DescendingOrder)
    assert window.cells.proxy.filtered
    qtbot.waitUntil(lambda: window.traces.raw.box.viewRange()[0] == pytest.approx([2.0, 5.0]), timeout=20_000)
    assert not window.commands["undo"].isEnabled(), "what was brought back is no step"


def test_start_afresh_forgets_what_is_shown_but_keeps_the_file(qtbot, start, cells, before, tmp_path):
    window = start(cells)
    assert window.session.settings.alpha == 0.3
    qtbot.waitUntil(window.messages.isVisible)
    window.findChild(QPushButton, "message_action").click()
    assert window.session.marks.all == {}
    assert window.session.runs.all() == []
    assert window.session.settings.alpha == 0.1
    window.close()
    projects = sorted((tmp_path / "projects").glob("*.npgui"))
    assert len(projects) == 2
    assert sum("-until-" in path.name for path in projects) == 1


def test_settings_of_the_recording_before_are_named_where_a_project_begins_with_them(qtbot, start, cells, tmp_path):
    window = start(cells)
    window.session.set_settings(replace(window.session.settings, alpha=0.5))
    settled(qtbot, window)
    other = tmp_path / "other.npy"
    np.save(other, np.load(cells) + 1)
    said = "settings of the recording before, which are not the defaults (alpha 0.5)"
    for path, sentence in ((other, said), (cells, "Continued where")):
        with qtbot.waitSignal(window.session.recording_changed, timeout=10_000):
            window.open_path(path, ask=False)
        qtbot.waitUntil(lambda words=sentence: words in window.messages.text.text())
        if path == other:
            window.findChild(QPushButton, "message_action").click()
            assert window.session.settings.alpha == 0.1
            assert window.commands["undo"].isEnabled()
    assert window.session.settings.alpha == 0.5, "that of its own project"


def test_results_of_another_state_of_the_file_are_not_shown(qtbot, start, cells, before):
    first = before.result
    np.save(cells, np.random.default_rng(2).gamma(2.0, 1.0, (3, 5, 300)) + 1)
    window = start(cells)
    qtbot.waitUntil(lambda: "of an earlier state of the recording" in window.messages.text.text())
    settled(qtbot, window)
    assert not np.array_equal(window.session.result.separated, first.separated)
    assert window.session.marks[0].verdict == "accepted"
    assert not window.session.outcome(0).earlier
    assert window.keeper.flush()
    with closing(Database(window.keeper.path)) as database:
        # The window may have separated the neighbour ahead, too.
        assert result_key(0, first.settings) in {key.rpartition("/")[0] for key in database.keys("earlier")}


def test_where_some_cells_changed_only_their_results_are_of_an_earlier_state(qtbot, start, cells, without_live):
    window = start(cells)
    window.controller.separate_all()
    qtbot.waitUntil(lambda: len(window.session.outcomes()) == 3 and not window.controller.working, timeout=30_000)
    window.session.set_live(False)
    kept = window.session.results.get(0, window.session.outcome(0).settings).separation
    window.close()
    traces = np.load(cells)
    traces[2] += 1
    np.save(cells, traces)
    without_live()
    window = start(cells)

    def is_said():
        assert "of 3 results 1 is of an earlier state" in window.messages.text.text()

    qtbot.waitUntil(is_said)
    assert [window.session.outcome(index).earlier for index in range(3)] == [False, False, True]
    np.testing.assert_array_equal(window.session.result.separated, kept.separated)
    assert "earlier state" in window.cells.model.data(window.cells.model.index(2, 0), Qt.ItemDataRole.ToolTipRole)
    window.close()
    window = start(cells)
    assert [window.session.outcome(index).earlier for index in range(3)] == [False, False, True], "also afterwards"


class Sender(QObject):
    sent = pyqtSignal()


def test_a_comparison_that_ends_at_once_is_not_hidden_by_what_is_said_of_the_project(
    qtbot, start, cells, before, monkeypatch
):
    senders, submit = [], Runner.submit

    def answer_at_once(runner, work, question=None):
        if not work.__qualname__.startswith("compare."):
            return submit(runner, work, question)
        sender, answer = Sender(), work(lambda _: None, lambda: False)
        sender.sent.connect(lambda: runner.finished.emit(question, answer), Qt.ConnectionType.QueuedConnection)
        sender.sent.emit()
        senders.append(sender)

    np.save(cells, np.load(cells) + 1)
    monkeypatch.setattr(Runner, "submit", answer_at_once)
    window = start(cells)
    settled(qtbot, window)
    assert senders
    assert "of an earlier state" in window.messages.text.text()


def test_results_that_cannot_be_compared_are_named(qtbot, start, cells, before, monkeypatch):
    shown = threading.Event()

    def compare(*_):
        def work(report, should_stop):
            shown.wait(60)
            raise DataError("the project is locked.")

        return work

    os.utime(cells, ns=(1, 1))
    monkeypatch.setattr(keeper, "compare", compare)
    window = start(cells)
    shown.set()
    qtbot.waitUntil(lambda: "cells.npy could not be compared with its signals" in window.messages.text.text())
    assert "the project is locked." in window.messages.text.text()


def test_a_recording_that_was_only_copied_keeps_its_results(qtbot, start, cells, before, without_live):
    os.utime(cells, ns=(1, 1))
    without_live()
    window = start(cells)
    qtbot.waitUntil(lambda: not window.session.outcome(0).earlier)
    qtbot.waitUntil(lambda: window.session.result.seconds == before.result.seconds)


def test_on_a_full_disk_the_window_says_so_and_lives_on_until_there_is_room(qtbot, start, cells, monkeypatch):
    full, change = [], Database.change

    def change_on_full_disk(database, put=(), drop=()):
        if full:
            database._connection.execute(f"PRAGMA max_page_count = {full[0]}")
        change(database, put, drop)

    monkeypatch.setattr(Database, "change", change_on_full_disk)
    window = start(cells)
    settled(qtbot, window)
    assert window.keeper.flush()
    full.append(1)  # no page more than there are
    window.session.marks.judge([0], "accepted")
    window.session.marks.write_note([1], "a note " * 2000)
    qtbot.waitUntil(lambda: "could not be written (database or disk is full)" in window.messages.text.text())
    window.session.set_settings(replace(window.session.settings, alpha=0.6, tol=1e-3))
    settled(qtbot, window)
    assert not window.keeper.flush(1.0)
    # What is lost is told before the window goes.
    window.close()
    assert window.isVisible()
    box = window.findChild(QMessageBox, "loss_dialog")
    assert "could not be written (database or disk is full)" in box.text()
    window.close()
    assert window.findChildren(QMessageBox, "loss_dialog") == [box], "it asks once"
    box.findChild(QPushButton, "stay_open").click()
    assert window.isVisible()
    full[:] = [2**30]
    window.session.marks.judge([2], "rejected")
    assert window.keeper.flush()
    window.close()
    window = start(cells)
    assert {index: mark.verdict for index, mark in window.session.marks.all.items()} == {
        0: "accepted", 1: "", 2: "rejected",
    }  # fmt: skip
    assert window.session.settings.alpha == 0.6


def test_a_window_that_is_closed_all_the_same_ends_with_what_was_lost(qtbot, start, cells, monkeypatch, caplog):
    def full(database, put=(), drop=()):
        raise DataError("The disk is full.")

    window = start(cells)
    settled(qtbot, window)
    assert window.keeper.flush()
    monkeypatch.setattr(Database, "change", full)
    window.session.marks.judge([0], "accepted")
    window.close()
    window.findChild(QMessageBox, "loss_dialog").findChild(QPushButton, "lose").click()
    assert not window.isVisible()
    assert window.keeper.lost
    assert "could be saved in" in caplog.text


def test_what_a_recording_that_is_left_loses_is_said(qtbot, start, cells, tmp_path, monkeypatch):
    def full(database, put=(), drop=()):
        raise DataError("The disk is full.")

    window = start(cells)
    settled(qtbot, window)
    assert window.keeper.flush()
    other = tmp_path / "other.npy"
    np.save(other, np.load(cells) + 1)
    with monkeypatch.context() as patched:
        patched.setattr(Database, "change", full)
        window.session.marks.judge([0], "accepted")
        with qtbot.waitSignal(window.session.recording_changed, timeout=10_000):
            window.open_path(other, ask=False)
        qtbot.waitUntil(lambda: "Not all of what was done with cells" in window.messages.text.text())
        qtbot.waitUntil(lambda: window.messages.text.text().endswith("The disk is full."))
        assert "Not all of what was done with cells" in window.messages.text.text(), "of both recordings"


# Named projects


def save_project(qtbot, window, path, monkeypatch):
    monkeypatch.setattr("neuropil_gui.ui.dialogs.ask_save", lambda *_: path)
    window.commands["save_project"].trigger()
    qtbot.waitUntil(lambda: window.keeper.path == path and window.messages.text.text().startswith("Saved: "))


def test_a_project_is_given_a_name_and_is_that_file_from_then_on(qtbot, start, cells, tmp_path, monkeypatch):
    path = tmp_path / "named" / "work.npgui"
    path.parent.mkdir()
    window = start(cells)
    window.session.set_settings(replace(window.session.settings, alpha=0.3))
    settled(qtbot, window)
    save_project(qtbot, window, path, monkeypatch)
    window.session.marks.judge([1], "accepted")
    window.close()
    assert [each.name for each in path.parent.iterdir()] == [path.name], "nothing is left beside it"

    for opened in (path, cells):
        window = start(opened, ask=None)
        assert window.keeper.path == path
        assert "Continued where you left it" in message(qtbot, window)
        assert window.session.marks.all == {1: Mark("accepted")}
        assert window.session.settings.alpha == 0.3
        assert window.session.recording.source == str(cells)
        window.close()
    path.unlink()
    window = start(cells)
    assert f"{path}, in which this was saved, is not there" in message(qtbot, window)
    assert window.session.settings.alpha == 0.3


def test_a_name_that_another_window_has_open_is_refused(qtbot, start, cells, tmp_path, monkeypatch):
    path = tmp_path / "work.npgui"
    first = start(cells)
    save_project(qtbot, first, path, monkeypatch)
    other = tmp_path / "other.npy"
    np.save(other, np.load(cells))
    second = start(other)
    second.commands["save_project"].trigger()
    assert "was not saved" in message(qtbot, second)
    assert second.keeper.path.parent == tmp_path / "projects"


def test_a_demo_begins_anew_and_keeps_nothing_but_can_be_saved_as_a_project(qtbot, start, demo, tmp_path, monkeypatch):
    path = tmp_path / "demo.npgui"
    window = start(demo)
    assert window.keeper.path is None
    assert not list(tmp_path.glob("projects/*"))
    window.session.marks.judge([0], "rejected")
    settled(qtbot, window)
    result = window.session.result
    save_project(qtbot, window, path, monkeypatch)
    window.close()
    assert not list(tmp_path.glob("projects/*.npgui"))
    window = start(path)
    assert window.session.marks.all == {0: Mark("rejected")}
    np.testing.assert_array_equal(window.session.result.separated, result.separated)


def test_a_copy_with_the_recording_inside_opens_without_it(qtbot, start, cells, tmp_path, monkeypatch):
    path = tmp_path / "whole.npgui"
    window = start(cells)
    settled(qtbot, window)
    result, traces = window.session.result, window.session.cell.traces
    monkeypatch.setattr("neuropil_gui.ui.dialogs.ask_save", lambda *_: path)
    window.commands["save_copy"].trigger()
    qtbot.waitUntil(lambda: window.messages.text.text().startswith("Written: "), timeout=10_000)
    assert window.keeper.path != path
    window.close()
    cells.unlink()
    window = start(path)
    np.testing.assert_array_equal(window.session.cell.traces, traces)
    np.testing.assert_array_equal(window.session.result.separated, result.separated)
    window.session.set_settings(replace(window.session.settings, alpha=0.7))
    settled(qtbot, window)
    assert window.session.result.settings.alpha == 0.7
    window.close()
    assert start(path).session.settings.alpha == 0.7


def test_results_open_without_the_recording_until_it_is_found(qtbot, start, cells, tmp_path, monkeypatch):
    path = tmp_path / "work.npgui"
    window = start(cells)
    settled(qtbot, window)
    result = window.session.result
    save_project(qtbot, window, path, monkeypatch)
    window.close()
    hidden = tmp_path / "hidden" / "other.npy"
    hidden.parent.mkdir()
    cells.rename(hidden)

    window = start(path)
    assert "cells.npy was found neither in" in message(qtbot, window)
    np.testing.assert_array_equal(window.session.result.separated, result.separated)
    assert np.isnan(window.session.cell.traces).all()
    for name in ("compare", "sweep", "trust", "history", "cell"):
        window.commands[name].trigger()
    qtbot.waitUntil(lambda: not window.pages.made["compare"].busy)
    window.commands["copy_values"].trigger()
    assert "waits for File > Find recording" in message(qtbot, window)
    window.controller.separate_all()
    assert not window.controller.working
    assert all(not outcome.failed for _, outcome in window.session.outcomes())
    window.session.set_settings(replace(window.session.settings, alpha=0.9))
    bars = [bar.text for bar in window.findChildren(MessageBar)]
    qtbot.waitUntil(lambda: any(each.text().startswith("cells.npy was found neither") for each in bars))
    window.session.marks.judge([2], "accepted")
    window.session.set_settings(result.settings)
    monkeypatch.setattr("neuropil_gui.ui.dialogs.ask_file", lambda *_: hidden)
    with qtbot.waitSignal(window.session.recording_changed, timeout=10_000):
        window.commands["find_recording"].trigger()
    qtbot.waitUntil(lambda: window.session.up_to_date, timeout=20_000)
    assert window.session.recording.source == str(hidden)
    qtbot.waitUntil(lambda: not window.session.outcome(0).earlier)
    assert np.isfinite(window.session.cell.traces).all()
    assert window.session.marks.all == {2: Mark("accepted")}
    window.close()
    window = start(path)
    assert window.session.recording.source == str(hidden)


def test_a_damaged_result_is_made_again(qtbot, start, cells, before):
    path, expected = before.project, before.result.separated
    data = bytearray(path.read_bytes())
    at = data.find(expected[0, :8].tobytes())
    assert at > 0
    data[at] ^= 1
    path.write_bytes(data)
    window = start(cells)
    settled(qtbot, window)
    assert window.session.settings == SeparationSettings(alpha=0.3)
    np.testing.assert_allclose(window.session.result.separated, expected)


def test_a_second_window_on_the_recording_shows_it_and_keeps_nothing(qtbot, start, cells):
    first = start(cells)
    first.session.marks.judge([0], "accepted")
    assert first.keeper.flush()
    second = start(cells)
    assert "open in another window" in message(qtbot, second)
    assert second.keeper.path is None
    assert second.session.marks[0].verdict == "accepted"
    second.session.marks.judge([1], "rejected")
    second.close()
    first.close()
    assert start(cells).session.marks.all == {0: Mark("accepted")}


def test_of_many_settings_the_newest_result_and_the_pinned_one_are_kept(qtbot, start, cells, monkeypatch):
    monkeypatch.setattr(kept_results, "HISTORY_BYTES", 0)
    window = start(cells)
    session = window.session
    session.pins.pin()
    pinned = session.settings
    for alpha in (0.2, 0.3, 0.4):
        session.set_settings(replace(session.settings, alpha=alpha))
        settled(qtbot, window)
    assert window.keeper.flush()
    database = Database(window.keeper.path)
    of_cell = {key for key in database.keys("result") if key.startswith(f"{0:09}/")}
    newest = session.outcome(0).settings
    assert of_cell == {result_key(0, session.pins["A"].settings), result_key(0, newest)}
    assert pinned.alpha != newest.alpha == 0.4
    session.pins.unpin("A")
    assert window.keeper.flush()
    assert {key for key in database.keys("result") if key.startswith(f"{0:09}/")} == {result_key(0, newest)}
    database.close()


def test_a_result_of_the_history_is_shown_again_as_it_was_after_a_restart(qtbot, start, cells):
    window = start(cells)
    settled(qtbot, window)
    first = window.session.result
    for alpha in (0.4, 0.8):
        # Two settings at once: of one that a hand drags, the history keeps only where it rested.
        window.session.set_settings(replace(window.session.settings, alpha=alpha, tol=alpha / 1000))
        settled(qtbot, window)
    window.close()
    window = start(cells)
    assert len(window.session.runs) == 3
    window.session.set_settings(first.settings)
    assert window.session.result.seconds == first.seconds, "read, not made again"


@pytest.mark.parametrize("state", [b"", pack({"identity": []}), pack({"settings": 5})], ids=["", "half", "strange"])
def test_a_project_that_cannot_be_read_is_set_aside_and_named(qtbot, start, cells, before, tmp_path, state):
    path = before.project
    database = Database(path, write=True)
    database.change([("state", "now", state)])
    database.close()
    window = start(cells)
    assert "could not be brought back" in message(qtbot, window)
    (aside,) = tmp_path.glob("projects/*-damaged-*.npgui")
    assert aside.name in message(qtbot, window)
    assert window.keeper.path == path
    assert window.keeper.flush()


def test_a_project_of_a_later_version_is_shown_and_left_as_it_is(qtbot, start, cells, before):
    with sqlite3.connect(before.project) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    window = start(cells)
    assert "later version" in message(qtbot, window)
    assert window.session.marks[0].verdict == "accepted"
    assert window.keeper.path is None


def test_a_lesson_leaves_the_settings_of_the_recording_as_they_were(qtbot, start, cells):
    window = start(cells)
    chosen = replace(window.session.settings, alpha=0.05)
    window.session.set_settings(chosen)
    settled(qtbot, window)
    player = window._teaching.player
    window.findChild(QAction, "lessons_01-whose-light").trigger()
    qtbot.waitUntil(lambda: window.session.teaching.simulation is not None and window.session.answered)
    assert window.session.settings != chosen
    player.leave()
    qtbot.waitUntil(lambda: window.session.recording is not None and window.session.recording.source == str(cells))
    assert window.session.settings == chosen
    window.close()
    assert start(cells).session.settings == chosen
