"""Check the kinds of events against known spikes: how many of each kind and origin lie at a spike of the cell.

Cells are those of `tests.benchmarks.spike_in`, separated by the accelerated solver::

    python -m tests.benchmarks.events --cells 40 --alpha 0.01
"""

import argparse
from collections import Counter

import numpy as np

from neuropil_gui.core.analysis.events import compare_events
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import simulate, spike_counts
from tests.benchmarks.spike_in import simulated

NEAR = 10
"""Frames, a third of a second, within which an event lies at a spike."""


def at_spikes(seeds, alpha):
    """Return how many events there are by kind and origin, and how many of them lie at a spike."""
    events, true = Counter(), Counter()
    for seed in seeds:
        simulation = simulated(seed)
        cell = simulate(simulation).cells[0]
        made = separate_cell(cell, SeparationSettings(solver="accelerated", alpha=alpha))
        spikes = np.flatnonzero(spike_counts(simulation))
        for each in compare_events(cell, made, frame_rate=simulation.frame_rate).events:
            key = each.kind, each.origin
            events[key] += 1
            true[key] += bool(len(spikes)) and bool(np.abs(spikes - each.onset).min() <= NEAR)
    return events, true


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cells", type=int, default=40)
    parser.add_argument("--alpha", type=float, default=0.01)
    given = parser.parse_args()
    events, true = at_spikes(range(given.cells), given.alpha)
    for key, count in sorted(events.items()):
        print(f"{key[0]:8} {key[1] or 'not in the ROI':15} {true[key]:5} of {count:5} at a spike")


if __name__ == "__main__":
    main()
