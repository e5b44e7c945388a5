from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linear_sum_assignment

from neuropil_gui.core.analysis.truth import assign, true_columns
from neuropil_gui.core.demos import DEMOS
from neuropil_gui.core.recording import Truth
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import simulate


@pytest.fixture(scope="module")
def easy():
    cell = simulate(DEMOS["easy"].simulation).cells[0]
    return cell, separate_cell(cell, SeparationSettings())


def test_the_best_match_of_an_easy_cell_is_its_own_source(easy):
    cell, separation = easy
    columns, sources = true_columns(separation, cell.truth)
    assert sources[0] == 0
    assert len(set(sources[sources >= 0])) == np.count_nonzero(sources >= 0)
    found = separation.mixing[:, separation.order[0]]
    np.testing.assert_allclose(columns[:, 0], cell.truth.mixing[:, 0] * columns[0, 0] / cell.truth.mixing[0, 0])
    assert np.linalg.norm(found - columns[:, 0]) < 0.3 * np.linalg.norm(found)


def test_a_perfect_separation_is_the_truth_whatever_its_order_sign_and_scale(easy):
    cell, separation = easy
    n = separation.n
    rng = np.random.default_rng(1)
    sources, mixing = rng.random((n, 500)), rng.random((len(cell.traces), n)) + 0.1
    scale = np.array([1.0, -2.0, 3.0, 0.5, 7.0])[:n, np.newaxis]
    turned = rng.permutation(n)
    perfect = replace(separation, separated=(sources * scale)[turned], mixing=(mixing / scale.T)[:, turned])
    columns, which = true_columns(perfect, Truth(sources, mixing))
    np.testing.assert_array_equal(which, turned[perfect.order])
    np.testing.assert_allclose(columns, perfect.mixing[:, perfect.order])


def test_more_components_than_sources_and_empty_ones_have_none(easy):
    cell, separation = easy
    separated = separation.separated.copy()
    empty = separation.order[0]
    separated[empty] = 0
    columns, which = true_columns(
        replace(separation, separated=separated), Truth(cell.truth.sources[:1], cell.truth.mixing[:, :1])
    )
    assert which[0] == -1
    assert np.count_nonzero(which >= 0) == 1
    assert np.isnan(columns[:, which < 0]).all()


def test_a_truth_of_other_frames_is_none(easy):
    cell, separation = easy
    columns, which = true_columns(separation, Truth(cell.truth.sources[:, :10], cell.truth.mixing))
    assert (which == -1).all()
    assert np.isnan(columns).all()


@given(
    st.tuples(st.integers(1, 9), st.integers(1, 9)).flatmap(
        lambda shape: arrays(float, shape, elements=st.floats(-3, 3, width=16) | st.sampled_from([0.0, 0.5, 1.0]))
    )
)
@settings(max_examples=300, deadline=None)
def test_pairs_are_as_good_as_those_of_scipy(gains):
    pairs = assign(gains)
    rows, columns = zip(*pairs, strict=True)
    assert list(rows) == sorted(set(rows))
    assert len(set(columns)) == len(pairs) == min(gains.shape)
    best = gains[linear_sum_assignment(-gains)].sum()
    assert gains[list(rows), list(columns)].sum() == pytest.approx(best, abs=1e-9)
