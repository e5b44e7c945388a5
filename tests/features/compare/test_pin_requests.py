"""PinRequests: pin and unpin of the menu, with a message where a result cannot be pinned."""

from dataclasses import replace
from unittest.mock import MagicMock

import pytest

from neuropil_gui.features.compare.pin_requests import PinRequests
from neuropil_gui.ui.message_bar import MessageBar


@pytest.fixture
def session(session_of, cell):
    return session_of(cell)


@pytest.fixture
def messages():
    return MagicMock(spec=MessageBar)


@pytest.fixture
def handlers(parent, session, messages):
    return PinRequests(parent, session, messages).handlers()


@pytest.fixture
def separate(session, cell, separation_of):
    """Store a result of this alpha."""

    def separate(alpha):
        session.set_settings(replace(session.settings, alpha=alpha))
        session.store(replace(separation_of(cell), settings=session.settings), {})

    return separate


def test_results_go_into_the_free_slots_in_turn(session, messages, handlers, separate):
    for alpha, slot in ((0.1, "A"), (0.2, "B"), (0.3, "C")):
        separate(alpha)
        handlers["pin"]()
        assert session.pins[slot].settings.alpha == alpha
    messages.show_message.assert_not_called()


def test_a_result_is_pinned_once(session, messages, handlers, separate):
    separate(0.1)
    handlers["pin"]()
    handlers["pin"]()
    assert session.pins.free == "B"
    messages.show_message.assert_called_once_with("This result is pinned already, as A.", "info")


def test_with_all_slots_taken_the_message_lists_their_results(session, messages, handlers, separate):
    for alpha in (0.1, 0.2, 0.3):
        separate(alpha)
        handlers["pin"]()
    held = session.pins.all
    separate(0.4)
    handlers["pin"]()
    assert session.pins.all == held
    sentence, level = messages.show_message.call_args.args
    assert level == "info"
    assert sentence.startswith("A, B and C are taken (A: cell 1, ")
    assert all(f"alpha {alpha}" in sentence for alpha in (0.1, 0.2, 0.3))
    assert sentence.endswith("Unpin one in Compare (Ctrl+2).")


def test_a_change_of_the_pins_hides_the_message_of_pinning_only(session, messages, handlers, separate):
    separate(0.1)
    handlers["pin"]()
    messages.hide_message.assert_not_called()
    handlers["pin"]()
    session.pins.unpin("A")
    messages.hide_message.assert_called_once_with()
    handlers["pin"]()
    messages.hide_message.assert_called_once_with()


def test_unpin_all_empties_the_slots(session, handlers, separate):
    separate(0.1)
    handlers["pin"]()
    handlers["unpin_all"]()
    assert session.pins.all == (None, None, None)
