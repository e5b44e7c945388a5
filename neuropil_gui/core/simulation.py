"""Simulated recordings with known sources."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, CellsInMemory, Recording, Truth, default_signal_names
from neuropil_gui.core.settings import MAX_SEED, Parameter

MANY = 500
"""Mean above which the number of events in a frame is drawn from a normal distribution."""


def _of(
    name: str, kind: type, low: float, high: float, unit: str, text: str, optional: bool = False
) -> tuple[str, Parameter]:
    return name, Parameter(name, name.replace("_", " "), kind, low, high, optional, unit=unit, help=text)


# Limits, units and help of each, for the command line and for sliders.
SIMULATION_PARAMETERS = dict(
    (
        _of("cells", int, 1, 10_000, "cells", "How many cells to simulate."),
        _of("regions", int, 1, 100, "", "Neuropil regions around each ROI."),
        _of("frames", int, 2, 10_000_000, "frames", "Frames of each trial."),
        _of("trials", int, 1, 1_000, "trials", "Trials, with a pause before each."),
        _of("frame_rate", float, 0.1, 10_000, "Hz", "Frames a second."),
        _of("spike_rate", float, 0, 1_000, "Hz", "Spikes, or bursts of them, a second."),
        _of("burst", float, 1, 100, "spikes", "Mean number of spikes that come together; 1 for single ones."),
        _of("amplitude", float, 0, 1e9, "counts", "Peak of the transient that one spike makes."),
        _of("rise", float, 1e-4, 60, "s", "Time constant of a transient's rise."),
        _of("decay", float, 1e-3, 600, "s", "Time constant of a transient's decay, longer than the rise."),
        _of("baseline", float, 0, 1e9, "counts", "Light of a cell at rest."),
        _of("neuropil", float, 0, 1e9, "counts", "Mean light of the neuropil."),
        _of("fluctuation", float, 0, 1e9, "counts", "Standard deviation of the neuropil's light in time."),
        _of("neuropil_time", float, 1e-3, 600, "s", "How slowly the neuropil's activity comes and goes."),
        _of("contamination", float, 0, 100, "", "Neuropil in the ROI; 1: as much as in the regions around it."),
        _of("shared_drive", float, 0, 1, "", "Correlation of the neuropil's activity with the cell's own."),
        _of("neighbours", int, 0, 100, "cells", "Other cells, which lie in the neuropil regions."),
        _of("neighbour_amplitude", float, 0, 1e9, "counts", "The amplitude of neighbours; auto: as the cell's.", True),
        _of("leak", float, 0, 1, "", "The cell's own light in the regions, about, and its neighbours' in the ROI."),
        _of("neighbour_leak", float, 0, 1, "", "Each neighbour's light in the ROI; auto: about as much as leak.", True),
        _of("noise", float, 0, 1e9, "counts", "Standard deviation of the detector's noise."),
        _of("photon_noise", float, 0, 1e9, "counts", "Counts a photon: noise that grows with the light; 0: none."),
        _of("bleaching", float, 0, 0.99, "", "Part of all light that is lost by the end."),
        _of("pedestal", float, 0, 1e9, "counts", "Constant light, or detector offset, in every signal."),
        _of("seed", int, 0, MAX_SEED, "", "Seed of the random numbers."),
    )
)


@dataclass(frozen=True)
class Simulation:
    """Parameters of a simulated recording.

    Attributes are described, with limits and units, by `SIMULATION_PARAMETERS`, and checked
    when an instance is made. Light is in counts, times are in s, rates in Hz.

    Raises
    ------
    DataError
        (a ValueError) When a value is out of range, or the decay is not slower than the rise.
    TypeError
        When a value is of another type.
    """

    cells: int = 1
    regions: int = 4
    frames: int = 3000
    trials: int = 1
    frame_rate: float = 30.0
    spike_rate: float = 0.2
    burst: float = 2.0
    amplitude: float = 40.0
    rise: float = 0.05
    decay: float = 0.7
    baseline: float = 60.0
    neuropil: float = 80.0
    fluctuation: float = 20.0
    neuropil_time: float = 1.0
    contamination: float = 0.7
    shared_drive: float = 0.0
    neighbours: int = 2
    neighbour_amplitude: float | None = None
    leak: float = 0.05
    neighbour_leak: float | None = None
    noise: float = 3.0
    photon_noise: float = 0.0
    bleaching: float = 0.0
    pedestal: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        for each in fields(self):
            value = SIMULATION_PARAMETERS[each.name].check(getattr(self, each.name))
            object.__setattr__(self, each.name, value)
        if self.decay <= self.rise:
            raise DataError(f"decay must be longer than rise, but {self.decay:g} s and {self.rise:g} s were found.")

    def to_dict(self) -> dict[str, Any]:
        """Return the parameters as plain values, for JSON."""
        return asdict(self)


def simulate(simulation: Simulation | None = None, name: str = "simulation") -> Recording:
    """Make a recording whose sources are known.

    Each cell's sources are, in this order: the cell itself, its neuropil, its neighbours, and,
    where there is a pedestal, constant light seen equally by all signals. Spikes are drawn from
    a Poisson process and turned into light by a difference of two exponentials, as calcium
    indicators respond [1]_; neuropil is the light of many faint processes with a common slow
    drive. Bleaching is part of the sources, so that ``traces = mixing @ sources + noise`` holds
    exactly, except that no sample falls below zero.

    Parameters
    ----------
    simulation : Simulation, optional
        The default is one cell in moderate neuropil.
    name : str
        Of the recording.

    Returns
    -------
    Recording
        Each cell holds traces (1 + regions, trials * frames) in counts, and its `Truth`. The same
        parameters give the same numbers; a cell does not depend on how many follow it.

    Notes
    -----
    One parameter changes one thing. The cell, its neuropil, each neighbour, each signal's mixing and its noise have
    random numbers of their own: a neighbour or a region more leaves the others as they are, a higher spike rate adds
    spikes and moves none, a longer recording continues the shorter one (its neuropil up to mean and scale, which are
    those of the whole recording). Only another `frame_rate` or another `seed` draws everything anew.

    References
    ----------
    .. [1] Chen et al. (2013), Ultrasensitive fluorescent proteins for imaging neuronal activity,
       Nature 499, 295-300. doi:10.1038/nature12354
    """
    simulation = simulation or Simulation()
    drive = _slow_drive(simulation, 0, _Part.DRIVE)
    cells = [_cell(simulation, drive, number) for number in range(1, 1 + simulation.cells)]
    return Recording(name, None, simulation.frame_rate, CellsInMemory(cells), format="simulation")


def to_arrays(recording: Recording) -> dict[str, NDArray[Any]]:
    """Return a simulated recording as the arrays of an ``.npz`` file, cells numbered from 1.

    Parameters
    ----------
    recording : Recording
        As `simulate` makes it.

    Returns
    -------
    dict
        ``1/raw`` (signals, frames), ``1/truth_sources`` (k, frames), ``1/truth_mixing``
        (signals, k), ``1/name``, ``1/signal_names``, ``1/trial_starts`` (in frames) ..., and
        ``frame_rate`` in Hz where it is known. Ready for ``numpy.savez_compressed``.
    """
    arrays: dict[str, NDArray[Any]] = {}
    for number, cell in enumerate(recording.cells, 1):
        arrays[f"{number}/raw"] = cell.traces
        if cell.truth is not None:
            arrays[f"{number}/truth_sources"] = cell.truth.sources
            arrays[f"{number}/truth_mixing"] = cell.truth.mixing
        arrays[f"{number}/name"] = np.array(cell.name)
        arrays[f"{number}/signal_names"] = np.array(cell.signal_names)
        arrays[f"{number}/trial_starts"] = np.array(cell.trial_starts, dtype=np.int64)
    if recording.frame_rate is not None:
        arrays["frame_rate"] = np.array(recording.frame_rate)
    return arrays


class _Part(IntEnum):
    """Parts of a recording, each with random streams of its own, so that none moves another's."""

    DRIVE, EVENTS, BURSTS, LOCAL, NEUROPIL, MIXING, NOISE = range(7)


