"""SweepTool: it asks for the tiles that are left, and pauses while the user's own separation is under way."""

from dataclasses import replace
from unittest.mock import MagicMock, call

import pytest
from PyQt5.QtCore import QObject, pyqtSignal
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.analysis.sweep import Tile, thinned
from neuropil_gui.core.errors import DataError
from neuropil_gui.features.sweep import jobs, tool, words
from neuropil_gui.features.sweep.held_out_page import HeldOutPage
from neuropil_gui.features.sweep.pages import StripPage
from neuropil_gui.features.sweep.tool import NO_CELL, READING, SweepTool
from neuropil_gui.features.sweep.view import SweepView
from neuropil_gui.state.session import Session


class FakeEngine(QObject):
    """Controller of which only `separating` is known."""

    work_changed = pyqtSignal()
    separating = False

    def set_separating(self, separating):
        self.separating = separating
        self.work_changed.emit()


class FakeView(QWidget):
    """View with the film strip's page, whose methods are mocks."""

    asked = pyqtSignal()
    settings_chosen = pyqtSignal(object)
    cancel_requested = pyqtSignal()
    go_on_requested = pyqtSignal()

    def __init__(self):
        super().__init__()
        mock = MagicMock(spec=SweepView)
        self.show_nothing, self.show_sweep, self.show_present = mock.show_nothing, mock.show_sweep, mock.show_present
        self.show_note, self.show_work = mock.show_note, mock.show_work
        self.holds_out, self.held_out = False, MagicMock(spec=HeldOutPage)
        self.page = self.strip = MagicMock(spec=StripPage, number=MagicMock(), plot=MagicMock())
        self.page.wanted.return_value = ("alpha", None, 5, 10.0)


@pytest.fixture
def engine(qapp):
    return FakeEngine()


@pytest.fixture
def session(session_of, cell):
    return session_of(cell)


@pytest.fixture
def make(runners, parent, engine, monkeypatch):
    """Make a tool whose page counts as visible."""
    monkeypatch.setattr(tool, "SweepView", FakeView)

    def make(session):
        made = SweepTool(session, engine, parent)
        made.page.shown.emit()
        return made

    return make


def tiles_of(question):
    return [Tile(*place, question.plan.settings_at(*place), error="refused") for place in question.plan.tiles()]


def test_without_a_cell_the_view_shows_why(make, session_of, cell):
    tool = make(Session())
    tool.view.show_nothing.assert_called_once_with(NO_CELL)
    session = session_of(cell, cell)
    session.select(1)
    tool = make(session)
    tool.view.show_nothing.assert_called_once_with(READING)
    assert (tool.question, tool.busy, tool.figure()) == (None, False, None)


def test_it_asks_for_all_tiles_of_the_selected_cell(make, session, cell, monkeypatch):
    work = MagicMock(spec=jobs.sweep)
    monkeypatch.setattr(jobs, "sweep", work)
    tool = make(session)
    asked = tool.question
    assert tool.runner.question is asked
    assert (asked.cell, asked.index) == (cell, 0)
    work.assert_called_once_with(cell, asked.plan, list(asked.plan.tiles()), [])
    tool.view.show_sweep.assert_called_once_with(asked.plan, {}, True)


def test_reported_tiles_go_to_the_session_and_are_counted(make, session):
    tool = make(session)
    asked, tiles = tool.question, tiles_of(tool.question)
    tool.runner.reported.emit(asked, tiles[:3])
    assert list(session.sweeps.tiles(0, asked.plan).values()) == tiles[:3]
    assert tool.view.show_work.call_args == call(3, len(tiles), True, False)
    tool.runner.answer(tiles)
    assert tool.view.show_work.call_args == call(len(tiles), len(tiles), False, False)
    assert not tool.busy


def test_tiles_of_an_earlier_plan_are_kept_but_not_drawn(make, session):
    tool = make(session)
    before = tool.question
    session.set_settings(replace(session.settings, n=2))
    assert tool.question.plan != before.plan
    tool.view.show_sweep.reset_mock()
    tool.runner.reported.emit(before, tiles_of(before))
    assert session.sweeps.left(0, before.plan) == []
    tool.view.show_sweep.assert_not_called()


def test_known_tiles_are_not_asked_again(make, session):
    tool = make(session)
    tool.runner.answer(tiles_of(tool.question))
    count = len(tool.runner.asked)
    tool.page.hidden.emit()
    tool.page.shown.emit()
    assert len(tool.runner.asked) == count


