"""The window on trust, on the real window: what it asks for, when it does not, and what it shows."""

import math
from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtWidgets import QApplication, QCheckBox, QComboBox, QDoubleSpinBox, QLabel, QPushButton, QSlider, QTabWidget

from neuropil_gui import read, separate_cell
from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.analysis.events import compare_events
from neuropil_gui.core.analysis.judgement import judge
from neuropil_gui.core.analysis.numbers import INDICATORS, NUMBERS
from neuropil_gui.core.analysis.spike_detection import spike_test
from neuropil_gui.core.analysis.spike_in import spike_in
from neuropil_gui.core.analysis.stability import stability
from neuropil_gui.core.metrics import pearson
from neuropil_gui.engine import sharing
from neuropil_gui.engine.live import fast
from neuropil_gui.features.trust.questions import (
    ALPHAS,
    JudgementQuestion,
    PartsQuestion,
    StabilityQuestion,
)
from neuropil_gui.features.trust.spike_in_page import interval_text
from neuropil_gui.features.trust.spike_questions import ALPHAS as SPIKE_ALPHAS
from neuropil_gui.features.trust.spikes_page import NOTHING
from neuropil_gui.features.trust.words import in_words
from neuropil_gui.ui.tool_page import ToolPage

PAGES = ["stability", "parts", "indicators", "trials", "spike_in", "events", "spikes"]


@pytest.fixture
def trust(qtbot, window):
    """Open it with its key, and return what fills it."""

    def trust():
        # Without a window manager nobody gives the focus back once another window has closed.
        QApplication.setActiveWindow(window)
        qtbot.keyClick(window, Qt.Key_J, Qt.ControlModifier)
        tool = window.pages.made["trust"]
        qtbot.waitUntil(tool.page.isVisible)
        return tool

    return trust


@pytest.fixture
def turn(qtbot):
    """Turn to a page with the mouse, and wait until it has all it needs."""

    def turn(tool, name):
        bar = tool.view.findChild(QTabWidget, "trust_tabs").tabBar()
        qtbot.mouseClick(bar, Qt.LeftButton, pos=bar.tabRect(PAGES.index(name)).center())
        assert tool.view.page == name
        settle(qtbot, tool)
        return tool.view.pages[name]

    return turn


def settle(qtbot, tool):
    qtbot.waitUntil(lambda: not tool.busy, timeout=60_000)


def few(tool, count=3):
    tool.view.stability.replicates.setValue(count)


def test_it_opens_with_a_sentence_and_closes_with_escape(qtbot, window, trust, demo, open_and_wait):
    open_and_wait(demo)
    window.session.set_live(False)
    tool = trust()
    few(tool)
    settle(qtbot, tool)
    window.session.select(2)  # not the neighbour, which is separated ahead
    page = tool.view.stability
    qtbot.waitUntil(lambda: window.session.cell is not None)
    assert page.sentence.isVisible()
    assert "no finished result" in page.sentence.text()
    qtbot.keyClick(tool.page, Qt.Key_Escape)
    assert not tool.page.isVisible()
    assert window.isVisible()


def stability_is_that_of_the_result(qtbot, window, tool, turn):
    page = turn(tool, "stability")
    session = window.session
    made = stability(session.cell, fast(session.result.settings), "seeds", replicates=3, reference=session.result)
    np.testing.assert_array_equal(page.plot.bands[0].lower.values, made.bands[0])
    np.testing.assert_array_equal(page.plot.bands[0].series.values, made.bands[2])
    assert page.bars.texts()[0] == f"c1 {made.agreement[0]:.3f}"
    # It says aloud what is peculiar, not only in a tool tip.
    notes, bias = (tool.page.findChild(QLabel, name) for name in ("stability_notes", "stability_bias"))
    assert notes.isVisible()
    assert "Seeds usually do nothing with the start nndsvdar" in notes.text()
    assert bias.isVisible()
    assert "says nothing of bias" in bias.text()
    # Another kind is asked for as soon as it is chosen.
    kind = tool.page.findChild(QComboBox, "stability_kind")
    kind.setFocus()
    qtbot.keyClick(kind, Qt.Key_End)
    settle(qtbot, tool)
    assert page.asks[0] == "leave_one_out"
    assert "4 replicates" in page.caption.text()


