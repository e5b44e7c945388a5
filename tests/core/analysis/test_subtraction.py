"""The simple corrections against closed forms, scikit-learn, scipy, and simulated contamination."""

import math

import numpy as np
import pytest
import scipy.stats
from hypothesis import example, given, settings
from hypothesis import strategies as st

from neuropil_gui.core.analysis.line_fits import HUBER
from neuropil_gui.core.analysis.rivals import RIVALS
from neuropil_gui.core.analysis.subtraction import (
    QUANTILE,
    SUBTRACTIONS,
    by_cross_validation,
    by_regression,
    by_robust_regression,
    difference,
    fixed,
    neuropil,
)
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.metrics import pearson
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.settings import PARAMETERS
from neuropil_gui.core.simulation import Simulation, simulate

FITTED = [by_regression, by_robust_regression, by_cross_validation]


def contaminated(**changes):
    """Return cells whose regions hold nothing but neuropil, and how much of their mean each ROI holds."""
    simulation = Simulation(**{"frames": 6000, "leak": 0.0, "neighbours": 0, **changes})
    cells = list(simulate(simulation).cells)
    return cells, [float(cell.truth.mixing[0, 1] / cell.truth.mixing[1:, 1].mean()) for cell in cells]


def pair(x, y):
    return Cell.from_traces(np.stack([y, x]))


@pytest.mark.parametrize("r", [0.0, 0.7, 1.5])
def test_the_difference_is_that_of_all_frames_at_once(r):
    traces = np.random.default_rng(3).gamma(2.0, 10.0, (4, 20_001))
    traces[2, 9_000] = np.nan
    found = difference(Cell.from_traces(traces), r)
    np.testing.assert_allclose(found, traces[0] - r * traces[1:].mean(axis=0), rtol=1e-12)
    assert np.flatnonzero(np.isnan(found)).tolist() == [9_000]


def test_fixed_is_its_formula_and_leaves_the_cell_alone():
    cell = contaminated()[0][0]
    before = cell.traces.copy()
    subtraction = fixed(cell)
    np.testing.assert_allclose(subtraction.trace, cell.traces[0] - 0.7 * cell.traces[1:].mean(axis=0), rtol=1e-12)
    assert (subtraction.k, subtraction.intercept, subtraction.stderr) == (0.7, None, None)
    assert "0.7" in subtraction.how
    assert not subtraction.trace.flags.writeable
    np.testing.assert_array_equal(fixed(cell, 0.0).trace, cell.traces[0])
    np.testing.assert_array_equal(cell.traces, before)
    with pytest.raises(DataError, match="finite"):
        fixed(cell, math.nan)


@pytest.mark.parametrize("frames", [3, 20, 8191, 20_000])
def test_regression_is_scipys(frames):
    rng = np.random.default_rng(frames)
    x = 1000 + rng.standard_normal(frames)
    y = 50 + 0.6 * x + 0.1 * rng.standard_normal(frames)
    subtraction, expected = by_regression(pair(x, y)), scipy.stats.linregress(x, y)
    assert subtraction.k == pytest.approx(expected.slope, rel=1e-9)
    assert subtraction.intercept == pytest.approx(expected.intercept, rel=1e-7)
    np.testing.assert_allclose(subtraction.trace, y - subtraction.k * x, rtol=1e-12)
    if frames > 1000:  # independent frames, for which the closed form is right
        assert subtraction.stderr == pytest.approx(expected.stderr, rel=0.4)


@pytest.mark.parametrize("find", FITTED)
def test_standard_error_is_the_spread_over_recordings(find):
    cells, truth = contaminated(cells=24, frames=3000, contamination=0.6)
    found = [find(cell) for cell in cells]
    off = np.array([each.k for each in found]) - truth
    estimated = np.mean([each.stderr for each in found])
    # Frames that hang together: the closed form for independent ones would be several times too small.
    independent = np.mean([scipy.stats.linregress(neuropil(cell), cell.traces[0]).stderr for cell in cells])
    assert 0.6 < estimated / np.sqrt(np.mean(np.square(off))) < 1.6
    if find is not by_cross_validation:
        assert estimated > 1.5 * independent


