"""Figures of one separation: all of it on a page, or each plot by itself, on a page or in given axes."""

from collections.abc import Callable

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.figures import matrix, time_span, traces
from neuropil_gui.figures.figure import ResultFigure
from neuropil_gui.figures.page import GAP, MARGIN, Panel

PARTS = ("raw", "separated", "matched", "mixing")


def plot_separation(
    separation: Separation | None,
    cell: Cell,
    *,
    parts: tuple[str, ...] = PARTS,
    frame_rate: float | None = None,
    time_range: tuple[float, float] | None = None,
    normalised: bool = True,
    size_mm: tuple[float, float] = (180.0, 120.0),
    dpi: int = 300,
    points: int | None = None,
) -> ResultFigure:
    """Draw a separation on one page: the raw signals, the components, the best match and the mixing matrix.

    Parameters
    ----------
    separation : Separation or None
        Of `cell`; with None the parts that need one say that there is none yet.
    cell : Cell
    parts : tuple of str
        Some of ``"raw"``, ``"separated"``, ``"matched"`` and ``"mixing"``.
    frame_rate : float, optional
        In Hz; without it the time axis counts frames.
    time_range : tuple of float, optional
        Start and end, in seconds where the frame rate is given, else in frames. The whole recording by default.
    normalised : bool
        Whether the columns of the mixing matrix are divided by the sums of their magnitudes.
    size_mm : tuple of float
        Width and height of the page.
    dpi : int
        Pixels per inch of a PNG.
    points : int, optional
        Most points that are drawn of a trace, in bins of which the least and the greatest value are; by default
        10,000, or two a pixel where those are more.

    Returns
    -------
    ResultFigure
        A `matplotlib.figure.Figure`, which a notebook shows and `savefig` writes.

    Raises
    ------
    DataError
        (a ValueError) When a part is unknown, no frame is in the range, or the page is too small.

    Examples
    --------
    >>> figure = plot_separation(separation, cell, frame_rate=30.0)  # doctest: +SKIP
    >>> figure.savefig("cell 1.pdf")  # doctest: +SKIP
    """
    if not parts or not set(parts) <= set(PARTS):
        raise DataError(f"A figure shows one or more of {', '.join(PARTS)}, but {parts} was found.")
    figure = ResultFigure(size_mm, dpi)
    width, height = (side - 2 * MARGIN for side in figure.get_size_inches() * 72)
    span = time_span.span_of(figure, cell, frame_rate, time_range, points=points)
    draws: dict[str, Callable[[Axes], Panel]] = {
        "raw": lambda axes: traces.draw_raw(axes, cell, span),
        "separated": lambda axes: traces.draw_components(axes, separation, span),
        "matched": lambda axes: traces.draw_best_match(axes, separation, cell, span),
    }
    panels = [draw(figure.add_subplot()) for name, draw in draws.items() if name in parts]
    # (left, bottom, width, height): side by side, or one above the other on a tall page.
    upper = lower = (MARGIN, MARGIN, width, height)
    if panels and "mixing" in parts:
        if height > 1.15 * width:
            share = height * (0.55 - 0.07 * len(panels))
            upper = (MARGIN, MARGIN + share + GAP, width, height - share - GAP)
            lower = (MARGIN, MARGIN, width, share)
        else:
            side = 0.34 * width
            upper = (MARGIN, MARGIN, width - side - 1.5 * GAP, height)
            lower = (MARGIN + width - side, MARGIN, side, height)
    if "mixing" in parts:
        matrix.place_matrix(matrix.draw_matrix(figure.add_subplot(), separation, cell, normalised), *lower)
    if panels:
        traces.stack(panels, span.label, *upper)
    names = {"raw": "raw", "separated": "separated", "matched": "best match", "mixing": "mixing matrix"}
    sentences = [f"{', '.join(names[part] for part in PARTS if part in parts)} of {cell.name}."]
    sentences += [described(separation)] if separation is not None else []
    sentences += [span.remark] if panels and span.remark else []
    figure.title = f"{cell.name}, neuropil separation"
    figure.description = " ".join(each[0].upper() + each[1:] for each in sentences)
    return figure


