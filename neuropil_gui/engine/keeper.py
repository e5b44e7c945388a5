"""Keeper: saves what is done with a recording as it is done, and brings it back when the recording is opened again."""

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import asdict, fields
from functools import partial
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QLockFile, QObject, QTimer, pyqtBoundSignal, pyqtSignal, pyqtSlot

from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.remarks import Remark
from neuropil_gui.engine.loader import Loader
from neuropil_gui.formats.paths import data_error
from neuropil_gui.formats.project.database import SUFFIX, Database
from neuropil_gui.formats.project.packing import (
    fingerprint,
    pack,
    pack_separation,
    settings_of,
    unpack,
)
from neuropil_gui.formats.project.writer import Writer
from neuropil_gui.state.pins import SLOTS, Pinned
from neuropil_gui.state.results import Outcome, Result
from neuropil_gui.state.runs import Run
from neuropil_gui.state.session import Session
from neuropil_gui.state.stored_results import StoredResults, result_key

REST = 300
"""Milliseconds after a change until it is handed to the writer, with all others meanwhile."""


class Keeper(QObject):
    """Follows the session, and keeps one project for each recording in a folder.

    Signals: `continued` (sentence, when work on a recording was brought back), `saved` (sentence: "" or why it could
    not be saved).

    Parameters
    ----------
    session : Session
    loader : Loader
    folder : Path
        Of the projects; made where there is none.
    """

    continued = pyqtSignal(str)
    saved = pyqtSignal(str)

    def __init__(self, session: Session, loader: Loader, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._loader, self._folder = session, loader, folder
        self._writer: Writer | None = None
        self._database: Database | None = None
        self._lock = QLockFile("")
        self._newest: dict[int, str] = {}
        self._pinned: frozenset[str] = frozenset()
        self._restoring = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(REST)
        self._rest.timeout.connect(self._put_state)
        session.recording_changed.connect(self._on_recording)
        session.outcome_changed.connect(self._put_outcome)
        for signal in (
            session.settings_changed, session.selection_changed, session.frame_rate_changed, session.pins.changed,
            session.baseline_changed, session.marks.changed,
        ):  # fmt: skip
            signal.connect(self._on_changed)
        session.pins.changed.connect(self._put_pins)
        session.runs.added.connect(self._put_run)
        session.runs.updated.connect(self._put_run)
        session.runs.removed.connect(self._drop_run)

    @property
    def path(self) -> Path | None:
        """The project of the open recording, None where nothing is kept."""
        return self._writer.path if self._writer is not None else None

    def flush(self, seconds: float = 5.0) -> bool:
        """Save what is left now, and wait for it."""
        if self._writer is None:
            return True
        self._put_state()
        return self._writer.flush(seconds)

    def close(self, seconds: float = 5.0) -> bool:
        """Save what is left, and end the thread; False where that could not be done in time."""
        self._rest.stop()
        if self._writer is None:
            self._close_database()
            return True
        self._put_state()
        writer, self._writer = self._writer, None
        ended = writer.close(seconds)
        self._close_database()
        self._lock.unlock()
        return ended

    @pyqtSlot()
    def start_afresh(self) -> None:
        """Begin a new project of the open recording; the one before stays beside it under another name."""
        recording, path = self._session.recording, self.path
        if recording is None or path is None:
            return
        self.close()
        _set_aside(path, "until")
        self._session.set_recording(recording)

    # Opening

    @pyqtSlot()
    def _on_recording(self) -> None:
        self.close()
        self._newest, self._pinned = {}, frozenset()
        recording = self._session.recording
        if recording is None or recording.source is None or RESOURCES in Path(recording.source).parents:
            return
        path, sentence = self._path_of(recording), ""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            taken = self._take(path)
            if path.is_file():
                try:
                    sentence = self._restore(path, recording)
                except DataError as error:
                    self._close_database()
                    aside = f" It is kept as {_set_aside(path, 'damaged').name}." if taken else ""
                    before = f"What was done with {recording.name} before could not be brought back: {error}{aside}"
                    self._emit_later(self.saved, before)
        except OSError as error:
            self._emit_later(self.saved, f"What you do with {recording.name} is not kept: {error}")
            return
        if self._database is not None and self._database.remark:
            self._emit_later(self.saved, self._database.remark)
        elif taken:
            self._writer = Writer(path, self.saved.emit)
            self._put_state()
            if sentence:
                self._emit_later(self.continued, sentence)

    def _take(self, path: Path) -> bool:
        """Return whether no other window has this project; one that was killed has it no longer."""
        lock = QLockFile(f"{path}.lock")
        lock.setStaleLockTime(0)
        if lock.tryLock(0):
            self._lock = lock
            return True
        _, number, host, _ = lock.getLockInfo()
        sentence = f"This recording is open in another window too (process {number} on {host})"
        self._emit_later(self.saved, f"{sentence}: what you do here is not kept.")
        return False

    def _emit_later(self, signal: pyqtBoundSignal, sentence: str) -> None:
        """Emit once all views show the recording: the message of the one before goes then."""
        QTimer.singleShot(0, partial(signal.emit, sentence))

    def _path_of(self, recording: Recording) -> Path:
        answers = {**asdict(self._loader.options_of(recording)), "frame_rate": None}
        text = json.dumps([str(Path(recording.source or "").absolute()), answers])
        return self._folder / (
            hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=10).hexdigest() + SUFFIX
        )

    def _restore(self, path: Path, recording: Recording) -> str:
        """Bring back what the project holds; return a sentence on it, empty where there is nothing to tell."""
        self._database = Database(path)
        try:
            return self._bring_back(self._database, recording)
        except DataError:
            raise
        except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise data_error(path, f"the project holds something else than expected ({error!r}).") from error

    def _bring_back(self, database: Database, recording: Recording) -> str:
        body = database.get("state", "now")
        if body is None:
            return ""
        state, _ = unpack(body)
        same = state["identity"] == _identity(recording)
        marks = {int(index): Mark(**mark) for index, mark in state["marks"].items()}
        runs = [_run_of(unpack(body)[0]) for key in database.keys("run") if (body := database.get("run", key))]
        outcomes, stored = {}, StoredResults(database)
        for key in database.keys("outcome"):
            body = database.get("outcome", key)
            if body is not None and same:
                outcomes[int(key)] = _outcome_of(unpack(body)[0])
        for index, outcome in outcomes.items():
            stored.note_newest(index, outcome.settings)
            self._newest[index] = result_key(index, outcome.settings)
        pins: list[Pinned | None] = [None] * len(SLOTS)
        for place, pin in enumerate(state["pins"]):
            result = stored.get(pin["index"], settings_of(pin["settings"])) if pin and same else None
            if result is not None:
                pins[place] = Pinned(pin["index"], pin["cell"], result)
        session, settings = self._session, settings_of(state["settings"])
        self._restoring = True
        try:
            if recording.frame_rate is None and state["frame_rate"] is not None:
                session.set_frame_rate(state["frame_rate"])
            session.set_settings(settings)
            session.marks.restore({index: mark for index, mark in marks.items() if index < len(recording.cells)})
            session.runs.restore(runs)
            session.restore(outcomes, stored if same else None)
            session.pins.restore(pins)
            session.select(state["index"])
        finally:
            self._restoring = False
        known = len(outcomes)
        found = [
            _count(known, "result"), _count(len(marks), "mark"), _count(sum(1 for pin in pins if pin), "pin"),
            _count(len(runs), "run"),
        ]  # fmt: skip
        words = ", ".join(each for each in found if each)
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(state["at"]))
        if not same:
            return (
                f"{recording.name} has changed since {when}: the results made before are of its earlier state, are "
                f"kept in {database.path.name}, and are not shown. Marks and settings are those of then."
            )
        return f"Continued where you left it on {when}: {words}." if words else ""

    # Saving

    @pyqtSlot()
    def _on_changed(self) -> None:
        if self._writer is not None and not self._restoring:
            self._rest.start()

    @pyqtSlot()
    def _put_state(self) -> None:
        self._rest.stop()
        session, recording = self._session, self._session.recording
        if self._writer is None or recording is None:
            return
        facts: dict[str, Any] = {
            "at": time.time(),
            "source": str(Path(recording.source or "").absolute()),
            "name": recording.name,
            "identity": _identity(recording),
            "answers": asdict(self._loader.options_of(recording)),
            "frame_rate": recording.frame_rate,
            "settings": session.settings.to_dict(),
            "index": session.index,
            "marks": {str(index): asdict(mark) for index, mark in session.marks.all.items()},
            "pins": [_pin_facts(pin) for pin in session.pins.all],
        }
        self._writer.put("state", "now", partial(pack, facts))

    @pyqtSlot()
    def _put_pins(self) -> None:
        """Keep the results that are pinned, and drop those that no longer are."""
        pins = [pin for pin in self._session.pins.all if pin is not None]
        before, self._pinned = self._pinned, frozenset(result_key(pin.index, pin.settings) for pin in pins)
        if self._writer is None or self._restoring:
            return
        for pin in pins:
            if (key := result_key(pin.index, pin.settings)) not in before:
                self._put_result(key, pin.index, pin.result)
        for key in before:
            self._drop_result(key)

    @pyqtSlot(int)
    def _put_outcome(self, index: int) -> None:
        outcome = self._session.outcome(index)
        if self._writer is None or self._restoring or outcome is None:
            return
        self._writer.put("outcome", f"{index:09}", partial(pack, _plain(outcome)))
        result = self._session.results.get(index, outcome.settings)
        if result is not None:
            # A hand on a slider makes results by the hundred: of each cell the newest is kept, beside what is pinned.
            key, before = result_key(index, outcome.settings), self._newest.get(index, "")
            self._newest[index] = key
            self._drop_result(before)
            self._put_result(key, index, result)

    def _drop_result(self, key: str) -> None:
        """Delete a result that is neither pinned nor the newest of its cell."""
        if self._writer is not None and key and key not in self._pinned and key not in self._newest.values():
            self._writer.put("result", key, None)

    def _put_result(self, key: str, index: int, result: Result) -> None:
        assert self._writer is not None
        cell = self._session.cell if index == self._session.index else None
        separation = result.separation

        def body() -> bytes:
            return pack_separation(separation, result.numbers, fingerprint(cell) if cell is not None else "")

        self._writer.put("result", key, body)

    @pyqtSlot(object)
    def _put_run(self, run: Run) -> None:
        if self._writer is not None and not self._restoring:
            self._writer.put("run", f"{run.number:09}", partial(pack, _plain(run)))

    @pyqtSlot(int)
    def _drop_run(self, number: int) -> None:
        if self._writer is not None:
            self._writer.put("run", f"{number:09}", None)

    def _close_database(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None


def _set_aside(path: Path, why: str) -> Path:
    """Rename a project and what SQLite keeps beside it; return where it is."""
    name = f"{path.stem}-{why}-{time.strftime('%Y%m%d-%H%M%S')}"
    for each in path.parent.glob(f"{path.name}*"):
        if each.suffix != ".lock":
            each.replace(each.with_name(each.name.replace(path.stem, name)))
    return path.with_name(name + path.suffix)


def _identity(recording: Recording) -> list[Any]:
    """Return name, size and time of change of the recording's file, or of each file in its folder."""
    source = Path(recording.source or "")
    paths = sorted(each for each in source.iterdir() if each.is_file()) if source.is_dir() else [source]
    found = [(each.name, each.stat()) for each in paths if each.exists()]
    return [[name, seen.st_size, seen.st_mtime_ns] for name, seen in found]


def _plain(record: Outcome | Run) -> dict[str, Any]:
    """Return the fields of a record as JSON holds them."""
    facts = {each.name: getattr(record, each.name) for each in fields(record)}
    if isinstance(record, Outcome):
        facts["warnings"] = [asdict(each) for each in record.warnings]
    return facts | {"settings": record.settings.to_dict(), "numbers": dict(record.numbers)}


def _outcome_of(facts: Mapping[str, Any]) -> Outcome:
    warnings = tuple(Remark(**each) for each in facts["warnings"])
    return Outcome(**{**facts, "settings": settings_of(facts["settings"]), "warnings": warnings})


def _run_of(facts: Mapping[str, Any]) -> Run:
    return Run(**{**facts, "settings": settings_of(facts["settings"])})


def _pin_facts(pin: Pinned | None) -> dict[str, Any] | None:
    if pin is None:
        return None
    return {"index": pin.index, "cell": pin.cell, "settings": pin.separation.settings.to_dict()}


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}" if number else ""
