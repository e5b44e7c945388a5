"""Spike-in test of one of many cells: what is kept of it, gain and leak with their intervals."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

from neuropil_gui.core.analysis.recovery import Estimate
from neuropil_gui.core.analysis.spike_in import SpikeIn, spike_in
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.duration import expected_seconds
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings, uses

REPEATS = 10
"""Repeats of each cell's test, where there are many cells."""

NONE = Estimate(math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class CellSpikeIn:
    """What is kept of a cell's spike-in test.

    Attributes
    ----------
    test : SpikeInTest
    frame_rate : float or None
        In Hz, that the course of the added transients is made for; None where it is not known.
    gain, leak : Estimate
        As in `Recovery`, of the settings in question.
    detected, appeared, shape_r : float
        Means over repeats, as in `Recovery`; NaN where one is not defined.
    remarks : tuple of str
        What should be known of it, in sentences.
    failed : str
        Why the cell could not be tested, in a sentence; empty where it was.
    """

    test: SpikeInTest
    frame_rate: float | None
    gain: Estimate = NONE
    leak: Estimate = NONE
    detected: float = math.nan
    appeared: float = math.nan
    shape_r: float = math.nan
    remarks: tuple[str, ...] = ()
    failed: str = ""

    @classmethod
    def of(cls, found: SpikeIn) -> "CellSpikeIn":
        """Return what is kept of a test.

        Parameters
        ----------
        found : SpikeIn

        Returns
        -------
        CellSpikeIn
        """
        made = found.result
        return cls(
            found.test, found.frame_rate, made.gain, made.leak, made.detected.mean, made.appeared.mean, made.shape_r,
            found.remarks,
        )  # fmt: skip

    @property
    def numbers(self) -> Mapping[str, float]:
        """Gain and leak, by their keys in `NUMBERS`; NaN where the cell could not be tested."""
        return {"gain": self.gain.mean, "leak": self.leak.mean}

    def answers(self, test: SpikeInTest, frame_rate: float | None) -> bool:
        """Return whether this is of just this test.

        Parameters
        ----------
        test : SpikeInTest
        frame_rate : float or None
            In Hz.
        """
        return (self.test, self.frame_rate) == (test, frame_rate)


@dataclass(frozen=True, eq=False)
class CellTest:
    """How one of many cells is tested.

    Attributes
    ----------
    settings : SeparationSettings
        NMF is done by the accelerated solver, whichever they name.
    test : SpikeInTest
    frame_rate : float or None
        In Hz.
    reference : Separation or None
        The result in question, where there is one already.
    """

    settings: SeparationSettings
    test: SpikeInTest
    frame_rate: float | None = None
    reference: Separation | None = None


def spike_in_cell(cell: Cell, asked: CellTest, should_stop: Callable[[], bool] | None = None) -> CellSpikeIn:
    """Test a cell with added transients, and return what is kept of that.

    Parameters
    ----------
    cell : Cell
    asked : CellTest
    should_stop : callable, optional
        Polled every few milliseconds.

    Returns
    -------
    CellSpikeIn
        With the reason in `failed` where the cell cannot be tested, as without room for transients.

    Raises
    ------
    Cancelled
        When `should_stop` returned True.
    """
    settings, test, rate = asked.settings, asked.test, asked.frame_rate
    if uses(settings.method, "solver"):
        settings = replace(settings, solver="accelerated")
    try:
        found = spike_in(
            cell, settings, test, frame_rate=rate, reference=asked.reference, rivals=False, should_stop=should_stop
        )
    except DataError as error:
        return CellSpikeIn(test, rate, failed=str(error))
    return CellSpikeIn.of(found)


def expected_test_seconds(settings: SeparationSettings, test: SpikeInTest, signals: int, frames: int) -> float:
    """Return how long the test of a cell takes, as expected, in one process.

    Parameters
    ----------
    settings : SeparationSettings
    test : SpikeInTest
    signals, frames : int
        Size of the cell's traces.

    Returns
    -------
    float
        In seconds, within a factor of about two for most cells.
    """
    fast = replace(settings, solver="accelerated") if uses(settings.method, "solver") else settings
    # Two separations a repeat; detection and fits take half as much again.
    return 3 * test.repeats * expected_seconds(fast, signals, frames)


def spike_in_table(
    found: Mapping[int, CellSpikeIn], names: Sequence[str] | None = None
) -> list[dict[str, str | float]]:
    """Return the tests of cells as a table.

    Parameters
    ----------
    found : mapping of int to CellSpikeIn
        By the index of the cell, from 0.
    names : sequence of str, optional
        Of all cells.

    Returns
    -------
    list of dict
        A row for each cell, in their order; what was asked for is in each row.
    """
    rows = []
    for index, each in sorted(found.items()):
        row: dict[str, str | float] = {"cell": index + 1}
        row |= {"name": names[index]} if names else {}
        for key in ("gain", "leak"):
            number: Estimate = getattr(each, key)
            row |= {key: number.mean, f"{key}_low": number.low, f"{key}_high": number.high}
        row |= {key: getattr(each, key) for key in ("detected", "appeared", "shape_r")}
        rate = math.nan if each.frame_rate is None else each.frame_rate
        row |= {"remarks": " ".join((each.failed, *each.remarks)).strip(), "frame_rate": rate}
        rows.append(row | {"course" if key == "kernel" else key: value for key, value in asdict(each.test).items()})
    return rows
