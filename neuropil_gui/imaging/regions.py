"""Neuropil regions around a ROI, by FISSA's rules, which were read in its `roitools.py` (version 1.0.0)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.imaging.effort import MOST_OPERATIONS, bounded_effort, spend
from neuropil_gui.imaging.pixels import Indices
from neuropil_gui.imaging.roi import PixelRoi, Roi, as_rois

#: Steps of growth beyond those that FISSA takes, where pixels are left out.
_EXTRA_STEPS = 60
_BINS = 20
_Found: TypeAlias = tuple[Roi, tuple[Indices, Indices]]
#: What a pixel of a ROI counts for, so that those of all ROIs of a file take 600 MB at most.
_OPERATIONS_OF_PIXEL = 40
MOST_REGIONS = 64
LABELS = {"regions": "Neuropil regions of a ROI", "expansion": "Area of a region", "gap": "Gap"}
"""Names, in forms and sentences, of those fields of `RegionSettings` that are numbers."""


@dataclass(frozen=True)
class RegionSettings:
    """How neuropil regions are made; the defaults are FISSA's.

    Attributes
    ----------
    regions : int
        Number of regions.
    expansion : float
        Area of each region, as a multiple of the ROI's.
    exclude_others : bool
        Whether pixels of other ROIs are left out of regions.
    gap : int
        Steps of growth around the ROI whose pixels belong to no region.
    weighted : bool
        Whether the ROI's trace is a mean with the weights of its pixels, where it has such.
    """

    regions: int = 4
    expansion: float = 1.0
    exclude_others: bool = False
    gap: int = 0
    weighted: bool = False

    def __post_init__(self) -> None:
        if not 1 <= self.regions <= MOST_REGIONS:
            raise DataError(
                f"{LABELS['regions']} must be a number from 1 to {MOST_REGIONS}, but {self.regions} was found."
            )
        if not 0 < self.expansion <= 100:
            raise DataError(f"{LABELS['expansion']} must be above 0 and at most 100, but {self.expansion:g} was found.")
        if not 0 <= self.gap <= 100:
            raise DataError(f"{LABELS['gap']} must be a number of steps from 0 to 100, but {self.gap} was found.")


@dataclass(frozen=True, eq=False)
class CellRegions:
    """The pixels of a ROI and of the neuropil regions around it.

    Attributes
    ----------
    name : str
    shape : (int, int)
        Rows and columns of the picture.
    pixels : tuple of ndarray of int
        Flat indices of the ROI's pixels, and of those of each region. A region may have none.
    weights : ndarray of float or None
        Of the ROI's pixels, where its trace is a weighted mean.
    """

    name: str
    shape: tuple[int, int]
    pixels: tuple[Indices, ...]
    weights: FloatArray | None = None

    @cached_property
    def extent(self) -> tuple[int, int, int, int]:
        """The first row and column of all pixels, and the last ones."""
        rows, columns = np.divmod(np.concatenate(self.pixels), self.shape[1])
        return int(rows.min()), int(columns.min()), int(rows.max()), int(columns.max())

    @property
    def masks(self) -> NDArray[np.bool_]:
        """Masks of the ROI and its regions, shape (1 + regions, rows, columns)."""
        masks = np.zeros((len(self.pixels), self.shape[0] * self.shape[1]), bool)
        for mask, pixels in zip(masks, self.pixels, strict=True):
            mask[pixels] = True
        return masks.reshape(len(self.pixels), *self.shape)


def grow_regions(
    rois: Sequence[Roi | ArrayLike],
    shape: tuple[int, int],
    settings: RegionSettings | None = None,
    progress: Callable[[float], object] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> list[CellRegions | DataError]:
    """Grow neuropil regions around each ROI.

    The ROI grows in steps, to its edge neighbours and to its diagonal ones in turn, until `regions` times `expansion`
    times its area has been added; what was added is split into regions by the angle around the ROI's centre.

    Parameters
    ----------
    rois : sequence
        ROIs, arrays of corners (x, y), or masks of bool.
    shape : (int, int)
        Rows and columns of the picture.
    settings : RegionSettings, optional
        FISSA's by default.
    progress : callable, optional
        Takes the part that is done, from 0 to 1.
    should_stop : callable, optional
        Returns whether to stop; asked before each ROI.

    Returns
    -------
    list of CellRegions or DataError
        In the order of the ROIs. A ROI whose regions cannot be made has the error, which names it, in its place.

    Raises
    ------
    Cancelled
        When `should_stop` says so.
    """
    settings = settings or RegionSettings()
    covered = np.zeros(shape, np.int32)
    with bounded_effort(MOST_OPERATIONS // 2):
        found = _found(as_rois(rois), shape, covered)
    # Larger regions, and those that are free of other ROIs, take more steps of growth.
    more = max(1.0, settings.regions * settings.expansion / 4) * (4 if settings.exclude_others else 1)
    with bounded_effort(int(MOST_OPERATIONS * more / 2)):
        return _grown(found, shape, settings, covered, progress, should_stop)


def _found(rois: Sequence[Roi], shape: tuple[int, int], covered: NDArray[np.int32]) -> list[_Found | DataError]:
    """Return the pixels of each ROI, or the error in its place; count in `covered` to how many ROIs a pixel belongs."""
    found: list[_Found | DataError] = []
    for roi in rois:
        try:
            spend(0)
            rows, columns = roi.pixels(shape)
            if not len(rows):
                raise DataError(f"it has no pixel in a picture of {shape[1]} x {shape[0]}.")
            spend(_OPERATIONS_OF_PIXEL * len(rows))
        except DataError as error:
            found.append(DataError(f"{roi.name}: {error}"))
            continue
        found.append((roi, (rows, columns)))
        covered[rows, columns] += 1
    return found


def _grown(
    found: Sequence[_Found | DataError],
    shape: tuple[int, int],
    settings: RegionSettings,
    covered: NDArray[np.int32],
    progress: Callable[[float], object] | None,
    should_stop: Callable[[], bool] | None,
) -> list[CellRegions | DataError]:
    """Return the regions of each ROI, or the error in its place."""
    grown: dict[int, CellRegions | DataError] = {}
    # The smallest first: large ones, whose growth takes long, leave them their share of the bound.
    for place in sorted(range(len(found)), key=lambda place: _area(found[place])):
        if should_stop is not None and should_stop():
            raise Cancelled
        if progress is not None:
            progress(len(grown) / len(found))
        each = found[place]
        if isinstance(each, DataError):
            grown[place] = each
            continue
        roi, (rows, columns) = each
        covered[rows, columns] -= 1  # what is left are the other ROIs
        try:
            grown[place] = _regions_of(roi, rows, columns, shape, settings, covered)
        except DataError as error:
            grown[place] = DataError(f"{roi.name}: {error}")
        covered[rows, columns] += 1
    return [grown[place] for place in range(len(found))]


def _area(found: _Found | DataError) -> int:
    return 0 if isinstance(found, DataError) else len(found[1][0])


def count_rois(rois: Sequence[Roi], shape: tuple[int, int]) -> NDArray[np.int32]:
    """Return the number of ROIs that each pixel belongs to; those without a pixel that can be found are left out.

    Parameters
    ----------
    rois : sequence of Roi
    shape : (int, int)
        Rows and columns of the picture.

    Returns
    -------
    ndarray of int, of this shape
    """
    counts = np.zeros(shape, np.int32)
    for roi in rois:
        try:
            counts[roi.pixels(shape)] += 1
        except DataError:
            continue  # growing its regions says why
    return counts


def regions_of(roi: Roi, shape: tuple[int, int], settings: RegionSettings, others: NDArray[np.int32]) -> CellRegions:
    """Return the regions that `grow_regions` makes of one ROI.

    Parameters
    ----------
    roi : Roi
    shape : (int, int)
        Rows and columns of the picture.
    settings : RegionSettings
    others : ndarray of int, of the picture's shape
        The number of other ROIs that each pixel belongs to; `settings` say whether it matters.

    Raises
    ------
    DataError
        When they cannot be made; it names the ROI.
    """
    try:
        rows, columns = roi.pixels(shape)
        if not len(rows):
            raise DataError(f"it has no pixel in a picture of {shape[1]} x {shape[0]}.")
        return _regions_of(roi, rows, columns, shape, settings, others)
    except DataError as error:
        raise DataError(f"{roi.name}: {error}") from error


def _regions_of(
    roi: Roi,
    rows: Indices,
    columns: Indices,
    shape: tuple[int, int],
    settings: RegionSettings,
    others: NDArray[np.int32],
) -> CellRegions:
    ring = _ring(rows, columns, shape, settings, others if settings.exclude_others else None)
    if not len(ring[0]):
        raise DataError("no pixel is left for neuropil regions.")
    middle = float(np.mean(rows)), float(np.mean(columns))
    regions = _split(*ring, middle, settings.regions, min(_BINS, shape[0]))
    weights = None
    if settings.weighted and isinstance(roi, PixelRoi):
        weights = roi.weights_in(shape)
        if weights is not None and not (np.isfinite(weights).all() and weights.sum() > 0):
            raise DataError("its weights have no positive sum.")
    return CellRegions(roi.name, shape, (rows * shape[1] + columns, *(r * shape[1] + c for r, c in regions)), weights)


def _ring(
    rows: Indices,
    columns: Indices,
    shape: tuple[int, int],
    settings: RegionSettings,
    others: NDArray[np.int32] | None,
) -> tuple[Indices, Indices]:
    """Return rows and columns of what growth adds to the pixels of a ROI."""
    area = len(rows)
    radius = np.sqrt(area / np.pi)
    target = settings.regions * settings.expansion * area
    margin = int((np.sqrt((area + target) / np.pi) - radius) * 1.5) + 4 + settings.gap
    while True:
        top, left = max(int(rows.min()) - margin, 0), max(int(columns.min()) - margin, 0)
        bottom, right = min(int(rows.max()) + 1 + margin, shape[0]), min(int(columns.max()) + 1 + margin, shape[1])
        cell = np.zeros((bottom - top, right - left), bool)
        cell[rows - top, columns - left] = True
        banned = None if others is None else others[top:bottom, left:right] > 0
        steps = margin if (bottom - top, right - left) != shape else shape[0] + shape[1]
        ring = _grow(cell, target, shape[0] * shape[1], steps, settings.gap, banned)
        if ring is not None:
            found = np.nonzero(ring)
            return found[0] + top, found[1] + left
        margin *= 2


def _grow(
    cell: NDArray[np.bool_], target: float, total: int, most: int, gap: int, banned: NDArray[np.bool_] | None
) -> NDArray[np.bool_] | None:
    """Grow a mask until enough pixels are added; None where that takes more than `most` steps.

    Parameters
    ----------
    cell : ndarray of bool
        The part of the picture around the ROI that `most` steps can reach.
    target : float
        Pixels to add.
    total : int
        Pixels of the whole picture.
    most : int
    gap : int
        First steps whose pixels do not count.
    banned : ndarray of bool or None
        Pixels that do not count.
    """
    area = int(cell.sum())
    out = cell if banned is None else cell | banned
    grown, step, extra = cell, 0, 0
    ring = np.zeros_like(cell)
    added = 0
    while added < target and added < total - area and extra <= _EXTRA_STEPS:
        if step == most:
            covers = cell.size == total
            return ring if covers else None
        spend(cell.size)
        before = grown
        grown = before.copy()
        if step % 2 == 0:
            grown[1:] |= before[:-1]
            grown[:-1] |= before[1:]
            grown[:, 1:] |= before[:, :-1]
            grown[:, :-1] |= before[:, 1:]
        else:
            grown[1:, 1:] |= before[:-1, :-1]
            grown[1:, :-1] |= before[:-1, 1:]
            grown[:-1, 1:] |= before[1:, :-1]
            grown[:-1, :-1] |= before[1:, 1:]
        step += 1
        if step <= gap:
            out = out | grown
        ring = grown & ~out
        added = int(ring.sum())
        if int(grown.sum()) - area >= target:
            extra += 1  # FISSA would have ended here
    return ring


def _split(
    rows: Indices, columns: Indices, middle: tuple[float, float], count: int, bins: int
) -> list[tuple[Indices, Indices]]:
    """Split pixels into regions of equal numbers by their angle around a point, from the emptiest direction on."""
    angle = np.arctan2(rows - middle[0], columns - middle[1])
    in_bin, edges = np.histogram(angle, bins=np.linspace(-np.pi, np.pi, bins + 1))
    offset = edges[np.argmin(in_bin)] + np.pi / bins
    angle = (angle - offset) % (2 * np.pi) - np.pi
    bounds = np.percentile(angle, [100.0 * (index + 1) / count for index in range(count)])
    region = np.searchsorted(bounds, angle, side="left")
    return [(rows[region == index], columns[region == index]) for index in range(count)]
