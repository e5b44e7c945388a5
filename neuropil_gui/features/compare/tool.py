"""Compare: results, pins and rivals of the selected cell on the same axes."""

from collections.abc import Callable
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

from PyQt5.QtCore import pyqtSlot
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.analysis.candidates import Candidate, Difference
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.settings_summary import brief
from neuropil_gui.drawing.prepared import pyramid_of
from neuropil_gui.drawing.series import Series
from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.runner import Runner
from neuropil_gui.engine.tool import Tool
from neuropil_gui.features.compare import words
from neuropil_gui.features.compare.board import CompareBoard
from neuropil_gui.features.compare.candidate_list import PLUG_INS, Row
from neuropil_gui.features.compare.jobs import RivalAsked
from neuropil_gui.features.compare.rival_set import ASKED, KEYS, SEPARATED, SIMPLE, RivalSet
from neuropil_gui.features.compare.time_link import TimeLink
from neuropil_gui.features.compare.view import CompareView, Drawn
from neuropil_gui.state.pins import SLOTS
from neuropil_gui.state.results import Result
from neuropil_gui.state.session import Session
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.time_plot import TimeViewBox
from neuropil_gui.ui.tool_page import ToolPage

if TYPE_CHECKING:
    from neuropil_gui.figures.figure import ResultFigure

HELP = """<b>Compare</b><p>The current result of the selected cell, what is pinned of it (P) and its rivals, on the same
axes. Each line at the left is a switch; rest the pointer on it for what it assumes, when it fails and whom to cite.</p>
<p><b>F \N{MINUS SIGN} k Fneu</b> is the ROI less k times the mean of its regions: k as you drag it, or found in three
ways. The <b>other methods</b> are made once they are switched on; FISSA's NMF and ICA with the n and the seed that are
set. <b>Plug-ins</b> are methods that other packages bring.</p>
<p>The numbers need no truth, and each of them can be at its best on a wrong trace: none says which is right.</p>
<p>Values are in the file's units, also where the page Cell shows \N{GREEK CAPITAL LETTER DELTA}F/F. Nothing here
changes a result; only <b>make current</b> changes which one is current.</p>"""

LATE = ("regression", "robust", "cross_validation")


