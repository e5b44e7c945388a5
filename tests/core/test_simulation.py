"""Simulated recordings hold what they promise, and the demos show what their sentences say."""

import re
from dataclasses import fields, replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from neuropil_gui.core.analysis.numbers import numbers
from neuropil_gui.core.demos import DEMOS, MOVIE_DEMO, PICTURE, RAW_COLOUR, TRUE_COLOUR, demo_arrays, demo_picture
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.metrics import pearson
from neuropil_gui.core.simulation import (
    SIMULATION_PARAMETERS,
    Simulation,
    _counts,
    neighbour_place,
    simulate,
    to_arrays,
)

SHIPPED = Path(__file__).parents[2] / "resources" / "demos"


def noiseless(**changes):
    return simulate(Simulation(**{"noise": 0.0, **changes})).cells[0]


def autocorrelation(trace, lag):
    return pearson(trace[:-lag], trace[lag:])


def test_parameters_are_described():
    assert [each.name for each in fields(Simulation)] == list(SIMULATION_PARAMETERS)
    for parameter in SIMULATION_PARAMETERS.values():
        assert parameter.help
        assert parameter.describe()


@settings(max_examples=25, deadline=None)
@given(
    regions=st.integers(1, 11),
    frames=st.integers(50, 400),
    trials=st.integers(1, 3),
    cells=st.integers(1, 3),
    neighbours=st.integers(0, 5),
    pedestal=st.sampled_from([0.0, 300.0]),
    bleaching=st.floats(0, 0.9),
    shared_drive=st.floats(0, 1),
    seed=st.integers(0, 2**32 - 1),
)
def test_shapes_and_truth(regions, frames, trials, cells, neighbours, pedestal, bleaching, shared_drive, seed):
    recording = simulate(
        Simulation(
            cells=cells,
            regions=regions,
            frames=frames,
            trials=trials,
            neighbours=neighbours,
            pedestal=pedestal,
            bleaching=bleaching,
            shared_drive=shared_drive,
            noise=0.0,
            seed=seed,
        )
    )
    assert len(recording.cells) == cells
    assert recording.frame_rate == 30.0
    for cell in recording.cells:
        assert cell.traces.shape == (1 + regions, trials * frames)
        assert cell.trial_starts == tuple(frames * trial for trial in range(trials))
        assert cell.truth.sources.shape == (2 + neighbours + (pedestal > 0), trials * frames)
        assert np.isfinite(cell.traces).all()
        assert cell.traces.min() >= 0
        assert cell.truth.sources.min() >= 0
        np.testing.assert_allclose(cell.traces, cell.truth.mixing @ cell.truth.sources, rtol=1e-12)
        assert not cell.traces.flags.writeable


def test_same_seed_same_numbers_and_cells_do_not_depend_on_their_count():
    three = simulate(Simulation(cells=3, frames=200, seed=5)).cells
    one = simulate(Simulation(cells=1, frames=200, seed=5)).cells
    other = simulate(Simulation(cells=1, frames=200, seed=6)).cells
    np.testing.assert_array_equal(three[0].traces, one[0].traces)
    assert not np.array_equal(one[0].traces, other[0].traces)
    assert not np.array_equal(three[0].traces, three[1].traces)


CELL = Simulation(frames=600, trials=2, noise=4.0, neuropil=200.0, spike_rate=0.5, seed=3)
KEEPS_THE_CELL = {
    "contamination": 1.3, "fluctuation": 30.0, "neuropil": 300.0, "neuropil_time": 2.5, "shared_drive": 0.6,
    "neighbours": 5, "neighbour_amplitude": 150.0, "regions": 7, "leak": 0.2, "neighbour_leak": 0.5, "noise": 15.0,
    "photon_noise": 2.0, "pedestal": 500.0, "trials": 3, "cells": 2, "amplitude": 80.0, "baseline": 90.0,
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), KEEPS_THE_CELL.items())
def test_moving_one_parameter_leaves_the_cell_and_the_random_numbers_of_the_rest(name, value):
    before, after = (simulate(replace(CELL, **change)).cells[0] for change in ({}, {name: value}))
    frames = before.traces.shape[1]
    kept = [pearson(*pair) for pair in zip(before.truth.sources, after.truth.sources[:, :frames], strict=False)]
    if name in ("shared_drive", "neuropil_time"):
        del kept[1]  # which is the thing that they change
    assert kept == pytest.approx([1.0] * len(kept))
    if name != "photon_noise":  # whose size follows the light
        noise = [(each.traces - each.truth.mixing @ each.truth.sources)[:5, :frames] for each in (before, after)]
        assert [pearson(*pair) for pair in zip(*noise, strict=True)] == pytest.approx([1.0] * 5)
    if name not in ("leak", "contamination", "neighbour_leak"):
        assert after.truth.mixing[0, :4].tolist() == before.truth.mixing[0, :4].tolist()
        assert after.truth.mixing[1:5, :2].tolist() == before.truth.mixing[1:5, :2].tolist()
    if name not in ("leak", "contamination", "neighbour_leak", "regions"):
        assert after.truth.mixing[:, :4].tolist() == before.truth.mixing.tolist()


