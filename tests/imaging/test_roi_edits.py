import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.core.errors import DataError
from neuropil_gui.imaging import roi_edits
from neuropil_gui.imaging.roi import EllipseRoi, PixelRoi, PolygonRoi

SHAPE = (40, 50)
SQUARE = PolygonRoi("square", (np.array([(10.0, 10), (20, 10), (20, 18), (10, 18)]),))
OVAL = EllipseRoi("oval", (25.0, 20.0), (6.0, 4.0))
PIXELS = PixelRoi("pixels", np.array([5, 5, 6]), np.array([7, 8, 7]), np.array([1.0, 2, 3]))

places = st.tuples(st.floats(0, 50), st.floats(0, 40))
polygons = st.lists(places, min_size=3, max_size=9)


def mask(roi):
    picture = np.zeros(SHAPE, bool)
    picture[roi.pixels(SHAPE)] = True
    return picture


def test_a_stroke_becomes_a_polygon_of_different_corners():
    roi = roi_edits.polygon_of([(10, 10), (10, 10), (20.01, 10), (20, 18), (10, 18), (10, 10)], "drawn", SHAPE)
    assert roi.name == "drawn"
    assert roi.paths[0].tolist() == [[10, 10], [20, 10], [20, 18], [10, 18]] or len(roi.paths[0]) == 4
    assert np.array_equal(mask(roi), mask(SQUARE))


@pytest.mark.parametrize(
    ("corners", "reason"),
    [
        ([], "but 0 were drawn"),
        ([(3, 3), (3.01, 3), (3, 3)], "three corners at least, but 0"),
        ([(3, 3), (9, 3), (3, 3)], "three corners at least, but 2 were"),
        ([(3, 3), (3.2, 3), (3.2, 3.2)], "centre of no pixel"),
        ([(60, 3), (70, 3), (70, 9)], "centre of no pixel"),
    ],
)
def test_a_stroke_that_is_no_area_says_why(corners, reason):
    with pytest.raises(DataError, match=reason):
        roi_edits.polygon_of(corners, "drawn", SHAPE)


def test_an_ellipse_fills_its_box_from_whichever_corner_it_is_drawn():
    one = roi_edits.ellipse_of((10.2, 8.4), (21.9, 15.6), "drawn", SHAPE)
    assert one == roi_edits.ellipse_of((21.9, 8.4), (10.2, 15.6), "drawn", SHAPE)
    assert (one.centre, one.radii) == ((16, 12), (6, 4))
    with pytest.raises(DataError, match="less than a pixel"):
        roi_edits.ellipse_of((10.2, 8.4), (10.3, 15.6), "drawn", SHAPE)


@given(polygons, st.integers(-5, 5), st.integers(-5, 5))
def test_a_roi_moved_by_whole_pixels_keeps_its_shape(corners, x, y):
    larger = SHAPE[0] + 20, SHAPE[1] + 20
    for roi in (PolygonRoi("p", (roi_edits.rounded(corners) + 10,)), OVAL, PIXELS):
        rows, columns = roi_edits.moved(roi, x, y).pixels(larger)
        before = roi.pixels(larger)
        inside = (before[0] + y >= 0) & (before[1] + x >= 0)
        assert np.array_equal(rows, before[0][inside] + y)
        assert np.array_equal(columns, before[1][inside] + x)


def test_a_roi_of_pixels_keeps_its_weights_when_it_is_moved():
    assert np.array_equal(roi_edits.moved(PIXELS, 1.4, -2.2).weights_in(SHAPE), PIXELS.weights_in(SHAPE))


def test_a_corner_is_moved_added_and_taken_away():
    roi = roi_edits.reshaped(SQUARE, 2, (24, 22), SHAPE)
    assert roi.paths[0].tolist() == [[10, 10], [20, 10], [24, 22], [10, 18]]
    more = roi_edits.with_corner(SQUARE, (20.3, 14), SHAPE)
    assert more.paths[0].tolist() == [[10, 10], [20, 10], [20.3125, 14], [20, 18], [10, 18]]
    assert np.array_equal(roi_edits.without_corner(more, 2, SHAPE).paths[0], SQUARE.paths[0])
    three = roi_edits.without_corner(SQUARE, 0, SHAPE)
    with pytest.raises(DataError, match="three corners"):
        roi_edits.without_corner(three, 0, SHAPE)
    with pytest.raises(DataError, match="no corners"):
        roi_edits.without_corner(OVAL, 0, SHAPE)


