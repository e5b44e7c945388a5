"""Keeper: saves what is done with a recording as it is done, and brings it back when the recording is opened again."""

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QLockFile, QObject, QTimer, pyqtBoundSignal, pyqtSignal, pyqtSlot

from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, CellsInMemory, Recording
from neuropil_gui.engine.changed_cells import Comparison, compare
from neuropil_gui.engine.kept_results import KeptResults
from neuropil_gui.engine.kept_state import Kept, pack_picture, record_facts, session_facts
from neuropil_gui.engine.loader import Loader
from neuropil_gui.engine.project_place import home_of, lock_of, named_project, set_aside
from neuropil_gui.engine.runner import Runner
from neuropil_gui.formats.paths import counted
from neuropil_gui.formats.project.database import SUFFIX, Database
from neuropil_gui.formats.project.packing import pack
from neuropil_gui.formats.project.recording import identity, origin_facts, pack_headers
from neuropil_gui.formats.project.writer import Writer
from neuropil_gui.state.pins import Pinned
from neuropil_gui.state.results import Result
from neuropil_gui.state.runs import Run
from neuropil_gui.state.session import Session
from neuropil_gui.state.stored_results import StoredResults, result_key

REST = 300
"""Milliseconds after a change until it is handed to the writer, with all others meanwhile."""


