"""suite2p folders: every way to name one, what is missing, and 2 GB opened without reading them."""

import os
import pickle
import subprocess
import sys

import h5py
import numpy as np
import pytest
import scipy.io
import scipy.sparse

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats import paths
from neuropil_gui.formats.child import mat5
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.programs import suite2p, suite2p_mat
from neuropil_gui.formats.registry import read


@pytest.fixture
def plane(tmp_path):
    """A plane folder as suite2p writes it: 6 ROIs, of which 4 are cells."""
    folder = tmp_path / "suite2p" / "plane0"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(1)
    np.save(folder / "F.npy", rng.random((6, 50), np.float32))
    np.save(folder / "Fneu.npy", rng.random((6, 50), np.float32))
    np.save(folder / "iscell.npy", np.asfortranarray([[1, 0.9], [0, 0.1], [1, 0.8], [1, 0.7], [0, 0.2], [1, 0.6]]))
    np.save(folder / "ops.npy", {"fs": 29.87, "save_path": "x"}, allow_pickle=True)
    np.save(folder / "stat.npy", np.array([{"ypix": np.arange(3)}] * 6, object), allow_pickle=True)
    return folder


def test_the_real_folder(real_data):
    folder = real_data / "suite2p" / "plane0"
    signal, neuropil = np.load(folder / "F.npy"), np.load(folder / "Fneu.npy")
    rows = np.flatnonzero(np.load(folder / "iscell.npy")[:, 0])
    for path in (folder, folder.parent, folder.parent.parent / "suite2p", *folder.iterdir()):
        recording = read(path)
        assert len(recording.cells) == 21
        assert recording.frame_rate == 1.0
        assert "often a default left in" in recording.warnings[0]
    assert [cell.source_index for cell in recording.cells] == rows.tolist()
    for row, cell in zip(rows, recording.cells, strict=True):
        assert cell.name == f"ROI {row}"
        assert cell.signal_names == ("ROI", "neuropil")
        assert np.array_equal(cell.traces, np.array([signal[row], neuropil[row]], float))
    given = read(folder, frame_rate=30)
    assert (given.frame_rate, given.warnings) == (30.0, ())


def test_paths_to_a_plane(plane):
    for path in (plane, plane.parent, plane.parent.parent, plane / "stat.npy", plane / "ops.npy", plane / "Fneu.npy"):
        recording = read(path)
        assert [cell.source_index for cell in recording.cells] == [0, 2, 3, 5]
        assert recording.frame_rate == 29.87
        assert recording.warnings == ()
        assert recording.name == "suite2p/plane0"
        assert recording.rows_are_frames is None
    assert "Not transposed" in read(plane, rows_are_frames=True).warnings[0]


def test_an_array_that_is_only_called_f(tmp_path):
    np.save(tmp_path / "F.npy", np.ones((3, 40)))
    assert read(tmp_path / "F.npy").format == "NumPy array"


@pytest.fixture
def three(plane):
    """Three planes, of which the last has a frame less, and the combined folder that suite2p makes of them."""
    rng = np.random.default_rng(3)
    parts = {"F": [], "Fneu": [], "iscell": [], "redcell": []}
    for k, frames in enumerate((50, 50, 48)):
        folder = plane.parent / f"plane{k}"
        folder.mkdir(exist_ok=True)
        for name in ("F", "Fneu"):
            values = rng.random((4, frames), np.float32) + 1
            np.save(folder / f"{name}.npy", values)
            parts[name].append(np.pad(values, ((0, 0), (0, 50 - frames))))
        marks = np.column_stack([[1, 1, 0, 1], rng.random(4)])
        red = np.column_stack([[0, 1, 0, 0], rng.random(4)])
        for name, values in (("iscell", marks), ("redcell", red)):
            np.save(folder / f"{name}.npy", values)
            parts[name].append(values)
        np.save(folder / "ops.npy", {"fs": 7.5}, allow_pickle=True)
    combined = plane.parent / "combined"
    combined.mkdir()
    for name, values in parts.items():
        np.save(combined / f"{name}.npy", np.concatenate(values))
    np.save(combined / "settings.npy", {"fs": 7.5}, allow_pickle=True)
    return plane.parent


