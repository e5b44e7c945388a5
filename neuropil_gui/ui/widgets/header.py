"""Header of a panel: title, muted subtitle, and a button that opens the help."""

from typing import TypeVar

from PyQt5.QtCore import QPoint, Qt, pyqtSlot
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.sizes import icon_size, keep_scaled

LEFT = Qt.Alignment(Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.Alignment(Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter


Button = TypeVar("Button", bound=QToolButton)


class Header(QWidget):
    """Title, subtitle and "?" button; also used as the title bar of a dock.

    Attributes
    ----------
    subtitle_text : str
        The whole subtitle, also where the label elides it.
    help_popup : QFrame
        The help while it is open.
    """

    def __init__(self, title: str, help_text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.subtitle_text = ""
        self.export_button: QToolButton | None = None
        self.title = QLabel(title)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self.subtitle = QLabel()
        self.subtitle.setProperty("muted", True)
        self.subtitle.setAlignment(RIGHT)
        # Do not let a long subtitle widen the panel.
        self.subtitle.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.help_button = QToolButton()
        self.help_button.setObjectName("help_button")
        self.help_button.setAccessibleName(f"Help on {title}")
        self.help_button.setToolTip("What is drawn here, and how to read it")
        self.help_button.setAutoRaise(True)
        self.help_button.clicked.connect(self.show_help)
        # A QFrame, because a QLabel that is itself a popup takes all keys and clicks and never closes.
        self.help_popup = QFrame(self, Qt.WindowType.Popup)
        self.help_popup.setObjectName("help_popup")
        keep_scaled(self.help_popup, QFrame.setFixedWidth, 380)
        text = QLabel(help_text)
        text.setWordWrap(True)
        inside = QVBoxLayout(self.help_popup)
        inside.setContentsMargins(14, 12, 14, 12)
        inside.addWidget(text)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 3, 4, 3)
        layout.setSpacing(14)
        layout.addWidget(self.title)
        layout.addWidget(self.subtitle, 1)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(0)
        self._buttons.addWidget(self.help_button)
        layout.addLayout(self._buttons)
        self.restyle()

    def add_export(self, name: str) -> QToolButton:
        """Add a button, left of the help, to export the figure of the tool with this name."""
        self.export_button = self.add_button(QToolButton(), f"export_figure_{name}", "Export figure")
        self.export_button.setToolTip("Export figure: PNG, SVG or PDF")
        self.restyle()
        return self.export_button

    def add_button(self, button: Button, name: str, spoken: str) -> Button:
        """Add a button, left of the others, with an object name and an accessible one."""
        button.setObjectName(name)
        button.setAccessibleName(spoken)
        button.setAutoRaise(True)
        self._buttons.insertWidget(0, button)
        return button

    def show_title(self, on: bool) -> None:
        """Show or hide the title; the subtitle takes its place."""
        self.title.setVisible(on)
        self.set_subtitle(self.subtitle_text)

    def set_subtitle(self, text: str, align_left: bool = False) -> None:
        """Show `text`, plain or rich, elided where it is plain and too long."""
        self.subtitle.setAlignment(LEFT if align_left or self.title.isHidden() else RIGHT)
        self.subtitle_text = text
        self._show_subtitle()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Elide the subtitle to the new width."""
        super().resizeEvent(event)
        self._show_subtitle()

    def _show_subtitle(self) -> None:
        text = self.subtitle_text
        if "<" not in text:
            metrics = self.subtitle.fontMetrics()
            text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, self.subtitle.width())
        self.subtitle.setText(text)
        # The tool tip shows the whole text also where the label elides it.
        self.subtitle.setToolTip(f"<qt>{self.subtitle_text}</qt>" if self.subtitle_text else "")

    @pyqtSlot()
    def show_help(self) -> None:
        """Open the help below the button, inside the window."""
        # The layout's own hint is the height of the text at another width.
        self.help_popup.setFixedHeight(self.help_popup.heightForWidth(self.help_popup.width()))
        corner = self.help_button.mapToGlobal(QPoint(self.help_button.width(), self.help_button.height() + 2))
        window = self.window() or self
        left = corner.x() - self.help_popup.width()
        lowest = window.mapToGlobal(QPoint(0, window.height())).y() - self.help_popup.height() - 4
        self.help_popup.move(max(left, window.mapToGlobal(QPoint(4, 0)).x()), min(corner.y(), max(lowest, 0)))
        self.help_popup.show()

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.help_button.setIcon(icon("help"))
        for button in self.findChildren(QToolButton):
            button.setIconSize(icon_size())
        if self.export_button is not None:
            self.export_button.setIcon(icon("figure"))
