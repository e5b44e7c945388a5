"""Loader: reads a recording in a thread, after the questions that its file leaves open."""

from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.engine import jobs
from neuropil_gui.engine.runner import Runner
from neuropil_gui.formats.movie_pairs import movie_first
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.questions import Inquiry
from neuropil_gui.state.session import Session

if TYPE_CHECKING:
    from neuropil_gui.formats.project.opening import Opened


@dataclass(frozen=True, eq=False)
class Opening:
    """A question to the thread.

    Attributes
    ----------
    path : Path
    options : Options
        The answers with which it is read.
    place : Path or None
        Of a project: where its recording is.
    always : bool
        Whether to emit `inquired` even where the file leaves nothing open.
    """

    path: Path
    options: Options = field(default_factory=Options)
    always: bool = False
    place: Path | None = None


class Loader(QObject):
    """Reads recordings into the session; the newest request wins.

    With a folder `kept_traces`, traces that are extracted from a movie are kept there for the next time.

    Signals: `started` (path); `reported` (path, part read); `inquired` (path, Inquiry); `loaded` (Recording, which the
    session has then); `failed` (sentence); `ended`, after each of these three and when cancelled; `busy_changed`
    (reading has begun or ended).
    """

    started = pyqtSignal(object)
    reported = pyqtSignal(object, float)
    inquired = pyqtSignal(object, object)
    loaded = pyqtSignal(object)
    failed = pyqtSignal(str)
    ended = pyqtSignal()
    busy_changed = pyqtSignal()

    def __init__(self, session: Session, parent: QObject | None = None, kept_traces: Path | None = None) -> None:
        super().__init__(parent)
        self._kept_traces = kept_traces
        self._session = session
        self._last: Opened | None = None
        self._runner = Runner(self, "Reading this file")
        for signal in (self._runner.started, self._runner.finished, self._runner.failed, self._runner.cancelled):
            signal.connect(self._on_busy_changed)
        self._runner.reported.connect(self._on_reported)
        self._runner.finished.connect(self._on_finished)
        self._runner.failed.connect(self._on_failed)
        self._runner.cancelled.connect(self._on_cancelled)

    @property
    def busy(self) -> bool:
        """Whether a file is being read, or asked what it leaves open."""
        return self._runner.busy

    @property
    def idle(self) -> bool:
        """Whether the thread has nothing to do, not even to end what was cancelled."""
        return self._runner.idle

    def read(self, path: Path, options: Options | None = None, rate_unknown: bool = False) -> None:
        """Read a recording with these answers and the best guesses for all else; what is open stays until then."""
        path, options = movie_first(path, options or Options())
        self.started.emit(path)
        work = jobs.keeping_traces(self._kept_traces, jobs.load(path, options, rate_unknown))
        self._runner.submit(work, Opening(path, options))

    def find_recording(self, place: Path) -> None:
        """Read the open project again with the recording at `place`."""
        recording = self._session.recording
        project = self.project_of(recording) if recording is not None else None
        if project is not None:
            self.started.emit(place)
            work = jobs.keeping_traces(self._kept_traces, jobs.load_project(project, place))
            self._runner.submit(work, Opening(place, place=place))

    def inquire(self, path: Path, always: bool = False, given: Options | None = None) -> None:
        """Find out what a file leaves open; where that is nothing, it is read, unless `inquired` is wanted `always`.

        `given` is what is known before: the ROIs of a movie, or the movie of ROIs.
        """
        self.started.emit(path)
        self._runner.submit(jobs.inquire(path, given), Opening(path, always=always))

    def transpose(self) -> None:
        """Read the open file again with signals and frames exchanged."""
        recording = self._session.recording
        if recording is not None and recording.source is not None and recording.rows_are_frames is not None:
            options = self.options_of(recording)
            options = replace(options, rows_are_frames=not recording.rows_are_frames, frame_rate=recording.frame_rate)
            self.read(Path(recording.source), options, recording.frame_rate is None)

    def options_of(self, recording: Recording) -> Options:
        """Return the answers that a recording was read with."""
        last = self._last
        return last.options if last is not None and last.recording.source == recording.source else Options()

    def project_of(self, recording: Recording) -> Path | None:
        """Return the project by which a recording was opened."""
        last = self._last
        return last.project if last is not None and last.recording.source == recording.source else None

    def answers_of(self, recording: Recording) -> dict[str, object]:
        """Return the keywords by which `formats.registry.read` reads a recording as it stands."""
        stands = {"rows_are_frames": recording.rows_are_frames, "frame_rate": recording.frame_rate}
        return asdict(self.options_of(recording)) | stands

    def cancel(self) -> None:
        """Stop reading."""
        self._runner.cancel()

    @pyqtSlot()
    def _on_busy_changed(self) -> None:
        self.busy_changed.emit()

    @pyqtSlot(object, object)
    def _on_reported(self, opening: Opening, part: float) -> None:
        self.reported.emit(opening.path, part)

    @pyqtSlot(object, object)
    def _on_finished(self, opening: Opening, answer: "Inquiry | Opened") -> None:
        if isinstance(answer, Inquiry):
            if answer.questions or opening.always:
                self.ended.emit()
                self.inquired.emit(opening.path, answer)
            else:
                self.read(opening.path)
            return
        self._last = answer
        self._session.set_recording(answer.recording)
        self.loaded.emit(answer.recording)
        self.ended.emit()

    @pyqtSlot(object, object)
    def _on_failed(self, opening: Opening, error: DataError) -> None:
        self.failed.emit(str(error))
        self.ended.emit()

    @pyqtSlot(object)
    def _on_cancelled(self, opening: Opening) -> None:
        self.ended.emit()
