"""Page that shows either its content or a sentence, and a scrolled side panel."""

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QLabel, QScrollArea, QStackedWidget, QWidget

from neuropil_gui.ui.sizes import keep_scaled


class Page(QStackedWidget):
    """Stack of a content widget and the sentence that is shown while there is no content."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._content: QWidget | None = None
        self.sentence = QLabel()
        self.sentence.setObjectName(f"{name}_sentence")
        self.sentence.setWordWrap(True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence.setMargin(40)
        self.sentence.setProperty("muted", True)
        self.addWidget(self.sentence)

    def set_content(self, content: QWidget) -> None:
        """Set the content widget."""
        self._content = content
        self.addWidget(content)

    def say(self, sentence: str) -> None:
        """Show `sentence`; an empty one shows the content."""
        self.sentence.setText(sentence)
        self.setCurrentWidget(self.sentence if sentence or self._content is None else self._content)


def side_panel(inside: QWidget, width: int) -> QScrollArea:
    """Return a scroll area of fixed `width`, times the text size, around `inside`, for the right side of a page."""
    side = QScrollArea()
    side.setWidget(inside)
    side.setWidgetResizable(True)
    side.setFrameShape(QScrollArea.Shape.NoFrame)
    side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    keep_scaled(side, QScrollArea.setFixedWidth, width)
    return side
