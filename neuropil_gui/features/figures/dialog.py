"""Asks what a figure shows, how large it is and where it goes, with a preview that follows."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QSize, Qt, QTimer, pyqtSlot
from PyQt5.QtGui import QImage, QPixmap, QResizeEvent
from PyQt5.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QRadioButton,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from neuropil_gui.core.errors import DataError
from neuropil_gui.engine.runner import Report, Runner, ShouldStop
from neuropil_gui.features.figures.figure_spec import (
    LARGEST_DPI,
    LARGEST_MM,
    PARTS,
    SMALLEST_DPI,
    SMALLEST_MM,
    FigureSpec,
    render_image,
)
from neuropil_gui.figures.limits import check_pixels
from neuropil_gui.ui import dialogs
from neuropil_gui.ui.dialogs import FIGURE_FORMATS
from neuropil_gui.ui.screen import resize_within_screen
from neuropil_gui.ui.widgets.decimal_box import DecimalBox
from neuropil_gui.ui.widgets.low_area import LowArea

if TYPE_CHECKING:
    from neuropil_gui.core.recording import Cell
    from neuropil_gui.core.result import Separation

SIZES = {
    "One column": (89.0, 120.0),
    "One and a half": (120.0, 100.0),
    "Two columns": (180.0, 120.0),
    "A4 page": (170.0, 240.0),
    "Slide": (254.0, 143.0),
}
OWN = "Other"
PREVIEW = QSize(560, 420)
DELAY_MS, CLOSING_MS = 60, 100


class FigureDialog(QDialog):
    """Edits a `FigureSpec`; `ask` shows it and returns what was chosen."""

    def __init__(
        self,
        cell: "Cell",
        separation: "Separation | None",
        frame_rate: float | None,
        time_range: tuple[float, float] | None,
        spec: FigureSpec | None = None,
        folder: str = "",
        suffix: str = ".png",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("figure_dialog")
        self.setWindowTitle("Save figure")
        self._values = (cell, separation, frame_rate, time_range)
        self._folder, self._cell_name = folder, cell.name
        self._runner = Runner(self)
        self._runner.finished.connect(self._show_preview)
        self._runner.failed.connect(self._on_failed)
        self.path: Path | None = None
        self._make_controls(separation is not None)
        self._lay_out()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(self.refresh)
        self._show_spec(spec or FigureSpec(), suffix)
        self._connect()
        self.refresh()

    @classmethod
    def ask(
        cls,
        parent: QWidget | None,
        cell: "Cell",
        separation: "Separation | None",
        frame_rate: float | None,
        time_range: tuple[float, float] | None,
        spec: FigureSpec | None = None,
        folder: str = "",
        suffix: str = ".png",
    ) -> tuple[FigureSpec, Path] | None:
        """Ask; `spec`, `folder` and `suffix` are what it starts with. None is returned when it is cancelled."""
        dialog = cls(cell, separation, frame_rate, time_range, spec, folder, suffix, parent)
        try:
            dialog.exec()
            return (dialog.spec(), dialog.path) if dialog.path is not None else None
        finally:
            dialog.deleteLater()

    def spec(self) -> FigureSpec:
        """Return what is chosen.

        Raises
        ------
        DataError
            When no part is chosen.
        """
        return FigureSpec(
            parts=tuple(name for name, box in self.parts.items() if box.isChecked()),
            width_mm=self.width_mm.value(),
            height_mm=self.height_mm.value(),
            dpi=self.dpi.value(),
            whole_recording=self.whole.isChecked(),
            normalised=self.normalised.isChecked(),
        )

    def suffix(self) -> str:
        """Return the suffix of the format that is chosen."""
        return str(self.format.currentData())

    def accept(self) -> None:
        """Ask where to save, and close unless that is cancelled."""
        suffix = self.suffix()
        name = "".join(c if c.isalnum() or c in " -_." else "_" for c in self._cell_name)
        suggestion = str(Path(self._folder) / f"{name}{suffix}")
        path = dialogs.ask_save(self, "Save figure", suggestion, f"{FIGURE_FORMATS[suffix]} (*{suffix})")
        if path is None:
            return
        if path.suffix.lower() not in FIGURE_FORMATS:
            path = path.with_name(path.name + suffix)
            # The file dialog has asked about another name.
            if os.path.exists(path) and not self._may_replace(path):
                return
        self.path = path
        super().accept()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Draw the preview at its new size."""
        super().resizeEvent(event)
        self._timer.start()

    def done(self, result: int) -> None:
        """Close, and end the thread."""
        self._timer.stop()
        # A preview may be deep in matplotlib: the window does not wait for it.
        self._runner.close(CLOSING_MS)
        super().done(result)

    @pyqtSlot()
    def refresh(self) -> None:
        """Have the preview drawn in the thread, or say why there can be none."""
        is_png = self.suffix() == ".png"
        self.dpi.setEnabled(is_png)
        self.normalised.setEnabled(self.parts["mixing"].isChecked())
        self.raw_weights.setEnabled(self.parts["mixing"].isChecked())
        try:
            spec = self.spec()
            width, height = spec.pixels()
            if is_png:
                check_pixels(width, height)
        except DataError as error:
            self._on_failed(None, error)
            return
        self.pixels.setText(f"{width} × {height} pixels" if is_png else "vector drawing, text as text")
        ratio = self.preview.devicePixelRatioF()
        room = (max(self.preview.width() - 8, 50) * ratio, max(self.preview.height() - 8, 50) * ratio)
        fitting = min(room[0] / spec.width_mm, room[1] / spec.height_mm) * 25.4
        dpi = int(min(max(fitting, SMALLEST_DPI), LARGEST_DPI))
        values = self._values

        def work(report: Report, should_stop: ShouldStop) -> QImage:
            image = render_image(replace(spec, dpi=dpi), *values, should_stop)
            if fitting < dpi:
                size = QSize(int(room[0]), int(room[1]))
                mode = Qt.TransformationMode.SmoothTransformation
                return image.scaled(size, Qt.AspectRatioMode.KeepAspectRatio, mode)
            return image

        self._runner.submit(work, ratio)

    @pyqtSlot(object, object)
    def _show_preview(self, ratio: float, image: QImage) -> None:
        pixmap = QPixmap.fromImage(image)
        pixmap.setDevicePixelRatio(ratio)
        self.preview.setPixmap(pixmap)
        self._show_problem("")

    @pyqtSlot(object, object)
    def _on_failed(self, _: object, error: DataError) -> None:
        self._runner.drop()
        self.preview.setPixmap(QPixmap())
        self.pixels.setText("")
        self._show_problem(str(error))

    def _show_problem(self, problem: str) -> None:
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        if (save := self.buttons.button(QDialogButtonBox.Save)) is not None:
            save.setEnabled(not problem)

    def _make_controls(self, is_separated: bool) -> None:
        self.parts = {name: QCheckBox(title) for name, title in PARTS.items()}
        for name, box in self.parts.items():
            needs_result = name in ("separated", "mixing") and not is_separated
            box.setEnabled(not needs_result)
            tip = "The cell is not separated yet: run the separation first" if needs_result else ""
            _name(
                box, f"figure_{name}", f"Show {PARTS[name].lower()}", tip or f"Show {PARTS[name].lower()} in the figure"
            )
        self.normalised, self.raw_weights = QRadioButton("normalised"), QRadioButton("raw")
        _name(self.normalised, "figure_normalised", "Mixing matrix, normalised", "Each column of the matrix sums to 1")
        _name(self.raw_weights, "figure_raw_weights", "Mixing matrix, raw", "The mixing matrix as the solver gave it")
        self.visible, self.whole = QRadioButton("in view"), QRadioButton("whole recording")
        _name(self.visible, "figure_visible", "Time in view", "Show the time that is in view in the window")
        _name(self.whole, "figure_whole", "Whole recording", "Show all frames of the recording")
        self.preset = QComboBox()
        self.preset.addItems([*SIZES, OWN])
        _name(self.preset, "figure_size", "Usual sizes", "Usual sizes of figures; the millimetres can be changed below")
        self.width_mm, self.height_mm = DecimalBox(), DecimalBox()
        for box, what in ((self.width_mm, "width"), (self.height_mm, "height")):
            box.setRange(SMALLEST_MM, LARGEST_MM)
            box.setDecimals(2)
            box.setStepType(DecimalBox.StepType.DefaultStepType)
            box.setSuffix(" mm")
            tip = (
                f"The figure's {what} in print, from {SMALLEST_MM:g} to {LARGEST_MM:g} mm; text stays at 7 and 8 points"
            )
            _name(box, f"figure_{what}", f"Figure {what} in mm", tip)
        self.format = QComboBox()
        for suffix, title in FIGURE_FORMATS.items():
            self.format.addItem(title, suffix)
        _name(self.format, "figure_format", "Format", "PNG for slides and the web, SVG to edit, PDF for print")
        self.dpi = QSpinBox()
        self.dpi.setRange(SMALLEST_DPI, LARGEST_DPI)
        self.dpi.setSingleStep(50)
        self.dpi.setSuffix(" dpi")
        tip = f"Pixels per inch of a PNG, from {SMALLEST_DPI} to {LARGEST_DPI}; journals ask for 300 to 600"
        _name(self.dpi, "figure_dpi", "Resolution in dpi", tip)
        self.pixels, self.problem, self.preview = QLabel(), QLabel(), QLabel()
        self.pixels.setProperty("muted", True)
        self.pixels.setObjectName("figure_pixels")
        self.problem.setProperty("invalid", True)
        self.problem.setObjectName("figure_problem")
        self.problem.setWordWrap(True)
        self.preview.setText("Drawing the preview…")
        self.preview.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.preview.setMinimumSize(260, 195)
        self.preview.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        _name(self.preview, "figure_preview", "Preview", "The figure as it will be saved")
        self.buttons = QDialogButtonBox(QDialogButtonBox.Save | QDialogButtonBox.Cancel)
        for kind, name, words in (
            (QDialogButtonBox.Save, "figure_save", "Choose a file and save the figure"),
            (QDialogButtonBox.Cancel, "figure_cancel", "Close without saving"),
        ):
            button = self.buttons.button(kind)
            if button is not None:
                button.setText("Save as…" if name == "figure_save" else "Cancel")
                _name(button, name, words, words)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setVerticalSpacing(8)
        shown = QVBoxLayout()
        shown.setSpacing(4)
        for box in self.parts.values():
            shown.addWidget(box)
        form.addRow("Show", shown)
        # Groups of their own, or all radio buttons would exclude each other.
        self._groups = [QButtonGroup(self), QButtonGroup(self)]
        pairs = ((self.normalised, self.raw_weights), (self.visible, self.whole))
        for label, group, pair in zip(("Matrix", "Time"), self._groups, pairs, strict=True):
            line = QHBoxLayout()
            line.setSpacing(14)
            for button in pair:
                group.addButton(button)
                line.addWidget(button)
            line.addStretch(1)
            form.addRow(label, line)
        for text, widget in (
            ("&Size", self.preset),
            ("&Width", self.width_mm),
            ("&Height", self.height_mm),
            ("&Format", self.format),
            ("&Resolution", self.dpi),
        ):
            form.addRow(text, widget)
        form.addRow("", self.pixels)
        left = QWidget()
        below = QVBoxLayout(left)
        below.setContentsMargins(0, 0, 0, 0)
        below.setSpacing(16)
        below.addLayout(form)
        below.addWidget(self.problem)
        below.addStretch(1)
        upper = QHBoxLayout()
        upper.setSpacing(16)
        upper.addWidget(LowArea(left, least=0))
        upper.addWidget(self.preview, 1)
        layout = QVBoxLayout(self)
        layout.addLayout(upper, 1)
        layout.addWidget(self.buttons)
        resize_within_screen(self, PREVIEW + QSize(300, 70))

    def _connect(self) -> None:
        for button in (*self.parts.values(), self.normalised, self.whole):
            button.toggled.connect(self._changed)
        for box in (self.width_mm, self.height_mm):
            box.valueChanged.connect(self._size_typed)
        self.dpi.valueChanged.connect(self._changed)
        self.format.currentIndexChanged.connect(self._changed)
        self.preset.activated.connect(self._size_chosen)
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)

    def _show_spec(self, spec: FigureSpec, suffix: str) -> None:
        for name, box in self.parts.items():
            box.setChecked(name in spec.parts and box.isEnabled())
        self.width_mm.setValue(spec.width_mm)
        self.height_mm.setValue(spec.height_mm)
        self.dpi.setValue(spec.dpi)
        (self.whole if spec.whole_recording else self.visible).setChecked(True)
        (self.normalised if spec.normalised else self.raw_weights).setChecked(True)
        self.format.setCurrentIndex(max(self.format.findData(suffix), 0))
        self._name_size()

    def _name_size(self) -> None:
        """Show the name of the size in the boxes."""
        chosen = (self.width_mm.value(), self.height_mm.value())
        self.preset.setCurrentText(next((name for name, size in SIZES.items() if size == chosen), OWN))

    @pyqtSlot()
    def _changed(self) -> None:
        """Draw the preview when the hand rests."""
        self._timer.start()

    @pyqtSlot()
    def _size_typed(self) -> None:
        """Follow the millimetres."""
        self._name_size()
        self._timer.start()

    @pyqtSlot()
    def _size_chosen(self) -> None:
        """Take a usual size."""
        width, height = SIZES.get(self.preset.currentText(), (self.width_mm.value(), self.height_mm.value()))
        self.width_mm.setValue(width)
        self.height_mm.setValue(height)

    def _may_replace(self, path: Path) -> bool:
        question = f"There is a file {path.name} already. Replace it?"
        return bool(QMessageBox.question(self, "Save figure", question) == QMessageBox.Yes)


def _name(widget: QWidget, name: str, accessible: str, tip: str) -> None:
    widget.setObjectName(name)
    widget.setAccessibleName(accessible)
    widget.setToolTip(tip)
