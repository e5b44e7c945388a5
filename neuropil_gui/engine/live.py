"""Live separation: a draft where even the accelerated solver takes too long, then the result."""

from dataclasses import dataclass, replace
from enum import Enum

from neuropil_gui.core.draft import fills_bins, leads_to
from neuropil_gui.core.duration import expected_seconds
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings, uses
from neuropil_gui.engine import jobs
from neuropil_gui.engine.runner import Work

DRAFT_SECONDS = 0.05
"""A result that is expected to take longer is preceded by a draft, even one that starts anew."""

DRAFT_ONLY_VALUES = 5 * 2_000_000
"""Values of a cell above which only a draft is made, until FISSA's result is asked for."""

CHECK_SECONDS = 5.0
"""Expected duration above which FISSA's own result is made only on request."""

FURTHEST = 0.5
"""Smallest ratio of alpha to that of a result with empty components, at which drafts continue from it."""


class Stage(Enum):
    """Quality of a separation."""

    DRAFT = "draft"
    FAST = "fast"
    EXACT = "exact"


@dataclass(frozen=True, eq=False)
class SeparationQuestion:
    """The cell, settings and quality of a separation; a draft may continue from one that is `near`."""

    cell: Cell
    settings: SeparationSettings
    stage: Stage = Stage.EXACT
    near: Separation | None = None

    def work(self) -> Work:
        """Return the job that answers it."""
        if self.stage is Stage.DRAFT:
            return jobs.separate_draft(self.cell, fast(self.settings), self.near)
        settings = fast(self.settings) if self.stage is Stage.FAST else self.settings
        return jobs.separate(self.cell, settings)

    def following(self) -> "SeparationQuestion | None":
        """Return the question that follows the answer, if any."""
        if self.stage is not Stage.DRAFT or is_draft_only(self.cell):
            return None
        return replace(self, stage=Stage.FAST, near=None)


def live_question(
    cell: Cell, settings: SeparationSettings, near: Separation | None = None, result: Separation | None = None
) -> SeparationQuestion:
    """Return the first question after a change of settings from those of the separation `near`.

    `result` is the last that was not a draft. Drafts continue from draft to draft, but components that the penalty has
    emptied do not return by steps: with a much lower alpha, too few would be shown.
    """
    lost = (
        result is not None and settings.alpha < FURTHEST * result.settings.alpha and not result.mixing.any(axis=0).all()
    )
    if near is not None and not lost and leads_to(near, fast(settings)):
        return SeparationQuestion(cell, settings, Stage.DRAFT, near)
    return SeparationQuestion(cell, settings, Stage.DRAFT if needs_draft(cell, settings) else Stage.FAST)


def needs_draft(cell: Cell, settings: SeparationSettings) -> bool:
    """Return whether a draft is worth its time: a result takes longer to be made, and there are bins enough."""
    slow = fills_bins(*cell.traces.shape) and expected_seconds(fast(settings), *cell.traces.shape) > DRAFT_SECONDS
    return slow or is_draft_only(cell)


def fast(settings: SeparationSettings) -> SeparationSettings:
    """Return the same settings for the accelerated solver, where the method has one."""
    return replace(settings, solver="accelerated") if uses(settings.method, "solver") else settings


def is_draft_only(cell: Cell) -> bool:
    """Return whether a cell is too long for more than a draft while settings move."""
    return cell.traces.size > DRAFT_ONLY_VALUES


def is_slow(cell: Cell, settings: SeparationSettings) -> bool:
    """Return whether FISSA's own result takes too long to be made without a request."""
    return expected_seconds(settings, *cell.traces.shape) > CHECK_SECONDS
