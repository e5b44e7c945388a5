"""All cells at the values of a plan, in processes or in this thread."""

import pytest

from neuropil_gui.core.analysis.population import population_plan
from neuropil_gui.core.errors import Cancelled
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.engine.population import population_seconds, population_tiles
from neuropil_gui.engine.processes import Processes

pytestmark = pytest.mark.any_version


@pytest.fixture(scope="module")
def recording():
    cells = list(simulate(Simulation(cells=2, frames=120, regions=2)).cells)
    return Recording("three", None, None, [*cells, Cell.from_traces(cells[0].traces[:1], name="alone")])


def test_each_tile_is_of_the_cell_and_the_value_that_were_left(recording):
    plan = population_plan(SeparationSettings(), recording.cells.headers, "n")
    left = [(1, [2, 0]), (0, [1])]
    processes = Processes(2)
    tiles = {(tile.ix, tile.iy): tile for tile in population_tiles(recording, plan, left, processes)}
    assert not processes.started, "so little is done sooner without"
    assert set(tiles) == {(1, 0), (1, 2), (0, 1)}
    assert "neuropil" in tiles[1, 2].error
    made = separate_cell(recording.cells[0], plan.settings_at(1))
    assert tiles[1, 0].value("score") == made.scores[made.order[0]]
    assert tiles[1, 0].converged == made.converged


def test_it_stops_where_it_is_asked_to(recording):
    plan = population_plan(SeparationSettings(), recording.cells.headers, "alpha")
    with pytest.raises(Cancelled):
        list(population_tiles(recording, plan, [(0, [0])], Processes(1), lambda: True))


def test_the_expected_time_grows_with_what_is_left(recording):
    plan = population_plan(SeparationSettings(), recording.cells.headers, "alpha")
    one, two = (population_seconds(plan, recording.cells.headers, left) for left in ([(3, [0])], [(3, [0, 1])]))
    assert two == pytest.approx(2 * one)
