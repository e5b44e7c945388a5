"""Pairs of a movie and its ROIs: which of some files is which, and what lies beside one of them that fits it."""

import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.child.h5file import MAGIC as HDF5
from neuropil_gui.formats.paths import NO_ROIS, Options
from neuropil_gui.formats.plain.npy import MAGIC as NPY

TIFF_SUFFIXES = (".tif", ".tiff", ".btf", ".tf8")
MOVIE, ROIS, EITHER = "movie", "ROIs", "either"
"""Roles of a file in a pair; with `EITHER`, it is one of the two where another one is with it, else of traces."""

_TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_ROI, _PNG, _ZIP = b"Iout", b"\x89PNG", b"PK"
#: Bytes of a PNG in which its kind stands; 0 there is grey.
_PNG_COLOUR = 25
_MOST_NAMED = 10_000
_PLANE_FILES = ("ops.npy", "db.npy", "settings.npy")
#: How programs name pictures of labels.
_LABELS = re.compile(r"(?i)(^|[_\W])(cp_)?(masks?|labels?|seg(mentation)?)($|[_\W])")


@dataclass(frozen=True)
class Guess:
    """A file that may belong to another one.

    Attributes
    ----------
    path : Path or None
        None where nothing was found.
    why : str
        The reason, a sentence.
    """

    path: Path | None
    why: str


def kind_of(path: Path, head: bytes | None = None) -> str:
    """Return whether a file or folder is a movie, ROIs, or may be either; empty for all else.

    Parameters
    ----------
    path : Path
    head : bytes, optional
        First 32 bytes of the file; read where they are not given.

    Raises
    ------
    OSError
        When it cannot be read.
    """
    if path.is_dir():
        if _holds_plane(path):
            return EITHER
        return MOVIE if _tiffs(path) else ""
    if head is None:
        with path.open("rb") as stream:
            head = stream.read(32)
    suffix = path.suffix.lower()
    if head[:4] in _TIFF or suffix in TIFF_SUFFIXES or suffix == ".mmap":
        return MOVIE
    if suffix == ".bin":
        return MOVIE if any((path.parent / name).is_file() for name in _PLANE_FILES) else ""
    if head.startswith(_ROI) or suffix == ".roi" or (head.startswith(_ZIP) and _is_roi_zip(path)):
        return ROIS
    if head.startswith(_PNG):
        return ROIS if head[_PNG_COLOUR : _PNG_COLOUR + 1] == b"\0" else ""
    return EITHER if head.startswith((NPY, HDF5)) else ""


def pair_of(paths: Sequence[Path]) -> tuple[Path, Options] | None:
    """Return the movie among some files, and its ROIs and further trials as options; None where they are no such pair.

    Parameters
    ----------
    paths : sequence of Path
        That were opened together.

    Raises
    ------
    OSError
        When one cannot be read.
    DataError
        When a movie comes with several files of ROIs.
    """
    if len(paths) < 2:
        return None
    kinds = {path: kind_of(path) for path in dict.fromkeys(paths)}
    movies = [path for path, kind in kinds.items() if kind == MOVIE]
    rois = [path for path, kind in kinds.items() if kind == ROIS]
    either = [path for path, kind in kinds.items() if kind == EITHER]
    if not rois and (labels := [path for path in movies if _LABELS.search(path.stem)]) and len(labels) < len(movies):
        rois = labels
        movies = [path for path in movies if path not in labels]
    if not movies and rois:
        movies, either = either, []
    elif movies and not rois:
        rois, either = either, []
    if movies and len(rois) > 1:
        raise DataError(
            f"{len(rois)} files of ROIs were opened with a movie, but one was expected: save them as one .zip "
            "(in ImageJ's ROI manager, More > Save)."
        )
    if not movies or either or len(movies) + len(rois) < len(kinds):
        return None
    first, *others = sorted(map(_binary_of, movies), key=natural_order)
    trials = tuple(str(path.absolute()) for path in others) or None
    return first, Options(rois=str(rois[0].absolute()) if rois else None, trial_files=trials)


def movie_first(path: Path, options: Options) -> tuple[Path, Options]:
    """Return the same pair with the movie as the file, its trials in their order, and the ROIs among the options.

    Parameters
    ----------
    path : Path
    options : Options
    """
    if options.movie is not None:
        path, options = Path(options.movie).absolute(), replace(options, movie=None, rois=str(path.absolute()))
    if options.trial_files:
        path, *others = sorted([path, *map(Path, options.trial_files)], key=natural_order)
        options = replace(options, trial_files=tuple(map(str, others)))
    return path, options


