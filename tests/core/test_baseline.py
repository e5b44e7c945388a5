"""F0 and dF/F: FISSA's own numbers, a brute-force window, and baselines that are no good."""

from itertools import pairwise
from pathlib import Path

import hypothesis
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neuropil_gui.core.baseline import BASELINE_PARAMETERS, BaselineSettings, baseline, delta_f
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.simulation import Simulation, simulate

REFERENCE = Path(__file__).parent.parent / "data" / "baseline_reference.npz"
FISSA = BaselineSettings(kind="fissa")


@pytest.fixture(scope="module")
def reference():
    with np.load(REFERENCE) as file:
        return dict(file)


@pytest.mark.parametrize("name", ["nmf", "ica", "short"])
@pytest.mark.parametrize("rate", [0.8, 1.0, 2.5, 10.0, 30.0])
@pytest.mark.parametrize("key", ["across", "each"])
def test_fissas_own_numbers(reference, name, rate, key):
    raw, result = (reference[f"{name}/{each}"].astype(np.float64) for each in ("raw", "result"))
    starts = reference[f"{name}/starts"].tolist()
    settings = BaselineSettings(kind="fissa", across_trials=key == "across")
    expected = reference[f"{name}/{rate:g}/{key}"]
    found = delta_f(raw, settings, rate, starts), delta_f(result, settings, rate, starts, raw=raw)
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours.values[::5], theirs, rtol=1e-10, atol=1e-13)
    assert found[0].warnings == ()
    # FISSA takes ICA's baselines below 0 as 0 without a word.
    assert any("as FISSA" in text for text in found[1].warnings) == (name == "ica" and key == "each")


def test_a_window_of_any_length_is_the_whole_trial():
    trace = np.random.default_rng(0).random(50)
    endless = baseline(trace, BaselineSettings(window_seconds=1e308), 1e6)
    np.testing.assert_array_equal(endless, baseline(trace, BaselineSettings(window_seconds=None), 1e6))


def test_the_reference_is_small():
    assert REFERENCE.stat().st_size < 60_000


