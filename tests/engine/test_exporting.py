"""Jobs that write results: what they separate themselves, what they name as missing, and what they write beside."""

import multiprocessing
import time
from contextlib import closing
from dataclasses import asdict, replace

import numpy as np
import pytest

from neuropil_gui.core.errors import Cancelled
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine import distribution
from neuropil_gui.engine.exporting import Chosen, export, export_copy
from neuropil_gui.engine.processes import Processes
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.project.database import Database
from neuropil_gui.formats.project.packing import fingerprint, pack_separation
from neuropil_gui.formats.registry import read, write
from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.state.stored_results import result_key

SETTINGS = SeparationSettings(max_iter=300)
OWN = replace(SETTINGS, alpha=0.5)


def quiet(*_):
    return False


@pytest.fixture
def recording(tmp_path):
    """Three cells in a file, of which the second cannot be separated."""
    traces = np.random.default_rng(1).gamma(2.0, 1.0, (3, 2, 120)) + 1
    traces[1] = -1.0
    np.save(tmp_path / "cells.npy", traces)
    return read(tmp_path / "cells.npy")


def test_what_is_known_is_taken_and_the_rest_separated_by_its_own_settings(recording):
    known = separate_cell(recording.cells[0], SETTINGS)
    failed, seen = [], []
    chosen = Chosen(recording, [0, 1, 2], CellSettings(SETTINGS, {2: OWN}), {0: known})
    results = dict(chosen.results(failed, seen.append, quiet))
    assert results.keys() == {0, 2}
    assert results[0] is known
    assert results[2].settings == OWN
    assert np.array_equal(results[2].matched, separate_cell(recording.cells[2], OWN).matched)
    assert seen == [(0, 3), (1, 3), (2, 3)]
    (sentence,) = failed
    assert sentence.startswith("cell 2: ")
    with pytest.raises(Cancelled):
        list(chosen.results([], quiet, lambda: True))


def test_processes_give_what_one_thread_does_in_the_order_of_the_cells(recording, monkeypatch):
    chosen = Chosen(recording, [2, 1, 0], CellSettings(SETTINGS, {2: OWN}))
    alone = list(chosen.results([], quiet, quiet))
    monkeypatch.setattr(distribution, "START_SECONDS", 0)
    failed = []
    with Processes(2) as two:
        together = list(replace(chosen, workers=two).results(failed, quiet, quiet))
        assert two.started
        assert two.end_unused(), "they are free again"
    assert [index for index, _ in together] == [index for index, _ in alone] == [2, 0]
    assert [each.settings for _, each in together] == [OWN, SETTINGS]
    assert failed[0].startswith("cell 2: ")
    for (_, one), (_, two) in zip(alone, together, strict=True):
        assert np.array_equal(one.matched, two.matched)


def test_what_processes_have_begun_is_left_when_an_export_is_cancelled(recording, monkeypatch):
    monkeypatch.setattr(distribution, "START_SECONDS", 0)
    endless = SeparationSettings(tol=0, max_iter=10_000_000, max_tries=1)
    asked = iter([False, False, False])
    with Processes(2) as two:
        chosen = Chosen(recording, [0, 2], CellSettings(endless), workers=two)
        with pytest.raises(Cancelled):
            list(chosen.results([], quiet, lambda: next(asked, True)))
    # One that was still starting ends by itself; the pool's thread may be about to take note of it.
    last = time.monotonic() + 60
    while left := [each for each in multiprocessing.active_children() if each.name == "neuropil_gui worker"]:
        assert time.monotonic() < last, left
        left[0].join(0.1)


def test_workers_are_waited_for_where_they_are_needed_alone(recording):
    known = {index: separate_cell(recording.cells[index], SETTINGS) for index in (0, 2)}
    workers = Processes(1)
    asked = iter([False, False])
    with workers.in_use(quiet):  # as by another thread
        at_hand = Chosen(recording, [0, 2], CellSettings(SETTINGS), known, workers=workers)
        assert dict(at_hand.results([], quiet, lambda: False)) == known
        with pytest.raises(Cancelled):
            list(replace(at_hand, known={}).results([], quiet, lambda: next(asked, True)))
    assert len(list(replace(at_hand, known={}).results([], quiet, lambda: False))) == 2


def test_a_result_that_the_file_holds_is_not_made_again(recording, tmp_path):
    path = tmp_path / "out.npz"
    chosen = Chosen(recording, [0, 2], CellSettings(SETTINGS))
    assert export(path, chosen)(quiet, quiet) == (path, [])
    held = read(path)
    again = dict(Chosen(held, [0, 1], CellSettings(SETTINGS, {1: OWN})).results([], quiet, quiet))
    assert again[0] is held.cells[0].stored.separation
    assert again[1].origin == ""


