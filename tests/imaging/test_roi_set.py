from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.recording import Truth
from neuropil_gui.imaging import roi_cells, roi_set
from neuropil_gui.imaging.extraction import extract_traces
from neuropil_gui.imaging.movie import join
from neuropil_gui.imaging.neighbourhood import Neighbourhood, box_of
from neuropil_gui.imaging.regions import RegionSettings, grow_regions, regions_of
from neuropil_gui.imaging.roi import EllipseRoi
from neuropil_gui.imaging.roi_cells import EditedMovie, RoiCells
from neuropil_gui.imaging.roi_set import RoiSet
from neuropil_gui.imaging.stack import ArrayStack

SHAPE = (40, 60)


def disc(x, y=20, radius=4, name="cell"):
    return EllipseRoi(name, (x, y), (radius, radius))


def three(**settings):
    return RoiSet.of([disc(x, name=f"cell {x}") for x in (10, 30, 50)], SHAPE, RegionSettings(**settings))


def assert_grown(rois):
    for found, expected in zip(rois.regions, grow_regions(rois.rois, rois.shape, rois.settings), strict=True):
        assert all(map(np.array_equal, found.pixels, expected.pixels))


@pytest.mark.parametrize("exclude", [False, True])
def test_regions_follow_each_edit_as_if_all_were_grown_anew(exclude):
    rois = three(exclude_others=exclude)
    assert_grown(rois)
    rois = rois.changed(1, disc(33, 24))
    assert_grown(rois)
    rois = rois.added(disc(40, 12, 3, "new"))
    assert_grown(rois)
    rois = rois.removed([0])
    assert_grown(rois)
    rois = rois.split(0, (33, 0), (33.5, 40))
    assert_grown(rois)
    rois = rois.merged([0, 2])
    assert_grown(rois)
    assert_grown(rois.with_settings(RegionSettings(2, 2, gap=1)))


@settings(max_examples=15)
@given(st.integers(0, 2**20), st.integers(1, 6), st.floats(0.1, 3.0), st.integers(0, 3))
def test_regions_without_other_cells_follow_edits_among_many_as_if_all_were_grown_anew(seed, regions, expansion, gap):
    rng = np.random.default_rng(seed)

    def some(name):
        return disc(*rng.uniform(2, (SHAPE[1] - 2, SHAPE[0] - 2)), rng.uniform(1, 5), name)

    excluding = RegionSettings(regions, expansion, True, gap)
    try:
        rois = RoiSet.of([some(f"cell {k}") for k in range(8)], SHAPE, excluding)
        for k in range(2):
            rois = rois.changed(int(rng.integers(len(rois))), some("moved")).added(some(f"new {k}"))
            assert_grown(rois)
            rois = rois.removed([int(rng.integers(len(rois)))])
            assert_grown(rois)
    except DataError:
        reject()  # there is no room for a region


def test_one_roi_among_many_is_changed_without_growing_all_anew(monkeypatch):
    far = [disc(10 + 40 * k, name=f"cell {k}") for k in range(20)]
    rois = RoiSet.of(far, (40, 820), RegionSettings(exclude_others=True))
    grown = []

    def note(roi, *rest):
        grown.append(roi.name)
        return regions_of(roi, *rest)

    monkeypatch.setattr(roi_set, "regions_of", note)
    rois = rois.changed(10, disc(411, name="moved"))
    assert "moved" in grown
    assert len(grown) < 6
    assert_grown(rois)


def test_numbers_stay_and_are_never_given_again():
    rois = three()
    assert rois.numbers == (1, 2, 3)
    rois = rois.removed([2]).added(disc(20))
    assert rois.numbers == (1, 2, 4)
    assert rois.next_name() == "ROI 5"
    rois = rois.split(1, (30, 0), (30.25, 40))
    assert rois.numbers == (1, 4, 5, 6)
    assert [roi.name for roi in rois.rois[2:]] == ["ROI 5", "ROI 6"]
    rois = rois.merged([2, 3])
    assert rois.numbers == (1, 4, 7)
    assert rois.changed(0, disc(11)).numbers == (1, 4, 7)
    assert rois.index_of(4) == 1


def test_an_edit_that_cannot_be_made_says_why_and_names_the_roi():
    rois = three()
    with pytest.raises(DataError, match="far: it has no pixel"):
        rois.changed(0, disc(200, name="far"))
    with pytest.raises(DataError, match="One ROI at least"):
        rois.removed(range(3))
    with pytest.raises(DataError, match="Two ROIs at least"):
        rois.merged([1])


def test_only_rois_whose_pixels_changed_have_other_signals():
    rois = three()
    moved = rois.changed(1, disc(33))
    assert rois.same_signals(moved) == {0: 0, 2: 2}
    assert rois.same_signals(rois.removed([0])) == {1: 0, 2: 1}
    excluding = three(exclude_others=True)
    assert excluding.same_signals(excluding.changed(1, disc(19))) == {2: 2}, "its pixels left the regions of the first"


