"""Cells of edited ROIs that a project brings back."""

import pytest

from neuropil_gui import read
from neuropil_gui.core.metrics import pearson
from neuropil_gui.core.movie_simulation import MovieSimulation, simulate_movie
from neuropil_gui.core.simulation import Simulation
from neuropil_gui.engine.kept_rois import edited_cells
from neuropil_gui.formats.field_of_view import read_field
from neuropil_gui.formats.project.rois import KeptRois
from neuropil_gui.formats.simulated_movie import write_simulated_movie
from neuropil_gui.imaging.roi_edits import moved


def test_simulated_cells_of_changed_rois_have_their_truth_unless_the_files_are_others(tmp_path):
    simulated = simulate_movie(MovieSimulation(Simulation(cells=4, frames=80, frame_rate=12.5), 48, 4.0))
    movie, rois = write_simulated_movie(tmp_path / "movie.tif", simulated)
    recording = read(movie, rois=rois)
    as_read = read_field(recording).rois
    edited = as_read.removed([1]).changed(0, moved(as_read.rois[0], 1, 0)).added(moved(as_read.rois[1], 0, 1))
    kept = KeptRois(edited, frozenset({3, 4}))
    cells = edited_cells(kept, recording, True)
    assert cells.known(1) is recording.cells[2]
    assert cells.known(0) is None
    assert pearson(cells.load(0).truth.sources[0], simulated.sources[0]) == pytest.approx(1)
    assert cells.load(3).truth is None, "its number is new"
    assert edited_cells(kept, recording, False).load(0).truth is None