def test_a_change_of_the_swept_setting_only_moves_the_mark(make, session):
    tool = make(session)
    before = tool.question
    session.set_settings(replace(session.settings, alpha=0.5))
    assert tool.question is before
    assert tool.runner.asked == [before]
    assert tool.view.show_present.call_args == call(session.settings, 4)


def test_it_pauses_while_the_users_own_separation_is_under_way(make, session, engine):
    tool = make(session)
    engine.set_separating(True)
    assert not tool.runner.busy
    assert tool.busy, "it goes on later"
    engine.set_separating(False)
    assert tool.runner.question is tool.question


def test_cancel_stops_until_go_on(make, session, engine):
    tool = make(session)
    total = len(list(tool.question.plan.tiles()))
    tool.view.cancel_requested.emit()
    engine.work_changed.emit()
    assert not tool.busy
    assert tool.view.show_work.call_args == call(0, total, False, True)
    tool.view.go_on_requested.emit()
    assert tool.runner.busy
    assert tool.view.show_work.call_args == call(0, total, True, False)


def test_a_failure_stops_it_and_is_shown_until_go_on(make, session, engine):
    tool = make(session)
    tool.runner.fail(DataError("There is not enough memory."))
    engine.work_changed.emit()
    assert not tool.runner.busy
    assert tool.view.show_note.call_args == call("There is not enough memory.")
    tool.view.go_on_requested.emit()
    assert tool.runner.busy
    assert tool.view.show_note.call_args != call("There is not enough memory.")


def test_the_settings_of_a_tile_are_taken_but_for_the_solver(make, session):
    tool = make(session)
    solver = session.settings.solver
    other = "accelerated" if solver == "fissa" else "fissa"
    tool.view.settings_chosen.emit(replace(session.settings, alpha=0.7, solver=other))
    assert (session.settings.alpha, session.settings.solver) == (0.7, solver)


def test_a_setting_that_the_method_does_not_use_is_not_swept(make, session):
    session.set_settings(replace(session.settings, method="ica"))
    tool = make(session)
    assert (tool.runner.asked, tool.busy) == ([], False)
    assert "Choose another setting to sweep" in tool.view.show_note.call_args.args[0]


@pytest.fixture
def solved(make, session, cell, separation_of):
    """Return a tool whose tiles are made, and a function that gives the window FISSA's result of a tile."""
    tool = make(session)
    plan, trace = tool.question.plan, thinned(separation_of(cell).matched[0], 400)
    known = {"numbers": {"objective": 11.0, "alive": 2.0}, "n": 4, "trace": trace}
    tiles = [Tile(*place, plan.settings_at(*place), **known) for place in plan.tiles()]
    tool.runner.answer(tiles)

    def check(tile, objective, swap=False):
        session.set_settings(replace(tile.settings, solver="fissa"))
        fast = separation_of(cell)
        matched = fast.matched[::-1].copy() if swap else fast.matched
        exact = replace(fast, settings=session.settings, matched=matched, objective=objective, iterations=77)
        session.store(exact, {"alive": 3.0})
        return session.sweeps.tiles(0, tool.question.plan)[tile.ix, tile.iy]

    return tiles, check


def test_the_tile_that_was_taken_is_checked_once_fissas_own_result_is_there(solved, session):
    tiles, check = solved
    assert all(tile.unchecked for tile in tiles)
    found = check(tiles[1], 11.5)
    assert not found.unchecked
    assert found.r_fissa == pytest.approx(1)
    assert (found.settings, found.value("objective")) == (tiles[1].settings, 11.0)


def test_another_minimum_that_is_higher_is_told(solved):
    tiles, check = solved
    found = check(tiles[2], 11.5, swap=True)
    assert found.r_fissa < 0.9
    assert found.value("objective") == 11.0
    assert "other than FISSA's: r = " in words.check_text(found)


def test_fissas_own_takes_the_tile_where_its_objective_is_lower(solved, session):
    tiles, check = solved
    found = check(tiles[2], 10.5, swap=True)
    assert (found.settings.solver, found.value("objective"), found.value("alive")) == ("fissa", 10.5, 3.0)
    assert not found.unchecked
    assert "FISSA's own, with the lower objective" in words.check_text(found)


def test_there_is_a_figure_once_there_are_tiles(make, session):
    tool = make(session)
    assert tool.figure() is None
    tool.runner.reported.emit(tool.question, tiles_of(tool.question)[:1])
    assert callable(tool.figure())
