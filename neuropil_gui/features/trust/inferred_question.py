"""Question of the Trust tool about spikes inferred by OASIS."""

from dataclasses import dataclass

from neuropil_gui.core.analysis.inferred_spikes import InferredSpikes, compare_inferred
from neuropil_gui.core.result import Separation
from neuropil_gui.engine.jobs import load_solvers
from neuropil_gui.engine.runner import Report, ShouldStop
from neuropil_gui.features.trust.question import TrustQuestion
from neuropil_gui.features.trust.view import TrustView
from neuropil_gui.ui.widgets.page import Page


@dataclass(frozen=True)
class InferredQuestion(TrustQuestion[InferredSpikes]):
    """Infer spikes from the ROI and from the best match."""

    result: Separation
    indicator: str
    threshold: float
    frame_rate: float | None
    title = "Inferring spikes"

    def work(self, report: Report, should_stop: ShouldStop) -> InferredSpikes:
        """Infer the spikes."""
        load_solvers()
        return compare_inferred(
            self.cell, self.result, frame_rate=self.frame_rate, indicator=self.indicator, threshold=self.threshold,
            should_stop=should_stop,
        )  # fmt: skip

    def page(self, view: TrustView) -> Page:
        """Return the page "Events"."""
        return view.events

    def show(self, view: TrustView, frame_rate: float | None, result: Separation, answer: InferredSpikes) -> None:
        """Draw the spikes below the traces."""
        view.events.show_inferred(answer)

    def show_missing(
        self, view: TrustView, frame_rate: float | None, sentence: str, earlier: bool, running: bool
    ) -> bool:
        """Draw none, and say why; the rest of the page stays."""
        view.events.show_inferred(None, sentence)
        return True
