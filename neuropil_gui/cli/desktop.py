"""The --install-desktop option: add the program to the desktop of a user of Linux, and take it away again."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

from neuropil_gui.assets import ICONS, RESOURCES
from neuropil_gui.cli.shared import DONE, FAILED, print_message
from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.writing.atomic import replacing

DESKTOP = RESOURCES / "desktop"

PLACES = {
    "applications/neuropil-gui.desktop": DESKTOP / "neuropil-gui.desktop",
    "icons/hicolor/scalable/apps/neuropil-gui.svg": ICONS / "app.svg",
    "metainfo/neuropil-gui.metainfo.xml": DESKTOP / "neuropil-gui.metainfo.xml",
    "mime/packages/neuropil-gui.xml": DESKTOP / "neuropil-gui-mime.xml",
}
"""Places of the files below the user's data folder; the wheel has the same below its prefix."""

UPDATES = {"applications": "update-desktop-database", "mime": "update-mime-database"}
"""Folders of which the desktop keeps an index, with the program that makes it anew where there is one."""

PROGRAM = "neuropil-gui-app"


def install() -> int:
    """Write the desktop file, icon, file type and description of the program, and return the exit code."""
    if not sys.platform.startswith("linux"):
        print_message("--install-desktop is for the desktops of Linux.")
        return FAILED
    folder = data_home(os.environ)
    for place, source in PLACES.items():
        content = source.read_bytes()
        if place.endswith(".desktop"):
            content = content.replace(b"Exec=" + PROGRAM.encode(), b"Exec=" + os.fsencode(_command()))
        target = folder / place
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with replacing(target) as file:
                file.write(content)
        except (DataError, OSError) as error:
            return _failed(target, error)
        print(target)
    _update(folder)
    return DONE


def uninstall() -> int:
    """Remove what `install` wrote, and return the exit code."""
    folder = data_home(os.environ)
    found = [folder / place for place in PLACES if (folder / place).is_file()]
    for path in found:
        try:
            path.unlink()
        except OSError as error:
            return _failed(path, error)
        print(path)
    if not found:
        print_message(f"there is nothing of the program in {folder}.")
    else:
        _update(folder)
    return DONE


def data_home(environment: Mapping[str, str]) -> Path:
    """Return the folder in which the desktop looks for a user's programs; a relative one does not count."""
    named = Path(environment.get("XDG_DATA_HOME", ""))
    return named if named.is_absolute() else Path.home() / ".local" / "share"


def quoted(word: str) -> str:
    """Return a word of a command as the value Exec of a desktop file has it.

    It is escaped twice: within quotation marks, as a shell would, and then as any text of a desktop file.
    """
    for sign in ("\\", '"', "`", "$"):
        word = word.replace(sign, "\\" + sign)
    return '"' + word.replace("\\", "\\\\").replace("%", "%%") + '"'


def _command() -> str:
    """Return how this very program is started, from any folder and without its environment."""
    if getattr(sys, "frozen", False):
        return quoted(sys.executable)
    script = Path(sysconfig.get_path("scripts")) / PROGRAM
    if script.is_file():
        return quoted(str(script))
    return f"{quoted(sys.executable)} -m neuropil_gui"


def _failed(path: Path, error: DataError | OSError) -> int:
    why = error.strerror if isinstance(error, OSError) else None
    print_message(f"{path}: it could not be changed ({why})." if why else str(error))
    return FAILED


def _update(folder: Path) -> None:
    for name, program in UPDATES.items():
        path = shutil.which(program)
        if path is not None and (folder / name).is_dir():
            # What it says, e.g. that the folder is not searched, is nothing that the user can change here.
            subprocess.run([path, str(folder / name)], check=False, capture_output=True)
