"""Legend in the header of a plot: a line sample and a text per curve, which may be a switch."""

from collections.abc import Sequence
from dataclasses import dataclass

from PyQt5.QtCore import QEvent, QObject, QRect, QSize, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QResizeEvent
from PyQt5.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import scaled

LINE, PAD, GAP, LEAST = 16, 5, 4, 26
"""Pixels: line sample, padding inside an entry's border, gap between entries, and an entry's least width."""


@dataclass(frozen=True)
class Entry:
    """One entry of a legend.

    Attributes
    ----------
    key : str
        Object name of its widget.
    text, short : str
        Text, and the text where there is little room.
    colour : QColor
    pen : QPen or None
        Pen of the line sample; None for a remark without a line.
    tip : str
        Tool tip.
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
    """Widget of one entry; a switch has a border, which is dotted while it is off."""

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
        """Show another entry with the same key."""
        self.entry = entry
        self.setEnabled(entry.enabled)
        self.setText(entry.text)
        self.setAccessibleName(f"Show {entry.text}" if entry.checkable else entry.text)
        self.setToolTip(f"<qt>{entry.tip}</qt>" if entry.tip else "")
        self.update()

    def width_of(self, text: str) -> int:
        """Return the width in pixels of the widget with this text."""
        sample = scaled(LINE) + scaled(PAD) if self.entry.pen is not None else 0
        return 2 * scaled(PAD) + sample + QFontMetrics(self._font()).horizontalAdvance(text) + 1

    def sizeHint(self) -> QSize:
        """Return the size of the whole text."""
        return QSize(self.width_of(self.entry.text), self.fontMetrics().height() + 4)

    def _font(self) -> QFont:
        font = self.font()
        font.setBold(self.entry.bold)
        return font

    def paintEvent(self, _: QPaintEvent | None) -> None:
        """Draw border, line sample and the text, shortened and then elided to the width."""
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
        left = scaled(PAD)
        if entry.pen is not None:
            pen = QPen(entry.pen)
            pen.setWidthF(max(pen.widthF(), 1.5))
            pen.setCosmetic(False)
            if not on:
                pen.setColor(QColor(theme.faint))
            painter.setPen(pen)
            painter.drawLine(left, self.height() // 2, left + scaled(LINE), self.height() // 2)
            left += scaled(LINE) + scaled(PAD)
        font = self._font()
        painter.setFont(font)
        painter.setPen(entry.colour if on else QColor(theme.muted if self.isEnabled() else theme.faint))
        room = QRect(left, 0, self.width() - left - scaled(PAD) + 2, self.height())
        text = entry.text if self.width() >= self.width_of(entry.text) else entry.short
        text = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)


class Legend(QWidget):
    """Entries side by side; where room is short they are shortened, then elided, and never overlap.

    Signals: `switched` (key, on) by a click or a key, `hovered` (key or None), `clicked` (key of an entry that is no
    switch).
    """

    switched = pyqtSignal(str, bool)

    hovered = pyqtSignal(object)

    clicked = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words: dict[str, Word] = {}
        self._shown: list[Word] = []
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_entries(self, entries: Sequence[Entry]) -> None:
        """Show these entries; a switch that was shown before keeps its state."""
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
        """Return the widget of the entry with this key, None before it was first shown."""
        return self._words.get(key)

    def text(self) -> str:
        """Return the texts of all entries that are not switched off."""
        visible = [each for each in self._shown if not each.isCheckable() or each.isChecked()]
        return ", ".join(each.entry.text for each in visible)

    def sizeHint(self) -> QSize:
        """Return the size of all texts in full."""
        height = max((each.sizeHint().height() for each in self._shown), default=0)
        return QSize(sum(each.sizeHint().width() + scaled(GAP) for each in self._shown), height)

    def minimumSizeHint(self) -> QSize:
        """Return the least width, so that a legend never widens its panel."""
        return QSize(len(self._shown) * (scaled(LEAST) + scaled(GAP)), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the entries to the new width."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent | None) -> None:
        """Measure the texts again when the font changes."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
            self._arrange()

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Emit `hovered` as the pointer enters and leaves an entry."""
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
        room = self.width() - scaled(GAP) * len(self._shown)
        widths = [each.width_of(each.entry.text) for each in self._shown]
        # Shorten the longest first, and entries of one kind alike; where that is not enough, elide all above a width.
        kinds = [each.entry.key.rstrip("0123456789") for each in self._shown]
        for index in sorted(range(len(widths)), key=lambda k: -widths[k]):
            if sum(widths) <= room:
                break
            for k, kind in enumerate(kinds):
                if kind == kinds[index]:
                    widths[k] = self._shown[k].width_of(self._shown[k].entry.short)
        cap = max(widths, default=0)
        while cap > scaled(LEAST) and sum(min(width, cap) for width in widths) > room:
            cap -= 2
        left = 0
        for word, width in zip(self._shown, widths, strict=True):
            word.setGeometry(left, 0, min(width, cap), self.height())
            left += min(width, cap) + scaled(GAP)
