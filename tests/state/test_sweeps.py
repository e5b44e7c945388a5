"""Tiles are kept by cell and plan, as many as there is room for, and not beyond their recording."""

from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui import Cell, Recording, SeparationSettings
from neuropil_gui.core.analysis.sweep import Tile, thinned
from neuropil_gui.core.analysis.sweep_plans import plan_of
from neuropil_gui.state.session import Session
from neuropil_gui.state.sweeps import TILE_BYTES, Sweeps

PLAN = plan_of(SeparationSettings(), 3, "n")
OTHER = plan_of(SeparationSettings(tol=1e-3), 3, "n")


def tile(ix, draft=False, frames=10):
    return Tile(ix, 0, PLAN.settings_at(ix), draft=draft, trace=thinned(np.arange(float(frames)), 400))


def test_tiles_are_kept_by_cell_and_plan():
    sweeps = Sweeps()
    first, second = tile(0), tile(2)
    sweeps.add(0, PLAN, [first])
    sweeps.add(0, PLAN, [second])
    assert sweeps.tiles(0, PLAN) == {(0, 0): first, (2, 0): second}
    assert sweeps.tiles(1, PLAN) == {}
    assert sweeps.tiles(0, OTHER) == {}
    same = plan_of(SeparationSettings(n=2, solver="accelerated"), 3, "n")
    assert len(sweeps.tiles(0, same)) == 2


def test_what_is_left_is_what_has_no_final_tile():
    sweeps = Sweeps()
    assert sweeps.left(0, PLAN) == PLAN.tiles()
    sweeps.add(0, PLAN, [tile(0), tile(1, draft=True)])
    assert sweeps.left(0, PLAN) == [place for place in PLAN.tiles() if place != (0, 0)]
    sweeps.add(0, PLAN, [tile(1), tile(2)])
    assert sweeps.left(0, PLAN) == []


def test_a_draft_gives_way_and_does_not_come_back():
    sweeps = Sweeps()
    draft, final = tile(0, draft=True), tile(0)
    sweeps.add(0, PLAN, [draft])
    assert sweeps.tiles(0, PLAN)[0, 0] is draft
    sweeps.add(0, PLAN, [final])
    sweeps.add(0, PLAN, [tile(0, draft=True)])
    assert sweeps.tiles(0, PLAN)[0, 0] is final


def test_what_is_given_out_is_a_copy():
    sweeps = Sweeps()
    sweeps.add(0, PLAN, [tile(0)])
    sweeps.tiles(0, PLAN).clear()
    assert len(sweeps.tiles(0, PLAN)) == 1


def test_the_least_recently_used_make_room_but_for_the_newest():
    each = tile(0).trace.nbytes + TILE_BYTES
    sweeps = Sweeps(max_bytes=2 * each)
    for index in range(2):
        sweeps.add(index, PLAN, [tile(0)])
    sweeps.tiles(0, PLAN)
    sweeps.add(2, PLAN, [tile(0)])
    assert [len(sweeps.tiles(index, PLAN)) for index in range(3)] == [1, 0, 1]
    assert sweeps.nbytes == 2 * each
    sweeps.add(3, PLAN, [tile(ix) for ix in range(3)])
    assert len(sweeps) == 1
    assert len(sweeps.tiles(3, PLAN)) == 3


@pytest.mark.usefixtures("qapp")
def test_another_recording_clears_them():
    session = Session()
    cells = (Cell.from_traces(np.ones((3, 10))),)
    session.set_recording(Recording("one", None, 30.0, cells))
    session.sweeps.add(0, PLAN, [tile(0)])
    session.set_frame_rate(3.0)
    session.set_settings(replace(session.settings, alpha=1.0))
    assert len(session.sweeps) == 1
    session.set_recording(Recording("two", None, 30.0, cells))
    assert len(session.sweeps) == 0
