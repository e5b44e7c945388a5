"""Icons by verb, drawn from our own SVG files in the colours of the theme."""

from functools import lru_cache

from PyQt5.QtCore import QByteArray, QRectF, Qt
from PyQt5.QtGui import QIcon, QPainter, QPixmap
from PyQt5.QtSvg import QSvgRenderer

from neuropil_gui.assets import ICONS
from neuropil_gui.views import style

# One and a half and twice the usual sizes are among them, so that no icon is ever scaled up.
SIZES = (16, 20, 24, 30, 32, 36, 40, 48, 64, 128, 256)


def icon(name: str, colour: str | None = None) -> QIcon:
    """Return the icon ``icons/name.svg`` in `colour`, or in the text colour of the theme in use."""
    theme = style.current()
    return _icon(name, colour or theme.text, theme.faint)


@lru_cache(maxsize=256)
def _icon(name: str, colour: str, disabled: str) -> QIcon:
    svg = (ICONS / f"{name}.svg").read_text(encoding="utf-8")
    result = QIcon()
    for mode, each in ((QIcon.Mode.Normal, colour), (QIcon.Mode.Disabled, disabled)):
        renderer = QSvgRenderer(QByteArray(svg.replace("currentColor", each).encode()))
        for size in SIZES:
            result.addPixmap(_pixmap(renderer, size), mode)
    return result


def _pixmap(renderer: QSvgRenderer, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap
