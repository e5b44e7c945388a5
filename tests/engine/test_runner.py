import gc
import sys
import threading

import pytest
from PyQt5.QtCore import QCoreApplication, QEvent, QThread

from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.engine.runner import Runner, UnexpectedError, wait_for_unfinished


class Log:
    """Signals of a runner, in order."""

    def __init__(self, runner):
        self.signals = []
        for name in ("started", "finished", "failed", "cancelled", "reported"):
            getattr(runner, name).connect(lambda *values, name=name: self.signals.append((name, *values)))

    def names(self):
        return [each[0] for each in self.signals]


@pytest.fixture
def runner(qapp):
    runner = Runner(subject="The work")
    yield runner
    assert runner.close(60_000)


@pytest.fixture
def log(runner):
    return Log(runner)


def held(gate, answer):
    """Work that waits for `gate`, whether it is stopped or not."""

    def work(report, should_stop):
        assert gate.wait(60)
        if should_stop():
            raise Cancelled
        return answer

    return work


def test_answers_on_the_thread_of_the_window_and_works_in_another(qtbot, runner, log):
    threads = []
    runner.finished.connect(lambda *_: threads.append(QThread.currentThread()))
    with qtbot.waitSignal(runner.finished) as caught:
        runner.submit(lambda report, should_stop: threading.get_ident(), "who?")
    question, worker = caught.args
    assert question == "who?"
    assert worker != threading.get_ident()
    assert threads == [runner.thread()]
    assert log.names() == ["started", "finished"]
    assert not runner.busy


def test_the_newest_question_wins_and_stale_answers_are_dropped(qtbot, runner, log):
    gate = threading.Event()
    runner.submit(held(gate, "old"), 1)
    for number in range(2, 50):
        runner.submit(held(gate, "stale"), number)
    runner.submit(held(gate, "new"), 50)
    with qtbot.waitSignal(runner.finished) as caught:
        gate.set()
    assert caught.args == [50, "new"]
    assert log.signals == [*(("started", number) for number in range(1, 51)), ("finished", 50, "new")]


def test_an_answer_that_was_ready_when_a_newer_question_came_is_dropped(qtbot, runner, log):
    ready = threading.Event()

    def work(report, should_stop):
        ready.set()
        return "old"

    runner.submit(work, "first")
    assert ready.wait(60)  # the thread has answered; its signal waits in this thread's queue
    with qtbot.waitSignal(runner.finished) as caught:
        runner.submit(lambda report, should_stop: "new", "second")
    assert caught.args == ["second", "new"]
    assert "first" not in [each[1] for each in log.signals if each[0] == "finished"]


def test_cancel_is_emitted_at_once_while_the_thread_is_still_busy(qtbot, runner, log):
    gate = threading.Event()
    runner.submit(held(gate, "unwanted"), "slow")
    runner.cancel()
    assert log.signals == [("started", "slow"), ("cancelled", "slow")]
    assert not runner.busy
    assert not runner.idle
    gate.set()
    qtbot.waitUntil(lambda: runner.idle)
    assert "finished" not in log.names()
    with qtbot.waitSignal(runner.finished):
        runner.submit(lambda report, should_stop: None)


def test_cancel_without_work_emits_nothing(runner, log):
    runner.cancel()
    assert log.signals == []


def test_errors_in_words_come_back_as_values(qtbot, runner, log):
    def refuse(report, should_stop):
        raise DataError("There is nothing to separate.")

    with qtbot.waitSignal(runner.failed) as caught:
        runner.submit(refuse, "question")
    assert caught.args[0] == "question"
    assert str(caught.args[1]) == "There is nothing to separate."


def test_missing_memory_is_a_failure_with_a_sentence(qtbot, runner):
    def greedy(report, should_stop):
        raise MemoryError

    with qtbot.waitSignal(runner.failed) as caught:
        runner.submit(greedy)
    assert "memory" in str(caught.args[1])


def test_an_unforeseen_error_reaches_the_hook_and_the_runner_goes_on(qtbot, runner, log, monkeypatch):
    seen = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: seen.append(kind))

    def bug(report, should_stop):
        raise KeyError("a bug")

    with qtbot.waitSignal(runner.failed) as caught:
        runner.submit(bug, "question")
    assert caught.args[0] == "question"
    assert isinstance(caught.args[1], UnexpectedError)
    assert str(caught.args[1]) == "The work ended in an unexpected error; the log file has the details."
    qtbot.waitUntil(lambda: seen == [KeyError])
    with qtbot.waitSignal(runner.finished) as caught:
        runner.submit(lambda report, should_stop: 42)
    assert caught.args[1] == 42


def test_reports_of_the_newest_question_only(qtbot, runner, log):
    gate = threading.Event()
    reported = threading.Event()

    def work(report, should_stop):
        report("stale")
        reported.set()
        assert gate.wait(60)

    runner.submit(work, "old")
    assert reported.wait(60)
    with qtbot.waitSignal(runner.finished):
        runner.submit(lambda report, should_stop: report("fresh"), "new")
        gate.set()
    assert [each for each in log.signals if each[0] == "reported"] == [("reported", "new", "fresh")]


def test_closes_in_the_middle_of_work_that_listens(qapp):
    runner = Runner()
    began = threading.Event()

    def work(report, should_stop):
        began.set()
        while not should_stop():
            pass
        raise Cancelled

    runner.submit(work)
    assert began.wait(60)
    assert runner.close(60_000)


def test_a_thread_that_does_not_end_in_time_outlives_its_runner(qtbot):
    """A library that cannot be stopped must not take the program with it."""
    gate, began, ended = threading.Event(), threading.Event(), threading.Event()

    def work(report, should_stop):
        began.set()
        assert gate.wait(60)
        ended.set()

    runner = Runner()
    runner.submit(work)
    assert began.wait(60)
    assert not runner.close(20)
    runner.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    del runner
    gc.collect()
    gate.set()
    wait_for_unfinished()
    assert ended.is_set()
