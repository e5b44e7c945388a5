"""The work that crafted ROIs make together is bounded, and cells between them are read all the same."""

import numpy as np
import pytest

from neuropil_gui.core.errors import DataError
from neuropil_gui.imaging import regions
from neuropil_gui.imaging.effort import bounded_effort, spend
from neuropil_gui.imaging.regions import CellRegions, RegionSettings, grow_regions
from neuropil_gui.imaging.roi import EllipseRoi, PolygonRoi

SHAPE = (256, 256)
CELL = PolygonRoi("cell", (np.array([(20.0, 20), (28, 20), (28, 28), (20, 28)]),))
HALF = PolygonRoi("half", (np.array([(0.0, 0), (256, 0), (256, 120), (0, 120)]),))
OVAL = EllipseRoi("oval", (128.0, 128.0), (127.0, 127.0))


def many_corners(name):
    angles = np.linspace(0, 2 * np.pi, 3000)
    return PolygonRoi(name, (128 + 100 * np.stack([np.cos(angles), np.sin(angles)], axis=1),))


@pytest.mark.parametrize("large", [HALF, OVAL, many_corners("star")], ids=lambda roi: roi.name)
def test_large_rois_share_one_bound_and_small_ones_go_on(large, monkeypatch):
    monkeypatch.setattr(regions, "MOST_OPERATIONS", 8_000_000)
    found = grow_regions([CELL, *[large] * 30, CELL], SHAPE)
    assert isinstance(found[0], CellRegions)
    assert isinstance(found[-1], CellRegions)
    refused = [each for each in found if isinstance(each, DataError)]
    assert refused
    assert all(f"{large.name}: it would take too long, with all ROIs before it" in str(each) for each in refused)


def test_the_bound_grows_with_what_is_asked_for(monkeypatch):
    monkeypatch.setattr(regions, "MOST_OPERATIONS", 120_000)
    cells = [CELL] * 3
    assert all(isinstance(each, CellRegions) for each in grow_regions(cells, SHAPE))
    assert all(isinstance(each, CellRegions) for each in grow_regions(cells, SHAPE, RegionSettings(8, 2.0)))


def test_a_field_of_many_cells_takes_a_small_part_of_the_bound(monkeypatch):
    spent = []
    monkeypatch.setattr(regions, "spend", spent.append)
    rng = np.random.default_rng(1)
    cells = [EllipseRoi(f"{k}", tuple(rng.uniform(20, 490, 2)), (7.5, 7.5)) for k in range(200)]
    grow_regions(cells, (512, 512), RegionSettings(exclude_others=True))
    assert sum(spent) < regions.MOST_OPERATIONS / 50


def test_nothing_is_counted_where_nothing_is_bounded():
    spend(10**12)
    with bounded_effort(10), pytest.raises(DataError):
        spend(11)


def test_pixels_of_all_rois_are_bounded_too(monkeypatch):
    monkeypatch.setattr(regions, "MOST_OPERATIONS", 10_000_000)
    held = []
    own = regions._regions_of
    monkeypatch.setattr(regions, "_regions_of", lambda *arguments: held.append(len(arguments[1])) or own(*arguments))
    grow_regions([HALF] * 200, SHAPE)
    assert sum(held) <= 5_000_000 / 40
