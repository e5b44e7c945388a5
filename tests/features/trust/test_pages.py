"""The pages of the window on trust, by what they are given."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QWidget

from neuropil_gui import SeparationSettings
from neuropil_gui.core.analysis.judgement import Judgement
from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.analysis.stability import KINDS as ALL_KINDS
from neuropil_gui.core.analysis.stability import Stability
from neuropil_gui.core.analysis.sweep import Tile
from neuropil_gui.drawing.pyramid import Pyramid
from neuropil_gui.drawing.stacked import take_apart
from neuropil_gui.drawing.trial_sides import Side, TrialSides
from neuropil_gui.features.trust.agreement_bars import AgreementBars
from neuropil_gui.features.trust.indicators_page import IndicatorsPage
from neuropil_gui.features.trust.part_list import per_cent
from neuropil_gui.features.trust.parts_page import PartsPage
from neuropil_gui.features.trust.stability_page import BIAS, KINDS, PLACEBO, StabilityPage
from neuropil_gui.features.trust.trials_page import TrialsPage
from neuropil_gui.features.trust.view import TrustView
from neuropil_gui.ui import style
from neuropil_gui.ui.widgets.page import Page
from neuropil_gui.ui.widgets.work_row import WorkRow


@pytest.fixture
def shown(qtbot):
    """Show a page, and keep it until the test has ended."""
    kept = []

    def show(page):
        kept.append(page)
        qtbot.addWidget(page)
        page.resize(1000, 600)
        page.show()
        if isinstance(page, Page):
            page.say("")
        return page

    return show


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_control_has_a_name_and_a_tip(shown, qapp, theme):
    style.apply_theme(qapp, theme)
    view = shown(TrustView())
    names = (
        "stability_kind", "replicates", "indicators_table", "trials_traces", "trials_image", "trials_average",
        "trials_joined", "same_effect", "trust_cancel", "trust_run", "spike_in_count", "spike_in_amplitude",
        "spike_in_unit", "spike_in_kernel", "spike_in_place", "spike_in_shares", "spike_in_other",
        "spike_in_other_share", "spike_in_threshold", "spike_in_repeats", "spike_in_table", "spike_in_copy",
        "events_indicator", "events_threshold", "events_table", "events_copy", "events_oasis", "spikes_open",
        "spikes_remove", "spikes_window", "spikes_also_by", "spikes_table", "spikes_copy",
    )  # fmt: skip
    for name in names:
        widget = view.findChild(QWidget, name)
        assert widget.accessibleName(), name
        assert widget.toolTip(), name
    for each in view.findChildren(QWidget):
        if hasattr(each, "restyle"):
            each.restyle()


def test_a_page_has_a_sentence_until_there_is_something(shown):
    page = shown(PartsPage())
    page.say("Nothing yet")
    assert page.sentence.isVisible()
    page.say("")
    assert not page.sentence.isVisible()


# Stability


def made(separation, frames, **more):
    bands = np.stack([separation.matched[0] + shift for shift in (-1.0, 0.5, 2.0)])
    values = {"agreement": np.array([1.0, 0.5, np.nan, 0.25]), "remarks": ("Something is odd.",), **more}
    return Stability("seeds", separation, bands, replicates=7, **values)


def test_the_ribbon_its_median_and_the_result(shown, cell, separation_of):
    page, separation = shown(StabilityPage()), separation_of(cell)
    page.show_cell(cell, 10.0, separation, placebo=True)
    assert page.notes.text() == PLACEBO
    assert page.notes.isVisible()
    assert page.bias.text() == BIAS
    assert page.bias.isVisible()
    assert not page.plot.bands
    page.show_stability(made(separation, 120))
    band = page.plot.bands[0]
    np.testing.assert_array_equal(band.lower.values, separation.matched[0] - 1)
    np.testing.assert_array_equal(band.series.values, separation.matched[0] + 2)
    np.testing.assert_array_equal(page.plot.curves[1].series.values, separation.matched[0] + 0.5)
    np.testing.assert_array_equal(page.plot.curves[0].series.values, separation.matched[0])
    assert "c1" in page.plot.words()
    assert "median" in page.plot.words()
    assert "7 replicates" in page.caption.text()
    assert page.notes.text() == "Something is odd."
    assert page.bars.texts() == ["c1 1.000", "c2 0.500", "c3 empty", "c4 0.250"]
    page.show_cell(cell, 10.0, separation, placebo=False)
    assert not page.notes.isVisible()
    assert not band.isVisible()


def test_kinds_are_those_of_core_and_are_asked_for(shown):
    page = shown(StabilityPage())
    assert tuple(KINDS) == ALL_KINDS
    asked = []
    page.asked.connect(lambda: asked.append(page.asks))
    page.kind.setCurrentIndex(1)
    page.replicates.setValue(30)
    page.kind.setCurrentIndex(2)
    assert asked == [("bootstrap", 20), ("bootstrap", 30), ("leave_one_out", 30)]
    assert not page.replicates.isEnabled()
    assert "regions" in page.replicates.toolTip()


def test_bars_are_as_long_as_the_agreement(shown):
    bars = shown(AgreementBars())
    bars.show_values([1.0, 0.5, math.nan])
    bars.resize(300, bars.sizeHint().height())
    image = bars.grab().toImage()
    lengths = []
    for rank in range(3):
        colour, y = style.component_colour(rank), 22 * rank + 11
        lengths.append(sum(image.pixelColor(x, y) == colour for x in range(34, 246)))
    assert lengths[1] == pytest.approx(lengths[0] / 2, abs=1)
    assert lengths[0] > 150
    assert lengths[2] == 0


# Where the light went


def test_areas_of_nmf_stand_one_upon_another(shown, cell, separation_of):
    page, separation = shown(PartsPage()), separation_of(cell, empty=(2,))
    page.show_parts(cell, 10.0, take_apart(cell, separation))
    assert page.stack.isVisible()
    assert not page.lanes.isVisible()
    bands = [band for band in page.stack.bands if band.isVisible()]
    assert len(bands) == 4  # the constant, and three that are not empty
    for below, above in pairwise(bands):
        np.testing.assert_array_equal(above.lower.values, below.series.values)
    np.testing.assert_allclose(bands[-1].series.values, separation.matched.sum(axis=0))
    residual = page.residual.curves[0].series.values
    np.testing.assert_allclose(residual + separation.matched.sum(axis=0), cell.traces[0])
    empty = [switch for switch in page.list.switches if not switch.isEnabled()]
    assert [switch.text() for switch in empty] == [f"c{list(separation.order).index(2) + 1}, not in it"]


def test_shares_follow_the_time_in_view(shown, cell, separation_of):
    page, separation = shown(PartsPage()), separation_of(cell)
    parts = take_apart(cell, separation)
    page.show_parts(cell, 10.0, parts)
    for start, end in ((0.0, 11.9), (2.0, 5.0)):
        page.residual.box.setXRange(start, end, padding=0)
        expected = parts.made.shares(round(10 * start), round(10 * end) + 1)
        texts = [label.text() for label in page.list.per_cents]
        assert texts == [per_cent(share) for share in expected.components]
    assert page.stack.box.viewRange()[0] == pytest.approx([2.0, 5.0], abs=0.05)


def test_a_component_switched_off_leaves_and_is_named(shown, qtbot, cell, separation_of):
    page, separation = shown(PartsPage()), separation_of(cell)
    parts = take_apart(cell, separation)
    page.show_parts(cell, 10.0, parts)
    asked = []
    page.asked.connect(asked.append)
    qtbot.mouseClick(page.list.switches[1], Qt.LeftButton, pos=page.list.switches[1].rect().center())
    page.list.switches[1].setChecked(False)
    assert asked[-1] == frozenset({1}) == page.off
    page.show_parts(cell, 10.0, take_apart(cell, separation, asked[-1], parts))
    assert "ROI without c2" in page.stack.words()
    np.testing.assert_allclose(page.stack.curves[2].series.values, cell.traces[0] - separation.matched[1])
    assert sum(band.isVisible() for band in page.stack.bands) == 4
    # Another result begins with all in.
    page.show_parts(cell, 10.0, take_apart(cell, separation_of(cell)))
    assert page.off == frozenset()
    assert not page.stack.curves[2].isVisible()


def test_ica_has_lanes_on_one_scale(shown, cell, separation_of):
    page, separation = shown(PartsPage()), separation_of(cell, method="ica")
    page.show_parts(cell, None, take_apart(cell, separation, frozenset({0})))
    assert page.lanes.isVisible()
    assert not page.stack.isVisible()
    curves = [curve for curve in page.lanes.curves if curve.isVisible()]
    assert len(curves) == 5  # the ROI, three components, and the ROI without the first
    assert len({curve.transform().m22() for curve in curves}) == 1
    np.testing.assert_allclose(curves[0].series.values, cell.traces[0] - cell.traces[0].mean())
    assert curves[-1].transform() == curves[0].transform()
    assert "without c1" in page.lanes.words()


@pytest.mark.parametrize(
    ("share", "text"), [(math.nan, "–"), (0.0, "0.0 %"), (0.01, "< 0.1 %"), (12.34, "12.3 %"), (100.0, "100.0 %")]
)
def test_per_cents_are_written_honestly(share, text):
    assert per_cent(share) == text


# Indicators


def judgement(**result):
    return Judgement(
        result, {key: value + 1 for key, value in result.items()}, {key: value + 2 for key, value in result.items()}
    )


def point(alpha, collapsed=False, **numbers):
    return Tile(0, 0, SeparationSettings(alpha=alpha), collapsed=collapsed, numbers=numbers)


def test_each_row_says_what_it_is_good_for_and_when_it_misleads(shown):
    page = shown(IndicatorsPage())
    page.show_judgement(judgement(skewness=math.nan, r_neuropil=-0.25, excursions=1.0), 0.1)
    texts = [[page.table.item(row, column).text() for column in range(4)] for row in range(3)]
    assert texts == [
        ["r with neuropil → 0", "0.750", "−0.250", "1.750"],
        ["skewness ↑", "–", "–", "–"],
        ["negative excursions ↓", "2.000 %", "1.000 %", "3.000 %"],
    ]
    assert "nearer to 0 speaks for the trace" in page.words.text()
    page.table.selectRow(1)
    assert NUMBERS["skewness"].good_for in page.words.text()
    assert NUMBERS["skewness"].lies_when in page.words.text()
    assert "higher speaks for the trace" in page.words.text()
    assert page.words.isVisible()
    # No truth is known, and a sentence says so.
    assert page.no_truth.isVisible()
    assert not page.truth.isVisible()


def test_gain_and_leak_are_indicators_once_the_cell_was_tested(shown):
    page = shown(IndicatorsPage())
    points = [point(alpha, error_truth=0.3 - alpha) for alpha in (0.05, 0.1)]
    result = {"skewness": 1.0, "error_truth": 0.2, "gain": 0.82, "leak": 0.03}
    page.show_judgement(Judgement(result, {"gain": 1.0, "leak": 0.0}, {"leak": -0.7}), 0.1)
    page.show_points(points)
    texts = [[page.table.item(row, column).text() for column in range(4)] for row in range(4)]
    assert texts[1:3] == [
        ["spike-in gain → 1", "1.000", "0.820", "–"],
        ["spike-in leak → 0", "0.000", "0.030", "−0.700"],
    ]
    page.table.selectRow(1)
    assert "nearer to 1 speaks for the trace" in page.words.text()
    assert NUMBERS["gain"].lies_when in page.words.text()
    assert page.truth.item.getAxis("bottom").labelText == "alpha", "they are known at one alpha alone"


def test_an_indicator_is_held_against_the_truth(shown):
    page = shown(IndicatorsPage())
    points = [
        point(0.1, skewness=0.2, error_truth=0.3),
        point(1.0, skewness=0.4, error_truth=0.5),
        point(10.0, collapsed=True, skewness=math.nan, error_truth=0.9),
    ]
    page.show_judgement(judgement(skewness=0.25, error_truth=0.35), 0.1)
    page.show_points(points)
    assert page.truth.isVisible()
    xs, ys = page.truth.points.getData()
    assert (list(xs), list(ys)) == ([0.2, 0.4], [0.3, 0.5])
    assert [tuple(each) for each in np.transpose(page.truth.ring.getData())] == [(0.25, 0.35)]
    assert page.truth.item.getAxis("bottom").labelText == "skewness"
    # The truth itself is drawn over alpha.
    page.table.selectRow(1)
    xs, ys = page.truth.points.getData()
    assert (list(xs), list(ys)) == ([-1, 0, 1], [0.3, 0.5, 0.9])
    assert page.truth.item.getAxis("bottom").labelText == "alpha"
    # The selection stays when the next result comes.
    page.show_judgement(judgement(skewness=0.3, error_truth=0.4), math.nan)
    assert page.table.currentRow() == 1
    assert "no alpha" in page.no_truth.text()
    assert page.no_truth.isVisible()


# Trials


def sides(cell, refusals=(), agreement=(1.0, 0.5, np.nan)):
    def side(shift):
        joined = cell.traces[0] + shift
        rows = np.full((3, 50), np.nan)
        for row, part in zip(rows, cell.trial_slices, strict=True):
            row[: part.stop - part.start] = joined[part]
        mean = np.nanmean(rows, axis=0)
        return Side(Pyramid(joined), Pyramid(rows), Pyramid(np.stack([mean - 1, mean, mean + 1])), rows, 1)

    return TrialSides(side(0.0), side(5.0), np.array(agreement), tuple(refusals))


@pytest.mark.parametrize("way", ["traces", "image", "average", "joined"])
def test_trials_are_shown_in_four_ways(shown, cell, way):
    page, both = shown(TrialsPage()), sides(cell)
    page.show_sides(cell, 10.0, both, "on alpha")
    page.ways[way].click()
    assert page.way == way
    for plot, side in ((page.jointly, both.jointly), (page.alone, both.alone)):
        visible = [curve for curve in plot.curves if curve.isVisible()]
        assert plot.image.isVisible() == (way == "image")
        if way == "traces":
            scale = visible[0].series.scale
            assert len(visible) == 3
            for trial, curve in enumerate(visible):
                shift = curve.series.shift
                known = ~np.isnan(side.rows.values[trial])
                np.testing.assert_allclose((curve.series.values - shift)[known] / scale, side.rows.values[trial][known])
        elif way == "image":
            assert not visible
            np.testing.assert_array_equal(plot.image.image, side.image.astype(np.float32))
            assert plot.box.yInverted()
        elif way == "average":
            np.testing.assert_array_equal(plot.bands[0].series.values, side.spread.values[2])
            np.testing.assert_array_equal(visible[0].series.values, side.spread.values[1])
        else:
            np.testing.assert_array_equal(visible[0].series.values, side.joined.values[0])
            assert len(plot.trials.xvals) == 2
    assert page.jointly.image.levels is None or list(page.jointly.image.levels) == list(page.alone.image.levels)


def test_the_sentence_about_trials(shown, cell):
    page = shown(TrialsPage())
    page.show_sides(cell, None, sides(cell, ["Trial 3: too short"]), "alpha acts")
    assert page.sentence_on_alpha.text() == "alpha acts"
    assert "median 0.750, least 0.500" in page.agreement.text()
    assert "1 of 3 could not be separated alone. Trial 3: too short" in page.agreement.text()
    page.show_sides(cell, None, sides(cell, agreement=(np.nan,) * 3), "")
    assert "no trial has a trace both ways" in page.agreement.text()


def test_many_trials_are_an_image_at_first(shown, cell):
    page = shown(TrialsPage())
    many = replace(cell, trial_starts=tuple(range(0, 120, 8)))
    page.show_sides(many, None, sides(cell), "")
    assert page.way == "image"


# What is under way


def test_the_row_says_what_is_under_way(shown, qtbot):
    row = shown(WorkRow("trust"))
    height = row.height()
    row.show_work("Separating", 3, 20)
    assert (row.bar.value(), row.bar.maximum()) == (3, 20)
    assert row.cancel.isVisible()
    assert not row.run.isVisible()
    with qtbot.waitSignal(row.cancel_requested):
        row.cancel.click()
    row.show_rest("Cancelled", can_run=True)
    assert row.text.text() == "Cancelled"
    assert not row.bar.isVisible()
    with qtbot.waitSignal(row.run_requested):
        row.run.click()
    assert row.height() == height
