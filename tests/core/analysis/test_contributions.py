"""What the components bring to the ROI adds up to its trace, whatever the method."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuropil_gui.core.analysis.contributions import Contributions, contributions, seen_by
from neuropil_gui.core.draft import FRAMES_PER_VALUE, separate_draft
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate

CELL = simulate(Simulation(frames=1000, seed=4)).cells[0]
NEGATIVE = Cell.from_traces(CELL.traces - 0.9 * CELL.traces.mean())
FITTED = separate_cell(CELL, SeparationSettings(solver="accelerated"))
CASES = {
    "nmf": (CELL, SeparationSettings(solver="accelerated")),
    "nmf of 2": (CELL, SeparationSettings(n=2, alpha=0.5)),
    "nmf with offset": (NEGATIVE, SeparationSettings(solver="accelerated", offset=True)),
    "ica": (CELL, SeparationSettings(method="ica", n=5)),
    "ica of 2": (NEGATIVE, SeparationSettings(method="ica", n=2)),
}


@pytest.fixture(scope="module", params=CASES)
def case(request):
    cell, asked = CASES[request.param]
    separation = separate_cell(cell, asked)
    return cell, separation, contributions(cell, separation)


def test_parts_add_up_to_the_roi(case):
    cell, _, parts = case
    total = parts.components.sum(axis=0) + parts.constant + parts.residual
    np.testing.assert_allclose(total, cell.traces[0], atol=1e-12 * np.abs(cell.traces).max())


def test_parts_are_what_the_factors_say(case):
    cell, separation, parts = case
    # From the solver's own factors, not from the matched traces.
    model = separation.median * separation.mixing @ separation.separated
    means = cell.traces.mean(axis=1, keepdims=True)
    shift = means if separation.settings.method == "ica" else np.full_like(means, separation.offset)
    np.testing.assert_allclose(parts.components.sum(axis=0), model[0], atol=1e-9)
    np.testing.assert_allclose(parts.residual, (cell.traces - shift - model)[0], atol=1e-9)
    assert parts.constant == pytest.approx(shift[0, 0])
    if separation.settings.method == "ica":
        np.testing.assert_allclose(parts.components.mean(axis=1), 0, atol=1e-9)
        assert parts.residual.std() < 1e-9 or separation.n < len(cell.traces)
    for k, column in enumerate(separation.order):
        expected = separation.mixing[0, column] * separation.separated[column] * separation.median
        np.testing.assert_allclose(parts.components[k], expected, atol=1e-9)


def test_without_some_components(case):
    cell, _, parts = case
    np.testing.assert_array_equal(parts.without(()), cell.traces[0])
    everything = parts.without(range(len(parts.components)))
    np.testing.assert_allclose(everything, parts.constant + parts.residual, atol=1e-9)
    np.testing.assert_allclose(parts.without([0, 0]), cell.traces[0] - parts.components[0], atol=1e-9)
    for ranks in ([-1], [0, len(parts.components)]):
        with pytest.raises(DataError, match="counted from 0"):
            parts.without(ranks)
    assert not parts.components.flags.writeable
    assert not parts.residual.flags.writeable


def test_shares_are_100_in_all_and_change_with_the_window(case):
    _, _, parts = case
    whole, window = parts.shares(0, 1000), parts.shares(200, 300)
    for shares in (whole, window):
        everything = (*shares.components, shares.constant, shares.residual)
        assert sum(everything) == pytest.approx(100)
        assert min(everything) >= 0
        assert len(shares.components) == len(parts.components)
    assert whole != window
    assert parts.shares(-50, 5000) == whole


def test_shares_of_nmf_are_shares_of_the_light():
    shares = contributions(CELL, FITTED).shares(100, 400)
    light = FITTED.matched[:, 100:400].sum(axis=1) / CELL.traces[0, 100:400].sum()
    assert shares.constant == 0
    # Among the components exactly; of the ROI's light only nearly, since its noise is in the residual.
    np.testing.assert_allclose(np.array(shares.components) / sum(shares.components), light / light.sum(), atol=1e-12)
    np.testing.assert_allclose(shares.components, 100 * light, atol=3)


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 10_000))
def test_shares_where_parts_take_light_away(start, length, seed):
    rng = np.random.default_rng(seed)
    components, residual, constant = rng.normal(size=(3, 80)), rng.normal(size=80), rng.normal()
    parts = Contributions(components.sum(axis=0) + constant + residual, components, constant)
    shares = parts.shares(start, start + length)
    window = slice(start, start + length)
    sizes = [*np.abs(components[:, window]).mean(axis=1), abs(constant), np.abs(residual[window]).mean()]
    np.testing.assert_allclose(
        (*shares.components, shares.constant, shares.residual), 100 * np.array(sizes) / sum(sizes), rtol=1e-6
    )


def test_drafts_are_taken_apart_in_their_bins():
    draft = separate_draft(CELL, SeparationSettings(solver="accelerated"))
    parts = contributions(CELL, draft)
    bins = CELL.traces[0].reshape(-1, FRAMES_PER_VALUE).mean(axis=1)
    np.testing.assert_allclose(parts.components.sum(axis=0) + parts.constant + parts.residual, bins, atol=1e-9)
    # 30 to 70 reaches into the bins from 20 to 80.
    assert parts.shares(30, 70) == parts.shares(20, 80) != parts.shares(20, 81)
    assert seen_by(CELL, draft).shape == (5, 50)


def test_nothing_to_show_is_refused():
    parts = contributions(CELL, FITTED)
    for window in ((1000, 1200), (-5, 0), (30, 30), (30, 20)):
        with pytest.raises(DataError, match="no frames"):
            parts.shares(*window)
    dark = Contributions(np.zeros(5), np.zeros((2, 5)), 0.0).shares(0, 5)
    assert all(map(math.isnan, (*dark.components, dark.constant, dark.residual)))
    other = Cell.from_traces(CELL.traces[:, :900])
    with pytest.raises(DataError, match="other traces"):
        contributions(other, FITTED)
    with pytest.raises(DataError, match="other traces"):
        contributions(CELL, replace(FITTED, frames_per_value=FRAMES_PER_VALUE))
