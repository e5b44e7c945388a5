"""What a worker returns, and how it treats memory."""

import os
import pickle
import platform
import subprocess
import sys

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine import freed_memory
from neuropil_gui.engine.freed_memory import TRIMMED
from neuropil_gui.engine.processes import Processes
from neuropil_gui.engine.worker_task import separate_cells, whole

pytestmark = pytest.mark.any_version

RNG = np.random.default_rng(4)
FAULTS = """
import resource
import numpy as np
from neuropil_gui.engine.freed_memory import keep_freed_memory
assert keep_freed_memory()
for _ in range(3):
    np.ones(100_000)
began = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(100):
    np.ones(100_000)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - began)
"""
"""Prints how many pages 100 arrays of 200 pages are given by the system."""


def cell(gaps=False):
    traces = RNG.random((3, 300)) + 1
    if gaps:
        traces[:, 40:60] = np.nan
    return Cell.from_traces(traces)


@pytest.mark.parametrize(
    ("settings", "gaps"),
    [
        (SeparationSettings(), False),
        (SeparationSettings(method="ica", seed=1), False),
        (SeparationSettings(n=2, offset=True, drop_nan=True), True),
    ],
)
def test_best_matches_are_not_sent_and_found_again_bit_for_bit(settings, gaps):
    some = cell(gaps)
    (sent,) = separate_cells([some], [settings])
    alone = separate_cell(some, settings)
    assert len(pickle.dumps(sent)) < 0.6 * len(pickle.dumps(alone))
    found = whole(pickle.loads(pickle.dumps(sent)))
    np.testing.assert_array_equal(found.matched, alone.matched)
    np.testing.assert_array_equal(found.kept, alone.kept) if gaps else None
    for name in ("separated", "matched", "mixing", "scores", "order"):
        assert not getattr(found, name).flags.writeable
    assert found.warnings == alone.warnings


def test_an_error_is_sent_as_it_is():
    (sent,) = separate_cells([Cell.from_traces(RNG.random((3, 80)) - 1)], [SeparationSettings()])
    assert isinstance(sent, DataError)
    assert whole(sent) is sent


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library can be told so")
def test_memory_of_arrays_is_used_again_where_dask_has_forbidden_that():
    environment = os.environ | {TRIMMED: "65536"}
    done = subprocess.run(
        [sys.executable, "-c", FAULTS], env=environment, stdout=subprocess.PIPE, text=True, check=True
    )
    assert int(done.stdout) < 100 * 195 / 10


def faults():
    """Return how many pages 100 arrays of 200 pages are given by the system, in this process."""
    import resource

    for _ in range(3):
        np.ones(100_000)
    began = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(100):
        np.ones(100_000)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - began


@pytest.fixture(scope="module")
def process():
    """A process whose environment forbids to keep the memory."""
    with pytest.MonkeyPatch.context() as patched, Processes(1) as processes:
        patched.setenv(TRIMMED, "65536")
        processes.submit(abs, -1).result()
        yield processes


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only the GNU C library can be told so")
def test_a_process_keeps_the_memory_of_arrays_whatever_its_environment_says(process):
    assert process.submit(os.getenv, TRIMMED).result() == "65536"
    assert process.submit(faults).result() < 100 * 195 / 10


@pytest.mark.parametrize("is_set", [False, True])
def test_the_c_library_is_told_so_by_a_task_where_dask_has_forbidden_it_alone(monkeypatch, is_set):
    told = []
    monkeypatch.setattr(freed_memory, "keep_freed_memory", lambda: told.append(True))
    if is_set:
        monkeypatch.setenv(TRIMMED, "65536")
    else:
        monkeypatch.delenv(TRIMMED, raising=False)
    separate_cells([cell()], [SeparationSettings()])
    assert bool(told) == is_set


def test_a_process_has_one_thread_of_blas(process):
    libraries = process.submit(threadpool_info).result()
    assert [each["num_threads"] for each in libraries if each["user_api"] == "blas"]
    assert {each["num_threads"] for each in libraries if each["user_api"] == "blas"} == {1}
