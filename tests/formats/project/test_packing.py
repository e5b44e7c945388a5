"""Packing: results and facts come back as they were; other bytes are refused in words."""

import math
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.remarks import Remark
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.formats.project.packing import (
    fingerprint,
    pack,
    pack_separation,
    settings_key,
    settings_of,
    unpack,
    unpack_separation,
)

pytestmark = pytest.mark.any_version

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.text(), JSON, max_size=4),
    st.dictionaries(
        st.text(min_size=1, max_size=5),
        hnp.arrays(st.sampled_from([np.float64, np.int64]), hnp.array_shapes(min_dims=1, max_dims=3, max_side=5)),
        max_size=3,
    ),
)
def test_facts_and_arrays_come_back(facts, arrays):
    found, again = unpack(pack(facts, arrays))
    assert found == facts
    assert list(again) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(again[name], array)
        assert not again[name].flags.writeable


@given(st.binary(max_size=200))
def test_other_bytes_are_refused_in_words(body):
    with pytest.raises(DataError, match="cannot be read"):
        unpack(body)


def test_a_result_comes_back_bit_for_bit(cell, separation_of):
    made = replace(separation_of(cell, empty=(1,)), warnings=(Remark("It failed.", "error"), Remark("A fact.", "info")))
    numbers = {"r_neuropil": 0.25, "r_truth": math.nan}
    found, again, digest = unpack_separation(pack_separation(made, numbers, fingerprint(cell)))
    for each in fields(Separation):
        np.testing.assert_array_equal(getattr(found, each.name), getattr(made, each.name), each.name)
    assert again["r_neuropil"] == 0.25
    assert math.isnan(again["r_truth"])
    assert digest == fingerprint(cell)


@pytest.mark.parametrize("name", ["separated", "matched", "mixing", "order", "scores"])
def test_a_result_whose_arrays_do_not_fit_is_refused(cell, separation_of, name):
    facts, arrays = unpack(pack_separation(separation_of(cell), {}, ""))
    with pytest.raises(DataError, match="cannot be read"):
        unpack_separation(pack(facts, arrays | {name: arrays[name][..., :-1]}))


def test_settings_come_back_and_have_a_name_of_their_own():
    one, other = SeparationSettings(alpha=0.2), SeparationSettings(alpha=0.2, solver="accelerated")
    assert settings_of(one.to_dict() | {"of a later version": 1}) == one
    assert settings_key(one) == settings_key(settings_of(one.to_dict())) != settings_key(other)
    with pytest.raises(DataError, match="alpha"):
        settings_of(one.to_dict() | {"alpha": -1})
