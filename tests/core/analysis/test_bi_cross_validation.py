"""Bi-cross-validation: as SciPy and scikit-learn compute it, and on data whose rank is known."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import nnls
from sklearn.decomposition import NMF

from neuropil_gui.core.analysis.bi_cross_validation import (
    GROUPS,
    TIME_BLOCKS,
    HeldOut,
    bi_cross_validation,
    held_out_values,
    in_words,
    most_components,
    penalised,
)
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate


def planted(seed, rank=3, signals=12, frames=300):
    """Return a cell whose signals are so many sparse components, and noise."""
    rng = np.random.default_rng(seed)
    sources = rng.exponential(size=(rank, frames)) * (rng.random((rank, frames)) < 0.4)
    clean = rng.random((signals, rank)) @ sources
    return Cell.from_traces(np.maximum(clean + 0.2 * rng.standard_normal(clean.shape), 0) + 0.01)


def answer(ticking):
    while True:
        try:
            next(ticking)
        except StopIteration as end:
            return end.value


def fitted(samples, factor, penalty):
    """Return what `penalised` should, by SciPy: the penalties are rows more."""
    n = len(factor)
    # |sqrt(p) w + sqrt(p)|^2 / 2 is p (|w|^2 / 2 + sum w) and a constant.
    rows = np.vstack([factor.T, math.sqrt(penalty) * np.eye(n)])
    return np.array([nnls(rows, np.append(each, np.full(n, -math.sqrt(penalty))))[0] for each in samples]).T


@pytest.mark.parametrize("penalty", [0.0, 0.05, 2.0])
def test_a_known_factor_is_fitted_as_scipy_does(penalty):
    rng = np.random.default_rng(3)
    samples, factor = rng.random((40, 5)), rng.random((3, 5))
    np.testing.assert_allclose(answer(penalised(samples, factor, penalty)), fitted(samples, factor, penalty), atol=1e-8)


@pytest.mark.parametrize(("alpha", "n"), [(0.0, 2), (0.1, 3)])
def test_errors_are_those_of_another_computation(alpha, n):
    cell = planted(2, signals=5, frames=240)
    settings = SeparationSettings(alpha=alpha, tol=1e-8, max_iter=20_000, start="nndsvda")
    found = bi_cross_validation(cell, settings, n=[n])
    samples = cell.traces.T / np.median(cell.traces)
    ends = [0, 80, 160, 240]
    expected = []
    for signal in range(5):
        for first, last in pairwise(ends):
            rows, columns = np.arange(240), np.arange(5) != signal
            here = (rows >= first) & (rows < last)
            block, retained = samples[here][:, ~columns], samples[~here][:, columns]
            # scikit-learn weighs penalties by the numbers of features and of samples.
            model = NMF(
                n, init="nndsvda", tol=1e-8, max_iter=20_000, l1_ratio=0.5, alpha_W=alpha / columns.sum(),
                alpha_H=alpha / (~here).sum(),
            )  # fmt: skip
            components, mixing = model.fit_transform(retained), model.components_
            left = fitted(samples[here][:, columns], mixing, alpha / 2)
            right = fitted(samples[~here][:, ~columns].T, components.T, alpha / 2)
            rest = np.square(block - left.T @ right).sum()
            expected.append(rest / np.square(block - block.mean(axis=0)).sum())
    np.testing.assert_allclose(found.errors, [expected], rtol=2e-3)
    assert found.means == pytest.approx(np.mean(expected), rel=2e-3)
    assert found.standard_errors == pytest.approx(np.std(expected, ddof=1) / math.sqrt(15), rel=5e-3)


def test_the_planted_rank_is_found_in_most_seeds():
    """Of 8 seeds the least error is at 3 in 6 and at 4 in 2, and the choice is 3 in all."""
    best, chosen = [], []
    for seed in range(4):
        found = bi_cross_validation(planted(seed), SeparationSettings(alpha=0.02), n=(2, 3, 4))
        best.append(found.values[found.best])
        chosen.append(found.values[found.chosen])
        assert found.means[0] > 1.2 * found.means[1]
    assert best.count(3) >= 3
    assert chosen.count(3) >= 3


def test_too_great_an_alpha_is_seen():
    found = bi_cross_validation(planted(1, signals=6, frames=400), SeparationSettings(n=3), alpha=[10.0, 0.01, 0.1])
    assert found.values == (0.01, 0.1, 10.0)
    assert found.means[2] > 2 * found.means[1]
    assert found.chosen != 2


@given(st.integers(0, 1000), st.integers(2, 6), st.integers(2, 12))
def test_the_choice_is_the_simplest_within_one_standard_error_of_the_difference(seed, values, blocks):
    rng = np.random.default_rng(seed)
    errors = rng.random((values, 1)) * 0.2 + rng.random(blocks) + 0.1 * rng.random((values, blocks))
    found = HeldOut("n", tuple(range(1, values + 1)), errors, SeparationSettings(), blocks, 1)
    best = int(np.argmin(errors.mean(axis=1)))
    assert found.best == best
    within = [
        np.mean(row - errors[best]) <= np.std(row - errors[best], ddof=1) / math.sqrt(blocks) + 1e-15 for row in errors
    ]
    assert found.chosen == within.index(True), "the fewest components"
    over_alpha = replace(found, name="alpha")
    assert over_alpha.chosen == values - 1 - within[::-1].index(True), "the greatest penalty"
    # What all blocks have in common does not matter.
    shifted = replace(found, errors=errors + 5 * rng.random(blocks))
    np.testing.assert_allclose(shifted.difference_errors, found.difference_errors, atol=1e-12)


def test_what_is_known_is_told_value_by_value_and_can_be_cancelled():
    cell, seen = planted(0, signals=4, frames=90), []
    found = bi_cross_validation(cell, n=[2, 1], value_done=seen.append)
    assert [int(np.isfinite(each.means).sum()) for each in seen] == [1, 2]
    assert [each.complete for each in seen] == [False, True]
    assert seen[0].chosen is None
    assert in_words(seen[0]) == ""
    assert found.values == (1, 2)
    assert found.errors.shape == (2, 4 * TIME_BLOCKS)
    left = iter([False] * 3)
    with pytest.raises(Cancelled):
        bi_cross_validation(cell, n=[1], should_stop=lambda: next(left, True))


def test_the_table_has_all_blocks_and_the_words_the_choice():
    errors = np.array([[1.0, 1.2], [0.40, 0.62], [0.42, 0.58]])
    found = HeldOut("n", (1, 2, 3), errors, SeparationSettings(), 2, 1)
    rows = found.table()
    assert [(row["setting"], row["value"]) for row in rows] == [("n", 1), ("n", 2), ("n", 3)]
    assert (rows[1]["group_1_time_1"], rows[1]["group_2_time_1"]) == (0.40, 0.62)
    assert [row["least"] for row in rows] == [False, False, True]
    assert [row["chosen"] for row in rows] == [False, True, False]
    assert in_words(found) == (
        "n: held-out blocks are predicted best at 3 (error 0.50); the fewest within one standard error of it is 2 "
        "(0.51)."
    )
    same = replace(found, errors=np.array([[1.0, 1.2], [0.6, 0.7], [0.4, 0.5]]))
    assert in_words(same).endswith("the fewest within one standard error of it is the same.")


@pytest.mark.parametrize(("signals", "most"), [(3, 2), (5, 4), (6, 5), (7, 5), (12, 10), (40, 12)])
def test_n_is_judged_up_to_the_signals_that_are_left(signals, most):
    assert most_components(signals) == most
    values = held_out_values("n", signals)
    assert values[0] == 1
    assert values[-1] == most
    assert len(held_out_values("alpha", signals)) == 7
    assert most <= signals - math.ceil(signals / GROUPS)


def test_what_cannot_be_held_out_is_refused_in_words():
    cell = planted(0, signals=5, frames=90)
    with pytest.raises(DataError, match="n is judged from 1 to 4"):
        bi_cross_validation(cell, n=[5])
    with pytest.raises(DataError, match="n is judged from 1 to 4"):
        bi_cross_validation(cell, n=[None])
    with pytest.raises(DataError, match="the method is ICA"):
        bi_cross_validation(cell, SeparationSettings(method="ica"), n=[1])
    for given_values in ({}, {"n": [1], "alpha": [0.1]}):
        with pytest.raises(DataError, match="values of one of them were expected"):
            bi_cross_validation(cell, **given_values)
    with pytest.raises(DataError, match="2 signals are too few"):
        bi_cross_validation(replace(cell, traces=cell.traces[:2], signal_names=cell.signal_names[:2]), n=[1])
    with pytest.raises(DataError, match="20 frames are too few"):
        bi_cross_validation(replace(cell, traces=cell.traces[:, :20]), n=[1])
    with pytest.raises(DataError, match="2 signals are too few"):
        held_out_values("n", 2)


def test_few_signals_and_an_n_that_is_not_left_are_told():
    cell = simulate(Simulation(frames=300, seed=1)).cells[0]
    over_n = bi_cross_validation(cell, n=[1])
    assert over_n.remarks == (
        "There are 5 signals, of which 1 is held out at a time: what the ROI alone sees cannot be predicted from the "
        "others, and an n above 4 cannot be judged.",
    )
    over_alpha = bi_cross_validation(cell, alpha=[0.1])
    assert over_alpha.settings.n == 4
    assert "alpha is judged with n 4, the signals that are left, in place of 5." in over_alpha.remarks
    assert over_alpha.errors[0] == pytest.approx(bi_cross_validation(cell, n=[4]).errors[0])
    assert bi_cross_validation(planted(0, frames=90), n=[1]).remarks == ()


def test_gaps_and_an_offset_are_treated_as_in_the_separation():
    cell = planted(4, signals=4, frames=120)
    gaps = np.insert(cell.traces, 60, np.full((10, 4), np.nan), axis=1)
    plain = bi_cross_validation(cell, n=[2])
    with_gaps = bi_cross_validation(Cell.from_traces(gaps), SeparationSettings(drop_nan=True), n=[2])
    np.testing.assert_allclose(with_gaps.errors, plain.errors)
    lifted = bi_cross_validation(replace(cell, traces=cell.traces + 3), SeparationSettings(pedestal=3.0), n=[2])
    np.testing.assert_allclose(lifted.errors, plain.errors, rtol=1e-3)
