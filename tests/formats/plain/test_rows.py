"""Cells without neuropil: what says that each trace is a cell, the answer to it, and neuropil from a second file."""

import h5py
import numpy as np
import pytest
import scipy.io
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.plain.rows import BRING_NEUROPIL, guess_rows
from neuropil_gui.formats.registry import inquire, read

RNG = np.random.default_rng(21)
MANY = RNG.random((30, 90)) + 5
FEW = MANY[:6]


def questions(path):
    return {each.name: each for each in inquire(path).questions}


def write_h5(path, **arrays):
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name] = values


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("suffix", [".npy", ".csv", ".h5", ".mat", ".npz"])
def test_many_traces_are_cells_and_that_is_asked_and_said(tmp_path, suffix, turned):
    path, values = tmp_path / f"a{suffix}", MANY.T if turned else MANY
    writers = {
        ".npy": lambda: np.save(path, values),
        ".csv": lambda: np.savetxt(path, values, delimiter=",", fmt="%.17g"),
        ".h5": lambda: write_h5(path, x=values),
        ".mat": lambda: scipy.io.savemat(path, {"x": values}),
        ".npz": lambda: np.savez(path, x=values),
    }
    writers[suffix]()
    recording = read(path)
    assert len(recording.cells) == 30
    assert [header.signals for header in recording.cells.headers] == [1] * 30
    for k in (0, 29):
        assert np.array_equal(recording.cells[k].traces, MANY[k : k + 1])
    assert any("Each of the 30 traces was read as a cell of its own" in note for note in recording.warnings)
    assert BRING_NEUROPIL in recording.warnings
    asked = questions(path)
    assert asked["rows"].guess == "cells"
    assert "neuropil_file" in asked
    inquiry = inquire(path)
    assert inquiry.preview(inquiry.guess).cells == 30
    assert np.array_equal(inquiry.preview(inquiry.guess).traces, MANY[:1])
    one = read(path, rows="signals")
    assert np.array_equal(one.cells[0].traces, MANY)
    assert BRING_NEUROPIL not in one.warnings
    assert inquiry.preview(Options(rows="signals")).signal_names == one.cells[0].signal_names


@pytest.mark.parametrize("name", ["F", "spks", "C_raw", "RawTraces", "deltaFoF", "trace_array", "C_full"])
def test_names_of_known_programs_are_those_of_cells(tmp_path, name):
    np.save(tmp_path / f"{name}.npy", FEW)
    write_h5(tmp_path / "a.h5", **{name: FEW})
    for path in (tmp_path / f"{name}.npy", tmp_path / "a.h5"):
        recording = read(path)
        assert len(recording.cells) == 6
        assert any(f"{name} is a name for the traces of many cells" in note for note in recording.warnings)
        assert len(read(path, rows="signals").cells) == 1


def test_few_traces_without_names_are_one_cell_and_that_is_said(tmp_path):
    np.save(tmp_path / "a.npy", FEW)
    recording = read(tmp_path / "a.npy")
    assert np.array_equal(recording.cells[0].traces, FEW)
    (note,) = recording.warnings
    assert note.startswith("The 6 traces were read as signals of one cell.")
    assert "--rows cells" in note
    assert not questions(tmp_path / "a.npy")
    np.save(tmp_path / "a.npy", MANY[:12])
    assert questions(tmp_path / "a.npy")["rows"].guess == "signals"
    np.savez(tmp_path / "a.npz", raw=MANY)
    assert np.array_equal(read(tmp_path / "a.npz").cells[0].traces, MANY)
    assert read(tmp_path / "a.npz").warnings == ()


@given(
    st.sampled_from(["C", "cell ", "ROI_", "Neuron-", "unit_id ", "component"]),
    st.integers(2, 60),
    st.integers(0, 5),
    st.sampled_from(["{}", "{:03d}"]),
)
def test_titles_that_number_cells_are_those_of_cells(stem, count, first, form):
    names = [stem + form.format(first + k) for k in range(count)]
    assert guess_rows(count, names).cells
    names[-1] = "neuropil"
    assert not guess_rows(count, names).cells


