"""Best match plot: c1 over the raw ROI and optional traces, each switched by its legend entry."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from PyQt5.QtCore import pyqtSignal, pyqtSlot

from neuropil_gui.core.analysis.subtraction import USUAL_FACTOR, difference
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.drawing.prepared import pyramid_of
from neuropil_gui.drawing.series import Series, common_limits
from neuropil_gui.panels.traces.fitting import fitted, pairs
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.legend import Entry
from neuropil_gui.ui.plots.time_plot import TimePlot
from neuropil_gui.ui.widgets.factor_slider import FactorSlider

HELP = """<b>Best match</b><p>c1, the part of the ROI's signal that is the cell's own, in the file's units.</p>
<p>Faint: the raw ROI, moved to c1's level by what its word says. Where it rises and c1 does not, the rise came from
around the cell.</p>
<p>The framed words are switches. <b>F \N{MINUS SIGN} k·Fneu</b>, the usual simple correction, is the ROI less k times
the mean of its regions, at c1's level; drag k at the right.</p>
<p><b>truth</b>: what the source of a simulated cell adds to the ROI. A name of a file: the result stored in it.</p>
<p><b>A, B, C</b>: results that are pinned, each at its own level (menu Pages).</p>
<p>With ICA the baseline is lost: c1 has mean zero. In \N{GREEK CAPITAL LETTER DELTA}F/F, c1 less its own baseline
is divided by the raw ROI's F0, which is the neuropil's too, or by what is chosen for it; what has other units is
switched off.</p>
<p>Ticks at the bottom: spikes that an electrode recorded, where there are any (page Trust).</p>"""

SLOTS = {
    "best_match": 0, "show_raw": 1, "show_stored": 2, "show_truth": 3, "show_subtraction": 4,
    "pin_A": 5, "pin_B": 6, "pin_C": 7,
}  # fmt: skip
"""Index of each line's curve, by the object name of its legend entry."""

ROLES = ("matched", "faint", "stored", "truth", "subtraction", "pin_A", "pin_B", "pin_C")
DEPTHS = (7, 0, 3, 2, 1, 6, 5, 4)

LONG = 200_000
"""Frames above which F - k Fneu is computed in a thread."""


@dataclass(frozen=True, eq=False)
class Line:
    """One line as it is drawn, with the texts of its legend entry."""

    series: Series | None
    text: str
    short: str
    tip: str


