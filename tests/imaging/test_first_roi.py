"""First ROI of a movie that comes without."""

import numpy as np
import pytest

from neuropil_gui import read
from neuropil_gui.formats.cell_places import read_places
from neuropil_gui.formats.field_of_view import read_field
from neuropil_gui.formats.movie_with_rois import sources_of
from neuropil_gui.formats.movies import read_movie
from neuropil_gui.imaging.first_roi import NAME, first_roi

DARK = np.random.default_rng(5).integers(90, 110, (6, 70, 160)).astype(np.uint16)


def with_spot(rows, columns, height=400):
    frames = DARK.copy()
    frames[:, rows, columns] += height
    return frames


def test_it_is_a_circle_where_the_mean_is_brightest():
    frames = with_spot(slice(30, 38), slice(100, 108))
    frames[:, 5, 5] = 4000  # a pixel alone, which is brighter, is no cell
    (roi,) = first_roi(read_movie(frames)).rois
    assert (roi.name, roi.centre, roi.radii) == (NAME, (104, 34), (4, 4))  # a 20th of 160 pixels is 8


@pytest.mark.parametrize(("shape", "side"), [((70, 40), 5), ((70, 400), 20), ((4, 400), 4)])
def test_its_diameter_fits_the_picture(shape, side):
    (roi,) = first_roi(read_movie(np.ones((3, *shape), np.uint16))).rois
    assert roi.radii == (side / 2, side / 2)
    assert len(roi.pixels(shape)[0]) > 0.7 * side**2


def test_pixels_that_have_no_value_are_not_bright():
    frames = with_spot(slice(30, 38), slice(100, 108)).astype(np.float32)
    frames[:, :10] = np.nan
    frames[:, 60:, :10] = np.inf
    (roi,) = first_roi(read_movie(frames)).rois
    assert roi.centre == (104, 34)


def test_a_movie_is_read_without_rois_the_same_each_time(tmp_path):
    np.save(tmp_path / "movie.npy", with_spot(slice(30, 38), slice(100, 108)))
    recording = read(tmp_path / "movie.npy", rois="none", regions=3)
    (cell,) = recording.cells
    assert (cell.name, len(cell.traces), recording.files) == (NAME, 4, ())
    assert cell.traces[0].mean() > 450 > 150 > cell.traces[1:].mean()
    assert dict(recording.origin)["ROIs"] == sources_of(recording).rois == "none"
    again = read(tmp_path / "movie.npy", rois="none", regions=3)
    np.testing.assert_array_equal(again.cells[0].traces, cell.traces)
    assert read_field(recording).cells[0].roi.centre == (104, 34)
    np.testing.assert_allclose(read_places(recording).middles, [(103.5, 33.5)])
