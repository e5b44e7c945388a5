"""Tool: base of the pages that follow the session while they are visible."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PyQt5.QtCore import QObject, pyqtSlot

from neuropil_gui.core.errors import DataError
from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.runner import Runner, close_runners
from neuropil_gui.state.session import Session
from neuropil_gui.ui.tool_page import ToolPage

if TYPE_CHECKING:
    from neuropil_gui.figures.figure import ResultFigure


class Tool(QObject):
    """A page with a view that follows the session, and a thread that makes what the view shows.

    A subclass is made as ``Tool(session, engine, parent)``. It makes its view and page, connects the signals on which
    the view depends to `follow`, and implements `_update` and, where it uses the thread, `_on_reported`, `_on_finished`
    and `_on_failed`.

    Parameters
    ----------
    session : Session
    engine : Controller
    page : ToolPage
    parent : QObject
        Owns the tool.
    subject : str
        Beginning of the sentence of an unexpected error in the thread.

    Attributes
    ----------
    page : ToolPage
    runner : Runner
        The thread; what it was asked is dropped when the page is hidden.
    """

    def __init__(
        self, session: Session, engine: Controller, page: ToolPage, parent: QObject, subject: str = "It"
    ) -> None:
        super().__init__(parent)
        self._session, self._engine = session, engine
        self._visible = False
        self.page = page
        self.runner = Runner(self, subject)
        self.runner.reported.connect(self._on_reported)
        self.runner.finished.connect(self._on_finished)
        self.runner.failed.connect(self._on_failed)
        page.shown.connect(self._on_shown)
        page.hidden.connect(self._on_hidden)

    @property
    def visible(self) -> bool:
        """Whether the page is on screen, and not minimised."""
        return self._visible

    @property
    def busy(self) -> bool:
        """Whether something that the page shows is being made, or is about to be."""
        return self.runner.busy

    def close(self, milliseconds: int) -> bool:
        """Close the page, and wait that long for its threads; False if one did not end."""
        self.page.close()
        return close_runners(self, milliseconds)

    def figure(self) -> "Callable[[], ResultFigure] | None":
        """Return what draws the figure of what is shown, in any thread; None where there is nothing to draw."""
        return None

    @pyqtSlot()
    def follow(self) -> None:
        """Show the session as it stands, if the page is visible."""
        if self._visible:
            self._update()

    @pyqtSlot()
    def _on_shown(self) -> None:
        self._visible = True
        self._update()

    @pyqtSlot()
    def _on_hidden(self) -> None:
        self._visible = False
        self.runner.drop()
        self._rest()

    def _update(self) -> None:
        """Show the session as it stands, and ask for what is missing."""

    def _rest(self) -> None:
        """Stop what else is under way, because the page is hidden."""

    @pyqtSlot(object, object)
    def _on_reported(self, question: Any, report: Any) -> None:
        """Show the progress of the thread."""

    @pyqtSlot(object, object)
    def _on_finished(self, question: Any, answer: Any) -> None:
        """Take an answer of the thread."""

    @pyqtSlot(object, object)
    def _on_failed(self, question: Any, error: DataError) -> None:
        """Take the reason why there is no answer."""
