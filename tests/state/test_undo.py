from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation
from neuropil_gui.state.session import Session
from neuropil_gui.state.undo import MOST, Undo

DEFAULTS = SeparationSettings()


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def recording(name, rate=None):
    return Recording(name, None, rate, [Cell.from_traces(np.ones((2, 20)), name="cell")])


def make():
    session = Session()
    session.set_recording(recording("one"))
    return session


@pytest.fixture
def session(qapp):
    return make()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def undo(session, clock):
    return Undo(session, clock=clock)


def undo_all(undo):
    texts = []
    while undo.undoText():
        texts.append(undo.undoText())
        undo.undo()
    return texts


def redo_all(undo):
    texts = []
    while undo.redoText():
        texts.append(undo.redoText())
        undo.redo()
    return texts


CHANGES = st.one_of(
    st.tuples(st.just("alpha"), st.sampled_from([0.0, 0.1, 0.35, 2.0])),
    st.tuples(st.just("n"), st.sampled_from([None, 1, 2])),
    st.tuples(st.just("method"), st.sampled_from(["nmf", "ica"])),
    st.tuples(st.just("seed"), st.sampled_from([892, 0, None])),
    st.tuples(st.just("pedestal"), st.sampled_from([0.0, 3.0])),
    st.tuples(st.just("offset"), st.booleans()),
    st.tuples(st.just("rate"), st.sampled_from([None, 10.0, 30.0])),
    st.tuples(st.just("baseline"), st.sampled_from([None, BaselineSettings(), BaselineSettings("fissa")])),
)


def state(session):
    return session.settings, session.recording.frame_rate, session.delta_f.baseline


@settings(deadline=None)
@given(
    steps=st.lists(st.tuples(CHANGES, st.booleans(), st.sampled_from([0.1, 2.0]), st.sampled_from([None, True, False])))
)
def test_all_undone_is_the_first_and_all_redone_the_last(qapp, steps):
    session, clock = make(), Clock()
    undo, first = Undo(session, clock=clock), state(session)
    seen = [first]
    for (name, value), by_hand, wait, hold in steps:
        clock.now += wait
        if hold is not None:
            undo.hold(hold)
        if name == "rate":
            session.set_frame_rate(value)
        elif name == "baseline":
            session.set_baseline(value)
        else:
            chosen = replace(session.settings, **{name: value})
            (undo.edit if by_hand else session.set_settings)(chosen)
        seen.append(state(session))
    last, back = state(session), []
    while undo.undoText():
        undo.undo()
        back.append(state(session))
        assert back[-1] in seen
    assert state(session) == first
    forth = []
    while undo.redoText():
        undo.redo()
        forth.append(state(session))
    assert state(session) == last
    assert [*back[::-1], last][1:] == forth


def test_each_text_says_what_it_undoes(session, undo):
    session.set_settings(SeparationSettings(alpha=0.35))
    session.set_settings(SeparationSettings(alpha=0.35, n=3))
    session.set_settings(SeparationSettings(alpha=0.35, n=3, method="ica"))
    session.set_settings(SeparationSettings(seed=None, pedestal=12.5))
    session.set_settings(SeparationSettings(seed=None, pedestal=12.5, offset=True))
    session.set_settings(DEFAULTS)
    session.set_settings(SeparationSettings("ica", 2, 1.0, 7, 1e-3))
    session.set_frame_rate(30.0)
    session.set_frame_rate(7.5)
    session.set_baseline(BaselineSettings())
    session.set_baseline(BaselineSettings("fissa"))
    session.set_baseline(None)
    texts = [
        "alpha 0.1 → 0.35", "n auto → 3", "method NMF → ICA", "5 settings", "subtract minimum off → on",
        "FISSA's defaults", "5 settings", "frame rate unknown → 30 Hz", "frame rate 30 Hz → 7.5 Hz", "show ΔF/F",
        "baseline of ΔF/F", "hide ΔF/F",
    ]  # fmt: skip
    assert undo_all(undo) == texts[::-1]
    assert redo_all(undo) == texts


def test_a_handle_that_is_held_makes_one_step_however_long(session, undo, clock):
    undo.hold(True)
    for alpha in (0.2, 0.3, 0.4):
        clock.now += 60
        undo.edit(replace(session.settings, alpha=alpha))
    undo.hold(False)
    undo.hold(True)
    undo.edit(replace(session.settings, alpha=0.5))
    undo.hold(False)
    assert undo_all(undo) == ["alpha 0.4 → 0.5", "alpha 0.1 → 0.4"]


def test_a_handle_that_comes_back_has_done_nothing(session, undo):
    undo.hold(True)
    for alpha in (0.2, 0.1):
        undo.edit(replace(session.settings, alpha=alpha))
    assert undo.undoText() == ""
    undo.edit(replace(session.settings, alpha=0.3))
    assert undo_all(undo) == ["alpha 0.1 → 0.3"]


def test_a_key_that_is_held_down_makes_one_step(session, undo, clock):
    for n in (1, 2, 3):
        clock.now += 0.5
        undo.edit(replace(session.settings, n=n))
    clock.now += 0.5
    undo.edit(replace(session.settings, alpha=0.2))
    clock.now += 0.8
    undo.edit(replace(session.settings, alpha=0.3))
    assert undo_all(undo) == ["alpha 0.2 → 0.3", "alpha 0.1 → 0.2", "n auto → 3"]


def test_what_no_hand_did_is_a_step_by_itself(session, undo):
    for alpha in (0.2, 0.3):
        session.set_settings(replace(session.settings, alpha=alpha))
    assert undo_all(undo) == ["alpha 0.2 → 0.3", "alpha 0.1 → 0.2"]


