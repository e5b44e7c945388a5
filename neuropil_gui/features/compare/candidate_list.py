"""Candidate list of the page Compare: a switch, settings and numbers for each trace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PyQt5.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QIcon, QPen
from PyQt5.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from neuropil_gui.core.analysis.candidates import CANDIDATE_NUMBERS
from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.analysis.rival import Rival
from neuropil_gui.core.analysis.rivals import RIVALS
from neuropil_gui.features.compare.parameter_row import ParameterRow
from neuropil_gui.ui import style
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.plots.legend import Entry, Word
from neuropil_gui.ui.sizes import keep_scaled, scaled, set_icon_side, smaller
from neuropil_gui.ui.widgets.factor_slider import FactorSlider

GROUPS = {
    "This cell": ("present", "A", "B", "C"),
    "ROI less neuropil": ("raw", "fixed", "regression", "robust", "cross_validation"),
    "Other methods": ("nmf", "ica", "ast", "tuncat"),
    "For reference": ("stored", "truth"),
}
PLUG_INS = "Plug-ins"
"""The group that follows these, where there are any."""

NUMBER_WIDTH, LEAST_WIDTH, WIDTH = 50, 440, 464


@dataclass(frozen=True)
class Row:
    """Content of one row.

    Attributes
    ----------
    text : str
    pen : QPen
    how : str
        Its settings or its k, or why there is no trace.
    tip : str
    numbers : tuple of str
        One for each of `CANDIDATE_NUMBERS`.
    on, enabled : bool
    button : str
        "pin", "unpin", or empty for none.
    """

    text: str
    pen: QPen
    how: str
    tip: str = ""
    numbers: tuple[str, ...] = ("",) * len(CANDIDATE_NUMBERS)
    on: bool = False
    enabled: bool = True
    button: str = ""


class CompareList(QScrollArea):
    """Rows by key, in groups; rows without content are hidden.

    Signals: `switched` (key, on), `pin_clicked` (slot), `unpin_clicked` (slot), `factor_changed` (k),
    `parameter_changed` (key).
    """

    switched = pyqtSignal(str, bool)
    pin_clicked = pyqtSignal(str)
    unpin_clicked = pyqtSignal(str)
    factor_changed = pyqtSignal(float)
    parameter_changed = pyqtSignal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("What can be compared")
        keep_scaled(self, QScrollArea.setMinimumWidth, LEAST_WIDTH)
        keep_scaled(self, QScrollArea.setMaximumWidth, WIDTH)
        self._rows: dict[str, tuple[Word, QLabel, list[QLabel], QToolButton | None]] = {}
        self._titles: dict[str, QLabel] = {}
        self._groups: dict[str, tuple[str, ...]] = {}
        self._parameters: dict[str, ParameterRow] = {}
        self._shown: dict[str, Row] = {}
        inside = QWidget()
        self._grid = QGridLayout()
        self._grid.setContentsMargins(10, 2, 4, 8)
        self._grid.setHorizontalSpacing(4)
        self._grid.setVerticalSpacing(1)
        self._grid.setColumnStretch(0, 1)
        outer = QVBoxLayout(inside)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addLayout(self._grid)
        outer.addStretch(1)
        self._make_columns()
        self.factor = FactorSlider()
        self.factor.setObjectName("compare_factor")
        keep_scaled(self.factor, QWidget.setFixedWidth, 110)
        self.factor.valueChanged.connect(self._on_factor)
        for title, keys in GROUPS.items():
            self.add_group(title, [RIVALS.get(key, key) for key in keys])
        self.setWidget(inside)
        self.restyle()

    def add_group(self, title: str, rows: Sequence[Rival | str]) -> None:
        """Add rows below a title: rivals, with their parameters, and keys of what is none."""
        # A plug-in that cannot be used has its name alone.
        keys = [each if isinstance(each, str) else each.key for each in rows]
        label = self._titles[title] = QLabel(title)
        self._groups[title] = tuple(keys)
        label.setProperty("muted", True)
        label.setContentsMargins(0, 6, 0, 0)
        line = self._grid.rowCount()
        self._grid.addWidget(label, line, 0)
        for each, key in zip(rows, keys, strict=True):
            self._make_row(key, line + 1)
            if isinstance(each, Rival) and each.parameters and key != "fixed":
                self._parameters[key] = ParameterRow(each)
                self._parameters[key].changed.connect(self.parameter_changed)
                self._grid.addWidget(self._parameters[key], line + 3, 0, 1, len(CANDIDATE_NUMBERS) + 2)
            line += 3

    def show_rows(self, rows: Mapping[str, Row]) -> None:
        """Show these rows."""
        for title, keys in self._groups.items():
            self._titles[title].setVisible(any(key in rows for key in keys))
        for key, (word, how, numbers, button) in self._rows.items():
            row = rows.get(key)
            for widget in (word, how, *numbers, *([button] if button else []), *self._extra(key)):
                widget.setVisible(row is not None)
            if key in self._parameters:
                self._parameters[key].setVisible(row is not None and row.on)
            if row is not None and row != self._shown.get(key):
                self._show(key, row)
        # Hide the column of a number that no row has, such as the error without a truth.
        for place, label in enumerate(self.titles):
            label.setVisible(any(row.numbers[place] for row in rows.values()))
        self._shown = dict(rows)

    def word(self, key: str) -> Word:
        """Return the switch of a row."""
        return self._rows[key][0]

    def how(self, key: str) -> str:
        """Return the settings text of a row."""
        return self._rows[key][1].text()

    def numbers(self, key: str) -> list[str]:
        """Return the numbers of a row."""
        return [label.text() for label in self._rows[key][2]]

    def button(self, slot: str) -> QToolButton:
        """Return the button that pins into a slot, or empties it."""
        button = self._rows[slot][3]
        assert button is not None
        return button

    def restyle(self) -> None:
        """Apply the current theme and text size; the rows follow with their pens."""
        for label in self.titles:
            label.setFixedWidth(max(scaled(NUMBER_WIDTH), label.sizeHint().width()))
        for key, (_, how, _, button) in self._rows.items():
            how.setFont(smaller(self.font(), 0.9))
            if button is not None and key in self._shown:
                button.setIcon(_picture(self._shown[key].button))

    def values(self, key: str) -> dict[str, float]:
        """Return the values of a rival's parameters, by name."""
        return self._parameters[key].values if key in self._parameters else {}

    def _extra(self, key: str) -> list[QWidget]:
        return [self.factor] if key == "fixed" else []

    def _make_columns(self) -> None:
        self.titles = []
        for column, number in enumerate((NUMBERS[key] for key in CANDIDATE_NUMBERS), 1):
            label = QLabel(number.symbol)
            label.setProperty("muted", True)
            label.setToolTip(
                f"<qt><b>{number.name}</b>: {number.help}<p><b>When it misleads:</b> {number.lies_when}</qt>"
            )
            label.setAlignment(Qt.Alignment(Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(label, 0, column)
            self.titles.append(label)

    def _make_row(self, key: str, line: int) -> None:
        nothing = QPen(Qt.PenStyle.NoPen)
        word = Word(Entry(f"compare_{key}", key, key, style.role_colour("raw"), nothing, checkable=True), self)
        word.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        word.clicked.connect(self._on_clicked)
        how = QLabel()
        how.setObjectName(f"compare_how_{key}")
        how.setProperty("muted", True)
        # Sentences of plug-ins are text, whatever signs are in them.
        how.setTextFormat(Qt.TextFormat.PlainText)
        how.setWordWrap(True)
        how.setContentsMargins(6, 0, 0, 3)
        self._grid.addWidget(word, line, 0)
        numbers = []
        for column in range(1, len(CANDIDATE_NUMBERS) + 1):
            label = QLabel()
            label.setAlignment(Qt.Alignment(Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter)
            self._grid.addWidget(label, line, column)
            numbers.append(label)
        button = None
        if key in "ABC":
            button = QToolButton()
            button.setObjectName(f"compare_pin_{key}")
            button.setAutoRaise(True)
            keep_scaled(button, set_icon_side, 14)
            button.clicked.connect(self._on_button)
            self._grid.addWidget(button, line, len(CANDIDATE_NUMBERS) + 1)
        if key == "fixed":
            self._grid.addWidget(how, line + 1, 0)
            self._grid.addWidget(self.factor, line + 1, 1, 1, len(CANDIDATE_NUMBERS), Qt.AlignmentFlag.AlignRight)
        else:
            self._grid.addWidget(how, line + 1, 0, 1, len(CANDIDATE_NUMBERS) + 2)
        self._rows[key] = word, how, numbers, button

    def _show(self, key: str, row: Row) -> None:
        word, how, numbers, button = self._rows[key]
        theme = style.current()
        colour = style.readable(row.pen.color(), theme.window, 4.5)
        entry = Entry(word.objectName(), row.text, row.text, colour, row.pen, row.tip, True, row.enabled)
        word.set_entry(entry)
        word.setChecked(row.on and row.enabled)
        how.setText(row.how)
        how.setToolTip(f"<qt>{row.tip}</qt>" if row.tip else "")
        for label, text in zip(numbers, row.numbers, strict=True):
            label.setText(text)
        if button is not None:
            pinned = row.button == "unpin"
            words = f"Unpin {key}" if pinned else f"Pin the current result as {key}"
            button.setIcon(_picture(row.button))
            button.setEnabled(bool(row.button))
            button.setToolTip(words)
            button.setAccessibleName(words)

    @pyqtSlot(bool)
    def _on_clicked(self, on: bool) -> None:
        word = self.sender()
        if isinstance(word, Word):
            self.switched.emit(word.objectName().removeprefix("compare_"), on)

    @pyqtSlot()
    def _on_button(self) -> None:
        button = self.sender()
        if isinstance(button, QToolButton):
            slot = button.objectName().removeprefix("compare_pin_")
            (self.unpin_clicked if self._shown[slot].button == "unpin" else self.pin_clicked).emit(slot)

    @pyqtSlot(int)
    def _on_factor(self, _: int) -> None:
        self.factor_changed.emit(self.factor.factor)


def _picture(button: str) -> QIcon:
    return icon("clear") if button == "unpin" else icon("pin")
