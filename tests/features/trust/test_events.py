"""The page of events: each number of its table is that of the events, and a row shows its event in the traces."""

import math
from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtWidgets import QApplication

from neuropil_gui.core.analysis.events import KINDS, compare_events
from neuropil_gui.core.analysis.inferred_spikes import InferredSpikes
from neuropil_gui.core.analysis.transients import half_length
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.core.spike_times import SpikeTimes
from neuropil_gui.features.trust.events_page import EventsPage
from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import set_scale


@pytest.fixture(scope="module")
def cell():
    """Make a simulated cell in strong neuropil."""
    return simulate(Simulation(frames=1500, seed=2, contamination=1.2)).cells[0]


@pytest.fixture(scope="module")
def result(cell):
    return separate_cell(cell, SeparationSettings(solver="accelerated"))


@pytest.fixture(scope="module")
def events(cell, result):
    return compare_events(cell, result, frame_rate=30.0)


@pytest.fixture
def page(qtbot, cell, result, events):
    page = EventsPage()
    qtbot.addWidget(page)
    page.resize(1000, 600)
    page.show()
    page.say("")
    page.show_events(cell, 30.0, result, events)
    return page


def number(text):
    return float(text.replace("\N{MINUS SIGN}", "-"))


def test_the_table_has_each_event(page, events):
    assert page.table.rowCount() == len(events.events) > 5
    for line, event in enumerate(events.events):
        texts = [page.table.item(line, column).text() for column in range(page.table.columnCount())]
        assert texts[0] == f"{event.onset / 30:.2f} s"
        assert texts[1] == event.kind
        assert number(texts[2]) == pytest.approx(event.in_roi, rel=1e-3)
        assert number(texts[3]) == pytest.approx(event.in_best, rel=1e-3)
        assert texts[5] == f"c{event.took + 1}"
        assert texts[7] == (event.origin or "–")
        if event.in_roi > 0:
            assert number(texts[4]) == pytest.approx(event.in_best / event.in_roi, abs=0.006)
            assert number(texts[6]) == pytest.approx(np.mean(event.regions) / event.in_roi, abs=0.006)
    for kind in KINDS:
        assert f"{events.count(kind)} {kind}" in page.words.text()


def test_words_say_which_noise_and_course_are_used(page, cell, result, events):
    words = page.words.text()
    assert "GCaMP6s, half in 550 ms, at 30 Hz." in words
    assert f"in the ROI {3 * events.roi_noise:.3g} (noise {events.roi_noise:.3g}, slow neuropil included)" in words
    assert f"in the best match {3 * events.noise:.3g} (noise {events.noise:.3g}, " in words
    clipped = replace(events, clipped=not events.clipped)
    page.show_events(cell, None, result, clipped)
    assert ("its own" in words) == ("the ROI's from frame to frame" in page.words.text())
    assert "at 10 Hz, which were assumed" in page.words.text()
    page.show_events(cell, None, result, replace(events, noise=math.nan, events=()))
    assert page.words.text() == "No transient of this course fits into a trial."


def test_each_event_is_marked_in_the_traces(page, events):
    for kind, dots in page.dots.items():
        wanted = [each.onset / 30 for each in events.events if each.kind == kind]
        np.testing.assert_allclose(dots.getData()[0], wanted)


def test_a_row_brings_its_event_into_view(page, events, qtbot):
    line = len(events.events) // 2
    place = page.table.visualItemRect(page.table.item(line, 1)).center()
    page.table.scrollToItem(page.table.item(line, 1))
    place = page.table.visualItemRect(page.table.item(line, 1)).center()
    qtbot.mouseClick(page.table.viewport(), Qt.LeftButton, pos=place)
    start, end = page.plot.box.viewRange()[0]
    assert start < events.events[line].onset / 30 < end
    assert end - start < 20


