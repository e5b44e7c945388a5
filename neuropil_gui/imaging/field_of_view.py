"""The field of view: pictures, and which pixels belong to each cell and to the regions around it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import default_signal_names
from neuropil_gui.imaging.movie import Movie
from neuropil_gui.imaging.pictures import Picture
from neuropil_gui.imaging.pixels import Indices
from neuropil_gui.imaging.regions import CellRegions, RegionSettings, grow_regions
from neuropil_gui.imaging.roi import PixelRoi, PolygonRoi, Roi
from neuropil_gui.imaging.roi_set import RoiSet

MOSTLY = 0.5
"""Share of another cell above which a region is mostly that cell."""


@dataclass(frozen=True, eq=False)
class FieldCell:
    """A cell in the field of view.

    Attributes
    ----------
    roi : Roi
        As it was read.
    regions : CellRegions
        The pixels of the ROI and of each region around it, which may have none.
    signal_names : tuple of str
        One for each of `regions.pixels`.
    """

    roi: Roi
    regions: CellRegions
    signal_names: tuple[str, ...]

    @property
    def signals(self) -> list[tuple[str, Indices]]:
        """The name and pixels of each signal, in the order of the cell's traces: regions without a pixel have none."""
        return [
            (name, pixels) for name, pixels in zip(self.signal_names, self.regions.pixels, strict=True) if len(pixels)
        ]


@dataclass(frozen=True)
class RegionFacts:
    """What there is to know of a ROI or a region around it.

    Attributes
    ----------
    name : str
    pixels : int
    others : float
        Share of its pixels that belong to other cells; NaN where it has none.
    most : int or None
        Index of the cell that most of these belong to.
    beyond : float
        Share of it that would lie beyond the picture, were the picture larger; NaN where that is not known.
    """

    name: str
    pixels: int
    others: float
    most: int | None
    beyond: float

    @property
    def doubtful(self) -> bool:
        """Whether it is mostly another cell."""
        return self.others >= MOSTLY


