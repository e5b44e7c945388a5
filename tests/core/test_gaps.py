from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui import Cell, SeparationSettings, numbers, separate_cell
from neuropil_gui.core.analysis.candidates import of_rival, of_separation
from neuropil_gui.core.analysis.contributions import contributions
from neuropil_gui.core.analysis.pairing import Agreement, pair
from neuropil_gui.core.analysis.stability import stability
from neuropil_gui.core.analysis.sweep import has_collapsed
from neuropil_gui.core.analysis.trials import separate_trials
from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.cell_delta_f import cell_delta_f
from neuropil_gui.core.draft import separate_draft
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.gaps import ranges
from neuropil_gui.core.history import History
from neuropil_gui.core.simulation import Simulation, simulate

GAPS = [7, *range(100, 110), 399]
SETTINGS = SeparationSettings(drop_nan=True, solver="accelerated")


@pytest.fixture(scope="module")
def whole():
    return simulate(Simulation(frames=200, trials=2, seed=2)).cells[0]


@pytest.fixture(scope="module")
def closed(whole):
    return Cell.from_traces(np.delete(whole.traces, GAPS, axis=1))


@pytest.fixture(scope="module")
def cell(whole):
    """A cell with NaN in one signal or all, and an infinite value."""
    traces = whole.traces.copy()
    traces[:, 100:110], traces[0, 7], traces[3, 399] = np.nan, np.nan, np.inf
    return replace(whole, traces=traces)


@pytest.fixture(scope="module")
def result(cell):
    return separate_cell(cell, SETTINGS)


def test_the_result_is_that_of_the_other_frames_with_gaps(result, closed):
    expected = separate_cell(closed, replace(SETTINGS, drop_nan=False))
    kept = np.delete(np.arange(400), GAPS)
    assert result.matched.shape == (expected.n, 400)
    for name in ("separated", "matched"):
        np.testing.assert_array_equal(getattr(result, name)[:, kept], getattr(expected, name))
        assert np.isnan(getattr(result, name)[:, GAPS]).all()
    np.testing.assert_array_equal(result.mixing, expected.mixing)
    assert (result.median, result.iterations, result.objective) == (
        expected.median, expected.iterations, expected.objective
    )  # fmt: skip
    [remark] = [each for each in result.warnings if "left out" in each.text]
    assert remark.level == "info"
    assert "12 of 400 frames were left out" in remark.text
    assert "7, 100-109, 399 (counted from 0)" in remark.text
    assert [each for each in result.warnings if each != remark] == list(expected.warnings)


def test_without_the_setting_it_is_refused_and_without_gaps_nothing_changes(cell, whole):
    with pytest.raises(DataError, match=r"NaN or infinite, the first in ROI at frame 7 .* in 12 frames .*drop_nan"):
        separate_cell(cell, replace(SETTINGS, drop_nan=False))
    one, other = (separate_cell(whole, replace(SETTINGS, drop_nan=on)) for on in (True, False))
    np.testing.assert_array_equal(one.separated, other.separated)
    assert one.warnings == other.warnings


def test_places_are_those_of_the_recording(cell):
    traces = cell.traces.copy()
    traces[1, 200] = -3
    with pytest.raises(DataError, match=r"1 value is negative, the least -3 in np 1 at frame 200 "):
        separate_cell(replace(cell, traces=traces), SETTINGS)
    np.testing.assert_array_equal(
        np.isnan(separate_cell(replace(cell, traces=traces), replace(SETTINGS, offset=True)).matched[0]),
        np.isin(np.arange(400), GAPS),
    )


def test_too_few_frames_and_signals_without_any_value_are_refused(cell):
    traces = cell.traces.copy()
    traces[2] = np.nan
    with pytest.raises(DataError, match=r"only 0 would be left .* No value at all is in np 2"):
        separate_cell(replace(cell, traces=traces), SETTINGS)
    traces = cell.traces.copy()
    traces[1, 4:] = np.nan
    with pytest.raises(DataError, match=r"only 4 would be left .* At least 5 are needed"):
        separate_cell(replace(cell, traces=traces), SETTINGS)


def test_what_judges_it_is_of_the_frames_that_are_there(cell, closed, result, whole):
    expected = separate_cell(closed, replace(SETTINGS, drop_nan=False))
    found = numbers(cell, result)
    for key, value in numbers(closed, expected).items():
        if key != "seconds":
            assert found[key] == pytest.approx(value, nan_ok=True), key
    truth = np.delete(whole.truth.sources[0], GAPS)
    assert found["r_truth"] == pytest.approx(np.corrcoef(truth, expected.matched[0])[0, 1])
    assert has_collapsed(result) == has_collapsed(expected)
    assert Agreement.of(result, result).r == pytest.approx(1)
    assert pair(result, result).likeness == pytest.approx(
        [1.0 if each else 0.0 for each in expected.mixing.any(axis=0)[expected.order]]
    )
    ours, theirs = contributions(cell, result).shares(0, 400), contributions(closed, expected).shares(0, 388)
    assert ours.components == pytest.approx(theirs.components)
    assert ours.residual == pytest.approx(theirs.residual)


def test_drafts_have_bins_at_their_place(whole):
    traces = np.tile(whole.traces, 10)
    traces[1, 1000:1040] = traces[2, 5] = np.nan
    cell = Cell.from_traces(traces)
    draft = separate_draft(cell, SETTINGS)
    assert draft.frames_per_value == 20
    assert np.flatnonzero(np.isnan(draft.matched[0])).tolist() == [50, 51]
    assert np.isfinite(list(numbers(cell, draft, ("r_neuropil", "explained")).values())).all()


def test_trials_stability_rivals_and_past_iterations_keep_the_frames(cell, result):
    missing = np.isin(np.arange(400), GAPS)
    alone = separate_trials(cell, SETTINGS)
    np.testing.assert_array_equal(np.isnan(alone.best), missing)
    assert np.isfinite(alone.agreement(result.matched[0])).all()
    for kind in ("seeds", "bootstrap", "leave_one_out"):
        found = stability(cell, SETTINGS, kind, replicates=2)
        np.testing.assert_array_equal(np.isnan(found.bands[1]), missing)
        assert np.isfinite(found.agreement[0])
    for key in ("fixed", "regression", "cross_validation", "ast", "tuncat"):
        rival = of_rival(cell, key)
        np.testing.assert_array_equal(np.isnan(rival.trace), missing)
        assert "12 frames with a missing value were left out" in rival.remark
        assert np.isfinite(rival.numbers["r_neuropil"])
    assert np.isfinite(of_separation(cell, result).numbers["r_neuropil"])
    exact = replace(SETTINGS, solver="fissa")
    history = History(exact)
    final = separate_cell(cell, exact, history.add)
    made = history.to_run_history()
    past = made.at(made.snapshots[0].iteration, final)
    np.testing.assert_array_equal(np.isnan(past.matched[0]), missing)


def test_delta_f_has_the_gaps_too(cell, closed, result):
    made = cell_delta_f(cell, result, BaselineSettings(window_frames=None), None)
    missing = np.isin(np.arange(400), GAPS)
    for each in (made.raw, made.matched):
        np.testing.assert_array_equal(np.isnan(each.values), missing)


def test_ranges():
    assert ranges(np.array([3]), 3) == "3"
    assert ranges(np.array([0, 1, 2, 5, 9, 10, 12]), 3) == "0-2, 5, 9-10, ..."
