"""Figures of runs: convergence over iterations, and numbers over the runs of a session."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.history import RunHistory
from neuropil_gui.figures import page, scales, traces
from neuropil_gui.figures.figure import ResultFigure
from neuropil_gui.figures.page import LINES, RAW, Entry, Ink, Panel
from neuropil_gui.figures.palette import LIGHT


def plot_convergence(
    history: RunHistory, *, ax: Axes | None = None, size_mm: tuple[float, float] = (120.0, 80.0), dpi: int = 300
) -> Figure:
    """Draw the violation after each iteration of a solver, a curve for each try.

    Parameters
    ----------
    history : RunHistory
        How a run went.
    ax : matplotlib.axes.Axes, optional
        Where to draw; a page of its own by default.
    size_mm, dpi
        As of `plot_separation`.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    DataError
        (a ValueError) When there is no iteration to draw, or the page is too small.
    """
    if not history.tries:
        raise DataError("There is no iteration to draw: separate the cell first.")
    figure = None if ax is not None else ResultFigure(size_mm, dpi)
    axes = ax if figure is None else figure.add_subplot()
    assert axes is not None
    scales.dress(axes)
    entries: list[Entry] = []
    for index, one in enumerate(history.tries):
        last = index == len(history.tries) - 1
        line = LINES[0] if last else LINES[1 + (one.attempt - 1) % 3]
        ink = Ink(RAW if last else LIGHT.muted, 1.0 if last else 0.6, line)
        # What is not above 0 has no place on a logarithmic scale.
        axes.plot(
            one.iterations, np.where(one.violations > 0, one.violations, np.nan), color=ink.colour,
            linewidth=ink.points, linestyle=ink.line, marker="." if len(one.iterations) < 2 else "",
        )  # fmt: skip
        entries.append((f"try {one.attempt}", ink))
    tol = history.settings.tol
    if tol > 0:
        axes.axhline(tol, color=LIGHT.warning, linewidth=0.6, linestyle="--")
        entries.append((f"tol {tol:g}", Ink(LIGHT.warning, 0.6, "--")))
    axes.set_yscale("log")
    axes.set_xlim(0, 1.02 * max(2, *(int(one.iterations[-1]) for one in history.tries)))
    axes.set_ylabel("Change of the unmixing" if history.settings.method == "ica" else "Violation (relative)")
    axes.set_xlabel("Iteration")
    panel = Panel(axes, "Convergence", entries, is_log=True)
    if figure is None:
        return traces.finish(panel)
    traces.fill_page([panel], figure, "Iteration", "Violation over the iterations of the solver.", "Convergence")
    return figure


RUN_NUMBERS = ("score", "explained", "r_neuropil", "iterations")
"""Keys in `NUMBERS` of what `plot_runs` draws."""


def plot_runs(
    runs: Sequence[Mapping[str, Any]],
    *,
    keys: Sequence[str] = RUN_NUMBERS,
    size_mm: tuple[float, float] = (180.0, 120.0),
    dpi: int = 300,
) -> ResultFigure:
    """Draw numbers over runs, e.g. those of the window's history, a panel for each number.

    Parameters
    ----------
    runs : sequence of mapping
        A run each: its ``"run"`` (its number), its ``"method"``, and the numbers of `keys`; NaN is left out.
    keys : sequence of str
        What is drawn, of `neuropil_gui.core.analysis.numbers.NUMBERS`.
    size_mm, dpi
        As of `plot_separation`.

    Returns
    -------
    ResultFigure

    Raises
    ------
    DataError
        (a ValueError) When there are no runs, or the page is too small.
    """
    if not runs:
        raise DataError("There are no runs to draw.")
    figure = ResultFigure(size_mm, dpi)
    numbers = [float(run["run"]) for run in runs]
    panels: list[Panel] = []
    for key in keys:
        axes = figure.add_subplot()
        scales.dress(axes)
        axes.set_xlim(min(numbers) - 0.5, max(numbers) + 0.5)
        entries: list[Entry] = []
        drawn = []
        for method, colour in (("nmf", page.component_colour(0)), ("ica", page.component_colour(4))):
            found = [
                (number, float(run[key]))
                for number, run in zip(numbers, runs, strict=True)
                if run["method"] == method and np.isfinite(run[key])
            ]
            if found:
                drawn.append(np.array(found))
                axes.plot(*drawn[-1].T, "o-", color=colour, linewidth=0.6, markersize=3)
                entries.append((method.upper(), Ink(colour, 1.5)))
        traces.fit_values(axes, *(each[:, 1] for each in drawn))
        panels.append(Panel(axes, NUMBERS[key].name, entries if not panels else ()))
    traces.fill_page(panels, figure, "Run", f"{len(runs)} runs.", "History of runs")
    return figure
