"""Components of two results find each other, against scipy and by construction."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from neuropil_gui.core.analysis.pairing import difference, pair
from neuropil_gui.core.draft import FRAMES_PER_VALUE, separate_draft
from neuropil_gui.core.matching import match, rank
from neuropil_gui.core.metrics import pearson
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
    assert not difference(NMF, NMF).any()


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
    np.testing.assert_allclose(difference(NMF, ica), NMF.matched[0] - ica.matched[0])


def test_drafts_are_compared_on_their_bins():
    draft = separate_draft(CELL, NMF.settings)
    for pairing in (pair(NMF, draft), pair(draft, NMF), pair(draft, draft)):
        assert pairing.partners[0] == 0
        assert pairing.likeness[0] > 0.95
    bins = NMF.matched[0].reshape(-1, FRAMES_PER_VALUE).mean(axis=1)
    np.testing.assert_allclose(difference(NMF, draft), bins - draft.matched[0], atol=1e-9)
    np.testing.assert_allclose(difference(draft, NMF), draft.matched[0] - bins, atol=1e-9)


def test_results_of_other_frames_are_refused():
    shorter = separate_cell(simulate(Simulation(frames=980)).cells[0], NMF.settings)
    draft = separate_draft(CELL, NMF.settings)
    for one, other in ((NMF, shorter), (shorter, draft), (NMF, replace(NMF, frames_per_value=7))):
        for compare in (pair, difference):
            with pytest.raises(ValueError, match="same frames"):
                compare(one, other)
