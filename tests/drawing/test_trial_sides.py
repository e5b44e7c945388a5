from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neuropil_gui import SeparationSettings, separate_cell
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.drawing.trial_sides import COLUMNS, binned, trial_sides

FAST = SeparationSettings(solver="accelerated")


@pytest.fixture(scope="module")
def cell():
    whole = simulate(Simulation(cells=1, regions=3, frames=500)).cells[0]
    return replace(whole, trial_starts=(0, 200, 380))


def test_both_sides_are_cut_alike(cell):
    joint = separate_cell(cell, FAST)
    seen = []
    sides = trial_sides(cell, joint, FAST, progress=lambda *done: seen.append(done))
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert sides.refusals == ()
    np.testing.assert_array_equal(sides.jointly.joined.values[0], joint.matched[0])
    for side in (sides.jointly, sides.alone):
        rows = side.rows.values
        assert rows.shape == (3, 200)
        np.testing.assert_array_equal(side.joined.values[0], rows[~np.isnan(rows)])
        low, mean, high = side.spread.values
        np.testing.assert_allclose(mean, np.nanmean(rows, axis=0))
        np.testing.assert_allclose((high - low)[:120], 2 * rows[:, :120].std(axis=0, ddof=1), atol=1e-9)
        # Where only the longest trial is left there is no spread.
        np.testing.assert_array_equal(low[180:], high[180:])
        np.testing.assert_array_equal(side.image, rows)
        assert side.frames_per_column == 1
    alone = separate_cell(replace(cell, traces=cell.traces[:, 200:380], trial_starts=(0,), truth=None), FAST)
    np.testing.assert_array_equal(sides.alone.rows.values[1, :180], alone.matched[0])
    assert sides.agreement[1] == pytest.approx(np.corrcoef(alone.matched[0], joint.matched[0, 200:380])[0, 1])


def test_a_refused_trial_says_why_and_leaves_a_gap(cell):
    constant = cell.traces.copy()
    constant[:, 200:380] = 0.0
    cell = replace(cell, traces=constant, truth=None)
    sides = trial_sides(cell, separate_cell(cell, FAST), FAST)
    assert len(sides.refusals) == 1
    assert sides.refusals[0].startswith("Trial 2: ")
    assert np.isnan(sides.alone.rows.values[1]).all()
    assert np.isnan(sides.agreement[1])


@given(hnp.arrays(float, (2, 23), elements=st.floats(-1e3, 1e3) | st.just(np.nan)), st.integers(1, 30))
def test_bins_are_means_of_what_is_known(rows, size):
    found = binned(rows, size)
    assert found.shape == (2, -(-23 // size))
    for column in range(found.shape[1]):
        for row, part in enumerate(rows[:, column * size : (column + 1) * size]):
            known = part[~np.isnan(part)]
            expected = known.mean() if known.size else np.nan
            assert found[row, column] == pytest.approx(expected, nan_ok=True, abs=1e-9)


def test_long_trials_make_narrow_images():
    rng = np.random.default_rng(0)
    whole = simulate(Simulation(cells=1, regions=2, frames=300)).cells[0]
    traces = np.tile(whole.traces, 20) + rng.random((3, 6000))
    cell = replace(whole, traces=traces, trial_starts=(0, 1000), truth=None)
    side = trial_sides(cell, separate_cell(cell, FAST), FAST).jointly
    assert side.frames_per_column == 3
    assert side.image.shape[1] <= COLUMNS
