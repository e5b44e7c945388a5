"""The presenter with fake views: which view is drawn at which signal, and that one view's error is its own."""

from unittest.mock import MagicMock

import pytest
from PyQt5.QtCore import QObject, pyqtSignal

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.cell_delta_f import cell_delta_f
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.background import Background
from neuropil_gui.panels.cells.cell_list import CellList
from neuropil_gui.panels.convergence_plot import ConvergencePlot
from neuropil_gui.panels.mixing_plot import MixingPlot
from neuropil_gui.panels.numbers_table import NumbersTable
from neuropil_gui.panels.settings.settings_form import SettingsForm
from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.state.session import Session
from neuropil_gui.window.presenter import Presenter

VIEWS = {
    "cells": CellList, "form": SettingsForm, "traces": TraceView, "mixing": MixingPlot,
    "convergence": ConvergencePlot, "numbers": NumbersTable,
}  # fmt: skip

FIRST_CALL = {
    "traces": "show_result", "mixing": "show_result", "convergence": "show_history", "numbers": "show_numbers",
    "form": "show_auto_n",
}  # fmt: skip
"""By the view, the first of its methods that a result calls."""

NAMES = {
    "traces": "traces", "mixing": "mixing matrix", "convergence": "convergence plot", "numbers": "numbers",
    "form": "settings",
}  # fmt: skip


class Signals(QObject):
    """The signals that the presenter takes from the controller and the views."""

    batch_ended = pyqtSignal(bool)
    separation_failed = pyqtSignal(str)
    cancelled = pyqtSignal()
    iteration_chosen = pyqtSignal(object)


class Shown:
    """A session, a presenter and its fake views."""

    def __init__(self, cell):
        self.session, self.signals = Session(), Signals()
        self.controller = MagicMock(separating=False)
        for name in ("batch_ended", "separation_failed", "cancelled"):
            setattr(self.controller, name, getattr(self.signals, name))
        self.views = {name: MagicMock(spec=view) for name, view in VIEWS.items()}
        self.views["traces"].matched = MagicMock()
        self.views["convergence"].iteration_chosen = self.signals.iteration_chosen
        self.presenter = Presenter(
            session=self.session, controller=self.controller, background=MagicMock(spec=Background), **self.views
        )
        self.session.set_recording(Recording("one", None, 20.0, [cell]))
        self.session.set_cell(cell)
        self.result = separate_cell(cell, self.session.settings)
        self.forget()

    def forget(self):
        for view in self.views.values():
            view.reset_mock()

    def drawn(self):
        """The names of the views that were called."""
        return {name for name, view in self.views.items() if view.method_calls}


@pytest.fixture
def shown(qapp, cell):
    return Shown(cell)


def test_a_result_is_drawn_in_each_view(shown):
    shown.session.store(shown.result, ())
    assert shown.drawn() == set(VIEWS)
    cell = shown.session.cell
    shown.views["traces"].show_result.assert_called_once_with(cell, shown.result, True)
    shown.views["mixing"].show_result.assert_called_once_with(cell, shown.result, True)
    shown.views["convergence"].show_history.assert_called_once_with(None, True)
    shown.views["numbers"].show_notes.assert_called_once_with(shown.result.warnings)
    shown.views["form"].show_auto_n.assert_called_once_with(shown.result.n)
    shown.views["form"].show_seed_used.assert_called_once_with(None)


def test_while_delta_f_is_shown_a_note_says_what_it_is_divided_by(shown):
    session = shown.session
    session.store(shown.result, ())

    def note():
        return [each for each in shown.views["numbers"].show_notes.call_args.args[0] if each.text.startswith("ΔF/F")]

    for divisor, words in (("raw", "about half of the true one"), ("subtraction", "0.7 of the neuropil")):
        baseline = BaselineSettings(divisor=divisor)
        session.set_baseline(baseline)
        question = session.delta_f.question
        session.store_delta_f(question, cell_delta_f(session.cell, shown.result, baseline, 20.0))
        assert [each.level for each in note()] == ["info"]
        assert words in note()[0].text
    session.set_baseline(None)
    assert note() == []


