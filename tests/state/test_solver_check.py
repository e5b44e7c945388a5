"""SolverCheck: the agreement of two results, and of FISSA's when it was run on, whichever is given first."""

from dataclasses import replace

from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.state.solver_check import SolverCheck


def test_what_fissas_came_to_is_compared_with_the_other(cell, separation_of):
    exact = replace(separation_of(cell), settings=SeparationSettings(), objective=3.0)
    fast = replace(
        exact, settings=SeparationSettings(solver="accelerated"), matched=exact.matched[::-1].copy(), objective=2.0
    )
    check = SolverCheck()
    for pair, objectives in (((exact, fast), (3.0, 2.0)), ((fast, exact), (2.0, 3.0))):
        found = check.agreement(*pair)
        assert (found.objectives, found.ran_on, found.same) == (objectives, None, False)
    check.store_ran_on(exact, replace(fast, objective=1.5))
    for pair in ((exact, fast), (fast, exact)):
        ran_on = check.agreement(*pair).ran_on
        assert ran_on.same
        assert ran_on.objectives == (1.5, 2.0)
    # Of another result it is not known.
    assert check.agreement(replace(exact), fast).ran_on is None
