"""Answers about the things that are compared, and one question at a time for those that are missing."""

from collections.abc import Mapping

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.batch import quietly
from neuropil_gui.engine.runner import Runner, UnexpectedError, Work
from neuropil_gui.features.compare import jobs


class CompareBoard(QObject):
    """Answers by key, made in a thread of low priority in the order in which they are wanted.

    What an answer was made of decides whether it is still the one that is wanted. An old one stays until the new one
    is there. After an unexpected error nothing more is asked about that cell.

    Signals: `changed`.
    """

    changed = pyqtSignal()

    def __init__(self, runner: Runner, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = runner
        runner.finished.connect(self._on_finished)
        runner.failed.connect(self._on_failed)
        self._cell: Cell | None = None
        self._wanted: dict[str, object] = {}
        self._known: dict[str, tuple[object, object]] = {}
        self._problems: dict[str, str] = {}
        self._stopped = False

    @property
    def working(self) -> bool:
        """Whether an answer is being made."""
        return self._runner.busy

    def want(self, cell: Cell | None, wanted: Mapping[str, object]) -> None:
        """Ask for answers about a cell: what each is made of, by key; all others are forgotten."""
        if cell is not self._cell:
            self._known.clear()
            self._problems.clear()
            self._runner.drop()
            self._cell, self._stopped = cell, False
        self._wanted = dict(wanted)
        for key in set(self._known) - set(wanted):
            del self._known[key]
            self._problems.pop(key, None)
        question = self._runner.question
        if isinstance(question, tuple) and wanted.get(question[0]) != question[1]:
            self._runner.drop()
        self._ask()

    def answer(self, key: str) -> object:
        """Return the answer to `key`, None while there is none."""
        return self._known[key][1] if key in self._known else None

    def made_of(self, key: str) -> object:
        """Return what the answer to `key` was made of."""
        return self._known[key][0] if key in self._known else None

    def problem(self, key: str) -> str:
        """Return why `key` has no answer; empty where it has, or will have."""
        return self._problems.get(key, "")

    def drop(self) -> None:
        """Stop, and forget all."""
        self.want(None, {})

    def _ask(self) -> None:
        if self._cell is None or self._stopped or self._runner.busy:
            return
        for key, made_of in self._wanted.items():
            if key not in self._known or self._known[key][0] != made_of:
                self._runner.submit(quietly(self._work(self._cell, key, made_of)), (key, made_of))
                return

    def _work(self, cell: Cell, key: str, made_of: object) -> Work:
        if isinstance(made_of, tuple):
            return jobs.compare(*made_of)
        if isinstance(made_of, SeparationSettings):
            return jobs.separate_rival(cell, made_of)
        if isinstance(made_of, jobs.RivalAsked):
            return jobs.rival(cell, made_of)
        return jobs.candidate(cell, key, made_of)  # type: ignore[arg-type]

    def _take(self, asked: tuple[str, object], answer: object, problem: str) -> None:
        key, made_of = asked
        self._known[key] = (made_of, answer)
        self._problems[key] = problem
        # First: a listener may want something else next.
        self.changed.emit()
        self._ask()

    @pyqtSlot(object, object)
    def _on_finished(self, asked: tuple[str, object], answer: object) -> None:
        self._take(asked, answer, "")

    @pyqtSlot(object, object)
    def _on_failed(self, asked: tuple[str, object], error: DataError) -> None:
        self._stopped = isinstance(error, UnexpectedError)
        self._take(asked, None, str(error))
