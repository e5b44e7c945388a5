"""Question box: one question about a file, its control, and the reason for the best guess."""

import os
from collections.abc import Callable, Mapping
from functools import partial

from PyQt5.QtCore import Qt, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from neuropil_gui.core.errors import printable_text
from neuropil_gui.formats.paths import NO_ROIS
from neuropil_gui.formats.questions import FileQuestion
from neuropil_gui.imaging.regions import LABELS, RegionSettings
from neuropil_gui.ui import dialogs
from neuropil_gui.ui.sizes import scaled, smaller
from neuropil_gui.ui.widgets.frame_rate_box import HELP as RATE_HELP
from neuropil_gui.ui.widgets.frame_rate_box import read_frame_rate
from neuropil_gui.ui.widgets.number_edit import NumberEdit

FEW = 3
"""Up to so many ways to read an array are offered side by side."""

LEAST = 12
"""Characters of a choice for which room is kept at least; the list that opens shows more."""


NUMBERS: Mapping[str, type[int] | type[float]] = {"regions": int, "expansion": float, "gap": int}
"""Questions about regions whose answer is a number, as in `RegionSettings`."""

FILES = {
    "neuropil_file": ("the file of the neuropil", "no: look at the cells as they are"),
    "rois": ("the ROIs", "none chosen yet"),
    "movie": ("the movie", "none chosen yet"),
}
"""Questions for a second file: what it is, and what stands in the empty field."""

DRAW, DRAW_WHY = (
    "No ROIs yet: draw them",
    "The first one is a circle, a 20th of the picture wide and at least 5 pixels, at its brightest place. Move it on "
    "the page Field, or draw others.",
)

SIDE_BY_SIDE = ("rows_are_frames", "rows")
SWITCHES = ("exclude_others", "weighted")
NUMBER_WIDTH = 64


def read_number(name: str, kind: type[int] | type[float], text: str) -> int | float:
    """Return the number in `text` for one of the settings of regions; raise ValueError with a sentence."""
    try:
        value = kind(text.replace(",", "."))
    except ValueError:
        wanted = "a whole number" if kind is int else "a number"
        raise ValueError(f"{LABELS[name]} must be {wanted}, but {printable_text(text)!r} was found.") from None
    RegionSettings(**{name: value})  # type: ignore[arg-type]
    return value


