"""``.npy`` and ``.npz`` of plain arrays: layouts, orientation, and files that are not what they say."""

import io
import os
import struct
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats import paths
from neuropil_gui.formats.plain import archive as npz_archive
from neuropil_gui.formats.plain.arrays import orient
from neuropil_gui.formats.registry import inquire, read


@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", "<f2", "<i4", ">u2", "u1", "?", "longdouble"])
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(3, 40), (2, 3, 40), (2, 3, 4, 40)])
def test_npy_gives_numpys_numbers(tmp_path, dtype, order, shape):
    array = np.asarray(np.random.default_rng(1).random(shape) * 9, np.dtype(dtype), order=order)
    np.save(tmp_path / "a.npy", array)
    recording = read(tmp_path / "a.npy")
    cells = array.reshape(-1, *shape[-3:]) if len(shape) == 4 else array.reshape(-1, *shape[-2:])
    assert len(recording.cells) == len(cells)
    for cell, part in zip(recording.cells, cells, strict=True):
        expected = np.concatenate(list(part), axis=1) if part.ndim == 3 else part
        assert np.array_equal(cell.traces, expected.astype(float))
        assert cell.traces.dtype == np.float64
        assert not cell.traces.flags.writeable
        assert cell.trial_starts == ((0, 40, 80) if part.ndim == 3 else (0,))
    assert recording.rows_are_frames is False
    assert recording.frame_rate is None
    said = ["The 3 traces were read as signals of one cell."] if len(shape) == 2 else []
    assert [note.split(" There are few")[0] for note in recording.warnings] == said


@pytest.mark.parametrize("order", ["C", "F"])
def test_large_npy_is_read_cell_by_cell(tmp_path, monkeypatch, order):
    monkeypatch.setattr(paths, "WHOLE_BYTES", 0)
    array = np.asarray(np.random.default_rng(1).random((5, 3, 40)), order=order)
    np.save(tmp_path / "a.npy", array)
    cells = read(tmp_path / "a.npy").cells
    assert [header.name for header in cells.headers] == [f"cell {k}" for k in range(1, 6)]
    assert np.array_equal(cells[-1].traces, array[4])
    assert [cell.source_index for cell in cells[1:3]] == [1, 2]
    (tmp_path / "a.npy").write_bytes(b"other")
    with pytest.raises(DataError, match=r"a\.npy: the file has changed since it was opened"):
        cells[0]
    (tmp_path / "a.npy").unlink()
    with pytest.raises(DataError, match="gone since it was opened"):
        cells[0]


@given(hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=30), st.sampled_from([None, True, False]))
def test_the_shorter_side_is_the_signals_with_a_warning_in_doubt(shape, asked):
    rows, columns = shape
    turned, warnings = orient(rows, columns, asked)
    if asked is not None:
        assert (turned, warnings) == (asked, ())
    elif columns >= 2 * rows and rows != 0 and not rows >= 2 * columns:
        assert (turned, warnings) == (False, ())
    else:
        assert turned == (rows >= 2 * columns)
        size = f"{rows} row{'s' * (rows > 1)} and {columns} column{'s' * (columns > 1)}"
        assert size in warnings[0]
        assert "1 signals" not in warnings[0].replace("11 signals", "").replace("21 signals", "")
        assert turned or "in doubt" in warnings[0]
        assert turned or "--transpose" in warnings[0]  # which says that rows are frames


def test_orientation_is_a_warning_and_can_be_changed(tmp_path):
    array = np.random.default_rng(1).random((864, 5))
    np.save(tmp_path / "a.npy", array)
    found = read(tmp_path / "a.npy")
    assert found.cells[0].traces.shape == (5, 864)
    assert found.rows_are_frames is True
    assert found.warnings[:-1] == (
        "864 rows and 5 columns: the rows were read as frames, which gives 5 signals of 864 frames.",
    )
    assert "signals of one cell" in found.warnings[-1]
    turned = read(tmp_path / "a.npy", rows_are_frames=False, rows="signals")
    assert np.array_equal(turned.cells[0].traces, array)
    assert turned.warnings == ()
    np.save(tmp_path / "b.npy", np.ones((2, 3, 30, 4)))
    assert read(tmp_path / "b.npy").cells[1].traces.shape == (4, 90)


@pytest.mark.parametrize(("last", "stacked"), [(20, True), (200, True), (201, False)])
def test_thousands_of_cells_are_asked_about_before_they_are_listed(tmp_path, last, stacked):
    path = tmp_path / "a.npy"
    np.save(path, np.zeros((2001, 4, last), np.uint8))
    asked = {each.name: each for each in inquire(path).questions}
    assert list(asked) == (["rows_are_frames"] if stacked else [])
    recording = read(path)
    assert len(recording.cells) == (last if stacked else 2001)
    if stacked:
        assert asked["rows_are_frames"].guess is True
        assert recording.cells[0].traces.shape == (4, 2001)
        assert f"read as a stack: 2,001 frames x 4 signals x {last} cells" in recording.warnings[0]
    assert len(read(path, rows_are_frames=False).cells) == 2001


