"""The numbers beside the plots, and what the user should know of the result."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PyQt5.QtCore import QSize, Qt
from PyQt5.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from neuropil_gui.views.header import Header

if TYPE_CHECKING:
    from neuropil_gui.core.metrics import Number

HELP = """<b>Numbers</b><p>What can be said of this cell's separation in numbers. Rest the pointer on one to read what
it is good for.</p><p><b>Score</b>: the ROI's share of the best match. <b>Explained</b>: how much of the signals the
components make up together.</p><p><b>r with neuropil</b>: how much a trace goes with the mean of the regions; it should
fall from raw to matched.</p><p>Yellow boxes tell what may be wrong, and what to try.</p>"""


class NumbersTable(QWidget):
    """Labels on the left, values on the right, notes below."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = Header("Numbers", HELP)
        self._rows: list[tuple[QLabel, QLabel]] = []
        self._notes: list[QLabel] = []
        body = QWidget()
        outer = QVBoxLayout(body)
        outer.setContentsMargins(10, 2, 10, 8)
        self._grid = QGridLayout()
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._notes_layout = QVBoxLayout()
        self._notes_layout.setSpacing(6)
        outer.addLayout(self._grid)
        outer.addSpacing(4)
        outer.addLayout(self._notes_layout)
        outer.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(body)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(scroll, 1)

    def show_numbers(self, numbers: "Sequence[Number]") -> None:
        """Show these numbers; none where there is no result."""
        while len(self._rows) < len(numbers):
            self._rows.append(self._make_row(len(self._rows)))
        for index, (label, value) in enumerate(self._rows):
            shown = index < len(numbers)
            label.setVisible(shown)
            value.setVisible(shown)
            if shown:
                number = numbers[index]
                label.setText(number.label)
                value.setText(number.text)
                value.setObjectName(f"number_{number.key}")
                value.setAccessibleName(f"{number.label}: {number.text}")
                for widget in (label, value):
                    widget.setToolTip(f"<qt>{number.help}</qt>")

    def show_notes(self, notes: Sequence[str]) -> None:
        """Show sentences that the user should read."""
        while len(self._notes) < len(notes):
            note = QLabel()
            note.setProperty("note", True)
            note.setWordWrap(True)
            note.setTextFormat(Qt.TextFormat.PlainText)
            note.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._notes_layout.addWidget(note)
            self._notes.append(note)
        for index, note in enumerate(self._notes):
            note.setVisible(index < len(notes))
            note.setText(notes[index] if index < len(notes) else "")

    def sizeHint(self) -> QSize:
        """Leave room for a note."""
        return QSize(290, 300)

    def restyle(self) -> None:
        """Follow the theme."""
        self.header.restyle()

    def _make_row(self, index: int) -> tuple[QLabel, QLabel]:
        label, value = QLabel(), QLabel()
        label.setProperty("muted", True)
        value.setAlignment(Qt.Alignment(Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._grid.addWidget(label, index, 0)
        self._grid.addWidget(value, index, 1)
        return label, value
