"""Icons by name, rendered from SVG files in the colours of the current theme."""

from functools import lru_cache

from PyQt5.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PyQt5.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PyQt5.QtSvg import QSvgRenderer

from neuropil_gui.assets import ICONS
from neuropil_gui.ui import style


def icon(name: str, colour: str | None = None) -> QIcon:
    """Return the icon ``icons/name.svg`` in `colour`, or in the text colour of the current theme."""
    theme = style.current()
    return _icon(name, colour or theme.text, theme.faint)


@lru_cache(maxsize=256)
def _icon(name: str, colour: str, disabled: str) -> QIcon:
    return QIcon(SvgIconEngine(name, colour, disabled))


class SvgIconEngine(QIconEngine):
    """Icon engine that renders an SVG file at each requested size, and reads it only then."""

    def __init__(self, name: str, colour: str, disabled: str) -> None:
        super().__init__()
        self._name, self._colours = name, (colour, disabled)
        self._pixmaps: dict[tuple[int, int, bool], QPixmap] = {}

    def paint(self, painter: QPainter | None, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Render the icon, centred in `rect`; called by Qt."""
        if painter is not None:
            svg = (ICONS / f"{self._name}.svg").read_text(encoding="utf-8")
            colour = self._colours[mode == QIcon.Mode.Disabled]
            side = min(rect.width(), rect.height())
            square = QRectF(0, 0, side, side)
            square.moveCenter(QRectF(rect).center())
            QSvgRenderer(QByteArray(svg.replace("currentColor", colour).encode())).render(painter, square)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return the icon at `size` in device pixels, rendered once for each size; called by Qt."""
        key = size.width(), size.height(), mode == QIcon.Mode.Disabled
        if key not in self._pixmaps:
            drawn = QPixmap(size)
            drawn.fill(Qt.GlobalColor.transparent)
            painter = QPainter(drawn)
            self.paint(painter, QRect(QPoint(), size), mode, state)
            painter.end()
            self._pixmaps[key] = drawn
        return self._pixmaps[key]

    def clone(self) -> "SvgIconEngine":
        """Return a copy; called by Qt."""
        return SvgIconEngine(self._name, *self._colours)
