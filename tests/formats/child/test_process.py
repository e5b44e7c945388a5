"""The reading child: whatever becomes of it is an answer, a sentence or a cancellation."""

import importlib
import multiprocessing
import subprocess
import sys
import threading
import time
import tracemalloc

import h5py
import numpy as np
import pytest

from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.formats.child import process
from neuropil_gui.formats.progress import watched

pytestmark = pytest.mark.any_version

READERS = """
import ctypes, os, sys, time
import numpy as np
from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.progress import tick

def echo(path, *values):
    return [str(path), *values]

def modules(path):
    return sorted(sys.modules), os.getpid()

def big(path, count):
    return np.arange(count, dtype=np.float64)

def values(path):
    objects = np.empty((2, 1), object)
    objects[0, 0], objects[1, 0] = {"a": np.eye(2, dtype=">f4")}, "text"
    fortran = np.asfortranarray(np.arange(6, dtype=np.int16).reshape(2, 3))
    plain = (1, None, float("inf"), b"\\0\\xff")
    return {"o": objects, "f": fortran, "t": plain, "e": np.zeros((0, 3)), "s": np.float32(2)}

def crash(path):
    os.abort()

def kill(path):
    os.kill(os.getpid(), 9)

def leave(path):
    os._exit(3)

def fail(path):
    raise ZeroDivisionError

def hang(path, seconds, steps):
    for step in range(steps):
        time.sleep(seconds)
        tick(step / steps)
    return steps

def hold(path):
    ctypes.PyDLL(None).sleep(60)

def refuse(path):
    raise DataError("a.h5: it is not so.")

def allocate(path, size):
    return len(np.ones(size, np.uint8))

def over_a_slow_drive(path, name, rate):
    import h5py
    from neuropil_gui.formats.child import h5_lookup, h5file
    from neuropil_gui.formats.progress import watched
    read, silences = h5py.Dataset.__getitem__, [0.0]
    def slow(data, part):
        values = read(data, part)
        silences[-1] += values.nbytes / rate
        return values
    h5py.Dataset.__getitem__ = slow
    try:
        with watched(lambda _: silences.append(0.0)):
            if name == "by blocks":
                total = h5file.part(path, "raw").sum()
            else:
                with h5file.opened(path) as file:
                    total = h5_lookup.numbers(file, "raw").sum()
    finally:
        h5py.Dataset.__getitem__ = read
    return float(total), silences

def talk(path):
    print("noise")
    os.write(1, b"more noise")
    return 5
"""


@pytest.fixture(scope="module")
def readers(tmp_path_factory):
    """A module of readers that the child can import, as it can those of this package."""
    folder = tmp_path_factory.mktemp("readers")
    (folder / "odd_readers.py").write_text(READERS)
    with pytest.MonkeyPatch.context() as patched:
        patched.syspath_prepend(folder)
        process.close_idle()
        yield importlib.import_module("odd_readers")
        process.close_idle()
    del sys.modules["odd_readers"]


def test_values_come_back_as_they_were(readers):
    found, expected = process.call(readers.values, "a"), readers.values("a")
    assert found["t"] == expected["t"]
    assert found["s"] == 2
    assert found["e"].shape == (0, 3)
    assert found["f"].flags.f_contiguous
    assert found["f"].dtype == np.int16
    assert np.array_equal(found["f"], expected["f"])
    assert found["o"].shape == (2, 1)
    assert found["o"][0, 0]["a"].dtype.str == ">f4"
    assert np.array_equal(found["o"][0, 0]["a"], np.eye(2))
    assert found["o"][1, 0] == "text"


def test_paths_and_arguments_arrive_as_they_are(readers):
    path = "/x/\udcff\n %s -ü"
    assert process.call(readers.echo, path, 1, "ü", [2.5, None]) == [path, 1, "ü", [2.5, None]]
    assert process.call(readers.talk, "a") == 5


def test_the_child_imports_no_window_and_is_used_again(readers):
    modules, first = process.call(readers.modules, "a")
    assert not {"PyQt5", "scipy", "sklearn", "pytest"} & set(modules)
    assert process.call(readers.modules, "a")[1] == first


def test_a_large_array_is_there_once(readers):
    tracemalloc.start()
    found = process.call(readers.big, "a", 13_107_200)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found.nbytes == 100 * 2**20
    assert peak < 110 * 2**20
    assert found[-1] == 13_107_199
    assert np.all(np.diff(found[:: 10**5]) == 10**5)


@pytest.mark.parametrize(
    ("name", "words"), [("crash", "crashed on this file (SIGABRT)"), ("leave", "exit code 3"), ("fail", "exit code 1")]
)
def test_a_dead_child_is_a_sentence(readers, name, words):
    with pytest.raises(DataError) as caught:
        process.call(getattr(readers, name), "/x/a.h5")
    assert str(caught.value).startswith("a.h5: the reader")
    assert words in str(caught.value)
    assert str(caught.value).endswith(".")
    assert process.call(readers.echo, "b") == ["b"]


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_a_child_that_the_system_killed_is_not_a_damaged_file(readers):
    with pytest.raises(DataError, match=r"^a\.h5: the system ended the process that read it \(SIGKILL\)") as caught:
        process.call(readers.kill, "/x/a.h5")
    assert "damaged" not in str(caught.value)