def a_component_is_taken_out_with_a_click(qtbot, window, tool, turn):
    page = turn(tool, "parts")
    switch = tool.page.findChild(QCheckBox, "part_2")
    qtbot.mouseClick(switch, Qt.LeftButton, pos=QPoint(8, switch.height() // 2))
    settle(qtbot, tool)
    session = window.session
    assert "ROI without c2" in page.stack.words()
    expected = session.cell.traces[0] - session.result.matched[1]
    np.testing.assert_allclose(page.stack.curves[2].series.values, expected, rtol=1e-12)
    # The per cents are of what is in view.
    made, before = page.parts.made, tool.page.findChild(QLabel, "share_1").text()
    page.residual.box.setXRange(0, 5, padding=0)
    share = made.shares(*page.residual.frames_in_view()).components[0]
    assert tool.page.findChild(QLabel, "share_1").text() == f"{share:.1f} %" != before


def trials_are_separated_jointly_and_alone(qtbot, window, tool, turn):
    page = turn(tool, "trials")
    cell, result = window.session.cell, window.session.result
    part = cell.trial_slices[1]
    alone = separate_cell(
        replace(cell, traces=cell.traces[:, part], trial_starts=(0,), truth=None), fast(result.settings)
    )
    np.testing.assert_array_equal(page.sides.alone.rows.values[1], alone.matched[0])
    assert page.sentence_on_alpha.text().startswith("alpha acts as alpha / √frames: 0.1 on 700 frames")
    page.same_effect.click()
    settle(qtbot, tool)
    weaker = replace(fast(result.settings), alpha=0.1 * (700 / 2100) ** 0.5)
    alone = separate_cell(replace(cell, traces=cell.traces[:, part], trial_starts=(0,), truth=None), weaker)
    np.testing.assert_allclose(page.sides.alone.rows.values[1], alone.matched[0])


def events_are_those_of_the_result(qtbot, window, tool, turn):
    page = turn(tool, "events")
    session = window.session
    found = compare_events(session.cell, session.result, frame_rate=session.recording.frame_rate)
    assert page.table.rowCount() == len(found.events) > 0
    page.threshold.setValue(100)
    settle(qtbot, tool)
    assert page.table.rowCount() < len(found.events)


def indicators_and_the_truth_over_a_sweep(qtbot, window, tool, turn):
    page = turn(tool, "indicators")
    session = window.session
    expected = judge(session.cell, session.result)
    assert page.table.rowCount() == len(expected.result) == len(INDICATORS)
    texts = [page.table.item(row, 2).text() for row in range(len(INDICATORS))]
    assert texts == [NUMBERS[key].text(expected.result[key], 3) for key in INDICATORS]
    xs, _ = page.truth.points.getData()
    assert len(xs) == len(ALPHAS)
    one = separate_cell(session.cell, replace(fast(session.settings), alpha=ALPHAS[3]))
    assert xs[3] == pytest.approx(pearson(one.matched[0], session.cell.traces[1:].mean(axis=0)), abs=1e-6)
    # A row below, with the keyboard: another indicator in words and in the plot.
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key_Down)
    assert "skewness" in page.words.text()
    assert page.truth.item.getAxis("bottom").labelText == "skewness"
    # Another alpha needs no other sweep, and moves the ring.
    asked = []
    tool.runner.started.connect(lambda question: asked.append(type(question)))
    ring = page.truth.ring.getData()[0][0]
    session.set_settings(replace(session.settings, alpha=0.01))
    qtbot.waitUntil(lambda: session.result.settings.alpha == 0.01, timeout=10_000)
    settle(qtbot, tool)
    assert set(asked) == {JudgementQuestion}
    assert page.truth.ring.getData()[0][0] != ring


def test_pages_are_those_of_the_result_and_follow_their_controls(qtbot, window, trust, turn, demo, open_and_wait):
    open_and_wait(demo)
    tool = trust()
    few(tool)
    # Each goes on where the one before has ended; the last has another result.
    stability_is_that_of_the_result(qtbot, window, tool, turn)
    a_component_is_taken_out_with_a_click(qtbot, window, tool, turn)
    trials_are_separated_jointly_and_alone(qtbot, window, tool, turn)
    events_are_those_of_the_result(qtbot, window, tool, turn)
    indicators_and_the_truth_over_a_sweep(qtbot, window, tool, turn)


@pytest.mark.usefixtures("few_alphas")
def test_a_spike_in_test_is_that_of_the_result(qtbot, window, trust, turn, demo, open_and_wait, monkeypatch):
    monkeypatch.setattr(sharing, "HELP_SECONDS", 0.0)
    window.controller.set_jobs(1)  # one process takes as long to start as the thread beside it to do all the rest
    open_and_wait(demo)
    assert not window.controller.batch.lend().started
    tool = trust()
    form = tool.view.spike_in.form
    form.repeats.setValue(2)
    page = turn(tool, "spike_in")
    session = window.session
    settings, rate = fast(session.result.settings), session.recording.frame_rate
    made = spike_in(session.cell, settings, form.test, frame_rate=rate, reference=session.result)
    assert page.table.item(0, 1).text() == interval_text(made.result.gain)
    assert page.table.item(3, 2).text() == interval_text(made.recoveries["ica"].leak)
    assert len(page.alphas.dots[0].getData()[0]) == 3
    assert page.words.text() == in_words(made)
    assert window.controller.batch.lend().started, "a process helps"
    # A key in the form asks again; what is refused leaves the form, by which it can be changed.
    form.shares.setFocus()
    qtbot.keyClick(form.shares, Qt.Key_Down)
    assert form.test.shares == "roi"
    settle(qtbot, tool)
    roi = spike_in(session.cell, settings, form.test, frame_rate=rate, reference=session.result)
    assert page.table.item(0, 1).text() == interval_text(roi.result.gain)
    form.threshold.setValue(100)
    form.place.setCurrentIndex(2)
    settle(qtbot, tool)
    assert "no room in transients" in tool.view.row.text.text()
    assert form.isVisible()
    assert page.table.rowCount() == 0


def test_nothing_is_computed_for_what_nobody_sees_and_a_page_in_view_follows(
    qtbot, window, trust, turn, demo, open_and_wait
):
    open_and_wait(demo)
    tool = trust()
    asked = []
    tool.runner.started.connect(lambda question: asked.append(type(question)))
    turn(tool, "parts")
    assert set(asked) <= {StabilityQuestion, PartsQuestion}
    asked.clear()
    tool.page.close()
    window.session.set_settings(replace(window.session.settings, alpha=0.5))
    qtbot.waitUntil(lambda: window.session.result.settings.alpha == 0.5, timeout=10_000)
    qtbot.waitUntil(lambda: not window.controller.working, timeout=10_000)
    assert asked == []
    assert not tool.busy
    trust()
    settle(qtbot, tool)
    assert set(asked) == {PartsQuestion}
    # A result in view is followed once it rests.
    page = tool.view.parts
    first = window.session.result
    window.session.set_settings(replace(window.session.settings, alpha=0.3))
    qtbot.waitUntil(lambda: window.session.result.settings.alpha == 0.3, timeout=10_000)
    settle(qtbot, tool)
    assert first.settings.alpha != 0.3
    np.testing.assert_array_equal(page.parts.made.components, window.session.result.matched)
    subtitle = tool.page.header.subtitle
    assert "alpha 0.3" in subtitle.text()
    assert "before" not in subtitle.text()
    # What is shown is still the last result's, and says so.
    window.session.set_live(False)
    window.session.set_settings(replace(window.session.settings, alpha=0.4))
    assert "alpha 0.3 · made before the settings were changed" in subtitle.text()


def test_a_long_stability_shows_progress_and_is_cancelled(qtbot, window, trust, long_recording, open_and_wait):
    open_and_wait(long_recording)
    qtbot.waitUntil(lambda: window.session.answered, timeout=60_000)
    tool = trust()
    tool.view.stability.replicates.setValue(200)
    row = tool.view.row
    qtbot.waitUntil(lambda: (row.bar.maximum() == 200 and row.bar.value() >= 1) or row.run.isVisible(), timeout=60_000)
    if row.run.isVisible():  # expected to take so long that it waits for a word
        assert "press Run" in row.text.text()
        qtbot.mouseClick(row.run, Qt.LeftButton)
        qtbot.waitUntil(lambda: row.bar.maximum() == 200 and row.bar.value() >= 1, timeout=60_000)
    assert "of 200 done" in row.text.text()
    cancel = tool.page.findChild(QPushButton, "trust_cancel")
    qtbot.mouseClick(cancel, Qt.LeftButton)
    assert row.text.text() == "Cancelled"
    assert row.run.isVisible()
    qtbot.waitUntil(lambda: tool.runner.idle, timeout=5_000)
    assert tool.view.stability.plot.curves[0].series is not None  # the result is still drawn
    # The arrows of another cell, or of the window, leave nothing running.
    qtbot.mouseClick(row.run, Qt.LeftButton)
    assert tool.runner.busy
    tool.page.close()
    assert not tool.runner.busy


def test_another_recording_leaves_nothing_of_the_last(qtbot, window, trust, turn, demo, open_and_wait):
    open_and_wait(demo)
    tool = trust()
    page = turn(tool, "parts")
    open_and_wait(RESOURCES / "demos" / "easy.npz")
    settle(qtbot, tool)
    assert page.cell is window.session.cell
    np.testing.assert_array_equal(page.parts.made.roi, read(RESOURCES / "demos" / "easy.npz").cells[0].traces[0])
    assert {question.cell for question in tool.answered} == {window.session.cell}
    # It has one trial.
    page = turn(tool, "trials")
    assert page.sentence.isVisible()
    assert "one trial" in page.sentence.text()


def test_a_refusal_is_shown_and_can_be_tried_again(qtbot, window, trust, turn, open_and_wait, tmp_path):
    path = tmp_path / "two.npy"
    np.save(path, np.random.default_rng(3).gamma(2.0, 1.0, (2, 200)) + 1)
    open_and_wait(path)
    tool = trust()
    few(tool)
    turn(tool, "stability")
    tool.view.stability.kind.setCurrentIndex(2)
    settle(qtbot, tool)
    assert "needs two regions or more" in tool.view.row.text.text()
    assert tool.view.row.run.isVisible()


@pytest.mark.usefixtures("few_alphas")
def test_it_follows_the_theme(qtbot, window, trust, turn, demo, open_and_wait, monkeypatch):
    monkeypatch.setattr(sharing, "HELP_SECONDS", math.inf)  # this thread is done before a process has started
    open_and_wait(demo)
    tool = trust()
    few(tool)
    tool.view.spike_in.form.repeats.setValue(2)
    for name in PAGES:
        turn(tool, name)
    window.set_theme("dark")
    dark = tool.view.trials.jointly.widget.grab().toImage().pixelColor(5, 5)
    assert dark.lightness() < 60
    window.set_theme("light")
    assert tool.view.trials.jointly.widget.grab().toImage().pixelColor(5, 5).lightness() > 200
    assert window.findChild(ToolPage, "trust_window") is tool.page


def test_spike_times_of_a_file_are_compared_with_the_traces_and_marked_below_them(
    qtbot, window, trust, turn, short, open_and_wait, tmp_path
):
    open_and_wait(short)
    cell, rate = window.session.cell, window.session.recording.frame_rate
    times = np.arange(20, cell.traces.shape[1] - 20, 50) / rate
    path = tmp_path / "units.csv"
    np.savetxt(path, times, header="t", comments="")
    tool = trust()
    page = turn(tool, "spikes")
    assert page.words.text() == NOTHING
    # A file without spike times is refused on the page.
    without = tmp_path / "trace.csv"
    without.write_text("3\n1\n2\n")
    tool.spike_files.open_path(without)
    qtbot.waitUntil(page.notes.isVisible, timeout=60_000)
    assert "trace.csv: it holds no spike times." in page.notes.text()
    tool.spike_files.open_path(path)
    qtbot.waitUntil(lambda: tool.spike_files.dialog is not None, timeout=60_000)
    qtbot.keyClick(tool.spike_files.dialog, Qt.Key_Return)
    qtbot.waitUntil(lambda: window.session.spikes.get(0) is not None)
    settle(qtbot, tool)
    found = spike_test(cell, window.session.result, window.session.spikes.get(0), frame_rate=rate)
    assert f"{found.events} spikes without another" in page.words.text()
    assert page.table.item(0, 2).text().startswith(f"{found.responses['result'].roc.auc:.2f}")
    qtbot.waitUntil(lambda: len(page.alpha.dots.data) == len(SPIKE_ALPHAS))  # once the results over alpha are there
    assert tool.figure()().axes
    for plot in (window.traces.raw, window.traces.matched, page.traces):
        np.testing.assert_allclose(plot.spikes.xvals, times)
    window.session.select(1)
    qtbot.waitUntil(lambda: window.session.cell is not None and window.session.cell is not cell)
    assert window.traces.raw.spikes.xvals == []
    window.session.select(0)
    qtbot.waitUntil(lambda: len(window.traces.raw.spikes.xvals) == len(times))
    settle(qtbot, tool)
    qtbot.mouseClick(page.remove, Qt.LeftButton)
    assert window.traces.raw.spikes.xvals == []
    assert page.words.text() == NOTHING


# The pedestal, which is set beside the other settings


def test_the_pedestal_is_dragged_up_to_the_least_value(qtbot, window, open_and_wait):
    open_and_wait(RESOURCES / "demos" / "failing.npz")
    window.form.advanced.set_open(True)
    slider, box = window.findChild(QSlider, "pedestal_slider"), window.findChild(QDoubleSpinBox, "pedestal")
    assert slider.isEnabled()
    least = window.session.cell.traces.min()
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key_End)
    assert window.session.settings.pedestal == box.value() == pytest.approx(least, abs=1e-6)
    assert window.session.settings.pedestal <= least
    qtbot.waitUntil(lambda: window.session.up_to_date, timeout=20_000)
    assert window.session.result.offset == box.value()
    qtbot.keyClick(slider, Qt.Key_Home)
    assert window.session.settings.pedestal == 0.0
    why = window.findChild(QLabel, "why_pedestal").text()
    assert "two medians of it" in why
