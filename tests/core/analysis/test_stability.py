"""Stability: replicates are separations of what they resample, and their agreement is that of other code."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment, nnls

from neuropil_gui import Cell, SeparationSettings, read, separate_cell
from neuropil_gui.core.analysis import stability as module
from neuropil_gui.core.analysis.stability import KINDS, stability
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.simulation import Simulation, simulate

FAST = SeparationSettings(solver="accelerated")


@pytest.fixture(scope="module")
def cell():
    return simulate(Simulation(regions=3, frames=150, trials=6, seed=3)).cells[0]


def quantiles(bests):
    ordered = np.sort(bests, axis=0)
    places = np.array([0.05, 0.5, 0.95]) * (len(bests) - 1)
    low = np.floor(places).astype(int)
    return np.stack(
        [
            ordered[k] + (place - k) * (ordered[min(k + 1, len(bests) - 1)] - ordered[k])
            for k, place in zip(low, places, strict=True)
        ]
    )


def agreement(reference, replicates):
    """Return the mean |r| of paired components, by numpy and scipy."""
    own = reference.separated[reference.order]
    found = np.full((len(replicates), len(own)), np.nan)
    for row, replicate in zip(found, replicates, strict=True):
        with np.errstate(all="ignore"):
            r = np.abs(np.corrcoef(own, replicate.separated)[: len(own), len(own) :])
        for k, column in zip(*linear_sum_assignment(-np.nan_to_num(r)), strict=True):
            if own[k].any():
                row[k] = np.nan_to_num(r[k, column])
    return np.array([column[~np.isnan(column)].mean() if not np.isnan(column).all() else np.nan for column in found.T])


def without(cell, region):
    return Cell.from_traces(np.delete(cell.traces, region, axis=0))


@pytest.mark.parametrize("method", ["nmf", "ica"])
def test_seeds_are_separations_from_random_starts(cell, method):
    settings = replace(FAST, method=method)
    found = stability(cell, settings, "seeds", replicates=5, seed=11)
    start = "random" if method == "nmf" else "nndsvdar"
    wanted = [separate_cell(cell, replace(settings, start=start, seed=11 + k)) for k in range(5)]
    np.testing.assert_allclose(found.bands, quantiles([each.matched[0] for each in wanted]), rtol=1e-9, atol=1e-9)
    assert found.ribbon == "5 to 95 %"
    np.testing.assert_allclose(found.agreement, agreement(found.reference, wanted), rtol=1e-6)
    assert found.replicates == 5
    np.testing.assert_array_equal(found.reference.matched, separate_cell(cell, settings).matched)


def test_a_remark_says_that_seeds_do_nothing_with_fissas_start(cell):
    remarks = stability(cell, FAST, "seeds", replicates=2).remarks
    assert remarks[0].startswith(
        "Seeds usually do nothing with the start nndsvdar: NMF takes the same path whatever the seed."
    )
    for settings in (replace(FAST, start="random"), replace(FAST, method="ica")):
        assert not any("Seeds" in text for text in stability(cell, settings, "seeds", replicates=2).remarks)


def test_leaving_one_out_makes_a_separation_for_each_region(cell):
    found = stability(cell, FAST, "leave_one_out")
    wanted = [separate_cell(without(cell, region), FAST) for region in (1, 2, 3)]
    bests = np.array([each.matched[0] for each in wanted])
    # Nine of ten of three replicates would be none of them.
    expected = [bests.min(axis=0), np.median(bests, axis=0), bests.max(axis=0)]
    np.testing.assert_allclose(found.bands, expected, rtol=1e-9, atol=1e-9)
    assert found.ribbon == "least to greatest"
    np.testing.assert_allclose(found.agreement, agreement(found.reference, wanted), rtol=1e-6)
    assert found.replicates == 3
    assert found.remarks[0] == "With one region less there is one component less, too."
    kept = stability(cell, replace(FAST, n=2), "leave_one_out")
    assert not any("component less" in text for text in kept.remarks)


@pytest.mark.parametrize("method", ["nmf", "ica"])
@pytest.mark.parametrize("n", [None, 2])
def test_trials_that_are_all_the_same_draw_the_same(method, n):
    # Whatever is drawn from them is the recording itself, so every replicate is its separation.
    trial = simulate(Simulation(regions=3, frames=300, seed=6)).cells[0].traces
    cell = Cell.from_traces([trial] * 5)
    settings = replace(FAST, method=method, n=n, tol=1e-6)
    found = stability(cell, settings, "bootstrap", replicates=3)
    best = found.reference.matched[0]
    for band in found.bands:
        np.testing.assert_allclose(band, best, atol=1e-4 * np.ptp(best))
    np.testing.assert_allclose(found.agreement, 1, atol=1e-6)
    assert found.remarks == ()


def test_sources_are_the_best_for_the_mixing_that_was_drawn(cell, monkeypatch):
    fitted = []

    def noting(drawn, settings, **options):
        fitted.append(separate_cell(drawn, settings, **options))
        return fitted[-1]

    monkeypatch.setattr(module, "separate_cell", noting)
    found = stability(cell, FAST, "bootstrap", replicates=2, seed=4)
    bests = []
    for drawn in fitted[1:]:
        X, mixing, half = cell.traces / drawn.median, drawn.mixing, 0.1 / 2
        # 1/2 |x - Aw|^2 + l1 sum w + l2/2 |w|^2 is least squares with a row more for each component.
        wide = np.vstack([mixing, np.sqrt(half) * np.eye(4)])
        tail = np.full(4, -half / np.sqrt(half))
        best = drawn.order[0]
        w = np.array([nnls(wide, np.concatenate([x, tail]))[0][best] for x in X.T])
        bests.append(drawn.median * mixing[0, best] * w)
    np.testing.assert_allclose(found.bands, quantiles(bests), rtol=1e-9, atol=1e-8)


def test_what_is_drawn_are_whole_trials(cell, monkeypatch):
    drawn = []

    def noting(cell, *rest, **options):
        drawn.append(cell)
        return separate_cell(cell, *rest, **options)

    monkeypatch.setattr(module, "separate_cell", noting)
    stability(cell, FAST, "bootstrap", replicates=10)
    trials = [cell.traces[:, part].tobytes() for part in cell.trial_slices]
    seen = set()
    for each in drawn[1:]:
        parts = [each.traces[:, k : k + 150].tobytes() for k in range(0, 900, 150)]
        assert set(parts) <= set(trials)
        seen |= set(parts)
    assert seen == set(trials)
    assert drawn[1].traces.tobytes() != drawn[2].traces.tobytes()


def test_blocks_of_time_are_drawn_where_there_is_one_trial(cell):
    whole = replace(cell, trial_starts=(0,))
    found = stability(whole, FAST, "bootstrap", replicates=5)
    assert found.remarks[0] == "There is only one trial, so 20 blocks of time were drawn from instead."
    assert found.agreement[0] > 0.9
    few = replace(cell, trial_starts=(0, 300))
    assert "only 2 trials" in stability(few, FAST, "bootstrap", replicates=2).remarks[0]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["nmf", "ica"])
def test_bands_are_in_order_and_the_same_seed_makes_the_same(cell, kind, method):
    settings = replace(FAST, method=method)
    found, again = (stability(cell, settings, kind, replicates=4, seed=7) for _ in range(2))
    np.testing.assert_array_equal(found.bands, again.bands)
    np.testing.assert_array_equal(found.agreement, again.agreement)
    assert found.bands.shape == (3, 900)
    assert (np.diff(found.bands, axis=0) >= 0).all()
    assert found.agreement.shape == (found.reference.n,)
    assert found.agreement[0] > 0.9
    assert not found.bands.flags.writeable


def test_a_reference_that_is_there_is_not_made_again(cell):
    reference = separate_cell(cell, FAST)
    assert stability(cell, FAST, "seeds", replicates=2, reference=reference).reference is reference


def test_a_reference_of_fissas_solver_is_compared_with_the_replicates_solver(cell):
    exact = separate_cell(cell, SeparationSettings())
    assert not any(
        "accelerated" in text for text in stability(cell, FAST, "seeds", replicates=2, reference=exact).remarks
    )
    other = replace(exact, matched=exact.matched[::-1].copy(), objective=123.0)
    remark = stability(cell, FAST, "seeds", replicates=2, reference=other).remarks[0]
    assert "another result than FISSA's for this cell (r = " in remark
    assert "against 123)" in remark
    other = replace(other, settings=FAST)
    assert not any(
        "accelerated" in text for text in stability(cell, FAST, "seeds", replicates=2, reference=other).remarks
    )


def test_components_that_are_empty_have_no_agreement(real_data):
    cell = read(real_data / "fissa_example" / "plain.npz").cells[0]
    found = stability(cell, FAST, "leave_one_out")
    empty = ~found.reference.separated[found.reference.order].any(axis=1)
    assert empty.sum() == 2
    np.testing.assert_array_equal(np.isnan(found.agreement), empty)
    assert found.agreement[0] > 0.99


def test_a_best_match_that_is_another_component_has_a_remark(real_data):
    # The cell is silent in two of its three trials: three in ten draws leave out the one in which it is not.
    cell = read(real_data / "fissa_example" / "plain.npz").cells[0]
    found = stability(cell, FAST, "bootstrap")
    assert any("another component than the reference's" in text for text in found.remarks)
    assert found.agreement[0] < 0.9


def test_it_reports_progress_and_can_be_stopped(cell):
    reports = []
    stability(cell, FAST, "bootstrap", replicates=3, progress=lambda done, of: reports.append((done, of)))
    assert reports == [(1, 3), (2, 3), (3, 3)]
    for kind in KINDS:
        reports.clear()
        with pytest.raises(Cancelled):
            stability(
                cell, FAST, kind, replicates=3, progress=lambda done, of: reports.append(done),
                should_stop=lambda: len(reports) == 2,
            )  # fmt: skip
        assert reports == [1, 2]


def test_replicates_that_do_not_converge_or_are_refused_have_a_remark(cell):
    remarks = stability(cell, replace(FAST, max_iter=3), "seeds", replicates=3).remarks
    assert "3 of 3 replicates did not converge." in remarks
    traces = cell.traces.copy()
    traces[:, 150:900] = 0
    traces[:, 300:600] += cell.traces[:, 300:600]
    # Half of the frames are dark: their median is 0 as soon as one dark trial more is drawn.
    remarks = stability(replace(cell, traces=traces), FAST, "bootstrap", replicates=12).remarks
    [refused] = [text for text in remarks if "could not be separated" in text]
    assert "The median of all values is 0" in refused


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("seed", {}, "kind must be one of seeds, bootstrap, leave_one_out, but 'seed' was found"),
        ("seeds", {"replicates": 1}, "At least 2 replicates are needed, but 1 were asked for"),
        ("bootstrap", {"replicates": 0}, "At least 2 replicates"),
    ],
)
def test_refusals(cell, kind, options, words):
    with pytest.raises(DataError, match=words):
        stability(cell, FAST, kind, **options)


def test_leaving_the_only_region_out_is_refused(cell):
    with pytest.raises(DataError, match="needs two regions or more, but cell 1 has 1"):
        stability(replace(Cell.from_traces(cell.traces[:2])), FAST, "leave_one_out")


def test_too_many_components_for_the_bootstrap_are_refused():
    many = Cell.from_traces(np.random.default_rng(0).gamma(2, 1, (16, 60)))
    with pytest.raises(DataError, match="at most 15 components, but there are 16"):
        stability(many, replace(FAST, max_iter=5), "bootstrap", replicates=2)


def test_agreement_is_never_beyond_its_range(cell):
    for kind in KINDS:
        values = stability(cell, FAST, kind, replicates=3).agreement
        assert all(math.isnan(value) or 0 <= value <= 1 for value in values)
