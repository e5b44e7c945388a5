import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.imaging import extraction
from neuropil_gui.imaging import stack as stacks
from neuropil_gui.imaging.extraction import extract_traces
from neuropil_gui.imaging.imagej_rois import read_roi_zip
from neuropil_gui.imaging.movie import join
from neuropil_gui.imaging.regions import RegionSettings, grow_regions
from neuropil_gui.imaging.roi import PixelRoi
from neuropil_gui.imaging.stack import ArrayStack, BinaryStack
from neuropil_gui.imaging.tiff import TiffStack

SHAPE = (20, 24)
SQUARE = np.array([(6, 6), (12, 6), (12, 11), (6, 11)])


def movie_of(*arrays):
    return join("movie", [ArrayStack(array) for array in arrays])


def random_frames(dtype=np.uint16, frames=7, seed=0):
    if np.dtype(dtype).kind == "f":
        return np.random.default_rng(seed).normal(100, 40, (frames, *SHAPE)).astype(dtype)
    info = np.iinfo(dtype)
    return np.random.default_rng(seed).integers(info.min, info.max, (frames, *SHAPE), dtype)


def test_raw_traces_of_fissas_own_example_are_equal_bit_for_bit(real_data):
    folder = real_data / "imaging"
    movie = join("example", [TiffStack(path) for path in sorted(folder.glob("*.tif"))])
    assert movie.trial_starts == (0, 29, 58)
    cells = grow_regions(read_roi_zip(folder / "rois.zip").rois, SHAPE_OF_EXAMPLE)
    expected = np.load(folder / "expected_py3.npz", allow_pickle=True)["raw"]
    for found, trials in zip(extract_traces(movie, cells), expected, strict=True):
        assert np.array_equal(found, np.concatenate(list(trials), axis=1))


SHAPE_OF_EXAMPLE = (21, 14)


def test_more_traces_than_can_be_held_are_refused_before_anything_is_read(monkeypatch):
    monkeypatch.setattr(extraction, "_MOST_BYTES", 5 * 7 * 8 - 1)
    cells = grow_regions([SQUARE], SHAPE)
    with pytest.raises(DataError, match="5 traces of 7 frames"):
        extract_traces(movie_of(random_frames()), cells)
    monkeypatch.setattr(extraction, "_MOST_BYTES", 5 * 7 * 8)
    assert extract_traces(movie_of(random_frames()), cells)[0].shape == (5, 7)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.uint32, bool])
def test_means_of_whole_numbers_are_those_of_numpy_bit_for_bit(dtype):
    values = random_frames(np.uint8) > 99 if dtype is bool else random_frames(dtype)
    (cell,) = grow_regions([SQUARE], SHAPE)
    (found,) = extract_traces(movie_of(values), [cell])
    assert not found.flags.writeable
    for trace, mask in zip(found, cell.masks, strict=True):
        assert np.array_equal(trace, values[:, mask].mean(axis=1, dtype=np.float64))


@given(st.integers(0, 2**20), st.sampled_from([np.float32, np.float64, np.uint64, np.int64]))
def test_means_of_other_numbers_are_close(seed, dtype):
    values = random_frames(dtype, seed=seed)
    (cell,) = grow_regions([SQUARE], SHAPE)
    (found,) = extract_traces(movie_of(values), [cell])
    expected = [values[:, mask].astype(np.float64).mean(axis=1) for mask in cell.masks]
    assert np.allclose(found, expected, rtol=1e-12, atol=1e-12 * np.abs(values.astype(np.float64)).max())


def test_a_missing_value_is_missing_where_it_is_alone():
    values = random_frames(np.float32)
    (cell,) = grow_regions([SQUARE], SHAPE)
    values[3, 8, 8] = np.nan
    (found,) = extract_traces(movie_of(values), [cell])
    assert np.argwhere(np.isnan(found)).tolist() == [[0, 3]]


def test_a_region_without_a_pixel_is_left_out():
    values = random_frames()
    (cell,) = grow_regions([PixelRoi("corner", np.array([0]), np.array([0]))], SHAPE, RegionSettings(6, 0.3))
    assert [len(each) for each in cell.pixels].count(0) == 4
    (found,) = extract_traces(movie_of(values), [cell])
    assert found.shape == (3, 7)
    assert np.isfinite(found).all()


def test_weights_make_a_weighted_mean_of_the_roi_alone():
    values = random_frames()
    roi = PixelRoi("cell", np.array([3, 3, 4]), np.array([5, 6, 5]), np.array([0.5, 0.25, 2.0]))
    (cell,) = grow_regions([roi], SHAPE, RegionSettings(weighted=True))
    (plain,) = grow_regions([roi], SHAPE)
    (found,), (other,) = extract_traces(movie_of(values), [cell]), extract_traces(movie_of(values), [plain])
    assert np.allclose(found[0], np.average(values[:, roi.rows, roi.columns], axis=1, weights=roi.weights), rtol=1e-12)
    assert np.array_equal(found[1:], other[1:])


def test_blocks_do_not_change_the_traces_and_can_be_left(tmp_path, monkeypatch):
    values = random_frames(frames=30)
    cells = grow_regions([SQUARE, SQUARE + 7], SHAPE)
    whole = extract_traces(movie_of(values), cells)
    monkeypatch.setattr(stacks, "BLOCK", 4 * values[0].nbytes)
    tifffile.imwrite(tmp_path / "a.tif", values[:19])
    values[19:].astype(">u2").tofile(tmp_path / "b.bin")
    parts = [TiffStack(tmp_path / "a.tif"), BinaryStack(tmp_path / "b.bin", np.dtype(">u2"), 11, SHAPE)]
    seen = []
    found = extract_traces(join("m", parts), cells, seen.append)
    assert all(np.array_equal(a, b) for a, b in zip(found, whole, strict=True))
    assert seen == sorted(seen)
    assert len(seen) == 5 + 3
    assert seen[-1] == 1
    seen.clear()
    with pytest.raises(Cancelled):
        extract_traces(join("m", parts), cells, seen.append, lambda: len(seen) == 2)
    assert len(seen) == 2


def test_binary_files_are_checked_against_their_length(tmp_path):
    path = tmp_path / "data.bin"
    values = random_frames(np.int16)
    values.transpose(0, 2, 1).tofile(path)
    movie = join("m", [BinaryStack(path, values.dtype, 7, SHAPE, columns_first=True)])
    assert np.array_equal(movie.read(2, 5), values[2:5])
    with pytest.raises(DataError, match="cut short: 8 frames of 20 x 24 pixels need"):
        BinaryStack(path, values.dtype, 8, SHAPE)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(DataError, match="the movie: the file is cut short"):
        movie.read(2, 7)


def test_what_is_no_movie_is_refused():
    for array, why in (
        (np.zeros((3, 4)), "frames, rows, columns"),
        (np.zeros((3, 4, 5), complex), "real numbers"),
        (np.zeros((0, 4, 5)), "holds 0 frames"),
    ):
        with pytest.raises(DataError, match=why):
            ArrayStack(array)
