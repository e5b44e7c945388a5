"""The line at the top of each panel: what it is, what it shows now, and how to read it."""

from PyQt5.QtCore import QPoint, Qt, pyqtSlot
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from neuropil_gui.ui.icons import icon

LEFT = Qt.Alignment(Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.Alignment(Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter


class Header(QWidget):
    """A title, a muted subtitle and a "?" that opens the help; also serves as the title bar of a dock."""

    def __init__(self, title: str, help_text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.title = QLabel(title)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.subtitle = QLabel()
        self.subtitle.setProperty("muted", True)
        self.subtitle.setAlignment(RIGHT)
        # A long subtitle is cut off rather than making the panel wider.
        self.subtitle.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.help_button = QToolButton()
        self.help_button.setObjectName("help_button")
        self.help_button.setAccessibleName(f"Help on {title}")
        self.help_button.setToolTip("What is drawn here, and how to read it")
        self.help_button.setAutoRaise(True)
        self.help_button.clicked.connect(self.show_help)
        # A frame, because a label that is itself a popup takes every key and click and never closes.
        self._popup = QFrame(self, Qt.WindowType.Popup)
        self._popup.setObjectName("help_popup")
        self._popup.setFixedWidth(380)
        text = QLabel(help_text)
        text.setWordWrap(True)
        inside = QVBoxLayout(self._popup)
        inside.setContentsMargins(14, 12, 14, 12)
        inside.addWidget(text)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 3, 4, 3)
        layout.setSpacing(14)
        layout.addWidget(self.title)
        layout.addWidget(self.subtitle, 1)
        layout.addWidget(self.help_button)
        self.restyle()

    def set_subtitle(self, text: str, align_left: bool = False) -> None:
        """Say what the panel shows now; rich text is understood."""
        self.subtitle.setAlignment(LEFT if align_left else RIGHT)
        self._text = text
        self._show_subtitle()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Write as much of the subtitle as there is room for."""
        super().resizeEvent(event)
        self._show_subtitle()

    def _show_subtitle(self) -> None:
        text = self._text
        if "<" not in text:
            metrics = self.subtitle.fontMetrics()
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, self.subtitle.width())
        self.subtitle.setText(text)
        # Cut off or not, all of it can be read by resting the pointer on it.
        self.subtitle.setToolTip(f"<qt>{self._text}</qt>" if self._text else "")

    @pyqtSlot()
    def show_help(self) -> None:
        """Open the help below the button, inside the screen."""
        # By itself the frame would take the height that the words need at another width.
        self._popup.setFixedHeight(self._popup.heightForWidth(self._popup.width()))
        corner = self.help_button.mapToGlobal(QPoint(self.help_button.width(), self.help_button.height() + 2))
        window = self.window() or self
        left = corner.x() - self._popup.width()
        lowest = window.mapToGlobal(QPoint(0, window.height())).y() - self._popup.height() - 4
        self._popup.move(max(left, window.mapToGlobal(QPoint(4, 0)).x()), min(corner.y(), max(lowest, 0)))
        self._popup.show()

    def restyle(self) -> None:
        """Follow the theme."""
        self.help_button.setIcon(icon("help"))
