"""The flags that say how a file is to be read: the same answers that the window's dialog asks for."""

import argparse
from typing import Any

FLAGS = {
    "rows_are_frames": "--transpose",
    "frame_rate": "--fs",
    "dataset": "--dataset",
    "neuropil": "--neuropil",
    "roi_column": "--roi-column",
    "plane": "--plane",
    "time_unit": "--time-unit",
}
"""By the name of the question, as `formats.files.Options` has it."""


def add_reading_flags(parser: argparse.ArgumentParser) -> None:
    """Give `parser` a flag for each answer; what is not given is read by the best guess."""
    group = parser.add_argument_group("how the file is read")
    group.add_argument("--fs", type=frame_rate, dest="frame_rate", metavar="HZ", help="frame rate; default: the file's")
    group.add_argument(
        "--time-unit",
        choices=("s", "ms", "min", "frames"),
        help="in what a column or an array of times is; default: what the file names, else a guess",
    )
    group.add_argument(
        "--transpose",
        action=argparse.BooleanOptionalAction,
        dest="rows_are_frames",
        help="the rows of the file are frames, not signals; or they are not",
    )
    group.add_argument("--dataset", metavar="NAME", help="the array, variable or series that holds the signals")
    group.add_argument(
        "--neuropil", metavar="NAME", help="that of the neuropil; an empty NAME: there is none, rows are signals"
    )
    group.add_argument("--roi-column", metavar="COLUMN", help="the ROI's column: its title, or its number from 1")
    group.add_argument("--plane", metavar="PLANE", help="one plane of several, by number or name; default: all")


def answers(options: argparse.Namespace) -> dict[str, Any]:
    """Return what was answered, as keywords of `formats.registry.read`; None is not answered."""
    return {name: getattr(options, name) for name in FLAGS}


def frame_rate(text: str) -> float:
    """Read a frame rate in Hz from the command line."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"expected a positive number of Hz, but found {text!r}")
    return value
