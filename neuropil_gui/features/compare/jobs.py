"""Jobs of the Compare tool: candidates, differences, and separations of rivals."""

from collections.abc import Mapping

from neuropil_gui.core.analysis import candidates
from neuropil_gui.core.analysis.candidates import Candidate, Difference
from neuropil_gui.core.analysis.numbers import SUMMARY, numbers
from neuropil_gui.core.errors import Cancelled
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.drawing.prepared import prepare_separation, pyramid_of
from neuropil_gui.engine.jobs import load_solvers
from neuropil_gui.engine.runner import Report, ShouldStop, Work


def candidate(cell: Cell, key: str, made_of: Separation | float | None) -> Work:
    """Make one candidate: of a separation, of the file's or the true trace, or of a rival (its r is `made_of`)."""

    def work(report: Report, should_stop: ShouldStop) -> Candidate:
        if isinstance(made_of, Separation):
            made = candidates.of_separation(cell, made_of)
        elif key == "stored":
            made = candidates.of_stored(cell)
        elif key == "truth":
            made = candidates.of_truth(cell)
        else:
            made = candidates.of_rival(cell, key, made_of or 0.0)
        pyramid_of(made.trace)
        return made

    return work


def compare(one: Candidate, other: Candidate) -> Work:
    """Subtract one candidate from another, and pair their components."""

    def work(report: Report, should_stop: ShouldStop) -> Difference:
        made = candidates.difference(one, other)
        pyramid_of(made.trace)
        return made

    return work


def separate_rival(cell: Cell, settings: SeparationSettings) -> Work:
    """Separate the cell by another method; answers with a separation and its numbers."""

    def work(report: Report, should_stop: ShouldStop) -> tuple[Separation, Mapping[str, float]]:
        load_solvers()
        separation = separate_cell(cell, settings, report, should_stop)
        if should_stop():
            raise Cancelled
        return prepare_separation(separation), numbers(cell, separation, SUMMARY)

    return work
