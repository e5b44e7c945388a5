"""The numbers beside the plots, against their definitions, scipy, and cases without an answer."""

import math
import time
import warnings

import numpy as np
import pytest
import scipy.stats
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neuropil_gui.core.metrics import (
    alive,
    explained,
    negative_fraction,
    numbers,
    pearson,
    r_with_neuropil,
    truth_error,
)
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.core.solvers.stepping import one_blas_thread


def pairs():
    both = st.integers(3, 60).flatmap(
        lambda n: st.tuples(*[arrays(np.float64, n, elements=st.floats(-1e3, 1e3, width=32))] * 2)
    )
    return both.filter(lambda ab: min(np.ptp(ab[0]), np.ptp(ab[1])) > 1e-3)


@given(pairs())
@settings(deadline=None)
def test_r_is_scipys(ab):
    a, b = ab
    assert pearson(a, b) == pytest.approx(scipy.stats.pearsonr(a, b).statistic, abs=1e-9)


@given(pairs(), st.floats(1e-150, 1e150), st.floats(-1e3, 1e3))
@settings(deadline=None)
def test_r_does_not_change_with_scale_and_sign_flips_it(ab, scale, shift):
    a, b = ab
    r = pearson(a, b)
    assert pearson(scale * a, b) == pytest.approx(r, abs=1e-9)
    assert pearson(a + shift, b) == pytest.approx(r, abs=1e-6)
    assert pearson(-a, b) == pytest.approx(-r, abs=1e-9)
    assert truth_error(scale * a, b) == pytest.approx(math.sqrt(1 - r**2), abs=1e-6)


@given(pairs())
@settings(deadline=None)
def test_error_is_that_of_the_least_squares_fit(ab):
    trace, truth = ab
    design = np.column_stack([trace, np.ones_like(trace)])
    fit = design @ np.linalg.lstsq(design, truth, rcond=None)[0]
    expected = np.sqrt(np.mean((truth - fit) ** 2)) / truth.std()
    assert truth_error(trace, truth) == pytest.approx(expected, abs=1e-6)


@given(
    arrays(np.float64, (4, 2), elements=st.floats(0, 10)),
    arrays(np.float64, (2, 30), elements=st.floats(0, 10)),
    st.floats(-5, 5),
)
def test_an_exact_factorisation_explains_everything(mixing, separated, offset):
    X = mixing @ separated + offset
    assume(np.ptp(X, axis=1).max() > 1e-3)
    assert explained(X, mixing, separated, offset) == pytest.approx(1.0, abs=1e-9)


def test_explained_is_its_definition_over_several_blocks():
    rng = np.random.default_rng(0)
    X, mixing, separated = rng.random((3, 30_000)), rng.random((3, 2)), rng.random((2, 30_000))
    expected = 1 - np.sum((X - mixing @ separated) ** 2) / np.sum((X - X.mean(axis=1, keepdims=True)) ** 2)
    assert explained(X, mixing, separated) == pytest.approx(expected, rel=1e-12)
    means = X.mean(axis=1, keepdims=True)
    assert explained(X, np.zeros((3, 2)), separated, means) == pytest.approx(0.0, abs=1e-12)


def test_alive_needs_both_sides():
    separated = np.array([[1.0, 0.0], [0.0, 0.0], [2.0, 2.0]])
    assert alive(separated, np.array([[1.0, 1.0, 0.0], [0.0, 1.0, 0.0]])) == 1
    assert alive(np.zeros((3, 2)), np.zeros((2, 3))) == 0


def test_negative_fraction():
    assert negative_fraction(np.array([-1.0, 0.0, 1.0, -2.0])) == 0.5


def test_r_with_neuropil_is_that_of_the_regions_mean():
    rng = np.random.default_rng(1)
    X = rng.random((4, 50))
    assert r_with_neuropil(X[0], X) == pytest.approx(np.corrcoef(X[0], X[1:].mean(axis=0))[0, 1])
    assert math.isnan(r_with_neuropil(X[0], X[:1]))