def sources(**change):
    return simulate(replace(CELL, trials=1, **change)).cells[0].truth.sources


def test_a_longer_recording_continues_the_shorter():
    short, long = sources(), sources(frames=1500)[:, :600]
    np.testing.assert_array_equal(long[[0, 2, 3]], short[[0, 2, 3]])
    # The neuropil's mean and scale are those of the whole recording.
    assert pearson(long[1], short[1]) == pytest.approx(1.0)


@pytest.mark.parametrize("change", [{"spike_rate": 1.0}, {"burst": 4.0}])
def test_more_spikes_are_added_and_none_is_moved(change):
    few, many = sources(), sources(**change)
    assert (many >= few - 1e-9)[[0, 2, 3]].all()
    assert many[0].sum() > 1.1 * few[0].sum()
    np.testing.assert_array_equal(many[1], few[1])


@pytest.mark.parametrize("change", [{"decay": 1.5}, {"rise": 0.02}])
def test_transients_of_another_shape_begin_where_they_did(change):
    """Even those of spikes before the recording, although a longer decay needs a longer time before it."""
    before, after = sources(spike_rate=0.1, burst=1.0), sources(spike_rate=0.1, burst=1.0, **change)
    onsets = [np.flatnonzero((row[1:] > 60.5) & (row[:-1] <= 60.5)) for row in (before[0], after[0])]
    assert len(onsets[1])
    assert all(np.abs(onsets[0] - place).min() <= 1 for place in onsets[1])


@given(
    mean=st.floats(0, 2000),
    factor=st.floats(1, 3),
    uniform=st.lists(st.floats(0, 1 - 1e-12), min_size=1, max_size=20),  # nearer to 1, the sum of chances is rounded
)
@example(mean=334.0, factor=1.5, uniform=[6.4e-119])  # far below the mean of a normal distribution
@example(mean=499.9, factor=1.001, uniform=[0.001])
@settings(max_examples=60, deadline=None)
def test_a_higher_mean_adds_events_and_takes_none_away(mean, factor, uniform):
    drawn = np.array(uniform)
    few, many = (_counts(drawn, np.full(drawn.shape, each)) for each in (mean, factor * mean))
    assert (many >= few).all()
    assert (few == np.round(few)).all()


@pytest.mark.parametrize("mean", [0.01, 0.7, 30.0, 499.0, 501.0])
def test_events_have_the_mean_and_the_variance_of_a_poisson_distribution(mean):
    counts = _counts(np.random.default_rng(1).random(20_000), np.full(20_000, mean))
    assert counts.mean() == pytest.approx(mean, rel=0.1)
    assert counts.var() == pytest.approx(mean, rel=0.15)


def test_neighbours_have_light_of_their_own():
    plain, bright = (noiseless(frames=500, spike_rate=1.0, **each) for each in ({}, {"neighbour_amplitude": 120.0}))
    np.testing.assert_allclose(bright.truth.sources[2:] - 60.0, 3.0 * (plain.truth.sources[2:] - 60.0))
    near = noiseless(frames=100, neighbours=3, neighbour_leak=0.5)
    assert near.truth.mixing[0].tolist() == [1.0, 0.7, 0.5, 0.5, 0.5]
    assert near.truth.mixing[1:, 0].tolist() == noiseless(frames=100, neighbours=3).truth.mixing[1:, 0].tolist()


def test_each_neighbour_lies_far_from_those_before_it():
    places = [neighbour_place(index) for index in range(8)]
    assert places == [0, 0.5, 0.25, 0.75, 0.125, 0.625, 0.375, 0.875]


def test_long_recordings_with_many_signals():
    cell = simulate(Simulation(regions=11, frames=200_000)).cells[0]
    assert cell.traces.shape == (12, 200_000)
    assert np.isfinite(cell.traces).all()


def test_a_transient_rises_to_its_amplitude_and_decays():
    cell = noiseless(frames=20_000, spike_rate=0.02, burst=1.0, amplitude=50.0, frame_rate=100.0, seed=2)
    own = cell.truth.sources[0] - 60.0
    peak = int(np.argmax(own))
    assert own.max() >= 0.98 * 50.0
    # 1 s later, exp(-1 / 0.7) of it is left, once the fast exponential is gone.
    later = own[peak + 20 : peak + 120]
    assert later[-1] / later[0] == pytest.approx(np.exp(-0.99 / 0.7), rel=0.01)


