"""The page of the spike-in test: what it asks for, and that each number on it is the answer's."""

import math
from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QApplication

from neuropil_gui.core.analysis.recovery import Estimate
from neuropil_gui.core.analysis.spike_in import SpikeInPoint, spike_in
from neuropil_gui.core.analysis.spike_in_plan import OWN, SpikeInTest
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.features.trust.spike_in_form import SpikeInForm
from neuropil_gui.features.trust.spike_in_page import COLUMNS, SpikeInPage, interval_text, method_name
from neuropil_gui.features.trust.spike_in_questions import SpikeInQuestion
from neuropil_gui.features.trust.words import in_words
from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import set_scale

FAST = SeparationSettings(solver="accelerated")


@pytest.fixture(scope="module")
def cell():
    """Make a simulated cell of one trial."""
    return simulate(Simulation(regions=3, frames=300, seed=3, frame_rate=10.0)).cells[0]


@pytest.fixture(scope="module")
def found(cell):
    return spike_in(cell, FAST, SpikeInTest(count=3, repeats=3), frame_rate=10.0)


@pytest.fixture
def page(qtbot, cell, found):
    page = SpikeInPage()
    qtbot.addWidget(page)
    page.resize(1000, 600)
    page.show()
    page.say("")
    page.show_answer(cell, found)
    page.show_alpha(0.1)
    return page


def cells(table):
    return [
        [table.item(row, column).text() for column in range(table.columnCount())] for row in range(table.rowCount())
    ]


def test_the_table_has_the_answers_of_all_methods(page, found):
    rows = cells(page.table)
    assert [row[0] for row in rows] == [method_name(key) for key in found.recoveries]
    assert [method_name(key) for key in ("result", "fixed", "ica")] == [
        "this result",
        "F \N{MINUS SIGN} 0.7 Fneu",
        "ICA",
    ]
    for row, made in zip(rows, found.recoveries.values(), strict=True):
        shown = dict(zip(COLUMNS, row, strict=True))
        assert shown["gain"] == interval_text(made.gain)
        assert shown["leak"] == interval_text(made.leak)
        assert shown["spread"] == f"{made.spread:.2f}"
        assert shown["decay"] == f"{made.decays[1] / made.decays[0]:.2f}"
        assert shown["false"] == f"{made.false.mean:.1f}"
        for key in ("detected", "appeared"):
            mean = getattr(made, key).mean
            assert shown[key] == ("–" if math.isnan(mean) else f"{mean:.2f}")
    assert (
        rows[2][2] == "\N{MINUS SIGN}0.70\N{THIN SPACE}\N{PLUS-MINUS SIGN}\N{THIN SPACE}0.00"
    )  # F - 0.7 Fneu, of light in the regions alone


def test_points_and_courses_are_those_of_the_repeats(page, found):
    repeats = found.result.repeats
    x, y = page.put_in.own.getData()
    np.testing.assert_array_equal(x, np.concatenate([each.put_in for each in repeats]))
    np.testing.assert_array_equal(y, np.concatenate([each.came_back for each in repeats]))
    np.testing.assert_array_equal(page.put_in.other.getData()[1], np.concatenate([each.leaked for each in repeats]))
    x, y = page.put_in.slope.getData()
    assert y[-1] / x[-1] == pytest.approx(found.result.gain.mean)
    for curve, course in (("before", "before"), ("after", "after"), ("other", "other")):
        times, values = getattr(page.course, curve).getData()
        np.testing.assert_array_equal(values, getattr(found.result, course))
        np.testing.assert_allclose(times, np.arange(len(values)) / 10.0)


def test_what_points_and_lines_are_is_said_and_methods_are_named_in_a_narrow_window(qtbot, page):
    assert "the cell's light, gain" in page.legend.text()
    assert "other light, leak" in page.legend.text()
    page.resize(700, 500)
    assert page.legend.height() <= 2 * page.legend.fontMetrics().lineSpacing(), "it takes one line from the plots"
    assert page.table.columnWidth(0) >= page.table.sizeHintForColumn(0)


def test_gain_and_leak_over_alpha_with_the_alpha_of_the_result(page):
    points = [
        SpikeInPoint(alpha, Estimate(gain, gain - 0.1, gain + 0.1), Estimate(-0.2, -0.3, -0.1))
        for alpha, gain in ((0.01, 1.0), (1.0, 0.5))
    ]
    page.show_points(points)
    assert page.alphas.points == points
    gains, leaks = (curve.getData() for curve in page.alphas.curves)
    np.testing.assert_allclose(gains, [[-2, 0], [1.0, 0.5]])
    np.testing.assert_allclose(leaks[1], -0.2)
    np.testing.assert_allclose(page.alphas.bars[0].getData()[1], [0.9, 1.1, 0.4, 0.6])
    assert page.alphas.here.value() == pytest.approx(-1)
    page.show_alpha(math.nan)
    assert not page.alphas.isVisible()


def test_the_words_say_what_the_intervals_say(found):
    def said(gain, leak):
        made = found.result
        changed = replace(found, recoveries={"result": type(made)("result", made.repeats)})
        changed.result.__dict__.update(gain=Estimate(*gain), leak=Estimate(*leak))
        return in_words(changed)

    taken = said((0.8, 0.7, 0.9), (-0.5, -0.6, -0.4))
    assert "0.80 comes back" in taken
    assert "takes some of the cell's own light" in taken
    assert "is subtracted from the best match" in taken
    larger = said((1.2, 1.1, 1.3), (0.3, 0.2, 0.4))
    assert "larger than they are" in larger
    assert "appears as the cell's" in larger
    unclear = said((0.9, 0.7, 1.1), (0.0, -0.1, 0.1))
    assert "cannot be told" in unclear
    assert "none as far as the repeats tell" in unclear


