from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.core.errors import Cancelled
from neuropil_gui.imaging.binned import BinnedMovie
from neuropil_gui.imaging.extraction import extract_traces
from neuropil_gui.imaging.movie import join
from neuropil_gui.imaging.neighbourhood import Box, Neighbourhood, Neighbourhoods, box_of, box_to_read
from neuropil_gui.imaging.pixel_major import PixelMajorStack
from neuropil_gui.imaging.regions import RegionSettings, count_rois, grow_regions, regions_of
from neuropil_gui.imaging.roi import EllipseRoi, PixelRoi
from neuropil_gui.imaging.stack import ArrayStack

SHAPE = (40, 50)
KINDS = [np.uint8, np.int16, np.uint16, np.int32, np.uint32, np.int64, np.uint64, np.float32, np.float64, bool]


def frames_of(dtype, frames=11, seed=0):
    rng = np.random.default_rng(seed)
    dtype = np.dtype(dtype)
    if dtype.kind == "b":
        return rng.random((frames, *SHAPE)) < 0.5
    if dtype.kind == "f":
        return rng.normal(100, 40, (frames, *SHAPE)).astype(dtype)
    info = np.iinfo(dtype)
    return rng.integers(info.min, info.max, (frames, *SHAPE), dtype, endpoint=True)


def movie_of(*arrays):
    return join("movie", [ArrayStack(array) for array in arrays])


def disc(x=25, y=20, radius=4, name="cell"):
    return EllipseRoi(name, (x, y), (radius, radius))


def grown(roi, settings=None):
    (cell,) = grow_regions([roi], SHAPE, settings)
    return cell


@pytest.mark.parametrize("dtype", KINDS)
def test_traces_of_a_moved_roi_are_those_of_the_batch_bit_for_bit(dtype):
    movie = movie_of(frames_of(dtype), frames_of(dtype, 4, seed=1))
    near = Neighbourhood.read(movie, box_of(grown(disc())).padded(6, SHAPE))
    assert near.exact
    for x, y, radius in ((25, 20, 4), (28.5, 22.25, 3.5), (21, 17, 4.5)):
        cell = grown(disc(x, y, radius), RegionSettings(5, 0.7))
        assert near.holds(cell)
        found = near.traces(cell)
        assert not found.flags.writeable
        # Among others, as in the batch: what is summed at once may be of another type for a larger ROI.
        expected = extract_traces(movie, [grown(disc(12, 12, 9)), cell])[1]
        assert np.array_equal(found, expected)


@given(st.integers(0, 2**20))
def test_weighted_means_are_those_of_the_batch_bit_for_bit(seed):
    rng = np.random.default_rng(seed)
    rows, columns = np.nonzero(rng.random((8, 9)) < 0.6)
    roi = PixelRoi("weighted", rows + 15, columns + 20, rng.random(len(rows)))
    cell = grown(roi, RegionSettings(weighted=True))
    for dtype in (np.uint16, np.float32):
        movie = movie_of(frames_of(dtype, 5, seed))
        near = Neighbourhood.read(movie, Box(0, 0, *SHAPE))
        assert np.array_equal(near.traces(cell), extract_traces(movie, [cell])[0])


@pytest.mark.parametrize(("dtype", "exact"), [(np.uint16, True), (np.float32, False)])
def test_files_of_time_courses_are_read_in_their_columns(tmp_path, dtype, exact):
    frames = frames_of(dtype)
    path = tmp_path / "movie.mmap"
    frames.transpose(2, 1, 0).tofile(path)
    movie = join("movie", [PixelMajorStack(path, np.dtype(dtype), len(frames), SHAPE)])
    cell = grown(disc())
    near = Neighbourhood.read(movie, box_of(cell))
    found, (expected,) = near.traces(cell), extract_traces(movie, [cell])
    assert near.exact is exact
    assert np.array_equal(found, expected) if exact else np.allclose(found, expected, rtol=1e-12)


def test_regions_without_a_pixel_are_left_out():
    cell = grown(PixelRoi("corner", np.array([0]), np.array([0])), RegionSettings(6, 0.5))
    assert any(not len(each) for each in cell.pixels)
    movie = movie_of(frames_of(np.uint16))
    near = Neighbourhood.read(movie, box_of(cell))
    assert np.array_equal(near.traces(cell), extract_traces(movie, [cell])[0])