@given(
    arrays(np.float64, st.integers(1, 60), elements=st.floats(-1e3, 1e3)),
    st.floats(0, 100),
    st.one_of(st.none(), st.integers(1, 70)),
    st.sets(st.integers(1, 59), max_size=3),
)
@hypothesis.settings(deadline=None)
def test_a_window_is_that_of_a_loop(trace, percentile, window, starts):
    starts = [0, *sorted(start for start in starts if start < len(trace))]
    settings = BaselineSettings(percentile=percentile, window_frames=window)
    found = baseline(trace, settings, None, starts)
    for start, end in pairwise([*starts, len(trace)]):
        size = end - start if window is None else min(window, end - start)
        for frame in range(start, end):
            first = min(max(frame - size // 2, start), end - size)
            ordered = np.sort(trace[first : first + size])
            assert found[frame] == ordered[round(percentile / 100 * (size - 1))]


@given(
    arrays(np.float64, st.integers(1, 40), elements=st.floats(-1e3, 1e3)),
    st.integers(1, 25),
    st.sets(st.integers(1, 39), max_size=2),
)
@hypothesis.settings(deadline=None)
def test_maximin_is_that_of_a_loop(trace, window, starts):
    starts = [0, *sorted(start for start in starts if start < len(trace))]
    settings = BaselineSettings("maximin", window_frames=window, smoothing_frames=0.0)
    found = baseline(trace, settings, None, starts)

    def in_window(values, choose):
        # Mirrored at the ends, an even window reaching one frame further back.
        around = np.pad(values, (window // 2, (window - 1) // 2), "symmetric")
        return np.array([choose(around[k : k + window]) for k in range(len(values))])

    for start, end in pairwise([*starts, len(trace)]):
        part = trace[start:end]
        expected = part.min() if window >= len(part) else in_window(in_window(part, np.min), np.max)
        np.testing.assert_array_equal(found[start:end], expected)


def test_maximin_is_suite2ps():
    # Its defaults: a Gaussian of 10 frames, then minimum and maximum in windows of 60 s, mirrored at the ends.
    from scipy.ndimage import gaussian_filter, maximum_filter1d, minimum_filter1d

    traces = np.random.default_rng(0).gamma(2, 10, (2, 5000))
    window = int(60 * 15.0)
    low = gaussian_filter(traces, [0.0, 10.0])
    low = maximum_filter1d(minimum_filter1d(low, window), window)
    for trace, expected in zip(traces, low, strict=True):
        np.testing.assert_allclose(baseline(trace, BaselineSettings("maximin"), 15.0), expected, rtol=1e-12)


def test_maximin_lies_nearer_to_the_true_baseline_than_a_low_percentile():
    # The cell at rest is 60, and nothing is in its ROI but noise: the guide's figures.
    simulation = Simulation(cells=6, frames=9000, contamination=0.0, neighbours=0, leak=0.0, noise=6.0)
    off = {}
    for kind in ("percentile", "maximin"):
        found = [baseline(cell.traces[0], BaselineSettings(kind), 30.0) for cell in simulate(simulation).cells]
        off[kind] = np.median(found) / 60 - 1
    assert -0.2 < off["percentile"] < -0.05
    assert abs(off["maximin"]) < 0.04


def test_the_window_is_in_seconds_where_the_rate_is_known_else_in_frames():
    trace = np.random.default_rng(0).random(500)
    settings = BaselineSettings(window_seconds=2.0, window_frames=50)
    np.testing.assert_array_equal(
        baseline(trace, settings, 30.0), baseline(trace, BaselineSettings(window_frames=60), None)
    )
    np.testing.assert_array_equal(
        baseline(trace, settings, None), baseline(trace, BaselineSettings(window_seconds=5.0), 10.0)
    )
    whole = BaselineSettings(window_seconds=None, window_frames=None)
    assert len({*baseline(trace, whole, 30.0), *baseline(trace, whole, None)}) == 1


def test_trials_do_not_mix():
    trace = np.concatenate([np.full(100, 10.0), np.full(100, 50.0)])
    for settings in (BaselineSettings(), BaselineSettings(kind="fissa", across_trials=False)):
        found = delta_f(trace, settings, 10.0, (0, 100))
        np.testing.assert_allclose(found.f0, trace)
        np.testing.assert_allclose(found.values, 0, atol=1e-12)
    np.testing.assert_array_equal(baseline(trace, FISSA, 1.0, (0, 100)), 10.0)


def test_the_best_match_is_divided_by_the_raw_baseline():
    raw = 100 + 20 * np.random.default_rng(0).random(300)
    matched = raw - 95
    found = delta_f(matched, BaselineSettings(), 10.0, raw=raw)
    of_raw = delta_f(raw, BaselineSettings(), 10.0)
    np.testing.assert_array_equal(found.divisor, of_raw.f0)
    np.testing.assert_allclose(found.values, of_raw.values, atol=1e-12)
    assert delta_f(matched, BaselineSettings(), 10.0).values.max() > 2 * found.values.max()


def test_a_zero_or_negative_baseline_is_a_warning_and_not_clipped():
    trace = np.concatenate([np.zeros(50), np.full(50, -2.0), np.full(50, 4.0)])
    trace[::10] += 1
    found = delta_f(trace, BaselineSettings(percentile=50, window_frames=None), None, (0, 50, 100))
    np.testing.assert_array_equal(np.isnan(found.values), np.arange(150) < 50)
    assert found.values[50] == (-1 - -2) / -2
    assert found.values[100] == 0.25
    zero, negative = found.warnings
    assert "is 0 in 50 of 150 frames" in zero
    assert "below 0 in 50 of 150 frames" in negative
    assert "upside down" in negative
    assert "the trace is below 0 in all frames" in " ".join(delta_f(trace - 9, FISSA, 1.0).warnings)
    raw = np.full(150, -1.0)
    assert any("the raw ROI is below 0" in text for text in delta_f(trace, FISSA, 1.0, raw=raw).warnings)


@pytest.mark.parametrize("rate", [1.01, 1.5, 2.0])
def test_rates_at_which_fissa_itself_fails_are_a_warning(rate):
    trace = np.random.default_rng(0).random(100) + 10
    found = delta_f(trace, FISSA, rate)
    np.testing.assert_array_equal(found.values, delta_f(trace, FISSA, 1.0).values)
    assert "fails at" in found.warnings[0]


@pytest.mark.parametrize(
    ("trace", "settings", "rate", "words"),
    [
        (np.ones(9), FISSA, None, "needs the frame rate"),
        (np.ones(1), FISSA, 10.0, "at least 2 frames"),
        (np.array([1.0, np.nan]), BaselineSettings(), 10.0, "NaN or infinite"),
        (np.array([]), BaselineSettings(), 10.0, "finite"),
    ],
)
def test_refusals(trace, settings, rate, words):
    with pytest.raises(DataError, match=words):
        delta_f(trace, settings, rate)
    with pytest.raises(DataError, match="raw signal has 3"):
        delta_f(np.ones(9), BaselineSettings(), raw=np.ones(3))


@pytest.mark.parametrize(
    "wrong",
    [{"kind": "median"}, {"percentile": 101}, {"window_seconds": 0}, {"window_frames": 0}, {"across_trials": 1}],
)
def test_settings_are_checked(wrong):
    with pytest.raises(DataError, match=next(iter(wrong))):
        BaselineSettings(**wrong)


def test_every_setting_is_described_and_plain():
    assert set(BaselineSettings().to_dict()) == set(BASELINE_PARAMETERS)
    assert all(each.help and each.label for each in BASELINE_PARAMETERS.values())
    assert BaselineSettings(**BaselineSettings(percentile=20).to_dict()) == BaselineSettings(percentile=20)


def test_what_comes_and_goes_stays():
    trace = np.random.default_rng(0).random(2000) + 1
    before = trace.copy()
    found = delta_f(trace, BaselineSettings(), 30.0, raw=trace)
    np.testing.assert_array_equal(trace, before)
    assert not any(each.flags.writeable for each in (found.values, found.f0, found.divisor))
