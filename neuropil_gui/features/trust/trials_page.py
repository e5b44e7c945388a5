"""Trials page: trials separated jointly, beside each separated alone."""

import numpy as np
from PyQt5.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QRadioButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from neuropil_gui.core.recording import Cell
from neuropil_gui.drawing.trial_sides import TrialSides
from neuropil_gui.features.trust.side_plot import SHOWN, SidePlot
from neuropil_gui.ui.widgets.layouts import stack
from neuropil_gui.ui.widgets.page import Page

ONE_TRIAL = (
    "This cell was recorded in one trial, so there is nothing to compare. Trials come from the file: FISSA's "
    "files and lists of arrays have them. The demo Strongly contaminated has three."
)

MANY = 12
"""Number of trials above which the image is shown first."""


class TrialsPage(Page):
    """Page of the two sides.

    Signals: `asked` (whether alpha is to have the same effect on each trial as on all).

    Attributes
    ----------
    sides : TrialSides or None
        Both sides as they are drawn.
    """

    asked = pyqtSignal(bool)

    def __init__(self) -> None:
        super().__init__("trials")
        self.jointly, self.alone = SidePlot("Separated jointly"), SidePlot("Each trial alone")
        self.alone.box.setXLink(self.jointly.box)
        self.alone.box.setYLink(self.jointly.box)
        self.same_effect = QCheckBox("alpha of the same effect")
        self.ways = {name: QRadioButton(name.capitalize()) for name in SHOWN}
        self.sentence_on_alpha, self.agreement = QLabel(), QLabel()
        self._group = QButtonGroup()
        self.sides: TrialSides | None = None
        self._cell: Cell | None = None
        self._rate: float | None = None
        self._make_controls()
        self.set_content(self._arrange())

    def _make_controls(self) -> None:
        tips = {
            "traces": "One below the other, all on one scale",
            "image": "A row each, brighter is more",
            "average": "The mean over trials, with their standard deviation",
            "joined": "End to end, as recorded",
        }
        for name, button in self.ways.items():
            button.setObjectName(f"trials_{name}")
            button.setAccessibleName(f"Show trials as {name}")
            button.setToolTip(tips[name])
            self._group.addButton(button)
            button.toggled.connect(self._on_way)
        self.ways["traces"].setChecked(True)
        self.same_effect.setObjectName("same_effect")
        self.same_effect.setAccessibleName("Let alpha act on each trial as it does on all")
        self.same_effect.setToolTip(
            "<qt>Separate each trial with a smaller alpha, alpha \N{MULTIPLICATION SIGN} \N{SQUARE ROOT}(its frames / "
            "all frames), so that the penalty acts on it as on all trials jointly</qt>"
        )
        self.same_effect.toggled.connect(self.asked)
        for label, name in ((self.sentence_on_alpha, "alpha_sentence"), (self.agreement, "trial_agreement")):
            label.setObjectName(name)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
        self.agreement.setProperty("muted", True)

    def _arrange(self) -> QWidget:
        controls = QHBoxLayout()
        controls.setSpacing(14)
        for button in self.ways.values():
            controls.addWidget(button)
        controls.addStretch(1)
        controls.addWidget(self.same_effect)
        words = QVBoxLayout()
        words.setContentsMargins(10, 8, 10, 6)
        words.setSpacing(5)
        words.addLayout(controls)
        words.addWidget(self.sentence_on_alpha)
        words.addWidget(self.agreement)
        self._plots = QSplitter(Qt.Orientation.Horizontal)
        self._plots.setChildrenCollapsible(False)
        for plot in (self.jointly, self.alone):
            self._plots.addWidget(plot)
        content = QWidget()
        stack(content, words, (self._plots, 1))
        return content

    @property
    def way(self) -> str:
        """Name of the way in which trials are drawn, one of `SHOWN`."""
        return next(name for name, button in self.ways.items() if button.isChecked())

    def show_sides(self, cell: Cell, frame_rate: float | None, sides: TrialSides, on_alpha: str) -> None:
        """Draw both sides; `on_alpha` is the sentence on how strongly alpha acts on each."""
        if cell is not self._cell and len(cell.trial_starts) > MANY:
            self.ways["image"].setChecked(True)
        self._cell, self._rate, self.sides = cell, frame_rate, sides
        self.sentence_on_alpha.setText(on_alpha)
        known = sides.agreement[~np.isnan(sides.agreement)]
        text = "Neither can be compared: no trial has a trace both ways."
        if known.size:
            text = f"r of the two, trial by trial: median {np.median(known):.3f}, least {known.min():.3f}."
        if sides.refusals:
            text += (
                f" {len(sides.refusals)} of {len(sides.agreement)} could not be separated alone. {sides.refusals[0]}"
            )
        self.agreement.setText(text)
        self._draw()

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.jointly.restyle()
        self.alone.restyle()
        self._draw()

    def _draw(self) -> None:
        sides, cell, way = self.sides, self._cell, self.way
        if sides is None or cell is None:
            return
        self._plots.setOrientation(Qt.Orientation.Vertical if way == "joined" else Qt.Orientation.Horizontal)
        self._plots.setSizes([1000, 1000])
        both = (sides.jointly, sides.alone)
        shown = [{"average": each.spread, "joined": each.joined}.get(way, each.rows) for each in both]
        ends = np.concatenate([each.limits for each in shown])
        limits = (float(np.nanmin(ends)), float(np.nanmax(ends))) if np.isfinite(ends).any() else (0.0, 1.0)
        for plot, side in zip((self.jointly, self.alone), both, strict=True):
            if way == "joined":
                plot.set_time(cell.traces.shape[1], self._rate, cell.trial_starts)
            else:
                plot.set_time(side.rows.frames, self._rate)
            plot.show_side(side, way, limits)

    @pyqtSlot(bool)
    def _on_way(self, on: bool) -> None:
        if on:
            self._draw()
