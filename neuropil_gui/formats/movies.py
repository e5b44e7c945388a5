"""Movies of any kind: `read_movie` for files, folders and arrays."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.frame_rate import as_frame_rate
from neuropil_gui.formats.child.h5file import MAGIC as HDF5
from neuropil_gui.formats.movie_files import binary_of_caiman, binary_of_npy, plane_of_suite2p
from neuropil_gui.formats.movie_h5 import H5Stack
from neuropil_gui.formats.movie_pairs import TIFF_SUFFIXES, natural_order
from neuropil_gui.formats.paths import and_more, check_path, data_error, os_errors_as_data_errors, printable_name
from neuropil_gui.formats.plain.npy import MAGIC as NPY
from neuropil_gui.imaging.movie import Movie, join
from neuropil_gui.imaging.stack import ArrayStack, Stack
from neuropil_gui.imaging.tiff import MAGICS, TiffStack

_MOST_FILES = 10_000


@dataclass(frozen=True)
class MovieOptions:
    """Answers to the questions that a movie leaves open.

    Attributes
    ----------
    frame_rate : float or None
        In Hz; None takes the file's own.
    channel, plane : int or None
        Which is read of several, from 1; None takes the first.
    dataset : str or None
        The data set of an HDF5 or NWB file; None takes the largest of three dimensions.
    """

    frame_rate: float | None = None
    channel: int | None = None
    plane: int | None = None
    dataset: str | None = None


def read_movie(
    movie: str | Path | NDArray[Any] | Sequence[str | Path | NDArray[Any]],
    *,
    frame_rate: float | None = None,
    channel: int | None = None,
    plane: int | None = None,
    dataset: str | None = None,
) -> Movie:
    """Open a movie; its frames are read when they are asked for.

    Parameters
    ----------
    movie : path, ndarray of shape (frames, rows, columns), or a sequence of such
        A TIFF, ``.npy``, HDF5, NWB or CaImAn ``.mmap`` file, suite2p's ``data.bin`` or its folder, or a folder of
        TIFFs. Several are trials; files are put in the natural order of their names, A2 before A10.
    frame_rate : float, optional
        In Hz; replaces what the file says.
    channel, plane : int, optional
        Which is read where a TIFF has several, from 1; the first by default.
    dataset : str, optional
        The data set of an HDF5 or NWB file; the largest of three dimensions by default.

    Returns
    -------
    Movie

    Raises
    ------
    DataError
        One sentence: which file, what was found, what was expected.
    """
    options = MovieOptions(None if frame_rate is None else as_frame_rate(frame_rate), channel, plane, dataset)
    one = [movie] if isinstance(movie, str | Path | np.ndarray) else list(movie)
    if not one:
        raise DataError("No movie was given; a file, a folder or an array was expected.")
    arrays = [each for each in one if not isinstance(each, str | Path)]
    if arrays:
        if len(arrays) < len(one):
            raise DataError("A movie is made of files or of arrays, not of both.")
        stacks: list[Stack] = [ArrayStack(np.asarray(each), f"trial {k}") for k, each in enumerate(arrays, 1)]
        return replace(join("movie", stacks), frame_rate=options.frame_rate)
    return _of_files([check_path(str(each)).absolute() for each in one], options)


def _of_files(paths: list[Path], options: MovieOptions) -> Movie:
    if len(paths) == 1 and paths[0].is_dir():
        return _of_folder(paths[0], options)
    paths = sorted(paths, key=natural_order)
    folder = next((path for path in paths if path.is_dir()), None)
    if folder is not None:
        raise data_error(folder, "this is a folder; the trials of a movie are files, or one folder that holds them.")
    if len(paths) == 1 and paths[0].suffix.lower() == ".bin":
        return _with_rate(plane_of_suite2p(paths[0]), options)
    stacks = [_stack(path, options) for path in paths]
    name = and_more(printable_name(paths[0]), len(paths) - 1)
    movie = join(name, stacks, source=str(paths[0]), files=tuple(map(str, paths[1:])))
    return _with_rate(movie, options)


def _of_folder(folder: Path, options: MovieOptions) -> Movie:
    with os_errors_as_data_errors(folder):
        for binary in (folder / "data.bin", folder / "plane0" / "data.bin"):
            if binary.is_file():
                return _with_rate(plane_of_suite2p(binary), options)
        paths = [path for path in folder.iterdir() if path.suffix.lower() in TIFF_SUFFIXES and path.is_file()]
    if not paths:
        raise data_error(folder, "no movie was found in this folder; TIFF files or suite2p's data.bin were expected.")
    if len(paths) > _MOST_FILES:
        raise data_error(folder, f"it holds {len(paths)} TIFF files; {_MOST_FILES} trials at most were expected.")
    movie = replace(_of_files(paths, options), name=printable_name(folder))
    if folder.name.startswith("reg_tif"):
        note = "suite2p's registered TIFFs are pieces of one movie: where its trials start is not known."
        movie = replace(movie, trial_starts=(0,), notes=(*movie.notes, note))
    return movie


def _stack(path: Path, options: MovieOptions) -> Stack:
    """Open one file of a movie."""
    with os_errors_as_data_errors(path):
        with open(path, "rb") as stream:
            head = stream.read(8)
        try:
            stack: Stack
            if head[:4] in MAGICS:
                stack = TiffStack(path, options.channel, options.plane)
            elif head.startswith(NPY):
                stack = binary_of_npy(path)
            elif head.startswith(HDF5):
                stack = H5Stack(path, options.dataset)
            elif path.suffix.lower() == ".mmap":
                stack = binary_of_caiman(path)
            else:
                raise DataError(
                    "it is no movie that can be read; TIFF, HDF5, NWB, .npy, suite2p's data.bin or CaImAn's .mmap was "
                    "expected."
                )
        except DataError as error:
            sentence = str(error).removeprefix(f"{printable_name(path)}: ")
            raise data_error(path, sentence) from error
    stack.name = printable_name(path)
    return stack


def _with_rate(movie: Movie, options: MovieOptions) -> Movie:
    return movie if options.frame_rate is None else replace(movie, frame_rate=options.frame_rate)