def test_several_planes_are_one_recording(three):
    recording = read(three)
    assert (recording.name, recording.frame_rate, recording.warnings) == (f"{three.parent.name}/suite2p", 7.5, ())
    names = [f"plane{k} ROI {row}" for k in range(3) for row in (0, 1, 3)]
    assert [header.name for header in recording.cells.headers] == names
    for header, cell in zip(recording.cells.headers, recording.cells, strict=True):
        facts = dict(header.facts)
        folder = three / facts["plane"]
        row = cell.source_index
        pair = [np.load(folder / name)[row] for name in ("F.npy", "Fneu.npy")]
        assert np.array_equal(cell.traces, np.array(pair, float))
        assert (cell.name, cell.traces.shape[1]) == (header.name, header.frames)
        assert facts["probability"] == np.load(folder / "iscell.npy")[row, 1]
        assert facts["red"] is (row == 1)
    assert [header.frames for header in recording.cells.headers] == [50] * 6 + [48] * 3


def test_one_of_several_planes(three):
    for asked in ("1", "plane1", "PLANE1"):
        recording = suite2p.read(three, Options(plane=asked))
        assert recording.name == "suite2p/plane1"
        assert [cell.name for cell in recording.cells] == ["ROI 0", "ROI 1", "ROI 3"]
    for asked in ("7", "up", "9" * 5000):
        with pytest.raises(DataError, match="plane0, plane1, plane2, combined is there"):
            suite2p.read(three, Options(plane=asked))
    assert len(read(three / "plane2" / "F.npy").cells) == 3


@pytest.mark.parametrize("order", ["C", "F"])
def test_zeros_behind_shorter_planes_are_left_out(three, order):
    for name in ("F.npy", "Fneu.npy"):
        np.save(three / "combined" / name, np.asarray(np.load(three / "combined" / name), order=order))
    combined, apart = suite2p.read(three, Options(plane="combined")), read(three)
    assert "3 of 9 cells had up to 2 zeros" in combined.warnings[0]
    assert combined.frame_rate == 7.5
    for padded, cell, header in zip(combined.cells, apart.cells, combined.cells.headers, strict=True):
        assert np.array_equal(padded.traces, cell.traces)
        assert header.frames == padded.traces.shape[1]
    signal = np.load(three / "combined" / "F.npy")
    signal[0, -1] = 0  # a true zero beside a neuropil that is none
    np.save(three / "combined" / "F.npy", signal)
    assert read(three / "combined").cells[0].traces.shape == (2, 50)


def test_planes_that_do_not_go_together_are_named(three, refusal):
    np.save(three / "plane1" / "ops.npy", {"fs": 8.0}, allow_pickle=True)
    (three / "plane0" / "Fneu.npy").unlink()
    (three / "plane10").mkdir()
    np.save(three / "plane10" / "F.npy", np.ones((2, 9)))
    recording = read(three)
    assert recording.frame_rate is None
    warnings = " ".join(recording.warnings)
    assert "Left out: plane0: Fneu.npy is missing" in warnings
    assert warnings.index("plane0:") < warnings.index("plane10:")
    assert "plane1 8 Hz, plane2 7.5 Hz" in warnings
    assert len(recording.cells) == 6
    for k in (1, 2):
        (three / f"plane{k}" / "F.npy").unlink()
    assert "plane0: Fneu.npy is missing" in refusal(three)


def test_a_combined_folder_without_traces_is_none(three):
    (three / "combined" / "F.npy").unlink()
    with pytest.raises(DataError, match="plane0, plane1, plane2 is there"):
        suite2p.read(three, Options(plane="combined"))


