"""Many changes faster than anything can be separated, and many runs in a row; benchmarks/soak.py goes on for longer."""

import ctypes
import gc
import os
import random
import threading
import weakref
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PyQt5.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, Qt, QTimer, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QAction, QCheckBox, QComboBox, QDoubleSpinBox, QLabel, QLineEdit, QSpinBox

from neuropil_gui import SeparationSettings, separate_cell
from neuropil_gui.engine import jobs
from neuropil_gui.panels.mixing_plot import MixingPlot
from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.window.main_window import MainWindow

pytestmark = pytest.mark.any_version

INTERVAL = 5
"""Milliseconds between two changes."""


class Storm(QObject):
    """Works the controls of a window at random, as a user could but never would; `ended` once all is done.

    Attributes
    ----------
    asked : bool
        Whether a separation with the settings and the cell as they stand was asked for and not taken back.
    """

    ended = pyqtSignal()

    def __init__(self, window, count, seed=0):
        super().__init__(window)
        self.asked = True
        self.changes = {}
        self._window, self._left, self._random = window, count, random.Random(seed)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(INTERVAL)
        self._timer.timeout.connect(self._change)
        self._ways = (
            [self._method] + [self._alpha] * 6 + [self._n_auto] + [self._n] * 2 + [self._seed] * 2
            + [self._tolerance] + [self._cell] * 3 + [self._cancel] * 2 + [self._live] + [self._run]
        )  # fmt: skip

    def start(self):
        self._timer.start()

    @pyqtSlot()
    def _change(self):
        before = self._window.session.settings
        way = self._random.choice(self._ways)
        way()
        self.changes[way.__name__] = self.changes.get(way.__name__, 0) + 1
        if self._window.session.settings != before:
            self.asked = self._window.session.live
        self._left -= 1
        if not self._left:
            self._timer.stop()
            self.ended.emit()

    def _find(self, kind, name):
        (found,) = self._window.findChildren(kind, name)
        return found

    def _method(self):
        self._find(QComboBox, "method").setCurrentIndex(self._random.randrange(2))

    def _alpha(self):
        self._find(QDoubleSpinBox, "alpha").setValue(self._random.randrange(1, 40) / 40)

    def _n_auto(self):
        self._find(QCheckBox, "n_auto").click()

    def _n(self):
        box = self._find(QSpinBox, "n")
        if box.isEnabled():
            box.setValue(self._random.randrange(1, 5))

    def _seed(self):
        self._find(QLineEdit, "seed").setText(str(self._random.randrange(5)))

    def _tolerance(self):
        session = self._window.session
        tol, max_iter = self._random.choice([(1e-4, 10_000), (1e-3, 10_000), (0.0, 10**7)])
        session.set_settings(replace(session.settings, tol=tol, max_iter=max_iter, max_tries=2))

    def _cell(self):
        session = self._window.session
        before = session.index
        session.select(self._random.randrange(len(session.recording.cells)))
        if session.index != before:
            self.asked = session.live

    def _cancel(self):
        # Its signals are read all the same, and where Live is on, separated then.
        reading = self._window.session.cell is None
        action = self._find(QAction, "cancel")
        if action.isEnabled():
            action.trigger()
            self.asked = reading and self._window.session.live

    def _live(self):
        action = self._find(QAction, "live")
        action.trigger()
        if action.isChecked():
            self.asked = True

    def _run(self):
        action = self._find(QAction, "run")
        if action.isEnabled() and self._window.session.cell is not None:
            action.trigger()
            self.asked = True


class InFlight:
    """Counts how many separations run at the same time, and remembers of which cell each was."""

    def __init__(self):
        self.cells = weakref.WeakKeyDictionary()
        self.now = self.most = self.runs = 0
        self._lock = threading.Lock()

    def around(self, make):
        def separate(cell, chosen):
            work = make(cell, chosen)

            def counted(report, should_stop):
                with self._lock:
                    self.now += 1
                    self.runs += 1
                    self.most = max(self.most, self.now)
                try:
                    answer = work(report, should_stop)
                    self.cells[answer[0]] = cell
                    return answer
                finally:
                    with self._lock:
                        self.now -= 1

            return counted

        return separate

    @contextmanager
    def counting(self):
        original = jobs.separate
        jobs.separate = self.around(original)
        try:
            yield self
        finally:
            jobs.separate = original


class Shown:
    """What the plots were made to show last, and whether it ever was another cell's result."""

    def __init__(self, flying):
        self.last = {}
        self.wrong = 0
        self._flying = flying

    @contextmanager
    def watching(self):
        originals = [(cls, cls.show_result) for cls in (TraceView, MixingPlot)]
        for cls, original in originals:
            cls.show_result = self._around(cls, original)
        try:
            yield self
        finally:
            for cls, original in originals:
                cls.show_result = original

    def _around(self, cls, original):
        def show_result(view, cell, result, *others):
            self.last[cls] = (cell, result)
            of = self._flying.cells.get(result) if result is not None else None
            # The same cell is read anew each time that it is selected.
            self.wrong += of is not None and not np.array_equal(of.traces, cell.traces)
            return original(view, cell, result, *others)

        return show_result