def plot_raw(
    cell: Cell,
    *,
    frame_rate: float | None = None,
    time_range: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw the ROI's signal over those of its neuropil regions.

    Parameters
    ----------
    cell : Cell
    frame_rate : float, optional
        In Hz; without it the time axis counts frames.
    time_range : tuple of float, optional
        Start and end, in seconds where the frame rate is given, else in frames. The whole recording by default.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a page of its own by default.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    DataError
        (a ValueError) When no frame is in the range.
    """
    if ax is None:
        return plot_separation(
            None, cell, parts=("raw",), frame_rate=frame_rate, time_range=time_range, size_mm=(180, 60)
        )
    span = time_span.span_of(ax.figure, cell, frame_rate, time_range)
    return _in_axes(traces.draw_raw(ax, cell, span), span)


def plot_components(
    separation: Separation,
    cell: Cell,
    *,
    frame_rate: float | None = None,
    time_range: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw the components of a separation below each other, the best match first, each with its own scale.

    Parameters
    ----------
    separation : Separation
    cell : Cell
        Which was separated.
    frame_rate, time_range, ax
        As of `plot_raw`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    DataError
        (a ValueError) When no frame is in the range.
    """
    if ax is None:
        return plot_separation(
            separation, cell, parts=("separated",), frame_rate=frame_rate, time_range=time_range, size_mm=(180, 90)
        )
    span = time_span.span_of(ax.figure, cell, frame_rate, time_range)
    return _in_axes(traces.draw_components(ax, separation, span), span)


def plot_best_match(
    separation: Separation,
    cell: Cell,
    *,
    frame_rate: float | None = None,
    time_range: tuple[float, float] | None = None,
    ax: Axes | None = None,
) -> Figure:
    """Draw the best match over the raw ROI at its level, with the truth and a stored result where they are known.

    Parameters
    ----------
    separation : Separation
    cell : Cell
        Which was separated.
    frame_rate, time_range, ax
        As of `plot_raw`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    DataError
        (a ValueError) When no frame is in the range.
    """
    if ax is None:
        return plot_separation(
            separation, cell, parts=("matched",), frame_rate=frame_rate, time_range=time_range, size_mm=(180, 60)
        )
    span = time_span.span_of(ax.figure, cell, frame_rate, time_range)
    return _in_axes(traces.draw_best_match(ax, separation, cell, span), span)


def plot_mixing_matrix(
    separation: Separation, cell: Cell, *, normalised: bool = True, ax: Axes | None = None
) -> Figure:
    """Draw the mixing matrix, a row for each signal, a column for each component in matched order.

    Parameters
    ----------
    separation : Separation
    cell : Cell
        Which was separated; names the rows.
    normalised : bool
        Whether the columns are divided by the sums of their magnitudes.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a page of its own by default.

    Returns
    -------
    matplotlib.figure.Figure
    """
    if ax is None:
        return plot_separation(separation, cell, parts=("mixing",), normalised=normalised, size_mm=(90, 90))
    return matrix.finish(matrix.draw_matrix(ax, separation, cell, normalised))


def described(separation: Separation) -> str:
    """Return a sentence on a separation's settings and how it ended.

    Parameters
    ----------
    separation : Separation

    Returns
    -------
    str
    """
    used = separation.settings
    words = [used.method.upper(), f"{separation.n} components"]
    words += [f"alpha {used.alpha:g}"] if used.method == "nmf" else []
    words += [f"seed {separation.seed}", f"{separation.iterations} iterations"]
    return f"{', '.join(words)}, {'converged' if separation.converged else 'not converged'}."


def _in_axes(panel: Panel, span: time_span.TimeSpan) -> Figure:
    panel.axes.set_xlabel(span.label)
    return traces.finish(panel)
