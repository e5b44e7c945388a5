"""Simulated recordings with known sources."""

from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, CellsInMemory, Recording, Truth, default_signal_names
from neuropil_gui.core.settings import MAX_SEED, Parameter


def _of(name: str, kind: type, low: float, high: float, unit: str, text: str) -> tuple[str, Parameter]:
    return name, Parameter(name, name.replace("_", " "), kind, low, high, unit=unit, help=text)


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
        _of("leak", float, 0, 1, "", "The cell's own light in the regions, and its neighbours' in the ROI."),
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
    leak: float = 0.05
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

    References
    ----------
    .. [1] Chen et al. (2013), Ultrasensitive fluorescent proteins for imaging neuronal activity,
       Nature 499, 295-300. doi:10.1038/nature12354
    """
    simulation = simulation or Simulation()
    field, *streams = np.random.SeedSequence(simulation.seed).spawn(1 + simulation.cells)
    drive = _slow_drive(simulation, np.random.default_rng(field))
    cells = [
        _cell(simulation, drive, np.random.default_rng(stream), f"cell {number}")
        for number, stream in enumerate(streams, 1)
    ]
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


def _cell(simulation: Simulation, drive: FloatArray, rng: Generator, name: str) -> Cell:
    sources = _sources(simulation, drive, rng)
    mixing = _mixing(simulation, rng)
    traces = mixing @ sources
    variance = simulation.noise**2 + simulation.photon_noise * traces
    traces += np.sqrt(variance) * rng.standard_normal(traces.shape)
    np.maximum(traces, 0, out=traces)  # as a detector counts, and as NMF needs it
    starts = tuple(range(0, traces.shape[1], simulation.frames))
    for array in (traces, sources, mixing):
        array.flags.writeable = False  # ours alone: Cell and Truth need not copy it
    return Cell(name, traces, default_signal_names(len(traces)), starts, Truth(sources, mixing))


def _sources(simulation: Simulation, drive: FloatArray, rng: Generator) -> FloatArray:
    """Return the sources (k, frames) in counts: the cell, neuropil, neighbours, pedestal."""
    own = _transients(simulation, rng)
    activity = _standardised(_neuropil_activity(simulation, drive, rng))
    shared = simulation.shared_drive
    activity = shared * _standardised(own) + np.sqrt(1 - shared**2) * activity
    neuropil = np.maximum(simulation.neuropil + simulation.fluctuation * activity, 0)
    neighbours = [simulation.baseline + _transients(simulation, rng) for _ in range(simulation.neighbours)]
    sources = np.stack([simulation.baseline + own, neuropil, *neighbours])
    if simulation.bleaching:
        end = np.log1p(-simulation.bleaching)
        sources *= np.exp(end * np.linspace(0, 1, sources.shape[1]))
    if simulation.pedestal:
        sources = np.vstack([sources, np.full(sources.shape[1], simulation.pedestal)])
    return sources


def _mixing(simulation: Simulation, rng: Generator) -> FloatArray:
    """Return how much each signal sees of each source, (signals, k)."""
    regions, leak = simulation.regions, simulation.leak
    own = np.concatenate([[1.0], leak * rng.uniform(0.5, 1.5, regions)])
    neuropil = np.concatenate([[simulation.contamination], rng.uniform(0.8, 1.2, regions)])
    columns = [own, neuropil]
    for index in range(simulation.neighbours):
        # A neighbour lies in one region, reaches into the next ones a little, and leaks into the ROI.
        home = index * max(1, regions // max(1, simulation.neighbours)) % regions
        steps = np.abs(np.arange(regions) - home)
        nearness = 0.15 ** np.minimum(steps, regions - steps)
        nearness *= rng.uniform(0.6, 1.0, regions)
        columns.append(np.concatenate([[leak * rng.uniform(0.5, 1.5)], nearness]))
    if simulation.pedestal:
        columns.append(np.ones(1 + regions))
    return np.ascontiguousarray(np.stack(columns, axis=1))


def _lead(simulation: Simulation) -> int:
    """Return the number of frames simulated before each trial, so that none starts from silence."""
    return int(np.ceil(4 * max(simulation.decay, simulation.neuropil_time) * simulation.frame_rate))


def _without_lead(simulation: Simulation, values: FloatArray) -> FloatArray:
    """Return the frames of the trials, without those simulated before each."""
    return values.reshape(simulation.trials, -1)[:, _lead(simulation) :].ravel()


def _length(simulation: Simulation) -> int:
    return simulation.trials * (simulation.frames + _lead(simulation))


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


def _transients(simulation: Simulation, rng: Generator) -> FloatArray:
    """Return one cell's light above its baseline, in counts."""
    events = rng.poisson(simulation.spike_rate / simulation.frame_rate, _length(simulation))
    # Of a burst, one spike is certain and the rest are drawn.
    spikes = events + rng.poisson(events * (simulation.burst - 1))
    return _without_lead(simulation, _calcium(simulation, simulation.amplitude * spikes))


def _slow_drive(simulation: Simulation, rng: Generator) -> FloatArray:
    """Return smooth noise of mean 0 and variance 1, with the lead of each trial."""
    from scipy.signal import lfilter

    pole = np.exp(-1 / (simulation.neuropil_time * simulation.frame_rate))
    noise = rng.standard_normal(_length(simulation))
    return _standardised(lfilter([1], [1, -2 * pole, pole**2], noise))


def _neuropil_activity(simulation: Simulation, drive: FloatArray, rng: Generator) -> FloatArray:
    """Return the summed light of many faint processes, which follow the field's drive and a local one."""
    local = _slow_drive(simulation, rng)
    # 20 processes a second on average, more when the drive is high: never smooth, never negative.
    rate = np.exp(0.4 * drive + 0.5 * local)
    events = rng.poisson(20 / simulation.frame_rate * rate)
    return _without_lead(simulation, _calcium(simulation, events))


def _standardised(values: NDArray[Any]) -> FloatArray:
    """Return `values` at mean 0 and variance 1, or zeros where they do not change."""
    centred: FloatArray = values - values.mean()
    deviation = float(centred.std())
    return centred / deviation if deviation > 0 else centred
