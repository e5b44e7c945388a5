"""Settings of single cells: kept, shown with their cell, given up, and undone."""

from dataclasses import replace

import pytest

from neuropil_gui.core.recording import Recording
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.state.undo import Undo

COMMON = SeparationSettings()


def alpha(value):
    return replace(COMMON, alpha=value)


@pytest.fixture
def session(session_of, cell):
    return session_of(*[cell] * 4)


def test_a_cell_with_its_own_settings_is_changed_alone(session):
    seen = []
    session.own.changed.connect(lambda: seen.append(session.own.all))
    session.own.keep([0, 2], True)
    assert session.own.all == CellSettings(COMMON, {0: COMMON, 2: COMMON})
    session.set_settings(alpha(0.02))
    assert [session.own.of(index).alpha for index in range(4)] == [0.02, 0.1, 0.1, 0.1]
    session.select(1)
    assert session.settings == COMMON
    session.set_settings(alpha(0.5))
    assert [session.own.of(index).alpha for index in range(4)] == [0.02, 0.5, 0.1, 0.5]
    session.select(0)
    assert session.settings == alpha(0.02)
    session.select(2)
    assert session.settings == COMMON
    assert len(seen) == 3


def test_settings_are_those_of_the_cell_when_its_selection_is_announced(session):
    session.own.restore(CellSettings(COMMON, {3: alpha(0.02)}))
    found = []
    session.selection_changed.connect(lambda: found.append(session.settings.alpha))
    session.select(3)
    session.select(1)
    assert found == [0.02, 0.1]


def test_own_settings_are_given_up(session):
    session.own.restore(CellSettings(COMMON, {0: alpha(0.02), 1: alpha(0.03)}))
    assert session.settings == alpha(0.02)
    session.own.keep([0], False)
    assert session.settings == COMMON
    session.own.keep([1], False)
    assert session.own.all == CellSettings(COMMON)
    session.own.keep([2], False)  # which had none


def test_another_recording_has_the_common_settings(session, cell):
    session.set_settings(alpha(0.3))
    session.own.keep([0], True)
    session.set_settings(alpha(0.02))
    session.set_recording(Recording("another", None, None, [cell]))
    assert session.settings == alpha(0.3)
    assert session.own.all.own == {}


def test_undo_takes_back_what_was_changed_whichever_cell_is_selected(session):
    undo = Undo(session)
    session.own.keep([0, 1], True)
    assert undo.undoText() == "2 cells: own settings"
    session.set_settings(alpha(0.02))
    assert undo.undoText() == "cell 1: alpha 0.1 → 0.02"
    session.select(2)
    assert undo.count() == 2  # going to another cell is no step
    session.set_settings(alpha(0.5))
    assert undo.undoText() == "alpha 0.1 → 0.5"
    for expected in ([0.02, 0.1, 0.1], [0.1, 0.1, 0.1]):
        undo.undo()
        assert [session.own.of(index).alpha for index in range(3)] == expected
    undo.undo()
    assert session.own.all.own == {}
    for _ in range(3):
        undo.redo()
    assert [session.own.of(index).alpha for index in range(4)] == [0.02, 0.1, 0.5, 0.5]
    assert session.settings == alpha(0.5)
    session.own.keep([1], False)
    assert undo.undoText() == "cell 2: settings of the recording"


def test_a_hand_that_goes_on_makes_one_step(session):
    now = [0.0]
    undo = Undo(session, clock=lambda: now[0])
    session.own.keep([0], True)
    for value in (0.2, 0.3, 0.4):
        undo.edit(alpha(value))
        now[0] += 0.1
    assert undo.count() == 2
    undo.undo()
    assert session.settings == COMMON