def test_events_are_copied_as_a_table(page, events, qtbot):
    qtbot.mouseClick(page.copy, Qt.LeftButton)
    head, *lines = QApplication.clipboard().text().splitlines()
    assert len(lines) == len(events.events)
    first = dict(zip(head.split("\t"), lines[0].split("\t"), strict=True))
    assert int(first["onset_frame"]) == events.events[0].onset
    assert float(first["in_best"]) == events.events[0].in_best


def test_another_threshold_or_course_asks_again(page, qtbot):
    assert page.asks == ("gcamp6s", 3.0)
    with qtbot.waitSignal(page.asked):
        page.threshold.setValue(5)
    with qtbot.waitSignal(page.asked):
        qtbot.keyClick(page.indicator, Qt.Key_Down)
    assert page.asks == ("jgcamp7f", 5.0)


@pytest.fixture
def inferred(cell, events):
    roi, best = np.zeros(cell.traces.shape[1]), np.zeros(cell.traces.shape[1])
    roi[[5, 700]], best[events.events[1].onset + 1] = 4.0, 8.0
    return InferredSpikes(roi, best, 1.5)


def test_inferred_spikes_are_drawn_below_the_traces_and_summed_at_events(page, events, inferred, qtbot):
    with qtbot.waitSignal(page.asked):
        qtbot.mouseClick(page.oasis, Qt.LeftButton, pos=QPoint(8, page.oasis.height() // 2))
    assert page.infers
    lowest = page.plot.box.viewRange()[1][0]
    page.show_inferred(inferred)
    (best_x, best_y), (roi_x, roi_y) = (page.sticks[name].getData() for name in ("best", "roi"))
    np.testing.assert_allclose(best_x, [(events.events[1].onset + 1) / 30] * 2)
    np.testing.assert_allclose(roi_x, [5 / 30, 5 / 30, 700 / 30, 700 / 30])
    assert best_y[1] - best_y[0] == pytest.approx(2 * (roi_y[0] - roi_y[1]))
    assert page.plot.box.viewRange()[1][0] < lowest
    reach = half_length(events.kernel)
    for line, event in enumerate(events.events):
        near = abs(event.onset - events.events[1].onset - 1) <= reach
        assert page.table.item(line, 8).text() == ("8" if near else "0")
    assert "OASIS infers spikes in 1 frame of the best match and 2 of the ROI (noise 1.5)" in page.words.text()
    qtbot.mouseClick(page.copy, Qt.LeftButton)
    head, *lines = QApplication.clipboard().text().splitlines()
    assert float(dict(zip(head.split("\t"), lines[1].split("\t"), strict=True))["oasis_best"]) == 8.0


def test_without_oasis_the_page_says_how_to_get_it(page, inferred, qtbot):
    page.oasis.setChecked(True)
    page.show_inferred(None, "Inferred spikes need OASIS.")
    assert page.words.text().endswith("Inferred spikes need OASIS.")
    assert page.table.item(0, 8).text() == "–"
    page.show_inferred(inferred)
    page.oasis.setChecked(False)
    assert "OASIS" not in page.words.text()
    assert len(page.sticks["roi"].getData()[0] if page.sticks["roi"].getData()[0] is not None else []) == 0


def test_spikes_of_an_electrode_are_ticks_below_the_traces(page, cell, result, events):
    page.spikes = SpikeTimes(np.array([30.0, 600.0]), "frames")
    page.show_events(cell, 30.0, result, events)
    np.testing.assert_allclose(page.plot.spikes.xvals, [1.0, 20.0])
    page.spikes = None
    page.show_events(cell, 30.0, result, events)
    assert page.plot.spikes.xvals == []


def test_rows_have_room_for_larger_text(page):
    row, least = page.table.verticalHeader().defaultSectionSize(), page.table.minimumHeight()
    set_scale(1.5)
    larger = page.table.verticalHeader().defaultSectionSize(), page.table.minimumHeight()
    set_scale(1.0)
    assert larger == (1.5 * row, 1.5 * least)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_it_follows_the_theme(page, qapp, theme):
    style.apply_theme(qapp, theme)
    page.restyle()
    assert page.plot.words()
