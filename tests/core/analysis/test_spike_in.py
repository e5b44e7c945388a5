"""Spike-in test: what comes back by linear methods is known exactly, by NMF and ICA as another computation has it."""

import math
import pickle
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from neuropil_gui.core.analysis.asymmetric_t import fit_asymmetric_t
from neuropil_gui.core.analysis.detection import detect
from neuropil_gui.core.analysis.recovery import Estimate, found_among
from neuropil_gui.core.analysis.rival import Rival
from neuropil_gui.core.analysis.spike_in import spike_in
from neuropil_gui.core.analysis.spike_in_plan import Plan, SpikeInTest
from neuropil_gui.core.analysis.transients import half_length
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.metrics import pearson
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate

FAST = SeparationSettings(solver="accelerated")
FEW = SpikeInTest(repeats=3, count=6)
RATE = 30.0


@pytest.fixture(scope="module")
def cell():
    return simulate(Simulation(regions=3, frames=600, trials=2, seed=3)).cells[0]


@pytest.fixture(scope="module")
def made(cell):
    return spike_in(cell, FAST, FEW, frame_rate=RATE)


def gains(recovery):
    return np.array([each.gain for each in recovery.repeats])


def leaks(recovery):
    return np.array([each.leak for each in recovery.repeats])


# Linear methods


def test_the_raw_roi_gives_back_all_that_was_put_in(made):
    raw = made.recoveries["raw"]
    np.testing.assert_allclose(gains(raw), 1, rtol=1e-9)
    np.testing.assert_allclose(leaks(raw), 0, atol=1e-9)
    assert raw.spread == pytest.approx(0, abs=1e-9)
    assert raw.shape_r == pytest.approx(1)
    np.testing.assert_allclose(raw.after, raw.before, atol=1e-9)
    assert raw.decays[0] == pytest.approx(raw.decays[1])


def test_a_subtraction_gives_back_what_its_weights_say(made):
    fixed = made.recoveries["fixed"]
    shares = np.array([each.shares for each in fixed.repeats])
    assert np.ptp(shares[:, 1:], axis=0).max() > 0
    np.testing.assert_allclose(gains(fixed), 1 - 0.7 * shares[:, 1:].mean(axis=1), rtol=1e-9)
    np.testing.assert_allclose(leaks(fixed), -0.7, rtol=1e-9)
    # Shares differ between repeats, and mean courses where transients overlap.
    assert fixed.shape_r == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize(("other", "leak"), [("regions", 0.4 - 0.7), (2, 0.4 - 0.7 / 3)])
def test_a_subtraction_leaks_what_its_weights_say(cell, other, leak):
    found = spike_in(cell, FAST, replace(FEW, shares=0.2, other=other, other_share=0.4), frame_rate=RATE)
    np.testing.assert_allclose(gains(found.recoveries["fixed"]), 1 - 0.7 * 0.2, rtol=1e-9)
    np.testing.assert_allclose(leaks(found.recoveries["fixed"]), leak, rtol=1e-9)
    np.testing.assert_allclose(leaks(found.recoveries["raw"]), 0.4, rtol=1e-9)
    np.testing.assert_allclose(found.shares, [1, 0.2, 0.2, 0.2])
    assert found.other[0] == 0.4


# Separations


@pytest.mark.parametrize("method", ["nmf", "ica"])
def test_what_comes_back_is_the_difference_of_two_separations(cell, method):
    settings = replace(FAST, method=method)
    base = separate_cell(cell, settings)
    test = replace(FEW, repeats=2, shares=0.1)
    found = spike_in(cell, settings, test, frame_rate=RATE, reference=base, rivals=False)
    plan = Plan(cell, settings, test, RATE, base, False, None)
    onsets, peaks, shares = plan.draw(np.random.default_rng(test.seed))
    frames = cell.traces.shape[1]
    courses = np.zeros((frames, len(onsets)))
    for column, onset in zip(courses.T, onsets, strict=True):
        end = min(onset + len(plan.kernel), 600 if onset < 600 else 1200)
        column[onset:end] = plan.kernel[: end - onset]
    columns = np.column_stack([courses, np.ones(frames)])
    for light, key in ((shares, "came_back"), ([0, 1, 1, 1], "leaked")):
        traces = cell.traces + np.outer(light, courses @ peaks)
        after = separate_cell(Cell.from_traces(traces, trial_starts=cell.trial_starts), settings)
        wanted = np.linalg.lstsq(columns, after.matched[0] - base.matched[0], rcond=None)[0][:-1]
        np.testing.assert_allclose(getattr(found.result.repeats[0], key), wanted, rtol=1e-6, atol=1e-6)
    first = found.result.repeats[0]
    np.testing.assert_array_equal(first.put_in, peaks)
    assert first.gain == pytest.approx(np.linalg.lstsq(peaks[:, None], first.came_back, rcond=None)[0][0])


