"""A page that shows a sentence where there is nothing to draw yet."""

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QLabel, QScrollArea, QStackedWidget, QWidget


class Page(QStackedWidget):
    """Either its content, or a sentence that says what will be there."""

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
        """Take what is shown where there is something to draw."""
        self._content = content
        self.addWidget(content)

    def say(self, sentence: str) -> None:
        """Show a sentence; an empty one shows the content."""
        self.sentence.setText(sentence)
        self.setCurrentWidget(self.sentence if sentence or self._content is None else self._content)


def side_panel(inside: QWidget, width: int) -> QScrollArea:
    """Return what stands at the right of a page's plots, and can be scrolled where it is longer."""
    side = QScrollArea()
    side.setWidget(inside)
    side.setWidgetResizable(True)
    side.setFrameShape(QScrollArea.Shape.NoFrame)
    side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    side.setFixedWidth(width)
    return side
