"""Sweep view: film strip, map and held-out blocks, the numbers of what is pointed at, and progress."""

from collections.abc import Mapping

from PyQt5.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QStackedWidget,
    QTabWidget,
    QWidget,
)

from neuropil_gui.core.analysis.sweep import Tile
from neuropil_gui.core.analysis.sweep_plans import SweepPlan
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.features.sweep import words
from neuropil_gui.features.sweep.held_out_page import HeldOutPage
from neuropil_gui.features.sweep.pages import MapPage, StripPage
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.sizes import keep_scaled, set_icon_side
from neuropil_gui.ui.widgets.layouts import stack

HELP = """<b>Sweep</b><p>The selected cell, separated at many settings, to see what a choice of them does.</p>
<p><b>Film strip</b>: each row is the best match at one alpha (or n), the lowest at the bottom, bright where the trace
is high. At the right, on the same rows, how many components are alive, and a number to choose: a cross where nothing
was separated, a hollow dot where the solver did not converge.</p>
<p><b>Map</b>: two settings at once. Tiles are coloured by a number; rest the pointer on one for all of them. None of
the numbers finds the best tile by itself: the help of each says when it misleads.</p>
<p>A click takes the settings of a row or tile, and the form at the left follows; the frame shows where they stand. With
the keyboard: arrows, then Enter. Seeds are swept with the random start, and a click takes that too.</p>
<p>All tiles are the accelerated solver's, which now and then ends in another minimum than FISSA's: a ring says that a
tile is unchecked. What you take is checked against FISSA's own, and its tile says how it came out; where
FISSA's own has the lower objective, the tile shows that. A triangle asks whether too much was taken out (r with
neuropil below &minus;0.2).</p>
<p><b>Held out</b>: blocks of signals x time are held out of the fit and predicted from it (bi-cross-validation, Owen
and Perry 2009), at each n and at each alpha; see the help of its plots.</p>"""

HELD_OUT_IDLE = "Point at a value to read its error, click to take it."
IDLE = "Point at a row or a tile to read its numbers, click to take its settings."


