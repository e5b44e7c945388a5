"""A project as output: what it takes is in it after a kill, and what it holds is not made again."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui.__main__ import main
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.kept_state import Kept
from neuropil_gui.engine.project_output import ProjectOutput
from neuropil_gui.engine.project_place import lock_of
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.project import database
from neuropil_gui.formats.project.database import Database
from neuropil_gui.formats.project.packing import pack, unpack, unpack_separation
from neuropil_gui.formats.registry import read
from neuropil_gui.state.stored_results import result_key

SETTINGS = SeparationSettings(max_iter=300)


def make(path, cells=4, frames=120, seed=1):
    """Write cells of which the second cannot be separated."""
    traces = np.random.default_rng(seed).gamma(2.0, 1.0, (cells, 3, frames)) + 1
    traces[1] = -1.0
    np.save(path, traces)
    return path


@pytest.fixture
def source(tmp_path):
    return make(tmp_path / "cells.npy")


@pytest.fixture
def project(tmp_path):
    return tmp_path / "out.npgui"


def put_all(path, source, settings=SETTINGS):
    """Put the results that are not there; return the indices of the cells that were separated."""
    recording, separated = read(source), []
    with ProjectOutput(path, recording, Options(), settings) as output:
        kept = output.results_of(range(len(recording.cells)))
        for index, cell in enumerate(recording.cells):
            if index not in kept:
                separated.append(index)
                try:
                    output.put(index, cell, separate_cell(cell, settings))
                except DataError as error:
                    output.put_failed(index, error)
    return separated


def kept_in(path, cells=4):
    with Database(path) as opened:
        kept = Kept.of(opened, cells)
        results = {key: unpack_separation(opened.get("result", key))[0] for key in opened.keys("result")}
    return kept, results


def test_results_are_as_the_window_keeps_them_and_are_not_made_again(project, source):
    assert put_all(project, source) == [0, 1, 2, 3]
    kept, results = kept_in(project)
    assert kept.settings.common == SETTINGS
    assert kept.outcomes.keys() == {0, 1, 2, 3}
    assert "negative" in kept.outcomes[1].failed
    assert kept.outcomes[0].numbers
    recording = read(source)
    for index in (0, 2, 3):
        alone = separate_cell(recording.cells[index], SETTINGS)
        np.testing.assert_array_equal(results[result_key(index, SETTINGS)].matched, alone.matched)
    assert read(project).source == str(source)
    # What was refused is refused again in no time, and may be read by now.
    assert put_all(project, source) == [1]
    assert put_all(project, source, replace(SETTINGS, alpha=0.3)) == [0, 1, 2, 3]
    assert len(kept_in(project)[1]) == 6


def test_cells_whose_signals_have_changed_are_separated_again_and_the_others_are_not(project, source):
    put_all(project, source)
    traces = np.load(source)
    traces[2:] += 0.5
    np.save(source, traces)
    read_again = read(source)
    with ProjectOutput(project, read_again, Options(), SETTINGS) as output:
        assert output.results_of(range(4)).keys() == {0}
    assert {index for index, each in kept_in(project)[0].outcomes.items() if each.earlier} >= {2, 3}
    assert put_all(project, source) == [1, 2, 3]
    assert not any(each.earlier for each in kept_in(project)[0].outcomes.values())


def test_marks_and_settings_of_single_cells_stay(project, source):
    put_all(project, source)
    with Database(project, write=True) as opened:
        state, _ = unpack(opened.get("state", "now"))
        state["marks"] = {"3": {"verdict": "accepted", "note": "good"}}
        state["own"] = {"2": replace(SETTINGS, alpha=1.0).to_dict()}
        opened.change([("state", "now", pack(state))])
    put_all(project, source, replace(SETTINGS, n=2))
    kept, _ = kept_in(project)
    assert kept.marks[3].note == "good"
    assert kept.settings.of(2).alpha == 1.0
    assert kept.settings.of(0).n == 2


def test_a_project_that_is_not_to_be_written_is_left_as_it_is(project, source, tmp_path, monkeypatch):
    put_all(project, source)
    before = project.read_bytes()
    other = make(tmp_path / "other.npy", cells=3)
    with pytest.raises(DataError, match="another recording"):
        put_all(project, other)
    lock, _ = lock_of(project)
    with pytest.raises(DataError, match="open in another window"):
        put_all(project, source)
    lock.unlock()
    monkeypatch.setattr(database, "VERSION", 0)
    with pytest.raises(DataError, match="later version"):
        put_all(project, source)
    assert project.read_bytes() == before


def test_what_cannot_be_written_is_said(project, source, monkeypatch):
    def full(*_):
        raise DataError("the disk is full")

    monkeypatch.setattr(Database, "change", full)
    with pytest.raises(DataError, match="the disk is full"):
        put_all(project, source)


KILLED = """
import os, sys
from neuropil_gui.__main__ import main
from neuropil_gui.engine import project_output

def say(word):
    os.write(1, word + b"\\n")  # at once, as two threads speak: `print` writes the end of the line by itself

class Told(project_output.ProjectOutput):
    count = 0

    def put(self, *result):
        super().put(*result)
        say(b"came")
        Told.count += 1
        if Told.count % 2 == 0:
            self._writer.flush(60.0)  # where the disk is slow, one commit would take all results
            say(b"waits")  # or all cells are done before the kill comes
            sys.stdin.readline()

class Writer(project_output.Writer):
    def __init__(self, path, on_saved):
        super().__init__(path, lambda sentence: (on_saved(sentence), say(b"saved")))

project_output.ProjectOutput, project_output.Writer = Told, Writer
main(sys.argv[1:])
"""


def test_a_kill_loses_no_result_that_was_saved_and_what_is_left_is_done_by_resume(project, tmp_path, capsys):
    cells = 16
    source = make(tmp_path / "long.npy", cells=cells, frames=1500)
    words = ["separate", str(source), "-o", str(project), "--solver", "fissa", "--alpha", "0.3", "--resume"]
    saved_before = 0
    for commits in (2, 3):
        program = [sys.executable, "-c", KILLED, *words]
        with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
            lines = []
            while lines.count("saved") < commits:
                lines.append(child.stdout.readline().strip())
                assert lines[-1], "it ended before it was killed"
                if lines[-1] == "waits":
                    child.stdin.write("\n")
                    child.stdin.flush()
            child.kill()
        # A commit takes all that came before the one before it had ended.
        last_but_one = [place for place, line in enumerate(lines) if line == "saved"][-2]
        kept, results = kept_in(project, cells)
        with Database(project) as opened:
            done = opened.keys("cell")  # a kill between a result and its cell leaves the cell to be done again
        assert len(done) >= saved_before + lines[:last_but_one].count("came")
        assert not {index for index in kept.outcomes if not kept.outcomes[index].failed} - {
            int(key.partition("/")[0]) for key in results
        }
        saved_before = len(done)
    assert 0 < saved_before < cells - 1
    assert main(words) == 1  # for the cell that cannot be separated
    assert f"15 of 16 cells separated, {saved_before} of them before" in capsys.readouterr().out
    settings = SeparationSettings(solver="fissa", alpha=0.3)
    recording, (_, results) = read(source), kept_in(project, cells)
    assert len(results) == cells - 1
    for index in (0, cells - 1):
        alone = separate_cell(recording.cells[index], settings)
        np.testing.assert_array_equal(results[result_key(index, settings)].matched, alone.matched)