@dataclass(frozen=True, eq=False)
class FieldOfView:
    """Pictures of what was imaged, and the cells in it.

    Attributes
    ----------
    name : str
    shape : (int, int)
        Rows and columns.
    cells : mapping of int to FieldCell
        By the cell's index in the recording.
    pictures : mapping of str to ndarray of float32, shape (rows, columns)
        Those that are known without reading the movie; NaN where a picture does not reach.
    movie : Movie or None
        None where it is not at hand.
    rois : RoiSet or None
        The ROIs with the settings by which their regions were grown; None where the source made them.
    notes : tuple of str
        What is missing, and why, in sentences.
    """

    name: str
    shape: tuple[int, int]
    cells: Mapping[int, FieldCell]
    pictures: Mapping[str, Picture] = field(default_factory=dict)
    movie: Movie | None = None
    rois: RoiSet | None = None
    notes: tuple[str, ...] = ()

    @classmethod
    def of_rois(cls, name: str, rois: RoiSet, movie: Movie | None = None) -> "FieldOfView":
        """Return the field of view of a movie.

        Parameters
        ----------
        name : str
        rois : RoiSet
            Of which each is a cell.
        movie : Movie, optional
        """
        notes = movie.notes if movie is not None else ()
        return cls(name, rois.shape, _cells_of(rois), movie=movie, rois=rois, notes=notes)

    def with_rois(self, rois: RoiSet) -> "FieldOfView":
        """Return the same field of view with other ROIs.

        Parameters
        ----------
        rois : RoiSet
        """
        return replace(self, cells=_cells_of(rois), rois=rois)

    @property
    def settings(self) -> RegionSettings | None:
        """How the regions were grown; None where the source made them."""
        return self.rois.settings if self.rois is not None else None

    @cached_property
    def covered(self) -> NDArray[np.int32]:
        """How many cells each pixel belongs to, shape (rows, columns)."""
        covered = np.zeros(self.shape, np.int32)
        for cell in self.cells.values():
            covered.reshape(-1)[cell.regions.pixels[0]] += 1
        return covered

    @cached_property
    def labels(self) -> NDArray[np.int32]:
        """The index of the cell that each pixel belongs to, the smallest of several; -1 for none."""
        labels = np.full(self.shape, -1, np.int32)
        for index, cell in sorted(self.cells.items(), key=lambda each: -len(each[1].regions.pixels[0])):
            labels.reshape(-1)[cell.regions.pixels[0]] = index
        return labels

    def cell_at(self, x: float, y: float) -> int | None:
        """Return the index of the cell at a place in ImageJ's coordinates, None for none.

        Parameters
        ----------
        x, y : float
        """
        row, column = int(np.floor(y)), int(np.floor(x))
        if not (0 <= row < self.shape[0] and 0 <= column < self.shape[1]):
            return None
        label = int(self.labels[row, column])
        return label if label >= 0 else None

    def signal_at(self, index: int, x: float, y: float) -> int | None:
        """Return the row of the signal of a cell that a place belongs to, None for none.

        Parameters
        ----------
        index : int
            Of the cell.
        x, y : float
            In ImageJ's coordinates.
        """
        row, column = int(np.floor(y)), int(np.floor(x))
        cell = self.cells.get(index)
        if cell is None or not (0 <= row < self.shape[0] and 0 <= column < self.shape[1]):
            return None
        place = row * self.shape[1] + column
        return next((k for k, (_, pixels) in enumerate(cell.signals) if (pixels == place).any()), None)

    def facts(self, index: int) -> list[RegionFacts]:
        """Return what there is to know of a cell's ROI and of each region, those without a pixel too.

        Parameters
        ----------
        index : int
            Of the cell.
        """
        cell = self.cells[index]
        labels = self.labels.reshape(-1)
        found, beyond = [], self._beyond(cell)
        for row, (name, pixels) in enumerate(zip(cell.signal_names, cell.regions.pixels, strict=True)):
            named = labels[pixels]
            named = named[(named >= 0) & (named != index)]
            most = int(np.bincount(named).argmax()) if len(named) else None
            found.append(RegionFacts(name, len(pixels), self._others(pixels, row), most, beyond[row]))
        return found

    @cached_property
    def greatest_shares(self) -> dict[int, float]:
        """The greatest share of other cells in any region of a cell, by its index; only of those with regions."""
        regions = [
            (index, pixels) for index, cell in self.cells.items() for pixels in cell.regions.pixels[1:] if len(pixels)
        ]
        if not regions:
            return {}
        # All at once: one by one they take 100 ms of 1,000 cells. A region has no pixel of its own cell.
        sizes = np.array([len(pixels) for _, pixels in regions])
        covered = self.covered.reshape(-1)[np.concatenate([pixels for _, pixels in regions])] > 0
        counts = np.add.reduceat(covered, np.cumsum(sizes) - sizes, dtype=np.int64)
        greatest: dict[int, float] = {}
        for (index, _), share in zip(regions, (counts / sizes).tolist(), strict=True):
            greatest[index] = max(share, greatest.get(index, 0.0))
        return greatest

    @property
    def doubtful(self) -> tuple[int, ...]:
        """Indices of the cells that have a region that is mostly another cell."""
        return tuple(index for index, share in self.greatest_shares.items() if share >= MOSTLY)

    def _others(self, pixels: Indices, row: int) -> float:
        """Return the share of the pixels of a ROI (row 0) or a region that belong to other cells."""
        if not len(pixels):
            return float("nan")
        # A region has no pixel of its own cell.
        return float((self.covered.reshape(-1)[pixels] > int(row == 0)).mean())

    def _beyond(self, cell: FieldCell) -> list[float]:
        """Return the share of each of a cell's pixels that would lie beyond the picture."""
        regions = cell.regions.pixels[1:]
        inside = len(cell.regions.pixels[0]) and _is_within(cell.roi, self.shape)
        roi = 0.0 if inside else _beyond_of_roi(cell.roi, self.shape)
        rows, columns = self.shape
        if self.settings is None:
            return [roi, *(float("nan") for _ in regions)]
        ring = np.concatenate(regions)
        row, column = ring // columns, ring % columns
        if not ((row == 0) | (row == rows - 1) | (column == 0) | (column == columns - 1)).any():
            return [roi, *(0.0 for _ in regions)]
        return [roi, *self._beyond_of_regions(cell, regions)]

    def _beyond_of_regions(self, cell: FieldCell, regions: tuple[Indices, ...]) -> list[float]:
        """Grow the ring in a larger picture, and give what lies beyond to the region in the same direction."""
        settings = self.settings
        assert settings is not None
        rows, columns = self.shape
        own = cell.regions.pixels[0]
        edge = int(np.sqrt(len(own) * (1 + settings.regions * settings.expansion))) + settings.gap + 8
        shifted = PixelRoi("", own // columns + edge, own % columns + edge)
        larger = rows + 2 * edge, columns + 2 * edge
        whole = RegionSettings(1, min(settings.regions * settings.expansion, 100), gap=settings.gap)
        (grown,) = grow_regions([shifted], larger, whole)
        if isinstance(grown, DataError):
            return [float("nan") for _ in regions]
        y, x = grown.pixels[1] // larger[1] - edge, grown.pixels[1] % larger[1] - edge
        outside = (y < 0) | (y >= rows) | (x < 0) | (x >= columns)
        middle = float((own // columns).mean()), float((own % columns).mean())
        angle = np.arctan2(y - middle[0], x - middle[1])
        known = np.concatenate(regions)
        region = np.repeat(np.arange(len(regions)), [len(each) for each in regions])
        known_angle = np.arctan2(known // columns - middle[0], known % columns - middle[1])
        order = np.argsort(known_angle, kind="stable")
        around = np.concatenate([known_angle[order] - 2 * np.pi, known_angle[order], known_angle[order] + 2 * np.pi])
        at = np.searchsorted(around, angle).clip(1, len(around) - 1)
        nearest = np.where(angle - around[at - 1] <= around[at] - angle, at - 1, at) % len(known)
        of = region[order][nearest]
        total = np.bincount(of, minlength=len(regions))
        beyond = np.bincount(of[outside], minlength=len(regions))
        return [float(b / t) if t else float("nan") for b, t in zip(beyond, total, strict=True)]


def _cells_of(rois: RoiSet) -> dict[int, FieldCell]:
    return {
        index: FieldCell(roi, regions, default_signal_names(len(regions.pixels)))
        for index, (roi, regions) in enumerate(zip(rois.rois, rois.regions, strict=True))
    }


def _beyond_of_roi(roi: Roi, shape: tuple[int, int]) -> float:
    """Return the share of a ROI's pixels that lie beyond the picture."""
    rows, columns = _all_pixels(roi, shape)
    inside = (rows >= 0) & (rows < shape[0]) & (columns >= 0) & (columns < shape[1])
    return float(1 - inside.mean()) if len(inside) else float("nan")


def _is_within(roi: Roi, shape: tuple[int, int]) -> bool:
    """Return whether no part of a ROI with corners or an edge can lie beyond the picture."""
    if isinstance(roi, PixelRoi):
        return False
    if isinstance(roi, PolygonRoi):
        places = np.concatenate(roi.paths)
    else:
        centre, reach = np.array(roi.centre), max(roi.radii)
        places = np.stack((centre - reach, centre + reach))
    return bool((places >= 0).all() and (places <= (shape[1], shape[0])).all())


def _all_pixels(roi: Roi, shape: tuple[int, int]) -> tuple[Indices, Indices]:
    """Return rows and columns of a ROI's pixels, those beyond the picture too."""
    if isinstance(roi, PixelRoi):
        return roi.rows, roi.columns
    edge = max(shape)
    larger = shape[0] + 2 * edge, shape[1] + 2 * edge
    if isinstance(roi, PolygonRoi):
        rows, columns = replace(roi, paths=tuple(path + edge for path in roi.paths)).pixels(larger)
    else:
        rows, columns = replace(roi, centre=(roi.centre[0] + edge, roi.centre[1] + edge)).pixels(larger)
    return rows - edge, columns - edge
