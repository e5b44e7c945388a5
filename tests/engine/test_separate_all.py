import multiprocessing
import os
import signal
import subprocess
import sys
from concurrent.futures import Executor, Future, ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.recording import Cell, Cells, CellsInMemory, Recording
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine import distribution as module
from neuropil_gui.engine.processes import Processes
from neuropil_gui.engine.separate_all import separate_all

pytestmark = pytest.mark.any_version

RNG = np.random.default_rng(4)
SETTINGS = SeparationSettings(alpha=0.2)
LONG = SeparationSettings(tol=0, max_iter=10_000_000, max_tries=1)


def cell(k, least=1.0):
    return Cell.from_traces(RNG.random((3, 80)) + least, name=f"cell {k}")


@pytest.fixture(scope="module")
def recording():
    return Recording("eight", None, None, CellsInMemory([cell(k, -1.0 if k == 5 else 1.0) for k in range(8)]))


@pytest.fixture(scope="module")
def two():
    """Two processes that have started."""
    processes = Processes(2)
    processes.submit(abs, -1).result()
    yield processes
    processes.shutdown()


@pytest.fixture(params=["processes", "threads", "this thread"])
def executor(request):
    if request.param == "this thread":
        yield Processes(2)
    elif request.param == "processes":
        yield request.getfixturevalue("two")
    else:
        with ThreadPoolExecutor(2) as pool:
            yield pool


def workers():
    return [child for child in multiprocessing.active_children() if child.name == "neuropil_gui worker"]


def test_every_cell_comes_with_what_it_has_alone_or_its_error(recording, executor):
    results = dict(separate_all(recording, SETTINGS, executor=executor))
    assert set(results) == set(range(8))
    assert isinstance(results[5], DataError)
    assert "negative" in str(results[5])
    for index in set(results) - {5}:
        alone = separate_cell(recording.cells[index], SETTINGS)
        for name in ("separated", "matched", "mixing", "scores", "order"):
            np.testing.assert_array_equal(getattr(results[index], name), getattr(alone, name))
            assert not getattr(results[index], name).flags.writeable
        assert results[index].warnings == alone.warnings
        assert results[index].settings == SETTINGS


def test_only_the_cells_asked_for_are_separated_and_read(executor):
    class Counted(CellsInMemory):
        def load(self, index):
            read.append(index)
            return super().load(index)

    read = []
    recording = Recording("counted", None, None, Counted([cell(k) for k in range(6)]))
    assert {index for index, _ in separate_all(recording, SETTINGS, cells=(4, 1), executor=executor)} == {1, 4}
    assert sorted(read) == [1, 4]


def test_a_cell_that_cannot_be_read_is_named_and_the_others_come(executor):
    class Partly(Cells):
        def __init__(self):
            self.headers = CellsInMemory([cell(k) for k in range(4)]).headers

        def load(self, index):
            if index == 2:
                raise DataError("row 3 is damaged")
            return cell(index)

    results = dict(separate_all(Recording("partly", None, None, Partly()), SETTINGS, executor=executor))
    assert set(results) == {0, 1, 2, 3}
    assert str(results[2]) == "row 3 is damaged"


def test_what_was_begun_is_left_when_it_should_stop(two):
    begun = iter([False, False])
    with pytest.raises(Cancelled):
        list(separate_all(slow(), LONG, executor=two, should_stop=lambda: next(begun, True)))
    # None is left running: the next work has its answer.
    assert two.submit(abs, -2).result(timeout=30) == 2


def test_a_consumer_that_leaves_stops_what_was_begun(two, recording):
    results = separate_all(recording, SETTINGS, executor=two)
    next(results)
    results.close()
    assert two.submit(abs, -2).result(timeout=30) == 2


def slow(cells=4):
    return Recording("slow", None, None, CellsInMemory([cell(k) for k in range(cells)]))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no SIGKILL")
def test_a_killed_worker_loses_no_cell(two):
    cells = [Cell.from_traces(RNG.random((3, 600)) + 1, name=f"cell {k}") for k in range(24)]
    recording = Recording("long", None, None, CellsInMemory(cells))
    results = {}
    for index, result in separate_all(recording, SETTINGS, executor=two):
        results[index] = result
        if len(results) == 3:
            os.kill(workers()[0].pid, signal.SIGKILL)
    assert set(results) == set(range(24))
    assert not [result for result in results.values() if isinstance(result, DataError)]


