"""Figures for print: PNG, SVG and PDF in millimetres, on white, drawn from the data rather than from the screen."""

from pathlib import Path
from typing import TYPE_CHECKING

from PyQt5.QtCore import QBuffer, QIODevice, QMarginsF, QRect, QSize, QSizeF
from PyQt5.QtGui import QImage, QPageSize, QPainter, QPdfWriter
from PyQt5.QtSvg import QSvgGenerator

from neuropil_gui import __version__
from neuropil_gui.core.errors import DataError
from neuropil_gui.features.figures.content import PARTS, Figure, FigureSpec, make_figure
from neuropil_gui.features.figures.page import MM, UNITS_PER_INCH, family
from neuropil_gui.features.figures.painter import FigurePainter
from neuropil_gui.formats.paths import data_error
from neuropil_gui.formats.writing.atomic import replacing

if TYPE_CHECKING:
    from collections.abc import Callable

    from neuropil_gui.core.recording import Cell
    from neuropil_gui.core.result import Separation

__all__ = [
    "FIGURE_FORMATS",
    "FILTERS",
    "PARTS",
    "FigureSpec",
    "check_pixels",
    "export_figure",
    "render_image",
]

FILTERS = "PNG picture (*.png);;SVG drawing (*.svg)"
FIGURE_FORMATS = {".png": "PNG picture", ".svg": "SVG drawing", ".pdf": "PDF document"}
CREATOR = f"neuropil_gui {__version__}"
WIDTH = 1600
"""Pixels across a PNG of one plot as it is on the screen."""
MOST_PIXELS = 150_000_000
RUN = 64
"""How many points of a line are drawn at once in a picture: long ones take time that grows with their square."""


def export_figure(
    spec: FigureSpec,
    cell: "Cell",
    separation: "Separation | None",
    frame_rate: float | None,
    time_range: tuple[float, float] | None,
    path: Path,
) -> None:
    """Write a figure of a cell as .png, .svg or .pdf; `time_range` is what is in view, None for everything.

    Raises
    ------
    DataError
        When the suffix is another, the figure cannot be drawn at this size, or the file cannot be
        written; what was there before then stays.
    """
    make = {".png": _png, ".svg": _svg, ".pdf": _pdf}.get(path.suffix.lower())
    if make is None:
        raise data_error(
            path, f"a figure can be written as .png, .svg or .pdf, but {path.suffix or 'no suffix'} was found."
        )
    content = make(spec, make_figure(spec, cell, separation, frame_rate, time_range))
    with replacing(path) as stream:
        stream.write(content)


def render_image(
    spec: FigureSpec,
    cell: "Cell",
    separation: "Separation | None",
    frame_rate: float | None,
    time_range: tuple[float, float] | None,
) -> QImage:
    """Return the figure as a picture, e.g. for the clipboard; errors are those of `export_figure`."""
    return _image(spec, make_figure(spec, cell, separation, frame_rate, time_range))


def check_pixels(spec: FigureSpec) -> tuple[int, int]:
    """Return the size of the picture in pixels.

    Raises
    ------
    DataError
        When these are too many.
    """
    width, height = spec.pixels()
    if width * height > MOST_PIXELS:
        raise DataError(
            f"A picture of {width} x {height} pixels is too large: choose a smaller size or fewer dpi, or SVG or PDF."
        )
    return width, height


def _units(spec: FigureSpec) -> tuple[int, int]:
    return round(spec.width_mm * MM), round(spec.height_mm * MM)


def _image(spec: FigureSpec, figure: Figure) -> QImage:
    width, height = check_pixels(spec)
    image = QImage(width, height, QImage.Format_RGB32)
    if image.isNull():
        raise DataError(f"There is not enough memory for a picture of {width} x {height} pixels.")
    image.setDotsPerMeterX(round(spec.dpi / 0.0254))
    image.setDotsPerMeterY(round(spec.dpi / 0.0254))
    for key, text in (("Title", figure.title), ("Description", figure.description), ("Software", CREATOR)):
        image.setText(key, text)
    image.fill(0xFFFFFFFF)
    units = _units(spec)
    painter = QPainter(image)
    try:
        painter.scale(width / units[0], height / units[1])
        FigurePainter(painter, figure, *units).paint(RUN)
    finally:
        painter.end()
    return image


def _png(spec: FigureSpec, figure: Figure) -> bytes:
    return _encoded(_image(spec, figure))


def _encoded(image: QImage) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not image.save(buffer, "PNG"):
        raise DataError("The picture could not be encoded as PNG.")
    return bytes(buffer.data())


def _svg(spec: FigureSpec, figure: Figure) -> bytes:
    def begin(buffer: QBuffer) -> QSvgGenerator:
        device = QSvgGenerator()
        device.setOutputDevice(buffer)
        device.setResolution(UNITS_PER_INCH)
        device.setSize(QSize(*_units(spec)))
        device.setViewBox(QRect(0, 0, *_units(spec)))
        device.setTitle(figure.title)
        device.setDescription(f"{figure.description} {CREATOR}")
        return device

    # Where the font is missing, one of the same widths serves.
    named = f'font-family="{family()}"'.encode()
    return _painted(begin, spec, figure).replace(named, named[:-1] + b', Arial, Helvetica, sans-serif"')


def _pdf(spec: FigureSpec, figure: Figure) -> bytes:
    def begin(buffer: QBuffer) -> QPdfWriter:
        device = QPdfWriter(buffer)
        device.setResolution(UNITS_PER_INCH)
        size = QSizeF(spec.width_mm, spec.height_mm)
        device.setPageSize(QPageSize(size, QPageSize.Millimeter, "", QPageSize.ExactMatch))
        device.setPageMargins(QMarginsF(0, 0, 0, 0))
        device.setTitle(f"{figure.title}. {figure.description}")
        device.setCreator(CREATOR)
        return device

    return _painted(begin, spec, figure)


def _painted(begin: "Callable[[QBuffer], QSvgGenerator | QPdfWriter]", spec: FigureSpec, figure: Figure) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    device = begin(buffer)
    painter = QPainter(device)
    try:
        FigurePainter(painter, figure, *_units(spec)).paint()
    finally:
        painter.end()
    return bytes(buffer.data())
