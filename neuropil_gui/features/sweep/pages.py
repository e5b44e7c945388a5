"""Pages of the sweep: the choice of what is swept, above the film strip and above the map."""

import math
from collections.abc import Iterable, Mapping

from PyQt5.QtCore import QPointF, QSize, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QBrush, QColor, QPainter, QPaintEvent, QPen, QStandardItemModel
from PyQt5.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLabel, QSizePolicy, QWidget

from neuropil_gui.core.analysis.number import Number
from neuropil_gui.core.analysis.numbers import NUMBERS, TRUTH
from neuropil_gui.core.analysis.sweep import TILE_NUMBERS, Tile
from neuropil_gui.core.analysis.sweep_plans import CHOICES, SweepPlan, place_of
from neuropil_gui.core.settings import PARAMETERS, SeparationSettings
from neuropil_gui.features.sweep import words
from neuropil_gui.features.sweep.film_strip import StripPlot
from neuropil_gui.features.sweep.tile_grid import COLLAPSED, NOT_CONVERGED, TileGrid, paint_ring, paint_triangle
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.colour_bar import ColourBar
from neuropil_gui.ui.sizes import scaled
from neuropil_gui.ui.widgets.layouts import stack

GREATEST = (1.0, 10.0, 100.0)
STRIP_ALPHAS = 26
MAP_ALPHAS = (10, 20)


def choice(name: str, label: str, entries: Iterable[tuple[str, object, str]], tip: str) -> QComboBox:
    """Return a combo box of (text, data, help), each with its help as tool tip."""
    box = QComboBox()
    box.setObjectName(name)
    box.setAccessibleName(label)
    box.setToolTip(f"<qt>{tip}</qt>")
    for text, data, help_text in entries:
        box.addItem(text, data)
        box.setItemData(box.count() - 1, f"<qt>{help_text}</qt>", Qt.ItemDataRole.ToolTipRole)
    return box


def tip_of(number: Number) -> str:
    """Return what a number means, and when it misleads."""
    return f"{number.help} {number.lies_when}".strip()


def numbers_choice(name: str, label: str, key: str, tip: str) -> QComboBox:
    """Return a combo box of the numbers of tiles, with the number `key` chosen."""
    box = choice(name, label, [(NUMBERS[key].name, key, tip_of(NUMBERS[key])) for key in TILE_NUMBERS], tip)
    box.setCurrentIndex(box.findData(key))
    return box


def allow_truth(box: QComboBox, known: bool) -> None:
    """Enable the numbers that need the truth only where it is known."""
    model = box.model()
    for key in TRUTH:
        item = model.item(box.findData(key)) if isinstance(model, QStandardItemModel) else None
        if item is not None:
            item.setEnabled(known)
    if not known and box.currentData() in TRUTH:
        box.setCurrentIndex(box.findData("r_neuropil"))


def greatest_choice(name: str) -> QComboBox:
    """Return a combo box of the greatest alpha."""
    texts = [(f"{each:g}", each, f"0, then from {each / 1e4:g} to {each:g}") for each in GREATEST]
    box = choice(name, "Greatest alpha", texts, "The greatest alpha. A longer recording needs a higher one to collapse")
    box.setCurrentIndex(box.findData(10.0))
    return box


def row_of(*widgets: QWidget | str) -> QHBoxLayout:
    """Return a row of widgets and labels, the last one at the right edge."""
    line = QHBoxLayout()
    line.setContentsMargins(10, 6, 10, 4)
    line.setSpacing(8)
    for each in widgets:
        line.addWidget(QLabel(each) if isinstance(each, str) else each)
    line.insertStretch(line.count() - 1, 1)
    return line


class SweepPage(QWidget):
    """Base class of the two pages.

    Signals: `asked` (another sweep was chosen), `chosen` (place in the plan), `pointed` (place or None).
    """

    asked = pyqtSignal()
    chosen = pyqtSignal(object)
    pointed = pyqtSignal(object)


