"""Entries of the registry of numbers: of any corrected trace, of a separation, and of a spike-in test."""

import math
from collections.abc import Callable

import numpy as np

from neuropil_gui.core import metrics
from neuropil_gui.core.analysis.contributions import Contributions
from neuropil_gui.core.analysis.number import Number
from neuropil_gui.core.analysis.sample import Sample
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.result import Separation

F0_QUANTILE = 0.08
"""Part of the raw ROI's values that lies below the F0 of the noise, as of ΔF/F by default."""

MOST_FLAT = 0.25
"""Part of the frames in which a trace may be flat and still have noise: what was cut off shows none."""


def _r_neuropil(sample: Sample) -> float:
    return metrics.r_with_neuropil(sample.trace, sample.traces)


def _noise(sample: Sample) -> float:
    if sample.frame_rate is None or not metrics.flat_share(sample.trace) <= MOST_FLAT:
        return math.nan
    level = float(np.quantile(sample.traces[0], F0_QUANTILE)) if sample.traces.size else math.nan
    return metrics.noise_level(sample.trace / level, sample.frame_rate) if level > 0 else math.nan


def _explained(sample: Sample) -> float:
    made = sample.separation
    if made is None:
        return math.nan
    return metrics.explained(sample.traces, made.median * made.mixing, made.separated, sample.constant)


def _structure(sample: Sample) -> float:
    if sample.separation is None:
        return math.nan
    constant = sample.constant
    constant = constant if isinstance(constant, float) else float(constant[0, 0])
    parts = Contributions(sample.traces[0], sample.separation.matched, constant)
    return metrics.autocorrelation(parts.residual, sample.traces[0])


def _of(measure: Callable[[Separation], float]) -> Callable[[Sample], float]:
    """Return a function of a separation as a function of a sample."""
    return lambda sample: math.nan if sample.separation is None else float(measure(sample.separation))


def _against_truth(measure: Callable[[FloatArray, FloatArray], float]) -> Callable[[Sample], float]:
    return lambda sample: math.nan if sample.truth is None else measure(sample.trace, sample.truth)


OF_A_TRACE = (
    Number(
        "r_neuropil", "r with neuropil", "r neu", -1, 1,
        "Pearson's r of the best match with the mean of the neuropil regions.", _r_neuropil, better="zero",
        good_for="A fall towards 0 shows that neuropil was taken out; far below 0 too much may have been taken.",
        lies_when="It stays high, rightly, for a cell that is truly active with its neuropil, and one large transient "
        "can make it up alone. A trace of noise, or of a neighbour, has an r near 0, too.",
    ),
    Number(
        "skewness", "skewness", "skew", -math.inf, math.inf,
        "Third moment of the best match about its mean, over its standard deviation cubed.",
        lambda sample: metrics.skewness(sample.trace), better="higher",
        good_for="Calcium transients are rare and upward, neuropil and noise are nearly symmetric: what is left of "
        "those pulls it down.",
        lies_when="One large artefact, or a sparsity so strong that small transients are cut off, raises it; a cell "
        "that is active most of the time has a low one however clean it is.",
    ),
    Number(
        "kept", "signal kept", "kept %", -math.inf, math.inf,
        "How much of the raw ROI's movement the best match has: its slope over the raw ROI, 100 % for all of it.",
        lambda sample: 100 * metrics.kept_fraction(sample.trace, sample.traces[0]), "%", 0,
        good_for="What is not kept was given to the neuropil and to other components, or taken by the penalty.",
        lies_when="Neither much nor little is right: it depends on how much of the ROI's light is neuropil.",
    ),
    Number(
        "snr", "signal to noise", "SNR", -1, 1,
        "suite2p's: 1 less half the variance of the best match's steps from frame to frame over its variance.",
        lambda sample: metrics.signal_to_noise(sample.trace), better="higher",
        good_for="It shows how much of a trace is slower than its frame-to-frame noise.",
        lies_when="Neuropil is slow and counts as signal, so that it falls where neuropil is rightly taken out. "
        "Smoothed data have a high one whatever they show.",
    ),
    Number(
        "noise", "noise of ΔF/F", "noise", 0, math.inf,
        "CASCADE's noise level: the median step of ΔF/F from frame to frame over the root of the frame rate. F0 is the "
        "8th percentile of the raw ROI for any trace, so that sides can be compared.",
        _noise, "% Hz⁻½", better="lower",
        good_for="It compares recordings of different frame rates; 1 is little, 8 much.",
        lies_when="A trace that was shrunk or smoothed has less. NMF's is often cut off at 0: where it is flat in more "
        "than a quarter of the frames, its noise is not known.",
        needs="rate",
    ),
    Number(
        "excursions", "negative excursions", "exc. %", 0, 100,
        "How much of the movement of the best match dips below its baseline, beyond the noise.",
        lambda sample: metrics.negative_excursions(sample.trace), "%", 1, "lower",
        "Light cannot fall below a cell at rest, so dips beyond the noise show that too much was taken away.",
        "NMF cannot go below zero and hides over-subtraction from it; it is blind to neuropil that is left in; real "
        "inhibition, a drifting baseline and smoothed data look like dips.",
    ),
    Number(
        "negative", "negative samples", "neg. %", 0, 100,
        "Part of the best match that lies below 0. NMF gives none; ICA's traces have mean 0, so half or more is usual.",
        lambda sample: 100 * metrics.negative_fraction(sample.trace), "%", 1,
        lies_when="0 % is what NMF gives however wrong it is. Where an offset was subtracted, 0 is not the darkness.",
    ),
    Number(
        "r_truth", "r with truth", "r truth", -1, 1,
        "Pearson's r of the best match with the true signal of the cell, known because the recording is simulated.",
        _against_truth(metrics.pearson), better="higher",
        good_for="It shows how well the course of the trace follows the true one.",
        lies_when="It is blind to a wrong size or baseline, and near 1 also for traces that differ visibly. It is true "
        "of this simulation only, and real tissue differs.",
        needs="truth",
    ),
    Number(
        "error_truth", "error against truth", "error", 0, 1,
        "Root mean square error of the best match against the true signal after the best scale and offset, relative to "
        "the true signal's standard deviation. 0 is perfect, 1 no better than a constant.",
        _against_truth(metrics.truth_error), better="lower",
        good_for="It tells good traces apart where r is 0.99 for all.",
        lies_when="A wrong size or baseline does not count, and a trace upside down scores as one the right way up. It "
        "is true of this simulation only, and real tissue differs.",
        needs="truth",
    ),
)  # fmt: skip
"""Numbers that any corrected trace has, or any of a cell whose truth is known."""

