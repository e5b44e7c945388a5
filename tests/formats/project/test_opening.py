"""A project is opened: the recording where it was, beside the project, within it, or not at all."""

import shutil
from dataclasses import asdict

import numpy as np
import pytest
import tifffile

from neuropil_gui import write_rois
from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.cell_delta_f import cell_delta_f
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, Recording, Truth
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.formats import registry
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.project.database import Database
from neuropil_gui.formats.project.opening import is_project_file, read_project
from neuropil_gui.formats.project.packing import pack
from neuropil_gui.formats.project.recording import origin_facts, pack_cell, pack_headers

pytestmark = pytest.mark.any_version

TRACES = np.random.default_rng(1).gamma(2.0, 1.0, (3, 4, 60))
NO_ANSWERS = Options()


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "data" / "cells.npy"
    path.parent.mkdir()
    np.save(path, TRACES)
    return path


def write_project(path, recording, options=NO_ANSWERS, signals=False, **state):
    database = Database(path, write=True)
    items = [
        ("state", "now", pack({"frame_rate": recording.frame_rate, **origin_facts(recording, options, path), **state})),
        ("recording", "cells", pack_headers(recording)),
        *(("cell", f"{index:09}", pack_cell(cell)) for index, cell in enumerate(recording.cells)),
    ]
    if signals:
        items += [("signals", f"{index:09}", pack_cell(cell, True)) for index, cell in enumerate(recording.cells)]
    database.change(items)
    database.close()
    return path


@pytest.fixture
def project(source, tmp_path):
    return write_project(
        tmp_path / "data" / "work.npgui", registry.read(source, frame_rate=20.0), Options(frame_rate=20.0)
    )


def test_the_recording_is_read_where_it_was_as_it_was(project, source):
    opened = read_project(project)
    assert opened.recording.source == str(source)
    assert opened.recording.frame_rate == 20
    assert (opened.options, opened.project) == (Options(frame_rate=20.0), project)
    np.testing.assert_array_equal([cell.traces for cell in opened.recording.cells], TRACES)
    assert registry.read(project).source == str(source)
    assert is_project_file(project)
    assert not is_project_file(source)
    assert registry.inquire(project).questions == ()


@pytest.mark.parametrize("name", ["cells.npy", "renamed.npy"])
def test_a_moved_recording_is_found_beside_the_project(project, source, tmp_path, name):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    shutil.move(project, folder / "work.npgui")
    shutil.move(source, folder / name)
    assert read_project(folder / "work.npgui").recording.source == str(folder / name)


def test_a_whole_tree_can_be_moved(source, tmp_path):
    (tmp_path / "projects").mkdir()
    write_project(tmp_path / "projects" / "work.npgui", registry.read(source))
    new = tmp_path / "new"
    new.mkdir()
    for name in ("data", "projects"):
        shutil.move(tmp_path / name, new / name)
    assert read_project(new / "projects" / "work.npgui").recording.source == str(new / "data" / "cells.npy")


def test_of_two_recordings_of_one_name_that_of_the_same_size_is_taken(project, source, tmp_path):
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    moved = shutil.move(project, folder / "work.npgui")
    shutil.copy(source, folder / "cells.npy")
    np.save(source, TRACES[:2])
    assert read_project(moved).recording.source == str(folder / "cells.npy")


def test_without_its_recording_a_project_has_cells_without_signals(project, source):
    source.unlink()
    recording = read_project(project).recording
    assert [each.signals for each in recording.cells.headers] == [4, 4, 4]
    assert "cells.npy was found neither in" in recording.cells.absent
    cell = recording.cells[1]
    assert np.isnan(cell.traces).all()
    assert cell.signal_names == ("ROI", "np 1", "np 2", "np 3")
    with pytest.raises(DataError, match="Find recording"):
        separate_cell(cell, SeparationSettings())
    with pytest.raises(DataError, match="Find recording"):
        cell_delta_f(cell, None, BaselineSettings())
    with pytest.raises(DataError, match="Find recording"):
        registry.write(project.with_name("out.npz"), recording, {})


def test_a_frame_rate_goes_before_that_of_the_project_and_other_answers_are_refused(project):
    opened = read_project(project, Options(frame_rate=7.0))
    assert (opened.recording.frame_rate, opened.options.frame_rate) == (7.0, 7.0)
    assert registry.read(project, frame_rate=7.0).frame_rate == 7.0
    with pytest.raises(DataError, match="but dataset was given"):
        registry.read(project, dataset="F")