@pytest.fixture
def pair(tmp_path):
    """Files of cells and of neuropil in three formats, as Allen's pipeline and scripts store them."""
    neuropil = MANY / 2
    write_h5(tmp_path / "demix.h5", data=MANY, roi_names=np.arange(30))
    write_h5(tmp_path / "neuropil.h5", data=neuropil, roi_names=np.arange(30), r=np.ones((30, 1)))
    np.save(tmp_path / "F.npy", MANY.astype("f4"))
    np.save(tmp_path / "turned.npy", neuropil.T)
    titles = ",".join(f"C{k:02d}" for k in range(30))
    np.savetxt(tmp_path / "cells.csv", MANY.T, delimiter=",", header=titles, comments="", fmt="%.17g")
    return tmp_path


@pytest.mark.parametrize("first", ["demix.h5", "F.npy", "cells.csv"])
@pytest.mark.parametrize("second", ["neuropil.h5", "turned.npy"])
def test_a_second_file_brings_the_neuropil(pair, first, second):
    recording = read(pair / first, neuropil_file=pair / second)
    assert [header.signals for header in recording.cells.headers] == [2] * 30
    for k in (0, 17):
        cell = recording.cells[k]
        assert cell.signal_names == ("ROI", "neuropil")
        assert np.array_equal(
            cell.traces, np.stack([MANY[k].astype("f4") if first == "F.npy" else MANY[k], MANY[k] / 2])
        )
    assert BRING_NEUROPIL not in recording.warnings
    assert any(second in note and "neuropil of the cell in the same place" in note for note in recording.warnings)
    assert dict(recording.origin)["neuropil"] == str(pair / second)
    assert str(pair / second) in recording.files  # no export replaces it
    look = inquire(pair / first).preview(Options(neuropil_file=str(pair / second)))
    assert np.array_equal(look.traces, recording.cells[0].traces)


def test_several_regions_in_the_second_file_and_its_array(pair):
    regions = RNG.random((30, 4, 90))
    np.savez(pair / "many.npz", a=regions, b=regions + 1)
    with pytest.raises(DataError, match=r"many\.npz: several arrays could be the traces"):
        read(pair / "F.npy", neuropil_file=pair / "many.npz")
    cell = read(pair / "F.npy", neuropil_file=pair / "many.npz", neuropil="b").cells[3]
    assert cell.signal_names == ("ROI", "np 1", "np 2", "np 3", "np 4")
    assert np.array_equal(cell.traces[1:], regions[3] + 1)


def test_a_second_file_that_does_not_fit_is_refused(pair):
    np.save(pair / "short.npy", MANY[:, :80])
    np.save(pair / "less.npy", MANY[:20])
    np.save(pair / "three.npy", np.ones((30, 3, 90)))
    for second, words in (("short.npy", "has 80 frames"), ("less.npy", "of 20 cells"), ("none.npy", "no such file")):
        with pytest.raises(DataError, match=rf"^{second}: .*{words}"):
            read(pair / "F.npy", neuropil_file=pair / second)
    with pytest.raises(DataError, match=r"three\.npy: its cells have 3 signals each already"):
        read(pair / "three.npy", neuropil_file=pair / "turned.npy")


def test_suite2p_without_fneu_opens_for_viewing(tmp_path):
    np.save(tmp_path / "F.npy", FEW)
    np.save(tmp_path / "iscell.npy", np.array([[1, 0.9]] * 4 + [[0, 0.1]] * 2))
    recording = read(tmp_path)
    assert [header.signals for header in recording.cells.headers] == [1] * 4
    assert any("Fneu.npy is missing" in note and "--neuropil-file" in note for note in recording.warnings)
    assert "neuropil_file" in questions(tmp_path)


def test_the_second_channel_is_the_one_that_was_opened(tmp_path):
    for k, name in enumerate(("F", "Fneu", "F_chan2", "Fneu_chan2")):
        np.save(tmp_path / f"{name}.npy", FEW + k)
    for name in ("F_chan2", "Fneu_chan2"):
        recording = read(tmp_path / f"{name}.npy")
        assert np.array_equal(recording.cells[1].traces, [FEW[1] + 2, FEW[1] + 3])
        assert any("second channel" in note for note in recording.warnings)
        assert np.array_equal(read(recording.source).cells[1].traces, recording.cells[1].traces)
    assert np.array_equal(read(tmp_path / "F.npy").cells[1].traces, [FEW[1], FEW[1] + 1])
    np.save(tmp_path / "spks.npy", FEW)
    assert "spks.npy stands for its folder" in read(tmp_path / "spks.npy").warnings[-1]
