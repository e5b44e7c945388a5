"""Flags for movies and ROIs, which the commands extract and separate share, and the recording that they give."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from neuropil_gui.cli.shared import print_progress
from neuropil_gui.core.errors import DataError

if TYPE_CHECKING:
    from neuropil_gui.core.recording import Recording

_SETTINGS = ("regions", "expansion", "exclude_others", "gap", "weighted")
"""The attributes of `RegionSettings`, each with a flag."""


def add_extraction_flags(parser: argparse.ArgumentParser, required: bool = False) -> None:
    """Add the flags of ROIs and regions; without `required`, those that are not given are None."""
    group = parser.add_argument_group("traces from a movie and ROIs")
    group.add_argument(
        "--rois",
        metavar="ROIS",
        required=required,
        help="ROIs: .roi or .zip of ImageJ, a TIFF that holds them, suite2p's stat.npy, CaImAn's results, NWB, or a "
        "picture of labels; the paths are movies then: TIFF, HDF5, NWB, .npy, suite2p's data.bin, CaImAn's .mmap, or a "
        "folder of TIFFs",
    )
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


def check_extraction_flags(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """End with wrong usage where flags of regions are given without ROIs, or with those of recordings of traces."""
    if options.rois is None:
        given = next((name for name in (*_SETTINGS, "channel") if getattr(options, name) is not None), None)
        if given is not None:
            parser.error(f"--{given.replace('_', '-')} goes with --rois")
        return
    if options.output is None:
        parser.error("--rois needs -o: the movies are trials of one recording")
    for name, flag in (("receipt", "--receipt"), ("resume", "--resume")):
        if getattr(options, name):
            parser.error(f"{flag} goes with a file of traces: write one by neuropil-gui extract, and separate that")
    if options.output.lower().endswith(".npgui"):
        parser.error("a project goes with a file of traces: write one by neuropil-gui extract, and separate that")


def extracted(paths: Sequence[str], options: argparse.Namespace) -> "Recording":
    """Return the traces of the ROIs in the movies."""
    from neuropil_gui.formats.extraction import extract
    from neuropil_gui.formats.movies import read_movie
    from neuropil_gui.imaging.regions import RegionSettings

    given = {name: getattr(options, name) for name in _SETTINGS if getattr(options, name) is not None}
    settings = RegionSettings(**given)
    if options.plane is not None and not options.plane.isdecimal():
        raise DataError(f"A plane of a movie is chosen by its number, but {options.plane!r} was found.")
    plane = int(options.plane) if options.plane is not None else None
    movie = read_movie(
        list(paths), frame_rate=options.frame_rate, channel=options.channel, plane=plane, dataset=options.dataset
    )
    shows = sys.stderr.isatty()

    def show(part: float) -> None:
        print_progress(f"\r{part:.0%} of {movie.shape[0]} frames\x1b[K")

    try:
        return extract(movie, options.rois, settings, progress=show if shows else None)
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
