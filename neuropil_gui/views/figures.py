"""Plots as pictures: PNG and SVG."""

from pathlib import Path

from pyqtgraph import GraphicsItem
from pyqtgraph.exporters import Exporter, ImageExporter, SVGExporter

from neuropil_gui.core.errors import DataError

FILTERS = "PNG picture (*.png);;SVG drawing (*.svg)"

WIDTH = 1600
"""Pixels across a PNG."""


def export_plot(plot: GraphicsItem, path: Path) -> None:
    """Write `plot` to `path`.

    Raises
    ------
    DataError
        When the suffix is neither .png nor .svg, or the file cannot be written.
    """
    kinds: dict[str, type[Exporter]] = {".png": ImageExporter, ".svg": SVGExporter}
    kind = kinds.get(path.suffix.lower())
    if kind is None:
        raise DataError(
            f"{path.name}: a plot can be written as .png or .svg, but {path.suffix or 'no suffix'} was found."
        )
    exporter = kind(plot)
    if kind is ImageExporter:
        exporter.parameters()["width"] = WIDTH
    try:
        # Tried first, because the exporters do not tell when they could not write.
        with path.open("wb"):
            pass
        exporter.export(str(path))
    except OSError as error:
        raise DataError(f"{path.name} could not be written: {error.strerror}.") from error
    if path.stat().st_size == 0:
        raise DataError(f"{path.name} could not be written.")
