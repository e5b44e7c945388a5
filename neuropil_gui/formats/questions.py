"""Questions that a file leaves open (data set, neuropil, axis of time, frame rate), and the preview of answers."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.formats.paths import Options


@dataclass(frozen=True)
class Choice:
    """One possible answer.

    Attributes
    ----------
    value : object
        Value of the field of `Options`.
    label : str
        Text for the user, e.g. a name with its shape and type.
    """

    value: object
    label: str


@dataclass(frozen=True)
class FileQuestion:
    """Something that the file does not say, or does not say for certain.

    Attributes
    ----------
    name : str
        The field of `Options` that takes the answer.
    text : str
        The question in words.
    guess : object
        The best guess, in `Options`' own type; None where there is none.
    why : str
        Reason for the guess, a sentence.
    choices : tuple of Choice
        Choices; empty where a number is typed.
    """

    name: str
    text: str
    guess: object
    why: str
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, eq=False)
class PreviewPicture:
    """Picture of a movie with its ROIs.

    Attributes
    ----------
    mean : ndarray, shape (rows, columns)
        Of some frames, and of a large one every `step`-th pixel of each row and column.
    rois, first, regions : tuple of ndarray, shape (corners, 2)
        Closed paths in x and y, in pixels of the movie, around all ROIs, around the first one alone, and around each of
        its neuropil regions.
    step : int
    """

    mean: NDArray[np.float32]
    rois: tuple[NDArray[np.float64], ...] = ()
    first: tuple[NDArray[np.float64], ...] = ()
    regions: tuple[NDArray[np.float64], ...] = ()
    step: int = 1


@dataclass(frozen=True, eq=False)
class Preview:
    """Preview of the recording that some answers give.

    Attributes
    ----------
    traces : ndarray, shape (signals, points)
        The first cell's, ROI first, thinned out to some thousand points. Of a recording of which not all can be read
        within a second, it may be the beginning, or the first signals.
    signal_names : tuple of str
        Of all signals.
    frames : int
        That a trace has in full.
    cells : int
    frame_rate : float or None
        In Hz.
    step : int
        The frames from one point to the next.
    estimated : bool
        Whether `frames` is an estimate.
    picture : PreviewPicture or None
        Of a movie.
    notes : tuple of str
        What is left out, and what was decided, in sentences.
    """

    traces: NDArray[np.float64]
    signal_names: tuple[str, ...]
    frames: int
    cells: int
    frame_rate: float | None = None
    step: int = 1
    estimated: bool = False
    picture: PreviewPicture | None = None
    notes: tuple[str, ...] = ()

    @property
    def seen(self) -> int:
        """The frames over which the points spread."""
        return min(int(self.traces.shape[1]) * self.step, self.frames)


@dataclass(frozen=True, eq=False)
class Inquiry:
    """Questions about a file before it is read.

    Attributes
    ----------
    format : str
        Name of the format, in words.
    questions : tuple of FileQuestion
        Empty where the file says all by itself.
    preview : callable
        Takes `Options`, returns a `Preview` within a second for a file of 100 MB, or raises a
        DataError that says why these answers do not fit together.
    signature : str
        The same for files that are laid out alike: answers are remembered by it.
    follow : callable or None
        Takes the data set that was chosen, returns the other questions as they are about it, each with its best guess
        and reason; None where they are the same for all.
    alone : bool
        Whether the best guess is cells without neuropil.
    given : Options
        Answers that were given before, which go with those to the questions.
    extracts : bool
        Whether it takes long to read what is asked about, as traces are extracted from a movie. A guess is confirmed
        then, even where all answers are known from other files.
    """

    format: str
    questions: tuple[FileQuestion, ...]
    preview: Callable[[Options], Preview]
    signature: str = ""
    guess: Options = field(default_factory=Options)
    follow: Callable[[str], tuple[FileQuestion, ...]] | None = None
    alone: bool = False
    given: Options = field(default_factory=Options)
    extracts: bool = False

    def asks(self, name: str) -> bool:
        """Return whether there is a question of this name."""
        return any(question.name == name for question in self.questions)
