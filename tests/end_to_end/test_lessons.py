"""Lessons in the window, by keys alone: nothing is shown before it is asked, and the window is as it was afterwards."""

import re

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QAction, QDockWidget

from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.lessons import Facts
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.formats.lessons import lessons_in

pytestmark = pytest.mark.any_version

DOCKS = ("lesson", "cells", "simulator")


@pytest.fixture
def player(window):
    return window._teaching.player


def press(player, key, modifiers=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(player.view.focusWidget() or player.view, key, modifiers)


def begin(qtbot, window, player, name):
    window.findChild(QAction, f"lessons_{name}").trigger()
    qtbot.waitUntil(lambda: window.session.teaching.simulation is not None and player.view.isVisible(), timeout=20_000)


def shown(window, hide):
    """Assert that what a step hides is not at hand."""
    session = window.session
    if "truth" in hide:
        assert session.cell.truth is None
        assert "r_truth" not in session.numbers
        assert "show_truth" not in window.traces.matched.series
    if "result" in hide:
        assert session.result is None
        assert window.traces.separated.series == []


def move(window, player, step):
    """Move the control that a step names by keys; of a goal, to where it is met."""
    slider, pages, steps = window.traces.matched.factor, 9, 0
    if step.control == "settings.alpha":
        slider, pages = window.form.alpha_slider, 1
    elif step.control != "k" and "sub." not in step.goal:
        slider = window._teaching.view.form.sliders["contamination"]
    elif step.goal:
        pages, steps = divmod(round(100 * Facts(player.situation())["zero_r"]), slider.pageStep())
        slider.setValue(0)
    slider.setFocus()
    for key, times in ((Qt.Key.Key_PageUp, pages), (Qt.Key.Key_Right, steps)):
        for _ in range(times):
            QTest.keyClick(slider, key)


def settled(window, player):
    """Return whether the window shows what the controls stand at."""
    session, simulation = window.session, player.situation().simulation
    shape = (1 + simulation.regions, simulation.frames)
    return not window._teaching.simulator.busy and session.cell is not None and session.cell.traces.shape == shape


def go_through(qtbot, window, player, name):
    """Do a lesson, look at what it shows, and leave it at its end."""
    session = window.session
    begin(qtbot, window, player, name)
    lesson = player.lesson
    for number, step in enumerate(lesson.steps):
        qtbot.waitUntil(lambda number=number: player.step is lesson.steps[number] and settled(window, player))
        view = player.view
        assert view.place.text() == f"Step {number + 1} of {len(lesson.steps)}"
        shown(window, step.hide)
        if step.asks:
            assert view.after.isHidden() or (step.asks == "goal" and view.after.text().startswith("Now "))
            assert not (step.asks != "slide" and view.button.isEnabled())
        if step.asks == "choose":
            assert not window.form.isEnabled()
            for index in range(len(step.choices)) if step.several else (0,):
                press(player, Qt.Key.Key_1 + index)
            assert view.chosen() == (set(range(len(step.choices))) if step.several else {0})
            press(player, Qt.Key.Key_Return)
            assert window.form.isEnabled()
        elif step.asks:
            move(window, player, step)
            if step.asks == "slide":
                view.button.setFocus()
                press(player, Qt.Key.Key_Return)
        if step.asks:
            qtbot.waitUntil(lambda step=step: not player._asking and (player.view.button.isEnabled() or not step.after))
            assert session.teaching.truth_hidden is False
            words = view.after.text()
            assert not re.search(r"[{}]", words)
            now = player.situation()
            facts = Facts(now, {name: now.changed(changes) for name, changes in step.also.items()})
            if step.asks == "choose":
                assert words.startswith("**Right.**") == (step.right(facts) == view.chosen())
            if "{r_truth}" in step.after:
                assert f"{facts['r_truth']:.2f}" in words
            qtbot.waitUntil(lambda: session.up_to_date and not window._teaching.simulator.busy, timeout=20_000)
            if name == "04-nmf-works" and number == 3:  # of a cell in place of another: FISSA's own run comes too
                qtbot.waitUntil(lambda: session.result.settings.solver == "fissa" and session.result.iterations > 500)
        press(player, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert view.text.text().startswith(lesson.about)
    if name == "02-subtract":  # of two guesses by a slider and three choices
        assert re.search(r"Of 5 predictions, (\d|none) came true", view.text.text())
        assert "The next lesson is *A flash next door*" in view.text.text()
    press(player, Qt.Key.Key_PageUp, Qt.KeyboardModifier.ControlModifier)
    assert player.step is lesson.steps[-1]
    player._show_end()
    press(player, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ControlModifier)
    assert player.lesson is None


NAMES = [path.stem for path in lessons_in(RESOURCES / "lessons")]


@pytest.mark.parametrize("names", [NAMES[first::3] for first in range(3)], ids=" ".join)
def test_lessons_are_done_by_keys_and_leave_the_window_as_it_was(qtbot, window, player, short, open_and_wait, names):
    """Three in each window: each begins with what the one before has left."""
    open_and_wait(short)
    session = window.session
    session.select(2)
    qtbot.waitUntil(lambda: session.cell is not None and session.up_to_date, timeout=20_000)
    window.commands["pin"].trigger()
    window.traces.raw.box.setXRange(3, 5, padding=0)
    before = session.recording, session.cell.name, session.settings, session.pins.all, session.live
    for name in names:
        go_through(qtbot, window, player, name)
        qtbot.waitUntil(lambda: session.cell is not None and session.cell.name == before[1], timeout=20_000)
        assert (session.recording.source, session.settings, session.live) == (before[0].source, before[2], before[4])
        assert session.pins.all == before[3]
        assert not window.commands["undo"].isEnabled()
        qtbot.waitUntil(lambda: window.traces.time_in_view() == (3, 5))
        docks = [window.findChild(QDockWidget, f"{dock}_dock").isVisible() for dock in DOCKS]
        assert docks == [False, True, False]
        assert session.cell.truth is not None


def test_a_lesson_goes_along_to_other_pages_and_hides_what_was_under_way(qtbot, window, player):
    begin(qtbot, window, player, "08-zero")
    press(player, Qt.Key.Key_Return)
    press(player, Qt.Key.Key_1)
    press(player, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not player.view.after.isHidden())
    window.controller.run()
    press(player, Qt.Key.Key_Return)  # at once, while the cell is separated
    assert player.step.hide == ("truth", "result")
    qtbot.waitUntil(lambda: settled(window, player) and window.controller.idle)
    assert window.session.result is None
    window.pages.open("compare")
    docks = [window.findChild(QDockWidget, f"{dock}_dock").isVisible() for dock in DOCKS]
    assert docks == [True, False, True]
    window.pages.open("cell")
    window.commands["reset_layout"].trigger()
    docks = [window.findChild(QDockWidget, f"{dock}_dock").isVisible() for dock in DOCKS]
    assert docks == [True, False, True]
    # The tick follows a step that hides the truth, so that one press shows it.
    assert window.commands["hide_truth"].isChecked()
    QTest.keyClick(window, Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier)
    assert not window.session.teaching.truth_hidden
    player.view.leave.click()
    assert not any(dock.isVisible() for dock in window.findChildren(QDockWidget))


def test_a_recording_that_is_opened_in_a_lesson_begins_as_without_one(qtbot, window, player, open_and_wait, short):
    begin(qtbot, window, player, "08-zero")
    press(player, Qt.Key.Key_Return)
    assert player.step.hide == ("truth", "result")
    assert not window.form.isEnabled()
    open_and_wait(short)
    session = window.session
    assert player.lesson is None
    assert (session.live, session.settings) == (True, SeparationSettings())
    assert session.cell.truth is not None
    assert window.form.isEnabled()
    docks = [window.findChild(QDockWidget, f"{dock}_dock").isVisible() for dock in DOCKS]
    assert docks == [False, True, False]
    # Nothing is left to be brought back.
    begin(qtbot, window, player, "02-subtract")
    player.view.leave.click()
    assert session.recording.source == str(short)


def test_a_lesson_that_cannot_be_read_is_a_sentence(qtbot, window, tmp_path, monkeypatch):
    path = tmp_path / "own.md"
    path.write_text("# Mine\nAbout it.\n## One\nLook.\n", encoding="utf-8")
    path.with_suffix(".toml").write_text("format = 1\n[[step]]\ncolour = 3\n", encoding="utf-8")
    monkeypatch.setattr("neuropil_gui.ui.dialogs.ask_file", lambda *_: path)
    window.commands["open_lesson"].trigger()
    assert "unknown key 'colour'" in window.messages.text.text()
    assert window._teaching.player.lesson is None


def test_a_lesson_that_is_begun_on_the_start_page_leads_back_to_it(qtbot, window, player, open_and_wait, short):
    begin(qtbot, window, player, "02-subtract")
    assert window._home.currentIndex() == 1
    player.view.leave.click()
    session = window.session
    assert session.recording is None
    assert session.cell is None
    assert session.teaching.simulation is None
    assert session.settings == SeparationSettings()
    assert window._home.currentIndex() == 0
    assert window.windowTitle() == "neuropil_gui"
    assert not any(dock.isVisible() for dock in window.findChildren(QDockWidget))
    assert not window.commands["pin"].isEnabled()
    qtbot.waitUntil(lambda: not window.controller.working)
    open_and_wait(short)
    docks = [window.findChild(QDockWidget, f"{dock}_dock").isVisible() for dock in DOCKS]
    assert docks == [False, True, False]