def test_contamination_is_the_mixing_of_the_neuropil():
    assert noiseless(frames=100, contamination=1.7).truth.mixing[0, 1] == 1.7
    assert noiseless(frames=100, contamination=0.0).truth.mixing[0, 1] == 0.0


@pytest.mark.parametrize("shared", [0.0, 0.5, 0.9])
def test_shared_drive_is_the_correlation_of_neuropil_and_cell(shared):
    sources = noiseless(frames=50_000, shared_drive=shared, neuropil=500.0).truth.sources
    assert pearson(sources[0], sources[1]) == pytest.approx(shared, abs=0.08)


def test_neuropil_is_as_slow_and_as_strong_as_asked_for():
    slow = noiseless(frames=20_000, neuropil_time=3.0, neuropil=300.0, fluctuation=25.0).truth.sources[1]
    fast = noiseless(frames=20_000, neuropil_time=0.2, neuropil=300.0, fluctuation=25.0).truth.sources[1]
    assert slow.mean() == pytest.approx(300.0)
    assert slow.std() == pytest.approx(25.0)
    assert autocorrelation(slow, 60) > autocorrelation(fast, 60) + 0.2


def test_each_neighbour_is_seen_mainly_by_one_region():
    mixing = noiseless(frames=100, neighbours=2, leak=0.0).truth.mixing[:, 2:]
    assert mixing[0].tolist() == [0.0, 0.0]
    assert mixing[1:].argmax(axis=0).tolist() == [0, 2]


def test_noise_bleaching_and_pedestal():
    quiet = noiseless(frames=5000, spike_rate=0.0, fluctuation=0.0, neighbours=0)
    assert np.ptp(quiet.traces, axis=1).max() == 0
    noisy = noiseless(frames=5000, spike_rate=0.0, fluctuation=0.0, neighbours=0, noise=4.0)
    assert noisy.traces[0].std() == pytest.approx(4.0, rel=0.05)
    shot = noiseless(frames=5000, spike_rate=0.0, fluctuation=0.0, neighbours=0, photon_noise=2.0)
    assert shot.traces[0].std() == pytest.approx(np.sqrt(2.0 * quiet.traces[0, 0]), rel=0.05)
    bleached = noiseless(frames=5000, spike_rate=0.0, fluctuation=0.0, neighbours=0, bleaching=0.3, pedestal=50.0)
    without = bleached.traces - 50.0
    np.testing.assert_allclose(without[:, -1] / without[:, 0], 0.7)
    assert set(bleached.truth.sources[-1]) == {50.0}
    assert set(bleached.truth.mixing[:, -1]) == {1.0}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cells": 0}, "cells must be a whole number from 1"),
        ({"frames": 1}, "frames must be a whole number from 2"),
        ({"noise": -1.0}, "noise must be a finite number from 0"),
        ({"shared_drive": 1.5}, "shared_drive must be a finite number from 0 to 1"),
        ({"seed": 2**32}, "seed must be"),
        ({"decay": 0.05, "rise": 0.05}, "decay must be longer than rise"),
        ({"frame_rate": float("nan")}, "frame_rate must be"),
    ],
)
def test_impossible_parameters_are_refused_in_words(change, words):
    with pytest.raises(DataError, match=words):
        Simulation(**change)


def test_parameters_of_another_type_are_refused():
    with pytest.raises(TypeError, match="frames"):
        Simulation(frames=10.5)


def test_arrays_of_a_file():
    recording = simulate(Simulation(cells=2, frames=60, trials=2))
    arrays = to_arrays(recording)
    assert arrays["2/raw"] is recording.cells[1].traces
    assert arrays["2/truth_sources"].shape == (4, 120)
    assert arrays["2/truth_mixing"].shape == (5, 4)
    assert arrays["2/name"] == "cell 2"
    assert arrays["2/signal_names"].tolist() == ["ROI", "np 1", "np 2", "np 3", "np 4"]
    assert arrays["2/trial_starts"].tolist() == [0, 60]
    assert arrays["frame_rate"] == 30.0
    assert all(array.dtype.kind in "fiU" for array in arrays.values())


# The demos


