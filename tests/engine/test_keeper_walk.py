"""A random walk through opening, marking, naming, closing and killing projects, beside a plain model of them."""

import copy
import itertools
import shutil
from contextlib import closing
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from PyQt5 import sip
from PyQt5.QtCore import QCoreApplication, QEventLoop, QObject, QTimer

from neuropil_gui.core.marks import VERDICTS, Mark
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.keeper import Keeper
from neuropil_gui.engine.kept_state import Kept
from neuropil_gui.engine.loader import Loader
from neuropil_gui.engine.runner import close_runners
from neuropil_gui.formats.project.database import Database
from neuropil_gui.formats.project.packing import unpack_separation
from neuropil_gui.state.pins import SLOTS, Pinned
from neuropil_gui.state.session import Session
from neuropil_gui.state.stored_results import result_key

RECORDINGS, NAMES, CELLS = ("one", "two"), ("first", "second"), 3
ALPHAS = (0.1, 0.2, 0.5)


def wait_for(condition, seconds=60):
    """Let events happen until it is so."""
    loop, check, end = QEventLoop(), QTimer(), QTimer()
    check.timeout.connect(lambda: condition() and loop.quit())
    end.timeout.connect(lambda: loop.exit(1))
    check.start(1)
    end.start(int(1000 * seconds))
    assert condition() or not loop.exec_(), "waited in vain"


@dataclass
class Project:
    """What a project has to hold: of each cell the seconds of its newest result, by which it is told from others."""

    recording: str
    alpha: float
    marks: dict = field(default_factory=dict)
    index: int = 0
    results: dict = field(default_factory=dict)
    pins: dict = field(default_factory=dict)


class KeeperWalk(RuleBasedStateMachine):
    folder = None
    walks = itertools.count()

    @initialize()
    def begin(self):
        self.place = self.folder / str(next(self.walks))
        self.place.mkdir()
        rng = np.random.default_rng(1)
        for name in RECORDINGS:
            np.save(self.place / f"{name}.npy", rng.gamma(2.0, 1.0, (CELLS, 3, 40)) + 1)
        self.projects, self.names, self.count = {}, {}, itertools.count(1)
        self.current, self.alpha = None, SeparationSettings().alpha
        self.start()

    def start(self):
        self.owner = QObject()
        self.session = Session(self.owner)
        self.loader = Loader(self.session, self.owner)
        self.keeper = Keeper(self.session, self.loader, self.place / "projects", self.owner)
        self.alpha = self.session.settings.alpha

    def stop(self):
        assert self.keeper.close(60)
        assert close_runners(self.owner, 60_000)
        self.owner.deleteLater()
        QCoreApplication.processEvents()

    def teardown(self):
        if self.folder is not None and hasattr(self, "owner"):
            self.stop()

    def read(self, path):
        before = self.session.recording
        self.loader.read(path)
        wait_for(lambda: self.session.recording is not before and not self.loader.busy)

    def opened(self, name, key):
        self.current = key
        self.projects.setdefault(key, Project(name, self.alpha))
        self.alpha = self.projects[key].alpha
        self.check()

    def check(self):
        """Compare the session with the model."""
        project, session = self.projects[self.current], self.session
        assert session.marks.all == project.marks
        assert session.settings.alpha == project.alpha
        assert session.index == project.index
        assert {index for index, _ in session.outcomes()} == set(project.results)
        for index, seconds in project.results.items():
            assert session.results.get(index, session.outcome(index).settings).separation.seconds == seconds
        pins = {slot: session.pins[slot] for slot in SLOTS if session.pins[slot] is not None}
        assert {slot: (pin.index, pin.settings) for slot, pin in pins.items()} == project.pins

    @rule(name=st.sampled_from(RECORDINGS))
    def open_recording(self, name):
        self.read(self.place / f"{name}.npy")
        key = self.names.get(name, name)
        if key in self.projects and self.projects[key].recording != name:
            key = name
        self.opened(name, key)

    @rule(which=st.sampled_from(NAMES))
    def open_project(self, which):
        path = self.place / f"{which}.npgui"
        if path in self.projects:
            self.read(path)
            self.opened(self.projects[path].recording, path)

    @rule(index=st.integers(0, CELLS - 1), verdict=st.sampled_from(VERDICTS), note=st.text(max_size=5))
    def mark(self, index, verdict, note):
        if self.current is not None:
            self.session.marks.restore(self.session.marks.all | {index: Mark(verdict, note)})
            self.projects[self.current].marks[index] = Mark(verdict, note)

    @rule(alpha=st.sampled_from(ALPHAS))
    def set_alpha(self, alpha):
        self.session.set_settings(replace(self.session.settings, alpha=alpha))
        self.alpha = alpha
        if self.current is not None:
            self.projects[self.current].alpha = alpha

    @rule(index=st.integers(0, CELLS - 1))
    def select(self, index):
        if self.current is not None:
            self.session.select(index)
            self.projects[self.current].index = index

    @rule(index=st.integers(0, CELLS - 1))
    def separate(self, index):
        if self.current is not None:
            seconds, cell = float(next(self.count)), self.session.recording.cells[index]
            made = separate_cell(cell, replace(self.session.settings, max_iter=1, max_tries=1, tol=1e-2))
            self.session.store_other(index, replace(made, seconds=seconds), {}, cell=cell)
            self.projects[self.current].results[index] = seconds

    @rule(index=st.integers(0, CELLS - 1), slot=st.sampled_from(SLOTS))
    def pin(self, index, slot):
        """Pin the newest result of a cell, or empty the slot where there is none."""
        if self.current is not None:
            session, project = self.session, self.projects[self.current]
            outcome, pins = session.outcome(index), {each: session.pins[each] for each in SLOTS}
            pinned = outcome and Pinned(index, "a cell", session.results.get(index, outcome.settings))
            session.pins.restore(tuple((pins | {slot: pinned}).values()))
            project.pins.pop(slot, None)
            if pinned:
                project.pins[slot] = index, pinned.settings

    @rule(which=st.sampled_from(NAMES))
    def save_as(self, which):
        path = self.place / f"{which}.npgui"
        if self.current in (None, path):
            return
        with_name = []
        self.keeper.named.connect(with_name.append)
        self.keeper.save_as(path)
        wait_for(lambda: with_name == [path])
        self.keeper.named.disconnect(with_name.append)
        self.projects[path] = copy.deepcopy(self.projects[self.current])
        self.names[self.projects[path].recording] = path
        self.current = path

    @rule()
    def end_and_start_again(self):
        self.stop()
        self.start()
        if isinstance(self.current, str):
            self.read(self.place / f"{self.current}.npy")
        elif self.current is not None:
            self.read(self.current)
        if self.current is not None:
            self.opened(self.projects[self.current].recording, self.current)

    @rule()
    def be_killed(self):
        """Look at the files as they would be found if the program ended here, after what was saved."""
        if self.current is None:
            return
        assert self.keeper.flush(60)
        project, path = self.projects[self.current], self.keeper.path
        found = self.place / "found"
        found.mkdir()
        for each in (path, path.with_name(f"{path.name}-wal")):
            if each.exists():
                shutil.copy(each, found)
        with closing(Database(found / path.name)) as database:
            kept = Kept.of(database, CELLS)
            assert dict(kept.marks) == project.marks
            assert (kept.settings.common.alpha, kept.index) == (project.alpha, project.index)
            assert set(kept.outcomes) == set(project.results)
            for index, seconds in project.results.items():
                body = database.get("result", result_key(index, kept.outcomes[index].settings))
                assert unpack_separation(body)[0].seconds == seconds
            pins = {slot: (pin.index, pin.settings) for slot, pin in zip(SLOTS, kept.pins, strict=True) if pin}
            assert pins == project.pins
            assert all(database.get("result", result_key(*pin)) for pin in pins.values())
        shutil.rmtree(found)