@pytest.mark.parametrize("broken", FIRST_CALL)
def test_a_view_that_raises_is_reported_by_name_and_the_others_are_drawn(shown, qtbot, broken):
    getattr(shown.views[broken], FIRST_CALL[broken]).side_effect = RuntimeError("no image")
    with qtbot.captureExceptions() as errors:
        shown.session.store(shown.result, ())
    assert {error.__notes__[0] for _, error, _ in errors} == {f"The {NAMES[broken]} could not be drawn."}
    for name, method in FIRST_CALL.items():
        getattr(shown.views[name], method).assert_called()
    assert shown.views["cells"].show_summary.call_count == 1


def test_a_list_of_cells_that_raises_leaves_the_plots(shown, qtbot, cell):
    shown.views["cells"].show_recording.side_effect = RuntimeError("no rows")
    with qtbot.captureExceptions() as errors:
        shown.session.set_recording(Recording("two", None, None, [cell]))
        shown.session.set_cell(cell)
    assert [error.__notes__ for _, error, _ in errors] == [["The list of cells could not be drawn."]]
    shown.views["traces"].show_cell.assert_called_with(cell, None)


def test_a_draft_is_drawn_first_in_the_traces_and_then_in_the_other_views(shown, qtbot):
    shown.session.show_draft(shown.result)
    assert shown.drawn() == {"traces"}
    shown.views["mixing"].show_result.side_effect = RuntimeError("no image")
    with qtbot.captureExceptions() as errors:
        qtbot.waitUntil(lambda: bool(errors) and shown.views["traces"].show_result.called)
    shown.views["mixing"].show_result.side_effect = None
    shown.forget()
    shown.session.drop_draft()
    assert shown.drawn() == {"traces", "mixing"}


def test_an_iteration_of_the_past_is_drawn_in_the_traces_the_matrix_and_the_numbers(shown):
    history = MagicMock()
    history.at.return_value = shown.result
    shown.session.store(shown.result, (), history)
    shown.forget()
    shown.signals.iteration_chosen.emit(4)
    history.at.assert_called_once_with(4, shown.result)
    assert shown.drawn() == {"traces", "mixing", "numbers"}
    shown.views["traces"].show_state.assert_called_once_with(
        shown.result.separated, shown.result.matched, f"iteration {shown.result.iterations:,}"
    )
    shown.forget()
    shown.signals.iteration_chosen.emit(None)
    shown.views["traces"].show_state.assert_called_once_with(None)


def test_other_settings_grey_what_is_drawn(shown):
    shown.session.store(shown.result, ())
    shown.forget()
    settings = SeparationSettings(alpha=3.0)
    shown.session.set_settings(settings)
    shown.views["form"].show_settings.assert_called_once_with(settings)
    assert shown.views["traces"].show_result.call_args.args[2] is False
    assert shown.views["mixing"].show_result.call_args.args[2] is False
    shown.forget()
    shown.controller.separating = True
    shown.session.set_settings(SeparationSettings(alpha=4.0))
    assert shown.views["mixing"].show_result.call_args.args[2] is True


def test_what_failed_or_was_cancelled_leaves_the_last_result(shown):
    shown.session.store(shown.result, ())
    for emit in (lambda: shown.signals.separation_failed.emit("No."), shown.signals.cancelled.emit):
        shown.forget()
        emit()
        assert shown.drawn() == {"traces", "mixing", "convergence"}


def test_the_highlight_and_the_end_of_a_batch(shown):
    shown.session.highlight.hover_component(1)
    for name in ("traces", "mixing", "numbers"):
        shown.views[name].show_highlight.assert_called_once_with(1, None)
    shown.session.highlight.hover_cell(1)
    shown.views["cells"].show_hovered.assert_called_once_with(1)
    shown.signals.batch_ended.emit(True)
    shown.views["cells"].show_batch.assert_called_once_with(0, None)


def test_the_frame_rate_and_a_cell_without_signals(shown):
    shown.session.set_frame_rate(5.0)
    shown.views["cells"].show_frame_rate.assert_called_once_with(5.0)
    shown.views["traces"].show_cell.assert_called_once_with(shown.session.cell, 5.0)
    shown.session.clear_cell()
    shown.views["form"].set_signal_count.assert_called_with(None)
    shown.views["form"].set_least_value.assert_called_with(None)
