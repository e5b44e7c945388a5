"""The demo recordings: what each is made of, and what to see in it.

``python -m neuropil_gui.core.demos resources/demos`` writes them, byte for byte the same each time.
"""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from neuropil_gui.core.recording import Recording
from neuropil_gui.core.simulation import Simulation, simulate, to_arrays

if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

# Samples are rounded to eighths of a count, which is finer than the noise and a third of the bytes.
STEPS = 8


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


_EASY = Simulation(
    cells=4, frames=2000, seed=10, contamination=0.7, neuropil=100, fluctuation=30, noise=2, spike_rate=0.3
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
                seed=10,
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
                seed=31,
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


def demo_arrays(demo: Demo) -> "dict[str, NDArray[Any]]":
    """Simulate a demo and return what its file holds, as `simulation.to_arrays` does.

    The traces and the true sources, in counts, are rounded to eighths.
    """
    recording: Recording = simulate(demo.simulation, demo.title)
    arrays = to_arrays(recording)
    for key, values in arrays.items():
        if key.endswith(("/raw", "/truth_sources")):
            arrays[key] = (np.round(values * STEPS) / STEPS).astype(np.float32)
    return arrays


def main() -> None:
    """Write all demos into the folder that the command names."""
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m neuropil_gui.core.demos FOLDER")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for demo in DEMOS.values():
        # numpy writes the members of an .npz without a time, so the bytes depend on the data alone.
        np.savez_compressed(folder / f"{demo.name}.npz", **demo_arrays(demo))  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