def test_the_same_seed_adds_the_same_and_another_one_others(cell, made):
    again = spike_in(cell, FAST, FEW, frame_rate=RATE, rivals=False)
    np.testing.assert_array_equal(gains(again.result), gains(made.result))
    assert set(again.recoveries) == {"result"}
    other = spike_in(cell, FAST, replace(FEW, seed=1), frame_rate=RATE, rivals=False)
    assert not np.isin(gains(other.result), gains(made.result)).any()


def test_both_solvers_give_back_the_same(cell, made):
    exact = spike_in(cell, replace(FAST, solver="fissa"), replace(FEW, repeats=2), frame_rate=RATE, rivals=False)
    np.testing.assert_allclose(gains(exact.result), gains(made.result)[:2], atol=0.02)
    assert exact.reference.settings.solver == "fissa"


def test_a_reference_by_the_other_solver_is_kept_and_compared(cell):
    exact = separate_cell(cell, replace(FAST, solver="fissa", seed=None))
    found = spike_in(cell, replace(FAST, seed=None), replace(FEW, repeats=2), frame_rate=RATE, reference=exact)
    assert found.reference is exact
    assert all(np.isfinite(gains(each)).all() for each in found.recoveries.values())


def test_frames_that_are_left_out_take_no_part(cell):
    traces = np.insert(cell.traces, [100, 700, 700], np.nan, axis=1)
    gap = Cell.from_traces(traces, trial_starts=(0, 601))
    found = spike_in(gap, replace(FAST, drop_nan=True), FEW, frame_rate=RATE, rivals=False)
    bare = spike_in(cell, FAST, FEW, frame_rate=RATE, rivals=False)
    np.testing.assert_allclose(gains(found.result), gains(bare.result), rtol=1e-6)


def test_the_gain_is_that_of_the_cells_own_events():
    inside = 0
    for seed in (0, 2):
        simulated = simulate(Simulation(frames=3000, seed=seed, noise=4)).cells[0]
        base = separate_cell(simulated, FAST)
        sources = simulated.truth.sources
        columns = np.column_stack([sources.T, np.ones(sources.shape[1])])
        gain = np.linalg.lstsq(columns, base.matched[0], rcond=None)[0][0]
        found = spike_in(simulated, FAST, SpikeInTest(repeats=5), frame_rate=RATE, reference=base, rivals=False)
        assert pearson(base.matched[0], sources[0]) > 0.9
        inside += gain in found.result.gain
    assert inside == 2


# Where light is added, and of which course


def test_transients_are_added_at_rest_or_in_transients(cell):
    rng = np.random.default_rng(0)
    plans = {
        place: Plan(cell, FAST, replace(FEW, place=place), RATE, None, False, None) for place in ("rest", "active")
    }
    rest, active = (set(plan.draw(rng)[0].tolist()) for plan in plans.values())
    kernel = plans["rest"].kernel
    events, reach = detect(cell.traces[0], kernel, FEW.threshold, cell.trial_starts).onsets, half_length(kernel)
    assert len(events)
    assert all(any(event <= at < event + reach for event in events) for at in active)
    assert not any(event - reach <= at < event + len(kernel) for event in events for at in rest)


def test_amplitudes_are_in_noise_or_in_medians_of_the_roi(cell):
    steps = np.abs(np.diff(cell.traces[0]))
    for unit, size in (("noise", 1.4826 * np.median(steps) / math.sqrt(2)), ("dff", np.median(cell.traces[0]))):
        plan = Plan(cell, FAST, replace(FEW, unit=unit, amplitude=2.0, count=20), RATE, None, False, None)
        assert plan.amplitude == pytest.approx(2 * size)
        peaks = plan.draw(np.random.default_rng(0))[1]
        assert peaks.min() >= size
        assert peaks.max() <= 3 * size


def test_the_cells_own_course_is_the_mean_of_its_transients(cell):
    found = spike_in(cell, FAST, replace(FEW, kernel="own"), rivals=False)
    assert found.kernel.max() == 1
    assert found.kernel[0] == 0
    assert not found.remarks


