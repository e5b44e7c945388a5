"""What is one thing in one view is the same thing in all."""

import numpy as np
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QLineEdit, QPushButton

from neuropil_gui import read
from neuropil_gui.core.analysis.numbers import NUMBERS, numbers
from neuropil_gui.drawing.thumbnail import thumbnail
from neuropil_gui.panels.run_bar import RunBar
from neuropil_gui.panels.traces import match_plot


def wait_settled(qtbot, window):
    qtbot.waitUntil(lambda: window.session.up_to_date and not window.controller.separating, timeout=20_000)


def test_a_component_hovered_over_anywhere_is_lit_everywhere(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    lit = []
    window.session.highlight.changed.connect(lambda: lit.append(window.session.highlight.component))
    window.traces.component_hovered.emit(1)
    window.mixing.component_hovered.emit(2)
    window.numbers.component_hovered.emit(0)
    window.numbers.component_hovered.emit(None)
    assert lit == [1, 2, 0, None]
    window.mixing.component_clicked.emit(3)
    window.traces.component_hovered.emit(None)
    assert window.session.highlight.component == 3
    window.session.set_settings(window.session.settings.__class__(alpha=0.2))
    wait_settled(qtbot, window)
    assert window.session.highlight.component == 3
    window.traces.component_clicked.emit(3)
    assert window.session.highlight.component is None


def test_a_row_of_the_matrix_lights_its_signal(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    window.mixing.signal_hovered.emit(2)
    assert window.session.highlight.signal == 2
    window.mixing.signal_hovered.emit(None)
    assert window.session.highlight.signal is None


def test_miniatures_of_the_rows_in_view_are_read_in_a_thread(qtbot, window, demo, open_and_wait):
    shown = {}
    window.background.thumbnail_ready.connect(lambda index, points: shown.update({index: points}))
    open_and_wait(demo)
    qtbot.waitUntil(lambda: len(shown) == 4, timeout=10_000)
    for index, cell in enumerate(read(demo).cells):
        np.testing.assert_array_equal(shown[index], thumbnail(cell.traces[0]))


def test_the_table_fills_and_greys_with_the_settings(qtbot, window, short, open_and_wait):
    open_and_wait(short)
    button = window.findChild(QPushButton, "separate_all")
    with qtbot.waitSignal(window.controller.batch_ended, timeout=30_000):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    model = window.cells.model
    assert all(model.summaries[index].converged and model.summaries[index].up_to_date for index in range(4))
    window.session.set_settings(window.session.settings.__class__(alpha=0.3))
    assert not model.summaries[1].up_to_date
    wait_settled(qtbot, window)
    assert model.summaries[0].up_to_date


def test_the_filter_hides_rows(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    box = window.findChild(QLineEdit, "cell_filter")
    qtbot.keyClicks(box, "number > 2")
    qtbot.waitUntil(lambda: window.cells.proxy.rowCount() == 2)
    box.clear()
    qtbot.waitUntil(lambda: window.cells.proxy.rowCount() == 4)


def test_a_past_iteration_is_shown_and_left(qtbot, window, demo, open_and_wait, run_and_wait):
    open_and_wait(demo)
    run_and_wait()
    history, result = window.session.history, window.session.result
    past = history.at(history.snapshots[2].iteration, result)
    window.convergence.iteration_chosen.emit(history.snapshots[2].iteration)
    np.testing.assert_array_equal(window.mixing.drawn_values(), normalised(past))
    assert window.session.result is result
    window.convergence.iteration_chosen.emit(None)
    np.testing.assert_array_equal(window.mixing.drawn_values(), normalised(result))


def normalised(separation):
    mixing = separation.mixing[:, separation.order]
    total = np.abs(mixing).sum(axis=0)
    return np.divide(mixing, total, out=np.zeros_like(mixing), where=total > 0)


def test_convergence_grows_while_it_runs(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    added = []
    window.controller.separation_reported.connect(added.append)
    window.session.set_settings(window.session.settings.__class__(tol=0, max_iter=10_000_000))
    qtbot.waitUntil(lambda: len(added) > 5, timeout=10_000)
    window.controller.cancel()
    assert added[-1].step.iteration > added[0].step.iteration


def test_the_subtraction_of_a_long_cell_is_made_in_a_thread(qtbot, window, long_recording, open_and_wait, monkeypatch):
    monkeypatch.setattr(match_plot, "LONG", 1000)
    open_and_wait(long_recording)
    plot = window.traces.matched
    plot.set_shown("show_subtraction", True)
    for r in (70, 71, 150):  # the newest wins
        plot.factor.setValue(r)
    qtbot.waitUntil(lambda: "show_subtraction" in plot.series and "F − 1.50 Fneu" in plot.words(), timeout=10_000)
    traces = window.session.cell.traces
    shown = plot.series["show_subtraction"].recorded
    np.testing.assert_allclose(shown, traces[0] - 1.5 * traces[1:].mean(axis=0), rtol=1e-9)


def test_numbers_and_badge_are_of_the_iteration_that_is_shown(qtbot, window, demo, open_and_wait, run_and_wait):
    open_and_wait(demo)
    run_and_wait()
    plot, rows = window.convergence, window.numbers.rows
    words = {key: rows[key][1].text() for key in ("r_neuropil", "explained", "error_truth")}
    state = window.findChild(RunBar).state()
    plot.choose_near(1)
    past = window.session.history.at(plot.chosen, window.session.result)
    then = numbers(window.session.cell, past)
    for key in words:
        assert rows[key][1].text().endswith(NUMBERS[key].text(then[key]))
    for key in ("explained", "error_truth"):
        assert rows[key][1].text() != words[key]
    assert (state, window.findChild(RunBar).state()) == ("exact", "earlier step")
    plot.choose_near(1e9)
    assert plot.chosen is None
    assert {key: rows[key][1].text() for key in words} == words
    assert window.findChild(RunBar).state() == state
