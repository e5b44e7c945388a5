"""Reader of a movie with its ROIs as a recording of traces, and the questions that the two leave open."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording, default_signal_names
from neuropil_gui.formats.movie_pairs import (
    MOVIE,
    ROIS,
    TIFF_SUFFIXES,
    Guess,
    kind_of,
    movie_beside,
    movie_first,
    naming_unread_rois,
    rois_beside,
)
from neuropil_gui.formats.paths import (
    NO_ROIS,
    Options,
    counted,
    data_error,
    os_errors_as_data_errors,
)
from neuropil_gui.formats.progress import stop_if_asked, watchers
from neuropil_gui.formats.questions import Choice, FileQuestion, Inquiry, Preview, PreviewPicture

if TYPE_CHECKING:
    from neuropil_gui.formats.movies import MovieOptions
    from neuropil_gui.imaging.movie import Movie
    from neuropil_gui.imaging.regions import CellRegions, RegionSettings
    from neuropil_gui.imaging.roi import Rois

FORMAT = "movie and ROIs"
SIGNATURE = "movie and ROIs"
#: Frames of a preview, and their bytes.
_SEEN, _SEEN_BYTES = 200, 64 * 2**20
#: Rows or columns of a preview's picture.
_MOST_SIDE = 1024
#: ROIs whose outlines a preview shows.
_MOST_OUTLINES = 500
SETTINGS = ("regions", "expansion", "exclude_others", "gap", "weighted")
_YES_NO = (Choice(False, "no, as in FISSA"), Choice(True, "yes"))


def sniff(path: Path, head: bytes) -> bool:
    """Return whether a file or folder is a movie or holds ROIs, and nothing else.

    Parameters
    ----------
    path : Path
    head : bytes
        First 512 bytes of the file; none for a folder.
    """
    from neuropil_gui.formats.programs import suite2p

    if path.is_dir():
        return not suite2p.holds_plane(path) and kind_of(path) == MOVIE
    return kind_of(path, head) in (MOVIE, ROIS)


def read(path: Path, options: Options) -> Recording:
    """Extract the traces of the ROIs in a movie.

    Parameters
    ----------
    path : Path
        Of the movie, or of the ROIs.
    options : Options
        With the other of the two.

    Returns
    -------
    Recording
        Its source is the movie, or the folder that it is in; its files are the ROIs, and the movie's further files.

    Raises
    ------
    DataError
        When there is no other, or one of them cannot be read.
    """
    from neuropil_gui.formats.extraction import recording_of

    path, options = movie_first(path, options)
    if options.rois is None:
        if kind_of(path) == ROIS:
            raise data_error(path, "these are ROIs: their movie is needed, too (--movie MOVIE, or drop both together).")
        raise data_error(path, "this is a movie: its ROIs are needed, too (--rois ROIS, or drop both together).")
    movie = _open_movie(path, options)
    chosen = {name: getattr(options, name) for name in ("channel", "plane", "dataset")}
    traces_of = partial(_traces, movie, f"{chosen}")
    recording = recording_of(movie, options.rois, region_settings(options), traces_of)
    said = ((f"movie {name}", str(value)) for name, value in chosen.items() if value is not None)
    recording = replace(recording, origin=(*said, *recording.origin))
    if path.is_dir() and movie.source is not None and Path(movie.source).suffix.lower() in TIFF_SUFFIXES:
        beside = recording.files[len(movie.files) :]  # of the movie, all that is in it
        return replace(recording, source=str(path), files=beside)
    return recording


def _traces(movie: "Movie", selection: str, cells: "Sequence[CellRegions]") -> list[FloatArray]:
    """Return the traces of regions: those that were extracted before where they are kept."""
    from neuropil_gui.formats import kept_traces
    from neuropil_gui.imaging.extraction import extract_traces

    key = kept_traces.key_of(movie, selection, cells)
    signals = [sum(len(each) > 0 for each in cell.pixels) for cell in cells]
    found = kept_traces.kept(key, signals, movie.shape[0])
    if found is None:
        found = extract_traces(movie, cells, *watchers())
        kept_traces.keep(key, movie, found)
    return found


@dataclass(frozen=True)
class MovieSources:
    """Where a recording of a movie and ROIs comes from.

    Attributes
    ----------
    movie : tuple of str
        What `read_movie` takes: a file, a folder, or several files.
    rois : str
        What `read_rois` takes, or `NO_ROIS`.
    options : MovieOptions
        What of the movie was read.
    settings : RegionSettings
        How the regions were made.
    """

    movie: tuple[str, ...]
    rois: str
    options: "MovieOptions"
    settings: "RegionSettings"


def sources_of(recording: Recording) -> MovieSources | None:
    """Return the movie and the ROIs of a recording, and how its traces were made; None for a recording of traces.

    Parameters
    ----------
    recording : Recording
        As `neuropil_gui.read` or `extract` returns it.
    """
    from neuropil_gui.formats.movies import MovieOptions
    from neuropil_gui.imaging.regions import RegionSettings

    said = dict(recording.origin)
    rois = said.get("ROIs")
    if recording.format != FORMAT or rois is None or recording.source is None:
        return None
    trials = () if Path(recording.source).is_dir() else tuple(each for each in recording.files if each != rois)
    channel, plane = (said.get(f"movie {name}") for name in ("channel", "plane"))
    options = MovieOptions(
        recording.frame_rate,
        int(channel) if channel is not None else None,
        int(plane) if plane is not None else None,
        said.get("movie dataset"),
    )
    kinds: dict[str, Callable[[str], object]] = {"regions": int, "expansion": float, "gap": int}
    kinds |= {"exclude_others": _is_true, "weighted": _is_true}
    settings: dict[str, Any] = {
        name: kind(said[f"extraction {name}"]) for name, kind in kinds.items() if f"extraction {name}" in said
    }
    return MovieSources((recording.source, *trials), rois, options, RegionSettings(**settings))


def _is_true(text: str) -> bool:
    return text == "True"


def inquire(path: Path, given: Options | None = None) -> Inquiry:
    """Return the questions about a movie and its ROIs, with a guess for the one that is not given.

    Parameters
    ----------
    path : Path
        Of the movie, or of the ROIs.
    given : Options, optional
        What is known: the other of the two, further trials.

    Raises
    ------
    DataError
        When the movie cannot be read.
    """
    given = given or Options()
    questions: list[FileQuestion] = []
    with os_errors_as_data_errors(path):
        if given.movie is not None or (given.rois is None and kind_of(path) == ROIS):
            guess = movie_beside(path) if given.movie is None else Guess(Path(given.movie), "It was opened with them.")
            questions.append(_file("movie", "Which movie were these ROIs drawn in?", guess))
            if guess.path is None:
                return _inquiry("ROIs of a movie", questions, _choose_movie, given)
            movie_path, known = movie_first(path, replace(given, movie=str(guess.path)))
        else:
            movie_path, known = path, given
            known_rois = given.rois if given.rois != NO_ROIS else None
            guess = rois_beside(path) if known_rois is None else Guess(Path(known_rois), "They were opened with it.")
            questions.append(_file("rois", "Which ROIs?", guess))
            known = replace(given, rois=str(guess.path) if guess.path is not None else None)
    look = _Look(path)
    try:
        movie = look.movie(movie_path, known)
    except DataError as error:
        raise naming_unread_rois(error, movie_path, known.rois) from error
    questions += _about_movie(movie, known)
    questions += _about_regions(look, movie, known)
    rows, columns = movie.shape[1:]
    size = f"{columns}\N{NO-BREAK SPACE}\N{MULTIPLICATION SIGN}\N{NO-BREAK SPACE}{rows}"
    title = f"a movie of {counted(movie.shape[0], 'frame')} of {size} pixels"
    if len(movie.stacks) > 1:
        title += f" in {len(movie.stacks)} files, which are trials"
    return _inquiry(title, questions, look.preview, given)


def _inquiry(
    title: str, questions: list[FileQuestion], preview: Callable[[Options], Preview], given: Options
) -> Inquiry:
    best = {question.name: question.guess for question in questions}
    guess = replace(given, **best)  # type: ignore[arg-type]
    return Inquiry(title, tuple(questions), preview, SIGNATURE, guess, given=given, extracts=True)


def _file(name: str, text: str, guess: Guess) -> FileQuestion:
    return FileQuestion(name, text, str(guess.path.absolute()) if guess.path is not None else None, guess.why)


def _about_movie(movie: "Movie", given: Options) -> Iterator[FileQuestion]:
    """Yield the questions for channel, plane and frame rate, where the movie leaves them open."""
    stack = movie.stacks[0]
    for name, count in (("channel", stack.channels), ("plane", stack.planes)):
        if count > 1:
            kind = int if name == "channel" else str
            choices = tuple(Choice(kind(number), f"{name} {number}") for number in range(1, count + 1))
            asked = getattr(given, name)
            why = f"The metadata of the file say that it has {count} {name}s."
            yield FileQuestion(name, f"Which {name}?", asked if asked is not None else kind(1), why, choices)
    if movie.frame_rate is None:
        why = "The file does not say, or not in a place that is known."
        yield FileQuestion("frame_rate", "At how many frames per second was it recorded?", given.frame_rate, why)


def _about_regions(look: "_Look", movie: "Movie", given: Options) -> Iterator[FileQuestion]:
    """Yield the questions for how the neuropil regions are made, with FISSA's way as best guess."""
    from neuropil_gui.imaging.regions import LABELS

    for name, text, guess, why in (
        ("regions", LABELS["regions"], 4, "FISSA makes 4."),
        ("expansion", f"{LABELS['expansion']}, in ROIs", 1.0, "FISSA's are as large as the ROI: 1."),
        ("gap", f"{LABELS['gap']}, in steps of growth", 0, "FISSA: 0. A gap keeps the cell's rim out of regions."),
    ):
        known = getattr(given, name)
        yield FileQuestion(name, text, known if known is not None else guess, why)
    others = "Leave other ROIs out of regions"
    why = "FISSA's regions hold what lies there, other cells too."
    yield FileQuestion("exclude_others", others, bool(given.exclude_others), why, _YES_NO)
    if look.has_weights(movie, given.rois):
        why = "The ROIs have weights; FISSA counts all pixels alike."
        yield FileQuestion("weighted", "Weight the pixels of a ROI", bool(given.weighted), why, _YES_NO)


