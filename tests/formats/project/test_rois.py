from pathlib import Path

import numpy as np
import pytest

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.project.packing import pack, unpack
from neuropil_gui.formats.project.rois import pack_rois, unpack_rois
from neuropil_gui.imaging.regions import RegionSettings
from neuropil_gui.imaging.roi import EllipseRoi, PixelRoi, PolygonRoi
from neuropil_gui.imaging.roi_set import RoiSet

SHAPE = (40, 60)
PATH = Path("some.project")


def rois():
    square = np.array([(5.25, 5), (15, 5.0625), (15, 15), (5, 15)])
    hole = np.array([(8.0, 8), (11, 8), (11, 11)])
    made = RoiSet.of(
        [
            PolygonRoi("square", (square, hole)),
            EllipseRoi("oval", (30.5, 20.0), (5.5, 4.0), 0.3, closed=False),
            PixelRoi("weighted", np.array([30, 30, 31]), np.array([50, 51, 50]), np.array([0.1, 2.5, 1 / 3])),
            PixelRoi("pixels", np.array([3, 4]), np.array([40, 40])),
        ],
        SHAPE,
        RegionSettings(3, 1.5, exclude_others=True, gap=1, weighted=True),
    )
    return made.removed([3]).added(EllipseRoi("new", (12.0, 30.0), (4.0, 4.0)))


def test_rois_come_back_with_numbers_settings_and_regions():
    before = rois()
    kept = unpack_rois(pack_rois(before, frozenset({1, 3})), PATH)
    after = kept.rois
    assert kept.as_read == {1, 3}
    assert (after.shape, after.numbers, after.last, after.settings) == (SHAPE, (1, 2, 3, 5), 5, before.settings)
    assert [roi.name for roi in after.rois] == ["square", "oval", "weighted", "new"]
    assert before.same_signals(after) == {0: 0, 1: 1, 2: 2, 3: 3}
    assert after.rois[1] == before.rois[1]
    assert np.array_equal(after.rois[2].weights, before.rois[2].weights)
    assert after.added(EllipseRoi("next", (50.0, 8.0), (3.0, 3.0))).numbers[-1] == 6


def changed(change):
    facts, arrays = unpack(pack_rois(rois(), frozenset()))
    arrays = dict(arrays)
    change(facts, arrays)
    return pack(facts, arrays)


@pytest.mark.parametrize(
    "change",
    [
        lambda facts, arrays: facts.pop("rois"),
        lambda facts, arrays: facts.update(rois=[]),
        lambda facts, arrays: facts.update(shape=[40]),
        lambda facts, arrays: facts.update(shape=[40, 10**9]),
        lambda facts, arrays: facts.update(settings={"regions": 0}),
        lambda facts, arrays: facts.update(settings={"rings": 4}),
        lambda facts, arrays: facts["rois"][1].update(number=1),
        lambda facts, arrays: facts["rois"][0].update(number=True),
        lambda facts, arrays: facts["rois"][0].update(kind="star"),
        lambda facts, arrays: facts["rois"][0].update(paths=3),
        lambda facts, arrays: facts["rois"][1].update(radii=[1]),
        lambda facts, arrays: facts["rois"][1].update(centre=[500, 500]),
        lambda facts, arrays: facts["rois"][1].update(radii=["nan", 2]),
        lambda facts, arrays: arrays.update({"1/0": np.zeros((4, 3))}),
        lambda facts, arrays: arrays.update({"1/1": np.zeros((2, 2))}),
        lambda facts, arrays: arrays.update({"3/rows": np.zeros((3, 1), int)}),
        lambda facts, arrays: arrays.update({"3/rows": np.zeros(3)}),
        lambda facts, arrays: arrays.update({"3/weights": np.ones(2)}),
        lambda facts, arrays: facts.update(as_read="all"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(change):
    with pytest.raises(DataError, match=r"\w+ .*\."):
        unpack_rois(changed(change), PATH)
