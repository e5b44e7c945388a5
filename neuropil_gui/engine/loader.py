"""Opening a file, in a thread: first what it leaves open, then the recording itself."""

from dataclasses import dataclass, field
from pathlib import Path

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.engine import jobs
from neuropil_gui.engine.runner import Runner
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.questions import Inquiry


@dataclass(frozen=True, eq=False)
class Opening:
    """What the thread is asked for.

    Attributes
    ----------
    path : Path
    options : Options
        The answers with which it is read.
    always : bool
        Whether to tell what was found out even where nothing is open.
    """

    path: Path
    options: Options = field(default_factory=Options)
    always: bool = False


class Loading(QObject):
    """Reads recordings; what is asked for last wins.

    Signals: `started` (path); `reported` (path, part read); `inquired` (path, Inquiry); `loaded` (Recording);
    `failed` (sentence); `ended`, after each of these three and when cancelled.

    Attributes
    ----------
    runner : Runner
        The thread.
    """

    started = pyqtSignal(object)
    reported = pyqtSignal(object, float)
    inquired = pyqtSignal(object, object)
    loaded = pyqtSignal(object)
    failed = pyqtSignal(str)
    ended = pyqtSignal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._last: tuple[str | None, Options] = (None, Options())
        self.runner = Runner(self)
        self.runner.reported.connect(self._on_reported)
        self.runner.finished.connect(self._on_finished)
        self.runner.failed.connect(self._on_failed)
        self.runner.cancelled.connect(self._on_ended)
        self.runner.crashed.connect(self._on_ended)

    def read(self, path: Path, options: Options, rate_unknown: bool = False) -> None:
        """Read a recording with these answers, and the best guesses for all else."""
        self.started.emit(path)
        self.runner.submit(jobs.load(path, options, rate_unknown), Opening(path, options))

    def inquire(self, path: Path, always: bool = False) -> None:
        """Find out what a file leaves open; where that is nothing, it is read, unless it is `always` to be told."""
        self.started.emit(path)
        self.runner.submit(jobs.inquire(path), Opening(path, always=always))

    def options_of(self, recording: Recording) -> Options:
        """Return the answers that a recording was read with."""
        source, options = self._last
        return options if source == recording.source else Options()

    @pyqtSlot(object, object)
    def _on_reported(self, opening: Opening, part: float) -> None:
        self.reported.emit(opening.path, part)

    @pyqtSlot(object, object)
    def _on_finished(self, opening: Opening, answer: Inquiry | Recording) -> None:
        if isinstance(answer, Recording):
            self._last = answer.source, opening.options
            self.loaded.emit(answer)
            self.ended.emit()
        elif answer.questions or opening.always:
            self.ended.emit()
            self.inquired.emit(opening.path, answer)
        else:
            self.read(opening.path, Options())

    @pyqtSlot(object, object)
    def _on_failed(self, opening: Opening, error: DataError) -> None:
        self.failed.emit(str(error))
        self.ended.emit()

    @pyqtSlot(object)
    def _on_ended(self, opening: Opening) -> None:
        self.ended.emit()
