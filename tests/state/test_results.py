from dataclasses import replace

import numpy as np

from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.state.results import Outcome, Outcomes, Result, Results


def make(settings, frames=100):
    separation = Separation(
        separated=np.zeros((1, frames)),
        matched=np.zeros((1, frames)),
        mixing=np.ones((2, 1)),
        order=np.array([0]),
        scores=np.array([0.5]),
        iterations=1,
        converged=True,
        n=1,
        seed=0,
        tries=1,
        settings=settings,
        offset=0.0,
        median=1.0,
        warnings=(),
        seconds=0.0,
    )
    return Result(separation, {})


def settings(alpha):
    return SeparationSettings(alpha=alpha)


def test_gets_what_was_stored_for_just_this_cell_and_these_settings():
    results = Results()
    kept = make(settings(0.1))
    results.store(3, kept)
    assert results.get(3, settings(0.1)) is kept
    assert results.get(2, settings(0.1)) is None
    assert results.get(3, settings(0.2)) is None


def test_newest_is_the_one_stored_or_used_last():
    results = Results()
    first, second, other = make(settings(0.1)), make(settings(0.2)), make(settings(0.3))
    results.store(0, first)
    results.store(0, second)
    results.store(1, other)
    assert results.newest(0) is second
    assert results.get(0, settings(0.1)) is first
    assert results.newest(0) is first
    assert results.newest(7) is None


def test_memory_is_bounded_and_the_least_recently_used_goes():
    size = make(settings(0.1)).nbytes
    results = Results(max_bytes=3 * size)
    for alpha in (0.1, 0.2, 0.3):
        results.store(0, make(settings(alpha)))
    results.get(0, settings(0.1))
    results.store(0, make(settings(0.4)))
    assert results.get(0, settings(0.2)) is None
    assert results.get(0, settings(0.1)) is not None
    assert results.nbytes <= 3 * size


def test_a_result_larger_than_the_bound_is_kept_alone():
    results = Results(max_bytes=10)
    results.store(0, make(settings(0.1)))
    large = make(settings(0.2), frames=10_000)
    results.store(0, large)
    assert len(results) == 1
    assert results.newest(0) is large


def test_storing_again_replaces_and_clear_forgets():
    results = Results()
    results.store(0, make(settings(0.1)))
    again = make(settings(0.1))
    results.store(0, again)
    assert len(results) == 1
    assert results.newest(0) is again
    results.clear()
    assert len(results) == 0


def test_a_spike_in_test_stays_with_results_of_its_question_alone():
    outcomes, tested = Outcomes(), CellSpikeIn(SpikeInTest(), 30.0)
    outcomes[0] = replace(Outcome.of(make(settings(0.1))), spike_in=tested)
    outcomes.put(0, Outcome.of(make(replace(settings(0.1), solver="accelerated"))))
    assert outcomes[0].spike_in is tested
    assert set(outcomes[0].values) == {"gain", "leak"}
    assert outcomes.is_of(0, settings(0.1))
    outcomes[1] = replace(outcomes[0], earlier=True)
    outcomes.put(1, Outcome.of(make(settings(0.1))))
    assert outcomes[1].spike_in is None, "it was of other signals"
    outcomes.put(0, Outcome.of(make(settings(0.2))))
    assert outcomes[0].spike_in is None
    assert outcomes[0].values == {}
