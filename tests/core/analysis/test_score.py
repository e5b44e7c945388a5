"""Scores are 0 for the raw ROI, 100 for the best of the settings, and by the same rule between them."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.core.analysis import score as module
from neuropil_gui.core.analysis.score import (
    errors,
    least_error_of_settings,
    least_error_of_subtraction,
    score,
    sweep,
)
from neuropil_gui.core.analysis.subtraction import difference
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.lessons import BASE, Facts, Situation
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import simulate

pytestmark = pytest.mark.any_version

parts = st.floats(0, 1)


@given(parts, parts, parts)
def test_a_score_is_the_part_of_what_can_be_won(error, raw, best):
    found = score(error, raw, best)
    if raw <= best:
        assert math.isnan(found)
        return
    assert 0 <= found <= 100
    assert score(raw, raw, best) == 0
    assert score(best, raw, best) == pytest.approx(100)
    if best <= error <= raw:
        assert found == pytest.approx(100 * (raw - error) / (raw - best))
    assert math.isnan(score(math.nan, raw, best))


def test_the_best_subtraction_is_the_least_error_of_the_grid_within_its_limits():
    cell = simulate(replace(BASE, frames=400)).cells[0]
    k, error = least_error_of_subtraction(cell)
    assert error == errors(cell, difference(cell, k))[0]
    assert all(error <= errors(cell, difference(cell, other))[0] for other in np.arange(0, 3, 0.05))
    low, worse = least_error_of_subtraction(cell, k + 0.5, 3)
    assert low >= k + 0.5
    assert worse > error


def test_the_best_of_settings_is_among_those_swept(monkeypatch):
    cell, settings = simulate(replace(BASE, frames=400)).cells[0], SeparationSettings(alpha=2.0)
    free = {"alpha": (0.05, 2.0), "method": ("nmf", "ica")}
    found = [errors(cell, separate_cell(cell, each).matched[0])[0] for each in sweep(settings, free)]
    assert least_error_of_settings(cell, settings, free) == min(found) < found[0]

    def refuse(*_):
        raise DataError("no.")

    monkeypatch.setattr(module, "separate_cell", refuse)
    assert math.isnan(least_error_of_settings(cell, settings, free))


@pytest.mark.parametrize(
    ("free", "count"),
    [
        ({}, 1), ({"alpha": (0.0, 3.0)}, 21), ({"alpha": (0.2, 0.2)}, 2), ({"n": (1, 4)}, 5),
        ({"method": ("nmf", "ica")}, 2), ({"method": ("ica",), "alpha": (0.1, 3.0)}, 2),
    ],
)  # fmt: skip
def test_a_sweep_goes_through_the_ranges_and_tries_nothing_twice(free, count):
    swept = list(sweep(SeparationSettings(), free))
    assert len(set(swept)) == len(swept) == count
    assert swept[0].asks_like(SeparationSettings())
    for name, limits in free.items():
        values = [getattr(each, name) for each in swept[1:]]
        assert all(value in limits if isinstance(value, str) else limits[0] <= value <= limits[1] for value in values)


def test_a_sweep_over_several_settings_stays_small():
    free = {"alpha": (0.0, 3.0), "n": (1, 9), "pedestal": (0.0, 50.0), "method": ("nmf", "ica")}
    assert 20 < len(list(sweep(SeparationSettings(), free))) <= 70


def test_lessons_have_the_same_scores():
    here = Situation(replace(BASE, frames=400), k=0.4)
    facts = Facts(here)
    k, best = least_error_of_subtraction(facts.cell)
    assert facts["sub.score"] == score(*errors(facts.cell, difference(facts.cell, 0.4)), best)
    assert Facts(replace(here, k=k))["sub.score"] == pytest.approx(100)
    assert 0 <= facts["alpha.score"] <= 100
    assert Facts(here.changed({"settings.alpha": 3}))["alpha.score"] < facts["alpha.score"]
