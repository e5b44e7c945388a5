"""Events before and after a separation: known transients, and amplitudes that add up."""

from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui.core.analysis.detection import amplitudes_at, detect, near, noise_of
from neuropil_gui.core.analysis.events import KINDS, Event, compare_events
from neuropil_gui.core.analysis.transients import INDICATORS, time_constants, transient
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.formats.registry import read
from tests.benchmarks.events import at_spikes

RATE = 30.0
SHAPE = transient(*time_constants(INDICATORS["gcamp6s"].to_peak, INDICATORS["gcamp6s"].half_decay), RATE)


def light(frames, peaks):
    """Return transients of given peaks by their onset."""
    trace = np.zeros(frames)
    for onset, peak in peaks.items():
        trace[onset : onset + len(SHAPE)] += peak * SHAPE
    return trace


@pytest.fixture(scope="module")
def staged():
    """Make a cell and a result in which the fate of each of five events is known."""
    rng = np.random.default_rng(0)
    own = light(2400, {100: 40.0, 500: 40.0})
    neuropil = light(2400, {900: 40.0})
    half = light(2400, {1300: 40.0})
    new = light(2400, {1800: 40.0})
    noise = rng.standard_normal((3, 2400))
    roi = 100 + own + neuropil + half + noise[0]
    regions = [80 + neuropil + 0.5 * half + each for each in noise[1:]]
    cell = Cell.from_traces(np.stack([roi, *regions]))
    made = separate_cell(cell, SeparationSettings(n=2, solver="accelerated"))
    best = 100 + own + 0.3 * half + new + noise[0]
    return cell, replace(made, matched=np.stack([best, roi - best]))


def test_each_event_is_what_became_of_it(staged):
    found = compare_events(*staged, frame_rate=RATE, threshold=8)
    near = {min((100, 500, 900, 1300, 1800), key=lambda at, e=each: abs(at - e.onset)): each for each in found.events}
    assert len(found.events) == len(near) == 5
    assert [near[at].kind for at in (100, 500, 900, 1300, 1800)] == ["kept", "kept", "removed", "shrunk", "new"]
    assert [near[at].took for at in (100, 900, 1300)] == [0, 1, 1]
    assert [near[at].origin for at in (100, 900, 1300)] == ["own", "neuropil's", "shared"]
    assert near[100].in_roi == pytest.approx(40, abs=2)
    assert near[1300].in_best == pytest.approx(12, abs=2)
    assert {kind: found.count(kind) for kind in KINDS} == {"kept": 2, "shrunk": 1, "removed": 1, "new": 1}


def test_the_parts_of_an_event_add_up_to_it(staged):
    cell, made = staged
    for event in compare_events(cell, made, frame_rate=RATE).events:
        assert sum(event.parts) == pytest.approx(event.in_roi, abs=1e-9)
        assert event.parts[0] == event.in_best
        assert len(event.regions) == 2


def test_frames_that_are_left_out_hold_no_event():
    cell = simulate(Simulation(frames=1500, seed=2)).cells[0]
    gap = Cell.from_traces(np.insert(cell.traces, [400, 400], np.nan, axis=1))
    settings = SeparationSettings(solver="accelerated")
    bare = compare_events(cell, separate_cell(cell, settings), frame_rate=RATE)
    found = compare_events(gap, separate_cell(gap, replace(settings, drop_nan=True)), frame_rate=RATE)
    assert bare.events
    assert [each.onset for each in found.events] == [each.onset + 2 * (each.onset >= 400) for each in bare.events]


def test_what_has_no_events_is_refused(staged):
    cell, made = staged
    with pytest.raises(DataError, match="indicator must be one of"):
        compare_events(cell, made, indicator="none")
    with pytest.raises(DataError, match="A draft has no events"):
        compare_events(cell, replace(made, frames_per_value=4))


def test_an_event_that_is_not_in_the_roi_has_no_origin():
    assert Event(3, "new", -1.0, 5.0, (5.0,), (1.0,)).origin == ""


