"""Pins in the main window, and the window that lays all over each other: by keys and clicks."""

import multiprocessing
from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QAction, QCheckBox, QComboBox, QLineEdit, QPushButton

from neuropil_gui import SeparationSettings, read, separate_cell
from neuropil_gui.core.analysis.rival import trace_of
from neuropil_gui.core.analysis.rivals import RIVALS
from neuropil_gui.core.analysis.subtraction import by_cross_validation, by_regression
from neuropil_gui.engine.runner import Runner
from neuropil_gui.formats import registry
from neuropil_gui.ui import style
from neuropil_gui.ui.widgets.decimal_box import DecimalBox

pytestmark = pytest.mark.usefixtures("unchecked")


@pytest.fixture
def try_alpha(qtbot, window):
    """Have another alpha's result shown."""

    def try_alpha(alpha):
        window.session.set_settings(replace(window.session.settings, alpha=alpha))
        qtbot.waitUntil(lambda: window.session.answered and not window.controller.separating, timeout=20_000)
        return window.session.result

    return try_alpha


@pytest.fixture
def compare(qtbot, window):
    """Open the Compare window by its key, and wait until all that is shown at first is known."""

    def compare():
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        window.traces.raw.setFocus()
        qtbot.keyClick(window.traces.raw, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
        tool = window.pages.made["compare"]
        assert tool.page.isVisible()
        settle(qtbot, tool)
        return tool

    return compare


def settle(qtbot, tool):
    qtbot.waitUntil(lambda: not tool.busy, timeout=60_000)


def press_p(qtbot, window):
    window.traces.raw.setFocus()
    qtbot.keyClick(window.traces.raw, Qt.Key.Key_P)


def message(window):
    return window.messages.text.text() if window.messages.isVisible() else ""


def drawn(tool, key):
    return next((each.series for each in tool.view.drawn if each.key == key), None)


def click_word(qtbot, word):
    qtbot.mouseClick(word, Qt.MouseButton.LeftButton)


def choose(qtbot, tool, name, key):
    box = tool.page.findChild(QComboBox, name)
    box.setCurrentIndex(box.findData(key))
    box.activated.emit(box.currentIndex())
    settle(qtbot, tool)


# The main window


def test_p_pins_the_word_switches_the_overlay_and_swap_exchanges_both(qtbot, window, demo, open_and_wait, try_alpha):
    open_and_wait(demo)
    # In a box it is a letter.
    for edit in (window.findChild(QLineEdit, "cell_filter"), window.findChild(QLineEdit, "seed")):
        edit.setFocus()
        qtbot.keyClick(edit, Qt.Key.Key_P)
        assert edit.text().endswith("p")
        assert window.session.pins.all == (None, None, None)
        edit.setText("892" if edit.objectName() == "seed" else "")
    first = window.session.result
    assert not window.findChild(QAction, "swap").isEnabled()
    press_p(qtbot, window)
    second = try_alpha(2.0)
    matched = window.traces.matched
    np.testing.assert_array_equal(matched.series["pin_A"].values, first.matched[0])
    np.testing.assert_array_equal(matched.series["best_match"].values, second.matched[0])
    pens = [matched.curves[slot].pen for slot in (0, 5)]
    assert pens[0].color() != pens[1].color()
    assert pens[1].style() != Qt.PenStyle.SolidLine
    word = matched.legend.word("pin_A")
    assert (word.text(), "alpha 0.1" in word.toolTip()) == ("A", True)
    click_word(qtbot, word)
    assert "pin_A" not in matched.series
    click_word(qtbot, word)
    assert "pin_A" in matched.series
    # What is shown and what is pinned change places.
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    asked = []
    window.controller.separation_started.connect(asked.append)
    qtbot.keyClick(window.traces.raw, Qt.Key.Key_A, both)
    assert window.session.result is first
    assert window.form.settings().alpha == 0.1
    np.testing.assert_array_equal(window.traces.matched.series["pin_A"].values, second.matched[0])
    assert not asked


def test_a_fourth_pin_is_refused_with_words(qtbot, window, demo, open_and_wait, try_alpha):
    open_and_wait(demo)
    press_p(qtbot, window)
    press_p(qtbot, window)
    assert "pinned already, as A" in message(window)
    for alpha in (0.5, 1.0):
        try_alpha(alpha)
        press_p(qtbot, window)
    assert message(window) == ""
    before = window.session.pins.all
    try_alpha(2.0)
    press_p(qtbot, window)
    assert "A, B and C are taken" in message(window)
    assert "alpha 0.5" in message(window)
    assert window.session.pins.all == before
    window.findChild(QAction, "unpin_all").trigger()
    assert message(window) == ""
    assert not any(key.startswith("pin_") for key in window.traces.matched.series)
    assert not window.findChild(QAction, "unpin_all").isEnabled()


def test_pins_rest_in_another_unit_and_those_of_another_cell_are_not_drawn(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    press_p(qtbot, window)
    window.findChild(QAction, "delta_f").trigger()
    qtbot.waitUntil(lambda: window.session.delta_f.made is not None, timeout=20_000)
    word = window.traces.matched.legend.word("pin_A")
    assert not word.isEnabled()
    assert "pin_A" not in window.traces.matched.series
    window.findChild(QAction, "delta_f").trigger()
    assert "pin_A" in window.traces.matched.series
    window.session.select(1)
    qtbot.waitUntil(lambda: window.session.cell is not None and window.session.answered, timeout=20_000)
    assert "pin_A" not in window.traces.matched.series
    assert not window.findChild(QAction, "swap").isEnabled()
    assert window.findChild(QAction, "unpin_all").isEnabled()
    window.session.select(0)
    qtbot.waitUntil(lambda: "pin_A" in window.traces.matched.series)
    window.open_path(demo)
    qtbot.waitUntil(lambda: window.session.pins.all == (None, None, None), timeout=20_000)


# The Compare window


def test_all_that_is_known_is_laid_over_each_other(qtbot, window, demo, open_and_wait, try_alpha, compare):
    open_and_wait(demo)
    press_p(qtbot, window)
    result = try_alpha(2.0)
    tool = compare()
    cell = window.session.cell
    assert [each.key for each in tool.view.drawn] == ["truth", "fixed", "A", "present"]
    np.testing.assert_array_equal(drawn(tool, "present").values, result.matched[0])
    simple = cell.traces[0] - 0.7 * cell.traces[1:].mean(axis=0)
    level = np.median(result.matched[0])
    np.testing.assert_allclose(drawn(tool, "fixed").values, simple - np.median(simple) + level)
    rows = tool.view.list
    assert f"moved {'+' if level > np.median(simple) else chr(0x2212)}" in rows.how("fixed")
    assert rows.how("regression").startswith(f"k = {by_regression(cell).k:.2f} ± ")
    assert rows.how("cross_validation").startswith(f"k = {by_cross_validation(cell).k:.2f} ± ")
    r = np.corrcoef(result.matched[0], cell.truth.sources[0])[0, 1]
    assert float(rows.numbers("present")[3]) == pytest.approx(np.sqrt(1 - r**2), abs=6e-3)
    assert "Chen et al. 2013" in rows.word("fixed").toolTip()
    assert "Hyvärinen" in rows.word("ica").toolTip()
    gap = window.session.pins["A"].separation.matched[0]
    np.testing.assert_array_equal(tool.view.gap.series.values, result.matched[0] - gap)
    assert tool.view.matrices.second.tiles is not None


def test_r_is_dragged_and_rivals_are_switched_on(qtbot, window, demo, open_and_wait, compare):
    open_and_wait(demo)
    tool = compare()
    rows, cell = tool.view.list, window.session.cell
    rows.factor.setFocus()
    for _ in range(5):
        qtbot.keyClick(rows.factor, Qt.Key.Key_Right)
    assert rows.word("fixed").text() == "F \N{MINUS SIGN} 0.75 Fneu"
    settle(qtbot, tool)
    simple = cell.traces[0] - 0.75 * cell.traces[1:].mean(axis=0)
    np.testing.assert_allclose(drawn(tool, "fixed").values - drawn(tool, "fixed").shift, simple)
    assert drawn(tool, "raw") is None
    for key in ("raw", "robust", "ica"):
        click_word(qtbot, rows.word(key))
    settle(qtbot, tool)
    qtbot.waitUntil(lambda: drawn(tool, "ica") is not None, timeout=60_000)
    assert {"raw", "robust"} <= {each.key for each in tool.view.drawn}
    expected = separate_cell(cell, SeparationSettings(method="ica"))
    np.testing.assert_array_equal(drawn(tool, "ica").recorded, expected.matched[0])
    click_word(qtbot, rows.word("ica"))
    assert drawn(tool, "ica") is None


def test_other_methods_and_plug_ins_are_made_on_demand(qtbot, window, short, open_and_wait, compare, example_method):
    open_and_wait(short)
    tool = compare()
    rows, cell = tool.view.list, window.session.cell
    for key in ("ast", "tuncat"):
        click_word(qtbot, rows.word(key))
    qtbot.waitUntil(lambda: "darkest_region" in tool.rivals.keys)
    click_word(qtbot, rows.word("darkest_region"))
    qtbot.waitUntil(lambda: all(drawn(tool, key) for key in ("ast", "tuncat", "darkest_region")))
    np.testing.assert_array_equal(drawn(tool, "tuncat").recorded, trace_of(RIVALS["tuncat"], cell.traces).trace)
    assert rows.how("ast").startswith("contamination ")
    assert "10.3389/fnins.2021.797421" in rows.word("tuncat").toolTip()
    assert rows.how("darkest_region").startswith("0.7 of the 25th percentile")
    rows.findChild(DecimalBox, "compare_darkest_region_percentile").setValue(0.0)
    qtbot.waitUntil(lambda: rows.how("darkest_region").startswith("0.7 of the 0th percentile"))
    simple = cell.traces[0] - 0.7 * cell.traces[1:].min(axis=0)
    np.testing.assert_allclose(drawn(tool, "darkest_region").recorded, simple)
    choose(qtbot, tool, "compare_with", "darkest_region")
    assert "darkest_region: r = " in tool.view.difference.words()
    assert not tool.view.current.isEnabled()


HANGING = """
from pathlib import Path
from neuropil_gui import Rival

def trace(signals):
    Path(__file__).with_suffix(".called").touch()
    while True:
        pass

RIVAL = Rival("", "Hanging", "Nobody 2026", "Nothing.", "Always.", trace)
"""


def test_a_plug_in_that_hangs_is_ended_when_it_is_switched_off(
    qtbot, window, short, open_and_wait, compare, install, tmp_path
):
    install("hanging_method", HANGING, {"hanging": "RIVAL"})
    open_and_wait(short)
    tool = compare()
    rows, called = tool.view.list, tmp_path / "site" / "hanging_method" / "hanging_method.called"
    qtbot.waitUntil(lambda: "hanging" in tool.rivals.keys)
    click_word(qtbot, rows.word("hanging"))
    qtbot.waitUntil(called.exists)
    assert (rows.how("hanging"), tool.busy) == ("on its way…", True)
    click_word(qtbot, rows.word("ast"))  # another method does not wait for it
    qtbot.waitUntil(lambda: drawn(tool, "ast") is not None)
    click_word(qtbot, rows.word("hanging"))
    qtbot.waitUntil(lambda: all(runner.idle for runner in tool.findChildren(Runner)))
    assert not any("plug-ins" in process.name for process in multiprocessing.active_children())
    assert rows.how("hanging") == "switch it on to make it"
    assert not tool.busy


def test_fissas_nmf_is_separated_on_demand_and_made_current(qtbot, window, short, open_and_wait, try_alpha, compare):
    open_and_wait(short)
    try_alpha(2.0)
    tool = compare()
    assert tool.view.list.how("nmf").startswith("switch it on to separate: NMF, n auto")
    click_word(qtbot, tool.view.list.word("nmf"))
    qtbot.waitUntil(lambda: drawn(tool, "nmf") is not None, timeout=60_000)
    choose(qtbot, tool, "compare_with", "nmf")
    button = tool.page.findChild(QPushButton, "compare_current")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.session.settings == SeparationSettings()
    np.testing.assert_array_equal(
        window.session.result.matched, separate_cell(window.session.cell, SeparationSettings()).matched
    )
    assert window.session.numbers
    settle(qtbot, tool)
    assert not button.isEnabled()


def test_pins_are_made_shown_and_taken_out_here_too_and_one_of_another_cell_says_whose_it_is(
    qtbot, window, demo, open_and_wait, try_alpha, compare
):
    open_and_wait(demo)
    first = window.session.result
    tool = compare()
    rows = tool.view.list
    qtbot.mouseClick(rows.button("C"), Qt.MouseButton.LeftButton)
    assert window.session.pins["C"].separation is first
    try_alpha(2.0)
    qtbot.keyClick(tool.page, Qt.Key.Key_P)
    assert window.session.pins["A"].separation is window.session.result
    choose(qtbot, tool, "compare_with", "C")
    qtbot.mouseClick(tool.page.findChild(QPushButton, "compare_current"), Qt.MouseButton.LeftButton)
    assert window.session.result is first
    assert window.session.pins["C"].separation is first
    qtbot.mouseClick(rows.button("C"), Qt.MouseButton.LeftButton)
    assert window.session.pins["C"] is None
    assert rows.how("C") == "free: P pins the current result"
    window.session.select(1)
    qtbot.waitUntil(lambda: window.session.cell is not None and window.session.answered, timeout=20_000)
    settle(qtbot, tool)
    assert tool.view.list.how("A").startswith("of cell 1: NMF")
    assert not tool.view.list.word("A").isEnabled()
    assert drawn(tool, "A") is None
    np.testing.assert_array_equal(drawn(tool, "present").recorded, window.session.result.matched[0])


def test_it_blinks_and_closes_without_a_trace(qtbot, window, demo, open_and_wait, compare):
    open_and_wait(demo)
    before = window.session.settings, window.session.result, window.traces.raw.box.viewRange()
    words = window.traces.matched.words()
    tool = compare()
    tool.view.blink_timer.setInterval(10)
    click_word(qtbot, tool.view.list.word("fixed"))
    assert drawn(tool, "fixed") is None
    qtbot.keyClick(tool.page, Qt.Key.Key_B)
    seen = set()

    def shown():
        lines = zip(tool.view.drawn, tool.view.traces.curves, strict=False)
        visible = [each.key for each, curve in lines if curve.isVisible()]
        assert visible == [tool.view.blinking()]
        seen.update(visible)
        return seen == {"present", "fixed"}

    qtbot.waitUntil(shown)
    qtbot.keyClick(tool.page, Qt.Key.Key_B)
    assert sum(curve.isVisible() for curve in tool.view.traces.curves) == len(tool.view.drawn)
    # Closed while it blinks.
    qtbot.keyClick(tool.page, Qt.Key.Key_B)
    qtbot.keyClick(tool.page, Qt.Key.Key_Escape)
    assert not tool.page.isVisible()
    assert not tool.view.blink_timer.isActive()
    after = window.session.settings, window.session.result, window.traces.raw.box.viewRange()
    assert after == before
    assert window.traces.matched.words() == words
    window.session.select(1)
    qtbot.waitUntil(lambda: window.session.cell is not None and window.session.answered, timeout=20_000)
    assert not tool.board.working
    compare()
    np.testing.assert_array_equal(drawn(tool, "present").recorded, window.session.result.matched[0])


def test_its_time_begins_at_that_of_the_main_window_and_moves_by_itself(qtbot, window, demo, open_and_wait, compare):
    open_and_wait(demo)
    main = window.traces.raw.box
    main.setXRange(10, 20, padding=0)
    tool = compare()
    own = tool.view.traces.box
    assert own.viewRange()[0] == pytest.approx([10, 20])
    assert tool.view.difference.box.viewRange()[0] == pytest.approx([10, 20])
    own.setXRange(30, 35, padding=0)
    assert main.viewRange()[0] == pytest.approx([10, 20])
    tool.page.findChild(QCheckBox, "compare_linked").click()
    assert own.viewRange()[0] == pytest.approx([10, 20])
    own.setXRange(30, 35, padding=0)
    assert main.viewRange()[0] == pytest.approx([30, 35])
    main.setXRange(40, 45, padding=0)
    assert own.viewRange()[0] == pytest.approx([40, 45])


def test_parity_with_what_the_file_carries(qtbot, window, short, open_and_wait, run_and_wait, compare, tmp_path):
    recording = read(short)
    path = tmp_path / "with result.npz"
    cell = recording.cells[0]
    registry.write(path, recording, {0: separate_cell(cell, SeparationSettings())})
    open_and_wait(path)
    run_and_wait()
    tool = compare()
    assert [box.currentData() for box in (tool.view.reference, tool.view.compared)] == ["present", "stored"]
    assert not tool.view.gap.series.values.any()
    origin = window.session.cell.stored.origin
    assert (
        f"parity with {origin}: r = 1.0000, greatest difference 0 (0 % of the range)" in tool.page.header.subtitle_text
    )
    assert tool.view.difference.words().startswith("current \N{MINUS SIGN} stored: r = 1.0000, at most 0 at ")


def test_a_cell_without_regions_says_so(qtbot, window, compare, tmp_path):
    path = tmp_path / "one.npy"
    np.save(path, np.random.default_rng(3).gamma(2.0, 1.0, (2, 1, 200)) + 1)
    with qtbot.waitSignal(window.controller.separation_failed, timeout=20_000):
        window.open_path(path, ask=False)
    tool = compare()
    assert tool.view.list.how("fixed") == "there is no neuropil region to subtract"
    assert tool.view.list.numbers("present")[0] == ""  # there is no result


def test_it_follows_the_theme(qtbot, window, short, open_and_wait, compare):
    open_and_wait(short)
    tool = compare()
    light = tool.view.traces.curves[-1].pen.color()
    window.set_theme("dark")
    assert tool.view.traces.curves[len(tool.view.drawn) - 1].pen.color() == style.component_colour(0) != light
    window.set_theme("light")
