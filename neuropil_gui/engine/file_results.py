"""Results that the open file holds, as results of the session."""

from collections.abc import Mapping
from pathlib import Path

from PyQt5.QtCore import QObject, pyqtSlot

from neuropil_gui.core.analysis.numbers import SUMMARY, numbers
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.runner import Runner, ShouldStop
from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.state.results import Outcome, Result, Stored
from neuropil_gui.state.session import Session


class ResultsOfFile:
    """Results that the cells of a recording carry, read when they are asked for.

    Parameters
    ----------
    recording : Recording
    later : Stored or None
        Results made since, as a project keeps them.
    """

    def __init__(self, recording: Recording, later: Stored | None) -> None:
        self._recording, self._later = recording, later
        self._numbers: dict[int, Mapping[str, float]] = {}

    @property
    def project(self) -> Path | None:
        """The project of the results made since."""
        return self._later.project if self._later is not None else None

    def get(self, index: int, settings: SeparationSettings) -> Result | None:
        """Return the result of a cell and settings."""
        result = self._later.get(index, settings) if self._later is not None else None
        if result is None and (result := self.of_file(index)) is not None and result.separation.settings != settings:
            return None
        return result

    def newest(self, index: int) -> Result | None:
        """Return the result of a cell that was shown last; that of the file where none was."""
        result = self._later.newest(index) if self._later is not None else None
        return self.of_file(index) if result is None else result

    def of_file(self, index: int) -> Result | None:
        """Return the result that a cell carries, with its numbers; None where it carries none."""
        try:
            cell = self._recording.cells[index]
        except DataError:  # selecting the cell says why
            return None
        if cell.stored is None or (separation := cell.stored.separation) is None:
            return None
        if index not in self._numbers:
            self._numbers[index] = numbers(cell, separation, SUMMARY)
        return Result(separation, self._numbers[index])

    def outcomes(self, should_stop: ShouldStop) -> dict[int, Outcome]:
        """Sum up the results of all cells, by their index; raises `Cancelled` when `should_stop` says so."""
        outcomes = {}
        for index in range(len(self._recording.cells)):
            if should_stop():
                raise Cancelled
            if (result := self.of_file(index)) is not None:
                outcomes[index] = Outcome.of(result)
        return outcomes


class FileResults(QObject):
    """Takes settings, marks and results from a file of this program, as far as a project has no later ones."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._runner = Runner(self, "Reading the results of this file")
        self._runner.finished.connect(self._on_summarised)
        session.recording_changed.connect(self._on_recording)

    @pyqtSlot()
    def _on_recording(self) -> None:
        session, recording = self._session, self._session.recording
        self._runner.drop()
        if recording is None or recording.settings is None:
            return
        later = session.results.stored
        if later is None:
            session.set_settings(recording.settings)
        if later is None and not session.marks.all:
            session.marks.restore(recording.marks)
        stored = ResultsOfFile(recording, later)
        session.restore({}, stored)
        self._runner.submit(lambda _, should_stop: stored.outcomes(should_stop), stored)

    @pyqtSlot(object, object)
    def _on_summarised(self, stored: ResultsOfFile, outcomes: dict[int, Outcome]) -> None:
        session, known = self._session, {index for index, _ in self._session.outcomes()}
        new = {index: each for index, each in outcomes.items() if index not in known}
        common = session.own.all.common
        own = {index: each.settings for index, each in new.items() if each.settings != common}
        session.restore(new, stored)
        if own and session.recording is not None and common == session.recording.settings:
            session.own.restore(CellSettings(common, {**own, **session.own.all.own}))
