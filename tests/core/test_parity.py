"""FISSA 1.0.0's own numbers: on simulated signals (see tests/data/make_fissa_reference.py) and on real ones."""

import json
from pathlib import Path

import numpy as np
import pytest

from neuropil_gui import Cell, SeparationSettings, separate, separate_cell

REFERENCE = Path(__file__).parents[1] / "data" / "fissa_reference.npz"
SMALL_FILE = 300_000


@pytest.fixture(scope="module")
def reference():
    with np.load(REFERENCE) as file:
        return dict(file)


def case_names():
    with np.load(REFERENCE) as file:
        return list(json.loads(str(file["cases"])))


def assert_close(found, wanted, limit=1e-6):
    wanted = np.asarray(wanted, np.float64)
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() <= limit * np.abs(wanted).max()


@pytest.mark.parametrize("name", case_names())
def test_the_answer_is_that_of_fissa(name, reference, capsys):
    case = json.loads(str(reference["cases"]))[name]
    signals = reference[f"inputs/{case['input']}"].astype(np.float64)
    start = {key: reference[f"{name}/{key}"] for key in ("W0", "H0")} if case["custom"] else {}
    separated, matched, mixing, convergence = separate(signals, **case["kwargs"], **start)
    assert capsys.readouterr().out == case["printed"]
    assert convergence == case["convergence"]
    assert_close(separated[:, :: case["every"]], reference[f"{name}/S_sep"])
    assert_close(matched[:, :: case["every"]], reference[f"{name}/S_matched"])
    assert_close(mixing, reference[f"{name}/A_sep"])


def test_the_reference_covers_what_it_should(reference):
    cases = json.loads(str(reference["cases"])).values()
    methods = {case["kwargs"].get("sep_method", "nmf").lower() for case in cases}
    assert {"nmf", "nnmf", "ica", "fastica", "factoranalysis"} <= methods
    counts = {len(reference[f"inputs/{case['input']}"]) for case in cases}
    assert min(counts) == 2
    assert max(counts) == 12
    alphas = {case["kwargs"].get("alpha", 0.1) for case in cases}
    assert {0.0, 0.1, 1.0} <= alphas
    assert REFERENCE.stat().st_size < SMALL_FILE


@pytest.mark.parametrize(("index", "iterations"), list(enumerate((1201, 1071, 1229, 1184))))
def test_real_cells_by_nmf(index, iterations, real_data):
    with np.load(real_data / "fissa_example" / "plain.npz") as file:
        raw, result, sep, mixing = (file[key][index] for key in ("raw", "result", "sep", "mixmat"))
    joined = np.concatenate(raw, axis=1)
    S_sep, S_matched, A_sep, convergence = separate(joined, max_iter=20000, verbosity=0)
    assert convergence == {"iterations": iterations, "max_iterations": 20000, "random_state": 892, "converged": True}
    assert_close(S_matched, np.concatenate(result, axis=1))
    assert_close(S_sep, np.concatenate(sep, axis=1))
    assert_close(A_sep, mixing)

    found = separate_cell(Cell.from_traces(list(raw)), SeparationSettings(max_iter=20000))
    assert found.iterations == iterations
    assert_close(found.matched, np.concatenate(result, axis=1))


@pytest.mark.parametrize(("index", "n", "iterations"), [(0, 4, 9), (1, 3, 9), (2, 4, 12), (3, 4, 11)])
def test_real_cells_by_ica(index, n, iterations, real_data):
    with np.load(real_data / "fissa_example" / "plain.npz") as file:
        joined = np.concatenate(file["raw"][index], axis=1)
    with np.load(real_data / "fissa_example" / "ica.npz") as file:
        wanted = {key: file[f"{index + 1}/{key}"] for key in ("separated", "matched", "mixing", "iterations")}
    assert wanted["iterations"] == iterations
    S_sep, S_matched, A_sep, convergence = separate(joined, "ica", max_iter=20000, verbosity=0)
    assert len(S_sep) == n
    assert convergence["iterations"] == iterations
    assert_close(S_sep, wanted["separated"])
    assert_close(S_matched, wanted["matched"])
    assert_close(A_sep, wanted["mixing"])


@pytest.mark.parametrize(("index", "iterations"), list(enumerate((462, 465))))
def test_the_tiny_movies_of_fissas_own_tests(index, iterations, real_data):
    with np.load(real_data / "imaging" / "expected_py3.npz", allow_pickle=True) as file:
        raw, result = file["raw"][index], file["result"][index]
    joined = np.concatenate(list(raw), axis=1).astype(np.float64)
    _, S_matched, _, convergence = separate(joined, max_iter=20000, verbosity=0)
    assert convergence["iterations"] == iterations
    assert_close(S_matched, np.concatenate(list(result), axis=1).astype(np.float64))
