"""A question of the Trust tool: a computation about one cell, and the page that shows its answer."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.engine.runner import Report, ShouldStop, Work
from neuropil_gui.engine.workers import Workers
from neuropil_gui.features.trust.view import TrustView
from neuropil_gui.ui.widgets.page import Page

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class TrustQuestion(Generic[Answer]):
    """A computation about one cell; two questions are equal where their answers are the same.

    Attributes
    ----------
    cell : Cell
    title : str
        Says what is under way.
    """

    cell: Cell
    title: ClassVar[str]

    @property
    def seconds(self) -> float:
        """Expected duration; 0 where that is short."""
        return 0.0

    def job(self, lend: Callable[[], Workers]) -> Work:
        """Return what the thread runs; `lend` returns the processes of the window to one for which they are of use."""
        return self.work

    def work(self, report: Report, should_stop: ShouldStop) -> Answer:
        """Compute the answer, in the thread."""
        raise NotImplementedError

    def page(self, view: TrustView) -> Page:
        """Return the page that shows the answer."""
        raise NotImplementedError

    def show(self, view: TrustView, frame_rate: float | None, result: Separation, answer: Answer) -> None:
        """Show the answer; `result` is the one that the window is about."""
        raise NotImplementedError

    def show_missing(
        self, view: TrustView, frame_rate: float | None, sentence: str, earlier: bool, running: bool
    ) -> bool:
        """Show that there is no answer yet, and return whether an earlier one was cleared away.

        `sentence` says why, `earlier` is whether the answer to an earlier question is shown, and `running` whether the
        thread works on this one.
        """
        if not earlier:
            self.page(view).say(sentence)
        return False

    def show_report(self, view: TrustView, report: tuple[object, ...]) -> None:
        """Show a report of the thread: by default how many of how many steps are done."""
        done, total = report
        if isinstance(done, int) and isinstance(total, int):
            view.row.show_work(f"{self.title}, {done} of {total} done", done, total)
