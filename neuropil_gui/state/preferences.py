"""Preferences: typed attributes over QSettings; a value that cannot be read gives the default."""

import json
import os
from pathlib import Path

from PyQt5.QtCore import QByteArray, QSettings

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.state.answers import Answers, from_text, to_text

THEMES = ("system", "light", "dark")
RECENT = 10
"""Number of recent recordings that are kept."""

ANSWERS = 200
"""Number of files, and of layouts of files, of which answers are kept."""

MAX_THREADS = os.cpu_count() or 1
DEFAULT_THREADS = max(1, MAX_THREADS - 1)
"""One processor is left to the window."""


class _Memory(dict[str, object]):
    """Stands in for QSettings where nothing is to be kept."""

    def value(self, key: str) -> object:
        return self.get(key)

    def setValue(self, key: str, value: object) -> None:  # noqa: N802 -- as QSettings has it
        self[key] = value

    def remove(self, key: str) -> None:
        self.pop(key, None)

    def sync(self) -> None:
        pass


class Preferences:
    """The user's choices, and how the window was left.

    Parameters
    ----------
    settings : QSettings, optional
        Where they are kept; in memory only where there is none.
    """

    def __init__(self, settings: QSettings | None = None) -> None:
        self._settings: QSettings | _Memory = _Memory() if settings is None else settings

    @classmethod
    def of_user(cls) -> "Preferences":
        """Return those that the user's configuration folder keeps."""
        kind, scope = QSettings.Format.IniFormat, QSettings.Scope.UserScope
        return cls(QSettings(kind, scope, "neuropil_gui", "neuropil_gui"))

    @property
    def theme(self) -> str:
        """One of `THEMES`."""
        found = self._text("theme")
        return found if found in THEMES else THEMES[0]

    @theme.setter
    def theme(self, theme: str) -> None:
        self._settings.setValue("theme", theme)

    @property
    def live(self) -> bool:
        """Whether the window starts with Live on."""
        return self._flag("live", True)

    @live.setter
    def live(self, live: bool) -> None:
        self._settings.setValue("live", live)

    @property
    def restore_layout(self) -> bool:
        """Whether the window comes back where and as it was left."""
        return self._flag("restore_layout", True)

    @restore_layout.setter
    def restore_layout(self, restore: bool) -> None:
        self._settings.setValue("restore_layout", restore)

    @property
    def recent(self) -> list[str]:
        """Paths of the recordings opened last, the newest first."""
        found = self._settings.value("recent")
        names = [found] if isinstance(found, str) else found if isinstance(found, list) else []
        return [name for name in names if isinstance(name, str) and name][:RECENT]

    def add_recent(self, path: str) -> None:
        """Put a recording at the head of `recent`."""
        self._settings.setValue("recent", [path, *(each for each in self.recent if each != path)][:RECENT])

    @property
    def folder(self) -> str:
        """Folder in which the user opened or wrote a file last; empty where that is not known."""
        found = self._text("folder")
        return found if found and Path(found).is_dir() else ""

    @folder.setter
    def folder(self, folder: str) -> None:
        self._settings.setValue("folder", folder)

    @property
    def geometry(self) -> QByteArray | None:
        """Place and size of the window, as Qt packs them."""
        return self._bytes("geometry")

    @geometry.setter
    def geometry(self, geometry: QByteArray) -> None:
        self._settings.setValue("geometry", geometry)

    @property
    def docks(self) -> QByteArray | None:
        """Places of the docks, as Qt packs them."""
        return self._bytes("docks")

    @docks.setter
    def docks(self, docks: QByteArray) -> None:
        self._settings.setValue("docks", docks)

    @property
    def threads(self) -> int:
        """Number of cells that "separate all" separates at a time."""
        text = str(self._settings.value("threads"))
        return min(int(text), MAX_THREADS) if text.isdecimal() and int(text) > 0 else DEFAULT_THREADS

    @threads.setter
    def threads(self, threads: int) -> None:
        self._settings.setValue("threads", threads)

    @property
    def delta_f(self) -> bool:
        """Whether dF/F is shown."""
        return self._flag("delta_f", False)

    @delta_f.setter
    def delta_f(self, shown: bool) -> None:
        self._settings.setValue("delta_f", shown)

    @property
    def baseline(self) -> BaselineSettings:
        """Settings of the baseline of dF/F."""
        try:
            return BaselineSettings(**json.loads(self._text("baseline")))
        except (TypeError, ValueError):
            return BaselineSettings()

    @baseline.setter
    def baseline(self, baseline: BaselineSettings) -> None:
        self._settings.setValue("baseline", json.dumps(baseline.to_dict()))

    def answers(self, key: str) -> Answers | None:
        """Return what the user answered about a file or a layout of files; None where that is not known."""
        return dict(from_text(self._text("answers"))).get(key)

    def remember_answers(self, key: str, answers: Answers) -> None:
        """Keep answers for the next time; of too many, those that were given first are forgotten."""
        kept = [each for each in from_text(self._text("answers")) if each[0] != key]
        self._settings.setValue("answers", to_text([*kept, (key, answers)][-ANSWERS:]))

    def forget_answers(self) -> None:
        """Ask again about every file."""
        self._settings.remove("answers")

    def clear(self) -> None:
        """Forget everything."""
        self._settings.clear()
        self._settings.sync()

    def _text(self, key: str) -> str:
        found = self._settings.value(key)
        return found if isinstance(found, str) else ""

    def _flag(self, key: str, default: bool) -> bool:
        # An ini file gives back text.
        return {"true": True, "false": False}.get(str(self._settings.value(key)).lower(), default)

    def _bytes(self, key: str) -> QByteArray | None:
        found = self._settings.value(key)
        return found if isinstance(found, QByteArray) and not found.isEmpty() else None
