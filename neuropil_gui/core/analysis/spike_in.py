"""Spike-in test: known transients are added to a recording, it is separated again, and what comes back is measured."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from neuropil_gui.core.analysis.recovery import Estimate, Recovery
from neuropil_gui.core.analysis.rival import Rival
from neuropil_gui.core.analysis.spike_in_plan import CROWDED, RESULT, Plan, SpikeInTest
from neuropil_gui.core.analysis.spike_in_repeats import Drawn, Repeated, Setup
from neuropil_gui.core.arrays import FloatArray, as_read_only
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.solvers.stepping import one_blas_thread

RepeatEach = Callable[[Setup, Sequence[Drawn]], Iterator[tuple[int, Repeated]]]
"""Makes repeats, in any order, and yields their numbers, from 0, with what came back."""


@dataclass(frozen=True, eq=False)
class SpikeIn:
    """The answer of a spike-in test.

    Attributes
    ----------
    test : SpikeInTest
    reference : Separation
        The separation in question.
    kernel : ndarray, shape (length,)
        The course of the added transients, from the onset; its peak is 1.
    frame_rate : float or None
        In Hz; None where it is not known.
    amplitude : float
        The mean peak of an added transient, in the traces' unit.
    shares : ndarray, shape (signals,)
        How much of the cell's added light each signal sees, 1 in the ROI; those of the best match are varied, see
        `SpikeInTest`.
    other : ndarray, shape (signals,)
        The same of the light that is not the cell's.
    recoveries : dict of str to Recovery
        By method: ``"result"`` for the settings in question, then the rivals by their key in `RIVALS`.
    remarks : tuple of str
        What should be known of it, in sentences.
    """

    test: SpikeInTest
    reference: Separation
    kernel: FloatArray
    frame_rate: float | None
    amplitude: float
    shares: FloatArray
    other: FloatArray
    recoveries: dict[str, Recovery]
    remarks: tuple[str, ...]

    def __post_init__(self) -> None:
        for name in ("kernel", "shares", "other"):
            object.__setattr__(self, name, as_read_only(getattr(self, name), f"The {name}"))

    def table(self) -> list[dict[str, str | float]]:
        """Return all numbers, a row for each method.

        Returns
        -------
        list of dict
            What was asked for is in each row; decays are in seconds, or in frames where the frame rate is not known.
        """
        test = self.test
        asked: dict[str, str | float] = {
            "amplitude": test.amplitude, "unit": test.unit, "course": test.kernel, "count": test.count,
            "place": test.place, "shares": test.shares, "other": test.other, "other_share": test.other_share,
            "threshold": test.threshold, "repeats": test.repeats, "seed": test.seed,
        }  # fmt: skip
        rows = []
        for key, made in self.recoveries.items():
            row: dict[str, str | float] = {"method": key}
            for name in ("gain", "leak", "detected", "appeared", "false"):
                number: Estimate = getattr(made, name)
                row |= {name: number.mean, f"{name}_low": number.low, f"{name}_high": number.high}
            before, after = (each / (self.frame_rate or 1.0) for each in made.decays)
            row |= {"spread": made.spread, "shape_r": made.shape_r, "decay_before": before, "decay_after": after}
            rows.append(row | asked)
        return rows

    @property
    def result(self) -> Recovery:
        """What came back by the settings in question."""
        return self.recoveries[RESULT]


def spike_in(
    cell: Cell,
    settings: SeparationSettings,
    test: SpikeInTest | None = None,
    *,
    frame_rate: float | None = None,
    reference: Separation | None = None,
    rivals: bool | Iterable[str | Rival] = True,
    progress: Callable[[int, int], object] | None = None,
    should_stop: Callable[[], bool] | None = None,
    repeat_each: RepeatEach | None = None,
) -> SpikeIn:
    """Add known transients to a cell's recording, separate it again, and measure what comes back in the best match.

    Each repeat makes two recordings of the given one. In the first, transients with the cell's shares of light are
    added: what comes back, over what was put in, is the gain. In the second, the same transients are added to the
    regions, as light that is not the cell's: what comes back of them is the leak. Both are differences of best matches,
    with and without the added light, so that the recording itself cancels; the amplitudes are fitted to them by least
    squares, all of a repeat and a constant at once.

    A linear method gives back what its weights say: F - k Fneu has the gain ``1 - k * mean(shares of the regions)`` and
    the leak ``other_share - k``, exactly.

    Parameters
    ----------
    cell : Cell
    settings : SeparationSettings
        Its solver is used, and the accelerated one is meant: FISSA's takes about ten times as long.
    test : SpikeInTest, optional
    frame_rate : float, optional
        In Hz; without it `UNKNOWN_RATE` is assumed for the course of an indicator.
    reference : Separation, optional
        Of `cell` by `settings`, where there is one already.
    rivals : bool or iterable of str or Rival
        Whether the raw ROI, F - 0.7 Fneu, and ICA (or, of ICA, NMF) are measured on the same recordings; or which
        rivals are, see `rivals`. ``"ast"`` and ``"tuncat"`` take up to a second for each of two recordings a repeat.
    progress : callable, optional
        Called with the number of repeats done, and that of all; each counts twice where a part of it is made apart,
        see `repeat_each`.
    should_stop : callable, optional
        Polled every few milliseconds.
    repeat_each : callable, optional
        Makes the repeats, each once and in any order, and yields their numbers, from 0, and what came back; in other
        processes, for example. By default they are made in this thread. Rivals that are no part of this package are.

    Returns
    -------
    SpikeIn

    Raises
    ------
    DataError
        (a ValueError) When the cell has no region, the transients have no room, or fewer than two repeats can be made.
    Cancelled
        When `should_stop` returned True.

    References
    ----------
    Adding known signal to measured data to see what an analysis returns is a test of recovery; of transients that a
    separation misattributes: Gauthier et al. (2022), doi:10.1038/s41592-022-01422-5.
    """
    test = test or SpikeInTest()
    with one_blas_thread():
        plan = Plan(cell, settings, test, frame_rate, reference, rivals, should_stop)
        rng = np.random.default_rng(test.seed)
        # All are drawn first, so that who makes which of them changes nothing.
        drawn = [plan.draw(rng) for _ in range(test.repeats)]
        repeated = _repeated(plan.setup, drawn, progress, should_stop, repeat_each)
    keys = [method.key for method in plan.setup.methods]
    made = {key: [each.made[key] for each in repeated if key in each.made] for key in keys}
    refused = {key: [each.refused[key] for each in repeated if key in each.refused] for key in keys}
    if len(made[RESULT]) < 2:
        raise DataError(f"Only {len(made[RESULT])} of {test.repeats} repeats could be separated. {refused[RESULT][0]}")
    for key, sentences in refused.items():
        if sentences:
            what = "could not be separated" if key == RESULT else f"could not be made by {key}"
            plan.remarks.append(f"{len(sentences)} of {test.repeats} repeats {what}. {sentences[0]}")
    if (fewest := min(len(each.put_in) for each in made[RESULT])) < test.count:
        plan.remarks.append(f"Only {fewest} of {test.count} transients had room in a repeat.")
    if (part := float(np.mean(plan.overlapping))) >= CROWDED:
        plan.remarks.append(
            f"Of the transients that were added, {100 * part:.0f} % begin before the one in front of them is over: "
            "their peaks are fitted together, and the mean transient holds more than one. Add fewer."
        )
    if slow := sum(each.slow for each in repeated):
        plan.remarks.append(f"{slow} of {2 * test.repeats} separations did not converge.")
    recoveries = {key: Recovery(key, tuple(repeats)) for key, repeats in made.items() if len(repeats) >= 2}
    return SpikeIn(
        test, plan.shown, plan.kernel, frame_rate, plan.amplitude, plan.shares, plan.other, recoveries,
        tuple(plan.remarks),
    )  # fmt: skip


def _repeated(
    setup: Setup,
    drawn: Sequence[Drawn],
    progress: Callable[[int, int], object] | None,
    should_stop: Callable[[], bool] | None,
    repeat_each: RepeatEach | None,
) -> list[Repeated]:
    """Return what came back in each repeat."""

    def here(part: Setup, drawn: Sequence[Drawn]) -> Iterator[tuple[int, Repeated]]:
        return ((number, part.repeat(each, should_stop)) for number, each in enumerate(drawn))

    portable, local = setup.split()
    passes = [(setup, here)] if repeat_each is None else [(portable, repeat_each)]
    if repeat_each is not None and local.methods:
        passes.append((local, here))
    found = [Repeated({}, {})] * len(drawn)
    done = 0
    for part, each_of in passes:
        for number, made in each_of(part, drawn):
            found[number] |= made
            done += 1
            if progress is not None:
                progress(done, len(passes) * len(drawn))
    return found


@dataclass(frozen=True)
class SpikeInPoint:
    """Gain and leak at one alpha.

    Attributes
    ----------
    alpha : float
    gain, leak : Estimate
    """

    alpha: float
    gain: Estimate
    leak: Estimate
