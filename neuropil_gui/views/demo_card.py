"""A demo to click: its title and a sentence on what to see."""

from PyQt5.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from neuropil_gui.views import style


class DemoCard(QPushButton):
    """A button of two texts; `chosen` carries the demo's name."""

    chosen = pyqtSignal(str)

    def __init__(self, name: str, title: str, sentence: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.setObjectName(f"demo_{name}")
        self.setAccessibleName(f"Demo: {title}")
        self.setAccessibleDescription(sentence)
        self.setToolTip(f"Open the demo “{title}”")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.title, self.sentence = QLabel(title), QLabel(sentence)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.sentence.setWordWrap(True)
        self.sentence.setProperty("muted", True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(4)
        for label in (self.title, self.sentence):
            # A click on the words is a click on the card.
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            layout.addWidget(label)
        layout.addStretch(1)
        self.clicked.connect(self._clicked)
        self.restyle()

    def height_for(self, width: int) -> int:
        """Return the height that the words need at this width; a button does not ask its layout."""
        layout = self.layout()
        return layout.heightForWidth(width) if layout is not None else 0

    def restyle(self) -> None:
        """Follow the theme."""
        theme = style.current()
        self.setStyleSheet(
            f"DemoCard {{ background: {theme.base}; border: 1px solid {theme.border}; border-radius: 8px; }}"
            f"DemoCard:hover, DemoCard:focus {{ border: 1px solid {theme.accent}; background: {theme.info_back}; }}"
        )

    @pyqtSlot()
    def _clicked(self) -> None:
        """Tell which demo was chosen."""
        self.chosen.emit(self._name)
