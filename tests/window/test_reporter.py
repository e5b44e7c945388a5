from dataclasses import replace
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pytest
from PyQt5.QtCore import QObject, pyqtSignal

from neuropil_gui.core.draft import separate_draft
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.engine import live
from neuropil_gui.engine.loader import Loader
from neuropil_gui.panels.convergence_plot import ConvergencePlot
from neuropil_gui.panels.run_bar import RunBar
from neuropil_gui.state.session import Session
from neuropil_gui.ui.message_bar import MessageBar
from neuropil_gui.window.reporter import Reporter, Status, status

EXACT = SeparationSettings()
FAST = replace(EXACT, solver="accelerated")


@pytest.fixture(scope="module")
def cell():
    return simulate(Simulation(frames=400, seed=2)).cells[0]


@pytest.fixture
def session(qapp, cell):
    session = Session()
    session.set_recording(Recording("one cell", None, None, [cell]))
    session.set_cell(cell)
    return session


def test_a_result_of_the_file_says_so_until_it_is_made_here(session, cell):
    made = separate_cell(cell, session.settings)
    session.store(replace(made, origin="out.npz", converged=False, seconds=0.0), {})
    shown = status(session)
    assert shown.state == "from file"
    assert shown.text == f"out.npz: FISSA's NMF did not converge within {made.iterations:,} iterations"
    session.store(made, {})
    assert status(session).state == "exact"


def test_nothing_is_separated_yet(session):
    assert status(session) == Status("idle")


def test_a_fast_result_says_whether_it_is_checked(session, cell):
    session.store(separate_cell(cell, FAST), {})
    assert status(session).state == "converged"
    assert status(session).text.endswith("· not checked against FISSA")
    assert status(session, checking=True).text.endswith("· being checked against FISSA")


def test_both_solvers_agree(session, cell):
    session.store(separate_cell(cell, FAST), {})
    session.store(separate_cell(cell, EXACT), {})
    found = status(session)
    assert (found.state, found.rival) == ("exact", "")
    assert found.text.endswith("same as the accelerated solver's: r = 1.0000")
    session.show_rival()
    assert status(session).state == "converged"
    assert status(session).text.endswith("same as FISSA's: r = 1.0000")


def test_remarks_go_to_the_badge_and_nothing_is_called_the_same_where_all_is_empty(session, cell):
    settings = replace(EXACT, alpha=1e6)
    session.set_settings(settings)
    for solver in ("accelerated", "fissa"):
        session.store(separate_cell(cell, replace(settings, solver=solver)), {})
    shown = status(session)
    assert shown.remarks == session.result.warnings
    assert [remark.level for remark in shown.remarks] == ["error"]
    assert shown.text.endswith("· empty, as the accelerated solver's")
    assert "r = " not in shown.text


def test_another_result_is_reported_with_both_objectives(session, cell):
    fast, exact = separate_cell(cell, FAST), separate_cell(cell, EXACT)
    # As if it had ended elsewhere.
    other = np.random.default_rng(1).random(fast.matched.shape)
    session.store(replace(fast, matched=other, objective=123.456), {})
    session.store(exact, {})
    found = status(session)
    assert (found.state, found.rival) == ("exact", "Show the other")
    assert "other than the accelerated solver's: r = " in found.text
    assert "minimum" not in found.text
    assert f"objective {exact.objective:.6g} against 123.456" in found.text
    session.show_rival()
    assert status(session).rival == "Show FISSA's"


def test_the_same_traces_with_objectives_that_are_apart_show_both(session, cell):
    exact = separate_cell(cell, EXACT)
    session.store(replace(exact, settings=FAST, objective=1.001 * exact.objective), {})
    session.store(exact, {})
    found = status(session).text
    assert found.endswith(f", but objective {exact.objective:.6g} against {1.001 * exact.objective:.6g}")
    assert "same as the accelerated solver's: r = 1.0000" in found


@pytest.mark.parametrize("converged", [True, False])
def test_what_running_on_gives_tells_a_solver_that_stopped_from_another_minimum(session, cell, converged):
    fast, exact = separate_cell(cell, FAST), separate_cell(cell, EXACT)
    stopped = replace(exact, matched=exact.matched[::-1].copy(), objective=123.456, converged=converged)
    session.store(fast, {})
    session.store(stopped, {})
    assert ("at its limit of" in status(session).text) is not converged
    session.solver_check.store_ran_on(stopped, replace(exact, objective=99.5))
    found = status(session)
    where = "at its tolerance" if converged else f"at its limit of {exact.iterations:,} iterations"
    assert found.text.endswith(f"FISSA's stopped {where}, and is the same when run on, at 99.5")
    assert f"objective 123.456 against {fast.objective:.6g}" in found.text
    assert found.rival == "Show the other"
    session.solver_check.store_ran_on(stopped, replace(stopped, objective=120.5))
    assert "another minimum than the accelerated solver's" in status(session).text
    assert status(session).text.endswith("FISSA's run on ends at 120.5")
    session.show_rival()
    assert "another minimum than FISSA's" in status(session).text