class MatchPlot(TimePlot):
    """Plot of the best match and what it is compared with; `shown` holds the visible lines by key.

    Signals: `subtraction_wanted` (cell, k), where F - k Fneu takes too long for the GUI thread; the owner answers by
    `show_subtraction`.
    """

    subtraction_wanted = pyqtSignal(object, float)

    def __init__(self) -> None:
        super().__init__("Best match", HELP)
        self.factor = FactorSlider()
        self.add_control(self.factor)
        self.factor.hide()
        self.factor.valueChanged.connect(self._on_factor)
        self.legend.switched.connect(self._on_switched)
        self.series: dict[str, Series] = {}
        self._step = 1.0
        self._cell: Cell | None = None
        self._best: Series | None = None
        self._raw: FloatArray | None = None
        self._less: FloatArray | None = None
        self._is_ica = False
        self._difference: tuple[Cell, float, FloatArray] | None = None
        self._on = dict.fromkeys(SLOTS, True) | {"show_subtraction": False}
        self._lines: dict[str, Line | None] = {}
        self._lit: str | None = None
        self._pins: dict[str, tuple[Separation, str]] = {}

    @property
    def data_limits(self) -> tuple[float, float]:
        """Least and greatest value of all visible lines."""
        return common_limits([series.limits for series in self.series.values()])

    def limits_between(self, start: float, end: float) -> tuple[float, float]:
        """Return the least and the greatest value of all visible lines between two times."""
        return common_limits([series.limits_between(start, end) for series in self.series.values()])

    @property
    def best(self) -> Series | None:
        """Series of the best match as it is drawn, None without a result."""
        return self._best

    def show_match(
        self,
        step: float,
        cell: Cell | None,
        separation: Separation | None,
        best: FloatArray | None = None,
        raw: FloatArray | None = None,
        subtraction: FloatArray | None = None,
    ) -> None:
        """Draw one cell's best match, or only its raw ROI where there is no result; `step` is a frame's time.

        `best` replaces the separation's best match; with `raw`, both are in another unit, and so is F - 0.7 Fneu
        where `subtraction` is given.
        """
        self._step, self._cell, self._raw, self._less = step, cell, raw, subtraction
        self._is_ica = separation is not None and separation.settings.method == "ica"
        if best is None and separation is not None:
            best = separation.matched
        frames = 1 if separation is None else separation.frames_per_value
        self._best = None if best is None else self._series(best, frames)
        self._lines = {}
        if cell is not None:
            tip = "The best match: point at it to light c1 everywhere"
            self._lines["best_match"] = None if self._best is None else Line(self._best, "c1", "c1", tip)
            self._lines |= self._compared(cell)
            if separation is not None and separation.origin:  # the best match is what the file carried
                self._lines.pop("show_stored", None)
            if len(cell.traces) > 1:
                self._lines["show_subtraction"] = self._subtraction(cell)
            self._lines |= self._pinned()
        for key in SLOTS:
            self._draw_line(key)
        self._show_factor()
        self.show_lit(self._lit)

    def show_pins(self, pins: Mapping[str, tuple[Separation, str]]) -> None:
        """Draw the best matches of pinned results of this cell: {letter: (separation, tool tip)}."""
        self._pins = dict(pins)
        if self._cell is not None:
            self._lines = {key: line for key, line in self._lines.items() if not key.startswith("pin_")}
            self._lines |= self._pinned()
        for key in SLOTS:
            if key.startswith("pin_"):
                self._draw_line(key)
        self.refresh_legend()
        self.show_lit(self._lit)

    def entries(self) -> list[Entry]:
        """Return the entries of the legend; those of overlays are switches."""
        entries = []
        for key, slot in SLOTS.items():
            if key not in self._lines or (key == "best_match" and self._lines[key] is None):
                continue
            line, pen = self._lines[key], style.pen(ROLES[slot])
            colour = style.component_text_colour(0) if slot == 0 else pen.color()
            colour = style.readable(colour, style.current().window, 4.5)
            if line is None:
                rest = "stored" if key == "show_stored" else self._formula(self.factor.factor)
                rest = key.removeprefix("pin_") if key.startswith("pin_") else rest
                tip = "Is in the file's units, and rests while another unit is shown"
                entries.append(Entry(key, rest, rest, colour, pen, tip, checkable=True, enabled=False))
            else:
                entries.append(Entry(key, line.text, line.short, colour, pen, line.tip, checkable=slot > 0))
        return entries

    def refresh_legend(self) -> None:
        """Update the legend and its switches."""
        self.legend.set_entries(self.entries())
        for key, on in self._on.items():
            word = self.legend.word(key)
            if word is not None and word.isCheckable() and word.isChecked() != on:
                word.setChecked(on)
        self.widget.setAccessibleDescription(self.words())

    def set_shown(self, key: str, shown: bool) -> None:
        """Switch an overlay: show_raw, show_stored, show_truth or show_subtraction."""
        self._on[key] = shown
        if key == "show_subtraction":
            self._update_subtraction()
        self._draw_line(key)
        self._show_factor()
        self.refresh_legend()
        self.show_lit(self._lit)

    def is_shown(self, key: str) -> bool:
        """Return whether an overlay is switched on."""
        return self._on[key]

    def show_lit(self, key: str | None) -> None:
        """Light one line; "others" lights all but the best match, None fades none."""
        self._lit = key
        lit = {SLOTS[key]} if key in SLOTS else set(SLOTS.values()) - {SLOTS["best_match"]}
        self.light(None if key is None else lit)

    @pyqtSlot(str, bool)
    def _on_switched(self, key: str, shown: bool) -> None:
        self.set_shown(key, shown)

    @pyqtSlot(object, float, object)
    def show_subtraction(self, cell: Cell, k: float, trace: FloatArray) -> None:
        """Draw F - k Fneu of `cell`, unless another cell is shown."""
        if cell is self._cell:
            self._difference = cell, k, trace
            self._on_factor()

    @pyqtSlot(int)
    def _on_factor(self, _: int = 0) -> None:
        self._update_subtraction()
        self._draw_line("show_subtraction")
        if (drawn := self.series.get("show_subtraction")) is not None:
            self.grow(*drawn.limits)  # where too much is subtracted, it goes below all else
        self.refresh_legend()
        self.show_lit(self._lit)

    def _show_factor(self) -> None:
        drawn = self._on["show_subtraction"] and self._lines.get("show_subtraction") is not None
        self.factor.setVisible(drawn and self._raw is None)

    def _draw_line(self, key: str) -> None:
        line, slot = self._lines.get(key), SLOTS[key]
        if line is None or line.series is None or not self._on[key]:
            self.series.pop(key, None)
            self.hide_curve(slot)
        else:
            self.series[key] = line.series
            self.draw(slot, line.series, style.pen(ROLES[slot]), DEPTHS[slot])

    def _series(self, values: FloatArray, frames: int = 1, rows: int | None = 1) -> Series:
        """Return the first row of `values`, each of which stands for so many frames."""
        return Series.of_bins(pyramid_of(values, rows if values.ndim > 1 else None), 0, self._step, frames)

    def _compared(self, cell: Cell) -> dict[str, Line | None]:
        """Return the lines that the best match is compared with; None for one not drawn in this unit."""
        lines: dict[str, Line | None] = {}
        name, frames = cell.signal_names[0], cell.traces.shape[1]
        if self._raw is None:
            raw, shift = self._at_level(self._series(cell.traces, rows=None))
            tip = "The raw ROI, moved to the best match's level" if shift else "The raw ROI"
            lines["show_raw"] = Line(raw, f"raw {name}{shift}", f"raw {name}", tip)
        else:
            raw = self._series(self._raw)
            lines["show_raw"] = Line(raw, f"raw {name}", f"raw {name}", "The raw ROI in the same unit")
        if cell.stored is not None and cell.stored.matched.shape[-1] == frames:
            tip = f"The best match that the file carried: {cell.stored.origin}, as it is"
            stored = Line(self._series(cell.stored.matched), cell.stored.origin, "stored", tip)
            lines["show_stored"] = stored if self._raw is None else None
        if cell.truth is not None and cell.truth.sources.shape[-1] == frames:
            truth = self._series(cell.truth.sources)
            if self._raw is None:
                truth, _ = self._at_level(truth.moved(cell.truth.mixing[0, 0], 0.0), raw)
                tip = "What the true source of this simulated cell adds to the ROI, moved to the best match's level"
            else:
                truth = fitted(truth, raw)
                tip = "The true source of this simulated cell, scaled to fit the raw ROI in the same unit"
            lines["show_truth"] = Line(truth, "truth", "truth", tip)
        return lines

    def _pinned(self) -> dict[str, Line | None]:
        """Return the lines of pinned best matches; None for one not drawn in this unit."""
        return {
            f"pin_{slot}": None
            if self._raw is not None
            else Line(self._series(pinned.matched, pinned.frames_per_value), slot, slot, tip)
            for slot, (pinned, tip) in self._pins.items()
        }

    def _subtraction(self, cell: Cell) -> Line | None:
        if self._less is not None:
            formula = self._formula(USUAL_FACTOR)
            return Line(self._series(self._less), formula, formula, "The usual simple correction in the same unit")
        if self._raw is not None:
            return None
        # Computed on demand; until then the entry shows the formula.
        series, shift, formula = None, "", self._formula(self.factor.factor)
        if self._on["show_subtraction"] and (made := self._subtracted(cell)) is not None:
            series, shift = self._at_level(self._series(made[2]), self._series(cell.traces, rows=None))
            formula = self._formula(made[1])
        tip = (
            "The raw ROI less k times the mean of its regions, moved to the best match's level, or the raw ROI's where "
            "there is no result: the usual simple correction, to compare. Click to show it; a slider for k appears at "
            "the right."
        )
        return Line(series, formula + shift, formula, tip)

    def _subtracted(self, cell: Cell) -> tuple[Cell, float, FloatArray] | None:
        """Return (cell, k, trace) of F - k Fneu; for a long cell the one before until it is computed."""
        known, k = self._difference, self.factor.factor
        if known is None or known[0] is not cell:
            known = self._difference = None
        if known is None or known[1] != k:
            if cell.traces.shape[1] > LONG:
                self.subtraction_wanted.emit(cell, k)
            else:
                known = self._difference = cell, k, difference(cell, k)
        return known

    def _update_subtraction(self) -> None:
        if self._cell is not None and "show_subtraction" in self._lines:
            self._lines["show_subtraction"] = self._subtraction(self._cell)

    @staticmethod
    def _formula(k: float) -> str:
        return f"F \N{MINUS SIGN} {k:.2f} Fneu"

    def _at_level(self, trace: Series, raw: Series | None = None) -> tuple[Series, str]:
        """Return a trace shifted to the level of the best match, else of `raw`, and the shift as text."""
        level = self._best or raw
        if level is None:
            return trace, ""
        if self._is_ica and self._best is not None:
            recorded = trace.recorded
            mean = trace.scale * float(np.mean(recorded, where=np.isfinite(recorded))) + trace.shift
            return trace.moved(1.0, -mean), " \N{MINUS SIGN} its mean"
        offset = float(np.median(np.subtract(*pairs(trace, level))))
        if not math.isfinite(offset):
            return trace, ""
        sign = "+" if offset < 0 else "\N{MINUS SIGN}"
        return trace.moved(1.0, -offset), f" {sign} {abs(offset):.4g}"
