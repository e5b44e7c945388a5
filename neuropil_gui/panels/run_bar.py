"""Run bar: state of the result on screen, progress of the solver, and the cancel button."""

import math
from collections.abc import Sequence

from PyQt5.QtCore import Qt, pyqtSignal
from PyQt5.QtGui import QKeyEvent, QMouseEvent
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from neuropil_gui.core.remarks import Remark, doubts
from neuropil_gui.ui import style
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.sizes import keep_scaled, set_icon_side

HELPS = {
    "idle": "Nothing has been separated yet",
    "running": "The separation is being computed; what is drawn is the last result",
    "draft": "A first look: a step on from what was shown, or averages over a few frames; the result replaces it",
    "converged": "The accelerated solver reached its tolerance: the objective and start of FISSA, other steps",
    "exact": "FISSA's own solver reached its tolerance: these are the numbers that FISSA gives",
    "not converged": "The solver stopped at its greatest number of iterations, before it reached its tolerance",
    "from file": "The file that is open holds this result; press Run to make it anew",
    "earlier step": "What is drawn is the separation as it was after an earlier iteration, not the result",
    "cancelled": "You stopped the separation; what is drawn is the last result",
    "out of date": "What is drawn was made with other settings than those shown: run again",
    "failed": "The cell could not be separated; the message says why",
}
SCALE = 1000


class Badge(QLabel):
    """State of the result in a word, with the number of warnings.

    Signals: `clicked` (by the mouse, Return or the space bar, while there are warnings).
    """

    clicked = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("badge")
        self.state = "idle"
        self.doubts: tuple[Remark, ...] = ()

    def show_state(self, state: str, remarks: Sequence[Remark] = ()) -> None:
        """Show one of the states of `HELPS`, and how many of the remarks give reason to doubt the result."""
        found = doubts(remarks)
        if (state, found) == (self.state, self.doubts) and self.text():
            return
        self.state, self.doubts = state, found
        count = len(self.doubts)
        words = f" · {count} warning{'s' * (count > 1)}" if count else ""
        self.setText(state + words)
        self.setAccessibleName(f"State: {state}{words}")
        worst = f". But: {self.doubts[0]} Click to see the warnings." if count else ""
        self.setToolTip(HELPS[state] + worst)
        self.setCursor(Qt.CursorShape.PointingHandCursor if count else Qt.CursorShape.ArrowCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus if count else Qt.FocusPolicy.NoFocus)
        self.restyle()

    def mouseReleaseEvent(self, ev: QMouseEvent | None) -> None:
        """Emit `clicked`."""
        super().mouseReleaseEvent(ev)
        self._click()

    def keyPressEvent(self, ev: QKeyEvent | None) -> None:
        """Emit `clicked` for Return and the space bar."""
        if ev is not None and ev.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._click()
        else:
            super().keyPressEvent(ev)

    def _click(self) -> None:
        if self.doubts:
            self.clicked.emit()

    def restyle(self) -> None:
        """Take the colours of the worst warning, else of the state, in the current theme."""
        theme = style.current()
        warning, error = (theme.warning_back, theme.warning), (theme.error_back, theme.error)
        colours = {
            "converged": (theme.good, theme.accent_text),
            "exact": (theme.good, theme.accent_text),
            "running": (theme.accent, theme.accent_text),
            "not converged": warning,
            "out of date": warning,
            "earlier step": warning,
            "failed": error,
        }
        back, fore = colours.get(self.state, (theme.grid, theme.text))
        if self.doubts:
            back, fore = error if self.doubts[0].level == "error" else warning
        # Select by name: a plain style would colour the tool tip too.
        look = f"background: {back}; color: {fore}; border-radius: 9px; padding: 2px 10px;"
        sheet = f"QLabel#badge {{ {look} }} QLabel#badge:focus {{ text-decoration: underline; }}"
        if sheet != self.styleSheet():  # parsed each time that it is set
            self.setStyleSheet(sheet)


