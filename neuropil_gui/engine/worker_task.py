"""Tasks of a worker: cells that it separates or tests, and answers of no more than is needed. Without Qt."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np

from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn, CellTest, spike_in_cell
from neuropil_gui.core.analysis.spike_in_repeats import Drawn, Repeated, Setup
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.matching import match
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine import processes
from neuropil_gui.engine.freed_memory import keep_where_forbidden

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

Result = Separation | DataError
"""A cell's separation, or the reason why there is none."""


def separate_cells(cells: Sequence[Cell], settings: Sequence[SeparationSettings]) -> list[Result]:
    """Separate the cells of a task, in a worker.

    Parameters
    ----------
    cells : sequence of Cell
    settings : sequence of SeparationSettings
        One for each cell.

    Returns
    -------
    list of Separation or DataError
        Separations have no best matches, see `whole`.

    Raises
    ------
    Cancelled
        When the worker is stopped.
    """
    keep_where_forbidden()
    return [_answer(_separated, *each) for each in zip(cells, settings, strict=True)]


def spike_in_cells(cells: Sequence[Cell], asked: Sequence[CellTest]) -> list[CellSpikeIn | DataError]:
    """Test the cells of a task with added transients, in a worker.

    Parameters
    ----------
    cells : sequence of Cell
    asked : sequence of CellTest
        One for each cell.

    Returns
    -------
    list of CellSpikeIn or DataError

    Raises
    ------
    Cancelled
        When the worker is stopped.
    """
    keep_where_forbidden()
    return [_answer(_tested, *each) for each in zip(cells, asked, strict=True)]


def spike_in_one(cell: Cell, asked: CellTest) -> CellSpikeIn:
    """Test a cell with added transients, in a worker.

    Parameters
    ----------
    cell : Cell
    asked : CellTest

    Returns
    -------
    CellSpikeIn

    Raises
    ------
    Cancelled
        When the worker is stopped.
    """
    return _tested(cell, asked)


def repeat(setup: Setup, drawn: Drawn) -> Repeated:
    """Make a repeat of a spike-in test, in a worker.

    Parameters
    ----------
    setup : Setup
        Of methods that any process can have.
    drawn : Drawn

    Returns
    -------
    Repeated

    Raises
    ------
    Cancelled
        When the worker is stopped.
    """
    return setup.repeat(drawn, processes.should_stop)


def whole(result: Result) -> Result:
    """Return a result with its best matches, bit for bit those of the worker, and with arrays that are read-only.

    Parameters
    ----------
    result : Separation or DataError
        As `separate_cells` returns it: what can be had by one multiplication is half of all that would be sent.

    Returns
    -------
    Separation or DataError
    """
    if not isinstance(result, Separation):
        return result
    return replace(result, matched=match(result.separated, result.mixing, result.order, result.median))


def _answer(function: Callable[[Cell, Asked], Answer], cell: Cell, asked: Asked) -> Answer | DataError:
    try:
        return function(cell, asked)
    except DataError as error:
        return error
    except MemoryError:
        return DataError("There is not enough free memory for this.")


def _separated(cell: Cell, settings: SeparationSettings) -> Separation:
    found = separate_cell(cell, settings, should_stop=processes.should_stop)
    return replace(found, matched=np.empty((0, found.matched.shape[1])))


def _tested(cell: Cell, asked: CellTest) -> CellSpikeIn:
    return spike_in_cell(cell, asked, should_stop=processes.should_stop)
