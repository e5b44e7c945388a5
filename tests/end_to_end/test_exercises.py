"""Exercises in the window: made from what is on screen, done by keys, handed in, and graded."""

import csv
import json
import threading
from dataclasses import replace

import pytest
from PyQt5.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt5.QtGui import QDropEvent
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication, QDockWidget

from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.exercises import Exercise, Grade, seed_of
from neuropil_gui.core.lessons import BASE, Choice, Situation, Step
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import simulate
from neuropil_gui.features.teach import jobs
from neuropil_gui.formats.answer_sheets import read_answer_sheet
from neuropil_gui.formats.exercises import read_exercise, write_exercise
from neuropil_gui.formats.project.packing import fingerprint

pytestmark = pytest.mark.any_version

QUESTION = Step("Which?", choices=(Choice("a", False), Choice("b", True)))
EXERCISE = Exercise(
    "Find alpha", "Look at *c1*.", Situation(BASE, SeparationSettings(alpha=1.0)),
    (QUESTION, Step("Where would you leave alpha?", control="settings.alpha", answer="0.1", near=3.0)),
    {"alpha": (0.0, 2.0)}, own_cell=True, grade=Grade((1.0, 2.0), 3.0, 10.0),
)  # fmt: skip


@pytest.fixture
def answers(monkeypatch):
    """Answer dialogs: the name, and where to write."""
    answers = {"asked": []}

    def answer(name):
        answers["asked"].append(name)
        return answers[name]

    for name in ("ask_line", "ask_save", "ask_file", "ask_folder"):
        monkeypatch.setattr(f"neuropil_gui.ui.dialogs.{name}", lambda *_, name=name: answer(name))
    return answers


