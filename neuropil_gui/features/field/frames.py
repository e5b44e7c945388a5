"""Single frames of a movie, read in a thread while a slider moves."""

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.core.errors import DataError
from neuropil_gui.engine.runner import Runner
from neuropil_gui.features.field import jobs
from neuropil_gui.imaging.movie import Movie
from neuropil_gui.imaging.pictures import Picture

Asked = tuple[int, int]
"""A frame, and of how many around it the mean is shown."""


class Frames(QObject):
    """Reads the frame that was asked for last.

    A frame that is being read is drawn even where the slider is elsewhere by now: else nothing would be seen of a movie
    from which frames come slowly until the hand rests.

    Signals: `read` (a frame is there), `failed` (sentence).

    Attributes
    ----------
    runner : Runner
    newest : (Asked, Picture) or None
        The frame that was read last.
    """

    read = pyqtSignal()
    failed = pyqtSignal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.newest: tuple[Asked, Picture] | None = None
        self._movie: Movie | None = None
        self._next: Asked | None = None
        self._refused: Asked | None = None
        self.runner = Runner(self, "Reading the frame")
        self.runner.finished.connect(self._on_read)
        self.runner.failed.connect(self._on_failed)

    @property
    def busy(self) -> bool:
        """Whether a frame is on its way."""
        return self.runner.busy

    @property
    def title(self) -> str:
        """What the newest frame is."""
        if self.newest is None:
            return ""
        (frame, count), _ = self.newest
        return f"Frame {frame:,}" if count == 1 else f"Mean of {count} frames around {frame:,}"

    def ask(self, movie: Movie, frame: int, count: int) -> Picture | None:
        """Return the newest picture, and read another where that is of another frame."""
        if movie is not self._movie:
            self.forget()
            self._movie = movie
        asked = frame, count
        if self.newest is not None and self.newest[0] == asked:
            self._next = None
        elif self.runner.busy:
            self._next = asked if self.runner.question != asked else None
        elif asked != self._refused:
            self.runner.submit(jobs.read_frame(movie, frame, count), asked)
        return self.newest[1] if self.newest is not None else None

    def drop(self) -> None:
        """Read no more."""
        self._next = None
        self.runner.drop()

    def forget(self) -> None:
        """Forget what was read, of another movie."""
        self.drop()
        self.newest = self._movie = self._refused = None

    @pyqtSlot(object, object)
    def _on_read(self, question: Asked, picture: Picture) -> None:
        self.newest = question, picture
        self._go_on()
        self.read.emit()

    @pyqtSlot(object, object)
    def _on_failed(self, question: Asked, error: DataError) -> None:
        self._refused = question
        self._go_on()
        self.failed.emit(str(error))

    def _go_on(self) -> None:
        following, self._next = self._next, None
        if following is not None and self._movie is not None:
            self.runner.submit(jobs.read_frame(self._movie, *following), following)
