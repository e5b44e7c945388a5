"""Setup that all plots share: no buttons and menus, axes in the colours of the theme, margins of values."""

from typing import Any

from PyQt5.QtGui import QFontMetrics
from PyQt5.QtWidgets import QApplication

from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import scale

LEAST_SPAN, GREATEST_END = 1e-290, 1e300
"""Between these pyqtgraph can compute the places of ticks."""


def hide_controls(item: Any) -> None:
    """Remove pyqtgraph's button and context menu from a plot item."""
    item.hideButtons()
    item.setMenuEnabled(False)


def restyle_axes(item: Any) -> None:
    """Apply the current theme and font to the left and bottom axes of a plot item, and keep their units."""
    theme = style.current()
    for name in ("left", "bottom"):
        axis = item.getAxis(name)
        axis.setPen(theme.border)
        axis.setTextPen(theme.muted)
        axis.label.setFont(QApplication.font())
        axis.labelStyle["color"] = theme.muted
        axis.setLabel(axis.labelText)
    fit_bottom(item)


def fit_bottom(item: Any) -> None:
    """Give the bottom axis of a plot item, where it has values, a height for them and for its label."""
    bottom = item.getAxis("bottom")
    if bottom.style["showValues"]:
        # What pyqtgraph leaves for the label is too little for larger letters.
        line = QFontMetrics(QApplication.font()).height()
        bottom.setHeight(None if scale() <= 1 else round(2.1 * line))


def with_margin(low: float, high: float) -> tuple[float, float]:
    """Return the range of a value axis on which values from `low` to `high` have a margin."""
    low, high = (min(max(end, -GREATEST_END), GREATEST_END) for end in (low, high))
    span, size = high - low, max(abs(low), abs(high))
    room = 0.06 * span if span > max(LEAST_SPAN, 1e-12 * size) else max(0.5, 1e-6 * size)
    return low - room, high + room