OF_A_SEPARATION = (
    Number(
        "explained", "explained", "explained", -math.inf, 1,
        "Part of the variance of all signals that the components make up. 1 is all of it. For ICA each signal's mean "
        "is added back first.",
        _explained, "", 3, "higher",
        "A low value shows that components are missing, or that the penalty has taken too much of them.",
        "It says nothing about whether cell and neuropil were told apart. It grows with n and with a smaller alpha "
        "whether or not the components mean anything: with as many components as signals and no penalty it is 1.",
        "separation",
    ),
    Number(
        "structure", "structure in the residual", "structure", -1, 1,
        "Pearson's r of the ROI's residual with itself one frame later.", _structure, better="lower",
        good_for="Frame-to-frame noise is not correlated with itself, and calcium is: where the ROI's residual is, "
        "light of some source was left out.",
        lies_when="Light given to the wrong component leaves no trace in the residual; NMF's penalty shrinks "
        "components that were rightly found, and what it took from them is slow too; filtered data have correlated "
        "noise; it is undefined where nothing is left, as for ICA with all components.",
        needs="separation",
    ),
    Number(
        "score", "match score", "score", 0, 1, "The ROI's share of the best match, from 0 to 1.",
        _of(lambda made: made.scores[made.order[0]]),
        good_for="It shows how specific the component is to the ROI.",
        lies_when="1.00 only says that nothing of the component is seen in the regions, also where it is a piece of "
        "noise. It is not how good the separation is: choosing alpha by it does worse than FISSA's default on "
        "simulated cells.",
        needs="separation",
    ),
    Number(
        "n", "components", "n", 1, math.inf, "Components that were looked for.", _of(lambda made: made.n), digits=0,
        needs="separation",
    ),
    Number(
        "alive", "components alive", "alive", 0, math.inf, "Components that are not empty.",
        _of(lambda made: metrics.alive(made.separated, made.mixing)), digits=0,
        good_for="Few are left where alpha is high, or where constant light makes the signals nearly alike. One alone "
        "means that nothing was separated.",
        lies_when="More is not better: one source may be split into two components.",
        needs="separation",
    ),
    Number(
        "objective", "objective", "objective", 0, math.inf, "What NMF has minimised.",
        _of(lambda made: made.objective), digits=4, better="lower",
        good_for="Of results with the same alpha and pedestal (seeds, starts, n) the lowest is the best optimum.",
        lies_when="Results of another alpha or pedestal cannot be compared by it, and the better optimum need not be "
        "the better separation.",
        needs="separation",
    ),
    Number(
        "iterations", "iterations", "iterations", 0, math.inf, "Iterations of the last try.",
        _of(lambda made: made.iterations), digits=0, better="lower", needs="separation",
    ),
    Number(
        "seconds", "time", "seconds", 0, math.inf, "How long the separation took.", _of(lambda made: made.seconds),
        "s", better="lower", needs="separation",
    ),
)  # fmt: skip
"""Numbers that only a separation has."""


def _of_test(name: str) -> Callable[[Sample], float]:
    """Return a function that takes a mean over repeats from the spike-in test of a sample."""
    return lambda sample: math.nan if sample.spike_in is None else float(sample.spike_in.numbers[name])


OF_A_TEST = (
    Number(
        "gain", "spike-in gain", "gain", -math.inf, math.inf,
        "How much of transients that are added to the recording as the cell's light comes back in the best match: 1 is "
        "all of it.",
        _of_test("gain"), better="one",
        good_for="Below 1, transients like those added are made smaller: the penalty, or another component, has the "
        "rest.",
        lies_when="It is 1 also where nothing was separated, and too high where the best match is wrong about how much "
        "of the cell's light the regions see. Added light is linear and of one course; the cell's own is not.",
        needs="test",
    ),
    Number(
        "leak", "spike-in leak", "leak", -math.inf, math.inf,
        "How much of transients that are added to the neuropil regions alone comes back in the best match: 0 is none, "
        "below 0 light is taken away.",
        _of_test("leak"), better="zero",
        good_for="Above 0, light that is not the cell's gets into its trace; below 0, the best match loses light "
        "whenever the regions are bright.",
        lies_when="The added light is in all regions at once and not in the ROI, as neuropil never is; light of a "
        "neighbour in one region may leak where this does not.",
        needs="test",
    ),
)  # fmt: skip
"""Numbers of a cell whose recording was tested with added transients."""