def drop(window, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    window.dropEvent(QDropEvent(QPointF(9, 9), Qt.CopyAction, data, Qt.LeftButton, Qt.NoModifier))


def press(view, key, modifiers=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(view.focusWidget() or view, key, modifiers)


def dock(window, name):
    return window.findChild(QDockWidget, f"{name}_dock")


def test_an_exercise_is_done_by_keys_and_graded(qtbot, window, answers, tmp_path):
    path, out = tmp_path / "alpha.exercise.json", tmp_path / "Ada_L.answers.json"
    write_exercise(path, EXERCISE)
    player, session = window._teaching.exercises.player, window.session
    view = player.view
    answers["ask_line"] = None
    drop(window, path)  # and the name is not typed
    assert answers["asked"] == []  # the dialog waits for the window, which the command line has not shown yet
    qtbot.waitUntil(lambda: answers["asked"] == ["ask_line"])
    assert not player.runner.busy
    assert window.messages.text.text() == "Find alpha was not begun, because no name was typed."
    answers["ask_line"], answers["ask_save"] = "Ada L.", out
    drop(window, path)
    qtbot.waitUntil(lambda: session.cell is not None and view.isVisible() and session.up_to_date)
    # The cell of this name, without its truth, and all locked but alpha.
    own = simulate(EXERCISE.situation("Ada L.").simulation).cells[0]
    assert (session.cell.traces == own.traces).all()
    assert session.cell.truth is None
    assert not {"r_truth", "error_truth"} & {*session.numbers}
    assert session.teaching.simulation is None
    assert session.settings == EXERCISE.start.settings
    form = window.form
    assert form.alpha.isEnabled()
    locked = (form.method, form.n_auto, form.seed_row, form.advanced.tol, form.advanced.pedestal, form.reset)
    assert not any(each.isEnabled() for each in locked)
    for name in ("hide_truth", "simulator", "open_lesson", "make_exercise"):
        assert not window.commands[name].isEnabled()
    shown = {"lesson": True, "cells": False, "numbers": False, "separation": True, "simulator": False}
    assert {name: dock(window, name).isVisible() for name in shown} == shown
    window.commands["reset_layout"].trigger()
    assert {name: dock(window, name).isVisible() for name in shown} == shown
    window.commands["copy_script"].trigger()  # it would name the seed
    assert str(seed_of(BASE.seed, "Ada L.")) not in QApplication.clipboard().text()

    assert view.text.text().startswith("Look at *c1*.\n\nThere are 2 questions.")
    assert "You may change:\n\n- alpha: 0 to 2\n\nAll else is locked." in view.text.text()
    press(view, Qt.Key_Return)
    assert "question 1 of 2" in view.place.text()
    assert not view.button.isEnabled()
    press(view, Qt.Key_2)
    press(view, Qt.Key_Return)
    assert "question 2 of 2" in view.place.text()
    assert view.text.text().endswith("Move *alpha* to your answer, then press *Here*.")
    form.alpha.setValue(0.25)
    press(view, Qt.Key_PageUp, Qt.ControlModifier)
    assert view.chosen() == {1}  # an answer can be changed until it is handed in
    press(view, Qt.Key_PageDown, Qt.ControlModifier)
    press(view, Qt.Key_Return)
    assert "You may still change:\n\n- alpha: 0 to 2" in view.text.text()
    assert view.button.text() == "Finish…"
    form.alpha.setValue(2.5)
    assert view.after.text() == "To finish, alpha must be from 0 to 2."
    assert not view.button.isEnabled()
    form.alpha.setValue(0.5)
    assert view.after.isHidden()
    view.button.setFocus()
    press(view, Qt.Key_PageDown, Qt.ControlModifier)
    qtbot.waitUntil(lambda: "Written" in view.text.text())

    sheet = read_answer_sheet(out)
    assert (sheet.exercise, sheet.name, sheet.settings.alpha) == (read_exercise(path).digest, "Ada L.", 0.5)
    assert (sheet.given[0].choices, sheet.given[1].value) == ({1}, 0.25)
    assert f"{sheet.score:.0f} %" in view.text.text()
    qtbot.waitUntil(lambda: session.cell is not None and session.cell.truth is not None)
    assert window.commands["hide_truth"].isEnabled()
    assert dock(window, "numbers").isVisible()
    press(view, Qt.Key_Return)
    assert session.recording is None
    assert not window.messages.isVisible()
    assert form.method.isEnabled()
    assert form.reset.isEnabled()

    answers |= {"ask_file": path, "ask_folder": tmp_path, "ask_save": tmp_path / "marks.csv"}
    window.commands["grade"].trigger()
    qtbot.waitUntil(lambda: "graded" in window.messages.text.text())
    with open(tmp_path / "marks.csv", newline="", encoding="utf-8") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["name"], row["points"], row["of"], row["remarks"]) == ("Ada L.", "6", "6", "")
    drop(window, out)
    qtbot.waitUntil(lambda: "hand it in to your teacher as it is; Learn > Grade" in window.messages.text.text())


def test_an_exercise_is_made_of_what_is_on_screen(qtbot, window, answers, tmp_path):
    path = answers["ask_save"] = tmp_path / "mine.exercise.json"
    assert not window.commands["make_exercise"].isEnabled()
    window.commands["simulator"].trigger()
    session = window.session
    qtbot.waitUntil(lambda: session.cell is not None and session.up_to_date)
    window.form.alpha.setValue(0.3)
    window.commands["make_exercise"].trigger()
    dialog = window._teaching.exercises._dialog
    dialog.title.setText("Mine")
    dialog.questions.setPlainText("## No right one\n- [ ] a\n- [ ] b\n")
    dialog.accept()
    assert "none of its choices is right" in dialog.problem.text()
    assert not path.exists()
    dialog.questions.setPlainText("## Which? (3)\n- [x] a\n- [ ] b\n## Your k\nSet: k = best_r ± 0.1\n")
    dialog.accept()
    assert "its control 'k' is not among those that are allowed" in dialog.problem.text()
    dialog.free["k"].setChecked(True)
    assert not dialog.free["alpha"].isEnabled()
    dialog.accept()
    made = read_exercise(path)
    assert (made.title, made.start.simulation, made.start.settings.alpha) == ("Mine", session.teaching.simulation, 0.3)
    assert made.free == {"k": (0.0, 2.0)}
    assert made.grade == Grade((3.0, 1.0), 2.0, 80.0)
    assert made.own_cell
    assert "Written" in window.messages.text.text()
    # Opened, and left by another recording: nothing stays locked, and the answers are there again.
    answers["ask_line"] = "Bob"
    with qtbot.waitActive(window):  # after the dialog
        window.activateWindow()
    window.open_path(path)
    player = window._teaching.exercises.player
    qtbot.waitUntil(lambda: player.exercise is not None and session.up_to_date and player.view.isVisible())
    press(player.view, Qt.Key_Return)
    press(player.view, Qt.Key_1)
    press(player.view, Qt.Key_Return)
    window.open_demo("easy")
    qtbot.waitUntil(lambda: session.recording is not None and session.recording.source is not None)
    assert player.exercise is None
    assert not dock(window, "lesson").isVisible()
    assert "The exercise ended" in window.messages.text.text()
    assert window.commands["hide_truth"].isEnabled()
    assert not session.teaching.truth_hidden
    assert session.settings.alpha == 0.3
    window.open_path(path)
    qtbot.waitUntil(lambda: player.exercise is not None and session.up_to_date and player.view.isVisible())
    press(player.view, Qt.Key_Return)
    assert player.view.chosen() == {0}


def test_an_exercise_on_a_recording_waits_for_it(qtbot, window, answers, tmp_path, monkeypatch):
    path = answers["ask_save"] = tmp_path / "real.exercise.json"
    demo = RESOURCES / "demos" / "easy.npz"
    session, player = window.session, window._teaching.exercises.player
    window.open_path(demo, ask=False)
    qtbot.waitUntil(lambda: session.cell is not None)
    session.select(1)
    qtbot.waitUntil(lambda: session.cell is not None and session.up_to_date)
    # The checksum of signals takes long where they are, and is made in a thread.
    makes = threading.Event()
    monkeypatch.setattr(jobs, "fingerprint", lambda cell: makes.wait() and fingerprint(cell))
    window.commands["make_exercise"].trigger()
    assert window._teaching.exercises._dialog is None
    makes.set()
    qtbot.waitUntil(lambda: window._teaching.exercises._dialog is not None)
    dialog = window._teaching.exercises._dialog
    assert not dialog.own_cell.isEnabled()
    assert not dialog.score.isEnabled()
    dialog.accept()
    assert json.loads(path.read_text(encoding="utf-8"))["recording"]["name"] == "easy.npz"
    answers["ask_line"] = "Cy"
    window.open_demo("failing")
    qtbot.waitUntil(lambda: session.cell is not None and session.recording.source.endswith("failing.npz"))
    window.open_path(path)
    qtbot.waitUntil(lambda: "is about cell 2 of easy.npz: open that recording" in window.messages.text.text())
    window.open_path(demo, ask=False)
    qtbot.waitUntil(lambda: player.exercise is not None)
    assert session.index == 1
    assert session.cell.truth is None
    settings = session.teaching.outside.of(1)
    session.set_settings(replace(session.settings, alpha=session.settings.alpha + 0.5))
    player.view.leave.click()
    assert session.settings == settings
    assert not window.commands["undo"].isEnabled(), "of the exercise's settings"
    assert session.recording.source == str(demo)
    qtbot.waitUntil(lambda: session.cell is not None and session.cell.truth is not None)


def test_a_broken_exercise_is_a_sentence(qtbot, window, tmp_path):
    path = tmp_path / "broken.exercise.json"
    path.write_text("{", encoding="utf-8")
    window.open_path(path)
    qtbot.waitUntil(lambda: window.messages.text.text().startswith("broken.exercise.json: it is not JSON"))
