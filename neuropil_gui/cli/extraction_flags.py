"""Flags for movies and ROIs, which the commands extract and separate share, and the recording that they give."""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuropil_gui.cli.shared import print_progress

if TYPE_CHECKING:
    from neuropil_gui.core.recording import Recording
    from neuropil_gui.formats.paths import Options

_SETTINGS = ("regions", "expansion", "exclude_others", "gap", "weighted")
"""The attributes of `RegionSettings`, each with a flag."""


def add_extraction_flags(parser: argparse.ArgumentParser, required: bool = False, movie: bool = False) -> None:
    """Add the flags of ROIs and regions; without `required`, those that are not given are None.

    With `movie`, there is a flag for the movie too, where the path is that of the ROIs.
    """
    group = parser.add_argument_group("traces from a movie and ROIs")
    group.add_argument(
        "--rois",
        metavar="ROIS",
        required=required,
        help="ROIs: .roi or .zip of ImageJ, a TIFF that holds them, suite2p's stat.npy, CaImAn's results, NWB, or a "
        "picture of labels; the paths are movies then: TIFF, HDF5, NWB, .npy, suite2p's data.bin, CaImAn's .mmap, or a "
        "folder of TIFFs",
    )
    if movie:
        group.add_argument("--movie", metavar="MOVIE", help="the movie, where PATH holds the ROIs")
    group.add_argument("--regions", type=_count(1), metavar="N", help="number of neuropil regions; default: 4")
    group.add_argument(
        "--expansion", type=_area, metavar="AREA", help="area of each region, as a multiple of the ROI's; default: 1"
    )
    group.add_argument("--exclude-others", action="store_true", default=None, help="no region has pixels of other ROIs")
    group.add_argument(
        "--gap", type=_count(0), metavar="STEPS", help="steps of growth between a ROI and its regions; default: 0"
    )
    group.add_argument(
        "--weighted", action="store_true", default=None, help="a ROI's trace is a mean with the weights of its pixels"
    )
    group.add_argument("--channel", type=_count(1), metavar="N", help="channel of a TIFF, from 1; default: the first")


def check_extraction_flags(parser: argparse.ArgumentParser, options: argparse.Namespace, paths: Sequence[str]) -> None:
    """End with wrong usage where flags of regions are given without ROIs; take all paths but the first for trials."""
    pair = options.rois is not None or getattr(options, "movie", None) is not None
    given = next((name for name in (*_SETTINGS, "channel") if getattr(options, name) is not None), None)
    if given is not None and not pair:
        parser.error(f"--{given.replace('_', '-')} goes with --rois")
    options.trial_files = tuple(paths[1:]) or None if pair else None


def check_outputs_of_movie(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """End with wrong usage where a movie's trials are to be written to several files."""
    if options.rois is not None and options.output is None:
        parser.error("--rois needs -o: the movies are trials of one recording")


def extracted(path: str | Path, answers: Mapping[str, Any]) -> "tuple[Recording, Options]":
    """Return the traces of the ROIs in a movie, and how they were read; progress is printed to a terminal."""
    from neuropil_gui.formats import registry
    from neuropil_gui.formats.movie_pairs import movie_first
    from neuropil_gui.formats.paths import Options

    files = {name: os.path.abspath(answers[name]) for name in ("rois", "movie") if answers.get(name) is not None}
    trials = tuple(os.path.abspath(each) for each in answers.get("trial_files") or ()) or None
    first, how = movie_first(Path(path).absolute(), Options(**{**answers, **files, "trial_files": trials}))
    shows = sys.stderr.isatty()

    def show(part: float) -> None:
        print_progress(f"\r{part:.0%} of the movie\x1b[K")

    try:
        return registry.read(first, **asdict(how), progress=show if shows else None), how
    finally:
        if shows:
            print_progress("\r\x1b[K")


def _count(least: int) -> Callable[[str], int]:
    def convert(word: str) -> int:
        if not word.isdecimal() or int(word) < least:
            raise argparse.ArgumentTypeError(f"expected a number from {least}, but found {word!r}")
        return int(word)

    return convert


def _area(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = 0.0
    if not 0 < value <= 100:
        raise argparse.ArgumentTypeError(f"expected a number above 0 and up to 100, but found {word!r}")
    return value
