"""Detection: what a matched filter finds in traces of known transients, against direct computation."""

import numpy as np
import pytest

from neuropil_gui.core.analysis import detection
from neuropil_gui.core.analysis.detection import amplitudes_at, detect, near, noise_of
from neuropil_gui.core.analysis.transients import half_length, transient

pytestmark = pytest.mark.any_version


def scene(noise=0.0, seed=0):
    """Return transients of known onsets and amplitudes on a slow slope, and their course."""
    shape = transient(0.05, 0.5, 30)
    trace = np.linspace(100, 104, 1200)
    onsets, peaks = np.array([50, 200, 480, 700, 1100]), np.array([10.0, 20.0, 8.0, 15.0, 12.0])
    for onset, peak in zip(onsets, peaks, strict=True):
        end = min(onset + len(shape), len(trace))
        trace[onset:end] += peak * shape[: end - onset]
    return trace + noise * np.random.default_rng(seed).standard_normal(len(trace)), shape, onsets, peaks


def test_transients_are_found_where_they_are_with_their_size():
    trace, shape, onsets, peaks = scene(noise=1.0)
    found = detect(trace, shape, 5.0)
    np.testing.assert_allclose(found.onsets, onsets, atol=3)  # none in the tail of another
    np.testing.assert_allclose(found.amplitudes, peaks, atol=4 * found.noise)
    assert near(onsets, found.onsets, half_length(shape)).all()


def test_an_amplitude_is_the_least_squares_fit_of_the_course_and_a_constant():
    trace, shape, _, _ = scene(noise=1.0)
    found = detect(trace, shape, 5.0)
    assert len(found.onsets) == 5  # far from each other, so that none is fitted to what another has left
    length = int(np.flatnonzero(shape > 0.1)[-1]) + 1
    columns = np.column_stack([shape[:length], np.ones(length)])
    for onset, amplitude in zip(found.onsets, found.amplitudes, strict=True):
        slope, _ = np.linalg.lstsq(columns, trace[onset : onset + length], rcond=None)[0]
        assert amplitude == pytest.approx(slope, rel=1e-9)


def test_the_noise_is_that_of_amplitudes_in_noise_alone():
    noise = np.random.default_rng(3).standard_normal(40_000)
    shape = transient(0.05, 0.5, 30)
    found = detect(noise, shape, 4.0)
    course = shape[: int(np.flatnonzero(shape > 0.1)[-1]) + 1]
    assert found.noise == pytest.approx(1 / np.linalg.norm(course - course.mean()), rel=0.05)
    assert len(found.onsets) < 5
    assert noise_of(noise) == pytest.approx(1, rel=0.02)


def test_transients_in_most_frames_do_not_pass_for_noise():
    rng = np.random.default_rng(5)
    shape = transient(0.05, 0.5, 30)
    trace, onsets = rng.standard_normal(3000), np.arange(20, 2900, 45)
    for onset in onsets:
        trace[onset : onset + len(shape)] += rng.uniform(20, 60) * shape
    found = detect(trace, shape, 5.0)
    assert near(onsets, found.onsets, 3).mean() > 0.95
    assert near(found.onsets, onsets, 3).mean() > 0.95
    assert found.noise < 3


def test_transients_that_overlap_are_fitted_together_within_their_trial(monkeypatch):
    rng = np.random.default_rng(7)
    shape = transient(0.05, 0.5, 30)
    starts, reach = (0, 431, 1210), half_length(shape)
    trace, onsets = rng.standard_normal(1500), np.arange(5, 1450, 2 * reach + 1)
    for onset, size in zip(onsets, rng.uniform(20, 60, len(onsets)), strict=True):
        end = min(start for start in (*starts[1:], 1500) if start > onset)
        trace[onset : min(onset + len(shape), end)] += size * shape[: end - onset]
    course = shape[: int(np.flatnonzero(shape > 0.1)[-1]) + 1]
    trial = np.searchsorted(starts, np.arange(1500), "right")
    inside = onsets[trial[onsets] == trial[np.minimum(onsets + len(course) - 1, 1499)]]
    # What a filter finds at each onset is the sum of what it finds there of all transients, each alone.
    template = (course - course.mean()) / np.sum((course - course.mean()) ** 2)
    alone = np.zeros((len(inside), 1500 + len(shape)))
    for row, onset in zip(alone, inside, strict=True):
        row[onset : onset + len(shape)] = shape
    seen = np.array([[each[at : at + len(course)] @ template for each in alone] for at in inside])
    seen *= trial[inside] == trial[inside, np.newaxis]
    wanted = np.linalg.solve(seen, [trace[at : at + len(course)] @ template for at in inside])
    np.testing.assert_allclose(amplitudes_at(trace, shape, inside, starts), wanted, rtol=1e-9)
    together = detect(trace, shape, 5.0, starts, noise=1.0)
    monkeypatch.setattr(detection, "_PLACES", 1)
    one_by_one = detect(trace, shape, 5.0, starts, noise=1.0)
    assert len(together.onsets) > 20
    np.testing.assert_array_equal(one_by_one.onsets, together.onsets)
    np.testing.assert_array_equal(one_by_one.amplitudes, together.amplitudes)


def test_a_trace_that_is_clipped_has_the_noise_that_it_is_given():
    rng = np.random.default_rng(6)
    shape = transient(0.05, 0.5, 30)
    clipped = np.maximum(rng.standard_normal(3000) - 1.5, 0)  # most of it is 0
    own, floored = detect(clipped, shape), detect(clipped, shape, frame_noise=1.0)
    assert len(own.onsets) > 20
    assert len(floored.onsets) < 5
    # With the noise given, it is not looked for.
    again = detect(clipped, shape, noise=floored.noise)
    np.testing.assert_array_equal(again.onsets, floored.onsets)
    assert again.noise == floored.noise


def test_no_transient_reaches_across_trials_and_none_is_in_a_constant():
    trace, shape, _, _ = scene()
    found = detect(trace, shape, 5.0, (0, 210, 490))
    assert not (set(range(211, 215)) & set(found.onsets.tolist()))
    assert not len(detect(np.full(300, 5.0), shape).onsets)
    assert not len(detect(trace[:3], shape).onsets)


def test_near_counts_frames_to_both_sides():
    others = np.array([10, 50])
    assert near(np.array([5, 7, 13, 14, 47, 60]), others, 3).tolist() == [False, True, True, False, True, False]
    assert not near(np.array([1]), np.empty(0, int), 3).any()
