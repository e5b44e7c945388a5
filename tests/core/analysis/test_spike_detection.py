"""Traces against spikes: ROC against scikit-learn, averages against closed forms, on cells whose spikes are known."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score, roc_curve

from neuropil_gui.core.analysis.rival import Rival, trace_of
from neuropil_gui.core.analysis.rivals import RIVALS
from neuropil_gui.core.analysis.spike_detection import (
    AFTERWARDS,
    FACTORS,
    spike_test,
    spike_test_over_alpha,
)
from neuropil_gui.core.analysis.spike_windows import roc, triggered_average, windows_of
from neuropil_gui.core.analysis.transients import transient
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate, spike_counts
from neuropil_gui.core.spike_times import SpikeTimes

FAST = SeparationSettings(solver="accelerated")
SIMULATION = Simulation(
    frames=6000, seed=4, contamination=0.9, spike_rate=0.15, burst=1.0, amplitude=25.0, fluctuation=40.0,
    neuropil_time=0.3, neighbours=0, noise=2.0, leak=0.02,
)  # fmt: skip


@pytest.fixture(scope="module")
def cell():
    return simulate(SIMULATION).cells[0]


@pytest.fixture(scope="module")
def spikes():
    """Return the cell's spikes in seconds."""
    counts = spike_counts(SIMULATION)
    return SpikeTimes(np.repeat(np.arange(len(counts)), counts) / SIMULATION.frame_rate, "s", "known")


@pytest.fixture(scope="module")
def made(cell):
    return separate_cell(cell, FAST)


@pytest.fixture(scope="module")
def found(cell, made, spikes):
    return spike_test(cell, made, spikes, frame_rate=30.0)


def test_spikes_of_the_simulator_are_those_its_light_is_made_of(cell):
    counts = spike_counts(SIMULATION)
    own = cell.truth.sources[0] - SIMULATION.baseline
    made = np.convolve(counts, transient(SIMULATION.rise, SIMULATION.decay, 30.0))[: len(own)] * SIMULATION.amplitude
    # The first seconds hold light of spikes before the recording.
    assert np.corrcoef(own[150:], made[150:])[0, 1] > 0.999
    assert counts.sum() > 20


@given(
    st.lists(st.integers(0, 8), min_size=2, max_size=30),
    st.lists(st.integers(0, 8), min_size=2, max_size=30),
)
def test_the_auc_is_that_of_scikit_learn_ties_included(events, rest):
    truth, scores = [1] * len(events) + [0] * len(rest), events + rest
    made = roc(np.array(events, float), np.array(rest, float))
    assert made.auc == pytest.approx(roc_auc_score(truth, scores), abs=1e-12)
    false, true, _ = roc_curve(truth, scores, drop_intermediate=False)
    np.testing.assert_allclose(made.false_rate, false, atol=1e-12)
    np.testing.assert_allclose(made.true_rate, true, atol=1e-12)


def test_the_error_of_the_auc_is_delongs_and_that_of_drawing_again():
    rng = np.random.default_rng(0)
    events, rest = rng.normal(1.0, 1, 60), rng.normal(0, 1, 90)
    # By its definition: the variances of the means of psi over each side.
    psi = (events[:, None] > rest).astype(float)
    wanted = math.sqrt(psi.mean(axis=1).var(ddof=1) / 60 + psi.mean(axis=0).var(ddof=1) / 90)
    made = roc(events, rest)
    assert made.error == pytest.approx(wanted, rel=1e-12)
    again = [roc(rng.normal(1.0, 1, 60), rng.normal(0, 1, 90)).auc for _ in range(400)]
    assert made.error == pytest.approx(np.std(again), rel=0.2)


