"""Arrays that values are made of: what is taken, and that nobody changes it afterwards."""

import numpy as np
import pytest

from neuropil_gui import Cell
from neuropil_gui.core.arrays import as_float64, as_read_only
from neuropil_gui.core.errors import DataError


def traces(signals=3, frames=10):
    return np.arange(signals * frames, dtype=float).reshape(signals, frames)


@pytest.mark.parametrize(
    "values",
    [
        traces(),
        np.asfortranarray(traces()),
        traces().astype(np.float32),
        traces().astype(np.uint16),
        traces()[:, ::2],
        traces().astype(">f8"),
        traces(1),
        traces()[:, :1],
    ],
    ids=["float64", "Fortran", "float32", "uint16", "strided", "big-endian", "one row", "one column"],
)
def test_a_later_change_does_not_show(values):
    kept = as_read_only(values)
    before = values.astype(np.float64)
    np.testing.assert_array_equal(kept, before)
    values[:] = 0
    np.testing.assert_array_equal(kept, before)
    assert not kept.flags.writeable
    assert kept.flags.c_contiguous
    assert kept.dtype == np.float64


def test_what_is_read_only_already_is_not_copied():
    values = traces()
    values.flags.writeable = False
    assert as_read_only(values) is values
    assert Cell.from_traces(values).traces is values


def test_the_callers_own_array_stays_writeable():
    values = traces()
    as_read_only(values)
    assert values.flags.writeable


def test_other_array_likes_are_copied_too():
    class Like:
        def __init__(self):
            self.values = traces()

        def __array__(self, dtype=None, copy=None):
            return self.values

    like = Like()
    kept = as_read_only(like)
    like.values[:] = 0
    np.testing.assert_array_equal(kept, traces())


def test_subclasses_become_plain_arrays():
    class Sub(np.ndarray):
        pass

    assert type(as_float64(traces().view(Sub))) is np.ndarray


@pytest.mark.parametrize("values", [5.0, np.float32(5), [], [[]]])
def test_shapes_are_kept(values):
    assert as_float64(values).shape == np.shape(values)


@pytest.mark.parametrize(
    ("values", "word"),
    [
        (traces() + 1j, "complex numbers"),
        (traces().astype(object), "Python objects"),
        ([["a", "b"]], "text"),
        (np.zeros(3, "timedelta64[s]"), "timedelta64"),
        (np.ma.masked_less(traces(), 3), "masked"),
        (None, "Python objects"),
    ],
)
def test_what_is_no_number_is_a_type_error(values, word):
    with pytest.raises(TypeError, match=word) as caught:
        as_float64(values, "These traces")
    assert "These traces" in str(caught.value)
    assert isinstance(caught.value, DataError)


def test_rows_of_different_lengths():
    with pytest.raises(DataError, match="different lengths"):
        as_float64([[1, 2], [3]])
