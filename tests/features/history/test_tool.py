"""HistoryTool: it lists the runs, and brings one back with its cell, its settings and its own result."""

from dataclasses import replace
from unittest.mock import MagicMock

import pytest
from PyQt5.QtWidgets import QApplication

from neuropil_gui.engine.controller import Controller
from neuropil_gui.features.history.tool import HistoryTool
from neuropil_gui.state.runs import TABLE_COLUMNS
from neuropil_gui.ui import dialogs


@pytest.fixture
def session(session_of, cell):
    session = session_of(cell, replace(cell, name="cell 2"))
    session.set_live(False)
    return session


@pytest.fixture
def engine():
    return MagicMock(spec=Controller)


@pytest.fixture
def tool(runners, parent, session, engine):
    """Return a tool whose page counts as visible."""
    tool = HistoryTool(session, engine, parent)
    tool.page.shown.emit()
    return tool


@pytest.fixture
def separate(session, separation_of):
    """Store a result of the selected cell with these settings; return its run."""

    def separate(**changed):
        session.set_settings(replace(session.settings, **changed))
        session.store(replace(separation_of(session.cell), settings=session.settings), {})
        return session.runs.present

    return separate


def test_it_lists_the_runs_as_they_come(tool, separate):
    assert tool.figure() is None
    first, second = separate(method="ica"), separate(method="nmf")
    assert set(tool.view.listed()) == {first, second}
    assert tool.view.model.present == second.number
    assert tool.page.header.subtitle.text() == "2 runs"
    assert callable(tool.figure())


def test_a_hidden_page_catches_up_when_it_is_shown(tool, separate):
    tool.page.hidden.emit()
    run = separate(method="ica")
    assert tool.view.listed() == []
    tool.page.shown.emit()
    assert tool.view.listed() == [run]
    assert tool.view.model.present == run.number


def test_a_run_at_hand_comes_back_without_the_engine(tool, session, separate, engine):
    run = separate(method="ica")
    separate(method="nmf")
    tool.view.run_chosen.emit(run)
    assert session.settings.method == "ica"
    assert session.runs.present is run
    engine.run.assert_not_called()


def test_a_run_whose_result_had_to_go_is_made_again(tool, session, separate, engine):
    run = separate(method="ica")
    separate(method="nmf")
    session.results.clear()
    tool.view.run_chosen.emit(run)
    assert session.settings.asks_like(run.settings)
    engine.run.assert_called_once_with()


def test_with_live_on_the_engine_separates_by_itself(tool, session, separate, engine):
    run = separate(method="ica")
    separate(method="nmf")
    session.results.clear()
    session.set_live(True)
    tool.view.run_chosen.emit(run)
    assert session.settings.method == "ica"
    engine.run.assert_not_called()


def test_a_run_of_another_cell_waits_until_that_is_read(tool, session, separate, engine, cell):
    run = separate(method="ica")
    session.results.clear()
    session.select(1)
    session.set_cell(session.recording.cells[1])
    separate(method="nmf")
    tool.view.run_chosen.emit(run)
    assert (session.index, session.settings.method) == (0, "ica")
    engine.run.assert_not_called()
    session.set_cell(cell)
    engine.run.assert_called_once_with()


def test_a_run_is_forgotten_when_another_cell_is_selected_meanwhile(tool, session, separate, engine):
    run = separate(method="ica")
    session.results.clear()
    session.select(1)
    session.set_cell(session.recording.cells[1])
    tool.view.run_chosen.emit(run)
    session.select(1)
    session.set_cell(session.recording.cells[1])
    assert session.index == 1
    engine.run.assert_not_called()


def test_the_other_solvers_result_is_shown_and_the_solver_stays(tool, session, separate, engine):
    first = separate(solver="accelerated")
    separate(solver="fissa")
    tool.view.run_chosen.emit(first)
    assert session.result.settings.solver == "accelerated"
    assert session.settings.solver == "fissa"
    engine.run.assert_not_called()


def test_the_selected_runs_are_copied_as_a_table(tool, separate):
    separate(method="ica")
    separate(method="nmf")
    tool.view.view.selectRow(0)
    tool.view.copy_requested.emit()
    lines = QApplication.clipboard().text().splitlines()
    assert lines[0].split("\t") == list(TABLE_COLUMNS)
    assert len(lines) == 2
    assert tool.page.header.subtitle.text() == "Copied: 1 run"


def test_the_listed_runs_are_exported_to_the_chosen_file(tool, separate, engine, monkeypatch, tmp_path):
    suggested = []
    path = tmp_path / "runs.csv"
    monkeypatch.setattr(dialogs, "ask_save", lambda _, title, suggestion, kind: suggested.append(suggestion) or path)
    tool.view.export_requested.emit()
    assert suggested == [], "there are no runs"
    run = separate(method="ica")
    tool.view.export_requested.emit()
    assert suggested == ["recording_history.csv"]
    to, columns, rows = engine.export_table.call_args.args
    assert (to, columns, list(rows)) == (path, TABLE_COLUMNS, [run.values()])


def test_a_cancelled_dialog_exports_nothing(tool, separate, engine, monkeypatch):
    monkeypatch.setattr(dialogs, "ask_save", lambda *_: None)
    separate(method="ica")
    tool.view.export_requested.emit()
    engine.export_table.assert_not_called()
