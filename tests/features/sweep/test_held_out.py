"""Held-out blocks on the Sweep page: what is asked for, drawn, read, clicked, cancelled and written."""

from dataclasses import replace
from unittest.mock import MagicMock

import numpy as np
import pytest
from PyQt5.QtCore import QEvent, QObject, QPointF, Qt, pyqtSignal
from PyQt5.QtWidgets import QApplication, QLabel

from neuropil_gui.core.analysis.bi_cross_validation import ALPHAS, HeldOut, bi_cross_validation, in_words
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.features.sweep import jobs, words
from neuropil_gui.features.sweep.held_out_page import LIMITS
from neuropil_gui.features.sweep.held_out_part import NOT_NMF, TOO_FEW
from neuropil_gui.features.sweep.tool import SweepTool
from neuropil_gui.features.sweep.view import HELD_OUT_IDLE
from neuropil_gui.ui import dialogs

pytestmark = pytest.mark.any_version

RNG = np.random.default_rng(2)


class FakeEngine(QObject):
    work_changed = pyqtSignal()
    separating = False
    export_table = MagicMock()


@pytest.fixture
def session(session_of, cell):
    return session_of(cell)


@pytest.fixture
def tool(session, runners, parent, light_application):
    """The tool of a cell of four signals, its page on held-out blocks on screen."""
    made = SweepTool(session, FakeEngine(parent), parent)
    made.engine = made._engine
    made.view.tabs.setCurrentWidget(made.view.held_out)
    made.page.setParent(parent)
    parent.resize(900, 640)
    made.page.resize(900, 640)
    parent.show()
    made.page.show()
    return made


def curve(name, values, best, remarks=()):
    """Return errors of which one value's is least, by far more than chance."""
    errors = 0.5 + np.abs(np.arange(len(values)) - best)[:, np.newaxis] * 0.1 + 0.01 * RNG.random((len(values), 12))
    return HeldOut(name, values, errors, SeparationSettings(), 4, 3, remarks)


N, ALPHA = curve("n", (1, 2, 3), 1, ("There are 4 signals.",)), curve("alpha", ALPHAS, 2)


def fill(tool):
    for found in (N, ALPHA):
        tool.runner.reported.emit(tool.runner.question, found)
    tool.runner.answer(None)


def test_both_curves_are_asked_for_and_drawn_as_they_come(tool, cell):
    page, row = tool.view.held_out, tool.view
    assert len(cell.traces) == 4
    assert tool.runner.question is tool.held_out.question
    assert (row.count.text(), tool.figure()) == ("0 of 10", None)
    assert not page.table.isEnabled()
    partly = replace(N, errors=np.where([[True], [False], [False]], N.errors, np.nan))
    tool.runner.reported.emit(tool.runner.question, partly)
    assert row.count.text() == "1 of 10"
    assert page.plots["n"].curve.getData()[0].tolist() == [0]
    assert page.text.text() == ""
    fill(tool)
    assert not tool.busy
    assert row.count.text() == ""
    assert page.text.text() == f"{in_words(N)}\n{in_words(ALPHA)}"
    assert tool.view.note.text() == "There are 4 signals."
    assert page.limits.text() == LIMITS
    np.testing.assert_allclose(page.plots["alpha"].curve.getData()[1], ALPHA.means)
    bars = page.plots["alpha"].bars.getData()[1].reshape(-1, 2)
    np.testing.assert_allclose(np.diff(bars)[:, 0], 2 * ALPHA.difference_errors)
    # The settings stand at alpha 0.1; n auto is 4, which cannot be judged.
    assert page.plots["alpha"].now.value() == ALPHAS.index(0.1)
    assert not page.plots["n"].now.isVisible()
    assert tool.figure()().title == "Bi-cross-validation"


