"""Marks: verdicts and notes of cells, and what changed."""

from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.core.marks import VERDICTS, Mark
from neuropil_gui.state.marks import Marks


def test_a_verdict_is_given_and_taken_away_again():
    marks, changes = Marks(), []
    marks.changed.connect(changes.append)
    marks.judge([1, 3], "accepted")
    assert marks.all == {1: Mark("accepted"), 3: Mark("accepted")}
    marks.judge([3, 4], "accepted")  # not all of them have it yet
    assert set(marks.all) == {1, 3, 4}
    marks.judge([3, 4], "accepted")
    assert marks.all == {1: Mark("accepted")}
    marks.judge([1], "rejected")
    assert marks[1] == Mark("rejected")
    assert marks[7] == Mark()
    assert changes == [[1, 3], [4], [3, 4], [1]]


def test_a_note_stays_with_another_verdict_and_an_empty_one_goes():
    marks = Marks()
    marks.write_note([2], "dendrite?")
    marks.judge([2], "look again")
    assert marks[2] == Mark("look again", "dendrite?")
    marks.write_note([2], "")
    marks.judge([2], "look again")
    assert marks.all == {}


@given(st.lists(st.tuples(st.lists(st.integers(0, 5), min_size=1, max_size=3), st.sampled_from(VERDICTS)), max_size=10))
def test_restoring_what_was_brings_it_back(steps):
    marks, before = Marks(), []
    for indices, verdict in steps:
        before.append(marks.all)
        marks.judge(indices, verdict)
    for each in reversed(before):
        marks.restore(each)
        assert marks.all == each
