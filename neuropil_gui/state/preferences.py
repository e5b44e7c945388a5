"""Preferences: typed attributes over QSettings; a value that cannot be read gives the default."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from PyQt5.QtCore import QByteArray, QSettings

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.state.answers import Answers, from_text, key_of_movie, to_text

THEMES = ("system", "light", "dark")
RECENT = 10
"""Number of recent recordings that are kept."""

ANSWERS = 200
"""Number of files, and of layouts of files, of which answers are kept."""

TEXT_SIZES = (80, 200)
"""Least and greatest text size, in per cent."""

DEFAULT_GIGABYTES, MAX_GIGABYTES = 2, 1000
"""Room for projects without a name at first, and the most that can be set."""

T = TypeVar("T")

MAX_THREADS = os.cpu_count() or 1
"""Number of processors."""


class _Memory(dict[str, object]):
    """Stands in for QSettings where nothing is to be kept."""

    def value(self, key: str) -> object:
        return self.get(key)

    def setValue(self, key: str, value: object) -> None:  # noqa: N802 -- as QSettings has it
        self[key] = value

    def sync(self) -> None:
        pass


NO_VALUE = (ValueError, TypeError, LookupError, ArithmeticError, RecursionError)
"""Errors of reading a preference where what is kept is no value of it."""


class Preference(Generic[T]):
    """One preference as an attribute, kept by the attribute's name.

    Parameters
    ----------
    read : callable
        Takes what is kept, whatever it may be, and returns the value; raises one of `NO_VALUE` where it is none.
    default : object
        The value where there is none.
    write : callable, optional
        Takes a value, returns what is kept of it.
    """

    def __init__(self, read: Callable[[object], T], default: T, write: Callable[[T], object] | None = None) -> None:
        self._read, self._default, self._write = read, default, write

    def __set_name__(self, owner: type, name: str) -> None:
        self._key = name.lstrip("_")

    def __get__(self, preferences: "Preferences", owner: type) -> T:
        try:
            return self._read(preferences.kept(self._key))
        except NO_VALUE:
            return self._default

    def __set__(self, preferences: "Preferences", value: T) -> None:
        preferences.keep(self._key, value if self._write is None else self._write(value))


def _theme(kept: object) -> str:
    if kept not in THEMES:
        raise ValueError
    return str(kept)


def _flag(kept: object) -> bool:
    # An ini file gives back text.
    return {"true": True, "false": False}[_short(kept).lower()]


def _paths(kept: object) -> list[str]:
    names = [kept] if isinstance(kept, str) else kept if isinstance(kept, list) else []
    return [name for name in names if isinstance(name, str) and os.path.isabs(name) and "\0" not in name][:RECENT]


def _folder(kept: object) -> str:
    # Unlike Path.is_dir, False too for a folder that may not be entered, and for a drive that does not answer.
    if not isinstance(kept, str) or not os.path.isabs(kept) or not os.path.isdir(kept):
        raise ValueError
    return kept


def _bytes(kept: object) -> QByteArray | None:
    return kept if isinstance(kept, QByteArray) and not kept.isEmpty() else None


def _threads(kept: object) -> int:
    threads = int(_short(kept))
    if threads < 1:
        raise ValueError
    return min(threads, MAX_THREADS)


def _address(kept: object) -> str:
    if not isinstance(kept, str) or len(kept) > 300:
        raise ValueError
    return kept.strip()


def _gigabytes(kept: object) -> int:
    size = int(_short(kept))
    if not 1 <= size <= MAX_GIGABYTES:
        raise ValueError
    return size


def _text_size(kept: object) -> int:
    return min(max(int(_short(kept)), TEXT_SIZES[0]), TEXT_SIZES[1])


def _baseline(kept: object) -> BaselineSettings:
    return BaselineSettings(**json.loads(str(kept)))


def _kept_answers(kept: object) -> list[tuple[str, Answers]]:
    return from_text(str(kept))


def _kept_projects(kept: object) -> dict[str, str]:
    entries = json.loads(str(kept))
    return {path: project for path, project in dict(entries).items() if _paths(path) and _paths(project)}


def _short(kept: object) -> str:
    """Return a value as text; raise ValueError for what is longer than any number or word of a preference."""
    text = str(kept)
    if len(text) > 20:
        raise ValueError
    return text


class Preferences:
    """The user's choices, and how the window was left.

    Parameters
    ----------
    settings : QSettings, optional
        Where they are kept; in memory only where there is none.
    """

    theme = Preference(_theme, THEMES[0])
    """One of `THEMES`."""

    text_size = Preference(_text_size, 100)
    """Size of all texts, and of what is measured by them, in per cent of the desktop's."""

    live = Preference(_flag, True)
    """Whether the window starts with Live on."""

    restore_layout = Preference(_flag, True)
    """Whether the window comes back where and as it was left."""

    recent: Preference[list[str]] = Preference(_paths, [])
    """Absolute paths of the recordings opened last, the newest first."""

    _projects: Preference[dict[str, str]] = Preference(_kept_projects, {}, json.dumps)

    folder = Preference(_folder, "")
    """Folder in which the user opened or wrote a file last; empty where that is not known, or cannot be reached."""

    geometry = Preference(_bytes, None)
    """Place and size of the window, as Qt packs them."""

    docks = Preference(_bytes, None)
    """Places of the docks, as Qt packs them."""

    threads = Preference(_threads, MAX_THREADS)
    """Number of cells that "separate all" separates at a time."""

    scheduler = Preference(_address, "")
    """Address of the dask.distributed scheduler whose workers separate all cells; empty for this machine."""

    project_gigabytes = Preference(_gigabytes, DEFAULT_GIGABYTES)
    """Room on the disk for the projects without a name, in GB."""

    delta_f = Preference(_flag, False)
    """Whether dF/F is shown."""

    receipt = Preference(_flag, False)
    """Whether a receipt is written beside exports."""

    baseline = Preference(_baseline, BaselineSettings(), lambda baseline: json.dumps(baseline.to_dict()))
    """Settings of the baseline of dF/F."""

    _answers: Preference[list[tuple[str, Answers]]] = Preference(_kept_answers, [], to_text)

    def __init__(self, settings: QSettings | None = None) -> None:
        self._settings: QSettings | _Memory = _Memory() if settings is None else settings

    @classmethod
    def of_user(cls) -> "Preferences":
        """Return those that the user's configuration folder keeps."""
        return cls(_of_user())

    def add_recent(self, path: str) -> None:
        """Put a recording at the head of `recent`."""
        path = os.path.abspath(path)
        self.recent = [path, *(each for each in self.recent if each != path)][:RECENT]

    def trials_of(self, path: str) -> int:
        """Return how many further files, each a trial, open with one of the `recent`, by what was answered for it."""
        answers = self.answers(key_of_movie(Path(path)))
        return len(answers.options.trial_files or ()) if answers is not None else 0

    def project_of(self, path: str) -> str | None:
        """Return the project in which the work on one of the `recent` is kept; None where that is not known."""
        return self._projects.get(path)

    def note_project(self, path: str, project: str) -> None:
        """Keep in which project the work on one of the `recent` is kept."""
        known = self._projects | {path: project}
        self._projects = {each: known[each] for each in self.recent if each in known}

    def answers(self, key: str) -> Answers | None:
        """Return what the user answered about a file or a layout of files; None where that is not known."""
        return dict(self._answers).get(key)

    def remember_answers(self, key: str, answers: Answers) -> None:
        """Keep answers for the next time; of too many, those that were given first are forgotten."""
        self._answers = [*(each for each in self._answers if each[0] != key), (key, answers)][-ANSWERS:]

    def forget_answers(self) -> None:
        """Ask again about every file."""
        self._answers = []

    def clear(self) -> None:
        """Forget everything."""
        self._settings.clear()
        self._settings.sync()

    def kept(self, key: str) -> object:
        """Return what is kept by this key, whatever it is; None for nothing."""
        try:
            return self._settings.value(key)
        except TypeError:  # an ini file may hold what is no value of Python
            return None

    def keep(self, key: str, value: object) -> None:
        """Keep a value by this key."""
        self._settings.setValue(key, value)


def preferences_path() -> Path:
    """Return the file in which those of the user are kept."""
    return Path(_of_user().fileName())


def _of_user() -> QSettings:
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "neuropil_gui", "neuropil_gui")
