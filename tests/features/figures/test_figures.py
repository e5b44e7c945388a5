"""Figures from the window: the dialog, the files written, the same values as on the screen."""

import errno
import os
from pathlib import Path

import numpy as np
import pyqtgraph as pg
import pytest
from PyQt5.QtGui import QImage
from PyQt5.QtWidgets import QAbstractButton, QApplication, QComboBox, QDialogButtonBox, QMessageBox, QWidget

from neuropil_gui.core.errors import DataError
from neuropil_gui.engine import jobs
from neuropil_gui.features.figures.dialog import FigureDialog
from neuropil_gui.features.figures.figure_spec import FigureSpec, draw_figure, render_image
from neuropil_gui.panels.mixing_plot import MixingPlot
from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.ui import dialogs, style

SUFFIXES = (".png", ".svg", ".pdf")


def export_figure(spec, cell, separation, frame_rate, time_range, path):
    """Write a figure as the window's thread does."""
    work = jobs.export_figure(path, lambda: draw_figure(spec, cell, separation, frame_rate, time_range))
    assert work(lambda _: None, lambda: False) == (path, [])


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_each_format_is_written(cell, separation_of, tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    export_figure(FigureSpec(dpi=60), cell, separation_of(cell), 10.0, (2.0, 7.0), path)
    assert {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF-"}[suffix] in path.read_bytes()[:8]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_figure_is_light_whatever_the_theme(qapp, cell, separation_of, theme):
    separation = separation_of(cell, empty=(2,))
    light = render_image(FigureSpec(dpi=100), cell, separation, 10.0, None)
    style.apply_theme(qapp, theme)
    image = render_image(FigureSpec(dpi=100), cell, separation, 10.0, None)
    assert style.current().name == theme
    assert image == light
    assert isinstance(image, QImage)
    assert (image.width(), image.height()) == FigureSpec(dpi=100).pixels()


def test_the_figure_compares_as_the_screen_does(qtbot, cell, separation_of):
    """The levels and fits of the best match's plot are those of the view."""
    view = TraceView()
    qtbot.addWidget(view)
    for method in ("nmf", "ica"):
        separation = separation_of(cell, method=method)
        view.show_cell(cell, None)
        view.show_result(cell, separation)
        shown = [curve.series.values for curve in view.matched.curves if curve.isVisible()]
        figure = draw_figure(FigureSpec(("matched",)), cell, separation, None, None)
        drawn = [line.get_ydata() for line in figure.axes[0].lines if len(line.get_ydata()) == cell.traces.shape[1]]
        assert len(drawn) == 3
        for curve in drawn:
            assert any(np.allclose(curve, each) for each in shown if each is not None)


def test_the_time_in_view_or_the_whole_recording(cell):
    for whole, limits in ((False, (3.0, 6.02)), (True, (0.0, 11.9))):
        figure = draw_figure(FigureSpec(("raw",), whole_recording=whole), cell, None, 10.0, (3.0, 6.02))
        assert figure.axes[0].get_xlim() == limits


def test_the_views_on_the_screen_stay_as_they_were(qtbot, cell, separation_of, tmp_path):
    style.apply_theme(QApplication.instance(), "dark")
    separation = separation_of(cell)
    traces, mixing = TraceView(), MixingPlot()
    for each in (traces, mixing):
        qtbot.addWidget(each)
        each.resize(600, 500)
        with qtbot.waitExposed(each):
            each.show()
    traces.show_cell(cell, 10.0)
    for each in (traces, mixing):
        each.show_result(cell, separation)
    traces.raw.box.setXRange(2, 7, padding=0)
    QApplication.processEvents()
    before = [each.grab().toImage() for each in (traces, mixing)]
    windows, palette, options = set(QApplication.topLevelWidgets()), window_colour(), dict(pg.CONFIG_OPTIONS)
    for suffix in SUFFIXES:
        export_figure(FigureSpec(dpi=72), cell, separation, 10.0, (2.0, 7.0), tmp_path / f"a{suffix}")
    assert style.current().name == "dark"
    assert set(QApplication.topLevelWidgets()) <= windows
    assert (window_colour(), dict(pg.CONFIG_OPTIONS)) == (palette, options)
    assert [each.grab().toImage() for each in (traces, mixing)] == before
    assert traces.raw.box.viewRange()[0] == pytest.approx([2, 7])


def window_colour() -> str:
    return QApplication.palette().window().color().name()


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_failure_leaves_the_old_file(qapp, cell, tmp_path, monkeypatch, suffix):
    path = tmp_path / f"figure{suffix}"
    path.write_bytes(b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DataError, match="No space left"):
        export_figure(FigureSpec(parts=("raw",)), cell, None, None, None, path)
    monkeypatch.undo()
    with pytest.raises(DataError, match="too small"):
        export_figure(FigureSpec(width_mm=30, height_mm=30), cell, None, None, None, path)
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir() if each.suffix != "" and each.is_file()] == [path.name]
    with pytest.raises(DataError, match="no folder"):
        export_figure(FigureSpec(parts=("raw",)), cell, None, None, None, tmp_path / "none" / f"a{suffix}")


@pytest.mark.parametrize("name", ["a.jpg", "a"])
def test_another_suffix_is_refused_in_words(qapp, cell, tmp_path, name):
    with pytest.raises(DataError, match=r"\.png, \.svg or \.pdf"):
        export_figure(FigureSpec(), cell, None, None, None, tmp_path / name)
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize(
    "wrong", [{"parts": ()}, {"parts": ("raw", "x")}, {"width_mm": 5}, {"height_mm": float("nan")}, {"dpi": 5000}]
)
def test_a_spec_that_cannot_be_is_refused(wrong):
    with pytest.raises(DataError):
        FigureSpec(**wrong)


@pytest.fixture
def dialog(qtbot, cell, separation_of):
    dialog = FigureDialog(cell, separation_of(cell), 10.0, (2.0, 5.0))
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    qtbot.waitUntil(lambda: dialog.preview.pixmap() is not None, timeout=30_000)
    yield dialog
    dialog.reject()


def test_the_dialog_starts_with_what_it_is_given(qtbot, cell, separation_of):
    spec = FigureSpec(("raw", "mixing"), 89.0, 120.0, 600, whole_recording=True, normalised=False)
    dialog = FigureDialog(cell, separation_of(cell), None, None, spec, suffix=".pdf")
    qtbot.addWidget(dialog)
    dialog.reject()
    assert dialog.spec() == spec
    assert dialog.suffix() == ".pdf"
    assert dialog.preset.currentText() == "One column"
    assert not dialog.dpi.isEnabled()


def test_every_control_has_a_name_and_a_tool_tip(dialog):
    controls = [*dialog.findChildren(QAbstractButton), *dialog.findChildren(QComboBox), dialog.dpi, dialog.width_mm]
    assert len(controls) >= 12
    for each in controls:
        assert each.objectName(), each
        assert each.accessibleName(), each.objectName()
        assert each.toolTip(), each.objectName()


def test_the_preview_follows(qtbot, dialog):
    before = dialog.preview.pixmap().toImage()
    dialog.findChild(QWidget, "figure_raw").setChecked(False)
    qtbot.waitUntil(lambda: dialog.preview.pixmap().toImage() != before)
    wide = dialog.preview.pixmap()
    assert wide.width() > wide.height()
    dialog.preset.setCurrentText("A4 page")
    dialog.preset.activated.emit(dialog.preset.currentIndex())
    qtbot.waitUntil(lambda: dialog.preview.pixmap().height() > dialog.preview.pixmap().width())
    assert dialog.spec().width_mm == 170.0
    assert "pixels" in dialog.pixels.text()


def test_an_impossible_figure_shows_why_and_cannot_be_saved(qtbot, dialog):
    save = dialog.buttons.button(QDialogButtonBox.Save)
    dialog.width_mm.setValue(30)
    qtbot.waitUntil(lambda: "too small" in dialog.problem.text())
    assert not save.isEnabled()
    assert dialog.preset.currentText() == "Other"
    for box in dialog.parts.values():
        box.setChecked(False)
    qtbot.waitUntil(lambda: "one or more" in dialog.problem.text())
    dialog.width_mm.setValue(180)
    dialog.parts["mixing"].setChecked(True)
    qtbot.waitUntil(save.isEnabled)
    assert not dialog.problem.isVisible()


def test_without_a_result_there_is_nothing_to_show_of_it(qtbot, cell):
    dialog = FigureDialog(cell, None, None, None)
    qtbot.addWidget(dialog)
    dialog.reject()
    assert dialog.spec().parts == ("raw", "matched")
    assert "not separated" in dialog.parts["mixing"].toolTip()


def test_ask_returns_the_spec_and_the_path(qapp, cell, separation_of, tmp_path, monkeypatch):
    asked = []

    def answer(_: QWidget, title: str, suggestion: str, filters: str) -> Path:
        asked.append((Path(suggestion), filters))
        return tmp_path / "fig. 2"

    def save(dialog: FigureDialog) -> None:
        dialog.format.setCurrentIndex(dialog.format.findData(".svg"))
        dialog.accept()

    monkeypatch.setattr(dialogs, "ask_save", answer)
    monkeypatch.setattr(FigureDialog, "exec", lambda dialog: (save(dialog), dialog.done(dialog.result()))[0])
    arguments = (None, cell, separation_of(cell), None, None)
    assert FigureDialog.ask(*arguments, folder=str(tmp_path)) == (FigureSpec(), tmp_path / "fig. 2.svg")
    assert asked == [(tmp_path / "cell 1.svg", "SVG drawing (*.svg)")]
    (tmp_path / "fig. 2.svg").write_text("there")
    monkeypatch.setattr(QMessageBox, "question", lambda *_: QMessageBox.No)
    assert FigureDialog.ask(*arguments) is None
    monkeypatch.setattr(dialogs, "ask_save", lambda *_: None)
    assert FigureDialog.ask(*arguments) is None
    monkeypatch.setattr(FigureDialog, "exec", lambda dialog: dialog.reject())
    assert FigureDialog.ask(*arguments) is None
