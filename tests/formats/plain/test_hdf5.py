"""HDF5 files, written by h5py: which data set is read, and that nothing outside of the file is."""

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.formats.child import h5file, process
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.plain import choice
from neuropil_gui.formats.registry import inquire, read

RNG = np.random.default_rng(3)
TRACES = RNG.random((6, 80))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.h5"


@pytest.mark.parametrize("dtype", ["f8", ">f4", "i2", "u1", "?"])
@pytest.mark.parametrize("shape", [(3, 40), (4, 3, 40), (2, 3, 4, 20)])
def test_plain_layouts(path, dtype, shape):
    array = (RNG.random(shape) * 100).astype(dtype)
    with h5py.File(path, "w") as file:
        file["deep/er/x"] = array
        file["scalar"], file["text"], file["vector"] = 3.0, "abc", np.arange(5)
    recording = read(path)
    cells = [array] if array.ndim == 2 else list(array)
    assert len(recording.cells) == len(cells)
    for cell, part in zip(recording.cells, cells, strict=True):
        expected = np.concatenate(list(part), axis=1) if part.ndim == 3 else part
        assert np.array_equal(cell.traces, expected.astype(float))
    said = ["The 3 traces were read as signals of one cell."] if array.ndim == 2 else []
    assert [note.split(" There are few")[0] for note in recording.warnings] == said


def test_signals_and_neuropil_are_paired_by_name(path, refusal):
    with h5py.File(path, "w") as file:
        file["plane0/F"], file["plane0/Fneu"], file["plane0/spks"] = TRACES, TRACES / 2, TRACES * 3
        file["image"] = np.ones((90, 90))
    recording = read(path)
    assert [cell.name for cell in recording.cells] == [f"ROI {k}" for k in range(1, 7)]
    for k, cell in enumerate(recording.cells):
        assert np.array_equal(cell.traces, [TRACES[k], TRACES[k] / 2])
        assert cell.signal_names == ("ROI", "neuropil")
    assert "plane0/F was taken for the traces" in recording.warnings[0]
    assert "plane0/Fneu was taken for the neuropil" in recording.warnings[1]
    other = read(path, dataset="spks", neuropil="plane0/F")
    assert np.array_equal(other.cells[2].traces, [TRACES[2] * 3, TRACES[2]])
    assert other.warnings == ()
    alone = read(path, dataset="F", neuropil=choice.NO_NEUROPIL)
    assert np.array_equal(np.concatenate([cell.traces for cell in alone.cells]), TRACES)
    one = read(path, dataset="F", neuropil=choice.NO_NEUROPIL, rows="signals")
    assert np.array_equal(one.cells[0].traces, TRACES)
    assert "there is no Gneu in it; of what there is, image, plane0/F" in refusal(path, neuropil="Gneu")
    assert "another array of the same two dimensions" in refusal(path, neuropil="image")


def test_of_several_by_one_name_that_beside_its_neuropil_is_guessed(path):
    with h5py.File(path, "w") as file:
        file["session1/plane1/dff"] = TRACES
        file["session1/plane10/dff"], file["session1/plane10/neuropil"] = TRACES + 1, TRACES / 2
    guess = inquire(path).guess
    assert (guess.dataset, guess.neuropil) == ("session1/plane10/dff", "session1/plane10/neuropil")


def test_frames_first_pairs_are_turned(path):
    with h5py.File(path, "w") as file:
        file["F"], file["Neuropil"] = TRACES.T, TRACES.T / 2
    recording = read(path)
    assert recording.rows_are_frames is True
    assert np.array_equal(recording.cells[5].traces, [TRACES[5], TRACES[5] / 2])
    assert len(read(path, rows_are_frames=False).cells) == 80


def test_without_a_telling_name_it_asks(path, refusal):
    with h5py.File(path, "w") as file:
        file["a"], file["b"] = TRACES, np.ones((2, 200))
    assert "several arrays could be the traces (a, b)" in refusal(path)
    asked = inquire(path)
    question = {each.name: each for each in asked.questions}["dataset"]
    assert question.guess == "b"
    assert question.why == "It has the longest axis of all arrays."
    assert [choice.label for choice in question.choices] == ["a (6 × 80, float64)", "b (2 × 200, float64)"]
    assert asked.guess == Options(dataset="b")
    assert asked.preview(Options(dataset="a")).traces.shape == (6, 80)
    assert np.array_equal(asked.preview(Options(dataset="a", rows_are_frames=True, rows="signals")).traces, TRACES.T)
    with pytest.raises(DataError, match="there is no c in it"):
        asked.preview(Options(dataset="c"))
    assert np.array_equal(read(path, dataset="a").cells[0].traces, TRACES)


def test_vectors_beside_the_only_array_are_no_doubt(path):
    with h5py.File(path, "w") as file:
        file["recorded"], file["times"], file["weights"] = TRACES, np.ones((1, 500)), np.ones((6, 1))
    assert np.array_equal(read(path).cells[0].traces, TRACES)
    assert "it is the only array that is more than a vector" in read(path).warnings[0]


