"""Spike-in test of one cell in this thread, in which processes of this machine help. Without Qt."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from neuropil_gui.core.analysis.cell_spike_in import CellTest, expected_test_seconds, spike_in_cell
from neuropil_gui.core.analysis.spike_in import RepeatEach, SpikeInPoint
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.analysis.spike_in_repeats import Drawn, Repeated, Setup
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine import worker_task
from neuropil_gui.engine.sharing import share
from neuropil_gui.engine.workers import Workers


def repeats_shared(workers: Workers | None, seconds: float, should_stop: Callable[[], bool]) -> RepeatEach:
    """Return what makes the repeats of `spike_in`, bit for bit those of one thread.

    Parameters
    ----------
    workers : Workers, optional
        As of `share`.
    seconds : float
        How long all repeats take in one thread, as expected.
    should_stop : callable
        Polled every few milliseconds.

    Returns
    -------
    callable
    """

    def repeat_each(setup: Setup, drawn: Sequence[Drawn]) -> Iterator[tuple[int, Repeated]]:
        return share(
            partial(worker_task.repeat, setup), drawn, seconds, workers, should_stop,
            here=lambda each: setup.repeat(each, should_stop),
        )  # fmt: skip

    return repeat_each


def spike_in_over_alpha(
    cell: Cell,
    settings: SeparationSettings,
    test: SpikeInTest,
    alphas: Sequence[float],
    *,
    frame_rate: float | None = None,
    workers: Workers | None = None,
    should_stop: Callable[[], bool],
) -> Iterator[SpikeInPoint]:
    """Measure gain and leak at each of several values of alpha, with the same transients added.

    Parameters
    ----------
    cell : Cell
    settings : SeparationSettings
        All but alpha; NMF is done by the accelerated solver, whichever they name.
    test : SpikeInTest
    alphas : sequence of float
    frame_rate : float, optional
        In Hz.
    workers : Workers, optional
        As of `share`.
    should_stop : callable
        Polled every few milliseconds.

    Yields
    ------
    SpikeInPoint
        As each is ready; an alpha at which the cell cannot be separated is left out.

    Raises
    ------
    Cancelled
        When `should_stop` returned True.
    """
    bare = replace(cell, truth=None, stored=None)
    asked = [CellTest(replace(settings, alpha=alpha), test, frame_rate) for alpha in alphas]
    seconds = sum(expected_test_seconds(each.settings, test, *cell.traces.shape) for each in asked)
    for number, found in share(
        partial(worker_task.spike_in_one, bare), asked, seconds, workers, should_stop,
        here=lambda each: spike_in_cell(bare, each, should_stop),
    ):  # fmt: skip
        if not found.failed:
            yield SpikeInPoint(alphas[number], found.gain, found.leak)
