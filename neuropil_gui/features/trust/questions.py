"""Questions of the Trust tool, each with its computation and the page that shows its answer."""

from dataclasses import dataclass, field, replace
from typing import Any

from neuropil_gui.core.advice import seed_matters
from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
from neuropil_gui.core.analysis.events import Events, compare_events
from neuropil_gui.core.analysis.judgement import Judgement, judge
from neuropil_gui.core.analysis.numbers import INDICATORS
from neuropil_gui.core.analysis.stability import Stability, stability
from neuropil_gui.core.analysis.sweep import Tile, run_sweep
from neuropil_gui.core.analysis.sweep_plans import Axis, SweepPlan, decades
from neuropil_gui.core.duration import expected_seconds
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings, uses
from neuropil_gui.drawing.prepared import pyramid_of
from neuropil_gui.drawing.stacked import Parts, take_apart
from neuropil_gui.drawing.trial_sides import TrialSides, trial_sides
from neuropil_gui.engine.jobs import load_solvers
from neuropil_gui.engine.live import fast
from neuropil_gui.engine.runner import Report, ShouldStop
from neuropil_gui.features.trust.inferred_question import InferredQuestion
from neuropil_gui.features.trust.question import TrustQuestion
from neuropil_gui.features.trust.spike_in_questions import SpikeInAlphaQuestion, SpikeInQuestion
from neuropil_gui.features.trust.spike_questions import spike_questions
from neuropil_gui.features.trust.view import TrustView
from neuropil_gui.features.trust.words import on_alpha
from neuropil_gui.ui.widgets.page import Page

ALPHAS = decades(0.003, 10, 20)
"""Values of alpha at which the indicators are compared with the truth."""


@dataclass(frozen=True)
class StabilityQuestion(TrustQuestion[Stability]):
    """Separate the cell again, with other seeds, trials or regions."""

    result: Separation
    kind: str
    replicates: int
    title = "Separating again"

    @property
    def seconds(self) -> float:
        """Expected duration."""
        once = expected_seconds(fast(self.result.settings), *self.cell.traces.shape)
        return self.replicates * once

    def work(self, report: Report, should_stop: ShouldStop) -> Stability:
        """Compute the replicates, and what their bands are drawn with; reports (done, of how many)."""
        load_solvers()
        made = stability(
            self.cell, fast(self.result.settings), self.kind, replicates=self.replicates, reference=self.result,
            should_stop=should_stop, progress=lambda done, total: report((done, total)),
        )  # fmt: skip
        pyramid_of(made.bands)
        return made

    def page(self, view: TrustView) -> Page:
        """Return the page "Stability"."""
        return view.stability

    def show(self, view: TrustView, frame_rate: float | None, result: Separation, answer: Stability) -> None:
        """Draw the bands."""
        view.stability.show_stability(answer)

    def show_missing(
        self, view: TrustView, frame_rate: float | None, sentence: str, earlier: bool, running: bool
    ) -> bool:
        """Draw the result alone."""
        view.stability.show_cell(self.cell, frame_rate, self.result, not seed_matters(self.result.settings))
        view.stability.say("")
        return True


@dataclass(frozen=True)
class PartsQuestion(TrustQuestion[Parts]):
    """Split the ROI into its components, without those that are `off`; `known` is the last answer for this result."""

    result: Separation
    off: frozenset[int]
    known: Parts | None = field(compare=False)
    title = "Taking the ROI apart"

    def work(self, report: Report, should_stop: ShouldStop) -> Parts:
        """Compute the parts."""
        return take_apart(self.cell, self.result, self.off, self.known, should_stop)

    def page(self, view: TrustView) -> Page:
        """Return the page "Where the light went"."""
        return view.parts

    def show(self, view: TrustView, frame_rate: float | None, result: Separation, answer: Parts) -> None:
        """Draw the parts."""
        view.parts.show_parts(self.cell, frame_rate, answer)


@dataclass(frozen=True)
class JudgementQuestion(TrustQuestion[Judgement]):
    """Judge the result by the indicators, by the truth where that is known, and by a test of all cells."""

    result: Separation
    spike_in: CellSpikeIn | None = None
    title = "Judging the result"

    def work(self, report: Report, should_stop: ShouldStop) -> Judgement:
        """Compute the indicators."""
        load_solvers()
        return judge(self.cell, self.result, self.spike_in)

    def page(self, view: TrustView) -> Page:
        """Return the page "Indicators"."""
        return view.indicators

    def show(self, view: TrustView, frame_rate: float | None, result: Separation, answer: Judgement) -> None:
        """Fill the table."""
        settings = result.settings
        view.indicators.show_judgement(answer, settings.alpha if uses(settings.method, "alpha") else float("nan"))