def test_what_is_chosen_as_the_recording_has_to_have_its_cells(project, source, tmp_path):
    chosen = tmp_path / "chosen.npy"
    shutil.move(source, chosen)
    assert read_project(project, place=chosen).recording.source == str(chosen)
    np.save(chosen, TRACES[:2])
    with pytest.raises(
        DataError, match=r"2 cells of 4 signals and 60 frames was found, but work.npgui is about 3 cells"
    ):
        read_project(project, place=chosen)


def test_a_project_with_its_signals_needs_nothing_else(source, tmp_path):
    truth = Truth(TRACES[0, :2], np.ones((4, 2)))
    cells = [Cell("first", TRACES[0], tuple("abcd"), (0, 30), truth), Cell("second", TRACES[1], tuple("abcd"))]
    made = Recording("made", str(source), 15.0, cells, "NumPy")
    path = write_project(tmp_path / "whole.npgui", made, signals=True)
    source.unlink()
    recording = read_project(path).recording
    assert (recording.name, recording.frame_rate, recording.source) == ("made", 15.0, str(path))
    for cell, before in zip(recording.cells, cells, strict=True):
        np.testing.assert_array_equal(cell.traces, before.traces)
        assert (cell.name, cell.signal_names, cell.trial_starts) == (
            before.name,
            before.signal_names,
            before.trial_starts,
        )
    np.testing.assert_array_equal(recording.cells[0].truth.sources, truth.sources)
    assert separate_cell(recording.cells[0], SeparationSettings(n=2)).n == 2


@pytest.mark.parametrize(
    "state",
    [
        {"answers": {"dataset": ["F"]}},
        {"answers": 3},
        {"identity": [["cells.npy", "much", 0]]},
        {"frame_rate": "often"},
        {"frame_rate": -1},
    ],
)
def test_a_strange_project_is_a_sentence(source, tmp_path, state):
    path = write_project(tmp_path / "work.npgui", registry.read(source), **state)
    with pytest.raises(DataError):
        read_project(path)


@pytest.mark.parametrize(
    "header",
    [
        ["one", 0, 10, 1, None, []],
        ["one", 10**9, 10**9, 1, None, []],
        ["one", 4, True, 1, None, []],
        ["one", 4, 10, 1, "x", []],
        ["one"],
        7,
    ],
)
def test_strange_cells_are_refused_before_they_are_made(project, header):
    database = Database(project, write=True)
    database.change([("recording", "cells", pack({"name": "x", "format": "x", "headers": [header]}))])
    database.close()
    with pytest.raises(DataError):
        registry.read(project)


def test_a_project_that_names_itself_as_its_recording_does_not_go_round(source, tmp_path):
    path = tmp_path / "other.dat"
    other = write_project(path, registry.read(source), source=str(path), relative="")
    assert read_project(other).recording.cells.absent


def test_what_was_read_with_answers_is_read_so_again(tmp_path):
    path = tmp_path / "cells.npy"
    np.save(path, TRACES[0].T)
    options = Options(rows_are_frames=True)
    project = write_project(tmp_path / "work.npgui", registry.read(path, **asdict(options)), options)
    assert read_project(project).recording.cells[0].traces.shape == (4, 60)


def test_a_movie_is_found_with_its_rois_and_trials_where_all_have_moved(tmp_path):
    folder = tmp_path / "then"
    (folder / "rois").mkdir(parents=True)
    frames = np.random.default_rng(3).integers(0, 99, (2, 9, 12, 14)).astype(np.uint16)
    for name, part in (("A2.tif", frames[0]), ("A10.tif", frames[1])):
        tifffile.imwrite(folder / name, part)
    rois = folder / "rois" / "rois.zip"
    write_rois(rois, [np.array([(3, 3), (8, 3), (8, 8), (3, 8)])])
    options = Options(rois=str(rois), trial_files=(str(folder / "A10.tif"),), gap=1, exclude_others=True)
    recording = registry.read(folder / "A2.tif", **asdict(options))
    write_project(folder / "a.npgui", recording, options)
    there = read_project(folder / "a.npgui")
    assert there.options == options
    np.testing.assert_array_equal(there.recording.cells[0].traces, recording.cells[0].traces)
    now = tmp_path / "now"
    shutil.move(folder, now)
    moved = read_project(now / "a.npgui")
    assert moved.options.trial_files == (str(now / "A10.tif"),)
    assert moved.recording.files == (str(now / "A10.tif"), str(now / "rois" / "rois.zip"))
    np.testing.assert_array_equal(moved.recording.cells[0].traces, recording.cells[0].traces)
    (now / "rois" / "rois.zip").unlink()
    with pytest.raises(DataError, match=r"rois\.zip: there is no such file"):
        read_project(now / "a.npgui")
