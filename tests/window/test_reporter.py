from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui.core.draft import separate_draft
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.engine import live
from neuropil_gui.state.session import Session
from neuropil_gui.window.reporter import status

EXACT = SeparationSettings()
FAST = replace(EXACT, solver="accelerated")


@pytest.fixture(scope="module")
def cell():
    return simulate(Simulation(frames=400, seed=2)).cells[0]


@pytest.fixture
def session(qapp, cell):
    session = Session()
    session.set_recording(Recording("one cell", None, None, [cell]))
    session.set_cell(cell)
    return session


def test_nothing_is_separated_yet(session):
    assert status(session) == ("idle", "", False, "")


def test_a_fast_result_says_whether_it_is_checked(session, cell):
    session.store(separate_cell(cell, FAST), {})
    assert status(session).state == "converged"
    assert status(session).text.endswith("· not checked against FISSA")
    assert status(session, checking=True).text.endswith("· being checked against FISSA")


def test_both_solvers_agree(session, cell):
    session.store(separate_cell(cell, FAST), {})
    session.store(separate_cell(cell, EXACT), {})
    said = status(session)
    assert (said.state, said.rival) == ("exact", "")
    assert said.text.endswith("same as the accelerated solver's: r = 1.0000")
    session.show_rival()
    assert status(session).state == "converged"
    assert status(session).text.endswith("same as FISSA's: r = 1.0000")


def test_another_minimum_is_told_with_both_objectives(session, cell):
    fast, exact = separate_cell(cell, FAST), separate_cell(cell, EXACT)
    # As if it had ended elsewhere.
    other = np.random.default_rng(1).random(fast.matched.shape)
    session.store(replace(fast, matched=other, objective=123.456), {})
    session.store(exact, {})
    said = status(session)
    assert (said.state, said.rival) == ("exact", "Show the other")
    assert "another minimum than the accelerated solver's" in said.text
    assert f"objective {exact.objective:.6g} against 123.456" in said.text
    session.show_rival()
    assert status(session).rival == "Show FISSA's"


def test_changed_settings_and_no_convergence(session, cell):
    session.store(separate_cell(cell, EXACT), {})
    session.set_settings(replace(EXACT, alpha=0.3))
    assert status(session).state == "out of date"
    short = replace(EXACT, alpha=0.3, max_iter=3, tol=0.0)
    session.set_settings(short)
    session.store(separate_cell(cell, short), {})
    assert status(session).state == "not converged"
    assert "did not converge within 3 iterations" in status(session).text


def test_a_draft_says_what_it_is_and_what_follows(session, cell, monkeypatch):
    near = separate_cell(cell, FAST)
    session.store(near, {})
    moved = replace(EXACT, alpha=0.2)
    session.set_settings(moved)
    session.show_draft(separate_draft(cell, replace(FAST, alpha=0.2), near))
    assert status(session) == ("draft", "the result follows", False, "")
    session.show_draft(separate_draft(cell, replace(FAST, alpha=0.2)))
    assert status(session).text == "20 frames averaged to a value; the result follows"
    monkeypatch.setattr(live, "DRAFT_ONLY_VALUES", 100)
    assert status(session).text.endswith("press Run")


def test_ica_is_exact_and_says_its_random_seed(session, cell):
    settings = SeparationSettings(method="ica", seed=None)
    session.set_settings(settings)
    result = separate_cell(cell, settings)
    session.store(result, {})
    assert status(session).state == ("exact" if result.converged else "not converged")
    assert status(session).text.endswith(f", seed {result.seed}")
