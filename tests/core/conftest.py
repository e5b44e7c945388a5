"""The demos and their separations, made once for all tests of the core."""

from functools import cache
from pathlib import Path

import pytest

from neuropil_gui import SeparationSettings, read, separate_cell

DEMO_FILES = Path(__file__).parents[2] / "resources" / "demos"


@pytest.fixture(scope="session")
def demo_cells():
    """Return the cells of a demo."""
    return cache(lambda name: list(read(DEMO_FILES / f"{name}.npz").cells))


@pytest.fixture(scope="session")
def separated(demo_cells):
    """Return the separations of a demo's cells."""
    return cache(lambda name, **asked: [separate_cell(cell, SeparationSettings(**asked)) for cell in demo_cells(name)])
