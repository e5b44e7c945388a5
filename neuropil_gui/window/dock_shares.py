"""Widths and heights of docks: what each side of the window has at first, and each dock of its side."""

from collections.abc import Sequence

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QDockWidget, QMainWindow

from neuropil_gui.ui.sizes import grown
from neuropil_gui.window.dock_panel import LEFT, RIGHT

WIDTHS = {LEFT: 290, RIGHT: 320}
"""Pixels across each side at first with the usual font, in a window that is at least four times as wide."""

LEAST_WIDTHS, MOST_WIDTH = {LEFT: 240, RIGHT: 250}, 272
"""Least pixels across a panel, and what one can have for its least: two of them leave room for traces on 800."""


def share_width(window: QMainWindow, side: Sequence[QDockWidget], area: Qt.DockWidgetArea) -> None:
    """Give the docks that are shown at a side its width."""
    shown = [dock for dock in side if not dock.isHidden() and not dock.isFloating()]
    width = min(grown(WIDTHS[area]), max(grown(LEAST_WIDTHS[area]), window.width() // 4))
    if shown:
        window.resizeDocks(shown[:1], [width], Qt.Orientation.Horizontal)


def share_height(window: QMainWindow, side: Sequence[tuple[QDockWidget, int]]) -> None:
    """Give each dock that is shown at a side its share of the height; of tabs, the first has theirs."""
    docks: list[QDockWidget] = []
    shares = []
    for dock, share in side:
        tabs = window.tabifiedDockWidgets(dock)
        if not (dock.isHidden() or dock.isFloating() or any(each in tabs for each in docks)):
            docks.append(dock)
            shares.append(share)
    window.resizeDocks(docks, shares, Qt.Orientation.Vertical)
