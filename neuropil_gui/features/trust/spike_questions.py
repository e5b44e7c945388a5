"""Questions of the Trust tool about spikes of simultaneous electrophysiology."""

from dataclasses import dataclass, replace

from neuropil_gui.core.analysis.plug_ins import find_rival
from neuropil_gui.core.analysis.spike_detection import AucPoint, SpikeTest, spike_test, spike_test_over_alpha
from neuropil_gui.core.analysis.spike_in_plan import usual_rivals
from neuropil_gui.core.analysis.sweep_plans import decades
from neuropil_gui.core.duration import expected_seconds
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings, uses
from neuropil_gui.core.spike_times import SpikeTimes
from neuropil_gui.drawing.prepared import pyramid_of
from neuropil_gui.engine.jobs import load_solvers
from neuropil_gui.engine.live import fast
from neuropil_gui.engine.plug_in_process import PlugInProcess
from neuropil_gui.engine.runner import Report, ShouldStop
from neuropil_gui.features.trust.also_by import rival_seconds
from neuropil_gui.features.trust.question import TrustQuestion
from neuropil_gui.features.trust.view import TrustView
from neuropil_gui.ui.widgets.page import Page

ALPHAS = decades(0.003, 3, 13)
"""Values of alpha at which the AUC of the best match is computed."""


@dataclass(frozen=True)
class SpikesQuestion(TrustQuestion[SpikeTest]):
    """Compare the result, the raw ROI and rivals with the cell's spikes."""

    result: Separation
    spikes: SpikeTimes
    window: float
    frame_rate: float | None
    also: tuple[str, ...] = ()
    title = "Comparing with the spikes"

    @property
    def seconds(self) -> float:
        """Expected duration."""
        frames = self.cell.traces.shape[1]
        rivals = len(self.also) * rival_seconds(frames)
        return expected_seconds(fast(self.result.settings), *self.cell.traces.shape) + rivals

    def work(self, report: Report, should_stop: ShouldStop) -> SpikeTest:
        """Compute the test, and what its traces are drawn with."""
        load_solvers()
        pyramid_of(self.cell.traces)
        with PlugInProcess(should_stop) as process:
            others = [*map(find_rival, usual_rivals(self.result.settings.method)), *process.rivals(self.also)]
            return spike_test(
                self.cell, self.result, self.spikes, frame_rate=self.frame_rate, window=self.window,
                rivals=others if self.also else True, should_stop=should_stop,
            )  # fmt: skip

    def page(self, view: TrustView) -> Page:
        """Return the page "Spikes"."""
        return view.spikes

    def show(self, view: TrustView, frame_rate: float | None, result: Separation, answer: SpikeTest) -> None:
        """Draw the test."""
        view.spikes.show_cell(self.cell, frame_rate, self.result)
        view.spikes.show_test(answer, alpha_of(self.result.settings))

    def show_missing(
        self, view: TrustView, frame_rate: float | None, sentence: str, earlier: bool, running: bool
    ) -> bool:
        """Draw traces and spikes alone, and say why there is no more."""
        view.spikes.show_cell(self.cell, frame_rate, self.result)
        view.spikes.show_refusal(sentence)
        view.spikes.say("")
        return True


@dataclass(frozen=True)
class SpikesAlphaQuestion(TrustQuestion[tuple[AucPoint, ...]]):
    """Compute the AUC of the best match over a range of alpha."""

    settings: SeparationSettings
    spikes: SpikeTimes
    window: float
    frame_rate: float | None
    title = "Separating over a range of alpha"

    @classmethod
    def of(
        cls, cell: Cell, result: Separation, spikes: SpikeTimes, window: float, frame_rate: float | None
    ) -> "SpikesAlphaQuestion":
        """Return the question for these settings, which is the same for every alpha."""
        settings = replace(fast(result.settings), alpha=ALPHAS[0], seed=result.seed)
        return cls(cell, settings, spikes, window, frame_rate)

    @property
    def seconds(self) -> float:
        """Expected duration."""
        return len(ALPHAS) * expected_seconds(self.settings, *self.cell.traces.shape)

    def work(self, report: Report, should_stop: ShouldStop) -> tuple[AucPoint, ...]:
        """Compute the AUC at each alpha; reports the points that are ready."""
        load_solvers()
        made: tuple[AucPoint, ...] = ()
        for point in spike_test_over_alpha(
            self.cell, self.settings, self.spikes, ALPHAS, frame_rate=self.frame_rate, window=self.window,
            should_stop=should_stop,
        ):  # fmt: skip
            made = (*made, point)
            report(made)
        return made

    def page(self, view: TrustView) -> Page:
        """Return the page "Spikes"."""
        return view.spikes

    def show(self, view: TrustView, frame_rate: float | None, result: Separation, answer: tuple[AucPoint, ...]) -> None:
        """Draw the points."""
        view.spikes.show_points(answer)

    def show_missing(
        self, view: TrustView, frame_rate: float | None, sentence: str, earlier: bool, running: bool
    ) -> bool:
        """Clear the points, unless some of these are drawn; the rest of the page stays."""
        if not running:
            view.spikes.show_points(())
        return not running

    def show_report(self, view: TrustView, report: tuple[object, ...]) -> None:
        """Draw the points that are ready."""
        view.spikes.show_points(report)  # type: ignore[arg-type]
        view.row.show_work(self.title, len(report), len(ALPHAS))


def alpha_of(settings: SeparationSettings) -> float:
    """Return the alpha of settings; NaN where the method has none."""
    return settings.alpha if uses(settings.method, "alpha") else float("nan")


def spike_questions(
    cell: Cell,
    result: Separation,
    spikes: SpikeTimes | None,
    window: float,
    frame_rate: float | None,
    also: tuple[str, ...] = (),
) -> list[SpikesQuestion | SpikesAlphaQuestion]:
    """Return what the page of spikes needs, in the order in which it is asked."""
    if spikes is None or spikes.in_frames(frame_rate) is None:
        return []
    asked: list[SpikesQuestion | SpikesAlphaQuestion] = [SpikesQuestion(cell, result, spikes, window, frame_rate, also)]
    if uses(result.settings.method, "alpha") and len(cell.traces) > 1:
        asked.append(SpikesAlphaQuestion.of(cell, result, spikes, window, frame_rate))
    return asked