def test_changed_settings_and_no_convergence(session, cell):
    session.store(separate_cell(cell, EXACT), {})
    session.set_settings(replace(EXACT, alpha=0.3))
    assert status(session).state == "out of date"
    short = replace(EXACT, alpha=0.3, max_iter=3, tol=0.0)
    session.set_settings(short)
    session.store(separate_cell(cell, short), {})
    assert status(session).state == "not converged"
    assert "did not converge within 3 iterations" in status(session).text


def test_a_draft_says_what_it_is_and_what_follows(session, cell, monkeypatch):
    near = separate_cell(cell, FAST)
    session.store(near, {})
    moved = replace(EXACT, alpha=0.2)
    session.set_settings(moved)
    session.show_draft(separate_draft(cell, replace(FAST, alpha=0.2), near))
    assert status(session) == Status("draft", "the result follows")
    session.show_draft(separate_draft(cell, replace(FAST, alpha=0.2)))
    assert status(session).text == "20 frames averaged to a value; the result follows"
    monkeypatch.setattr(live, "DRAFT_ONLY_VALUES", 100)
    assert status(session).text.endswith("press Run")


def test_ica_is_exact_and_says_its_random_seed(session, cell):
    settings = SeparationSettings(method="ica", seed=None)
    session.set_settings(settings)
    result = separate_cell(cell, settings)
    session.store(result, {})
    assert status(session).state == ("exact" if result.converged else "not converged")
    assert status(session).text.endswith(f", seed {result.seed}")


# The reporter with fakes of the bars


class Signals(QObject):
    """The signals that the reporter takes from the loader, the controller and the bars."""

    started = pyqtSignal(object)
    reported = pyqtSignal(object, float)
    failed = pyqtSignal(str)
    ended = pyqtSignal()
    checking_changed = pyqtSignal()
    separation_started = pyqtSignal(object)
    separation_failed = pyqtSignal(str)
    cancelled = pyqtSignal()
    written = pyqtSignal(object, object)
    write_reported = pyqtSignal(object)
    write_failed = pyqtSignal(str)
    write_cancelled = pyqtSignal(object)
    action_triggered = pyqtSignal()


class Reported:
    def __init__(self, session):
        self.session, self.signals = session, Signals()
        self.loader, self.controller = MagicMock(spec=Loader), MagicMock(separating=False, checking=False, writing=None)
        for name in vars(Signals):
            if isinstance(getattr(Signals, name), pyqtSignal):
                for source in (self.loader, self.controller):
                    if hasattr(source, name):
                        setattr(source, name, getattr(self.signals, name))
        self.bar, self.messages = MagicMock(spec=RunBar), MagicMock(spec=MessageBar)
        self.refusal = MagicMock(spec=MessageBar, action_triggered=self.signals.action_triggered)
        self.convergence = MagicMock(spec=ConvergencePlot, chosen=None)
        self.reporter = Reporter(
            session=session, loader=self.loader, controller=self.controller, convergence=self.convergence,
            run_bar=self.bar,
            messages=self.messages, refusal=self.refusal,
        )  # fmt: skip


@pytest.fixture
def reported(session):
    return Reported(session)


def test_reading_and_writing_are_counted(reported):
    reported.signals.started.emit(Path("a.npy"))
    reported.bar.show_busy.assert_called_once_with("Reading a.npy")
    reported.signals.reported.emit(Path("a.npy"), 0.256)
    reported.bar.show_count.assert_called_once_with("Reading a.npy, 26 %", 26, 100)
    reported.signals.write_reported.emit((1, 4))
    reported.bar.show_count.assert_called_with("Writing cell 2 of 4", 1, 4)


def test_what_was_written_and_what_is_missing_is_a_message(reported):
    reported.signals.written.emit(Path("out.npz"), [])
    reported.messages.show_message.assert_called_with("Written: out.npz", "info")
    reported.signals.written.emit(Path("out.npz"), ["cell 2", "cell 3"])
    reported.messages.show_message.assert_called_with("Written: out.npz, without cell 2; cell 3", "warning")


def test_a_file_that_is_cancelled_is_being_stopped_until_its_end_is_known(reported):
    reported.controller.writing = Path("out.npz")
    reported.signals.cancelled.emit()
    reported.bar.show_busy.assert_called_once_with("Stopping to write out.npz")
    reported.controller.writing = None
    reported.signals.write_cancelled.emit(Path("out.npz"))
    reported.bar.set_state.assert_called_with("cancelled", "Cancelled; there is no result")
    sentence = "out.npz was not written: cancelled. What was there before stays."
    reported.messages.show_message.assert_called_with(sentence, "info")


