"""Marks on a mixing matrix: true values at the edges of tiles, scores as bars, frames around a row or column."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PyQt5.QtGui import QColor

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.result import Separation
from neuropil_gui.ui import style

EDGE = 0.24
"""Fraction of a tile's width that shows the true value."""

PIXELS = 25
FULL, THICK = 0.88, 0.13


def edges(truth: FloatArray, levels: tuple[float, float], colours: Any) -> NDArray[np.uint8]:
    """Return an RGBA image that covers the right edge of each tile in the colour of its true value.

    Parameters
    ----------
    truth : ndarray, shape (signals, components)
        True values; NaN leaves a tile uncovered.
    levels : (float, float)
        Values of the first and the last colour.
    colours : pyqtgraph.ColorMap
    """
    parts = np.clip((np.nan_to_num(truth) - levels[0]) / (levels[1] - levels[0]), 0, 1)
    tiles = colours.map(parts.ravel(), mode="byte").reshape((*truth.shape, -1))[..., :3]
    picture = np.zeros((*truth.shape, PIXELS, 4), dtype=np.uint8)
    edge = round(PIXELS * (1 - EDGE))
    picture[:, :, edge:, :3] = tiles[:, :, np.newaxis]
    picture[:, :, edge:, 3] = np.where(np.isnan(truth), 0, 255)[:, :, np.newaxis]
    return picture.reshape((truth.shape[0], truth.shape[1] * PIXELS, 4))


def bars(foot: float, scores: FloatArray, ranks: Sequence[int]) -> dict[str, Any]:
    """Return the options of a BarGraphItem that draws each score as a bar over a bar of length 1.

    Parameters
    ----------
    foot : float
        Lower edge of the bars, in rows.
    scores : ndarray, shape (components,)
    ranks : sequence of int
        Ranks of the components, which give the colours.
    """
    count = len(scores)
    grid = QColor(style.current().grid)
    return {
        "x0": np.tile(np.arange(count) + (1 - FULL) / 2, 2),
        "width": np.concatenate([np.full(count, FULL), FULL * scores]),
        "y0": np.full(2 * count, foot - THICK),
        "height": THICK,
        "brushes": [grid] * count + [style.component_colour(rank) for rank in ranks],
        "pen": pg.mkPen(None),
    }


def frames(signals: int, count: int, column: int | None, row: int | None) -> FloatArray:
    """Return the corners of frames around a row and a column, separated by NaN."""
    found = []
    if row is not None and 0 <= row < signals:
        found.append((0, row, count, 1))
    if column is not None:
        found.append((column, 0, 1, signals))
    nothing = (math.nan, math.nan)
    path = [
        place
        for x, y, width, height in found
        for place in ((x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y), nothing)
    ]
    return np.array(path[:-1], dtype=np.float64)


def is_alive(separation: Separation, rank: int) -> bool:
    """Return whether the component of this rank is not empty."""
    column = separation.order[rank]
    return bool(separation.separated[column].any() and separation.mixing[:, column].any())
