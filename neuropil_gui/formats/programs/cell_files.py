"""Reader of folders that hold a file for each cell: tables of text, or NumPy arrays of two dimensions."""

import re
from dataclasses import replace
from pathlib import Path

from neuropil_gui.core.recording import Cell, CellHeader, Recording
from neuropil_gui.formats.paths import (
    CellsOnDemand,
    Options,
    check_path,
    data_error,
    join_names,
    os_errors_as_data_errors,
    printable_name,
)
from neuropil_gui.formats.plain import arrays, text
from neuropil_gui.formats.plain.npy import open_numbers
from neuropil_gui.formats.plain.rows import SIGNALS
from neuropil_gui.formats.programs import suite2p
from neuropil_gui.formats.progress import tick

_MOST = 10_000


def sniff(path: Path, _head: bytes) -> bool:
    """Return whether the path is a folder with such files at its top, and no suite2p folder.

    Parameters
    ----------
    path : Path
        The file.
    _head : bytes
        Its first 512 bytes; none for a folder.
    """
    return path.is_dir() and not suite2p.holds_plane(path) and bool(_files(path))


def read(path: Path, options: Options) -> Recording:
    """Read each file of a folder as a cell, in the order of the numbers in their names.

    Parameters
    ----------
    path : Path
    options : Options
        Hold for each of the files.

    Raises
    ------
    DataError
        When one of the files cannot be read, holds several cells, or has another frame rate.
    """
    files = _files(path)
    if len(files) > _MOST:
        raise data_error(path, f"it holds {len(files)} files; a folder of at most {_MOST} cells was expected.")
    if options.rows is None:
        options = replace(options, rows=SIGNALS)
    first = _one(files[0], options)
    headers = []
    for k, file in enumerate(files):
        tick(k / len(files))
        headers.append(_header(file, options, k))
    warnings = [
        f"Each of the {len(files)} files in the folder was read as a cell: {join_names([f.name for f in files])}."
    ]

    def load(index: int) -> Cell:
        recording = _one(files[index], options)
        if recording.frame_rate != first.frame_rate and options.frame_rate is None:
            raise data_error(
                files[index],
                f"it says {recording.frame_rate} Hz, but {printable_name(files[0])} {first.frame_rate}; "
                "they must be equal.",
            )
        return replace(recording.cells[0], name=printable_name(files[index].stem), source_index=index)

    cells = CellsOnDemand(headers, load)
    rows_are_frames = first.rows_are_frames
    notes = (*warnings, *first.warnings)
    return Recording(
        printable_name(path),
        str(path),
        first.frame_rate,
        cells,
        "folder of files",
        notes,
        rows_are_frames=rows_are_frames,
        files=tuple(map(str, files)),
    )


def _files(folder: Path) -> list[Path]:
    """Return the folder's files of the kind that most of them are, in the order of the numbers in their names."""
    with os_errors_as_data_errors(folder):
        every = [each for each in folder.iterdir() if not each.name.startswith(".") and each.is_file()]
    kinds: list[list[Path]] = [[f for f in every if f.suffix.lower() == end] for end in (".npy", *text.SUFFIXES)]
    most = max(kinds, key=lambda files: len(files))
    return sorted(most, key=lambda file: _natural(file.name))


def _natural(name: str) -> list[tuple[int, str]]:
    parts = re.findall(r"[0-9]{1,18}|[^0-9]+|[0-9]+", name)
    return [(int(part), "") if len(part) <= 18 and part.isascii() and part.isdigit() else (-1, part) for part in parts]


def _one(file: Path, options: Options) -> Recording:
    check_path(file)
    found = arrays.read_npy(file, options) if file.suffix.lower() == ".npy" else text.read(file, options)
    if len(found.cells) > 1:
        raise data_error(
            file, f"it holds {len(found.cells)} cells, but one was expected in each file of the folder; open it alone."
        )
    return found


def _header(file: Path, options: Options, index: int) -> CellHeader:
    name = printable_name(file.stem)
    check_path(file)
    if file.suffix.lower() == ".npy":
        shape = open_numbers(file, (2,), "signals x frames, a cell in each file,").header.shape
        plan = arrays.layout(file, shape, options)
        return CellHeader(name, plan.signals, plan.frames, 1, index)
    header = _one(file, options).cells.headers[0]
    return CellHeader(name, header.signals, header.frames, 1, index)
