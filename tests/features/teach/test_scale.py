"""Handles stand where their number is, and numbers come back from where a handle stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.core.simulation import SIMULATION_PARAMETERS
from neuropil_gui.features.teach.scale import MORE, SHOWN, Scale

SCALES = SHOWN | MORE


@pytest.mark.parametrize(("name", "scale"), SCALES.items())
def test_every_place_is_a_number_that_the_parameter_takes_and_leads_back(name, scale):
    numbers = [scale.number(place) for place in range(scale.last + 1)]
    assert numbers == sorted(numbers)
    assert numbers[0] == (0 if scale.zero else scale.low)
    assert numbers[-1] == scale.high
    for place, number in enumerate(numbers):
        assert SIMULATION_PARAMETERS[name].check(number) == number
        assert scale.place(number) == place


@given(st.floats(0, 1e9))
def test_what_lies_beyond_stands_at_an_end(number):
    for scale in SCALES.values():
        assert 0 <= scale.place(number) <= scale.last
    assert Scale(10, 100, log=True).place(1e6) == Scale(10, 100, log=True).last
