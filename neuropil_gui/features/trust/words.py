"""Sentences of the Trust tool."""

from neuropil_gui.core.analysis.trials import alpha_sentence
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import PARAMETERS, uses

NO_CELL = "Open a recording, and this page tells how far its separation can be trusted."
NO_RESULT = "There is no finished result for this cell yet. Press Run, or switch Live on."
NO_NEUROPIL = "This cell has no neuropil to separate it from, so that there is no result to be trusted."


def described(cell: Cell | None, result: Separation | None, current: bool) -> str:
    """Return the description of the result in question; `current` is whether its settings are those shown."""
    if cell is None or result is None:
        return ""
    settings = result.settings
    parts = [cell.name, PARAMETERS["method"].choices[settings.method], f"n {result.n}"]
    if uses(settings.method, "alpha"):
        parts.append(f"alpha {settings.alpha:g}")
    if not current:
        parts.append("made before the settings were changed")
    return " \N{MIDDLE DOT} ".join(parts)


def on_alpha(cell: Cell, result: Separation) -> str:
    """Return how strongly alpha acts on a trial alone."""
    if not uses(result.settings.method, "alpha"):
        return "ICA has no penalty, so that a trial alone differs from all of them only by what it holds."
    part = cell.trial_slices[0]
    return alpha_sentence(result.settings.alpha, part.stop - part.start, cell.traces.shape[1])
