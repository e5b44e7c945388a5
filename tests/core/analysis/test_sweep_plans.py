"""What a sweep tries where nobody lists it, and where settings stand in it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui import SeparationSettings
from neuropil_gui.core.analysis.sweep_plans import (
    CHOICES,
    MOST_N,
    SEEDS,
    SWEPT,
    Axis,
    axis_of,
    idle_axis,
    place_of,
    plan_of,
)
from neuropil_gui.core.errors import DataError

USUAL = SeparationSettings()


def test_alpha_goes_over_four_decades_with_zero_first():
    values = axis_of("alpha", 5, alphas=10, greatest=10.0).values
    assert values == (0.0, 0.001, 0.00316, 0.01, 0.0316, 0.1, 0.316, 1.0, 3.16, 10.0)
    assert len(axis_of("alpha", 5)) == 20
    assert axis_of("alpha", 5, alphas=26).values[-1] == 10
    assert axis_of("alpha", 5, greatest=100.0).values[1] == 0.01


@given(st.integers(1, 60))
def test_n_goes_from_one_to_the_signals(signals):
    values = axis_of("n", signals).values
    assert (values[0], values[-1]) == (1, signals)
    assert list(values) == sorted(set(values))
    assert len(values) == min(signals, MOST_N)


def test_others_take_all_their_choices():
    assert axis_of("seed", 5).values == SEEDS
    assert axis_of("method", 5).values == ("nmf", "ica")
    assert axis_of("start", 5).values == ("nndsvdar", "nndsvda", "random")
    assert set(CHOICES) < set(SWEPT)


def test_a_plan_does_not_depend_on_what_it_sweeps():
    here = plan_of(SeparationSettings(alpha=3.0, n=2, tol=1e-3), 5, "alpha", "n")
    there = plan_of(SeparationSettings(alpha=0.1, tol=1e-3, solver="accelerated"), 5, "alpha", "n")
    assert here == there
    assert hash(here) == hash(there)
    assert here != plan_of(USUAL, 5, "alpha", "n")
    assert here.settings.tol == 1e-3
    assert plan_of(SeparationSettings(n=2), 5, "alpha").settings.n == 2


def test_seeds_are_swept_with_the_random_start():
    plan = plan_of(USUAL, 5, "alpha", "seed")
    assert plan.settings.start == "random"
    assert plan.remarks == ()
    assert plan_of(USUAL, 5, "start", "seed").settings.start == "nndsvdar"
    assert plan_of(USUAL, 5, "alpha", "n").settings.start == "nndsvdar"


def test_one_setting_cannot_be_swept_twice():
    with pytest.raises(DataError, match="two different settings"):
        plan_of(USUAL, 5, "n", "n")


def test_an_axis_that_no_tile_uses():
    ica = replace(USUAL, method="ica")
    assert idle_axis(plan_of(ica, 5, "alpha")) == "alpha"
    assert idle_axis(plan_of(ica, 5, "n", "start")) == "start"
    assert idle_axis(plan_of(ica, 5, "alpha", "method")) == ""
    assert idle_axis(plan_of(ica, 5, "n")) == ""
    assert idle_axis(plan_of(USUAL, 5, "alpha", "seed")) == ""


ALPHAS = Axis("alpha", (0.0, 0.01, 0.1, 1.0))


@pytest.mark.parametrize(
    ("axis", "settings", "expected"),
    [
        (ALPHAS, SeparationSettings(alpha=0.1), (2, True)),
        (ALPHAS, SeparationSettings(alpha=0.0), (0, True)),
        (ALPHAS, SeparationSettings(alpha=10**-0.5), (2.5, False)),
        (ALPHAS, SeparationSettings(alpha=0.005), (0.5, False)),
        (ALPHAS, SeparationSettings(alpha=2.0), None),
        (Axis("n", (1, 2, 3, 4, 5)), USUAL, (4, True)),
        (Axis("n", (1, 3, 5)), SeparationSettings(n=2), (0.5, False)),
        (Axis("n", (1, 2, 3, 4, 5)), SeparationSettings(method="ica"), None),
        (Axis("seed", SEEDS), SeparationSettings(seed=2), (2, True)),
        (Axis("seed", SEEDS), SeparationSettings(seed=77), None),
        (Axis("method", ("nmf", "ica")), SeparationSettings(method="ica"), (1, True)),
    ],
)
def test_where_settings_stand(axis, settings, expected):
    found = place_of(axis, settings, 5)
    if expected is None:
        assert found is None
    else:
        assert found == (pytest.approx(expected[0]), expected[1])


@given(st.floats(0, 10), st.floats(0, 10))
def test_places_of_alpha_ascend(first, second):
    axis = axis_of("alpha", 5)
    low, high = (place_of(axis, SeparationSettings(alpha=each), 5)[0] for each in sorted((first, second)))
    assert 0 <= low <= high <= len(axis) - 1