def test_after_a_refusal_to_write_the_bar_counts_no_more(reported):
    reported.signals.write_reported.emit((1, 4))
    reported.signals.write_failed.emit("no space left.")
    reported.bar.set_state.assert_called_with(*Status("idle"))


def test_a_cell_without_neuropil_has_not_failed(reported, session):
    cell = Cell.from_traces(np.random.default_rng(0).normal(size=(1, 90)))
    session.set_recording(Recording("alone", None, None, [cell], rows_are_frames=False))
    session.set_cell(cell)
    reported.signals.separation_failed.emit("There is no neuropil.")
    reported.refusal.show_message.assert_called_once_with("There is no neuropil.", "info", None)
    state = Status("idle", "This cell has no neuropil, and can only be looked at")
    reported.bar.set_state.assert_called_with(*state)
    reported.signals.written.emit(Path("out.npz"), [])
    reported.bar.set_state.assert_called_with(*state)


@pytest.mark.parametrize("name", ["failed", "write_failed"])
def test_errors_of_files_are_messages(reported, name):
    getattr(reported.signals, name).emit("a.npy is damaged.")
    reported.messages.show_message.assert_called_with("a.npy is damaged.", "error")


def test_warnings_of_a_recording_offer_to_transpose_it(reported, cell):
    recording = Recording("two", None, None, [cell], warnings=("More signals than frames.",), rows_are_frames=False)
    reported.session.set_recording(recording)
    reported.messages.show_message.assert_called_once_with("More signals than frames.", "warning", "Transpose")
    reported.reporter.show_answers("Read as before.")
    reported.messages.show_message.assert_called_with(
        "More signals than frames. Read as before.", "warning", "Transpose"
    )


def test_a_refusal_goes_with_the_next_result_and_has_a_remedy(reported, cell):
    reported.session.set_settings(replace(EXACT, n=len(cell.traces) + 1))
    reported.signals.separation_failed.emit("n is too large.")
    reported.refusal.show_message.assert_called_once_with("n is too large.", "error", "Let n be auto")
    reported.bar.set_state.assert_called_with("failed", "This cell could not be separated")
    reported.signals.action_triggered.emit()
    assert reported.session.settings == EXACT
    reported.refusal.hide_message.reset_mock()
    reported.session.store(separate_cell(cell, EXACT), ())
    reported.refusal.hide_message.assert_called_once_with()


def test_more_signals_than_frames_are_transposed_by_the_remedy(reported):
    cell = Cell.from_traces(np.ones((5, 3)), name="cell")
    reported.session.set_recording(Recording("two", None, None, [cell], rows_are_frames=False))
    reported.session.set_cell(cell)
    reported.signals.separation_failed.emit("No.")
    assert reported.refusal.show_message.call_args.args[2] == "Transpose"
    reported.signals.action_triggered.emit()
    reported.loader.transpose.assert_called_once_with()


def test_cancelling_says_what_stays(reported, cell):
    reported.signals.cancelled.emit()
    reported.bar.set_state.assert_called_with("cancelled", "Cancelled; there is no result")
    reported.session.store(separate_cell(cell, EXACT), ())
    reported.signals.cancelled.emit()
    reported.bar.set_state.assert_called_with("cancelled", "Cancelled; the last result stays")
    reported.session.set_settings(replace(EXACT, alpha=0.3))
    reported.signals.cancelled.emit()
    assert reported.bar.set_state.call_args.args[0] == "out of date"


def test_a_run_is_shown_at_once_and_one_that_follows_the_settings_after_a_while(reported, qtbot, cell):
    reported.controller.separating = True
    reported.signals.separation_started.emit(None)
    reported.bar.show_busy.assert_called_once_with("Separating")
    reported.convergence.start.assert_called_once_with(EXACT)
    reported.bar.show_busy.reset_mock()
    question = MagicMock(spec=live.SeparationQuestion, stage=live.Stage.DRAFT)
    reported.signals.separation_started.emit(question)
    reported.bar.show_busy.assert_not_called()
    qtbot.waitUntil(lambda: reported.bar.show_busy.called)


def test_missing_values_are_left_out_by_the_remedy(reported, cell):
    traces = cell.traces.copy()
    traces[1, 30:40] = np.nan
    reported.session.set_recording(Recording("gaps", None, None, [replace(cell, traces=traces)]))
    reported.session.set_cell(reported.session.recording.cells[0])
    reported.signals.separation_failed.emit("10 values are NaN.")
    assert reported.refusal.show_message.call_args.args == ("10 values are NaN.", "error", "Leave these frames out")
    reported.signals.action_triggered.emit()
    assert reported.session.settings == replace(EXACT, drop_nan=True)
