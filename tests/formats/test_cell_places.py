"""Where cells lie, against the pixels that were written."""

import h5py
import numpy as np
import pytest

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.formats.cell_places import read_places
from neuropil_gui.formats.extraction import extract
from neuropil_gui.formats.field_of_view import BRING_MOVIE
from neuropil_gui.formats.registry import read
from neuropil_gui.formats.rois import write_rois
from neuropil_gui.imaging.regions import RegionSettings


def test_cells_of_suite2p_lie_in_the_middle_of_their_pixels(tmp_path):
    for plane in ("plane0", "plane1"):
        folder = tmp_path / "suite2p" / plane
        folder.mkdir(parents=True)
        rng = np.random.default_rng(1)
        squares = [np.mgrid[3:6, 4 + 5 * k : 8 + 5 * k] for k in range(3)]
        stat = [{"ypix": y.ravel(), "xpix": x.ravel(), "lam": np.ones(y.size)} for y, x in squares]
        np.save(folder / "stat.npy", np.array(stat, object), allow_pickle=True)
        np.save(folder / "ops.npy", np.array({"Ly": 20, "Lx": 24, "fs": 20.0}, object), allow_pickle=True)
        np.save(folder / "iscell.npy", np.array([[1, 0.9], [0, 0.1], [1, 0.8]]))
        for name in ("F.npy", "Fneu.npy"):
            np.save(folder / name, rng.random((3, 50)).astype(np.float32))
    found = read_places(read(tmp_path / "suite2p"))
    np.testing.assert_allclose(found.middles, [[5.5, 4], [15.5, 4]] * 2)
    assert found.planes.tolist() == [0, 0, 1, 1]


def test_the_sample_of_suite2p_says_where_as_suite2p_does(real_data):
    folder = real_data / "suite2p" / "plane0"
    recording = read(folder)
    found = read_places(recording)
    stat = np.load(folder / "stat.npy", allow_pickle=True)
    medians = [stat[header.source_index]["med"][::-1] for header in recording.cells.headers]
    apart = np.hypot(*(found.middles - medians).T)  # the mean of a long ROI is not its median
    assert np.median(apart) < 2
    assert apart.max() < 10


def test_cells_of_a_movie_lie_where_their_rois_do(tmp_path):
    movie, rois = tmp_path / "a.npy", tmp_path / "rois.zip"
    np.save(movie, np.random.default_rng(3).integers(0, 900, (40, 30, 36)).astype(np.uint16))
    corners = np.array([[4, 4], [10, 4], [10, 11], [4, 11]])
    write_rois(rois, [corners, corners + 500, corners + 15])  # the second lies beside the picture
    recording = extract(movie, rois, RegionSettings(3))
    found = read_places(recording).middles
    assert len(recording.cells) == len(found) == 2
    np.testing.assert_allclose(found[1] - found[0], [15, 15])
    np.testing.assert_allclose(found[0], [7, 7.5], atol=0.6)


def test_cells_of_nwb_lie_where_the_table_says_if_it_is_the_only_one(tmp_path):
    pynwb = pytest.importorskip("pynwb")
    assert pynwb
    from tests.formats.programs.test_nwb import Maker, values

    maker = Maker(3)
    maker.put("Fluorescence", maker.series("Fluorescence", values(40, 3)))
    maker.put("Neuropil", maker.series("Neuropil", values(40, 3, 1)))
    found = read_places(read(maker.write(tmp_path / "a.nwb")))
    np.testing.assert_allclose(found.middles, [[0, 0], [1, 1], [2, 2]])
    maker = Maker(3)
    maker.put("Fluorescence", maker.series("Fluorescence", values(40, 2), rois=[2, 0]))
    maker.put("Neuropil", maker.series("Neuropil", values(40, 2, 1), rois=[2, 0]))
    with pytest.raises(DataError, match="do not fit each other"):
        read_places(read(maker.write(tmp_path / "b.nwb")))


def test_cells_of_caiman_lie_where_their_footprints_do(tmp_path):
    rows, columns, frames = 12, 16, 40
    footprints = np.zeros((rows * columns, 2))
    for k, (row, column) in enumerate(((3, 4), (8, 11))):
        picture = np.zeros((rows, columns))
        picture[row - 1 : row + 2, column - 1 : column + 2] = 1
        footprints[:, k] = picture.ravel(order="F")
    from scipy.sparse import csc_matrix

    sparse, rng = csc_matrix(footprints), np.random.default_rng(0)
    path = tmp_path / "caiman.hdf5"
    with h5py.File(path, "w") as file:
        estimates = file.create_group("estimates")
        group = estimates.create_group("A")
        for name in ("data", "indices", "indptr"):
            group[name] = getattr(sparse, name)
        group["shape"] = sparse.shape
        for name, value in (("C", rng.random((2, frames))), ("YrA", rng.random((2, frames)))):
            estimates[name] = value
        estimates["b"], estimates["f"] = rng.random((rows * columns, 1)), rng.random((1, frames))
        estimates["dims"] = file["dims"] = [rows, columns]
    found = read_places(read(path))
    np.testing.assert_allclose(found.middles, [[4, 3], [11, 8]])


def test_traces_alone_lie_nowhere(cell):
    with pytest.raises(DataError, match="where its cells lie is not known"):
        read_places(Recording("plain", None, None, [cell]))
    assert BRING_MOVIE
