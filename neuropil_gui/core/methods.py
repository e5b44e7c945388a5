"""Methods paragraph on separated cells, as a paper has it, with what it cites."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from neuropil_gui.core.metrics import alive
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.settings_summary import difference

FISSA = (
    "Keemink SW, Lowe SC, Pakan JMP, Dylda E, van Rossum MCW, Rochefort NL (2018). FISSA: A neuropil "
    "decontamination toolbox for calcium imaging signals. Scientific Reports 8:3493. "
    "doi:10.1038/s41598-018-21640-2"
)
COORDINATE_DESCENT = (
    "Cichocki A, Phan AH (2009). Fast local algorithms for large scale nonnegative matrix and tensor factorizations. "
    "IEICE Transactions on Fundamentals of Electronics, Communications and Computer Sciences E92-A(3):708-721. "
    "doi:10.1587/transfun.E92.A.708"
)
NNDSVD = (
    "Boutsidis C, Gallopoulos E (2008). SVD based initialization: A head start for nonnegative matrix factorization. "
    "Pattern Recognition 41(4):1350-1362. doi:10.1016/j.patcog.2007.09.010"
)
FAST_ICA = (
    "Hyvärinen A, Oja E (2000). Independent component analysis: algorithms and applications. Neural Networks "
    "13(4-5):411-430. doi:10.1016/S0893-6080(00)00026-5"
)

NAMED = 6
"""Cells that are named; of more, their number is."""


@dataclass(frozen=True)
class CellFacts:
    """Facts of a separated cell that the paragraph counts.

    Attributes
    ----------
    number : int
        Of the cell, from 1.
    signals, n, alive : int
        Signals, components, and components that are not empty.
    converged : bool
    offset : float
        What was subtracted from all traces first.
    left_out : int
        Frames that were left out because of missing values.
    settings : SeparationSettings
    """

    number: int
    signals: int
    n: int
    alive: int
    converged: bool
    offset: float
    left_out: int
    settings: SeparationSettings

    @classmethod
    def of(cls, number: int, cell: Cell, separation: Separation) -> "CellFacts":
        """Return the facts of a cell and its result.

        Parameters
        ----------
        number : int
            Of the cell, from 1.
        cell : Cell
        separation : Separation
        """
        kept = separation.kept
        whole = separation.without_gaps()
        return cls(
            number,
            len(cell.traces),
            separation.n,
            alive(whole.separated, whole.mixing),
            separation.converged,
            separation.offset,
            0 if kept is None else int(np.count_nonzero(~kept)),
            separation.settings,
        )


def methods(
    cells: Sequence[CellFacts], total: int, versions: Mapping[str, str], excluded: Mapping[str, int] | None = None
) -> str:
    """Return a paragraph on how cells were separated.

    Parameters
    ----------
    cells : sequence of CellFacts
        At least one.
    total : int
        Cells of the recording.
    versions : mapping of str to str
        Of the programs, by their names; neuropil_gui comes first.
    excluded : mapping of str to int, optional
        What cells are that are not among them, such as "rejected by eye", and how many; 0 is not named.

    Returns
    -------
    str
    """
    common = common_settings(cells)
    regions = _span(cell.signals - 1 for cell in cells)
    program, *libraries = (f"{name.replace('python', 'Python')} {version}" for name, version in versions.items())
    regional = f"those of its {regions} neuropil regions" if regions != "1" else "that of its neuropil region"
    sentences = [
        f"The signals of {len(cells):,} of {total:,} cell{'s' * (total != 1)} were separated from their neuropil with "
        f"{program} ({', '.join(libraries)}), by the method of FISSA (Keemink et al., 2018).",
        f"The signal of each ROI and {regional}, all trials together, were divided by the median of them all and "
        f"{_described(common, _span(cell.n for cell in cells))}",
        "The component that the ROI has the greatest share of, scaled back to the units of the ROI's signal, was taken "
        "for the signal of the cell.",
        f"The fit converged in {sum(cell.converged for cell in cells):,} of {len(cells):,} cells.",
        *_counted(cells),
        *(f"Excluded as {why}: {count:,}." for why, count in (excluded or {}).items() if count),
        *_others(cells, common),
    ]
    return " ".join(sentences)


def references(cells: Iterable[CellFacts]) -> list[str]:
    """Return what the paragraph on these cells cites.

    Parameters
    ----------
    cells : iterable of CellFacts
    """
    used = [cell.settings for cell in cells]
    nmf = [settings for settings in used if settings.method == "nmf"]
    cited = {
        FISSA: True,
        COORDINATE_DESCENT: bool(nmf),
        NNDSVD: any(settings.start != "random" for settings in nmf),
        FAST_ICA: len(nmf) < len(used),
    }
    return [text for text, wanted in cited.items() if wanted]


def common_settings(cells: Iterable[CellFacts]) -> SeparationSettings:
    """Return the settings that most of the cells were separated with.

    Parameters
    ----------
    cells : iterable of CellFacts
        At least one.
    """
    return Counter(cell.settings for cell in cells).most_common(1)[0][0]


def _described(settings: SeparationSettings, n: str) -> str:
    seed = "random seeds" if settings.seed is None else f"seed {settings.seed}"
    limits = f"tolerance {settings.tol:g}, at most {settings.max_iter:,} iterations"
    if settings.method == "ica":
        return (
            f"unmixed by independent component analysis (FastICA; Hyvärinen and Oja, 2000) into {n} components "
            f"({limits}, up to {settings.max_tries} tries, {seed})."
        )
    start = "random numbers" if settings.start == "random" else f"{settings.start} (Boutsidis and Gallopoulos, 2008)"
    solver = "coordinate descent (Cichocki and Phan, 2009), in the order of FISSA"
    if settings.solver == "accelerated":
        solver = "accelerated coordinate descent (after Cichocki and Phan, 2009) on the objective of FISSA"
    return (
        f"factorised by non-negative matrix factorisation into {n} components: elastic-net penalty alpha = "
        f"{settings.alpha:g} with an L1 ratio of 0.5, start from {start}, {seed}, {solver} ({limits})."
    )


def _counted(cells: Sequence[CellFacts]) -> list[str]:
    collapsed = [cell for cell in cells if cell.n > 1 and cell.alive < 2]
    offset = [cell for cell in cells if cell.offset]
    gaps = [cell for cell in cells if cell.left_out]
    sentences = []
    if collapsed:
        sentences.append(f"The fit collapsed to one component or none in {_which(collapsed)}.")
    if offset:
        values = [cell.offset for cell in offset]
        amount = f"{min(values):.6g}" if len(set(values)) == 1 else f"{min(values):.6g} to {max(values):.6g}"
        sentences.append(f"An offset of {amount} was subtracted from all signals beforehand in {_which(offset)}.")
    if gaps:
        most = max(cell.left_out for cell in gaps)
        sentences.append(f"Up to {most:,} frames with missing values were left out in {_which(gaps)}.")
    return sentences


def _others(cells: Sequence[CellFacts], common: SeparationSettings) -> list[str]:
    """Return a sentence for each of the settings by which other cells were separated."""
    groups: dict[SeparationSettings, list[CellFacts]] = {}
    for cell in cells:
        settings = replace(cell.settings, seed=common.seed)
        if settings != common:
            groups.setdefault(settings, []).append(cell)
    sentences = []
    for settings, group in groups.items():
        sentences.append(f"Separated otherwise ({difference(settings, common)}): {_which(group)}.")
    return sentences


def _which(cells: Sequence[CellFacts]) -> str:
    if len(cells) > NAMED:
        return f"{len(cells):,} cells"
    return f"cell{'s' * (len(cells) > 1)} {', '.join(str(cell.number) for cell in cells)}"


def _span(counts: Iterable[int]) -> str:
    """Return one number, or the least and the greatest of several."""
    found = sorted(set(counts))
    return str(found[0]) if len(found) == 1 else f"{found[0]} to {found[-1]}"
