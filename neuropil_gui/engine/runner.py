"""The one door to a thread: the newest question wins, and stale answers are never shown."""

import atexit
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from PyQt5.QtCore import QCoreApplication, QObject, QThread, pyqtSignal, pyqtSlot

from neuropil_gui.core.errors import Cancelled, DataError

Report = Callable[[object], None]
ShouldStop = Callable[[], bool]
Work = Callable[[Report, ShouldStop], object]

REPORT_INTERVAL = 1 / 30
"""Seconds between two reports that are passed on: more would only be drawn over."""

STACK_SIZE = 16 * 2**20
"""Bytes: the 512 KiB that macOS gives a thread are too few for OpenBLAS."""


_unfinished: list[tuple[QThread, QObject]] = []


@atexit.register
def _wait_for_unfinished() -> None:
    for thread, _ in _unfinished:
        thread.wait()


@dataclass(eq=False)
class Job:
    """A question to the thread, told apart by its identity.

    Attributes
    ----------
    work : callable
        Called in the thread with a function to report progress and one that says whether to
        stop. Returns the answer, raises `DataError` for what the user should read, or `Cancelled`.
    question : object
        What it is about; comes back with the answer.
    """

    work: Work
    question: object = None
    stop: threading.Event = field(default_factory=threading.Event)


@dataclass(frozen=True, eq=False)
class _Outcome:
    """What became of a job: an answer, an error in words, or neither (cancelled, or crashed)."""

    answer: object = None
    error: DataError | None = None
    ended: str = "crashed"


class _Worker(QObject):
    """Lives in the thread.

    Signals: `reported` (job, report) and `ended` (job, outcome).
    """

    reported = pyqtSignal(object, object)
    ended = pyqtSignal(object, object)

    @pyqtSlot(object)
    def run(self, job: Job) -> None:
        """Do the job; an error nobody foresaw goes to sys.excepthook."""
        last = 0.0

        def report(value: object) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= REPORT_INTERVAL:
                last = now
                self.reported.emit(job, value)

        outcome = _Outcome()
        try:
            if not job.stop.is_set():
                outcome = _Outcome(answer=job.work(report, job.stop.is_set), ended="answered")
        except Cancelled:
            outcome = _Outcome(ended="cancelled")
        except DataError as error:
            outcome = _Outcome(error=error, ended="failed")
        except MemoryError:
            outcome = _Outcome(error=DataError("There is not enough free memory for this."), ended="failed")
        except BaseException:  # noqa: BLE001 -- told here, whatever it is
            # Left to PyQt, it would be lost while another thread's is being told, and SystemExit would abort.
            sys.excepthook(*sys.exc_info())
        finally:
            self.ended.emit(job, outcome)


class Runner(QObject):
    """Runs one job at a time in a thread of its own.

    Signals: `started` (question, as soon as it is asked), `reported` (question, report), `finished` (question, answer),
    `failed` (question, DataError), `cancelled` (question), `crashed` (question); all of the
    newest job only.
    """

    started = pyqtSignal(object)
    reported = pyqtSignal(object, object)
    finished = pyqtSignal(object, object)
    failed = pyqtSignal(object, object)
    cancelled = pyqtSignal(object)
    crashed = pyqtSignal(object)
    _requested = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._newest: Job | None = None
        self._running: Job | None = None
        self._thread = QThread(self)
        self._thread.setStackSize(STACK_SIZE)
        self._worker = _Worker()
        # Moved first: a slot connected before would run in the thread of the window.
        self._worker.moveToThread(self._thread)
        self._requested.connect(self._worker.run)
        self._worker.reported.connect(self._on_reported)
        self._worker.ended.connect(self._on_ended)
        self._thread.start()
        application = QCoreApplication.instance()
        if application is not None:
            # A thread that is destroyed while it runs aborts the program, however the program came to end.
            application.aboutToQuit.connect(self._end)

    @property
    def busy(self) -> bool:
        """Whether a question is waiting for its answer."""
        return self._newest is not None

    @property
    def question(self) -> object:
        """The question that is waiting for its answer, None where there is none."""
        return self._newest.question if self._newest is not None else None

    @property
    def idle(self) -> bool:
        """Whether the thread itself has nothing to do."""
        return self._running is None

    def submit(self, work: Work, question: object = None) -> None:
        """Ask; a question asked before and not answered yet is dropped."""
        job = Job(work, question)
        self._newest = job
        if self._running is None:
            self._start(job)
        else:
            self._running.stop.set()
        self.started.emit(question)

    def cancel(self) -> None:
        """Take the question back: told at once, whatever the thread still has to finish."""
        job = self._newest
        self.drop()
        if job is not None:
            self.cancelled.emit(job.question)

    def drop(self) -> None:
        """Take the question back without a word, because nobody wants its answer any more."""
        self._newest = None
        if self._running is not None:
            self._running.stop.set()

    @pyqtSlot()
    def _end(self) -> None:
        self.close()

    def close(self, milliseconds: int = 2000) -> bool:
        """Stop the thread and wait for it; False if it did not end in time."""
        self.drop()
        self._thread.quit()
        if self._thread.wait(milliseconds):
            return True
        # Deep in a library that cannot be stopped: it is kept alive by itself, because a thread that is
        # destroyed while it runs takes the program with it, and waited for when the program ends.
        self._thread.setParent(None)
        _unfinished.append((self._thread, self._worker))
        return False

    def _start(self, job: Job) -> None:
        self._running = job
        self._requested.emit(job)

    @pyqtSlot(object, object)
    def _on_reported(self, job: Job, report: object) -> None:
        if job is self._newest:
            self.reported.emit(job.question, report)

    @pyqtSlot(object, object)
    def _on_ended(self, job: Job, outcome: _Outcome) -> None:
        self._running = None
        if job is not self._newest:
            if self._newest is not None:
                self._start(self._newest)
            return
        self._newest = None
        if outcome.ended == "answered":
            self.finished.emit(job.question, outcome.answer)
        elif outcome.ended == "failed":
            self.failed.emit(job.question, outcome.error)
        elif outcome.ended == "cancelled":
            self.cancelled.emit(job.question)
        else:
            self.crashed.emit(job.question)