class RunBar(QWidget):
    """Badge, line of text, progress bar and buttons for the status bar.

    Signals: `cancel_requested`, `rival_requested` (show the result of the other solver), `remarks_requested`.
    """

    cancel_requested = pyqtSignal()
    rival_requested = pyqtSignal()
    remarks_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._first = 0.0
        self.badge = Badge()
        self.badge.clicked.connect(self.remarks_requested)
        self.text = QLabel()
        self.text.setObjectName("run_text")
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.progress = QProgressBar()
        self.progress.setObjectName("progress")
        self.progress.setAccessibleName("Progress of the separation")
        self.progress.setToolTip("How far the violation has fallen towards its tolerance, in powers of ten")
        self.progress.setTextVisible(False)
        keep_scaled(self.progress, QProgressBar.setFixedSize, 150, 12)
        self.cancel_button = QPushButton()
        self.cancel_button.setObjectName("cancel_button")
        self.cancel_button.setText("Cancel")
        self.cancel_button.setAccessibleName("Cancel")
        self.cancel_button.setToolTip("Stop what is running; the last result stays (Esc)")
        keep_scaled(self.cancel_button, set_icon_side, 16)
        self.cancel_button.clicked.connect(self.cancel_requested)
        self.rival_button = QPushButton()
        self.rival_button.setObjectName("rival_button")
        self.rival_button.setToolTip("The two solvers' results differ: show the other one's")
        self.rival_button.clicked.connect(self.rival_requested)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(6, 2, 6, 2)
        layout.setSpacing(10)
        for widget, stretch in (
            (self.badge, 0),
            (self.text, 1),
            (self.rival_button, 0),
            (self.progress, 0),
            (self.cancel_button, 0),
        ):
            layout.addWidget(widget, stretch)
        # Keep the height whether or not there is progress.
        self.setMinimumHeight(self.cancel_button.sizeHint().height() + 4)
        self.restyle()
        self.set_state("idle")

    def set_state(
        self, state: str, text: str = "", working: bool = False, rival: str = "", remarks: Sequence[Remark] = ()
    ) -> None:
        """Show one of the states of `HELPS` with a line of text, and how many `remarks` on the result are warnings.

        `working` shows progress and Cancel; `rival` is the label of the button that shows the other solver's result.
        """
        if state == "running" and self.state() != "running":
            self._first = 0.0
            self.progress.setRange(0, 0)
        self.badge.show_state(state, remarks)
        self.text.setText(text)
        self.text.setToolTip(text)
        for widget in (self.progress, self.cancel_button):
            widget.setVisible(working or state == "running")
        self.rival_button.setVisible(bool(rival))
        self.rival_button.setText(rival)

    def state(self) -> str:
        """Return the state shown."""
        return self.badge.state

    def show_busy(self, text: str) -> None:
        """Show work of unknown length."""
        self.set_state("running", text)
        self.progress.setRange(0, 0)

    def show_count(self, text: str, done: int, total: int) -> None:
        """Show work of known length."""
        self.set_state("running", text)
        self.progress.setRange(0, max(total, 1))
        self.progress.setValue(done)

    def show_step(self, iteration: int, max_iter: int, violation: float, tol: float, attempt: int = 1) -> None:
        """Show a step of the solver; the progress bar is logarithmic from the first violation to `tol`."""
        if attempt > 1:
            text = f"try {attempt} · iteration {iteration:,} · violation {_brief(violation)}, tol {_brief(tol)}"
        else:
            text = f"iteration {iteration:,} · violation {_brief(violation)}, tol {_brief(tol)}"
        self.text.setText(text)
        if iteration <= 1 or self._first < violation:
            self._first = violation
        done = iteration / max(max_iter, 1)
        if 0 < tol < self._first < math.inf and 0 < violation < math.inf:
            done = max(done, math.log(self._first / violation) / math.log(self._first / tol))
        self.progress.setRange(0, SCALE)
        self.progress.setValue(round(SCALE * min(max(done, 0.0), 1.0)))

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.cancel_button.setIcon(icon("cancel"))
        self.badge.restyle()


def _brief(value: float) -> str:
    """Return a value with two significant digits, 0.0021 as 2.1e-3."""
    if not math.isfinite(value) or value == 0 or 0.01 <= abs(value) < 1000:
        return f"{value:.2g}"
    mantissa, _, exponent = f"{value:.1e}".partition("e")
    return f"{mantissa.removesuffix('.0')}e{int(exponent)}"