@pytest.mark.parametrize(
    "trace",
    [
        np.full(9, 0.1),
        np.zeros(9),
        np.array([]),
        np.full(9, 1e308),
        np.r_[np.nan, np.ones(8)],
        np.r_[np.inf, np.ones(8)],
    ],
)
def test_no_direction_gives_nan_and_no_warning(trace):
    line = np.arange(float(trace.size))
    assert math.isnan(pearson(trace, line))
    assert math.isnan(pearson(line, trace))
    assert math.isnan(truth_error(line, trace))
    assert math.isnan(explained(trace[np.newaxis], np.ones((1, 1)), trace[np.newaxis]))


def test_a_constant_trace_is_wholly_wrong():
    assert truth_error(np.ones(5), np.arange(5.0)) == 1.0


def table(cell, **changes):
    return {number.key: number for number in numbers(cell, separate_cell(cell, SeparationSettings(**changes)))}


@pytest.fixture(scope="module")
def cell():
    return simulate(Simulation(frames=600, seed=10, fluctuation=30.0, neuropil=100.0)).cells[0]


@pytest.mark.parametrize("method", ["nmf", "ica"])
def test_numbers_of_a_simulated_cell(cell, method):
    found = table(cell, method=method)
    assert list(found) == ["r_neuropil", "explained", "score", "alive", "negative", "r_truth", "error_truth"]
    assert 0.9 < found["explained"].value <= 1
    assert found["r_neuropil"].before > found["r_neuropil"].value
    assert found["r_truth"].value > found["r_truth"].before
    assert found["error_truth"].value < found["error_truth"].before
    assert found["r_truth"].text == f"{found['r_truth'].before:.2f} → {found['r_truth'].value:.2f}"
    assert found["alive"].text.endswith(" of 5") or method == "ica"
    assert (found["negative"].value == 0) == (method == "nmf")
    assert "-" not in found["r_neuropil"].text
    assert all(number.help and number.label for number in found.values())


def test_ica_with_all_components_explains_everything(cell):
    assert table(cell, method="ica", n=5)["explained"].value == pytest.approx(1.0, abs=1e-9)


def test_explained_knows_the_offset(cell):
    shifted = Cell("dF/F", cell.traces - 100.0, cell.signal_names)
    assert shifted.traces.min() < 0
    found = table(shifted, offset=True)
    assert 0.9 < found["explained"].value <= 1
    assert "r_truth" not in found


@pytest.mark.parametrize(
    ("values", "changes"),
    [
        (np.full((3, 20), 5.0), {}),
        (np.arange(1.0, 21.0)[np.newaxis], {}),
        (np.vstack([np.ones(20), np.zeros(20), np.arange(20.0) + 1]), {}),
        (np.random.default_rng(0).random((3, 20)), {"alpha": 1000.0}),
        (np.random.default_rng(0).random((1, 20)), {"method": "ica"}),
    ],
)
def test_cells_without_an_answer_show_a_dash(values, changes):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = table(Cell.from_traces(values), **changes)
    for number in found.values():
        assert math.isfinite(number.value) or number.text.endswith("–")


def test_a_dash_on_one_side_of_the_arrow(cell):
    emptied = table(cell, alpha=1000.0)
    assert emptied["alive"].text == "0 of 5"
    assert emptied["r_neuropil"].text.endswith("→ –")
    assert emptied["error_truth"].value == 1.0


def test_long_recordings_are_quick():
    rng = np.random.default_rng(0)
    X, mixing, separated = rng.random((5, 1_000_000)), rng.random((5, 5)), rng.random((5, 1_000_000))
    start = time.process_time()
    with one_blas_thread():
        explained(X, mixing, separated)
        r_with_neuropil(X[0], X)
        alive(separated, mixing)
        negative_fraction(X[0])
    # About 0.1 s of work; loose, because it is there to catch a hang.
    assert time.process_time() - start < 1
