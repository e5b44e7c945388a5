"""Exit codes, messages and flags that the commands share."""

import argparse
import os
import sys
from typing import Any, TextIO

from neuropil_gui.core.frame_rate import RATES, is_frame_rate
from neuropil_gui.core.settings import Parameter

DONE, FAILED, INTERRUPTED = 0, 1, 130
"""Exit codes; argparse ends with 2 on wrong usage."""

FLAGS = {
    "rows_are_frames": "--transpose",
    "frame_rate": "--fs",
    "dataset": "--dataset",
    "neuropil": "--neuropil",
    "roi_column": "--roi-column",
    "plane": "--plane",
    "time_unit": "--time-unit",
    "rows": "--rows",
    "neuropil_file": "--neuropil-file",
    "rois": "--rois",
    "movie": "--movie",
    "channel": "--channel",
    "regions": "--regions",
    "expansion": "--expansion",
    "exclude_others": "--exclude-others",
    "gap": "--gap",
    "weighted": "--weighted",
}
"""The flag of each question about a file, by its name in `formats.paths.Options`."""

MEASURES = ("s", "Hz", "counts")
"""Units that stand behind a default; others repeat the name of their parameter."""


def add_reading_flags(parser: argparse.ArgumentParser) -> None:
    """Add a flag for each question about a file; where it is not given, the best guess is taken."""
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
    group.add_argument(
        "--rows",
        choices=("signals", "cells"),
        help="each trace is one of the signals of one cell, or a cell of its own; default: a guess, which is printed",
    )
    group.add_argument("--dataset", metavar="NAME", help="the array, variable or series that holds the signals")
    group.add_argument("--neuropil", metavar="NAME", help="that of the neuropil; an empty NAME: there is none")
    group.add_argument(
        "--neuropil-file",
        type=os.path.abspath,
        metavar="PATH",
        help="a second file that holds the neuropil, a trace for each cell; --neuropil then names an array in it",
    )
    group.add_argument("--roi-column", metavar="COLUMN", help="the ROI's column: its title, or its number from 1")
    group.add_argument("--plane", metavar="PLANE", help="one plane of several, by number or name; default: all")


def answers(options: argparse.Namespace) -> dict[str, Any]:
    """Return the answers as keywords of `formats.registry.read`; None for a flag that was not given."""
    named = {name: getattr(options, name, None) for name in FLAGS}
    return {**named, "trial_files": getattr(options, "trial_files", None)}


def frame_rate(text: str) -> float:
    """Read a frame rate in Hz from the command line."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not is_frame_rate(value):
        raise argparse.ArgumentTypeError(f"expected a number of Hz {RATES}, but found {text!r}")
    return value


def add_parameter(parser: argparse.ArgumentParser, parameter: Parameter, default: Any) -> None:
    """Add an option for a parameter, with its help, limits and choices."""
    flag = "--" + parameter.name.replace("_", "-")
    text = parameter.help.replace("%", "%%")
    if parameter.kind is bool:
        parser.add_argument(flag, action="store_true", default=default, help=text)
        return
    unit = f" {parameter.unit}" if parameter.unit in MEASURES and default is not None else ""
    text += f" Default: {'auto' if default is None else default}{unit}."
    metavar = f"{{{','.join(parameter.choices)}}}" if parameter.choices else parameter.name.upper()

    def convert(word: str) -> Any:
        if parameter.optional and word.lower() in ("auto", "none", "random"):
            return None
        try:
            return parameter.check(word if parameter.kind is str else parameter.kind(word))
        except ValueError as error:
            wanted = parameter.describe().replace("or None", "or auto")
            raise argparse.ArgumentTypeError(f"expected {wanted}, but found {word!r}") from error

    parser.add_argument(flag, type=convert, default=default, metavar=metavar, help=text)


def print_message(sentence: str) -> None:
    """Print a message to stderr, behind the program's name."""
    print_progress(f"neuropil-gui: {sentence}\n")


def print_progress(text: str) -> None:
    """Print to stderr as it is; what cannot be printed stops no work."""
    try:
        print(text, end="", file=sys.stderr, flush=True)
    except OSError:
        print_no_more(sys.stderr)


def print_no_more(stream: TextIO) -> None:
    """Let what is not yet printed go nowhere: Python would try once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
