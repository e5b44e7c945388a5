"""Recent recordings and projects, in the menu and on the start page."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

from PyQt5.QtCore import QObject, pyqtSlot

from neuropil_gui.assets import is_demo
from neuropil_gui.engine import jobs
from neuropil_gui.engine.keeper import Keeper
from neuropil_gui.engine.kept_state import summary
from neuropil_gui.engine.loader import Loader
from neuropil_gui.engine.runner import Runner
from neuropil_gui.formats.paths import and_more
from neuropil_gui.formats.project.database import SUFFIX
from neuropil_gui.formats.project.glance import Glance
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.state.session import Session
from neuropil_gui.ui import dialogs
from neuropil_gui.window.actions import Actions
from neuropil_gui.window.welcome import Welcome


class Recent(QObject):
    """Lists what was opened, or saved as a project, last; demos are not part of it."""

    def __init__(
        self,
        window: QObject,
        session: Session,
        loader: Loader,
        keeper: Keeper,
        preferences: Preferences,
        commands: Actions,
        welcome: Welcome,
        open_path: Callable[[str], None],
    ) -> None:
        super().__init__(window)
        self._session, self._loader, self._preferences = session, loader, preferences
        self._commands, self._open_path, self._welcome = commands, open_path, welcome
        self._runner = Runner(self)
        self._runner.finished.connect(self._on_seen)
        welcome.recent_requested.connect(open_path)
        welcome.show_recent(preferences.recent, {path: preferences.trials_of(path) for path in preferences.recent})
        session.recording_changed.connect(self._on_recording)
        keeper.named.connect(self._add)
        keeper.begun.connect(self._note_project)
        self._fill_menu()

    @pyqtSlot()
    def look(self) -> None:
        """Look into the projects of what is listed, in a thread, and show what is in them on the start page."""
        projects = {path: self._preferences.project_of(path) or path for path in self._preferences.recent}
        known = {path: Path(project) for path, project in projects.items() if project.endswith(SUFFIX)}
        if known:
            self._runner.submit(jobs.glances(known))

    @pyqtSlot(object, object)
    def _on_seen(self, question: object, seen: Mapping[str, Glance]) -> None:
        self._welcome.show_glances({path: (each.line, _words(each)) for path, each in seen.items()})

    @pyqtSlot(object)
    def _note_project(self, project: Path) -> None:
        recording = self._session.recording
        if recording is not None and recording.source is not None:
            self._preferences.note_project(recording.source, str(project))

    @pyqtSlot()
    def _on_recording(self) -> None:
        recording = self._session.recording
        if recording is not None and recording.source is not None:
            opened = self._loader.project_of(recording) or Path(recording.source)
            if not is_demo(opened):
                self._preferences.folder = str(opened.parent)
                self._add(opened)

    @pyqtSlot(object)
    def _add(self, path: Path) -> None:
        self._preferences.add_recent(str(path))
        self._fill_menu()

    def _fill_menu(self) -> None:
        shown = {path: and_more(path, self._preferences.trials_of(path)) for path in self._preferences.recent}
        names = {path: (dialogs.elided(text), f"Open {text}") for path, text in shown.items()}
        self._commands.replace_choices("recent", names, self._open_path)


def _words(seen: Glance) -> str:
    """Return what is in a project, and when it was saved."""
    when = time.strftime("%Y-%m-%d %H:%M", time.localtime(seen.at))
    what = summary(seen.results, seen.marks)
    return f"{what} \N{MIDDLE DOT} {when}" if what else when
