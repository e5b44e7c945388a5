"""Results by FISSA's names: as NumPy and SciPy read them, and as they open here again."""

import json

import numpy as np
import pytest
import scipy.io

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.formats.registry import read, write

FISSAS = {"raw", "result", "sep", "mixmat", "alpha", "tol", "max_iter", "max_tries", "method", "nRegions"}


@pytest.fixture
def even(separation):
    """Three cells alike, of three trials of equal length."""
    rng = np.random.default_rng(4)
    cells = [Cell(f"c{k}", rng.random((5, 60)) + 1, tuple("abcde"), (0, 20, 40)) for k in range(3)]
    made = Recording("made", None, 29.87, cells)
    return made, {k: separation(cell, n=4, seed=k) for k, cell in enumerate(cells)}


@pytest.fixture
def uneven(recording, separation):
    made = recording()
    return made, {0: separation(made.cells[0]), 2: separation(made.cells[2], n=2)}


def check(found, made, results, shape_of):
    for place, (k, result) in enumerate(results.items()):
        for trial, where in enumerate(made.cells[k].trial_slices):
            expected = {"raw": made.cells[k].traces, "result": result.matched, "sep": result.separated}
            for name, values in expected.items():
                assert np.array_equal(shape_of(found[name][place, trial], values[:, where].shape), values[:, where])


def whole(values, shape):
    assert values.shape == shape
    return values


def cut(values, shape):
    assert np.isnan(values[shape[0] :]).all()
    assert np.isnan(values[:, shape[1] :]).all()
    return values[: shape[0], : shape[1]]


def test_npz_is_indexed_as_fissas(tmp_path, even):
    made, results = even
    path = tmp_path / "out.fissa.npz"
    write(path, made, results, BaselineSettings())
    with np.load(path, allow_pickle=False) as file:
        found = dict(file)
    assert found.keys() >= FISSAS | {"deltaf_raw", "deltaf_result"}
    assert not found.keys() & {"signals", "n", "frames"}
    check(found, made, results, whole)
    assert found["deltaf_raw"].shape == found["deltaf_result"].shape == (3, 3, 1, 20)
    for k, result in results.items():
        assert np.array_equal(found["mixmat"][k], result.mixing)
    assert (int(found["nRegions"]), str(found["method"]), float(found["alpha"])) == (4, "nmf", 0.1)
    assert json.loads(str(found["provenance"]))["program"] == "neuropil_gui"
    again = read(path)
    for k, cell in enumerate(again.cells):
        assert np.array_equal(cell.traces, made.cells[k].traces)
        assert cell.trial_starts == (0, 20, 40)
        assert np.array_equal(cell.stored.matched, results[k].matched)
        assert np.array_equal(cell.stored.mixing, results[k].mixing)
        assert (cell.stored.iterations, cell.stored.converged) == (1071, False)


def test_npz_fills_up_and_says_how_far(tmp_path, uneven):
    made, results = uneven
    path = tmp_path / "OUT.FISSA.NPZ"
    write(path, made, results)
    with np.load(path, allow_pickle=False) as file:
        found = dict(file)
    check(found, made, results, cut)
    assert found["frames"].tolist() == [[20, 21, 19]] * 2
    assert (found["signals"].tolist(), found["n"].tolist(), found["number"].tolist()) == ([4, 4], [3, 2], [1, 3])
    again = read(path)
    for cell, (k, result) in zip(again.cells, results.items(), strict=True):
        assert np.array_equal(cell.traces, made.cells[k].traces)
        assert cell.trial_starts == made.cells[k].trial_starts
        assert np.array_equal(cell.stored.matched, result.matched)
        assert np.array_equal(cell.stored.mixing, result.mixing)


def test_sizes_that_do_not_go_with_the_arrays(tmp_path, uneven, refusal):
    path = tmp_path / "out.fissa.npz"
    write(path, *uneven)
    with np.load(path) as file:
        found = dict(file)
    for name, value in (("frames", found["frames"][:1]), ("signals", np.array([4.0, 4.0])), ("raw", np.ones((2, 3)))):
        np.savez(path, **found | {name: value})
        assert "signals, n and frames do not go with raw" in refusal(path)
    for name, value in (("sep", np.ones(3)), ("mixmat", np.ones((2, 3, 4, 3))), ("info", np.ones((2, 3)))):
        np.savez(path, **found | {name: value})
        assert np.array_equal(read(path).cells[1].traces, uneven[0].cells[2].traces)
    np.savez(path, **found | {"frames": np.array([[20, 0, 19]] * 2)})
    assert "must start at 0 and ascend" in refusal(path)


@pytest.mark.parametrize("kind", ["even", "uneven"])
def test_mat_is_cells_as_fissas(tmp_path, kind, request):
    made, results = request.getfixturevalue(kind)
    path = tmp_path / "out.fissa.mat"
    write(path, made, results)
    found = scipy.io.loadmat(path)
    assert found.keys() >= FISSAS | {"info"}
    check(found, made, results, whole)
    for place, result in enumerate(results.values()):
        assert np.array_equal(found["mixmat"][place, 1], result.mixing)
        assert found["info"][place, 2]["iterations"][0, 0][0, 0] == 1071
    again = read(path)
    assert again.format == "FISSA"
    for cell, (k, result) in zip(again.cells, results.items(), strict=True):
        assert np.array_equal(cell.traces, made.cells[k].traces)
        assert cell.trial_starts == made.cells[k].trial_starts
        assert np.array_equal(cell.stored.matched, result.matched)


def test_what_fissas_files_cannot_hold_is_named(tmp_path, separation):
    rng = np.random.default_rng(4)
    cells = [Cell("a", rng.random((2, 60)), ("a", "b"), starts) for starts in ((0, 20), (0,))]
    made = Recording("made", None, None, cells)
    results = {k: separation(cell, n=1) for k, cell in enumerate(cells)}
    for name in ("out.fissa.npz", "out.fissa.mat"):
        with pytest.raises(DataError, match="as many trials for each cell"):
            write(tmp_path / name, made, results)
        with pytest.raises(DataError, match="no result to write"):
            write(tmp_path / name, made, {})
    assert not list(tmp_path.iterdir())
