"""Layouts without margins and gaps."""

from PyQt5.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

Part = QWidget | QLayout | tuple[QWidget | QLayout, int]
"""A part of a layout, with its stretch where that is not 0."""


def stack(parent: QWidget | None, *parts: Part) -> QVBoxLayout:
    """Return a layout of `parent` with `parts` below each other."""
    layout = QVBoxLayout(parent) if parent is not None else QVBoxLayout()
    _fill(layout, parts)
    return layout


def row(parent: QWidget | None, *parts: Part) -> QHBoxLayout:
    """Return a layout of `parent` with `parts` side by side."""
    layout = QHBoxLayout(parent) if parent is not None else QHBoxLayout()
    _fill(layout, parts)
    return layout


def _fill(layout: QBoxLayout, parts: tuple[Part, ...]) -> None:
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for part in parts:
        item, stretch = part if isinstance(part, tuple) else (part, 0)
        if isinstance(item, QWidget):
            layout.addWidget(item, stretch)
        else:
            layout.addLayout(item, stretch)
