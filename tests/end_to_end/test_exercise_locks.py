"""What an exercise locks stays locked, whatever tool asks for it; and nothing of it stays behind."""

from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import QSettings
from PyQt5.QtWidgets import QAction, QDockWidget

from neuropil_gui.core.exercises import Exercise, Grade
from neuropil_gui.core.lessons import BASE, Choice, Situation, Step
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine import live
from neuropil_gui.formats.exercises import write_exercise
from neuropil_gui.formats.project.packing import fingerprint
from neuropil_gui.formats.registry import read
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.window.action_table import PAGES
from neuropil_gui.window.main_window import MainWindow

pytestmark = pytest.mark.any_version

QUESTION = Step("Which?", choices=(Choice("a", False), Choice("b", True)))
START = SeparationSettings(alpha=1.0, seed=5)
NAMES = PAGES[1:]


@pytest.fixture
def cells(tmp_path):
    """Three cells of five signals."""
    path = tmp_path / "cells.npy"
    np.save(path, np.random.default_rng(1).gamma(2.0, 1.0, (3, 5, 300)) + 1)
    return path


@pytest.fixture
def start(qtbot, add_window, tmp_path, monkeypatch):
    """Start the program again and again with the same folders; whoever is asked for a name is Ada."""
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.0)
    monkeypatch.setattr("neuropil_gui.ui.dialogs.ask_line", lambda *_: "Ada")
    windows = []

    def start():
        preferences = Preferences(QSettings(str(tmp_path / "preferences.ini"), QSettings.Format.IniFormat))
        window = MainWindow(preferences, projects=tmp_path / "projects")
        add_window(window)
        windows.append(window)
        window.resize(1280, 720)
        with qtbot.waitExposed(window):
            window.show()
        return window

    yield start
    for window in windows:
        window.close()


@pytest.fixture
def begin(qtbot):
    """Begin an exercise from its file."""

    def begin(window, path):
        window.open_path(path)
        player = window._teaching.exercises.player
        qtbot.waitUntil(lambda: player.exercise is not None and window.session.up_to_date and player.view.isVisible())
        return player

    return begin


def open_cells(qtbot, window, path):
    window.open_path(path, ask=False)
    qtbot.waitUntil(lambda: window.session.cell is not None and window.session.up_to_date)


def on_cell(path, **changes):
    """An exercise on the second of these cells, with alpha free."""
    cell = read(path).cells[1]
    exercise = Exercise(
        "Real", "", Situation(settings=START), (QUESTION,), {"alpha": (0.0, 2.0)}, (), grade=Grade((1.0,)),
        signals=fingerprint(cell), recording=path.name, cell=1,
    )  # fmt: skip
    return replace(exercise, **changes)


def answer(view, number):
    view.button.click()
    view.choose(number - 1)
    view.button.click()


def toggle(window, name):
    return window.findChild(QDockWidget, f"{name}_dock").toggleViewAction()


