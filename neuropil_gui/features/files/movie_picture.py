"""Picture of a movie in the import dialog: the mean of its first frames, with the outlines of ROIs."""

import numpy as np
from PyQt5.QtCore import QPointF, QRectF, Qt
from PyQt5.QtGui import QColor, QImage, QPainter, QPainterPath, QPaintEvent, QPen, QPolygonF
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.formats.questions import PreviewPicture

PERCENTILES = (1.0, 99.5)
"""Parts of the pixels that are black at most, and below white."""

LEAST = 120
"""Pixels of its height."""

ROI, REGION = "#e69f00", "#ffffff"
"""Colours that stand out of grey in either theme."""


class MoviePicture(QWidget):
    """As large as fits, with square pixels; ROIs in orange, regions of the first one in white."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("import_picture")
        self.setAccessibleName("Mean of the first frames, with the outlines of the ROIs")
        self.setToolTip(
            "<qt>Mean of the first frames. Bold: the first ROI, whose traces are below; white: its neuropil regions; "
            "thin: the other ROIs.</qt>"
        )
        self.setMinimumHeight(LEAST)
        self._image = QImage()
        self._pixels: bytes = b""
        self._step = 1
        self.rois, self.first, self.regions = QPainterPath(), QPainterPath(), QPainterPath()

    def show_picture(self, picture: PreviewPicture) -> None:
        """Show a picture with its outlines."""
        finite = np.nan_to_num(picture.mean, nan=0.0, posinf=0.0, neginf=0.0)
        low, high = np.percentile(finite, PERCENTILES)
        grey = np.clip((finite - low) * (255 / max(high - low, 1e-9)), 0, 255).astype(np.uint8)
        rows, columns = grey.shape
        self._step = picture.step
        self._pixels = np.ascontiguousarray(grey).tobytes()  # which the image does not copy
        self._image = QImage(self._pixels, columns, rows, columns, QImage.Format.Format_Grayscale8)
        self.rois, self.first, self.regions = map(_path, (picture.rois, picture.first, picture.regions))
        self.update()

    def paintEvent(self, event: QPaintEvent | None) -> None:
        """Draw the picture and the outlines over it."""
        if self._image.isNull():
            return
        painter = QPainter(self)
        size = self._image.size() * self._step
        scale = min(self.width() / size.width(), self.height() / size.height())
        painter.translate((self.width() - scale * size.width()) / 2, (self.height() - scale * size.height()) / 2)
        painter.scale(scale, scale)
        painter.drawImage(QRectF(0, 0, size.width(), size.height()), self._image)
        for path, colour, width in ((self.regions, REGION, 1.0), (self.rois, ROI, 1.0), (self.first, ROI, 2.5)):
            painter.setPen(_cosmetic(colour, width))
            painter.drawPath(path)


def _cosmetic(colour: str, width: float) -> QPen:
    pen = QPen(QColor(colour), width)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen


def _path(paths: tuple[FloatArray, ...]) -> QPainterPath:
    made = QPainterPath()
    for each in paths:
        made.addPolygon(QPolygonF([QPointF(x, y) for x, y in each.tolist()]))
        made.closeSubpath()
    return made
