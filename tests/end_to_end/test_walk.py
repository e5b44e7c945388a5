"""A random walk through the window beside a plain model of it; benchmarks/walk.py goes further.

No event is handled between two steps but where a step says so, so that the model knows at each of them what was
asked for, and the window has to cope with answers that come late.
"""

import gc
import sys
import threading
import weakref
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from PyQt5 import sip
from PyQt5.QtCore import QByteArray, QCoreApplication, QEvent, QEventLoop, QObject, QSettings, Qt, QThread, QTimer
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import (
    QAction,
    QApplication,
    QComboBox,
    QDialog,
    QDockWidget,
    QDoubleSpinBox,
    QLineEdit,
    QTableView,
)

from neuropil_gui import SeparationSettings, read, separate_cell
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.engine.project_place import home_of
from neuropil_gui.features.figures.dialog import FigureDialog
from neuropil_gui.formats import registry
from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.ui import dialogs, style
from neuropil_gui.ui.tool_page import ToolPage
from neuropil_gui.window.main_window import MainWindow
from neuropil_gui.window.pages import HOME
from neuropil_gui.window.preferences_dialog import Choices, PreferencesDialog

pytestmark = pytest.mark.any_version

GOOD = ("simulated", "plain", "negative", "two")
BAD = ("missing", "empty", "cut", "words", "folder", "pickle")
PANELS = ("cells", "separation", "mixing", "numbers")
BESIDE_ALL = ("cells", "separation")

VALUES = {
    "method": ["nmf", "ica"],
    "n": [None, 1, 2, 5],
    "alpha": [0.0, 0.1, 1.0, 50.0],
    "seed": [892, 0, 2**32 - 1, None],
    "tol": [1e-4, 1e-2],
    "max_iter": [1, 60, 400],
    "max_tries": [1, 3],
    "start": ["nndsvdar", "nndsvda", "random"],
    "offset": [False, True],
    "pedestal": [0.0, 0.5, 100.0],
}
"""For each setting that has a control; the window chooses the solver itself."""

NEEDS = {
    "open": None, "open_folder": None, "open_asking": None, "preferences": None, "copy_settings": None, "guide": None,
    "about": None, "dark": None, "live": None, "reset": None, "history": None,
    "trust": "recording", "accept": "recording", "reject": "recording", "look_again": "recording", "note": "recording",
    "own_settings": "recording", "report": "recording",
    "export_all": "recording", "previous_cell": "recording", "next_cell": "recording", "separate_all": "recording",
    "reset_layout": "recording", "sweep": "recording", "population": "recording", "field": "recording",
    "save_project": "recording", "save_copy": "recording",
    "run": "cell", "figure": "cell", "copy_figure": "cell", "copy_values": "cell", "copy_script": "cell",
    "show_all": "cell", "zoom_in": "cell", "zoom_out": "cell", "pan_left": "cell", "pan_right": "cell",
    "pin": "result", "swap": "pinned here", "unpin_all": "pinned", "compare": "cell",
    "export": "result", "cancel": "working", "transpose": "turnable",
}  # fmt: skip
"""What each action needs, listed independently of the table of actions."""

HARMLESS = (
    "show_all", "zoom_in", "zoom_out", "pan_left", "pan_right", "copy_settings", "copy_values", "copy_script",
    "copy_figure", "figure", "guide", "keys", "about", "compare", "cell", "detach",
)  # fmt: skip
"""Actions that change nothing the model knows of."""

AFTER = st.sampled_from(["nothing", "nothing", "moment", "settle"])

steps = Counter()
"""How often each rule was taken, over all walks."""

problems: list[str] = []
"""What came to the hooks; by hand, what Qt warned of too."""


def write_files(folder):
    """Write recordings that open, and things that do not."""
    rng = np.random.default_rng(4)
    registry.write_recording(
        folder / "simulated.npz", simulate(Simulation(cells=3, regions=2, frames=150)), provenance={}
    )
    np.save(folder / "plain.npy", rng.gamma(2.0, 1.0, (3, 120)) + 1)
    np.save(folder / "negative.npy", rng.normal(size=(2, 3, 100)) + 1)
    np.save(folder / "two.npy", rng.gamma(2.0, 1.0, (2, 4, 90)) + 1)
    (folder / "empty.npy").write_bytes(b"")
    (folder / "cut.npy").write_bytes((folder / "plain.npy").read_bytes()[:400])
    (folder / "words.csv").write_text("these are, not\nnumbers\n")
    (folder / "folder").mkdir()
    np.save(folder / "pickle.npy", np.array([{}], dtype=object), allow_pickle=True)


