from types import SimpleNamespace

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QPushButton, QToolButton, QWidget

from neuropil_gui.core.recording import Recording
from neuropil_gui.core.remarks import Remark
from neuropil_gui.panels.cells.cell_list import CellList
from neuropil_gui.panels.mixing_plot import MixingPlot
from neuropil_gui.panels.numbers_table import NumbersTable
from neuropil_gui.panels.run_bar import HELPS, RunBar
from neuropil_gui.panels.settings.settings_form import SettingsForm
from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.ui import style
from neuropil_gui.ui.message_bar import MessageBar
from neuropil_gui.ui.widgets.header import Header
from neuropil_gui.window.welcome import Welcome


def shown(qtbot, widget: QWidget) -> QWidget:
    qtbot.addWidget(widget)
    with qtbot.waitExposed(widget):
        widget.show()
    return widget


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_view_can_be_drawn_and_restyled(qapp, qtbot, cell, separation_of, theme):
    separation = separation_of(cell, empty=(1,))
    views = [CellList(), SettingsForm(), TraceView(), MixingPlot(), NumbersTable(), RunBar(), MessageBar(), Welcome()]
    cells, form, traces, mixing, numbers, run_bar, message, welcome = views
    for view in views:
        qtbot.addWidget(view)
        view.resize(500, 400)
    cells.show_recording(Recording("one", None, None, [cell]))
    form.set_signal_count(4)
    traces.show_cell(cell, 10.0)
    traces.show_result(cell, separation)
    mixing.show_result(cell, separation)
    numbers.show_numbers([SimpleNamespace(key="n", label="alive", value=3, unit="", text="3 of 4", help="")])
    numbers.show_notes([Remark("c2 is empty.")])
    run_bar.set_state("running")
    message.show_message("A message", "warning", "Transpose")
    welcome.show_demos([("easy", "Easy", "An easy cell.")])
    style.apply_theme(qapp, theme)
    for view in views:
        view.restyle()
        picture = view.grab().toImage()
        colours = {picture.pixel(x, y) for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3)}
        assert len(colours) > 3, type(view).__name__
    background = style.QColor(style.current().base).rgb()
    assert background in {traces.raw.widget.grab().toImage().pixel(100, y) for y in range(60)}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_traces_and_texts_stand_out_in_both_themes(qapp, theme):
    colours = style.apply_theme(qapp, theme)
    for rank in range(12):
        assert style.contrast(style.component_colour(rank), colours.base) >= 2
        assert style.contrast(style.component_text_colour(rank), colours.base) >= 4.5
    for role in ("raw", "region", "truth", "stored", "subtraction"):
        assert style.contrast(style.role_colour(role), colours.base) >= 2
    pairs = [
        (colours.text, colours.window), (colours.text, colours.base), (colours.muted, colours.window),
        (colours.warning, colours.warning_back), (colours.error, colours.error_back),
        (colours.accent_text, colours.accent), (colours.accent_text, colours.good), (colours.error, colours.window),
    ]  # fmt: skip
    for fore, back in pairs:
        assert style.contrast(fore, back) >= 4.5, (fore, back)


def test_beyond_eight_components_the_line_style_changes():
    assert style.component_pen(8).color() == style.component_pen(0).color()
    assert style.component_pen(8).style() != style.component_pen(0).style()
    assert len({style.component_colour(rank).name() for rank in range(8)}) == 8


# The offscreen platform cannot give a pop-up the keyboard.
@pytest.mark.qt_log_ignore("^This plugin does not support grabbing the keyboard", extend=True)
def test_header_keeps_what_it_cuts_off_and_shows_its_help(qtbot):
    header = shown(qtbot, Header("Title", "<b>Help</b><p>one</p>"))
    header.resize(220, 28)
    header.set_subtitle("a very long subtitle that cannot be shown in full")
    assert header.subtitle.text().endswith("…")
    assert "in full" in header.subtitle.toolTip()
    qtbot.mouseClick(header.findChild(QToolButton, "help_button"), Qt.LeftButton)
    assert header.help_popup.isVisible()
    header.help_popup.hide()


