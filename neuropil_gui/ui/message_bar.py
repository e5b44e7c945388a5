"""Message bar: one line of text at the top of the window, with a button for an action."""

from PyQt5.QtCore import QSize, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QToolButton, QWidget

from neuropil_gui.ui import style
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.sizes import keep_scaled, scaled, scaled_size, set_icon_side

LOWEST = 440
"""Height of the window without any message."""


class _ScrolledText(QScrollArea):
    """A wrapped text that is as high as it needs where the window has room, and scrolls where it has not.

    A wrapped label by itself would make the window higher than the screen.
    """

    def __init__(self, text: QLabel) -> None:
        super().__init__()
        self._text = text
        self.setWidget(text)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setObjectName("message_area")

    def sizeHint(self) -> QSize:
        """Return the size of the whole text at the present width."""
        return QSize(self._text.sizeHint().width(), self._text.heightForWidth(max(self.width(), 1)))

    def minimumSizeHint(self) -> QSize:
        """Return the height of the text, at most half of what the window does not need for all else, for two bars."""
        room = max((self.window().height() - scaled(LOWEST)) // 2, self.fontMetrics().height())  # type: ignore[union-attr]
        return QSize(60, min(self.sizeHint().height(), room))

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Take another height for another width."""
        super().resizeEvent(event)
        if event is not None and event.size().width() != event.oldSize().width():
            self.updateGeometry()


class MessageBar(QWidget):
    """Message with a symbol, an optional action and a close button; hidden while there is none.

    Signals: `action_triggered`, when the action's button is clicked.
    """

    action_triggered = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._level = "info"
        self.setObjectName("message_bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.symbol = QLabel()
        keep_scaled(self.symbol, QLabel.setFixedSize, 20, 20)
        self.text = QLabel()
        self.text.setObjectName("message_text")
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.action_button = QPushButton()
        self.action_button.setObjectName("message_action")
        self.action_button.clicked.connect(self.action_triggered)
        self.close_button = QToolButton()
        self.close_button.setObjectName("message_close")
        self.close_button.setAccessibleName("Close the message")
        self.close_button.setToolTip("Close the message")
        self.close_button.setAutoRaise(True)
        keep_scaled(self.close_button, set_icon_side, 16)
        self.close_button.clicked.connect(self.hide_message)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 6, 8, 6)
        layout.setSpacing(10)
        layout.addWidget(self.symbol)
        self._area = _ScrolledText(self.text)
        layout.addWidget(self._area, 1)
        layout.addWidget(self.action_button)
        layout.addWidget(self.close_button)
        self.restyle()
        self.hide()

    def show_message(self, text: str, level: str = "error", action_text: str | None = None) -> None:
        """Show `text`; `level` is "error", "warning" or "info", `action_text` the label of the button."""
        self._level = level
        self.text.setText(text)
        self._area.updateGeometry()
        self.setAccessibleName(f"{level}: {text}")
        self.action_button.setText(action_text or "")
        self.action_button.setAccessibleName(action_text or "")
        self.action_button.setToolTip(action_text or "")
        self.action_button.setVisible(bool(action_text))
        self.restyle()
        self.show()

    def add_message(self, text: str, level: str = "info", action_text: str | None = None) -> None:
        """Show `text` behind what is shown already, whose level and action stay; or alone where nothing is."""
        if self.isHidden():
            self.show_message(text, level, action_text)
        else:
            action = self.action_button.text() or action_text
            self.show_message(f"{self.text.text()} {text}", self._level, action)

    @pyqtSlot()
    def hide_message(self) -> None:
        """Hide the message."""
        self.hide()

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        theme = style.current()
        back, fore = {
            "error": (theme.error_back, theme.error),
            "warning": (theme.warning_back, theme.warning),
            "info": (theme.info_back, theme.text),
        }[self._level]
        self.setStyleSheet(
            f"#message_bar, #message_area, #message_text {{ background: {back}; }} #message_text {{ color: {fore}; }}"
        )
        self.symbol.setPixmap(icon(self._level).pixmap(scaled_size(20, 20)))
        self.close_button.setIcon(icon("clear"))
