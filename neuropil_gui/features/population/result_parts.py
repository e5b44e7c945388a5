"""Parts of the Population tool on results: all cells before and after, and correlations between cells."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, cast

from neuropil_gui.core.analysis.before_after import COMPARED_NUMBERS, SIDES, CellSides
from neuropil_gui.core.analysis.correlations import Correlations
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.values import Value
from neuropil_gui.engine.runner import Work
from neuropil_gui.features.population import jobs, words
from neuropil_gui.features.population.before_page import BeforePage
from neuropil_gui.features.population.correlation_page import CorrelationPage
from neuropil_gui.features.population.part import FACTS, Part, Table
from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.ui.widgets.page import Page

if TYPE_CHECKING:
    from neuropil_gui.engine.exporting import Chosen
    from neuropil_gui.figures.figure import ResultFigure

ResultPage = TypeVar("ResultPage", bound=Page)

DISTANCE = "distance_pixels"
"""Column of the table of pairs, where it is known."""

QUICK = 2e9
"""Products of values, about half a second's, up to which correlations are computed without being asked for."""


class ResultPart(Part[ResultPage]):
    """Base of the parts that show the results of the settings as they stand.

    Attributes
    ----------
    nothing : str
        What the page says while no cell is separated; empty where it draws that itself.
    """

    nothing = words.NOT_SEPARATED
    _asked: tuple[Recording, CellSettings] | None = None

    def follow(self, recording: Recording) -> bool:
        """Forget what is known where recording, frame rate or settings are others."""
        before, now = self._asked, (recording, self._session.own.all)
        is_new = before is None or before[0] is not recording or before[1] != now[1]
        if is_new:
            self._asked, self.trouble = now, ""
            self.forget()
        if self.nothing and not self.separated():
            self.page.say(self.nothing)
        else:
            self.show()
        return is_new

    def forget(self) -> None:
        """Forget what is known."""

    def show(self) -> None:
        """Show what is known."""

    def separated(self) -> list[int]:
        """Return the cells that have a result of the settings as they stand."""
        if self._asked is None:
            return []
        recording, settings = self._asked
        headers = recording.cells.headers
        return sorted(
            index
            for index, outcome in self._session.outcomes()
            if outcome.answers(settings.of(index)) and headers[index].signals > 1
        )

    def unseparated(self) -> int:
        """Return how many cells have neuropil, but no result or refusal by the settings as they stand."""
        if self._asked is None:
            return 0
        recording, settings = self._asked
        return sum(
            header.signals > 1 and not self._session.has_result(index, settings.of(index))
            for index, header in enumerate(recording.cells.headers)
        )

    def chosen(self, indices: list[int]) -> "Chosen":
        """Return the results of cells, for a thread."""
        assert self._asked is not None
        return self._engine.chosen(self._asked[0], indices, project=self._session.results.project)

    def rest(self) -> tuple[str, str]:
        """Return how many cells are still to be separated, which *Separate all* does."""
        left = self.unseparated()
        if self.trouble or not left:
            return super().rest()
        state = words.separated(len(self.separated()), left, self._session.own.all.common)
        if self._engine.batch.running:
            return f"{state}; the others are under way.", ""
        return f"{state}.", words.SEPARATE_ALL

    def run(self) -> None:
        """Have the cells separated that are not yet."""
        if self.unseparated() and not self.trouble:
            self._engine.separate_all()
        self.trouble = ""


class BeforePart(ResultPart[BeforePage]):
    """Measures each result once."""

    def forget(self) -> None:
        """Forget the numbers."""
        self._known: dict[int, CellSides] = {}

    def show(self) -> None:
        """Draw the numbers of the cells that are measured."""
        self.page.show_cells(list(self._known.values()), self.names)
        self.page.show_selected(self._session.index)

    def _left(self) -> list[int]:
        return [index for index in self.separated() if index not in self._known]

    def left(self) -> bool:
        """Return whether a result is not measured yet."""
        return not self.trouble and bool(self._left())

    def words(self) -> tuple[str, int, int]:
        """Return how many results are measured."""
        done, total = len(self._known), len(self.separated())
        return f"{done:,} of {total:,} results measured", done, total

    def work(self) -> Work:
        """Return the job that measures what is left."""
        assert self._asked is not None
        return jobs.measure_cells(self.chosen(self._left()), self._asked[0].frame_rate)

    def take(self, answer: object) -> None:
        """Take the numbers of cells."""
        self._known |= {each.index: each for each in cast(list[CellSides], answer)}
        self.show()

    def figure(self) -> "Callable[[], ResultFigure] | None":
        """Return what draws the points of all cells."""
        known = sorted(self._known.values(), key=lambda each: each.index)
        common = self._session.own.all.common
        if not known:
            return None

        def draw() -> "ResultFigure":
            from neuropil_gui.figures.before_after import plot_before_after

            return plot_before_after(known, settings=common)

        return draw

    def table(self) -> Table | None:
        """Return a row for each cell."""
        names, known = self.names, sorted(self._known.values(), key=lambda each: each.index)
        if not known:
            return None
        columns = tuple(f"{key}_{side}" for key in COMPARED_NUMBERS for side in SIDES)
        rows: list[dict[str, Value]] = []
        for each in known:
            rows.append({"cell": each.index + 1, "name": names[each.index]})
            rows[-1] |= self.facts(self._session.own.of(each.index))
            rows[-1] |= {f"{key}_{side}": each.numbers[side].get(key) for key in COMPARED_NUMBERS for side in SIDES}
        return Table("_before_and_after", ("cell", "name", *FACTS, *columns), rows)


