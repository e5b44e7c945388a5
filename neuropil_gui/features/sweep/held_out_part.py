"""Part of the Sweep tool on held-out blocks: what is to be predicted of the selected cell, and what is known."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from neuropil_gui.core.analysis.bi_cross_validation import LEAST_SIGNALS, VALIDATED, HeldOut, held_out_values
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.live import fast
from neuropil_gui.engine.runner import Work
from neuropil_gui.features.sweep import jobs
from neuropil_gui.features.sweep.held_out_page import HeldOutPage

if TYPE_CHECKING:
    from neuropil_gui.figures.figure import ResultFigure

NOT_NMF = "Held-out blocks are predicted by NMF: choose the method NMF."
TOO_FEW = f"Nothing can be held out of fewer than {LEAST_SIGNALS} signals."


@dataclass(frozen=True, eq=False)
class HeldOutQuestion:
    """The cell whose held-out blocks are predicted, and all settings but the one that is varied."""

    cell: Cell
    settings: SeparationSettings


class HeldOutPart:
    """Keeps what is known of the selected cell; a curve stays while only its own setting changes.

    Attributes
    ----------
    question : HeldOutQuestion or None
        What is asked now.
    refused : str
        Why nothing can be predicted; empty where something can.
    found : dict of str to HeldOut
        What is known, by the name of the setting.
    """

    def __init__(self, page: HeldOutPage) -> None:
        self.page = page
        self.question: HeldOutQuestion | None = None
        self.refused = ""
        self.found: dict[str, HeldOut] = {}

    def follow(self, cell: Cell, settings: SeparationSettings) -> bool:
        """Ask about a cell and settings; return whether that is another question than before."""
        before, now = self.question, HeldOutQuestion(cell, fast(settings))
        signals = len(cell.traces)
        self.refused = NOT_NMF if settings.method != "nmf" else TOO_FEW if signals < LEAST_SIGNALS else ""
        is_new = before is None or before.cell is not cell or before.settings != now.settings
        if is_new:
            self.question = now
            for name in VALIDATED:
                if before is None or before.cell is not cell or _but(name, before.settings) != _but(name, now.settings):
                    self.found.pop(name, None)
        self._show()
        return is_new

    def forget(self) -> None:
        """Ask nothing, because there is no cell."""
        self.question, self.found = None, {}

    def left(self) -> list[str]:
        """Return the settings whose curve is not complete."""
        if self.question is None or self.refused:
            return []
        return [name for name in VALIDATED if name not in self.found or not self.found[name].complete]

    def done(self) -> tuple[int, int]:
        """Return at how many values the blocks are predicted, and at how many they are to be."""
        if self.question is None or self.refused:
            return 0, 0
        signals = len(self.question.cell.traces)
        known = sum(int((found.means == found.means).sum()) for found in self.found.values())
        return known, sum(len(held_out_values(name, signals)) for name in VALIDATED)

    @property
    def remarks(self) -> str:
        """What should be known of the curves, in sentences."""
        return " ".join(dict.fromkeys(each for found in self.found.values() for each in found.remarks))

    def work(self) -> Work:
        """Return the job that predicts the blocks of the curves that are left."""
        assert self.question is not None
        return jobs.hold_out(self.question.cell, self.question.settings, self.left())

    def take(self, found: HeldOut) -> None:
        """Take a curve as far as it is known, and show it."""
        self.found = {name: each for name in VALIDATED if (each := {**self.found, found.name: found}.get(name))}
        self._show()

    def _show(self) -> None:
        if self.question is not None:
            self.page.show_found(self.found, self.question.settings, len(self.question.cell.traces))

    def figure(self) -> "Callable[[], ResultFigure] | None":
        """Return what draws the curves; None where nothing is known."""
        known = [each for each in self.found.values() if each.best is not None]
        if not known:
            return None

        def draw() -> "ResultFigure":
            from neuropil_gui.figures.held_out import plot_held_out

            return plot_held_out(known)

        return draw

    def table(self) -> list[dict[str, Any]]:
        """Return a row for each setting and value that is known."""
        rows = [row for found in self.found.values() for row in found.table()]
        return [row for row in rows if row["error"] == row["error"]]


def _but(name: str, settings: SeparationSettings) -> SeparationSettings:
    """Return settings without the one that a curve varies."""
    return replace(settings, **{name: getattr(SeparationSettings(), name)})
