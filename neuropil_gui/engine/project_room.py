"""Room for the projects without a name: oldest results make room first, what the user wrote last."""

import logging
import os
import stat
from collections.abc import Callable
from pathlib import Path

from neuropil_gui.core.errors import DataError
from neuropil_gui.engine.project_place import lock_of
from neuropil_gui.engine.runner import Report, ShouldStop, Work
from neuropil_gui.formats.paths import by_age, counted
from neuropil_gui.formats.project.database import SUFFIX, Database

log = logging.getLogger("neuropil_gui")

RESULTS = ("earlier", "result")
"""The kinds of items that are results; they can be made again."""


def make_room(folder: Path, most: int) -> Work:
    """Bound the projects in a folder to `most` bytes; answers with a sentence for each that was cut, also in the log.

    First the results go, of the project that was saved longest ago first; then whole projects, in the same order.
    Projects that a window has open are left as they are.
    """

    def work(report: Report, should_stop: ShouldStop) -> list[str]:
        sentences: list[str] = []
        for cut in (_cut_results, _delete):
            for path, _ in by_age(folder.glob(f"*{SUFFIX}")):
                if should_stop() or _size(folder) <= most:
                    return sentences
                sentence = _cut(path, cut)
                if sentence:
                    sentences.append(sentence)
                    log.warning("%s", sentence)
        return sentences

    return work


def _size(folder: Path) -> int:
    return sum(facts.st_size for _, facts in by_age(folder.glob(f"*{SUFFIX}*")) if stat.S_ISREG(facts.st_mode))


def _cut(path: Path, cut: Callable[[Path], str]) -> str:
    """Cut a project that no window has open; return what was done, empty for nothing."""
    lock, _ = lock_of(path)
    if lock is None:
        return ""
    try:
        saved = path.stat()
        sentence = cut(path)
        if path.exists():
            os.utime(path, ns=(saved.st_atime_ns, saved.st_mtime_ns))  # it is no newer than its contents
        return sentence
    except OSError as error:
        return f"{path.name} could not make room: {error}."
    finally:
        lock.unlock()


def _cut_results(path: Path) -> str:
    try:
        with Database(path, write=True) as database:
            count = sum(len(database.sizes(kind)) for kind in RESULTS) if database.writable else 0
            for kind in RESULTS if count else ():
                database.clear(kind)
    except DataError:
        return ""  # damaged, and kept until there is no other room
    results = counted(count, "result")
    return f"{path.name}: {results} made room for newer ones; labels, notes and history stay." if count else ""


def _delete(path: Path) -> str:
    for each in path.parent.glob(f"{path.name}*"):
        if each.suffix != ".lock":
            each.unlink()
    return f"{path.name} was deleted: it was saved longest ago, and there was no room for it."
