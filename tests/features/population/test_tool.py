"""PopulationTool: it asks for what is left of all cells, waits where that takes long, and takes what is chosen."""

from dataclasses import replace
from unittest.mock import MagicMock

import numpy as np
import pytest
from PyQt5.QtCore import QEvent, QPointF, Qt
from PyQt5.QtWidgets import QApplication

from neuropil_gui.core.analysis.before_after import CellSides
from neuropil_gui.core.analysis.cell_spike_in import REPEATS, CellSpikeIn, CellTest, spike_in_cell
from neuropil_gui.core.analysis.population import PopulationSweep
from neuropil_gui.core.analysis.recovery import Estimate
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.analysis.sweep import Tile, thinned
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.batch import Batch
from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.exporting import Chosen
from neuropil_gui.engine.processes import Processes
from neuropil_gui.features.population import jobs, setting_part, words
from neuropil_gui.features.population import tool as module
from neuropil_gui.features.population.tool import PopulationTool
from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.state.session import Session
from neuropil_gui.state.undo import Undo
from neuropil_gui.ui.sizes import set_scale
from neuropil_gui.ui.style import apply_theme

pytestmark = pytest.mark.any_version


@pytest.fixture
def session(session_of, cell):
    return session_of(cell, replace(cell, name="cell 2"), replace(cell, name="cell 3"))


@pytest.fixture
def make(qtbot, runners, parent, monkeypatch):
    """Make a tool whose page is on screen, and which has asked what it can."""
    monkeypatch.setattr(module, "REST", 0)

    def make(session, jobs=1):
        engine = MagicMock(spec=Controller, batch=MagicMock(spec=Batch, jobs=jobs, running=False))
        engine.chosen.side_effect = lambda recording, indices, project: Chosen(
            recording, indices, session.own.all, session.results.in_memory({k: session.own.of(k) for k in indices})
        )
        made = PopulationTool(session, engine, parent)
        made.engine = engine
        made.page.setParent(parent)
        parent.resize(900, 700)
        made.page.resize(900, 700)
        parent.show()
        made.page.show()
        qtbot.waitUntil(lambda: made.runner.busy or not made.busy)
        return made

    return make


def tiles_of(tool, count=3, collapsed_from=99):
    plan = tool.setting.found.plan
    return [
        Tile(
            ix, cell, plan.settings_at(ix), n=3, converged=True, collapsed=ix >= collapsed_from,
            numbers={"r_neuropil": 0.1 * cell, "alive": 3.0}, trace=thinned(np.arange(50.0), 50),
        )
        for ix in range(plan.columns) for cell in range(count)
    ]  # fmt: skip


def test_without_cells_to_separate_the_page_says_why(make, session_of, cell):
    tool = make(Session())
    assert tool.view.setting.sentence.text() == words.NO_RECORDING
    alone = Cell("alone", cell.traces[:1], cell.signal_names[:1])
    tool = make(session_of(alone, alone))
    assert tool.view.setting.sentence.text() == words.NO_NEUROPIL
    assert (tool.busy, tool.figure(), tool.runner.asked) == (False, None, [])


def test_all_cells_are_asked_for_and_drawn_as_they_come(make, session):
    tool = make(session)
    assert tool.view.row.text.text() == "0 of 33 separations"
    assert "not separated yet" in words.line(tool.setting.found, "cell 1", 0, 0)
    tiles = tiles_of(tool, collapsed_from=7)
    tool.runner.reported.emit(tool.runner.question, tiles[:12])
    assert tool.view.row.text.text() == "12 of 33 separations"
    tool.runner.answer(tiles[12:])
    assert not tool.busy
    page = tool.view.setting
    assert page.currentWidget() is not page.sentence
    assert page.text.text().startswith("alpha 0.002 to 0.2: no cell has collapsed")
    assert "alpha 0.5: 3 collapsed" in page.text.text()
    assert "3 components" not in page.line.text()
    assert tool.figure() is not None
    # What is known is not asked again.
    count = len(tool.runner.asked)
    tool.page.hide()
    tool.page.show()
    assert len(tool.runner.asked) == count
    # What a project had of it is drawn once it is brought back.
    kept = PopulationSweep.of_arrays(tool.setting.found.plan, tool.setting.found.arrays())
    session.sweeps.keep(kept)
    assert page.found is kept
    # Of the methods, which have no order, none is near the other.
    assert "unstable" in page.legend.text()
    page.setting.setCurrentIndex(page.setting.findData("method"))
    assert "methods differ" in page.legend.text()
    assert "unstable" not in page.legend.text()
    page.setting.setCurrentIndex(page.setting.findData("alpha"))
    # The same recording at other settings is another question.
    session.set_settings(replace(session.settings, tol=1e-3))
    assert not tool.setting.found.done.any()


