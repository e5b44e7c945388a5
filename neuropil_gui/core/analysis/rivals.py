"""Other methods that a separation is compared with: source, assumption and failure of each, and its function."""

from collections.abc import Callable

from neuropil_gui.core.analysis import asymmetric_t, subtraction, tuncat
from neuropil_gui.core.analysis.rival import Rival, RivalParameter, RivalTrace
from neuropil_gui.core.analysis.subtraction import SOURCES, Subtraction
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.recording import Cell


def _raw(signals: FloatArray) -> RivalTrace:
    return RivalTrace(signals[0], "as it was recorded")


def _subtracted(made: Subtraction) -> RivalTrace:
    error = "" if made.stderr is None else f" ± {made.stderr:.2f}"
    how = f"k = {made.k:.2f}{error}".replace("-", "\N{MINUS SIGN}") + ("" if made.usable else ", not usable")
    return RivalTrace(made.trace, how, made.how)


def _fixed(signals: FloatArray, k: float) -> RivalTrace:
    return _subtracted(subtraction.fixed(Cell.from_traces(signals), k))


def _fitted(find: Callable[[Cell], Subtraction]) -> Callable[[FloatArray], RivalTrace]:
    return lambda signals: _subtracted(find(Cell.from_traces(signals)))


def _asymmetric_t(signals: FloatArray, ratio: float, should_stop: Callable[[], bool]) -> RivalTrace:
    made = asymmetric_t.fit_asymmetric_t(signals[0], signals[1:].mean(axis=0), ratio, should_stop=should_stop)
    at_end = made.contamination in (0.0, 1.0)
    doubt = " It lies at the end of what the model allows, 0 to 1." if at_end else ""
    remark = f"The contamination coefficient of greatest likelihood is {made.contamination:.3f}.{doubt}"
    return RivalTrace(made.trace, f"contamination {made.contamination:.2f}", remark)


def _tuncat(signals: FloatArray, alpha: float, background: float, should_stop: Callable[[], bool]) -> RivalTrace:
    rest = tuncat.without_background(signals, background)
    if len(signals) == 2 and background == 1.0:
        remark = "There is one region, which is the background: nothing is left to factorise."
        return RivalTrace(rest[0], "F \N{MINUS SIGN} Fneu", remark)
    made = tuncat.unmix(rest, alpha, should_stop=should_stop)
    remark = "" if made.converged else "It did not converge."
    if made.alpha != alpha:
        remark += f" alpha was halved to {made.alpha:.2g}, because a trace got no source."
    how = f"alpha {made.alpha:.3g}, {100 * made.mixing[0, 0]:.0f} % of its source in the ROI"
    return RivalTrace(made.traces[0], how, remark.strip())


_ONE_R = "The neuropil in the ROI is the mean of its regions times one number for the whole recording"

