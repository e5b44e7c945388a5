"""Sizes that follow the font of the application, which a desktop may have enlarged."""

from PyQt5.QtGui import QFont, QFontInfo
from PyQt5.QtWidgets import QApplication

USUAL = 16
"""Pixels of the font with which lengths in pixels are meant."""


def grown(pixels: int) -> int:
    """Return a length in pixels, greater where the font is greater than usual."""
    return max(pixels, round(pixels * QFontInfo(QApplication.font()).pixelSize() / USUAL))


def smaller(font: QFont, share: float = 0.88) -> QFont:
    """Return a font of a `share` of the size, which may be set in points or in pixels."""
    small = QFont(font)
    if font.pixelSize() > 0:
        small.setPixelSize(max(1, round(share * font.pixelSize())))
    else:
        small.setPointSizeF(share * font.pointSizeF())
    return small
