"""Questions of the Trust tool on added transients, for which processes are lent."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from neuropil_gui.core.analysis.plug_ins import find_rival
from neuropil_gui.core.analysis.spike_in import SpikeIn, SpikeInPoint, spike_in
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest, usual_rivals
from neuropil_gui.core.analysis.sweep_plans import decades
from neuropil_gui.core.duration import expected_seconds
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings, uses
from neuropil_gui.engine.jobs import load_solvers
from neuropil_gui.engine.live import fast
from neuropil_gui.engine.plug_in_process import PlugInProcess
from neuropil_gui.engine.runner import Report, ShouldStop, Work
from neuropil_gui.engine.spike_in_one import repeats_shared, spike_in_over_alpha
from neuropil_gui.engine.workers import Workers
from neuropil_gui.features.trust.also_by import rival_seconds
from neuropil_gui.features.trust.question import TrustQuestion
from neuropil_gui.features.trust.view import TrustView
from neuropil_gui.ui.widgets.page import Page

SPIKE_IN_ALPHAS = decades(0.01, 3, 9)
"""Values of alpha at which gain and leak are measured."""

SPIKE_IN_REPEATS = 4
"""Repeats at each of them: a curve needs fewer than the number of a single result."""


@dataclass(frozen=True)
class SpikeInQuestion(TrustQuestion[SpikeIn]):
    """Add transients to the recording, and measure what comes back by the result's settings and by rivals."""

    result: Separation
    test: SpikeInTest
    frame_rate: float | None
    also: tuple[str, ...] = ()
    title = "Adding transients and separating again"

    @property
    def seconds(self) -> float:
        """Expected duration."""
        each = expected_seconds(fast(self.result.settings), *self.cell.traces.shape)
        rivals = rival_seconds(self.cell.traces.shape[1]) * len(self.also)
        return 2 * self.test.repeats * (each + rivals)

    def job(self, lend: Callable[[], Workers]) -> Work:
        """Have the processes help."""
        return partial(self.work, workers=lend())

    def work(self, report: Report, should_stop: ShouldStop, workers: Workers | None = None) -> SpikeIn:
        """Compute all repeats; reports (done, of how many)."""
        load_solvers()
        settings = fast(self.result.settings)
        with PlugInProcess(should_stop) as process:
            others = [*map(find_rival, usual_rivals(settings.method)), *process.rivals(self.also)]
            return spike_in(
                self.cell, settings, self.test, frame_rate=self.frame_rate, reference=self.result,
                rivals=others if self.also else True,
                should_stop=should_stop, progress=lambda done, total: report((done, total)),
                repeat_each=repeats_shared(workers, self.seconds, should_stop),
            )  # fmt: skip

    def page(self, view: TrustView) -> Page:
        """Return the page "Spike-in"."""
        return view.spike_in

    def show(self, view: TrustView, frame_rate: float | None, result: Separation, answer: SpikeIn) -> None:
        """Draw the answer."""
        view.spike_in.show_answer(self.cell, answer)
        self._show_alpha(view)

    def show_missing(
        self, view: TrustView, frame_rate: float | None, sentence: str, earlier: bool, running: bool
    ) -> bool:
        """Show the form alone, by which what is refused can be changed."""
        view.spike_in.show_cell(self.cell)
        self._show_alpha(view)
        view.spike_in.say("")
        return True

    def _show_alpha(self, view: TrustView) -> None:
        settings = self.result.settings
        view.spike_in.show_alpha(settings.alpha if uses(settings.method, "alpha") else float("nan"))


@dataclass(frozen=True)
class SpikeInAlphaQuestion(TrustQuestion[tuple[SpikeInPoint, ...]]):
    """Measure gain and leak over a range of alpha."""

    settings: SeparationSettings
    test: SpikeInTest
    frame_rate: float | None
    title = "Adding transients over a range of alpha"

    @classmethod
    def of(cls, cell: Cell, result: Separation, test: SpikeInTest, frame_rate: float | None) -> "SpikeInAlphaQuestion":
        """Return the question for these settings, which is the same for every alpha."""
        settings = replace(fast(result.settings), alpha=SPIKE_IN_ALPHAS[0], seed=result.seed)
        return cls(cell, settings, replace(test, repeats=SPIKE_IN_REPEATS), frame_rate)

    @property
    def seconds(self) -> float:
        """Expected duration."""
        each = 1 + 2 * self.test.repeats
        return len(SPIKE_IN_ALPHAS) * each * expected_seconds(self.settings, *self.cell.traces.shape)

    def job(self, lend: Callable[[], Workers]) -> Work:
        """Have the processes help."""
        return partial(self.work, workers=lend())

    def work(self, report: Report, should_stop: ShouldStop, workers: Workers | None = None) -> tuple[SpikeInPoint, ...]:
        """Compute gain and leak at each alpha that is not refused; reports the points that are ready, by alpha."""
        load_solvers()
        made: tuple[SpikeInPoint, ...] = ()
        for point in spike_in_over_alpha(
            self.cell, self.settings, self.test, SPIKE_IN_ALPHAS, frame_rate=self.frame_rate, workers=workers,
            should_stop=should_stop,
        ):  # fmt: skip
            made = tuple(sorted((*made, point), key=lambda each: each.alpha))
            report(made)
        return made

    def page(self, view: TrustView) -> Page:
        """Return the page "Spike-in"."""
        return view.spike_in

    def show(
        self, view: TrustView, frame_rate: float | None, result: Separation, answer: tuple[SpikeInPoint, ...]
    ) -> None:
        """Draw the points."""
        view.spike_in.show_points(answer)

    def show_missing(
        self, view: TrustView, frame_rate: float | None, sentence: str, earlier: bool, running: bool
    ) -> bool:
        """Clear the points, unless some of these are drawn; the rest of the page stays."""
        if not running:
            view.spike_in.show_points(())
        return not running

    def show_report(self, view: TrustView, report: tuple[object, ...]) -> None:
        """Draw the points that are ready."""
        view.spike_in.show_points(report)  # type: ignore[arg-type]
        view.row.show_work(self.title, len(report), len(SPIKE_IN_ALPHAS))
