"""Report on a recording: one HTML page with the methods, a table, distributions, and a card for each cell."""

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.analysis.numbers import NUMBERS, TESTED
from neuropil_gui.core.analysis.population import PopulationSweep
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.methods import CellFacts, methods, references
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.remarks import Remark, doubts
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings_summary import brief
from neuropil_gui.engine.exporting import result_in
from neuropil_gui.engine.report_population import ReportPopulation
from neuropil_gui.engine.runner import Report, ShouldStop, Work
from neuropil_gui.formats.cell_places import read_places
from neuropil_gui.formats.project.packing import fingerprint
from neuropil_gui.state.results import Outcome

if TYPE_CHECKING:
    from neuropil_gui.figures.figure import ResultFigure

COLUMNS = ("n", "alive", "r_neuropil", "score", "explained")
"""Keys of the numbers in the table, beside `TESTED` where cells were tested with added transients."""

DISTRIBUTED = ("r_neuropil", "score", "explained", "alive")
"""Keys of the numbers whose distributions are drawn."""

POINTS, SIZE_MM = 174, (180.0, 62.0)
"""Most points of a trace, and size of a cell's figure: 200 cells are then below 10 MB."""

NUMBERS_ALONE = (
    "Of this result only the numbers are known: it has made room for later ones, or is of an earlier state of the "
    "recording. Separate the cell again to see it."
)

_IDENTIFIERS = re.compile(r' id="[A-Za-z][\w.]*_\d+"| transform="rotate\(-0 [^"]*"')
_USES = re.compile(r'(<use [^>]*?) style="[^"]*"')
_PLACES = re.compile(r' (x|y|d|width|height)="([^"]*)"')
_FONTS = re.compile(r"font-family: [^;\"]*;? ?")


@dataclass(frozen=True, eq=False)
class Reported:
    """What a report is about.

    Attributes
    ----------
    recording : Recording
    outcomes : mapping of int to Outcome
        What became of each cell that was separated, by its index.
    result : callable
        Returns the result of a cell and an outcome, None where it is not there; called in the thread that writes.
    marks : mapping of int to Mark
    sweeps : sequence of PopulationSweep
        Of all cells over one setting, complete.
    """

    recording: Recording
    outcomes: Mapping[int, Outcome]
    result: Callable[[int, Cell, Outcome], Separation | None]
    marks: Mapping[int, Mark] = field(default_factory=dict)
    sweeps: Sequence[PopulationSweep] = ()


def report(path: Path, reported: Reported) -> Work:
    """Write a report to `path`; answer with the path and what is missing. Reports (done, of how many)."""

    def work(report: Report, should_stop: ShouldStop) -> tuple[Path, list[str]]:
        from neuropil_gui.formats.writing.atomic import replacing

        text = report_html(reported, report, should_stop)
        with replacing(path) as stream:
            stream.write(text.encode("utf-8", "replace"))
        return path, []

    return work


def results_of(
    known: Mapping[int, Separation], project: Path | None, digests: Mapping[int, str] | None = None
) -> Callable[[int, Cell, Outcome], Separation | None]:
    """Return what finds the results of a report: those known, those in a project, and those that cells carry.

    Parameters
    ----------
    known : mapping of int to Separation
    project : Path or None
    digests : mapping of int to str, optional
        Fingerprints of the cells whose results the project holds; those of other signals are not taken.
    """

    def result(index: int, cell: Cell, outcome: Outcome) -> Separation | None:
        if index in known:
            return known[index]
        stale = outcome.earlier or (digests is not None and not cell.absent and digests.get(index) != fingerprint(cell))
        if project is not None and not stale:
            found = result_in(project, index, outcome.settings)
            if found is not None:
                return found
        carried = cell.stored.separation if cell.stored is not None else None
        return carried if carried is not None and carried.settings == outcome.settings else None

    return result


