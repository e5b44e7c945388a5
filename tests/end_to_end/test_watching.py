"""A run is played in the window from its start: traces, matrix, numbers and notes go with it, and come back."""

import numpy as np
from PyQt5.QtCore import Qt

from neuropil_gui.core.analysis.numbers import NUMBERS, SUMMARY, numbers
from neuropil_gui.panels.numbers_table import number_text


def texts(window):
    return {key: value.text() for key, (_, value) in window.numbers.rows.items()}


def test_what_is_drawn_and_measured_is_as_it_was_while_a_run_is_played(
    qtbot, window, short, open_and_wait, run_and_wait
):
    open_and_wait(short)
    run_and_wait()
    session, plot, traces = window.session, window.convergence, window.traces
    result, ended, notes = session.result, texts(window), window.numbers.notes.isVisible()
    seen = {}

    def look():
        seen[session.iteration] = texts(window), traces.matched.curves[0].series.values.copy()
        if session.iteration == 0:
            qtbot.keyClick(plot.widget, Qt.Key.Key_Space)

    session.iteration_changed.connect(look)
    plot.widget.setFocus()
    qtbot.keyClick(plot.widget, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: 0 in seen)
    assert not plot.play_button.playing
    start = session.history.at(0, result)
    measured = numbers(session.cell, start, SUMMARY)
    assert seen[0][0] == {key: number_text(NUMBERS[key], measured) for key in ended}
    assert seen[0][0] != ended
    np.testing.assert_array_equal(seen[0][1], start.matched[0])
    plot.play_button.whole = 100
    qtbot.keyClick(plot.widget, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: session.iteration is None)
    assert texts(window) == ended
    assert window.numbers.notes.isVisible() == notes
    np.testing.assert_array_equal(traces.matched.curves[0].series.values, result.matched[0])
