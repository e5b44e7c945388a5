import errno
import os
import re
import zlib
from pathlib import Path

import numpy as np
import pyqtgraph as pg
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QColor, QImage
from PyQt5.QtWidgets import QAbstractButton, QApplication, QComboBox, QDialogButtonBox, QMessageBox, QWidget

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, StoredResult
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.features.figures import export, painter
from neuropil_gui.features.figures import page as page_module
from neuropil_gui.features.figures.content import make_figure
from neuropil_gui.features.figures.dialog import FigureDialog
from neuropil_gui.features.figures.export import FigureSpec, export_figure, render_image
from neuropil_gui.figures.palette import LIGHT
from neuropil_gui.formats.registry import read
from neuropil_gui.panels.mixing_plot import MixingPlot
from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.ui import dialogs, style

SUFFIXES = (".png", ".svg", ".pdf")


def pdf_streams(content: bytes) -> bytes:
    """Return what the streams of a PDF say, unpacked."""
    packed = re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL)
    unpacked = []
    for each in packed:
        try:
            unpacked.append(zlib.decompressobj().decompress(each))
        except zlib.error:
            unpacked.append(each)
    return b"\n".join(unpacked)


def svg_words(content: str) -> list[str]:
    return [each.strip() for each in re.findall(r"<text[^>]*>([^<]*)</text>", content, re.DOTALL)]


def colours_of(image: QImage) -> np.ndarray:
    pixels = image.convertToFormat(QImage.Format_RGB32)
    data = pixels.bits().asarray(pixels.sizeInBytes())
    return np.frombuffer(bytes(data), np.uint8).reshape(image.height(), image.width(), 4)[:, :, :3]


@pytest.mark.parametrize(("width", "height", "dpi"), [(180.0, 120.0, 300), (89.0, 61.5, 600), (254.0, 143.0, 72)])
def test_a_png_has_the_pixels_of_its_millimetres(qapp, cell, separation_of, tmp_path, width, height, dpi):
    spec = FigureSpec(parts=("raw",), width_mm=width, height_mm=height, dpi=dpi)
    export_figure(spec, cell, separation_of(cell), None, None, tmp_path / "a.png")
    image = QImage(str(tmp_path / "a.png"))
    assert (image.width(), image.height()) == (round(width / 25.4 * dpi), round(height / 25.4 * dpi))
    assert image.dotsPerMeterX() == image.dotsPerMeterY() == pytest.approx(dpi / 0.0254, abs=1)
    assert "cell 1" in image.text("Description")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_figure_is_light_whatever_the_theme(qapp, cell, separation_of, theme):
    separation = separation_of(cell, empty=(2,))
    light = render_image(FigureSpec(dpi=100), cell, separation, 10.0, None)
    style.apply_theme(qapp, theme)
    image = render_image(FigureSpec(dpi=100), cell, separation, 10.0, None)
    assert style.current().name == theme
    assert image == light
    assert all(
        image.pixelColor(x, y) == QColor("white") for x in (0, image.width() - 1) for y in (0, image.height() - 1)
    )
    assert (colours_of(image) == 255).all(axis=2).mean() > 0.6


def test_svg_says_its_size_in_mm_and_its_words_as_text(qapp, cell, separation_of, tmp_path):
    path = tmp_path / "figure.svg"
    export_figure(FigureSpec(), cell, separation_of(cell, empty=(1,)), 10.0, None, path)
    content = path.read_text(encoding="utf-8")
    assert 'width="180mm" height="120mm"' in content
    words = svg_words(content)
    for each in ("Raw", "Separated", "Best match", "Mixing matrix", "ROI", "3 neuropil regions", "3 trials", "np 3",
                 "Time (s)", "Signal (a.u.)", "Component", "c1", "truth, scaled",
                 "Share of the component"):  # fmt: skip
        assert each in words, each
    assert any(each.startswith("raw ROI") for each in words)
    assert any("empty (all zero)" in each for each in words)
    assert "<image" not in content
    assert "cell 1" in content[: content.index("<defs>")]


def test_pdf_has_fonts_text_operators_and_its_size(qapp, cell, separation_of, tmp_path):
    path = tmp_path / "figure.pdf"
    export_figure(FigureSpec(), cell, separation_of(cell), 10.0, None, path)
    content = path.read_bytes()
    assert content.startswith(b"%PDF")
    assert b"/FontFile" in content
    assert b"/ToUnicode" in content
    assert b"/Subtype /Image" not in content
    streams = pdf_streams(content)
    assert len(re.findall(rb"\bT[jJ]\b", streams)) > 20
    box = re.search(rb"/MediaBox \[0 0 (\S+) (\S+)\]", content)
    points = [float(each) for each in box.groups()]
    assert points == pytest.approx([180 / 25.4 * 72, 120 / 25.4 * 72], abs=0.51)


