"""Setup that all plots share: no buttons and menus, axes in the colours of the theme."""

from typing import Any

from neuropil_gui.ui import style


def hide_controls(item: Any) -> None:
    """Remove pyqtgraph's button and context menu from a plot item."""
    item.hideButtons()
    item.setMenuEnabled(False)


def restyle_axes(item: Any) -> None:
    """Apply the colours of the current theme to the left and bottom axes of a plot item, and keep their units."""
    theme = style.current()
    for name in ("left", "bottom"):
        axis = item.getAxis(name)
        axis.setPen(theme.border)
        axis.setTextPen(theme.muted)
        axis.labelStyle["color"] = theme.muted
        axis.setLabel(axis.labelText)
