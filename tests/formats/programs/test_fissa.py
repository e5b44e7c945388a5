"""FISSA's own files, by hand and as FISSA wrote them."""

import shutil

import numpy as np
import pytest

from neuropil_gui.formats.registry import read


def objects(shape, make):
    array = np.empty(shape, object)
    for index in np.ndindex(shape):
        array[index] = make(*index)
    return array


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(1)
    lengths = (30, 20)
    np.savez_compressed(
        tmp_path / "prepared.npz", raw=objects((3, 2), lambda _, t: rng.random((4, lengths[t]))), nRegions=3
    )
    np.savez_compressed(
        tmp_path / "separated.npz",
        result=objects((3, 2), lambda _, t: rng.random((2, lengths[t]))),
        sep=objects((3, 2), lambda _, t: rng.random((2, lengths[t]))),
        mixmat=objects((3, 2), lambda *_: rng.random((4, 2))),
        info=objects((3, 2), lambda c, _: {"iterations": np.int64(9 + c), "converged": c != 1}),
        alpha=0.1,
    )
    return tmp_path


def test_the_real_files_agree_with_each_other(real_data):
    folder = real_data / "fissa_example"
    with np.load(folder / "plain.npz") as truth:
        for name in ("prepared.npz", "separated.npz", "separated.mat"):
            recording = read(folder / name)
            assert recording.format == "FISSA"
            assert recording.warnings == ()
            assert recording.frame_rate is None
            assert len(recording.cells) == 4
            for k, cell in enumerate(recording.cells):
                assert cell.trial_starts == (0, 288, 576)
                assert np.array_equal(cell.traces, np.concatenate(list(truth["raw"][k]), axis=1))
                assert np.array_equal(cell.stored.matched, np.concatenate(list(truth["result"][k]), axis=1))
                assert np.array_equal(cell.stored.separated, np.concatenate(list(truth["sep"][k]), axis=1))
                assert np.array_equal(cell.stored.mixing, truth["mixmat"][k])
                assert cell.stored.iterations == truth["iterations"][k]
                assert cell.stored.converged is True
    assert recording.cells[0].stored.origin == "FISSA separated.mat"


def test_the_example_of_two_polygons(real_data):
    recording = read(real_data / "imaging" / "expected_py3.npz")
    assert [cell.traces.shape for cell in recording.cells] == [(5, 87), (5, 87)]
    assert [cell.stored.iterations for cell in recording.cells] == [462, 465]


def test_trials_of_different_length_are_joined(folder):
    for name in ("prepared.npz", "separated.npz"):
        cells = read(folder / name).cells
        assert [cell.traces.shape for cell in cells] == [(4, 50)] * 3
        assert cells[1].trial_starts == (0, 30)
        assert cells[1].stored.matched.shape == (2, 50)
        assert [cell.stored.iterations for cell in cells] == [9, 10, 11]
        assert [cell.stored.converged for cell in cells] == [True, False, True]
        assert cells[0].stored.origin == "FISSA separated.npz"


def test_separated_alone_is_a_sentence(folder, refusal):
    (folder / "prepared.npz").unlink()
    assert "prepared.npz should lie beside it" in refusal(folder / "separated.npz")


def test_a_result_that_is_damaged_or_another_costs_only_itself(folder):
    whole = (folder / "separated.npz").read_bytes()
    (folder / "separated.npz").write_bytes(whole[:-40])
    recording = read(folder / "prepared.npz")
    assert recording.cells[0].stored is None
    assert recording.warnings[0].startswith("Its stored result was left out: separated.npz: ")
    np.savez(folder / "separated.npz", result=objects((1, 2), lambda *_: np.ones((2, 30))))
    recording = read(folder / "prepared.npz")
    assert len(recording.warnings) == 3
    assert recording.cells[0].stored is None
    (folder / "separated.npz").unlink()
    assert read(folder / "prepared.npz").warnings == ()


@pytest.mark.parametrize(
    "raw",
    [
        objects((2, 2), lambda *_: "text"),
        objects((2, 2), lambda *_: np.ones(4)),
        objects((2, 2), lambda *_: np.full((2, 9), "x")),
        objects((2, 2), lambda *_: None),
        objects((2, 2), lambda _, t: np.ones((2 + t, 9))),
        objects((2, 2), lambda *_: {"a": 1}),
        objects((2,), lambda *_: np.ones((2, 9))),
        objects((), lambda: np.ones((2, 9))),
        np.zeros((0, 2), object),
    ],
)
def test_other_objects_are_a_sentence(tmp_path, refusal, raw):
    np.savez(tmp_path / "prepared.npz", raw=raw)
    assert refusal(tmp_path / "prepared.npz").startswith("prepared.npz: ")


def test_one_large_array_of_objects_is_read_too(tmp_path):
    raw = np.random.default_rng(1).random((2, 3, 4, 9))
    np.savez(tmp_path / "prepared.npz", raw=raw.astype(object))
    assert np.array_equal(read(tmp_path / "prepared.npz").cells[1].traces, np.concatenate(list(raw[1]), axis=1))


def test_cut_files_are_refused(folder, refusal, tmp_path):
    whole = (folder / "prepared.npz").read_bytes()
    (tmp_path / "sub").mkdir()
    for size in range(1, len(whole), len(whole) // 25):
        path = tmp_path / "sub" / "prepared.npz"
        path.write_bytes(whole[:size])
        assert refusal(path).startswith("prepared.npz: ")


def test_real_files_can_be_copied_and_opened(real_data, tmp_path):
    shutil.copyfile(real_data / "fissa_example" / "separated.npz", tmp_path / "mine.npz")
    shutil.copyfile(real_data / "fissa_example" / "prepared.npz", tmp_path / "prepared.npz")
    recording = read(tmp_path / "mine.npz")
    assert recording.cells[3].stored.iterations == 1184
