import importlib.util
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.core.errors import DataError
from neuropil_gui.imaging.regions import LABELS, RegionSettings, grow_regions
from neuropil_gui.imaging.roi import EllipseRoi, PixelRoi, PolygonRoi

DATA = Path(__file__).parent.parent / "data"
SHAPE = (40, 50)


def reference():
    spec = importlib.util.spec_from_file_location("regions_reference", DATA / "make_regions_reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def labels(found, shape):
    picture = np.zeros(shape, np.uint8)
    for label, pixels in enumerate(found.pixels, 1):
        picture.flat[pixels] = label
    return picture


def disc(x, y, radius, name="cell"):
    return EllipseRoi(name, (x, y), (radius, radius))


def test_regions_of_random_polygons_are_those_of_fissa():
    made = reference()
    pictures = np.load(DATA / "regions_reference.npz")["pictures"]
    tied = 0
    for case, (corners, expected) in enumerate(zip(made.polygons(), pictures, strict=True)):
        (found,) = grow_regions([corners], made.SHAPE, RegionSettings(*made.settings(case)))
        if isinstance(found, DataError):
            assert (expected == 255).all(), case
            continue
        picture = labels(found, made.SHAPE)
        assert np.array_equal(picture == 1, expected == 1), case
        assert np.array_equal(picture > 1, expected > 1), case
        tied += (picture != expected).sum()
    # NumPy's arctan2 differs in its last bit from version to version, which decides where pixels lie on one ray.
    assert tied <= 4


def test_regions_share_the_neuropil_and_leave_the_cell():
    (found,) = grow_regions([disc(25, 20, 4)], SHAPE)
    assert found.name == "cell"
    masks = found.masks
    assert masks.shape == (5, *SHAPE)
    assert masks.sum(axis=0).max() == 1
    areas = masks.sum(axis=(1, 2))
    assert areas[0] == 52
    assert 4 * areas[0] <= areas[1:].sum() < 4.6 * areas[0]
    assert np.ptp(areas[1:]) <= 1


@given(
    st.integers(0, 2**20), st.integers(1, 6), st.floats(0.2, 5), st.integers(0, 4), st.booleans(), st.integers(3, 30)
)
def test_regions_hold_for_any_mask(seed, regions, expansion, gap, exclude, size):
    rng = np.random.default_rng(seed)
    shape = (int(rng.integers(2, 40)), size)
    masks = [rng.random(shape) < rng.uniform(0.01, 0.2) for _ in range(2)]
    for found in grow_regions(masks, shape, RegionSettings(regions, expansion, exclude, gap)):
        if isinstance(found, DataError):
            continue
        picture = found.masks
        assert picture.sum(axis=0).max() == 1
        number = int(found.name[-1]) - 1
        assert np.array_equal(picture[0], masks[number])
        if exclude:
            assert not (picture[1:].any(axis=0) & masks[1 - number] & ~masks[number]).any()


def test_pixels_of_other_cells_can_be_left_out():
    pair = [disc(20, 20, 5, "one"), disc(31, 20, 5, "two")]
    other = grow_regions(pair, SHAPE)[1].masks[0]
    plain = grow_regions(pair, SHAPE)[0].masks[1:].any(axis=0)
    without = grow_regions(pair, SHAPE, RegionSettings(exclude_others=True))[0].masks[1:].any(axis=0)
    assert (plain & other).any()
    assert not (without & other).any()
    assert without.sum() >= 4 * 80


def test_a_gap_keeps_the_regions_away_and_their_area():
    near = grow_regions([disc(25, 20, 4)], SHAPE)[0].masks
    far = grow_regions([disc(25, 20, 4)], SHAPE, RegionSettings(gap=2))[0].masks
    assert far[1:].sum() >= 4 * far[0].sum()
    grown = far[0]
    for _ in range(2):
        grown = grown | np.roll(grown, 1, 0) | np.roll(grown, -1, 0) | np.roll(grown, 1, 1) | np.roll(grown, -1, 1)
    assert not (far[1:].any(axis=0) & grown).any()
    assert (near[1:].any(axis=0) & grown).any()


def test_a_roi_without_regions_is_named_and_the_others_go_on():
    square = np.array([(200, 200), (210, 200), (210, 210), (200, 210)])
    everywhere = np.ones(SHAPE, bool)
    outside, whole, fine = grow_regions([square, everywhere, disc(25, 20, 4, "fine")], SHAPE)
    assert str(outside) == "ROI 1: it has no pixel in a picture of 50 x 40."
    assert str(whole) == "ROI 2: no pixel is left for neuropil regions."
    assert fine.name == "fine"


def test_weights_go_with_their_pixels():
    roi = PixelRoi("w", np.array([3, 3, 2, -1]), np.array([4, 5, 4, 0]), np.array([1.0, 2.0, 3.0, 9.0]))
    (found,) = grow_regions([roi], SHAPE, RegionSettings(weighted=True))
    assert found.pixels[0].tolist() == [2 * 50 + 4, 3 * 50 + 4, 3 * 50 + 5]
    assert found.weights.tolist() == [3, 1, 2]
    assert grow_regions([roi], SHAPE)[0].weights is None
    dead = PixelRoi("dead", np.array([3]), np.array([4]), np.array([0.0]))
    assert "weights have no positive sum" in str(grow_regions([dead], SHAPE, RegionSettings(weighted=True))[0])


def test_corners_may_be_given_as_two_rows():
    corners = np.array([(10, 10), (20, 11), (15, 19), (9, 16)])
    one, other = grow_regions([corners, corners.T], SHAPE)
    assert all(np.array_equal(a, b) for a, b in zip(one.pixels, other.pixels, strict=True))
    with pytest.raises(DataError, match="ROI 1: corners of shape"):
        grow_regions([np.zeros((4, 3))], SHAPE)


@pytest.mark.parametrize("changes", [{"regions": 0}, {"expansion": 0.0}, {"expansion": float("nan")}, {"gap": -1}])
def test_impossible_settings_are_refused(changes):
    with pytest.raises(DataError, match=f"^{LABELS[next(iter(changes))]} must be"):
        RegionSettings(**changes)


def test_large_cells_grow_as_far_as_they_must():
    whole = PolygonRoi("large", (np.array([(0, 0), (48, 0), (48, 40), (0, 40)], float),))
    (found,) = grow_regions([whole], SHAPE)
    assert found.masks[1:].sum() == 2 * 40
