"""Workers are used by one thread at a time, end when nobody uses them, and are left soon while they start."""

import multiprocessing
import threading

import pytest

from neuropil_gui.core.errors import Cancelled
from neuropil_gui.engine import processes as module
from neuropil_gui.engine.processes import Processes
from neuropil_gui.engine.workers import Workers

pytestmark = pytest.mark.any_version


class Ended(Workers):
    """Workers that note that they were shut down."""

    ended = False

    def shutdown(self, wait=True, *, cancel_futures=True):
        self.ended = True


def test_one_thread_waits_for_the_other_and_may_be_stopped_meanwhile():
    workers, order = Ended(), []

    def use():
        with workers.in_use(lambda: False):
            order.append("second")

    other = threading.Thread(target=use)
    with workers.in_use(lambda: False):
        other.start()
        with pytest.raises(Cancelled), workers.in_use(lambda: True):
            order.append("never")
        order.append("first")
    other.join(60)
    assert order == ["first", "second"]


def test_they_are_ended_only_while_nobody_uses_them():
    workers = Ended()
    with workers.in_use(lambda: False):
        assert not workers.end_unused()
        assert not workers.ended
    assert workers.end_unused()
    assert workers.ended


def test_processes_that_are_only_starting_are_not_waited_for_and_end_by_themselves(capfd, qtbot, monkeypatch):
    def workers():
        return [child for child in multiprocessing.active_children() if child.name == "neuropil_gui worker"]

    monkeypatch.setattr(module, "LEAVING_SECONDS", 0.0)
    processes = Processes(1)
    processes.leave([processes.submit(abs, -1)])
    assert not processes.started
    assert processes.submit(abs, -2).result(60) == 2
    processes.shutdown()
    qtbot.waitUntil(lambda: not workers(), timeout=30_000)
    assert capfd.readouterr().err == ""
