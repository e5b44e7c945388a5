"""Message bar: a text with a button for an action; and what lays such bars over the top of a page."""

from PyQt5.QtCore import QEvent, QObject, QSize, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QToolButton, QWidget

from neuropil_gui.ui import style
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.sizes import keep_scaled, scaled_size, set_icon_side
from neuropil_gui.ui.widgets.layouts import stack


class _ScrolledText(QScrollArea):
    """A wrapped text that is as high as it needs where there is room, and scrolls where there is not."""

    def __init__(self, text: QLabel) -> None:
        super().__init__()
        self._text = text
        self.setWidget(text)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setObjectName("message_area")

    def heightForWidth(self, width: int) -> int:
        """Return the height of the whole text in that width."""
        return self._text.heightForWidth(width)

    def sizeHint(self) -> QSize:
        """Return the size of the whole text in the present width."""
        return QSize(self._text.sizeHint().width(), self.heightForWidth(max(self.width(), 1)))

    def minimumSizeHint(self) -> QSize:
        """Return that of one line of a few letters."""
        return QSize(60, self.fontMetrics().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Have no scroll bar where the text fits: in the width beside a bar it would be higher, and so keep the bar."""
        super().resizeEvent(event)
        fits = self.heightForWidth(self.width()) <= self.height()
        policies = Qt.ScrollBarPolicy.ScrollBarAsNeeded, Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(policies[fits])


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
            f"#message_bar {{ border-bottom: 1px solid {theme.border}; }}"
        )
        self.symbol.setPixmap(icon(self._level).pixmap(scaled_size(20, 20)))
        self.close_button.setIcon(icon("clear"))


class MessagesOver(QWidget):
    """Lays message bars below each other over the top of a page, which stays as it is when one comes or goes.

    They take as much height as they need, up to half of the page's.

    Parameters
    ----------
    page : QWidget
        Beside which this is a child of the same parent.
    *bars : QWidget
    """

    def __init__(self, page: QWidget, *bars: QWidget) -> None:
        super().__init__(page.parentWidget())
        self._page = page
        self.setObjectName("messages_over_page")
        self._bars = stack(self, *bars)
        page.installEventFilter(self)
        self._place()

    def event(self, event: QEvent | None) -> bool:
        """Take another height when a bar comes or goes, or has another text."""
        if event is not None and event.type() == QEvent.Type.LayoutRequest:
            self._place()
        return super().event(event)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Follow the page."""
        if event is not None and event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self._place()
        return False

    def _place(self) -> None:
        page = self._page.geometry()
        height = self._bars.heightForWidth(page.width()) if self._bars.hasHeightForWidth() else 0
        self.setGeometry(page.x(), page.y(), page.width(), min(height, page.height() // 2))
        self.raise_()
