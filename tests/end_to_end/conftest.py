"""The whole window, and ways to wait for what it shows."""

from pathlib import Path

import numpy as np
import pytest
from PyQt5.QtCore import QSettings

from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.engine import live
from neuropil_gui.features.trust import questions, spike_in_questions
from neuropil_gui.formats import registry
from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.window import main_window
from neuropil_gui.window.main_window import MainWindow
from neuropil_gui.window.pages import HOME

PATIENCE = 60_000
"""Milliseconds in which threads have to end; the window's own limits are for a machine that is free."""

DEMO = RESOURCES / "demos" / "contaminated.npz"


@pytest.fixture(autouse=True)
def patient_closing(monkeypatch):
    """Have each window wait for its threads as long as a busy machine may take."""
    monkeypatch.setattr(main_window, "TOOLS_MILLISECONDS", PATIENCE)
    monkeypatch.setattr(main_window, "CLOSING_MILLISECONDS", PATIENCE)


@pytest.fixture
def add_window(qtbot):
    """Have a window closed and deleted after the test; while a file is written it would not close."""

    def wait_for_file(window):
        qtbot.waitUntil(lambda: window.controller.writing is None)

    return lambda window: qtbot.addWidget(window, before_close_func=wait_for_file)


@pytest.fixture
def window(qtbot, add_window):
    window = MainWindow()
    add_window(window)
    window.resize(1280, 720)
    # Keys reach the window that has the focus; under a real X server a window manager gives it.
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    yield window
    window.close()
    assert window.threads_ended


@pytest.fixture
def preferences(tmp_path):
    return Preferences(QSettings(str(tmp_path / "preferences.ini"), QSettings.Format.IniFormat))


@pytest.fixture
def make_window(qtbot, add_window, preferences):
    """Start the program again and again with the same preferences; each window stays until the test ends."""
    windows = []

    def make():
        window = MainWindow(preferences)
        add_window(window)
        windows.append(window)
        with qtbot.waitExposed(window):
            window.show()
        return window

    yield make
    for window in windows:
        window.close()


@pytest.fixture
def unchecked(monkeypatch):
    """Keep FISSA's own result from coming after a second of rest, in tests that go on from the accelerated solver's."""
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.0)


@pytest.fixture
def open_and_wait(qtbot, window):
    """Open a recording, and wait until its first cell is separated."""

    def open_and_wait(path):
        with qtbot.waitSignal(window.session.recording_changed, timeout=10_000):
            window.open_path(path, ask=False)
        qtbot.waitUntil(lambda: window.session.up_to_date, timeout=20_000)

    return open_and_wait


@pytest.fixture
def run_and_wait(qtbot, window):
    """Run, and wait until FISSA's own result is shown."""

    def run_and_wait():
        window.controller.run()
        qtbot.waitUntil(lambda: window.session.result.settings == window.session.settings, timeout=20_000)

    return run_and_wait


@pytest.fixture
def demo() -> Path:
    return DEMO


@pytest.fixture(scope="session")
def short(tmp_path_factory) -> Path:
    """Four cells with their truth, in three short trials: for what takes long with the demos' 2100 frames."""
    path = tmp_path_factory.mktemp("short") / "short.npz"
    registry.write_recording(path, simulate(Simulation(cells=4, frames=150, trials=3)), provenance={})
    return path


@pytest.fixture
def long_recording(tmp_path) -> Path:
    """Five signals of 54,000 frames: half an hour at 30 Hz."""
    rng = np.random.default_rng(2)
    sources = np.maximum(np.cumsum(rng.normal(size=(5, 54_000)), axis=1) % 50, 0)
    mixing = rng.random((5, 5)) + np.eye(5)
    path = tmp_path / "long.npy"
    np.save(path, mixing @ sources + 20 + rng.random((5, 54_000)))
    return path


@pytest.fixture(scope="module")
def lasting_window(light_application, tmp_path_factory):
    """One window for a module, which most of its tests would take as long to make as to do their work in."""
    preferences = tmp_path_factory.mktemp("preferences") / "preferences.ini"
    window = MainWindow(Preferences(QSettings(str(preferences), QSettings.Format.IniFormat)))
    window.resize(1280, 720)
    yield window
    window.close()
    assert window.threads_ended
    window.deleteLater()


@pytest.fixture
def emptied_window(qtbot, lasting_window):
    """The module's window without a recording and with the defaults; a module takes it by a `window` of its own."""
    window, session = lasting_window, lasting_window.session
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    assert (session.recording, session.result, session.own.all, session.live) == (None, None, CellSettings(), True)
    assert not window.commands["undo"].isEnabled()
    yield window
    qtbot.waitUntil(lambda: window.controller.writing is None)
    window.controller.cancel()
    for name in list(window.pages.detached):
        window.pages.made[name].page.close()
    window.pages.open(HOME)
    session.set_live(True)
    session.own.restore(CellSettings())
    session.set_recording(None)
    window.messages.hide()
    window.hide()
    qtbot.waitUntil(lambda: not window.controller.working)


@pytest.fixture
def listen(window):
    """Connect a slot to a signal until the test ends, for a window that may live longer."""
    connections = []
    yield lambda signal, slot: connections.append((signal, signal.connect(slot)))
    for signal, connection in connections:
        signal.disconnect(connection)


@pytest.fixture
def few_alphas(monkeypatch):
    """Ask at few values of alpha, for tests of what becomes of the answers and not of how many there are."""
    monkeypatch.setattr(questions, "ALPHAS", (0.01, 0.1, 1.0))
    monkeypatch.setattr(spike_in_questions, "SPIKE_IN_ALPHAS", (0.01, 0.1, 1.0))
    monkeypatch.setattr(spike_in_questions, "SPIKE_IN_REPEATS", 2)