def test_a_value_is_read_and_taken_and_only_the_other_curve_is_made_anew(qtbot, tool, session):
    fill(tool)
    page, plot = tool.view.held_out, tool.view.held_out.plots["n"]
    line = tool.view.findChild(QLabel, "sweep_words")
    assert line.text() == HELD_OUT_IDLE
    scene = plot.item.getViewBox().mapViewToScene(QPointF(1.2, 0.6))
    plot._on_moved(scene)
    assert line.text() == words.held_out_line(N, 1) == f"n 2 · error {N.means[1]:.3f}, mean of 12 blocks · the least"
    plot._on_moved(plot.item.getViewBox().mapViewToScene(QPointF(0, 0.6)))
    more = N.means[0] - N.means[1]
    assert line.text().endswith(f"{more:.3f} \N{PLUS-MINUS SIGN} {N.difference_errors[0]:.3f} above the least")
    QApplication.sendEvent(plot.widget, QEvent(QEvent.Leave))
    assert line.text() == HELD_OUT_IDLE
    before = len(tool.runner.asked)
    qtbot.mouseClick(plot.widget.viewport(), Qt.LeftButton, pos=plot.widget.mapFromScene(scene))
    assert session.settings.n == 2
    assert len(tool.runner.asked) == before + 1
    assert tool.held_out.found == {"n": N}, "alpha is judged at another n"
    assert tool.held_out.left() == ["alpha"]
    assert page.plots["n"].now.value() == 1
    tool.runner.reported.emit(tool.runner.question, ALPHA)
    session.set_settings(replace(session.settings, tol=1e-3))
    assert tool.held_out.found == {}


def test_it_waits_for_the_users_own_separation_and_can_be_cancelled(tool):
    tool.engine.separating = True
    tool.engine.work_changed.emit()
    assert not tool.runner.busy
    tool.engine.separating = False
    tool.engine.work_changed.emit()
    assert tool.runner.busy
    tool.view.button.click()
    assert not tool.busy
    assert tool.view.button.text() == "Go on"
    tool.view.button.click()
    assert tool.runner.busy
    tool.runner.fail(DataError("There is not enough free memory for this."))
    assert tool.view.note.text() == "There is not enough free memory for this."


def test_what_cannot_be_predicted_is_told(tool, session, session_of, cell, parent):
    session.set_settings(SeparationSettings(method="ica"))
    assert tool.view.note.text() == NOT_NMF
    assert not tool.busy
    two = replace(cell, traces=cell.traces[:2], signal_names=cell.signal_names[:2], truth=None)
    other = SweepTool(session_of(two), FakeEngine(parent), parent)
    other.view.tabs.setCurrentWidget(other.view.held_out)
    other.page.shown.emit()
    assert other.view.note.text() == TOO_FEW
    assert not other.busy


def test_pages_of_tiles_are_as_they_were_after_it(tool):
    fill(tool)
    tool.view.tabs.setCurrentWidget(tool.view.strip)
    assert tool.question is not None
    assert tool.runner.question is tool.question
    assert tool.view.note.isHidden()
    tool.view.tabs.setCurrentWidget(tool.view.held_out)
    assert not tool.busy, "what is known is not predicted again"
    assert tool.view.note.text() == "There are 4 signals."


def test_the_errors_of_all_blocks_are_written_as_a_table(tool, monkeypatch, tmp_path):
    fill(tool)
    path = tmp_path / "errors.csv"
    monkeypatch.setattr(dialogs, "ask_save", lambda *_: path)
    tool.view.held_out.table.click()
    (target, columns, rows), _ = tool.engine.export_table.call_args
    assert target == path
    assert [(row["setting"], row["value"]) for row in rows] == [
        *(("n", n) for n in N.values), *(("alpha", alpha) for alpha in ALPHAS)
    ]  # fmt: skip
    assert set(columns) == {key for row in rows for key in row}
    assert rows[0]["group_2_time_3"] == N.errors[0, 5]


def test_the_job_predicts_what_the_function_does_and_is_cancelled(cell):
    few = replace(cell, traces=cell.traces[:3], signal_names=cell.signal_names[:3], truth=None)
    settings, seen = SeparationSettings(solver="accelerated"), []
    assert jobs.hold_out(few, settings, ["n"])(seen.append, lambda: False) is None
    assert [found.complete for found in seen] == [False, True]
    np.testing.assert_array_equal(seen[-1].errors, bi_cross_validation(few, settings, n=(1, 2)).errors)
    with pytest.raises(Cancelled):
        jobs.hold_out(few, settings, ["alpha"])(seen.append, lambda: True)