def test_a_neighbourhood_holds_what_lies_within_it():
    cell = grown(disc())
    near = Neighbourhood.read(movie_of(frames_of(np.uint8)), box_of(cell))
    assert near.holds(cell)
    assert not near.holds(grown(disc(26)))


def test_what_is_read_around_a_cell_is_bounded():
    movie = movie_of(frames_of(np.uint16))
    cell = grown(disc())
    each = movie.shape[0] * 2
    assert box_to_read(cell, movie) == Box(0, 0, *SHAPE)
    least = box_of(cell)
    assert box_to_read(cell, movie, least.pixels * each) == least
    some = box_to_read(cell, movie, least.padded(2, SHAPE).pixels * each + 1)
    assert some == least.padded(2, SHAPE)
    assert box_to_read(cell, movie, least.pixels * each - 1) is None


def test_neighbourhoods_used_longest_ago_make_room():
    movie = movie_of(frames_of(np.uint8))
    cells = [grown(disc(x, 20, 2), RegionSettings(1)) for x in (10, 25, 40)]
    read = [Neighbourhood.read(movie, box_of(cell)) for cell in cells]
    kept = Neighbourhoods(sum(each.nbytes for each in read) - 1)
    for each in read[:2]:
        kept.keep(each)
    assert kept.find(cells[0]) is read[0]
    kept.keep(read[2])
    assert [kept.find(cell) for cell in cells] == [read[0], None, read[2]]
    larger = Neighbourhood.read(movie, box_of(cells[2]).padded(1, SHAPE))
    kept.keep(larger)
    assert kept.find(cells[2]) is larger
    kept.clear()
    assert kept.find(cells[2]) is None


def test_reading_stops_when_it_is_told_to():
    movie = movie_of(frames_of(np.uint8))
    for read in (partial(Neighbourhood.read, movie, Box(0, 0, 9, 9)), partial(BinnedMovie.read, movie)):
        told = []
        read(progress=told.append)
        assert told[-1] == 1
        with pytest.raises(Cancelled):
            read(should_stop=lambda: True)


@pytest.mark.parametrize("pixel_major", [False, True])
def test_drafts_have_the_means_of_bins_of_frames(tmp_path, pixel_major):
    trials = [frames_of(np.uint16, 21), frames_of(np.uint16, 11, seed=1)]
    movie = movie_of(*trials)
    if pixel_major:
        trials = [np.concatenate(trials)]
        path = tmp_path / "movie.mmap"
        trials[0].transpose(2, 1, 0).tofile(path)
        movie = join("movie", [PixelMajorStack(path, np.dtype(np.uint16), 32, SHAPE)])
    cell = grown(disc())
    (exact,) = extract_traces(movie, [cell])
    draft = BinnedMovie.read(movie).traces(cell)
    first = 0
    for trial in trials:
        for start in range(0, len(trial), 8):
            frames = slice(first + start, first + min(start + 8, len(trial)))
            assert np.allclose(draft[:, frames], exact[:, frames].mean(axis=1, keepdims=True), rtol=1e-6)
        first += len(trial)
    assert draft.shape == exact.shape
    fewer = BinnedMovie.read(movie, budget=SHAPE[0] * SHAPE[1] * 4 * 2)
    assert fewer.nbytes <= SHAPE[0] * SHAPE[1] * 4 * (2 + len(trials))


@given(st.integers(0, 2**20), st.booleans())
def test_one_roi_among_others_grows_as_all_together_do(seed, exclude):
    rng = np.random.default_rng(seed)
    rois = [disc(*rng.uniform(5, 40, 2), rng.uniform(1.5, 5), f"cell {k}") for k in range(6)]
    settings = RegionSettings(exclude_others=exclude, gap=1)
    together = grow_regions(rois, SHAPE, settings)
    for index, expected in enumerate(together):
        others = count_rois([roi for k, roi in enumerate(rois) if k != index], SHAPE)
        if not isinstance(expected, Exception):
            found = regions_of(rois[index], SHAPE, settings, others)
            assert all(map(np.array_equal, found.pixels, expected.pixels))
