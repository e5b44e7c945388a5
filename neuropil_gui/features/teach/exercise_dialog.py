"""Dialog that makes an exercise: title, text, questions, what is free and hidden, and what each is worth."""

from dataclasses import dataclass

from PyQt5.QtCore import QSize, Qt, pyqtSlot
from PyQt5.QtGui import QFontDatabase
from PyQt5.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from neuropil_gui.core.analysis.score import Range
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.exercises import Exercise, Grade, K
from neuropil_gui.core.lessons import Situation
from neuropil_gui.core.settings import PARAMETERS
from neuropil_gui.formats.exercise_words import EXAMPLE, questions_of
from neuropil_gui.formats.exercises import check_exercise
from neuropil_gui.ui.screen import resize_within_screen
from neuropil_gui.ui.widgets.decimal_box import DecimalBox

RANGES = {"n": (1.0, 5.0), "alpha": (0.0, 3.0), "pedestal": (0.0, 1000.0), K: (0.0, 2.0)}
"""Ranges of the settings that are numbers, at first."""

SCORE = "0 % is the raw ROI, and 100 % the trace nearest to the truth within what may change."

HELP = (
    "Each question begins with ## and a heading, its points in brackets. - [x] is a right choice, - [ ] a wrong one; a "
    "line such as Set: k = best_r ± 0.1 asks for the place of a control that may change."
)


@dataclass(frozen=True)
class About:
    """What an exercise is about: the cell and settings on screen; `signals` and the place of a real one."""

    start: Situation
    signals: str = ""
    recording: str = ""
    cell: int = 0
    subtracted: bool = False


