"""Checks of signals and settings before a separation; each refusal says what to do."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError

GREATEST_VALUE = 1e30
"""Of traces, either sign: it leaves room for squares in double, and for drawings in single precision."""


def check_signals(traces: FloatArray, names: Sequence[str] | None = None) -> None:
    """Refuse signals that no method can separate.

    Parameters
    ----------
    traces : ndarray of float64
        Should be (signals, frames).
    names : sequence of str, optional
        What the user calls the signals.

    Raises
    ------
    DataError
        (a ValueError) When they are not 2-D, too short, transposed or not finite.
    """
    if traces.ndim != 2:
        raise DataError(
            f"Signals must be a 2-D array of (signals, observations), but {traces.ndim}-D of shape "
            f"{traces.shape} was found."
        )
    signals, frames = traces.shape
    if signals < 1:
        raise DataError("There are no signals: at least one row is needed, the ROI's.")
    if frames < 2:
        raise DataError(f"At least 2 observations are needed, but {frames} was found.")
    if signals > frames:
        raise DataError(
            f"There are more signals ({signals}) than observations ({frames}): is the array transposed? "
            "Rows are signals and columns are observations."
        )
    check_finite(traces, names)


def check_finite(traces: FloatArray, names: Sequence[str] | None = None) -> None:
    """Refuse values that are NaN or infinite.

    Parameters
    ----------
    traces : ndarray of float64, shape (signals, frames)
    names : sequence of str, optional
        What the user calls the signals.

    Raises
    ------
    DataError
        (a ValueError) With the number of values and of frames, and the first and the last of them.
    """
    finite = np.isfinite(traces)
    if finite.all():
        return
    frames = np.flatnonzero(~finite.all(axis=0))
    signal = np.intp(finite[:, frames[0]].argmin())
    last = "" if len(frames) == 1 else f", in {len(frames)} frames up to frame {frames[-1]}"
    raise DataError(
        f"{_count(int((~finite).sum()), 'value')} NaN or infinite, the first in "
        f"{_place(signal, frames[0], names)}{last}. Leave such frames out (drop_nan, --drop-nan), or fill them first."
    )


def check_kept(traces: FloatArray, names: Sequence[str]) -> None:
    """Refuse signals of which too few frames have all values.

    Parameters
    ----------
    traces : ndarray of float64, shape (signals, frames)
    names : sequence of str
        What the user calls the signals.

    Raises
    ------
    DataError
        (a ValueError) When there are fewer such frames than signals, or than two; signals without any value are named.
    """
    finite = np.isfinite(traces)
    kept = int(finite.all(axis=0).sum())
    if kept >= max(2, len(traces)):
        return
    found = f"Of {traces.shape[1]} frames only {kept} would be left without those that have a missing value."
    void = [names[int(k)] for k in np.flatnonzero(~finite.any(axis=1))]
    if void:
        raise DataError(f"{found} No value at all is in {', '.join(void)}: leave such signals out of the file.")
    raise DataError(
        f"{found} At least {max(2, len(traces))} are needed, as many as signals: fill missing values first."
    )


def check_size(traces: FloatArray, names: Sequence[str]) -> None:
    """Refuse values so large that the squares and sums of the numbers on them, or their drawings, would overflow.

    Parameters
    ----------
    traces : ndarray of float64, shape (signals, frames)
        What is not finite is passed over: `check_finite` is for that.
    names : sequence of str
        What the user calls the signals.

    Raises
    ------
    DataError
        (a ValueError) With the greatest of them, and its place.
    """
    low, high = float(np.fmin.reduce(traces, axis=None)), float(np.fmax.reduce(traces, axis=None))
    if np.isinf(low) or np.isinf(high):
        finite = traces[np.isfinite(traces)]
        low, high = float(finite.min(initial=0.0)), float(finite.max(initial=0.0))
    if max(-low, high) > GREATEST_VALUE:
        signal, frame = np.argwhere(traces == (high if high > -low else low))[0]
        raise DataError(
            f"Values up to {GREATEST_VALUE:g} can be worked with, but {traces[signal, frame]:g} was found in "
            f"{_place(signal, frame, names)}. No detector gives such values: the file may be read as another type of "
            "number than it holds. If they are meant, divide the traces first."
        )


def check_neuropil(signals: int) -> None:
    """Refuse a cell without neuropil.

    Parameters
    ----------
    signals : int
        Number of its signals.

    Raises
    ------
    DataError
        (a ValueError) For one signal.
    """
    if signals == 1:
        raise DataError(
            "This cell has one signal, its ROI, and no neuropil to separate it from. Bring the neuropil by a second "
            "file (File > Open with questions, or --neuropil-file); without it the cell can only be looked at."
        )


def check_for_nmf(
    traces: FloatArray,
    median: float,
    names: Sequence[str] | None = None,
    frames: NDArray[np.intp] | None = None,
) -> None:
    """Refuse signals that NMF cannot take.

    Parameters
    ----------
    traces : ndarray of float64, shape (signals, frames)
    median : float
        Of all of them.
    names : sequence of str, optional
        What the user calls the signals.
    frames : ndarray of int, optional
        The recording's number of each frame, where some were left out.

    Raises
    ------
    DataError
        (a ValueError) When the median or any value is negative.
    """
    least = float(traces.min())
    if median < 0:
        raise DataError(
            f"NMF needs values that are not negative, but their median is {median:.6g} (the least is {least:.6g}). "
            "Add the background back, subtract the minimum (offset), or use ICA."
        )
    if least < 0:
        signal, frame = np.unravel_index(int(traces.argmin()), traces.shape)
        frame = frame if frames is None else frames[frame]
        raise DataError(
            f"NMF needs values that are not negative, but {_count(int((traces < 0).sum()), 'value')} negative, the "
            f"least {least:.6g} in {_place(signal, frame, names)}. "
            "Subtract the minimum (offset), or use ICA."
        )


def check_pedestal(pedestal: float, least: float) -> None:
    """Refuse a pedestal that would leave values negative which were not.

    Parameters
    ----------
    pedestal : float
        What is to be subtracted from all traces.
    least : float
        Of all values, before.

    Raises
    ------
    DataError
        (a ValueError)
    """
    if 0 <= least < pedestal:
        raise DataError(
            f"NMF needs values that are not negative, but a pedestal of {pedestal:.6g} is more than the least value, "
            f"{least:.6g}. Choose a pedestal of at most that, subtract the minimum (offset), or use ICA."
        )


def check_for_ica(traces: FloatArray) -> None:
    """Refuse signals without any variation.

    Parameters
    ----------
    traces : ndarray of float64, shape (signals, frames)

    Raises
    ------
    DataError
        (a ValueError) When every signal is constant.
    """
    if not np.ptp(traces, axis=1).any():
        raise DataError("All signals are constant, so there is nothing for ICA to take apart.")


def check_median(traces: FloatArray, median: float, names: Sequence[str] | None = None) -> None:
    """Refuse a median that the signals cannot be divided by.

    Parameters
    ----------
    traces : ndarray of float64, shape (signals, frames)
    median : float
        Of all values of `traces`.
    names : sequence of str, optional
        What the user calls the signals.

    Raises
    ------
    DataError
        (a ValueError) When the median is zero.
    """
    if median == 0:
        zeros = np.count_nonzero(traces == 0) / traces.size
        dead = [f"signal {k}" if names is None else names[int(k)] for k in np.flatnonzero(~traces.any(axis=1))]
        if dead:
            raise DataError(
                f"The median of all values is 0 ({zeros:.0%} of them are 0), and the signals are scaled by it. "
                f"{_count(len(dead), 'signal')} dead, 0 in all frames: {', '.join(dead)}. Leave such signals out of "
                "the file, or extract them again."
            )
        raise DataError(
            f"The median of all values is 0 ({zeros:.0%} of them are 0), and the signals are scaled by it. "
            "Use signals with a baseline above 0, e.g. raw fluorescence instead of dF/F or events."
        )


def check_components(n: int, signals: int) -> None:
    """Refuse to look for more components than there are signals.

    Parameters
    ----------
    n : int
        Number of components.
    signals : int
        Number of signals.

    Raises
    ------
    DataError
        (a ValueError) When `n` is greater than `signals`.
    """
    if n > signals:
        raise DataError(
            f"n = {n} components were asked for, but there are only {_count(signals, 'signal', verb=False)}: "
            f"choose n from 1 to {signals}, or auto."
        )


def _place(signal: np.intp, frame: np.intp, names: Sequence[str] | None) -> str:
    if names is None:
        return f"signal {signal} at observation {frame} (counted from 0)"
    return f"{names[int(signal)]} at frame {frame} (counted from 0)"


def _count(number: int, noun: str, verb: bool = True) -> str:
    words = f"{number} {noun}" + ("" if number == 1 else "s")
    return words if not verb else words + (" is" if number == 1 else " are")