def test_what_is_asked_of_a_folder(three, plane, real_data):
    inquiry = suite2p.inquire(three)
    assert [question.name for question in inquiry.questions] == ["plane"]
    choices = [choice.value for choice in inquiry.questions[0].choices]
    assert choices == [None, "plane0", "plane1", "plane2", "combined"]
    look = inquiry.preview(Options())
    assert (look.cells, look.frames, look.frame_rate, look.signal_names) == (9, 50, 7.5, ("ROI", "neuropil"))
    assert np.array_equal(look.traces, read(three).cells[0].traces)
    assert inquiry.preview(Options(plane="2")).frames == 48
    (left_in,) = suite2p.inquire(real_data / "suite2p" / "plane0").questions
    assert (left_in.name, left_in.guess) == ("frame_rate", 1.0)
    assert "often a default" in left_in.why
    (three / "plane0" / "ops.npy").unlink()
    assert suite2p.inquire(three / "plane0").questions[0].guess is None


def test_red_cells_that_do_not_fit_are_left_out(plane):
    np.save(plane / "redcell.npy", np.ones((5, 2)))
    recording = read(plane)
    assert "redcell has 5 rows, but F 6" in recording.warnings[0]
    assert dict(recording.cells.headers[0].facts) == {"probability": 0.9}
    (plane / "redcell.npy").write_bytes(b"no array")
    assert "red cells was left out" in read(plane).warnings[0]


def test_what_is_missing_or_does_not_fit_is_named(plane, refusal, tmp_path):
    (plane / "iscell.npy").rename(tmp_path / "iscell.npy")
    recording = read(plane)
    assert len(recording.cells) == 6
    assert "iscell.npy is missing: all 6 ROIs are shown." in recording.warnings
    np.save(plane / "iscell.npy", np.zeros((6, 2)))
    assert "marks none of its 6 ROIs" in refusal(plane)
    np.save(plane / "iscell.npy", np.ones((5, 2)))
    assert "iscell.npy has 5 rows, but F.npy 6" in refusal(plane)
    (tmp_path / "iscell.npy").rename(plane / "iscell.npy")
    np.save(plane / "Fneu.npy", np.ones((6, 49), np.float32))
    assert "F.npy has shape (6, 50), but Fneu.npy (6, 49)" in refusal(plane)
    (plane / "Fneu.npy").unlink()
    assert "Fneu.npy is missing" in " ".join(read(plane).warnings)
    (plane / "F.npy").unlink()
    assert "F.npy and Fneu.npy are missing" in refusal(plane)
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "no suite2p plane" in refusal(empty)


@pytest.mark.parametrize(
    ("ops", "words"),
    [
        ({"fs": float("nan")}, "no frame rate"),
        ({"fs": -3}, "no frame rate"),
        ({"fs": 10**400}, "no frame rate from 0.000001 to 1000000000 Hz"),
        ({"fs": "fast"}, None),
        ({}, None),
        ([], None),
    ],
)
def test_a_frame_rate_that_is_none_is_not_taken(plane, ops, words):
    np.save(plane / "ops.npy", ops, allow_pickle=True)
    recording = read(plane)
    assert recording.frame_rate is None
    assert words is None or words in recording.warnings[0]
    np.save(plane / "settings.npy", {"fs": 15.5}, allow_pickle=True)
    assert read(plane).frame_rate == 15.5


