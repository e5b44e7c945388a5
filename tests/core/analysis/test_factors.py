import numpy as np
import pytest

from neuropil_gui.core.analysis.factors import factors
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings


def made(frames, gaps=()):
    rng = np.random.default_rng(4)
    traces = 50 + (rng.random((4, 3)) + 0.2) @ rng.gamma(2.0, 5.0, (3, frames))
    traces[:, list(gaps)] = np.nan
    return Cell.from_traces(traces)


@pytest.mark.parametrize("method", ["nmf", "ica"])
@pytest.mark.parametrize(("frames", "gaps"), [(300, ()), (40, ()), (300, range(95, 130))])
def test_the_product_and_the_residual_are_the_averages_of_those_of_all_frames(method, frames, gaps):
    cell = made(frames, gaps)
    settings = SeparationSettings(method=method, n=3, pedestal=10.0, drop_nan=bool(gaps), max_iter=30)
    result = separate_cell(cell, settings)
    got = factors(cell, result)
    length = -(-frames // 60)
    scaled = (cell.traces - result.offset) / result.median
    if method == "ica":
        scaled -= np.nanmean(scaled, axis=1, keepdims=True)
    left = scaled - result.mixing @ result.separated
    for values, expected in (
        (got.signals, scaled), (got.residual, left), (got.mixing @ got.components, scaled - left),
        (got.mixing[0][:, np.newaxis] * got.components * result.median, result.matched),
    ):  # fmt: skip
        parts = expected.reshape(len(expected), -1, length)
        with np.errstate(invalid="ignore"):
            means = np.nansum(parts, axis=2) / np.isfinite(parts).sum(axis=2)
        np.testing.assert_allclose(values, means, atol=1e-9)
    sums = np.abs(got.mixing).sum(axis=0)
    np.testing.assert_allclose(sums[sums > 0], 1.0)


def test_an_empty_component_is_a_column_and_a_row_of_zeros(separation_of):
    cell = made(300)
    separation = separation_of(cell, empty=(2,))
    got, rank = factors(cell, separation), int(np.flatnonzero(separation.order == 2)[0])
    assert not got.mixing[:, rank].any()
    assert not got.components[rank].any()