def naming_unread_rois(error: DataError, movie: Path, rois: str | None) -> DataError:
    """Return why a movie cannot be read, with the file of its ROIs, of which nothing was read either.

    Parameters
    ----------
    error : DataError
    movie : Path
    rois : str or None
        None where there is none.
    """
    if rois is None or rois == NO_ROIS or Path(rois).absolute() == movie.absolute():
        return error
    return DataError(f"{error} Its ROIs, {Path(rois).name}, were found, but are not read without it.")


def rois_beside(movie: Path) -> Guess:
    """Look for the ROIs of a movie: in its folder, in the one above, and in itself.

    Parameters
    ----------
    movie : Path
        A file or a folder.

    Raises
    ------
    OSError
        When the folder cannot be read.
    """
    folder = movie if movie.is_dir() else movie.parent
    if (folder / "stat.npy").is_file() and movie.suffix.lower() in (".bin", ""):
        return Guess(folder / "stat.npy", "It is suite2p's list of the ROIs of this movie.")
    for place in (folder, folder.parent):
        found = [each for each in _files(place, (".zip",)) if _is_roi_zip(each)] or _files(place, (".roi",))
        if not found and place == folder:
            found = [each for each in _files(place, (".png", *TIFF_SUFFIXES, ".npy")) if _LABELS.search(each.stem)]
            found = [each for each in found if each != movie]
        if found:
            best = _nearest(movie, found)
            where = "beside it" if place == folder and not movie.is_dir() else f"in {place.name or place}"
            only = "The only ROIs" if len(found) == 1 else f"The nearest name of {len(found)} files of ROIs"
            return Guess(best, f"{only} {where}.")
    return Guess(None, "None were found beside it: choose a .zip or .roi of ImageJ, stat.npy, or a picture of labels.")


def movie_beside(rois: Path) -> Guess:
    """Look for the movie of some ROIs in their folder.

    Parameters
    ----------
    rois : Path

    Raises
    ------
    OSError
        When the folder cannot be read.
    """
    if (rois.parent / "data.bin").is_file():
        return Guess(rois.parent / "data.bin", "It is suite2p's registered movie in the same folder.")
    found = [each for each in _tiffs(rois.parent) if each != rois and not _LABELS.search(each.stem)]
    if not found:
        return Guess(None, "None was found beside them: choose the movie in which they were drawn.")
    if len(found) == 1:
        return Guess(found[0], "It is the only movie beside them.")
    if len({re.sub(r"\d+", "", each.stem) for each in found}) == 1:
        why = f"The {len(found)} files in it differ by a number only: they are taken as trials."
        return Guess(rois.parent, why)
    best = _nearest(rois, found)
    return Guess(best, f"Its name is the nearest to theirs, of {len(found)} movies beside them.")


def natural_order(path: Path) -> list[tuple[int, str]]:
    """Return a key that sorts names by the numbers in them: A2 before A10.

    Parameters
    ----------
    path : Path
    """
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), "") if part.isascii() and part.isdecimal() else (-1, part) for part in parts]


def _nearest(path: Path, found: Sequence[Path]) -> Path:
    """Return the one whose name has the most letters at its start in common with another."""

    def common(each: Path) -> int:
        pairs = zip(each.stem.lower(), path.stem.lower(), strict=False)
        return next((k for k, (a, b) in enumerate(pairs) if a != b), min(len(each.stem), len(path.stem)))

    return max(found, key=common)


def _files(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """Return the files of these kinds in a folder, in natural order, without those that systems hide."""
    found = []
    for count, each in enumerate(folder.iterdir()):
        if count == _MOST_NAMED:
            break
        if each.suffix.lower() in suffixes and not each.name.startswith(".") and each.is_file():
            found.append(each)
    return sorted(found, key=natural_order)


def _tiffs(folder: Path) -> list[Path]:
    return _files(folder, TIFF_SUFFIXES)


def _binary_of(movie: Path) -> Path:
    """Return suite2p's registered movie for a folder that holds one, else the same."""
    places = (movie / "data.bin", movie / "plane0" / "data.bin")
    return next((each for each in places if each.is_file()), movie)


def _holds_plane(folder: Path) -> bool:
    return any((folder / name).is_file() for name in ("stat.npy", "plane0/stat.npy"))


def _is_roi_zip(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.lower().endswith(".roi") for name in archive.namelist()[:_MOST_NAMED])
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False