class _Look:
    """What was opened for the questions, kept from one preview to the next.

    Parameters
    ----------
    path : Path
        That is asked about, of the movie or of the ROIs.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._movies: dict[object, Movie] = {}
        self._beginnings: dict[object, Movie] = {}
        self._rois: dict[object, Rois] = {}

    def movie(self, path: Path, options: Options) -> "Movie":
        """Open the movie."""
        key = _key(path, options)
        if key not in self._movies:
            self._movies[key] = _open_movie(path, options)
        return self._movies[key]

    def rois(self, path: str, movie: "Movie") -> "Rois":
        """Read the ROIs, or make the first one."""
        from neuropil_gui.formats.rois import rois_of

        key = (movie, path) if path == NO_ROIS else path
        if key not in self._rois:
            self._rois[key] = rois_of(movie, path)
        return self._rois[key]

    def has_weights(self, movie: "Movie", rois: str | None) -> bool:
        """Return whether the ROIs have weights; False where they cannot be read, which the preview says."""
        try:
            found = self.rois(rois, movie).rois if rois is not None else ()
        except DataError:
            return False
        return any(getattr(each, "weights", None) is not None for each in found)

    def preview(self, options: Options) -> Preview:
        """Return the first ROI's traces at the beginning of the movie."""
        from neuropil_gui.imaging.extraction import extract_traces
        from neuropil_gui.imaging.regions import CellRegions, grow_regions

        path, options = movie_first(self._path, options)
        if options.rois is None:
            raise DataError("Choose the ROIs of this movie.")
        movie = self.movie(path, options)
        shape = movie.shape[1:]
        rois = self.rois(options.rois, movie)
        grown = grow_regions(rois.rois, shape, region_settings(options))
        cells = [each for each in grown if isinstance(each, CellRegions)]
        refused = [str(each) for each in grown if isinstance(each, DataError)]
        if not cells:
            why = " ".join(refused[:3])
            raise DataError(f"No ROI has a pixel in the picture and a region around it. {why}".strip())
        first = cells[0]
        beginning = self._beginning(movie, _key(path, options))
        (traces,) = extract_traces(beginning, [first])
        names = default_signal_names(len(first.pixels))
        kept = tuple(name for name, pixels in zip(names, first.pixels, strict=True) if len(pixels))
        rate = options.frame_rate if options.frame_rate is not None else movie.frame_rate
        left_out = [f"{counted(len(refused), 'ROI')} left out: {refused[0]}"] if refused else []
        notes = (*left_out, *movie.notes, *rois.notes)
        picture = _picture(beginning, cells)
        return Preview(traces, kept, movie.shape[0], len(cells), rate, picture=picture, notes=notes)

    def _beginning(self, movie: "Movie", key: object) -> "Movie":
        """Return the first frames of a movie, in memory."""
        from neuropil_gui.imaging.movie import join
        from neuropil_gui.imaging.stack import ArrayStack

        if key not in self._beginnings:
            stack = movie.stacks[0]
            size = stack.shape[0] * stack.shape[1] * stack.dtype.itemsize
            count = max(1, min(stack.frames, _SEEN, _SEEN_BYTES // size))
            parts = []
            for start in range(0, count, stack.frames_per_block):
                stop_if_asked()
                parts.append(movie.read(start, min(start + stack.frames_per_block, count)))
            self._beginnings[key] = join(movie.name, [ArrayStack(np.concatenate(parts), movie.name)])
        return self._beginnings[key]


def _picture(movie: "Movie", cells: "Sequence[CellRegions]") -> PreviewPicture:
    """Return the mean of a movie with the outlines of ROIs, and of the first one's regions."""
    from neuropil_gui.imaging.outlines import outlines

    step = max(1, -(-max(movie.shape[1:]) // _MOST_SIDE))
    mean = movie.read(0, movie.shape[0])[:, ::step, ::step].mean(axis=0, dtype=np.float64)

    def around(pixels: Any) -> list[Any]:
        return outlines(pixels // movie.shape[2], pixels % movie.shape[2])

    of_first, *of_regions = (around(pixels) for pixels in cells[0].pixels)
    every = [path for cell in cells[:_MOST_OUTLINES] for path in around(cell.pixels[0])]
    regions = [path for paths in of_regions for path in paths]
    return PreviewPicture(mean.astype(np.float32), tuple(every), tuple(of_first), tuple(regions), step)


def _key(path: Path, options: Options) -> object:
    return path, options.trial_files, options.channel, options.plane, options.dataset


def _choose_movie(_options: Options) -> Preview:
    raise DataError("Choose the movie in which these ROIs were drawn.")


def _open_movie(path: Path, options: Options) -> "Movie":
    """Open the movie that options tell of."""
    from neuropil_gui.formats.movies import read_movie

    if options.plane is not None and not options.plane.isdecimal():
        raise DataError(f"A plane of a movie is chosen by its number, but {options.plane!r} was found.")
    plane = int(options.plane) if options.plane is not None else None
    return read_movie(
        [path, *(options.trial_files or ())], channel=options.channel, plane=plane, dataset=options.dataset
    )


def region_settings(options: Options) -> "RegionSettings":
    """Return how regions are made by these options; FISSA's way for what is None.

    Parameters
    ----------
    options : Options
    """
    from neuropil_gui.imaging.regions import RegionSettings

    given = {name: getattr(options, name) for name in SETTINGS}
    return RegionSettings(**{name: value for name, value in given.items() if value is not None})
