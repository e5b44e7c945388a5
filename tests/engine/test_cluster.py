"""A dask.distributed scheduler as the place where cells are separated, started as the guide says."""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest

from neuropil_gui.__main__ import main
from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.analysis.cell_spike_in import CellTest, spike_in_cell
from neuropil_gui.core.analysis.population import PopulationSweep, population_plan
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.recording import Cell, CellsInMemory, Recording
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.cluster import Cluster
from neuropil_gui.engine.population import population_tiles
from neuropil_gui.engine.processes import Processes
from neuropil_gui.engine.separate_all import separate_all, workers_of
from neuropil_gui.engine.spike_in_all import spike_in_all

SETTINGS = SeparationSettings(alpha=0.2)
RNG = np.random.default_rng(4)
ADDRESS = "tcp://127.0.0.1:8786"


def recording(cells=6, frames=80):
    made = [Cell.from_traces(RNG.random((3, frames)) + 1, name=f"cell {k}") for k in range(cells)]
    return Recording("some", None, None, CellsInMemory(made))


class Client:
    """Stands in for that of distributed."""

    def __init__(self, workers, version="", error=None):
        self.status, self._workers, self._version, self._error = "running", workers, version, error

    def scheduler_info(self, n_workers):
        return {"workers": {str(k): {"nthreads": threads} for k, threads in enumerate(self._workers)}}

    def run(self, function):
        if self._error is not None:
            raise self._error
        return {"0": self._version or function()}

    def get_executor(self, pure):
        return self

    def close(self, timeout):
        self.status = "closed"


@pytest.fixture
def client(monkeypatch):
    """Have `Cluster` find this client, or the error that it raises."""

    def found(client):
        def make(*_, **__):
            if isinstance(client, Exception):
                raise client
            return client

        monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(Client=make))

    return found


def test_no_scheduler_is_contacted_unless_one_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert isinstance(workers_of(2), Processes)
    assert isinstance(workers_of(2, scheduler=ADDRESS), Cluster)
    with pytest.raises(DataError, match=r"pip install 'neuropil-gui\[cluster\]'"):
        list(separate_all(recording(), SETTINGS, executor=Cluster(ADDRESS)))


@pytest.mark.parametrize("address", ["here", "http://here:80", "tcp://here"])
def test_what_is_no_address_is_said_at_once(address, client):
    client(AssertionError("it was contacted"))
    with pytest.raises(DataError, match="is no address of a scheduler"):
        Cluster(address).connect()


def test_workers_that_cannot_do_the_work_are_refused(client):
    cluster = Cluster(ADDRESS)
    for found, reason in (
        (OSError("Timed out"), r"cannot be reached \(Timed out\)"),
        (Client([]), "has no workers"),
        (Client([1], version="0.0.1"), r"have neuropil-gui 0\.0\.1, and this is"),
        (Client([1], error=ModuleNotFoundError("No module named 'neuropil_gui'")), "where they run"),
    ):
        client(found)
        with pytest.raises(DataError, match=reason):
            cluster.connect()
        assert not cluster.lost
    client(Client([1, 1, 2]))
    assert cluster.connect().jobs == 4
    cluster.shutdown()


# With the package, which takes 14 s to install on two busy cores and which CI therefore has not: run where it is there.


def commands():
    """Return the first block of commands of the guide's page, as lists of words."""
    page = (RESOURCES / "guide" / "07-on-a-cluster.md").read_text(encoding="utf-8")
    block = re.search(r"((?:^    .*\n)+)", page, re.MULTILINE)[1]
    return [shlex.split(line) for line in block.splitlines()]


def drain(stream):
    with stream:
        stream.read()


def started(words, until, times=1):
    """Run a command with this Python until it has printed a word so many times."""
    process = subprocess.Popen([sys.executable, "-m", *words], stderr=subprocess.PIPE, text=True, process_group=0)
    for line in process.stderr:
        times -= until in line
        if not times:
            threading.Thread(target=drain, args=(process.stderr,)).start()  # a full pipe would stop it
            return process
    raise AssertionError(f"{words} ended")


