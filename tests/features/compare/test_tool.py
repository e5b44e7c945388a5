"""CompareTool: it asks for the candidates of the selected cell, and shows those that are switched on."""

from unittest.mock import MagicMock

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QLabel

from neuropil_gui.core.analysis.candidates import Candidate
from neuropil_gui.core.analysis.plug_ins import PlugIn
from neuropil_gui.core.analysis.rival import Rival, RivalParameter
from neuropil_gui.core.analysis.rivals import RIVALS
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.runner import UnexpectedError
from neuropil_gui.features.compare.tool import CompareTool
from neuropil_gui.state.session import Session
from neuropil_gui.ui.widgets.decimal_box import DecimalBox

SLOW = {"regression", "robust", "cross_validation"}
CANDIDATES = {"present", "raw", "fixed", "truth"} | SLOW


@pytest.fixture
def session(session_of, cell, separation_of):
    session = session_of(cell)
    session.store(separation_of(cell), {})
    return session


@pytest.fixture
def make(runners, parent):
    """Make a tool whose page counts as visible."""

    def make(session):
        tool = CompareTool(session, MagicMock(spec=Controller), parent)
        tool.page.shown.emit()
        return tool

    return make


@pytest.fixture
def tool(make, session):
    return make(session)


@pytest.fixture
def separating(tool, runners):
    """Return the runner of the tool's second thread."""
    other, _ = (each for each in runners if each is not tool.runner)
    return other


def answer_all(tool, frames=120):
    """Answer the questions about candidates and differences until there are no more."""
    while tool.runner.busy:
        key, made_of = tool.runner.question
        level = float(len(tool.runner.asked))
        separation = made_of if key in ("present", "A", "nmf", "ica") else None
        is_candidate = not isinstance(made_of, tuple)
        tool.runner.answer(Candidate(np.full(frames, level), "made", "", level, {}, separation) if is_candidate else "")


def keys(runner):
    return [key for key, _ in runner.asked]


def drawn(tool):
    return {each.key for each in tool.view.drawn}


def pair(tool):
    return tool.view.reference.currentData(), tool.view.compared.currentData()


def test_without_a_cell_nothing_is_asked(make):
    tool = make(Session())
    assert (tool.runner.asked, tool.busy, tool.figure()) == ([], False, None)


def test_candidates_are_asked_one_by_one_and_the_slowest_come_last(tool):
    assert keys(tool.runner) == ["present"]
    assert tool.busy
    answer_all(tool)
    order = [key for key in keys(tool.runner) if key in CANDIDATES]
    assert sorted(order) == sorted(CANDIDATES)
    assert set(order[-3:]) == SLOW
    assert not tool.busy


def test_the_candidates_that_are_switched_on_are_drawn(tool):
    assert tool.figure() is None
    answer_all(tool)
    assert drawn(tool) == {"present", "fixed", "truth"}
    assert callable(tool.figure())
    tool.view.list.switched.emit("raw", True)
    tool.view.list.switched.emit("truth", False)
    assert drawn(tool) == {"present", "fixed", "raw"}


def test_a_cell_without_regions_has_nothing_to_subtract(make, session_of, cell):
    tool = make(session_of(Cell("cell 1", cell.traces[:1], ("ROI",))))
    answer_all(tool)
    assert keys(tool.runner) == ["raw"]
    assert tool.view.list.how("fixed") == "there is no neuropil region to subtract"


def test_moving_the_factor_asks_and_switches_on(tool):
    answer_all(tool)
    tool.view.list.switched.emit("fixed", False)
    asked = len(tool.runner.asked)
    tool.view.list.factor.setValue(30)
    assert tool.runner.asked[asked:] == [("fixed", 0.3)]
    assert tool.view.list.word("fixed").isChecked()


def test_a_rival_is_separated_once_it_is_switched_on(tool, separating, session):
    assert separating.asked == []
    tool.view.list.switched.emit("ica", True)
    key, settings = separating.question
    assert (key, settings.method, settings.seed) == ("ica", "ica", session.settings.seed)
    assert tool.view.list.how("ica") == "separating…"


def test_a_refused_rival_shows_why(tool, separating):
    tool.view.list.switched.emit("ica", True)
    separating.fail(DataError("ICA needs more frames."))
    assert tool.view.list.how("ica") == "ICA needs more frames."
    assert not separating.busy


def test_a_rival_that_was_separated_can_be_made_current(tool, separating, session, cell, separation_of):
    answer_all(tool)
    tool.view.list.switched.emit("ica", True)
    rival = separation_of(cell, method="ica")
    separating.answer((rival, {}, None))
    answer_all(tool)
    tool.view.pair_chosen.emit("present", "ica")
    assert tool.view.current.isEnabled()
    tool.view.current_clicked.emit()
    assert session.result is rival
    assert session.settings.method == "ica"


