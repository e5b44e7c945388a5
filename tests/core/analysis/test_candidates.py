"""What is compared, against plain numpy, FISSA's own stored result, and the truth."""

import math
from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui.core.analysis import candidates
from neuropil_gui.core.analysis.pairing import pair
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, StoredResult
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate

CELL = simulate(Simulation(frames=1200, seed=3)).cells[0]
NMF = separate_cell(CELL, SeparationSettings(solver="accelerated"))


def test_a_separation_is_judged_like_any_other_trace():
    made = candidates.of_separation(CELL, NMF)
    np.testing.assert_array_equal(made.trace, NMF.matched[0])
    own, neuropil = CELL.truth.sources[0], CELL.traces[1:].mean(axis=0)
    found = made.numbers
    assert found["r_neuropil"] == pytest.approx(np.corrcoef(made.trace, neuropil)[0, 1])
    assert found["error_truth"] == pytest.approx(math.sqrt(1 - np.corrcoef(made.trace, own)[0, 1] ** 2))
    assert made.level == np.median(made.trace)


def test_rivals_say_their_r():
    assert candidates.of_rival(CELL, "raw").how == "as it was recorded"
    made = candidates.of_rival(CELL, "fixed", {"k": 0.3})
    np.testing.assert_allclose(made.trace, CELL.traces[0] - 0.3 * CELL.traces[1:].mean(axis=0))
    assert made.how == "k = 0.30"
    for key in ("regression", "robust", "cross_validation"):
        assert candidates.of_rival(CELL, key).how.startswith("k = ")


def test_the_function_for_scripts_compares_with_all_rivals():
    found = candidates.compare(CELL, NMF, ("raw", "fixed", "robust", "ica", "truth"), factor=0.3)
    assert list(found) == ["result", "raw", "fixed", "robust", "ica", "truth"]
    np.testing.assert_array_equal(found["result"].trace, NMF.matched[0])
    np.testing.assert_allclose(found["fixed"].trace, CELL.traces[0] - 0.3 * CELL.traces[1:].mean(axis=0))
    assert found["ica"].separation.settings == SeparationSettings(method="ica")
    assert found["truth"].numbers["error_truth"] < found["result"].numbers["error_truth"]
    assert list(candidates.compare(CELL, NMF)) == ["result", "raw", "fixed", "regression", "robust", "cross_validation"]
    with pytest.raises(DataError, match="'median' is no rival: one of raw, fixed"):
        candidates.compare(CELL, NMF, ("median",))


def test_the_truth_is_its_share_of_the_roi():
    made = candidates.of_truth(CELL)
    np.testing.assert_allclose(made.trace, CELL.truth.mixing[0, 0] * CELL.truth.sources[0])
    assert made.numbers["error_truth"] == pytest.approx(0, abs=1e-7)


def test_without_truth_or_a_stored_result_they_are_refused():
    bare = Cell.from_traces(CELL.traces)
    for make in (candidates.of_truth, candidates.of_stored):
        with pytest.raises(DataError, match="cell 1: "):
            make(bare)
    assert "error_truth" not in candidates.of_rival(bare, "raw").numbers


def test_the_difference_is_that_of_plain_subtraction():
    one, other = candidates.of_separation(CELL, NMF), candidates.of_rival(CELL, "raw")
    found = candidates.difference(one, other)
    gap = NMF.matched[0] - CELL.traces[0]
    np.testing.assert_array_equal(found.trace, gap)
    assert (found.greatest, found.frame) == (np.abs(gap).max(), np.abs(gap).argmax())
    assert found.r == pytest.approx(np.corrcoef(NMF.matched[0], CELL.traces[0])[0, 1])
    assert found.part == pytest.approx(np.abs(gap).max() / np.ptp(NMF.matched[0]))
    assert found.pairing is None


def test_two_separations_are_paired():
    other = separate_cell(CELL, SeparationSettings(solver="accelerated", alpha=0.5))
    found = candidates.difference(candidates.of_separation(CELL, NMF), candidates.of_separation(CELL, other))
    assert found.pairing == pair(NMF, other)


def test_traces_of_other_lengths_are_refused():
    short = Cell.from_traces(CELL.traces[:, :500])
    with pytest.raises(DataError, match="1200 and 500 frames"):
        candidates.difference(candidates.of_rival(CELL, "raw"), candidates.of_rival(short, "raw"))


def test_values_that_are_not_finite_do_no_harm():
    traces = CELL.traces.copy()
    traces[0, 10] = np.nan
    made = candidates.of_rival(Cell.from_traces(traces), "raw")
    assert np.isfinite(made.level)
    found = candidates.difference(made, candidates.of_rival(CELL, "raw"))
    assert found.greatest == 0


def test_a_stored_result_of_our_own_is_ours():
    exact = separate_cell(CELL, SeparationSettings())
    stored = StoredResult("a file", exact.matched, exact.separated, exact.mixing, exact.iterations, exact.converged)
    cell = replace(CELL, stored=stored)
    found = candidates.difference(candidates.of_separation(cell, exact), candidates.of_stored(cell))
    assert (found.greatest, found.r) == (0, pytest.approx(1))
    assert found.pairing.partners[0] == 0
    assert candidates.as_separation(StoredResult("a file", exact.matched)) is None
    without = replace(CELL, stored=StoredResult("a file", exact.matched))
    assert candidates.of_stored(without).separation is None
