"""The ROIs of the open recording while they are edited, with a signal for each change."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.result import Separation
from neuropil_gui.core.script import EDITED_ROIS
from neuropil_gui.imaging.regions import CellRegions
from neuropil_gui.imaging.roi import Roi
from neuropil_gui.imaging.roi_cells import RoiCells
from neuropil_gui.imaging.roi_set import RoiSet
from neuropil_gui.state.cell_places import CellPlaces
from neuropil_gui.state.results import Result

if TYPE_CHECKING:
    from neuropil_gui.state.session import Session


@dataclass(frozen=True, eq=False)
class Tried:
    """What another shape of a ROI, or other regions around it, make of a cell.

    Attributes
    ----------
    regions : CellRegions
    cell : Cell
    exact : bool
        Whether its traces are those of all frames.
    draft : Separation or None
    result : Result or None
        In place of a draft.
    """

    regions: CellRegions
    cell: Cell
    exact: bool
    draft: Separation | None = None
    result: Result | None = None


class Rois(QObject):
    """The ROIs of the open recording; a change of them is one of the recording's cells.

    Signals: `begun` (they are known, and can be edited), `wanted` (RoiSet, text of the step), `changed`,
    `reading_changed` (another part of the movie is read for their traces, or that was stopped).

    Attributes
    ----------
    reading : float or None
        Part of the movie that is read for the traces of ROIs that were changed; None while it is not read.
    """

    wanted = pyqtSignal(object, str)
    begun = pyqtSignal()
    changed = pyqtSignal()
    reading_changed = pyqtSignal()
    _read = pyqtSignal(object, object)

    def __init__(self, session: "Session") -> None:
        super().__init__(session)
        self._session = session
        self._cells: RoiCells | None = None
        self._shown: RoiCells | None = None
        self._exact = True
        self.reading: float | None = None
        self._read.connect(self._on_read)
        self._first: tuple[RoiSet, frozenset[int]] | None = None
        session.recording_left.connect(self._end)
        session.recording_changed.connect(self._end)

    @property
    def all(self) -> RoiSet | None:
        """The ROIs, None where they are not known; `restore` puts them back."""
        return self._cells.rois if self._cells is not None else None

    @property
    def cells(self) -> RoiCells | None:
        """The cells of the ROIs."""
        return self._cells

    @property
    def as_read(self) -> frozenset[int]:
        """Numbers of the ROIs that are as they were read from their file, and so are their signals."""
        if self._first is None or self._cells is None:
            return frozenset()
        first, known = self._first
        return frozenset(first.numbers[index] for index in first.same_signals(self._cells.rois)) & known

    @property
    def edited(self) -> bool:
        """Whether a ROI is not as it was read, or was added or taken away."""
        first = self._first
        return first is not None and self.all is not None and self.as_read != set(self.all.numbers) | first[1]

    def described(self, recording: Recording) -> Recording:
        """Return a recording whose origin says how its ROIs were edited, and how their regions are made."""
        rois = self.all
        if rois is None:
            return recording
        said = {name: value for name, value in recording.origin if name != EDITED_ROIS}
        said |= {f"extraction {name}": str(value) for name, value in asdict(rois.settings).items()}
        if self.edited:
            said[EDITED_ROIS] = f"{len(self.as_read)} of {len(rois)} are as they were read"
        return replace(recording, origin=tuple(said.items()))

    def begin(self, cells: RoiCells) -> None:
        """Take the ROIs of the open recording, whose cells stay as they are."""
        self._cells = self._shown = cells
        cells.source.watch = self._read.emit
        self._first = cells.rois, frozenset(cells.rois.numbers)
        self.begun.emit()

    def bring_back(self, cells: RoiCells, as_read: frozenset[int]) -> None:
        """Take ROIs that were edited before, some of them `as_read`, and put their cells in place of those of the file.

        Nothing was done yet with those.
        """
        self._cells = self._shown = cells
        cells.source.watch = self._read.emit
        self._first = cells.rois, as_read
        self._session.change_cells(cells, CellPlaces({}, frozenset()), 0, None)
        self.begun.emit()

    def restore(self, rois: RoiSet | None) -> None:
        """Put these ROIs in place of all; the selected cell stays selected, or the nearest one that is left."""
        shown, cells = self._shown, self._cells
        if rois is None or cells is None or shown is None or (rois is cells.rois and shown is cells):
            return
        # What was shown of a shape that stays is kept, unless it was a draft, or is to have a truth, which trials lack.
        kept = self._exact and cells.source.truth is None
        made = shown.with_rois(rois, [cells]) if kept else cells.with_rois(rois)
        self._exact = True
        cells.stale.set()
        before, same = cells.rois, cells.rois.same_signals(rois)
        places = {number: index for index, number in enumerate(rois.numbers)}
        new = {index: places[number] for index, number in enumerate(before.numbers) if number in places}
        gone = frozenset(range(len(before))) - set(new)
        changed = rois is not cells.rois
        self._cells = self._shown = made
        index = self._index_after(before, new, rois)
        self._session.change_cells(made, CellPlaces(new, frozenset(same), gone), index, made.known(index))
        if changed:
            self._set_reading(None)
            self.changed.emit()

    @property
    def stopped(self) -> bool:
        """Whether the traces of ROIs that were changed are not read, because that was cancelled."""
        return self._cells is not None and self._cells.stopped.is_set()

    def stop_reading(self) -> None:
        """Read no traces of ROIs that were changed until another change, or `go_on_reading`."""
        if self._cells is not None:
            self._cells.stopped.set()
            self._set_reading(None)

    def go_on_reading(self) -> None:
        """Let the selected cell be read again, and with it the traces of ROIs that were changed."""
        if self._cells is not None:
            self._cells.stopped.clear()
            self._set_reading(None)
            self._session.selection_changed.emit()

    @pyqtSlot(object, object)
    def _on_read(self, cells: RoiCells, part: float | None) -> None:
        if cells is self._cells and not self.stopped:
            self._set_reading(part)

    def _set_reading(self, part: float | None) -> None:
        self.reading = part
        self.reading_changed.emit()

    @property
    def trying(self) -> bool:
        """Whether a cell is shown as another shape of its ROI would make it."""
        return self._shown is not self._cells

    def change(self, rois: RoiSet, text: str) -> None:
        """Put these ROIs in place of all, as one step that can be undone, with a text for it.

        An exercise locks that.
        """
        if self._session.teaching.allows_rois():
            self.wanted.emit(rois, text)
        else:
            self.restore(self.all)

    def show(self, index: int, roi: Roi, tried: Tried) -> None:
        """Show a cell as another shape of its ROI, or other regions, make it; `restore` ends that."""
        if self._cells is None or not self._session.teaching.allows_rois():
            return
        regions, cell = tried.regions, tried.cell
        rois = self._cells.rois
        shapes, grown = [*rois.rois], [*rois.regions]
        shapes[index], grown[index] = roi, regions
        changed = replace(rois, rois=tuple(shapes), regions=tuple(grown))
        known: Mapping[int, Cell] = {k: each for k in range(len(rois)) if (each := self._cells.known(k)) is not None}
        self._shown = RoiCells(self._cells.source, changed, {**known, index: cell})
        self._exact = tried.exact
        self._session.change_signals(self._shown, index, cell, tried.result, tried.draft)

    def _index_after(self, before: RoiSet, new: Mapping[int, int], rois: RoiSet) -> int:
        """Return the place of the cell to select: the newest that was added, else the one that is selected."""
        added = [index for index, number in enumerate(rois.numbers) if number not in before.numbers]
        selected = self._session.index
        if added:
            return added[-1]
        if selected in new:
            return new[selected]
        return min(sum(1 for place in new if place < selected), len(rois) - 1)

    @pyqtSlot()
    def _end(self) -> None:
        if self._cells is not None:
            self._cells.stale.set()
            self._cells.source.watch = None
        self._cells = self._shown = self._first = None
        self._set_reading(None)