def test_nothing_joins_what_was_undone(session, undo):
    undo.edit(replace(session.settings, alpha=0.2))
    undo.undo()
    undo.redo()
    undo.edit(replace(session.settings, alpha=0.3))
    assert undo_all(undo) == ["alpha 0.2 → 0.3", "alpha 0.1 → 0.2"]


def test_a_new_change_ends_redoing(session, undo):
    session.set_settings(SeparationSettings(alpha=0.2))
    undo.undo()
    assert undo.redoText() == "alpha 0.1 → 0.2"
    session.set_frame_rate(30.0)
    assert undo.redoText() == ""
    undo.redo()
    assert session.settings == DEFAULTS


def test_another_recording_forgets_all(session, undo):
    session.set_settings(SeparationSettings(alpha=0.2))
    session.set_frame_rate(30.0)
    undo.undo()
    session.set_recording(recording("two", 5.0))
    assert (undo.undoText(), undo.redoText()) == ("", "")
    undo.undo()
    assert session.recording.frame_rate == 5.0
    session.set_frame_rate(6.0)
    assert undo_all(undo) == ["frame rate 5 Hz → 6 Hz"]


def test_the_oldest_steps_make_room(session, undo):
    for n in range(1, MOST + 3):
        session.set_settings(SeparationSettings(n=n))
    texts = undo_all(undo)
    assert (len(texts), texts[0], texts[-1]) == (MOST, f"n {MOST + 1} → {MOST + 2}", "n 2 → 3")


def test_a_step_that_fails_does_not_stop_the_next(session, undo, qtbot, monkeypatch):
    session.set_frame_rate(30.0)
    with monkeypatch.context() as patch:
        patch.setattr(Recording, "with_frame_rate", lambda *_: 1 / 0)
        with qtbot.captureExceptions() as errors:
            undo.undo()
    assert [kind for kind, _, _ in errors] == [ZeroDivisionError]
    session.set_settings(SeparationSettings(alpha=0.2))
    assert undo.undoText() == "alpha 0.1 → 0.2"
    undo.undo()
    assert session.settings == DEFAULTS


def test_each_change_emits_the_new_texts(session, undo):
    texts = []
    undo.indexChanged.connect(lambda: texts.append((undo.undoText(), undo.redoText())))
    undo.hold(True)
    for alpha in (0.2, 0.3, 0.1):
        undo.edit(replace(session.settings, alpha=alpha))
    undo.edit(replace(session.settings, alpha=0.4))
    undo.undo()
    assert texts == [
        ("alpha 0.1 → 0.2", ""), ("alpha 0.1 → 0.3", ""), ("", ""), ("alpha 0.1 → 0.4", ""), ("", "alpha 0.1 → 0.4")
    ]  # fmt: skip


def test_pins_come_and_go_by_undo(session, undo):
    cell = Cell.from_traces(np.random.default_rng(1).random((3, 60)) + 1, name="cell")
    session.set_recording(Recording("two", None, None, [cell]))
    session.set_cell(cell)
    session.store(separate_cell(cell, session.settings), {})
    session.pins.pin()
    assert undo.undoText() == "pin A"
    session.pins.pin("C")
    session.pins.unpin_all()
    assert undo.undoText() == "unpin A, C"
    undo.undo()
    undo.undo()
    assert [pinned is not None for pinned in session.pins.all] == [True, False, False]
    undo.redo()
    assert session.pins["C"] is not None
    undo.redo()
    assert not any(session.pins.all)


def test_a_swap_of_pins_is_one_step(session, undo):
    cell = Cell.from_traces(np.random.default_rng(1).random((3, 60)) + 1, name="cell")
    session.set_recording(Recording("two", None, None, [cell]))
    session.set_cell(cell)
    session.store(separate_cell(cell, session.settings), ())
    session.pins.pin()
    session.set_settings(SeparationSettings(alpha=0.5))
    session.store(separate_cell(cell, session.settings), ())
    before = (session.settings, session.pins.all)
    undo.swap_pins()
    after = (session.settings, session.pins.all)
    assert (after[0], after[1][0].settings) == (DEFAULTS, SeparationSettings(alpha=0.5))
    assert undo.undoText() == "swap A"
    undo.undo()
    assert (session.settings, session.pins.all) == before
    assert (undo.undoText(), undo.redoText()) == ("alpha 0.1 → 0.5", "swap A")
    undo.redo()
    assert (session.settings, session.pins.all) == after
    undo.swap_pins()
    assert undo_all(undo) == ["swap A", "swap A", "alpha 0.1 → 0.5", "pin A"]


def test_a_swap_without_a_pin_is_no_step(session, undo):
    undo.swap_pins()
    assert undo.undoText() == ""


def test_parameters_of_a_simulation_are_steps_and_a_drag_is_one(session, undo, clock):
    session.set_recording(recording("simulated"), Simulation())
    assert undo.undoText() == ""
    undo.hold(True)
    for value in (0.8, 1.0, 1.2):
        undo.simulate(replace(session.teaching.simulation, contamination=value))
        clock.now += 2
    undo.hold(False)
    undo.simulate(replace(session.teaching.simulation, neighbour_leak=0.5))
    assert undo_all(undo) == ["neighbour leak auto → 0.5", "contamination 0.7 → 1.2"]
    assert session.teaching.simulation == Simulation()
    redo_all(undo)
    assert session.teaching.simulation == Simulation(contamination=1.2, neighbour_leak=0.5)
    session.set_recording(recording("from a file"))
    assert undo.undoText() == ""
