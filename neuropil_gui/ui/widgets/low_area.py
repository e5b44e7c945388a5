"""LowArea: views that scroll up and down where they have less height than they need."""

from PyQt5.QtCore import QEvent, QSize, Qt
from PyQt5.QtWidgets import QFrame, QScrollArea, QScrollBar, QWidget

from neuropil_gui.ui.sizes import keep_scaled
from neuropil_gui.ui.widgets.layouts import Part, stack

LEAST = 400
"""Pixels in height that plots below each other keep: in less, they show little but their axes."""


class LowArea(QScrollArea):
    """Views below each other, as wide as they need at least; in a low window they scroll.

    Parameters
    ----------
    *parts : QWidget, or tuple of QWidget and int
        With their stretch, as `stack` takes them.
    least : int
        Pixels in height that they keep together, if they do not need more.
    """

    def __init__(self, *parts: Part, least: int = LEAST) -> None:
        super().__init__()
        view = QWidget()
        stack(view, *parts)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidgetResizable(True)
        keep_scaled(view, QWidget.setMinimumHeight, least)
        self.setWidget(view)
        self._bar.rangeChanged.connect(self.updateGeometry)

    @property
    def _bar(self) -> QScrollBar:
        bar = self.verticalScrollBar()
        assert bar is not None
        return bar

    def sizeHint(self) -> QSize:
        """Return that of the views."""
        view = self.widget()
        return super().sizeHint() if view is None else view.sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return the least width of the views, beside the scroll bar where there is one, and little height."""
        least, view = super().minimumSizeHint(), self.widget()
        if view is None:
            return least
        beside = self._bar.sizeHint().width() if self._bar.maximum() > 0 else 0
        return QSize(view.minimumSizeHint().width() + beside, least.height())

    def event(self, event: QEvent | None) -> bool:
        """Ask for another width when the views need one."""
        if event is not None and event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().event(event)
