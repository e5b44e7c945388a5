"""Contrast: levels of any picture are finite and ascend, however its values lie."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.features.field.contrast import Contrast

pytestmark = pytest.mark.any_version


@pytest.fixture(scope="module")
def contrast(light_application):
    contrast = Contrast()
    yield contrast
    contrast.deleteLater()


@pytest.mark.parametrize(
    "values",
    [
        [0.0], [7.5], [-3.0], [1e30], [1e-30], [np.nan], [np.inf, 1.0], [1.0, 1.0000001], [1e6, 1e6 + 0.0625],
        [-1e38, 1e38], [0.0, 1e-42], [np.nan, 2.0, 3.0],
    ],
)  # fmt: skip
def test_levels_of_odd_pictures_ascend(contrast, values):
    contrast.forget()
    contrast.show_picture("odd", np.resize(np.array(values, np.float32), (4, 5)))
    low, high = contrast.levels
    assert np.isfinite((low, high)).all()
    assert low < high
    contrast.move_levels(0.3, -0.2)
    assert contrast.levels[0] < contrast.levels[1]


@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=40))
def test_levels_are_numpys_percentiles(contrast, values):
    picture = np.array(values, np.float32).reshape(1, -1)
    contrast.forget()
    contrast.show_picture("any", picture)
    expected = np.percentile(np.sort(picture.ravel()), (1, 99.5))
    assert contrast.levels[0] == pytest.approx(expected[0], rel=1e-5, abs=1e-5)
    if expected[1] > expected[0]:
        assert contrast.levels[1] == pytest.approx(expected[1], rel=1e-5, abs=1e-5)