def test_like_files_have_one_signature(tmp_path):
    signatures = []
    for k, frames in enumerate((50, 70)):
        with h5py.File(tmp_path / f"{k}.h5", "w") as file:
            file["a"], file["b"] = np.ones((2, frames)), np.ones((3, frames))
        signatures.append(inquire(tmp_path / f"{k}.h5").signature)
    with h5py.File(tmp_path / "2.h5", "w") as file:
        file["a"], file["c"] = np.ones((2, 9)), np.ones((3, 9))
    assert signatures[0] == signatures[1] != inquire(tmp_path / "2.h5").signature


def test_a_preview_is_thinned_out(path):
    long = RNG.random((3, 4, 100_000), np.float32)
    with h5py.File(path, "w") as file:
        file["raw"] = long
    preview = inquire(path).preview(Options())
    assert np.array_equal(preview.traces, long[0, :, ::25].astype(float))
    assert (preview.frames, preview.cells) == (100_000, 3)


def test_large_ones_are_read_cell_by_cell(path, monkeypatch):
    array = RNG.random((5, 3, 400))
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=array, compression="gzip", shuffle=True, chunks=(1, 3, 100))
    monkeypatch.setattr(choice, "WHOLE_BYTES", 1000)
    recording = read(path)
    asked = []
    before = process.call
    monkeypatch.setattr(process, "call", lambda *a, **k: asked.append(a) or before(*a, **k))
    assert np.array_equal(recording.cells[3].traces, array[3])
    assert len(asked) == 1
    with h5py.File(path, "r+") as file:
        file["y"] = 1
    with pytest.raises(DataError, match="has changed since it was opened"):
        recording.cells[4]


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_any_part_comes_out_as_numpy_cuts_it(tmp_path_factory, data):
    shape = tuple(data.draw(st.lists(st.integers(1, 9), min_size=1, max_size=3)))
    chunks = data.draw(st.one_of(st.none(), st.tuples(*(st.integers(1, n) for n in shape))))
    array = np.arange(np.prod(shape)).reshape(shape)
    which = data.draw(
        st.tuples(
            *(
                st.one_of(st.integers(0, n - 1), st.tuples(st.integers(0, n), st.none(), st.integers(1, 4)))
                for n in shape
            )
        )
    )
    path = tmp_path_factory.getbasetemp() / "part.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=array, chunks=chunks)
    cut = array[tuple(p if isinstance(p, int) else slice(*p) for p in which)]
    before, h5file._BLOCK = h5file._BLOCK, 40
    try:
        assert np.array_equal(h5file.part(path, "x", which), cut)
    finally:
        h5file._BLOCK = before


def test_progress_and_cancel(path):
    with h5py.File(path, "w") as file:
        file["x"] = np.ones((10, 3 * 10**5))
    reports = []
    read(path, progress=reports.append)
    assert reports
    with pytest.raises(Cancelled):
        read(path, should_stop=lambda: True)


def test_nothing_outside_of_the_file_is_read(tmp_path, refusal):
    path, secret = tmp_path / "a.h5", tmp_path / "secret.h5"
    with h5py.File(secret, "w") as file:
        file["raw"] = TRACES
    raw = tmp_path / "raw.bin"
    raw.write_bytes(TRACES.tobytes())
    with h5py.File(path, "w") as file:
        file["outside"] = h5py.ExternalLink(secret, "/raw")
        file["soft"] = h5py.SoftLink("/outside")
        file.create_dataset("stored", TRACES.shape, "f8", external=[(str(raw), 0, TRACES.nbytes)])
        layout = h5py.VirtualLayout(TRACES.shape, "f8")
        layout[:] = h5py.VirtualSource(str(secret), "raw", TRACES.shape)
        file.create_virtual_dataset("virtual", layout)
    assert "stored in another file" in refusal(path, dataset="stored")
    assert "virtual" in refusal(path, dataset="virtual")
    for name in ("outside", "soft"):
        assert f"there is no {name} in it" in refusal(path, dataset=name)
        with pytest.raises(DataError, match="a link to somewhere else"):
            process.call(h5file.part, path, name)
    assert refusal(path).startswith("a.h5: no array of it can be read: ")


def test_foreign_filters_are_refused(path, refusal):
    with h5py.File(path, "w") as file:
        plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plist.set_chunk((6, 80))
        plist.set_filter(32015, h5py.h5z.FLAG_OPTIONAL, (3,))  # Zstandard's number; optional, so that it can be written
        space = h5py.h5s.create_simple((6, 80))
        h5py.h5d.create(file.id, b"x", h5py.h5t.IEEE_F64LE, space, plist)
    assert "a filter of another maker (number 32015); save it with gzip" in refusal(path)


def test_loops_and_depth_end(path):
    with h5py.File(path, "w") as file:
        file["raw"] = TRACES
        group = file["/"]
        for _ in range(100):
            group = group.create_group("g")
            group["back"] = file["/"]
        file["again"] = file["raw"]
    assert np.array_equal(read(path).cells[0].traces, TRACES)


def test_a_user_block_before_it(path):
    with h5py.File(path, "w", userblock_size=1024) as file:
        file["raw"] = TRACES
    assert np.array_equal(read(path).cells[0].traces, TRACES)
