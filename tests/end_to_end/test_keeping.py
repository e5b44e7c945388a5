"""What is done with a recording is kept, and is there again when it is opened again."""

import sqlite3
from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import QSettings
from PyQt5.QtWidgets import QPushButton

from neuropil_gui.core.marks import Mark
from neuropil_gui.engine import live
from neuropil_gui.formats.project.database import VERSION, Database
from neuropil_gui.formats.project.packing import pack
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.state.stored_results import result_key
from neuropil_gui.window.main_window import MainWindow


@pytest.fixture
def cells(tmp_path):
    """Three cells of five signals."""
    path = tmp_path / "cells.npy"
    np.save(path, np.random.default_rng(1).gamma(2.0, 1.0, (3, 5, 300)) + 1)
    return path


@pytest.fixture
def start(qtbot, tmp_path, monkeypatch):
    """Start the program again and again with the same folders; return its window with a recording open."""
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.0)
    windows = []

    def start(path):
        preferences = Preferences(QSettings(str(tmp_path / "preferences.ini"), QSettings.Format.IniFormat))
        window = MainWindow(preferences, projects=tmp_path / "projects")
        qtbot.addWidget(window)
        windows.append(window)
        with qtbot.waitExposed(window):
            window.show()
        with qtbot.waitSignal(window.session.recording_changed, timeout=10_000):
            window.open_path(path, ask=False)
        qtbot.waitUntil(lambda: window.session.up_to_date, timeout=20_000)
        return window

    yield start
    for window in windows:
        window.close()


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
    assert [pin.index for pin in session.pins.all if pin] == [0]
    assert {index for index, _ in session.outcomes()} == {0, 1, 2}


def test_start_afresh_forgets_what_is_shown_but_keeps_the_file(qtbot, start, cells, tmp_path):
    window = start(cells)
    window.session.set_settings(replace(window.session.settings, alpha=0.5))
    settled(qtbot, window)
    window.close()
    window = start(cells)
    assert window.session.settings.alpha == 0.5
    qtbot.waitUntil(window.messages.isVisible)
    window.findChild(QPushButton, "message_action").click()
    assert window.session.marks.all == {}
    assert window.session.runs.all() == []
    window.close()
    projects = sorted((tmp_path / "projects").glob("*.npgui"))
    assert len(projects) == 2
    assert sum("-until-" in path.name for path in projects) == 1


def test_results_of_another_state_of_the_file_are_not_shown(qtbot, start, cells):
    window = start(cells)
    settled(qtbot, window)
    first = window.session.result
    window.session.marks.judge([0], "rejected")
    window.close()
    np.save(cells, np.random.default_rng(2).gamma(2.0, 1.0, (3, 5, 300)) + 1)
    window = start(cells)
    assert "has changed since" in message(qtbot, window)
    settled(qtbot, window)
    assert not np.array_equal(window.session.result.separated, first.separated)
    assert window.session.marks[0].verdict == "rejected"


def test_a_damaged_result_is_made_again(qtbot, start, cells):
    window = start(cells)
    settled(qtbot, window)
    path, settings = window.keeper.path, window.session.settings
    expected = window.session.result.separated
    window.close()
    data = bytearray(path.read_bytes())
    at = data.find(expected[0, :8].tobytes())
    assert at > 0
    data[at] ^= 1
    path.write_bytes(data)
    window = start(cells)
    settled(qtbot, window)
    assert window.session.settings == settings
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


def test_a_demo_begins_anew_and_keeps_nothing(qtbot, start, demo, tmp_path):
    assert start(demo).keeper.path is None
    assert not list(tmp_path.glob("projects/*"))


def test_of_many_settings_the_newest_result_and_the_pinned_one_are_kept(qtbot, start, cells):
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


@pytest.mark.parametrize("state", [b"", pack({"identity": []}), pack({"settings": 5})], ids=["", "half", "strange"])
def test_a_project_that_cannot_be_read_is_set_aside_and_named(qtbot, start, cells, tmp_path, state):
    window = start(cells)
    path = window.keeper.path
    window.close()
    database = Database(path, write=True)
    database.change([("state", "now", state)])
    database.close()
    window = start(cells)
    assert "could not be brought back" in message(qtbot, window)
    (aside,) = tmp_path.glob("projects/*-damaged-*.npgui")
    assert aside.name in message(qtbot, window)
    assert window.keeper.path == path
    assert window.keeper.flush()


def test_a_project_of_a_later_version_is_shown_and_left_as_it_is(qtbot, start, cells):
    window = start(cells)
    window.session.marks.judge([0], "accepted")
    path = window.keeper.path
    window.close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()
    window = start(cells)
    assert "later version" in message(qtbot, window)
    assert window.session.marks[0].verdict == "accepted"
    assert window.keeper.path is None
