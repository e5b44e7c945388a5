"""Sweeps: every tile the solver's own answer, the coarse ones first, and the collapse where the data collapse."""

import math
import threading
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neuropil_gui import Cell, SeparationSettings, read, separate_cell
from neuropil_gui.core.analysis.numbers import INDICATORS, numbers
from neuropil_gui.core.analysis.pairing import Agreement
from neuropil_gui.core.analysis.sample import Sample
from neuropil_gui.core.analysis.sweep import (
    TILE_NUMBERS,
    Tile,
    checked,
    collapse_at,
    has_collapsed,
    run_sweep,
    summary,
    sweep,
    thinned,
)
from neuropil_gui.core.analysis.sweep_plans import SWEPT, Axis, SweepPlan, decades
from neuropil_gui.core.draft import separate_draft
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.matching import match, rank
from neuropil_gui.core.simulation import Simulation, simulate

ALPHAS = (0.0, 0.01, 0.1, 1.0, 10.0)


@pytest.fixture(scope="module")
def cell():
    return simulate(Simulation(regions=3, frames=1500, trials=2, seed=3)).cells[0]


@pytest.fixture(scope="module")
def plan():
    return SweepPlan(SeparationSettings(), Axis("alpha", ALPHAS), Axis("n", (1, 2, 4)))


@pytest.fixture(scope="module")
def tiles(cell, plan):
    return run_sweep(cell, plan)


def test_each_tile_is_the_solvers_own_answer(cell, plan, tiles):
    assert {(tile.ix, tile.iy) for tile in tiles} == {(ix, iy) for ix in range(5) for iy in range(3)}
    for tile in tiles:
        settings = SeparationSettings(alpha=ALPHAS[tile.ix], n=(1, 2, 4)[tile.iy], solver="accelerated")
        assert tile.settings == plan.settings_at(tile.ix, tile.iy) == settings
        found = separate_cell(cell, settings)
        expected = numbers(cell, found)
        for key in set(TILE_NUMBERS) - {"seconds"}:
            assert tile.value(key) == pytest.approx(expected[key], rel=1e-12, nan_ok=True), key
        assert (tile.n, tile.converged) == (found.n, found.converged)
        assert tile.value("objective") == found.objective
        assert tile.value("seconds") > 0
        assert (tile.error, tile.draft) == ("", False)


def test_a_tile_is_unchecked_until_it_is_compared_with_fissas_own(cell, tiles):
    tile = next(tile for tile in tiles if (tile.ix, tile.iy) == (2, 2))
    exact = separate_cell(cell, replace(tile.settings, solver="fissa"))
    own = numbers(cell, exact)
    assert tile.unchecked
    assert not run_sweep(cell, SweepPlan(SeparationSettings(method="ica"), Axis("n", (2,))))[0].unchecked
    same = checked(tile, exact, own)
    assert not same.unchecked
    r = Agreement.of(exact, separate_cell(cell, tile.settings)).r
    assert same.r_fissa == pytest.approx(r, abs=1e-4)
    assert (same.settings, same.numbers) == (tile.settings, tile.numbers)
    assert same.trace is tile.trace
    # As if they had ended in different minima, FISSA's in the higher or the lower one.
    other = replace(exact, matched=exact.matched[::-1].copy(), objective=1e9)
    found = checked(tile, other, own)
    assert found.trace is tile.trace
    assert found.r_fissa < 0.9
    found = checked(tile, replace(other, objective=0.5), own)
    assert (found.settings, found.value("objective"), found.value("score")) == (exact.settings, 0.5, own["score"])
    np.testing.assert_array_equal(found.trace, thinned(other.matched[0], 400))
    assert not found.unchecked
    # Empty in both, they are the same; gaps are passed over.
    empty = replace(tile, trace=thinned(np.zeros(1500), 400))
    assert checked(empty, replace(exact, matched=0 * exact.matched), own).r_fissa == 1
    assert checked(empty, exact, own).r_fissa == 0
    gaps = exact.matched.copy()
    gaps[:, 300:400] = np.nan
    assert checked(tile, replace(exact, matched=gaps), own).r_fissa == pytest.approx(r, abs=1e-3)


