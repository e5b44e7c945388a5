"""The message on settings that a recording has taken from the one before, with a fake of the keeper."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from PyQt5.QtCore import QTimer
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.recording import Cell, CellsInMemory, Recording
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation
from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.state.session import Session
from neuropil_gui.ui.message_bar import MessageBar
from neuropil_gui.window.carried_settings import CarriedSettings

OTHER = SeparationSettings(alpha=0.02, n=3)


def recording(name, **more):
    cells = CellsInMemory([Cell.from_traces(np.ones((3, 20)), name=f"cell {k}") for k in range(2)])
    return Recording(name, f"/data/{name}", None, cells, **more)


@pytest.fixture
def here(qtbot):
    """A session with a recording open, whose settings were changed."""
    window = QWidget()
    qtbot.addWidget(window)
    here = SimpleNamespace(session=Session(), keeper=SimpleNamespace(brought_back=False), messages=MessageBar(window))
    here.follower = CarriedSettings(here.session, here.keeper, here.messages, window)
    here.window = window
    here.session.set_recording(recording("first"))
    here.session.set_settings(OTHER)
    return here


def text_after(qtbot, here):
    """Return the message once what waits for the event loop has run; "" for none."""
    waited = []
    QTimer.singleShot(0, lambda: waited.append(True))
    qtbot.waitUntil(lambda: bool(waited))
    return "" if here.messages.isHidden() else here.messages.text.text()


def test_a_new_recording_says_whose_settings_it_has_and_the_defaults_are_one_click_away(qtbot, here):
    here.session.set_recording(recording("second"))
    assert here.session.settings == OTHER
    assert "settings of the recording before, which are not the defaults (n 3, alpha 0.02)" in text_after(qtbot, here)
    here.session.own.restore(CellSettings(OTHER, {1: replace(OTHER, n=2)}))
    here.messages.action_button.click()
    assert here.messages.isHidden()
    assert here.session.own.all == CellSettings(SeparationSettings(), {1: replace(OTHER, n=2)})


def test_what_was_said_before_stays_with_its_action(qtbot, here):
    here.session.set_recording(recording("second"))
    here.messages.show_message("Rows may be frames.", "warning", "Transpose")
    assert text_after(qtbot, here).startswith("Rows may be frames. New here")
    assert here.messages.action_button.text() == "Transpose"
    here.messages.action_button.click()
    assert here.session.settings == OTHER


@pytest.mark.parametrize(
    "reason", ["defaults", "nothing before", "project", "settings of the file", "same recording", "simulated", "left"]
)
def test_nothing_is_said_where_the_settings_are_its_own(qtbot, here, reason):
    second, simulation = recording("second"), None
    if reason == "defaults":
        here.session.set_settings(SeparationSettings())
    elif reason == "nothing before":
        here.session = Session()
        here.follower = CarriedSettings(here.session, here.keeper, here.messages, here.window)
        here.session.set_settings(OTHER)  # as the command line does
    elif reason == "project":
        here.keeper.brought_back = True
    elif reason == "settings of the file":
        second = recording("second", settings=OTHER)
    elif reason == "same recording":
        second = recording("first")
    elif reason == "simulated":
        simulation = Simulation()
    here.session.set_recording(None if reason == "left" else second, simulation)
    assert text_after(qtbot, here) == ""


def test_a_recording_that_was_opened_after_all_were_closed_says_so_too(qtbot, here):
    here.session.set_recording(None)
    here.session.set_recording(recording("second"))
    assert "New here" in text_after(qtbot, here)
