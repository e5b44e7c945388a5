"""Two mixing matrices side by side on one colour scale, with paired components in the same place and colour."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PyQt5.QtCore import QPointF, QRectF, Qt, pyqtSlot
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QWidget

from neuropil_gui.core.analysis.pairing import Pairing
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.matching import column_shares
from neuropil_gui.core.result import Separation
from neuropil_gui.ui import style
from neuropil_gui.ui.plots import matrix_marks
from neuropil_gui.ui.plots.matrix_plot import MatrixPlot
from neuropil_gui.ui.plots.signal_names import full_name, short_name
from neuropil_gui.ui.sizes import keep_scaled
from neuropil_gui.ui.widgets.header import Header
from neuropil_gui.ui.widgets.layouts import stack

HELP = """<b>Mixing matrices</b><p>How much of each component (column) is seen in each signal (row), of the reference at
the left and of what it is compared with at the right. Each column sums to 1, and both are on one colour scale.</p>
<p>Components are matched by their traces, so that all of them together are most alike: the partner of a component
stands in the same place and has its colour, whatever its own number is. Rest the pointer on a column for how alike they
are; a partner is the best there was, not always a good one.</p>
<p>Grey: an empty component. Simple corrections separate nothing and have no matrix.</p>"""


@dataclass(frozen=True, eq=False)
class Tiles:
    """One matrix as it is drawn.

    Attributes
    ----------
    values : ndarray, shape (signals, columns)
    names : tuple of str
        Names of the columns.
    ranks : tuple of int or None
        Component whose colour each column has; None for one without a partner.
    alive : tuple of bool
    tips : tuple of str
        Tool tips of the columns.
    """

    values: FloatArray
    names: tuple[str, ...]
    ranks: tuple[int | None, ...]
    alive: tuple[bool, ...]
    tips: tuple[str, ...]


def tiles(separation: Separation, pairing: Pairing | None = None) -> Tiles:
    """Return a separation's matrix with columns that sum to 1, in matched order or in the order of the partners."""
    values = column_shares(separation.mixing[:, separation.order])
    count = values.shape[1]
    partners: Sequence[int | None] = range(count)
    order = list(range(count))
    tips = [f"c{rank + 1}" for rank in order]
    if pairing is not None:
        partners = pairing.partners
        order = _below_partners(partners)
        tips = [
            f"its c{rank + 1} has no partner"
            if (partner := partners[rank]) is None
            else f"its c{rank + 1} is most like the reference's c{partner + 1}: |r| = {pairing.likeness[rank]:.3f}"
            for rank in range(count)
        ]
    return Tiles(
        values[:, order],
        tuple(f"c{rank + 1}" for rank in order),
        tuple(partners[rank] for rank in order),
        tuple(matrix_marks.is_alive(separation, rank) for rank in order),
        tuple(tips[rank] for rank in order),
    )


def _below_partners(partners: Sequence[int | None]) -> list[int]:
    """Return ranks by column: each in the place of its partner, the others in the places that are left."""
    places: dict[int, int] = {}
    others = []
    for rank, partner in enumerate(partners):
        if partner is None or partner >= len(partners):
            others.append(rank)
        else:
            places[partner] = rank
    return [places[place] if place in places else others.pop(0) for place in range(len(partners))]


