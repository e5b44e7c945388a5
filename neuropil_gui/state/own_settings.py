"""Settings of the recording, and of cells that have settings of their own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.core.settings import SeparationSettings

if TYPE_CHECKING:
    from neuropil_gui.state.session import Session


@dataclass(frozen=True)
class CellSettings:
    """Settings by which the cells of a recording are separated.

    Attributes
    ----------
    common : SeparationSettings
        Those of the recording.
    own : mapping of int to SeparationSettings
        Those of cells that have their own, by their index.
    """

    common: SeparationSettings = field(default_factory=SeparationSettings)
    own: Mapping[int, SeparationSettings] = field(default_factory=dict, hash=False)

    def of(self, index: int) -> SeparationSettings:
        """Return the settings of the cell at `index`."""
        return self.own.get(index, self.common)


class OwnSettings(QObject):
    """Settings of each cell: the session has those of the selected one, and a change of them is a change here.

    Signals: `changed`.
    """

    changed = pyqtSignal()

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session
        self._all = CellSettings(session.settings)
        # Before anyone else: who listens to the session finds the selected cell's settings.
        session.selection_changed.connect(self._show)
        session.settings_changed.connect(self._on_settings)

    @property
    def all(self) -> CellSettings:
        """The settings of all cells; `restore` puts them back."""
        return self._all

    def of(self, index: int) -> SeparationSettings:
        """Return the settings of the cell at `index`."""
        return self._all.of(index)

    def keep(self, indices: Iterable[int], wanted: bool) -> None:
        """Let cells have settings of their own from now on, or (False) those of the recording again."""
        own = dict(self._all.own)
        for index in indices:
            if wanted:
                own.setdefault(index, self._all.common)
            else:
                own.pop(index, None)
        self.restore(CellSettings(self._all.common, own))

    def restore(self, settings: CellSettings) -> None:
        """Put these in place of the settings of all cells, unless an exercise locks that."""
        if settings != self._all and self._session.teaching.allows_all(self._all, settings):
            self._all = settings
            self._show()
            self.changed.emit()

    def move(self, places: Mapping[int, int]) -> None:
        """Let settings of their own be of cells at other places; those of cells that have none are forgotten."""
        self.restore(
            CellSettings(self._all.common, {places[each]: own for each, own in self._all.own.items() if each in places})
        )

    def clear(self) -> None:
        """Forget the settings of single cells, because another recording is opened."""
        self.restore(CellSettings(self._all.common))

    @pyqtSlot()
    def _show(self) -> None:
        """Let the session have the settings of the selected cell."""
        self._session.set_settings(self.of(self._session.index))

    @pyqtSlot()
    def _on_settings(self) -> None:
        """Take the settings that the session has now for those of the selected cell, or of the recording."""
        index, settings = self._session.index, self._session.settings
        if settings == self.of(index):
            return
        own = self._all.own
        if index in own:
            self._all = CellSettings(self._all.common, {**own, index: settings})
        else:
            self._all = CellSettings(settings, own)
        self.changed.emit()