def test_the_numbers_drawn_are_the_data(qapp, cell, separation_of):
    separation = separation_of(cell, empty=(0,))
    figure = make_figure(FigureSpec(), cell, separation, 10.0, None)
    raw, separated, matched = figure.traces
    for curve, row in zip(raw.curves, (*cell.traces[1:], cell.traces[0]), strict=True):
        np.testing.assert_array_equal(curve.y, row)
        np.testing.assert_array_equal(curve.x, np.arange(120) / 10.0)
    alive = [row for row in separation.order if separation.separated[row].any()]
    for curve, row in zip(separated.curves, alive, strict=True):
        np.testing.assert_array_equal(curve.y, separation.separated[row])
    best = next(curve for curve, (name, _) in zip(matched.curves[1:], matched.legend, strict=False) if name == "c1")
    np.testing.assert_array_equal(best.y, separation.matched[0])
    np.testing.assert_allclose(figure.matrix.values[:, 0].sum(), 1.0)
    plain = make_figure(FigureSpec(normalised=False), cell, separation, 10.0, None).matrix
    np.testing.assert_array_equal(plain.values, separation.mixing[:, separation.order])


def test_the_figure_compares_as_the_screen_does(qtbot, cell, separation_of):
    """The levels and fits of the best match's plot are those of the view."""
    view = TraceView()
    qtbot.addWidget(view)
    for method in ("nmf", "ica"):
        separation = separation_of(cell, method=method)
        view.show_cell(cell, None)
        view.show_result(cell, separation)
        shown = [curve.series.values for curve in view.matched.curves if curve.isVisible()]
        for curve in make_figure(FigureSpec(), cell, separation, None, None).traces[2].curves:
            assert any(np.allclose(curve.y, each) for each in shown if each is not None)


def test_the_time_in_view_or_the_whole_recording(qapp, cell):
    visible = make_figure(FigureSpec(parts=("raw",)), cell, None, 10.0, (3.0, 6.02))
    assert visible.x_limits == (3.0, 6.02)
    np.testing.assert_array_equal(visible.traces[0].curves[-1].y, cell.traces[0, 30:61])
    assert visible.trials == (pytest.approx(4.95),)
    whole = make_figure(FigureSpec(parts=("raw",), whole_recording=True), cell, None, 10.0, (3.0, 6.02))
    assert len(whole.traces[0].curves[-1].y) == 120
    with pytest.raises(DataError, match="no frame"):
        make_figure(FigureSpec(), cell, None, 10.0, (3.01, 3.02))


def test_ten_thousand_points_are_all_drawn_and_more_are_reduced_and_said(qapp, tmp_path):
    rng = np.random.default_rng(0)
    values = rng.normal(100, 1, (2, 50_003))
    values[0, 12_345], values[1, 50_002], values[0, 777] = 500.0, -300.0, np.nan
    long = Cell.from_traces(values)
    spec = FigureSpec(parts=("raw",), dpi=100)
    exact = make_figure(spec, long, None, None, (0, 9_999))
    assert all(len(curve.y) == 10_000 for curve in exact.traces[0].curves)
    assert "are drawn" not in exact.description
    export_figure(spec, long, None, None, (1_000, 10_999), tmp_path / "a.svg")
    lines = re.findall(r'points="([^"]*)"', (tmp_path / "a.svg").read_text())
    assert sum(len(each.split()) == 10_000 for each in lines) == 2
    reduced = make_figure(spec, long, None, None, None)
    assert "the least and the greatest value of each 11" in reduced.description
    for curve, row in zip(reduced.traces[0].curves, (1, 0), strict=True):
        np.testing.assert_array_equal(curve.y, values[row, curve.x.astype(int)])
        assert len(curve.y) < 10_100
        assert np.nanmax(curve.y) == np.nanmax(values[row])
        assert np.nanmin(curve.y) == np.nanmin(values[row])
        assert (np.diff(curve.x) > 0).all()
        assert np.isnan(curve.y).any() == (row == 0)


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
    windows, palette, options = len(QApplication.topLevelWidgets()), window_colour(), dict(pg.CONFIG_OPTIONS)
    for suffix in SUFFIXES:
        export_figure(FigureSpec(dpi=72), cell, separation, 10.0, (2.0, 7.0), tmp_path / f"a{suffix}")
    assert style.current().name == "dark"
    assert (len(QApplication.topLevelWidgets()), window_colour(), dict(pg.CONFIG_OPTIONS)) == (
        windows,
        palette,
        options,
    )
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


def test_a_picture_too_large_for_the_memory_is_refused(qapp, cell):
    with pytest.raises(DataError, match="too large"):
        render_image(FigureSpec(width_mm=1000, height_mm=1000, dpi=1200), cell, None, None, None)