def test_it_says_where_a_gain_may_be_too_high(cell):
    collapsed = spike_in(cell, replace(FAST, n=1), replace(FEW, repeats=2), frame_rate=RATE, rivals=False)
    assert "Nothing was separated" in collapsed.remarks[0]
    # One component for all that signals share: it gives back light that was only in the regions.
    assert collapsed.result.leak.mean > 0.3
    base = separate_cell(cell, FAST)
    mixing = base.mixing.copy()
    mixing[1:, base.order[0]] = 0.0
    alone = replace(base, mixing=mixing)
    narrow = spike_in(cell, FAST, replace(FEW, repeats=2), frame_rate=RATE, reference=alone, rivals=False)
    assert "hardly seen in the regions (share 0.00)" in narrow.remarks[0]
    known = spike_in(cell, FAST, replace(FEW, repeats=2, shares=0.0), frame_rate=RATE, reference=alone, rivals=False)
    assert not known.remarks


def test_without_a_frame_rate_one_is_assumed_and_named(cell):
    found = spike_in(cell, FAST, FEW, rivals=False)
    assert "10 Hz was assumed" in found.remarks[0]


# Over repeats


def test_an_interval_holds_95_of_100_further_repeats():
    values = np.array([0.8, 0.9, 0.7, 1.0, math.nan])
    found = Estimate.of(values)
    spread = values[:4].std(ddof=1) * math.sqrt(1 + 1 / 4)
    low, high = stats.t.interval(0.95, 3, loc=0.85, scale=spread)
    assert (found.mean, found.low, found.high) == pytest.approx((0.85, low, high))
    assert 0.85 in found
    assert 3 not in found
    assert math.isnan(Estimate.of(values[:1]).low)
    assert math.isnan(Estimate.of(values[4:]).mean)


def test_the_spread_is_that_about_the_line_of_each_repeat(made):
    rest, mean = [], []
    for each in made.result.repeats:
        slope = np.linalg.lstsq(each.put_in[:, None], each.came_back, rcond=None)[0][0]
        rest.append(np.sum((each.came_back - slope * each.put_in) ** 2) / (len(each.put_in) - 1))
        mean.append(each.put_in.mean())
    assert made.result.spread == pytest.approx(math.sqrt(np.mean(rest)) / np.mean(mean))


def test_what_was_there_before_is_not_counted_as_detected():
    onsets, detected, earlier = np.array([10, 100, 200, 300]), np.array([12, 99, 250]), np.array([101])
    assert found_among(onsets, detected, earlier, 3) == pytest.approx(1 / 3)
    assert math.isnan(found_among(onsets[1:2], detected, earlier, 3))


def test_clear_transients_of_a_quiet_cell_are_all_detected_and_none_besides():
    rng = np.random.default_rng(0)
    quiet = Cell.from_traces(np.abs(100 + rng.standard_normal((3, 3000))))
    test = SpikeInTest(amplitude=30, count=6, repeats=3, shares="roi", threshold=6)
    found = spike_in(quiet, FAST, test, frame_rate=RATE)
    raw = found.recoveries["raw"]
    assert raw.detected.mean == 1
    assert raw.false.mean == 0
    assert raw.appeared.mean == 0


def test_the_repeats_are_plain_values_and_foreign_rivals_stay(cell):
    lower = Rival("lower", "Lower", "", "", "", lambda signals: 0.5 * signals[0])
    plan = Plan(cell, FAST, FEW, RATE, None, ("raw", lower, "regression", "ica"), None)
    portable, local = plan.setup.split()
    assert [each.key for each in portable.methods] == ["result", "raw", "regression", "ica"]
    assert [each.key for each in local.methods] == ["lower"]
    drawn = plan.draw(np.random.default_rng(0))
    sent = pickle.loads(pickle.dumps(portable)).repeat(pickle.loads(pickle.dumps(drawn)))
    made = plan.setup.repeat(drawn)
    assert made.made.keys() == (sent | local.repeat(drawn)).made.keys()
    for key, each in sent.made.items():
        np.testing.assert_array_equal(each.came_back, made.made[key].came_back)


def test_repeats_that_come_in_another_order_are_put_into_theirs(cell, made):
    def backwards(setup, drawn):
        yield from ((number, setup.repeat(drawn[number])) for number in reversed(range(len(drawn))))

    found = spike_in(cell, FAST, FEW, frame_rate=RATE, repeat_each=backwards)
    assert found.table() == made.table()
    np.testing.assert_array_equal(gains(found.result), gains(made.result))


# Refusals


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"unit": "counts"}, "unit must be one of"),
        ({"kernel": "none"}, "kernel must be one of"),
        ({"place": "here"}, "place must be one of"),
        ({"count": 1}, "count must be at least 2"),
        ({"repeats": 1}, "repeats must be at least 2"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"amplitude": 0}, "amplitude must be a number above 0"),
        ({"threshold": math.inf}, "threshold must be a number above 0"),
        ({"shares": "some"}, "shares must be"),
        ({"shares": -0.1}, "at least 0"),
        ({"other": "roi"}, "other must be"),
    ],
)
def test_what_a_test_cannot_be_is_refused(change, words):
    with pytest.raises(DataError, match=words):
        SpikeInTest(**change)


