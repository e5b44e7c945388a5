"""The report: one page that needs nothing else, with each number, mark, warning and figure on it."""

import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
from neuropil_gui.core.analysis.numbers import SUMMARY, numbers
from neuropil_gui.core.analysis.population import PopulationSweep, population_plan
from neuropil_gui.core.analysis.recovery import Estimate
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.analysis.sweep import Tile
from neuropil_gui.core.errors import Cancelled
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.remarks import Remark
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.engine.report import NUMBERS_ALONE, Reported, report, report_html, results_of
from neuropil_gui.state.results import Outcome, Result

VOID = {"meta", "br", "img", "link"}


class Page(HTMLParser):
    """Elements of a page; fails where they do not close as they open."""

    def __init__(self, text):
        super().__init__()
        self.open, self.elements, self.texts, self.identifiers = [], [], [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.identifiers += [value for name, value in attrs if name == "id"]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        self.identifiers += [value for name, value in attrs if name == "id"]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data.strip())


def quiet(*_):
    return False


@pytest.fixture
def reported(cell, separation_of):
    """Three cells: one with a result, one that was refused, one that was not separated."""
    names = ("cell 1", "<script>alert('x')</script> & µ", "cell 3")
    cells = [replace(cell, name=name) for name in names]
    recording = Recording("moving \N{MOUSE} <b>", "/data/a&b.npy", 20.0, cells, "NumPy")
    made = replace(separation_of(cell, empty=(2,)), warnings=(Remark("It is doubtful. Look at it."),))
    outcomes = {
        0: Outcome.of(Result(made, numbers(cell, made, SUMMARY))),
        1: Outcome(SeparationSettings(), "Some values are not numbers."),
    }
    return Reported(recording, outcomes, results_of({0: made}, None), {0: Mark("accepted", 'a "soma"\nor <i>')})


def test_a_page_shows_everything_and_needs_nothing(reported, tmp_path):
    path = tmp_path / "report.html"
    assert report(path, reported)(quiet, quiet) == (path, [])
    text = path.read_text(encoding="utf-8")
    page = Page(text)
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "link", "iframe", "b", "i"}
    linked = [value for _, attrs in page.elements for name, value in attrs.items() if name.endswith(("href", "src"))]
    assert linked
    assert all(value.startswith("#") for value in linked)
    assert len(set(page.identifiers)) == len(page.identifiers)
    assert {value.removeprefix("#") for value in linked} <= set(page.identifiers)
    words = " ".join(page.texts)
    for expected in (
        "moving \N{MOUSE} <b>", "/data/a&b.npy", "<script>alert('x')</script> & µ", 'a "soma"\nor <i>', "accepted",
        "It is doubtful. Look at it.", "Some values are not numbers.", "The signals of 1 of 3 cells", "Keemink SW",
        "3 cells, 1 of them separated", "not separated", "n auto: 4",
    ):  # fmt: skip
        assert expected in words
    figures = [attrs["aria-label"] for tag, attrs in page.elements if tag == "svg"]
    assert [label.split(" of ")[0] for label in figures] == ["Raw, best match, mixing matrix", "Raw", "Raw"]
    assert "gain" not in page.texts  # where no cell was tested
    made = reported.result(0, reported.recording.cells[0], reported.outcomes[0])
    share = made.scores[made.order[0]]
    assert f">{share:.2f}</text>" in text, "numbers in figures keep their digits"


def test_two_hundred_cells_are_below_ten_megabytes(separation_of):
    recording = simulate(Simulation(cells=1, frames=20_000))
    cell = recording.cells[0]
    made = separation_of(cell)
    many = Reported(recording, {0: Outcome.of(Result(made, {}))}, results_of({0: made}, None))
    text = report_html(many, quiet, quiet)
    assert cell.traces.shape == (5, 20_000)
    assert len(text[text.index("<svg") : text.rindex("</svg>")]) < 48_000