@contextmanager
def started_cluster():
    """Start a scheduler and its processes by the commands of the guide, at a port that is free."""
    pytest.importorskip("distributed", reason="needs the extra `cluster`")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    first, second, _ = ([word.replace("8786", port) for word in words] for words in commands())
    scheduler = started([*first, "--no-dashboard"], "Scheduler at")
    workers = started([*second, "--no-dashboard"], "Starting established connection", times=2)
    yield SimpleNamespace(address=f"tcp://127.0.0.1:{port}", scheduler=scheduler)
    for process in (workers, scheduler):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture(scope="module")
def cluster():
    """A cluster of the tests that leave it as it was."""
    with started_cluster() as made:
        yield made


@pytest.fixture
def lost_cluster():
    """A cluster of a test that kills parts of it: a test may come after any other one in a parallel run."""
    with started_cluster() as made:
        yield made


@pytest.fixture
def executor(cluster):
    with Cluster(cluster.address) as made:
        yield made.connect()


def test_the_command_of_the_guide_separates_on_the_cluster_what_this_machine_does(cluster, tmp_path, capsys):
    path, here, there = tmp_path / "cells.npy", tmp_path / "here.npz", tmp_path / "there.npz"
    np.save(path, RNG.random((6, 3, 80)) + 1)
    *_, (_, *words) = commands()
    named = {"cells.npy": str(path), "cells.npgui": str(there), ADDRESS: cluster.address}
    assert main([named.get(word, word) for word in words]) == 0
    assert "6 of 6 cells separated" in capsys.readouterr().out
    assert main(["separate", str(path), "-o", str(here)]) == 0
    with np.load(here, allow_pickle=False) as one, np.load(there, allow_pickle=False) as other:
        for name in (each for each in one if each.endswith("matched")):
            np.testing.assert_array_equal(one[name], other[name])


def test_all_cells_at_each_alpha_are_separated_there_as_here(executor):
    some = recording(4)
    plan = population_plan(SETTINGS, some.cells.headers, "alpha")
    there, here = PopulationSweep(plan, 4), PopulationSweep(plan, 4)
    there.add(population_tiles(some, plan, there.left(), executor))
    with Processes(1) as processes:
        here.add(population_tiles(some, plan, here.left(), processes))
    assert there.complete
    assert executor.jobs == 2
    for name, values in here.arrays().items():
        np.testing.assert_array_equal(there.arrays()[name], values)
    with executor.in_use(lambda: False), pytest.raises(Cancelled):
        list(population_tiles(some, plan, PopulationSweep(plan, 4).left(), executor, lambda: True))


def test_a_worker_that_is_killed_loses_nothing(lost_cluster):
    long, results = recording(16, 600), {}
    settings = SeparationSettings(solver="fissa", alpha=0.3)
    with Cluster(lost_cluster.address) as executor:
        for index, result in separate_all(long, settings, executor=executor):
            results[index] = result
            if len(results) == 3:
                executor.submit(os.getpid).add_done_callback(lambda pid: os.kill(pid.result(), signal.SIGKILL))
    assert set(results) == set(range(16))
    assert not [result for result in results.values() if isinstance(result, DataError)]
    np.testing.assert_array_equal(results[9].matched, separate_cell(long.cells[9], settings).matched)


def test_an_executor_of_the_clients_own_will_do(cluster):
    distributed = pytest.importorskip("distributed", reason="needs the extra `cluster`")
    with distributed.Client(cluster.address, set_as_default=False) as client:
        some = recording()
        executor = client.get_executor(pure=False)
        results = dict(separate_all(some, SETTINGS, executor=executor, workers=2))
        test = SpikeInTest(repeats=2, count=2)
        tested = dict(spike_in_all(some, SETTINGS, test, cells=(0, 3), executor=executor, workers=2))
    assert set(results) == set(range(6))
    assert results[0].settings == SETTINGS
    assert tested == {
        index: spike_in_cell(some.cells[index], CellTest(SETTINGS, test, some.frame_rate)) for index in (0, 3)
    }


def test_a_scheduler_that_is_lost_leaves_what_was_done(lost_cluster):
    results = []

    def separate(executor):
        for index, _ in separate_all(recording(200, 600), SeparationSettings(solver="fissa"), executor=executor):
            results.append(index)
            if len(results) == 2:
                lost_cluster.scheduler.kill()

    with (
        Cluster(lost_cluster.address) as executor,
        pytest.raises(DataError, match=r"was lost, or its workers were; the results that came before are kept\."),
    ):
        separate(executor)
    assert len(results) >= 2