class CompareTool(Tool):
    """Lays the present result of the selected cell, its pins and its rivals over each other.

    Attributes
    ----------
    view : CompareView
    board : CompareBoard
        Candidates and differences, made by the tool's runner.
    separations : CompareBoard
        FISSA's NMF and ICA, and the rivals in `ASKED`, in a second thread: a candidate does not wait until a separation
        has ended.
    rivals : RivalSet
    """

    def __init__(self, session: Session, engine: Controller, parent: QWidget) -> None:
        self.view = CompareView()
        super().__init__(session, engine, ToolPage("compare", "Compare", HELP, self.view), parent)
        self._link: TimeLink | None = None
        self.board, self.separations = CompareBoard(self.runner, self), CompareBoard(Runner(self), self)
        self.rivals = RivalSet(Runner(self, "The plug-in"), self)
        self._axis: tuple[Cell | None, float | None] = (None, None)
        self._on = dict.fromkeys(KEYS, True) | dict.fromkeys(("raw", *SIMPLE[1:], *SEPARATED, *ASKED), False)
        self._chosen: tuple[str, str] | None = None
        self._pair = ("", "")
        self._made: dict[str, object] = {}
        for signal in (
            session.cell_changed, session.frame_rate_changed, session.result_changed, session.settings_changed,
            session.pins.changed, self.board.changed, self.separations.changed, self.rivals.changed,
            self.view.restyled,
        ):  # fmt: skip
            signal.connect(self.follow)
        rows = self.view.list
        rows.switched.connect(self._on_switched)
        rows.factor_changed.connect(self._on_factor)
        rows.parameter_changed.connect(self.follow)
        self.rivals.found.connect(self._on_plug_ins)
        rows.pin_clicked.connect(self._on_pin)
        rows.unpin_clicked.connect(session.pins.unpin)
        self.view.pair_chosen.connect(self._on_pair)
        self.view.blink.toggled.connect(self._on_blink)
        self.view.current_clicked.connect(self._on_current)

    def link_time(self, axis: TimeViewBox) -> None:
        """Let the time axis begin where another one is, and move with it while "linked" is checked."""
        self._link = TimeLink(axis, self.view.traces.box, self.view.linked)

    @property
    def busy(self) -> bool:
        """Whether a candidate, a difference or a separation is being made."""
        return self.board.working or self.separations.working or self.rivals.working

    def figure(self) -> "Callable[[], ResultFigure] | None":
        """Return what draws the traces that are switched on; None where there are none."""
        cell, rate = self._axis
        made = {key: self._candidate(key) for key in self.rivals.drawing_order if self._on[key]}
        names = {key: words.SHORT.get(key, key) for key, candidate in made.items() if candidate is not None}
        if cell is None or not names:
            return None
        candidates = {names[key]: each.trace for key, each in made.items() if each is not None}
        roles = {names[key]: {"raw": "raw", "present": "matched"}.get(key, self.rivals.role(key)) for key in names}
        reference, compared = (names.get(key, "") for key in self._pair)
        start, end = self.view.traces.box.viewRange()[0]

        def draw() -> "ResultFigure":
            from neuropil_gui.figures.comparison import plot_comparison

            return plot_comparison(
                cell, candidates, reference=reference, compared=compared, roles=roles, frame_rate=rate,
                time_range=(start, end),
            )  # fmt: skip

        return draw

    # Asking

    def _update(self) -> None:
        """Ask for what is not known yet, and show what is."""
        session, cell = self._session, self._session.cell
        self.rivals.look()
        rate = session.recording.frame_rate if session.recording is not None else None
        if self._axis != (cell, rate):
            if self._axis[0] is not cell:
                self.board.drop()
                self.separations.drop()
                self.rivals.want(None, {})
            self._axis = (cell, rate)
            self.view.stop()
            if cell is not None:
                view = self._link.view if self._link is not None else None
                self.view.show_time(cell.traces.shape[1], rate, cell.trial_starts, view)
        asked = self._asked_of(cell)
        settings = {key: self._settings_of(key) for key in SEPARATED if self._on[key]}
        self.separations.want(cell, settings | {key: each for key, each in asked.items() if key in ASKED})
        self.rivals.want(cell, {key: each for key, each in asked.items() if key in self.rivals.plug_ins})
        self._made = self._made_of(cell)
        self._pair = self._choose_pair()
        pairs = {_name(*self._pair): self._pair, "parity": ("present", "stored")}
        for name, (one, other) in pairs.items():
            first, second = self._candidate(one), self._candidate(other)
            if first is not None and second is not None:
                self._made[name] = (first, second)
        # The slowest come last.
        self.board.want(cell, {key: self._made[key] for key in sorted(self._made, key=lambda key: key in LATE)})
        self._show(cell)

    def _made_of(self, cell: Cell | None) -> dict[str, object]:
        """Return what each candidate is made of, by key."""
        if cell is None:
            return {}
        session = self._session
        made: dict[str, object] = {}
        if session.result is not None:
            made["present"] = session.result
        made |= {slot: pinned.separation for slot, pinned in session.pins.here.items()}
        made["raw"] = None
        if len(cell.traces) > 1:
            made["fixed"] = self.view.list.factor.factor
            made |= dict.fromkeys(SIMPLE[1:])
        if cell.stored is not None and cell.stored.matched.shape[-1] == cell.traces.shape[1]:
            made["stored"] = None
        if cell.truth is not None and cell.truth.sources.shape[-1] == cell.traces.shape[1]:
            made["truth"] = None
        for key in SEPARATED:
            answer = self.separations.answer(key)
            if isinstance(answer, tuple):
                made[key] = answer[0]
        return made

    def _asked_of(self, cell: Cell | None) -> dict[str, RivalAsked]:
        """Return the rivals that are switched on, and are made only then, with the values of their parameters."""
        if cell is None or len(cell.traces) < 2:
            return {}
        return {
            key: RivalAsked(rival, tuple(self.view.list.values(key).items()))
            for key in (*ASKED, *self.rivals.plug_ins)
            if self._on[key] and (rival := self.rivals.rival(key)) is not None
        }

    def _settings_of(self, method: str) -> SeparationSettings:
        """Return FISSA's defaults for a method, with n, seed, offset, pedestal and drop_nan as they are set."""
        now = self._session.settings
        return replace(
            SeparationSettings(),
            method=method,
            n=now.n,
            seed=now.seed,
            offset=now.offset,
            pedestal=now.pedestal,
            drop_nan=now.drop_nan,
        )

    def _candidate(self, key: str) -> Candidate | None:
        if key in self.rivals.plug_ins:
            answer = self.rivals.answer(key)
        elif key in ASKED:
            answer = self.separations.answer(key)
        else:
            answer = self.board.answer(key) if key in self._made else None
        return answer if isinstance(answer, Candidate) else None

    def _choose_pair(self) -> tuple[str, str]:
        """Return the chosen pair of keys as far as there are candidates, else the most informative ones."""
        there = [key for key in self.rivals.keys if self._candidate(key) is not None]
        reference, compared = self._chosen or ("", "")
        if reference not in there:
            reference = "present" if "present" in there else next(iter(there), "")
        if compared not in there or compared == reference:
            wish = ("stored", *SLOTS, "fixed", "raw", *there)
            compared = next((key for key in wish if key in there and key != reference), "")
        return reference, compared

    # Showing

    def _show(self, cell: Cell | None) -> None:
        session, view = self._session, self.view
        rows = {key: row for key in self.rivals.keys if (row := self._row(key, cell)) is not None}
        view.list.show_rows(rows)
        reference, compared = self._pair
        there = {key: row.text for key, row in rows.items() if self._candidate(key) is not None}
        result = self._result_of(compared)
        can = result is not None and result.separation is not session.result
        says = f"Make {there[compared]} the current result, with its settings" if can and compared in there else ""
        view.show_pair(there, reference, compared, says)
        level = base.level if (base := self._candidate(reference)) is not None else 0.0
        drawn = [
            self._drawn(key, made, level, rows[key].text)
            for key in self.rivals.drawing_order
            if key in rows and self._on[key] and (made := self._candidate(key)) is not None
        ]
        subtitle = f"level of {there[reference]}" if drawn and reference else "nothing is switched on"
        view.show_traces(drawn, subtitle if there else "no cell" if cell is None else "on their way")
        self._show_difference(cell, there)
        parity = self.board.answer("parity")
        text = session.cell.name if session.cell is not None else ""
        if isinstance(parity, Difference) and cell is not None and cell.stored is not None:
            text += f" · parity with {cell.stored.origin}: {words.parity(parity)}"
        self.page.header.set_subtitle(text)

    def _row(self, key: str, cell: Cell | None) -> Row | None:
        """Return a row of the list, None where this cell has no such candidate."""
        made, pins = self._candidate(key), self._session.pins
        text, how, tip, button = self._label(key, cell), "", words.tip(self.rivals.rival(key)), ""
        asked = self.rivals.is_asked(key)
        if key in SLOTS:
            pinned = pins[key]
            button = "unpin" if pinned is not None else "pin" if self._session.result is not None else ""
            if pinned is None:
                how = "free: P pins the current result"
            elif key not in pins.here:
                how = f"of {pinned.cell}: {brief(pinned.settings, pinned.separation.n)}"
        elif key == "present" and self._session.result is None:
            how = "not separated yet: press Run"
        elif (key in SIMPLE or asked) and cell is not None and len(cell.traces) < 2:
            how = "there is no neuropil region to subtract"
        elif asked and made is None:
            how = self.separations.problem(key) or self.rivals.problem(key)
            how = how or ("on its way…" if self._on[key] else "switch it on to make it")
        elif key in SEPARATED and made is None:
            how = self.separations.problem(key)
            if not how and self._on[key]:
                how = "separating…"
            elif not how:
                how = f"switch it on to separate: {brief(self._settings_of(key))}"
        elif key in ("stored", "truth") and (cell is None or getattr(cell, key) is None):
            return None
        if made is not None:
            how, tip = made.how, f"{escape(made.remark)} {tip}".strip()
            base = self._candidate(self._pair[0])
            if self._on[key] and base is not None and (moved := words.moved(base.level - made.level, base.level)):
                how += f" · moved {moved}"
        return Row(
            text,
            style.pen(self.rivals.role(key)),
            self.board.problem(key) or how,
            tip,
            words.numbers(made),
            self._on[key],
            made is not None or key in SEPARATED or (asked and self.rivals.rival(key) is not None),
            button,
        )

    def _label(self, key: str, cell: Cell | None) -> str:
        if key == "fixed":
            return f"F \N{MINUS SIGN} {self.view.list.factor.factor:.2f} Fneu"
        if key == "stored" and cell is not None and cell.stored is not None:
            return cell.stored.origin
        rival = self.rivals.rival(key)
        return rival.label if rival is not None else words.SHORT.get(key, key)

    def _drawn(self, key: str, made: Candidate, level: float, text: str) -> Drawn:
        moved = words.moved(level - made.level, level)
        series = Series(pyramid_of(made.trace), 0, 0.0, 1 / (self._axis[1] or 1.0), shift=level - made.level)
        tip = f"{text}, moved by {moved} to the level of the reference" if moved else f"{text}, as it is"
        return Drawn(key, series, style.pen(self.rivals.role(key)), words.SHORT.get(key, key), tip)

    def _show_difference(self, cell: Cell | None, there: dict[str, str]) -> None:
        name = _name(*self._pair)
        found, made_of = self.board.answer(name), self.board.made_of(name)
        first, second = (there.get(key, "") for key in self._pair)
        one, other = made_of if isinstance(made_of, tuple) else (self._candidate(key) for key in self._pair)
        gap, pairing = None, None
        sentence = self.board.problem(name) or ("on its way" if second else "it takes two traces")
        if isinstance(found, Difference):
            step = 1 / (self._axis[1] or 1.0)
            series = Series(pyramid_of(found.trace), 0, 0.0, step)
            gap = Drawn("difference", series, style.pen("difference"), "difference")
            pair = _name(*(words.SHORT.get(key, key) for key in self._pair))
            sentence = f"{pair}: {words.difference(found, self._axis[1])}"
            pairing = found.pairing
        self.view.show_difference(gap, sentence)
        self.view.matrices.show_pair(
            one.separation if one is not None else None,
            other.separation if other is not None else None,
            pairing,
            (first, second),
            cell.signal_names if cell is not None else (),
        )

    # Requests of the view

    @pyqtSlot(str, bool)
    def _on_switched(self, key: str, on: bool) -> None:
        self._on[key] = on
        self.follow()

    @pyqtSlot()
    def _on_plug_ins(self) -> None:
        """Add rows for plug-ins, those that cannot be used with the reason."""
        self._on |= dict.fromkeys(self.rivals.plug_ins, False)
        self.view.list.add_group(PLUG_INS, [each.rival or key for key, each in self.rivals.plug_ins.items()])
        self.follow()

    @pyqtSlot(float)
    def _on_factor(self, _: float) -> None:
        self._on["fixed"] = True
        self.follow()

    @pyqtSlot(str)
    def _on_pin(self, slot: str) -> None:
        self._on[slot] = True
        self._session.pins.pin(slot)

    @pyqtSlot(str, str)
    def _on_pair(self, reference: str, compared: str) -> None:
        # The same key twice would compare nothing: swap the two.
        self._chosen = self._pair[::-1] if reference == compared else (reference, compared)
        for key in self._chosen:
            self._on[key] = True
        self.follow()

    @pyqtSlot(bool)
    def _on_blink(self, on: bool) -> None:
        """Switch both on, so that each turn shows one."""
        if on:
            self._on |= dict.fromkeys((key for key in self._pair if key), True)
            self.follow()

    def _result_of(self, key: str) -> Result | None:
        if key in SLOTS:
            pinned = self._session.pins.here.get(key)
            return pinned.result if pinned is not None else None
        answer = self.separations.answer(key)
        return Result(*answer) if isinstance(answer, tuple) else None

    @pyqtSlot()
    def _on_current(self) -> None:
        compared = self._pair[1]
        result = self._result_of(compared)
        if compared in SLOTS:
            self._session.pins.show(compared)
        elif result is not None:
            self._session.show_again(result)

    def _rest(self) -> None:
        """Stop, and forget all that was drawn."""
        self.view.stop()
        self._axis, self._made, self._pair = (None, None), {}, ("", "")
        for board in (self.board, self.separations):
            board.drop()
        self.rivals.want(None, {})
        self._show(None)


def _name(one: str, other: str) -> str:
    return f"{one} \N{MINUS SIGN} {other}"
