"""LookAhead: FISSA's result is run on, once, where it differs from the accelerated solver's."""

from dataclasses import replace

import pytest

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.prefetch import LookAhead, RunningOn

FAST = SeparationSettings(solver="accelerated")


@pytest.fixture
def session(session_of, cell):
    return session_of(cell)


@pytest.fixture
def ahead(runners, session):
    return LookAhead(session)


@pytest.fixture
def both(session, cell, separation_of):
    """Both solvers' results, which differ."""
    exact = replace(separation_of(cell), settings=SeparationSettings(), objective=12.0)
    fast = replace(exact, settings=FAST, matched=exact.matched[::-1].copy(), objective=11.0)
    for each in (fast, exact):
        session.store(each, {})
    return fast, exact


def test_fissas_result_is_run_on_once_where_the_two_differ(ahead, runners, session, cell, both):
    fast, exact = both
    ahead.resume()
    asked = runners[-1].question
    assert isinstance(asked, RunningOn)
    assert (asked.cell, asked.separation) == (cell, exact)
    assert session.agreement.ran_on is None
    runners[-1].answer(replace(fast, settings=exact.settings))
    assert session.agreement.ran_on.same
    assert session.agreement.ran_on.objectives == (11.0, 11.0)
    ahead.resume()
    assert len(runners[-1].asked) == 1


def test_a_failure_ends_it(ahead, runners, session, both):
    ahead.resume()
    runners[-1].fail(DataError("There is not enough memory."))
    ahead.resume()
    assert len(runners[-1].asked) == 1
    assert session.agreement.ran_on is None


def test_what_was_stopped_for_the_user_is_made_later(ahead, runners, both):
    ahead.resume()
    ahead.pause()
    assert not ahead.working
    ahead.resume()
    assert [type(each) for each in runners[-1].asked] == [RunningOn] * 2


def test_results_that_agree_are_not_run_on(ahead, runners, session, both):
    fast, exact = both
    session.store(replace(fast, matched=exact.matched), {})
    session.store(exact, {})
    ahead.resume()
    assert not runners[-1].asked
