"""Figure in millimetres that a notebook shows, saved with its text as text."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import IO, Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from neuropil_gui._version import __version__
from neuropil_gui.core.errors import DataError
from neuropil_gui.figures.canvas import PieceCanvas
from neuropil_gui.figures.limits import check_pixels
from neuropil_gui.figures.palette import LIGHT

_AS_TEXT: Any = {
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "path.simplify": False,
    "text.hinting": "no_hinting",
}
_lock = threading.Lock()
TOO_MANY_CELLS = "The figure is too large for so many dpi: choose fewer, a smaller size, or SVG or PDF."


class ResultFigure(Figure):
    """A figure in millimetres that a notebook shows by itself, saved with its text as text.

    Parameters
    ----------
    size_mm : tuple of float
        Width and height.
    dpi : int
        Pixels per inch of a PNG.

    Attributes
    ----------
    title, description : str
        Go into the file's metadata.
    """

    def __init__(self, size_mm: tuple[float, float], dpi: int) -> None:
        super().__init__(figsize=(size_mm[0] / 25.4, size_mm[1] / 25.4), dpi=dpi, facecolor=LIGHT.base)
        self._canvas = PieceCanvas(self)
        self.title = self.description = ""

    def stop_by(self, poll: Callable[[], object]) -> None:
        """Let `poll`, called again and again while the figure is drawn as a picture, stop that by raising an error.

        Parameters
        ----------
        poll : callable
        """
        self._canvas.poll = poll

    def savefig(self, fname: str | PurePath | IO[bytes], **kwargs: Any) -> None:  # type: ignore[override]
        """Write the figure as `Figure.savefig` does, with text as text and its description in the metadata.

        Parameters
        ----------
        fname : path or binary file
        **kwargs
            As of `matplotlib.figure.Figure.savefig`.

        Raises
        ------
        DataError
            (a ValueError) When a PNG would have too many pixels.
        """
        suffix = PurePath(fname).suffix[1:] if isinstance(fname, str | PurePath) else ""
        form = str(kwargs.get("format", suffix)).lower()
        names = {"png": ("Description", "Software"), "svg": ("Description", "Creator"), "pdf": ("Subject", "Creator")}
        if form in names:
            described, made = names[form]
            words = {"Title": self.title, described: self.description, made: f"neuropil_gui {__version__}"}
            kwargs["metadata"] = words | kwargs.get("metadata", {})
        dpi = kwargs.get("dpi", self.dpi)
        with drawing(self, float(dpi) if form == "png" and dpi != "figure" else None):
            super().savefig(fname, **kwargs)

    def pixels(self) -> NDArray[np.uint8]:
        """Return the picture at the figure's resolution, (height, width, 4): red, green, blue and opacity."""
        with drawing(self, self.dpi):
            self._canvas.draw()  # type: ignore[no-untyped-call]
        return np.asarray(self._canvas.buffer_rgba())  # type: ignore[no-untyped-call]

    def _repr_png_(self) -> bytes:
        """Show the figure in a notebook."""
        from io import BytesIO

        stream = BytesIO()
        self.savefig(stream, format="png")
        return stream.getvalue()


@contextmanager
def drawing(figure: Figure, dpi: float | None) -> Iterator[None]:
    """Set matplotlib up to draw a figure: text as text, each point of a line, one figure at a time.

    Parameters
    ----------
    figure : Figure
    dpi : float or None
        For a picture of pixels, whose size is rounded to whole ones.

    Yields
    ------
    None

    Raises
    ------
    DataError
        (a ValueError) When the picture has too many pixels, or an area in it too many edges.
    """
    width, height = figure.get_size_inches()
    # One figure at a time: the settings are of the whole process.
    with _lock, mpl.rc_context(_AS_TEXT):
        for axes in figure.axes:
            for line in axes.lines:
                line.recache(always=True)
        if dpi is not None:
            check_pixels(round(width * dpi), round(height * dpi))
            # matplotlib cuts the fraction of a pixel off.
            figure.set_size_inches((round(width * dpi) + 0.01) / dpi, (round(height * dpi) + 0.01) / dpi)
        try:
            yield
        except OverflowError as error:  # of the cells into which Agg cuts an area
            raise DataError(TOO_MANY_CELLS) from error
        finally:
            figure.set_size_inches(width, height)
