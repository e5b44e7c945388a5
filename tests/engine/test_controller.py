import threading
from dataclasses import replace
from unittest.mock import MagicMock

import numpy as np
import pytest

from neuropil_gui.core.draft import separate_draft
from neuropil_gui.core.errors import Cancelled
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
    assert close_runners(controller, 60_000)


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


def test_a_picture_is_drawn_in_the_thread_of_files_and_cancelled_with_it(qtbot, controller):
    started, cancelled = [], []
    controller.write_started.connect(started.append)
    controller.write_cancelled.connect(cancelled.append)
    with qtbot.waitSignal(controller.drawn) as caught:
        controller.draw(lambda report, should_stop: "the picture", "a figure")
    assert (started, caught.args) == (["Drawing a figure"], ["a figure", "the picture"])
    polled = threading.Event()

    def draw(report, should_stop):
        polled.set()
        while not should_stop():
            pass
        raise Cancelled

    controller.drawn.connect(lambda *_: pytest.fail("what was cancelled is copied"))
    controller.draw(draw, "a figure")
    qtbot.waitUntil(polled.is_set)
    assert controller.working
    controller.cancel()
    assert not controller.working
    assert cancelled == []  # no file was to be written


def test_a_separation_of_a_cell_whose_place_another_takes_is_dropped(qtbot, session, controller, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()

    def separate(cell, settings):
        def work(report, should_stop):
            begun.set()
            go_on.wait(60)
            return separate_cell(cell, settings), {}, None

        return work

    monkeypatch.setattr(jobs, "separate", separate)
    controller.run()
    qtbot.waitUntil(begun.is_set)
    cell = Cell.from_traces(np.random.default_rng(2).random((3, 400)) + 1)
    session.replace_cell(Recording("another", None, None, [cell]))
    go_on.set()
    qtbot.waitUntil(lambda: controller.idle)
    assert session.result is None
    assert not controller.working