def test_the_image_is_read_and_clicked(qtbot, make, session, light_application):
    undo = Undo(session)
    tool = make(session)
    tool.runner.answer(tiles_of(tool, collapsed_from=7))
    page, plot = tool.view.setting, tool.view.setting.plot
    picture = plot.picture()
    assert picture.shape == (3, 11, 4)
    assert (picture[:, 7:, :3] == picture[0, 7, :3]).all(), "one grey for all that has collapsed"
    assert plot.edge_lines()[0] == [6.5] * 6

    def at(column, row):
        box = plot.cells.getViewBox()
        return plot.widget.mapFromScene(box.mapViewToScene(QPointF(column, row)))

    qtbot.mouseMove(plot.widget.viewport(), at(5, 2))
    plot._on_moved(plot.widget.mapToScene(at(5, 2)))
    assert page.line.text().startswith("3. cell 3 · alpha 0.1 · components alive 3 · r with neuropil 0.20")
    # The cell is marked in other views, and one that the pointer is on there is marked here.
    assert session.highlight.cell == 2
    session.highlight.hover_cell(1)
    assert set(plot.frames["hovered"].getData()[1]) == {0.5, 1.5}
    QApplication.sendEvent(plot.widget, QEvent(QEvent.Leave))
    assert session.highlight.cell is None
    assert not plot.frames["hovered"].isVisible()
    qtbot.mouseClick(plot.widget.viewport(), Qt.LeftButton, pos=at(5, 1))
    assert session.index == 1
    # Among the counts a click takes the value for all cells, and undo takes it back.
    box = plot.counts.getViewBox()
    session.own.keep([2], True)
    count = plot.widget.mapFromScene(box.mapViewToScene(QPointF(3, 0.5)))
    qtbot.mouseClick(plot.widget.viewport(), Qt.LeftButton, pos=count)
    assert session.own.all == CellSettings(SeparationSettings(alpha=0.02), {2: SeparationSettings()})
    assert session.settings.alpha == 0.02
    assert tool.setting.found.complete, "another value of the setting that is swept is no other sweep"
    undo.undo()
    assert session.settings.alpha == 0.1
    # With the keyboard.
    for key in (Qt.Key_Right, Qt.Key_Down, Qt.Key_Space, Qt.Key_Return):
        qtbot.keyClick(plot.widget, key)
    assert session.index == 2
    assert session.own.all.common.alpha == 0.2
    page.order.setCurrentIndex(page.order.findData("number"))
    assert plot.order.tolist() == [0, 1, 2]


def test_what_takes_long_waits_for_run_and_can_be_cancelled(qtbot, make, session, monkeypatch):
    monkeypatch.setattr(setting_part, "population_seconds", lambda *_: 600.0)
    tool = make(session, jobs=2)
    assert not tool.runner.busy
    assert "press Go on" in tool.view.row.text.text()
    assert "about 5 min" in tool.view.row.text.text()
    tool.view.row.run.click()
    assert tool.runner.busy
    tool.view.row.cancel.click()
    assert not tool.busy
    assert tool.view.row.run.isVisible()


