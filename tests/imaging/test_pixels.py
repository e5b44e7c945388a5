import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import label

from neuropil_gui.core.errors import DataError
from neuropil_gui.imaging.outlines import outlines
from neuropil_gui.imaging.pixels import inside_ellipse, inside_paths

pytestmark = pytest.mark.any_version

SHAPE = (12, 15)
coordinates = st.floats(-4, 18, width=32)
paths = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=9)


def mask_of(rows, columns, shape=SHAPE):
    mask = np.zeros(shape, bool)
    mask[rows, columns] = True
    return mask


def square(left, top, right, bottom):
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], float)


def inside(path, x, y):
    """Whether a point is inside by the even-odd rule, one edge after the other."""
    odd = False
    for (x0, y0), (x1, y1) in zip(path, [*path[1:], path[0]], strict=True):
        if (y0 <= y) != (y1 <= y) and (x1 - x0) * (y - y0) / (y1 - y0) + x0 > x:
            odd = not odd
    return odd


@given(paths)
def test_pixels_are_those_whose_centre_is_inside(path):
    corners = [tuple(map(float, corner)) for corner in path]
    mask = mask_of(*inside_paths([np.array(corners)], SHAPE))
    for row, column in np.ndindex(SHAPE):
        x, y = column + 0.5, row + 0.5
        near = min(
            abs((x1 - x0) * (y - y0) - (x - x0) * (y1 - y0))
            for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True)
        )
        if near > 1e-9:  # on an edge, rounding decides in this test's own calculation
            assert mask[row, column] == inside(corners, x, y)


def test_a_centre_on_an_edge_is_outside():
    mask = mask_of(*inside_paths([square(1.5, 1.5, 4.5, 4.5)], SHAPE))
    assert np.array_equal(mask, mask_of(*np.mgrid[2:4, 2:4]))
    triangle = np.array([(0, 0), (4, 4), (0, 4)], float)  # whose long side runs through centres
    assert mask_of(*inside_paths([triangle], SHAPE)).sum() == 6


def test_holes_and_parts_follow_from_the_even_odd_rule():
    ring = [square(1, 1, 9, 9), square(3, 3, 6, 6), square(11, 1, 14, 4)]
    assert mask_of(*inside_paths(ring, SHAPE)).sum() == 64 - 9 + 9


def test_what_lies_beyond_the_picture_is_cut_off():
    assert mask_of(*inside_paths([square(-5, -5, 3, 2)], SHAPE)).sum() == 6
    assert not len(inside_paths([square(-9, -9, -2, -2)], SHAPE)[0])
    assert not len(inside_paths([square(40, 3, 50, 9)], SHAPE)[0])


def test_corners_that_are_no_numbers_are_refused():
    with pytest.raises(DataError, match="not a finite number"):
        inside_paths([np.array([(0, 0), (np.nan, 3), (5, 5)])], SHAPE)


def test_an_oval_has_its_edge_and_an_ellipse_has_not():
    closed = mask_of(*inside_ellipse((5.5, 5.5), (3, 3), 0, True, SHAPE))
    assert closed[5, 2]
    assert closed.sum() == 29
    assert mask_of(*inside_ellipse((5.5, 5.5), (3, 3), 0, False, SHAPE)).sum() == 25
    turned = mask_of(*inside_ellipse((7, 6), (5, 2), np.pi / 2, False, SHAPE))
    upright = mask_of(*inside_ellipse((7, 6), (2, 5), 0, False, SHAPE))
    assert np.array_equal(turned, upright)
    with pytest.raises(DataError, match="without an extent"):
        inside_ellipse((5, 5), (0, 3), 0, True, SHAPE)


@given(st.integers(0, 2**20), st.floats(0.1, 0.9))
def test_the_outlines_of_pixels_hold_these_pixels(seed, part):
    mask = np.random.default_rng(seed).random(SHAPE) < part
    if mask.any():
        found = mask_of(*inside_paths(outlines(*np.nonzero(mask)), SHAPE))
        assert np.array_equal(found, mask)


@given(st.integers(0, 2**20), st.floats(0.1, 0.9))
def test_there_is_one_outline_around_each_part_and_each_hole(seed, part):
    mask = np.zeros((14, 14), bool)
    mask[1:-1, 1:-1] = np.random.default_rng(seed).random((12, 12)) < part
    parts, holes = label(mask)[1], label(~mask, np.ones((3, 3)))[1] - 1
    assert len(outlines(*np.nonzero(mask))) == parts + holes


def test_an_outline_ends_where_it_began_also_where_it_touches_itself_there():
    rows = ["########", "##.#####", "#.#...##", "##.##.##", "########"]
    mask = np.array([[each == "#" for each in row] for row in rows])
    found = outlines(*np.nonzero(mask))
    assert [len(path) for path in found] == [4, 4, 14]  # around all, around the pixel in the hole, and around the hole
