"""Movies: one stack of frames, or several that are trials."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import DataError
from neuropil_gui.imaging.stack import FrameReader, Stack


@dataclass(frozen=True, eq=False)
class Movie:
    """A movie, whose frames are read when they are asked for.

    Attributes
    ----------
    name : str
    stacks : tuple of Stack
        Files or arrays, in the order of time.
    trial_starts : tuple of int
        The frame at which each trial starts; the first is 0.
    frame_rate : float or None
        In Hz; None where it is not known.
    notes : tuple of str
        What was decided while it was opened, in sentences.
    source : str or None
        The path of its first file.
    files : tuple of str
        The paths of further ones.
    """

    name: str
    stacks: tuple[Stack, ...]
    trial_starts: tuple[int, ...] = (0,)
    frame_rate: float | None = None
    notes: tuple[str, ...] = ()
    source: str | None = None
    files: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, int, int]:
        """Frames, rows and columns."""
        return sum(stack.frames for stack in self.stacks), *self.stacks[0].shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of its pixels."""
        return self.stacks[0].dtype

    def read(self, start: int, stop: int) -> NDArray[Any]:
        """Return the frames `start` to `stop`.

        Parameters
        ----------
        start, stop : int
            0 <= start < stop <= frames.

        Returns
        -------
        ndarray, shape (stop - start, rows, columns)

        Raises
        ------
        DataError
            When they cannot be read; it names the file.
        """
        parts, first = [], 0
        for stack in self.stacks:
            begin, end = max(start - first, 0), min(stop - first, stack.frames)
            if begin < end:
                with opened(stack) as reader:
                    parts.append(reader.read(begin, end))
            first += stack.frames
        return np.concatenate(parts)


@contextmanager
def opened(stack: Stack) -> Iterator[FrameReader]:
    """Open a stack; errors name its file."""
    try:
        with stack.open() as reader:
            yield reader
    except DataError as error:
        raise DataError(f"{stack.name}: {error}") from error
    except OSError as error:
        raise DataError(f"{stack.name}: it could not be read ({error.strerror or error}).") from error
    except MemoryError as error:
        raise DataError(f"{stack.name}: it needs more memory than there is.") from error


def join(name: str, stacks: Sequence[Stack], **facts: Any) -> Movie:
    """Return a movie whose stacks are its trials.

    Parameters
    ----------
    name : str
    stacks : sequence of Stack
    **facts
        Further attributes of `Movie`.

    Raises
    ------
    DataError
        When there are none, or one has another size or type than the first; it names that one.
    """
    if not stacks:
        raise DataError(f"{name}: there is no movie.")
    first = stacks[0]
    for stack in stacks[1:]:
        if stack.shape != first.shape or stack.dtype != first.dtype:
            raise DataError(
                f"{stack.name}: its frames are {stack.dtype} of {stack.shape[0]} x {stack.shape[1]}, but those of "
                f"{first.name} are {first.dtype} of {first.shape[0]} x {first.shape[1]}."
            )
    rates = {stack.frame_rate for stack in stacks}
    notes = list(dict.fromkeys(f"{stack.name}: {note}" for stack in stacks for note in stack.notes))
    if len(rates) > 1:
        each = ", ".join(f"{stack.name} {stack.frame_rate or 'unknown'}" for stack in stacks[:8])
        notes.append(f"The trials differ in their frame rate ({each}): it is unknown.")
    starts = (0, *np.cumsum([stack.frames for stack in stacks[:-1]]).tolist())
    facts = {"frame_rate": rates.pop() if len(rates) == 1 else None, "trial_starts": starts} | facts
    return Movie(name, tuple(stacks), notes=tuple(notes), **facts)