def test_the_average_of_known_events_is_their_closed_form():
    shape, peaks = transient(0.05, 0.3, 30.0)[:40], np.array([3.0, 5.0, 4.0, 9.0])
    onsets = np.array([50, 200, 400, 600])
    trace = np.full(700, 7.0)
    for onset, peak in zip(onsets, peaks, strict=True):
        trace[onset : onset + 40] += peak * shape
    mean, error = triggered_average(trace, onsets, 10, 40)
    np.testing.assert_allclose(mean, np.r_[np.zeros(10), peaks.mean() * shape], atol=1e-12)
    np.testing.assert_allclose(error, np.r_[np.zeros(10), peaks.std(ddof=1) / 2 * shape], atol=1e-12)


def test_an_average_ends_with_its_trial():
    trace = np.r_[np.zeros(60), np.full(60, 100.0)]
    mean, error = triggered_average(trace, np.array([20, 50]), 5, 20, (0, 60))
    np.testing.assert_allclose(mean, 0, atol=1e-12)
    assert math.isnan(error[-1])


def test_windows_are_of_spikes_after_silence_and_of_silence():
    spikes = np.array([20, 24, 50, 90])
    usable = np.ones(140, bool)
    usable[125] = False
    found = windows_of(spikes, 10, (0, 85), 140, usable)
    assert found.onsets.tolist() == [20, 50]  # 24 has a spike before it, 90 lies at the beginning of its trial
    for at in found.rest:
        assert not any(at - 10 <= each < at + 10 for each in spikes)
        assert not at - 10 <= 125 < at + 10
        assert (at < 85) == (at + 9 < 85)
        assert at >= 10
        assert not 85 <= at < 95
    assert np.diff(found.rest).min() >= 10
    after, before = found.responses(np.arange(140.0))
    np.testing.assert_allclose(after, 10)
    np.testing.assert_allclose(before, 10)


def test_a_response_is_the_mean_after_less_the_mean_before(cell, made, found, spikes):
    frames = spikes.frames(30.0, cell.traces.shape[1])
    windows = windows_of(frames, 15, cell.trial_starts, cell.traces.shape[1])
    assert len(windows.onsets) == found.events
    roi = cell.traces[0]
    wanted = [roi[at : at + 15].mean() - roi[at - 15 : at].mean() for at in windows.onsets]
    np.testing.assert_allclose(windows.responses(roi)[0], wanted)
    truth = [1] * found.events + [0] * found.windows
    for key, trace in {"raw": roi, "result": made.matched[0]}.items():
        scores = np.concatenate(windows.responses(trace))
        assert found.responses[key].roc.auc == pytest.approx(roc_auc_score(truth, scores), abs=1e-12)


def test_the_separation_and_the_right_subtraction_tell_spikes_better_than_the_raw_roi(found):
    auc = {key: each.roc.auc for key, each in found.responses.items()}
    assert list(auc) == ["result", "raw", "fixed", "ica"]
    assert auc["result"] > auc["raw"] + 0.1
    assert auc["fixed"] > auc["raw"] + 0.2
    assert found.responses["raw"].roc.auc == pytest.approx(found.over_factor[0].auc)
    fixed = next(each for each in found.over_factor if each.value == 0.7)
    assert fixed.auc == pytest.approx(auc["fixed"])


def test_the_auc_over_r_is_greatest_at_the_neuropil_that_is_in_the_roi(cell, found):
    true = cell.truth.mixing[0, 1] / cell.truth.mixing[1:, 1].mean()
    aucs = np.array([each.auc for each in found.over_factor])
    assert [each.value for each in found.over_factor] == list(FACTORS)
    assert found.best_factor.auc == aucs.max()
    assert found.best_factor.value == pytest.approx(true, abs=0.1)
    assert aucs[0] < 0.8
    assert aucs[-1] < 0.95


def test_the_average_of_the_best_match_is_the_cells_own(cell, found):
    own, error = triggered_average(cell.truth.sources[0], windows_of_truth(cell), 15, AFTERWARDS * 15)
    result = found.responses["result"]
    assert np.corrcoef(result.mean, own)[0, 1] > 0.95
    assert len(found.times) == len(own) == len(error)
    assert found.times[0] == pytest.approx(-0.5)
    assert found.times[15] == 0
    np.testing.assert_array_less(result.error[16:], found.responses["raw"].error[16:])


