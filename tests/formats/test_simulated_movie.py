"""Files of simulated movies, the demo among them: read again, their truth is that of each signal."""

import re
from dataclasses import replace

import numpy as np
import pytest
import tifffile

from neuropil_gui import extract, read, read_movie
from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.demos import MOVIE_DEMO, demo_files
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.metrics import pearson
from neuropil_gui.core.movie_simulation import MovieSimulation, simulate_movie
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation
from neuropil_gui.formats import demos
from neuropil_gui.formats.field_of_view import read_field
from neuropil_gui.formats.simulated_movie import truth_of, truth_of_edited, write_simulated_movie
from neuropil_gui.imaging.regions import RegionSettings
from neuropil_gui.imaging.roi_cells import EditedMovie, RoiCells
from neuropil_gui.imaging.roi_edits import moved

SIMULATED = simulate_movie(MovieSimulation(Simulation(cells=4, frames=80, noise=5.0, frame_rate=12.5), 48, 4.0))


@pytest.fixture
def movie(tmp_path):
    path = tmp_path / "movie.tif"
    assert write_simulated_movie(path, SIMULATED) == [path, tmp_path / "movie.zip"]
    return path


def test_what_is_written_is_read(movie):
    frames = np.array(list(SIMULATED.frames(0)))
    found = read_movie(movie)
    assert found.frame_rate == pytest.approx(12.5)
    np.testing.assert_array_equal(found.read(0, 80), frames)
    np.testing.assert_array_equal(tifffile.imread(movie), frames)
    with tifffile.TiffFile(movie) as file:
        assert file.is_imagej


@pytest.mark.parametrize("answers", [{}, {"regions": 3, "gap": 1}, {"exclude_others": True, "expansion": 0.5}])
def test_truth_is_that_of_whatever_regions_are_grown(movie, answers):
    recording = read(movie, rois=movie.with_suffix(".zip"), **answers)
    for cell, light in zip(recording.cells, SIMULATED.sources, strict=False):
        truth = cell.truth
        assert truth.mixing[0, 0] == 1
        assert pearson(truth.sources[0], light) == pytest.approx(1.0)
        noise = cell.traces - truth.mixing @ truth.sources
        assert abs(noise.mean()) < 0.2
        assert noise.std() < 2  # 5 counts of a pixel, and 50 pixels in a region


def test_a_truth_of_something_else_is_named_and_left_out(movie):
    rois = movie.with_suffix(".zip")
    tifffile.imwrite(movie, np.array(list(SIMULATED.frames(0)))[:50])
    recording = read(movie, rois=rois)
    assert recording.cells[0].truth is None
    assert "movie.truth.npz is not taken for the truth: it is that of another movie" in recording.warnings[-1]
    truth_of(movie).write_bytes(b"PK nothing")
    assert "it is damaged" in read(movie, rois=rois).warnings[-1]
    np.savez(truth_of(movie), cells=1, other=np.ones(3))
    assert "of another movie" in read(movie, rois=rois).warnings[-1]


def test_a_roi_that_is_no_cell_has_no_truth(movie):
    mask = np.zeros((48, 48), bool)
    footprints = SIMULATED.footprints[:4].sum(axis=0)
    row, column = np.unravel_index(np.argmin(footprints[4:-4, 4:-4]), (40, 40))
    mask[row + 3 : row + 6, column + 3 : column + 6] = True
    (cell,) = extract(movie, [mask]).cells
    assert cell.truth is None


def edited_cells(movie, **answers):
    recording = read(movie, rois=movie.with_suffix(".zip"), **answers)
    field = read_field(recording)
    source = EditedMovie(lambda: field.movie, field.movie.shape, (0,), truth_of_edited(recording.cells))
    return RoiCells(source, field.rois, dict(enumerate(recording.cells)))


def assert_of(cell, light):
    truth = cell.truth
    assert truth.mixing[0, 0] == 1
    assert pearson(truth.sources[0], light) == pytest.approx(1.0)
    noise = cell.traces - truth.mixing @ truth.sources
    assert abs(noise.mean()) < 0.2
    assert noise.std() < 2


def test_rois_that_are_changed_have_the_truth_of_the_cell_that_they_were_of(movie):
    cells = edited_cells(movie)
    rois = cells.rois
    changed = rois.changed(0, moved(rois.rois[0], 1, 0))
    assert_of(cells.with_rois(changed).load(0), SIMULATED.sources[0])
    others = cells.with_rois(rois.with_settings(RegionSettings(3, 2.0)))
    for index, light in enumerate(SIMULATED.sources[:4]):
        assert_of(others.load(index), light)
    assert_of(RoiCells(cells.source, rois, {}).load(2), SIMULATED.sources[2])  # as undo does when it is forgotten


def test_rois_that_are_new_or_lie_on_another_cell_have_no_truth(movie):
    cells = edited_cells(movie)
    rois = cells.rois
    added = cells.with_rois(rois.added(replace(rois.rois[0], name="new")))
    assert added.load(4).truth is None
    assert added.load(0).truth is not None
    (x, y), (to_x, to_y) = (np.mean(rois.rois[k].paths[0], axis=0) for k in (0, 1))
    elsewhere = cells.with_rois(rois.changed(0, moved(rois.rois[0], to_x - x, to_y - y)))
    assert elsewhere.load(0).truth is None
    trial = cells.source.cell(rois.regions[0], 1, cells.load(0).traces)
    assert trial.truth is None


def test_rois_of_a_movie_without_truth_ask_for_none(movie):
    truth_of(movie).unlink()
    assert truth_of_edited(read(movie, rois=movie.with_suffix(".zip")).cells) is None


def test_another_suffix_is_a_sentence(tmp_path):
    with pytest.raises(DataError, match=r"written as \.tif"):
        write_simulated_movie(tmp_path / "movie.npy", SIMULATED)


def test_the_command_writes_the_demos_the_same_each_time(tmp_path, monkeypatch):
    for folder in ("a", "b"):
        monkeypatch.setattr("sys.argv", ["demos", str(tmp_path / folder)])
        demos.main()
    names = sorted(path.name for path in (RESOURCES / "demos").iterdir())
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == names
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    made, shipped = ((each / "movie.svg").read_text() for each in (tmp_path / "a", RESOURCES / "demos"))
    # One step of rounding, which another processor's arithmetic may move.
    ys = [[float(y) for y in re.findall(r"-?\d+\.\d", text)] for text in (made, shipped)]
    np.testing.assert_allclose(*ys, atol=0.21)


def test_the_demo_shows_what_its_sentence_says(tmp_path):
    movie, rois = demo_files(MOVIE_DEMO.name, RESOURCES / "demos", tmp_path)
    demos.make_movie_demo(movie)
    before = movie.stat()
    demos.make_movie_demo(movie)
    assert movie.stat() == before
    recording = read(movie, rois=rois)
    assert len(recording.cells) == 6
    assert not recording.warnings
    for cell in recording.cells:
        own = cell.truth.sources[0]
        best = pearson(separate_cell(cell, SeparationSettings()).matched[0], own)
        assert pearson(cell.traces[0], own) < 0.85
        assert best > 0.96
        assert best > pearson(cell.traces[0] - 0.7 * cell.traces[1:].mean(axis=0), own)


def test_a_demo_that_cannot_be_written_is_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"could not be read|it may not be read"):
        demos.make_movie_demo(tmp_path / "file" / "demos" / "movie.tif")
