"""A sweep reports its tiles in bunches, drafts first, and none is lost."""

import pytest

from neuropil_gui import SeparationSettings
from neuropil_gui.core.analysis.sweep_plans import plan_of
from neuropil_gui.core.errors import Cancelled
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.engine.runner import REPORT_INTERVAL, Runner
from neuropil_gui.features.sweep import jobs

PLAN = plan_of(SeparationSettings(), 4, "alpha", "n", alphas=4)


@pytest.fixture(scope="module")
def cell():
    return simulate(Simulation(regions=3, frames=300, seed=3)).cells[0]


def places(tiles):
    return [(tile.ix, tile.iy) for tile in tiles]


def test_bunches_and_the_rest_are_all_tiles(cell):
    bunches = []
    rest = jobs.sweep(cell, PLAN, PLAN.tiles())(bunches.append, lambda: False)
    reported = [tile for bunch in bunches for tile in bunch]
    assert places(reported + rest) == PLAN.tiles()
    assert not any(tile.draft for tile in reported + rest)


def test_a_bunch_is_reported_after_the_interval(cell, monkeypatch):
    now = iter(range(1000))
    monkeypatch.setattr(jobs.time, "monotonic", lambda: next(now) * jobs.BATCH_SECONDS / 2.5)
    bunches = []
    rest = jobs.sweep(cell, PLAN, PLAN.tiles())(bunches.append, lambda: False)
    assert {len(bunch) for bunch in bunches[1:]} == {3}
    assert len(rest) <= 3


def test_drafts_come_first(cell):
    bunches = []
    rest = jobs.sweep(cell, PLAN, PLAN.tiles()[:3], PLAN.tiles()[:2])(bunches.append, lambda: False)
    reported = [tile for bunch in [*bunches, rest] for tile in bunch]
    assert [tile.draft for tile in reported] == [True, True, False, False, False]


def test_it_can_be_stopped(cell):
    with pytest.raises(Cancelled):
        jobs.sweep(cell, PLAN, PLAN.tiles())(lambda _: None, lambda: True)


def test_the_runner_drops_no_bunch(qtbot, cell):
    """It passes on no two reports that come close together: bunches must be further apart."""
    assert jobs.BATCH_SECONDS > 2 * REPORT_INTERVAL
    runner, reported = Runner(), []
    runner.reported.connect(lambda _, bunch: reported.extend(bunch))
    with qtbot.waitSignal(runner.finished, timeout=60_000) as caught:
        runner.submit(jobs.sweep(cell, PLAN, PLAN.tiles()), PLAN)
    assert places(reported + caught.args[1]) == PLAN.tiles()
    assert runner.close()
