"""Sharing: each part is done once, here or by a process; what a process does not do, this thread does."""

import operator
import os
import threading
from concurrent.futures import ALL_COMPLETED, Future, wait
from functools import partial

import numpy as np
import pytest

from neuropil_gui.core.errors import Cancelled
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine import sharing
from neuropil_gui.engine.processes import Processes
from neuropil_gui.engine.sharing import HELP_SECONDS, share
from neuropil_gui.engine.worker_task import separate_cells
from neuropil_gui.engine.workers import Workers
from tests.engine.watched import Watched

pytestmark = pytest.mark.any_version

ENDLESS = SeparationSettings(tol=0, max_iter=10_000_000, max_tries=1)
PARTS = range(1, 31)
SAME = partial(operator.mul, 1)
"""What a process answers to a part; this thread answers with the opposite."""


@pytest.fixture(scope="module")
def kept():
    """Two processes for all tests; those that one test has ended are started anew for the next."""
    with Watched(2) as processes:
        yield processes


@pytest.fixture
def two(kept, monkeypatch):
    """Two processes that have started, and a core for this thread."""
    monkeypatch.setattr(sharing, "CORES", 3)
    monkeypatch.setattr(sharing, "CALL_SECONDS", 60.0)  # that both are there, however busy the machine is
    kept.submit(abs, -1).result(60)
    kept.futures.clear()
    return kept


def are_free(processes):
    """Return whether nobody uses them, without ending them."""
    with processes.in_use_if_free() as free:
        return free


def never():
    return False


def test_each_part_is_done_once_here_or_by_a_process(two):
    def here(part):
        wait(two.futures, 60)
        return -part

    answers = dict(share(SAME, PARTS, 0.0, two, never, here=here))
    assert {number: abs(answer) for number, answer in answers.items()} == dict(enumerate(PARTS))
    assert min(answers.values()) < 0 < max(answers.values())
    assert are_free(two), "they are free again"


def test_processes_on_all_cores_do_all(two, monkeypatch):
    monkeypatch.setattr(sharing, "CORES", 2)
    monkeypatch.setattr(sharing, "FIRST_COMPLETED", ALL_COMPLETED)  # that both have answered

    def here(part):
        raise AssertionError("there is no core for this thread")

    answers = dict(share(SAME, PARTS, 0.0, two, never, here=here))
    assert answers == dict(enumerate(PARTS))
    with pytest.raises(Cancelled):
        list(share(SAME, PARTS, 0.0, two, lambda: True, here=here))
    assert are_free(two), "they are free again"


def test_processes_are_started_for_what_takes_long():
    with Watched(1) as workers:
        answers = dict(share(SAME, PARTS, HELP_SECONDS, workers, never, here=operator.neg))
        assert {number: abs(answer) for number, answer in answers.items()} == dict(enumerate(PARTS))
        assert workers.futures


@pytest.mark.parametrize("without", ["none", "short", "another machine's", "another thread's"])
def test_this_thread_does_all_without_them(without):
    seconds = 0.9 * HELP_SECONDS if without == "short" else 100.0
    with Watched(1) as processes:
        workers = {"none": None, "another machine's": Workers()}.get(without, processes)
        if without == "another thread's":
            with processes.in_use(never):
                answers = list(share(SAME, PARTS, seconds, workers, never, here=operator.neg))
        else:
            answers = list(share(SAME, PARTS, seconds, workers, never, here=operator.neg))
        assert answers == [(number, -part) for number, part in enumerate(PARTS)]
        assert not processes.started


class Starting(Processes):
    """Processes that do not come."""

    def submit(self, function, /, *arguments, **keywords):
        return Future()


def test_this_thread_waits_for_no_process_to_start():
    with Starting(2) as workers:
        answers = list(share(SAME, PARTS, 100.0, workers, never, here=operator.neg))
        assert answers == [(number, -part) for number, part in enumerate(PARTS)]
        assert workers.end_unused()


class Deadly:
    """A part that ends the process which receives it."""

    def __reduce__(self):
        return os._exit, (1,)

    def __neg__(self):
        return -3


def test_what_a_process_had_that_has_died_is_done_here(two):
    parts = [1, 2, Deadly(), *range(4, 20)]
    answers = dict(share(SAME, parts, 0.0, two, never, here=operator.neg))
    assert {number: abs(answer) for number, answer in answers.items()} == {k: k + 1 for k in range(19)}
    assert answers[2] == -3
    assert two.end_unused()
    assert two.submit(abs, -1).result(60) == 1, "new ones are there for the next work"


def test_who_waits_for_them_gets_them_before_the_end(two):
    got, threads = threading.Event(), []

    def use():
        with two.in_use(never):
            got.set()

    def here(part):
        if not threads:
            threads.append(threading.Thread(target=use))
            threads[0].start()
            while not two.wanted and not got.is_set():
                got.wait(0.01)
        else:
            assert got.wait(60)
        return -part

    answers = dict(share(SAME, PARTS, 0.0, two, never, here=here))
    threads[0].join()
    assert {number: abs(answer) for number, answer in answers.items()} == dict(enumerate(PARTS))


@pytest.mark.parametrize("parts", [1, 9])
def test_it_is_cancelled_wherever_parts_are_done(two, parts):
    cell = Cell.from_traces(np.random.default_rng(4).random((3, 80)) + 1)

    def should_stop():
        return any(future.running() or future.done() for future in two.parts)

    def here(part):
        return [separate_cell(cell, *part, should_stop=should_stop)]

    with pytest.raises(Cancelled):
        list(share(partial(separate_cells, [cell]), [[ENDLESS]] * parts, 0.0, two, should_stop, here=here))
    assert not wait([each for each in two.futures if not each.cancelled()], 60).not_done
    assert are_free(two)


def test_what_fails_is_raised_by_this_thread(two):
    calls = []

    def here(part):
        calls.append(part)
        return 1 / part

    with pytest.raises(ZeroDivisionError):
        list(share(partial(operator.floordiv, 1), [1, 0, 2, 3, 4, 5, 6], 0.0, two, never, here=here))
    assert calls[-1] == 0
    assert are_free(two)
