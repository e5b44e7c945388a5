"""Sentences of the Population page."""

import math
from collections.abc import Iterable

import numpy as np

from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.analysis.population import POPULATION_NUMBERS, PopulationSweep, trouble_words
from neuropil_gui.core.analysis.recovery import Estimate
from neuropil_gui.core.analysis.sweep_plans import value_text
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.settings_summary import brief

NO_RECORDING = "Open a recording: all of its cells will be drawn here, at many settings."
NO_NEUROPIL = (
    "No cell of this recording has a neuropil region, so that there is nothing to separate. Add the neuropil's signals "
    "from a second file: File > Open with questions."
)
ALL_REFUSED = "No cell could be separated at any of these values. The first was refused: {}"
NOT_SEPARATED = (
    "No cell is separated with the settings as they stand. Separate all does that; what is before and after will be "
    "drawn here."
)
ONE_CELL = "Correlations between cells need two cells that are separated with the settings as they stand."
FLAT = (
    "Noise is not known of {:,} of {:,} best matches: flat in over a quarter of the frames, they hide it. "
    "Point at a cell for its numbers; a click selects it."
)
TRY_AGAIN, GO_ON, SEPARATE_ALL, CORRELATED, TEST_ALL = "Try again", "Go on", "Separate all", "Correlate", "Test all"
"""Labels of the button that goes on: never Run, which separates the selected cell."""

SEPARATING = "{}: the rest follows once all cells are separated with the settings as they stand."
CORRELATE = "{:,} cells are separated with these settings, and can be correlated."
TESTED_IDLE = "Point at a cell to read its numbers. Gain 1 and leak 0, the dashed lines, would be best."
TESTED_LATER = "The test follows once all cells are separated with the settings as they stand."
NOT_TESTED = (
    "Test all adds ten transients of this course to each cell's recording, ten times at other times, once as the "
    "cell's light and once to the regions alone, and separates it again: how much of either comes back is drawn here."
)
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
    states = {"collapsed": found.collapsed, "unstable": found.unstable, "not converged": ~found.converged}
    parts += [trouble_words(found.plan.x.name, word) for word, state in states.items() if state[cell, ix]]
    return " · ".join(parts)


def separated(count: int, left: int, settings: SeparationSettings) -> str:
    """Return how many cells have a result of the settings of the recording as they stand, or of their own."""
    verb = "is" if count == 1 else "are"
    return f"{count:,} of {count + left:,} cells {verb} separated with the settings as they stand ({brief(settings)})"


def to_test(left: int, cells: int, seconds: float) -> str:
    """Return which cells are still to be tested with added transients, and how long that takes."""
    time = "a minute" if seconds < 90 else f"{seconds / 60:,.0f} min"
    what = f"{left:,} of {cells:,} cells" if left < cells else f"{left:,} cell{'' if left == 1 else 's'}"
    return f"To test {what} with added transients takes about {time} on this machine."


def tested(found: Iterable[CellSpikeIn]) -> str:
    """Return gain and leak of all cells in words."""
    known = list(found)
    made = [each for each in known if not each.failed]
    if not known:
        return ""
    failed = next((each.failed for each in known if each.failed), "")
    without = f" {len(known) - len(made):,} could not be tested. The first: {failed}" if failed else ""
    if not made:
        return without.strip()
    parts = []
    for key in ("gain", "leak"):
        low, middle, high = np.quantile([each.numbers[key] for each in made], (0.25, 0.5, 0.75))
        parts.append(" ".join((_text(key, middle), f"(half of the cells: {_text(key, low)} to {_text(key, high)})")))
    count = f"{len(made):,} cell{'' if len(made) == 1 else 's'}"
    return f"Median of {count}: kept {parts[0]} of added events, leak {parts[1]}.{without}"


def tested_cell(found: CellSpikeIn) -> str:
    """Return the test of a cell in words."""
    if found.failed:
        return found.failed
    gain, leak = (_interval(key, each) for key, each in (("gain", found.gain), ("leak", found.leak)))
    return f"kept {gain} of added events, leak {leak}."


def _interval(key: str, each: Estimate) -> str:
    return f"{_text(key, each.mean)} ({_text(key, each.low)} to {_text(key, each.high)})"


def _text(key: str, value: float) -> str:
    return NUMBERS[key].text(value)
