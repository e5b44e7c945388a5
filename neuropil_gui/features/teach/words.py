"""Words and colours of a simulated cell's sources: which component found each, and the sum that a signal is."""

from collections.abc import Mapping

import numpy as np

from neuropil_gui.core.analysis.pairing import true_columns
from neuropil_gui.core.recording import Cell, Truth
from neuropil_gui.core.result import Separation
from neuropil_gui.core.simulation import Simulation, neighbour_place
from neuropil_gui.features.teach.field_picture import Field, Source
from neuropil_gui.ui import style

HIDDEN = "The truth is hidden: what each signal is the sum of is shown with it."


def source_names(simulation: Simulation) -> list[str]:
    """Return a name for each source, in the order of `Truth.sources`."""
    neighbours = [f"neighbour {index}" for index in range(1, 1 + simulation.neighbours)]
    return ["cell", "neuropil", *neighbours, *(["pedestal"] if simulation.pedestal else [])]


def found_by(separation: Separation | None, truth: Truth | None) -> dict[int, int]:
    """Return the rank of the component that found a source, by the source's row."""
    if separation is None or truth is None:
        return {}
    _, sources = true_columns(separation, truth)
    return {int(row): rank for rank, row in enumerate(sources) if row >= 0}


def field_of(
    simulation: Simulation, cell: Cell | None, found: Mapping[int, int], frame: int | None, separated: bool
) -> Field:
    """Return the picture of a cell at a frame; without one, at the greatest of its ROI. No truth: outlines alone."""
    homes = tuple(int(neighbour_place(index) * simulation.regions) for index in range(simulation.neighbours))
    count = 2 + simulation.neighbours
    truth = cell.truth if cell is not None else None
    if cell is None or truth is None or len(truth.sources) < count:
        return Field((Source(),) * count, simulation.regions, homes)
    at = int(np.argmax(cell.traces[0])) if frame is None else min(frame, cell.traces.shape[1] - 1)
    sources = []
    for row in range(count):
        low, high = float(truth.sources[row].min()), float(truth.sources[row].max())
        light = (float(truth.sources[row, at]) - low) / (high - low) if high > low else 0.0
        sources.append(Source(found.get(row), round(light, 2), separated and row not in found))
    return Field(tuple(sources), simulation.regions, homes)


def sum_of(simulation: Simulation, cell: Cell, row: int, found: Mapping[int, int]) -> str:
    """Return a signal as the sum of its sources, in rich text: ``ROI = 1.00 x cell + 0.70 x neuropil ...``."""
    if cell.truth is None:
        return HIDDEN
    terms = []
    for source, name in enumerate(source_names(simulation)):
        term = f"{cell.truth.mixing[row, source]:.2f} × {name}".replace(" ", "\N{NO-BREAK SPACE}")
        colour = style.component_text_colour(found[source]) if source in found else style.current().muted
        terms.append(style.coloured(term, colour))
    return f"<b>{cell.signal_names[row]}</b> = " + " +\N{NO-BREAK SPACE}".join(terms)


def shares(cell: Cell, row: int) -> list[float]:
    """Return what moves a signal: the weight of each source times its standard deviation, as parts of 1."""
    if cell.truth is None:
        return []
    moved = cell.truth.mixing[row] * cell.truth.sources.std(axis=1)
    total = float(moved.sum())
    return [float(each) / total for each in moved] if total > 0 else []
