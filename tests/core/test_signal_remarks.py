"""Remarks on signals: dead ones, copies and extreme frames are named, and good data are quiet."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from neuropil_gui import Cell, SeparationSettings, read, separate_cell
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.signal_remarks import correlations, duplicates, signal_remarks


@pytest.fixture
def cell(demo_cells):
    """A good cell, shortened."""
    return Cell.from_traces(demo_cells("easy")[0].traces[:, :400])


@pytest.mark.parametrize("value", [0.0, 7.25])
@pytest.mark.parametrize("method", ["nmf", "ica"])
@pytest.mark.parametrize(("dead", "names"), [([0], ["ROI is"]), ([2], ["np 2 is"]), ([0, 1, 3], ["ROI is", "np 1 is"])])
def test_dead_signals_are_named(cell, value, method, dead, names):
    traces = cell.traces.copy()
    traces[dead] = value
    found = signal_remarks(Cell.from_traces(traces))
    assert {remark.level for remark in found} == {"error"}
    for name in names:
        assert any(f"{name} {value:g}" in remark.text for remark in found), name
    asked = SeparationSettings(method=method, max_iter=50, max_tries=1)
    if value or len(dead) == 1:
        assert list(separate_cell(Cell.from_traces(traces), asked).warnings[: len(found)]) == found
    else:
        with pytest.raises(DataError, match=r"The median of all values is 0 .* 3 signals are dead.*: ROI, np 1, np 3"):
            separate_cell(Cell.from_traces(traces), asked)
    assert signal_remarks(cell) == []


def test_near_duplicates_are_named(cell):
    rng = np.random.default_rng(0)
    copy = cell.traces[2] * 1.7 + rng.normal(0, 0.02, 400) + 3
    doubled = Cell.from_traces(np.vstack([cell.traces, copy]))
    (text,) = (text for text in map(str, duplicates(doubled)))
    assert "np 2 and np 5 (r = 1.0000)" in text or "np 2 and np 5 (r = 0.9999)" in text
    assert "leave one out" in text
    many = Cell.from_traces(np.vstack([cell.traces, *[cell.traces[1]] * 3]))
    assert "and 3 more pairs." in str(duplicates(many)[0])


@pytest.mark.parametrize("factor", [50.0, 1000.0])
@pytest.mark.parametrize(
    ("frames", "words"), [([237], "Frame 237 (counted from 0) is"), ([5, 237], "Frames 5, 237 (counted from 0) are")]
)
def test_extreme_frames_are_named(cell, factor, frames, words):
    traces = cell.traces.copy()
    traces[:, frames] *= factor
    (remark,) = signal_remarks(Cell.from_traces(traces))
    assert remark.level == "warning"
    assert words in remark.text
    assert "extreme" in remark.brief
    assert remark in separate_cell(Cell.from_traces(traces), SeparationSettings(max_iter=5, max_tries=1)).warnings
    # Frames keep their numbers where others are missing.
    traces[:, 100:110] = np.nan
    assert words in str(signal_remarks(Cell.from_traces(traces))[0])
    # What was made of it is left out as it says.
    traces[:, frames] = np.nan
    assert signal_remarks(Cell.from_traces(traces)) == []


def test_transients_are_not_extreme(demo_cells, real_data):
    for name in ("easy", "contaminated", "correlated", "failing"):
        assert [signal_remarks(cell) for cell in demo_cells(name)] == [[]] * len(demo_cells(name))
    for path in ("fissa_example/prepared.npz", "suite2p/plane0"):
        cells = read(real_data / path).cells
        assert [signal_remarks(cell) for cell in cells] == [[]] * len(cells)


@pytest.mark.parametrize("size", [1e-300, 1e300])
def test_values_of_any_size(cell, size):
    assert signal_remarks(Cell.from_traces(cell.traces / cell.traces.max() * size)) == []


@given(arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(2, 40)), elements=st.floats(-1e6, 1e6, width=32)))
@settings(deadline=None)
def test_correlations_are_numpys(traces):
    found = correlations(traces)
    spread = np.ptp(traces, axis=1) > 1e-4 * np.abs(traces).max(axis=1)
    expected = np.corrcoef(traces[spread]).reshape(spread.sum(), spread.sum())
    np.testing.assert_allclose(found[np.ix_(spread, spread)], expected, atol=1e-6)
    constant = np.ptp(traces, axis=1) == 0
    assert np.isnan(found[constant]).all()


def test_correlations_over_blocks_and_of_any_size():
    traces = np.random.default_rng(0).normal(size=(3, 20_000))
    traces[1] += traces[0]
    for scale in (1e-200, 1.0, 1e200):
        np.testing.assert_allclose(correlations(scale * traces + scale), np.corrcoef(traces), atol=1e-12)
