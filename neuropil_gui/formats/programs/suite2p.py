"""Reader of suite2p's folders: F and Fneu of each cell, read on demand."""

import re
from pathlib import Path

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.formats.known import known_in_folder
from neuropil_gui.formats.paths import (
    CellsOnDemand,
    Options,
    data_error,
    join_names,
    os_errors_as_data_errors,
    printable_name,
)
from neuropil_gui.formats.plain.preview import of_recording
from neuropil_gui.formats.programs.suite2p_plane import DEFAULTS, Plane, open_plane
from neuropil_gui.formats.questions import Choice, FileQuestion, Inquiry

#: What suite2p writes into a plane folder; any of them stands for the folder.
FILES = (
    *("F", "Fneu", "spks", "iscell", "stat", "ops", "redcell", "F_chan2", "Fneu_chan2", "zcorr"),
    *("db", "settings", "reg_outputs", "detect_outputs"),
)
_NAMES = {f"{name}.npy" for name in FILES} | {"Fall.mat", "data.bin"}
_MARKS = ("Fneu.npy", "iscell.npy", "stat.npy", "ops.npy")


def sniff(path: Path, _head: bytes) -> bool:
    """Return whether the path is a folder, or one of suite2p's files among others of them.

    Parameters
    ----------
    path : Path
        The file.
    _head : bytes
        Its first 512 bytes; none for a folder.
    """
    if path.is_dir():
        return True
    others = [name for name in ("F.npy", *_MARKS) if name != path.name]
    return path.name in _NAMES and any((path.parent / name).is_file() for name in others)


def read(path: Path, options: Options) -> Recording:
    """Read a plane folder, a folder with planes in it, or any file of a plane folder.

    Parameters
    ----------
    path : Path
    options : Options
        `plane` takes one of several: its number, its folder's name, or "combined"; without, all of
        them are one recording. A given frame rate is taken, and suite2p's own is not looked at.

    Returns
    -------
    Recording
        Cells are those that ``iscell.npy`` marks; `source_index` is the row in the plane's ``F.npy``.

    Raises
    ------
    DataError
        When there is no plane, or not the one asked for; when files are missing or do not fit each other.
    """
    folder = path if path.is_dir() else path.parent
    chosen = _chosen(folder, _planes(folder), options.plane)
    warnings: list[str] = []
    channel = "_chan2" if path.stem.endswith("_chan2") and path != folder else ""
    planes = _opened(chosen, options.frame_rate, warnings, channel)
    if channel:
        warnings.append(f"The second channel was opened, {path.name}; its folder opens the first.")
    elif path.name == "spks.npy":
        warnings.append("spks.npy stands for its folder, of which F and Fneu were read.")
    named = len(chosen) > 1
    headers = [(plane, header) for plane in planes for header in plane.headers(named)]

    def load(index: int) -> Cell:
        plane, header = headers[index]
        return plane.cell(header)

    # Each cell is read from disk, so what counts is what the cells take as float64.
    source = chosen[0].parent if named else path if channel else chosen[0]
    name = "/".join(source.absolute().parts[-2:])
    cells = CellsOnDemand([header for _, header in headers], load)
    files = tuple(str(file) for plane in chosen for file in plane.glob("*.npy"))
    return Recording(name, str(source), _common_rate(planes, warnings), cells, "suite2p", tuple(warnings), files=files)


def holds_plane(folder: Path) -> bool:
    """Return whether there is a file of a plane, or a folder with some, in `folder`.

    Parameters
    ----------
    folder : Path
    """
    with os_errors_as_data_errors(folder):
        places = [folder, folder / "suite2p", *(child for child in folder.iterdir() if child.is_dir())]
        return any((place / name).is_file() for place in places for name in ("F.npy", *_MARKS))


