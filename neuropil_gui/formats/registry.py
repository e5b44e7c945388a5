"""Table of the formats, `read`, `inquire` and `write` for all of them, and the filters of file dialogs."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.formats import movie_with_rois
from neuropil_gui.formats.exercises import SUFFIX as EXERCISE
from neuropil_gui.formats.known import known_unread
from neuropil_gui.formats.movie_pairs import TIFF_SUFFIXES
from neuropil_gui.formats.paths import (
    NO_ROIS,
    Options,
    check_path,
    data_error,
    os_errors_as_data_errors,
    printable_name,
)
from neuropil_gui.formats.plain import arrays, hdf5, npz, text, trials
from neuropil_gui.formats.plain.preview import of_recording
from neuropil_gui.formats.plain.rows import CELLS, NEUROPIL_FILE
from neuropil_gui.formats.plain.second_file import with_neuropil
from neuropil_gui.formats.programs import caiman, cell_files, fissa, matlab, nwb, own_results, suite2p, suite2p_mat
from neuropil_gui.formats.progress import Progress, ShouldStop, watched
from neuropil_gui.formats.project import recording as project
from neuropil_gui.formats.project.database import SUFFIX
from neuropil_gui.formats.questions import Inquiry, Preview
from neuropil_gui.formats.writing.results import Results, write, write_recording


@dataclass(frozen=True)
class Format:
    """One kind of file: how to recognise, read and write it.

    Attributes
    ----------
    name : str
    label : str
        For dialogs and messages.
    suffixes : tuple of str
        Lower case, with the dot.
    sniff : callable
        Takes the path and its first 512 bytes (none for a folder).
    read : callable
        Takes the path and `Options`, returns a Recording or raises a DataError.
    write : callable or None
        Takes a path, a recording and results.
    inquire : callable or None
        Takes the path, returns an `Inquiry`; None where the files leave no question.
    """

    name: str
    label: str
    suffixes: tuple[str, ...]
    sniff: Callable[[Path, bytes], bool]
    read: Callable[[Path, Options], Recording]
    write: Callable[[str | Path, Recording, Results], list[str]] | None = None
    inquire: Callable[[Path], Inquiry] | None = None


def _read_project(path: Path, options: Options) -> Recording:
    from neuropil_gui.formats.project.opening import read_project  # which reads the recording by this module

    return read_project(path, options).recording


#: Also the reader of any file that is given with ROIs.
_MOVIE = Format(
    "movie",
    "Movie and ROIs",
    (*TIFF_SUFFIXES, ".bin", ".mmap", ".zip", ".roi"),
    movie_with_rois.sniff,
    movie_with_rois.read,
    inquire=movie_with_rois.inquire,
)
#: In the order in which they are tried: what is more particular comes first.
FORMATS = (
    Format("project", "neuropil_gui project", (SUFFIX,), project.sniff, _read_project),
    Format("fissa", "FISSA prepared or separated", (".npz",), fissa.sniff, fissa.read),
    Format("files", "Folder of a file for each cell", (), cell_files.sniff, cell_files.read),
    _MOVIE,
    Format("suite2p", "suite2p folder", (".npy",), suite2p.sniff, suite2p.read, inquire=suite2p.inquire),
    Format(
        "suite2p-mat", "suite2p Fall.mat", (".mat",), suite2p_mat.sniff, suite2p_mat.read, inquire=suite2p_mat.inquire
    ),
    Format("results", "neuropil_gui results", (".npz",), own_results.sniff, own_results.read, write),
    Format("npz", "NumPy archive", (".npz",), npz.sniff, npz.read, inquire=npz.inquire),
    Format("trials", "NumPy list of trials", (".npy",), trials.sniff_npy, trials.read_npy, inquire=trials.inquire_npy),
    Format("npy", "NumPy array", (".npy",), arrays.sniff_npy, arrays.read_npy, inquire=arrays.inquire_npy),
    Format("matlab", "MATLAB", (".mat",), matlab.sniff, matlab.read, write, matlab.inquire),
    Format("caiman", "CaImAn results", (".hdf5", ".h5"), caiman.sniff, caiman.read, inquire=caiman.inquire),
    Format("nwb", "NWB", (".nwb",), nwb.sniff, nwb.read, write, nwb.inquire),
    Format("hdf5", "HDF5", hdf5.SUFFIXES, hdf5.sniff, hdf5.read, inquire=hdf5.inquire),
    Format("text", "Table of text", text.SUFFIXES, text.sniff, text.read, write, text.inquire),
)
_HEAD = 512


def read(
    path: str | Path,
    *,
    rows_are_frames: bool | None = None,
    frame_rate: float | None = None,
    dataset: str | None = None,
    neuropil: str | None = None,
    roi_column: str | None = None,
    plane: str | None = None,
    time_unit: str | None = None,
    rows: str | None = None,
    neuropil_file: str | Path | None = None,
    rois: str | Path | None = None,
    movie: str | Path | None = None,
    trial_files: Sequence[str | Path] | None = None,
    channel: int | None = None,
    regions: int | None = None,
    expansion: float | None = None,
    exclude_others: bool | None = None,
    gap: int | None = None,
    weighted: bool | None = None,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> Recording:
    """Read a recording, whatever its format.

    Parameters
    ----------
    path : path
        A file, a suite2p folder, or a folder that holds a file for each cell.
    rows_are_frames : bool, optional
        For plain arrays: whether the rows are frames, or (False) signals. None decides by the shape.
    frame_rate : float, optional
        In Hz; replaces what the file says.
    dataset, neuropil, roi_column, plane, time_unit, rows, neuropil_file : str, optional
        As in `Options`.
    rois, movie, trial_files, channel, regions, expansion, exclude_others, gap, weighted : optional
        With `rois`, `path` is a movie, with `movie`, it holds the ROIs, and traces are extracted; as in `Options`.
    progress : callable, optional
        Takes the part that is read, from 0 to 1.
    should_stop : callable, optional
        Returns whether to stop.

    Returns
    -------
    Recording

    Raises
    ------
    DataError
        One sentence: which file, what was found, what was expected.
    Cancelled
        When `should_stop` says so.
    """
    path = check_path(path).absolute()  # what is kept of it holds in any working folder
    options = Options(
        *(rows_are_frames, frame_rate, dataset, neuropil, roi_column, plane, time_unit, rows),
        neuropil_file=_absolute(neuropil_file),
        rois=NO_ROIS if rois == NO_ROIS else _absolute(rois),
        movie=_absolute(movie),
        trial_files=tuple(os.path.abspath(each) for each in trial_files) if trial_files else None,
        channel=channel,
        regions=regions,
        expansion=expansion,
        exclude_others=exclude_others,
        gap=gap,
        weighted=weighted,
    )
    with watched(progress, should_stop):
        return _read(path, options)


def _absolute(path: str | Path | None) -> str | None:
    return os.path.abspath(path) if path is not None else None


def _read(path: Path, options: Options) -> Recording:
    """Read a recording, with the neuropil of a second file where there is one."""
    if options.neuropil_file is not None:
        second = check_path(options.neuropil_file)
        recording = _read(path, replace(options, neuropil_file=None, neuropil="", rows=CELLS))
        asked = Options(dataset=options.neuropil, neuropil="", rows=CELLS)
        found = _read(second, asked)
        turns = len(found.cells) != len(recording.cells) and found.rows_are_frames is not None
        if turns:
            turned = _read(second, replace(asked, rows_are_frames=not found.rows_are_frames))
            found = turned if len(turned.cells) == len(recording.cells) else found
        both = with_neuropil(path, recording, second, found)
        return replace(both, files=(*recording.files, str(second), *found.files))
    with _named(path, options):
        recording = _chosen(path, options).read(path, options)
        if options.frame_rate is not None:
            recording = recording.with_frame_rate(options.frame_rate)
    if options.rows_are_frames is not None and recording.rows_are_frames is None:
        note = f"Not transposed: {recording.format} says by itself what is a signal and what a frame."
        recording = replace(recording, warnings=(*recording.warnings, note))
    return recording


def inquire(
    path: str | Path,
    given: Options | None = None,
    *,
    progress: Progress | None = None,
    should_stop: ShouldStop | None = None,
) -> Inquiry:
    """Return the questions that a file leaves open, with best guesses and a preview of each answer.

    Parameters
    ----------
    path : path
    given : Options, optional
        What is known before: the ROIs of a movie, its trials.
    progress, should_stop
        As in `read`.

    Raises
    ------
    DataError
        When it cannot be read whatever the answers are.
    """
    path = check_path(path).absolute()  # what is kept of it holds in any working folder
    with watched(progress, should_stop), _named(path, given or Options()):
        chosen = _chosen(path, given or Options())
        if chosen is _MOVIE:
            return movie_with_rois.inquire(path, given)
        if chosen.inquire is not None:
            return _asking_for_neuropil(path, chosen.inquire(path))
    return Inquiry(chosen.label, (), lambda options: of_recording(_read(path, options)), chosen.name)


def _asking_for_neuropil(path: Path, inquiry: Inquiry) -> Inquiry:
    """Add the question for a second file where cells have no neuropil, or that is asked."""
    own = inquiry.preview

    def preview(options: Options) -> Preview:
        return of_recording(_read(path, options)) if options.neuropil_file else own(options)

    asked = inquiry.alone or inquiry.asks("rows")
    return replace(inquiry, questions=(*inquiry.questions, *([NEUROPIL_FILE] if asked else ())), preview=preview)


def _chosen(path: Path, options: Options) -> Format:
    if options.rois is not None or options.movie is not None:
        return _MOVIE
    head = b""
    if not path.is_dir():
        with open(path, "rb") as stream:
            head = stream.read(_HEAD)
    if not project.is_project(head) and not _MOVIE.sniff(path, head) and (sentence := known_unread(path, head)):
        raise data_error(path, sentence)
    chosen = next((each for each in FORMATS if each.sniff(path, head)), None)
    if chosen is None:
        raise data_error(path, _unknown(path))
    return chosen


@contextmanager
def _named(path: Path, options: Options) -> Iterator[None]:
    """Let every DataError name the file; sentences about a cell, or a file of a folder or of the options, do not."""
    others = (options.rois, options.movie, *(options.trial_files or ()))
    named = tuple(f"{printable_name(each)}: " for each in others if each is not None)
    try:
        with os_errors_as_data_errors(path), np.errstate(all="ignore"):  # a file may hold any bits
            yield
    except DataError as error:
        if printable_name(path) in str(error) or path.is_dir() or str(error).startswith(named):
            raise
        raise data_error(path, str(error)) from error


def _unknown(path: Path) -> str:
    names = (
        {".npy": "a NumPy array", ".npz": "a NumPy archive", ".mat": "a MATLAB file"}
        | dict.fromkeys((*hdf5.SUFFIXES, ".nwb"), "an HDF5 file")
        | {SUFFIX: "a project"}
    )
    if path.suffix.lower() in names:
        return f"it is damaged or something else by that name: {names[path.suffix.lower()]} was expected."
    return "its format is not known; .npy, .npz, .csv, .tsv, .txt, .mat, .h5, .nwb or a suite2p folder was expected."


def dialog_filter(first: str = "") -> str:
    """Return the filters of a Qt dialog for opening a file.

    Parameters
    ----------
    first : str, optional
        "movie" or "rois", whose files are shown at first.
    """
    every = list(dict.fromkeys(suffix for each in FORMATS for suffix in each.suffixes))
    labels: dict[str, tuple[str, ...]] = {"NumPy, suite2p": (".npy",), "NumPy, FISSA, results": (".npz",)}
    labels |= {
        "Projects": (SUFFIX,),
        "Exercises": (EXERCISE,),
        "MATLAB": (".mat",),
        "NWB": (".nwb",),
        "HDF5, CaImAn": hdf5.SUFFIXES,
        "Tables of text": text.SUFFIXES,
        "Movies": (*TIFF_SUFFIXES, ".bin", ".mmap"),
        "ROIs of ImageJ": (".zip", ".roi"),
    }
    parts = [
        _filter("Recordings, exercises", (*every, EXERCISE)),
        *(_filter(label, which) for label, which in labels.items()),
    ]
    movies = _filter("Movies", (*TIFF_SUFFIXES, ".bin", ".mmap", ".npy", ".h5", ".hdf5", ".nwb"))
    rois = _filter("ROIs", (".zip", ".roi", ".npy", ".png", *TIFF_SUFFIXES, ".h5", ".hdf5", ".nwb"))
    parts = {"movie": [movies], "rois": [rois]}.get(first, parts)
    return ";;".join([*parts, "All files (*)"])


def save_filter() -> str:
    """Return the filters of a Qt dialog for saving results."""
    parts = (
        *(("NumPy archive, opens again here", (".npz",)), ("Table of text", (".csv",)), ("MATLAB", (".mat",))),
        *(("NWB", (".nwb",)), ("FISSA's names, NumPy", (".fissa.npz",)), ("FISSA's names, MATLAB", (".fissa.mat",))),
    )
    return ";;".join(_filter(label, which) for label, which in parts)


def _filter(label: str, suffixes: tuple[str, ...]) -> str:
    return f"{label} ({' '.join(f'*{suffix}' for suffix in suffixes)})"


__all__ = [
    "FORMATS",
    "Format",
    "dialog_filter",
    "inquire",
    "read",
    "save_filter",
    "write",
    "write_recording",
]
