"""Cards of the welcome page: a demo with its picture, and a recent recording."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PyQt5.QtCore import QByteArray, QPointF, QRect, QRectF, QSize, QSizeF, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen, QPolygonF
from PyQt5.QtSvg import QSvgRenderer
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.demos import PICTURE, RAW_COLOUR, TRUE_COLOUR
from neuropil_gui.formats.paths import and_more
from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import scaled

MARGIN = 14
WIDE = 640
SHARES = (0.3, 0.36)
"""The picture's share of a card's width, in a card narrower than `WIDE` and in a wider one."""

ROW_MARGIN, GAP = 10, 14
MINIATURE = 72
"""Width of the miniature of a recent recording, in pixels."""

NAME_SHARE = 0.65
"""Greatest share of a row's width for the name of a recent recording; the rest is its folder's."""


def picture_colours() -> tuple[QColor, QColor]:
    """Return the colours of the raw ROI and of the true cell in the pictures."""
    theme = style.current()
    return QColor(theme.muted), style.readable(theme.accent, theme.base, theme.line_contrast)


class DemoCard(QPushButton):
    """A button with a picture and two texts.

    Signals: `chosen` (name of the demo).
    """

    chosen = pyqtSignal(str)

    def __init__(self, name: str, title: str, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.setObjectName(f"demo_{name}")
        self.setAccessibleName(f"Demo: {title}")
        self.setAccessibleDescription(sentence)
        self.setToolTip(f"Open the demo “{title}”")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        # Outside of a dialog, Enter presses only a button that says so.
        self.setAutoDefault(True)
        self.picture = DemoPicture(RESOURCES / "demos" / f"{name}.svg")
        self.title, self.sentence = QLabel(title), QLabel(sentence)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        small = self.sentence.font()
        small.setPixelSize(round(self.fontInfo().pixelSize() * 0.9))
        self.sentence.setFont(small)
        self.sentence.setWordWrap(True)
        self.sentence.setProperty("muted", True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.sentence)
        words.addStretch(1)
        self._line = QHBoxLayout(self)
        self._line.setSpacing(16)
        self._line.addWidget(self.picture, 0, Qt.AlignmentFlag.AlignVCenter)
        self._line.addLayout(words, 1)
        for child in (self.picture, self.title, self.sentence):
            # A click on the words is a click on the card.
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.clicked.connect(self._clicked)
        self.restyle()

    def fit(self, width: int) -> int:
        """Fit the picture to a card of this width, and return the height that the card needs, both in pixels."""
        wide = width >= scaled(WIDE)
        breadth = round((width - 2 * scaled(MARGIN)) * SHARES[wide])
        self.picture.setFixedSize(breadth, round(breadth * PICTURE[1] / PICTURE[0]))
        above = 16 if wide else 8
        self._line.setContentsMargins(scaled(MARGIN), above, scaled(MARGIN), above)
        return self._line.heightForWidth(width)

    def restyle(self) -> None:
        """Follow the theme."""
        theme = style.current()
        self.setStyleSheet(
            f"DemoCard {{ background: {theme.base}; border: 1px solid {theme.border}; border-radius: 8px; }}"
            f"DemoCard:hover, DemoCard:focus {{ border: 1px solid {theme.accent}; background: {theme.info_back}; }}"
        )
        self.picture.restyle()

    @pyqtSlot()
    def _clicked(self) -> None:
        """Emit `chosen`."""
        self.chosen.emit(self._name)


class DemoPicture(QWidget):
    """The drawing of a demo in the colours of the theme; hidden where there is no file."""

    def __init__(self, path: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._drawing = path.read_text(encoding="ascii") if path.is_file() else ""
        self._renderer = QSvgRenderer()
        self.setVisible(bool(self._drawing))

    def restyle(self) -> None:
        """Follow the theme."""
        drawing = self._drawing
        for placeholder, colour in zip((RAW_COLOUR, TRUE_COLOUR), picture_colours(), strict=True):
            drawing = drawing.replace(placeholder, colour.name())
        if drawing:
            self._renderer.load(QByteArray(drawing.encode("ascii")))
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the lines as large as they fit."""
        size = QSizeF(*PICTURE).scaled(QSizeF(self.size()), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(QRectF(self.rect()).center())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._renderer.render(painter, place)
        painter.end()


Line = NDArray[np.float64]


class RecentFile(QPushButton):
    """A row with a miniature, the recording's name, bold, its folder, and what is kept of it.

    Signals: `chosen` (path).

    Parameters
    ----------
    path : str
    more : int, optional
        How many further files, each a trial, open with it.
    """

    chosen = pyqtSignal(str)

    def __init__(self, path: str, more: int = 0, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.path = path
        self._line: Line | None = None
        self.words = ""
        place = Path(path)
        self.name, self.folder = and_more(place.name or path, more), _short(place.parent)
        self.setObjectName("recent_file")
        self.setAccessibleName(f"Open {self.name} again")
        self.setAccessibleDescription(f"in {place.parent}")
        self.setToolTip(and_more(path, more))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(True)
        self.clicked.connect(self._clicked)
        self.restyle()

    def show_glance(self, line: Line | None, words: str) -> None:
        """Show a miniature of values from 0 to 1, None for none, and what is kept of the recording in words."""
        self._line, self.words = line, words
        self.setAccessibleDescription(", ".join(each for each in (f"in {Path(self.path).parent}", words) if each))
        self.update()

    def restyle(self) -> None:
        """Follow the theme."""
        theme = style.current()
        self.setStyleSheet(
            "RecentFile { border: 1px solid transparent; border-radius: 5px; background: transparent; }"
            f"RecentFile:hover, RecentFile:focus {{ border-color: {theme.accent}; background: {theme.info_back}; }}"
        )

    def sizeHint(self) -> QSize:
        """Return the height of a line with a little room."""
        return QSize(200, self.fontMetrics().height() + 9)

    def minimumSizeHint(self) -> QSize:
        """Allow any width: longer texts are elided."""
        return QSize(0, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the miniature, and write name, folder and what is kept; of a long path its end."""
        super().paintEvent(event)
        theme = style.current()
        bold = QFont(self.font())
        bold.setBold(True)
        room = self.rect().adjusted(scaled(ROW_MARGIN), 0, -scaled(ROW_MARGIN), 0)
        painter = QPainter(self)
        if self._line is not None:
            self._draw_line(painter, QRectF(room.left(), room.top() + 5, scaled(MINIATURE), room.height() - 10))
        room.adjust(scaled(MINIATURE) + scaled(GAP), 0, 0, 0)
        if self.words and room.width() > 0:
            kept = QRect(room)
            named = min(QFontMetrics(bold).horizontalAdvance(self.name), round((1 - NAME_SHARE) * room.width()))
            kept.setLeft(room.left() + named + scaled(GAP))
            wide = QFontMetrics(self.font()).horizontalAdvance(self.words)
            kept.setLeft(max(kept.left(), room.right() - wide))
            _draw_text(painter, kept, self.words, self.font(), theme.muted, Qt.TextElideMode.ElideRight)
            room.setRight(kept.left() - scaled(GAP))
        share = 1.0 if self.words else NAME_SHARE
        first = QRect(room.topLeft(), QSize(round(share * room.width()), room.height()))
        used = _draw_text(painter, first, self.name, bold, theme.text, Qt.TextElideMode.ElideMiddle)
        rest = room.adjusted(used + scaled(GAP), 0, 0, 0)
        if rest.width() >= scaled(MINIATURE):  # of less than that, too little could be read
            _draw_text(painter, rest, self.folder, self.font(), theme.muted, Qt.TextElideMode.ElideLeft)
        painter.end()

    def _draw_line(self, painter: QPainter, room: QRectF) -> None:
        assert self._line is not None
        step = room.width() / max(len(self._line) - 1, 1)
        points = [
            QPointF(room.left() + k * step, room.bottom() - value * room.height())
            for k, value in enumerate(self._line.tolist())
            if 0 <= value <= 1
        ]
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(picture_colours()[1], 1))
        painter.drawPolyline(QPolygonF(points))

    @pyqtSlot()
    def _clicked(self) -> None:
        """Emit `chosen`."""
        self.chosen.emit(self.path)


def _draw_text(painter: QPainter, room: QRect, text: str, font: QFont, colour: str, elide: Qt.TextElideMode) -> int:
    """Draw a text, elided to the room, and return its width in pixels."""
    metrics = QFontMetrics(font)
    text = metrics.elidedText(text, elide, max(room.width(), 0))
    painter.setFont(font)
    painter.setPen(QColor(colour))
    painter.drawText(room, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), text)
    return metrics.horizontalAdvance(text)


def _short(folder: Path) -> str:
    """Return a folder with ``~`` for the user's home."""
    home = Path.home()
    return str(Path("~", folder.relative_to(home))) if folder.is_relative_to(home) else str(folder)
