"""Spikes inferred by OASIS: known ones come back, in the traces' unit; a sentence says how to get it."""

import importlib
from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui.core.analysis import inferred_spikes
from neuropil_gui.core.analysis.inferred_spikes import InferredSpikes, compare_inferred, infer_spikes
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate, spike_counts

SIMULATION = Simulation(frames=3000, seed=4, contamination=0.7, spike_rate=0.2, burst=2.0, noise=2.0, leak=0.02)
needs_oasis = pytest.mark.skipif(
    importlib.util.find_spec("oasis") is None, reason="oasis-deconv is not installed (the extra events brings it)"
)


@pytest.fixture(scope="module")
def cell():
    return simulate(SIMULATION).cells[0]


@pytest.fixture(scope="module")
def made(cell):
    return separate_cell(cell, SeparationSettings(solver="accelerated", alpha=0.01))


@needs_oasis
def test_known_spikes_come_back_with_their_peaks(cell):
    rng = np.random.default_rng(0)
    trace = cell.truth.sources[0] + rng.standard_normal(3000)
    found = infer_spikes(trace, SIMULATION.rise, SIMULATION.decay, 30.0, 1.0)
    counts = spike_counts(SIMULATION)
    at = np.flatnonzero(counts)
    # The simulator's transients begin a frame after their spike, and the penalty takes a part of each.
    near = np.array([found[max(each - 2, 0) : each + 4].sum() for each in at if each > 30])
    wanted = SIMULATION.amplitude * counts[at[at > 30]]
    assert np.corrcoef(near, wanted)[0, 1] > 0.9
    np.testing.assert_allclose(near.mean(), wanted.mean(), rtol=0.15)
    far = np.ones(3000, bool)
    for each in at:
        far[max(each - 3, 0) : each + 6] = False
    far[:150] = False  # light of spikes before the recording
    assert found[far].sum() < 0.1 * found.sum()


@needs_oasis
def test_trials_are_inferred_alone(cell):
    trace = cell.truth.sources[0] + np.random.default_rng(0).standard_normal(3000)
    both = infer_spikes(trace, 0.05, 0.7, 30.0, 1.0, (0, 1500, 2995))
    np.testing.assert_array_equal(both[:1500], infer_spikes(trace[:1500], 0.05, 0.7, 30.0, 1.0))
    np.testing.assert_array_equal(both[2995:], 0)
    np.testing.assert_array_equal(infer_spikes(np.full(100, 3.0), 0.05, 0.7, 30.0, 1.0), 0)


@needs_oasis
def test_the_best_match_without_noise_is_given_that_of_the_roi(cell, made):
    found = compare_inferred(cell, made, frame_rate=30.0)
    assert found.noise == pytest.approx(SIMULATION.noise, rel=0.3)
    assert found.best.shape == found.roi.shape == (3000,)
    assert np.count_nonzero(found.best) < 300
    at = [int(each) for each in np.flatnonzero(spike_counts(SIMULATION)) if each > 30]
    _, near = found.within(at, 8)
    _, whole = found.within([1500], 1500)
    assert near.sum() > 0.5 * whole[0]


@needs_oasis
def test_frames_that_are_left_out_stay_left_out(cell):
    gap = Cell.from_traces(np.insert(cell.traces, [400], np.nan, axis=1))
    settings = SeparationSettings(solver="accelerated", drop_nan=True)
    found = compare_inferred(gap, separate_cell(gap, settings), frame_rate=30.0)
    assert np.flatnonzero(np.isnan(found.best)).tolist() == [400]


@needs_oasis
@pytest.mark.parametrize("frame_rate", [0.5, 1.0, 3.0, 1000.0])
@pytest.mark.parametrize("indicator", ["jgcamp8f", "gcamp6s"])
def test_any_frame_rate_is_inferred_at_or_refused(cell, made, indicator, frame_rate):
    found = compare_inferred(cell, made, frame_rate=frame_rate, indicator=indicator)
    assert np.isfinite(found.roi).all()
    assert (found.best >= 0).all()


def test_frame_rates_at_which_nothing_is_seen_are_refused(cell, made):
    with pytest.raises(DataError, match="is over before the next frame"):
        compare_inferred(cell, made, frame_rate=1e-6)


@needs_oasis
def test_long_trials_are_inferred_in_blocks_and_can_be_cancelled(monkeypatch):
    simulated = replace(SIMULATION, frames=6000)
    trace = simulate(simulated).cells[0].truth.sources[0] + np.random.default_rng(0).standard_normal(6000)
    whole = infer_spikes(trace, 0.05, 0.7, 30.0, 1.0)
    monkeypatch.setattr(inferred_spikes, "_BLOCK", 1000)
    asked = []
    blocks = infer_spikes(trace, 0.05, 0.7, 30.0, 1.0, should_stop=lambda: asked.append(1))
    assert len(asked) == 6
    np.testing.assert_allclose(blocks, whole, atol=0.05 * whole.max())
    with pytest.raises(Cancelled):
        infer_spikes(trace, 0.05, 0.7, 30.0, 1.0, should_stop=lambda: True)


@needs_oasis
def test_the_least_spike_is_as_large_as_the_threshold(cell):
    trace = cell.truth.sources[0] + np.random.default_rng(0).standard_normal(3000)
    for threshold in (2.0, 6.0):
        found = infer_spikes(trace, 0.05, 0.7, 30.0, 1.0, threshold=threshold)
        assert found[found > 0].min() >= threshold - 1e-6
    assert np.count_nonzero(infer_spikes(np.random.default_rng(1).standard_normal(3000), 0.05, 0.7, 30.0, 1.0)) < 15


def test_what_is_near_an_event_is_summed():
    found = InferredSpikes(np.array([0.0, 1, 0, 2, np.nan, 4]), np.array([1.0, 0, 0, 0, np.nan, 3]), 1.0)
    roi, best = found.within([0, 3, 5], 2)
    np.testing.assert_array_equal(roi, [1, 7, 6])
    np.testing.assert_array_equal(best, [1, 3, 3])


def test_without_oasis_a_sentence_says_how_to_get_it(cell, made, monkeypatch):
    def missing(name):
        raise ModuleNotFoundError("No module named 'oasis'", name="oasis")

    monkeypatch.setattr(inferred_spikes.importlib, "import_module", missing)
    with pytest.raises(DataError, match=r"not installed: pip install 'neuropil-gui\[events\]' brings it"):
        compare_inferred(cell, made)


def test_what_has_no_spikes_to_infer_is_refused(cell, made):
    with pytest.raises(DataError, match="indicator must be one of"):
        compare_inferred(cell, made, indicator="none")
    with pytest.raises(DataError, match="A draft has no events"):
        compare_inferred(cell, replace(made, frames_per_value=2))
    flat = replace(cell, traces=np.vstack([np.zeros(3000), cell.traces[1:]]))
    with pytest.raises(DataError, match="The noise of the ROI is 0"):
        compare_inferred(flat, made)