@pytest.mark.parametrize(("slope", "usable"), [(-0.5, False), (0.5, True), (1.15, True), (1.5, False)])
def test_a_slope_is_not_clipped_and_outside_0_to_1_2_it_is_not_usable(slope, usable):
    rng = np.random.default_rng(0)
    x = rng.random(500)
    y = slope * x + 2 + 0.01 * rng.random(500)
    for find in (by_regression, by_robust_regression):
        found = find(pair(x, y))
        assert found.k == pytest.approx(slope, abs=0.01)
        np.testing.assert_allclose(found.trace, y - found.k * x)
        assert found.intercept == pytest.approx(found.trace.mean(), abs=1e-3)
        assert found.usable is usable
        assert ("outside 0 to 1.2: not usable" in found.how) is not usable


def test_cross_validation_is_biased_where_the_neuropil_goes_with_the_cell_and_says_so():
    # The figures of its docstring and of the list's tool tip, from a simulator of other make.
    assert "0.55, 0.86 and 1.19" in by_cross_validation.__doc__
    assert "0.55, 0.86 and 1.19" in RIVALS["cross_validation"].fails
    for contamination in (0.3, 0.6, 0.9):
        cells, truth = contaminated(
            cells=6, contamination=contamination, shared_drive=0.9, spike_rate=1.0, decay=1.5, seed=5
        )
        found = [by_cross_validation(cell) for cell in cells]
        off = np.array([each.k for each in found]) - truth
        assert off.mean() > 0.1
        assert off.mean() > 2 * np.mean([each.stderr for each in found])


def test_robust_regression_is_near_scikit_learns():
    from sklearn.linear_model import HuberRegressor

    cells, _ = contaminated(cells=2, frames=3000, seed=5)
    for cell in cells:
        x, y = neuropil(cell), cell.traces[0]
        # Its scale is found with the line, ours is the median absolute residual: near, not the same.
        model = HuberRegressor(epsilon=HUBER, alpha=0.0, max_iter=1000).fit(x[:, np.newaxis], y)
        ours = by_robust_regression(cell)
        assert ours.k == pytest.approx(model.coef_[0], abs=0.02)
        assert ours.k != pytest.approx(by_regression(cell).k, abs=1e-4)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.floats(0.1, 0.9), st.floats(1e-3, 1e3))
@example(677, 0.5, 1.0)  # its slope stands still while its height moves
def test_robust_regression_solves_hubers_equations(seed, slope, unit):
    rng = np.random.default_rng(seed)
    x = rng.normal(10, 1, 400)
    y = unit * (slope * x + rng.standard_t(2, 400) * 0.3)
    x = unit * x
    found = by_robust_regression(pair(x, y))
    if "not settled" in found.how:
        return
    residual = found.trace - found.intercept
    reach = HUBER * 1.4826 * np.median(np.abs(residual))
    psi = np.clip(residual, -reach, reach)
    assert abs(psi.mean()) < 1e-4 * reach
    assert abs(psi @ (x - x.mean())) < 1e-3 * reach * np.abs(x - x.mean()).sum()


def test_robust_regression_does_not_follow_outliers():
    rng = np.random.default_rng(3)
    x = rng.normal(100, 5, 2000)
    y = 0.5 * x + rng.standard_normal(2000)
    y[np.argsort(x)[-60:]] += 200.0  # transients that happen to come with bright neuropil
    assert by_regression(pair(x, y)).k > 0.95
    assert by_robust_regression(pair(x, y)).k == pytest.approx(0.5, abs=0.06)
    assert by_cross_validation(pair(x, y)).k == pytest.approx(0.5, abs=0.06)


def test_a_line_without_noise():
    x = np.random.default_rng(0).random(900)
    for find in FITTED:
        found = find(pair(x, 3 + 0.4 * x))
        # Cross-validation looks on a grid, and between its points as on a parabola.
        assert found.k == pytest.approx(0.4, abs=1e-4 if find is by_cross_validation else 1e-9)
        assert found.intercept == pytest.approx(3, abs=1e-4)