def test_separate_all_goes_first_and_the_rest_follows_by_the_same_workers(qtbot, make, session):
    tool = make(session)
    batch = tool.engine.batch
    batch.lend.assert_called_once_with()
    tool.runner.reported.emit(tool.runner.question, tiles_of(tool)[:12])
    batch.running = True
    tool._make_way(0, 3)
    assert not tool.busy
    assert tool.view.row.text.text() == words.SEPARATING.format("12 of 33 separations")
    tool.follow()
    assert not tool.busy
    batch.running = False
    tool.follow()
    qtbot.waitUntil(lambda: tool.runner.busy)
    assert batch.lend.call_count == 2


def test_a_failure_is_told_and_can_be_tried_again(make, session):
    tool = make(session)
    tool.runner.fail(DataError("There is not enough free memory for this."))
    assert tool.view.row.text.text() == "There is not enough free memory for this."
    tool.view.row.run.click()
    assert tool.runner.busy


def test_where_all_are_refused_the_reason_is_told(make, session):
    tool = make(session)
    plan = tool.setting.found.plan
    refused = [Tile(ix, k, plan.settings_at(ix), "It is dark.") for ix in range(plan.columns) for k in range(3)]
    tool.runner.answer(refused)
    assert tool.view.setting.sentence.text() == words.ALL_REFUSED.format("It is dark.")


def test_a_setting_that_the_method_ignores_is_not_swept(make, session):
    session.set_settings(SeparationSettings(method="ica"))
    tool = make(session)
    assert not tool.busy
    assert "ICA" in tool.view.row.text.text()


# Before and after, and correlations


@pytest.fixture
def separated(session, separation_of):
    """A session of three cells, two of which have a result of the settings as they stand."""
    for index in (0, 2):
        cell = session.recording.cells[index]
        session.store_other(index, separation_of(cell), {"r_neuropil": 0.1}, cell=cell)
    return session


def turn(qtbot, tool, page):
    tool.view.tabs.setCurrentIndex(list(tool.view.pages).index(page))
    qtbot.waitUntil(lambda: tool.runner.busy or not tool.busy)


def test_run_has_all_cells_separated_first(qtbot, make, session):
    tool = make(session)
    for page in ("before", "correlation"):
        turn(qtbot, tool, page)
        assert not tool.runner.busy
        assert tool.view.pages[page].sentence.text() == words.NOT_SEPARATED
        assert tool.view.row.text.text() == (
            "0 of 3 cells are separated with the settings as they stand (NMF, n auto, alpha 0.1)."
        )
        tool.engine.batch.running = True
        tool.follow()
        assert tool.view.row.text.text().endswith("; the others are under way.")
        assert not tool.view.row.run.isVisible()
        tool.engine.batch.running = False
        tool.follow()
        assert tool.view.row.run.text() == "Separate all"
        tool.engine.separate_all.reset_mock()
        tool.view.row.run.click()
        tool.engine.separate_all.assert_called_once_with()
        assert tool.figure() is None


def test_each_result_is_measured_once_before_and_after(qtbot, make, separated, separation_of):
    tool = make(separated)
    turn(qtbot, tool, "before")
    answer = []
    answer += tool.runner.work(answer.extend, lambda: False)
    assert [each.index for each in answer] == [0, 2]
    tool.runner.answer(answer)
    page = tool.view.before
    assert page.plot.cells == answer
    assert tool.view.row.text.text().startswith("2 of 3 cells are separated")
    table = tool.part.table()
    assert [row["cell"] for row in table.rows] == [1, 3]
    assert set(table.columns) == {key for row in table.rows for key in row}
    assert table.rows[1]["r_neuropil_raw"] == answer[1].numbers["raw"]["r_neuropil"]
    facts = {"method": "nmf", "n": "auto", "alpha": 0.1, "solver": "fissa", "frame_rate": 20.0}
    assert {key: table.rows[0][key] for key in facts} == facts
    # The nearest point is read and clicked.
    plot = page.plot
    box = plot.plots["skewness"].getViewBox()
    value = answer[1].numbers["matched"]["skewness"]
    scene = box.mapViewToScene(QPointF(2 + plot._offsets[1], value))
    plot._on_moved(scene)
    assert page.line.text().startswith("3. cell 3 (raw ROI")
    assert separated.highlight.cell == 2
    separated.highlight.hover_cell(0)
    assert page.line.text().startswith("1. cell 1 (raw ROI")
    assert plot.paths["skewness"][1].getData()[1][-1] == answer[0].numbers["matched"]["skewness"]
    separated.highlight.hover_cell(1)
    assert not plot.paths["skewness"][1].isVisible(), "it has no result"
    qtbot.mouseClick(plot.widget.viewport(), Qt.LeftButton, pos=plot.widget.mapFromScene(scene))
    assert separated.index == 2
    # Of a best match that is flat most of the time no noise is told.
    page.show_cells([CellSides(0, {"raw": {"noise": 2.0}, "subtraction": {}, "matched": {}})], ("cell 1",))
    assert "Noise is not known of 1 of 1 best matches" in page.line.text()
    # A further result is measured alone; other settings start anew.
    cell = separated.recording.cells[1]
    separated.store_other(1, separation_of(cell), {}, cell=cell)
    qtbot.waitUntil(lambda: tool.runner.busy)
    answer = []
    answer += tool.runner.work(answer.extend, lambda: False)
    assert [each.index for each in answer] == [1]
    separated.set_settings(SeparationSettings(alpha=0.3))
    assert not tool.runner.busy
    assert tool.view.before.sentence.text() == words.NOT_SEPARATED


