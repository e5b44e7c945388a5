"""Rivals of the page Compare by key: this program's, and those that plug-ins bring."""

from collections.abc import Mapping

from PyQt5.QtCore import QObject, pyqtSignal, pyqtSlot

from neuropil_gui.core.analysis.plug_ins import PlugIn
from neuropil_gui.core.analysis.rival import Rival
from neuropil_gui.core.analysis.rivals import RIVALS
from neuropil_gui.core.recording import Cell
from neuropil_gui.engine.batch import quietly
from neuropil_gui.engine.runner import Runner
from neuropil_gui.features.compare import jobs
from neuropil_gui.features.compare.board import CompareBoard
from neuropil_gui.state.pins import SLOTS

SIMPLE = ("fixed", "regression", "robust", "cross_validation")
SEPARATED = ("nmf", "ica")
ASKED = ("ast", "tuncat")
KEYS = ("present", *SLOTS, "raw", *SIMPLE, *SEPARATED, *ASKED, "stored", "truth")

DRAWING_ORDER = ("raw", "truth", *SIMPLE[::-1], *ASKED[::-1], "ica", "nmf", "stored", "C", "B", "A", "present")
"""Keys in drawing order, the lowest first; plug-ins are above the first two."""

PENS = {"present": "matched", "raw": "faint"} | {slot: f"pin_{slot}" for slot in SLOTS}

PLUG_IN_ROLES = 4
"""Colours of plug-ins, in turn: `plug_in_1` and so on in `COMPARED`."""


class RivalSet(QObject):
    """Rivals by key, and a board for those of plug-ins, so that no other candidate waits for a slow one.

    Signals: `found` (there are some), `changed` (a candidate).
    """

    found = pyqtSignal()
    changed = pyqtSignal()

    def __init__(self, runner: Runner, parent: QObject) -> None:
        super().__init__(parent)
        self.plug_ins: dict[str, PlugIn] = {}
        self._board: CompareBoard | None = None
        self._runner = runner
        self._looked = False
        runner.finished.connect(self._on_found)

    @property
    def keys(self) -> tuple[str, ...]:
        """All that can be compared, in the order of the list."""
        return (*KEYS, *self.plug_ins)

    @property
    def drawing_order(self) -> tuple[str, ...]:
        """The same in drawing order, the lowest first."""
        return (*DRAWING_ORDER[:2], *self.plug_ins, *DRAWING_ORDER[2:])

    def is_asked(self, key: str) -> bool:
        """Whether a rival is made only once it is switched on, by a function of signals."""
        return key in ASKED or key in self.plug_ins

    def role(self, key: str) -> str:
        """Return the role of a trace, for its pen."""
        if key in self.plug_ins:
            return f"plug_in_{list(self.plug_ins).index(key) % PLUG_IN_ROLES + 1}"
        return PENS.get(key, key)

    def look(self) -> None:
        """Look for plug-ins, the first time."""
        if not self._looked:
            self._looked = True
            self._runner.submit(quietly(jobs.find_plug_ins()))

    @property
    def working(self) -> bool:
        """Whether a candidate is being made."""
        return self._board is not None and self._board.working

    def rival(self, key: str) -> Rival | None:
        """Return a rival; None where there is none of this key, or it is a plug-in that cannot be used."""
        return self.plug_ins[key].rival if key in self.plug_ins else RIVALS.get(key)

    def want(self, cell: Cell | None, wanted: Mapping[str, object]) -> None:
        """Ask for candidates of a cell, as `CompareBoard.want`."""
        if self._board is not None:
            self._board.want(cell, wanted)

    def answer(self, key: str) -> object:
        """Return the candidate, None while there is none."""
        return self._board.answer(key) if self._board is not None else None

    def problem(self, key: str) -> str:
        """Return why there is no candidate; empty where there is one, or will be."""
        found = self.plug_ins.get(key)
        return found.problem if found is not None and found.problem else self._problem(key)

    def _problem(self, key: str) -> str:
        return self._board.problem(key) if self._board is not None else ""

    @pyqtSlot(object, object)
    def _on_found(self, _: object, found: tuple[PlugIn, ...]) -> None:
        self._runner.finished.disconnect(self._on_found)
        # Of two of one name the first can be used, and the other's problem would take its row.
        for each in found:
            if each.name not in self.plug_ins or self.plug_ins[each.name].rival is None:
                self.plug_ins[each.name] = each
        if self.plug_ins:
            self._board = CompareBoard(self._runner, self)
            self._board.changed.connect(self.changed)
            self.found.emit()