def test_no_tool_changes_what_is_locked_and_the_project_keeps_its_own_settings(qtbot, start, begin, cells, tmp_path):
    window, exercise = start(), tmp_path / "real.exercise.json"
    session, messages = window.session, window.messages
    open_cells(qtbot, window, cells)
    own = replace(session.settings, alpha=0.05)
    session.set_settings(replace(own, method="ica"))
    qtbot.waitUntil(lambda: session.answered)
    session.pins.pin("A")
    first = session.runs.all()[0]
    session.set_settings(own)
    session.select(1)
    qtbot.waitUntil(lambda: session.answered)
    session.set_settings(replace(own, n=2))
    qtbot.waitUntil(lambda: session.answered)
    second = session.runs.present
    session.pins.pin("B")
    session.set_settings(own)
    qtbot.waitUntil(lambda: session.answered)
    window._pinning.handlers()["pin"]()
    session.highlight.keep_component(1)
    for name in NAMES:
        window.pages.open(name)
    window.pages.open("cell")
    write_exercise(exercise, on_cell(cells))
    begin(window, exercise)
    assert session.highlight.component is None
    assert session.settings == START
    assert not window._undo.canUndo()

    tools = window.pages.made
    locked = replace(START, alpha=0.3, n=2)
    ways = {
        "Sweep: the settings of a tile": lambda: tools["sweep"].view.settings_chosen.emit(locked),
        "Population: a value for all cells": lambda: session.own.restore(
            replace(session.own.all, common=replace(START, n=2))
        ),
        "Population, History: another cell": lambda: session.select(0),
        "History: a run of this cell": lambda: tools["history"].view.run_chosen.emit(second),
        "History: a run of another cell": lambda: tools["history"].view.run_chosen.emit(first),
        "Compare: make current": lambda: session.pins.show("B"),
        "Compare: FISSA's ICA": lambda: session.show_again(session.pins["A"].result),
        "Swap": lambda: window.commands["swap"].trigger(),
        "Defaults": lambda: window.form.reset_to_defaults(),
        "this cell alone": lambda: session.own.keep([1], True),
        "Down": lambda: window.commands["next_cell"].trigger(),
        "a remedy in a message": lambda: session.set_settings(replace(START, offset=True)),
    }
    pins = session.pins.all
    for way, go in ways.items():
        messages.hide_message()
        go()
        assert session.settings == START, way
        assert (session.index, session.own.all.own) == (1, {}), way
        assert "The exercise" in messages.text.text() or "During an exercise" in messages.text.text(), way
        assert messages.isVisible(), way
        assert window.form.settings() == START, way
    assert session.pins.all == pins
    for name in ("reset", "own_settings"):
        assert not window.commands[name].isEnabled()
    # What is free is free everywhere, and is undone.
    tools["sweep"].view.settings_chosen.emit(replace(START, alpha=0.3))
    assert session.settings.alpha == 0.3
    window.commands["undo"].trigger()
    assert session.settings == START
    # The window is closed in the middle: the project has the settings of before.
    window.close()
    window = start()
    open_cells(qtbot, window, cells)
    qtbot.waitUntil(lambda: window.session.index == 1 and window.session.cell is not None)
    assert window.session.settings == own
    # Another recording is opened in the middle.
    begin(window, exercise)
    assert window.session.settings == START
    window.open_demo("easy")
    qtbot.waitUntil(lambda: str(window.session.recording.source).endswith("easy.npz"))
    assert window.session.teaching.outside is None
    open_cells(qtbot, window, cells)
    assert window.session.settings == own


def test_what_is_answered_is_there_again_in_a_new_window_and_hidden_numbers_stay_hidden(qtbot, start, begin, tmp_path):
    path = tmp_path / "half.exercise.json"
    simulation = replace(BASE, frames=300)
    write_exercise(
        path,
        Exercise(
            "Half",
            "Look.",
            Situation(simulation, START),
            (QUESTION, QUESTION),
            {"alpha": (0.0, 2.0)},
            grade=Grade((1.0, 1.0)),
        ),
    )
    window = start()
    window.commands["simulator"].trigger()
    qtbot.waitUntil(lambda: window.session.cell is not None and window.session.up_to_date)
    window.pages.open("compare")
    window.commands["detach"].trigger()
    page = window.pages.made["compare"].page
    assert page.detached
    window.pages.open("history")
    player = begin(window, path)
    view = player.view
    # The numbers are in a panel, and on the pages of all tools.
    assert window.pages.current == "cell"
    assert not page.isVisible()
    bar = window.pages.bar
    for index, name in enumerate(NAMES, 1):
        assert not window.commands[name].isEnabled()
        assert not bar.isTabEnabled(index)
        assert bar.tabToolTip(index) == "The exercise hides the numbers, which this page shows."
        window.pages.open(name)
        assert window.pages.current == "cell"
    numbers = window.findChild(QDockWidget, "numbers_dock")
    for name in ("numbers", "cells"):
        assert not toggle(window, name).isEnabled()
    window._show_remarks()
    for _ in range(2):
        window.commands["reset_layout"].trigger()
        window.commands["projector"].trigger()
        assert not numbers.isVisible()
    answer(view, 2)
    window.form.alpha.setValue(0.25)
    assert "question 2 of 2" in view.place.text()
    window.close()

    window = start()
    player = begin(window, path)
    view = player.view
    assert numbers is not window.findChild(QDockWidget, "numbers_dock")
    assert window.session.settings.alpha == 0.25
    assert "1 of 2" in view.after.text()
    view.button.click()
    assert view.chosen() == {1}
    # Left, all comes back; and the answers are kept again.
    player.leave()
    assert "with the same name" in window.messages.text.text()
    assert toggle(window, "numbers").isEnabled()
    assert "Lay results" in window.pages.bar.tabToolTip(1)
    open_cells(qtbot, window, write_cell(tmp_path))
    assert window.findChild(QDockWidget, "numbers_dock").isVisible()
    assert window.findChild(QDockWidget, "cells_dock").isVisible()
    assert not window.findChild(QDockWidget, "lesson_dock").isVisible()
    window.findChild(QAction, "history").trigger()
    assert window.pages.current == "history"


def write_cell(folder):
    path = folder / "one.npy"
    np.save(path, np.random.default_rng(1).gamma(2.0, 1.0, (3, 100)) + 1)
    return path