def test_a_box_finds_the_rois_that_it_touches():
    rois = three()
    assert rois.in_box((33, 22), (47, 18)) == [1, 2]
    assert rois.in_box((0, 0), (60, 40)) == [0, 1, 2]
    assert rois.in_box((17, 0), (25, 40)) == []


def test_regions_of_one_by_other_settings_are_those_of_all():
    rois = three()
    for other in (RegionSettings(2, 3), RegionSettings(6, 1, exclude_others=True)):
        expected = rois.with_settings(other).regions[1]
        assert all(map(np.array_equal, rois.regions_with(1, other).pixels, expected.pixels))


class Counting(ArrayStack):
    opened = 0

    def open(self):
        self.opened += 1
        return super().open()


def cells_of(rois, known=True):
    stack = Counting(np.random.default_rng(0).integers(0, 1000, (9, *SHAPE), np.uint16))
    movie = join("movie", [stack])
    source = EditedMovie(lambda: movie, movie.shape)
    cells = RoiCells(source, rois, {})
    if known:
        assert len(list(cells)) == len(rois)
    stack.opened = 0
    return cells, stack


def test_cells_that_are_not_changed_are_not_read_again():
    cells, stack = cells_of(three())
    kept = cells[2]
    changed = cells.with_rois(cells.rois.changed(1, disc(33)).removed([0]))
    assert [header.source_index for header in changed.headers] == [1, 2]
    assert changed[1] is changed.known(1) is kept
    assert stack.opened == 0
    assert changed.known(0) is None
    (expected,) = extract_traces(cells.source.movie, [changed.rois.regions[0]])
    stack.opened = 0
    assert np.array_equal(changed[0].traces, expected)
    assert stack.opened == 1
    assert (changed[0].name, changed[0].signal_names) == ("cell", ("ROI", "np 1", "np 2", "np 3", "np 4"))


def test_an_earlier_shape_of_a_roi_is_remembered_for_a_while(monkeypatch):
    cells, stack = cells_of(three())
    before = cells[1]
    moved = cells.with_rois(cells.rois.changed(1, disc(33)))
    assert moved[1] is not before
    stack.opened = 0
    assert moved.with_rois(cells.rois)[1] is before
    monkeypatch.setattr(roi_cells, "REMEMBERED", moved[1].traces.nbytes)
    third = moved.with_rois(moved.rois.changed(1, disc(34)))
    assert third.known(1) is None
    third[1]
    assert third.with_rois(cells.rois).known(1) is None
    assert third.with_rois(cells.rois, [cells]).known(1) is before


def test_the_truth_of_a_cell_comes_back_with_its_roi():
    cells, _ = cells_of(three(), known=False)
    read = cells.source.cell(cells.rois.regions[1], 2, np.zeros((5, 9)))
    read = replace(read, truth=Truth(np.zeros((1, 9)), np.zeros((5, 1))))
    first = RoiCells(cells.source, cells.rois, {1: read})
    merged = first.with_rois(first.rois.removed([1]))
    assert merged.with_rois(first.rois).known(1) is read
    other_regions = first.with_rois(first.rois.with_settings(RegionSettings(regions=2)))
    assert other_regions.known(1) is None
    assert other_regions.with_rois(first.rois).known(1) is read


def test_all_missing_traces_come_in_one_pass():
    cells, stack = cells_of(three(), known=False)
    assert [len(cell.traces) for cell in cells] == [5, 5, 5]
    assert stack.opened == 1


def test_a_neighbourhood_that_is_at_hand_is_used():
    cells, stack = cells_of(three(), known=False)
    near = Neighbourhood.read(cells.source.movie, box_of(cells.rois.regions[1]))
    cells.source.near.keep(near)
    stack.opened = 0
    found = cells[1].traces
    assert stack.opened == 0
    assert np.array_equal(found, extract_traces(cells.source.movie, [cells.rois.regions[1]])[0])


def test_reading_ends_when_nobody_waits():
    cells, _ = cells_of(three(), known=False)
    cells.stale.set()
    with pytest.raises(Cancelled):
        cells[0]


def test_reading_is_told_of_and_stopped_until_it_may_go_on(monkeypatch):
    monkeypatch.setattr(roi_cells, "QUIET_SECONDS", 0.0)
    cells, _ = cells_of(three(), known=False)
    told = []
    cells.source.watch = lambda of, part: (told.append((of, part)), cells.stopped.set())
    with pytest.raises(DataError, match="that was cancelled"):
        cells[0]
    assert told[0][0] is cells
    assert 0 < told[0][1] <= 1
    assert told[-1] == (cells, None)
    with pytest.raises(DataError, match="that was cancelled"):
        cells[1]
    cells.source.watch = None
    cells.stopped.clear()
    assert np.array_equal(cells[0].traces, extract_traces(cells.source.movie, [cells.rois.regions[0]])[0])


def test_a_movie_that_has_changed_is_told():
    short = join("short", [ArrayStack(np.zeros((4, *SHAPE), np.uint16))])
    cells = RoiCells(EditedMovie(lambda: short, (9, *SHAPE)), three(), {})
    with pytest.raises(DataError, match=r"short has 4 frames.*it has changed"):
        cells[0]
