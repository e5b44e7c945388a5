"""Sizes that follow the font of the application, the text size of the preferences, and projector mode."""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from PyQt5 import sip
from PyQt5.QtCore import QSize
from PyQt5.QtGui import QFont, QFontInfo
from PyQt5.QtWidgets import QAbstractButton, QApplication, QComboBox, QStyle, QTableView, QWidget

USUAL = 16
"""Pixels of the font with which lengths in pixels are meant."""

_text, _scale, _lines, _least_letters = 1.0, 1.0, 1.0, 0
_desktop_font: QFont | None = None
_kept: WeakKeyDictionary[QWidget, list[tuple[Callable[..., Any], tuple[int, ...]]]] = WeakKeyDictionary()


def scale() -> float:
    """Return the factor of lengths."""
    return _scale


def desktop_pixels() -> int:
    """Return the pixels of the font that the desktop gives the application."""
    return QFontInfo(_font_of_desktop()).pixelSize()


def set_scale(factor: float, lines: float = 1.0, least_letters: int = 0) -> None:
    """Set the factor of the text, and apply it to the application's font and to the lengths that are kept.

    Lengths grow as the text does, but less where the desktop's font is small, for which they are generous. Views that
    paint their sizes follow by their `restyle`.

    Parameters
    ----------
    factor : float
    lines : float
        Factor of the widths of traces.
    least_letters : int
        Pixels that small letters have at least.
    """
    global _text, _scale, _lines, _least_letters
    desktop, before = _font_of_desktop(), _text
    _text, _lines, _least_letters = factor, lines, least_letters
    _scale = max(factor * min(QFontInfo(desktop).pixelSize() / USUAL, 1.0), min(factor, 1.0))
    if factor != before:
        QApplication.setFont(resized(desktop, factor))
    for widget, lengths in list(_kept.items()):
        if not sip.isdeleted(widget):
            for setter, pixels in lengths:
                setter(widget, *map(scaled, pixels))


def scaled(pixels: float) -> int:
    """Return a length in pixels times the factor."""
    return round(pixels * _scale)


def scaled_size(width: int, height: int) -> QSize:
    """Return a size in pixels times the factor."""
    return QSize(scaled(width), scaled(height))


def grown(pixels: int) -> int:
    """Return a length in pixels times the factor, greater where the font of the desktop is greater than usual."""
    return max(scaled(pixels), round(pixels * QFontInfo(QApplication.font()).pixelSize() / USUAL))


def letters(pixels: int) -> int:
    """Return the pixels of a small font, which are more where letters have to be read from afar."""
    return max(pixels, _least_letters)


def line_width(pixels: float) -> float:
    """Return the width of a trace."""
    return pixels * _lines


def keep_scaled(widget: QWidget, setter: Callable[..., Any], *pixels: int) -> None:
    """Call `setter(widget, *lengths)` now and whenever the factor changes, with `pixels` times the factor.

    `widget` is one that was made here: PyQt forgets one of Qt's own, such as the header of a table, at once.
    """
    # The function is not bound to the widget: it would keep it alive.
    _kept.setdefault(widget, []).append((setter, pixels))
    setter(widget, *map(scaled, pixels))


def icon_size() -> QSize:
    """Return the size of icons on buttons that have none of their own."""
    return _icon_size(QStyle.PixelMetric.PM_ButtonIconSize)


def tool_icon_size() -> QSize:
    """Return the size of icons on a tool bar."""
    return _icon_size(QStyle.PixelMetric.PM_ToolBarIconSize)


def _icon_size(metric: QStyle.PixelMetric) -> QSize:
    style = QApplication.style()
    side = style.pixelMetric(metric) if style is not None else USUAL
    return scaled_size(side, side)


def set_icon_side(button: QAbstractButton, side: int) -> None:
    """Set the size of a button's icon, for `keep_scaled`."""
    button.setIconSize(QSize(side, side))


def set_row_height(table: QTableView, pixels: int) -> None:
    """Set the height of a table's rows, for `keep_scaled`."""
    if (rows := table.verticalHeader()) is not None:
        rows.setDefaultSectionSize(pixels)


def set_least_column(table: QTableView, pixels: int) -> None:
    """Set the least width of a table's columns, for `keep_scaled`."""
    if (columns := table.horizontalHeader()) is not None:
        columns.setMinimumSectionSize(pixels)


def set_list_width(box: QComboBox, pixels: int) -> None:
    """Set the least width of the list of a combo box, for `keep_scaled`."""
    if (choices := box.view()) is not None:
        choices.setMinimumWidth(pixels)


def smaller(font: QFont, share: float = 0.88) -> QFont:
    """Return a font of a `share` of the size, or of the least that can be read."""
    small = resized(font, share)
    if QFontInfo(small).pixelSize() < _least_letters:
        small.setPixelSize(_least_letters)
    return small


def resized(font: QFont, factor: float) -> QFont:
    """Return a font of another size; that of `font` may be set in points or in pixels."""
    other = QFont(font)
    if font.pixelSize() > 0:
        other.setPixelSize(max(1, round(factor * font.pixelSize())))
    else:
        other.setPointSizeF(factor * font.pointSizeF())
    return other


def _font_of_desktop() -> QFont:
    global _desktop_font
    if _desktop_font is None or _text == 1.0:
        # At a factor of 1 nothing has changed it but the desktop.
        _desktop_font = QApplication.font()
    return _desktop_font
