"""The simulate command: write a simulated recording, or a simulated movie, with its truth."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from neuropil_gui._version import __version__
from neuropil_gui.cli.shared import DONE, add_parameter

if TYPE_CHECKING:
    from neuropil_gui.core.simulation import Simulation

MOVIE_DEFAULTS = {"cells": 10, "frames": 600, "frame_rate": 10.0, "noise": 15.0}
"""Defaults of a movie, which takes 11 MB; the noise is that of a pixel."""

NOT_IN_MOVIES = ("regions", "neighbours", "neighbour_amplitude", "neighbour_leak")
"""Parameters that a movie has not: what lies around a cell are other cells and what is grown around its ROI."""


def run(words: Sequence[str]) -> int:
    """Write a simulated recording, and return the exit code."""
    from neuropil_gui.core.simulation import SIMULATION_PARAMETERS, Simulation

    parser = argparse.ArgumentParser(
        prog="neuropil-gui simulate",
        description="Write a simulated recording with its true sources and mixing; or with --movie a movie of cells "
        "and neuropil as OUT.tif, the ROIs as OUT.zip, and the true light as OUT.truth.npz, which is read with them.",
    )
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help="where to write: .npz; with --movie .tif")
    movie = parser.add_argument_group(
        "movies", "By default 10 cells in 600 frames of 96 x 96 pixels at 10 Hz; --noise is that of a pixel, 15."
    )
    movie.add_argument("--movie", action="store_true", help="a movie and ROIs in place of traces")
    movie.add_argument("--side", type=_count, default=96, metavar="N", help="rows and columns of a frame; default: 96")
    movie.add_argument("--radius", type=float, default=6.0, metavar="R", help="of a cell, in pixels; default: 6")
    defaults = Simulation()
    for parameter in SIMULATION_PARAMETERS.values():
        add_parameter(parser, parameter, getattr(defaults, parameter.name))
    parser.set_defaults(**dict.fromkeys(SIMULATION_PARAMETERS))  # so that it is known what was given
    options = parser.parse_args(words)
    given = {name: getattr(options, name) for name in SIMULATION_PARAMETERS if getattr(options, name) is not None}
    if not options.movie:
        for name in ("side", "radius"):
            if getattr(options, name) != parser.get_default(name):
                parser.error(f"--{name} goes with --movie")
        return _write_traces(Path(options.output), Simulation(**given))
    for name in NOT_IN_MOVIES:
        if name in given:
            parser.error(f"--{name.replace('_', '-')} is not of movies: neighbours are cells, and regions are grown")
    return _write_movie(options, Simulation(**{**MOVIE_DEFAULTS, **given}))


def _write_traces(path: Path, simulation: "Simulation") -> int:
    from neuropil_gui.core.simulation import simulate
    from neuropil_gui.formats import registry

    provenance = {"program": f"neuropil-gui {__version__} simulate", "parameters": simulation.to_dict()}
    registry.write_recording(path, simulate(simulation), provenance=provenance)
    return DONE


def _write_movie(options: argparse.Namespace, simulation: "Simulation") -> int:
    from neuropil_gui.core.movie_simulation import MovieSimulation, simulate_movie
    from neuropil_gui.formats.simulated_movie import write_simulated_movie

    simulated = simulate_movie(MovieSimulation(simulation, options.side, options.radius))
    files = write_simulated_movie(Path(options.output), simulated)
    print(f"{', '.join(map(str, files))}: open them together, or neuropil-gui separate MOVIE --rois ROIS -o OUT.npz")
    return DONE


def _count(word: str) -> int:
    if not word.isdecimal() or not 8 <= int(word) <= 4096:
        raise argparse.ArgumentTypeError(f"expected a number from 8 to 4096, but found {word!r}")
    return int(word)
