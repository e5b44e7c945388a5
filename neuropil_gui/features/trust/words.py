"""Sentences of the Trust tool."""

from neuropil_gui.core.analysis.rivals import RIVALS
from neuropil_gui.core.analysis.spike_in import SpikeIn
from neuropil_gui.core.analysis.spike_in_plan import RESULT
from neuropil_gui.core.analysis.subtraction import USUAL_FACTOR
from neuropil_gui.core.analysis.trials import alpha_sentence
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import PARAMETERS, uses
from neuropil_gui.ui.widgets.decimal_box import decimal

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


def in_words(found: SpikeIn) -> str:
    """Return what a spike-in test says of the result."""
    gain, leak = found.result.gain, found.result.leak
    words = (
        f"Of light added as the cell's, {decimal(gain.mean)} comes back in the best match "
        f"({decimal(gain.low)} to {decimal(gain.high)} in 95 % of repeats)"
    )
    if gain.high < 1:
        words += ": the separation takes some of the cell's own light."
    elif gain.low > 1:
        words += ": the separation makes the cell's transients larger than they are."
    else:
        words += ", so that a loss cannot be told from the variation between repeats."
    where = "the regions" if isinstance(found.test.other, str) else "one region"
    words += f"\n\nOf light added to {where}, {decimal(leak.mean)} comes back"
    if leak.high < 0:
        words += ": it is subtracted from the best match."
    elif leak.low > 0:
        words += ": it appears as the cell's."
    else:
        words += ", which is none as far as the repeats tell."
    return words


def method_name(method: str) -> str:
    """Return what the table calls a method."""
    if method == "fixed":
        return f"F \N{MINUS SIGN} {USUAL_FACTOR:g} Fneu"
    if method == RESULT:
        return "this result"
    return RIVALS[method].label if method in RIVALS else method
