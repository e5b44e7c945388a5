"""Series: a row of a pyramid at regular times, with scale and shift."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.drawing.pyramid import Pyramid


@dataclass(frozen=True, eq=False)
class Series:
    """A row of a pyramid: value k lies at `start` + k * `spacing` and is drawn as value * `scale` + `shift`.

    A value that stands for several frames belongs at their middle: 20 frames of 0.1 s each have a spacing of 2.0 and
    start at 0.95.

    Parameters
    ----------
    pyramid : Pyramid
    row : int, optional
    start, spacing : float, optional
        In the unit of the time axis.
    scale, shift : float, optional
    """

    pyramid: Pyramid
    row: int = 0
    start: float = 0.0
    spacing: float = 1.0
    scale: float = 1.0
    shift: float = 0.0

    @classmethod
    def of_bins(cls, pyramid: Pyramid, row: int, step: float, frames: int) -> "Series":
        """Return a series of values that stand for several frames each.

        Parameters
        ----------
        pyramid : Pyramid
        row : int
        step : float
            Time of a frame.
        frames : int
            Frames of a value.

        Returns
        -------
        Series
        """
        return cls(pyramid, row, (frames - 1) / 2 * step, frames * step)

    @property
    def recorded(self) -> FloatArray:
        """The values without scale and shift: not a copy."""
        values: FloatArray = self.pyramid.values[self.row]
        return values

    @property
    def values(self) -> FloatArray:
        """All values, which are copied where there is a scale or a shift."""
        return self.recorded if (self.scale, self.shift) == (1.0, 0.0) else self.scale * self.recorded + self.shift

    @property
    def extent(self) -> tuple[float, float]:
        """The first and the last time."""
        return self.start, self.start + self.spacing * (self.pyramid.frames - 1)

    @property
    def times(self) -> FloatArray:
        """The times of all values."""
        times: FloatArray = self.start + self.spacing * np.arange(self.pyramid.frames, dtype=np.float64)
        return times

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the greatest finite value, NaN where there is none."""
        return self._moved(*self.pyramid.limits[self.row])

    def moved(self, scale: float, shift: float) -> "Series":
        """Return the same trace, times `scale` plus `shift`."""
        return replace(self, scale=self.scale * scale, shift=self.shift * scale + shift)

    def values_at(self, times: ArrayLike) -> FloatArray:
        """Return the value nearest to each time; beyond the ends the first or the last."""
        places = np.rint((np.asarray(times) - self.start) / self.spacing)
        values = self.recorded[places.clip(0, self.pyramid.frames - 1).astype(np.intp)]
        return self.scale * values + self.shift

    def limits_between(self, start: float, end: float) -> tuple[float, float]:
        """Return the least and the greatest finite value between two times.

        Parameters
        ----------
        start, end : float
            In the unit of the time axis.

        Returns
        -------
        low, high : float
            NaN where there is no finite value.
        """
        first, last = ((time - self.start) / self.spacing for time in (start, end))
        return self._moved(*self.pyramid.limits_between(self.row, first, last))

    def columns(self, first: float, width: float, count: int) -> FloatArray:
        """Return the range of the trace in each column of pixels.

        Parameters
        ----------
        first : float
            Time at which the first column begins.
        width : float
            Time that a column covers.
        count : int
            Number of columns.

        Returns
        -------
        ndarray, shape (2, count)
            The two ends of each column's range, swapped by a negative `scale`; NaN for a column without values.
        """
        place = (first - self.start) / self.spacing
        ends = self.pyramid.columns(self.row, place, width / self.spacing, count)
        if (self.scale, self.shift) != (1.0, 0.0):
            ends *= self.scale
            ends += self.shift
        return ends

    def _moved(self, low: float, high: float) -> tuple[float, float]:
        ends = self.scale * low + self.shift, self.scale * high + self.shift
        return min(ends), max(ends)


def common_limits(ends: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the least and the greatest of the limits of several traces.

    Parameters
    ----------
    ends : list of (float, float)
        Limits of each trace; those that are not finite are ignored.

    Returns
    -------
    low, high : float
        0 and 1 where no limits are finite.
    """
    known = [each for each in ends if np.isfinite(each).all()]
    return (min(low for low, _ in known), max(high for _, high in known)) if known else (0.0, 1.0)