def test_a_window_that_keeps_nothing_shows_a_project_and_leaves_it_as_it_is(qapp, tmp_path):
    path = tmp_path / "work.npgui"
    walk = type("Once", (KeeperWalk,), {"folder": tmp_path})()
    walk.begin()
    walk.open_recording("one")
    walk.mark(1, "accepted", "a note")
    walk.separate(2)
    walk.save_as("first")
    walk.stop()
    path = walk.current
    before, beside = path.read_bytes(), sorted(path.parent.iterdir())
    walk.start()
    walk.keeper.folder = None
    walk.read(path)
    walk.check()
    assert walk.keeper.path is None
    walk.session.marks.judge([0], "rejected")
    walk.stop()
    assert path.read_bytes() == before
    assert sorted(path.parent.iterdir()) == beside


@pytest.fixture
def once(qapp, tmp_path):
    """Return a walk whose steps the test takes."""
    walk = type("Once", (KeeperWalk,), {"folder": tmp_path})()
    walk.begin()
    yield walk
    walk.stop()


def test_a_pin_that_was_brought_back_is_kept_beside_a_newer_result(once):
    once.open_recording("one")
    once.separate(0)
    once.pin(0, "A")
    once.end_and_start_again()
    once.set_alpha(0.5)
    once.separate(0)
    once.be_killed()
    once.end_and_start_again()
    assert once.session.pins["A"].settings.alpha == 0.1


def test_two_pins_of_seeds_that_were_drawn_stay_two(once):
    once.session.set_settings(replace(once.session.settings, seed=None))
    once.open_recording("one")
    for slot in "AB":
        once.separate(0)
        once.pin(0, slot)
    once.separate(0)
    once.end_and_start_again()
    pinned = [once.session.pins[slot].separation for slot in "AB"]
    assert [(each.seconds, each.settings.seed) for each in pinned] == [(1.0, None), (2.0, None)]


def test_what_is_still_to_be_said_is_forgotten_with_the_keeper(qapp, tmp_path):
    walk, said = type("Once", (KeeperWalk,), {"folder": tmp_path})(), []
    walk.begin()
    walk.open_recording("one")
    wait_for(lambda: walk.keeper.path is not None)
    walk.keeper.begun.connect(said.append)
    walk.keeper.start_afresh()
    assert walk.keeper.close(60)
    assert close_runners(walk.owner, 60_000)
    sip.delete(walk.owner)
    for _ in range(2):
        QCoreApplication.processEvents()
    assert said == []


def walk(folder, count, length=25, derandomize=True):
    """Take about `count` steps in walks of `length`."""
    machine = type("KeeperWalk", (KeeperWalk,), {"folder": folder})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=-(-count // length), stateful_step_count=length, derandomize=derandomize, database=None,
            phases=[Phase.generate], deadline=None, suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


@pytest.mark.usefixtures("qapp")
def test_a_walk_through_projects_loses_nothing(tmp_path):
    walk(tmp_path, 250)
