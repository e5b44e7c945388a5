"""Import dialog: the questions that a file leaves open, with a preview of what the answers give."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PyQt5.QtCore import QSize, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import (
    QCheckBox,
    QDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from neuropil_gui.core.recording import Cell
from neuropil_gui.features.files.movie_picture import MoviePicture
from neuropil_gui.features.files.question_box import DRAW, QuestionBox
from neuropil_gui.formats.paths import printable_name
from neuropil_gui.formats.questions import Inquiry, Preview
from neuropil_gui.panels.traces.raw_plot import RawPlot
from neuropil_gui.ui.screen import resize_within_screen

SIZE, LEAST = QSize(980, 600), QSize(640, 330)

QUESTIONS_WIDTH = 350

REMEMBER = (
    "<qt>Do the same with other files that are laid out alike and leave the same open; a message then says so. This "
    "file is not asked about again in any case. <i>File &gt; Open with questions</i> asks nevertheless.</qt>"
)

NOTES = 3
"""Notes on what is read that are shown; the recording has all of them."""

WAITING = "Reading what this gives\N{HORIZONTAL ELLIPSIS}"


class ImportDialog(QDialog):
    """Starts from the best guesses, so that Enter takes them; shows, but reads nothing itself.

    Parameters
    ----------
    path : Path
    inquiry : Inquiry
    before : mapping
        Answers to start from instead of the guesses.

    Signals: `answers_changed`, whenever there is something else to look at.
    """

    answers_changed = pyqtSignal()

    def __init__(
        self, path: Path, inquiry: Inquiry, before: Mapping[str, object], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.path, self.inquiry = path, inquiry
        self._refused = False
        self.setObjectName("import_dialog")
        self.setWindowTitle(f"Open {printable_name(path)}")
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.boxes = [QuestionBox(question, before, str(path.parent)) for question in inquiry.questions]
        for box in self.boxes:
            if box.name == "dataset":
                box.changed.connect(self._follow)  # first, so that the look is at what follows
            box.changed.connect(self._on_changed)
        self._make_look()
        self._make_foot()
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addWidget(self._head())
        left.addWidget(self._questions(), 1)
        both = QHBoxLayout()
        both.setSpacing(16)
        both.addLayout(left)
        both.addLayout(self._look_layout(), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addLayout(both, 1)
        layout.addLayout(self._foot_layout())
        self.setMinimumSize(LEAST)
        resize_within_screen(self, SIZE)
        (self.boxes[0].control if self.boxes else self.open_button).setFocus()

    def _head(self) -> QLabel:
        asked = "Enter takes the best guesses." if self.boxes else "The file says all by itself."
        head = QLabel(f"Taken for: {self.inquiry.format}. {asked}")
        head.setObjectName("import_head")
        head.setTextFormat(Qt.TextFormat.PlainText)
        head.setWordWrap(True)
        head.setFixedWidth(QUESTIONS_WIDTH)
        return head

    def _questions(self) -> QScrollArea:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(16)
        for box in self.boxes:
            column.addWidget(box)
        column.addStretch(1)
        area = QScrollArea()
        area.setObjectName("import_questions")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFixedWidth(QUESTIONS_WIDTH)
        area.setWidget(inside)
        return area

    def _make_look(self) -> None:
        self.plot = RawPlot()
        self.plot.header.title.setText("First cell")
        self.plot.header.help_button.hide()
        self.plot.item.setLabel("left", "")
        self.plot.show_time_values(True)
        self.refusal = QLabel()
        self.refusal.setObjectName("import_refusal")
        self.refusal.setProperty("invalid", True)
        self.refusal.setTextFormat(Qt.TextFormat.PlainText)
        self.refusal.setWordWrap(True)
        self.refusal.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.refusal.setMargin(24)
        self.picture = MoviePicture()
        self.picture.hide()
        both = QWidget()
        layout = QVBoxLayout(both)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.picture, 3)
        layout.addWidget(self.plot, 2)
        self.look = QStackedWidget()
        self.look.addWidget(both)
        self.look.addWidget(self.refusal)
        self.summary = QLabel(WAITING)
        self.summary.setObjectName("import_summary")
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.summary.setWordWrap(True)

    def _look_layout(self) -> QVBoxLayout:
        layout = QVBoxLayout()
        layout.setSpacing(6)
        layout.addWidget(self.look, 1)
        layout.addWidget(self.summary)
        return layout

    def _make_foot(self) -> None:
        self.remember = QCheckBox("Remember for files like this")
        self.remember.setObjectName("import_remember")
        self.remember.setToolTip(REMEMBER)
        self.remember.setChecked(True)
        if not self.boxes or self.inquiry.extracts:  # of a movie, the answers are where the next one starts from
            self.remember.hide()  # never shown here: without a parent yet, it would be a window of its own
        self.open_button = QPushButton("Extract and open" if self.inquiry.extracts else "Open")
        self.cancel_button = QPushButton("Cancel")
        self.open_button.setObjectName("import_open")
        self.open_button.setProperty("primary", True)
        self.open_button.setDefault(True)
        self.open_button.setToolTip("Read the file with these answers (Enter)")
        self.cancel_button.setObjectName("import_cancel")
        self.cancel_button.setToolTip("Leave what is open as it is (Esc)")
        self.cancel_button.setAutoDefault(False)
        for button in (self.open_button, self.cancel_button):
            button.setAccessibleName(button.text())
        self.open_button.clicked.connect(self.accept)
        self.cancel_button.clicked.connect(self.reject)

    def _foot_layout(self) -> QHBoxLayout:
        layout = QHBoxLayout()
        layout.addWidget(self.remember)
        layout.addStretch(1)
        layout.addWidget(self.cancel_button)
        layout.addWidget(self.open_button)
        return layout

    def values(self) -> dict[str, object]:
        """Return the answers by the names of their questions."""
        return {box.name: box.value() for box in self.boxes}

    def show_preview(self, preview: Preview, cell: Cell) -> None:
        """Draw the first cell over its time, whose frames may be every so many, and say how much there is."""
        self._refused = False
        known = self.values().get("frame_rate", preview.frame_rate)
        rate = known if isinstance(known, float) else None
        step = preview.step / rate if rate is not None else float(preview.step)
        self.plot.show_signals(step, cell)
        end = max(cell.traces.shape[1] - 1, 1) * step
        self.plot.set_extent(0.0, end, step)
        self.plot.box.setXRange(0.0, end, padding=0)
        self.plot.fit(*self.plot.data_limits())
        self.plot.describe("", self.plot.entries())
        self.plot.item.setLabel("bottom", "Time (s)" if rate is not None else "Frame")
        text = " ".join((describe_preview(preview, rate, len(cell.traces)), *preview.notes[:NOTES]))
        self.summary.setText(text if np.isfinite(cell.traces).any() else f"{text} No value of it is a finite number.")
        if preview.picture is not None:
            self.picture.show_picture(preview.picture)
        self.picture.setVisible(preview.picture is not None)
        self.look.setCurrentIndex(0)
        self._update()

    def show_refusal(self, sentence: str) -> None:
        """Show why these answers do not fit together."""
        self._refused = True
        if any(box.draw is not None and box.value() is None for box in self.boxes):
            sentence += f" Or tick “{DRAW}”."
        self.refusal.setText(sentence)
        self.summary.setText("")
        self.look.setCurrentWidget(self.refusal)
        self._update()

    @pyqtSlot()
    def _follow(self) -> None:
        """Take the best guesses for the chosen data set."""
        chosen = self.values().get("dataset")
        if self.inquiry.follow is not None and isinstance(chosen, str):
            for question in self.inquiry.follow(chosen):
                for box in self.boxes:
                    if box.name == question.name in ("neuropil", "rows"):
                        box.follow(question)

    @pyqtSlot()
    def _on_changed(self) -> None:
        self._update()
        if not any(box.problem for box in self.boxes):
            self.summary.setText(WAITING)
            self.answers_changed.emit()

    def _update(self) -> None:
        problem = next((box.problem for box in self.boxes if box.problem), "")
        self.open_button.setEnabled(not self._refused and not problem)
        if problem:
            self.summary.setText(problem)

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.plot.restyle()
        self.picture.update()


def describe_preview(preview: Preview, rate: float | None, drawn: int) -> str:
    """Return the size of a recording in words; `rate` is in Hz, `drawn` the number of signals that are drawn."""
    signals, frames = len(preview.signal_names), preview.frames
    about = "about " if preview.estimated else ""
    size = ", ".join(
        f"{count:,} {noun}{'' if count == 1 else 's'}{of}"
        for count, noun, of in (
            (preview.cells, "cell", ""),
            (signals, "signal", "" if preview.cells == 1 else " in the first"),
        )
    )
    size += f", {about}{frames:,} frame{'' if frames == 1 else 's'}"
    size += ", frame rate unknown." if rate is None else f", {rate:g} Hz: {about}{_duration(frames / rate)}."
    shown = [f"the first {drawn} signals"] if drawn < signals else []
    if preview.seen + preview.step <= frames:  # the last point may stand for less than a step
        shown.append(f"the first {preview.seen:,} frames")
    return f"{size} Drawn: {', '.join(shown)}." if shown else size


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.3g} s"
    minutes = seconds / 60
    return f"{minutes:.3g} min" if minutes < 120 else f"{minutes / 60:.3g} h"