def test_a_child_that_does_not_start_is_not_a_damaged_file(readers, monkeypatch):
    def refuse(_process):
        raise OSError(11, "Resource temporarily unavailable")

    process.close_idle()
    monkeypatch.setattr(process.SpawnProcess, "start", refuse)
    with pytest.raises(DataError, match=r"could not be started.*\(Resource temporarily unavailable\)") as caught:
        process.call(readers.echo, "/x/a.h5")
    assert "damaged" not in str(caught.value)


def test_a_refusal_keeps_its_words_and_the_child(readers):
    before = process.call(readers.modules, "a")[1]
    with pytest.raises(DataError, match=r"^a\.h5: it is not so\.$"):
        process.call(readers.refuse, "/x/a.h5")
    assert process.call(readers.modules, "a")[1] == before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux enforces a limit of the address space")
def test_memory_is_bounded_by_what_the_data_need(readers):
    with pytest.raises(DataError, match=r"more memory than the 2\.0 GiB"):
        process.call(readers.allocate, "a", 3 * 2**30)
    # Not touched: the space is reserved, and freed again.
    assert process.call(readers.allocate, "a", 2**20, bytes_needed=2**31) == 2**20


@pytest.mark.parametrize("name", ["hang", "hold"])
def test_silence_ends_it(readers, monkeypatch, name):
    monkeypatch.setattr(process, "LONGEST_SILENCE", 0.3)
    arguments = (60, 1) if name == "hang" else ()
    begin = time.monotonic()
    with pytest.raises(DataError, match="made no progress for 0 s and was stopped"):
        process.call(getattr(readers, name), "a", *arguments)
    assert time.monotonic() - begin < 30, "half of what it would take"


class Clock:
    """Time that goes on with each report alone, by nearly as much as a child may be silent."""

    def __init__(self):
        self.now, self.reports = time.monotonic(), []

    def monotonic(self):
        return self.now

    def report(self, fraction):
        self.reports.append(fraction)
        self.now += 0.9 * process.LONGEST_SILENCE


def test_progress_keeps_it_alive(readers, monkeypatch):
    process.close_idle()  # its time is the machine's
    clock = Clock()
    monkeypatch.setattr(process, "time", clock)
    # Long enough for the watch to look at it between two reports.
    assert process.call(readers.hang, "a", 3 * process._BETWEEN, 12, progress=clock.report) == 12
    process.close_idle()
    reports = clock.reports
    assert reports == sorted(reports)
    assert len(reports) > 3
    assert 0 <= reports[0] < reports[-1] < 1


@pytest.mark.parametrize("name", ["by blocks", "numbers"])
def test_a_slow_drive_is_waited_for(readers, tmp_path, name):
    values, rate = np.random.default_rng(0).random((3, 500_000)), 2e6  # bytes in a second, as of a network drive
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["raw"] = values
    total, silences = process.call(readers.over_a_slow_drive, tmp_path / "a.h5", name, rate)
    assert total == values.sum()
    assert sum(silences) >= values.nbytes / rate > process.LONGEST_SILENCE > max(silences)


def test_it_is_killed_at_once_when_it_should_stop(readers):
    stop = threading.Event()
    begin = []

    def stop_at_first(_fraction):
        begin.append(time.monotonic())
        stop.set()

    with pytest.raises(Cancelled), watched(stop_at_first, stop.is_set):
        process.call(readers.hang, "a", 0.1, 10**6)
    assert time.monotonic() - begin[0] < 60, "it would take more than a day"


def test_calls_at_the_same_time_have_children_of_their_own(readers):
    found = []
    threads = [
        threading.Thread(target=lambda k=k: found.append(process.call(readers.echo, "a", k)[1])) for k in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [0, 1, 2]
    assert [child.name for child in multiprocessing.active_children()].count("neuropil_gui reader") == 1


READ = "import sys, neuropil_gui\nprint(len(neuropil_gui.read(sys.argv[1]).cells))\n"
IN_A_POOL = """
import multiprocessing, sys, neuropil_gui
def count(path):
    return len(neuropil_gui.read(path).cells)
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(*pool.map(count, sys.argv[1:]))
"""


#: A program whose executable is itself, as PyInstaller makes it, which also runs multiprocessing's tracker so.
FROZEN = """
import sys
sys.frozen, sys.executable = True, {executable!r}
if sys.argv[-2:-1] == ["-c"]:
    exec(sys.argv[-1])
else:
    from neuropil_gui.__main__ import main
    sys.exit(main())
"""


@pytest.mark.parametrize("way", ["script", "script in a pool", "input", "module"])
def test_reading_works_whatever_the_main_module_is(tmp_path, way):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["raw"] = np.random.default_rng(0).random((4, 3, 50))
    script, command, text = tmp_path / "script.py", [sys.executable, "-"], READ
    if way.startswith("script"):
        script.write_text(READ if way == "script" else IN_A_POOL)
        command, text = [sys.executable, script], None
    elif way == "module":
        command, text = [sys.executable, "-m", "neuropil_gui", "info", "--json"], None
    done = subprocess.run([*command, tmp_path / "a.h5"], input=text, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    if way != "module":
        assert done.stdout == "4\n"


@pytest.mark.skipif(sys.platform == "win32", reason="the executable is made by a shell script")
def test_reading_works_in_a_frozen_program(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["raw"] = np.random.default_rng(0).random((4, 3, 50))
    executable, script = tmp_path / "program", tmp_path / "script.py"
    executable.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{script}" "$@"\n')
    executable.chmod(0o755)
    script.write_text(FROZEN.format(executable=str(executable)))
    command = [executable, "info", tmp_path / "a.h5"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert "cells       4\n" in done.stdout
