"""Spike times of simultaneous electrophysiology: values of one cell, and the frames that they fall into."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray, as_read_only
from neuropil_gui.core.errors import DataError

UNITS = {"s": "seconds", "ms": "milliseconds", "frames": "frames"}


@dataclass(frozen=True, eq=False)
class SpikeTimes:
    """When a cell had spikes, from the beginning of the recording; trials follow each other without a gap.

    Attributes
    ----------
    times : ndarray, shape (spikes,), read-only
        Ascending; those before 0 or beyond the last frame are no part of the recording.
    unit : str
        ``"s"``, ``"ms"``, or ``"frames"``, counted from 0.
    source : str
        Where they are from: file, and column or unit in it.

    Raises
    ------
    DataError
        (a ValueError) When they are not finite, or do not ascend.
    """

    times: FloatArray
    unit: str = "s"
    source: str = ""

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise DataError(f"Spike times are in {', '.join(UNITS)}, but {self.unit!r} was found.")
        times = as_read_only(self.times, "The spike times")
        if times.ndim != 1:
            raise DataError(f"Spike times have one dimension, but the shape {times.shape} was found.")
        strange = np.flatnonzero(~np.isfinite(times))
        if len(strange):
            raise DataError(f"Spike time {strange[0] + 1} is {times[strange[0]]}; finite numbers were expected.")
        falls = np.flatnonzero(times[1:] < times[:-1])
        if len(falls):
            at = int(falls[0])
            raise DataError(
                f"Spike time {at + 2}, {times[at + 1]:g}, is before the one in front of it, {times[at]:g}. Times in "
                "ascending order were expected, not a trace or a count for each frame."
            )
        object.__setattr__(self, "times", times)

    def in_frames(self, frame_rate: float | None) -> FloatArray | None:
        """Return the times in frames from 0; None where they are no frames and the frame rate is not known.

        Parameters
        ----------
        frame_rate : float or None
            In Hz.

        Returns
        -------
        ndarray, shape (spikes,), or None
        """
        if self.unit == "frames":
            return self.times
        if frame_rate is None:
            return None
        with np.errstate(over="ignore"):  # infinity, which lies outside of the recording as such a time does
            return self.times * (frame_rate / (1000 if self.unit == "ms" else 1))

    def frames(self, frame_rate: float | None, frames: int) -> NDArray[np.intp] | None:
        """Return the frame that each spike falls into, as `in_frames`, without those outside of the recording.

        Parameters
        ----------
        frame_rate : float or None
            In Hz.
        frames : int
            Of the recording.

        Returns
        -------
        ndarray of int, or None
        """
        times = self.in_frames(frame_rate)
        if times is None:
            return None
        # A time that was a frame over the rate may lie a last digit before that frame.
        found = np.floor(times + 1e-6)
        return found[(found >= 0) & (found < frames)].astype(np.intp)

    def words(self, frame_rate: float | None, frames: int) -> str:
        """Return in a sentence how many spikes there are, from where, and how many are of no use.

        Parameters
        ----------
        frame_rate : float or None
            In Hz.
        frames : int
            Of the recording.

        Returns
        -------
        str
        """
        count = len(self.times)
        text = f"{count:,} spike{'' if count == 1 else 's'}{f' of {self.source}' if self.source else ''}"
        if self.in_frames(frame_rate) is None:
            return f"{text}, in {UNITS[self.unit]}: the frame rate is not known. Type it below the cells."
        places = np.floor(self._known(frame_rate) + 1e-6)
        before, beyond = int(np.count_nonzero(places < 0)), int(np.count_nonzero(places >= frames))
        end = f"{frames:,} frames" if self.unit == "frames" or not frame_rate else f"{frames / frame_rate:.4g} s"
        parts = [text]
        if before:
            parts.append(f"{before:,} {'lies' if before == 1 else 'lie'} before the recording begins")
        if beyond:
            hint = self._hint(frame_rate, frames) if 2 * beyond >= count else ""
            parts.append(f"{beyond:,} {'lies' if beyond == 1 else 'lie'} beyond the recording's {end}{hint}")
        return "; ".join(parts) + ("" if parts[-1].endswith("?") else ".")

    def _known(self, frame_rate: float | None) -> FloatArray:
        times = self.in_frames(frame_rate)
        assert times is not None
        return times

    def _hint(self, frame_rate: float | None, frames: int) -> str:
        """Return which other unit would fit."""
        last = float(self.times[-1])
        if self.unit == "s" and last < frames:
            return ": are they frames?"
        if self.unit == "s" and frame_rate and last / 1000 * frame_rate < frames:
            return ": are they milliseconds?"
        return ""
