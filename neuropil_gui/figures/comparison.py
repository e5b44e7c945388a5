"""Figure of traces over each other, and of the difference of two."""

from collections.abc import Mapping

import numpy as np

from neuropil_gui.core import metrics
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.figures import page, time_span, traces
from neuropil_gui.figures.figure import ResultFigure
from neuropil_gui.figures.page import FAINT, LINES, RAW, Entry, Ink, Panel
from neuropil_gui.figures.palette import COMPARED, LIGHT, OKABE_ITO, readable
from neuropil_gui.figures.traces import SIGNAL


def plot_comparison(
    cell: Cell,
    candidates: Mapping[str, FloatArray],
    *,
    reference: str = "",
    compared: str = "",
    roles: Mapping[str, str] | None = None,
    frame_rate: float | None = None,
    time_range: tuple[float, float] | None = None,
    size_mm: tuple[float, float] = (180.0, 100.0),
    dpi: int = 300,
) -> ResultFigure:
    """Draw traces over each other at the level of one of them, and the difference of two.

    Parameters
    ----------
    cell : Cell
        Whose traces these are.
    candidates : mapping of str to ndarray, shape (frames,)
        The traces by their names, in the traces' units.
    reference, compared : str
        Names of candidates: all are moved so that their medians are that of the reference, and the difference
        is the reference minus the one compared, as they are. The first two by default.
    roles : mapping of str to str, optional
        By name, what a trace is, for its colour: ``"matched"``, ``"raw"``, ``"truth"``, or a key of
        `neuropil_gui.figures.palette.COMPARED`.
    frame_rate, time_range, size_mm, dpi
        As of `plot_separation`.

    Returns
    -------
    ResultFigure

    Raises
    ------
    DataError
        (a ValueError) When there is no trace, one is of another length, no frame is in the range, or the page is too
        small.
    """
    names = list(candidates)
    if not names or any(trace.shape != cell.traces.shape[1:] for trace in candidates.values()):
        raise DataError(f"A comparison needs traces of {cell.traces.shape[1]} frames, those of {cell.name}.")
    reference = reference or names[0]
    compared = compared or next((name for name in names if name != reference), "")
    figure = ResultFigure(size_mm, dpi)
    span = time_span.span_of(figure, cell, frame_rate, time_range)
    axes = figure.add_subplot()
    traces.draw_time(axes, span)
    level = float(np.nanmedian(candidates[reference]))
    entries: list[Entry] = []
    moved = []
    for index, name in enumerate(names):
        trace = candidates[name]
        shift = level - float(np.nanmedian(trace))
        ink = _role_ink((roles or {}).get(name, ""), index)
        traces.draw_trace(axes, span, trace, ink, shift=shift)
        moved.append(trace[span.shown] + shift)
        sign = "+" if shift > 0 else "\N{MINUS SIGN}"
        entries.append((name if abs(shift) < 1e-9 else f"{name} {sign} {abs(shift):.4g}", ink))
    traces.fit_values(axes, *moved)
    axes.set_ylabel(SIGNAL)
    panels = [Panel(axes, "Traces", entries, weight=1.3)]
    if compared:
        gap = candidates[reference] - candidates[compared]
        axes = figure.add_subplot()
        traces.draw_time(axes, span)
        axes.axhline(0, color=LIGHT.grid, linewidth=0.5, zorder=0.4)
        traces.draw_trace(axes, span, gap, Ink(RAW, 0.6))
        traces.fit_values(axes, gap[span.shown])
        axes.set_ylabel(SIGNAL)
        r = metrics.pearson(candidates[reference], candidates[compared])
        words = f"{reference} \N{MINUS SIGN} {compared}", f"Pearson's r {r:.4f}"
        panels.append(Panel(axes, "Difference", [(each, None) for each in words]))
    traces.fill_page(
        panels, figure, span.label, f"{', '.join(names)} of {cell.name}. {span.remark}", f"{cell.name}, comparison"
    )
    return figure


def _role_ink(role: str, index: int) -> Ink:
    if role in COMPARED:
        colour, line = COMPARED[role]
        return Ink(readable(OKABE_ITO[colour], LIGHT.base, LIGHT.line_contrast), 0.6, LINES[line])
    special = {"raw": Ink(FAINT, 0.6), "truth": Ink(RAW, 0.6, "--"), "matched": page.component_ink(0, 0.75)}
    return special.get(role) or page.component_ink(index)
