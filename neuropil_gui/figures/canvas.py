"""Canvas of pixels that draws long lines in pieces, so that other threads can run meanwhile, and stop it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.path import Path

WHOLE, POINTS = 1024, 100
"""Points of the longest line that is drawn at once, and of the pieces of a longer one: matplotlib holds the interpreter
meanwhile, for 10 ms with 100 points at 1200 dpi. Up to 1024 it may move a line onto whole pixels."""


class PieceRenderer(RendererAgg):
    """Renderer that draws lines in pieces, and calls `poll` before each."""

    def __init__(self, width: int, height: int, dpi: float, poll: Callable[[], object]) -> None:
        super().__init__(width, height, dpi)  # type: ignore[no-untyped-call]
        self._poll = poll

    def draw_path(self, gc: Any, path: Path, transform: Any, rgbFace: Any = None) -> None:  # noqa: N803 -- matplotlib's
        """Draw a path; a line of many points in pieces.

        Parameters
        ----------
        gc : GraphicsContextBase
        path : Path
        transform : Transform
        rgbFace : colour, optional
        """
        self._poll()
        vertices = np.asarray(path.vertices)
        if rgbFace is not None or path.codes is not None or len(vertices) <= WHOLE:
            super().draw_path(gc, path, transform, rgbFace)  # type: ignore[no-untyped-call]
            return
        (offset, dashes), snap = gc.get_dashes(), gc.get_snap()
        gc.set_snap(False)
        places = np.flatnonzero(np.isfinite(vertices).all(axis=1))
        # Dashes begin anew behind each gap.
        for run in np.split(vertices[places], np.flatnonzero(np.diff(places) > 1) + 1):
            lengths = np.zeros(len(run))
            if dashes is not None:
                steps = np.diff(transform.transform(run), axis=0)
                lengths[1:] = np.cumsum(np.hypot(*steps.T)) * 72 / self.dpi
            for start in range(0, len(run) - 1, POINTS):
                self._poll()
                first = max(start - 1, 0)  # from the last segment of the piece before, to be joined with it
                gc.set_dashes(offset + lengths[first], dashes)
                super().draw_path(gc, Path(run[first : start + POINTS + 1]), transform)  # type: ignore[no-untyped-call]
        gc.set_dashes(offset, dashes)
        gc.set_snap(snap)


class PieceCanvas(FigureCanvasAgg):
    """Canvas with a `PieceRenderer`.

    Attributes
    ----------
    poll : callable
        Called between the pieces; stops the drawing by raising an error.
    """

    def __init__(self, figure: Figure) -> None:
        super().__init__(figure)
        self.poll: Callable[[], object] = lambda: None
        self._pieces: PieceRenderer | None = None
        self._size: tuple[int, int, float] | None = None

    def get_renderer(self) -> RendererAgg:
        """Return the renderer for the present size of the figure."""
        size = (*self.get_width_height(physical=True), self.figure.dpi)
        if self._pieces is None or self._size != size:
            self._pieces, self._size = PieceRenderer(*size, lambda: self.poll()), size
        return self._pieces