class DeadInTheMiddle(Cell):
    """Ends the process that receives it once, while that writes an answer."""

    def __reduce__(self):
        words = (
            "import multiprocessing, os, pathlib\n"
            f"mark = pathlib.Path({self.name!r})\n"
            "if not mark.exists():\n"
            "    mark.touch()\n"
            "    results = multiprocessing.current_process()._args[1]\n"
            "    results._wlock.acquire()\n"
            "    results._writer._send(bytes([0, 0, 4, 0, 1, 2, 3]))\n"  # of 1,024 that are announced
            "    os._exit(1)\n"
        )
        return _after, (words, np.asarray(self.traces), self.name)


def _after(words, traces, name):
    exec(words)
    return Cell.from_traces(traces, name=name)


def test_a_worker_that_dies_while_it_writes_an_answer_loses_no_cell(two, tmp_path):
    cells = [Cell.from_traces(RNG.random((3, 600)) + 1, name=f"cell {k}") for k in range(8)]
    cells[2] = DeadInTheMiddle(**vars(Cell.from_traces(RNG.random((3, 600)) + 1, name=str(tmp_path / "mark"))))
    results = dict(separate_all(Recording("long", None, None, CellsInMemory(cells)), SETTINGS, executor=two))
    assert (tmp_path / "mark").exists()
    assert set(results) == set(range(8))
    assert not [result for result in results.values() if isinstance(result, DataError)]


class Deadly(Cell):
    """Ends the process that receives it."""

    def __reduce__(self):
        return os._exit, (1,)


def test_a_cell_that_ends_its_workers_is_named_and_the_others_come(two):
    cells = [cell(k) for k in range(5)]
    cells[2] = Deadly("deadly", RNG.random((3, 80)), ("a", "b", "c"))
    results = dict(separate_all(Recording("deadly", None, None, CellsInMemory(cells)), SETTINGS, executor=two))
    assert "ended 3 times" in str(results.pop(2))
    assert set(results) == {0, 1, 3, 4}
    assert not [result for result in results.values() if isinstance(result, DataError)]


def test_workers_end_with_a_program_that_is_killed():
    program = (
        "import multiprocessing, os, signal\n"
        "from neuropil_gui.engine.processes import Processes\n"
        "processes = Processes(1)\n"
        "print(processes.submit(os.getpid).result(), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"  # a script without a guard, too
    )
    # The worker holds the other end of the pipe: it is at its end when both have ended.
    done = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, timeout=60)
    assert int(done.stdout) > 0


@given(st.lists(st.floats(1e-4, 1), max_size=60), st.integers(1, 64))
def test_tasks_hold_each_cell_once_in_order_and_no_long_ones_together(seconds, least):
    tasks = list(module._tasks(range(len(seconds)), seconds, least))
    assert [index for task in tasks for index in task] == list(range(len(seconds)))
    for task in tasks:
        assert len(task) == 1 or sum(seconds[index] for index in task) <= module.TASK_SECONDS


class KilledWorker(Exception):  # noqa: N818 -- its name in dask.distributed
    """A scheduler gave up a task that had taken several workers with it."""


class Scheduler(Executor):
    """Gives up each task with a certain cell in it, or drops it, and does the others at once."""

    def __init__(self, deadly, dropped=False):
        self._deadly, self._dropped = deadly, dropped
        self.tasks = []

    def submit(self, function, cells, settings):
        future = Future()
        self.tasks.append([each.name for each in cells])
        if self._deadly not in self.tasks[-1]:
            future.set_result(function(cells, settings))
        elif self._dropped:
            future.cancel()
            future.set_running_or_notify_cancel()
        else:
            future.set_exception(KilledWorker())
        return future


def test_a_cell_that_a_scheduler_gives_up_is_tried_alone_and_named_and_those_beside_it_come(monkeypatch):
    monkeypatch.setattr(module, "_tasks", lambda indices, *_: iter([tuple(indices[:3]), tuple(indices[3:])]))
    scheduler = Scheduler("cell 1")
    results = dict(separate_all(slow(6), SETTINGS, executor=scheduler, workers=1))
    assert "ended 3 times" in str(results.pop(1))
    assert set(results) == {0, 2, 3, 4, 5}
    assert not [result for result in results.values() if isinstance(result, DataError)]
    assert scheduler.tasks.count(["cell 1"]) == 1


def test_what_a_lost_scheduler_had_done_comes_before_its_error(monkeypatch):
    monkeypatch.setattr(module, "_tasks", lambda indices, *_: iter([(index,) for index in indices]))
    results = separate_all(slow(6), SETTINGS, executor=Scheduler("cell 1", dropped=True), workers=1)
    assert next(results)[0] == 0
    with pytest.raises(DataError, match="the results that came before are kept"):
        list(results)
