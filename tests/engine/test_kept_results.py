"""Which results a project keeps: the newest of each cell, the pinned ones, and those of the history within bounds."""

from dataclasses import replace
from pathlib import Path
from unittest.mock import MagicMock

import pytest

from neuropil_gui.engine import kept_results as module
from neuropil_gui.engine.kept_results import KeptResults
from neuropil_gui.formats.project.packing import fingerprint, unpack_separation
from neuropil_gui.formats.project.writer import Writer
from neuropil_gui.state.pins import Pinned
from neuropil_gui.state.results import Result
from neuropil_gui.state.stored_results import StoredResults, result_key


class Written:
    """Items that a writer was handed, by kind and key."""

    def __init__(self):
        self.items, self.puts = {}, 0
        self.writer = MagicMock(spec=Writer)
        self.writer.put.side_effect = self.put

    def put(self, kind, key, body):
        self.puts += 1
        if body is None:
            del self.items[kind, key]
        else:
            self.items[kind, key] = body

    def results(self):
        return {key for kind, key in self.items if kind == "result"}


@pytest.fixture
def written():
    return Written()


@pytest.fixture
def kept(written):
    kept = KeptResults(StoredResults(Path("none.npgui")))
    kept.writer = written.writer
    return kept


@pytest.fixture
def results(cell, separation_of):
    """Five results of one cell, by their alpha."""
    made = separation_of(cell)
    return [Result(replace(made, settings=replace(made.settings, alpha=k / 10)), {}) for k in range(1, 6)]


def key(result, index=0):
    return result_key(index, result.separation.settings)


def test_only_the_newest_stays_of_what_the_history_does_not_name(kept, written, results, cell):
    for result in results:
        kept.put_newest(0, result, cell)
    kept.put_newest(1, results[0], cell)
    kept.tidy([])
    assert written.results() == {key(results[4]), key(results[0], 1)}
    separation, _, digest = unpack_separation(written.items["result", key(results[4])]())
    assert separation.settings == results[4].separation.settings
    assert digest == fingerprint(cell)


def test_pinned_results_stay_until_they_are_no_longer_pinned(kept, written, results, cell):
    pin = Pinned(0, cell.name, results[0])
    kept.put_newest(0, results[0], cell)
    kept.set_pinned([pin], lambda index, result: cell)
    kept.put_newest(0, results[1], cell)
    kept.tidy([])
    assert written.results() == {key(results[0]), key(results[1])}
    kept.set_pinned([], lambda index, result: cell)
    kept.tidy([])
    assert written.results() == {key(results[1])}


def test_of_the_history_the_newest_results_stay_within_their_room(kept, written, results, cell, monkeypatch):
    for result in results:
        kept.put_newest(0, result, cell)
    history = [key(result) for result in results[1:]]
    kept.tidy(history)
    assert written.results() == set(history), "all but the first, which the history does not name"
    monkeypatch.setattr(module, "HISTORY_BYTES", int(2.5 * kept.stored.sizes[history[0]]))
    kept.tidy(history)
    assert written.results() == set(history[1:]), "the newest, and two more of the history"


def test_what_is_written_already_is_not_written_again(kept, written, results, cell):
    kept.put_newest(0, results[0], cell)
    before = written.puts
    kept.put_newest(0, results[0], cell)
    assert written.puts == before
    again = Result(results[0].separation, {"alive": 1.0})
    kept.put_newest(0, again, cell)
    assert written.puts == before + 1, "made again, with the cell as it is known"


def test_nothing_is_handed_on_while_nothing_is_kept(kept, written, results, cell):
    kept.writer = None
    kept.put_newest(0, results[0], cell)
    kept.set_pinned([Pinned(0, cell.name, results[0])], lambda index, result: cell)
    kept.tidy([])
    assert written.puts == 0
