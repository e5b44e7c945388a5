"""Tool: it follows the session while its page is visible, and passes its thread's answers on."""

import threading
from unittest.mock import MagicMock

import pytest
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.errors import DataError
from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.tool import Tool
from neuropil_gui.state.session import Session
from neuropil_gui.ui.tool_page import ToolPage


class CountingTool(Tool):
    """Counts updates and rests, and lists what the thread reports and answers."""

    def __init__(self, session, parent):
        page = ToolPage("count", "Count", "Help", QWidget())
        super().__init__(session, MagicMock(spec=Controller), page, parent, "The count")
        self.updates, self.rests, self.ends = 0, 0, []
        session.settings_changed.connect(self.follow)

    def _update(self):
        self.updates += 1

    def _rest(self):
        self.rests += 1

    def _on_reported(self, question, report):
        self.ends.append(("reported", question, report))

    def _on_finished(self, question, answer):
        self.ends.append(("finished", question, answer))

    def _on_failed(self, question, error):
        self.ends.append(("failed", question, str(error)))


@pytest.fixture
def session(qapp):
    return Session()


@pytest.fixture
def tool(runners, session, parent):
    return CountingTool(session, parent)


@pytest.fixture
def threaded(session, parent):
    """Return a tool with a thread, which is ended after the test."""
    tool = CountingTool(session, parent)
    yield tool
    assert tool.close(60_000)


def test_it_follows_the_session_only_while_visible(session, tool):
    session.settings_changed.emit()
    assert (tool.visible, tool.updates) == (False, 0)
    tool.page.show()
    assert (tool.visible, tool.updates) == (True, 1)
    session.settings_changed.emit()
    assert tool.updates == 2
    tool.page.hide()
    session.settings_changed.emit()
    assert (tool.visible, tool.updates) == (False, 2)


def test_hiding_the_page_drops_the_question(tool):
    tool.page.show()
    tool.runner.submit(MagicMock(), "a question")
    assert tool.busy
    tool.page.hide()
    assert not tool.busy
    assert tool.rests == 1


def test_reports_answers_and_errors_come_with_their_question(tool):
    tool.runner.submit(MagicMock(), "first")
    tool.runner.reported.emit("first", 0.5)
    tool.runner.answer(42)
    tool.runner.submit(MagicMock(), "second")
    tool.runner.fail(DataError("There is none."))
    assert tool.ends == [("reported", "first", 0.5), ("finished", "first", 42), ("failed", "second", "There is none.")]


def test_a_tool_without_a_figure_has_nothing_to_draw(tool):
    assert tool.figure() is None


def test_an_unexpected_error_names_the_subject(qtbot, threaded, monkeypatch):
    def fail(report, should_stop):
        raise KeyError("a bug")

    monkeypatch.setattr("sys.excepthook", lambda *_: None)
    with qtbot.waitSignal(threaded.runner.failed):
        threaded.runner.submit(fail, "a question")
    sentence = "The count ended in an unexpected error; the log file has the details."
    assert threaded.ends == [("failed", "a question", sentence)]


def test_close_hides_the_page_and_stops_the_thread(threaded):
    began, stopped = threading.Event(), threading.Event()

    def work(report, should_stop):
        began.set()
        while not should_stop():
            pass
        stopped.set()

    threaded.page.show()
    threaded.runner.submit(work)
    assert began.wait(60)
    assert threaded.close(60_000)
    assert stopped.is_set()
    assert not threaded.page.isVisible()
    threaded.runner.submit(work)
    assert not threaded.busy, "a closed runner takes no questions"