def test_a_corner_of_the_second_path_is_found():
    roi = PolygonRoi("two", (SQUARE.paths[0], SQUARE.paths[0] + 15))
    assert roi_edits.reshaped(roi, 5, (30, 20), SHAPE).paths[1].tolist()[1] == [30, 20]
    assert len(roi_edits.without_corner(roi, 5, SHAPE).paths[1]) == 3


@pytest.mark.parametrize(("handle", "place", "centre", "radii"), [
    (0, (35, 99), (27, 20), (8, 4)), (2, (13, 0), (22, 20), (9, 4)), (1, (0, 30), (25, 23), (6, 7)),
    (3, (25, 100), (25, 23.5), (6, 0.5)),
])  # fmt: skip
def test_an_ellipse_is_stretched_from_the_opposite_side(handle, place, centre, radii):
    assert roi_edits.handles(OVAL, SHAPE).tolist() == [[31, 20], [25, 24], [19, 20], [25, 16]]
    found = roi_edits.reshaped(OVAL, handle, place, SHAPE)
    assert (found.centre, found.radii) == (centre, radii)


def test_a_roi_of_pixels_is_reshaped_by_the_corners_of_its_outline():
    assert len(roi_edits.handles(PIXELS, SHAPE)) == 6
    same = roi_edits.reshaped(PIXELS, 0, tuple(roi_edits.handles(PIXELS, SHAPE)[0]), SHAPE)
    assert np.array_equal(mask(same), mask(PIXELS))


@given(polygons, places, places)
def test_a_split_gives_each_pixel_to_one_part(corners, start, end):
    roi = PolygonRoi("p", (roi_edits.rounded(corners),))
    try:
        one, other = roi_edits.split(roi, start, end, ("a", "b"), SHAPE)
    except DataError:
        return
    assert (one.name, other.name) == ("a", "b")
    assert not (mask(one) & mask(other)).any()
    assert np.array_equal(mask(one) | mask(other), mask(roi))
    assert mask(one).any()
    assert mask(other).any()


def test_a_split_polygon_keeps_its_corners():
    one, other = roi_edits.split(SQUARE, (14.25, 0), (14.25, 30), ("a", "b"), SHAPE)
    assert sorted(len(each.paths[0]) for each in (one, other)) == [4, 4]
    assert {float(each.paths[0][:, 0].max()) for each in (one, other)} == {14.25, 20}


@pytest.mark.parametrize(("end", "reason"), [((5.5, 5), "shorter than a pixel"), ((5, 30), "does not divide square")])
def test_a_line_that_does_not_divide_says_so(end, reason):
    with pytest.raises(DataError, match=reason):
        roi_edits.split(SQUARE, (5, 5), end, ("a", "b"), SHAPE)


@given(polygons, polygons)
def test_what_is_merged_added_and_taken_away_has_just_those_pixels(first, second):
    one, other = (PolygonRoi(name, (roi_edits.rounded(each),)) for name, each in (("a", first), ("b", second)))
    a, b = mask(one), mask(other)
    if a.any() or b.any():
        assert np.array_equal(mask(roi_edits.merged([one, other, OVAL], "m", SHAPE)), a | b | mask(OVAL))
    for take_away, expected in ((False, a | b), (True, a & ~b)):
        try:
            found = roi_edits.combined(one, other, take_away, SHAPE)
        except DataError:
            assert not expected.any() or np.array_equal(expected, a)
        else:
            assert np.array_equal(mask(found), expected)


def test_one_roi_alone_is_not_merged():
    with pytest.raises(DataError, match="Two ROIs at least"):
        roi_edits.merged([SQUARE], "m", SHAPE)
