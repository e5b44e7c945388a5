import sys

import numpy as np
import pytest

from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.batch import Batch
from neuropil_gui.engine.runner import close_runners
from neuropil_gui.state.own_settings import CellSettings


@pytest.fixture
def recording():
    rng = np.random.default_rng(4)
    cells = [Cell.from_traces(rng.random((3, 80)) + 1, name=f"cell {k}") for k in range(8)]
    cells[5] = Cell.from_traces(rng.random((3, 80)) - 1, name="negative")
    return Recording("eight", None, None, cells)


@pytest.fixture(params=[1, 3])
def batch(qapp, request):
    batch = Batch(request.param)
    batch.done, batch.failed, batch.counts = {}, {}, []
    batch.cell_done.connect(lambda index, separation, numbers, _: batch.done.update({index: (separation, numbers)}))
    batch.cell_failed.connect(lambda index, sentence: batch.failed.update({index: sentence}))
    batch.progressed.connect(lambda done, total: batch.counts.append((done, total)))
    yield batch
    assert close_runners(batch, 60_000)


def test_every_cell_is_separated_or_named(qtbot, batch, recording):
    settings = CellSettings(SeparationSettings(alpha=0.2), {2: SeparationSettings(alpha=0.01)})
    with qtbot.waitSignal(batch.ended, timeout=20_000) as caught:
        batch.start(recording, settings, range(8))
    assert caught.args == [True]
    assert set(batch.done) == {0, 1, 2, 3, 4, 6, 7}
    assert "negative" in batch.failed[5]
    assert batch.counts == [(done, 8) for done in range(9)]
    for index, (separation, numbers) in batch.done.items():
        expected = separate_cell(recording.cells[index], settings.of(index))
        np.testing.assert_array_equal(separation.matched, expected.matched)
        assert numbers
    assert not batch.running


def test_cancel_keeps_what_is_done_and_starting_with_the_rest_resumes(qtbot, batch, recording):
    def stop_after_two(index, separation, numbers):
        if len(batch.done) == 2:
            batch.cancel()

    batch.cell_done.connect(stop_after_two)
    with qtbot.waitSignal(batch.ended, timeout=20_000) as caught:
        batch.start(recording, CellSettings(), range(8))
    assert caught.args == [False]
    assert not batch.running
    batch.cell_done.disconnect(stop_after_two)
    rest = [index for index in range(8) if index not in batch.done]
    with qtbot.waitSignal(batch.ended, timeout=20_000):
        batch.start(recording, CellSettings(), rest)
    assert set(batch.done) | set(batch.failed) == set(range(8))


def test_who_asks_while_it_runs_has_its_workers_also_where_others_are_named_since(qtbot, batch, recording):
    with qtbot.waitSignal(batch.ended, timeout=20_000):
        batch.start(recording, CellSettings(), range(8))
        before = batch.lend()
        batch.jobs += 1
        assert batch.lend() is before
    assert batch.lend() is not before


def test_nothing_to_do_ends_at_once(qtbot, batch, recording):
    with qtbot.waitSignal(batch.ended) as caught:
        batch.start(recording, CellSettings(), [])
    assert caught.args == [True]


def test_closes_in_the_middle(qapp, recording):
    batch = Batch(2)
    batch.start(recording, CellSettings(SeparationSettings(tol=0, max_iter=10_000_000)), range(8))
    assert close_runners(batch, 60_000)


def test_a_scheduler_that_cannot_be_reached_is_said_and_without_it_this_machine_works(qtbot, recording, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    batch, done = Batch(2), []
    batch.cell_done.connect(lambda index, *_: done.append(index))
    batch.scheduler = "tcp://127.0.0.1:8786"
    with qtbot.waitSignal(batch.failed, timeout=20_000) as failed, qtbot.waitSignal(batch.ended) as ended:
        batch.start(recording, CellSettings(), range(8))
    assert ended.args == [False]
    assert "pip install" in failed.args[0]
    batch.scheduler = ""
    with qtbot.waitSignal(batch.ended, timeout=20_000):
        batch.start(recording, CellSettings(), range(8))
    assert len(done) == 7
    assert close_runners(batch, 60_000)
    batch.close()