def _stream(simulation: Simulation, *key: int) -> Generator:
    return np.random.default_rng(np.random.SeedSequence(simulation.seed, spawn_key=key))


def _drawn(simulation: Simulation, draw: Callable[[Generator, int], FloatArray], *key: int) -> FloatArray:
    """Return a random number for each frame and those before it, (trials, lead + frames).

    The lead is drawn backwards from its end, so that another length of either keeps all numbers that both have.
    """
    lead, frames = _lead(simulation), simulation.frames
    rows = [
        np.concatenate([draw(_stream(simulation, *key, trial, 0), lead)[::-1], draw(after, frames)])
        for trial, after in enumerate(_stream(simulation, *key, trial, 1) for trial in range(simulation.trials))
    ]
    return np.stack(rows)


def _uniform(rng: Generator, size: int) -> FloatArray:
    return rng.random(size)


def _normal(rng: Generator, size: int) -> FloatArray:
    return rng.standard_normal(size)


def _cell(simulation: Simulation, drive: FloatArray, number: int) -> Cell:
    sources = _sources(simulation, drive, number)
    mixing = _mixing(simulation, number)
    traces = mixing @ sources
    deviation = np.sqrt(simulation.noise**2 + simulation.photon_noise * traces)
    for row in range(len(traces)):
        noise = _without_lead(simulation, _drawn(simulation, _normal, number, _Part.NOISE, row))
        traces[row] += deviation[row] * noise
    np.maximum(traces, 0, out=traces)  # as a detector counts, and as NMF needs it
    starts = tuple(range(0, traces.shape[1], simulation.frames))
    for array in (traces, sources, mixing):
        array.flags.writeable = False  # ours alone: Cell and Truth need not copy it
    return Cell(f"cell {number}", traces, default_signal_names(len(traces)), starts, Truth(sources, mixing))


