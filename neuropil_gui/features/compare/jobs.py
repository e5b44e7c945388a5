"""Jobs of the Compare tool: candidates, differences, and separations of rivals."""

from collections.abc import Mapping
from dataclasses import dataclass

from neuropil_gui.core.analysis import candidates
from neuropil_gui.core.analysis.candidates import Candidate, Difference
from neuropil_gui.core.analysis.numbers import SUMMARY, numbers
from neuropil_gui.core.analysis.plug_ins import PlugIn
from neuropil_gui.core.analysis.rival import Rival
from neuropil_gui.core.errors import Cancelled
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.drawing.prepared import prepare_separation, pyramid_of
from neuropil_gui.engine.jobs import load_solvers
from neuropil_gui.engine.plug_in_process import PlugInProcess, installed_plug_ins
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
            made = candidates.of_rival(cell, key, {} if made_of is None else {"k": made_of})
        pyramid_of(made.trace)
        return made

    return work


@dataclass(frozen=True)
class RivalAsked:
    """A rival that is made once it is switched on, and the values of its parameters, by name."""

    rival: Rival
    values: tuple[tuple[str, float], ...] = ()


def rival(cell: Cell, asked: RivalAsked) -> Work:
    """Make the candidate of a rival: of a plug-in's in a process of its own."""

    def work(report: Report, should_stop: ShouldStop) -> Candidate:
        with PlugInProcess(should_stop) as process:
            callable_here = process.callable_here(asked.rival)
            made = candidates.of_rival(cell, callable_here, dict(asked.values), should_stop)
        pyramid_of(made.trace)
        return made

    return work


def find_plug_ins() -> Work:
    """Find the plug-ins that are installed."""

    def work(report: Report, should_stop: ShouldStop) -> tuple[PlugIn, ...]:
        return installed_plug_ins(should_stop)

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
