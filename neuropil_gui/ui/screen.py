"""Sizes of windows within the screen."""

from PyQt5.QtCore import QSize
from PyQt5.QtWidgets import QWidget

FRAME = QSize(8, 40)
"""Room for the frame that a desktop draws around a window."""


def resize_within_screen(window: QWidget, size: QSize) -> None:
    """Resize a window to `size`, or to less where its screen has less room."""
    screen = (window.parentWidget() or window).screen()
    window.resize(size if screen is None else size.boundedTo(screen.availableSize() - FRAME))