def test_a_given_frame_rate_counts(tmp_path, refusal):
    np.save(tmp_path / "a.npy", np.ones((2, 9)))
    assert read(tmp_path / "a.npy", frame_rate=30).frame_rate == 30.0
    assert "must be a number of Hz" in refusal(tmp_path / "a.npy", frame_rate=-1)


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.ones(5), "shape (5,)"),
        (np.float64(1), "shape ()"),
        (np.ones((1, 1, 1, 2, 2)), "shape (1, 1, 1, 2, 2)"),
        (np.ones((0, 4)), "shape (0, 4)"),
        (np.ones((2, 9), complex), "complex numbers"),
        (np.full((2, 9), "x"), "text"),
        (np.full((2, 9), b"x"), "bytes"),
        (np.zeros((2, 9), "M8[s]"), "dates"),
        (np.zeros((2, 9), [("a", "f8")]), "records"),
        (np.full((2, 9), None), "objects"),
    ],
)
def test_other_arrays_are_refused_by_what_they_hold(tmp_path, refusal, array, words):
    np.save(tmp_path / "a.npy", array)
    sentence = refusal(tmp_path / "a.npy")
    assert sentence.startswith("a.npy: ")
    assert words in sentence
    assert "expected" in sentence


def header(text, version=1, length=None):
    text = text.encode()
    form = "<H" if version == 1 else "<I"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack(form, len(text) if length is None else length) + text


@pytest.mark.parametrize(
    "data",
    [
        b"\x93NU",
        b"\x93NUMPY",
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000, 1000000), }"),
        header("{'descr': '|S0', 'fortran_order': False, 'shape': (1000, 1000000000), }"),
        header("{'descr': '<U0', 'fortran_order': False, 'shape': (1000, 1000000000), }"),
        header("{'descr': '<f0', 'fortran_order': False, 'shape': (1000, 1000000000), }"),
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (-1, 5), }"),
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (True, 5), }"),
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (2.0, 5), }"),
        header("{'descr': '<f8', 'fortran_order': 3, 'shape': (2, 5), }"),
        header(f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({2**63}, {2**63}), }}"),
        header("{'descr': '<f8', 'fortran_order': False}"),
        header("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 5)"),
        header("(" * 9000),
        header("[" * 9000, 2),
        header("__import__('os').system('true')"),
        header("x", 2, 4_000_000_000),
        header("x", 1, 60_000),
        header("{}", 9),
        header("{'descr': ['<f8'], 'fortran_order': False, 'shape': (2, 5), }"),
        header("1"),
    ],
)
def test_hostile_headers_are_refused_before_anything_is_allocated(tmp_path, refusal, data):
    (tmp_path / "a.npy").write_bytes(data + bytes(80))
    assert refusal(tmp_path / "a.npy").startswith("a.npy: ")


def test_headers_of_python_2_are_read(tmp_path):
    data = header("{'descr': '<f8', 'fortran_order': False, 'shape': (2L, 5L), }\n") + np.arange(10.0).tobytes()
    (tmp_path / "a.npy").write_bytes(data)
    assert np.array_equal(read(tmp_path / "a.npy").cells[0].traces, np.arange(10.0).reshape(2, 5))


