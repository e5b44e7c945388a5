"""Spike-in test of one cell with processes that help: bit for bit that of one thread."""

import operator
from concurrent.futures import wait
from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest

from neuropil_gui.core.analysis.recovery import Repeat
from neuropil_gui.core.analysis.rival import Rival
from neuropil_gui.core.analysis.spike_in import spike_in
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.errors import Cancelled
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.engine import sharing
from neuropil_gui.engine.spike_in_one import repeats_shared, spike_in_over_alpha
from tests.engine.watched import Watched

FAST = SeparationSettings(solver="accelerated")
FEW = SpikeInTest(repeats=6, count=4)
RATE = 30.0
HALF = Rival("half", "Half", "", "", "", lambda signals: 0.5 * signals[0])
"""A rival that no other process can have."""


RIVALS = ("raw", HALF, "fixed", "ica", "nmf", "tuncat")


@cache
def simulated():
    return simulate(Simulation(regions=3, frames=300, trials=2, seed=3)).cells[0]


@cache
def alone_by(settings):
    """Return the result by some settings, and its test in one thread, with which several are compared."""
    base = separate_cell(simulated(), settings)
    return base, spike_in(simulated(), settings, FEW, frame_rate=RATE, reference=base, rivals=RIVALS)


@pytest.fixture(scope="module")
def cell():
    return simulated()


@pytest.fixture(scope="module", params=[1, 2])
def kept(request):
    with Watched(request.param) as watched:
        yield watched


@pytest.fixture
def processes(kept, monkeypatch):
    monkeypatch.setattr(sharing, "CALL_SECONDS", 60.0)  # that they are there, however busy the machine is
    kept.submit(abs, -1).result(60)
    kept.futures.clear()
    return kept


def never():
    return False


@pytest.mark.parametrize("settings", [FAST, replace(FAST, method="ica"), replace(FAST, seed=None)])
def test_all_numbers_are_those_of_one_thread(cell, processes, settings):
    (base, alone), done = alone_by(settings), []
    shared = spike_in(
        cell, settings, FEW, frame_rate=RATE, reference=base, rivals=RIVALS, progress=lambda *each: done.append(each),
        repeat_each=repeats_shared(processes, 0.0, never),
    )  # fmt: skip
    assert any(future.done() and not future.cancelled() for future in processes.parts)
    assert (
        list(shared.recoveries) == list(alone.recoveries) == ["result", "raw", "half", "fixed", "ica", "nmf", "tuncat"]
    )
    for key, made in alone.recoveries.items():
        for one, other in zip(made.repeats, shared.recoveries[key].repeats, strict=True):
            for field in fields(Repeat):
                np.testing.assert_array_equal(getattr(one, field.name), getattr(other, field.name), err_msg=field.name)
    assert shared.table() == alone.table()
    assert shared.remarks == alone.remarks
    # The rival that no process can have is made apart.
    assert done == [(number, 12) for number in range(1, 13)]


def test_what_could_not_be_separated_is_told_as_by_one_thread(cell, processes):
    test = replace(FEW, repeats=8, count=10, shares=0.3)
    settings = replace(FAST, max_iter=1, max_tries=1)
    alone = spike_in(cell, settings, test, frame_rate=RATE)
    shared = spike_in(cell, settings, test, frame_rate=RATE, repeat_each=repeats_shared(processes, 0.0, never))
    assert "separations did not converge" in " ".join(alone.remarks)
    assert shared.remarks == alone.remarks


def test_over_alpha_each_point_is_a_test_of_its_own(cell, processes):
    alphas, few = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0), replace(FEW, repeats=2)
    found = spike_in_over_alpha(cell, FAST, few, alphas, frame_rate=RATE, workers=processes, should_stop=never)
    points = sorted(found, key=operator.attrgetter("alpha"))
    assert tuple(each.alpha for each in points) == alphas
    for point in points:
        alone = spike_in(cell, replace(FAST, alpha=point.alpha), few, frame_rate=RATE, rivals=False).result
        assert (point.gain, point.leak) == (alone.gain, alone.leak)


def test_an_alpha_at_which_nothing_can_be_tested_is_left_out(cell):
    assert not list(spike_in_over_alpha(cell, FAST, replace(FEW, other=9), (0.1, 0.2), should_stop=never))


def test_both_are_cancelled(cell, processes):
    def should_stop():
        return any(future.running() or future.done() for future in processes.parts)

    base = separate_cell(cell, FAST)
    with pytest.raises(Cancelled):
        spike_in(
            cell, FAST, replace(FEW, repeats=200), frame_rate=RATE, reference=base, should_stop=should_stop,
            repeat_each=repeats_shared(processes, 0.0, should_stop),
        )  # fmt: skip
    assert not wait([each for each in processes.parts if not each.cancelled()], 60).not_done
    with pytest.raises(Cancelled):
        list(spike_in_over_alpha(cell, FAST, FEW, (0.1, 0.2), should_stop=lambda: True))
    assert processes.end_unused()
