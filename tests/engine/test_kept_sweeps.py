"""Sweeps of all cells are kept in the project, and are there again while the signals are the same."""

import os
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PyQt5.QtCore import QObject

from neuropil_gui.core.analysis.population import PopulationSweep, advise, population_plan
from neuropil_gui.core.analysis.sweep import Tile, thinned
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import CellHeader
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.keeper import Keeper
from neuropil_gui.engine.kept_sweeps import KeptSweeps, pack_sweep, unpack_sweep
from neuropil_gui.engine.loader import Loader
from neuropil_gui.engine.runner import Runner, close_runners
from neuropil_gui.formats.project.packing import pack, unpack
from neuropil_gui.formats.project.recording import strange_as_data_error
from neuropil_gui.formats.project.writer import Writer
from neuropil_gui.state.session import Session
from neuropil_gui.state.sweeps import POPULATIONS

pytestmark = pytest.mark.any_version

HEADERS = [CellHeader(f"cell {k}", 3, 40) for k in range(3)]
IDENTITY = [["made.npy", 3008, 1]]
RNG = np.random.default_rng(1)


def plan_of(name="alpha", **settings):
    return population_plan(SeparationSettings(**settings), HEADERS, name)


def tiles(plan, cells=3):
    """Return tiles of all kinds: some collapsed, some not converged, the last cell refused."""
    return [
        Tile(ix, cell, plan.settings_at(ix), "It is dark.") if cell == cells - 1 else Tile(
            ix, cell, plan.settings_at(ix), "", 3, ix != 1, ix > 5 + cell,
            numbers={"alive": 3.0, "r_neuropil": RNG.random()}, trace=thinned(RNG.random(40), 40),
        )
        for ix in range(plan.columns) for cell in range(cells)
    ]  # fmt: skip


def sweep(plan=None):
    plan = plan or plan_of()
    found = PopulationSweep(plan, 3)
    found.add(tiles(plan))
    return found


def assert_same(found, made):
    assert found.plan == made.plan
    assert found.complete
    for name, array in made.arrays().items():
        np.testing.assert_array_equal(found.arrays()[name], array, name)
    np.testing.assert_array_equal(found.unstable, made.unstable)
    assert advise(found) == advise(made)
    assert found.first_error == made.first_error


@pytest.mark.parametrize("plan", [plan_of(), plan_of("n", alpha=0.3), plan_of("method", seed=None)])
def test_a_sweep_comes_back(plan):
    made = sweep(plan)
    found, state = unpack_sweep(pack_sweep(made, IDENTITY))
    assert state == IDENTITY
    assert_same(found, made)


PACKED = pack_sweep(sweep(), IDENTITY)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)


@given(name=st.sampled_from(["settings", "name", "values", "error", "identity"]), value=ANYTHING)
def test_any_value_in_the_place_of_a_fact_is_taken_or_refused_in_words(name, value):
    facts, arrays = unpack(PACKED)
    try:
        with strange_as_data_error(Path("work.npgui")):
            found, _ = unpack_sweep(pack(facts | {name: value}, arrays))
    except DataError:
        return
    assert advise(found).text


@pytest.mark.parametrize("name", unpack(PACKED)[1])
def test_arrays_that_do_not_fit_each_other_are_refused(name):
    facts, arrays = unpack(PACKED)
    others = {each: array for each, array in arrays.items() if each != name}
    for wrong in (others, arrays | {name: arrays[name][:, :-1]}, arrays | {name: arrays[name][:-1]}):
        with pytest.raises(DataError, match="do not fit"):
            unpack_sweep(pack(facts, wrong))


def test_each_is_written_once_for_a_state_of_the_recording_and_the_newest_stay():
    kept, writer = KeptSweeps(), MagicMock(spec=Writer)
    made = [sweep(plan_of(tol=10.0**-k)) for k in range(2, POPULATIONS + 3)]
    for _ in range(2):
        kept.put(writer, made[:1], IDENTITY)
    assert writer.put.call_count == 1
    kind, key, body = writer.put.call_args.args
    assert kind == "sweep"
    assert_same(unpack_sweep(body())[0], made[0])
    kept.put(writer, made[:1], [["made.npy", 3008, 2]])
    assert writer.put.call_count == 2
    kept.put(writer, made[1:], IDENTITY)
    writer.put.assert_called_with("sweep", key, None)


@pytest.fixture
def reopen(qtbot, tmp_path):
    """Open the recording in a new session that keeps a project; the one before ends."""
    owners = []

    def end():
        if owners:
            assert owners[-1].keeper.close(60)
            assert close_runners(owners[-1], 60_000)

    def reopen(path):
        end()
        owner = QObject()
        session = Session(owner)
        loader = Loader(session, owner)
        session.keeper = owner.keeper = Keeper(session, loader, tmp_path / "projects", owner)
        owners.append(owner)
        loader.read(path)
        qtbot.waitUntil(lambda: session.recording is not None and not loader.busy)
        return session

    yield reopen
    end()


def test_it_is_there_again_while_the_recording_is_the_same(qtbot, reopen, tmp_path, separation_of):
    path = tmp_path / "made.npy"
    traces = RNG.random((3, 3, 40)) + 1
    np.save(path, traces)
    session = reopen(path)
    plan = plan_of()
    half = tiles(plan)
    made = session.sweeps.population(plan, 3)
    session.sweeps.add_to_population(plan, half[:20])
    session.sweeps.add_to_population(plan, half[20:])
    for index, cell in enumerate(session.recording.cells):
        session.store_other(index, separation_of(cell), {}, cell=cell)

    session = reopen(path)
    assert_same(session.sweeps.population(plan, 3), made)
    session.sweeps.add_to_population(plan, half)
    assert not session.sweeps.population(plan_of(tol=0.1), 3).done.any(), "other settings"
    # A copy is the same once its signals are compared.
    os.utime(path, (1, 1))
    session = reopen(path)
    qtbot.waitUntil(lambda: session.sweeps.populations != [])
    assert_same(session.sweeps.population(plan, 3), made)
    session = reopen(path)
    assert len(session.sweeps.populations) == 1, "of the new state"
    # Other signals are not.
    np.save(path, traces[:, :, ::-1])
    session = reopen(path)
    comparing = session.keeper.findChild(Runner)
    qtbot.waitUntil(lambda: not comparing.busy)
    assert session.sweeps.populations == []
    session = reopen(path)
    assert session.sweeps.populations == []
