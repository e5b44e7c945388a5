"""The extract command: write the traces of ROIs and of the neuropil around them, from a movie."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from neuropil_gui._version import __version__
from neuropil_gui.cli.extraction_flags import add_extraction_flags, check_extraction_flags, extracted
from neuropil_gui.cli.shared import DONE, answers, frame_rate, print_message


def run(words: Sequence[str]) -> int:
    """Write the traces of ROIs in a movie, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="neuropil-gui extract",
        description="Write the traces of ROIs in a movie and of the neuropil regions around each, as FISSA makes them. "
        "The file opens in the window, and is what separate takes.",
        epilog="A ROI that cannot be read, or has no pixel, is named; the others are written.",
    )
    parser.add_argument(
        "paths", metavar="MOVIE", nargs="+", help="the movie, or several files, which are trials: A2 comes before A10"
    )
    parser.add_argument(
        "-o", "--output", required=True, metavar="OUT.npz", help="where to write; replaced if it exists"
    )
    parser.add_argument(
        "--fs", type=frame_rate, dest="frame_rate", metavar="HZ", help="frame rate; default: the movie's"
    )
    parser.add_argument("--plane", metavar="N", help="plane of a TIFF, from 1; default: the first")
    parser.add_argument("--dataset", metavar="NAME", help="data set of an HDF5 or NWB file; default: the largest movie")
    add_extraction_flags(parser, required=True)
    options = parser.parse_args(words)
    check_extraction_flags(parser, options, options.paths)

    from neuropil_gui.formats import registry
    from neuropil_gui.formats.paths import counted, data_error

    output = Path(options.output)
    if output.suffix.lower() != ".npz":
        raise data_error(output, "traces are written as .npz.")
    recording = extracted(options.paths[0], answers(options))[0]
    for warning in recording.warnings:
        print_message(warning)
    movies = [recording.source or "", *recording.files]
    provenance = {
        "program": f"neuropil-gui {__version__} extract",
        "files": movies,
        "parameters": dict(recording.origin),
    }
    registry.write_recording(output, recording, provenance=provenance)
    header = recording.cells.headers[0]
    print(
        f"{output}: {counted(len(recording.cells), 'cell')}, {counted(header.frames, 'frame')}, "
        f"{counted(header.trials, 'trial')}"
    )
    return DONE
