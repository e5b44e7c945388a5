"""Facts of a session: what is open, selected, set and known, to be read; `Session` changes them."""

from collections.abc import Mapping
from dataclasses import replace

from PyQt5.QtCore import QObject

from neuropil_gui.core.analysis.pairing import Agreement
from neuropil_gui.core.history import RunHistory
from neuropil_gui.core.recording import Cell, Cells, Recording
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.state.cell_tests import CellTests
from neuropil_gui.state.hidden_truth import without_true_numbers
from neuropil_gui.state.present import Present
from neuropil_gui.state.results import Outcome, Outcomes, Result, Results
from neuropil_gui.state.solver_check import SolverCheck
from neuropil_gui.state.spikes import Spikes
from neuropil_gui.state.teaching import Teaching


class SessionFacts(QObject):
    """The part of a session that is read.

    Attributes
    ----------
    teaching : Teaching
        Which simulation is shown.
    results : Results
        The results at hand, of whichever cell.
    solver_check : SolverCheck
        How the two solvers' results agree.
    spikes : Spikes
        Spike times of cells, from simultaneous electrophysiology.
    tests : CellTests
        The spike-in tests of cells.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._recording: Recording | None = None
        self._whole: Cells | None = None
        self._index = 0
        self._cell: Cell | None = None
        self._settings = SeparationSettings()
        self._live = True
        self.teaching = Teaching(self)
        self.results = Results()
        self._outcomes = Outcomes()
        self.tests = CellTests(self._outcomes, self)
        self._latest: Result | None = None
        self._draft: Separation | None = None
        self._looked_back: tuple[int, Separation | None] | None = None
        self.solver_check = SolverCheck()
        self.spikes = Spikes(self)

    @property
    def present(self) -> Present:
        """A frozen view of what is open, selected, set and shown."""
        return Present(self._recording, self._index, self._cell, self._settings, self._latest)

    @property
    def recording(self) -> Recording | None:
        """The open recording."""
        return self._recording

    @property
    def whole_recording(self) -> Recording | None:
        """The open recording with its truth, also while that is hidden; for whoever opens it again later."""
        if self._recording is None or self._whole is None:
            return None
        return replace(self._recording, cells=self._whole)

    @property
    def index(self) -> int:
        """The selected cell's place in the recording, from 0."""
        return self._index

    @property
    def cell(self) -> Cell | None:
        """The selected cell, once its signals are read."""
        return self._cell

    @property
    def settings(self) -> SeparationSettings:
        """The settings as they stand in the form."""
        return self._settings

    @property
    def live(self) -> bool:
        """Whether each change is separated at once."""
        return self._live

    @property
    def latest(self) -> Result | None:
        """The newest finished result of the selected cell, whole."""
        return self._latest

    @property
    def result(self) -> Separation | None:
        """The newest finished separation of the selected cell."""
        return self._latest.separation if self._latest else None

    @property
    def numbers(self) -> Mapping[str, float]:
        """The numbers of `result`."""
        return self._latest.numbers if self._latest else {}

    @property
    def history(self) -> RunHistory | None:
        """History of the run of `result`, None where that is not known."""
        return self._latest.history if self._latest else None

    @property
    def draft(self) -> Separation | None:
        """Draft that is drawn in place of the result until there is a newer one."""
        return self._draft

    @property
    def drawn(self) -> Separation | None:
        """Separation that the plots show: the draft where there is one, else the result."""
        return self.result if self._draft is None else self._draft

    @property
    def up_to_date(self) -> bool:
        """Whether what is drawn is that of the settings as they stand."""
        return self.drawn is not None and self.drawn.settings.asks_like(self._settings)

    @property
    def answered(self) -> bool:
        """Whether `result` is that of the settings as they stand."""
        return self.result is not None and self.result.settings.asks_like(self._settings)

    @property
    def iteration(self) -> int | None:
        """The earlier iteration of the run of `result` that is on screen; None for the result itself."""
        return self._looked_back[0] if self._looked_back and self._looked_back[1] is self.result else None

    @property
    def agreement(self) -> Agreement | None:
        """Agreement of the two solvers' results, None where only one is known."""
        if self._latest is None or (rival := self.rival) is None:
            return None
        return self.solver_check.agreement(self._latest.separation, rival.separation)

    @property
    def rival(self) -> Result | None:
        """What the other solver answered to the settings of `result`, None where that is not known."""
        return self.results.rival(self._index, self._latest.separation.settings) if self._latest else None

    @property
    def fissas(self) -> Result | None:
        """FISSA's own result, of `latest` and its rival."""
        known = (self._latest, self.rival)
        return next((each for each in known if each and each.separation.settings.solver == "fissa"), None)

    def outcome(self, index: int) -> Outcome | None:
        """Return the outcome of the cell at `index`, None while nothing is known."""
        outcome = self._outcomes.get(index)
        if outcome is None or not self.teaching.truth_hidden:
            return outcome
        return replace(outcome, numbers=without_true_numbers(outcome.numbers))

    def outcomes(self) -> list[tuple[int, Outcome]]:
        """Return the index and outcome of each cell of which something is known."""
        return [(index, outcome) for index in self._outcomes if (outcome := self.outcome(index)) is not None]

    def has_result(self, index: int, settings: SeparationSettings) -> bool:
        """Return whether the cell at `index` was separated, or refused, with just these settings."""
        return self._outcomes.answers(index, settings)

    def knows(self, index: int, settings: SeparationSettings) -> bool:
        """Return whether the answer of one of the solvers to these settings is at hand."""
        return self.results.best(index, settings) is not None
