"""Numbers before and after against computations of their own, and what they say of a simulated population."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.core import metrics
from neuropil_gui.core.analysis.before_after import COMPARED_NUMBERS, SIDES, before_and_after, flat_matches, side_values
from neuropil_gui.core.analysis.number_entries import MOST_FLAT
from neuropil_gui.core.analysis.numbers import NUMBERS, numbers_of_trace
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate

FAST = SeparationSettings(solver="accelerated", alpha=0.002)
"""So little that the best match is hardly cut off."""


@pytest.fixture(scope="module")
def cell():
    return simulate(Simulation(frames=600, seed=4)).cells[0]


@pytest.fixture(scope="module")
def made(cell):
    return separate_cell(cell, FAST)


def test_all_sides_are_measured_alike_and_as_elsewhere(cell, made):
    found = before_and_after(3, cell, made, 30.0)
    traces = {
        "raw": cell.traces[0], "subtraction": cell.traces[0] - 0.7 * cell.traces[1:].mean(axis=0),
        "matched": made.matched[0],
    }  # fmt: skip
    assert found.index == 3
    assert set(found.numbers) == set(SIDES)
    f0 = np.sort(cell.traces[0])[int(0.08 * 600)]
    for side, trace in traces.items():
        numbers = found.numbers[side]
        assert numbers["r_neuropil"] == pytest.approx(np.corrcoef(trace, cell.traces[1:].mean(axis=0))[0, 1])
        assert numbers["skewness"] == pytest.approx(scipy.stats.skew(trace))
        assert numbers["snr"] == pytest.approx(1 - 0.5 * np.var(np.diff(trace)) / np.var(trace))
        assert numbers["kept"] == pytest.approx(100 * scipy.stats.linregress(cell.traces[0], trace).slope, abs=1e-9)
        expected = 100 * np.median(np.abs(np.diff(trace / f0))) / np.sqrt(30.0)
        assert numbers["noise"] == pytest.approx(expected, rel=1e-2)
    assert found.numbers["raw"]["kept"] == pytest.approx(100)


def test_a_best_match_that_is_flat_most_of_the_time_has_no_noise_and_is_counted(cell, made):
    sparse = replace(made, matched=np.maximum(made.matched, np.median(made.matched[0])))
    found = [before_and_after(0, cell, made, 30.0), before_and_after(1, cell, sparse, 30.0)]
    assert flat_matches(found) == 1
    assert np.isfinite(side_values(found, "noise")["matched"]).tolist() == [True, False]
    assert np.isfinite(side_values(found, "noise")["raw"]).all()
    assert flat_matches([before_and_after(1, cell, sparse)]) == 0, "without a frame rate nothing has noise"


@given(st.floats(-3, 0.6), st.integers(0, 99))
def test_noise_is_known_as_long_as_cutting_it_off_takes_little_of_it(level, seed):
    noise = np.random.default_rng(seed).normal(size=4000)
    cut = np.maximum(noise, level)
    share = metrics.flat_share(cut)
    assert share == pytest.approx(scipy.stats.norm.cdf(level), abs=0.04)
    if share <= MOST_FLAT:
        assert metrics.noise_level(cut, 1.0) > 0.7 * metrics.noise_level(noise, 1.0)


def test_without_a_frame_rate_there_is_no_noise(cell, made):
    found = before_and_after(0, cell, made)
    assert all(set(COMPARED_NUMBERS) - set(each) == {"noise"} for each in found.numbers.values())
    assert np.isnan(side_values([found], "noise")["raw"]).all()
    assert "noise" not in numbers_of_trace(cell, cell.traces[0])
    assert NUMBERS["noise"].needs == "rate"


def test_frames_that_were_left_out_are_in_no_number(cell):
    traces = cell.traces.copy()
    traces[1, 100:140] = np.nan
    holed = replace(cell, traces=traces)
    made = separate_cell(holed, replace(FAST, drop_nan=True))
    found = before_and_after(0, holed, made, 30.0)
    assert all(np.isfinite(list(each.values())).all() for each in found.numbers.values())


TRACES = st.lists(st.floats(-1e6, 1e6, width=32), min_size=3, max_size=60).map(np.array)


@given(TRACES, st.integers(0, 2**32 - 1))
def test_parts_that_add_up_keep_all_together(roi, seed):
    parts = np.random.default_rng(seed).normal(size=(2, len(roi))) * np.abs(roi).max()
    parts = np.vstack((parts, roi - parts.sum(axis=0)))
    kept = [metrics.kept_fraction(part, roi) for part in parts]
    # Parts are of size 1 at least: a ROI that moves by less than their rounding is no sum of them.
    if not np.isnan(kept[0]) and np.ptp(roi) > max(1e-3 * np.abs(roi).max(), 1e-9):
        assert sum(kept) == pytest.approx(1, abs=1e-3)


@given(TRACES)
def test_the_signal_to_noise_is_in_its_range(trace):
    found = metrics.signal_to_noise(trace)
    assert np.isnan(found) or found <= 1


def test_numbers_of_nothing_are_not_defined():
    nothing, level = np.empty(0), np.ones(5)
    assert np.isnan(metrics.kept_fraction(nothing, nothing))
    assert np.isnan(metrics.kept_fraction(level, level))
    assert metrics.kept_fraction(level, np.arange(5.0)) == pytest.approx(0)
    assert np.isnan(metrics.signal_to_noise(level))
    assert np.isnan(metrics.noise_level(nothing, 30.0))
    assert metrics.noise_level(np.array([0.0, 0.1, 0.0]), 25.0) == pytest.approx(2.0)