def test_correlations_are_of_all_results(qtbot, make, separated, separation_of):
    tool = make(separated)
    turn(qtbot, tool, "correlation")
    assert not tool.runner.busy, "a cell is missing"
    assert tool.view.row.text.text() == words.CORRELATE.format(2)
    tool.view.row.run.click()
    tool.view.row.cancel.click()
    assert not tool.runner.busy
    assert tool.view.row.text.text() == words.CORRELATE.format(2), "what was cancelled can be asked for again"
    tool.view.row.run.click()
    turn(qtbot, tool, "before")
    turn(qtbot, tool, "correlation")
    assert tool.view.row.text.text() == words.CORRELATE.format(2)
    tool.view.row.run.click()
    found = tool.runner.compute()
    assert found.cells == (0, 2)
    tool.runner.answer(found)
    page = tool.view.correlation
    assert page.found is found
    assert page.text.text().startswith("Mean r of 2 cells: ")
    assert f"{abs(found.pairs['raw'].mean):.3f}" in page.text.text()
    assert (
        page.bar.text()
        == f"Pearson's r of two cells, beyond the ends too: from \N{MINUS SIGN}{found.limit:.2f} to {found.limit:.2f}"
    )
    page._names = ("cell-1", "cell 2", "cell 3")
    page._on_pointed((0, 1))
    assert page.line.text().startswith("1. cell-1 and 3. cell 3 · r: ")
    rows = list(tool.part.table().rows)
    assert [(row["cell"], row["other"]) for row in rows] == [(1, 3)]
    assert rows[0]["r_raw"] == found.matrices["raw"][0, 1]
    assert tool.figure() is not None
    # Where places are known, r is drawn over distance, and told and written.
    assert page.plot.distance.scene() is None
    middles = np.array([[0.0, 0.0], [9.0, 9.0], [3.0, 4.0]])
    tool.part.take(found.with_places(middles))
    assert page.plot.courses["raw"].getData()[0].tolist() == [5.0]
    page._on_pointed((0, 1))
    assert page.line.text().endswith(" · 5 pixels apart")
    assert next(iter(tool.part.table().rows))["distance_pixels"] == 5.0
    tool.part.take(found)
    assert page.plot.distance.scene() is None
    # Once all cells are separated, so few are correlated without being asked for.
    cell = separated.recording.cells[1]
    separated.store_other(1, separation_of(cell), {}, cell=cell)
    qtbot.waitUntil(lambda: tool.runner.busy)
    tool.runner.answer(tool.runner.compute())
    assert page.found.cells == (0, 1, 2)
    box = page.plot.plots["matched"].getViewBox()
    scene = box.mapViewToScene(QPointF(0, 2))
    page.plot._on_moved(scene)
    assert " and " in page.line.text()
    assert separated.highlight.cell == page.found.cells[page.found.order[2]]
    assert set(page.plot.marks["raw"].getData()[1]) == {1.5, 2.5}
    qtbot.mouseClick(page.plot.widget.viewport(), Qt.LeftButton, pos=page.plot.widget.mapFromScene(scene))
    assert separated.index == page.found.cells[page.found.order[2]]


