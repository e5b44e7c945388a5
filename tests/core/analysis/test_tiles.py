"""What a sweep keeps: when a separation has collapsed, from which alpha on, and a trace in few values."""

import math
from dataclasses import fields, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neuropil_gui import Cell, SeparationSettings, read, separate_cell
from neuropil_gui.core.analysis.tiles import (
    TILE_NUMBERS,
    Tile,
    collapse_at,
    has_collapsed,
    numbers_of,
    summary,
    thinned,
)
from neuropil_gui.core.matching import match, rank
from neuropil_gui.core.simulation import Simulation, simulate

FAST = SeparationSettings(solver="accelerated")


@pytest.fixture(scope="module")
def cell():
    return simulate(Simulation(regions=3, frames=600, seed=3)).cells[0]


@pytest.fixture(scope="module")
def good(cell):
    return separate_cell(cell, FAST)


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


def test_a_single_signal_cannot_collapse(cell):
    alone = Cell.from_traces(cell.traces[:1])
    assert not has_collapsed(separate_cell(alone, FAST))
    assert has_collapsed(separate_cell(alone, replace(FAST, alpha=1e6)))


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


def test_numbers_are_those_of_the_tile(cell, good):
    made = summary(cell, good, 2, 3)
    found = numbers_of(made)
    assert list(found) == list(TILE_NUMBERS)
    assert found["alive"] == made.alive == 4
    assert found["r_truth"] > 0.9
    assert found["error_truth"] == pytest.approx(math.sqrt(1 - found["r_truth"] ** 2))
    assert all(map(math.isfinite, found.values()))
    unknown = summary(replace(cell, truth=None), good, 2, 3)
    assert math.isnan(numbers_of(unknown)["r_truth"])
    assert all(map(math.isnan, numbers_of(tile(1, error="no")).values()))


def test_the_table_of_numbers_is_whole():
    names = {each.name for each in fields(Tile)}
    for key, number in TILE_NUMBERS.items():
        assert number.key == key
        assert key in names
        assert number.label
        assert number.help.endswith(".")
        assert number.better in ("higher", "lower", "")
    # A score that is high, and components that live, are no sign of a good separation.
    assert TILE_NUMBERS["score"].better == TILE_NUMBERS["alive"].better == ""


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