def test_what_a_project_keeps_is_not_made_again_and_what_is_damaged_is(recording, tmp_path):
    made = replace(separate_cell(recording.cells[0], SETTINGS), iterations=7)
    path = tmp_path / "work.npgui"
    with closing(Database(path, write=True)) as database:
        body = pack_separation(made, {}, fingerprint(recording.cells[0]))
        database.change([("result", result_key(index, SETTINGS), body[: len(body) - index]) for index in (0, 2)])
    chosen = Chosen(recording, [0, 2], CellSettings(SETTINGS), project=path, kept=[0, 2])
    results = dict(chosen.results([], quiet, quiet))
    assert results[0].iterations == 7
    assert results[2].iterations != 7
    elsewhere = replace(chosen, kept=[])  # of an earlier state of the recording
    assert dict(elsewhere.results([], quiet, quiet))[0].iterations != 7
    gone = replace(chosen, project=tmp_path / "gone.npgui")
    assert dict(gone.results([], quiet, quiet)).keys() == {0, 2}


def test_an_export_names_what_is_missing_and_what_could_not_be_written_beside_it(recording, tmp_path):
    path = tmp_path / "out.npz"
    (tmp_path / "out.py").write_text("mine\n")
    marks = {1: Mark("rejected")}
    chosen = Chosen(recording, [0, 1], CellSettings(SETTINGS), marks=marks, answers={})
    written, missing = export(path, chosen)(quiet, quiet)
    assert written == path
    assert missing[0].startswith("cell 2: ")
    assert missing[1].startswith("out.py: it is something else")
    assert len(missing) == 2
    text = " ".join((tmp_path / "out.receipt.txt").read_text(encoding="utf-8").split())
    assert "The signals of 1 of 3 cells" in text
    assert "Excluded as not chosen: 1. Excluded as impossible to separate: 1." in text
    assert (tmp_path / "out.py").read_text() == "mine\n"


def test_a_suite2p_folder_has_a_text_on_what_was_done(tmp_path):
    plane = tmp_path / "plane0"
    plane.mkdir()
    traces = np.random.default_rng(2).gamma(2.0, 1.0, (2, 3, 90)).astype(np.float32) + 1
    np.save(plane / "F.npy", traces[0])
    np.save(plane / "Fneu.npy", traces[1])
    np.save(plane / "iscell.npy", np.ones((3, 2)))
    recording = read(plane, frame_rate=10.0)
    target = tmp_path / "new"
    chosen = Chosen(recording, [0, 2], CellSettings(SETTINGS), marks={1: Mark("rejected")}, answers={})
    assert export_copy(target, chosen, False)(quiet, quiet) == (target, [])
    text = " ".join((target / "neuropil_gui.txt").read_text(encoding="utf-8").split())
    for words in ("A copy of", "The signals of 2 of 3 cells", "Excluded as rejected by eye: 1.", "cell 3: {"):
        assert words in text
    again = read(target, frame_rate=10.0)
    assert len(again.cells) == 2
    best = separate_cell(recording.cells[2], SETTINGS).matched[0]
    assert np.array_equal(again.cells[1].traces[0], best.astype(np.float32))


def test_an_nwb_copy_has_a_description_of_what_was_done(recording, tmp_path):
    series = "processing/neuropil_gui/Fluorescence"
    recording = recording.with_frame_rate(10.0)
    write(tmp_path / "raw.nwb", recording, {index: separate_cell(recording.cells[index], SETTINGS) for index in (0, 2)})
    options = Options(dataset=f"{series}/raw", neuropil=f"{series}/matched_2")
    opened = read(tmp_path / "raw.nwb", **asdict(options))
    chosen = Chosen(opened, [0, 1], CellSettings(SETTINGS), answers=asdict(options))
    target = tmp_path / "new.nwb"
    assert export_copy(target, chosen, False)(quiet, quiet) == (target, [])
    again = read(target, dataset="processing/neuropil_gui_2/Fluorescence/best_match", neuropil="")
    best = separate_cell(opened.cells[1], SETTINGS).matched[0]
    assert np.array_equal(again.cells[1].traces[0], best)


def test_a_cell_without_a_file_is_named(tmp_path):
    cell = Cell.from_traces(np.random.default_rng(3).gamma(2.0, 1.0, (3, 90)) + 1)
    chosen = Chosen(Recording("made", None, None, [cell]), [0], CellSettings(SETTINGS), answers={})
    path = tmp_path / "out.npz"
    assert export(path, chosen)(quiet, quiet)[1][0].startswith("out.py: This recording was not read from a file")
