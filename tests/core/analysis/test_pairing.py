"""Components of two results, and of a result and the truth, find each other; and whether two solvers agree."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import linear_sum_assignment

from neuropil_gui.core.analysis.pairing import SAME, Agreement, assign, pair, true_columns
from neuropil_gui.core.demos import DEMOS
from neuropil_gui.core.draft import separate_draft
from neuropil_gui.core.matching import match, rank
from neuropil_gui.core.metrics import pearson
from neuropil_gui.core.recording import Cell, Truth
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate

CELL = simulate(Simulation(frames=1000, seed=4)).cells[0]
NMF = separate_cell(CELL, SeparationSettings(solver="accelerated", alpha=0.02))


def made_of(separated, mixing, like=NMF):
    """Return a result with these factors, in the order that the mixing gives."""
    order, scores = rank(mixing)
    matched = match(separated, mixing, order, like.median)
    return replace(
        like,
        separated=separated,
        matched=matched,
        mixing=mixing,
        order=order,
        scores=scores,
        n=len(separated),
    )


def r_table(one, other):
    """Return |r| of each component of `other` with each of `one`, in matched order, by another way."""
    table = [[abs(pearson(a, b)) for a in one.separated[one.order]] for b in other.separated[other.order]]
    return np.nan_to_num(table)


def test_a_result_is_paired_with_itself():
    pairing = pair(NMF, NMF)
    alive = [bool(NMF.separated[k].any()) for k in NMF.order]
    assert pairing.partners == tuple(k if lives else None for k, lives in enumerate(alive))
    assert pairing.likeness == pytest.approx([float(lives) for lives in alive])


@settings(deadline=None, max_examples=40)
@given(st.permutations(range(5)), st.integers(0, 1000))
def test_shuffled_and_turned_components_are_found_again(shuffle, seed):
    rng = np.random.default_rng(seed)
    separated, mixing = rng.normal(size=(5, 400)), rng.random((5, 5)) + 0.1
    signs = rng.choice([-1.0, 1.0], 5)
    shuffle = list(shuffle)
    one = made_of(separated, mixing)
    # Another mixing, so another matched order.
    other = made_of(signs[:, np.newaxis] * separated[shuffle], rng.random((5, 5)) + 0.1)
    pairing = pair(one, other)
    for rank_of_other, partner in enumerate(pairing.partners):
        assert one.order[partner] == shuffle[other.order[rank_of_other]]
    assert pairing.likeness == pytest.approx([1.0] * 5)


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 1000))
def test_the_sum_of_likeness_is_scipys(n_one, n_other, seed):
    rng = np.random.default_rng(seed)
    one = made_of(rng.random((n_one, 60)), rng.random((5, n_one)))
    other = made_of(rng.random((n_other, 60)), rng.random((5, n_other)))
    pairing, table = pair(one, other), r_table(one, other)
    assert sum(pairing.likeness) == pytest.approx(table[linear_sum_assignment(-table)].sum())
    given_away = [partner for partner in pairing.partners if partner is not None]
    assert len(set(given_away)) == len(given_away) == min(n_one, n_other)
    for theirs, partner in enumerate(pairing.partners):
        expected = 0.0 if partner is None else table[theirs, partner]
        assert pairing.likeness[theirs] == pytest.approx(expected)


def test_dead_components_have_no_partner():
    rng = np.random.default_rng(0)
    separated, mixing = rng.random((3, 200)), rng.random((5, 3))
    one = made_of(separated, mixing)
    dark, unseen, constant = separated.copy(), mixing.copy(), separated.copy()
    dark[1], unseen[:, 1], constant[1] = 0, 0, 0.1
    for other in (made_of(dark, mixing), made_of(separated, unseen), made_of(constant, mixing)):
        dead = other.order.tolist().index(1)
        for pairing in (pair(one, other), pair(other, other)):
            assert pairing.partners[dead] is None
            assert pairing.likeness[dead] == 0
            assert None not in pairing.partners[:dead] + pairing.partners[dead + 1 :]


def test_methods_find_the_same_cell():
    ica = separate_cell(CELL, SeparationSettings(method="ica", n=3))
    pairing = pair(NMF, ica)
    table = r_table(NMF, ica)
    assert len(pairing.partners) == 3
    assert None not in pairing.partners
    best = pairing.likeness[0]
    assert pairing.partners[0] == 0
    assert best == pytest.approx(table[0, 0])
    assert best > 0.9


def test_drafts_are_compared_on_their_bins():
    draft = separate_draft(CELL, NMF.settings)
    for pairing in (pair(NMF, draft), pair(draft, NMF), pair(draft, draft)):
        assert pairing.partners[0] == 0
        assert pairing.likeness[0] > 0.95


def test_results_of_other_frames_are_refused():
    shorter = separate_cell(simulate(Simulation(frames=980)).cells[0], NMF.settings)
    draft = separate_draft(CELL, NMF.settings)
    for one, other in ((NMF, shorter), (shorter, draft), (NMF, replace(NMF, frames_per_value=7))):
        with pytest.raises(ValueError, match="same frames"):
            pair(one, other)


# With the truth


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
@settings(max_examples=100, deadline=None)
def test_pairs_are_as_good_as_those_of_scipy(gains):
    pairs = assign(gains)
    rows, columns = zip(*pairs, strict=True)
    assert list(rows) == sorted(set(rows))
    assert len(set(columns)) == len(pairs) == min(gains.shape)
    best = gains[linear_sum_assignment(-gains)].sum()
    assert gains[list(rows), list(columns)].sum() == pytest.approx(best, abs=1e-9)


# Agreement of two solvers


@pytest.fixture(scope="module")
def result():
    traces = np.random.default_rng(1).random((3, 60)) + 1
    return separate_cell(Cell.from_traces(traces), SeparationSettings())


def with_best(result, best, objective=1.0):
    return replace(result, matched=np.vstack((best, result.matched[1:])), objective=objective)


def test_a_result_agrees_with_itself(result):
    agreement = Agreement.of(result, result)
    assert agreement.r == pytest.approx(1)
    assert agreement.same
    assert agreement.objectives == (result.objective, result.objective)


def test_r_is_pearsons_of_the_best_match_and_objectives_keep_their_order(result):
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(2, 60))
    agreement = Agreement.of(with_best(result, a, 3.0), with_best(result, b, 2.0))
    assert agreement.r == pytest.approx(np.corrcoef(a, b)[0, 1])
    assert not agreement.same
    assert agreement.objectives == (3.0, 2.0)


def test_scale_and_shift_do_not_matter_and_sign_does(result):
    a = result.matched[0]
    assert Agreement.of(result, with_best(result, 3 * a + 7)).r == pytest.approx(1)
    assert Agreement.of(result, with_best(result, -a)).r == pytest.approx(-1)


def test_constant_traces(result):
    flat, zero = with_best(result, np.full(60, 2.0)), with_best(result, np.zeros(60))
    assert Agreement.of(flat, zero).empty
    assert Agreement.of(flat, zero).same
    assert not Agreement.of(flat, result).empty
    assert Agreement.of(flat, result).r == 0
    assert Agreement.of(result, zero).r == 0


def test_same_begins_at_its_limit():
    assert Agreement(SAME, (1, 1)).same
    assert not Agreement(np.nextafter(SAME, 0), (1, 1)).same
