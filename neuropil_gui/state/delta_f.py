"""How dF/F is wanted of what the session shows, and what came of it; knows no Qt."""

from typing import TYPE_CHECKING

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.cell_baseline import CellDeltaF
from neuropil_gui.state.questions import DeltaFQuestion

if TYPE_CHECKING:
    from neuropil_gui.state.session import Session


class DeltaF:
    """One answer is kept, with its question; it holds as long as the session would ask the same.

    The session alone changes it, by `want`, `store` and `clear`, and signals.
    """

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._baseline: BaselineSettings | None = None
        self._last_baseline = BaselineSettings()
        self._answer: tuple[DeltaFQuestion, CellDeltaF | None, str] | None = None

    @property
    def baseline(self) -> BaselineSettings | None:
        """How dF/F is made, None while it is not wanted."""
        return self._baseline

    @property
    def last_baseline(self) -> BaselineSettings:
        """How dF/F was made last, and is made when it is switched on."""
        return self._last_baseline

    @property
    def question(self) -> DeltaFQuestion | None:
        """Of what dF/F is wanted now, and how."""
        session = self._session
        if self._baseline is None or session.cell is None or session.recording is None:
            return None
        return DeltaFQuestion(session.cell, session.result, self._baseline, session.recording.frame_rate)

    @property
    def made(self) -> CellDeltaF | None:
        """What is wanted, once it is at hand."""
        return self._answer[1] if self._answer is not None and self._answer[0] == self.question else None

    @property
    def refusal(self) -> str:
        """Why there can be none of what is wanted, in a sentence; empty where there can."""
        return self._answer[2] if self._answer is not None and self._answer[0] == self.question else ""

    @property
    def pending(self) -> bool:
        """Whether it is wanted, and neither at hand nor refused yet."""
        return self.question is not None and self.made is None and not self.refusal

    @property
    def known(self) -> tuple[DeltaFQuestion, CellDeltaF] | None:
        """The last one that was made, and of what."""
        if self._answer is None or self._answer[1] is None:
            return None
        return self._answer[0], self._answer[1]

    def want(self, baseline: BaselineSettings | None) -> bool:
        """Want it by this baseline, or not at all (None); False if that was so already."""
        if baseline == self._baseline:
            return False
        self._baseline = baseline
        self._last_baseline = baseline or self._last_baseline
        return True

    def store(self, question: DeltaFQuestion, made: CellDeltaF | None, refusal: str = "") -> bool:
        """Take in an answer; False if that was not asked now, and is dropped."""
        if question != self.question:
            return False
        self._answer = (question, made, refusal)
        return True

    def clear(self) -> None:
        """Forget the answer."""
        self._answer = None
