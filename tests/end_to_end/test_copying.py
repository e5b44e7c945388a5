"""What leaves the window by the clipboard or as a figure is the data."""

import json
import subprocess
import sys

import numpy as np
from PyQt5.QtWidgets import QAction, QApplication

from neuropil_gui import SeparationSettings, read, separate_cell
from neuropil_gui.features.figures.dialog import FigureDialog
from neuropil_gui.features.figures.figure_spec import FigureSpec


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


def test_settings_are_json(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    trigger(window, "copy_settings")
    assert SeparationSettings(**json.loads(clipboard())) == window.session.settings


def test_the_script_makes_the_numbers_on_screen(qtbot, window, demo, open_and_wait, tmp_path):
    open_and_wait(demo)
    window.session.set_settings(SeparationSettings(method="ica", seed=None))
    qtbot.waitUntil(lambda: window.session.up_to_date, timeout=10_000)
    trigger(window, "copy_script")
    out = tmp_path / "matched.npy"
    code = clipboard() + f"\nimport numpy\nnumpy.save({str(out)!r}, result.matched)\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "figure.pdf").read_bytes().startswith(b"%PDF")
    np.testing.assert_array_equal(np.load(out), window.session.result.matched)


def test_a_figure_is_written_and_copied(qtbot, window, demo, open_and_wait, tmp_path, monkeypatch):
    open_and_wait(demo)
    path = tmp_path / "figure.svg"
    spec = FigureSpec(("raw", "matched"), width_mm=120, height_mm=80)
    monkeypatch.setattr(FigureDialog, "ask", lambda *_, **__: (spec, path))
    trigger(window, "figure")
    qtbot.waitUntil(lambda: str(path) in window.messages.text.text(), timeout=30_000)
    assert b"<svg" in path.read_bytes()[:500]
    QApplication.clipboard().clear()
    trigger(window, "copy_figure")
    qtbot.waitUntil(lambda: not QApplication.clipboard().image().isNull(), timeout=30_000)
    image = QApplication.clipboard().image()
    assert (image.width(), image.height()) == (round(120 / 25.4 * 300), round(80 / 25.4 * 300))
    assert image.pixelColor(2, 2).lightness() == 255


def test_values_follow_the_cell_that_is_shown(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    window.session.select(2)
    qtbot.waitUntil(lambda: window.session.up_to_date, timeout=10_000)
    trigger(window, "copy_values")
    rows = clipboard().splitlines()
    expected = separate_cell(read(demo).cells[2], SeparationSettings(solver="accelerated"))
    assert float(rows[1].split("\t")[rows[0].split("\t").index("matched_1")]) == expected.matched[0, 0]
    assert len(rows) == 1 + expected.matched.shape[1]
