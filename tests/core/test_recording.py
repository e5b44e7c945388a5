"""Recordings and cells: checked when they are made, and nobody changes them afterwards."""

import numpy as np
import pytest

from neuropil_gui import Cell, Recording, Truth
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import (
    CellHeader,
    Cells,
    CellsInMemory,
    StoredResult,
    default_signal_names,
)


def traces(signals=3, frames=10):
    return np.arange(signals * frames, dtype=float).reshape(signals, frames)


# cells


def test_a_cell_of_one_array():
    cell = Cell.from_traces(traces())
    np.testing.assert_array_equal(cell.traces, traces())
    assert cell.name == "cell 1"
    assert cell.signal_names == ("ROI", "np 1", "np 2")
    assert cell.trial_starts == (0,)
    assert cell.trial_slices == [slice(0, 10)]
    assert cell.truth is cell.stored is cell.source_index is None


def test_a_cell_of_nested_lists():
    cell = Cell.from_traces([[1, 2, 3], [4, 5, 6]], name="left")
    np.testing.assert_array_equal(cell.traces, [[1.0, 2, 3], [4, 5, 6]])
    assert cell.name == "left"


@pytest.mark.parametrize("convert", [lambda trial: trial, np.ndarray.tolist, lambda trial: trial.astype(np.uint16)])
@pytest.mark.parametrize("container", [list, tuple])
def test_a_cell_of_trials(convert, container):
    trials = [traces(3, 4), traces(3, 6) + 100, traces(3, 1)]
    cell = Cell.from_traces(container(convert(trial) for trial in trials))
    np.testing.assert_array_equal(cell.traces, np.concatenate(trials, axis=1))
    assert cell.trial_starts == (0, 4, 10)
    assert cell.trial_slices == [slice(0, 4), slice(4, 10), slice(10, 11)]
    for part, trial in zip(cell.trial_slices, trials, strict=True):
        np.testing.assert_array_equal(cell.traces[:, part], trial)


def test_a_cell_of_one_trial():
    assert Cell.from_traces([traces()]).trial_starts == (0,)


@pytest.mark.parametrize("starts", [[0, 4], (0, 4), np.array([0, 4])])
def test_an_array_with_trial_starts(starts):
    cell = Cell.from_traces(traces(), trial_starts=starts)
    assert cell.trial_starts == (0, 4)
    assert all(type(start) is int for start in cell.trial_starts)


def test_cells_cannot_be_changed():
    cell = Cell.from_traces(traces())
    with pytest.raises(AttributeError):
        cell.name = "other"
    with pytest.raises(ValueError, match="read-only"):
        cell.traces[0, 0] = 1


@pytest.mark.parametrize(
    ("given", "options", "words"),
    [
        (np.ones(5), {}, r"\(5,\)"),
        (5.0, {}, r"\(\)"),
        (np.ones((2, 3, 4)), {}, r"\(2, 3, 4\)"),
        (np.ones((0, 5)), {}, r"\(0, 5\)"),
        (np.ones((5, 0)), {}, r"\(5, 0\)"),
        ([], {}, r"\(0,\)"),
        ([np.ones((2, 5)), np.ones((3, 5))], {}, r"same number of signals.*\(2, 5\), \(3, 5\)"),
        ([np.ones((2, 5)), np.ones(5)], {}, r"same number of signals.*\(2, 5\), \(5,\)"),
        ([np.ones((2, 5)), np.ones((2, 0)), np.ones((2, 1))], {}, "ascend"),
        ([np.ones((2, 5))], {"trial_starts": [0]}, "not both"),
        (np.ones((2, 5)), {"trial_starts": []}, "must start at 0"),
        (np.ones((2, 5)), {"trial_starts": [1, 3]}, r"must start at 0.*\(1, 3\)"),
        (np.ones((2, 5)), {"trial_starts": [0, 3, 3]}, "ascend"),
        (np.ones((2, 5)), {"trial_starts": [0, 5]}, "below 5 frames"),
        ([[1, 2], [3]], {}, "different lengths"),
    ],
)
def test_cells_that_are_refused(given, options, words):
    with pytest.raises(DataError, match=words) as caught:
        Cell.from_traces(given, name="cell 7", **options)
    assert "cell 7" in str(caught.value)


