"""Numbers panel: the numbers of the result below the worst note on it, and the other notes at the end."""

from collections.abc import Mapping, Sequence

from PyQt5.QtCore import QEvent, QObject, QSize, Qt, pyqtSignal
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from neuropil_gui.core.analysis.number import UNKNOWN, Number
from neuropil_gui.core.analysis.numbers import NUMBERS, raw_key
from neuropil_gui.core.remarks import Remark, doubts
from neuropil_gui.panels.note_list import NoteList
from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import scaled_size
from neuropil_gui.ui.widgets.header import Header

HELP = """<b>Numbers</b><p>This cell's separation in numbers. Where there is an arrow, the left one is of the raw ROI,
the right one of the best match. Rest the pointer on one to read what it is good for, and when it misleads.</p>
<p><b>r with neuropil</b>: how much a trace goes with the mean of the regions; it should fall.</p>
<p><b>Explained</b>: how much of the signals the components make up together.</p>
<p><b>Match score</b>: the ROI's share of the best match.</p>
<p>Boxes tell what to know of the result and what to try: red where it cannot be used as it is, yellow where it is
doubtful. The first of these stands above the numbers. A click opens a box that says "more".</p>"""

ROWS = ("r_neuropil", "explained", "score", "alive", "negative", "r_truth", "error_truth")
"""Keys in `NUMBERS` of the rows; those that are not known of a result are left out."""

ABOVE = 3
"""Part of the height, one in so many, that the note above the numbers takes at most, unless it is opened."""

OF_THE_BEST_MATCH = ("r_neuropil", "score", "negative", "r_truth", "error_truth")


class NumbersTable(QWidget):
    """Names at the left, values at the right, the worst note above, other notes below.

    Signals: `component_hovered` (rank of the component that the number under the pointer belongs to, or None),
    `component_clicked` (rank).
    """

    component_hovered = pyqtSignal(object)
    component_clicked = pyqtSignal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = Header("Numbers", HELP)
        self._rows: list[tuple[QLabel, QLabel]] = []
        self._keys: list[str] = []
        self._lit: int | None = None
        self._hovered: int | None = None
        body = QWidget()
        outer = QVBoxLayout(body)
        outer.setContentsMargins(10, 2, 10, 8)
        self._grid = QGridLayout()
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self.worst, self.notes = NoteList(), NoteList()
        outer.addWidget(self.worst)
        outer.addLayout(self._grid)
        outer.addSpacing(4)
        outer.addWidget(self.notes)
        outer.addStretch(1)
        self._body, self._scroll = body, QScrollArea()
        scroll = self._scroll
        scroll.setWidget(body)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(scroll, 1)

    @property
    def rows(self) -> dict[str, tuple[QLabel, QLabel]]:
        """Label and value of each number shown, by key."""
        return dict(zip(self._keys, self._rows, strict=False))

    def show_numbers(self, numbers: Mapping[str, float]) -> None:
        """Show these numbers, by key; none where there is no result."""
        self._keys = [key for key in ROWS if key in numbers]
        self.header.set_subtitle("raw → best match" if any(raw_key(key) in numbers for key in self._keys) else "")
        while len(self._rows) < len(self._keys):
            self._rows.append(self._make_row(len(self._rows)))
        for index, (label, value) in enumerate(self._rows):
            shown = index < len(self._keys)
            label.setVisible(shown)
            value.setVisible(shown)
            if shown:
                number = NUMBERS[self._keys[index]]
                text = number_text(number, numbers)
                label.setText(number.name)
                value.setText(text)
                value.setObjectName(f"number_{number.key}")
                value.setAccessibleName(f"{number.name}: {text}")
                for widget in (label, value):
                    widget.setToolTip(_tip(number))
        self._show_lit()
        self._fit_notes()

    def show_highlight(self, component: int | None, signal: int | None = None) -> None:
        """Highlight the numbers of a component, by its rank."""
        if component != self._lit:
            self._lit = component
            self._show_lit()

    def _show_lit(self) -> None:
        """Underline the highlighted numbers in the component's colour."""
        colour = style.readable(style.component_colour(0), style.current().window, 4.5).name()
        for index, pair in enumerate(self._rows):
            lit = self._lit is not None and self._lit == self._component(index)
            sheet = f"color: {colour}; text-decoration: underline;" if lit else ""
            for widget in pair:
                if widget.styleSheet() != sheet:
                    widget.setStyleSheet(sheet)

    def _component(self, index: int) -> int | None:
        return 0 if index < len(self._keys) and self._keys[index] in OF_THE_BEST_MATCH else None

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Emit the component of the number under the pointer."""
        kind = event.type() if event is not None else QEvent.Type.None_
        if kind in (QEvent.Type.Enter, QEvent.Type.Leave, QEvent.Type.MouseButtonRelease):
            index = next((place for place, pair in enumerate(self._rows) if watched in pair), -1)
            component = self._component(index) if index >= 0 else None
            if kind == QEvent.Type.MouseButtonRelease:
                if component is not None:
                    self.component_clicked.emit(component)
            else:
                self._hover(component if kind == QEvent.Type.Enter else None)
        return super().eventFilter(watched, event)

    def _hover(self, component: int | None) -> None:
        if component != self._hovered:
            self._hovered = component
            self.component_hovered.emit(component)

    def show_notes(self, remarks: Sequence[Remark]) -> None:
        """Show remarks as notes: the first one above the numbers where it is a warning, the others below."""
        above = len(doubts(remarks[:1]))
        self.worst.show_notes(remarks[:above])
        self.notes.show_notes(remarks[above:])
        self._fit_notes()

    def reach_notes(self) -> None:
        """Scroll to the worst note, and give it the keyboard."""
        self._scroll.ensureVisible(0, 0)
        for note in self.worst.notes:
            note.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Shorten notes that do not fit."""
        super().resizeEvent(a0)
        self._fit_notes()

    def _fit_notes(self) -> None:
        layout, port = self._body.layout(), self._scroll.viewport()
        if layout is not None and port is not None:
            self.worst.set_room(self.notes.width(), port.height() // ABOVE)
            layout.activate()
            height = port.height() - self.notes.y() - layout.contentsMargins().bottom()
            self.notes.set_room(self.notes.width(), height)

    def sizeHint(self) -> QSize:
        """Return a size with room for a note."""
        return scaled_size(290, 300)

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.header.restyle()
        self._show_lit()

    def _make_row(self, index: int) -> tuple[QLabel, QLabel]:
        label, value = QLabel(), QLabel()
        label.setProperty("muted", True)
        # Where there is little room the name is cut and never the value, which would look like another one.
        label.setMinimumWidth(1)
        value.setAlignment(Qt.Alignment(Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter)
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for widget in (label, value):
            widget.installEventFilter(self)
        self._grid.addWidget(label, index, 0)
        self._grid.addWidget(value, index, 1)
        return label, value


def number_text(number: Number, numbers: Mapping[str, float]) -> str:
    """Return a number as the table shows it: with an arrow where the raw ROI has it too, of how many components."""
    text = number.text(numbers[number.key])
    if number.key == "alive" and "n" in numbers:
        return f"{text} of {numbers['n']:.0f}"
    if raw_key(number.key) not in numbers:
        return text
    raw = number.text(numbers[raw_key(number.key)])
    return UNKNOWN if raw == text == UNKNOWN else f"{raw} → {text}"


def _tip(number: Number) -> str:
    unit = f" Unit: {number.unit}." if number.unit else ""
    return f"<qt>{number.help}{unit}<p><b>When it misleads:</b> {number.lies_when}</qt>"