def test_all_numbers_are_copied_as_a_table(page, found, qtbot):
    qtbot.mouseClick(page.copy, Qt.LeftButton)
    head, *lines = QApplication.clipboard().text().splitlines()
    names = head.split("\t")
    assert len(lines) == len(found.recoveries)
    for line, (key, made) in zip(lines, found.recoveries.items(), strict=True):
        row = dict(zip(names, line.split("\t"), strict=True))
        assert row["method"] == key
        assert float(row["gain"]) == made.gain.mean
        assert float(row["leak_low"]) == made.leak.low
        assert float(row["decay_after"]) == pytest.approx(made.decays[1] / 10)
        assert row["course"] == found.test.kernel


def test_remarks_are_notes_and_nothing_is_shown_before_an_answer(page, cell, found):
    page.show_answer(cell, replace(found, remarks=()))
    assert not page.notes.isVisible()
    page.show_answer(cell, replace(found, remarks=("Something is odd.",)))
    assert page.notes.isVisible()
    assert page.notes.text() == "Something is odd."
    page.show_cell(cell)
    assert not page.notes.isVisible()
    assert not page.copy.isEnabled()
    assert page.table.rowCount() == 0
    assert page.put_in.own.getData()[0].size == 0


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
    assert page.put_in.widget.backgroundBrush().color().name() == style.current().base.lower()


def test_the_form_asks_for_what_it_shows(qtbot, cell):
    form = SpikeInForm()
    qtbot.addWidget(form)
    assert form.test == SpikeInTest()
    form.show_regions(cell)
    asked = []
    form.changed.connect(lambda: asked.append(form.test))
    for combo, key in (
        (form.unit, "dff"), (form.kernel, OWN), (form.place, "active"), (form.shares, 0.1), (form.other, 2),
    ):  # fmt: skip
        combo.setCurrentIndex(combo.findData(key))
    for box, value in (
        (form.amplitude, 0.5), (form.count, 7), (form.repeats, 4), (form.other_share, 0.6), (form.threshold, 5.0),
    ):  # fmt: skip
        box.setValue(value)
    assert len(asked) == 10
    assert asked[-1] == SpikeInTest(
        amplitude=0.5, unit="dff", kernel=OWN, count=7, place="active", shares=0.1, other=2, other_share=0.6,
        threshold=5.0, repeats=4,
    )  # fmt: skip
    names = [form.other.itemText(row) for row in range(form.other.count())]
    assert names == ["all regions", *cell.signal_names[1:]]
    form.show_regions(replace(cell, traces=cell.traces[:2], signal_names=("ROI", "ring"), truth=None))
    assert form.test.other == "regions"


def test_other_methods_are_measured_where_they_are_asked_for(qtbot, cell, page, install, example_method):
    install("failing_method", "1 / 0\n", {"failing": "RIVAL", "raw": "RIVAL"})
    form = SpikeInForm()
    qtbot.addWidget(form)
    assert form.also == ()
    assert [form.also_by.itemText(row) for row in range(form.also_by.count())] == [
        "nothing else", "ASt (Student-t)", "TUnCaT", "darkest_region", "failing", "all of these",
    ]  # fmt: skip
    with qtbot.waitSignal(form.changed):
        form.also_by.setCurrentIndex(form.also_by.count() - 1)
    assert form.also == ("ast", "tuncat", "darkest_region", "failing")
    result = separate_cell(cell, FAST)
    asked = SpikeInQuestion(cell, result, SpikeInTest(count=3, repeats=2), 10.0, form.also)
    assert asked.seconds > SpikeInQuestion(cell, result, asked.test, 10.0).seconds
    found = asked.work(lambda report: None, lambda: False)
    assert list(found.recoveries) == ["result", "raw", "fixed", "ica", "ast", "tuncat", "darkest_region"]
    (remark,) = (each for each in found.remarks if "failing" in each)
    assert remark.startswith("The plug-in failing of failing_method 1.0 cannot be imported (ZeroDivisionError")
    before = page.table.height()
    page.show_answer(cell, found)
    assert [row[0] for row in cells(page.table)][-3:] == ["ASt (Student-t)", "TUnCaT", "darkest_region"]
    assert page.table.height() > before
    assert not page.table.verticalScrollBar().isVisible()


def test_a_plug_in_that_is_gone_is_a_remark(cell):
    asked = SpikeInQuestion(cell, separate_cell(cell, FAST), SpikeInTest(count=3, repeats=2), 10.0, ("gone",))
    found = asked.work(lambda report: None, lambda: False)
    assert "The plug-in gone: It is not installed any more." in found.remarks
    assert "gone" not in found.recoveries


def test_a_number_that_is_cut_is_said_as_long_as_it_stands(qtbot):
    form = SpikeInForm()
    qtbot.addWidget(form)
    form.show()
    form.count.selectAll()
    qtbot.keyClicks(form.count, "500")
    with qtbot.waitSignal(form.changed):
        qtbot.keyClick(form.count, Qt.Key_Return)
    assert form.test.count == 200
    assert form.limit.text() == "Transients: from 2 to 200: 200 was taken, not 500."
    form.threshold.setValue(4.0)
    assert form.limit.isVisible()
    form.count.setValue(50)
    assert not form.limit.isVisible()