def write_recording(path, cells=4, frames=1500):
    rng = np.random.default_rng(11)
    sources = np.maximum(np.cumsum(rng.normal(size=(cells, 4, frames)), axis=2) % 30, 0)
    np.save(path, (rng.random((cells, 4, 4)) + np.eye(4)) @ sources + 10 + rng.random((cells, 4, frames)))
    return path


def wait_for(condition, seconds=60):
    """Let events happen until it is so."""
    loop = QEventLoop()
    check, end = QTimer(), QTimer()
    check.timeout.connect(lambda: condition() and loop.quit())
    end.timeout.connect(lambda: loop.exit(1))
    check.start(1)
    end.start(int(1000 * seconds))
    assert condition() or not loop.exec_(), "waited in vain"


def memory():
    """Return the resident set in bytes, once what nobody needs is given back; on Linux only."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")


def threads():
    """Count the threads but for those of Qt's own pool, which paints with them and ends them after half a minute."""
    return sum(name != "Thread (pooled)" for name in _each("/proc/self/task", lambda path: (path / "comm").read_text()))


def files():
    """Count the open files but for what each thread has to be woken by."""
    return sum("eventfd" not in name for name in _each("/proc/self/fd", lambda path: os.readlink(path)))


def _each(folder, read):
    for path in Path(folder).iterdir():
        with suppress(OSError):  # the listing's own, and what ended just now
            yield read(path).strip()


def settled(window):
    """Whether nothing is on its way any more."""
    return window.session.cell is not None and not window.controller.working


def open_window(path):
    """Open a window on a recording; few results are kept, because a cache that fills is no leak."""
    window = MainWindow()
    window.resize(1280, 720)
    window.show()
    window.session.results.max_bytes = 2**20
    window.open_path(path)
    wait_for(lambda: window.session.up_to_date and settled(window))
    return window


def check_shown(window, shown):
    """Hold what the plots show to a separation of its own."""
    session = window.session
    assert all(last == (session.cell, session.result) for last in shown.last.values()), shown.last
    if session.result is not None:
        expected = separate_cell(session.cell, session.result.settings)
        np.testing.assert_array_equal(session.result.matched, expected.matched)
        np.testing.assert_array_equal(session.result.mixing, expected.mixing)


def storm_over(window, count, seed):
    """Let a storm pass, and check where it left the window; returns the count of each kind of change."""
    flying = InFlight()
    shown = Shown(flying)
    with shown.watching(), flying.counting():
        storm = Storm(window, count, seed)
        loop = QEventLoop()
        storm.ended.connect(loop.quit)
        storm.start()
        loop.exec_()
        if window.session.settings.tol == 0:
            if storm.asked:
                wait_for(lambda: window.controller.separating)
            window.session.set_settings(replace(window.session.settings, tol=1e-4))
            storm.asked = window.session.live
        wait_for(lambda: settled(window))
        assert window.session.up_to_date or not storm.asked
        if window.session.result is not None and not window.session.up_to_date:
            texts = [label.text() for label in window.findChildren(QLabel) if label.isVisible()]
            assert any("out of date" in text for text in texts)
        check_shown(window, shown)
        (run,) = window.findChildren(QAction, "run")
        run.trigger()
        wait_for(lambda: window.session.up_to_date and settled(window))
        check_shown(window, shown)
        assert window.session.result.settings == window.session.settings
        assert not shown.wrong, "a result was drawn over another cell's traces"
        assert flying.most == 1
        assert flying.now == 0
    storm.deleteLater()
    return {**storm.changes, "runs": flying.runs}


@pytest.fixture
def soaked(qtbot, tmp_path):
    window = open_window(write_recording(tmp_path / "recording.npy"))
    yield window
    window.close()
    assert window.threads_ended
    window.deleteLater()


@pytest.mark.parametrize("seed", [1, 2])
def test_rapid_changes_end_with_the_last(soaked, seed):
    changes = storm_over(soaked, 100, seed)
    assert sum(changes.values()) - changes["runs"] == 100
    assert changes["runs"] > 10


def test_runs_in_a_row_leave_no_thread_and_no_file(soaked):
    session = soaked.session
    session.set_live(False)
    counts = set()
    for turn in range(6):
        session.set_settings(SeparationSettings(alpha=0.1 + 0.1 * (turn % 4)))
        soaked.controller.run()
        wait_for(lambda: session.up_to_date and settled(soaked))
        counts.add((threads(), files()))
    assert len(counts) == 1, f"threads and files: {sorted(counts)}"


def test_cancel_while_a_cell_is_read_does_not_lose_it(qtbot, soaked):
    soaked.session.set_live(False)
    soaked.session.select(2)
    soaked.controller.cancel()
    wait_for(lambda: soaked.session.cell is not None)
    np.testing.assert_array_equal(soaked.session.cell.traces, soaked.session.recording.cells[2].traces)