def inquire(path: Path) -> Inquiry:
    """Return the questions about a folder: the plane, and a frame rate that may be a default.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        As `read` does.
    """
    folder = path if path.is_dir() else path.parent
    planes = _planes(folder)
    recording = read(path, Options())
    questions = []
    if len(planes) > 1:
        numbers = [plane.name for plane in planes if plane.name != "combined"]
        choices = (Choice(None, f"all {len(numbers)} planes"), *(Choice(plane.name, plane.name) for plane in planes))
        why = "Each cell's name says its plane; the combined folder holds the same cells with zeros behind some."
        questions.append(FileQuestion("plane", "Which planes?", None, why, choices))
    questions += rate_questions(recording.frame_rate)
    names = ",".join(plane.name for plane in planes)
    return Inquiry(
        "suite2p folder",
        tuple(questions),
        lambda options: of_recording(read(path, options)),
        f"suite2p {names}",
        alone=recording.cells.headers[0].signals == 1,
    )


def rate_questions(rate: float | None) -> list[FileQuestion]:
    """Return the question about a frame rate in Hz that is not known, or is one of suite2p's defaults.

    Parameters
    ----------
    rate : float or None
        In Hz.
    """
    text = "At how many frames a second was each plane imaged?"
    if rate is None:
        return [FileQuestion("frame_rate", text, None, "suite2p's files here do not say it.")]
    if rate not in DEFAULTS:
        return []
    return [FileQuestion("frame_rate", text, rate, f"suite2p says {rate:g} Hz, which is often a default left in.")]


def _common_rate(planes: list[Plane], warnings: list[str]) -> float | None:
    """Return the frame rate in Hz that all planes have; where they differ, None with a warning."""
    rates = {plane.name: plane.rate for plane in planes if plane.rate is not None}
    if len(set(rates.values())) > 1:
        each = ", ".join(f"{name} {rate:g} Hz" for name, rate in rates.items())
        warnings.append(f"The planes differ in their frame rate ({each}); open one of them, or set the frame rate.")
        return None
    return next(iter(rates.values()), None)


def _opened(chosen: list[Path], rate: float | None, warnings: list[str], channel: str) -> list[Plane]:
    """Open planes; one of several that cannot be opened is left out with a warning."""
    if len(chosen) == 1:
        return [open_plane(chosen[0], rate, warnings, channel, alone=True)]
    planes: list[Plane] = []
    refusals: list[DataError] = []
    for folder in chosen:
        notes: list[str] = []
        try:
            planes.append(open_plane(folder, rate, notes))
        except DataError as error:
            refusals.append(error)
            notes.append(f"Left out: {error}")
        warnings += [each for each in notes if each not in warnings]
    if not planes:
        raise refusals[0]
    return planes


def _is_plane(folder: Path) -> bool:
    return any((folder / name).is_file() for name in ("F.npy", *_MARKS))


def _planes(folder: Path) -> list[Path]:
    """Find the plane folders at or below `folder`, by their numbers; ``combined`` is the last where it has traces."""
    with os_errors_as_data_errors(folder):
        if _is_plane(folder):
            return [folder]
        below = [child for child in folder.iterdir() if child.is_dir() and _is_plane(child)]
        saved = folder / "suite2p"
        if not below and saved.is_dir():
            return _planes(saved)
        known = None if below else known_in_folder(folder)
    if not below:
        raise data_error(
            folder, known or "no suite2p plane was found in this folder; one with F.npy and Fneu.npy was expected."
        )
    planes = sorted((child for child in below if child.name != "combined"), key=_by_number)
    # suite2p 1.x may leave a combined folder without traces.
    combined = [child for child in below if child.name == "combined" and (not planes or (child / "F.npy").is_file())]
    return planes + combined


def _by_number(folder: Path) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", folder.name)]


def _chosen(folder: Path, planes: list[Path], asked: str | None) -> list[Path]:
    if asked is None:  # where there are planes, the sum of them is not one more
        return [plane for plane in planes if plane.name != "combined"] or planes
    wanted = f"plane{int(asked)}" if re.fullmatch("[0-9]{1,9}", asked) else asked.lower()
    found = [plane for plane in planes if plane.name.lower() == wanted]
    if not found:
        names = join_names([plane.name for plane in planes])
        raise data_error(folder, f"there is no plane {printable_name(asked)!r} in it; {names} is there.")
    return found
