"""The whole window, and ways to wait for what it shows."""

from pathlib import Path

import numpy as np
import pytest

from neuropil_gui.assets import RESOURCES
from neuropil_gui.engine import live
from neuropil_gui.window.main_window import MainWindow

DEMO = RESOURCES / "demos" / "contaminated.npz"


@pytest.fixture
def window(qtbot):
    window = MainWindow()
    qtbot.addWidget(window)
    window.resize(1280, 720)
    # Keys reach the window that has the focus; under a real X server a window manager gives it.
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    yield window
    window.close()
    assert window.threads_ended


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


@pytest.fixture
def long_recording(tmp_path) -> Path:
    """Five signals of 54,000 frames: half an hour at 30 Hz."""
    rng = np.random.default_rng(2)
    sources = np.maximum(np.cumsum(rng.normal(size=(5, 54_000)), axis=1) % 50, 0)
    mixing = rng.random((5, 5)) + np.eye(5)
    path = tmp_path / "long.npy"
    np.save(path, mixing @ sources + 20 + rng.random((5, 54_000)))
    return path
