"""dF/F of what the session shows: how it is wanted, and the answer; without Qt."""

from dataclasses import dataclass

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.cell_delta_f import CellDeltaF
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.state.present import Present


@dataclass(frozen=True)
class DeltaFQuestion:
    """The cell and result of which dF/F is wanted, and how; cells and results are compared by identity."""

    cell: Cell
    result: Separation | None
    settings: BaselineSettings
    frame_rate: float | None


class DeltaFStatus:
    """Keeps one answer with its question; it holds as long as the same would be asked.

    The session alone changes it, by `follow`, `want`, `store` and `clear`, and emits the signals.
    """

    def __init__(self) -> None:
        self._present = Present()
        self._baseline: BaselineSettings | None = None
        self._last_baseline = BaselineSettings()
        self._answer: tuple[DeltaFQuestion, CellDeltaF | None, str] | None = None

    def follow(self, present: Present) -> None:
        """Take the session as it stands."""
        self._present = present

    @property
    def baseline(self) -> BaselineSettings | None:
        """Settings of dF/F, None while it is not wanted."""
        return self._baseline

    @property
    def last_baseline(self) -> BaselineSettings:
        """Settings of the last dF/F, which are those when it is switched on again."""
        return self._last_baseline

    @property
    def question(self) -> DeltaFQuestion | None:
        """The present question, None where dF/F is not wanted or there is no cell."""
        present = self._present
        if self._baseline is None or present.cell is None:
            return None
        return DeltaFQuestion(present.cell, present.result, self._baseline, present.frame_rate)

    @property
    def made(self) -> CellDeltaF | None:
        """The answer to `question`, once it is at hand."""
        return self._answer[1] if self._answer is not None and self._answer[0] == self.question else None

    @property
    def refusal(self) -> str:
        """A sentence on why `question` has no answer; empty where it has, or will have."""
        return self._answer[2] if self._answer is not None and self._answer[0] == self.question else ""

    @property
    def pending(self) -> bool:
        """Whether `question` is neither answered nor refused yet."""
        return self.question is not None and self.made is None and not self.refusal

    @property
    def known(self) -> tuple[DeltaFQuestion, CellDeltaF] | None:
        """The last answer, with its question."""
        if self._answer is None or self._answer[1] is None:
            return None
        return self._answer[0], self._answer[1]

    def want(self, baseline: BaselineSettings | None) -> bool:
        """Set the baseline, None for no dF/F; False if it is so already."""
        if baseline == self._baseline:
            return False
        self._baseline = baseline
        self._last_baseline = baseline or self._last_baseline
        return True

    def store(self, question: DeltaFQuestion, made: CellDeltaF | None, refusal: str = "") -> bool:
        """Take an answer or a refusal; False if it is not that to `question`, and is dropped."""
        if question != self.question:
            return False
        self._answer = (question, made, refusal)
        return True

    def clear(self) -> None:
        """Forget the answer."""
        self._answer = None
