"""ToolPage: a page with a header and a view, which can be taken out into a window of its own."""

from PyQt5.QtCore import QByteArray, QSize, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QCloseEvent, QHideEvent, QKeyEvent, QShowEvent
from PyQt5.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from neuropil_gui.ui.screen import resize_within_screen
from neuropil_gui.ui.widgets.header import Header

SIZE = QSize(1080, 700)
"""Of the window at first."""


class ToolPage(QWidget):
    """A header with a help button above a view.

    Signals: `shown`, `hidden` (also when minimised), `export_requested` (of the figure), `left` (by Esc, or by closing
    the page's own window).
    """

    shown = pyqtSignal()
    hidden = pyqtSignal()
    export_requested = pyqtSignal()
    left = pyqtSignal()

    def __init__(self, name: str, title: str, help_text: str, view: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName(f"{name}_window")
        self.setWindowTitle(title)
        self.header = Header(title, help_text)
        self.header.add_export(name).clicked.connect(self._export)
        self.view = view
        self._place: QByteArray | None = None
        # On a small screen the view keeps the room that it needs, and the window stays within the screen.
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setWidget(view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(area, 1)
        self.hide()

    @property
    def detached(self) -> bool:
        """Whether the page is a window of its own."""
        return self.isWindow()

    def detach(self, owner: QWidget) -> None:
        """Make it a window beside `owner`, at its last place."""
        self.setParent(owner, Qt.WindowType.Window)
        if self._place is None:
            resize_within_screen(self, SIZE)
        else:
            self.restoreGeometry(self._place)
        self.bring_to_front()

    def bring_to_front(self) -> None:
        """Show the page's own window in front of all others."""
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    @pyqtSlot()
    def _export(self) -> None:
        self.export_requested.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Leave the page by Esc, which an open menu or list of choices takes first."""
        if event is None or event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.detached:
            self.close()
        else:
            self.left.emit()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Emit `shown`."""
        super().showEvent(event)
        # A tab has the title otherwise.
        self.header.show_title(self.detached)
        self.shown.emit()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Emit `hidden`."""
        super().hideEvent(event)
        self.hidden.emit()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        """Emit `left`."""
        if self.detached:
            self._place = self.saveGeometry()
        super().closeEvent(event)
        self.left.emit()