def test_a_trial_of_the_wrong_type_is_named():
    with pytest.raises(TypeError, match="cell 1, trial 2: the traces must be real numbers"):
        Cell.from_traces([traces(), traces() + 1j])


def test_each_signal_needs_a_name():
    with pytest.raises(DataError, match="cell 1: 3 signals, but 2 names"):
        Cell("cell 1", traces(), ("ROI", "np 1"))


@pytest.mark.parametrize(("count", "names"), [(0, ()), (1, ("ROI",)), (3, ("ROI", "np 1", "np 2"))])
def test_default_names(count, names):
    assert default_signal_names(count) == names


def test_truth_is_checked_and_frozen():
    truth = Truth([[1, 2, 3]], [[1], [0.5]])
    assert truth.sources.shape == (1, 3)
    assert not truth.mixing.flags.writeable
    with pytest.raises(DataError, match=r"\(2, 3\).*\(2, 1\)"):
        Truth(np.ones((2, 3)), np.ones((2, 1)))
    with pytest.raises(DataError, match="sources"):
        Truth(np.ones(3), np.ones((2, 1)))


def test_a_stored_result_is_frozen():
    matched = traces()
    stored = StoredResult("somewhere", matched)
    matched[:] = -1
    np.testing.assert_array_equal(stored.matched, traces())
    assert stored.separated is None


# recordings


class Lazy(Cells):
    def __init__(self, count):
        self.headers = tuple(CellHeader(f"cell {k}", 3, 10) for k in range(count))
        self.read = []

    def load(self, index):
        self.read.append(index)
        return Cell.from_traces(traces(), name=self.headers[index].name)


def test_cells_are_read_when_they_are_asked_for():
    cells = Lazy(5)
    recording = Recording("lazy", None, None, cells)
    assert recording.cells is cells
    assert len(recording.cells) == 5
    assert cells.read == []
    assert recording.cells[3].name == "cell 3"
    assert recording.cells[-1].name == "cell 4"
    assert [cell.name for cell in recording.cells[1:5:2]] == ["cell 1", "cell 3"]
    assert cells.read == [3, 4, 1, 3]
    for index in (5, -6):
        with pytest.raises(IndexError):
            recording.cells[index]
    assert len(list(cells)) == 5


@pytest.mark.parametrize("container", [list, tuple])
def test_any_sequence_of_cells_will_do(container):
    cell = Cell.from_traces(traces(), trial_starts=(0, 5))
    recording = Recording("at hand", "/a/path", 30, container([cell]))
    assert isinstance(recording.cells, CellsInMemory)
    assert recording.cells[0] is cell
    assert recording.cells.headers == (CellHeader("cell 1", 3, 10, 2, None),)
    assert recording.frame_rate == 30.0
    assert type(recording.frame_rate) is float


def test_a_recording_without_cells_is_refused():
    with pytest.raises(DataError, match="nothing holds no cells"):
        Recording("nothing", None, None, [])


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf"), 1e308, 10**400, 5e-324])
def test_frame_rates_that_are_refused(rate):
    with pytest.raises(DataError, match="must be a number of Hz"):
        Recording("odd", None, rate, [Cell.from_traces(traces())])


def test_another_frame_rate_is_another_recording():
    recording = Recording("one", None, None, [Cell.from_traces(traces())])
    faster = recording.with_frame_rate(15)
    assert (recording.frame_rate, faster.frame_rate) == (None, 15.0)
    assert faster.cells is recording.cells
    assert faster.with_frame_rate(None).frame_rate is None
