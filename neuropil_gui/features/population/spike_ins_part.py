"""Part of the Population tool on spike-in tests: which cells are still to be tested, and what came back."""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn, expected_test_seconds, spike_in_table
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.recording import Recording
from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.runner import Work
from neuropil_gui.features.population import jobs, words
from neuropil_gui.features.population.part import Part, Table
from neuropil_gui.features.population.result_parts import ResultPart
from neuropil_gui.features.population.spike_ins_page import SpikeInsPage
from neuropil_gui.state.session import Session

if TYPE_CHECKING:
    from neuropil_gui.figures.figure import ResultFigure


class SpikeInsPart(ResultPart[SpikeInsPage]):
    """Tests cells on demand; the session keeps what came back."""

    nothing = ""
    _test: tuple[SpikeInTest, float | None] | None = None
    _wanted = False
    _missing = 0

    def __init__(self, session: Session, engine: Controller, page: SpikeInsPage) -> None:
        super().__init__(session, engine, page)
        self._now: list[int] = []
        self._known: dict[int, CellSpikeIn] = {}

    def follow(self, recording: Recording) -> bool:
        """Show the tests of the results as they stand; another course or frame rate is another question."""
        before, self._test = self._test, (self.page.test, recording.frame_rate)
        if before != self._test:
            self.trouble = ""
            self.forget()
        return super().follow(recording) or before != self._test

    def forget(self) -> None:
        """Test nothing more without being asked for; the session keeps what is known."""
        self._wanted = False

    def show(self) -> None:
        """Look at what is known of all cells, and draw those that were tested."""
        self._now, self._missing = super().separated(), super().unseparated()
        outcomes = ((index, self._session.outcome(index)) for index in self._now)
        tests = ((index, each.spike_in) for index, each in outcomes if each is not None and each.spike_in is not None)
        self._known = {index: each for index, each in tests if self._test is not None and each.answers(*self._test)}
        self.page.show_cells(self._known, self.names)
        self.page.show_selected(self._session.index)

    def known(self) -> dict[int, CellSpikeIn]:
        """Return the tests of the results as they stood when they were drawn last, by the index of the cell."""
        return self._known

    def separated(self) -> list[int]:
        """Return the cells that had a result then."""
        return self._now

    def unseparated(self) -> int:
        """Return how many cells had neuropil, but no result or refusal then."""
        return self._missing

    def _left(self) -> list[int]:
        return [index for index in self._now if index not in self._known]

    def left(self) -> bool:
        """Return whether cells are left of a test that was asked for, and the workers are free for it."""
        return self._wanted and not self.trouble and not self._engine.batch.running and bool(self._left())

    def seconds(self) -> float:
        """Return how long the tests take that are left, cells included that are still to be separated."""
        if self._asked is None or self._test is None:
            return 0.0
        (recording, settings), test = self._asked, self._test[0]
        headers = ((index, each) for index, each in enumerate(recording.cells.headers) if index not in self._known)
        sizes = Counter((settings.of(index), each.signals, each.frames) for index, each in headers if each.signals > 1)
        total = sum(
            count * expected_test_seconds(own, test, signals, frames) for (own, signals, frames), count in sizes.items()
        )
        return total / max(self._engine.batch.jobs, 1)

    def words(self) -> tuple[str, int, int]:
        """Return how many cells are tested."""
        done, total = len(self.known()), len(self.separated())
        return f"{done:,} of {total:,} cells tested", done, total

    def rest(self) -> tuple[str, str]:
        """Return how many cells are still to be tested, which *Test all* does."""
        left = len(self._left()) + self.unseparated()
        if self.trouble or not left:
            return Part.rest(self)
        if self._engine.batch.running:
            return words.TESTED_LATER, ""
        return words.to_test(left, len(self.known()) + left, self.seconds()), words.TEST_ALL

    def run(self) -> None:
        """Test all cells, once those are separated that are not yet; tests of another course make room."""
        self._wanted, self.trouble = True, ""
        if self._test is not None:
            self._session.tests.drop_others(*self._test)
        if self.unseparated():
            self._engine.separate_all()

    def work(self) -> Work:
        """Return the job that tests what is left."""
        assert self._test is not None
        return jobs.add_transients(self.chosen(self._left()), self._test[0], self._engine.batch.lend())

    def take(self, answer: object) -> None:
        """Take the tests of cells."""
        if self._asked is not None:
            self._session.tests.store(cast(dict[int, CellSpikeIn], answer), self._asked[1])
            self.show()

    def figure(self) -> "Callable[[], ResultFigure] | None":
        """Return what draws leak over gain."""
        known = self.known()
        if all(each.failed for each in known.values()):
            return None

        def draw() -> "ResultFigure":
            from neuropil_gui.figures.spike_in_cells import plot_spike_in_cells

            return plot_spike_in_cells(known)

        return draw

    def table(self) -> Table | None:
        """Return a row for each cell."""
        known = self.known()
        if not known:
            return None
        rows = spike_in_table(known, self.names)
        return Table("_spike_in", tuple(rows[0]), rows)
