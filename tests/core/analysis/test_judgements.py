import math
from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui import SeparationSettings, separate_cell
from neuropil_gui.core.analysis.indicators import indicators, true_error
from neuropil_gui.core.analysis.judgements import judge, sweep_indicators
from neuropil_gui.core.analysis.sweep import Axis, SweepPlan
from neuropil_gui.core.errors import Cancelled
from neuropil_gui.core.simulation import Simulation, simulate


@pytest.fixture(scope="module")
def cell():
    return simulate(Simulation(cells=1, regions=3, frames=600)).cells[0]


@pytest.fixture(scope="module")
def result(cell):
    return separate_cell(cell, SeparationSettings(solver="accelerated"))


def test_each_trace_is_judged_by_its_own_numbers(cell, result):
    found = {each.indicator.key: each for each in judge(cell, result)}
    assert list(found) == [*(i.key for i in indicators(cell, result)), *(i.key for i in true_error(cell, result))]
    neuropil = cell.traces[1:].mean(axis=0)
    for name, trace in (("raw", cell.traces[0]), ("subtraction", cell.traces[0] - 0.7 * neuropil)):
        r = np.corrcoef(trace, neuropil)[0, 1]
        assert getattr(found["r_neuropil"], name) == pytest.approx(abs(r))
        assert getattr(found["lost_r"], name) == pytest.approx(1 - np.corrcoef(trace, cell.truth.sources[0])[0, 1])
        # They leave no residual, and explain nothing.
        assert math.isnan(getattr(found["structure"], name))
        assert math.isnan(getattr(found["explained"], name))
    assert [key for key, each in found.items() if each.needs_truth] == ["lost_r", "error_truth"]


def test_without_truth_there_is_no_error(cell, result):
    assert not any(each.needs_truth for each in judge(replace(cell, truth=None), result))


def test_without_a_region_there_is_no_subtraction(cell):
    alone = replace(cell, traces=cell.traces[:1], signal_names=cell.signal_names[:1], truth=None)
    result = separate_cell(alone, SeparationSettings(solver="accelerated"))
    assert all(math.isnan(each.subtraction) for each in judge(alone, result))


def test_a_sweep_gives_what_each_alpha_gives_alone(cell):
    alphas = (0.01, 0.03, 0.1, 1e4)
    plan = SweepPlan(SeparationSettings(), Axis("alpha", alphas))
    seen = []
    found = sweep_indicators(cell, plan, seen.append)
    assert [each.alpha for each in found] == list(alphas)
    assert [len(each) for each in seen] == [1, 2, 3, 4]
    assert seen[-1] == found
    assert [each.collapsed for each in found] == [False, False, False, True]
    one = separate_cell(cell, SeparationSettings(alpha=0.1, solver="accelerated"))
    expected = {each.key: each.value for each in (*indicators(cell, one), *true_error(cell, one))}
    assert found[2].values == pytest.approx(expected, nan_ok=True)


def test_a_sweep_can_be_cancelled(cell):
    plan = SweepPlan(SeparationSettings(), Axis("alpha", (0.1, 1.0)))
    seen = []
    with pytest.raises(Cancelled):
        sweep_indicators(cell, plan, seen.append, lambda: bool(seen))
    assert len(seen) == 1


def test_refused_alphas_are_left_out(cell):
    negative = replace(cell, traces=cell.traces - 1e6, truth=None)
    assert sweep_indicators(negative, SweepPlan(SeparationSettings(), Axis("alpha", (0.1,)))) == ()
