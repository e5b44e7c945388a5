"""One question at a time, in order, and only for what is wanted."""

import pytest

from neuropil_gui.core.analysis.candidates import Candidate, Difference
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.engine.runner import Runner
from neuropil_gui.features.compare import jobs
from neuropil_gui.features.compare.board import CompareBoard

CELLS = simulate(Simulation(cells=2, frames=300, seed=3)).cells


@pytest.fixture
def board(qapp):
    runner = Runner()
    yield CompareBoard(runner)
    assert runner.close(60_000)


@pytest.fixture
def asked(monkeypatch):
    """What is asked of the thread, in order."""
    keys, make = [], jobs.candidate
    monkeypatch.setattr(jobs, "candidate", lambda cell, key, made_of: keys.append(key) or make(cell, key, made_of))
    return keys


def ended(qtbot, board):
    qtbot.waitUntil(lambda: not board.working, timeout=20_000)


def test_it_asks_once_in_the_order_of_the_wish(qtbot, board, asked):
    wanted = {"truth": None, "fixed": 0.7, "raw": None}
    board.want(CELLS[0], wanted)
    board.want(CELLS[0], wanted)
    ended(qtbot, board)
    assert asked == ["truth", "fixed", "raw"]
    assert all(isinstance(board.answer(key), Candidate) for key in wanted)


def test_the_old_answer_stays_until_the_new_one_is_there(qtbot, board, asked):
    board.want(CELLS[0], {"fixed": 0.7})
    ended(qtbot, board)
    before = board.answer("fixed")
    for r in (0.6, 0.5, 0.4):
        board.want(CELLS[0], {"fixed": r})
        assert board.answer("fixed") is before
    ended(qtbot, board)
    assert board.answer("fixed").how == "k = 0.40"
    assert board.made_of("fixed") == 0.4


def test_what_is_not_wanted_any_more_is_forgotten(qtbot, board):
    board.want(CELLS[0], {"raw": None, "truth": None})
    ended(qtbot, board)
    board.want(CELLS[0], {"truth": None})
    assert board.answer("raw") is None
    board.want(CELLS[1], {"truth": None})
    assert board.answer("truth") is None
    ended(qtbot, board)
    assert board.answer("truth") is not None
    board.drop()
    assert not board.working


def test_a_refusal_is_kept_with_its_reason(qtbot, board):
    bare = Cell.from_traces(CELLS[0].traces[:1])
    board.want(bare, {"fixed": 0.7, "raw": None})
    ended(qtbot, board)
    assert "no neuropil region" in board.problem("fixed")
    assert board.answer("fixed") is None
    assert board.problem("raw") == ""
    board.want(bare, {"raw": None})
    assert board.problem("fixed") == ""


def test_two_candidates_are_subtracted_and_a_rival_is_separated(qtbot, board):
    board.want(CELLS[0], {"raw": None, "truth": None})
    ended(qtbot, board)
    pair = board.answer("raw"), board.answer("truth")
    board.want(CELLS[0], {"raw": None, "truth": None, "gap": pair, "nmf": SeparationSettings(solver="accelerated")})
    ended(qtbot, board)
    assert isinstance(board.answer("gap"), Difference)
    separation, numbers = board.answer("nmf")
    assert separation.settings.method == "nmf"
    assert numbers


def test_after_an_unforeseen_error_no_more_is_asked_of_that_cell(qtbot, board, monkeypatch):
    errors = []
    with monkeypatch.context() as patch:
        patch.setattr("sys.excepthook", lambda *error: errors.append(error))

        def fail(*_):
            raise RuntimeError("planted by a test")

        patch.setattr(jobs.candidates, "of_rival", fail)
        board.want(CELLS[0], {"raw": None, "fixed": 0.7})
        ended(qtbot, board)
        qtbot.waitUntil(lambda: len(errors) == 1)
    assert board.problem("raw") == "It ended in an unexpected error; the log file has the details."
    assert board.answer("fixed") is None
    board.want(CELLS[1], {"raw": None})
    ended(qtbot, board)
    assert board.answer("raw") is not None
