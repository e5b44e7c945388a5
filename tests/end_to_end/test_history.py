"""The History window: what is logged while one works, and how a run is brought back."""

import csv
from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QAction, QApplication, QLabel, QPushButton, QSlider, QTableView, QWidget

from neuropil_gui import SeparationSettings, read, separate_cell
from neuropil_gui.state.runs import TABLE_COLUMNS
from neuropil_gui.ui import dialogs

pytestmark = [pytest.mark.usefixtures("unchecked"), pytest.mark.any_version]


@pytest.fixture
def window(emptied_window):
    return emptied_window


def answered(window):
    session = window.session
    return session.cell is not None and session.answered and session.draft is None and not window.controller.separating


@pytest.fixture
def change(qtbot, window):
    """Change settings as a remedy or a script does, and wait for the answer."""

    def change(**values):
        window.session.set_settings(replace(window.session.settings, **values))
        qtbot.waitUntil(lambda: answered(window), timeout=20_000)

    return change


@pytest.fixture
def history(qtbot, window):
    """The open window."""
    window.findChild(QAction, "history").trigger()
    tool = window.findChild(QWidget, "history_window")
    qtbot.waitUntil(tool.isVisible)
    return tool


def table(history):
    return history.findChild(QTableView, "runs")


def numbers(history):
    model = table(history).model()
    return [int(model.index(row, 0).data().split()[-1]) for row in range(model.rowCount())]


