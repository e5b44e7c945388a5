"""Each tool's window, and the convergence plot, exports its figure."""

import math

import numpy as np
import pytest
from PyQt5.QtWidgets import QTabWidget, QToolButton

from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine import sharing
from neuropil_gui.features.trust import spike_in_questions
from neuropil_gui.formats.rois import write_rois
from neuropil_gui.ui import dialogs


@pytest.fixture
def export(qtbot, window, tmp_path, monkeypatch):
    """Click a tool's button as the user does, until what is expected is drawn."""

    def click(parent, tool, *expected, suffix=".svg"):
        path, asked, written = tmp_path / f"{tool}{suffix}", [], []

        def answer(_, title, suggestion, filters):
            asked.append((title, suggestion, filters))
            return path

        def is_there():
            if path.exists() and all(each in path.read_bytes() for each in expected):
                return True
            # The last figure of another page may be reported as written only now.
            if len(asked) <= len(written):
                button.click()
            return False

        monkeypatch.setattr(dialogs, "ask_save", answer)
        window.controller.written.connect(lambda *_: written.append(True))
        (button,) = parent.findChildren(QToolButton, f"export_figure_{tool}")
        assert button.accessibleName() == "Export figure"
        qtbot.waitUntil(is_there, timeout=60_000)
        title, suggestion, filters = asked[0]
        assert title == "Export figure"
        assert suggestion.endswith(f"{tool}.png")
        assert [each in filters for each in ("*.png", "*.svg", "*.pdf")] == [True] * 3
        qtbot.waitUntil(lambda: str(path) in window.messages.text.text())

    return click


def opened(window, name):
    window.pages.open(name)
    return window.pages.made[name].page


def test_convergence(window, short, open_and_wait, export):
    open_and_wait(short)
    export(window, "convergence", b">Convergence<", b">tol 0.0001<")


def test_sweep(window, short, open_and_wait, export):
    open_and_wait(short)
    export(opened(window, "sweep"), "sweep", b">Best match over alpha<", b">Time (s)<")


def test_compare(window, short, open_and_wait, export):
    open_and_wait(short)
    export(opened(window, "compare"), "compare", b">Difference<", b">current<")


def test_trust(qtbot, window, demo, open_and_wait, export, monkeypatch):
    monkeypatch.setattr(sharing, "HELP_SECONDS", math.inf)  # this thread is done before a process has started
    monkeypatch.setattr(spike_in_questions, "SPIKE_IN_ALPHAS", (0.01, 0.1, 1.0))
    monkeypatch.setattr(spike_in_questions, "SPIKE_IN_REPEATS", 2)
    open_and_wait(demo)
    shown = opened(window, "trust")
    shown.view.stability.replicates.setValue(3)
    shown.view.spike_in.form.repeats.setValue(2)
    titles = {0: b">Agreement<", 1: b">Contributions<", 2: b">Against the truth<", 4: b">Over alpha<", 5: b">Events<"}
    for page, title in titles.items():
        shown.findChild(QTabWidget, "trust_tabs").setCurrentIndex(page)
        # Before all is there, a figure is made that has not got what is expected.
        qtbot.waitUntil(lambda: not window.pages.made["trust"].busy)
        export(shown, "trust", title)


def test_field(qtbot, window, export, tmp_path):
    np.save(tmp_path / "movie.npy", np.random.default_rng(1).integers(0, 99, (30, 20, 24)).astype(np.uint16))
    corners = np.array([[4, 4], [10, 4], [10, 11], [4, 11]])
    write_rois(tmp_path / "rois.zip", [corners, corners + 9])
    with qtbot.waitSignal(window.session.recording_changed):
        window.open_path(tmp_path / "movie.npy", ask=False, rois=str(tmp_path / "rois.zip"))
    shown = opened(window, "field")
    qtbot.waitUntil(lambda: window.pages.made["field"].view.drawn is not None)
    export(shown, "field", b">Mean<", b">2 cells<", b">1<")


def test_history(qtbot, window, short, open_and_wait, export):
    open_and_wait(short)
    window.session.set_settings(SeparationSettings(method="ica"))
    qtbot.waitUntil(lambda: window.session.up_to_date, timeout=30_000)
    export(opened(window, "history"), "history", b"%PDF", b"2 runs", suffix=".pdf")


def test_without_a_recording_it_says_so(window, monkeypatch):
    monkeypatch.setattr(dialogs, "ask_save", lambda *_: pytest.fail("asked where to write nothing"))
    for tool in ("sweep", "compare", "trust", "field", "history"):
        window.messages.text.clear()
        shown = opened(window, tool)
        shown.findChild(QToolButton, f"export_figure_{tool}").click()
        assert "nothing to export yet" in window.messages.text.text()