def _sources(simulation: Simulation, drive: FloatArray, number: int) -> FloatArray:
    """Return the sources (k, frames) in counts: the cell, neuropil, neighbours, pedestal."""
    own, *others = (_transients(simulation, number, index) for index in range(1 + simulation.neighbours))
    activity = _standardised(_neuropil_activity(simulation, drive, number))
    shared = simulation.shared_drive
    activity = shared * _standardised(own) + np.sqrt(1 - shared**2) * activity
    neuropil = np.maximum(simulation.neuropil + simulation.fluctuation * activity, 0)
    peak = simulation.neighbour_amplitude if simulation.neighbour_amplitude is not None else simulation.amplitude
    cells = [simulation.amplitude * own, *(peak * other for other in others)]
    cell, *neighbours = (simulation.baseline + light for light in cells)
    sources = np.stack([cell, neuropil, *neighbours])
    if simulation.bleaching:
        end = np.log1p(-simulation.bleaching)
        sources *= np.exp(end * np.linspace(0, 1, sources.shape[1]))
    if simulation.pedestal:
        sources = np.vstack([sources, np.full(sources.shape[1], simulation.pedestal)])
    return sources


def neighbour_place(index: int) -> float:
    """Return where a neighbour lies around the ROI.

    Parameters
    ----------
    index : int
        The neighbour, from 0.

    Returns
    -------
    float
        Part of a turn, from 0 to less than 1. Each neighbour lies far from those before it, and stays where it is when
        others are added: 0, 1/2, 1/4, 3/4, 1/8 ..., the digits of `index` in base 2 behind the point in reverse.
    """
    place, part = 0.0, 0.5
    while index:
        place, index, part = place + part * (index % 2), index // 2, part / 2
    return place


def _mixing(simulation: Simulation, number: int) -> FloatArray:
    """Return how much each signal sees of each source, (signals, k)."""
    regions, neighbours, leak = simulation.regions, simulation.neighbours, simulation.leak
    count = 2 + neighbours
    drawn = np.stack([_stream(simulation, number, _Part.MIXING, row).random(count) for row in range(1 + regions)])
    mixing = np.empty_like(drawn)
    mixing[:, 0] = leak * (0.5 + drawn[:, 0])
    mixing[:, 1] = 0.8 + 0.4 * drawn[:, 1]
    mixing[0, :2] = 1.0, simulation.contamination
    for index in range(neighbours):
        # A neighbour lies in one region, reaches into the next ones a little, and leaks into the ROI.
        steps = np.abs(np.arange(regions) - int(neighbour_place(index) * regions))
        nearness = 0.15 ** np.minimum(steps, regions - steps)
        mixing[1:, 2 + index] = nearness * (0.6 + 0.4 * drawn[1:, 2 + index])
    mixing[0, 2:] = leak * (0.5 + drawn[0, 2:]) if simulation.neighbour_leak is None else simulation.neighbour_leak
    return np.column_stack([mixing, np.ones(1 + regions)]) if simulation.pedestal else mixing


def _lead(simulation: Simulation) -> int:
    """Return the number of frames simulated before each trial, so that none starts from silence."""
    return int(np.ceil(4 * max(simulation.decay, simulation.neuropil_time) * simulation.frame_rate))


def _without_lead(simulation: Simulation, values: FloatArray) -> FloatArray:
    """Return the frames of the trials one after another, without those simulated before each."""
    return values[:, _lead(simulation) :].ravel()