def click(qtbot, history, number):
    view = table(history)
    place = view.visualRect(view.model().index(numbers(history).index(number), 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


def test_the_key_opens_it_and_escape_closes_it(qtbot, window):
    qtbot.keyClick(window, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    tool = window.findChild(QWidget, "history_window")
    assert tool.isVisible()
    assert "Nothing has been separated yet" in tool.findChild(QLabel, "no_runs").text()
    qtbot.keyClick(tool, Qt.Key.Key_Escape)
    assert not tool.isVisible()


def test_what_was_shown_before_and_while_it_is_open_is_listed(qtbot, window, demo, open_and_wait, change, history):
    open_and_wait(demo)
    assert numbers(history) == [1]
    change(alpha=0.5)
    assert numbers(history) == [2, 1]
    history.close()
    change(n=2)
    assert table(history).model().rowCount() == 2
    window.findChild(QAction, "history").trigger()
    assert numbers(history) == [3, 2, 1]
    assert table(history).model().index(0, 0).data() == "▸ 3"


def test_a_click_brings_back_cell_settings_and_the_very_result(
    qtbot, window, demo, open_and_wait, change, history, listen
):
    open_and_wait(demo)
    first = window.session.result
    change(alpha=0.5, n=3)
    window.session.select(2)
    qtbot.waitUntil(lambda: answered(window), timeout=20_000)
    asked = []
    listen(window.controller.separation_started, asked.append)
    click(qtbot, history, 1)
    qtbot.waitUntil(lambda: answered(window), timeout=20_000)
    assert (window.session.index, window.session.settings) == (0, SeparationSettings())
    assert window.session.result is first
    assert asked == []
    assert window.session.runs.present.number == 1


def test_each_solvers_result_is_a_line_of_its_own(qtbot, window, short, open_and_wait, run_and_wait, history):
    open_and_wait(short)
    run_and_wait()
    assert [run.settings.solver for run in window.session.runs.all()] == ["accelerated", "fissa"]
    for number, solver in ((1, "accelerated"), (2, "fissa"), (1, "accelerated")):
        click(qtbot, history, number)
        assert window.session.result.settings.solver == solver
        assert window.session.settings.solver == "fissa"


def test_a_run_whose_result_had_to_go_is_made_again(qtbot, window, short, open_and_wait, change, history):
    open_and_wait(short)
    change(alpha=0.5)
    window.session.set_live(False)
    window.session.results.clear()
    first = window.session.runs.all()[0]
    click(qtbot, history, 1)
    qtbot.waitUntil(lambda: answered(window), timeout=20_000)
    expected = separate_cell(read(short).cells[0], SeparationSettings())
    np.testing.assert_array_equal(window.session.result.matched, expected.matched)
    assert window.session.runs.all()[0] is first  # that was the fast solver's
    assert window.session.runs.present.settings.solver == "fissa"


def test_a_run_of_another_cell_is_made_again_without_live(qtbot, window, demo, open_and_wait, change, history):
    open_and_wait(demo)
    window.session.set_live(False)
    window.session.select(1)
    window.session.results.clear()
    window.session.set_settings(SeparationSettings(alpha=0.7))
    click(qtbot, history, 1)
    qtbot.waitUntil(lambda: answered(window), timeout=20_000)
    assert (window.session.index, window.session.settings.alpha) == (0, 0.1)


def test_a_drawn_seed_comes_back_as_it_was(qtbot, window, demo, open_and_wait, change, history):
    open_and_wait(demo)
    change(method="ica", seed=None)
    drawn = window.session.result
    window.controller.run()
    qtbot.waitUntil(lambda: window.session.result is not drawn, timeout=20_000)
    click(qtbot, history, 2)
    qtbot.waitUntil(lambda: answered(window), timeout=20_000)
    np.testing.assert_array_equal(window.session.result.matched, drawn.matched)
    assert window.session.settings.seed == drawn.seed
    assert len(window.session.runs) == 3


def test_dragging_does_not_flood_it(qtbot, window, demo, open_and_wait, history, monkeypatch):
    open_and_wait(demo)
    clock = iter(range(10**6))
    monkeypatch.setattr(window.session.runs, "clock", lambda: 0.001 * next(clock))
    slider = window.findChild(QSlider, "alpha_slider")
    seen = set()
    for _ in range(8):
        slider.triggerAction(QSlider.SliderAction.SliderSingleStepAdd)
        qtbot.waitUntil(lambda: answered(window), timeout=20_000)
        seen.add(window.session.result.settings.alpha)
    assert len(seen) == 8
    assert len(window.session.runs) <= 2
    assert window.session.runs.present.settings.alpha == window.session.settings.alpha


def test_selected_runs_are_copied_as_a_table(qtbot, window, demo, open_and_wait, change, history):
    open_and_wait(demo)
    change(alpha=0.5)
    table(history).selectAll()
    qtbot.keyClick(table(history), Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    lines = [line.split("\t") for line in QApplication.clipboard().text().splitlines()]
    assert lines[0] == list(TABLE_COLUMNS)
    assert [line[0] for line in lines[1:]] == ["2", "1"]
    known = window.session.runs.all()
    assert [float(line[lines[0].index("r")]) for line in lines[1:]] == [
        known[1].value("r_neuropil"),
        known[0].value("r_neuropil"),
    ]


def test_what_is_listed_is_exported(qtbot, window, demo, open_and_wait, change, history, tmp_path, monkeypatch):
    open_and_wait(demo)
    change(alpha=0.5)
    target = tmp_path / "history.csv"
    asked = []
    monkeypatch.setattr(dialogs, "ask_save", lambda *arguments: asked.append(arguments) or target)
    with qtbot.waitSignal(window.controller.written, timeout=10_000) as caught:
        history.findChild(QPushButton, "export_runs").click()
    assert caught.args == [target, []]
    assert asked[0][2].endswith("contaminated_history.csv")
    rows = list(csv.DictReader(target.read_text(encoding="utf-8").splitlines()))
    assert [(row["run"], row["alpha"], row["converged"]) for row in rows] == [("2", "0.5", "yes"), ("1", "0.1", "yes")]
    assert float(rows[1]["explained"]) == window.session.runs.all()[0].value("explained")


def test_another_recording_empties_it(window, demo, open_and_wait, change, history):
    open_and_wait(demo)
    change(alpha=0.5)
    open_and_wait(demo)
    assert numbers(history) == [1]
