"""Messages of a child: values come back as they were, and anything else is no message."""

import math
import multiprocessing
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neuropil_gui.formats.child.messages import BrokenMessageError, receive, send

pytestmark = pytest.mark.any_version

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


class Recorded:
    """A connection whose messages are kept, and come back."""

    def __init__(self, messages=()):
        self.messages = [bytes(each) for each in messages]

    def send_bytes(self, data):
        self.messages.append(bytes(data))

    def recv_bytes(self, maxlength=None):
        if not self.messages:
            raise EOFError
        if maxlength is not None and len(self.messages[0]) > maxlength:
            raise OSError("bad message length")
        return self.messages.pop(0)


@settings(deadline=None, max_examples=80)
@given(VALUES)
def test_values_come_back(value):
    connection = Recorded()
    send(connection, "answer", value)
    kind, found = receive(connection)
    assert kind == "answer"
    assert alike(value, found)
    assert not connection.messages


@settings(deadline=None, max_examples=100)
@given(VALUES, st.data())
def test_what_is_cut_or_altered_is_no_message_or_other_data(value, data):
    connection = Recorded()
    send(connection, "answer", value)
    sent = [bytearray(each) for each in connection.messages]
    for _ in range(data.draw(st.integers(0, 3))):
        raw = data.draw(st.sampled_from(sent))
        if raw:
            raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    which = data.draw(st.integers(0, len(sent) - 1))
    if data.draw(st.booleans()):
        del sent[which]
    else:
        del sent[which][data.draw(st.integers(0, len(sent[which]))) :]
    try:
        kind, _ = receive(Recorded(sent))
    except BrokenMessageError:
        return
    assert isinstance(kind, str)


def test_large_arrays_and_bytes_go_through_a_pipe_in_blocks():
    here, there = multiprocessing.Pipe()
    value = {"a": np.asfortranarray(np.arange(600_000.0).reshape(2, -1)), "b": bytes(range(256)) * 10_000}
    sent, received = [], []
    thread = threading.Thread(target=send, args=(there, "answer", value, sent.append))
    thread.start()
    kind, found = receive(here, lambda: received.append(1))
    thread.join()
    assert kind == "answer"
    assert alike(value, found)
    assert sent == sorted(sent)
    assert sent[-1] == 1
    assert len(received) == len(sent) == 8
    there.close()
    with pytest.raises(BrokenMessageError):
        receive(here)
    here.close()


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
        receive(Recorded([body]))


def test_what_is_no_plain_value_is_not_sent():
    with pytest.raises(TypeError, match="no part of a message"):
        send(Recorded(), "answer", object())
