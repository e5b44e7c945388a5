"""Small picture of the field of view, for a panel below the table of cells."""

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtGui import QHideEvent, QShowEvent

from neuropil_gui.features.field.picture import FieldPicture
from neuropil_gui.ui.widgets.page import Page


class SmallField(Page):
    """A picture that shows what another one does, or the sentence why there is none.

    Signals: `shown`, `hidden`.
    """

    shown = pyqtSignal()
    hidden = pyqtSignal()

    def __init__(self) -> None:
        super().__init__("field_small")
        self.sentence.setMargin(10)
        self.picture = FieldPicture("field_small_picture")
        self.set_content(self.picture)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Emit `shown`."""
        super().showEvent(event)
        self.shown.emit()

    def hideEvent(self, event: QHideEvent | None) -> None:
        """Emit `hidden`."""
        super().hideEvent(event)
        self.hidden.emit()