def test_gain_and_leak_are_in_the_table_and_drawn_where_cells_were_tested(reported):
    outcomes = {
        index: replace(
            reported.outcomes[0],
            spike_in=CellSpikeIn(SpikeInTest(), 20.0, Estimate(0.82 + index, 0, 1), Estimate(-0.12, 0, 1)),
        )
        for index in (0, 2)
    }
    page = Page(report_html(replace(reported, outcomes=outcomes), quiet, quiet))
    assert {"gain", "leak", "0.82", "2.82", "\N{MINUS SIGN}0.12", "Spike-in test"} <= set(page.texts)


def test_a_result_that_is_no_longer_there_has_its_numbers(reported):
    gone, seen = replace(reported, result=results_of({}, None)), []
    words = " ".join(Page(report_html(gone, seen.append, quiet)).texts)
    assert seen == [(0, 3), (1, 3), (2, 3)], "it counts the cells"
    assert NUMBERS_ALONE in words
    assert "No cell is separated yet." in words


def test_the_spread_of_several_cells_is_drawn(cell, separation_of):
    recording = Recording("two", None, None, [cell, cell])
    made = separation_of(cell)
    outcomes = {index: Outcome.of(Result(made, numbers(cell, made, SUMMARY))) for index in range(2)}
    text = report_html(Reported(recording, outcomes, results_of({0: made, 1: made}, None)), quiet, quiet)
    assert re.search(r'aria-label="R with neuropil[^"]* of 2 cells', text, re.IGNORECASE)


def test_all_cells_are_drawn_before_and_after_and_over_a_setting(cell, separation_of):
    recording = Recording("three", None, 20.0, [cell, replace(cell, name="b"), replace(cell, name="c")])
    made = {index: separation_of(cell) for index in range(3)}
    outcomes = {index: Outcome.of(Result(each, numbers(cell, each, SUMMARY))) for index, each in made.items()}
    plan = population_plan(SeparationSettings(), recording.cells.headers, "n")
    sweep = PopulationSweep(plan, 3)
    for ix, index in np.ndindex(plan.columns, 3):
        sweep.add([Tile(ix, index, plan.settings_at(ix), converged=True, numbers={"r_neuropil": 0.1})])
    text = report_html(Reported(recording, outcomes, results_of(made, None), {}, [sweep]), quiet, quiet)
    page = Page(text)
    assert {"Before and after", "Correlations between cells", "One n for all"} <= set(page.texts)
    assert len(set(page.identifiers)) == len(page.identifiers)
    assert "n 1 to 4: no cell has collapsed" in text


def test_a_report_can_be_stopped(reported):
    with pytest.raises(Cancelled):
        report_html(reported, quiet, lambda: True)


def test_results_are_found_where_they_are(cell, separation_of, tmp_path):
    from neuropil_gui.core.recording import StoredResult
    from neuropil_gui.formats.project.database import Database
    from neuropil_gui.formats.project.packing import fingerprint, pack_separation
    from neuropil_gui.state.stored_results import result_key

    made = separation_of(cell)
    outcome = Outcome.of(Result(made, {}))
    path = tmp_path / "a.npgui"
    database = Database(path, write=True)
    database.change([("result", result_key(0, made.settings), pack_separation(made, {}, fingerprint(cell)))])
    database.close()
    find = results_of({}, path, {0: fingerprint(cell)})
    assert np.array_equal(find(0, cell, outcome).matched, made.matched)
    assert find(1, cell, outcome) is None
    assert find(0, replace(cell, traces=cell.traces + 1), outcome) is None  # of an earlier state of the recording
    assert find(0, cell, replace(outcome, earlier=True)) is None
    carried = replace(cell, stored=StoredResult("out.npz", made.matched, separation=made))
    assert find(1, carried, outcome) is made
    assert find(1, carried, replace(outcome, settings=SeparationSettings(alpha=3.0))) is None