def test_ops_that_would_run_code_cost_only_the_frame_rate(plane, tmp_path):
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    np.save(plane / "ops.npy", {"fs": 30, "x": Bomb()}, allow_pickle=True)
    recording = read(plane)
    assert not (tmp_path / "ran").exists()
    assert recording.frame_rate is None
    assert "could run code" in recording.warnings[0]
    (plane / "ops.npy").write_bytes(pickle.dumps({"fs": 30}))
    assert "not a NumPy array" in read(plane).warnings[0]


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<i2"])
def test_rows_are_read_when_asked_for(plane, monkeypatch, order, dtype):
    monkeypatch.setattr(paths, "WHOLE_BYTES", 0)
    monkeypatch.setattr("neuropil_gui.formats.plain.npy.BLOCK", 64)
    array = np.asarray(np.random.default_rng(2).random((6, 50)) * 99, np.dtype(dtype), order=order)
    np.save(plane / "F.npy", array)
    cells = read(plane).cells
    assert np.array_equal(cells[1].traces[0], array[2].astype(float))
    np.save(plane / "F.npy", array[:, :10])
    with pytest.raises(DataError, match=r"F\.npy: the file has changed"):
        cells[1]
    (plane / "Fneu.npy").unlink()
    np.save(plane / "F.npy", array)
    with pytest.raises(DataError):
        cells[1]


