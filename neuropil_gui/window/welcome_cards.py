"""A demo to click: a small picture of it, its title and a sentence on what to see."""

from pathlib import Path

from PyQt5.QtCore import QByteArray, QRectF, QSizeF, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor, QPainter, QPaintEvent
from PyQt5.QtSvg import QSvgRenderer
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.demos import PICTURE, RAW_COLOUR, TRUE_COLOUR
from neuropil_gui.ui import style

MARGIN = 14
WIDE = 640
SHARES = (0.3, 0.36)
"""How much of a card's width its picture takes, in a card that is not `WIDE` and in one that is."""


def picture_colours() -> tuple[QColor, QColor]:
    """Return the colours of the raw ROI and of the true cell in the pictures."""
    theme = style.current()
    return QColor(theme.muted), style.readable(theme.accent, theme.base, theme.line_contrast)


class DemoCard(QPushButton):
    """A button with a picture and two texts; `chosen` carries the demo's name."""

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
        """Make the picture fit a card of this width, and return the height needed; a button does not ask for it."""
        wide = width >= WIDE
        breadth = round((width - 2 * MARGIN) * SHARES[wide])
        self.picture.setFixedSize(breadth, round(breadth * PICTURE[1] / PICTURE[0]))
        above = 16 if wide else 8
        self._line.setContentsMargins(MARGIN, above, MARGIN, above)
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
        """Tell which demo was chosen."""
        self.chosen.emit(self._name)


class DemoPicture(QWidget):
    """The drawing that `core.demos` made, in the colours of the theme; nothing where there is none."""

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
        """Draw the lines at the size there is."""
        size = QSizeF(*PICTURE).scaled(QSizeF(self.size()), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF(0, 0, size.width(), size.height())
        place.moveCenter(QRectF(self.rect()).center())
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._renderer.render(painter, place)
        painter.end()