class TilePlot(QWidget):
    """Heatmap of one matrix with its title, or a sentence in its place."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.tiles: Tiles | None = None
        self._signals: tuple[str, ...] = ()
        self.title, self.sentence = QLabel(), QLabel()
        self.title.setObjectName(f"{name}_title")
        self.title.setContentsMargins(10, 0, 6, 0)
        self.sentence.setObjectName(f"{name}_sentence")
        self.sentence.setProperty("muted", True)
        self.sentence.setWordWrap(True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence.setContentsMargins(20, 0, 20, 0)
        self.widget = MatrixPlot()
        self.columns, self.rows = self.widget.columns, self.widget.rows
        self.widget.setObjectName(name)
        self.widget.setAccessibleName(f"Mixing matrix, {name.replace('_', ' ')}")
        self.widget.item.setContentsMargins(6, 0, 8, 2)
        self._box, self._image, self._values = self.widget.box, self.widget.image, self.widget.values
        self._stack = QStackedWidget()
        self._stack.addWidget(self.sentence)
        self._stack.addWidget(self.widget)
        stack(self, self.title, (self._stack, 1))
        self._box.sigResized.connect(self._fit)
        self.widget.scene().sigMouseMoved.connect(self._on_moved)

    def say(self, title: str, sentence: str) -> None:
        """Show a sentence in place of a matrix."""
        self.tiles = None
        self.title.setText(title)
        self.sentence.setText(sentence)
        self._stack.setCurrentWidget(self.sentence)

    def draw(self, title: str, shown: Tiles, signals: tuple[str, ...], levels: tuple[float, float]) -> None:
        """Show a matrix; `levels` are the values of the first and the last colour."""
        self.tiles, self._signals = shown, signals
        self.title.setText(title)
        theme = style.current()
        self.widget.restyle()
        colours = style.heatmap_colours(levels[0] < 0)
        picture = colours.map(
            ((shown.values - levels[0]) / (levels[1] - levels[0])).clip(0, 1).ravel(), mode="byte"
        ).reshape((*shown.values.shape, -1))
        grey = QColor(theme.grid)
        picture[:, [not each for each in shown.alive], :3] = (grey.red(), grey.green(), grey.blue())
        self._image.setImage(picture, autoLevels=False, levels=(0, 255))
        rows, count = shown.values.shape
        muted = QColor(theme.muted)
        self.columns.set_labels(
            [
                (place + 0.5, name, muted if rank is None else style.component_text_colour(rank))
                for place, (name, rank) in enumerate(zip(shown.names, shown.ranks, strict=True))
            ]
        )
        self.rows.set_labels([(row + 0.5, short_name(name), None) for row, name in enumerate(signals)])
        self._box.setRange(QRectF(0, 0, count, rows), padding=0)
        backs = [QColor(*(int(part) for part in pixel[:3])) for pixel in picture.reshape((rows * count, -1))]
        self._values.show_values(shown.values, shown.alive, backs)
        self._stack.setCurrentWidget(self.widget)
        self._fit()

    @pyqtSlot()
    def _fit(self, _: object = None) -> None:
        self._values.fit()

    @pyqtSlot(object)
    def _on_moved(self, scene: QPointF) -> None:
        """Show the value under the pointer as a tool tip."""
        at, text = self._box.mapSceneToView(scene), ""
        if self.tiles is not None:
            rows, count = self.tiles.values.shape
            row, column = int(np.floor(at.y())), int(np.floor(at.x()))
            if 0 <= column < count and row < rows:
                text = self.tiles.tips[column]
                if row >= 0:
                    text = f"{full_name(self._signals[row])}: {self.tiles.values[row, column]:.4g}; {text}"
        self.widget.setToolTip(text)


class MatrixPair(QWidget):
    """Mixing matrices of the reference and of the separation that it is compared with."""

    def __init__(self) -> None:
        super().__init__()
        self.header = Header("Mixing matrices", HELP)
        self.first, self.second = TilePlot("first_matrix"), TilePlot("second_matrix")
        self._drawn: tuple[Separation | None, Separation | None, Pairing | None, tuple[str, str], tuple[str, ...]] = (
            None, None, None, ("", ""), (),
        )  # fmt: skip
        side = QHBoxLayout()
        side.setSpacing(6)
        side.addWidget(self.first, 1)
        side.addWidget(self.second, 1)
        stack(self, self.header, (side, 1))
        keep_scaled(self, QWidget.setMinimumHeight, 120)

    def show_pair(
        self,
        one: Separation | None,
        other: Separation | None,
        pairing: Pairing | None,
        names: tuple[str, str],
        signals: tuple[str, ...],
    ) -> None:
        """Draw both matrices, or a sentence for one that is None; `names` are their titles."""
        drawn = (one, other, pairing, names, signals)
        if drawn != self._drawn:
            self._drawn = drawn
            self._draw()

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.header.restyle()
        self._draw()

    def _draw(self) -> None:
        one, other, pairing, names, signals = self._drawn
        shown = [tiles(one) if one is not None else None, tiles(other, pairing) if other is not None else None]
        values = [each.values for each in shown if each is not None]
        signed = any(bool((each < 0).any()) for each in values)
        most = max((float(np.abs(each).max()) for each in values), default=1.0) or 1.0
        levels = (-most, most) if signed else (0.0, 1.0)
        for plot, name, each in zip((self.first, self.second), names, shown, strict=True):
            title = f"<b>{name}</b>" if name else ""
            if each is not None:
                plot.draw(title, each, signals, levels)
            else:
                plot.say(title, "No mixing matrix: nothing was separated here." if name else "")
        low = f"{levels[0]:.2f}".replace("-", "\N{MINUS SIGN}") if signed else "0"
        subtitle = f"columns sum to 1 · colours {low} to {levels[1]:.2g}" if values else ""
        self.header.set_subtitle(subtitle + (" · partners alike" if pairing is not None else ""))