def test_a_tile_asks_whether_too_much_was_taken_out(tiles):
    tile = replace(tiles[0], numbers={"r_neuropil": -0.21})
    assert tile.over_subtracted
    assert not replace(tile, numbers={"r_neuropil": -0.19}).over_subtracted
    assert not replace(tile, numbers={}).over_subtracted


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (Axis("alpha", (0.1, 1.0)), Axis("seed", (1, 2))),
        (Axis("n", (2, None)), Axis("method", ("nmf", "ica"))),
        (Axis("start", ("nndsvdar", "random")), None),
        (Axis("pedestal", (0, 5)), None),
    ],
)
def test_other_settings_can_be_swept(cell, x, y):
    cell = Cell.from_traces(cell.traces[:, :1000])  # FISSA's solver takes long
    plan = SweepPlan(SeparationSettings(start="random"), x, y, solver="fissa")
    for tile in run_sweep(cell, plan):
        expected = {x.name: x.values[tile.ix]} | ({} if y is None else {y.name: y.values[tile.iy]})
        settings = replace(SeparationSettings(start="random"), **expected)
        assert tile.settings == settings
        best = separate_cell(cell, settings).matched[0]
        edges = [k * 1000 // 400 for k in range(401)]
        means = [best[a:b].mean() for a, b in pairwise(edges)]
        np.testing.assert_allclose(tile.trace[1], means, rtol=1e-6, atol=1e-6 * np.ptp(best))


def test_seeds_make_different_tiles_only_with_a_random_start(cell):
    x = Axis("seed", (1, 2, 3))
    random = run_sweep(cell, SweepPlan(SeparationSettings(start="random"), x))
    fissa = run_sweep(cell, SweepPlan(SeparationSettings(), x))
    assert len({tile.value("objective") for tile in random}) == 3
    values = [tile.value("objective") for tile in fissa]
    assert max(values) - min(values) < 1e-6 * max(values)


@given(st.integers(1, 30), st.integers(1, 8))
def test_coarse_tiles_come_first_and_each_once(columns, rows):
    x, y = Axis("seed", range(columns)), Axis("n", range(1, rows + 1))
    order = SweepPlan(SeparationSettings(), x, y).tiles()
    assert sorted(order) == [(ix, iy) for ix in range(columns) for iy in range(rows)]
    ends = [set(range(0, count, 4)) | {count - 1} for count in (columns, rows)]
    first = len(ends[0]) * len(ends[1])
    assert set(order[:first]) == {(ix, iy) for ix in ends[0] for iy in ends[1]}
    halves = [end | set(range(0, count, 2)) for end, count in zip(ends, (columns, rows), strict=True)]
    assert set(order[: len(halves[0]) * len(halves[1])]) == {(ix, iy) for ix in halves[0] for iy in halves[1]}


def test_two_workers_share_one_plan(cell, plan, tiles):
    left, done = iter(plan.tiles()), []
    workers = [
        threading.Thread(target=run_sweep, args=(cell, plan, done.append), kwargs={"tiles": left}) for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    together = {(tile.ix, tile.iy): tile.value("objective") for tile in done}
    assert len(done) == 15
    assert together == {(tile.ix, tile.iy): tile.value("objective") for tile in tiles}


def test_what_is_refused_says_why(cell):
    plan = SweepPlan(SeparationSettings(), Axis("n", (4, 5)))
    good, refused = run_sweep(cell, plan)
    assert not good.error
    assert refused.error.startswith("n = 5 components were asked for")
    assert refused.trace.shape == (3, 0)
    assert math.isnan(refused.value("score"))


def test_it_can_be_stopped_and_what_was_done_is_kept(cell, plan):
    done = []
    with pytest.raises(Cancelled):
        run_sweep(cell, plan, done.append, lambda: len(done) == 2)
    assert [(tile.ix, tile.iy) for tile in done] == plan.tiles()[:2]


def test_it_can_be_stopped_within_a_tile(plan):
    long = Cell.from_traces(np.random.default_rng(0).gamma(2, 1, (4, 100_000)))
    polls = []

    def should_stop():
        polls.append(1)
        return len(polls) > 10

    done = []
    with pytest.raises(Cancelled):
        run_sweep(long, plan, done.append, should_stop)
    assert done == []


def test_a_draft_is_that_of_the_settings(cell, plan):
    [tile] = run_sweep(cell, plan, tiles=[(2, 2)], draft=True)
    draft = separate_draft(cell, plan.settings_at(2, 2))
    assert tile.draft
    assert tile.settings == plan.settings_at(2, 2)
    np.testing.assert_array_equal(tile.trace[0], draft.matched[0].astype(np.float32))
    assert tile.value("objective") == draft.objective
    assert tile.value("r_truth") > 0.9
    assert 0 < tile.value("explained") <= 1


def test_real_cells_are_swept_to_their_end(real_data):
    axis = Axis("alpha", (0.01, 0.1, 10.0))
    for cell in read(real_data / "fissa_example" / "plain.npz").cells:
        low, middle, high = sorted(run_sweep(cell, SweepPlan(SeparationSettings(), axis)), key=lambda tile: tile.ix)
        assert low.value("alive") >= middle.value("alive") >= 2
        assert (low.collapsed, middle.collapsed, high.collapsed) == (False, False, True)
        assert low.converged


def test_the_function_for_scripts_sweeps_one_or_two_settings(cell):
    seen = []
    found = sweep(
        cell, SeparationSettings(n=2), alpha=(0.1, 1.0), seed=(1, 2, 3), tile_done=seen.append, keys=INDICATORS
    )
    assert (found.plan.x, found.plan.y) == (Axis("alpha", (0.1, 1.0)), Axis("seed", (1, 2, 3)))
    assert set(found.tiles.values()) == set(seen)
    values = found.values("structure")
    assert values.shape == (3, 2)
    one = separate_cell(cell, SeparationSettings(n=2, alpha=1.0, seed=3, solver="accelerated"))
    assert values[2, 1] == pytest.approx(numbers(cell, one)["structure"])
    assert np.isnan(found.values("seconds")).all()  # not asked for
    assert sweep(cell, n=(1, 2, 3)).values("alive").tolist() == [[1.0, 2.0, 3.0]]
    refused = sweep(Cell.from_traces(cell.traces - 1e6), alpha=(0.1,))
    assert np.isnan(refused.values("explained")).all()
    assert "negative" in refused.tiles[0, 0].error
    for axes in ({}, {"alpha": (1.0,), "n": (1,), "seed": (1,)}):
        with pytest.raises(DataError, match="over one or two of alpha, n"):
            sweep(cell, **axes)


# What is kept of a separation


FAST = SeparationSettings(solver="accelerated")


@pytest.fixture(scope="module")
def small():
    return simulate(Simulation(regions=3, frames=600, seed=3)).cells[0]


@pytest.fixture(scope="module")
def good(small):
    return separate_cell(small, FAST)


def made_of(result, separated, mixing):
    """Return `result` with other factors."""
    order, scores = rank(mixing)
    matched = match(separated, mixing, order, result.median)
    return replace(result, separated=separated, mixing=mixing, order=order, scores=scores, matched=matched)


def test_a_good_separation_has_not_collapsed(good):
    assert not has_collapsed(good)


def test_a_best_match_that_is_empty_or_constant_is_a_collapse(good):
    best = good.order[0]
    empty, constant = good.separated.copy(), good.separated.copy()
    empty[best] = 0
    constant[best] = 0.3
    assert has_collapsed(made_of(good, empty, good.mixing.copy()))
    assert has_collapsed(made_of(good, constant, good.mixing.copy()))
    dark = good.mixing.copy()
    dark[0] = 0
    assert has_collapsed(made_of(good, good.separated.copy(), dark))


def test_a_single_living_component_is_a_collapse(good):
    alone = good.separated.copy()
    alone[good.order[1:]] = 0
    assert has_collapsed(made_of(good, alone, good.mixing.copy()))


def test_a_best_match_that_is_no_more_the_rois_than_the_regions_is_a_collapse(good):
    flat = good.mixing.copy()
    flat[0] = 0.99 * flat[1:].mean(axis=0)
    assert has_collapsed(made_of(good, good.separated.copy(), flat))
    above = good.mixing.copy()
    above[0] = 1.01 * above[1:].mean(axis=0)
    assert not has_collapsed(made_of(good, good.separated.copy(), above))


def test_one_component_is_a_collapse(small):
    assert has_collapsed(separate_cell(small, replace(FAST, n=1)))
    assert has_collapsed(separate_cell(small, replace(FAST, n=1, alpha=1e6)))


def test_constant_light_collapses_two_of_four_real_cells(real_data):
    cells = read(real_data / "fissa_example" / "prepared.npz").cells
    lit = [Cell.from_traces(cell.traces + 2 * np.median(cell.traces)) for cell in cells]
    assert sum(has_collapsed(separate_cell(cell, FAST)) for cell in cells) == 0
    assert sum(has_collapsed(separate_cell(cell, FAST)) for cell in lit) == 2
    assert not any(has_collapsed(separate_cell(cell, SeparationSettings(method="ica"))) for cell in lit)


def tile(alpha, collapsed=False, error="", n=None):
    return Tile(0, 0, SeparationSettings(alpha=alpha, n=n), error, collapsed=collapsed)


@pytest.mark.parametrize(
    ("tiles", "expected"),
    [
        ([], None),
        ([tile(0.1), tile(1)], None),
        ([tile(10, True), tile(0.1), tile(1, True)], 1),
        ([tile(0.1, True), tile(1, True)], 0.1),
        ([tile(0.1, True), tile(1), tile(10, True)], 10),
        ([tile(0.1, True), tile(1)], None),
        ([tile(0.1), tile(1, error="no"), tile(10, True)], 10),
        ([tile(1, True, n=2), tile(1, n=3), tile(10, True, n=2), tile(10, True, n=3)], 10),
    ],
    ids=["none", "never", "unordered", "always", "again", "not at last", "refused", "rows"],
)
def test_where_it_collapses(tiles, expected):
    assert collapse_at(tiles) == expected


def test_a_tile_holds_its_numbers(small, good):
    sample = Sample.of_separation(small, good)
    made = summary(sample, good, 2, 3)
    assert list(made.numbers) == list(TILE_NUMBERS)
    assert made.numbers == {key: pytest.approx(value) for key, value in numbers(small, good, TILE_NUMBERS).items()}
    assert made.value("alive") == 4
    unknown = summary(replace(sample, truth=None), good, 2, 3)
    assert math.isnan(unknown.value("r_truth"))
    assert all(math.isnan(tile(1, error="no").value(key)) for key in TILE_NUMBERS)


@given(arrays(np.float64, st.integers(1, 300), elements=st.floats(-1e6, 1e6)), st.integers(1, 120))
def test_a_thinned_trace_holds_the_least_and_the_greatest(trace, width):
    found = thinned(trace, width)
    assert found.dtype == np.float32
    assert not found.flags.writeable
    bins = min(width, len(trace))
    assert found.shape == (3, bins)
    edges = [k * len(trace) // bins for k in range(bins + 1)]
    parts = [trace[a:b] for a, b in pairwise(edges)]
    np.testing.assert_array_equal(found[0], np.array([part.min() for part in parts], np.float32))
    np.testing.assert_array_equal(found[2], np.array([part.max() for part in parts], np.float32))
    np.testing.assert_allclose(found[1], [part.mean() for part in parts], rtol=1e-6, atol=1e-6)
    assert found[0].min() == np.float32(trace.min())
    assert found[2].max() == np.float32(trace.max())


def test_a_trace_of_nothing_has_no_bins():
    assert thinned(np.empty(0), 10).shape == (3, 0)


# Axes


@pytest.mark.parametrize(
    ("name", "values", "words"),
    [
        ("tol", (1e-4,), "'tol' cannot be swept: one of alpha, n, seed, method, start, pedestal was expected"),
        ("alpha", (), "at least one value"),
        ("alpha", (-1.0,), "alpha must be a finite number of at least 0"),
        ("alpha", (0.1, 0.2, 0.1), r"each value once, but 0\.1 was given twice"),
        ("method", ("nmf", "pca"), "method must be one of"),
    ],
)
def test_axes_that_are_refused(name, values, words):
    with pytest.raises(DataError, match=words):
        Axis(name, values)


def test_plans_that_are_refused():
    axis = Axis("alpha", (0.1, 1.0))
    with pytest.raises(DataError, match="two different settings, but alpha"):
        SweepPlan(SeparationSettings(), axis, axis)
    with pytest.raises(DataError, match="solver must be one of"):
        SweepPlan(SeparationSettings(), axis, solver="fast")


def test_remarks_say_what_a_sweep_cannot_show():
    seeds, alphas = Axis("seed", (1, 2)), Axis("alpha", (0.1, 1.0))
    assert SweepPlan(SeparationSettings(start="random"), seeds, alphas).remarks == ()
    assert SweepPlan(SeparationSettings(), seeds, Axis("start", ("nndsvdar", "random"))).remarks == ()
    [remark] = SweepPlan(SeparationSettings(), alphas, seeds).remarks
    assert "the start nndsvdar" in remark
    [remark] = SweepPlan(SeparationSettings(method="ica"), alphas, Axis("n", (1, 2))).remarks
    assert remark == "ICA has no sparsity penalty: alpha is not used."
    assert SweepPlan(SeparationSettings(method="ica"), alphas, Axis("method", ("nmf", "ica"))).remarks == ()


def test_every_setting_that_may_be_swept_is_one():
    for name in SWEPT:
        assert len(Axis(name, (getattr(SeparationSettings(), name),))) == 1


@given(st.floats(1e-6, 1e3), st.floats(1.001, 1e6), st.integers(3, 60), st.booleans())
def test_decades_are_even_and_ascend(low, ratio, count, zero):
    values = decades(low, low * ratio, count, zero=zero)
    assert len(values) == count
    assert (values[0] == 0) == zero
    assert (values[zero], values[-1]) == (low, low * ratio)
    assert all(np.diff(values) > 0)
    np.testing.assert_allclose(values[zero:], np.geomspace(low, low * ratio, count - zero), rtol=6e-3)


def test_decades_can_be_read():
    assert decades(0.001, 10, 5) == (0.001, 0.01, 0.1, 1.0, 10.0)
    assert decades(0.01, 1, 6, zero=True) == (0.0, 0.01, 0.0316, 0.1, 0.316, 1.0)


@pytest.mark.parametrize("arguments", [(0, 1, 3), (1, 1, 3), (1, 0.1, 3), (0.1, math.inf, 3), (0.1, 1, 1)])
def test_decades_that_are_refused(arguments):
    with pytest.raises(DataError, match="Decades need 0 < low < high"):
        decades(*arguments)
