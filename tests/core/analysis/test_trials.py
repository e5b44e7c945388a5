"""Trials: cut, averaged and joined without a loss; separated alone; and what alpha does on fewer frames."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from neuropil_gui import Cell, SeparationSettings, read, separate_cell
from neuropil_gui.core.analysis.trials import (
    alpha_sentence,
    average,
    effective_alpha,
    joined,
    separate_trials,
    stacked,
    trial_cells,
)
from neuropil_gui.core.errors import Cancelled
from neuropil_gui.core.simulation import Simulation, simulate

FAST = SeparationSettings(solver="accelerated")


@pytest.fixture(scope="module")
def cell():
    return simulate(Simulation(regions=3, frames=400, trials=3, seed=3)).cells[0]


def cut(lengths):
    ends = np.cumsum(lengths).tolist()
    return [slice(end - length, end) for end, length in zip(ends, lengths, strict=True)]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=8))
def test_trials_are_stacked_and_joined_without_a_loss(lengths):
    trace = np.random.default_rng(0).normal(size=sum(lengths))
    stack = stacked(trace, cut(lengths))
    assert stack.shape == (len(lengths), max(lengths))
    assert np.isnan(stack).sum() == sum(max(lengths) - length for length in lengths)
    for row, part in zip(stack, cut(lengths), strict=True):
        np.testing.assert_array_equal(row[: part.stop - part.start], trace[part])
    np.testing.assert_array_equal(joined(stack, cut(lengths)), trace)


@given(st.lists(st.integers(1, 30), min_size=2, max_size=8))
def test_the_average_is_that_of_the_trials_that_reach_so_far(lengths):
    trace = np.random.default_rng(1).normal(100, 1, size=sum(lengths))
    found = average(stacked(trace, cut(lengths)))
    trials = [trace[part] for part in cut(lengths)]
    for frame in range(max(lengths)):
        values = [trial[frame] for trial in trials if len(trial) > frame]
        assert found.count[frame] == len(values)
        assert found.mean[frame] == pytest.approx(np.mean(values), rel=1e-12)
        if len(values) > 1:
            assert found.sd[frame] == pytest.approx(np.std(values, ddof=1), rel=1e-9)
            assert found.sem[frame] == pytest.approx(stats.sem(values), rel=1e-9)
        else:
            assert np.isnan(found.sd[frame])
            assert np.isnan(found.sem[frame])


def test_where_there_is_nothing_there_is_no_average():
    found = average(np.array([[1.0, np.nan, np.nan], [3.0, 5.0, np.nan]]))
    np.testing.assert_array_equal(found.mean, [2, 5, np.nan])
    np.testing.assert_array_equal(found.count, [2, 1, 0])
    assert not found.mean.flags.writeable


def test_each_trial_is_a_cell_of_its_own(cell):
    alone = trial_cells(cell)
    assert [each.name for each in alone] == [f"{cell.name}, trial {k}" for k in (1, 2, 3)]
    np.testing.assert_array_equal(np.concatenate([each.traces for each in alone], axis=1), cell.traces)
    np.testing.assert_array_equal(np.concatenate([each.truth.sources for each in alone], axis=1), cell.truth.sources)
    assert {each.trial_starts for each in alone} == {(0,)}
    assert {each.signal_names for each in alone} == {cell.signal_names}


def test_each_trial_is_separated_alone(cell):
    reports = []
    found = separate_trials(cell, FAST, lambda done, of: reports.append((done, of)))
    assert reports == [(1, 3), (2, 3), (3, 3)]
    for result, part in zip(found.results, cell.trial_slices, strict=True):
        wanted = separate_cell(Cell.from_traces(cell.traces[:, part]), FAST)
        np.testing.assert_array_equal(result.matched, wanted.matched)
        np.testing.assert_array_equal(found.best[part], wanted.matched[0])
    joint = separate_cell(cell, FAST).matched[0]
    expected = [np.corrcoef(found.best[part], joint[part])[0, 1] for part in cell.trial_slices]
    np.testing.assert_allclose(found.agreement(joint), expected, rtol=1e-9)
    assert not found.best.flags.writeable


def test_a_trial_that_is_refused_leaves_the_others(cell):
    traces = cell.traces.copy()
    traces[:, 400:800] = 0
    found = separate_trials(replace(cell, traces=traces), FAST)
    assert found.results[1] == (
        "The median of all values is 0 (100% of them are 0), and the signals are scaled by it. "
        "4 signals are dead, 0 in all frames: ROI, np 1, np 2, np 3. Leave such signals out of the file, or extract "
        "them again."
    )
    assert np.isnan(found.best).nonzero()[0].tolist() == list(range(400, 800))
    np.testing.assert_array_equal(np.isnan(found.agreement(cell.traces[0])), [False, True, False])


def test_alpha_may_be_made_to_act_as_on_all_trials(cell):
    found = separate_trials(cell, FAST, same_effect=True)
    alphas = [result.settings.alpha for result in found.results]
    np.testing.assert_allclose(alphas, 0.1 / np.sqrt(3))


def test_it_can_be_stopped(cell):
    reports = []
    with pytest.raises(Cancelled):
        separate_trials(cell, FAST, lambda done, of: reports.append(done), lambda: bool(reports))
    assert reports == [1]


def alive(result):
    return int(result.separated.any(axis=1).sum())


def test_alpha_acts_as_alpha_over_the_square_root_of_the_frames(real_data):
    # The same cell four times over: with twice the alpha the same separation, with the same alpha another one.
    others = 0
    for cell in read(real_data / "fissa_example" / "plain.npz").cells:
        frames = cell.traces.shape[1]
        repeated = Cell.from_traces(np.tile(cell.traces, (1, 4)))
        assert effective_alpha(0.1, frames, 4 * frames) == pytest.approx(0.2, rel=1e-15)
        once, same = separate_cell(cell, FAST), separate_cell(repeated, replace(FAST, alpha=0.2))
        weaker = separate_cell(repeated, FAST)
        r = [np.corrcoef(each.matched[0, :frames], once.matched[0])[0, 1] for each in (same, weaker)]
        assert alive(same) == alive(once)
        assert r[0] > 0.996
        assert r[0] > r[1]
        others += alive(weaker) > alive(once)
    assert others == 3


@given(st.floats(0, 100), st.integers(1, 10**6), st.integers(1, 10**6))
def test_effective_alpha_goes_there_and_back(alpha, frames, others):
    there = effective_alpha(alpha, frames, others)
    assert effective_alpha(there, others, frames) == pytest.approx(alpha, rel=1e-12)
    assert effective_alpha(alpha, frames, frames) == alpha


def test_the_sentence_says_what_alpha_acts_as():
    assert alpha_sentence(0.1, 300, 1200) == (
        "alpha acts as alpha / √frames: 0.1 on 300 frames is about as strong as 0.2 on 1200."
    )
