"""Answers of the user to the questions that a file leaves open, and their form in the preferences."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import MappingProxyType

from neuropil_gui.core.frame_rate import is_frame_rate
from neuropil_gui.formats.paths import FILE_OPTIONS, Options
from neuropil_gui.formats.plain.clock import UNITS
from neuropil_gui.formats.plain.rows import CELLS, SIGNALS
from neuropil_gui.formats.questions import Inquiry

NAMES = tuple(field.name for field in fields(Options))


@dataclass(frozen=True)
class Answers:
    """Answers by the names of their questions; what was not asked is not among them.

    Parameters
    ----------
    values : mapping
        A frame rate of None is unknown, whatever the file says.

    Raises
    ------
    ValueError
        For a name or a kind of value that no question has.
    """

    values: Mapping[str, object]

    def __post_init__(self) -> None:
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in self.values.items()}
        for name, value in values.items():
            if name not in NAMES or not (value is None or _fits(name, value)):
                raise ValueError(f"{name}: {value!r} is no answer")
        object.__setattr__(self, "values", MappingProxyType(values))

    @property
    def options(self) -> Options:
        """The answers as a reader takes them."""
        return Options(**self.values)  # type: ignore[arg-type]

    def agrees_with(self, given: Options) -> bool:
        """Return whether all that is given is answered in the same way."""
        return all(value is None or self.values.get(name) == value for name, value in asdict(given).items())

    @property
    def of_layout(self) -> "Answers":
        """The answers that hold for other files too: all but the paths of further files."""
        return Answers({name: value for name, value in self.values.items() if name not in FILE_OPTIONS})

    @property
    def rate_unknown(self) -> bool:
        """Whether the frame rate was asked for, and is not known."""
        return "frame_rate" in self.values and self.values["frame_rate"] is None

    def words(self, inquiry: Inquiry) -> str:
        """Return the answers in a few words: names as they are, else as the file's questions offer them."""
        answers = []
        for question in inquiry.questions:
            value = self.values.get(question.name)
            labels = [choice.label for choice in question.choices if choice.value == value]
            if question.name == "frame_rate":
                answers.append("frame rate unknown" if value is None else f"{value:g} Hz")
            elif question.name == "time_unit":
                answers += [f"times in {label}" for label in labels]
            elif isinstance(value, str) and value:
                answers.append(value)
            else:
                answers += labels
        return "; ".join(answers)


def _fits(name: str, value: object) -> bool:
    if name in ("rows_are_frames", "exclude_others", "weighted"):
        return isinstance(value, bool)
    if name in ("channel", "regions", "gap"):
        return type(value) is int
    if name == "expansion":
        return type(value) in (int, float)
    if name == "frame_rate":
        return isinstance(value, int | float) and not isinstance(value, bool) and is_frame_rate(value)
    if name == "trial_files":
        return isinstance(value, tuple) and all(isinstance(each, str) for each in value)
    if name == "time_unit":
        return value in UNITS
    if name == "rows":
        return value in (SIGNALS, CELLS)
    return isinstance(value, str)


def key_of_layout(inquiry: Inquiry) -> str:
    """Return the same key for files that are laid out alike and leave the same open, with the same best guesses."""
    asked = [question for question in inquiry.questions if question.name not in ("rois", "movie")]
    guesses = ";".join(f"{question.name}={question.guess}" for question in asked)
    return f"{inquiry.signature}|{guesses}"


def key_of_file(path: Path, inquiry: Inquiry) -> str:
    """Return the key of one file, as long as it leaves the same open; of a movie in any case."""
    return key_of_movie(path) if inquiry.extracts else f"{path.absolute()}|{key_of_layout(inquiry)}"


def key_of_movie(path: Path) -> str:
    """Return the key of a file that was opened as a movie with ROIs."""
    return f"{path.absolute()}|movie and ROIs"


def to_text(kept: list[tuple[str, Answers]]) -> str:
    """Write keys and their answers."""
    return json.dumps([[key, dict(answers.values)] for key, answers in kept])


def from_text(text: str) -> list[tuple[str, Answers]]:
    """Read what `to_text` wrote; whatever else stands there is left out."""
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError):
        return []
    kept = []
    for entry in entries if isinstance(entries, list) else []:
        try:
            key, values = entry
            kept.append((str(key), Answers(values)))
        except (ValueError, TypeError, AttributeError):
            continue
    return kept