class QuestionBox(QWidget):
    """A control for each kind of answer: a list, buttons side by side for the axes, a number for the frame rate.

    Parameters
    ----------
    question : Question
    before : mapping
        Answers to start from instead of the best guess, where there are.
    folder : str
        Where a second file is looked for first.

    Attributes
    ----------
    name : str
        The question's.
    control : QWidget
        What has the focus first.
    answered : bool
        Whether the user has answered, now or before.
    """

    changed = pyqtSignal()

    def __init__(
        self, question: FileQuestion, before: Mapping[str, object], folder: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.folder = folder
        self.question, self.name = question, question.name
        self.answered = question.name in before
        start = before.get(question.name, question.guess)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        title = QLabel(question.text)
        title.setWordWrap(True)
        title.setTextFormat(Qt.TextFormat.PlainText)
        font = title.font()
        font.setBold(True)
        title.setFont(font)
        if question.name not in (*NUMBERS, *SWITCHES):
            layout.addWidget(title)
        self.combo: QComboBox | None = None
        self.edit: NumberEdit | None = None
        self.buttons: QButtonGroup | None = None
        self.path: QLineEdit | None = None
        self.switch: QCheckBox | None = None
        self.draw: QCheckBox | None = None
        self._parse: Callable[[str], object] = read_frame_rate
        if question.name == "frame_rate":
            self.control: QWidget = self._make_edit(start)
            line = QHBoxLayout()
            line.addWidget(self.control, 1)
            line.addWidget(QLabel("Hz"))
            layout.addLayout(line)
        elif question.name in NUMBERS:
            self.control = self._make_number(start)
            line = QHBoxLayout()
            line.addWidget(title, 1)
            line.addWidget(self.control)
            layout.addLayout(line)
        elif question.name in SWITCHES:
            self.control = self.switch = QCheckBox(question.text)
            self.switch.setObjectName(f"import_{question.name}")
            self.switch.setFont(font)
            self.switch.setChecked(bool(start))
            self.switch.toggled.connect(self._on_change)
            layout.addWidget(self.switch)
            title.hide()
        elif question.name in FILES:
            self.control = self._make_file(start, layout)
        elif question.name in SIDE_BY_SIDE and len(question.choices) <= FEW:
            self.control = self._make_buttons(start, layout)
        else:
            self.control = self._make_combo(start)
            layout.addWidget(self.control)
        title.setBuddy(self.control)
        self.why = QLabel()
        self.why.setObjectName(f"import_why_{question.name}")
        self.why.setTextFormat(Qt.TextFormat.PlainText)
        self.why.setProperty("muted", True)
        self.why.setWordWrap(True)
        self.why.setFont(smaller(self.why.font()))
        layout.addWidget(self.why)
        self._explain()

    @property
    def problem(self) -> str:
        """Sentence on what is wrong with the text of the field; empty where nothing is."""
        return self.edit.problem if self.edit is not None else ""

    def value(self) -> object:
        """Return the answer."""
        if self.edit is not None:
            return None if self.edit.problem else self._parse(self.edit.text().strip())
        if self.draw is not None and self.draw.isChecked():
            return NO_ROIS
        if self.path is not None:
            text = self.path.text().strip()
            return os.path.abspath(os.path.expanduser(text)) if text else None
        if self.switch is not None:
            return self.switch.isChecked()
        index = self.combo.currentIndex() if self.combo is not None else -1
        if self.buttons is not None:
            index = self.buttons.checkedId()
        return self.question.choices[index].value

    def follow(self, question: FileQuestion) -> None:
        """Take the same question with another best guess, which is chosen unless the user has answered."""
        self.question = question
        if self.combo is not None and not self.answered:
            blocked = self.combo.blockSignals(True)
            self.combo.setCurrentIndex(self._index_of(question.guess))
            self.combo.blockSignals(blocked)
        if (
            self.buttons is not None
            and not self.answered
            and (button := self.buttons.button(self._index_of(question.guess)))
        ):
            blocked = self.buttons.blockSignals(True)
            button.setChecked(True)
            self.buttons.blockSignals(blocked)
        self._explain()

    def _make_number(self, start: object) -> NumberEdit:
        kind = NUMBERS[self.name]
        self._parse = partial(read_number, self.name, kind)
        edit = self.edit = NumberEdit(self._parse)
        edit.show_text(f"{start:g}" if isinstance(start, int | float) else "")
        edit.textChanged.connect(self._on_change)
        edit.setObjectName(f"import_{self.name}")
        edit.setAccessibleName(self.question.text)
        edit.setFixedWidth(scaled(NUMBER_WIDTH))
        edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        return edit

    def _make_edit(self, start: object) -> NumberEdit:
        self._parse = read_frame_rate
        edit = self.edit = NumberEdit(read_frame_rate)
        edit.setPlaceholderText("unknown (frames)")
        edit.set_help(RATE_HELP)
        edit.show_text("" if start is None else f"{start:.10g}")
        edit.textChanged.connect(self._on_change)
        edit.setObjectName("import_frame_rate")
        edit.setAccessibleName(f"{self.question.text} In Hz")
        return edit

    def _make_file(self, start: object, layout: QVBoxLayout) -> QLineEdit:
        self.path = QLineEdit("" if start in (None, NO_ROIS) else str(start))
        what, placeholder = FILES[self.name]
        self.path.setPlaceholderText(placeholder)
        self.path.setClearButtonEnabled(True)
        self.path.setObjectName(f"import_{self.name}")
        self.path.setAccessibleName(self.question.text)
        self.path.textChanged.connect(self._on_change)
        choose = QPushButton("Choose\N{HORIZONTAL ELLIPSIS}")
        choose.setObjectName(f"import_choose_{self.name}")
        choose.setAccessibleName(f"Choose {what}")
        choose.setAutoDefault(False)
        choose.clicked.connect(self._on_choose)
        line = QHBoxLayout()
        line.addWidget(self.path, 1)
        line.addWidget(choose)
        layout.addLayout(line)
        if self.name == "rois":
            self.draw = QCheckBox(DRAW)
            self.draw.setObjectName("import_draw_rois")
            for widget in (self.path, choose):
                self.draw.toggled.connect(widget.setDisabled)
            self.draw.setChecked(start == NO_ROIS)
            self.draw.toggled.connect(self._on_change)
            layout.addWidget(self.draw)
        return self.path

    def _make_buttons(self, start: object, layout: QVBoxLayout) -> QRadioButton:
        self.buttons = QButtonGroup(self)
        for index, choice in enumerate(self.question.choices):
            button = QRadioButton(choice.label.replace("&", "&&"))
            button.setObjectName(f"import_{self.name}_{index}")
            button.setAccessibleName(f"{self.question.text} {choice.label}")
            self.buttons.addButton(button, index)
            layout.addWidget(button)
        first = self.buttons.button(self._index_of(start))
        assert isinstance(first, QRadioButton)
        first.setChecked(True)
        self.buttons.buttonToggled.connect(self._on_button_toggled)
        return first

    def _make_combo(self, start: object) -> QComboBox:
        combo = self.combo = QComboBox()
        combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        combo.setMinimumContentsLength(LEAST)
        combo.setMaxVisibleItems(20)
        for index, choice in enumerate(self.question.choices):
            combo.addItem(choice.label)
            combo.setItemData(index, choice.label, Qt.ItemDataRole.ToolTipRole)
        combo.setCurrentIndex(self._index_of(start))
        combo.currentIndexChanged.connect(self._on_change)
        combo.setObjectName(f"import_{self.name}")
        combo.setAccessibleName(self.question.text)
        return combo

    def _explain(self) -> None:
        """Show the reason for the best guess, and the guess itself where something else is chosen."""
        if self.combo is not None:
            self.combo.setToolTip(self.combo.currentText())  # which may be longer than the box
        question = self.question
        if self.draw is not None and self.draw.isChecked():
            self.why.setText(DRAW_WHY)
            return
        labels = [choice.label for choice in question.choices if choice.value == question.guess]
        if self.value() == question.guess or not (labels or question.guess):
            self.why.setText(question.why)
        else:
            guess = labels[0] if labels else f"{question.guess}"
            self.why.setText(f"The best guess is: {guess}. {question.why}")

    def _index_of(self, value: object) -> int:
        values = [choice.value for choice in self.question.choices]
        return values.index(value) if value in values else 0

    @pyqtSlot()
    def _on_choose(self) -> None:
        from neuropil_gui.formats import registry

        what, _ = FILES[self.name]
        chosen = dialogs.ask_file(self, self.folder, registry.dialog_filter(self.name), f"Choose {what}")
        if chosen is not None and self.path is not None:
            self.path.setText(str(chosen))

    @pyqtSlot()
    def _on_change(self) -> None:
        self.answered = True
        self._explain()
        self.changed.emit()

    @pyqtSlot("QAbstractButton*", bool)
    def _on_button_toggled(self, _button: object, checked: bool) -> None:
        if checked:
            self._on_change()
