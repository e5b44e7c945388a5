"""List of notes about the numbers, shortened to the room there is and opened by a click."""

import re
from collections.abc import Sequence

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QKeyEvent, QMouseEvent
from PyQt5.QtWidgets import QLabel, QVBoxLayout, QWidget

from neuropil_gui.core.remarks import Remark

MORE = " \N{HORIZONTAL ELLIPSIS}\N{NO-BREAK SPACE}more"

SHORTEST = 15
"""Least number of characters of a part of a note."""


class Note(QLabel):
    """One note, shortened to its first parts; a click or the space bar opens and closes it.

    Signals: `toggled`.
    """

    toggled = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("note", True)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.whole = ""
        self.opened = False
        self._ends: list[int] = []

    @property
    def count(self) -> int:
        """Number of its parts."""
        return len(self._ends)

    def set_whole(self, text: str, level: str = "warning") -> None:
        """Set the text, coloured by the level of its remark; an empty one hides the note."""
        if level != self.property("level"):
            self.setProperty("level", level)
            if (style := self.style()) is not None:
                style.unpolish(self)
                style.polish(self)
        if text != self.whole:
            self.whole, self.opened = text, False
            self._ends = [part.end() for part in re.finditer(rf".{{{SHORTEST},}}?(?=[.:;]\s|$)", text, re.DOTALL)]
            self.setAccessibleName(text)
            self.setVisible(bool(text))

    def show_parts(self, count: int) -> None:
        """Show the first `count` parts and a mark for the rest, or the whole text where the note is opened."""
        hides = count < self.count
        self.setText(self.whole[: self._ends[count - 1]] + MORE if hides and not self.opened else self.whole)
        self.setCursor(Qt.CursorShape.PointingHandCursor if hides else Qt.CursorShape.ArrowCursor)
        flags = Qt.TextInteractionFlag.NoTextInteraction if hides else Qt.TextInteractionFlag.TextSelectableByMouse
        self.setTextInteractionFlags(flags)

    def mouseReleaseEvent(self, ev: QMouseEvent | None) -> None:
        """Open or close the note, unless all of its text is shown and may be selected."""
        super().mouseReleaseEvent(ev)
        if self.textInteractionFlags() == Qt.TextInteractionFlag.NoTextInteraction:
            self._toggle()

    def keyPressEvent(self, ev: QKeyEvent | None) -> None:
        """Open or close the note by the space bar."""
        if ev is not None and ev.key() == Qt.Key.Key_Space:
            self._toggle()
        else:
            super().keyPressEvent(ev)

    def _toggle(self) -> None:
        self.opened = not self.opened
        self.toggled.emit()


class NoteList(QWidget):
    """Notes below each other, in the width and height given by `set_room`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._made: list[Note] = []
        self._room = (0, 0)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(6)

    @property
    def notes(self) -> list[Note]:
        """Visible notes."""
        return [note for note in self._made if note.whole]

    def show_notes(self, remarks: Sequence[Remark]) -> None:
        """Show these remarks; notes that keep their place stay open."""
        while len(self._made) < len(remarks):
            note = Note()
            note.toggled.connect(self._fit)
            self._layout.addWidget(note)
            self._made.append(note)
        for index, note in enumerate(self._made):
            if index < len(remarks):
                note.set_whole(remarks[index].text, remarks[index].level)
            else:
                note.set_whole("")
        self._fit()

    def set_room(self, width: int, height: int) -> None:
        """Set width and height in pixels, and show as much of the notes as fits."""
        if (width, height) != self._room:
            self._room = width, height
            self._fit()

    def _fit(self) -> None:
        """Show the first part of each note, then further parts while they fit."""
        notes = self.notes
        for note in notes:
            note.show_parts(1)
        for note in notes:
            for count in range(2, note.count + 1):
                note.show_parts(count)
                if self._wanted() > self._room[1]:
                    note.show_parts(count - 1)
                    break

    def _wanted(self) -> int:
        heights = [note.heightForWidth(self._room[0]) for note in self.notes]
        return sum(heights) + self._layout.spacing() * (len(heights) - 1)