@pytest.mark.parametrize("contamination", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("find", FITTED)
def test_simulated_contamination_is_found(find, contamination):
    cells, truth = contaminated(cells=4, contamination=contamination, seed=7)
    for cell, expected in zip(cells, truth, strict=True):
        found = find(cell)
        assert found.k == pytest.approx(expected, abs=0.1)
        assert pearson(found.trace, cell.truth.sources[0]) > pearson(cell.traces[0], cell.truth.sources[0])


def test_cross_validation_is_near_quantile_regression():
    from sklearn.linear_model import QuantileRegressor

    cells, _ = contaminated(cells=3, frames=1500, contamination=0.5)
    for cell in cells:
        x, y = neuropil(cell), cell.traces[0]
        # The same loss over all frames at once; r by held-out frames differs by less than its error.
        model = QuantileRegressor(quantile=QUANTILE, alpha=0.0, solver="highs").fit(x[:, np.newaxis], y)
        found = by_cross_validation(cell)
        assert found.k == pytest.approx(model.coef_[0], abs=0.03)
        assert found.intercept == pytest.approx(model.intercept_, abs=3.0)


def test_cross_validation_goes_above_1():
    cells, truth = contaminated(contamination=1.7, seed=2)
    assert by_cross_validation(cells[0]).k == pytest.approx(truth[0], abs=0.1)
    assert by_regression(cells[0]).k == pytest.approx(truth[0], abs=0.1)
    assert not by_regression(cells[0]).usable


def test_cross_validation_is_misled_less_by_a_cell_active_with_its_neuropil():
    cells, truth = contaminated(cells=6, contamination=0.5, shared_drive=0.4, spike_rate=0.1, seed=5)
    off = {find: np.mean([find(cell).k - r for cell, r in zip(cells, truth, strict=True)]) for find in FITTED}
    assert off[by_regression] > 0.1
    assert abs(off[by_cross_validation]) < 0.5 * off[by_regression]
    assert abs(off[by_robust_regression]) < off[by_regression]


def test_cross_validation_is_deterministic_and_has_no_unit():
    cell = contaminated(contamination=0.6)[0][0]
    first, again = by_cross_validation(cell), by_cross_validation(cell)
    assert (first.k, first.stderr, first.how) == (again.k, again.stderr, again.how)
    scaled = by_cross_validation(Cell.from_traces(cell.traces * 37.0))
    assert scaled.k == pytest.approx(first.k, abs=1e-6)
    assert by_cross_validation(cell, folds=8).k == pytest.approx(first.k, abs=0.05)


def test_cross_validation_says_when_its_error_is_flat():
    rng = np.random.default_rng(1)
    y = 100 + rng.gamma(0.3, 50, 3000)
    flat = by_cross_validation(pair(100 + 0.05 * rng.standard_normal(3000), y))
    assert "flat" in flat.how
    clear = by_cross_validation(contaminated(contamination=0.6)[0][0])
    assert "flat" not in clear.how
    assert "end of what was looked at" in by_cross_validation(pair(np.arange(900.0), -np.arange(900.0) + 9e3)).how


def test_refusals():
    alone = Cell.from_traces(np.random.default_rng(0).random((1, 900)))
    short = Cell.from_traces(np.random.default_rng(0).random((2, 2)))
    steady = pair(np.full(900, 0.1), np.random.default_rng(0).random(900))
    missing = np.where((np.arange(900) >= 100) & (np.arange(900) < 110), np.nan, 1.0)
    broken = pair(np.random.default_rng(0).random(900), missing)
    for find in SUBTRACTIONS.values():
        with pytest.raises(DataError, match="no neuropil region"):
            find(alone)
        with pytest.raises(DataError, match=r"NaN.* at frame 100 .* in 10 frames up to frame 109"):
            find(broken)
    for find in FITTED:
        with pytest.raises(DataError, match="frames are needed"):
            find(short)
        with pytest.raises(DataError, match="does not vary"):
            find(steady)
    for folds in (1, 51):
        with pytest.raises(DataError, match="from 2 to 50 folds"):
            by_cross_validation(steady, folds=folds)


def test_rivals_are_cited_and_say_when_they_fail():
    assert set(SUBTRACTIONS) | {"raw", "ast", "tuncat"} | set(PARAMETERS["method"].choices) == set(RIVALS)
    cell = contaminated(frames=900)[0][0]
    for key, rival in RIVALS.items():
        assert rival.key == key
        assert rival.label
        assert rival.assumes.endswith(".")
        assert rival.fails.endswith(".")
        assert "doi 10." in rival.source or key == "raw"
    for key, find in SUBTRACTIONS.items():
        assert find(cell).method == key
        assert find(cell).source == RIVALS[key].source