def cuts(size):
    return sorted({*range(0, min(size, 200), 7), *range(0, size, max(1, size // 40)), size - 1})


def test_a_cut_file_is_refused_at_every_offset(tmp_path, refusal):
    array = np.random.default_rng(1).random((3, 40))
    np.save(tmp_path / "a.npy", array)
    np.savez_compressed(tmp_path / "a.npz", raw=array, other=np.ones(3))
    for name in ("a.npy", "a.npz"):
        whole = (tmp_path / name).read_bytes()
        cut = tmp_path / f"cut{name}"
        for size in cuts(len(whole)):
            cut.write_bytes(whole[:size])
            assert refusal(cut).startswith(cut.name)


def test_npz_takes_raw_or_the_only_array(tmp_path, refusal):
    array = np.random.default_rng(1).random((3, 40))
    np.savez(tmp_path / "a.npz", raw=array, other=np.ones((4, 50)), note="text")
    assert np.array_equal(read(tmp_path / "a.npz").cells[0].traces, array)
    np.savez(tmp_path / "b.npz", traces=array, fs=30.0, note="text", lone=np.ones(9))
    assert np.array_equal(read(tmp_path / "b.npz").cells[0].traces, array)
    np.savez(tmp_path / "c.npz", one=array, two=array)
    assert "one, two" in refusal(tmp_path / "c.npz")
    np.savez(tmp_path / "d.npz", fs=30.0, raw=np.full((2, 9), "x"))
    assert "raw holds text" in refusal(tmp_path / "d.npz")
    np.savez(tmp_path / "e.npz")
    assert "empty" in refusal(tmp_path / "e.npz")


def test_fissas_plain_result_is_kept(real_data):
    path = real_data / "fissa_example" / "plain.npz"
    recording = read(path)
    with np.load(path) as truth:
        assert [cell.stored.iterations for cell in recording.cells] == [1201, 1071, 1229, 1184]
        for k, cell in enumerate(recording.cells):
            assert np.array_equal(cell.traces, np.concatenate(list(truth["raw"][k]), axis=1))
            assert np.array_equal(cell.stored.matched, np.concatenate(list(truth["result"][k]), axis=1))
            assert np.array_equal(cell.stored.separated, np.concatenate(list(truth["sep"][k]), axis=1))
            assert np.array_equal(cell.stored.mixing, truth["mixmat"][k])
            assert cell.trial_starts == (0, 288, 576)


def archive(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as made:
        for name, data in members:
            made.writestr(name, data)


def npy(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")  # zipfile's own warning while the bad file is made
def test_hostile_archives_are_refused(tmp_path, refusal, monkeypatch):
    good = npy(np.ones((2, 9)))
    path = tmp_path / "a.npz"
    archive(path, [("raw.npy", good), ("raw.npy", good)])
    assert "raw twice" in refusal(path)
    archive(path, [("../../evil.npy", good)])
    assert read(path).cells[0].traces.shape == (2, 9)  # a name is only a name: nothing is unpacked to disk
    archive(path, [("raw.npy", good[:-8])])
    assert "cut short" in refusal(path)
    archive(path, [("raw.npy", header("{'descr': '<f8', 'fortran_order': False, 'shape': (99, 100000000), }"))])
    assert "cut short" in refusal(path)
    archive(path, [("raw.npy", good)])
    flipped = bytearray(path.read_bytes())
    flipped[flipped.index(good) + len(good) - 3] ^= 1
    path.write_bytes(flipped)
    assert "damaged" in refusal(path)
    monkeypatch.setattr("neuropil_gui.formats.plain.archive.WHOLE_BYTES", 10_000)
    archive(path, [("raw.npy", npy(np.zeros((2, 10**6))))], zipfile.ZIP_DEFLATED)
    assert "would unpack" in refusal(path)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_flipped_bytes_are_a_sentence_or_a_recording(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("flip", numbered=True)
    array = np.arange(24.0).reshape(2, 12)
    np.savez_compressed(folder / "a.npz", raw=array)
    np.save(folder / "a.npy", array)
    path = folder / data.draw(st.sampled_from(["a.npz", "a.npy"]))
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw)
    with suppress(DataError):
        read(path)


@settings(deadline=None, max_examples=80)
@given(
    st.binary(min_size=0, max_size=300),
    st.sampled_from([b"", b"\x93NUMPY\x01\x00", b"PK\x03\x04", b"MATLAB 5.0 " + b" " * 115 + b"\x00\x01IM"]),
    st.sampled_from(["x.npy", "x.npz", "x.mat", "x.csv", "x.txt", "x"]),
)
def test_random_bytes_are_a_sentence_or_a_recording(tmp_path_factory, data, start, name):
    path = tmp_path_factory.mktemp("bytes", numbered=True) / name
    path.write_bytes(start + data)
    with suppress(DataError):
        read(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_what_is_no_file_is_refused_without_opening_it(tmp_path, refusal):
    os.mkfifo(tmp_path / "pipe.npy")
    assert "a pipe" in refusal(tmp_path / "pipe.npy")
    (tmp_path / "loop.npy").symlink_to(tmp_path / "loop.npy")
    assert refusal(tmp_path / "loop.npy").startswith("loop.npy: it could not be read")
    (tmp_path / "empty.npy").touch()
    assert refusal(tmp_path / "empty.npy") == "empty.npy: the file is empty."
    assert refusal(tmp_path / "none.npy") == "none.npy: there is no such file or folder."
    assert "no such file" in refusal(tmp_path / "none" / "none.npy")
    assert "zero character" in refusal("a\0b.npy")
    assert "could not be read" in refusal("x" * 5000)
    if os.geteuid():
        (tmp_path / "closed.npy").write_bytes(b"x")
        (tmp_path / "closed.npy").chmod(0)
        assert "permission" in refusal(tmp_path / "closed.npy")


@pytest.mark.parametrize(
    "name", ["µ ü 細胞.npy", "a b.npy", "a\nb.npy", "100%s.npy", ".hidden.npy", "-x.npy", b"\xff.npy"]
)
def test_any_name_will_do(tmp_path, refusal, name):
    path = tmp_path / os.fsdecode(name)
    np.save(path, np.ones((2, 9)))
    recording = read(path)
    assert recording.name.isprintable()
    assert recording.source == str(path)
    path.write_bytes(b"nothing")
    refusal(path).encode()


def test_a_packed_mask_beside_the_traces_is_no_damage(tmp_path, monkeypatch, refusal):
    monkeypatch.setattr(npz_archive, "WHOLE_BYTES", 10_000)
    path = tmp_path / "a.npz"
    np.savez_compressed(path, traces=np.random.default_rng(1).random((4, 60)), mask=np.zeros((90, 9000), "u1"))
    recording = read(path)
    assert recording.cells[0].traces.shape == (4, 60)
    assert any("mask was left out: it would unpack" in note for note in recording.warnings)
    assert "mask would unpack" in refusal(path, dataset="mask")