LARGE = """
import resource, sys, time
from pathlib import Path
import numpy as np
from neuropil_gui.formats.registry import read
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start = time.process_time()
recording = read(sys.argv[1])
took = time.process_time() - start
cell = recording.cells[4999]
assert len(recording.cells) == 5000 and cell.traces.shape == (2, 50_000)
assert cell.traces[0, -1] == 7.0 and not cell.traces[1].any()
print(took, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="sparse files and ru_maxrss in KiB are Linux's")
def test_two_gigabytes_open_at_once(tmp_path):
    shape = (5000, 50_000)
    for name in ("F.npy", "Fneu.npy"):
        with open(tmp_path / name, "wb") as stream:
            np.lib.format.write_array_header_1_0(stream, {"descr": "<f4", "fortran_order": False, "shape": shape})
            stream.truncate(stream.tell() + 4 * shape[0] * shape[1])
            if name == "F.npy":
                stream.seek(-4, os.SEEK_END)
                stream.write(np.float32(7).tobytes())
    np.save(tmp_path / "iscell.npy", np.ones((5000, 2)))
    done = subprocess.run([sys.executable, "-c", LARGE, tmp_path], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    seconds, mebibytes = map(float, done.stdout.split())
    assert seconds < 2  # 0.03 where it was written
    assert mebibytes < 200


def matlab(plane, path, **more):
    arrays = {name: np.load(plane / f"{name}.npy") for name in ("F", "Fneu", "iscell")}
    stat = np.array([{"ypix": np.arange(3), "med": np.arange(2.0)}] * 6, object)
    values = {"stat": stat, "ops": {"fs": 29.87, "nplanes": 1}, **arrays, "spks": arrays["F"], "redcell": [], **more}
    scipy.io.savemat(path, values)
    return path


def test_fall_mat_alone_is_what_the_folder_is(plane, tmp_path, refusal):
    alone = tmp_path / "alone"
    alone.mkdir()
    path = matlab(plane, alone / "Fall.mat")
    folder, recording = read(plane), read(path)
    assert (recording.format, recording.frame_rate) == ("suite2p Fall.mat", 29.87)
    assert "as it was when suite2p ran" in recording.warnings[0]
    assert recording.cells.headers == folder.cells.headers
    for cell, same in zip(recording.cells, folder.cells, strict=True):
        assert np.array_equal(cell.traces, same.traces)
    look = suite2p_mat.inquire(path).preview(Options())
    assert np.array_equal(look.traces, folder.cells[0].traces)
    assert (look.frames, look.cells, look.frame_rate) == (50, len(folder.cells), 29.87)
    os.replace(path, alone / "another name.mat")
    path = alone / "another name.mat"
    assert read(path).format == "suite2p Fall.mat"
    assert suite2p_mat.inquire(path).questions == ()
    matlab(plane, path, ops={"fs": 10}, redcell=np.eye(6)[:, :2])
    (asked,) = suite2p_mat.inquire(path).questions
    assert (asked.name, asked.guess) == ("frame_rate", 10.0)
    assert [dict(header.facts)["red"] for header in read(path).cells.headers] == [True, False, False, False]
    matlab(plane, path, Fneu=np.ones((6, 49)))
    assert "F has shape (6, 50), but Fneu (6, 49)" in refusal(path)
    with pytest.raises(DataError, match=r"F has shape \(6, 50\), but Fneu \(6, 49\)"):
        suite2p_mat.inquire(path)
    matlab(plane, path, iscell=np.zeros((6, 2)))
    assert "marks none" in refusal(path)


def test_fall_mat_in_its_folder_opens_the_folder(plane):
    matlab(plane, plane / "Fall.mat")
    np.save(plane / "iscell.npy", np.ones((6, 2)))
    assert len(read(plane / "Fall.mat").cells) == 6


def test_fall_mat_of_a_combined_folder_is_cut(three, tmp_path):
    names = ("F", "Fneu", "iscell", "redcell")
    values = {name: np.load(three / "combined" / f"{name}.npy") for name in names}
    scipy.io.savemat(tmp_path / "Fall.mat", {**values, "ops": {"fs": 7.5}})
    recording = read(tmp_path / "Fall.mat")
    for cell, same in zip(recording.cells, read(three).cells, strict=True):
        assert np.array_equal(cell.traces, same.traces)
    assert "zeros at their end" in recording.warnings[1]
    for compressed in (False, True):
        scipy.io.savemat(tmp_path / "Fall.mat", {**values, "ops": {"fs": 7.5}}, do_compression=compressed)
        look = suite2p_mat.inquire(tmp_path / "Fall.mat").preview(Options(frame_rate=8.0))
        assert np.array_equal(look.traces, recording.cells[0].traces)
        assert (look.frames, look.cells, look.frame_rate) == (look.traces.shape[1], len(recording.cells), 8.0)


def test_fall_mat_of_version_7_3(plane, tmp_path):
    path = tmp_path / "Fall.mat"
    with h5py.File(path, "w", userblock_size=512) as file:  # MATLAB's own layout: a text of 128 bytes before HDF5
        for name in ("F", "Fneu", "iscell"):
            file[name] = np.load(plane / f"{name}.npy").T
        file["ops/fs"] = [[29.87]]
        file["redcell"] = np.zeros(2, np.uint64)
        file["redcell"].attrs["MATLAB_empty"] = 1
    with open(path, "r+b") as stream:
        stream.write(b"MATLAB 7.3 MAT-file".ljust(124) + b"\0\2IM")
    recording = read(path)
    assert recording.frame_rate == 29.87
    assert recording.cells.headers == read(plane).cells.headers
    for cell, same in zip(recording.cells, read(plane).cells, strict=True):
        assert np.array_equal(cell.traces, same.traces)
    path.write_bytes(path.read_bytes()[:900])
    with pytest.raises(DataError, match="damaged or cut short"):
        read(path)


@pytest.mark.parametrize("compressed", [False, True])
def test_names_of_variables_are_those_that_scipy_finds(tmp_path, compressed):
    path = tmp_path / "a.mat"
    long = "a_name_of_more_than_thirty_one"
    values = {
        "F": np.ones((3, 400)),
        "s": {"a": 1.0},
        long: "text",
        "cube": np.ones((2, 3, 4)),
        "sparse": scipy.sparse.eye(3),
    }
    scipy.io.savemat(path, values, do_compression=compressed)
    names = [name for name, _, _ in scipy.io.whosmat(path)]
    assert mat5.names(path) == names
    assert set(mat5.values(path, ("F", "cube"))) == {"F", "cube"}
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert mat5.names(path) == names
    for other in (b"nothing", whole[:128] + bytes(10_000), whole + bytes(10_000)):
        path.write_bytes(other)
        with pytest.raises(DataError):
            mat5.names(path)
        assert not suite2p_mat.sniff(path, other[:512])