class Keeper(QObject):
    """Follows the session, and keeps one project for each recording: in a folder of its own until it is given a name.

    Signals: `continued` (sentence, when work on a recording was brought back), `absent` (sentence, when the recording
    of a project was not found), `saved` (sentence: "" or why it could not be saved), `begun` (path of the project that
    is kept from now on), `named` (path that it was given).

    Parameters
    ----------
    session : Session
    loader : Loader
    folder : Path
        Of the projects without a name; made where there is none.

    Attributes
    ----------
    folder : Path
    view : callable
        Returns what is in view, as JSON holds it.
    kept_view : mapping
        What `view` returned when the open recording was left.
    """

    continued = pyqtSignal(str)
    saved = pyqtSignal(str)
    absent = pyqtSignal(str)
    begun = pyqtSignal(object)
    named = pyqtSignal(object)
    _moved = pyqtSignal(object, str)

    def __init__(self, session: Session, loader: Loader, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._loader, self.folder = session, loader, folder
        self.view: Callable[[], Mapping[str, Any]] = dict
        self.kept_view: Mapping[str, Any] = {}
        self._writer: Writer | None = None
        self._results = KeptResults(StoredResults(folder))
        self._lock = QLockFile("")
        self._next: tuple[Path, QLockFile] | None = None
        self._home = folder
        self._origin: dict[str, Any] = {}
        self._run_keys: dict[int, str] = {}
        self._restoring = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._put_state)
        self._moved.connect(self._on_moved)
        self._checker = Runner(self, "Comparing the recording with the project")
        self._checker.finished.connect(self._on_compared)
        session.recording_left.connect(self._on_left)
        session.recording_changed.connect(self._on_recording)
        session.outcome_changed.connect(self._put_outcome)
        session.outcomes_changed.connect(self._put_outcomes)
        for signal in (
            session.own.changed, session.selection_changed, session.frame_rate_changed, session.pins.changed,
            session.baseline_changed, session.marks.changed,
        ):  # fmt: skip
            signal.connect(self.note_change)
        session.pins.changed.connect(self._put_pins)
        session.runs.added.connect(self._put_run)
        session.runs.updated.connect(self._put_run)
        session.runs.removed.connect(self._drop_run)

    @property
    def path(self) -> Path | None:
        """The project of the open recording, None where nothing is kept."""
        return self._writer.path if self._writer is not None else None

    @property
    def has_name(self) -> bool:
        """Whether the project of the open recording is one that the user has given a name."""
        return self.path is not None and self.path.parent != self.folder

    def flush(self, seconds: float = 5.0) -> bool:
        """Save what is left now, and wait for it."""
        if self._writer is None:
            return True
        self._put_state()
        return self._writer.flush(seconds)

    def close(self, seconds: float = 5.0) -> bool:
        """Save what is left, and end the thread; False where that could not be done in time."""
        self._rest.stop()
        self._checker.drop()
        ended = True
        if self._writer is not None:
            self._put_state()
            writer, self._writer, self._results.writer = self._writer, None, None
            self._results.stored.close()
            ended = writer.close(seconds)
            self._lock.unlock()
            if self._next is not None:
                self._next[1].unlock()
                self._next = None
        self._results.stored.close()
        return ended

    @pyqtSlot()
    def start_afresh(self) -> None:
        """Begin a new project of the open recording; the one before stays beside it under another name."""
        recording, path = self._session.recording, self.path
        if recording is None or path is None:
            return
        self.close()
        set_aside(path, "until")
        self._session.set_recording(recording)

    def save_as(self, path: Path) -> None:
        """Give the project a name and place, and go on there; `named` or `saved` says what became of it."""
        if self._session.recording is None or path == self.path:
            return
        lock, sentence = lock_of(path)
        if lock is None:
            self.saved.emit(f"{path.name} was not saved: {sentence}. Choose another name.")
            return
        self._next = path, lock
        home: Path | None = self._home
        if self._writer is None:
            # Nothing is kept of a demo, or another window keeps it: all that is known here is written first.
            home = None
            self.folder.mkdir(parents=True, exist_ok=True)
            self._put_all(self.folder / f"unnamed-{time.time_ns()}{SUFFIX}")
        self._put_state()
        assert self._writer is not None
        self._writer.move_to(path, home)

    @pyqtSlot()
    def note_change(self) -> None:
        """Save soon, because something of what is kept has changed."""
        # Not begun anew by each change: what changes without a rest is saved, too.
        if self._writer is not None and not self._restoring and not self._rest.isActive():
            self._rest.start()

    # Opening

    @pyqtSlot()
    def _on_left(self) -> None:
        self.close()

    @pyqtSlot()
    def _on_recording(self) -> None:
        self._run_keys, self.kept_view = {}, {}
        recording = self._session.recording
        if recording is None or recording.source is None:
            return
        options = self._loader.options_of(recording)
        self._home = home_of(self.folder, recording, options)
        path, note = self._loader.project_of(recording), ""
        if path is None:
            path, note = named_project(self._home)
        self._origin = origin_facts(recording, options, path)
        self._results = KeptResults(StoredResults(path))
        demo = RESOURCES in Path(recording.source).parents
        if not demo or path != self._home:
            self._open(path, recording, note)

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
            self._put_state()
            if self._session.results.stored is None and recording.settings is None:
                self._session.results.stored = self._results.stored  # for what no longer fits into memory
            self._emit_later(self.begun, path)
            if recording.cells.absent:
                self._emit_later(self.absent, f"{sentence} {recording.cells.absent}".strip())
            elif sentence or note:
                self._emit_later(self.continued, f"{note} {sentence}".strip())

    def _write_to(self, path: Path) -> None:
        recording = self._session.recording
        assert recording is not None
        self._writer = self._results.writer = Writer(path, self.saved.emit, self._moved.emit)
        if not recording.cells.absent:
            self._writer.put("recording", "cells", partial(pack_headers, recording))

    def _emit_later(self, signal: pyqtBoundSignal, value: object) -> None:
        """Emit once all views show the recording: the message of the one before goes then."""
        QTimer.singleShot(0, partial(signal.emit, value))

    def _restore(self, path: Path, recording: Recording, taken: bool) -> tuple[str, str]:
        """Bring back what the project holds; return why it is not written to, and a sentence on what there is."""
        with closing(Database(path, write=taken)) as database:
            kept, sizes = Kept.of(database, len(recording.cells)), database.sizes("result")
            if kept is None:
                return database.remark, ""
            fixed = recording.cells.absent or recording.source == str(path)
            same = bool(fixed) or kept.origin["identity"] == self._origin["identity"]
            digests = {} if same else kept.digests(database)
        if not same or fixed:
            self._origin["identity"] = kept.origin["identity"]  # until the signals are compared
        if fixed:
            self._origin = dict(kept.origin)
        self._results = KeptResults(StoredResults(path, sizes if same else {}))
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
        self._run_keys = {run.number: result_key(run.index, run.settings) for run in kept.runs}
        self._restoring = True
        try:
            kept.restore(session, kept.frame_rate if given is None else given)
            outcomes = {index: replace(each, earlier=each.earlier or not same) for index, each in kept.outcomes.items()}
            session.restore(outcomes, self._results.stored)
            if same:
                self._trust(kept, kept.outcomes)
            session.select(kept.index)
        finally:
            self._restoring = False
        self.kept_view = kept.view

    def _trust(self, kept: Kept, indices: Iterable[int]) -> None:
        """Take the results of these cells as such of the signals as they are."""
        for index in indices:
            self._results.note_newest(index, kept.outcomes[index].settings)
        pins = list(self._session.pins.all)
        for place, pin in enumerate(kept.pins):
            if pin is not None and pin.index in indices:
                result = self._results.stored.get(pin.index, pin.settings)
                pins[place] = Pinned(pin.index, pin.cell, result) if result is not None else pins[place]
        self._session.pins.restore(pins)

    @pyqtSlot(object, object)
    def _on_compared(self, question: tuple[Path, Recording, Kept, Mapping[str, int]], answer: Comparison) -> None:
        path, recording, kept, sizes = question
        session = self._session
        if session.recording is None or session.recording.cells is not recording.cells:
            return
        same = set(answer.same)
        self._origin["identity"] = identity(Path(recording.source or ""), recording.files)
        for key, size in sizes.items():
            if int(key.partition("/")[0]) in same and key not in self._results.stored.sizes:
                self._results.stored.take(key, size)
        self._restoring = True
        try:
            self._trust(kept, same)
            session.take_back({index: kept.outcomes[index] for index in answer.same})
        finally:
            self._restoring = False
        self._put_outcomes(list(answer.changed))
        self._put_state()
        if answer.changed:
            self.continued.emit(
                f"{recording.name} has changed since {kept.when}: of {counted(len(kept.outcomes), 'result')} "
                f"{len(answer.changed)} {'is' if len(answer.changed) == 1 else 'are'} of an earlier state of the "
                f"recording, kept in {path.name} and not shown as current."
            )

    # Saving

    @pyqtSlot()
    def _put_state(self) -> None:
        self._rest.stop()
        session = self._session
        if self._writer is None or session.recording is None:
            return
        self._results.tidy(set(self._run_keys.values()))
        facts = session_facts(session) | self._origin | {"view": dict(self.view())}
        self._writer.put("state", "now", partial(pack, facts))
        cell = session.cell
        if cell is not None and not cell.absent:
            self._writer.put("picture", "now", partial(pack_picture, cell))

    def _put_all(self, path: Path) -> None:
        """Write all that is known of the recording into a new project."""
        session = self._session
        self._results = KeptResults(StoredResults(path))
        self._write_to(path)
        for index, _ in session.outcomes():
            self._put_outcome(index)
        for run in session.runs.all():
            self._put_run(run)
        self._put_pins()
        session.results.stored = self._results.stored

    @pyqtSlot()
    def _put_pins(self) -> None:
        """Keep the results that are pinned."""
        if not self._restoring:
            self._results.set_pinned([pin for pin in self._session.pins.all if pin is not None], self._cell_of)

    @pyqtSlot(int)
    def _put_outcome(self, index: int) -> None:
        outcome = self._session.outcome(index)
        if self._writer is None or self._restoring or outcome is None:
            return
        self._writer.put("outcome", f"{index:09}", partial(pack, record_facts(outcome)))
        result = self._session.results.get(index, outcome.settings) if not outcome.earlier else None
        if result is not None:
            self._results.put_newest(index, result, self._cell_of(index, result))
        self.note_change()

    @pyqtSlot(object)
    def _put_outcomes(self, indices: list[int]) -> None:
        for index in indices if not self._restoring else ():
            self._put_outcome(index)

    def _cell_of(self, index: int, result: Result) -> Cell | None:
        """Return the cell of a result where its signals are in memory."""
        recording, cell = self._session.recording, self._session.cell
        if recording is None or recording.cells.absent:
            return None
        if index == self._session.index and cell is not None:
            return cell
        return recording.cells[index] if isinstance(recording.cells, CellsInMemory) else result.cell

    @pyqtSlot(object)
    def _put_run(self, run: Run) -> None:
        if self._writer is not None and not self._restoring:
            self._run_keys[run.number] = result_key(run.index, run.settings)
            self._writer.put("run", f"{run.number:09}", partial(pack, record_facts(run)))

    @pyqtSlot(int)
    def _drop_run(self, number: int) -> None:
        if self._writer is not None:
            self._run_keys.pop(number, None)
            self._writer.put("run", f"{number:09}", None)

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
        self._results.stored.move_to(path)
        self.named.emit(path)
        self.begun.emit(path)
