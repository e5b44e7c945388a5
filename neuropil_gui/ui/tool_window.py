"""ToolWindow: a window beside the main one, with a header and a view."""

from PyQt5.QtCore import QPoint, QSize, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QHideEvent, QKeySequence, QShowEvent
from PyQt5.QtWidgets import QShortcut, QVBoxLayout, QWidget

from neuropil_gui.ui.widgets.header import Header

SIZE, LEAST_SIZE = QSize(1080, 700), QSize(760, 460)


class ToolWindow(QWidget):
    """A header with a help button above a view; closed by Esc, and with the main window.

    Signals: `shown`, `hidden` (also when minimised), `export_requested` (of the figure).
    """

    shown = pyqtSignal()
    hidden = pyqtSignal()
    export_requested = pyqtSignal()

    def __init__(self, name: str, title: str, help_text: str, view: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName(f"{name}_window")
        self.setWindowTitle(title)
        self.header = Header(title, help_text)
        self.header.add_export(name).clicked.connect(self._export)
        self.view = view
        self._place: QPoint | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(view, 1)
        closing = QShortcut(QKeySequence("Esc"), self)
        closing.activated.connect(self._leave)
        self.setMinimumSize(LEAST_SIZE)
        self.resize(SIZE)

    def open(self) -> None:
        """Show the window in front of all others, at its last place."""
        if self._place is not None:
            self.move(self._place)
        if self.isMinimized():
            self.showNormal()
        self.show()
        self.raise_()
        self.activateWindow()

    @pyqtSlot()
    def _export(self) -> None:
        self.export_requested.emit()

    @pyqtSlot()
    def _leave(self) -> None:
        self.close()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Emit `shown`."""
        super().showEvent(event)
        self.shown.emit()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Emit `hidden`."""
        super().hideEvent(event)
        self._place = self.pos()
        self.hidden.emit()