@pytest.fixture
def judged(demo_cells, separated):
    """Return r with the truth of raw, subtracted and best-matched traces, and all numbers, of each cell."""

    def judged(name, **asked):
        rows = []
        for cell, separation in zip(demo_cells(name), separated(name, **asked), strict=True):
            table = numbers(cell, separation)
            subtracted = cell.traces[0] - 0.7 * cell.traces[1:].mean(axis=0)
            best = table["r_truth"]
            rows.append((table["r_truth_raw"], pearson(subtracted, cell.truth.sources[0]), best, table, separation))
        return rows

    return judged


def test_shipped_demos_are_what_the_command_makes():
    files = [f"{name}{suffix}" for name in DEMOS for suffix in (".npz", ".svg")]
    assert sorted(path.name for path in SHIPPED.iterdir()) == sorted([*files, f"{MOVIE_DEMO.name}.svg"])
    assert sum(path.stat().st_size for path in SHIPPED.iterdir()) < 1_000_000
    for name, demo in DEMOS.items():
        made = demo_arrays(demo)
        with np.load(SHIPPED / f"{name}.npz", allow_pickle=False) as file:
            assert set(file) == set(made)
            for key, values in made.items():
                if values.dtype.kind == "U":
                    assert file[key].tolist() == values.tolist()
                else:
                    # One step of rounding, which another processor's arithmetic may move.
                    np.testing.assert_allclose(file[key], values, rtol=1e-6, atol=0.126)
        shipped, drawn = (SHIPPED / f"{name}.svg").read_text(), demo_picture(made)
        number = r"-?\d+\.\d"
        assert re.sub(number, "", shipped) == re.sub(number, "", drawn)
        ys = [[float(y) for y in re.findall(number, text)] for text in (shipped, drawn)]
        np.testing.assert_allclose(*ys, atol=0.21)


@pytest.mark.parametrize("name", DEMOS)
def test_pictures_of_the_demos_show_the_raw_roi_above_the_true_cell(name, demo_cells):
    path = SHIPPED / f"{name}.svg"
    assert path.stat().st_size < 10_000
    raw, truth = ElementTree.parse(path).getroot()
    assert (raw.get("stroke"), truth.get("stroke")) == (RAW_COLOUR, TRUE_COLOUR)
    points = [np.array([point.split(",") for point in line.get("points").split()], float) for line in (raw, truth)]
    cell = demo_cells(name)[0]
    for drawn, light in zip(points, (cell.traces[0], cell.truth.sources[0]), strict=True):
        assert ((drawn >= 0) & (drawn <= PICTURE)).all()
        frames = light[:600].reshape(len(drawn), -1).mean(axis=1)
        # Zero is at the lower edge in both, so that the gap between them is what was added to the cell.
        scale = (PICTURE[1] - 2 - drawn[:, 1]) / frames
        np.testing.assert_allclose(scale, scale.mean(), rtol=0.03)
        assert pearson(drawn[:, 1], frames) < -0.98
    assert (points[0][:, 1] < points[1][:, 1]).all()


def test_easy_demo(judged):
    for raw, _, best, table, separation in judged("easy"):
        assert separation.converged
        assert best > 0.96
        assert best > raw + 0.05
        assert table["r_neuropil_raw"] > 0.4
        assert table["r_neuropil"] < 0.05


def test_contaminated_demo(judged, demo_cells):
    for raw, subtracted, best, table, separation in judged("contaminated"):
        assert separation.converged
        assert raw < 0.65
        assert best > 0.96
        assert best > subtracted + 0.1
        assert table["r_neuropil_raw"] > 0.75
    assert demo_cells("contaminated")[0].trial_starts == (0, 700, 1400)
    for cell in demo_cells("contaminated"):
        mixing = cell.truth.mixing[:, 1]
        assert mixing[0] > mixing[1:].max()


def test_correlated_demo(judged, demo_cells):
    rows = judged("correlated")
    for cell, (raw, _, best, table, separation) in enumerate(rows, 1):
        assert separation.converged
        if cell in (1, 4):
            assert best > raw + 0.06
            assert best > 0.92
            assert table["r_neuropil"] < 0.5
        else:
            assert abs(best - raw) < 0.02
            assert table["r_neuropil"] > 0.8
    for cell in demo_cells("correlated"):
        assert pearson(*cell.truth.sources[:2]) > 0.25


def test_failing_demo(judged):
    for raw, _, best, table, separation in judged("failing"):
        assert separation.converged
        assert raw > best + 0.4
        assert best < 0.35
        assert table["alive"] == 1
    assert min(row[2] for row in judged("failing", method="ica")) > 0.9
    # One try: it is far from the end of its iterations, and each of the others would start anew.
    assert min(row[2] for row in judged("failing", alpha=0.01, max_iter=1000, max_tries=1)) > 0.96
    assert replace(DEMOS["failing"].simulation, pedestal=0.0) == DEMOS["easy"].simulation