def _calcium(simulation: Simulation, events: NDArray[Any]) -> FloatArray:
    """Turn events, one value a frame, into transients whose peak is the event's value."""
    from scipy.signal import lfilter

    rise, decay = simulation.rise, simulation.decay
    peak_time = np.log(decay / rise) * rise * decay / (decay - rise)
    peak = np.exp(-peak_time / decay) - np.exp(-peak_time / rise)
    slow = np.exp(-1 / (decay * simulation.frame_rate))
    fast = np.exp(-1 / (rise * simulation.frame_rate))
    # exp(-t / decay) - exp(-t / rise), sampled at the frames, as one recursive filter.
    light: FloatArray = lfilter([0, (slow - fast) / peak], [1, -(slow + fast), slow * fast], events)
    return np.maximum(light, 0.0)  # rounding, long after a transient


def _counts(uniform: FloatArray, mean: FloatArray) -> FloatArray:
    """Return the number of events in each frame, from a Poisson distribution of this mean.

    Of the same uniform numbers, a higher mean makes more events and takes none away.
    """
    from scipy.special import ndtri

    counts = np.zeros_like(uniform)
    many = mean > MANY
    normal = np.round(mean[many] + np.sqrt(mean[many]) * ndtri(uniform[many]))
    mean = np.minimum(mean, MANY)
    left = np.nonzero(uniform > np.exp(-mean))
    uniform, mean = uniform[left], mean[left]
    chance = np.exp(-mean)
    below, number = chance.copy(), 0
    while len(uniform):
        number += 1
        counts[left] = number
        chance = chance * mean / number
        below = below + chance
        # At the last digit of `below`, nothing is added to it any more.
        on = (uniform > below) & (chance > 1e-17 * below)
        left, uniform, mean = tuple(axis[on] for axis in left), uniform[on], mean[on]
        chance, below = chance[on], below[on]
    # Far below its mean, a normal distribution has fewer events than the Poisson distribution of a lower mean.
    counts[many] = np.maximum(counts[many], normal)
    return counts


def spike_counts(simulation: Simulation, number: int = 1) -> NDArray[np.intp]:
    """Return how many spikes a simulated cell has in each frame; its transients begin there.

    Parameters
    ----------
    simulation : Simulation
    number : int
        Of the cell, from 1.

    Returns
    -------
    ndarray of int, shape (trials * frames,)
    """
    return _without_lead(simulation, _spikes(simulation, number, 0)).astype(np.intp)


def _spikes(simulation: Simulation, number: int, index: int) -> FloatArray:
    """Return the spikes in each frame of the cell (index 0) or a neighbour, (trials, lead + frames)."""
    uniform = _drawn(simulation, _uniform, number, _Part.EVENTS, index)
    spikes = _counts(uniform, np.full(uniform.shape, simulation.spike_rate / simulation.frame_rate))
    # Of a burst, one spike is certain and the rest are drawn.
    more = _counts(_drawn(simulation, _uniform, number, _Part.BURSTS, index), spikes * (simulation.burst - 1))
    return spikes + more


def _transients(simulation: Simulation, number: int, index: int) -> FloatArray:
    """Return the light above its baseline of the cell (index 0) or a neighbour, one spike's transient peaking at 1."""
    return _without_lead(simulation, _calcium(simulation, _spikes(simulation, number, index)))


def _slow_drive(simulation: Simulation, *key: int) -> FloatArray:
    """Return smooth noise of mean 0 and variance 1, with the lead of each trial."""
    from scipy.signal import lfilter

    pole = np.exp(-1 / (simulation.neuropil_time * simulation.frame_rate))
    # Its variance in the long run, so that a longer recording does not change what was before.
    scale = np.sqrt((1 - pole**2) ** 3 / (1 + pole**2))
    smooth: FloatArray = lfilter([scale], [1, -2 * pole, pole**2], _drawn(simulation, _normal, *key))
    return smooth


def _neuropil_activity(simulation: Simulation, drive: FloatArray, number: int) -> FloatArray:
    """Return the summed light of many faint processes, which follow the field's drive and a local one."""
    local = _slow_drive(simulation, number, _Part.LOCAL)
    # 20 processes a second on average, more when the drive is high: never smooth, never negative.
    rate = np.exp(0.4 * drive + 0.5 * local)
    events = _counts(_drawn(simulation, _uniform, number, _Part.NEUROPIL), 20 / simulation.frame_rate * rate)
    return _without_lead(simulation, _calcium(simulation, events))


def _standardised(values: NDArray[Any]) -> FloatArray:
    """Return `values` at mean 0 and variance 1, or zeros where they do not change."""
    centred: FloatArray = values - values.mean()
    deviation = float(centred.std())
    return centred / deviation if deviation > 0 else centred
