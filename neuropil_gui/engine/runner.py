"""Runner: one job at a time in a thread of its own; the newest question wins, and stale answers are dropped."""

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
def wait_for_unfinished() -> None:
    """Wait for the threads that did not end when their runners were closed."""
    for thread, _ in _unfinished:
        thread.wait()


class UnexpectedError(DataError):
    """A job raised what it does not announce; the traceback is in the log file."""


@dataclass(eq=False)
class Job:
    """A question to the thread, compared by identity.

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
class _JobEnd:
    """End of a job: `kind` is "answered", "failed", "cancelled" or "crashed"."""

    kind: str = "crashed"
    answer: object = None
    error: DataError | None = None


class _Worker(QObject):
    """Runs jobs in the thread.

    Signals: `reported` (job, report) and `ended` (job, end).
    """

    reported = pyqtSignal(object, object)
    ended = pyqtSignal(object, object)

    @pyqtSlot(object)
    def run(self, job: Job) -> None:
        """Run the job; an unexpected error goes to sys.excepthook."""
        last = 0.0

        def report(value: object) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= REPORT_INTERVAL:
                last = now
                self.reported.emit(job, value)

        end = _JobEnd()
        try:
            if not job.stop.is_set():
                end = _JobEnd("answered", job.work(report, job.stop.is_set))
        except Cancelled:
            end = _JobEnd("cancelled")
        except DataError as error:
            end = _JobEnd("failed", error=error)
        except MemoryError:
            end = _JobEnd("failed", error=DataError("There is not enough free memory for this."))
        except BaseException:  # noqa: BLE001 -- passed on here, whatever it is
            # PyQt would lose it while it reports another thread's, and abort on SystemExit.
            sys.excepthook(*sys.exc_info())
        finally:
            self.ended.emit(job, end)


class Runner(QObject):
    """Runs one job at a time in a thread of its own.

    Signals: `started` (question, as soon as it is asked), `reported` (question, report), `finished` (question, answer),
    `failed` (question, DataError; an `UnexpectedError` where the job raised anything else), `cancelled` (question);
    all of the newest job only.

    Parameters
    ----------
    parent : QObject, optional
    subject : str
        Beginning of the sentence of an unexpected error: ``The sweep``.
    """

    started = pyqtSignal(object)
    reported = pyqtSignal(object, object)
    finished = pyqtSignal(object, object)
    failed = pyqtSignal(object, object)
    cancelled = pyqtSignal(object)
    _requested = pyqtSignal(object)

    def __init__(self, parent: QObject | None = None, subject: str = "It") -> None:
        super().__init__(parent)
        self._subject = subject
        self._closed = False
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
        """Ask; a question asked before and not answered yet is dropped. Nothing is asked of a closed runner."""
        if self._closed:
            return
        job = Job(work, question)
        self._newest = job
        if self._running is None:
            self._start(job)
        else:
            self._running.stop.set()
        self.started.emit(question)

    def cancel(self) -> None:
        """Take the question back, and emit `cancelled` at once, whatever the thread still has to finish."""
        job = self._newest
        self.drop()
        if job is not None:
            self.cancelled.emit(job.question)

    def stop(self) -> None:
        """Ask the job to stop, and wait for its end to say what became of it: cancelled, or answered after all."""
        if self._running is not None and self._running is self._newest:
            self._running.stop.set()
        else:
            self.cancel()

    def drop(self) -> None:
        """Take the question back without a signal."""
        self._newest = None
        if self._running is not None:
            self._running.stop.set()

    @pyqtSlot()
    def _end(self) -> None:
        self.close()

    def close(self, milliseconds: int = 2000) -> bool:
        """Stop the thread and wait for it; False if it did not end in time."""
        if self._closed:
            return self._thread.isFinished()
        self._closed = True
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
    def _on_ended(self, job: Job, end: _JobEnd) -> None:
        self._running = None
        if job is not self._newest:
            if self._newest is not None:
                self._start(self._newest)
            return
        self._newest = None
        if end.kind == "answered":
            self.finished.emit(job.question, end.answer)
        elif end.kind == "cancelled":
            self.cancelled.emit(job.question)
        else:
            sentence = f"{self._subject} ended in an unexpected error; the log file has the details."
            self.failed.emit(job.question, end.error or UnexpectedError(sentence))


def close_runners(owner: QObject, milliseconds: int) -> bool:
    """Stop the threads of all runners below `owner`, and wait that long for all together; False if one did not end."""
    runners = owner.findChildren(Runner)
    for runner in runners:
        runner.drop()
    until = time.monotonic() + milliseconds / 1000
    ended = [runner.close(max(0, int(1000 * (until - time.monotonic())))) for runner in runners]
    return all(ended)
