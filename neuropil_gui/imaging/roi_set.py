"""The ROIs of a field of view with their numbers and regions, as an immutable value, and what edits make of it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import DataError
from neuropil_gui.imaging import roi_edits
from neuropil_gui.imaging.pixels import Indices
from neuropil_gui.imaging.regions import CellRegions, RegionSettings, count_rois, grow_regions, regions_of
from neuropil_gui.imaging.roi import Roi


@dataclass(frozen=True, eq=False)
class RoiSet:
    """ROIs, each with a number that it keeps, and the neuropil regions around them.

    Attributes
    ----------
    shape : (int, int)
        Rows and columns of the picture.
    rois : tuple of Roi
        One for each cell, in the order of the cells.
    numbers : tuple of int
        Of each ROI, from 1; a number that was used is never given again.
    regions : tuple of CellRegions
    settings : RegionSettings
    last : int
        The highest number that was ever given.
    """

    shape: tuple[int, int]
    rois: tuple[Roi, ...]
    numbers: tuple[int, ...]
    regions: tuple[CellRegions, ...]
    settings: RegionSettings
    last: int

    @classmethod
    def of(
        cls,
        rois: Sequence[Roi],
        shape: tuple[int, int],
        settings: RegionSettings,
        numbers: Sequence[int] | None = None,
        last: int = 0,
        progress: Callable[[float], object] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> "RoiSet":
        """Grow the regions of ROIs.

        Parameters
        ----------
        rois : sequence of Roi
        shape : (int, int)
            Rows and columns of the picture.
        settings : RegionSettings
        numbers : sequence of int, optional
            From 1 on by default.
        last : int, optional
            The highest number that was ever given, if it is none of these.
        progress : callable, optional
            Takes the part that is done, from 0 to 1.
        should_stop : callable, optional
            Returns whether to stop.

        Raises
        ------
        DataError
            When the regions of one cannot be made; it names the ROI.
        Cancelled
            When `should_stop` says so.
        """
        numbers = tuple(range(1, len(rois) + 1) if numbers is None else numbers)
        grown = grow_regions(rois, shape, settings, progress, should_stop)
        regions = tuple(_grown(each) for each in grown)
        return cls(shape, tuple(rois), numbers, regions, settings, max(last, *numbers) if numbers else last)

    def __len__(self) -> int:
        return len(self.rois)

    def index_of(self, number: int) -> int:
        """Return the place of the ROI with a number; raise a ValueError where there is none."""
        return self.numbers.index(number)

    def next_name(self, further: int = 1) -> str:
        """Return the name of the next ROI that is added, or of one after it."""
        return f"ROI {self.last + further}"

    def added(self, *rois: Roi) -> "RoiSet":
        """Return the set with further ROIs at its end; raise a DataError where their regions cannot be made."""
        numbers = range(self.last + 1, self.last + 1 + len(rois))
        return self._with([*self.rois, *rois], [*self.numbers, *numbers])

    def removed(self, indices: Iterable[int]) -> "RoiSet":
        """Return the set without the ROIs at these places; raise a DataError where none would be left."""
        gone = set(indices)
        kept = [index for index in range(len(self)) if index not in gone]
        if not kept:
            raise DataError("One ROI at least has to stay.")
        return self._with([self.rois[each] for each in kept], [self.numbers[each] for each in kept])

    def changed(self, index: int, roi: Roi) -> "RoiSet":
        """Return the set with another shape of the ROI at a place; raise a DataError where it has no regions."""
        rois = [*self.rois]
        rois[index] = roi
        return self._with(rois, self.numbers)

    def split(self, index: int, start: tuple[float, float], end: tuple[float, float]) -> "RoiSet":
        """Return the set with the two parts of a ROI, which are new ones, in place of it."""
        names = self.next_name(), self.next_name(2)
        parts = roi_edits.split(self.rois[index], start, end, names, self.shape)
        return self._replaced([index], parts)

    def merged(self, indices: Sequence[int]) -> "RoiSet":
        """Return the set with a new ROI of all pixels of some, in place of them."""
        roi = roi_edits.merged([self.rois[index] for index in indices], self.next_name(), self.shape)
        return self._replaced(indices, [roi])

    def with_settings(
        self,
        settings: RegionSettings,
        progress: Callable[[float], object] | None = None,
        should_stop: Callable[[], bool] | None = None,
    ) -> "RoiSet":
        """Return the set with regions that are made otherwise; raise a DataError where one cannot be made.

        `progress` and `should_stop` are as in `of`.
        """
        if settings == self.settings:
            return self
        return RoiSet.of(self.rois, self.shape, settings, self.numbers, self.last, progress, should_stop)

    def regions_with(self, index: int, settings: RegionSettings) -> CellRegions:
        """Return the regions of one ROI as other settings would make them."""
        others = [roi for place, roi in enumerate(self.rois) if place != index] if settings.exclude_others else []
        return regions_of(self.rois[index], self.shape, settings, count_rois(others, self.shape))

    def in_box(self, start: tuple[float, float], end: tuple[float, float]) -> list[int]:
        """Return the places of the ROIs that have a pixel in a box, by two of its corners (x, y)."""
        (left, right), (top, bottom) = sorted((start[0], end[0])), sorted((start[1], end[1]))
        found = []
        for index, each in enumerate(self.regions):
            rows, columns = np.divmod(each.pixels[0], self.shape[1])
            if ((columns + 1 > left) & (columns < right) & (rows + 1 > top) & (rows < bottom)).any():
                found.append(index)
        return found

    def same_signals(self, other: "RoiSet") -> Mapping[int, int]:
        """Return the place in another set of each ROI that has the same number and pixels there, by its place here."""
        places = {number: place for place, number in enumerate(other.numbers)}
        return {
            index: places[number]
            for index, number in enumerate(self.numbers)
            if number in places and _equal(self.regions[index], other.regions[places[number]])
        }

    def _replaced(self, indices: Sequence[int], rois: Sequence[Roi]) -> "RoiSet":
        kept = [index for index in range(len(self)) if index not in set(indices)]
        numbers = [*(self.numbers[each] for each in kept), *range(self.last + 1, self.last + 1 + len(rois))]
        return self._with([*(self.rois[each] for each in kept), *rois], numbers)

    def _with(self, rois: Sequence[Roi], numbers: Sequence[int]) -> "RoiSet":
        """Return a set of these ROIs; regions that cannot have changed are not grown again."""
        before = {
            (number, id(roi)): each for number, roi, each in zip(self.numbers, self.rois, self.regions, strict=True)
        }
        known = [before.get((number, id(roi))) for number, roi in zip(numbers, rois, strict=True)]
        covered = np.zeros(self.shape, np.int32)
        stays = [each is not None for each in known]
        if self.settings.exclude_others:
            covered = _count([each.pixels[0] for each in known if each is not None], self.shape)
            covered += count_rois([roi for roi, each in zip(rois, known, strict=True) if each is None], self.shape)
            changed = np.nonzero((covered > 0) != (_count([each.pixels[0] for each in self.regions], self.shape) > 0))
            stays = [each is not None and not self._may_reach(each, *changed) for each in known]
        regions = []
        for roi, each, same in zip(rois, known, stays, strict=True):
            if each is None or not same:
                grown = self._grow_among(roi, covered)
                each = each if each is not None and _equal(each, grown) else grown
            regions.append(each)
        last = max(self.last, *numbers)
        return RoiSet(self.shape, tuple(rois), tuple(numbers), tuple(regions), self.settings, last)

    def _may_reach(self, cell: CellRegions, rows: Indices, columns: Indices) -> bool:
        """Return whether the growth of a ROI may have come to one of some pixels."""
        if not len(rows):
            return False
        if sum(map(len, cell.pixels[1:])) < self.settings.regions * self.settings.expansion * len(cell.pixels[0]):
            return True  # it went on as far as it could
        top, left, bottom, right = cell.extent
        # The last pixel was reached at the last step, and k steps reach further than k / 1.5 pixels to all sides.
        steps = 1.5 * max(bottom - top, right - left) + 4
        near = (rows >= top - steps) & (rows <= bottom + steps)
        return bool((near & (columns >= left - steps) & (columns <= right + steps)).any())

    def _grow_among(self, roi: Roi, covered: NDArray[np.int32]) -> CellRegions:
        """Return the regions of a ROI, where `covered` says how many ROIs each pixel belongs to, it included."""
        own = (np.zeros(0, np.intp), np.zeros(0, np.intp))
        if self.settings.exclude_others:
            with suppress(DataError):  # growing says why
                own = roi.pixels(self.shape)
        covered[own] -= 1
        try:
            return regions_of(roi, self.shape, self.settings, covered)
        finally:
            covered[own] += 1


def _count(rois: Iterable[Indices], shape: tuple[int, int]) -> NDArray[np.int32]:
    """Return to how many ROIs, of flat indices, each pixel belongs."""
    counts = np.zeros(shape, np.int32)
    for pixels in rois:
        counts.reshape(-1)[pixels] += 1
    return counts


def _grown(found: CellRegions | DataError) -> CellRegions:
    if isinstance(found, DataError):
        raise found
    return found


def _equal(one: CellRegions, other: CellRegions) -> bool:
    if one is other:
        return True
    pixels = len(one.pixels) == len(other.pixels) and all(map(np.array_equal, one.pixels, other.pixels))
    if not pixels or (one.weights is None) != (other.weights is None):
        return False
    return one.weights is None or np.array_equal(one.weights, np.asarray(other.weights))
