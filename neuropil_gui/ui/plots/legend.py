"""The words in a plot's header: each tells of one line, and may switch it on and off."""

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt5.QtCore import QEvent, QObject, QRect, QSize, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt5.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from neuropil_gui.ui import style

LINE, PAD, GAP, LEAST = 16, 5, 4, 26
"""Pixels: the sample of the line, the room inside a word's border, between words, and a word's least width."""


@dataclass(frozen=True)
class Entry:
    """What one word of a legend says and does.

    Attributes
    ----------
    key : str
        The word's objectName.
    text, short : str
        What it says; `short` is for where there is little room.
    colour : QColor
    pen : QPen or None
        Of the sample before the text; None for a remark.
    tip : str
    checkable, enabled, bold : bool
    """

    key: str
    text: str
    short: str
    colour: QColor
    pen: QPen | None = None
    tip: str = ""
    checkable: bool = False
    enabled: bool = True
    bold: bool = False


class Word(QAbstractButton):
    """Draws one entry; a switch has a border, dotted and empty while it is off."""

    def __init__(self, entry: Entry, parent: QWidget) -> None:
        super().__init__(parent)
        self.entry = entry
        self.setObjectName(entry.key)
        self.setCheckable(entry.checkable)
        self.setChecked(entry.checkable)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if entry.checkable else Qt.FocusPolicy.NoFocus)
        if entry.checkable:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.set_entry(entry)

    def set_entry(self, entry: Entry) -> None:
        """Show what another entry with the same key says."""
        self.entry = entry
        self.setEnabled(entry.enabled)
        self.setText(entry.text)
        self.setAccessibleName(f"Show {entry.text}" if entry.checkable else entry.text)
        self.setToolTip(f"<qt>{entry.tip}</qt>" if entry.tip else "")
        self.update()

    def width_of(self, text: str) -> int:
        """Return how wide the word is with this text."""
        sample = LINE + PAD if self.entry.pen is not None else 0
        return 2 * PAD + sample + QFontMetrics(self._font()).horizontalAdvance(text) + 1

    def sizeHint(self) -> QSize:
        """Leave room for all of the text."""
        return QSize(self.width_of(self.entry.text), self.fontMetrics().height() + 4)

    def _font(self) -> QFont:
        font = self.font()
        font.setBold(self.entry.bold)
        return font

    def paintEvent(self, _: QPaintEvent | None) -> None:
        """Draw the border, the sample and as much of the text as there is room for."""
        theme, entry = style.current(), self.entry
        painter = QPainter(self)
        on = self.isEnabled() and (self.isChecked() or not entry.checkable)
        if entry.checkable:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            focused = self.hasFocus()
            border = QPen(QColor(theme.text if focused else theme.faint), 1.5 if focused else 1.0)
            border.setStyle(Qt.PenStyle.SolidLine if on else Qt.PenStyle.DotLine)
            painter.setPen(border)
            painter.setBrush(QColor(theme.base) if on else Qt.GlobalColor.transparent)
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), 4, 4)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        left = PAD
        if entry.pen is not None:
            pen = QPen(entry.pen)
            pen.setWidthF(max(pen.widthF(), 1.5))
            pen.setCosmetic(False)
            if not on:
                pen.setColor(QColor(theme.faint))
            painter.setPen(pen)
            painter.drawLine(left, self.height() // 2, left + LINE, self.height() // 2)
            left += LINE + PAD
        font = self._font()
        painter.setFont(font)
        painter.setPen(entry.colour if on else QColor(theme.muted if self.isEnabled() else theme.faint))
        room = QRect(left, 0, self.width() - left - PAD + 2, self.height())
        text = entry.text if self.width() >= self.width_of(entry.text) else entry.short
        text = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)


class Legend(QWidget):
    """Words side by side; where room is short they say less, then are cut off, and never overlap."""

    switched = pyqtSignal(str, bool)
    """(key, on), after a click or a key."""

    hovered = pyqtSignal(object)
    """The key under the pointer, or None."""

    clicked = pyqtSignal(str)
    """The key of a word that is no switch."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words: dict[str, Word] = {}
        self._shown: list[Word] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show these; a switch that was there before stays as it was."""
        if list(entries) == [word.entry for word in self._shown]:
            return
        self._shown = []
        for entry in entries:
            word = self._words.get(entry.key) or self._make(entry)
            word.set_entry(entry)
            self._shown.append(word)
        for word in self._words.values():
            word.setVisible(word in self._shown)
        self.updateGeometry()
        self._arrange()

    def word(self, key: str) -> Word | None:
        """Return the word with this key, once it has been shown."""
        return self._words.get(key)

    def text(self) -> str:
        """Return all that is said, in full, but for what is switched off."""
        said = [each for each in self._shown if not each.isCheckable() or each.isChecked()]
        return ", ".join(each.entry.text for each in said)

    def sizeHint(self) -> QSize:
        """Leave room for all texts in full."""
        height = max((each.sizeHint().height() for each in self._shown), default=0)
        return QSize(sum(each.sizeHint().width() + GAP for each in self._shown), height)

    def minimumSizeHint(self) -> QSize:
        """Never make the panel wider."""
        return QSize(len(self._shown) * (LEAST + GAP), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Give each word its place."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent | None) -> None:
        """Measure anew in another font."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
            self._arrange()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Tell which word the pointer is on."""
        if event is not None and isinstance(watched, Word):
            if event.type() == QEvent.Type.Enter:
                self.hovered.emit(watched.entry.key)
            elif event.type() == QEvent.Type.Leave:
                self.hovered.emit(None)
        return super().eventFilter(watched, event)

    def _make(self, entry: Entry) -> Word:
        word = self._words[entry.key] = Word(entry, self)
        word.installEventFilter(self)
        word.clicked.connect(self._clicked)
        return word

    @pyqtSlot(bool)
    def _clicked(self, on: bool) -> None:
        word = self.sender()
        if isinstance(word, Word):
            if word.isCheckable():
                self.switched.emit(word.entry.key, on)
            else:
                self.clicked.emit(word.entry.key)

    def _arrange(self) -> None:
        room = self.width() - GAP * len(self._shown)
        widths = [each.width_of(each.entry.text) for each in self._shown]
        # The longest say less first; where that is not enough, all above a common width are cut.
        for index in sorted(range(len(widths)), key=lambda k: -widths[k]):
            if sum(widths) <= room:
                break
            widths[index] = self._shown[index].width_of(self._shown[index].entry.short)
        cap = max(widths, default=0)
        while cap > LEAST and sum(min(width, cap) for width in widths) > room:
            cap -= 2
        left = 0
        for word, width in zip(self._shown, widths, strict=True):
            word.setGeometry(left, 0, min(width, cap), self.height())
            left += min(width, cap) + GAP