# Spike-in


def spike_in_of(session, gain):
    asked = SpikeInTest(repeats=REPEATS)
    rate = session.recording.frame_rate
    return CellSpikeIn(asked, rate, Estimate(gain, gain - 0.1, gain + 0.1), Estimate(0.03, -0.1, 0.16))


def test_all_cells_are_tested_on_run_once_those_are_separated_that_are_missing(qtbot, make, separated, separation_of):
    tool = make(separated)
    turn(qtbot, tool, "spike_in")
    page, row = tool.view.spike_in, tool.view.row
    assert not tool.runner.busy, "it was not asked for"
    assert page.shown.currentWidget() is page.nothing
    assert page.nothing.text() == words.NOT_TESTED
    assert row.text.text().startswith("To test 3 cells with added transients takes about ")
    assert row.run.text() == "Test all"
    assert (tool.figure(), tool.part.table()) == (None, None)
    batch = tool.engine.batch
    tool.engine.separate_all.side_effect = lambda: setattr(batch, "running", True)
    row.run.click()
    tool.engine.separate_all.assert_called_once_with()
    assert row.text.text() == words.TESTED_LATER
    assert not tool.runner.busy
    cell = separated.recording.cells[1]
    separated.store_other(1, separation_of(cell), {}, cell=cell)
    batch.running = False
    tool.follow()
    qtbot.waitUntil(lambda: tool.runner.busy)
    assert row.text.text() == "0 of 3 cells tested"
    # *Separate all* has the workers first.
    batch.running = True
    tool._make_way(0, 3)
    assert not tool.runner.busy
    assert row.text.text() == words.TESTED_LATER
    batch.running = False
    tool.follow()
    qtbot.waitUntil(lambda: tool.runner.busy)
    # What comes is drawn, and known in the table of cells.
    tool.runner.reported.emit(tool.runner.question, {0: spike_in_of(separated, 0.82), 1: spike_in_of(separated, 0.9)})
    assert row.text.text() == "2 of 3 cells tested"
    assert separated.outcome(1).values["gain"] == 0.9
    row.cancel.click()
    assert not tool.runner.busy
    assert row.text.text().startswith("To test 1 of 3 cells with added transients")
    row.run.click()
    assert tool.runner.busy
    tool.engine.separate_all.assert_called_once_with()
    tool.runner.answer({2: CellSpikeIn(SpikeInTest(repeats=REPEATS), 20.0, failed="It has no room.")})
    qtbot.waitUntil(lambda: not tool.busy)
    assert not row.run.isVisible()
    assert page.text.text() == (
        "Median of 2 cells: kept 0.86 (half of the cells: 0.84 to 0.88) of added events, leak 0.03 (half of the cells: "
        "0.03 to 0.03). 1 could not be tested. The first: It has no room."
    )
    table = tool.part.table()
    assert [row["gain"] for row in table.rows][:2] == [0.82, 0.9]
    assert set(table.columns) == {key for row in table.rows for key in row}
    assert tool.figure()().title == "Spike-in test of all cells"


