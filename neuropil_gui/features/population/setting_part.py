"""Part of the Population tool on one setting for all cells: what is separated, and what a click takes."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from neuropil_gui.core.analysis.population import POPULATION_NUMBERS, PopulationSweep, population_plan
from neuropil_gui.core.analysis.sweep import Tile
from neuropil_gui.core.analysis.sweep_plans import SweepPlan, idle_axis, place_of
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.settings import PARAMETERS
from neuropil_gui.engine.population import population_seconds
from neuropil_gui.engine.runner import Work
from neuropil_gui.features.population import jobs, words
from neuropil_gui.features.population.part import FACTS, Part, Table
from neuropil_gui.features.population.setting_page import SettingPage
from neuropil_gui.state.own_settings import CellSettings

if TYPE_CHECKING:
    from neuropil_gui.figures.figure import ResultFigure


class SettingPart(Part[SettingPage]):
    """Fills a sweep of all cells, which the session keeps."""

    _asked: tuple[Recording, SweepPlan] | None = None
    _idle = False

    @property
    def found(self) -> PopulationSweep | None:
        """What is known of all cells at the values that are shown."""
        if self._asked is None:
            return None
        recording, plan = self._asked
        return self._session.sweeps.population(plan, len(recording.cells))

    def follow(self, recording: Recording) -> bool:
        """Show the cells at the values of the setting that is chosen."""
        name = self.page.setting.currentData()
        common, headers = self._session.own.all.common, recording.cells.headers
        plan, before = population_plan(common, headers, name), self._asked
        is_new = before is None or before[1] != plan or before[0].cells is not recording.cells
        if is_new:
            self._asked = recording, plan
            self._idle = bool(idle_axis(plan))
            self.trouble = PARAMETERS[name].ignored if self._idle else ""
        if is_new or self.found is not self.page.found:
            self._show()
        place = place_of(plan.x, common, max(header.signals for header in headers))
        self.page.show_present(None if place is None else place[0], self._session.index)
        return is_new

    def _show(self) -> None:
        found = self.found
        if found is not None and found.complete and found.refused.all():
            self.page.say(words.ALL_REFUSED.format(found.first_error))
        elif found is not None:
            self.page.show_population(found, self.names)

    def _left(self) -> list[tuple[int, list[int]]]:
        """Return what is to be separated: places on the axis, each with cells; the selected one first."""
        found, first = self.found, self._session.index
        if found is None or self.trouble:
            return []
        return [(ix, sorted(cells, key=lambda each: (each != first, each))) for ix, cells in found.left()]

    def left(self) -> bool:
        """Return whether a cell is left at any value, and the workers are free for it."""
        return not self._engine.batch.running and bool(self._left())

    def seconds(self) -> float:
        """Return how long the separations take that are left."""
        if self._asked is None:
            return 0.0
        recording, plan = self._asked
        return population_seconds(plan, recording.cells.headers, self._left()) / max(self._engine.batch.jobs, 1)

    def words(self) -> tuple[str, int, int]:
        """Return how many separations are done."""
        found = self.found
        done, total = (int(found.done.sum()), found.done.size) if found is not None else (0, 0)
        return f"{done:,} of {total:,} separations", done, total

    def rest(self) -> tuple[str, str]:
        """Return why nothing is separated, or how much of it is done."""
        if self.trouble:
            return self.trouble, "" if self._idle else words.TRY_AGAIN
        text, done, total = self.words()
        if done < total and self._engine.batch.running:
            return words.SEPARATING.format(text), ""
        return (text, words.GO_ON) if done < total else ("", "")

    def run(self) -> None:
        """Try again what failed."""
        if not self._idle:
            self.trouble = ""

    def work(self) -> Work:
        """Return the job that separates what is left."""
        assert self._asked is not None
        return jobs.sweep_cells(*self._asked, self._left(), self._engine.batch.lend())

    def take(self, answer: object) -> None:
        """Take separations."""
        if self.found is not None:
            self._session.sweeps.add_to_population(self.found.plan, cast(list[Tile], answer))
            self._show()

    def choose(self, ix: int) -> None:
        """Take a value of the setting for the recording; cells with settings of their own keep those."""
        if self._asked is not None:
            axis, known = self._asked[1].x, self._session.own.all
            common = replace(known.common, **{axis.name: axis.values[ix]})
            self._session.own.restore(CellSettings(common, known.own))

    def figure(self) -> "Callable[[], ResultFigure] | None":
        """Return what draws the image and the counts."""
        found, number, common = self.found, self.page.number.currentData(), self._session.own.all.common
        if found is None or not (found.done & ~found.refused).any():
            return None

        def draw() -> "ResultFigure":
            from neuropil_gui.figures.population import plot_population_sweep

            return plot_population_sweep(found, number=number, settings=common)

        return draw

    def table(self) -> Table | None:
        """Return a row for each cell and value that was tried."""
        found, names = self.found, self.names
        if found is None or not found.done.any():
            return None
        axis = found.plan.x
        unstable, done = found.unstable, found.done.copy()
        facts = [self.facts(found.plan.settings_at(ix)) for ix in range(len(axis))]
        states = {"refused": found.refused, "collapsed": found.collapsed, "unstable": unstable}
        rows = (
            {"cell": cell + 1, "name": names[cell], **facts[ix]}
            | {key: float(found.numbers[key][cell, ix]) for key in POPULATION_NUMBERS}
            | {word: bool(state[cell, ix]) for word, state in states.items()}
            | {"converged": bool(found.converged[cell, ix])}
            for cell in range(found.cells)
            for ix in range(len(axis))
            if done[cell, ix]
        )
        columns = ("cell", "name", *FACTS, *POPULATION_NUMBERS, *states, "converged")
        return Table(f"_{axis.name}_all_cells", columns, rows)
