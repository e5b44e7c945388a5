"""Pyramids are made once for each array, found from any thread, and gone with the array."""

import gc
import threading
import weakref

import numpy as np
import pytest

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.recording import Cell, Recording, StoredResult, Truth
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.drawing import prepared
from neuropil_gui.drawing.prepared import prepare_cell, prepare_separation, pyramid_of, separation_bytes
from neuropil_gui.drawing.pyramid import Reduction
from neuropil_gui.engine import jobs

FRAMES = 2000


def read_only(shape, seed=0):
    values = np.random.default_rng(seed).random(shape)
    values.flags.writeable = False
    return values


@pytest.fixture
def builds(monkeypatch):
    """The shapes of all arrays that were reduced since."""
    shapes, original = [], Reduction.of

    def of(values):
        shapes.append(values.shape)
        return original(values)

    monkeypatch.setattr(Reduction, "of", of)
    return shapes


def make_cell():
    traces = read_only((3, FRAMES)) + 1.0
    truth = Truth(read_only((2, FRAMES)), read_only((3, 2)))
    return Cell("cell", traces, ("ROI", "a", "b"), truth=truth, stored=StoredResult("file", read_only((3, FRAMES), 1)))


def test_it_is_made_once_for_each_array_and_number_of_rows(builds):
    values, other = read_only((3, FRAMES)), read_only((3, FRAMES), 1)
    first = pyramid_of(values)
    assert pyramid_of(values).reduction is first.reduction
    assert pyramid_of(values).values is values
    one = pyramid_of(values, rows=1)
    assert one.values.shape == (1, FRAMES)
    assert pyramid_of(values, rows=1).reduction is one.reduction
    assert pyramid_of(other).limits.tolist() != first.limits.tolist()
    assert builds == [(3, FRAMES), (1, FRAMES), (3, FRAMES)]
    assert pyramid_of(read_only(FRAMES)).values.shape == (1, FRAMES)


def test_an_array_that_can_be_written_to_is_reduced_anew():
    values = np.zeros((1, FRAMES))
    assert pyramid_of(values).limits.tolist() == [[0, 0]]
    values[0, 7] = 3
    assert pyramid_of(values).limits.tolist() == [[0, 3]]


def test_it_goes_with_the_array_and_does_not_keep_it():
    values = read_only((2, FRAMES))
    kept = [weakref.ref(pyramid_of(values, rows).reduction) for rows in (None, 1)]
    gc.collect()
    assert all(each() is not None for each in kept)
    gone = weakref.ref(values)
    del values
    gc.collect()
    assert gone() is None
    assert [each() for each in kept] == [None, None]


def test_an_id_that_is_used_again_is_another_array(monkeypatch):
    values, other = read_only((1, FRAMES)), read_only((1, FRAMES), 1)
    monkeypatch.setattr(prepared, "id", lambda _: -1, raising=False)
    assert pyramid_of(values).limits[0].tolist() == [values.min(), values.max()]
    assert pyramid_of(other).limits[0].tolist() == [other.min(), other.max()]


def test_threads_may_ask_at_once():
    arrays = [read_only((1, FRAMES), seed) for seed in range(20)]
    start, wrong = threading.Barrier(8), []

    def ask():
        start.wait()
        for _ in range(20):
            for index, values in enumerate(arrays):
                mine = read_only((1, FRAMES), index + 100)  # dies at once
                for each in (values, mine):
                    if pyramid_of(each).limits[0].tolist() != [each.min(), each.max()]:
                        wrong.append(index)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_whoever_draws_finds_what_was_prepared(builds):
    cell = prepare_cell(make_cell())
    separation = prepare_separation(separate_cell(cell, SeparationSettings(max_iter=20)))
    assert sorted(set(builds)) == [(1, FRAMES), (2, FRAMES), (3, FRAMES)]
    builds.clear()
    pyramid_of(cell.traces)
    pyramid_of(cell.truth.sources)
    pyramid_of(cell.truth.sources, rows=1)
    pyramid_of(cell.stored.matched, rows=1)
    pyramid_of(separation.separated)
    pyramid_of(separation.matched, rows=1)
    assert not builds


def test_jobs_make_what_is_drawn_of_their_answers(builds):
    def answer(work):
        return work(lambda _: None, lambda: False)

    settings = SeparationSettings(max_iter=20)
    cell = answer(jobs.read_cell(Recording("recording", None, 10.0, [make_cell()]), 0))
    separation, *_ = answer(jobs.separate(cell, settings))
    draft = answer(jobs.separate_draft(cell, settings))
    relative = answer(jobs.delta_f(cell, separation, BaselineSettings(), 10.0))
    subtracted = answer(jobs.subtract(cell, 0.7))
    builds.clear()
    for values in (cell.traces, separation.separated, draft.separated, relative.raw.values, relative.matched.values):
        pyramid_of(values)
    for values in (cell.truth.sources, cell.stored.matched, separation.matched, draft.matched):
        pyramid_of(values, rows=1)
    pyramid_of(subtracted)
    assert not builds


def test_the_memory_of_a_separation_counts_what_it_is_drawn_with():
    separation = separate_cell(make_cell(), SeparationSettings(max_iter=20))
    drawn = pyramid_of(separation.separated), pyramid_of(separation.matched, rows=1)
    levels = sum(low.nbytes + high.nbytes for each in drawn for _, low, high in each.reduction.levels)
    assert levels > 0
    assert separation_bytes(separation) == separation.separated.nbytes + separation.matched.nbytes + levels