class ExerciseDialog(QDialog):
    """Asks what an exercise says, leaves free, hides and counts; `exercise` is what was made when it is accepted."""

    def __init__(self, about: About, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("exercise_dialog")
        self.setWindowTitle("Make an exercise")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._about = about
        self.exercise: Exercise | None = None
        self._make_words()
        self._make_free()
        self._make_rules()
        self._lay_out()
        self._update()

    def _make_words(self) -> None:
        self.title, self.words, self.questions = QLineEdit("Exercise"), QPlainTextEdit(), QPlainTextEdit(EXAMPLE)
        self.words.setPlaceholderText("What it is about, in Markdown")
        self.words.setTabChangesFocus(True)
        self.questions.setTabChangesFocus(True)
        self.questions.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.words.setMaximumHeight(4 * self.fontMetrics().lineSpacing())
        for widget, name in ((self.title, "title"), (self.words, "text"), (self.questions, "questions")):
            widget.setObjectName(f"exercise_{name}")
            widget.setAccessibleName(f"{name} of the exercise")

    def _make_free(self) -> None:
        self.free: dict[str, QCheckBox] = {}
        self.limits: dict[str, tuple[DecimalBox, DecimalBox]] = {}
        self._free = QGridLayout()
        self._free.setColumnStretch(8, 1)
        first = K if self._about.subtracted else "alpha"
        for place, name in enumerate(("alpha", "pedestal", K, "n", "method", "start")):
            # Two of them side by side: the dialog must fit on a small screen.
            row, column = place % 3, 4 * (place // 3)
            box = self.free[name] = QCheckBox("k of F − k·Fneu" if name == K else PARAMETERS[name].label)
            box.setObjectName(f"exercise_{name}")
            box.setChecked(name == first)
            box.toggled.connect(self._update)
            self._free.addWidget(box, row, column)
            if name not in RANGES:
                choices = ", ".join(PARAMETERS[name].choices)
                self._free.addWidget(QLabel(choices), row, column + 1, 1, 4)
                continue
            low, high = DecimalBox(), DecimalBox()
            for limit, value, end in ((low, RANGES[name][0], "from"), (high, RANGES[name][1], "to")):
                limit.setMaximum(1e6)
                limit.setMaximumWidth(11 * self.fontMetrics().averageCharWidth())
                limit.setValue(value)
                limit.setObjectName(f"exercise_{name}_{end}")
                limit.setAccessibleName(f"{box.text()} {end}")
            self.limits[name] = low, high
            for beside, widget in enumerate((low, QLabel("to"), high), 1):
                self._free.addWidget(widget, row, column + beside)

    def _make_rules(self) -> None:
        self.truth, self.numbers = QCheckBox("the truth"), QCheckBox("the numbers")
        self.own_cell = QCheckBox("Another cell for each name")
        self.score, self.at_least = DecimalBox(), DecimalBox()
        self.score.setValue(2)
        self.at_least.setMaximum(100)
        self.at_least.setValue(80)
        for widget, name in (
            (self.truth, "hide_truth"), (self.numbers, "hide_numbers"), (self.own_cell, "own_cell"),
            (self.score, "score"), (self.at_least, "at_least"),
        ):  # fmt: skip
            widget.setObjectName(f"exercise_{name}")
        self.numbers.setToolTip("The panel Numbers, and the pages besides Cell, which show numbers too")
        self.score.setAccessibleName("points for the score")
        self.at_least.setAccessibleName("least score in percent")
        self.truth.setChecked(True)
        self.numbers.setChecked(False)
        real = bool(self._about.signals)
        self.own_cell.setChecked(not real)
        self.own_cell.setEnabled(not real)
        self.own_cell.setToolTip(
            "A recording from a file has one cell for all." if real else "The seed comes from the name that is typed."
        )
        self.problem = QLabel()
        self.problem.setObjectName("exercise_problem")
        self.problem.setProperty("invalid", True)
        self.problem.setWordWrap(True)
        self.problem.hide()

    def _lay_out(self) -> None:
        hidden, points = QHBoxLayout(), QHBoxLayout()
        for widget in (self.truth, self.numbers):
            hidden.addWidget(widget)
        hidden.addStretch(1)
        for widget in (self.score, QLabel("points for a score of at least"), self.at_least, QLabel("%")):
            points.addWidget(widget)
        points.addStretch(1)
        help_ = QLabel(HELP)
        help_.setWordWrap(True)
        help_.setProperty("muted", True)
        questions = QVBoxLayout()
        questions.addWidget(self.questions, 1)
        questions.addWidget(help_)
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        for label, field in (
            ("Title", self.title), ("Text", self.words), ("Questions", questions), ("May change", self._free),
            ("Hidden", hidden), ("Score", points), ("Cell", self.own_cell),
        ):  # fmt: skip
            form.addRow(label, field)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButtons(QDialogButtonBox.StandardButton.Save)
            | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(form, 1)
        layout.addWidget(self.problem)
        layout.addWidget(buttons)
        size = self.sizeHint()
        # The help takes three lines, and the questions some more.
        size += QSize(8 * self.fontMetrics().averageCharWidth(), 7 * self.fontMetrics().lineSpacing())
        resize_within_screen(self, size)

    def accept(self) -> None:
        """Make the exercise, or say what is wrong with it."""
        try:
            exercise = self._exercise()
            check_exercise(exercise)
        except (DataError, TypeError) as error:
            self.problem.setText(str(error))
            self.problem.show()
            return
        self.exercise = exercise
        super().accept()

    def _exercise(self) -> Exercise:
        about = self._about
        steps, points = questions_of(self.questions.toPlainText())
        free = {name: self._range(name) for name, box in self.free.items() if box.isChecked()}
        worth = self.score.value() if self.score.isEnabled() else 0.0
        hidden = [name for name, box in (("truth", self.truth), ("numbers", self.numbers)) if box.isChecked()]
        return Exercise(
            self.title.text().strip() or "Exercise",
            self.words.toPlainText().strip(),
            about.start,
            steps,
            free,
            tuple(hidden),
            self.own_cell.isChecked(),
            Grade(points, worth, self.at_least.value()),
            about.signals,
            about.recording,
            about.cell,
        )

    def _range(self, name: str) -> Range:
        if name not in self.limits:
            return tuple(PARAMETERS[name].choices)
        low, high = self.limits[name]
        return low.value(), high.value()

    @pyqtSlot()
    def _update(self) -> None:
        """Let k be free alone, because one trace is scored."""
        alone = self.free[K].isChecked()
        for name, box in self.free.items():
            other = name != K and alone
            box.setEnabled(not other)
            for limit in self.limits.get(name, ()):
                limit.setEnabled(box.isChecked() and not other)
            if other:
                box.setChecked(False)
        scored = any(box.isChecked() for box in self.free.values()) and not self._about.signals
        for widget in (self.score, self.at_least):
            widget.setEnabled(scored)
            widget.setToolTip(SCORE if scored else "A score needs the truth, and a setting that may change.")
