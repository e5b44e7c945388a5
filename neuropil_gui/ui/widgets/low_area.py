"""LowArea: views that scroll up and down where they have less height than they need."""

from PyQt5.QtCore import QEvent, QSize, Qt
from PyQt5.QtWidgets import QFrame, QScrollArea, QWidget

from neuropil_gui.ui.sizes import keep_scaled
from neuropil_gui.ui.widgets.layouts import Part, stack

LEAST = 400
"""Pixels in height that the views keep: in less, plots below each other show little but their axes."""


class LowArea(QScrollArea):
    """Views below each other, as wide as they need at least; in a low window they scroll.

    Parameters
    ----------
    *parts : QWidget, or tuple of QWidget and int
        With their stretch, as `stack` takes them.
    """

    def __init__(self, *parts: Part) -> None:
        super().__init__()
        view = QWidget()
        stack(view, *parts)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        keep_scaled(view, QWidget.setMinimumHeight, LEAST)
        self.setWidget(view)

    def sizeHint(self) -> QSize:
        """Return that of the views."""
        view = self.widget()
        return super().sizeHint() if view is None else view.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return the least width of the views, and little height."""
        least, view = super().minimumSizeHint(), self.widget()
        return least if view is None else QSize(view.minimumSizeHint().width(), least.height())

    def event(self, event: QEvent | None) -> bool:
        """Ask for another width when the views need one."""
        if event is not None and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().event(event)
