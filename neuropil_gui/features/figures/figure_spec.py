"""Content and size of a figure as a value, and the figure drawn from it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PyQt5.QtGui import QImage

from neuropil_gui.core.errors import Cancelled, DataError

if TYPE_CHECKING:
    from neuropil_gui.core.recording import Cell
    from neuropil_gui.core.result import Separation
    from neuropil_gui.figures.figure import ResultFigure

PARTS = {"raw": "Raw", "separated": "Separated", "matched": "Best match", "mixing": "Mixing matrix"}
SMALLEST_MM, LARGEST_MM = 20.0, 1000.0
SMALLEST_DPI, LARGEST_DPI = 50, 1200


@dataclass(frozen=True)
class FigureSpec:
    """Content and size of a figure."""

    parts: tuple[str, ...] = tuple(PARTS)
    width_mm: float = 180.0
    height_mm: float = 120.0
    dpi: int = 300
    whole_recording: bool = False
    normalised: bool = True

    def __post_init__(self) -> None:
        if not self.parts or not set(self.parts) <= set(PARTS):
            raise DataError(f"A figure shows one or more of {', '.join(PARTS)}, but {self.parts} was found.")
        for name, value in (("width", self.width_mm), ("height", self.height_mm)):
            if not SMALLEST_MM <= value <= LARGEST_MM:
                raise DataError(
                    f"A figure's {name} is from {SMALLEST_MM:g} to {LARGEST_MM:g} mm, but {value:g} mm was found."
                )
        if not SMALLEST_DPI <= self.dpi <= LARGEST_DPI:
            raise DataError(f"A figure has from {SMALLEST_DPI} to {LARGEST_DPI} dpi, but {self.dpi:g} was found.")

    def pixels(self) -> tuple[int, int]:
        """Return the width and the height of the picture in pixels."""
        return round(self.width_mm / 25.4 * self.dpi), round(self.height_mm / 25.4 * self.dpi)


def draw_figure(
    spec: FigureSpec,
    cell: "Cell",
    separation: "Separation | None",
    frame_rate: float | None,
    time_range: tuple[float, float] | None,
) -> "ResultFigure":
    """Draw a figure of a cell; `time_range` is what is in view, None for everything.

    Raises
    ------
    DataError
        When the figure cannot be drawn at this size.
    """
    from neuropil_gui.figures.result import plot_separation

    return plot_separation(
        separation,
        cell,
        parts=spec.parts,
        frame_rate=frame_rate,
        time_range=None if spec.whole_recording else time_range,
        normalised=spec.normalised,
        size_mm=(spec.width_mm, spec.height_mm),
        dpi=spec.dpi,
    )


def render_image(
    spec: FigureSpec,
    cell: "Cell",
    separation: "Separation | None",
    frame_rate: float | None,
    time_range: tuple[float, float] | None,
    should_stop: Callable[[], bool] = bool,
) -> QImage:
    """Return the figure as a picture, e.g. for the clipboard; raise `Cancelled` where `should_stop` returns True."""

    def poll() -> None:
        if should_stop():
            raise Cancelled

    figure = draw_figure(spec, cell, separation, frame_rate, time_range)
    figure.stop_by(poll)
    pixels = figure.pixels()
    height, width, _ = pixels.shape
    return QImage(pixels.tobytes(), width, height, 4 * width, QImage.Format_RGBA8888).convertToFormat(
        QImage.Format_RGB32
    )