def windows_of_truth(cell):
    counts = spike_counts(SIMULATION)
    return windows_of(np.repeat(np.arange(6000), counts), 15, (0,), 6000).onsets


def test_the_auc_over_alpha_is_that_of_each_best_match(cell, spikes, made, found):
    alphas = (0.1, 1e9, 0.01)
    points = list(spike_test_over_alpha(cell, FAST, spikes, alphas, frame_rate=30.0))
    assert [each.value for each in points] == list(alphas)
    assert points[0].auc == pytest.approx(found.responses["result"].roc.auc)
    assert points[0].error > 0


def test_the_table_has_each_method_and_each_r(found):
    rows = found.table()
    assert len(rows) == 4 + len(FACTORS)
    assert rows[0]["auc"] == found.responses["result"].roc.auc
    assert rows[-1]["r"] == FACTORS[-1]


def test_a_cell_without_regions_has_its_raw_trace_alone(cell, made, spikes):
    alone = Cell.from_traces(cell.traces[:1])
    single = replace(made, matched=made.matched[:1])
    found = spike_test(alone, single, spikes, frame_rate=30.0)
    assert list(found.responses) == ["result", "raw"]
    assert found.over_factor == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"window": 0.0}, "window must be"),
        ({"window": 30.0}, "have none in the 900 frames before them"),
        ({"frame_rate": None}, "the frame rate is not known"),
        ({"spikes": SpikeTimes(np.array([1.0]))}, "Of 1 spikes"),
    ],
)
def test_what_cannot_be_compared_is_refused(cell, made, spikes, change, words):
    given = {"frame_rate": 30.0, "spikes": spikes} | change
    with pytest.raises(DataError, match=words):
        spike_test(cell, made, given.pop("spikes"), **given)


def test_a_draft_is_refused_and_frames_need_no_rate(cell, made, spikes):
    with pytest.raises(DataError, match="draft"):
        spike_test(cell, replace(made, frames_per_value=2), spikes, frame_rate=30.0)
    frames = SpikeTimes(np.round(spikes.times * 30), "frames")
    found = spike_test(cell, made, frames, window=1.5, rivals=False)
    assert found.remarks == ("The frame rate is not known: 10 Hz was assumed for the window.",)
    assert found.times[0] == -15


def test_other_rivals_are_compared_where_they_are_asked_for(cell, made, spikes, found):
    slow = spike_test(cell, made, spikes, frame_rate=30.0, rivals=("regression", "ast", "fixed"))
    assert list(slow.responses) == ["result", "raw", "regression", "ast", "fixed"]
    wanted = trace_of(RIVALS["ast"], cell.traces).trace
    windows = windows_of(spikes.frames(30.0, 6000), 15, (0,), 6000)
    assert slow.responses["ast"].roc.auc == pytest.approx(roc(*windows.responses(wanted)).auc)
    assert slow.responses["fixed"].roc.auc == found.responses["fixed"].roc.auc

    def breaks(signals):
        raise DataError("no")

    own = Rival("own", "Own", "", "", "", breaks)
    refused = spike_test(cell, made, spikes, frame_rate=30.0, rivals=(own,))
    assert list(refused.responses) == ["result", "raw"]
    assert refused.remarks == ("Own: no",)


def test_frames_that_are_left_out_are_in_no_window(cell, spikes):
    gap = Cell.from_traces(np.where(np.arange(6000) == 3000, np.nan, cell.traces))
    made = separate_cell(gap, replace(FAST, drop_nan=True))
    found = spike_test(gap, made, spikes, frame_rate=30.0, rivals=("ica", "robust", "fixed"))
    assert {"result", "raw", "fixed"} <= set(found.responses)
    assert all(math.isfinite(each.roc.auc) for each in found.responses.values())
    assert all(math.isfinite(each.auc) for each in found.over_factor)
