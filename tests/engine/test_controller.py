from dataclasses import replace
from unittest.mock import MagicMock

import numpy as np
import pytest

from neuropil_gui.core.draft import separate_draft
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine import jobs
from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.loader import Loader
from neuropil_gui.engine.runner import close_runners
from neuropil_gui.state.session import Session

FIRST = SeparationSettings(method="ica", seed=None)
SECOND = replace(FIRST, n=2)


@pytest.fixture
def session(qapp):
    session = Session()
    session.set_live(False)
    return session


@pytest.fixture
def controller(session):
    controller = Controller(session, MagicMock(spec=Loader, busy=False))
    cell = Cell.from_traces(np.random.default_rng(1).random((3, 400)) + 1)
    session.set_recording(Recording("one cell", None, None, [cell]))
    session.set_cell(cell)
    session.set_settings(FIRST)
    session.store(separate_cell(cell, FIRST), {})
    session.set_settings(SECOND)
    session.show_draft(separate_draft(cell, SECOND))
    yield controller
    assert close_runners(controller, 2000)


def test_going_back_to_a_random_seed_drops_the_draft_of_other_settings(session, controller):
    session.set_settings(FIRST)
    assert session.draft is None
    assert session.up_to_date


def test_an_unexpected_error_drops_the_draft_and_is_reported(qtbot, session, controller, monkeypatch):
    def fail(report, should_stop):
        raise KeyError("a bug")

    monkeypatch.setattr("sys.excepthook", lambda *_: None)
    monkeypatch.setattr(jobs, "separate", lambda *_: fail)
    assert session.draft is not None
    with qtbot.waitSignal(controller.separation_failed) as caught:
        controller.run()
    assert caught.args == ["The separation ended in an unexpected error; the log file has the details."]
    assert session.draft is None


def test_cancel_takes_back_at_once_what_is_imported_ahead(controller):
    controller.warm_up()
    assert controller.working
    controller.cancel()
    assert not controller.working
