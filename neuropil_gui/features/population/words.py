"""Sentences of the Population page."""

import math

from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.analysis.population import POPULATION_NUMBERS, PopulationSweep
from neuropil_gui.core.analysis.sweep_plans import value_text
from neuropil_gui.core.recording import Recording

NO_RECORDING = "Open a recording: all of its cells will be drawn here, at many settings."
NO_NEUROPIL = (
    "No cell of this recording has a neuropil region, so that there is nothing to separate. Add the neuropil's signals "
    "from a second file: File > Open with questions."
)
ALL_REFUSED = "No cell could be separated at any of these values. The first was refused: {}"
NOT_SEPARATED = (
    "No cell is separated with the settings as they stand. Run separates all of them; what is before and after will be "
    "drawn here."
)
ONE_CELL = "Correlations between cells need two cells that are separated with the settings as they stand."
SEPARATING = "{}: the rest follows once all cells are separated with the settings as they stand."
CORRELATE = "{:,} cells are separated with these settings: Run correlates them."
IDLE = "Point at a cell to read its numbers. A click selects the cell, a double click takes the value for all cells."


def cannot(recording: Recording | None) -> str:
    """Return why there is nothing to separate; empty where there is."""
    if recording is None:
        return NO_RECORDING
    if recording.cells.absent:
        return recording.cells.absent
    if all(header.signals < 2 for header in recording.cells.headers):
        return NO_NEUROPIL
    return ""


def value_words(found: PopulationSweep, ix: int) -> str:
    """Return the setting with its value, such as "alpha 0.1"."""
    name, value = found.plan.x.name, found.plan.x.values[ix]
    return f"{name} {value_text(name, value)}"


def line(found: PopulationSweep, name: str, cell: int, ix: int) -> str:
    """Return what is known of a cell at a value, in one line."""
    parts = [f"{cell + 1}. {name}" if name else f"{cell + 1}", value_words(found, ix)]
    if not found.done[cell, ix]:
        return " · ".join([*parts, "not separated yet"])
    if found.refused[cell, ix]:
        return " · ".join([*parts, "could not be separated"])
    for key in POPULATION_NUMBERS:
        value = float(found.numbers[key][cell, ix])
        if math.isfinite(value):
            parts.append(f"{NUMBERS[key].name} {NUMBERS[key].text(value)}")
    states = (("collapsed", found.collapsed), ("unstable", found.unstable), ("not converged", ~found.converged))
    parts += [word for word, state in states if state[cell, ix]]
    return " · ".join(parts)
