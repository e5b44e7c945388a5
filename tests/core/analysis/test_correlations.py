"""Correlations between cells: against numpy's, in one order, and on a simulated population."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from neuropil_gui.core.analysis import correlations as module
from neuropil_gui.core.analysis.before_after import SIDES, side_traces
from neuropil_gui.core.analysis.correlations import EDGES, by_distance, correlations, pearson_matrix, similarity_order
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate


@given(arrays.arrays(np.float64, st.tuples(st.integers(2, 7), st.integers(3, 40)), elements=st.floats(-1e3, 1e3)))
def test_they_are_those_of_numpy(traces):
    found = pearson_matrix(traces)
    moving = traces.std(axis=1) > 1e-5 * (1 + np.abs(traces).max(axis=1))
    expected = np.corrcoef(traces[moving]) if moving.sum() > 1 else np.ones((int(moving.sum()),) * 2)
    np.testing.assert_allclose(found[np.ix_(moving, moving)], expected, atol=1e-5)
    np.testing.assert_array_equal(found, found.T)
    assert np.nanmax(np.abs(found), initial=0) <= 1


def test_blocks_make_no_difference(monkeypatch):
    traces = np.random.default_rng(0).normal(size=(11, 50))
    whole = pearson_matrix(traces)
    monkeypatch.setattr(module, "BLOCK", 4)
    np.testing.assert_allclose(pearson_matrix(traces), whole, atol=1e-6)


def test_constant_cells_are_unknown_and_holes_are_left_out_for_all():
    traces = np.random.default_rng(0).normal(size=(4, 50))
    traces[1] = 7.0
    traces[2, 3] = np.nan
    found = pearson_matrix(traces)
    assert np.isnan(found[1]).all()
    assert np.isnan(found[:, 1]).all()
    kept = np.delete(traces, 3, axis=1)[[0, 2, 3]]
    np.testing.assert_allclose(found[np.ix_([0, 2, 3], [0, 2, 3])], np.corrcoef(kept), atol=1e-6)


def test_all_sides_have_one_order_in_which_groups_stand_together():
    rng = np.random.default_rng(1)
    group = np.arange(30) % 2
    traces = rng.normal(size=(2, 400))[group] + 0.5 * rng.normal(size=(30, 400))
    found = correlations({"raw": traces, "matched": rng.normal(size=(30, 400))}, range(100, 130))
    assert sorted(found.order) == list(range(30))
    assert np.count_nonzero(np.diff(group[found.order])) == 1
    assert found.cells[3] == 103
    assert found.pairs["raw"].count == 30 * 29 / 2
    assert found.pairs["raw"].mean == pytest.approx(np.corrcoef(traces)[np.triu_indices(30, 1)].mean(), abs=1e-6)


def test_the_distribution_is_of_each_pair_once(monkeypatch):
    traces = np.random.default_rng(3).normal(size=(23, 30))
    traces[4] = 1.0
    monkeypatch.setattr(module, "BLOCK", 7)
    found = correlations({"raw": traces})
    r = np.corrcoef(np.delete(traces, 4, axis=0))[np.triu_indices(22, 1)]
    pairs = found.pairs["raw"]
    assert pairs.count == len(r)
    np.testing.assert_array_equal(pairs.counts, np.histogram(r, EDGES)[0])
    assert (pairs.mean, pairs.low, pairs.high) == pytest.approx((r.mean(), r.min(), r.max()), abs=1e-6)
    assert found.limit == pytest.approx(np.quantile(np.abs(r), 0.99), abs=0.03)
    assert found.ends == (pairs.low, pairs.high)
    monkeypatch.setattr(module, "DRAWN", 6)
    small = correlations({"raw": traces[:4].repeat(3, axis=0)}).pictures["raw"]
    assert small.shape == (6, 6)


def test_few_and_unknown_cells_are_ordered_too():
    matrix = np.full((5, 5), np.nan, np.float32)
    assert sorted(similarity_order(matrix)) == list(range(5))
    matrix[:2, :2] = 1
    assert sorted(similarity_order(matrix)) == list(range(5))


@pytest.mark.parametrize("count", [40, 400])
def test_the_order_is_the_same_each_time_also_where_r_is_equal(count):
    equal = np.full((count, count), 0.3, np.float32)
    np.fill_diagonal(equal, 1)
    order = similarity_order(equal)
    assert sorted(order) == list(range(count))
    for _ in range(3):
        np.testing.assert_array_equal(similarity_order(equal), order)
    # Two groups, whatever the method.
    group = np.arange(count) % 2
    matrix = np.where(group[:, None] == group, 0.5, 0.1).astype(np.float32)
    np.fill_diagonal(matrix, 1)
    assert np.count_nonzero(np.diff(group[similarity_order(matrix)])) == 1


def test_distances_are_those_within_a_plane_and_go_with_the_cells():
    rng = np.random.default_rng(5)
    middles, planes = rng.uniform(0, 100, (9, 2)), np.array([0, 0, 0, 0, 1, 1, 1, 1, 1])
    middles[2] = np.nan
    cells = (0, 1, 2, 5, 6, 8)
    found = correlations({"raw": rng.normal(size=(6, 50))}, cells).with_places(middles, planes)
    np.testing.assert_allclose(found.distances[0, 1], np.hypot(*(middles[0] - middles[1])), rtol=1e-6)
    np.testing.assert_allclose(found.distances[5, 3], np.hypot(*(middles[8] - middles[5])), rtol=1e-6)
    assert np.isnan(found.distances[0, 3]), "they are in two planes"
    assert np.isnan(found.distances[2, 1])
    far, r = found.curves["raw"]
    pairs = [(0, 1), (3, 4), (3, 5), (4, 5)]
    assert sorted(far) == pytest.approx(sorted(found.distances[pair] for pair in pairs), rel=1e-6)
    assert sorted(r) == pytest.approx(sorted(found.matrices["raw"][pair] for pair in pairs))
    assert found.with_places(np.full((9, 2), np.nan)) is found


def test_what_cannot_be_correlated_is_refused():
    one = np.zeros((1, 9))
    with pytest.raises(DataError, match="two cells"):
        correlations({"raw": one})
    with pytest.raises(DataError, match="same cells"):
        correlations({"raw": one, "matched": np.zeros((2, 9))})
    with pytest.raises(Cancelled):
        pearson_matrix(np.ones((2, 9)), lambda: True)


def test_near_cells_go_together_where_they_do():
    rng = np.random.default_rng(2)
    places = rng.uniform(0, 100, (40, 2))
    apart = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1))
    distance, r, counts = by_distance(np.exp(-apart / 20).astype(np.float32), places, 10)
    assert (np.diff(distance) > 0).all()
    assert (np.diff(r) < 0).all()
    assert counts.sum() == 40 * 39 / 2
    with pytest.raises(DataError, match="distance"):
        by_distance(np.ones((2, 2), np.float32), np.full((2, 2), np.nan))


def test_neuropil_that_cells_share_is_taken_out_of_independent_cells():
    recording = simulate(Simulation(cells=12, frames=900, regions=3, contamination=0.9, seed=8))
    traces = {side: [] for side in (*SIDES, "truth")}
    for cell in recording.cells:
        made = separate_cell(cell, SeparationSettings(solver="accelerated"))
        for side, trace in side_traces(cell, made).items():
            traces[side].append(trace)
        traces["truth"].append(cell.truth.sources[0])
    found = correlations({side: np.array(each) for side, each in traces.items()})
    mean = {side: found.pairs[side].mean for side in traces}
    assert abs(mean["truth"]) < 0.05
    assert mean["raw"] - mean["truth"] > 3 * abs(mean["matched"] - mean["truth"])
    assert mean["raw"] - mean["truth"] > 3 * abs(mean["subtraction"] - mean["truth"])
