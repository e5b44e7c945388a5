"""Simulated movies hold what they promise."""

import numpy as np
import pytest

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.movie_simulation import MovieSimulation, simulate_movie
from neuropil_gui.core.simulation import Simulation
from neuropil_gui.imaging.pixels import inside_paths

PARAMETERS = MovieSimulation(Simulation(cells=5, frames=60, trials=2, noise=4.0, seed=3), side=64, radius=5.0)


@pytest.fixture(scope="module")
def simulated():
    return simulate_movie(PARAMETERS)


@pytest.fixture(scope="module")
def frames(simulated):
    return np.concatenate([np.array(list(simulated.frames(trial))) for trial in range(2)])


def test_frames_are_footprints_times_sources_and_noise(simulated, frames):
    assert frames.shape == (120, 64, 64)
    assert frames.dtype == np.uint16
    light = np.tensordot(simulated.sources.T, simulated.footprints.astype(float), 1)
    noise = frames - light
    assert abs(noise.mean()) < 0.05
    assert noise.std() == pytest.approx(np.hypot(4.0, 12**-0.5), rel=0.02)  # of the detector, and of rounding
    assert abs(np.corrcoef(noise[:60].ravel(), noise[60:].ravel())[0, 1]) < 0.02  # trials have noise of their own


def test_each_cell_fills_its_roi_and_no_other(simulated):
    masks = [inside_paths([corners], (64, 64)) for corners in simulated.outlines]
    own = np.array([[footprint[mask].mean() for mask in masks] for footprint in simulated.footprints[:5]])
    assert (np.diag(own) > 0.85).all()
    assert (own[~np.eye(5, dtype=bool)] < 0.06).all()
    centres = np.array([corners.mean(axis=0) for corners in simulated.outlines])
    apart = np.hypot(*(centres[:, None] - centres[None]).T) + 99 * np.eye(5)
    assert apart.min() >= 11.5 - 0.02
    assert np.sort(apart.min(axis=1))[1] < 14  # some are neighbours


def test_contamination_is_how_much_neuropil_is_in_a_cell(simulated):
    brighter = simulate_movie(MovieSimulation(Simulation(cells=5, frames=60, contamination=1.4, seed=3), 64, 5.0))
    even = simulate_movie(MovieSimulation(Simulation(cells=5, frames=60, contamination=1.0, seed=3), 64, 5.0))
    for corners in simulated.outlines:
        mask = inside_paths([corners], (64, 64))
        share = brighter.footprints[5][mask].mean() / even.footprints[5][mask].mean()
        assert share == pytest.approx(1.4, abs=0.06)


def test_the_same_parameters_make_the_same_movie(simulated, frames):
    again = simulate_movie(PARAMETERS)
    np.testing.assert_array_equal(np.array(list(again.frames(1))), frames[60:])
    other = simulate_movie(MovieSimulation(Simulation(cells=5, frames=60, trials=2, noise=4.0, seed=4), 64, 5.0))
    assert not np.array_equal(other.footprints, simulated.footprints)


def test_a_pedestal_is_a_source_of_all_pixels():
    movie = simulate_movie(MovieSimulation(Simulation(cells=1, frames=20, pedestal=50.0, noise=0.0), 32, 4.0))
    assert (movie.footprints[-1] == 1).all()
    assert (movie.sources[-1] == 50).all()


@pytest.mark.parametrize(("cells", "side", "radius"), [(50, 64, 5.0), (1, 8, 5.0), (1, 64, 0.5)])
def test_cells_that_do_not_fit_are_a_sentence(cells, side, radius):
    with pytest.raises(DataError, match=r"do not fit|radius"):
        MovieSimulation(Simulation(cells=cells), side, radius)
