"""View of the simulator: the picture of the field, the sum that a signal is, and the form."""

from collections.abc import Sequence

from PyQt5.QtCore import QRectF, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QColor, QPainter, QPaintEvent, QResizeEvent
from PyQt5.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from neuropil_gui.features.teach.field_picture import HIGH, FieldPicture
from neuropil_gui.features.teach.simulator_form import SimulatorForm
from neuropil_gui.ui import style
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.sizes import keep_scaled, scaled, scaled_size
from neuropil_gui.ui.widgets.header import Header
from neuropil_gui.ui.widgets.layouts import stack

HELP = """<b>Simulator</b><p>One simulated cell. In the middle the ROI with the cell in it, around it the neuropil
regions, and in them other cells. Move along the traces: all is as bright as it was then.</p>
<p>Point at the ROI or a region: the sum says whose light that signal holds, and the bar what moves it.</p>
<p>A source is grey until a component has found it, and then has its colour; one that none has found is hatched.</p>
<p>Move one slider: only what it names changes. The same seed is the same cell.</p>"""

LINES, WORDS = 3, 28
"""Lines of text that the sum has, and pixels of the bar below it and of what is around both."""


class ShareBar(QWidget):
    """A bar of parts, one for each source, in its colour or with its letter."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.parts: Sequence[tuple[str, float, QColor]] = ()
        self.setObjectName("share_bar")
        keep_scaled(self, QWidget.setFixedHeight, 16)

    def show_parts(self, parts: Sequence[tuple[str, float, QColor]]) -> None:
        """Show (name, part of the whole, colour) for each source."""
        self.parts = parts
        words = ", ".join(f"{name} {100 * part:.0f} %" for name, part, _ in parts)
        self.setToolTip(f"What moves this signal, weight × standard deviation: {words}" if words else "")
        self.setAccessibleName(words or "What moves this signal")
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the parts from left to right."""
        painter, left = QPainter(self), 0.0
        for name, part, colour in self.parts:
            place = QRectF(left, 0, part * self.width(), self.height())
            painter.fillRect(place.adjusted(0, 0, -1, 0), colour)
            letter = name[0] + name.rpartition(" ")[2] if name[-1].isdigit() else name[0]
            if painter.fontMetrics().horizontalAdvance(letter) + 4 <= place.width():
                painter.setPen(style.ink(colour))
                painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), letter)
            left += place.width()
        painter.end()


class _Scroll(QScrollArea):
    """Scrolls the picture, the words and the form; where it is low, the words are beside a smaller picture."""

    def __init__(self, inside: QWidget, picture: FieldPicture, top: QBoxLayout) -> None:
        super().__init__()
        self._picture, self._top = picture, top
        self.setWidget(inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Have the words in view without scrolling."""
        super().resizeEvent(event)
        low = self.height() < scaled(HIGH + WORDS) + LINES * self.fontMetrics().lineSpacing()
        ways = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        if self._top.direction() != ways[not low]:
            self._top.setDirection(ways[not low])
            self._picture.set_low(low)


class SimulatorView(QWidget):
    """Picture, sum, bar and form; before there is a simulation, a button that starts one.

    Signals: `start_requested`, `save_requested`, `copy_requested`, `restyled`.
    """

    start_requested = pyqtSignal()
    save_requested = pyqtSignal()
    copy_requested = pyqtSignal()
    restyled = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = Header("Simulator", HELP)
        self.picture, self.form, self.bar = FieldPicture(), SimulatorForm(), ShareBar()
        self.sum = QLabel()
        self.sum.setObjectName("sum_of_sources")
        self.sum.setWordWrap(True)
        self.save, self.copy = QPushButton(" Save…"), QPushButton(" Copy as Python")
        for button, name, tip in (
            (self.save, "save_simulation", "Save as recording: write the traces and the truth as .npz"),
            (self.copy, "copy_simulation", "Copy a Python script that simulates this recording"),
        ):
            button.setObjectName(name)
            button.setToolTip(tip)
        self.start = QPushButton("Simulate a cell")
        self.start.setObjectName("start_simulation")
        self.start.setToolTip("Put a simulated cell in place of the open recording")
        buttons = QHBoxLayout()
        buttons.setContentsMargins(10, 4, 10, 8)
        buttons.addWidget(self.save)
        buttons.addWidget(self.copy)
        inside, shown, empty = QWidget(), QWidget(), QWidget()
        top, words = stack(None, (self.picture, 2)), QVBoxLayout()
        words.setContentsMargins(10, 4, 10, 2)
        words.addWidget(self.sum)
        words.addWidget(self.bar)
        words.addStretch(1)
        top.addLayout(words, 3)
        stack(inside, top, self.form).addStretch(1)
        scroll = _Scroll(inside, self.picture, top)
        stack(shown, (scroll, 1), buttons)
        first = QVBoxLayout(empty)
        first.addWidget(self.start)
        first.addStretch(1)
        self._pages = QStackedWidget()
        for page in (empty, shown):
            self._pages.addWidget(page)
        stack(self, self.header, (self._pages, 1))
        self.start.clicked.connect(self.start_requested)
        self.save.clicked.connect(self.save_requested)
        self.copy.clicked.connect(self.copy_requested)
        self.restyle()

    def show_simulated(self, on: bool) -> None:
        """Show the simulation, or the button that starts one."""
        self._pages.setCurrentIndex(int(on))

    def show_sum(self, text: str, parts: Sequence[tuple[str, float, QColor]]) -> None:
        """Show the sum that a signal is, in rich text, and what moves it."""
        self.sum.setText(text)
        self.bar.show_parts(parts)
        self.bar.setVisible(bool(parts))

    def sizeHint(self) -> QSize:
        """Return a size with room for the picture and the sliders that are always shown."""
        return scaled_size(290, 620)

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.header.restyle()
        self.form.restyle()
        self.save.setIcon(icon("export"))
        self.copy.setIcon(icon("copy_script"))
        self.picture.update()
        self.restyled.emit()