@pytest.mark.parametrize("parts", [("raw",), ("separated",), ("matched",), ("mixing",), tuple(export.PARTS)])
@pytest.mark.parametrize("is_separated", [True, False])
def test_each_part_with_and_without_a_result(qapp, cell, separation_of, tmp_path, parts, is_separated):
    separation = separation_of(cell, method="ica") if is_separated else None
    path = tmp_path / "a.svg"
    export_figure(FigureSpec(parts=parts, width_mm=89, height_mm=140), cell, separation, None, None, path)
    words = svg_words(path.read_text(encoding="utf-8"))
    for name, title in export.PARTS.items():
        assert (title in words) == (name in parts)
    assert ("not separated yet" in words) == (not is_separated and parts != ("raw",))


def test_one_frame_constant_and_broken_signals_are_drawn(qapp, tmp_path):
    for values in (np.ones((2, 1)), np.full((1, 50), 7.0), np.full((2, 50), np.nan), np.full((2, 20), 1e-9)):
        for suffix in SUFFIXES:
            export_figure(FigureSpec(), Cell.from_traces(values), None, None, None, tmp_path / f"a{suffix}")


def test_labels_stay_on_the_page(qapp, cell, separation_of, monkeypatch):
    """No text leaves the page, at any size that is accepted."""
    placed = []
    write = painter.FigurePainter._text

    def spy(self, text, x, y, points, align, colour=LIGHT.text, bold=False):
        if self._painter.transform().isScaling() and not self._painter.transform().isRotating():
            lead = {Qt.AlignLeft: 0.0, Qt.AlignHCenter: 0.5, Qt.AlignRight: 1.0}[align]
            width = self._width(text, points, bold)
            placed.append((text, x - lead * width, x + (1 - lead) * width, y, self._page))
        write(self, text, x, y, points, align, colour, bold)

    monkeypatch.setattr(painter.FigurePainter, "_text", spy)
    long_names = Cell("cell", cell.traces, ("a very long name of a ROI indeed", "np 1", "np 2", "np 3"))
    stored = StoredResult("a result of another program that has a long name.npz", cell.traces)
    stored_cell = Cell("cell", cell.traces, long_names.signal_names, stored=stored)
    for width, height in ((180, 120), (89, 140), (120, 90), (254, 143), (60, 160)):
        for each in (long_names, stored_cell):
            spec = FigureSpec(width_mm=width, height_mm=height, dpi=72)
            render_image(spec, each, separation_of(each), 1234.5, None)
    assert len(placed) > 300
    for text, left, right, y, page in placed:
        assert page.left() <= left, text
        assert right <= page.right(), text
        assert page.top() < y < page.bottom(), text


@pytest.mark.parametrize(
    ("low", "high", "most", "texts", "power"),
    [
        (0, 1, 5, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"], 0),
        (-55, 60, 4, ["−50", "−25", "0", "25", "50"], 0),
        (0, 3e6, 3, ["0", "1", "2", "3"], 6),
        (0, 2e-4, 2, ["0", "1", "2"], -4),
        (100.0, 100.4, 4, ["100.0", "100.1", "100.2", "100.3", "100.4"], 0),
    ],
)
def test_ticks_are_round_and_not_twice_the_same(low, high, most, texts, power):
    places, said, factor = page_module.ticks(low, high, most)
    assert (said, factor) == (texts, power)
    np.testing.assert_allclose([float(each.replace("−", "-")) * 10.0**factor for each in said], places)


def test_the_real_example(qapp, real_data, tmp_path):
    cell = read(real_data / "fissa_example" / "prepared.npz").cells[0]
    separation = separate_cell(cell, SeparationSettings())
    for suffix in SUFFIXES:
        path = tmp_path / f"a{suffix}"
        export_figure(FigureSpec(), cell, separation, None, None, path)
        assert path.stat().st_size > 10_000
    assert "1201 iterations" in (tmp_path / "a.svg").read_text(encoding="utf-8")


@pytest.fixture
def dialog(qtbot, cell, separation_of):
    dialog = FigureDialog(cell, separation_of(cell), 10.0, (2.0, 5.0))
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    return dialog


def test_the_dialog_starts_with_what_it_is_given(qtbot, cell, separation_of):
    spec = FigureSpec(("raw", "mixing"), 89.0, 120.0, 600, whole_recording=True, normalised=False)
    dialog = FigureDialog(cell, separation_of(cell), None, None, spec, suffix=".pdf")
    qtbot.addWidget(dialog)
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


def test_what_cannot_be_is_told_and_cannot_be_saved(qtbot, dialog):
    save = dialog.buttons.button(QDialogButtonBox.Save)
    dialog.width_mm.setValue(30)
    qtbot.waitUntil(lambda: "too small" in dialog.problem.text())
    assert not save.isEnabled()
    assert dialog.preset.currentText() == dialog.OWN
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
    monkeypatch.setattr(FigureDialog, "exec", save)
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