def report_html(reported: Reported, report: Report, should_stop: ShouldStop) -> str:
    """Return the page; raises `Cancelled` when `should_stop` says so."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    from neuropil_gui.figures.population import plot_distributions
    from neuropil_gui.formats.writing.provenance import versions

    recording, marks = reported.recording, reported.marks
    tests = {index: each.spike_in for index, each in reported.outcomes.items() if each.spike_in is not None}
    columns = (*COLUMNS, *TESTED) if tests else COLUMNS
    try:
        places = read_places(recording)
    except DataError:  # most sources do not say where their cells lie
        places = None
    cells, facts, population = [], [], ReportPopulation(recording.frame_rate, reported.sweeps, places)
    for index in range(len(recording.cells)):
        report((index, len(recording.cells)))
        if should_stop():
            raise Cancelled
        shown, known = _card(reported, index, population, columns)
        cells.append(shown)
        facts += known
    succeeded = {index: each for index, each in reported.outcomes.items() if not each.failed}
    values = {key: [each.numbers.get(key, float("nan")) for each in succeeded.values()] for key in DISTRIBUTED}
    rejected = sum(mark.verdict == "rejected" for mark in marks.values())
    paragraph = methods(facts, len(recording.cells), versions()) if facts else ""
    if rejected and paragraph:
        paragraph += f" Rejected by eye: {rejected:,}."
    now = datetime.datetime.now().astimezone()
    templates = Environment(loader=FileSystemLoader(RESOURCES), autoescape=True, undefined=StrictUndefined)
    return templates.get_template("report.html").render(
        name=recording.name,
        source=recording.source or "",
        format=recording.format,
        date=now.isoformat(" ", "minutes")[:16],
        versions=versions(),
        paragraph=paragraph,
        references=references(facts),
        columns=[NUMBERS[key] for key in columns],
        cells=cells,
        distributions=_svg(plot_distributions(values)) if len(succeeded) > 1 else "",
        population=[{"title": title, "figure": _svg(figure)} for title, figure in population.figures(tests)],
    )


def _card(
    reported: Reported, index: int, population: ReportPopulation, columns: Sequence[str]
) -> tuple[dict[str, Any], list[CellFacts]]:
    """Return what the page shows of a cell, and its facts for the methods; hand on its result, where that is there."""
    header, outcome = reported.recording.cells.headers[index], reported.outcomes.get(index)
    shown: dict[str, Any] = {
        "number": index + 1,
        "name": header.name,
        "mark": reported.marks.get(index, Mark()),
        "separated": outcome is not None and not outcome.failed,
        "numbers": [""] * len(columns),
        "iterations": "",
        "converged": "",
        "warnings": (),
        "summary": "not separated",
        "figure": "",
    }
    if outcome is not None and outcome.failed:
        shown["warnings"] = (Remark(outcome.failed, "error"),)
    elif outcome is not None:
        shown |= {
            "numbers": [NUMBERS[key].text(outcome.values.get(key, float("nan"))) for key in columns],
            "iterations": f"{outcome.iterations:,}",
            "converged": "yes" if outcome.converged else "no",
            "warnings": doubts(outcome.warnings),
            "summary": brief(outcome.settings, outcome.n),
        }
    try:
        cell = reported.recording.cells[index]
    except DataError as error:
        shown["warnings"] = (*shown["warnings"], Remark(str(error), "error"))
        return shown, []
    separation = None
    if outcome is not None and not outcome.failed:
        separation = reported.result(index, cell, outcome)
        if separation is None:
            shown["warnings"] = (*shown["warnings"], Remark(NUMBERS_ALONE))
    if separation is not None:
        population.add(index, cell, separation)
    if separation is not None or not cell.absent:
        shown["figure"] = _svg(_drawn(cell, separation, reported.recording.frame_rate))
    return shown, [CellFacts.of(index + 1, cell, separation)] if separation is not None else []


def _drawn(cell: Cell, separation: Separation | None, rate: float | None) -> "ResultFigure":
    from neuropil_gui.figures.result import plot_separation

    parts: tuple[str, ...] = ("raw",) if separation is None else ("raw", "matched", "mixing")
    if cell.absent:
        parts = ("separated", "mixing")
    return plot_separation(separation, cell, parts=parts, frame_rate=rate, size_mm=SIZE_MM, points=POINTS)


def _svg(figure: "ResultFigure") -> object:
    """Return a figure as an element of the page: small, and without identifiers that others have too."""
    from markupsafe import Markup, escape

    content = BytesIO()
    figure.savefig(content, format="svg")
    text = content.getvalue().decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<title>.*?</title>", "", text, flags=re.DOTALL)
    text = _PLACES.sub(lambda found: f' {found[1]}="{_short(found[2])}"', text)
    text = _USES.sub(r"\1", text)  # as what they use
    text = re.sub(r">\s+<", "><", _FONTS.sub("", _IDENTIFIERS.sub("", text)))
    described = escape(figure.description)
    return Markup(text.replace("<svg ", f'<svg role="img" aria-label="{described}" ', 1))


def _short(path: str) -> str:
    """Return places with a decimal at most, and paths without the commands that go without saying."""
    numbers = re.sub(r"-?\d+\.\d+", lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), path)
    words = numbers.split()
    if {word for word in words if word.isalpha()} <= {"M", "L", "z"}:
        words = [word for word in words if word != "L"]  # what follows M are lines
    return " ".join(words)