def test_run_bar_states_and_steps(qtbot):
    bar = shown(qtbot, RunBar())
    for state in HELPS:
        bar.set_state(state)
        assert bar.badge.text() == state
        assert bar.cancel_button.isVisible() == (state == "running")
    bar.set_state("running")
    assert bar.progress.maximum() == 0
    bar.show_step(1, 10000, 1.0, 1e-4, 1)
    bar.show_step(340, 10000, 1e-2, 1e-4, 1)
    assert bar.progress.value() == bar.progress.maximum() // 2
    assert bar.text.text() == "iteration 340 · violation 0.01, tol 1e-4"
    bar.show_step(340, 10000, 2.1e-3, 1e-4, 2)
    assert bar.text.text().startswith("try 2")
    with qtbot.waitSignal(bar.cancel_requested):
        qtbot.mouseClick(bar.cancel_button, Qt.LeftButton)


def test_the_other_result_has_a_button_while_there_is_one(qtbot):
    bar = shown(qtbot, RunBar())
    assert not bar.rival_button.isVisible()
    bar.set_state("exact", "another minimum", rival="Show the other")
    assert bar.rival_button.isVisible()
    with qtbot.waitSignal(bar.rival_requested):
        qtbot.mouseClick(bar.rival_button, Qt.MouseButton.LeftButton)
    bar.set_state("exact", "same")
    assert not bar.rival_button.isVisible()


def test_the_badge_counts_the_warnings_takes_the_colour_of_the_worst_and_is_clicked(qtbot):
    bar, theme = shown(qtbot, RunBar()), style.current()
    fact, doubt, failure = Remark("A fact.", "info"), Remark("A doubt: try.", "warning"), Remark("It failed.", "error")
    clicks = []
    bar.remarks_requested.connect(lambda: clicks.append(bar.badge.text()))
    for remarks, text, back in (
        ((fact,), "exact", theme.good),
        ((fact, doubt), "exact · 1 warning", theme.warning_back),
        ((doubt, failure, fact), "exact · 2 warnings", theme.error_back),
        ((), "exact", theme.good),
    ):
        bar.set_state("exact", remarks=remarks)
        assert bar.badge.text() == text
        assert f"background: {back};" in bar.badge.styleSheet()
        qtbot.mouseClick(bar.badge, Qt.LeftButton)
        qtbot.keyClick(bar.badge, Qt.Key_Space)
    assert clicks == ["exact · 1 warning"] * 2 + ["exact · 2 warnings"] * 2
    bar.set_state("converged", remarks=(failure,))
    assert "It failed." in bar.badge.toolTip()
    bar.set_state("running")
    assert bar.badge.text() == "running"


@pytest.mark.parametrize(("violation", "tol"), [(0.0, 1e-4), (1.0, 0.0), (np.nan, 1e-4), (np.inf, 1e-4)])
def test_run_bar_bears_odd_numbers(qtbot, violation, tol):
    bar = shown(qtbot, RunBar())
    bar.set_state("running")
    bar.show_step(1, 10, 1.0, tol)
    bar.show_step(5, 10, violation, tol)
    assert 0 <= bar.progress.value() <= bar.progress.maximum()


def test_message_bar(qtbot):
    bar = MessageBar()
    qtbot.addWidget(bar)
    assert not bar.isVisible()
    bar.show_message("Rows or columns?", "warning", "Transpose")
    assert bar.isVisible()
    with qtbot.waitSignal(bar.action_triggered):
        qtbot.mouseClick(bar.findChild(QPushButton, "message_action"), Qt.LeftButton)
    bar.show_message("<b>not bold</b>")
    assert not bar.action_button.isVisible()
    qtbot.mouseClick(bar.close_button, Qt.LeftButton)
    assert not bar.isVisible()


def test_notes_of_the_numbers_are_replaced(qtbot):
    table = shown(qtbot, NumbersTable())
    table.show_notes([Remark("one", "info"), Remark("two", "info")])
    table.show_notes([Remark("three", "info")])
    assert [note.text() for note in table.notes.notes] == ["three"]
