"""Places of projects: where a recording's is, whether this window may write it, and how one is put aside."""

import hashlib
import json
import os
import time
from dataclasses import asdict
from pathlib import Path

from PyQt5.QtCore import QLockFile

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.project.database import SUFFIX, Database
from neuropil_gui.formats.project.packing import unpack
from neuropil_gui.formats.project.writer import POINTER


def home_of(folder: Path, recording: Recording, options: Options) -> Path:
    """Return where in a folder the work on a recording, read with these options, is kept until it is given a name."""
    answers = {**asdict(options), "frame_rate": None}
    text = json.dumps([str(Path(recording.source or "").absolute()), answers])
    return folder / (hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=10).hexdigest() + SUFFIX)


def named_project(home: Path) -> tuple[Path, str]:
    """Return the project that the work at `home` was given a name as, else `home`, and what is to be said of it."""
    if not home.is_file():
        return home, ""
    try:
        database = Database(home)
        try:
            body = database.get(*POINTER)
        finally:
            database.close()
        named = Path(str(unpack(body)[0].get("path"))) if body is not None else home
    except DataError:
        return home, ""  # opening it says why
    if named.is_file():
        return named, ""
    return home, (
        f"The project {named}, in which this was saved, is not there: what was done until then is shown. File > Open "
        "opens it where it is now."
    )


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
