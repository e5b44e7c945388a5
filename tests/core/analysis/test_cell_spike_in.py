"""Spike-in test of one of many cells: it is the test of a cell, and says why where there is none."""

import math
from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui.core.analysis.cell_spike_in import (
    CellSpikeIn,
    CellTest,
    expected_test_seconds,
    spike_in_cell,
    spike_in_table,
)
from neuropil_gui.core.analysis.spike_in import spike_in
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.errors import Cancelled
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate

FEW = SpikeInTest(repeats=2, count=4)
RATE = 30.0


@pytest.fixture(scope="module")
def cell():
    return simulate(Simulation(regions=3, frames=600, seed=3)).cells[0]


@pytest.fixture(scope="module")
def kept(cell):
    return spike_in_cell(cell, CellTest(SeparationSettings(), FEW, RATE))


def test_it_is_the_test_of_the_cell_by_the_accelerated_solver(cell, kept):
    settings = SeparationSettings(solver="accelerated")
    made = spike_in(cell, settings, FEW, frame_rate=RATE, rivals=False).result
    assert (kept.gain, kept.leak, kept.shape_r) == (made.gain, made.leak, made.shape_r)
    assert kept.numbers == {"gain": made.gain.mean, "leak": made.leak.mean}
    assert not kept.failed
    given = spike_in_cell(cell, CellTest(settings, FEW, RATE, separate_cell(cell, settings)))
    assert given.gain == kept.gain


def test_it_answers_just_its_test_at_its_frame_rate(kept):
    assert kept.answers(FEW, RATE)
    assert not kept.answers(replace(FEW, kernel="jgcamp8f"), RATE)
    assert not kept.answers(FEW, None)


def test_a_cell_that_cannot_be_tested_says_why(cell):
    short = replace(cell, traces=cell.traces[:, :30], trial_starts=(0,), truth=None)
    found = spike_in_cell(short, CellTest(SeparationSettings(), FEW, RATE))
    assert "no room" in found.failed
    assert all(map(math.isnan, found.numbers.values()))


def test_it_is_cancelled(cell):
    with pytest.raises(Cancelled):
        spike_in_cell(cell, CellTest(SeparationSettings(), FEW, RATE), should_stop=lambda: True)


def test_the_table_has_what_was_asked_for_and_what_came_back_of_each_cell(kept):
    refused = CellSpikeIn(FEW, None, failed="It is dark.")
    rows = spike_in_table({4: refused, 1: kept}, ("a", "b", "c", "d", "e"))
    assert [(row["cell"], row["name"]) for row in rows] == [(2, "b"), (5, "e")]
    assert (rows[0]["gain"], rows[0]["gain_low"], rows[0]["leak_high"]) == (
        kept.gain.mean, kept.gain.low, kept.leak.high,
    )  # fmt: skip
    assert (rows[0]["course"], rows[0]["repeats"], rows[0]["frame_rate"]) == ("gcamp6s", 2, RATE)
    assert rows[1]["remarks"] == "It is dark."
    assert np.isnan(rows[1]["gain"])
    assert set(rows[0]) == set(rows[1])


def test_it_is_expected_to_take_longer_the_longer_the_recording_and_the_more_repeats():
    seconds = [
        expected_test_seconds(SeparationSettings(), replace(FEW, repeats=repeats), 5, frames)
        for repeats, frames in ((2, 1000), (4, 1000), (4, 10_000))
    ]
    assert seconds[1] == pytest.approx(2 * seconds[0])
    assert seconds[2] > seconds[1]
