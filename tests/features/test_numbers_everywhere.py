"""One word shows one number: every number of a result, by its word, in all views that show numbers."""

import re
from dataclasses import replace

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QLabel

from neuropil_gui import SeparationSettings, read, separate_cell
from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.analysis.candidates import of_separation
from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
from neuropil_gui.core.analysis.judgement import judge
from neuropil_gui.core.analysis.number import ARROWS
from neuropil_gui.core.analysis.numbers import NUMBERS, SUMMARY, TESTED, numbers, raw_key
from neuropil_gui.core.analysis.recovery import Estimate
from neuropil_gui.core.analysis.sample import Sample
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.analysis.sweep import TILE_NUMBERS, summary
from neuropil_gui.core.analysis.sweep_plans import Axis, SweepPlan
from neuropil_gui.features.compare import words as compare_words
from neuropil_gui.features.compare.candidate_list import CompareList
from neuropil_gui.features.history.model import COLUMNS
from neuropil_gui.features.population.spike_ins_page import SpikeInsPage
from neuropil_gui.features.sweep import words as sweep_words
from neuropil_gui.features.trust.indicators_page import IndicatorsPage
from neuropil_gui.panels.cells.cell_filter import FILTER_COLUMNS
from neuropil_gui.panels.cells.cell_model import CellModel
from neuropil_gui.panels.cells.cell_summary import summarise
from neuropil_gui.panels.numbers_table import NumbersTable
from neuropil_gui.state.results import Outcome, Result
from neuropil_gui.state.runs import Run

TEST = CellSpikeIn(SpikeInTest(), 30.0, Estimate(0.8234, 0.7, 0.94), Estimate(-0.0312, -0.2, 0.1))
BY_WORD = {word: key for key, number in NUMBERS.items() for word in (number.name, number.symbol)}


def close_to(text, value):
    """Return whether a text is a number as it is shown, to its last digit."""
    found = re.search(r"[\N{MINUS SIGN}-]?[\d,]+\.?(\d*)(e[+-]\d+)?", text)
    if found is None:
        return value != value
    shown = float(found[0].replace("\N{MINUS SIGN}", "-").replace(",", ""))
    last = 10.0 ** (-len(found[1]) + int((found[2] or "e0")[1:]))
    return abs(shown - value) <= 0.5 * last * (1 + 1e-9) or abs(shown - value) <= 5e-3 * abs(value)


def in_numbers_panel(qtbot, cell, result):
    table = NumbersTable()
    qtbot.addWidget(table)
    table.show_numbers(numbers(cell, result, SUMMARY))
    for label in table.findChildren(QLabel):
        if label.objectName().startswith("number_"):
            word, _, text = label.accessibleName().partition(": ")
            raw, arrow, best = text.rpartition(" → ")
            yield BY_WORD[word], best
            if arrow:
                yield raw_key(BY_WORD[word]), raw


def on_indicators_page(qtbot, cell, result):
    page = IndicatorsPage()
    qtbot.addWidget(page)
    page.show_judgement(judge(cell, result, TEST), result.settings.alpha)
    for row in range(page.table.rowCount()):
        title, raw, best = (page.table.item(row, column).text() for column in range(3))
        for arrow in ARROWS.values():
            title = title.removesuffix(f" {arrow}")
        yield BY_WORD[title], best
        if raw_key(BY_WORD[title]) in NUMBERS:
            yield raw_key(BY_WORD[title]), raw


def in_compare(qtbot, cell, result):
    rows = CompareList()
    qtbot.addWidget(rows)
    for title, text in zip(rows.titles, compare_words.numbers(of_separation(cell, result)), strict=True):
        if text:
            yield BY_WORD[title.text()], text


def on_a_tile(qtbot, cell, result):
    plan = SweepPlan(result.settings, Axis("alpha", (result.settings.alpha,)))
    tile = summary(Sample.of_separation(cell, result), result, 0, 0)
    text = sweep_words.tip(plan, (0, 0), tile)
    for word, value in re.findall(r"<tr><td>(.*?)&nbsp;&nbsp;</td><td align='right'>(.*?)</td>", text):
        yield BY_WORD[word], value


def outcome(cell, result):
    """Return what is known of a cell, its recording tested with added transients."""
    return replace(Outcome.of(Result(result, numbers(cell, result, SUMMARY))), spike_in=TEST)


def in_the_cells_table(qtbot, cell, result):
    model = CellModel()
    model.set_headers((cell.header,) if hasattr(cell, "header") else ())
    found = summarise(outcome(cell, result))
    for column in range(model.columnCount()):
        title = model.headerData(column, Qt.Horizontal)
        if title in BY_WORD:
            key = BY_WORD[title]
            yield key, found.alive_text if key == "alive" else NUMBERS[key].text(found.value(key))


def in_history(qtbot, cell, result):
    run = Run.of(1, 0.0, 0, cell.name, result, numbers(cell, result, SUMMARY))
    for column in COLUMNS:
        if column.title in BY_WORD and column.title != "n":
            yield BY_WORD[column.title], column.text(run)


def in_the_filter(qtbot, cell, result):
    known = summarise(outcome(cell, result)).numbers
    for name in FILTER_COLUMNS:
        if name in NUMBERS and name in known:
            yield name, repr(known[name])


def among_all_cells(qtbot, cell, result):
    page = SpikeInsPage()
    qtbot.addWidget(page)
    page.show_cells({0: outcome(cell, result).spike_in}, (cell.name,))
    page.show_hovered(0)
    found = re.search(r"kept (\S+) \(.*\) of added events, leak (\S+) \(", page.line.text())
    yield from zip(TESTED, found.groups(), strict=True)


VIEWS = (
    in_numbers_panel,
    on_indicators_page,
    in_compare,
    on_a_tile,
    in_the_cells_table,
    in_history,
    in_the_filter,
    among_all_cells,
)


@pytest.fixture(params=["real", "demo"])
def cell(request, real_data):
    if request.param == "real":
        return read(real_data / "fissa_example" / "plain.npz").cells[0]
    return read(RESOURCES / "demos" / "contaminated.npz").cells[0]


@pytest.mark.parametrize("method", ["nmf", "ica"])
def test_one_word_shows_one_number(qtbot, cell, method):
    result = separate_cell(cell, SeparationSettings(method=method, solver="accelerated"))
    expected = numbers(cell, result) | {"gain": TEST.gain.mean, "leak": TEST.leak.mean}
    shown = {}
    for view in VIEWS:
        found = dict(view(qtbot, cell, result))
        assert found, view.__name__
        for key, text in found.items():
            assert close_to(text, expected[key]), (view.__name__, key, text, expected[key])
            shown.setdefault(key, []).append(view.__name__)
    # What is shown in one place only is compared with nothing but the registry.
    assert len(shown["r_neuropil"]) == len(VIEWS) - 1
    assert len(shown["gain"]) == len(shown["leak"]) == 4
    assert cell.truth is None or len(shown["error_truth"]) == 4
    assert {"score", "explained", "alive"} <= {key for key, views in shown.items() if len(views) >= 4}
    assert set(TILE_NUMBERS) - set(shown) <= {"r_truth", "error_truth", "objective"}
