"""Figure of spike-in tests of all cells: leak over gain, and how either is distributed."""

from collections.abc import Mapping

import numpy as np

from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
from neuropil_gui.core.errors import DataError
from neuropil_gui.figures import page, scales, traces
from neuropil_gui.figures.figure import ResultFigure
from neuropil_gui.figures.page import FAINT, GAP, MARGIN, RAW, Entry, Panel

BINS = 20
MOST_MARKS = 100
"""Cells whose points are drawn as marks in an SVG or PDF; of more, as a picture."""


def plot_spike_in_cells(
    found: Mapping[int, CellSpikeIn], *, size_mm: tuple[float, float] = (180.0, 60.0), dpi: int = 300
) -> ResultFigure:
    """Draw what came back of transients that were added to all cells: leak over gain, and how either is distributed.

    Parameters
    ----------
    found : mapping of int to CellSpikeIn
        By the index of the cell, see `spike_in_all`; those that could not be tested are left out.
    size_mm, dpi
        As of `plot_separation`.

    Returns
    -------
    ResultFigure

    Raises
    ------
    DataError
        (a ValueError) When no cell was tested, or the page is too small.
    """
    made = [each for each in found.values() if not each.failed]
    if not made:
        raise DataError("There are no spike-in tests to draw: no cell was tested.")
    figure = ResultFigure(size_mm, dpi)
    values = {key: np.array([each.numbers[key] for each in made]) for key in ("gain", "leak")}
    texts = {key: f"{np.median(each):.2f}".replace("-", "\N{MINUS SIGN}") for key, each in values.items()}
    scatter = figure.add_subplot()
    scales.dress(scatter)
    scatter.axvline(1, color=FAINT, linewidth=0.5)
    scatter.axhline(0, color=FAINT, linewidth=0.5)
    scatter.scatter(
        values["gain"], values["leak"], s=5, color=page.component_colour(0), alpha=0.6, linewidths=0,
        rasterized=len(made) > MOST_MARKS,
    )  # fmt: skip
    traces.fit_values(scatter, np.append(values["leak"], 0.0))
    low, high = (end(np.append(values["gain"], 1.0)) for end in (np.min, np.max))
    room = 0.06 * (high - low) or 0.1
    scatter.set_xlim(low - room, high + room)
    scatter.set_ylabel("Spike-in leak")
    panels: list[tuple[Panel, str]] = [(Panel(scatter, f"{len(made):,} cells", ()), "Spike-in gain")]
    for key, ideal in (("gain", 1.0), ("leak", 0.0)):
        axes = figure.add_subplot()
        scales.dress(axes)
        axes.hist(values[key], BINS, color=page.component_colour(0))
        axes.axvline(ideal, color=FAINT, linewidth=0.5)
        axes.axvline(float(np.median(values[key])), color=RAW, linewidth=1.0)
        axes.set_ylabel("Cells")
        entries: list[Entry] = [(f"median {texts[key]}", None)]
        panels.append((Panel(axes, key.capitalize(), entries), f"Spike-in {key}"))
    width, height = (each - 2 * MARGIN for each in figure.get_size_inches() * 72)
    each = (width - 2 * GAP * (len(panels) - 1)) / len(panels)
    for place, (panel, label) in enumerate(panels):
        traces.stack([panel], label, MARGIN + place * (each + 2 * GAP), MARGIN, each, height)
    test = made[0].test
    figure.title = "Spike-in test of all cells"
    figure.description = (
        f"{test.count} transients ({test.kernel}) were added to each of {len(made):,} cells in each of {test.repeats} "
        f"repeats, seed {test.seed}: median gain {texts['gain']}, median leak {texts['leak']}."
    )
    return figure
