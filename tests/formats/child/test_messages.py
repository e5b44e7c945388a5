"""What a child says: values come back as they were, and anything else is no message."""

import io
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neuropil_gui.formats.child.messages import BrokenMessageError, receive, send

PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
ARRAYS = hnp.arrays(hnp.floating_dtypes() | hnp.integer_dtypes(), hnp.array_shapes(min_dims=0, min_side=0))
VALUES = st.recursive(
    PLAIN | ARRAYS,
    lambda inner: st.lists(inner) | st.tuples(inner, inner) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=10,
)


def alike(a, b):
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, equal_nan=True)
    if isinstance(a, (list, tuple)):
        return type(a) is type(b) and len(a) == len(b) and all(map(alike, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(map(alike, a.values(), b.values()))
    return type(a) is type(b) and (a == b or (isinstance(a, float) and math.isnan(a) and math.isnan(b)))


def said(kind, value):
    stream = io.BytesIO()
    send(stream, kind, value)
    return stream.getvalue()


@settings(deadline=None, max_examples=200)
@given(VALUES)
def test_values_come_back(value):
    stream = io.BytesIO(said("answer", value))
    kind, found = receive(stream)
    assert kind == "answer"
    assert alike(value, found)
    assert not stream.read()


@settings(deadline=None, max_examples=300)
@given(VALUES, st.data())
def test_what_is_cut_or_altered_is_no_message_or_other_data(value, data):
    raw = bytearray(said("answer", value))
    for _ in range(data.draw(st.integers(0, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    try:
        kind, _ = receive(io.BytesIO(raw[:cut]))
    except BrokenMessageError:
        return
    assert isinstance(kind, str)


@pytest.mark.parametrize(
    "body",
    [
        b'{"kind": "answer", "value": {"a": 0}, "arrays": [["|O8", [1], false]]}',
        b'{"kind": "answer", "value": {"a": 0}, "arrays": [["<f8", [1000000, 1000000], false]]}',
        b'{"kind": "answer", "value": {"a": 0}, "arrays": [["<f8", [-1], false]]}',
        b'{"kind": "answer", "value": {"a": 3}, "arrays": []}',
        b'{"kind": "answer", "value": {"q": 3}, "arrays": []}',
        b"[" * 100_000,
    ],
)
def test_impossible_messages_are_refused(body):
    with pytest.raises(BrokenMessageError):
        receive(io.BytesIO(len(body).to_bytes(8, "little") + body))
    with pytest.raises(TypeError, match="no part of a message"):
        send(io.BytesIO(), "answer", object())
