"""Files of simulated movies, the demo among them: read again, their truth is that of each signal."""

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
from neuropil_gui.formats.simulated_movie import truth_of, write_simulated_movie

SIMULATED = simulate_movie(MovieSimulation(Simulation(cells=4, frames=80, noise=5.0, frame_rate=12.5), 48, 4.0))


@pytest.fixture
def movie(tmp_path):
    path = tmp_path / "movie.tif"
    assert write_simulated_movie(path, SIMULATED) == [path, tmp_path / "movie.zip"]
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_what_is_written_is_read(tmp_path, packed):
    path = tmp_path / "movie.tif"
    write_simulated_movie(path, SIMULATED, packed)
    frames = np.array(list(SIMULATED.frames(0)))
    found = read_movie(path)
    assert found.frame_rate == pytest.approx(12.5)
    np.testing.assert_array_equal(found.read(0, 80), frames)
    np.testing.assert_array_equal(tifffile.imread(path), frames)


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


def test_another_suffix_is_a_sentence(tmp_path):
    with pytest.raises(DataError, match=r"written as \.tif"):
        write_simulated_movie(tmp_path / "movie.npy", SIMULATED)


def test_the_demos_are_what_the_command_makes_the_same_each_time(tmp_path, monkeypatch):
    for folder in ("a", "b"):
        monkeypatch.setattr("sys.argv", ["demos", str(tmp_path / folder)])
        demos.main()
    names = sorted(path.name for path in (RESOURCES / "demos").iterdir())
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == names
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    (made, _), (shipped, _) = (demo_files(each, MOVIE_DEMO.name) for each in (tmp_path / "a", RESOURCES / "demos"))
    frames = [read_movie(each).read(0, 600).astype(int) for each in (made, shipped)]
    assert abs(frames[0] - frames[1]).max() <= 1  # rounding, which another processor's arithmetic may move
    assert sum(path.stat().st_size for path in (RESOURCES / "demos").glob("movie*")) < 600_000
    again, kept = (read(each, rois=each.with_suffix(".zip")) for each in (made, shipped))
    for one, other in zip(again.cells, kept.cells, strict=True):
        np.testing.assert_allclose(one.truth.sources, other.truth.sources, rtol=1e-4)


def test_the_demo_shows_what_its_sentence_says():
    movie, rois = demo_files(RESOURCES / "demos", MOVIE_DEMO.name)
    recording = read(movie, rois=rois)
    assert len(recording.cells) == 4
    assert not recording.warnings
    for cell in recording.cells:
        own = cell.truth.sources[0]
        best = pearson(separate_cell(cell, SeparationSettings()).matched[0], own)
        assert pearson(cell.traces[0], own) < 0.85
        assert best > 0.96
        assert best > pearson(cell.traces[0] - 0.7 * cell.traces[1:].mean(axis=0), own)
