import numpy as np
import pytest

from neuropil_gui.core.baseline import BaselineSettings, delta_f
from neuropil_gui.core.cell_delta_f import cell_delta_f
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate


@pytest.fixture
def cell():
    return Cell.from_traces(np.random.default_rng(1).random((3, 90)) + 1, trial_starts=(0, 40))


@pytest.mark.parametrize("settings", [BaselineSettings(), BaselineSettings("fissa", across_trials=False)])
def test_raw_by_its_own_baseline_and_the_best_match_by_the_raw_rois(cell, settings):
    result = separate_cell(cell, SeparationSettings())
    made = cell_delta_f(cell, result, settings, 30.0)
    raw = delta_f(cell.traces[0], settings, 30.0, cell.trial_starts)
    matched = delta_f(result.matched[0], settings, 30.0, cell.trial_starts, cell.traces[0])
    np.testing.assert_array_equal(made.raw.values, raw.values)
    np.testing.assert_array_equal(made.matched.values, matched.values)
    assert cell_delta_f(cell, result, settings, 30.0, made.raw).raw is made.raw
    assert cell_delta_f(cell, None, settings, 30.0).matched is None


def test_the_best_match_over_its_own_baseline_as_fissa_with_use_raw_f0_off(cell):
    result = separate_cell(cell, SeparationSettings())
    settings = BaselineSettings("fissa", divisor="own")
    made = cell_delta_f(cell, result, settings, 30.0)
    best = delta_f(result.matched[0], settings, 30.0, cell.trial_starts)
    np.testing.assert_array_equal(made.matched.values, best.values)
    np.testing.assert_array_equal(made.raw.values, delta_f(cell.traces[0], settings, 30.0, cell.trial_starts).values)


def test_the_best_match_over_the_baseline_of_f_less_fneu(cell):
    result = separate_cell(cell, SeparationSettings())
    settings = BaselineSettings(divisor="subtraction")
    made = cell_delta_f(cell, result, settings, 30.0)
    less = cell.traces[0] - 0.7 * cell.traces[1:].mean(axis=0)
    own = delta_f(less, settings, 30.0, cell.trial_starts)
    np.testing.assert_allclose(made.subtraction.values, own.values, rtol=1e-12)
    np.testing.assert_allclose(made.matched.divisor, own.f0, rtol=1e-12)
    assert cell_delta_f(cell, result, BaselineSettings(), 30.0).subtraction is None
    dark = cell_delta_f(Cell.from_traces(cell.traces - 5), result, settings, 30.0)
    assert any("F \N{MINUS SIGN} 0.7 Fneu is below 0" in warning for warning in dark.warnings)
    assert any("the trace is below 0" in warning for warning in dark.warnings)


def slope(values, truth):
    return float(np.cov(values, truth)[0, 1] / np.var(truth, ddof=1))


def test_over_the_raw_rois_baseline_it_is_about_half_of_the_true_one():
    # A cell of 100 with a neuropil of 90 in its ROI: the figures of the guide.
    simulation = Simulation(
        cells=6, frames=4000, baseline=100, neuropil=128.6, contamination=0.7, neighbours=0, leak=0, seed=3
    )
    found = {"raw": [], "subtraction": []}
    for cell in simulate(simulation).cells:
        result = separate_cell(cell, SeparationSettings(solver="accelerated"))
        true = cell.truth.mixing[0, 0] * cell.truth.sources[0]
        true = true / np.percentile(true, 8) - 1
        for divisor, slopes in found.items():
            made = cell_delta_f(cell, result, BaselineSettings(divisor=divisor), 30.0)
            slopes.append(slope(made.matched.values, true))
    assert 0.4 < min(found["raw"]) < max(found["raw"]) < 0.65
    assert 0.8 < min(found["subtraction"]) < max(found["subtraction"]) < 1.2


def test_without_a_baseline_of_its_own_the_best_match_has_no_delta_f_over_it():
    # NMF has taken the light that is in all signals out of it.
    cell = simulate(Simulation(frames=4000, baseline=100, neuropil=128.6, seed=3)).cells[0]
    result = separate_cell(cell, SeparationSettings(solver="accelerated"))
    made = cell_delta_f(cell, result, BaselineSettings(divisor="own"), 30.0)
    assert np.isnan(made.matched.values).any()
    assert any("The baseline of the best match is 0 in" in warning for warning in made.warnings)


def test_a_baseline_below_0_is_one_warning(cell):
    dark = Cell.from_traces(cell.traces - 5)
    result = separate_cell(cell, SeparationSettings())
    for separation in (None, result):
        made = cell_delta_f(dark, separation, BaselineSettings())
        assert len(made.warnings) == 1
        assert "below 0" in made.warnings[0]
