import h5py
import numpy as np
import pytest

from neuropil_gui import extract, read_movie, read_rois
from neuropil_gui.core.errors import DataError

FRAMES = np.random.default_rng(3).integers(0, 4000, (12, 20, 24)).astype(np.uint16)


def whole(movie):
    return movie.read(0, movie.shape[0])


def test_the_largest_data_set_of_three_dimensions_is_the_movie(tmp_path, monkeypatch):
    path = tmp_path / "movie.h5"
    with h5py.File(path, "w") as file:
        file["group/small"] = FRAMES[:2]
        file.create_dataset("group/movie", data=FRAMES, chunks=(5, 20, 24), compression="gzip")
        file["table"] = np.zeros((100, 100))
    movie = read_movie(path)
    assert movie.notes == ("movie.h5: The largest of 2 data sets is read: group/movie.",)
    assert np.array_equal(whole(movie), FRAMES)
    assert np.array_equal(whole(read_movie(path, dataset="group/small")), FRAMES[:2])
    monkeypatch.setattr("neuropil_gui.formats.movie_h5._BLOCK", 7 * FRAMES[0].nbytes)
    assert movie.stacks[0].frames_per_block == 5  # whole chunks
    square = [np.array([(6, 6), (12, 6), (12, 11), (6, 11)])]
    found, expected = (extract(each, square).cells[0].traces for each in (movie, FRAMES))
    assert np.array_equal(found, expected)


def test_what_holds_no_movie_is_named(tmp_path):
    path = tmp_path / "movie.h5"
    with h5py.File(path, "w") as file:
        file["table"] = np.zeros((100, 100))
        layout = h5py.VirtualLayout((12, 20, 24), np.uint16)
        layout[:] = h5py.VirtualSource("other.h5", "movie", (12, 20, 24))
        file.create_virtual_dataset("far", layout)
    with pytest.raises(DataError, match=r"^movie\.h5: it has no movie.* far is put together"):
        read_movie(path)
    with pytest.raises(DataError, match=r"^movie\.h5: table has the shape"):
        read_movie(path, dataset="table")
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(DataError, match=r"^movie\.h5: it is damaged"):
        read_movie(path)


def nwb(path, data, dimension=None, masks=None, **columns):
    with h5py.File(path, "w") as file:
        file.attrs["nwb_version"] = "2.6.0"
        series = file.create_group("acquisition/TwoPhotonSeries")
        series.attrs["neurodata_type"] = "TwoPhotonSeries"
        series["data"] = data
        series["starting_time"] = 0.0
        series["starting_time"].attrs["rate"] = 30.0
        if dimension is not None:
            series["dimension"] = np.array(dimension)
        table = file.create_group("processing/ophys/ImageSegmentation/PlaneSegmentation")
        table.attrs["neurodata_type"] = "PlaneSegmentation"
        for name, value in (columns | (masks or {})).items():
            table[name] = value
    return path


def test_nwb_movies_in_both_orders(tmp_path):
    for data in (FRAMES, FRAMES.transpose(0, 2, 1)):
        movie = read_movie(nwb(tmp_path / "a.nwb", data, dimension=(24, 20)))
        assert movie.frame_rate == 30
        assert np.array_equal(whole(movie), FRAMES)
        assert not movie.notes
    assert "does not say" in read_movie(nwb(tmp_path / "b.nwb", FRAMES)).notes[0]


def pixel_masks(*rois):
    pixels = np.array([pixel for roi in rois for pixel in roi], [("x", "u4"), ("y", "u4"), ("weight", "f4")])
    return {"pixel_mask": pixels, "pixel_mask_index": np.cumsum([len(roi) for roi in rois])}


def test_rois_of_nwb_by_pixels_and_by_pictures(tmp_path):
    masks = pixel_masks([(22, 3, 0.5), (23, 3, 1.0)], [(5, 6, 1.0)])
    rois = read_rois(nwb(tmp_path / "a.nwb", FRAMES, masks=masks), (20, 24)).rois
    assert [(roi.rows.tolist(), roi.columns.tolist()) for roi in rois] == [([3, 3], [22, 23]), ([6], [5])]
    assert rois[0].weights.tolist() == [0.5, 1.0]
    turned = read_rois(tmp_path / "a.nwb", (24, 20))
    assert turned.rois[0].rows.tolist() == [22, 23]
    assert "exchanged" in turned.notes[0]
    pictures = np.zeros((2, 24, 20), np.float32)
    pictures[0, 22:24, 3], pictures[1, 5, 6] = 1, 1
    path = nwb(tmp_path / "b.nwb", FRAMES, masks={"image_mask": pictures}, Accepted=np.array([0, 1]))
    (roi,) = read_rois(path, (20, 24)).rois
    assert (roi.name, roi.rows.tolist(), roi.columns.tolist()) == ("ROI 1", [6], [5])


def test_tables_that_do_not_fit_are_refused(tmp_path):
    masks = pixel_masks([(22, 3, 0.5)]) | {"pixel_mask_index": np.array([7])}
    for path in (nwb(tmp_path / "a.nwb", FRAMES, masks=masks), nwb(tmp_path / "b.nwb", FRAMES)):
        with pytest.raises(DataError, match=f"^{path.name}: .* has neither pixel_mask nor image_mask"):
            read_rois(path)
    with h5py.File(tmp_path / "c.h5", "w") as file:
        file["movie"] = FRAMES
    with pytest.raises(DataError, match=r"^c\.h5: it holds no table of ROIs"):
        read_rois(tmp_path / "c.h5")


def test_footprints_of_caiman(tmp_path):
    dense = np.zeros((20, 24, 3))
    dense[3:5, 7, 0], dense[3, 8, 0], dense[10, 10, 2] = (1.0, 0.5), 0.1, 2.0
    columns = dense.transpose(1, 0, 2).reshape(-1, 3)  # pixels column after column
    from scipy.sparse import csc_matrix

    matrix = csc_matrix(columns)
    path = tmp_path / "results.hdf5"
    with h5py.File(path, "w") as file:
        file["dims"] = np.array([20, 24])
        file["estimates/C"] = np.zeros((3, 5))
        for name in ("data", "indices", "indptr"):
            file[f"estimates/A/{name}"] = getattr(matrix, name)
        file["estimates/A/shape"] = np.array(matrix.shape)
    found = read_rois(path)
    assert [roi.name for roi in found.rois] == ["component 0", "component 2"]
    assert sorted(zip(found.rois[0].rows.tolist(), found.rois[0].columns.tolist(), strict=True)) == [(3, 7), (4, 7)]
    assert "component 1: left out" in found.notes[-1]
    with h5py.File(path, "a") as file:
        file["estimates/idx_components"] = np.array([2])
    assert [roi.name for roi in read_rois(path).rois] == ["component 2"]
    with h5py.File(path, "a") as file:
        file["dims"][...] = (20, 25)
    with pytest.raises(DataError, match=r"^results\.hdf5: estimates/A does not hold"):
        read_rois(path)
