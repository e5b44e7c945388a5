from dataclasses import replace

import pytest

from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.settings_summary import brief, difference


@pytest.mark.parametrize(
    ("changed", "n", "expected"),
    [
        ({}, None, "NMF, n auto, alpha 0.1"),
        ({}, 5, "NMF, n auto: 5, alpha 0.1"),
        ({"n": 3, "alpha": 0.0}, 3, "NMF, n 3, alpha 0"),
        ({"seed": None, "start": "random"}, None, "NMF, n auto, alpha 0.1, random seed, start random"),
        ({"seed": 7, "offset": True, "pedestal": 2.5}, None, "NMF, n auto, alpha 0.1, seed 7, subtract minimum, "
         "pedestal 2.5"),
        ({"solver": "accelerated"}, None, "NMF, n auto, alpha 0.1, accelerated"),
        ({"method": "ica", "alpha": 3.0, "solver": "accelerated"}, 4, "ICA, n auto: 4"),
    ],
)  # fmt: skip
def test_what_matters_is_in_the_summary(changed, n, expected):
    assert brief(SeparationSettings(**changed), n) == expected


def test_a_difference_names_what_the_method_uses():
    common = SeparationSettings()
    assert difference(common, common) == ""
    assert difference(replace(common, n=3, alpha=0.02, seed=None), common) == "n 3, alpha 0.02, seed random"
    assert difference(replace(common, method="ica", alpha=0.02), common) == "Method ICA"
