"""Places of projects: where a recording's is, whether this window may write it, and how one is put aside."""

import hashlib
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QLockFile

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.project.database import SUFFIX, Database
from neuropil_gui.formats.project.packing import unpack
from neuropil_gui.formats.project.writer import POINTER

#: Those there were before movies could be read, by which the projects of then are found.
_ANSWERS_OF_TRACES = (
    *("rows_are_frames", "frame_rate", "dataset", "neuropil", "roi_column", "plane", "time_unit", "rows"),
    "neuropil_file",
)


def home_of(folder: Path, recording: Recording, options: Options) -> Path:
    """Return where in a folder the work on a recording, read with these options, is kept until it is given a name."""
    answers = {**asdict(options), "frame_rate": None}
    if options.rois is None:
        answers = {name: answers[name] for name in _ANSWERS_OF_TRACES}
    text = json.dumps([str(Path(recording.source or "").absolute()), answers])
    return folder / (hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=10).hexdigest() + SUFFIX)


def named_project(home: Path, recording: Recording) -> tuple[Path, str]:
    """Return the project that the work at `home` was given a name as, else `home`, and what is to be said of it."""
    try:
        named = _item(home, POINTER).get("path") if home.is_file() else None
    except DataError:
        return home, ""  # opening it says why
    if named is None:
        return home, ""
    path, until = Path(str(named)), "what was done until then is shown"
    if not path.is_file():
        return home, (
            f"The project {path}, in which this was saved, is not there: {until}. File > Open opens it where it is now."
        )
    with suppress(DataError):
        source = _item(path, ("state", "now")).get("source")
        if source is not None and source != str(Path(recording.source or "").absolute()):
            return home, f"The project {path}, in which this was saved, is of another recording by now: {until}."
    return path, ""


def _item(path: Path, name: tuple[str, str]) -> dict[str, Any]:
    """Return the facts of an item of a project, none where there is no such item."""
    with Database(path) as database:
        body = database.get(*name)
    return unpack(body)[0] if body is not None else {}


def lock_of(path: Path) -> tuple[QLockFile | None, str]:
    """Lock a project for this window, or return why that cannot be; one that was killed has no lock any longer."""
    lock = QLockFile(f"{path}.lock")
    lock.setStaleLockTime(0)
    if lock.tryLock(0):
        if not path.exists() or os.access(path, os.W_OK):
            return lock, ""
        lock.unlock()
        return None, f"{path.name} may not be written"
    if lock.error() != QLockFile.LockError.LockFailedError:
        return None, f"{path.name} is in a folder that may not be written"
    _, number, host, _ = lock.getLockInfo()
    return None, f"This recording is open in another window too (process {number} on {host})"


def set_aside(path: Path, why: str) -> Path:
    """Rename a project and what SQLite keeps beside it; return where it is."""
    name = f"{path.stem}-{why}-{time.strftime('%Y%m%d-%H%M%S')}"
    for each in path.parent.glob(f"{path.name}*"):
        if each.suffix != ".lock":
            each.replace(each.with_name(each.name.replace(path.stem, name)))
    return path.with_name(name + path.suffix)
