"""The methods paragraph: what it counts, and what it cites."""

from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui.core.methods import COORDINATE_DESCENT, FAST_ICA, FISSA, NNDSVD, CellFacts, methods, references
from neuropil_gui.core.settings import SeparationSettings

VERSIONS = {"neuropil_gui": "1.2", "numpy": "2.4"}
NMF = SeparationSettings()
ICA = SeparationSettings(method="ica")


def facts(number, settings=NMF, **other):
    known = {"signals": 5, "n": 5, "alive": 4, "converged": True, "offset": 0.0, "left_out": 0} | other
    return CellFacts(number, settings=settings, **known)


def test_facts_of_a_cell_are_those_of_its_result(cell, separation_of):
    made = replace(separation_of(cell, empty=(1, 2)), offset=-3.0)
    assert CellFacts.of(7, cell, made) == CellFacts(7, 4, 4, 2, True, -3.0, 0, made.settings)
    gaps = made.matched.copy()
    gaps[:, 5:8] = np.nan
    separated = made.separated.copy()
    separated[:, 5:8] = np.nan
    with_gaps = replace(made, matched=gaps, separated=separated, settings=replace(NMF, drop_nan=True))
    assert CellFacts.of(7, cell, with_gaps).left_out == 3
    assert CellFacts.of(7, cell, with_gaps).alive == 2


def test_a_paragraph_counts_what_became_of_the_cells():
    cells = [
        facts(1),
        facts(2, converged=False, alive=1),
        facts(3, offset=-2.5),
        facts(4, replace(NMF, alpha=0.02), n=3, alive=3, signals=3),
        facts(5, left_out=12),
    ]
    text = methods(cells, 9, VERSIONS, {"rejected by eye": 3, "impossible to separate": 0})
    for words in (
        "The signals of 5 of 9 cells were separated from their neuropil with neuropil_gui 1.2 (numpy 2.4)",
        "those of its 2 to 4 neuropil regions",
        "into 3 to 5 components",
        "alpha = 0.1",
        "start from nndsvdar",
        "seed 892",
        "The fit converged in 4 of 5 cells.",
        "The fit collapsed to one component or none in cell 2.",
        "An offset of -2.5 was subtracted from all signals beforehand in cell 3.",
        "Up to 12 frames with missing values were left out in cell 5.",
        "Excluded as rejected by eye: 3.",
        "Separated otherwise (alpha 0.02): cell 4.",
    ):
        assert words in text
    assert "impossible" not in text


def test_cells_alike_have_a_short_paragraph():
    text = methods([facts(number) for number in range(1, 21)], 20, VERSIONS)
    for word in ("collapsed", "offset", "missing values", "Excluded", "otherwise"):
        assert word not in text
    assert "The fit converged in 20 of 20 cells." in text


def test_many_cells_are_counted_and_not_named():
    text = methods([facts(number, alive=1) for number in range(1, 21)], 20, VERSIONS)
    assert "in 20 cells." in text


@pytest.mark.parametrize(
    ("settings", "cited"),
    [
        ([NMF], [FISSA, COORDINATE_DESCENT, NNDSVD]),
        ([replace(NMF, start="random")], [FISSA, COORDINATE_DESCENT]),
        ([ICA], [FISSA, FAST_ICA]),
        ([NMF, ICA], [FISSA, COORDINATE_DESCENT, NNDSVD, FAST_ICA]),
    ],
)
def test_what_was_used_is_cited(settings, cited):
    cells = [facts(number, each) for number, each in enumerate(settings, 1)]
    assert references(cells) == cited
    text = methods(cells, len(cells), VERSIONS)
    for each in cited[:1] if settings == [NMF, ICA] else cited:
        assert each.split()[0] in text