def test_cells_that_leave_no_room_are_refused(cell):
    with pytest.raises(DataError, match="regions 1 to 3"):
        spike_in(cell, FAST, replace(FEW, other=4))
    with pytest.raises(DataError, match="no neuropil region"):
        spike_in(Cell.from_traces(cell.traces[:1]), FAST, FEW)
    with pytest.raises(DataError, match="no room"):
        spike_in(Cell.from_traces(cell.traces[:, :20]), FAST, FEW, frame_rate=RATE)
    flat = Cell.from_traces(np.vstack([np.repeat(cell.traces[0, ::10], 10), cell.traces[1:]]))
    with pytest.raises(DataError, match="noise of the ROI is 0"):
        spike_in(flat, FAST, FEW, frame_rate=RATE)


def test_transients_that_have_no_room_are_told(cell):
    found = spike_in(cell, FAST, replace(FEW, count=200), frame_rate=RATE, rivals=False)
    fewest = min(len(each.put_in) for each in found.result.repeats)
    assert 2 <= fewest < 200
    assert f"Only {fewest} of 200 transients had room in a repeat." in found.remarks


def test_transients_that_overlap_are_told(cell):
    room = cell.traces.shape[1] // len(found_kernel(cell))
    many = spike_in(cell, FAST, replace(FEW, count=2 * room), frame_rate=RATE, rivals=False)
    assert any("begin before the one in front of them is over" in each for each in many.remarks)
    few = spike_in(cell, FAST, replace(FEW, count=2), frame_rate=RATE, rivals=False)
    assert not any("in front of them" in each for each in few.remarks)


def found_kernel(cell):
    return spike_in(cell, FAST, replace(FEW, count=2), frame_rate=RATE, rivals=False).kernel


def test_it_reports_each_repeat_and_can_be_cancelled(cell):
    done = []
    spike_in(cell, FAST, FEW, frame_rate=RATE, rivals=False, progress=lambda *each: done.append(each))
    assert done == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(Cancelled):
        spike_in(cell, FAST, FEW, frame_rate=RATE, should_stop=lambda: True)


# Rivals that are asked for


def test_rivals_that_are_asked_for_are_measured(cell):
    lower = Rival("lower", "Lower", "", "", "", lambda signals: 0.5 * signals[0])
    found = spike_in(cell, FAST, replace(FEW, repeats=2), frame_rate=RATE, rivals=("ast", "tuncat", "fixed", lower))
    assert list(found.recoveries) == ["result", "ast", "tuncat", "fixed", "lower"]
    np.testing.assert_allclose(gains(found.recoveries["lower"]), 0.5, rtol=1e-9)
    np.testing.assert_allclose(leaks(found.recoveries["fixed"]), -0.7, rtol=1e-9)
    # Of the regions' light, the model takes its contamination away, and is not linear.
    asked = fit_asymmetric_t(cell.traces[0], cell.traces[1:].mean(axis=0)).contamination
    assert -1 < leaks(found.recoveries["ast"]).mean() < 0
    assert gains(found.recoveries["ast"]).mean() == pytest.approx(1 - asked * found.shares[1:].mean(), abs=0.15)
    assert spike_in(cell, FAST, FEW, frame_rate=RATE, rivals=False).recoveries.keys() == {"result"}


def test_a_rival_that_fails_is_told_and_the_others_are_measured(cell):
    calls = []

    def trace(signals):
        calls.append(1)
        if len(calls) == 4:
            raise ZeroDivisionError("none left")
        return signals[0]

    fails = Rival("fails", "Fails", "", "", "", lambda signals: [1.0], plug_in="some-package 1.0")
    later = Rival("later", "Later", "", "", "", trace, plug_in="some-package 1.0")
    found = spike_in(cell, FAST, FEW, frame_rate=RATE, rivals=(fails, later, "raw"))
    assert list(found.recoveries) == ["result", "later", "raw"]
    assert len(found.recoveries["later"].repeats) == 2
    remarks = " ".join(found.remarks)
    assert "The plug-in fails of some-package 1.0 returned an array of shape (1,)" in remarks
    assert "1 of 3 repeats could not be made by later. The plug-in later of some-package 1.0 failed with " in remarks
    with pytest.raises(DataError, match="'median' is no rival"):
        spike_in(cell, FAST, FEW, frame_rate=RATE, rivals=("median",))