@dataclass(frozen=True)
class IndicatorSweepQuestion(TrustQuestion[tuple[Tile, ...]]):
    """Compute the indicators and the true error over a range of alpha."""

    plan: SweepPlan
    title = "Separating over a range of alpha"

    @classmethod
    def of(cls, cell: Cell, settings: SeparationSettings) -> "IndicatorSweepQuestion":
        """Return the question for these settings, which is the same for every alpha."""
        return cls(cell, SweepPlan(replace(settings, alpha=ALPHAS[0]), Axis("alpha", ALPHAS)))

    @property
    def seconds(self) -> float:
        """Expected duration."""
        return len(ALPHAS) * expected_seconds(self.plan.settings, *self.cell.traces.shape)

    def work(self, report: Report, should_stop: ShouldStop) -> tuple[Tile, ...]:
        """Compute the indicators at each alpha that is not refused; reports the tiles that are ready, by alpha."""
        load_solvers()
        made: tuple[Tile, ...] = ()

        def tile_done(tile: Tile) -> None:
            nonlocal made
            if not tile.error:
                made = tuple(sorted((*made, tile), key=lambda each: each.settings.alpha))
                report(made)

        run_sweep(self.cell, self.plan, tile_done, should_stop, width=1, keys=INDICATORS)
        return made

    def page(self, view: TrustView) -> Page:
        """Return the page "Indicators"."""
        return view.indicators

    def show(self, view: TrustView, frame_rate: float | None, result: Separation, answer: tuple[Tile, ...]) -> None:
        """Draw the points."""
        view.indicators.show_points(answer)

    def show_missing(
        self, view: TrustView, frame_rate: float | None, sentence: str, earlier: bool, running: bool
    ) -> bool:
        """Clear the points, unless some of this sweep are drawn; the table stays."""
        if not running:
            view.indicators.show_points(())
        return not running

    def show_report(self, view: TrustView, report: tuple[object, ...]) -> None:
        """Draw the points that are ready."""
        view.indicators.show_points(report)  # type: ignore[arg-type]
        view.row.show_work(self.title, len(report), len(ALPHAS))


@dataclass(frozen=True)
class TrialsQuestion(TrustQuestion[TrialSides]):
    """Separate each trial alone, with the settings as they are or with the same effect of alpha."""

    result: Separation
    same_effect: bool
    title = "Separating each trial alone"

    @property
    def seconds(self) -> float:
        """Expected duration."""
        return expected_seconds(fast(self.result.settings), *self.cell.traces.shape)

    def work(self, report: Report, should_stop: ShouldStop) -> TrialSides:
        """Compute both sides; reports (done, of how many)."""
        load_solvers()
        return trial_sides(
            self.cell, self.result, fast(self.result.settings), same_effect=self.same_effect, should_stop=should_stop,
            progress=lambda done, total: report((done, total)),
        )  # fmt: skip

    def page(self, view: TrustView) -> Page:
        """Return the page "Trials"."""
        return view.trials

    def show(self, view: TrustView, frame_rate: float | None, result: Separation, answer: TrialSides) -> None:
        """Draw both sides."""
        view.trials.show_sides(self.cell, frame_rate, answer, on_alpha(self.cell, result))


@dataclass(frozen=True)
class EventsQuestion(TrustQuestion[Events]):
    """Detect events in the ROI and in the best match, and tell what became of each."""

    result: Separation
    indicator: str
    threshold: float
    frame_rate: float | None
    title = "Looking for events"

    def work(self, report: Report, should_stop: ShouldStop) -> Events:
        """Compute the events, and what their traces are drawn with."""
        load_solvers()
        pyramid_of(self.cell.traces)
        return compare_events(
            self.cell, self.result, frame_rate=self.frame_rate, indicator=self.indicator, threshold=self.threshold
        )

    def page(self, view: TrustView) -> Page:
        """Return the page "Events"."""
        return view.events

    def show(self, view: TrustView, frame_rate: float | None, result: Separation, answer: Events) -> None:
        """Draw the events."""
        view.events.show_events(self.cell, frame_rate, self.result, answer)


def questions_of(
    view: TrustView,
    cell: Cell,
    result: Separation,
    known: Parts | None,
    frame_rate: float | None = None,
    tested: CellSpikeIn | None = None,
) -> list[TrustQuestion[Any]]:
    """Return what the page in view needs, in the order in which it is asked.

    `known` are the last parts, `tested` is the cell's spike-in test among those of all cells.
    """
    page, settings = view.pages[view.page], result.settings
    if page is view.stability:
        kind, count = view.stability.asks
        return [
            StabilityQuestion(cell, result, kind, max(len(cell.traces) - 1, 1) if kind == "leave_one_out" else count)
        ]
    if page is view.parts:
        return [PartsQuestion(cell, result, frozenset() if known is None else view.parts.off, known)]
    if page is view.trials:
        same = view.trials.same_effect.isChecked() and uses(settings.method, "alpha")
        return [TrialsQuestion(cell, result, same)] if len(cell.trial_starts) > 1 else []
    if page is view.events:
        events = EventsQuestion(cell, result, *view.events.asks, frame_rate)
        inferred = InferredQuestion(cell, result, events.indicator, events.threshold, frame_rate)
        return [events, inferred] if view.events.infers else [events]
    if page is view.spikes:
        spikes = view.spikes
        return [*spike_questions(cell, result, spikes.spikes, spikes.window_seconds, frame_rate, spikes.also_by.keys)]
    if page is view.spike_in:
        test = view.spike_in.form.test
        asked: list[TrustQuestion[Any]] = [SpikeInQuestion(cell, result, test, frame_rate, view.spike_in.form.also)]
        if uses(settings.method, "alpha"):
            asked.append(SpikeInAlphaQuestion.of(cell, result, test, frame_rate))
        return asked
    wanted: list[TrustQuestion[Any]] = [JudgementQuestion(cell, result, tested)]
    if cell.truth is not None and len(cell.truth.sources) and uses(settings.method, "alpha"):
        wanted.append(IndicatorSweepQuestion.of(cell, fast(settings)))
    return wanted