class SweepView(QWidget):
    """The pages of the sweep, or a sentence where there is nothing to sweep.

    Signals: `asked` (another sweep was chosen), `settings_chosen` (SeparationSettings), `cancel_requested`,
    `go_on_requested`.

    Attributes
    ----------
    plan : SweepPlan or None
        Plan that is drawn.
    """

    asked = pyqtSignal()
    settings_chosen = pyqtSignal(object)
    cancel_requested = pyqtSignal()
    go_on_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plan: SweepPlan | None = None
        self._tiles: dict[tuple[int, int], Tile] = {}
        self._place: tuple[int, int] | None = None
        self._running = False
        self.strip, self.map, self.held_out = StripPage(), MapPage(), HeldOutPage()
        self.tabs = QTabWidget()
        self.tabs.setObjectName("sweep_tabs")
        self.tabs.setAccessibleName("Film strip, map or held-out blocks")
        self.tabs.setDocumentMode(True)
        if (bar := self.tabs.tabBar()) is not None:
            bar.setDrawBase(False)
        self.pages = (self.strip, self.map)
        for page, text, tip in (
            (self.strip, "Film strip", "One setting against time"),
            (self.map, "Map", "Two settings against each other"),
        ):
            self.tabs.setTabToolTip(self.tabs.addTab(page, text), tip)
            page.asked.connect(self.asked)
            page.chosen.connect(self._on_chosen)
            page.pointed.connect(self._on_pointed)
        self.tabs.setTabToolTip(
            self.tabs.addTab(self.held_out, "Held out"), "How well held-out signals are predicted over n and alpha"
        )
        self.held_out.pointed.connect(self._on_held_out)
        self.note = QLabel()
        self.note.setObjectName("sweep_note")
        self.note.setProperty("note", True)
        self.note.setWordWrap(True)
        self.note.hide()
        self.nothing = QLabel()
        self.nothing.setObjectName("sweep_nothing")
        self.nothing.setProperty("muted", True)
        self.nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.nothing.setWordWrap(True)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.nothing)
        self.stack.addWidget(self.tabs)
        notes = QHBoxLayout()
        notes.setContentsMargins(10, 4, 10, 4)
        notes.addWidget(self.note)
        stack(self, notes, (self.stack, 1), self._make_bar())
        self.tabs.currentChanged.connect(self._on_tab)
        self.restyle()

    def _make_bar(self) -> QHBoxLayout:
        self.words = QLabel(IDLE)
        self.words.setObjectName("sweep_words")
        self.words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.count = QLabel()
        self.count.setObjectName("sweep_count")
        self.count.setProperty("muted", True)
        self.progress = QProgressBar()
        self.progress.setObjectName("sweep_progress")
        self.progress.setAccessibleName("Progress of the sweep")
        self.progress.setToolTip("How many of the settings have been separated")
        self.progress.setTextVisible(False)
        keep_scaled(self.progress, QWidget.setFixedSize, 120, 12)
        self.button = QPushButton()
        self.button.setObjectName("sweep_button")
        keep_scaled(self.button, set_icon_side, 16)
        self.button.clicked.connect(self._on_button)
        line = QHBoxLayout()
        line.setContentsMargins(10, 4, 10, 6)
        line.setSpacing(10)
        line.addWidget(self.words, 1)
        for widget in (self.count, self.progress, self.button):
            line.addWidget(widget)
        # Keep the height whether or not there is progress.
        self.words.setMinimumHeight(self.button.sizeHint().height())
        return line

    @property
    def holds_out(self) -> bool:
        """Whether the page on held-out blocks is the visible one."""
        return self.tabs.currentWidget() is self.held_out

    @property
    def page(self) -> StripPage | MapPage:
        """The page of tiles that is visible, or was last."""
        return self.map if self.tabs.currentWidget() is self.map else self.strip

    def show_nothing(self, sentence: str) -> None:
        """Show why there is nothing to draw; the controls stay usable."""
        self.nothing.setText(sentence)
        self.stack.setCurrentWidget(self.nothing)
        self.show_note("")
        self.show_work(0, 0, False)
        self.plan, self._tiles, self._place = None, {}, None
        self._write()

    def show_note(self, sentence: str) -> None:
        """Show a limitation of the sweep; an empty sentence hides the note."""
        self.note.setText(sentence)
        self.note.setVisible(bool(sentence))

    def show_sweep(self, plan: SweepPlan, tiles: Mapping[tuple[int, int], Tile], truth: bool) -> None:
        """Draw the tiles of a plan that are done; `truth` is whether the true signal is known."""
        if plan != self.plan:
            self._place = None
        self.stack.setCurrentWidget(self.tabs)
        self.plan, self._tiles = plan, dict(tiles)
        (self.strip if plan.y is None else self.map).show_sweep(plan, tiles, truth)
        self._write()

    def show_held_out(self) -> None:
        """Show the page on held-out blocks, whose part fills it."""
        self.stack.setCurrentWidget(self.tabs)
        self.plan, self._tiles, self._place = None, {}, None
        self._on_held_out("")

    def show_present(self, settings: SeparationSettings, signals: int) -> None:
        """Mark the current settings."""
        if self.plan is not None:
            (self.strip if self.plan.y is None else self.map).show_present(self.plan, settings, signals)

    def show_work(self, done: int, total: int, running: bool, cancelled: bool = False) -> None:
        """Show progress; a running sweep can be cancelled, a cancelled one continued."""
        self._running = running
        self.count.setText(f"{done} of {total}" if done < total else "")
        self.progress.setRange(0, max(total, 1))
        self.progress.setValue(done)
        self.progress.setVisible(running)
        self.button.setVisible(running or cancelled)
        self.button.setText("Cancel" if running else "Go on")
        self.button.setAccessibleName(self.button.text())
        self.button.setToolTip("Stop; what is done stays" if running else "Separate those that are left")
        self.button.setIcon(icon("cancel" if running else "run"))

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.button.setIcon(icon("cancel" if self._running else "run"))

    def _write(self) -> None:
        text = IDLE if self.plan is not None else ""
        if self.plan is not None and self._place is not None:
            text = words.line(self.plan, self._place, self._tiles.get(self._place))
        self.words.setText(text)
        self.words.setToolTip(text)

    @pyqtSlot(int)
    def _on_tab(self, _: int) -> None:
        self._place = None
        self.asked.emit()

    @pyqtSlot(str)
    def _on_held_out(self, line: str) -> None:
        self.words.setText(line or HELD_OUT_IDLE)
        self.words.setToolTip(line)

    @pyqtSlot(object)
    def _on_pointed(self, place: tuple[int, int] | None) -> None:
        self._place = place
        self._write()

    @pyqtSlot(object)
    def _on_chosen(self, place: tuple[int, int]) -> None:
        if self.plan is not None:
            self.settings_chosen.emit(self.plan.settings_at(*place))

    @pyqtSlot()
    def _on_button(self) -> None:
        (self.cancel_requested if self._running else self.go_on_requested).emit()