def at_first(page):
    """Return which panels a page has at first."""
    return {name: page == HOME or name in BESIDE_ALL for name in PANELS}


SUFFIXES = {"simulated": ".npz", "words": ".csv", "folder": ""}


def wait_for(condition, seconds=60):
    """Let events happen until it is so."""
    loop = QEventLoop()
    check, end = QTimer(), QTimer()
    check.timeout.connect(lambda: condition() and loop.quit())
    end.timeout.connect(lambda: loop.exit(1))
    check.start(2)
    end.start(int(1000 * seconds))
    assert condition() or not loop.exec_(), "waited in vain"


class Oracle:
    """What a separation gives, asked of core without the window."""

    def __init__(self):
        self._recordings, self._answers = {}, {}

    def separate(self, source, turned, index, chosen):
        key = (source, turned, index, chosen)
        if key not in self._answers:
            if (source, turned) not in self._recordings:
                self._recordings[source, turned] = read(source, rows_are_frames=turned)
            try:
                result = separate_cell(self._recordings[source, turned].cells[index], chosen)
                self._answers[key] = result.mixing, result.matched
            except DataError:
                self._answers[key] = None
        return self._answers[key]


oracle = Oracle()


@contextmanager
def only_new_objects():
    """Keep what is there, mostly the libraries, from being collected and listed each time that a window is closed."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


class Walk(RuleBasedStateMachine):
    """The window, and what it should be: plain values that the rules keep up."""

    def __init__(self, folder):
        super().__init__()
        self.folder = folder
        self.window = None
        problems.clear()
        self.hooks = sys.excepthook, threading.excepthook
        sys.excepthook = lambda kind, error, trace: problems.append(f"{kind.__name__}: {error}")
        threading.excepthook = lambda args: problems.append(f"{args.exc_type.__name__}: {args.exc_value}")
        questions = [(dialogs, name) for name in ("ask_file", "ask_folder", "ask_save")]
        self.patches = [
            *(mock.patch.object(owner, name, self.ask) for owner, name in [*questions, (PreferencesDialog, "ask")]),
            mock.patch.object(dialogs, "ask_files", self.ask_several),
            mock.patch.object(dialogs, "ask_choice", lambda *arguments: arguments[-1][0]),
            mock.patch.object(dialogs, "ask_text", self.write_note),
            mock.patch.object(FigureDialog, "ask", self.refuse),  # a Mock would keep the window it was asked for
        ]
        for patch in self.patches:
            patch.start()
        self.answer = None
        self.exports = 0
        self.objects = None
        self.kept = {}
        (folder / "preferences.ini").unlink(missing_ok=True)
        for path in self.project_files():
            path.unlink()

    def project_files(self):
        """Return the files of all projects, with and without a name."""
        return [*self.folder.glob("*.npgui*"), *self.folder.glob("projects/*")]

    def ask(self, *arguments):
        """Stand in for a dialog."""
        return self.answer

    def ask_several(self, *arguments):
        """Stand in for a dialog in which several files can be chosen."""
        return [self.answer] if self.answer else []

    def write_note(self, *arguments):
        """Stand in for the dialog that asks for a note."""
        return "a note"

    def refuse(self, *arguments):
        """Stand in for a dialog that is closed again."""

    @initialize()
    def start(self):
        self.live_at_start, self.restore = True, True
        self.docks = None
        self.open_window()

    # Opening and closing the window

    def open_window(self):
        preferences = Preferences(QSettings(str(self.folder / "preferences.ini"), QSettings.Format.IniFormat))
        self.window = MainWindow(preferences, projects=self.folder / "projects")
        self.session, self.controller = self.window.session, self.window.controller
        self.window.show()
        # Looked up once: looking costs more than all the steps.
        self.actions = {each.objectName(): each for each in self.window.findChildren(QAction)}
        assert set(NEEDS) <= set(self.actions)
        self.common, self.own, self.marks = SeparationSettings(), {}, {}
        self.live = self.live_at_start
        self.loading, self.source, self.index = None, None, 0
        self.asked, self.known, self.batch, self.writing = False, set(), None, None
        self.pinned, self.home = {}, None
        self.page = HOME
        self.session.recording_left.connect(self.on_left)
        self.session.recording_changed.connect(self.on_recording)
        self.window.pages.changed.connect(self.on_page)
        self.window.loader.failed.connect(self.on_load_failed)
        self.controller.batch_ended.connect(self.on_batch_ended)
        self.controller.write_failed.connect(self.on_write_failed)

    def on_recording(self):
        assert self.loading is not None, "a recording that nobody waited for"
        assert self.session.recording.source == self.loading
        self.source, self.loading, self.index = self.loading, None, 0
        self.asked, self.known, self.batch = self.live, set(), None
        recording = self.session.recording
        self.home = home_of(self.window.keeper.folder, recording, self.window.loader.options_of(recording))
        begun = self.common, {}, {}, 0, {}, recording.frame_rate
        self.common, own, marks, self.index, pins, rate = self.kept.get(self.home, begun)
        self.own, self.marks = dict(own), dict(marks)
        pinned = {slot: self.session.pins[slot] for slot in "ABC" if self.session.pins[slot] is not None}
        found = {slot: (pin.index, pin.settings, pin.separation.seconds) for slot, pin in pinned.items()}
        assert found == pins
        assert recording.frame_rate == rate
        self.pinned = {slot: (pin.index, pin.separation) for slot, pin in pinned.items()}
        if not self.docks_shown:
            if self.docks is None or not self.restore:
                self.docks = {HOME: at_first(HOME)}
            self.docks_shown = True
            page, self.page = self.page, HOME
            self.on_page(page)

    def on_left(self):
        """Note what the project of the recording holds from now on."""
        if self.source is not None:
            pins = {slot: (index, made.settings, made.seconds) for slot, (index, made) in self.pinned.items()}
            rate = self.session.recording.frame_rate
            self.kept[self.home] = self.common, dict(self.own), dict(self.marks), self.index, pins, rate

    def on_page(self, name):
        """Each page has its panels, but for those that float."""
        before, self.page = self.page, name
        if self.docks_shown:
            now, ours = self.docks[before], self.docks.get(name, at_first(name))
            self.docks[name] = {each: (now if self.dock(each).isFloating() else ours)[each] for each in PANELS}

    def on_load_failed(self, sentence):
        assert self.loading is not None
        assert self.loading.split("/")[-1].split(".")[0] not in GOOD, sentence
        self.loading = None

    def on_batch_ended(self, whole):
        if whole and self.batch is not None:
            asked = {(index, self.batch.of(index)) for index in range(len(self.session.recording.cells))}
            self.known |= {
                (index, each) for index, each in asked if each.seed is not None and self.expected(index, each)
            }
        self.batch = None

    def on_write_failed(self, sentence):
        self.writing = None

    def close_window(self):
        wait_for(lambda: self.controller.writing is None)  # until then it stays open
        self.on_left()
        self.on_page(HOME)  # whose panels alone are kept
        self.docks = self.docks and {HOME: self.docks[HOME]}
        assert self.window.close()
        assert self.window.threads_ended
        gone = weakref.ref(self.window)
        # By Qt: the collector would empty a model of its attributes while a view that is not yet deleted asks it.
        self.window.deleteLater()
        self.window = None
        del self.session, self.controller, self.actions
        for _ in range(2):  # PyQt lets go of what an action called one round of events after the action is deleted
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            QApplication.processEvents()
        gc.collect()
        assert gone() is None, "the window was kept"
        assert not [each for each in QApplication.topLevelWidgets() if each.isVisible()]
        living = [each for each in gc.get_objects() if isinstance(each, QObject) and not sip.isdeleted(each)]
        assert not [each for each in living if isinstance(each, QThread) and each.isRunning()]
        assert not [each for each in living if isinstance(each, QTimer) and each.isActive()]
        kinds = Counter(type(each).__name__ for each in living if not isinstance(each, QEventLoop))  # ours, to wait
        if self.objects is not None:
            assert not kinds - self.objects, f"left: {kinds - self.objects}"
        self.objects = kinds
        self.docks_shown = False

    docks_shown = False

    def teardown(self):
        try:
            if self.window is not None:
                self.close_window()
        finally:
            for patch in self.patches:
                patch.stop()
            sys.excepthook, threading.excepthook = self.hooks
            if style.current().name != "light":
                style.apply_theme(QApplication.instance(), "light")

    # What the model says

    @property
    def settings(self):
        """The settings of the selected cell: its own, or the recording's."""
        return self.own.get(self.index, self.common)

    @settings.setter
    def settings(self, chosen):
        if self.index in self.own:
            self.own[self.index] = chosen
        else:
            self.common = chosen

    def expected(self, index, chosen):
        """Return what a separation should give, None where it is refused."""
        recording = self.session.recording
        seeded = chosen if chosen.seed is not None else replace(chosen, seed=0)
        return oracle.separate(recording.source, recording.rows_are_frames, index, seeded)

    def action(self, name):
        return self.actions[name]

    def trigger(self, name):
        """Trigger an action; returns whether it could be."""
        enabled = self.action(name).isEnabled()
        self.action(name).trigger()
        return enabled

    def changed(self, chosen):
        """Note that the settings are now these."""
        if chosen != self.settings:
            self.settings, self.asked = chosen, self.live

    def selected(self, index):
        if self.source is not None and 0 <= index < len(self.session.recording.cells) and index != self.index:
            self.index, self.asked = index, self.live

    def go_on(self, after):
        steps[sys._getframe(1).f_code.co_name] += 1
        if after == "moment":
            QApplication.processEvents()
        elif after == "settle":
            self.settle()

    def settle(self):
        """Wait until nothing is on its way, and hold what is shown to what it should be."""
        wait_for(lambda: not self.controller.working and (self.source is None or self.session.cell is not None))
        assert self.loading is None
        if self.source is not None:
            expected = self.expected(self.index, self.settings)
            if self.asked and expected:
                assert self.session.up_to_date, "what was asked for is not shown"
                self.known.add((self.index, self.settings))
            elif expected is None:
                assert not self.session.up_to_date
            if self.settings.seed is not None and (self.index, self.settings) in self.known:
                assert self.session.up_to_date, "what is known is not shown"
            checked = {dock: self.dock(dock).toggleViewAction().isChecked() for dock in PANELS}
            assert checked == self.docks[self.page]
        self.asked = False
        if self.writing is not None:
            assert len(read(self.writing).cells) == 1
            self.writing = None

    @invariant()
    def nothing_went_wrong(self):
        # First of all by its name: where a slot of the model failed, the model is no longer right.
        assert not problems, problems

    @invariant()
    def the_session_is_what_it_should_be(self):
        if self.window is None:
            return
        session = self.session
        assert (session.recording.source if session.recording else None) == self.source
        assert (session.index, session.settings, session.live) == (self.index, self.settings, self.live)
        assert session.own.all == CellSettings(self.common, self.own), (self.common, self.own, session.own.all)
        assert session.marks.all == self.marks, (session.marks.all, self.marks)
        assert self.action("own_settings").isChecked() == (self.index in self.own)
        assert self.window.form.settings() == self.settings
        assert self.action("live").isChecked() == self.live
        assert self.action("dark").isChecked() == (style.current().name == "dark")

    @invariant()
    def what_is_shown_belongs_to_the_cell(self):
        if self.window is None or self.session.result is None:
            return
        result = self.session.result
        mixing, matched = self.expected_of(result)
        np.testing.assert_array_equal(result.mixing, mixing)
        np.testing.assert_array_equal(result.matched, matched)

    def expected_of(self, result):
        recording, chosen = self.session.recording, result.settings
        if chosen.seed is None:
            # The tries count up from a seed that was drawn; what is recorded is that of the last.
            chosen = replace(chosen, seed=result.seed, max_tries=1)
        return oracle.separate(recording.source, recording.rows_are_frames, self.index, chosen)

    @invariant()
    def what_is_shown_is_in_the_log(self):
        if self.window is not None and self.session.result is not None:
            run = self.session.runs.present
            assert run.settings.asks_like(self.session.result.repeatable())
            assert (run.index, run.seconds) == (self.index, self.session.result.seconds)

    @invariant()
    def only_what_can_be_done_is_enabled(self):
        if self.window is None:
            return
        recording = self.session.recording
        has = {
            None: True,
            "recording": self.source is not None,
            "cell": self.session.cell is not None,
            "result": self.session.result is not None and self.session.draft is None,
            "working": self.controller.working,
            "turnable": recording is not None and recording.rows_are_frames is not None,
            "pinned": bool(self.pinned),
            "pinned here": self.session.cell is not None and self.index in [index for index, _ in self.pinned.values()],
        }
        wrong = [name for name, need in NEEDS.items() if self.action(name).isEnabled() != has[need]]
        assert not wrong, (wrong, self.pinned, self.session.pins.all)

    # Steps

    @rule(name=st.sampled_from(GOOD), after=AFTER, by=st.sampled_from(["path", "action"]))
    def open_good(self, name, after, by):
        self.open(self.folder / (name + SUFFIXES.get(name, ".npy")), by)
        self.go_on(after)

    @rule(name=st.sampled_from(BAD), after=AFTER, by=st.sampled_from(["path", "action"]))
    def open_bad(self, name, after, by):
        self.open(self.folder / (name + SUFFIXES.get(name, ".npy")), by)
        self.go_on(after)

    def open(self, path, by):
        self.answer = path
        self.loading = str(path)
        if by == "path":
            self.window.open_path(path)
        else:
            self.trigger("open_folder" if path.is_dir() else "open")
        assert self.action("cancel").isEnabled()

    @rule(which=st.integers(0, 9), after=AFTER)
    def open_recent(self, which, after):
        every = [each for each in self.window.findChildren(QAction) if each.objectName().startswith("recent_")]
        recent = [each for each in every if not each.objectName().endswith(".npgui")]
        if recent:
            chosen = recent[which % len(recent)]
            self.loading = chosen.objectName().removeprefix("recent_")
            chosen.trigger()
        self.go_on(after)

    @rule(after=AFTER)
    def turn(self, after):
        if self.trigger("transpose"):
            self.loading = self.source
        self.go_on(after)

    @rule(change=st.sampled_from([(name, value) for name, values in VALUES.items() for value in values]), after=AFTER)
    def set_setting(self, change, after):
        chosen = replace(self.settings, **dict([change]))
        self.session.set_settings(chosen)
        self.changed(chosen)
        self.go_on(after)

    @rule(value=st.sampled_from(VALUES["alpha"]), after=AFTER)
    def type_alpha(self, value, after):
        box = self.window.findChild(QDoubleSpinBox, "alpha")
        if box.isEnabled():
            box.setValue(value)
            self.changed(replace(self.settings, alpha=value))
        self.go_on(after)

    @rule(value=st.sampled_from(VALUES["method"]), after=AFTER)
    def choose_method(self, value, after):
        box = self.window.findChild(QComboBox, "method")
        box.setCurrentIndex(box.findData(value))
        self.changed(replace(self.settings, method=value))
        self.go_on(after)

    @rule(text=st.sampled_from(["7", "4294967295", "4294967296", "-1", "", "seven"]), after=AFTER)
    def type_seed(self, text, after):
        edit = self.window.findChild(QLineEdit, "seed")
        if edit.isEnabled() and edit.text() != text:
            edit.setText(text)
            if text in ("7", "4294967295"):
                self.changed(replace(self.settings, seed=int(text)))
        self.go_on(after)

    @rule(after=AFTER)
    def reset(self, after):
        self.trigger("reset")
        self.changed(SeparationSettings())
        self.go_on(after)

    @rule(stay=st.booleans(), after=AFTER)
    def undo_and_redo(self, stay, after):
        """Redo is the way back from undo; both are changes like any other."""
        before = self.chosen()
        if self.trigger("undo"):
            undone = self.chosen()
            assert undone != before
            assert self.trigger("redo")
            assert self.chosen() == before
            if stay:
                self.trigger("undo")
                assert self.chosen() == undone
            if self.chosen()[2] != before[2]:
                kept = {slot: pinned for slot, pinned in zip("ABC", self.session.pins.all, strict=True) if pinned}
                self.pinned = {slot: (pinned.index, pinned.separation) for slot, pinned in kept.items()}
            self.marks = dict(self.session.marks.all)
            self.common, self.own = self.session.own.all.common, dict(self.session.own.all.own)
            if undone[0] != before[0]:
                # Also there and back: what was under way for these settings may have been given up.
                self.asked = self.live
        self.go_on(after)

    def chosen(self):
        recording = self.session.recording
        rate = recording.frame_rate if recording else None
        return self.session.settings, rate, self.session.pins.all, self.session.own.all, self.session.marks.all

    @rule(which=st.integers(0, 30), after=AFTER)
    def bring_back(self, which, after):
        self.trigger("history")
        view = self.window.findChild(QTableView, "runs")
        runs = self.session.runs.all()
        assert sorted(run.number for run in self.window.pages.made["history"].view.model.runs) == [
            run.number for run in runs
        ]
        if runs:
            view.setCurrentIndex(view.model().index(which % len(runs), 0))
            run = self.window.pages.made["history"].view.selected()[0]
            QTest.keyClick(view, Qt.Key.Key_Return)
            self.selected(run.index)
            self.changed(replace(run.settings, solver=self.settings.solver))
            self.asked = True
        self.window.pages.made["history"].page.close()
        self.go_on(after)

    @rule(page=st.integers(0, 1), after=AFTER)
    def open_sweep(self, page, after):
        if self.trigger("sweep"):
            self.sweep().view.tabs.setCurrentIndex(page)
        self.go_on(after)

    @rule(after=AFTER)
    def close_sweep(self, after):
        if self.sweep() is not None:
            self.sweep().page.close()
        self.go_on(after)

    @rule(column=st.integers(0, 30), row=st.integers(0, 3), after=AFTER)
    def take_tile(self, column, row, after):
        """Take the settings of a tile, whether it is separated already or not."""
        tool = self.sweep()
        plan = tool.view.plan if tool is not None and tool.page.isVisible() else None
        if plan is not None:
            place = (column % plan.columns, row % plan.rows)
            tool.view.page.chosen.emit(place)
            self.changed(replace(plan.settings_at(*place), solver=self.settings.solver))
        self.go_on(after)

    def sweep(self):
        return self.window.pages.made.get("sweep")

    @rule(index=st.integers(-1, 4), after=AFTER)
    def select(self, index, after):
        self.session.select(index)
        self.selected(index)
        self.go_on(after)

    @rule(name=st.sampled_from(["previous_cell", "next_cell"]), after=AFTER)
    def step_cell(self, name, after):
        if self.trigger(name):
            self.selected(self.index + (1 if name == "next_cell" else -1))
        self.go_on(after)

    @rule(name=st.sampled_from(["accept", "reject", "look_again", "note"]), after=AFTER)
    def mark(self, name, after):
        """Give the selected cell a mark or a note; the same mark again takes it away."""
        if self.trigger(name):
            before = self.marks.get(self.index, Mark())
            verdict = {"accept": "accepted", "reject": "rejected", "look_again": "look again"}.get(name)
            now = Mark(before.verdict, "a note") if verdict is None else replace(before, verdict=verdict)
            now = replace(before, verdict="") if now == before and verdict is not None else now
            self.marks = {index: each for index, each in (self.marks | {self.index: now}).items() if each != Mark()}
        self.go_on(after)

    @rule(after=AFTER)
    def save(self, after):
        """Give the project a name and place; the recording is continued there from now on."""
        self.answer = self.folder / f"named{len(self.project_files())}.npgui"
        if self.trigger("save_project"):
            wait_for(lambda: self.answer.exists())
        self.go_on(after)

    @rule(after=AFTER)
    def keep_own(self, after):
        """Give the selected cell settings of its own, or take them away."""
        if self.trigger("own_settings"):
            before = self.settings
            if self.own.pop(self.index, None) is None:
                self.own[self.index] = self.common
            if self.settings != before:
                self.asked = self.live
        self.go_on(after)

    @rule(after=AFTER)
    def run(self, after):
        if self.trigger("run"):
            self.asked = True
            assert self.action("cancel").isEnabled()
        self.go_on(after)

    @rule(after=AFTER)
    def cancel(self, after):
        if self.trigger("cancel"):
            self.loading = self.writing = None
            self.asked = self.live and self.source is not None and self.session.cell is None
        # A file that is being written is so until the thread says what became of it.
        assert self.controller.working == (self.controller.writing is not None)
        assert self.action("cancel").isEnabled() == self.controller.working
        self.go_on(after)

    @rule(after=AFTER)
    def toggle_live(self, after):
        self.trigger("live")
        self.live = not self.live
        self.asked = self.live or (self.asked and self.session.cell is not None)
        self.go_on(after)

    @rule(after=AFTER)
    def pin(self, after):
        pins, result = self.session.pins, self.session.result
        slot = pins.free if pins.current is None else None
        if self.trigger("pin") and slot is not None:
            self.pinned[slot] = self.index, result
        self.go_on(after)

    @rule(after=AFTER)
    def swap(self, after):
        slot, shown = self.session.pins.swapped, self.session.result
        if self.trigger("swap"):
            _, pinned = self.pinned[slot]
            if shown is not None:
                self.pinned[slot] = self.index, shown
            self.settings = replace(pinned.settings, solver=self.settings.solver)
            assert self.session.result is pinned
        self.go_on(after)

    @rule(after=AFTER)
    def unpin_all(self, after):
        if self.trigger("unpin_all"):
            self.pinned = {}
        self.go_on(after)

    @invariant()
    def pins_stay_as_they_are(self):
        if self.window is not None:
            kept = {slot: self.session.pins[slot] for slot in "ABC" if self.session.pins[slot] is not None}
            assert {slot: (pinned.index, pinned.separation) for slot, pinned in kept.items()} == self.pinned

    @rule(after=AFTER)
    def separate_all(self, after):
        if self.action("separate_all").isEnabled():
            self.batch = CellSettings(self.common, dict(self.own))
            self.trigger("separate_all")
        self.go_on(after)

    @rule(after=AFTER)
    def cancel_batch(self, after):
        self.controller.cancel_batch()
        self.go_on(after)

    @rule(suffix=st.sampled_from([".npz", ".csv", ".mat"]), after=AFTER)
    def export(self, suffix, after):
        self.exports += 1
        self.answer = self.folder / f"out{self.exports % 20}{suffix}"
        self.answer.unlink(missing_ok=True)
        # A file that is being written is not given up for another.
        refused = self.controller.writing is not None
        if self.trigger("export") and not refused:
            self.writing = self.answer if suffix == ".npz" else None
        self.go_on(after)

    @rule(where=st.sampled_from(["all.npz", "all.csv", "no folder/all.npz"]), after=AFTER)
    def export_all(self, where, after):
        self.answer = self.folder / where
        if self.trigger("export_all"):
            self.writing = None
        self.go_on(after)

    @rule(rate=st.sampled_from([None, 1.0, 30.0]), after=AFTER)
    def set_frame_rate(self, rate, after):
        self.session.set_frame_rate(rate)
        assert self.source is None or self.session.recording.frame_rate == rate
        self.go_on(after)

    @rule(after=AFTER)
    def change_theme(self, after):
        dark = style.current().name == "dark"
        self.trigger("dark")
        assert (style.current().name == "dark") is not dark
        self.go_on(after)

    @rule(
        theme=st.sampled_from(["system", "light", "dark"]), live=st.booleans(), threads=st.integers(1, 3),
        restore=st.booleans(), after=AFTER,
    )  # fmt: skip
    def choose_preferences(self, theme, live, threads, restore, after):
        self.answer = Choices(theme, live, threads, restore)
        self.trigger("preferences")
        self.live_at_start, self.restore = live, restore
        self.go_on(after)

    def dock(self, name):
        (found,) = self.window.findChildren(QDockWidget, f"{name}_dock")
        return found

    @rule(name=st.sampled_from(PANELS), what=st.sampled_from(["close", "toggle", "float", "move", "tab"]), after=AFTER)
    def move_panel(self, name, what, after):
        if self.source is not None:
            dock = self.dock(name)
            if what == "close":
                dock.close()
                self.docks[self.page][name] = False
            elif what == "toggle":
                dock.toggleViewAction().trigger()
                self.docks[self.page][name] = not self.docks[self.page][name]
            elif what == "float":
                dock.setFloating(not dock.isFloating())
            elif what == "move":
                self.window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
            else:
                self.window.tabifyDockWidget(self.dock(PANELS[0 if name != "cells" else 1]), dock)
        self.go_on(after)

    @rule(after=AFTER)
    def reset_layout(self, after):
        if self.trigger("reset_layout"):
            self.docks = {self.page: at_first(self.page)}
        self.go_on(after)

    @rule(name=st.sampled_from(HARMLESS), after=AFTER)
    def do_harmless(self, name, after):
        self.trigger(name)
        for box in self.window.findChildren(QDialog):
            box.close()
        self.go_on(after)

    @rule(page=st.integers(0, 3), leave=st.booleans(), after=AFTER)
    def doubt(self, page, leave, after):
        """Open the window on trust, turn to a page of it, and perhaps close it in the middle of its work."""
        if self.trigger("trust"):
            window = self.window.findChild(ToolPage, "trust_window")
            window.view.tabs.setCurrentIndex(page)
            if after != "nothing":
                QApplication.processEvents()
            if leave:
                window.close()
        self.go_on(after)

    @rule(rank=st.integers(0, 2), what=st.sampled_from(["hover", "leave", "keep", "signal"]), after=AFTER)
    def light(self, rank, what, after):
        result = self.session.result
        if result is not None and rank < result.n:
            if what == "keep":
                self.session.highlight.keep_component(rank)
            elif what == "signal":
                self.session.highlight.hover_signal(rank)
            else:
                self.session.highlight.hover_component(rank if what == "hover" else None)
        self.go_on(after)

    @rule(width=st.sampled_from([1280, 1500, 1920]), after=AFTER)
    def resize(self, width, after):
        self.window.resize(width, 9 * width // 16)
        self.go_on(after)

    @rule(after=AFTER)
    def wait(self, after):
        self.settle()
        self.go_on(after)

    @rule(garbage=st.sampled_from([False, False, True]), killed=st.sampled_from([False, False, True]), after=AFTER)
    def reopen(self, garbage, killed, after):
        # Hidden and floating panels are brought back only where the saved arrangement is.
        if killed:
            self.be_killed()
        else:
            self.close_window()
        if garbage:
            kept = QSettings(str(self.folder / "preferences.ini"), QSettings.Format.IniFormat)
            kept.setValue("docks", QByteArray(b"\x00\xff garbage"))
            kept.setValue("geometry", "garbage")
            kept.setValue("recent", 7)
            kept.sync()
            self.docks = None
        self.open_window()
        self.go_on(after)

    def be_killed(self):
        """Close the window, and put back the projects as they were once all was saved: what was done since is lost."""
        self.settle()
        assert self.window.keeper.flush(60)
        self.on_left()
        kept, files = dict(self.kept), self.copied()
        if self.source is not None:
            self.session.marks.restore({0: Mark("rejected", "lost")})
            self.marks = dict(self.session.marks.all)
        self.close_window()
        for path in self.project_files():
            path.unlink()
        for path, content in files.items():
            path.write_bytes(content)
        self.kept = kept

    def copied(self):
        """Return the content of the projects at one moment, which their writer may not change meanwhile."""
        while True:
            paths = [path for path in self.project_files() if path.suffix != ".lock"]
            before = [path.stat().st_mtime_ns for path in paths]
            files = {path: path.read_bytes() for path in paths if not path.name.endswith("-shm")}
            if before == [path.stat().st_mtime_ns for path in paths]:
                return files


def walk(folder, count, length=50, derandomize=True, shrink=False):
    """Take about `count` steps in walks of `length`; a failure is made short only where there is time for it."""
    steps.clear()
    chosen = settings(
        max_examples=1 + -(-count // length),
        stateful_step_count=length + 1,  # the start counts as one
        derandomize=derandomize,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    with only_new_objects():
        run_state_machine_as_test(lambda: Walk(folder), settings=chosen)
    return steps


def test_a_walk_meets_no_surprise(qapp, tmp_path):
    write_files(tmp_path)
    taken = walk(tmp_path, 120, length=60)
    print(sum(taken.values()), "steps:", dict(taken))
    assert sum(taken.values()) >= 120
    assert len(taken) >= 20


def test_what_was_done_is_there_again_after_a_kill_and_under_a_name(qapp, tmp_path):
    write_files(tmp_path)
    with only_new_objects():
        work_and_be_killed(Walk(tmp_path))


def work_and_be_killed(own):
    own.start()
    try:
        own.open_good("two", "settle", "path")
        own.mark("accept", "nothing")
        own.keep_own("nothing")
        own.set_setting(("alpha", 1.0), "settle")
        own.pin("settle")
        own.select(1, "settle")
        own.undo_and_redo(False, "nothing")
        for killed in (True, False):
            own.save("settle")
            own.mark("note", "nothing")
            own.reopen(False, killed, "nothing")
            assert own.source is None
            own.open_good("two", "settle", "path")
            assert own.marks[0] == Mark("accepted")
            assert (own.index, set(own.marks), set(own.own), set(own.pinned)) == (1, {0, 1}, {0}, {"A"})
            own.the_session_is_what_it_should_be()
            own.pins_stay_as_they_are()
    finally:
        own.teardown()