def test_a_pinned_result_is_compared(tool, session, cell, separation_of):
    answer_all(tool)
    pinned = session.result
    tool.view.list.pin_clicked.emit("A")
    session.store(separation_of(cell), {})
    answer_all(tool)
    assert ("A", pinned) in tool.runner.asked
    assert pair(tool) == ("present", "A")
    tool.view.list.unpin_clicked.emit("A")
    assert "A" not in drawn(tool)
    assert pair(tool) == ("present", "fixed")


def test_choosing_the_same_key_twice_swaps_the_pair(tool):
    answer_all(tool)
    assert pair(tool) == ("present", "fixed")
    tool.view.pair_chosen.emit("fixed", "fixed")
    assert pair(tool) == ("fixed", "present")


def test_after_an_unexpected_error_nothing_more_is_asked_of_that_cell(tool, session, cell):
    tool.runner.fail(UnexpectedError("It ended in an unexpected error."))
    tool.view.list.switched.emit("raw", True)
    assert keys(tool.runner) == ["present"]
    assert tool.view.list.how("present") == "It ended in an unexpected error."
    session.set_cell(Cell("cell 2", cell.traces, cell.signal_names))
    assert keys(tool.runner) == ["present", "present"]


def test_a_hidden_page_forgets_what_was_drawn(tool):
    answer_all(tool)
    tool.page.hidden.emit()
    assert drawn(tool) == set()
    assert tool.board.answer("present") is None
    assert tool.figure() is None


def plug_in(name="mine", problem=""):
    parameters = (RivalParameter("part", "part", 0.5, 0.0, 2.0, "How much"),)
    rival = Rival(name, "Mine", "Me 2026", "Nothing.", "Never <b>.", None, parameters, "my-package 1.0")
    return PlugIn(name, "my-package 1.0", None if problem else rival, problem)


@pytest.fixture
def plugging(tool, runners):
    """Return the runner of the tool's third thread, that of plug-ins."""
    _, other = (each for each in runners if each is not tool.runner)
    return other


def test_an_own_rival_is_made_once_it_is_switched_on_and_again_for_other_parameters(tool, separating):
    rows = tool.view.list
    assert rows.how("tuncat") == "switch it on to make it"
    rows.switched.emit("tuncat", True)
    key, asked = separating.question
    assert (key, asked.rival, dict(asked.values)) == ("tuncat", RIVALS["tuncat"], {"alpha": 1.0, "background": 1.0})
    assert rows.how("tuncat") == "on its way…"
    answer_all(tool)
    separating.answer(Candidate(np.full(120, 0.5), "alpha 1", "", 0.5, {}))
    assert "tuncat" in drawn(tool)
    assert rows.how("tuncat").startswith("alpha 1 · moved")
    rows.findChild(DecimalBox, "compare_tuncat_alpha").setValue(0.25)
    assert dict(separating.question[1].values) == {"alpha": 0.25, "background": 1.0}
    assert "tuncat" in drawn(tool)
    rows.switched.emit("tuncat", False)
    assert not separating.busy
    assert "tuncat" not in drawn(tool)


def test_plug_ins_are_looked_for_once_and_get_rows(tool, plugging, session):
    assert plugging.asked == [None]
    rows = tool.view.list
    plugging.answer((plug_in("broken", "The plug-in broken cannot be imported."), plug_in()))
    answer_all(tool)
    assert rows.how("broken") == "The plug-in broken cannot be imported."
    assert not rows.word("broken").isEnabled()
    assert (rows.word("mine").text(), rows.how("mine")) == ("Mine", "switch it on to make it")
    assert "Never &lt;b&gt;." in rows.word("mine").toolTip()
    assert "my-package 1.0" in rows.word("mine").toolTip()
    rows.switched.emit("mine", True)
    key, asked = plugging.question
    assert (key, dict(asked.values)) == ("mine", {"part": 0.5})
    plugging.answer(Candidate(np.ones(120), "part 0.5", "k < 1", 1.0, {}))
    assert "mine" in drawn(tool)
    assert "k &lt; 1" in rows.word("mine").toolTip()
    tool.view.pair_chosen.emit("present", "mine")
    answer_all(tool)
    assert pair(tool) == ("present", "mine")
    assert callable(tool.figure())
    session.frame_rate_changed.emit()
    assert len(plugging.asked) == 2


def test_a_plug_in_that_fails_shows_why_and_nothing_else_stops(tool, plugging, separating):
    plugging.answer((plug_in(), plug_in("other")))
    for key in ("mine", "other"):
        tool.view.list.switched.emit(key, True)
    sentence = "The plug-in mine of my-package 1.0 returned <b>no</b> array."
    plugging.fail(DataError(sentence))
    assert tool.view.list.how("mine") == sentence
    assert tool.view.list.findChild(QLabel, "compare_how_mine").textFormat() == Qt.TextFormat.PlainText
    assert plugging.question[0] == "other"
    answer_all(tool)
    assert "present" in drawn(tool)