class CorrelationPart(ResultPart[CorrelationPage]):
    """Correlates all results on demand, and at once where that takes no time."""

    _found: Correlations | None = None
    _of: tuple[int, ...] = ()
    _under_way: tuple[int, ...] = ()
    _wanted = False

    def forget(self) -> None:
        """Forget the correlations."""
        self._found, self._of, self._wanted = None, (), False

    def show(self) -> None:
        """Draw the correlations, or say what is missing."""
        separated = self.separated()
        if self._found is not None:
            self.page.show_correlations(self._found, self.names)
            self.page.show_selected(self._session.index)
        elif len(separated) < 2:
            self.page.say(words.ONE_CELL)
        else:
            self.page.say(words.CORRELATE.format(len(separated)))

    def _is_quick(self) -> bool:
        if self._asked is None:
            return False
        separated, headers = self.separated(), self._asked[0].cells.headers
        return len(separated) ** 2 * max((headers[index].frames for index in separated), default=0) < QUICK

    def left(self) -> bool:
        """Return whether correlations of other cells are wanted than those that are known."""
        separated = self.separated()
        if self.trouble or len(separated) < 2 or tuple(separated) == self._of:
            return False
        return self._wanted or (self._is_quick() and not self.unseparated())

    def words(self) -> tuple[str, int, int]:
        """Return how many cells are correlated."""
        return f"Correlations of {len(self.separated()):,} cells …", 0, 0

    def rest(self) -> tuple[str, str]:
        """Return what is missing: cells, or the correlations."""
        separated = self.separated()
        if not self.trouble and len(separated) > 1 and tuple(separated) != self._of:
            return words.CORRELATE.format(len(separated)), words.CORRELATED
        return super().rest()

    def run(self) -> None:
        """Correlate the cells that are separated; where that is done, have the others separated."""
        separated = self.separated()
        if self.trouble or (len(separated) > 1 and tuple(separated) != self._of):
            self._wanted, self.trouble = True, ""
        else:
            super().run()

    def work(self) -> Work:
        """Return the job that correlates the cells."""
        separated = self.separated()
        self._under_way, self._wanted = tuple(separated), False
        return jobs.correlate(self.chosen(separated))

    def take(self, answer: object) -> None:
        """Take the correlations; what is reported before are counts of cells."""
        if isinstance(answer, Correlations):
            self._found, self._of = answer, self._under_way
            self.show()

    def figure(self) -> "Callable[[], ResultFigure] | None":
        """Return what draws matrices and distributions."""
        found, common = self._found, self._session.own.all.common
        if found is None:
            return None

        def draw() -> "ResultFigure":
            from neuropil_gui.figures.before_after import plot_correlations

            return plot_correlations(found, settings=common)

        return draw

    def table(self) -> Table | None:
        """Return a row for each pair of cells."""
        found, facts = self._found, self.facts(self._session.own.all.common)
        if found is None:
            return None
        known = () if found.distances is None else (DISTANCE,)
        rows = (
            {"cell": found.cells[a] + 1, "other": found.cells[b] + 1, **facts}
            | ({} if found.distances is None else {DISTANCE: float(found.distances[a, b])})
            | {f"r_{side}": float(found.matrices[side][a, b]) for side in SIDES}
            for a in range(len(found.cells))
            for b in range(a + 1, len(found.cells))
        )
        return Table("_correlations", ("cell", "other", *FACTS, *known, *(f"r_{side}" for side in SIDES)), rows)
