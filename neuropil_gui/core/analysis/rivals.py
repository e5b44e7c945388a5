"""Other methods that a separation is compared with: source, assumption and failure of each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Rival:
    """Another method that estimates a cell's trace from its ROI's.

    Attributes
    ----------
    key : str
        One word: ``Subtraction.method``, ``SeparationSettings.method``, or ``"raw"``.
    label : str
        What a legend calls it.
    source : str
        Whom to cite, in one line, with DOI; empty for the raw trace.
    assumes : str
        In a sentence.
    fails : str
        When it goes wrong, in a sentence.
    """

    key: str
    label: str
    source: str
    assumes: str
    fails: str


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
        ),
        Rival(
            "fixed",
            "F \N{MINUS SIGN} k Fneu, k given",
            "Chen et al. 2013, Nature 499, 295-300, doi 10.1038/nature12354 (k = 0.7, there called r)",
            f"{_ONE_R}, the same in all cells: 0.7 unless it is changed.",
            "Cells with less neuropil go below their baseline and those with more keep some; where the regions hold "
            "the cell's own or a neighbour's light, that is subtracted too.",
        ),
        Rival(
            "regression",
            "F \N{MINUS SIGN} k Fneu, regression",
            "Least squares; its error after Liang & Zeger 1986, Biometrika 73, 13-22, doi 10.1093/biomet/73.1.13",
            f"{_ONE_R}, and the cell's activity is not correlated with it.",
            "A cell that is active with its neuropil gets too high a k and loses its own activity; a neighbour's "
            "light or noise in the regions makes k too low.",
        ),
        Rival(
            "robust",
            "F \N{MINUS SIGN} k Fneu, robust regression",
            "Huber 1964, Ann. Math. Stat. 35, 73-101, doi 10.1214/aoms/1177703732; Holland & Welsch 1977, "
            "doi 10.1080/03610927708827533",
            f"{_ONE_R}, and the cell is at rest in most frames.",
            "As with plain regression, less so where transients are rare; a cell that is active most of the time is "
            "no outlier, and nothing is gained.",
        ),
        Rival(
            "cross_validation",
            "F \N{MINUS SIGN} k Fneu, cross-validation",
            "Quantile loss: Koenker & Bassett 1978, Econometrica 46, 33-50, doi 10.2307/1913643; held-out blocks: "
            "Burman et al. 1994, Biometrika 81, 351-358, doi 10.1093/biomet/81.2.351",
            f"{_ONE_R}, from 0 to 2, and the cell only ever adds light to it.",
            "Where the neuropil hardly varies the error is flat and k is a guess; a cell that is active with its "
            "neuropil gets too high a k (0.3, 0.6 and 0.9 came out as 0.55, 0.86 and 1.19), with too small an error; "
            "inhibition below the baseline is taken for neuropil.",
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
