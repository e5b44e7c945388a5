"""Demo recordings: the simulation, title and description of each.

``python -m neuropil_gui.formats.demos resources/demos`` writes them, and a small picture of each, byte for
byte the same each time.
"""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.movie_simulation import MovieSimulation
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.simulation import Simulation, simulate, to_arrays

# Samples are rounded to eighths of a count, which is finer than the noise and a third of the bytes.
STEPS = 8

# The colours in the pictures, right on white; a view puts those of its theme in their place.
RAW_COLOUR, TRUE_COLOUR = "#59626d", "#0072b2"
PICTURE = (300, 90)
PICTURE_FRAMES = 600


@dataclass(frozen=True)
class Demo:
    """A recording to try.

    Attributes
    ----------
    name : str
        On the command line, and of its file without ``.npz``.
    title : str
        In the menu.
    what_to_see : str
        In a sentence or two, true of FISSA's default settings; the tests hold the numbers.
    simulation : Simulation
    """

    name: str
    title: str
    what_to_see: str
    simulation: Simulation


@dataclass(frozen=True)
class MovieDemo:
    """A movie to try, which is made when it is opened: it would be half of all that is installed.

    Attributes
    ----------
    name, title, what_to_see : str
        As of `Demo`.
    movie : MovieSimulation
    """

    name: str
    title: str
    what_to_see: str
    movie: MovieSimulation


_EASY = Simulation(
    cells=4, frames=2000, seed=0, contamination=0.7, neuropil=100, fluctuation=30, noise=2, spike_rate=0.3
)

DEMOS = {
    demo.name: demo
    for demo in (
        Demo(
            "easy",
            "Easy: moderate neuropil",
            "The slow waves of the raw ROI are neuropil. NMF takes them away, and the best-matched trace follows "
            "the true cell closely in all four cells.",
            _EASY,
        ),
        Demo(
            "contaminated",
            "Strongly contaminated",
            "The ROI holds more neuropil than the regions around it, and raw traces hardly show the cell. The "
            "best-matched trace recovers it in all four cells, better than subtracting 0.7 of the neuropil does.",
            Simulation(
                cells=4,
                frames=700,
                trials=3,
                seed=184,
                contamination=1.3,
                neuropil=150,
                fluctuation=45,
                noise=2,
                spike_rate=0.3,
            ),
        ),
        Demo(
            "correlated",
            "Neuropil correlated with the cell",
            "The neuropil is active with the cell, and separation succeeds only in part: cells 1 and 4 come out, "
            "cells 2 and 3 stay about as mixed as the raw ROI, although every fit converged.",
            Simulation(
                cells=4,
                frames=2000,
                seed=13,
                contamination=1.2,
                shared_drive=0.4,
                neuropil=120,
                fluctuation=35,
                noise=2,
                spike_rate=0.3,
            ),
        ),
        Demo(
            "failing",
            "Failing: a large pedestal",
            "The cells of the easy demo with 2000 counts of constant light in every signal. NMF converges, but "
            "all its components but one are empty, and the best-matched trace is not the cell. A lower "
            "alpha (0.01) brings the cells back, and so does ICA, which does not mind constant light.",
            replace(_EASY, pedestal=2000),
        ),
    )
}


MOVIE_DEMO = MovieDemo(
    "movie",
    "Movie: from pixels to traces",
    "A small movie with the ROIs of six cells: the page Field shows where they lie, and which pixels each region has. "
    "The best-matched trace follows the true cell in all six.",
    MovieSimulation(
        Simulation(cells=6, frames=600, frame_rate=10, noise=12, contamination=1.0, spike_rate=0.15, seed=1),
        side=64,
        radius=5,
    ),
)

WHAT_TO_SEE = {
    **{name: (demo.title, demo.what_to_see) for name, demo in DEMOS.items()},
    MOVIE_DEMO.name: (MOVIE_DEMO.title, MOVIE_DEMO.what_to_see),
}
"""Title and description of each demo that the window offers, by its name."""


def demo_files(name: str, installed: Path, made: Path) -> tuple[Path, str | None]:
    """Return the file of a demo, and that of its ROIs where it is a movie.

    Parameters
    ----------
    name : str
    installed, made : Path
        Folders of the demos that are installed, and of those that are made when they are opened.
    """
    if name != MOVIE_DEMO.name:
        return installed / f"{name}.npz", None
    # Another movie is another file: that of an earlier release may be there.
    digest = hashlib.blake2b(repr(MOVIE_DEMO.movie).encode(), digest_size=6).hexdigest()
    return made / digest / f"{name}.tif", str(made / digest / f"{name}.zip")


def demo_arrays(demo: Demo) -> dict[str, NDArray[Any]]:
    """Simulate a demo and return the arrays of its file.

    Parameters
    ----------
    demo : Demo
        Title and simulation.

    Returns
    -------
    dict of str to ndarray
        As `simulation.to_arrays` returns them; the traces and the true sources, in counts, are float32 and rounded
        to eighths.
    """
    recording: Recording = simulate(demo.simulation, demo.title)
    arrays = to_arrays(recording)
    for key, values in arrays.items():
        if key.endswith(("/raw", "/truth_sources")):
            arrays[key] = (np.round(values * STEPS) / STEPS).astype(np.float32)
    return arrays


def demo_picture(arrays: dict[str, NDArray[Any]]) -> str:
    """Draw the start of a demo's first cell as SVG: its raw ROI above its true light.

    Both lines share one scale in counts that starts at zero at the lower edge, so the gap between them is
    the neuropil and the constant light that were added to the cell.

    Parameters
    ----------
    arrays : dict
        From `demo_arrays`.

    Returns
    -------
    str
        SVG of `PICTURE` units with two polylines, in `RAW_COLOUR` and `TRUE_COLOUR`.
    """
    width, height = PICTURE
    lines = [
        np.asarray(arrays[key][0, :PICTURE_FRAMES], dtype=np.float64).reshape(width, -1).mean(axis=1)
        for key in ("1/raw", "1/truth_sources")
    ]
    top = max(float(line.max()) for line in lines)
    drawn = "".join(
        f'<polyline stroke="{colour}" points="'
        + " ".join(f"{x},{y:.1f}" for x, y in enumerate(height - 2 - (height - 4) * line / top))
        + '"/>\n'
        for line, colour in zip(lines, (RAW_COLOUR, TRUE_COLOUR), strict=True)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" fill="none" stroke-width="2.2" '
        f'stroke-linejoin="round" stroke-linecap="round">\n{drawn}</svg>\n'
    )
