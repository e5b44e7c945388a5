"""Keeper: saves what is done with a recording as it is done, and brings it back when the recording is opened again."""

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QLockFile, QObject, QTimer, pyqtBoundSignal, pyqtSignal, pyqtSlot

from neuropil_gui.assets import is_demo
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.engine.changed_cells import Comparison, compare
from neuropil_gui.engine.kept_results import KeptResults
from neuropil_gui.engine.kept_rois import edited_cells, kept_rois
from neuropil_gui.engine.kept_state import Kept
from neuropil_gui.engine.loader import Loader
from neuropil_gui.engine.project_place import home_of, lock_of, named_project, set_aside
from neuropil_gui.engine.recorder import Recorder
from neuropil_gui.engine.runner import Runner
from neuropil_gui.formats.paths import counted
from neuropil_gui.formats.project.database import SUFFIX, Database
from neuropil_gui.formats.project.recording import identity, origin_facts, seen_from
from neuropil_gui.formats.project.writer import Writer
from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.state.pins import Pinned
from neuropil_gui.state.session import Session
from neuropil_gui.state.stored_results import StoredResults, result_key

log = logging.getLogger("neuropil_gui")


class Keeper(QObject):
    """Follows the session, and keeps one project for each recording: in a folder of its own until it is given a name.

    Signals: `continued` (sentence, when work on a recording was brought back), `absent` (sentence, when the recording
    of a project was not found), `saved` (sentence: "" or why it could not be saved), `left_unsaved` (sentence on the
    recording before, of which not all was saved), `begun` (path of the project that
    is kept from now on), `named` (path that it was given).

    Parameters
    ----------
    session : Session
    loader : Loader
    folder : Path or None
        Of the projects without a name; made where there is none. With None, projects are shown, and nothing is kept.

    Attributes
    ----------
    folder : Path or None
    recorder : Recorder
        Hands over what changes.
    kept_view : mapping
        What `view` returned when the open recording was left.
    brought_back : bool
        Whether settings and results of the open recording are those of its project.
    lost : bool
        Whether something could not be saved when a recording was left, or at the end.
    """

    continued = pyqtSignal(str)
    saved = pyqtSignal(str)
    left_unsaved = pyqtSignal(str)
    absent = pyqtSignal(str)
    begun = pyqtSignal(object)
    named = pyqtSignal(object)
    _moved = pyqtSignal(object, str)

    def __init__(self, session: Session, loader: Loader, folder: Path | None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._loader, self.folder = session, loader, folder
        self.kept_view: Mapping[str, Any] = {}
        self.brought_back = self.lost = False
        self.recorder = Recorder(session, self)
        self._lock = QLockFile("")
        self._next: tuple[Path, QLockFile] | None = None
        self._home = Path()
        self._waiting: list[tuple[pyqtBoundSignal, object]] = []
        self._moved.connect(self._on_moved)
        self._checker = Runner(self, "Comparing the recording with the project")
        self._checker.finished.connect(self._on_compared)
        self._checker.failed.connect(self._on_not_compared)
        session.recording_left.connect(self._on_left)
        session.recording_changed.connect(self._on_recording)

    @property
    def path(self) -> Path | None:
        """The project of the open recording, None where nothing is kept."""
        return self.recorder.writer.path if self.recorder.writer is not None else None

    @property
    def has_name(self) -> bool:
        """Whether the project of the open recording is one that the user has given a name."""
        return self.path is not None and self.path.parent != self.folder

    def flush(self, seconds: float = 5.0) -> bool:
        """Save what is left now, and wait for it."""
        self.recorder.put_state()
        writer = self.recorder.writer
        return writer is None or writer.flush(seconds)

    def close(self, seconds: float = 5.0) -> bool:
        """Save what is left, and end the thread; False where that could not be done in time."""
        self._checker.drop()
        writer = self.recorder.end()
        if writer is None:
            return True
        ended = writer.close(seconds)
        if not ended:
            self.lost = True
            log.error("not all of what was done could be saved in %s", writer.path)
        self._lock.unlock()
        if self._next is not None:
            self._next[1].unlock()
            self._next = None
        return ended

    @pyqtSlot()
    def start_afresh(self) -> None:
        """Begin a new project of the open recording, with the defaults; the one before stays under another name."""
        recording, path = self._session.recording, self.path
        if recording is None or path is None:
            return
        self.close()
        set_aside(path, "until")
        self._session.own.restore(CellSettings())
        self._session.set_recording(recording)

    def save_as(self, path: Path) -> None:
        """Give the project a name and place, and go on there; `named` or `saved` says what became of it."""
        if self._session.recording is None or path == self.path:
            return
        lock, sentence = lock_of(path) if self.folder is not None else (None, "this window keeps nothing")
        if lock is None or self.folder is None:
            self.saved.emit(f"{path.name} was not saved: {sentence}. Choose another name.")
            return
        self._next = path, lock
        if self.recorder.writer is None:
            # Nothing is kept of a demo, or another window keeps it: all that is known here is written first.
            self.folder.mkdir(parents=True, exist_ok=True)
            scratch = self.folder / f"unnamed-{time.time_ns()}{SUFFIX}"
            self.recorder.results = KeptResults(StoredResults(scratch))
            writer = self._write_to(scratch)
            self.recorder.put_all()
            writer.move_to(path)
        else:
            self.recorder.put_state()
            self.recorder.writer.move_to(path, self._home)

    # Opening

    @pyqtSlot()
    def _on_left(self) -> None:
        recording, path = self._session.recording, self.path
        if not self.close() and recording is not None and path is not None:
            sentence = f"Not all of what was done with {recording.name} could be saved in {path}."
            self._emit_later(self.left_unsaved, sentence)

    @pyqtSlot()
    def _on_recording(self) -> None:
        self.recorder.run_keys, self.kept_view, self.brought_back = {}, {}, False
        recording = self._session.recording
        if recording is None or recording.source is None:
            return
        options, note = self._loader.options_of(recording), ""
        path = self._loader.project_of(recording)
        if self.folder is not None:
            self._home = home_of(self.folder, recording, options)
            if path is None:
                path, note = named_project(self._home, recording)
        if path is None:
            return
        self.recorder.origin = origin_facts(recording, options, path)
        self.recorder.results = KeptResults(StoredResults(path))
        if self.folder is None:
            self._show(path, recording)
            return
        if not is_demo(Path(recording.source)) or path != self._home:
            self._open(path, recording, note)

    def _show(self, path: Path, recording: Recording) -> None:
        """Show what a project holds, and leave it as it is."""
        if recording.cells.absent:
            self._emit_later(self.absent, recording.cells.absent)
        try:
            self._restore(path, recording, taken=False)
        except DataError as error:
            self._emit_later(self.saved, str(error))

    def _open(self, path: Path, recording: Recording, note: str) -> None:
        sentence = ""
        try:
            if path == self._home:
                path.parent.mkdir(parents=True, exist_ok=True)
            lock, refusal = lock_of(path)
            taken = lock is not None
            if lock is not None:
                self._lock = lock
            else:
                remedy = "what you do here is not kept; File > Save project as keeps it in a project of its own."
                self._emit_later(self.saved, f"{refusal}: {remedy}")
            if path.is_file():
                try:
                    remark, sentence = self._restore(path, recording, taken)
                    if remark:
                        self._emit_later(self.saved, remark)
                        self._lock.unlock()
                        return
                except DataError as error:
                    aside = f" It is kept as {set_aside(path, 'damaged').name}." if taken else ""
                    before = f"What was done with {recording.name} before could not be brought back: {error}{aside}"
                    self._emit_later(self.saved, before)
        except OSError as error:
            self._emit_later(self.saved, f"What you do with {recording.name} is not kept: {error}")
            return
        if taken:
            self._write_to(path)
            self.recorder.put_state()
            if self._session.results.stored is None and recording.settings is None:
                self._session.results.stored = self.recorder.results.stored  # for what no longer fits into memory
            self._emit_later(self.begun, path)
            if recording.cells.absent:
                self._emit_later(self.absent, f"{sentence} {recording.cells.absent}".strip())
            elif sentence or note:
                self._emit_later(self.continued, f"{note} {sentence}".strip())

    def _write_to(self, path: Path) -> Writer:
        recording = self._session.recording
        assert recording is not None
        writer = Writer(path, self.saved.emit, self._moved.emit)
        self.recorder.begin(writer, recording)
        return writer

    def _emit_later(self, signal: pyqtBoundSignal, value: object) -> None:
        """Emit once all views show the recording: the message of the one before goes then."""
        self._waiting.append((signal, value))
        # To a slot, which Qt forgets with the keeper: a signal of one that is gone would crash the program.
        QTimer.singleShot(0, self._emit_waiting)

    @pyqtSlot()
    def _emit_waiting(self) -> None:
        waiting, self._waiting = self._waiting, []
        for signal, value in waiting:
            signal.emit(value)

    def _restore(self, path: Path, recording: Recording, taken: bool) -> tuple[str, str]:
        """Bring back what the project holds; return why it is not written to, and a sentence on what there is."""
        with Database(path, write=taken) as database:
            rois = kept_rois(database, recording)
            cells = len(recording.cells if rois is None else rois.rois)
            kept, sizes = Kept.of(database, cells), database.sizes("result")
            if kept is None:
                return database.remark, ""
            fixed = recording.cells.absent or recording.source == str(path)
            same = bool(fixed) or kept.origin["identity"] == self.recorder.origin["identity"]
            digests = {} if same else kept.digests(database)
        if not same or fixed:
            self.recorder.origin["identity"] = kept.origin["identity"]  # until the signals are compared
        if fixed:
            self.recorder.origin = dict(kept.origin)
        self.recorder.results = KeptResults(StoredResults(path, sizes if same else {}))
        if rois is not None:
            with self.recorder.paused():
                self._session.rois.bring_back(edited_cells(rois, recording, same), rois.as_read)
            recording = self._session.recording or recording
        self._bring_back(kept, recording, same)
        if not same:
            question = path, recording, kept, sizes
            self._checker.submit(compare(path, recording, digests, taken and not database.remark), question)
        words = kept.words()
        return database.remark, f"Continued where you left it on {kept.when}: {words}." if words else ""

    def _bring_back(self, kept: Kept, recording: Recording, same: bool) -> None:
        session, given = self._session, self._loader.options_of(recording).frame_rate
        if given == kept.origin["answers"].get("frame_rate"):
            given = None  # the answer of then, which may have been changed since
        self.recorder.run_keys = {run.number: result_key(run.index, run.settings) for run in kept.runs}
        with self.recorder.paused():
            self._bring_back_sweeps(kept, same)
            kept.restore(session, kept.frame_rate if given is None else given)
            outcomes = {index: replace(each, earlier=each.earlier or not same) for index, each in kept.outcomes.items()}
            session.restore(outcomes, self.recorder.results.stored)
            if same:
                self._trust(kept, kept.outcomes)
            session.select(kept.index)
        self.kept_view, self.brought_back = kept.view, True

    def _trust(self, kept: Kept, indices: Iterable[int]) -> None:
        """Take the results of these cells as such of the signals as they are."""
        for index in indices:
            self.recorder.results.note_newest(index, kept.outcomes[index].settings)
        pins = list(self._session.pins.all)
        for place, pin in enumerate(kept.pins):
            if pin is not None and pin.index in indices:
                result = self.recorder.results.stored.get(pin.index, pin.settings)
                pins[place] = Pinned(pin.index, pin.cell, result) if result is not None else pins[place]
        self._session.pins.restore(pins)

    def _bring_back_sweeps(self, kept: Kept, same: bool) -> None:
        """Take the sweeps of all cells as such of the signals as they are, where those are the `same`."""
        for found, state in kept.sweeps:
            self.recorder.results.sweeps.note(found.plan, state)
            if same and state == kept.origin["identity"]:
                self._session.sweeps.keep(found)

    @pyqtSlot(object, object)
    def _on_compared(self, question: tuple[Path, Recording, Kept, Mapping[str, int]], answer: Comparison) -> None:
        path, recording, kept, sizes = question
        session = self._session
        if session.recording is None or session.recording.cells is not recording.cells:
            return
        same = set(answer.same)
        self.recorder.origin["identity"] = identity(Path(recording.source or ""), recording.files)
        for key, size in sizes.items():
            if int(key.partition("/")[0]) in same and key not in self.recorder.results.stored.sizes:
                self.recorder.results.stored.take(key, size)
        with self.recorder.paused():
            self._trust(kept, same)
            self._bring_back_sweeps(kept, len(same) == len(recording.cells))
            session.take_back({index: kept.outcomes[index] for index in answer.same})
        self.recorder.put_outcomes(list(answer.changed))
        self.recorder.put_state()
        if answer.changed:
            sentence = (
                f"{recording.name} has changed since {kept.when}: of {counted(len(kept.outcomes), 'result')} "
                f"{len(answer.changed)} {'is' if len(answer.changed) == 1 else 'are'} of an earlier state of the "
                f"recording, kept in {path.name} and not shown as current."
            )
            self._emit_later(self.continued, sentence)  # after what is still waiting, which would take its place

    @pyqtSlot(object, object)
    def _on_not_compared(self, _: object, error: DataError) -> None:
        """Say why all results stay those of an earlier state."""
        recording = self._session.recording
        if recording is not None:
            self.saved.emit(
                f"What is kept of {recording.name} could not be compared with its signals: {error} The results are "
                "shown as of an earlier state; open the recording again to compare them."
            )

    @pyqtSlot(object, str)
    def _on_moved(self, path: Path, sentence: str) -> None:
        if self._next is None or self._next[0] != path:
            return  # of a recording that was left
        (_, lock), self._next = self._next, None
        if sentence:
            lock.unlock()
            self.saved.emit(f"{path.name} was not saved: {sentence} What you do is kept where it was before.")
            return
        self._lock.unlock()
        self._lock = lock
        self.recorder.results.stored.move_to(path)
        self.recorder.origin["relative"] = seen_from(path.parent, Path(self.recorder.origin["source"]))
        self.recorder.put_state()
        self.named.emit(path)
        self.begun.emit(path)
