"""What the window on trust asks a thread for; each makes what is drawn, too."""

from neuropil_gui.core.analysis.judgement import Judgement, judge
from neuropil_gui.core.analysis.numbers import INDICATORS
from neuropil_gui.core.analysis.stability import Stability, stability
from neuropil_gui.core.analysis.sweep import Tile, run_sweep
from neuropil_gui.core.analysis.sweep_plans import SweepPlan
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.drawing.prepared import pyramid_of
from neuropil_gui.drawing.stacked import Parts, take_apart
from neuropil_gui.drawing.trial_sides import TrialSides, trial_sides
from neuropil_gui.engine.jobs import load_solvers
from neuropil_gui.engine.runner import Report, ShouldStop, Work


def stability_of(cell: Cell, settings: SeparationSettings, kind: str, replicates: int, reference: Separation) -> Work:
    """Separate a cell again and again; answers with a `Stability`.

    Reports (done, of how many).
    """

    def work(report: Report, should_stop: ShouldStop) -> Stability:
        load_solvers()
        made = stability(
            cell, settings, kind, replicates=replicates, reference=reference, should_stop=should_stop,
            progress=lambda done, total: report((done, total)),
        )  # fmt: skip
        pyramid_of(made.bands)
        return made

    return work


def parts_of(cell: Cell, separation: Separation, off: frozenset[int], known: Parts | None) -> Work:
    """Take a ROI apart, without the components that are `off`; answers with `Parts`."""

    def work(report: Report, should_stop: ShouldStop) -> Parts:
        return take_apart(cell, separation, off, known, should_stop)

    return work


def judgements_of(cell: Cell, separation: Separation) -> Work:
    """Judge a result without truth, and with it where it is known; answers with a `Judgement`."""

    def work(report: Report, should_stop: ShouldStop) -> Judgement:
        load_solvers()
        return judge(cell, separation)

    return work


def swept_indicators(cell: Cell, plan: SweepPlan) -> Work:
    """Measure the indicators over a sweep of alpha; reports, and answers with, tuples of `Tile` by ascending alpha.

    Alphas that were refused are left out.
    """

    def work(report: Report, should_stop: ShouldStop) -> tuple[Tile, ...]:
        load_solvers()
        made: tuple[Tile, ...] = ()

        def tile_done(tile: Tile) -> None:
            nonlocal made
            if not tile.error:
                made = tuple(sorted((*made, tile), key=lambda each: each.settings.alpha))
                report(made)

        run_sweep(cell, plan, tile_done, should_stop, width=1, keys=INDICATORS)
        return made

    return work


def trials_of(cell: Cell, separation: Separation, settings: SeparationSettings, same_effect: bool) -> Work:
    """Separate each trial alone; answers with `TrialSides`, reports (done, of how many)."""

    def work(report: Report, should_stop: ShouldStop) -> TrialSides:
        load_solvers()
        return trial_sides(
            cell, separation, settings, same_effect=same_effect, should_stop=should_stop,
            progress=lambda done, total: report((done, total)),
        )  # fmt: skip

    return work
