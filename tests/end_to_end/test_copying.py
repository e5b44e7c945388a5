"""What leaves the window by the clipboard or as a figure is the data."""

import json
import subprocess
import sys

import h5py
import numpy as np
import pytest
from PyQt5.QtWidgets import QAction, QApplication

from neuropil_gui import SeparationSettings, read, separate_cell
from neuropil_gui.core.draft import separate_draft
from neuropil_gui.features.figures.dialog import FigureDialog
from neuropil_gui.features.figures.figure_spec import FigureSpec
from neuropil_gui.ui import dialogs

pytestmark = pytest.mark.any_version


@pytest.fixture
def window(emptied_window):
    return emptied_window


def trigger(window, name):
    (found,) = window.findChildren(QAction, name)
    found.trigger()


def clipboard():
    return QApplication.clipboard().text()


def test_values_in_view_read_back_as_the_same_numbers(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    window.traces.raw.box.setXRange(10, 20, padding=0)
    trigger(window, "copy_values")
    header, *rows = clipboard().splitlines()
    names = header.split("\t")
    assert names[:3] == ["frame", "time_s", "ROI"]
    table = np.array([[float(value) for value in row.split("\t")] for row in rows])
    frames = table[:, 0].astype(int)
    assert (frames[0], frames[-1]) == (300, 600)
    cell, result = window.session.cell, window.session.result
    np.testing.assert_array_equal(table[:, 2], cell.traces[0, frames])
    np.testing.assert_array_equal(table[:, names.index("matched_1")], result.matched[0, frames])


def test_settings_are_json(qtbot, window, short, open_and_wait):
    open_and_wait(short)
    trigger(window, "copy_settings")
    assert SeparationSettings(**json.loads(clipboard())) == window.session.settings


def test_the_script_makes_the_numbers_on_screen(qtbot, window, short, open_and_wait, tmp_path):
    open_and_wait(short)
    window.session.set_settings(SeparationSettings(method="ica", seed=None))
    qtbot.waitUntil(lambda: window.session.up_to_date, timeout=10_000)
    trigger(window, "copy_script")
    out = tmp_path / "matched.npy"
    code = clipboard() + f"\nimport numpy\nnumpy.save({str(out)!r}, result.matched)\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "figure.pdf").read_bytes().startswith(b"%PDF")
    np.testing.assert_array_equal(np.load(out), window.session.result.matched)


def test_a_figure_is_written_and_copied(qtbot, window, short, open_and_wait, tmp_path, monkeypatch):
    open_and_wait(short)
    path = tmp_path / "figure.svg"
    spec = FigureSpec(("raw", "matched"), width_mm=120, height_mm=80, dpi=100)
    monkeypatch.setattr(FigureDialog, "ask", lambda *_, **__: (spec, path))
    trigger(window, "figure")
    qtbot.waitUntil(lambda: str(path) in window.messages.text.text(), timeout=30_000)
    assert b"<svg" in path.read_bytes()[:500]
    QApplication.clipboard().clear()
    trigger(window, "copy_figure")
    qtbot.waitUntil(lambda: not QApplication.clipboard().image().isNull(), timeout=30_000)
    image = QApplication.clipboard().image()
    assert (image.width(), image.height()) == (round(120 / 25.4 * 100), round(80 / 25.4 * 100))
    assert image.pixelColor(2, 2).lightness() == 255
    poster = FigureSpec(("raw",), width_mm=1000, height_mm=1000, dpi=1200)
    monkeypatch.setattr(FigureDialog, "ask", lambda *_, **__: (poster, tmp_path / "poster.svg"))
    trigger(window, "figure")
    qtbot.waitUntil(lambda: "poster.svg" in window.messages.text.text(), timeout=30_000)
    trigger(window, "copy_figure")
    qtbot.waitUntil(lambda: "47244 x 47244 pixels is too large" in window.messages.text.text(), timeout=30_000)


def test_values_follow_the_cell_that_is_shown(qtbot, window, short, open_and_wait):
    open_and_wait(short)
    window.session.select(2)
    qtbot.waitUntil(lambda: window.session.up_to_date, timeout=10_000)
    trigger(window, "copy_values")
    rows = clipboard().splitlines()
    expected = separate_cell(read(short).cells[2], SeparationSettings(solver="accelerated"))
    assert float(rows[1].split("\t")[rows[0].split("\t").index("matched_1")]) == expected.matched[0, 0]
    assert len(rows) == 1 + expected.matched.shape[1]


def draw_a_draft(window):
    settings = SeparationSettings(alpha=0.02)
    window.session.set_settings(settings)
    window.session.show_draft(separate_draft(window.session.cell, settings))
    return "What is drawn is a draft, not a result: wait for the result, or press Run."


def look_back(window):
    iteration = window.session.history.snapshots[0].iteration
    window.convergence.choose_near(iteration)
    remedy = "press Escape in the Convergence plot first"
    return f"What is drawn is iteration {window.convergence.chosen:,} of this run, not its result: {remedy}."


@pytest.mark.parametrize("show", [draw_a_draft, look_back])
def test_what_is_no_result_is_not_given_for_one(
    qtbot, window, short, open_and_wait, run_and_wait, monkeypatch, tmp_path, show
):
    open_and_wait(short)
    run_and_wait()
    window.session.set_live(False)
    sentence = show(window)
    QApplication.clipboard().setText("before")
    monkeypatch.setattr(FigureDialog, "ask", lambda *_, **__: pytest.fail("asked for a figure of another result"))
    monkeypatch.setattr(dialogs, "ask_save", lambda *_: tmp_path / "out.npz")
    for name in ("copy_values", "copy_figure", "copy_script", "figure", "export_plot_matched", "export"):
        window.messages.text.clear()
        if name == "export":  # a draft may come while the dialog is open
            window.controller.export(tmp_path / "out.npz")
        else:
            trigger(window, name)
        assert window.messages.text.text() == sentence, name
        assert clipboard() == "before", name
        assert list(tmp_path.glob("out*")) == [], name


def test_after_the_earlier_iteration_the_result_is_copied_again(qtbot, window, short, open_and_wait, run_and_wait):
    open_and_wait(short)
    run_and_wait()
    look_back(window)
    window.convergence.go_back()
    trigger(window, "copy_values")
    assert window.messages.text.text().startswith("Copied: ")


def test_with_live_off_what_is_copied_names_the_settings_that_made_it(
    qtbot, window, short, open_and_wait, tmp_path, monkeypatch
):
    open_and_wait(short)
    window.session.set_live(False)
    shown = window.session.result
    window.session.set_settings(SeparationSettings(alpha=0.03, n=2))
    trigger(window, "copy_values")
    words = "made with earlier settings: NMF, n auto: 5, alpha 0.1"
    assert words in window.messages.text.text()
    trigger(window, "copy_script")
    assert words in window.messages.text.text()
    # In this process, with nothing at hand but what the script imports; another test runs one in a process of its own.
    monkeypatch.chdir(tmp_path)
    names = {}
    exec(compile(clipboard(), "script", "exec"), names)
    np.testing.assert_array_equal(names["result"].matched, shown.matched)


def test_the_script_reads_the_file_as_it_was_read(qtbot, window, tmp_path):
    path, rng = tmp_path / "two.h5", np.random.default_rng(0)
    with h5py.File(path, "w") as file:
        file["first"], file["second"] = rng.random((3, 90)) + 1, rng.random((4, 80)) + 1
    with qtbot.waitSignal(window.session.recording_changed, timeout=10_000):
        window.open_path(path, ask=False, dataset="second", frame_rate=7.0)
    qtbot.waitUntil(lambda: window.session.up_to_date, timeout=20_000)
    trigger(window, "copy_script")
    assert f"read({str(path)!r}, rows_are_frames=False, frame_rate=7.0, dataset='second')" in clipboard()
