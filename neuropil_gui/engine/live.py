"""What is asked of a thread while settings move: a draft where even the fast solver takes too long, then the result."""

from dataclasses import dataclass, replace
from enum import Enum

from neuropil_gui.core.draft import leads_to
from neuropil_gui.core.expectation import expected_seconds
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings, uses
from neuropil_gui.engine import jobs
from neuropil_gui.engine.runner import Work

DRAFT_SECONDS = 0.05
"""A result that is expected to take longer is preceded by a draft, even one that starts anew."""

DRAFT_ONLY_VALUES = 5 * 2_000_000
"""Above so many values there is nothing but a draft until FISSA's result is asked for."""


CHECK_SECONDS = 5.0
"""FISSA's own result is not made unasked where it is expected to take longer."""


FURTHEST = 0.5
"""Part of a result's alpha to which drafts go on where some of its components are empty."""


class Stage(Enum):
    """How good an answer is asked for."""

    DRAFT = "draft"
    FAST = "fast"
    EXACT = "exact"


@dataclass(frozen=True, eq=False)
class SeparationQuestion:
    """Which cell is to be separated, how, and how well; a draft may go on from what is near."""

    cell: Cell
    settings: SeparationSettings
    stage: Stage = Stage.EXACT
    near: Separation | None = None

    def work(self) -> Work:
        """Return what answers it."""
        if self.stage is Stage.DRAFT:
            return jobs.separate_draft(self.cell, fast(self.settings), self.near)
        settings = fast(self.settings) if self.stage is Stage.FAST else self.settings
        return jobs.separate(self.cell, settings)

    def following(self) -> "SeparationQuestion | None":
        """Return what is asked once this is answered."""
        if self.stage is not Stage.DRAFT or is_draft_only(self.cell):
            return None
        return replace(self, stage=Stage.FAST, near=None)


def live_question(
    cell: Cell, settings: SeparationSettings, near: Separation | None = None, result: Separation | None = None
) -> SeparationQuestion:
    """Return what is asked first when settings have changed from those of what is `near`.

    `result` is the last that was not a draft. Drafts go on from draft to draft, but what the result has lost to the
    penalty does not come back by steps: with a much lower alpha they would show too few components.
    """
    lost = (
        result is not None and settings.alpha < FURTHEST * result.settings.alpha and not result.mixing.any(axis=0).all()
    )
    if near is not None and not lost and leads_to(near, fast(settings)):
        return SeparationQuestion(cell, settings, Stage.DRAFT, near)
    slow = expected_seconds(fast(settings), *cell.traces.shape) > DRAFT_SECONDS
    return SeparationQuestion(cell, settings, Stage.DRAFT if slow or is_draft_only(cell) else Stage.FAST)


def fast(settings: SeparationSettings) -> SeparationSettings:
    """Return the same settings for the accelerated solver, where the method has one."""
    return replace(settings, solver="accelerated") if uses(settings.method, "solver") else settings


def is_draft_only(cell: Cell) -> bool:
    """Whether a cell is too long for more than a draft while settings move."""
    return cell.traces.size > DRAFT_ONLY_VALUES


def is_slow(cell: Cell, settings: SeparationSettings) -> bool:
    """Whether FISSA's own result takes too long to be made unasked."""
    return expected_seconds(settings, *cell.traces.shape) > CHECK_SECONDS
