"""Lists of trials: MATLAB's cells, NumPy's objects, Suite2P for MATLAB; stacks and movies among arrays."""

import h5py
import numpy as np
import pytest
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.plain.arrays import is_movie
from neuropil_gui.formats.registry import inquire, read

RNG = np.random.default_rng(31)


def listed(arrays, shape=None):
    values = np.empty(len(arrays), object)
    for k, each in enumerate(arrays):
        values[k] = each
    return values.reshape(shape) if shape else values


@settings(deadline=None, max_examples=25)
@given(
    st.lists(st.integers(0, 40), min_size=2, max_size=6).filter(lambda frames: sum(n > 8 for n in frames) > 0),
    st.integers(2, 6),
    st.sampled_from(["mat", "npz", "npy"]),
    st.booleans(),
)
def test_trials_of_any_length_are_joined_and_empty_ones_named(tmp_path_factory, frames, signals, suffix, turned):
    path = tmp_path_factory.getbasetemp() / f"trials.{suffix}"
    frames = [n if n > 8 else 0 for n in frames]
    trials = [RNG.random((signals, n)) if n else np.zeros((0, 0)) for n in frames]
    stored = [each.T for each in trials] if turned else trials
    if suffix == "mat":
        scipy.io.savemat(path, {"x": listed(stored, (1, -1))})
    elif suffix == "npy":
        np.save(path, listed(stored), allow_pickle=True)
    else:
        np.savez(path, x=listed(stored), fs=30.0)
    recording = read(path)
    cell = recording.cells[0]
    filled = [each for each in trials if each.size]
    if turned and len({each.shape for each in filled}) == 1 and filled[0].shape[1] < 2 * signals:
        return  # nothing tells such matrices from their transpose
    assert np.array_equal(cell.traces, np.concatenate(filled, axis=1))
    assert len(cell.trial_starts) == len(filled)
    empty = [k for k, n in enumerate(frames, 1) if not n]
    said = " ".join(recording.warnings)
    assert ("empty" in said) == bool(empty)
    assert all(str(k) in said for k in empty)
    preview = inquire(path).preview(inquire(path).guess)
    assert np.array_equal(preview.traces, cell.traces)


def test_rows_of_trials_can_be_cells(tmp_path):
    trials = [RNG.random((30, 50)), RNG.random((30, 70))]
    scipy.io.savemat(tmp_path / "a.mat", {"x": listed(trials, (1, 2))})
    recording = read(tmp_path / "a.mat")
    assert len(recording.cells) == 30
    assert recording.cells[4].trial_starts == (0, 50)
    assert np.array_equal(recording.cells[4].traces[0], np.concatenate([each[4] for each in trials]))
    assert inquire(tmp_path / "a.mat").asks("rows")
    assert read(tmp_path / "a.mat", rows="signals").cells[0].traces.shape == (30, 120)


def test_suite2p_for_matlab(tmp_path):
    path = tmp_path / "F_mouse_2020_plane1.mat"
    own, around = ([RNG.random((5, n)) for n in (60, 40)] for _ in range(2))
    stat = np.zeros((1, 5), [("iscell", object), ("npix", object)])
    for k in range(5):
        stat[0, k] = (float(k != 2), 40.0)
    ops = {"imageRate": 30.0, "nplanes": 4.0, "mouse_name": "mouse"}
    scipy.io.savemat(path, {"Fcell": listed(own, (1, 2)), "FcellNeu": listed(around, (1, 2)), "stat": stat, "ops": ops})
    recording = read(path)
    assert [header.source_index for header in recording.cells.headers] == [0, 1, 3, 4]
    cell = recording.cells[2]
    assert cell.signal_names == ("ROI", "neuropil")
    assert np.array_equal(cell.traces, [np.concatenate([each[3] for each in both]) for both in (own, around)])
    assert cell.trial_starts == (0, 60)
    assert recording.frame_rate == 7.5
    assert not inquire(path).questions


def test_objects_of_matlab_are_skipped_and_named(tmp_path):
    path = tmp_path / "a.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        for name, kind in (("traces", b"table"), ("mouse", b"string")):
            file[name] = np.arange(6, dtype="u4")[:, None]
            file[name].attrs["MATLAB_class"] = np.bytes_(kind)
            file[name].attrs["MATLAB_object_decode"] = np.int32(3)
        file["xyz"] = RNG.random((300, 5))
        file["xyz"].attrs["MATLAB_class"] = np.bytes_(b"double")
    with open(path, "r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\x00\x02IM")
    recording = read(path)
    assert recording.cells[0].traces.shape == (5, 300)
    said = " ".join(recording.warnings)
    assert "traces was left out: it is a MATLAB table" in said
    assert "mouse was left out: it is a MATLAB string" in said
    with pytest.raises(DataError, match="traces is a MATLAB table, which only MATLAB can read"):
        read(path, dataset="traces")


@pytest.mark.parametrize("shape", [(500, 128, 128), (128, 128, 500), (96, 512, 256), (64, 64, 3), (20, 480, 640)])
def test_movies_and_images_are_said_to_be_such(tmp_path, shape):
    np.save(tmp_path / "a.npy", np.zeros(shape, "u1"))
    for ask in (read, inquire):
        with pytest.raises(DataError, match="a movie or of images: drop it together with its ROIs"):
            ask(tmp_path / "a.npy")
    assert read(tmp_path / "a.npy", rows_are_frames=False).rows_are_frames is False
    np.savez(tmp_path / "a.npz", movie=np.zeros(shape, "u1"), whatever=RNG.random((4, 60)))
    assert read(tmp_path / "a.npz").cells[0].traces.shape == (4, 60)


@given(st.integers(1, 2000), st.integers(1, 12), st.integers(50, 20_000))
def test_cells_of_few_signals_are_no_movie(cells, signals, frames):
    assert not is_movie((cells, signals, frames))
    assert not is_movie((cells, 3, signals, frames))


@pytest.mark.parametrize("order", ["C", "F"])
def test_frames_x_signals_x_cells_is_guessed_and_asked(tmp_path, order):
    values = np.asarray(RNG.random((300, 5, 4)), order=order)
    np.save(tmp_path / "a.npy", values)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = values
    for path in (tmp_path / "a.npy", tmp_path / "a.h5"):
        recording = read(path)
        assert [header.signals for header in recording.cells.headers] == [5] * 4
        assert np.array_equal(recording.cells[2].traces, values[:, :, 2].T)
        (question,) = [each for each in inquire(path).questions if each.name == "rows_are_frames"]
        assert question.guess is True
        assert np.array_equal(inquire(path).preview(inquire(path).guess).traces, values[:, :, 0].T)
        turned = read(path, rows_are_frames=False)
        assert len(turned.cells) == 300