class StripPage(SweepPage):
    """Page of the film strip."""

    def __init__(self) -> None:
        super().__init__()
        rows = [(name, name, PARAMETERS[name].help) for name in ("alpha", "n")]
        self.axis = choice("strip_axis", "Setting of the rows", rows, "The setting that changes from row to row")
        self.greatest = greatest_choice("strip_greatest")
        self.number = numbers_choice("strip_number", "Number beside the strip", "score", "The number at the right")
        self.own = QCheckBox("own range")
        self.own.setObjectName("strip_own_range")
        self.own.setAccessibleName("Each row in its own range")
        self.own.setToolTip(
            "<qt>On: dark is the least and bright the greatest value of each row, so that shapes can be compared. "
            "Off: of all rows together, so that sizes can.</qt>"
        )
        self.own.setChecked(True)
        self.bar = ColourBar()
        self.plot = StripPlot()
        self._up_to = QLabel("up to")
        controls = row_of("Rows", self.axis, self._up_to, self.greatest, "number", self.number, self.own, self.bar)
        stack(self, controls, (self.plot, 1))
        self.axis.currentIndexChanged.connect(self.asked)
        self.greatest.currentIndexChanged.connect(self.asked)
        self.number.currentIndexChanged.connect(self._look)
        self.own.toggled.connect(self._look)
        self.plot.chosen.connect(self._on_chosen)
        self.plot.pointed.connect(self._on_pointed)

    def wanted(self) -> tuple[str, str | None, int, float]:
        """Return x and y of the plan, the number of alphas, and the greatest alpha."""
        return self.axis.currentData(), None, STRIP_ALPHAS, self.greatest.currentData()

    def show_sweep(self, plan: SweepPlan | None, tiles: Mapping[tuple[int, int], Tile], truth: bool) -> None:
        """Draw the tiles of a plan that are done."""
        allow_truth(self.number, truth)
        for widget in (self.greatest, self._up_to):
            widget.setVisible(self.axis.currentData() == "alpha")
        self.plot.show_sweep(plan, tiles)
        self._show_scale()

    def show_present(self, plan: SweepPlan | None, settings: SeparationSettings, signals: int) -> None:
        """Mark the current settings."""
        self.plot.show_present(place_of(plan.x, settings, signals) if plan is not None else None)

    @pyqtSlot()
    def _look(self, _: object = None) -> None:
        self.plot.choose(self.number.currentData(), self.own.isChecked())
        self.number.setToolTip(f"<qt>{tip_of(NUMBERS[self.number.currentData()])}</qt>")
        self._show_scale()

    def _show_scale(self) -> None:
        low, high = ("least", "greatest") if self.own.isChecked() else (f"{each:.4g}" for each in self.plot.ends)
        self.bar.show_scale("best match", low, high)

    @pyqtSlot(int)
    def _on_chosen(self, row: int) -> None:
        self.chosen.emit((row, 0))

    @pyqtSlot(object)
    def _on_pointed(self, row: int | None) -> None:
        self.pointed.emit(None if row is None else (row, 0))


