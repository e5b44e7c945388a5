"""Panel of a small picture of the field of view, which stays beside all pages."""

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtGui import QShowEvent
from PyQt5.QtWidgets import QWidget

from neuropil_gui.ui.widgets.header import Header
from neuropil_gui.ui.widgets.layouts import stack

HELP = """<b>Field of view</b><p>The picture of the page Field, small: it shows the picture, the colours and the
contrast that are chosen there.</p>
<p>A click selects a cell; drag and wheel move and zoom, a double click shows all.</p>"""


class FieldPanel(QWidget):
    """Holds the picture, which is made when the panel is first shown.

    Signals: `wanted`, once.
    """

    wanted = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.header = Header("Field of view", HELP)
        self._filled = False

    def fill(self, picture: QWidget) -> None:
        """Show the picture."""
        stack(self, (picture, 1))

    def showEvent(self, event: QShowEvent | None) -> None:
        """Emit `wanted` at first."""
        super().showEvent(event)
        if not self._filled:
            self._filled = True
            self.wanted.emit()

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.header.restyle()
