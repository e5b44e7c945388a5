"""Small recordings and results, and a folder for each test that must end as clean as it began."""

import numpy as np
import pytest

from neuropil_gui.core.recording import Cell, Recording, Truth
from neuropil_gui.core.remarks import Remark
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings


def make_separation(cell, n=3, seed=892, **settings):
    """A result of the right shapes; its numbers need only come back."""
    rng = np.random.default_rng(seed)
    signals, frames = cell.traces.shape
    return Separation(
        separated=rng.random((n, frames)),
        matched=rng.random((n, frames)) * 1e-3,
        mixing=rng.random((signals, n)),
        order=np.argsort(rng.random(n)),
        scores=rng.random(n),
        iterations=1071,
        converged=False,
        n=n,
        seed=2**32 - 1,
        tries=1,
        settings=SeparationSettings(**settings),
        offset=-0.1,
        median=1.5,
        warnings=(Remark("It stopped early."),),
        seconds=0.1,
    )


def make_recording(count=3, signals=4, frames=60, frame_rate=29.87, truth=False):
    rng = np.random.default_rng(count)
    cells = []
    for k in range(count):
        known = Truth(rng.random((2, frames)), rng.random((signals, 2))) if truth else None
        names = ("ROI", *(f"µ np {j}" for j in range(1, signals)))
        cells.append(Cell(f"Zelle {k}", rng.random((signals, frames)), names, (0, 20, 41), known, 10 * k))
    return Recording("made", "/somewhere/made.npz", frame_rate, cells)


@pytest.fixture(scope="session")
def separation():
    return make_separation


@pytest.fixture(scope="session")
def recording():
    return make_recording


@pytest.fixture
def refusal():
    """Read a path that must be refused; return the sentence."""
    from neuropil_gui.core.errors import DataError
    from neuropil_gui.formats.registry import read

    def refused(path, **options):
        with pytest.raises(DataError) as caught:
            read(path, **options)
        sentence = str(caught.value)
        assert "\n" not in sentence
        assert sentence.endswith(".")
        return sentence

    return refused
