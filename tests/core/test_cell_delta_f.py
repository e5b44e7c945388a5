import numpy as np
import pytest

from neuropil_gui.core.baseline import BaselineSettings, delta_f
from neuropil_gui.core.cell_delta_f import cell_delta_f
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings


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


def test_a_baseline_below_0_is_one_warning(cell):
    dark = Cell.from_traces(cell.traces - 5)
    result = separate_cell(cell, SeparationSettings())
    for separation in (None, result):
        made = cell_delta_f(dark, separation, BaselineSettings())
        assert len(made.warnings) == 1
        assert "below 0" in made.warnings[0]
