"""Frames with a missing value: found, left out of traces, and put back as gaps of NaN."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.recording import Cell


def kept_frames(traces: FloatArray) -> NDArray[np.bool_] | None:
    """Return in which frames all signals have a finite value.

    Parameters
    ----------
    traces : ndarray, shape (signals, frames)

    Returns
    -------
    ndarray of bool, shape (frames,), or None
        None where that is all of them.
    """
    finite = np.asarray(np.isfinite(traces).all(axis=0))
    return None if finite.all() else finite


def without_gaps(values: FloatArray, kept: NDArray[np.bool_] | None) -> FloatArray:
    """Return the values of the frames that are kept, closed up.

    Parameters
    ----------
    values : ndarray, shape (..., frames)
    kept : ndarray of bool, shape (frames,), or None
        As `kept_frames` returns it.

    Returns
    -------
    ndarray, shape (..., kept frames)
        `values` itself where all are kept.
    """
    return values if kept is None else values[..., kept]


def with_gaps(values: FloatArray, kept: NDArray[np.bool_] | None) -> FloatArray:
    """Return values at the frames that they are of, with NaN at those that were left out.

    Parameters
    ----------
    values : ndarray, shape (..., kept frames)
    kept : ndarray of bool, shape (frames,), or None
        As `kept_frames` returns it.

    Returns
    -------
    ndarray, shape (..., frames)
        `values` itself where all are kept.
    """
    if kept is None:
        return values
    spread = np.full((*values.shape[:-1], len(kept)), np.nan)
    spread[..., kept] = values
    return spread


def cell_without_gaps(cell: Cell, kept: NDArray[np.bool_] | None) -> Cell:
    """Return a cell without the frames that are left out, and without its truth and stored result.

    Parameters
    ----------
    cell : Cell
    kept : ndarray of bool, shape (frames,), or None
        As `kept_frames` returns it.

    Returns
    -------
    Cell
        `cell` itself where all are kept. Trials of which no frame is kept are gone.
    """
    if kept is None:
        return cell
    before = np.concatenate([[0], np.cumsum(kept)])[[*cell.trial_starts, len(kept)]].tolist()
    starts = tuple(start for start, end in pairwise(before) if end > start)
    return replace(cell, traces=cell.traces[:, kept], trial_starts=starts, truth=None, stored=None)


def ranges(frames: NDArray[np.intp], most: int) -> str:
    """Return ascending frames as text, such as ``3, 100-109``.

    Parameters
    ----------
    frames : ndarray of int
        At least one.
    most : int
        How many ranges are written; an ellipsis stands for the rest.

    Returns
    -------
    str
    """
    runs = np.split(frames, np.flatnonzero(np.diff(frames) > 1) + 1)
    words = [f"{run[0]}" if len(run) == 1 else f"{run[0]}-{run[-1]}" for run in runs[:most]]
    return ", ".join(words) + ", ..." * (len(runs) > most)
