"""Draws a figure with a painter whose unit is a hundredth of a millimetre: sizes and fonts are those of the print."""

import math
from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtGui import QColor, QLinearGradient, QPainter, QPolygonF

from neuropil_gui.core.errors import DataError
from neuropil_gui.features.figures.content import DOT, PAPER, Curve, Figure, Ink, MatrixPanel, TracePanel
from neuropil_gui.features.figures.page import (
    EDGE,
    GAP,
    LABEL,
    LEAST,
    LEAST_SIDE,
    MARGIN,
    MM,
    POINT,
    SMALL,
    TICK,
    FigureWriter,
    scaled,
    ticks,
)
from neuropil_gui.ui import style
from neuropil_gui.ui.plots import matrix_values

if TYPE_CHECKING:
    from neuropil_gui.core.arrays import FloatArray


class FigurePainter(FigureWriter):
    """Lays out and draws one figure."""

    def __init__(self, painter: QPainter, figure: Figure, width: float, height: float) -> None:
        super().__init__(painter, width, height)
        self._figure = figure
        # A long line with corners is slow to fill as one shape; only a vector file needs it whole.
        self._run = 0

    def paint(self, run: int = 0) -> None:
        """Draw everything; `run` is how many points a solid line may have at once, 0 for all.

        Raises
        ------
        DataError
            When the figure is too small for its parts.
        """
        self._run = run
        self._painter.setRenderHint(QPainter.Antialiasing)
        self._painter.fillRect(self._page, QColor(PAPER.base))
        traces, matrix = self._split()
        if self._figure.matrix is not None:
            self._draw_matrix(self._figure.matrix, matrix)
        if self._figure.traces:
            self._draw_traces(traces)

    def _split(self) -> tuple[QRectF, QRectF]:
        """Give the traces and the matrix their places: side by side, or one above the other on a tall page."""
        inner = self._page.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        if self._figure.matrix is None or not self._figure.traces:
            return inner, inner
        if inner.height() > 1.15 * inner.width():
            share = 0.55 - 0.07 * len(self._figure.traces)
            lower = inner.height() * share
            return inner.adjusted(0, 0, 0, -lower - GAP), inner.adjusted(0, inner.height() - lower, 0, 0)
        side = inner.width() * 0.34
        return inner.adjusted(0, 0, -side - 1.5 * GAP, 0), inner.adjusted(inner.width() - side, 0, 0, 0)

    # The traces

    def _draw_traces(self, area: QRectF) -> None:
        panels = self._figure.traces
        heads = [self._flow(panel.title, panel.legend, area.width()) for panel in panels]
        foot = TICK + self._line(SMALL) + self._line(LABEL)
        free = area.height() - sum(heads) - foot - GAP * (len(panels) - 1)
        shares = [1.3 if panel.lanes is not None else 1.0 for panel in panels]
        heights = [free * share / sum(shares) for share in shares]
        ticks = [self._value_ticks(panel, height) for panel, height in zip(panels, heights, strict=True)]
        words = [text for each in ticks for _, text, _ in each[0]]
        left = self._line(LABEL) + max((self._width(text, SMALL, bold=True) for text in words), default=0) + 2 * TICK
        if min(heights) < LEAST_SIDE or area.width() - left < 2 * LEAST_SIDE:
            raise DataError("The figure is too small for these parts: make it larger, or show fewer of them.")
        top = area.top()
        for index, (panel, head, height) in enumerate(zip(panels, heads, heights, strict=True)):
            self._flow(panel.title, panel.legend, area.width(), area.topLeft() + QPointF(0, top - area.top()))
            place = QRectF(area.left() + left, top + head, area.width() - left, height)
            self._draw_time_axis(place, with_values=index == len(panels) - 1)
            self._draw_value_axis(panel, place, area.left(), *ticks[index])
            for curve in panel.curves:
                self._draw_curve(curve, place, panel.limits)
            top += head + height + GAP

    def _draw_time_axis(self, place: QRectF, with_values: bool) -> None:
        low, high = self._figure.x_limits
        for trial in self._figure.trials:
            x = place.left() + (trial - low) / (high - low) * place.width()
            self._rule(x, place.top(), x, place.bottom(), Ink(PAPER.muted, 0.5, DOT))
        self._rule(place.left(), place.bottom(), place.right(), place.bottom())
        places, texts, power = ticks(low, high, max(int(place.width() / (14 * MM)), 2))
        for value, text in zip(places, texts, strict=True):
            x = place.left() + (value - low) / (high - low) * place.width()
            self._rule(x, place.bottom(), x, place.bottom() + TICK)
            if with_values:
                half = self._width(text, SMALL) / 2
                middle = min(x, self._page.right() - EDGE - half)
                self._text(
                    text, middle, place.bottom() + TICK + self._line(SMALL) / 2, SMALL, Qt.AlignmentFlag.AlignHCenter
                )
        if with_values:
            y = place.bottom() + TICK + self._line(SMALL) + self._line(LABEL) / 2
            self._text(scaled(self._figure.x_label, power), place.center().x(), y, LABEL, Qt.AlignmentFlag.AlignHCenter)

    def _value_ticks(self, panel: TracePanel, height: float) -> tuple[list[tuple[float, str, str]], int]:
        """Return where, what and in which colour the value axis writes, and the power of ten it leaves out."""
        if panel.lanes is not None:
            return [(-lane - 0.5, name, colour) for lane, (name, colour) in enumerate(panel.lanes)], 0
        places, texts, power = ticks(*panel.limits, max(int(height / (5 * MM)), 2))
        return [(value, text, PAPER.text) for value, text in zip(places, texts, strict=True)], power

    def _draw_value_axis(
        self, panel: TracePanel, place: QRectF, left: float, marks: list[tuple[float, str, str]], power: int
    ) -> None:
        low, high = panel.limits
        is_lanes = panel.lanes is not None
        self._rule(place.left(), place.top(), place.left(), place.bottom())
        lane = place.height() / max(len(marks), 1)
        points = max(min(SMALL, 0.9 * lane / POINT), LEAST) if is_lanes else SMALL
        step = math.ceil(LEAST * POINT / lane) if is_lanes else 1
        for index, (value, text, colour) in enumerate(marks):
            y = place.bottom() - (value - low) / (high - low) * place.height()
            if is_lanes and index:
                border = y - lane / 2
                self._rule(place.left(), border, place.right(), border, Ink(PAPER.grid, 0.4))
            if not is_lanes:
                self._rule(place.left() - TICK, y, place.left(), y)
            if index % step == 0:
                x = place.left() - 1.6 * TICK
                self._text(text, x, y, points, Qt.AlignmentFlag.AlignRight, colour, bold=is_lanes)
        label = self._fitting(panel.label, power, place.height() + GAP)
        self._painter.save()
        self._painter.translate(left + self._line(LABEL) / 2, place.center().y())
        self._painter.rotate(-90)
        self._text(label, 0, 0, LABEL, Qt.AlignmentFlag.AlignHCenter)
        self._painter.restore()

    def _draw_curve(self, curve: Curve, place: QRectF, limits: tuple[float, float]) -> None:
        (left, right), (low, high) = self._figure.x_limits, limits
        x = place.left() + (curve.x - left) / (right - left) * place.width()
        y = place.bottom() - (curve.y * curve.scale + curve.shift - low) / (high - low) * place.height()
        self._painter.setPen(self._pen(curve.ink))
        run = self._run if curve.ink.line == Qt.PenStyle.SolidLine else 0
        for first, last in _finite_runs(y):
            for start in range(first, last, run or last - first):
                end = min(start + run + 1, last) if run else last
                self._painter.drawPolyline(QPolygonF(map(QPointF, x[start:end], y[start:end])))
            if last - first == 1:
                self._painter.drawPoint(QPointF(x[first], y[first]))

    # The matrix

    def _draw_matrix(self, panel: MatrixPanel, area: QRectF) -> None:
        head = self._flow(panel.title, ((panel.note, None),) if panel.note else (), area.width(), area.topLeft())
        if not panel.values.size:
            return
        count, signals = panel.values.shape[1], panel.values.shape[0]
        left = max(self._width(name, SMALL) for name in panel.rows) + 1.5 * TICK
        foot = GAP + 2.2 * MM + TICK + self._line(SMALL) + self._line(LABEL)
        top = area.top() + head + self._line(SMALL)
        width, height = area.width() - left, area.bottom() - foot - top
        # Tiles may be somewhat higher than wide, or wider than high, but do not become stripes.
        height = min(height, 1.35 * width / count * signals)
        width = min(width, 2.6 * height / signals * count)
        if min(width, height) < LEAST_SIDE:
            raise DataError("The figure is too small for the mixing matrix: make it larger, or leave the matrix out.")
        place = QRectF(area.left() + left, top, width, height)
        self._draw_tiles(panel, place, width / count, height / signals)
        self._draw_bar(panel, QRectF(place.left(), place.bottom() + GAP, width, 2.2 * MM), area)

    def _draw_tiles(self, panel: MatrixPanel, place: QRectF, width: float, height: float) -> None:
        low, high = panel.levels
        backs = pg.colormap.get(panel.colours).map(((panel.values - low) / (high - low)).ravel(), mode="qcolor")
        count = panel.values.shape[1]
        texts = [
            matrix_values._brief(float(value)) if panel.alive[index % count] else "–"
            for index, value in enumerate(panel.values.ravel())
        ]
        gap = min(0.25 * MM, 0.04 * width)
        points = self._fitted(texts, width - 2 * gap, height)
        if points < LEAST:
            texts = [text.replace("0.", ".", 1) for text in texts]
            points = self._fitted(texts, width - 2 * gap, height)
        for index, text in enumerate(texts):
            row, column = divmod(index, count)
            back = backs[index] if panel.alive[column] else QColor(PAPER.grid)
            tile = QRectF(place.left() + column * width, place.top() + row * height, width, height)
            self._painter.fillRect(tile.adjusted(gap, gap, -gap, -gap), back)
            if points >= LEAST:
                light = style.contrast(back, "black") > style.contrast(back, "white")
                middle = tile.center()
                self._text(
                    text,
                    middle.x(),
                    middle.y(),
                    points,
                    Qt.AlignmentFlag.AlignHCenter,
                    "#000000" if light else "#FFFFFF",
                )
        longest = 1.12 * self._width(f"c{count}", SMALL, bold=True)
        points = max(min(SMALL, SMALL * width / longest), LEAST)
        step = math.ceil(longest * points / SMALL / width - 1e-6)
        for column, (name, colour) in enumerate(panel.columns):
            if column % step == 0:
                x = place.left() + (column + 0.5) * width
                self._text(
                    name,
                    x,
                    place.top() - self._line(SMALL) / 2,
                    points,
                    Qt.AlignmentFlag.AlignHCenter,
                    colour,
                    bold=True,
                )
        step = math.ceil(SMALL * POINT / height)
        for row, name in enumerate(panel.rows):
            if row % step == 0:
                self._text(
                    name, place.left() - TICK, place.top() + (row + 0.5) * height, SMALL, Qt.AlignmentFlag.AlignRight
                )

    def _fitted(self, texts: list[str], width: float, height: float) -> float:
        """Return the size in points at which all texts fit their tiles."""
        widest = max(self._width(text, 100.0) for text in texts) / 100.0
        return min(SMALL, 0.6 * height / POINT, 0.86 * width / widest)

    def _draw_bar(self, panel: MatrixPanel, bar: QRectF, area: QRectF) -> None:
        low, high = panel.levels
        gradient = QLinearGradient(bar.topLeft(), bar.topRight())
        for stop in np.linspace(0, 1, 33):
            gradient.setColorAt(stop, pg.colormap.get(panel.colours).map(float(stop), mode="qcolor"))
        self._painter.fillRect(bar, gradient)
        places, texts, power = ticks(low, high, max(int(bar.width() / (11 * MM)), 2))
        for value, text in zip(places, texts, strict=True):
            x = bar.left() + (value - low) / (high - low) * bar.width()
            self._rule(x, bar.bottom(), x, bar.bottom() + TICK)
            middle = min(x, self._page.right() - EDGE - self._width(text, SMALL) / 2)
            self._text(text, middle, bar.bottom() + TICK + self._line(SMALL) / 2, SMALL, Qt.AlignmentFlag.AlignHCenter)
        label = self._fitting(panel.label, power, area.width())
        half = self._width(label, LABEL) / 2
        middle = min(max(bar.center().x(), area.left() + half), area.right() - half)
        y = bar.bottom() + TICK + self._line(SMALL) + self._line(LABEL) / 2
        self._text(label, middle, y, LABEL, Qt.AlignmentFlag.AlignHCenter)


def _finite_runs(values: "FloatArray") -> list[tuple[int, int]]:
    """Return where runs of finite values start and end."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], np.isfinite(values).astype(np.int8), [0]])))
    return [(int(first), int(last)) for first, last in edges.reshape(-1, 2)]