def test_the_points_are_read_and_clicked_and_another_course_is_another_test(qtbot, make, separated):
    session = separated
    session.tests.store({0: spike_in_of(session, 0.82), 2: spike_in_of(session, 0.6)}, session.own.all)
    tool = make(session)
    turn(qtbot, tool, "spike_in")
    page = tool.view.spike_in
    assert list(page.plot.cells) == [0, 2]
    assert page.plot.medians[0].value() == pytest.approx(0.71)
    scene = page.plot.scatter.getViewBox().mapViewToScene(QPointF(0.6, 0.03))
    page.plot._on_moved(scene)
    assert page.line.text() == (
        "3. cell 3 · kept 0.60 (0.50 to 0.70) of added events, leak 0.03 (\N{MINUS SIGN}0.10 to 0.16)."
    )
    assert session.highlight.cell == 2
    qtbot.mouseClick(page.plot.widget.viewport(), Qt.LeftButton, pos=page.plot.widget.mapFromScene(scene))
    assert session.index == 2
    session.highlight.hover_cell(0)
    assert page.line.text().startswith("1. cell 1 · kept 0.82")
    session.highlight.hover_cell(1)
    assert page.line.text() == words.TESTED_IDLE
    # Another course, share or frame rate: nothing is known of it, and Run drops what is.
    for change in (
        lambda: page.kernel.setCurrentIndex(page.kernel.findData("jgcamp8f")),
        lambda: page.other_share.setValue(0.7),
        lambda: page.shares.setCurrentIndex(page.shares.findData(0.1)),
    ):
        change()
        assert tool.part.known() == {}
        assert session.outcome(0).spike_in is not None
    assert page.test == SpikeInTest(kernel="jgcamp8f", shares=0.1, other_share=0.7, repeats=REPEATS)
    tool.view.row.run.click()
    assert session.outcome(0).spike_in is None
    assert tool.runner.busy
    session.set_settings(SeparationSettings(alpha=0.3))
    assert not tool.runner.busy


def test_the_job_tests_the_results_that_are_there(make, separated, qtbot):
    tool = make(separated)
    turn(qtbot, tool, "spike_in")
    tool.engine.batch.lend.side_effect = lambda: Processes(1)
    tool.view.row.run.click()
    tool.engine.batch.running = False
    tool.follow()
    qtbot.waitUntil(lambda: tool.runner.busy)
    found = {}
    found |= tool.runner.work(found.update, lambda: False)
    assert set(found) == {0, 2}
    # Of the result that is shown, not of another one by the same settings.
    given = separated.results.get(2, separated.settings).separation
    asked = CellTest(separated.settings, tool.view.spike_in.test, separated.recording.frame_rate, given)
    assert found[2] == spike_in_cell(separated.recording.cells[2], asked)
    assert any("another result than FISSA's" in each for each in found[2].remarks)


def test_a_result_that_cannot_be_measured_is_named_and_not_asked_for_again(qtbot, make, separated, monkeypatch):
    tool = make(separated)
    turn(qtbot, tool, "before")
    measure = jobs.before_and_after

    def measure_all_but_one(index, *known):
        if index == 0:
            raise DataError("the file is gone.")
        return measure(index, *known)

    monkeypatch.setattr(jobs, "before_and_after", measure_all_but_one)
    reported = []
    with pytest.raises(DataError) as caught:
        tool.runner.work(reported.extend, lambda: False)
    assert [each.index for each in reported] == [2]
    tool.runner.reported.emit(tool.runner.question, reported)
    tool.runner.fail(caught.value)
    tool.follow()
    assert not tool.busy
    assert tool.view.row.text.text() == "1 result cannot be measured: cell 1: the file is gone."


def test_texts_have_the_size_of_the_preferences(make, session, light_application):
    view = make(session).view

    def sizes_now():
        return [
            view.setting.plot.values.style["tickFont"].pixelSize(),
            view.before.plot.plots["skewness"].getAxis("left").style["tickFont"].pixelSize(),
            view.correlation.plot.counts.getAxis("left").style["tickFont"].pixelSize(),
            view.setting.text.minimumHeight(),
            view.before.line.minimumHeight(),
            view.setting.plot.counts.geometry().height(),
        ]

    # On a screen of 1280 pixels nothing has to be scrolled: this is what the docks at the left leave.
    assert view.minimumSizeHint().width() <= 966
    before = sizes_now()
    try:
        set_scale(2.0)
        apply_theme(light_application, "light")
        for each in (*view.pages.values(), *(page.plot for page in view.pages.values())):
            if hasattr(each, "restyle"):
                each.restyle()
        light_application.sendPostedEvents()
        larger = sizes_now()
    finally:
        set_scale(1.0)
        apply_theme(light_application, "light")
    assert all(now >= 1.7 * then for now, then in zip(larger, before, strict=True)), (before, larger)