class MapPage(SweepPage):
    """The map."""

    def __init__(self) -> None:
        super().__init__()
        entries = [(name, name, PARAMETERS[name].help) for name in CHOICES]
        self.across = choice("map_x", "Setting to the right", entries, "The setting that changes to the right")
        self.upwards = choice("map_y", "Setting upwards", entries, "The setting that changes upwards")
        self.upwards.setCurrentIndex(self.upwards.findData("n"))
        self._before = (self.across.currentIndex(), self.upwards.currentIndex())
        counts = [(f"{count} values", count, f"0, then {count - 1} in even ratios") for count in MAP_ALPHAS]
        self.alphas = choice("map_alphas", "Values of alpha", counts, "How many values of alpha")
        self.greatest = greatest_choice("map_greatest")
        self.number = numbers_choice(
            "map_number", "Number of the colours", "r_neuropil", "The number that colours tiles"
        )
        self.bar, self.grid, self.legend = ColourBar(), TileGrid(), TileLegend()
        self._up_to, self._alpha = QLabel("up to"), QLabel("alpha:")
        axes = (self.across, "\N{MULTIPLICATION SIGN}", self.upwards)
        values = (self._alpha, self.alphas, self._up_to, self.greatest)
        stack(self, row_of(*axes, *values, "colour", self.number, self.bar), (self.grid, 1), self.legend)
        for axis in (self.across, self.upwards):
            axis.currentIndexChanged.connect(self._keep_apart)
        self.alphas.currentIndexChanged.connect(self.asked)
        self.greatest.currentIndexChanged.connect(self.asked)
        self.number.currentIndexChanged.connect(self._look)
        self.grid.chosen.connect(self.chosen)
        self.grid.pointed.connect(self.pointed)

    def wanted(self) -> tuple[str, str | None, int, float]:
        """Return x and y of the plan, the number of alphas, and the greatest alpha."""
        return (
            self.across.currentData(),
            self.upwards.currentData(),
            self.alphas.currentData(),
            self.greatest.currentData(),
        )

    def show_sweep(self, plan: SweepPlan | None, tiles: Mapping[tuple[int, int], Tile], truth: bool) -> None:
        """Draw the tiles of a plan that are done."""
        allow_truth(self.number, truth)
        for widget in (self._alpha, self.alphas, self._up_to, self.greatest):
            widget.setVisible("alpha" in (self.across.currentData(), self.upwards.currentData()))
        self.grid.show_tiles(plan, tiles, self.number.currentData())
        self._show_scale()

    def show_present(self, plan: SweepPlan | None, settings: SeparationSettings, signals: int) -> None:
        """Frame the tile of the current settings, or the nearest one."""
        if plan is None or plan.y is None:
            self.grid.show_present(None)
            return
        places = [place_of(axis, settings, signals) for axis in (plan.x, plan.y)]
        if places[0] is None or places[1] is None:
            self.grid.show_present(None)
            return
        at = (round(places[0][0]), round(places[1][0]))
        same_rest = plan.settings_at(*at).start == settings.start
        self.grid.show_present((at, places[0][1] and places[1][1] and same_rest))

    @pyqtSlot()
    def _keep_apart(self, _: object = None) -> None:
        """Exchange the axes where both would be the same."""
        now = (self.across.currentIndex(), self.upwards.currentIndex())
        before, self._before = self._before, now
        if now[0] == now[1]:
            other, index = (self.upwards, before[0]) if now[0] != before[0] else (self.across, before[1])
            other.setCurrentIndex(index)  # comes back here
        else:
            self.asked.emit()

    @pyqtSlot()
    def _look(self, _: object = None) -> None:
        self.grid.show_tiles(self.grid.plan, self.grid.tiles, self.number.currentData())
        self._show_scale()

    def _show_scale(self) -> None:
        number, scale = NUMBERS[self.number.currentData()], self.grid.scale
        self.number.setToolTip(f"<qt>{tip_of(number)}</qt>")
        unit = " s" if number.key == "seconds" else ""
        name = number.name + (", logarithmic" if scale.logarithmic else "")
        known = any(math.isfinite(value) for value in self.grid.values().values())
        low, high = (words.number_text(number.key, each) + unit for each in (scale.low, scale.high))
        self.bar.show_scale(name if known else "", low, high, scale.signed)


class TileLegend(QWidget):
    """Legend of hatching, crosses, frames and marks."""

    WORDS = (
        "not converged",
        "collapsed",
        "refused",
        "current settings",
        "nearest to them",
        "unchecked",
        "over-subtracted?",
    )

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Legend: " + ", ".join(self.WORDS))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the size of one line."""
        return QSize(100, self.fontMetrics().height() + 10)

    def paintEvent(self, _: QPaintEvent | None) -> None:
        """Draw a sample before each text."""
        painter, theme, measure = QPainter(self), style.current(), self.fontMetrics()
        left, height, wide = scaled(12), self.height(), scaled(26)
        for kind, word in enumerate(self.WORDS):
            tall = scaled(14)
            top = (height - tall) // 2
            painter.setPen(QPen(QColor(theme.muted), 1))
            if kind < 3:
                painter.fillRect(left, top, wide, tall, QColor(theme.grid))
            if kind < 2:
                painter.fillRect(left, top, wide, tall, QBrush(QColor(theme.text), (NOT_CONVERGED, COLLAPSED)[kind]))
            elif kind == 2:
                painter.setPen(QPen(QColor(theme.error), 1.5))
                painter.drawLine(left + 4, top + 2, left + wide - 4, top + tall - 2)
                painter.drawLine(left + 4, top + tall - 2, left + wide - 4, top + 2)
            elif kind > 4:
                paint = (paint_ring, paint_triangle)[kind - 5]
                paint(painter, QPointF(left + wide / 2, height / 2), QColor((theme.text, theme.window)[kind - 5]))
            else:
                painter.setPen(QPen(QColor(theme.text), 2, (Qt.PenStyle.SolidLine, Qt.PenStyle.DotLine)[kind - 3]))
                painter.drawRect(left + 1, top + 1, wide - 3, tall - 3)
            painter.setPen(QColor(theme.muted))
            painter.drawText(left + wide + 6, (height + measure.ascent() - measure.descent()) // 2, word)
            left += wide + 6 + measure.horizontalAdvance(word) + 18

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.update()
