"""What is known of cells and regions in the field of view."""

import numpy as np
import pytest

from neuropil_gui.imaging.field_of_view import FieldOfView
from neuropil_gui.imaging.regions import RegionSettings
from neuropil_gui.imaging.roi import EllipseRoi, PixelRoi, PolygonRoi
from neuropil_gui.imaging.roi_set import RoiSet

pytestmark = pytest.mark.any_version


def disc(y, x, radius=5.0):
    return EllipseRoi(f"{y} {x}", (x + 0.5, y + 0.5), (radius, radius))


def field_of(rois, shape=(64, 80), settings=None):
    return FieldOfView.of_rois("field", RoiSet.of(rois, shape, settings or RegionSettings()))


def test_shares_of_other_cells_are_those_of_the_masks():
    field = field_of([disc(30, 30), disc(30, 41), disc(38, 36, 4)])
    masks = [cell.regions.masks for cell in field.cells.values()]
    for index, (own, facts) in enumerate(zip(masks, map(field.facts, field.cells), strict=True)):
        others = np.any([each[0] for k, each in enumerate(masks) if k != index], axis=0)
        for mask, fact in zip(own, facts, strict=True):
            assert fact.pixels == mask.sum()
            assert fact.others == pytest.approx((mask & others).sum() / mask.sum())
    assert field.greatest_shares[0] == max(fact.others for fact in field.facts(0)[1:])
    for mask, fact in zip(masks[0][1:], field.facts(0)[1:], strict=True):
        counts = [(mask & each[0]).sum() for each in masks]
        assert fact.most == (int(np.argmax(counts)) if any(counts) else None)


def test_a_region_that_is_mostly_another_cell_is_found():
    beside = PolygonRoi("beside", (np.array([[46, 20], [60, 20], [60, 44], [46, 44]], float),))
    field = field_of([disc(32, 40), beside])
    assert field.doubtful == (0,)
    assert [fact.doubtful for fact in field.facts(0)].count(True) >= 1
    assert field_of([disc(32, 40), beside], settings=RegionSettings(exclude_others=True)).doubtful == ()


def test_overlapping_rois_share_pixels_and_the_smaller_is_on_top():
    field = field_of([disc(30, 30, 8), disc(30, 33, 3)])
    assert field.cell_at(33.5, 30.5) == 1
    assert field.cell_at(24.5, 30.5) == 0
    assert field.cell_at(3, 3) is None
    assert field.cell_at(-1, 300) is None
    small = field.cells[1].regions.masks[0]
    large = field.cells[0].regions.masks[0]
    assert field.facts(0)[0].others == pytest.approx((small & large).sum() / large.sum())
    assert field.facts(1)[0].others == 1


def test_signals_are_found_by_their_place():
    field = field_of([disc(30, 30)])
    masks = field.cells[0].regions.masks
    for row, mask in enumerate(masks):
        y, x = np.argwhere(mask)[3]
        assert field.signal_at(0, x + 0.5, y + 0.5) == row
    assert field.signal_at(0, 70, 5) is None
    assert field.signal_at(5, 30, 30) is None


def test_rows_are_those_of_the_traces_where_a_region_has_no_pixel():
    field = field_of([PixelRoi("one", np.array([9]), np.array([9]))], settings=RegionSettings(16, 0.1))
    cell = field.cells[0]
    assert [len(each) for each in cell.regions.pixels].count(0) >= 1
    assert len(cell.signals) == sum(len(each) > 0 for each in cell.regions.pixels)
    assert len(field.facts(0)) == 17
    assert np.isnan([fact.others for fact in field.facts(0) if not fact.pixels]).all()


def test_in_the_middle_nothing_is_beyond():
    assert [fact.beyond for fact in field_of([disc(30, 40)]).facts(0)] == [0] * 5


def test_at_an_edge_half_of_the_ring_is_beyond():
    """Of a disc whose centre is on the left edge, the left half of ROI and ring would lie beyond the picture."""
    roi = EllipseRoi("edge", (0.0, 32.0), (6.0, 6.0))
    facts = field_of([roi]).facts(0)
    assert facts[0].beyond == pytest.approx(0.5, abs=0.05)
    # A half disc is what counts as the ROI, and grows by the rules of a half disc.
    assert max(fact.beyond for fact in facts[1:]) > 0.3
    assert all(0 <= fact.beyond < 1 for fact in facts)


def test_a_polygon_and_pixels_that_leave_the_picture_say_by_how_much():
    square = PolygonRoi("square", (np.array([[76, 10], [84, 10], [84, 18], [76, 18]], float),))
    assert field_of([square]).facts(0)[0].beyond == pytest.approx(0.5)
    rows, columns = np.mgrid[10:14, 77:82]
    assert field_of([PixelRoi("pixels", rows.ravel(), columns.ravel())]).facts(0)[0].beyond == pytest.approx(0.4)