@pytest.fixture(scope="module")
def slow():
    """Make a cell in slow neuropil that is no transient, and a result without any noise: 2 large events, 1 small."""
    rng = np.random.default_rng(3)
    own = light(2400, {300: 60.0, 1100: 60.0, 1700: 6.0})
    waves = np.cumsum(rng.standard_normal(2400))
    waves = 8 * (np.convolve(waves, np.ones(15) / 15, "same") - np.convolve(waves, np.ones(90) / 90, "same"))
    cell = Cell.from_traces(np.stack([100 + own + waves + 0.8 * rng.standard_normal(2400), 80 + waves]))
    made = separate_cell(cell, SeparationSettings(n=2, solver="accelerated"))
    return cell, replace(made, matched=np.stack([own, cell.traces[0] - own])), waves


def test_neuropil_in_the_roi_is_its_noise_and_no_removed_event(slow):
    cell, made, waves = slow
    found = compare_events(cell, made, frame_rate=RATE)
    assert found.roi_noise == pytest.approx(np.std(amplitudes_at(waves, SHAPE, np.arange(0, 2300, 90))), rel=0.5)
    assert found.count("removed") <= 3  # 3 deviations: by the noise from frame to frame there would be dozens
    large = {min((300, 1100), key=lambda at, e=each: abs(at - e.onset)) for each in found.events if each.in_best > 30}
    assert large == {300, 1100}


def test_a_best_match_without_noise_is_as_uncertain_as_the_noise_of_the_roi(slow):
    cell, made, _ = slow
    found = compare_events(cell, made, frame_rate=RATE)
    assert found.clipped
    frame_noise = detect(np.random.default_rng(0).standard_normal(20_000), SHAPE).noise
    assert found.noise == pytest.approx(frame_noise * noise_of(cell.traces[0]), rel=0.1)
    noisy = replace(made, matched=made.matched + np.random.default_rng(1).standard_normal((1, 2400)) * 3)
    assert not compare_events(cell, noisy, frame_rate=RATE).clipped


def test_an_event_that_neuropil_hides_in_the_roi_is_not_new(slow):
    cell, made, _ = slow
    small = [each for each in compare_events(cell, made, frame_rate=RATE).events if abs(each.onset - 1700) < 10]
    assert len(small) == 1
    assert small[0].in_best == pytest.approx(6, abs=0.1)
    assert small[0].in_roi > 3
    assert small[0].kind == "kept"
    assert not len(near(np.array([1700]), detect(cell.traces[0], SHAPE).onsets, 10).nonzero()[0])
    taken = replace(cell, traces=np.stack([cell.traces[0] - light(2400, {1700: small[0].in_roi}), cell.traces[1]]))
    kinds = [each.kind for each in compare_events(taken, made, frame_rate=RATE).events if abs(each.onset - 1700) < 10]
    assert kinds == ["new"]


def test_neuropil_of_the_fissa_example_is_not_counted_as_removed_events(real_data):
    cell = read(real_data / "fissa_example" / "prepared.npz").cells[0]
    found = compare_events(cell, separate_cell(cell, SeparationSettings(solver="accelerated")))
    assert found.clipped
    assert found.roi_noise > 5 * found.noise
    assert 1 <= len(found.events) <= 4
    assert found.count_origin("removed", "own") == 0


def test_kinds_and_origins_are_those_of_known_spikes():
    events, true = at_spikes(range(8), 0.01)
    own = [(kind, "own") for kind in ("kept", "shrunk", "removed")]
    others = [key for key in events if key[1] in ("neuropil's", "")]
    assert sum(events[key] for key in own) > 60
    assert sum(true[key] for key in own) >= 0.95 * sum(events[key] for key in own)
    assert sum(events[key] for key in others) > 10
    assert sum(true[key] for key in others) <= 0.2 * sum(events[key] for key in others)
