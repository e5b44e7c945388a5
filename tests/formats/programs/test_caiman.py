"""CaImAn's results, laid out as its ``save`` does, against the movie that they were made of."""

import os

import h5py
import numpy as np
import pytest
import scipy.sparse

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.programs import caiman
from neuropil_gui.formats.registry import read

SIDE, FRAMES, CELLS = 20, 70, 5


class Movie:
    """A movie of cells that do not overlap before a background of two parts, and what CaImAn keeps of it."""

    def __init__(self, scale=1.0):
        rng = np.random.default_rng(5)
        pixels = SIDE * SIDE
        self.A = np.zeros((pixels, CELLS))
        for k in range(CELLS):
            self.A[60 * k : 60 * k + 9, k] = rng.random(9) + 0.1
        self.A /= np.linalg.norm(self.A, axis=0)
        self.C = rng.random((CELLS, FRAMES))
        self.b, self.f = rng.random((pixels, 2)), rng.random((2, FRAMES)) + 3
        noise = 0.05 * rng.standard_normal((pixels, FRAMES))
        self.pixels = self.A @ self.C + self.b @ self.f + noise
        self.YrA = self.A.T @ noise
        self.A, self.C, self.YrA = self.A * scale, (self.C.T / scale).T, (self.YrA.T / scale).T

    def write(self, path, sparse_b=False, **other):
        """Write as CaImAn 1.11: dicts are groups, sparse matrices groups of four, None is the text NoneType."""
        b = scipy.sparse.csc_matrix(self.b) if sparse_b else self.b
        values = {"A": scipy.sparse.csc_matrix(self.A), "C": self.C, "YrA": self.YrA, "S": self.C, "F_dff": None}
        values |= {"b": b, "f": self.f, "W": None, "b0": None, "SNR_comp": np.arange(CELLS) + 0.5}
        values |= {"idx_components": np.array([0, 2, 3]), "Cn": np.ones((SIDE, SIDE)), **other}
        with h5py.File(path, "w") as file:
            for name, value in values.items():
                place = f"estimates/{name}"
                if value is None:
                    file[place] = b"NoneType"
                elif scipy.sparse.issparse(value):
                    for field in ("data", "indices", "indptr"):
                        file[f"{place}/{field}"] = getattr(value, field)
                    file[f"{place}/shape"] = value.shape
                else:
                    file[place] = value
            file["params/data/fr"], file["params/data/dims"] = 15, (SIDE, SIDE)
        return path


@pytest.fixture
def path(tmp_path):
    return tmp_path / "results.hdf5"


@pytest.mark.parametrize("scale", [1.0, 1e-3, np.array([1.0, 2, 3, 4, 5])])
@pytest.mark.parametrize("sparse", [False, True])
def test_a_cell_is_the_movie_seen_through_its_footprint(path, scale, sparse):
    movie = Movie(scale)
    recording = read(movie.write(path, sparse))
    assert (recording.format, recording.frame_rate, recording.source) == ("CaImAn", 15.0, str(path))
    assert [cell.source_index for cell in recording.cells] == [0, 2, 3]
    seen = movie.A / np.linalg.norm(movie.A, axis=0)
    for cell, header in zip(recording.cells, recording.cells.headers, strict=True):
        footprint = seen[:, cell.source_index]
        assert cell.traces[0] == pytest.approx(footprint @ movie.pixels)
        assert cell.traces[1] == pytest.approx(footprint @ movie.b @ movie.f)
        assert (cell.name, cell.signal_names) == (f"component {cell.source_index}", ("ROI", "background"))
        assert (header.signals, header.frames) == (2, FRAMES)
        assert header.facts == (("snr", cell.source_index + 0.5),)
    assert "has demixed these cells" in recording.warnings[0]
    assert "3 of 5 components are shown" in recording.warnings[1]
    assert len(recording.warnings) == 2
    assert caiman.inquire(path).questions == ()
    look = caiman.inquire(path).preview(Options(frame_rate=3.0))
    assert (look.cells, look.frames, look.frame_rate) == (3, FRAMES, 3.0)
    assert np.array_equal(look.traces, recording.cells[0].traces)


def test_missing_data_are_named(path):
    movie = Movie()
    recording = read(movie.write(path, idx_components=None, YrA=None, SNR_comp=None))
    warnings = " ".join(recording.warnings)
    assert "all 5 are shown" in warnings
    assert "no residual YrA" in warnings
    assert recording.cells[1].traces[0] == pytest.approx(movie.C[1] + recording.cells[1].traces[1])
    assert recording.cells.headers[0].facts == ()
    for background, words in (
        ({"b": None, "f": None}, "no background"),
        ({"b": None, "f": None, "W": scipy.sparse.eye(SIDE * SIDE).tocsc(), "b0": np.ones(SIDE * SIDE)}, "ring model"),
        ({"f": np.ones((3, FRAMES))}, "no background"),
    ):
        recording = read(movie.write(path, **background))
        assert words in " ".join(recording.warnings)
        assert recording.cells[0].signal_names == ("ROI",)
        assert recording.cells[2].traces[0] == pytest.approx(movie.C[3] + movie.YrA[3])
    assert "No component was accepted" in " ".join(read(movie.write(path, idx_components=np.array([], int))).warnings)
    with h5py.File(path, "r+") as file:
        del file["params/data/fr"]
    assert read(path).frame_rate is None
    assert [question.name for question in caiman.inquire(path).questions] == ["frame_rate"]


def test_what_does_not_fit_is_a_sentence(path, refusal):
    movie = Movie()
    footprints = scipy.sparse.csc_matrix(movie.A)
    for other, words in (
        ({"C": np.ones(7)}, "C is no array of components x frames"),
        ({"A": footprints[:, :3]}, "does not hold the footprints of the 5 components"),
        ({"A": None}, "does not hold the footprints"),
        ({"idx_components": np.array([0, 5])}, "idx_components names components beyond the 5"),
    ):
        assert words in refusal(movie.write(path, **other))
    for field, value in (
        ("indices", footprints.indices + SIDE * SIDE),
        ("indices", -footprints.indices - 1),
        ("indptr", footprints.indptr[::-1].copy()),
        ("indptr", footprints.indptr + 1),
        ("indptr", footprints.indptr[:-1]),
        ("shape", (-1, 5)),
        ("shape", (2**60, 5)),
        ("data", footprints.data[:-1]),
    ):
        movie.write(path)
        with h5py.File(path, "r+") as file:
            del file[f"estimates/A/{field}"]
            file[f"estimates/A/{field}"] = value
        assert "estimates/A" in refusal(path)


def test_cells_come_in_blocks_and_from_the_same_file(path, monkeypatch):
    movie = Movie()
    whole = [cell.traces for cell in read(movie.write(path)).cells]
    monkeypatch.setattr(caiman, "BLOCK", 16 * FRAMES * 2)
    recording = read(path)
    for k in (2, 0, 1):
        assert np.array_equal(recording.cells[k].traces, whole[k])
    os.utime(path, ns=(1, 1))
    with pytest.raises(DataError, match="has changed since"):
        recording.cells[0]
