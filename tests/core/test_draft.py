import math
from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui.core import draft
from neuropil_gui.core.draft import FRAMES_PER_VALUE, averaged, fills_bins, leads_to, separate_draft
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell, separate_traces
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate

FAST = SeparationSettings(solver="accelerated")


@pytest.fixture(scope="module")
def cell():
    return simulate(Simulation(regions=4, frames=20_000, seed=3)).cells[0]


def test_it_looks_like_the_average_of_the_result(cell):
    coarse, whole = separate_draft(cell, FAST), separate_cell(cell, FAST)
    assert coarse.matched.shape == (whole.n, 20_000 // FRAMES_PER_VALUE)
    # Of eight such recordings four were at 0.977 to 0.984, four at 0.995 and above.
    assert np.corrcoef(coarse.matched[0], averaged(whole.matched)[0])[0, 1] >= 0.97
    assert (coarse.frames_per_value, whole.frames_per_value) == (FRAMES_PER_VALUE, 1)


def test_it_is_asked_by_the_settings_and_solved_with_less_alpha(cell, monkeypatch):
    asked = []

    def spy(traces, offset, settings, *rest):
        asked.append((traces, settings))
        return separate_traces(traces, offset, settings, *rest)

    monkeypatch.setattr(draft, "separate_traces", spy)
    settings = replace(FAST, alpha=0.4, n=3)
    assert separate_draft(cell, settings).settings == settings
    [(coarse, used)] = asked
    assert replace(used, tol=settings.tol, max_iter=settings.max_iter, max_tries=settings.max_tries) == replace(
        settings, alpha=0.4 / math.sqrt(20)
    )
    assert used.tol > settings.tol
    assert used.max_iter < settings.max_iter
    np.testing.assert_array_equal(coarse, averaged(cell.traces))


@pytest.mark.parametrize("shape", [(12, 200), (50, 800), (130, 799)])
def test_a_cell_of_more_signals_than_bins_is_not_refused(shape):
    assert not fills_bins(*shape)
    traces = np.random.default_rng(0).gamma(2, 1, shape)
    made = separate_draft(Cell.from_traces(traces), replace(FAST, n=3))
    assert made.frames_per_value == 1
    assert made.matched.shape == (3, shape[1])


def _sentence(function, cell, settings):
    with pytest.raises(DataError) as refusal:
        function(cell, settings)
    return str(refusal.value)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("negative", "3 values are negative, the least -14.1 in np 2 at frame 3849"),
        ("nan", "30 values are NaN or infinite, the first in ROI at frame 100 (counted from 0), in 10 frames up to"),
        ("zeros", "The median of all values is 0 (60% of them are 0)"),
        ("pedestal", "a pedestal of 3 is more than the least value, 2"),
    ],
)
def test_what_it_refuses_is_said_of_the_recording(change, expected):
    traces = np.random.default_rng(0).uniform(2.1, 3, (3, 8000))
    traces[0, 7], settings = 2, FAST
    if change == "negative":
        traces[2, 3849], traces[:2, 17] = -14.1, -1
    elif change == "nan":
        traces[:, 100:110] = np.nan
    elif change == "zeros":
        traces.ravel()[::5] = traces.ravel()[1::5] = traces.ravel()[2::5] = 0
    else:
        settings = replace(FAST, pedestal=3.0)
    cell = Cell.from_traces(traces)
    assert expected in _sentence(separate_draft, cell, settings)
    assert _sentence(separate_draft, cell, settings) == _sentence(separate_cell, cell, settings)


def test_ica_has_one_too(cell):
    settings = SeparationSettings(method="ica")
    made = separate_draft(cell, settings)
    assert made.settings == settings
    assert made.matched.shape[1] == 1000


@pytest.mark.parametrize(("frames", "bin_length"), [(864, 1), (20_000, 3)])
def test_one_that_goes_on_is_near_the_result(frames, bin_length):
    cell = simulate(Simulation(regions=4, frames=frames, seed=3)).cells[0]
    near = separate_cell(cell, FAST)
    for alpha in (0.11, 0.12, 0.13):
        near = separate_draft(cell, replace(FAST, alpha=alpha), near)
    assert near.frames_per_value == bin_length
    whole = averaged(separate_cell(cell, near.settings).matched, bin_length)
    assert np.corrcoef(near.matched[0], whole[0])[0, 1] > 0.995


def test_it_goes_on_only_where_nothing_but_the_penalty_has_changed(cell):
    near = separate_draft(cell, FAST)
    assert leads_to(near, replace(FAST, alpha=0.3, tol=1e-3, max_iter=50, solver="fissa"))
    for other in ({"n": 3}, {"seed": 1}, {"start": "random"}, {"offset": True}, {"method": "ica"}):
        assert not leads_to(near, replace(FAST, **other)), other


@pytest.mark.parametrize("frames", [1, 19, 20, 21, 40, 59])
def test_the_last_bin_may_be_shorter(frames):
    traces = np.random.default_rng(0).random((2, frames))
    bins = averaged(traces)
    starts = range(0, frames, FRAMES_PER_VALUE)
    expected = np.stack([traces[:, start : start + FRAMES_PER_VALUE].mean(axis=1) for start in starts], axis=1)
    np.testing.assert_allclose(bins, expected, rtol=1e-14)


def test_it_can_be_stopped(cell):
    with pytest.raises(Cancelled):
        separate_draft(cell, FAST, should_stop=lambda: True)
