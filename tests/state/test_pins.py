"""What is pinned, and what becomes of it."""

import numpy as np
import pytest

from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.state.session import Session

ALPHAS = (0.1, 0.5, 2.0, 5.0)


@pytest.fixture
def session(qapp):
    rng = np.random.default_rng(1)
    cells = [Cell.from_traces(rng.random((3, 60)) + 1, name=f"cell {k}") for k in (1, 2)]
    session = Session()
    session.set_recording(Recording("two cells", None, None, cells))
    session.set_cell(cells[0])
    session.emitted = []
    session.pins.changed.connect(lambda: session.emitted.append("pins"))
    return session


def separate(session, alpha):
    settings = SeparationSettings(alpha=alpha, solver="accelerated")
    session.set_settings(SeparationSettings(alpha=alpha))
    session.store(separate_cell(session.cell, settings), {})
    return session.result


def test_results_go_into_the_next_free_slot(session):
    assert session.pins.pin() is None
    results = []
    for slot, alpha in zip(("A", "B", "C", None), ALPHAS, strict=True):
        results.append(separate(session, alpha))
        assert session.pins.pin() == slot
    assert [session.pins[slot].separation for slot in "ABC"] == results[:3]
    assert [session.pins[slot].settings.alpha for slot in "ABC"] == list(ALPHAS[:3])
    assert session.pins.free is None
    assert session.emitted == ["pins"] * 3


def test_a_chosen_slot_is_taken(session):
    first = separate(session, 0.1)
    assert session.pins.pin("C") == "C"
    assert session.pins.current == "C"
    session.pins.unpin("C")
    assert (session.pins["C"], session.pins.current) == (None, None)
    assert session.result is first


def test_a_draft_is_never_pinned(session):
    result = separate(session, 0.1)
    session.show_draft(separate_cell(session.cell, SeparationSettings(alpha=3.0)))
    session.pins.pin()
    assert session.pins["A"].separation is result


def test_swapping_shows_the_pin_with_its_settings_and_pins_what_was_shown(session):
    first = separate(session, 0.1)
    session.pins.pin()
    second = separate(session, 2.0)
    session.pins.swap()
    assert (session.result, session.settings.alpha, session.settings.solver) == (first, 0.1, "fissa")
    assert session.pins["A"].separation is second
    assert session.up_to_date
    session.pins.swap()
    assert (session.result, session.settings.alpha) == (second, 2.0)
    assert session.pins["A"].separation is first


def test_swap_takes_the_slot_used_last(session):
    for alpha in ALPHAS[:3]:
        separate(session, alpha)
        session.pins.pin()
    separate(session, 5.0)
    session.pins.show("A")
    assert session.pins.swapped == "A"
    session.pins.unpin("A")
    assert session.pins.swapped == "B"
    session.pins.unpin_all()
    session.pins.swap()
    assert session.settings.alpha == 0.1


def test_showing_again_leaves_the_pin(session):
    first = separate(session, 0.1)
    session.pins.pin("B")
    separate(session, 2.0)
    session.pins.show("B")
    assert session.result is first
    assert session.pins.current == "B"
    session.pins.show("C")
    assert session.result is first


def test_a_result_of_a_seed_that_was_drawn_comes_back_too(session):
    settings = SeparationSettings(method="ica", seed=None)
    session.set_settings(settings)
    session.store(separate_cell(session.cell, settings), {})
    drawn = session.result
    session.pins.pin()
    separate(session, 0.1)
    session.pins.show("A")
    assert session.result is drawn
    assert session.up_to_date


def test_pins_of_another_cell_are_kept_but_not_here(session):
    separate(session, 0.1)
    session.pins.pin()
    session.select(1)
    assert session.pins.here == {}
    session.set_cell(session.recording.cells[1])
    assert session.pins["A"].cell == "cell 1"
    session.pins.show("A")
    session.pins.swap("A")
    assert session.result is None
    session.select(0)
    assert list(session.pins.here) == ["A"]


def test_nothing_is_shown_before_the_cell_is_read(session):
    first = separate(session, 0.1)
    session.pins.pin()
    session.select(1)
    session.select(0)
    for show in (session.pins.swap, lambda: session.pins.show("A")):
        show()
        assert (session.cell, session.result) == (None, None)
    session.set_cell(session.recording.cells[0])
    session.pins.show("A")
    assert session.result is first


def test_another_recording_clears_them(session):
    separate(session, 0.1)
    session.pins.pin()
    session.set_recording(session.recording)
    assert session.pins.all == (None, None, None)


def test_what_was_pinned_can_be_put_back(session):
    separate(session, 0.1)
    session.pins.pin()
    before = session.pins.all
    session.pins.unpin_all()
    session.pins.restore(before)
    session.pins.restore(before)
    assert session.pins.all == before
    assert session.emitted == ["pins"] * 3
