"""What is known of the things that are compared, and one question at a time for what is not."""

from collections.abc import Mapping

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.batch import quietly
from neuropil_gui.engine.runner import Runner, Work
from neuropil_gui.features.compare import jobs

UNEXPECTED = "It ended in an unexpected error; the log file tells more."


class CompareBoard(QObject):
    """Answers by key, made in a thread below the user's own in the order in which they are wanted.

    What an answer was made of says whether it is still the one that is wanted. An old one stays until the new one is
    there. After an error that nobody foresaw nothing more is asked of that cell.

    Signals: `changed`.
    """

    changed = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runner = Runner(self)
        self._runner.finished.connect(self._on_finished)
        self._runner.failed.connect(self._on_failed)
        self._runner.crashed.connect(self._on_crashed)
        self._cell: Cell | None = None
        self._wanted: dict[str, object] = {}
        self._known: dict[str, tuple[object, object]] = {}
        self._problems: dict[str, str] = {}
        self._stopped = False

    @property
    def working(self) -> bool:
        """Whether something wanted is on its way."""
        return self._runner.busy

    def want(self, cell: Cell | None, wanted: Mapping[str, object]) -> None:
        """Ask for these of a cell: what each is made of, by key; all else is forgotten."""
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
        """Return what is known of `key`, None while nothing is."""
        return self._known[key][1] if key in self._known else None

    def made_of(self, key: str) -> object:
        """Return what the answer to `key` was made of."""
        return self._known[key][0] if key in self._known else None

    def problem(self, key: str) -> str:
        """Return why there is no answer to `key`, empty where there is, or will be."""
        return self._problems.get(key, "")

    def drop(self) -> None:
        """Stop, and forget all."""
        self.want(None, {})

    def close(self, milliseconds: int) -> bool:
        """End the thread; False if it did not end in time."""
        return self._runner.close(milliseconds)

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
        return jobs.candidate(cell, key, made_of)  # type: ignore[arg-type]

    def _take(self, asked: tuple[str, object], answer: object, problem: str) -> None:
        key, made_of = asked
        self._known[key] = (made_of, answer)
        self._problems[key] = problem
        # Told first: whoever hears of it may want something else next.
        self.changed.emit()
        self._ask()

    @pyqtSlot(object, object)
    def _on_finished(self, asked: tuple[str, object], answer: object) -> None:
        self._take(asked, answer, "")

    @pyqtSlot(object, object)
    def _on_failed(self, asked: tuple[str, object], error: DataError) -> None:
        self._take(asked, None, str(error))

    @pyqtSlot(object)
    def _on_crashed(self, asked: tuple[str, object]) -> None:
        self._stopped = True
        self._take(asked, None, UNEXPECTED)
