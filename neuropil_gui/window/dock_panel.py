"""Panels that are docked: what each is, where it is at first, and in projector mode."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QWidget

LEFT, RIGHT = Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea

LEADING = ("cells", "simulator")
"""Docks that take each other's place: a simulated recording has one cell, which needs no table."""

TAUGHT = ("lesson", "simulator")
"""Docks that are in projector mode as they are without it."""

PROJECTED = ("separation", "mixing", "numbers")
"""Docks that are shown with them at first."""


@dataclass(frozen=True, eq=False)
class DockPanel:
    """A view that is docked; `header` becomes the dock's title bar.

    Attributes
    ----------
    name : str
        The dock is found as ``{name}_dock``.
    title : str
        In the View menu.
    view, header : QWidget
    area : Qt.DockWidgetArea
    share : int
        Of the height of its side.
    page : str
        The only page that it belongs to at first; that of all pages by default.
    at_first : bool
        Whether it is shown before it is asked for.
    """

    name: str
    title: str
    view: QWidget
    header: QWidget
    area: Qt.DockWidgetArea
    share: int = 50
    page: str = ""
    at_first: bool = True


def dock_panels(views: Mapping[str, Any], home: str) -> list[DockPanel]:
    """Return the panels of views, each with a `header`, by their names; `home` is the page of the selected cell."""
    left = {
        "lesson": ("Lesson", 130, False),
        "cells": ("Cells", 50, True),
        "field": ("Field of view", 50, False),
        "simulator": ("Simulator", 120, False),
        "separation": ("Separation", 50, True),
    }
    right = {"mixing": ("Mixing matrix", 42), "convergence": ("Convergence", 22), "numbers": ("Numbers", 36)}
    return [
        *(
            DockPanel(name, title, views[name], views[name].header, LEFT, share, at_first=at_first)
            for name, (title, share, at_first) in left.items()
        ),
        *(
            DockPanel(name, title, views[name], views[name].header, RIGHT, share, home)
            for name, (title, share) in right.items()
        ),
    ]