RIVALS = {
    rival.key: rival
    for rival in (
        Rival(
            "raw",
            "raw ROI",
            "",
            "All light in the ROI is the cell's.",
            "Wherever there is neuropil: its light is taken for the cell's activity, and cells look correlated.",
            _raw,
        ),
        Rival(
            "fixed",
            "F \N{MINUS SIGN} k Fneu, k given",
            SOURCES["fixed"],
            f"{_ONE_R}, the same in all cells: 0.7 unless it is changed.",
            "Cells with less neuropil go below their baseline and those with more keep some; where the regions hold "
            "the cell's own or a neighbour's light, that is subtracted too.",
            _fixed,
            (
                RivalParameter(
                    "k", "k", subtraction.USUAL_FACTOR, -10.0, 10.0, "How much of the neuropil is subtracted"
                ),
            ),
        ),
        Rival(
            "regression",
            "F \N{MINUS SIGN} k Fneu, regression",
            SOURCES["regression"],
            f"{_ONE_R}, and the cell's activity is not correlated with it.",
            "A cell that is active with its neuropil gets too high a k and loses its own activity; a neighbour's "
            "light or noise in the regions makes k too low.",
            _fitted(subtraction.by_regression),
        ),
        Rival(
            "robust",
            "F \N{MINUS SIGN} k Fneu, robust regression",
            SOURCES["robust"],
            f"{_ONE_R}, and the cell is at rest in most frames.",
            "As with plain regression, less so where transients are rare; a cell that is active most of the time is "
            "no outlier, and nothing is gained.",
            _fitted(subtraction.by_robust_regression),
        ),
        Rival(
            "cross_validation",
            "F \N{MINUS SIGN} k Fneu, cross-validation",
            SOURCES["cross_validation"],
            f"{_ONE_R}, from 0 to 2, and the cell only ever adds light to it.",
            "Where the neuropil hardly varies the error is flat and k is a guess; a cell that is active with its "
            "neuropil gets too high a k (0.3, 0.6 and 0.9 came out as 0.55, 0.86 and 1.19), with too small an error; "
            "inhibition below the baseline is taken for neuropil.",
            _fitted(subtraction.by_cross_validation),
        ),
        Rival(
            "ast",
            "ASt (Student-t)",
            "ast_model, https://basellasermouse.github.io/ast_model/model.html; its distribution: Zhu & Galbraith "
            "2010, J. Econometrics 157, 297-305, doi 10.1016/j.jeconom.2010.01.013",
            "The neuropil's light is normally distributed, in the regions in full and in the ROI times one number from "
            "0 to 1; the cell, and neighbours in the regions, only ever add light to theirs.",
            "The neuropil's constant light stays in the trace, so that dF/F over its own baseline is too small; "
            "a cell that is active with its neuropil gets too high a coefficient (0.5 came out as 0.7); neuropil in "
            "short, rare transients is taken for neighbours and stays, drift is taken for neuropil.",
            _asymmetric_t,
            (
                RivalParameter(
                    "ratio",
                    "area",
                    asymmetric_t.RATIO,
                    1.0,
                    10_000.0,
                    "Area of all regions over that of the ROI: how much less noise they have. FISSA's regions: 4",
                ),
            ),
        ),
        Rival(
            "tuncat",
            "TUnCaT",
            "Bao et al. 2022, Front. Neurosci. 15, 797421, doi 10.3389/fnins.2021.797421, where the background is made "
            "of pixels, and neighbours are cells; here both are regions",
            "The background, the median of the regions in each frame, is in the ROI in full; what is left is a sum, "
            "with no negative part, of as many sources as there are signals, each signal with one of its own.",
            "With one region, that is subtracted in full, and nothing else is done; where the ROI holds less neuropil "
            "than the regions, too much is subtracted; too high an alpha merges sources; the median stays that of the "
            "ROI less the background, whatever is found.",
            _tuncat,
            (
                RivalParameter("alpha", "alpha", tuncat.ALPHA, 0.0, 100.0, "Weight of the penalty, see FISSA's NMF"),
                RivalParameter(
                    "background", "background", 1.0, 0.0, 1.0, "Part of the regions' median that is subtracted first"
                ),
            ),
        ),
        Rival(
            "nmf",
            "FISSA's NMF",
            "Keemink et al. 2018, Sci. Rep. 8, 3493, doi 10.1038/s41598-018-21640-2",
            "All signals are sums, with no negative part, of a few sources that are not negative and mostly small.",
            "Constant light (a pedestal) or too high an alpha leaves one component for everything; a cell correlated "
            "with its neuropil may not come apart; alpha acts more weakly on a longer recording.",
        ),
        Rival(
            "ica",
            "ICA",
            "Hyvärinen & Oja 2000, Neural Netw. 13, 411-430, doi 10.1016/S0893-6080(00)00026-5; in FISSA: Keemink "
            "et al. 2018, doi 10.1038/s41598-018-21640-2",
            "All signals are sums of sources that are independent of each other and not normally distributed.",
            "The baseline is lost, so that dF/F over the trace's own has no meaning; sources that go together in time, "
            "or are noise, are mixed or split; with one component it does nothing.",
        ),
    )
}
"""By key, the simplest first; for the views to show. None is the right one for all cells."""
