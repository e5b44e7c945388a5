"""View of a lesson: the step's words, the choices, what is said after the answer, and one button."""

from collections.abc import Collection, Sequence

from PyQt5.QtCore import QSize, Qt, QTimer, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QFontMetrics, QKeySequence, QResizeEvent, QShowEvent
from PyQt5.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QShortcut,
    QVBoxLayout,
    QWidget,
)

from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import scaled_size
from neuropil_gui.ui.widgets.header import Header
from neuropil_gui.ui.widgets.layouts import stack

HELP = """<b>Lesson</b><p>Each step asks before it shows: say what you expect, then look. A wrong guess costs nothing,
and is what one learns from.</p>
<p>Keys: <b>1</b> to <b>5</b> choose, <b>Enter</b> is the button; from anywhere, <b>Ctrl+Page Down</b> and <b>Ctrl+Page
Up</b> go on and back. <b>Leave</b> brings back what was open before.</p>"""


MARGINS = 20
"""Pixels at the left and right of a step's words."""


class LessonView(QWidget):
    """Shows one step at a time.

    Signals: `answered` (the button, while the step asks), `next_requested`, `back_requested`, `leave_requested`.
    """

    answered = pyqtSignal()
    next_requested = pyqtSignal()
    back_requested = pyqtSignal()
    leave_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asking = False
        self.header = Header("Lesson", HELP)
        self.place, self.text, self.after = QLabel(), QLabel(), QLabel()
        for label, name in ((self.place, "lesson_place"), (self.text, "lesson_text"), (self.after, "lesson_after")):
            label.setObjectName(name)
            label.setWordWrap(True)
        for label in (self.text, self.after):
            label.setTextFormat(Qt.TextFormat.MarkdownText)
        self.place.setProperty("muted", True)
        self.after.setProperty("note", True)
        self.after.setProperty("level", "info")
        self.choices: list[QAbstractButton] = []
        self._words: list[str] = []
        self._choices = QVBoxLayout()
        self.button, self.back, self.leave = QPushButton(), QPushButton("Back"), QPushButton("Leave")
        for button, name in ((self.button, "lesson_next"), (self.back, "lesson_back"), (self.leave, "lesson_leave")):
            button.setObjectName(name)
        self.button.setProperty("primary", True)
        self.leave.setToolTip("End the lesson, and bring back what was open before")
        inside = QWidget()
        words = QVBoxLayout(inside)
        words.setContentsMargins(10, 4, 10, 4)
        for part in (self.place, self.text):
            words.addWidget(part)
        words.addLayout(self._choices)
        words.addWidget(self.after)
        words.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidget(inside)
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        buttons = QHBoxLayout()
        buttons.setContentsMargins(10, 4, 10, 8)
        for button in (self.leave, self.back):
            buttons.addWidget(button)
        buttons.addWidget(self.button, 1)
        stack(self, self.header, (self._scroll, 1), buttons)
        self.button.clicked.connect(self._on_button)
        self.back.clicked.connect(self.back_requested)
        self.leave.clicked.connect(self.leave_requested)
        for keys, act in (
            ("Ctrl+PgDown", self._on_button), ("Ctrl+PgUp", self.back.click), ("Return", self._on_button),
            *((str(number), lambda number=number: self.choose(number - 1)) for number in range(1, 6)),
        ):  # fmt: skip
            shortcut = QShortcut(QKeySequence(keys), self)
            # Digits and Enter are for what has the focus; the others work from any page.
            here = Qt.ShortcutContext.WidgetWithChildrenShortcut
            shortcut.setContext(Qt.ShortcutContext.WindowShortcut if keys.startswith("Ctrl") else here)
            shortcut.activated.connect(act)

    def show_step(
        self, title: str, place: str, text: str, choices: Sequence[str], several: bool, asks: str, caption: str = ""
    ) -> None:
        """Show a step that asks: ``"choose"``, ``"slide"``, ``"goal"``, or nothing; `caption` is for the button."""
        self.header.set_subtitle(title)
        self.place.setText(place)
        self.text.setText(text)
        for button in self.choices:
            self._choices.removeWidget(button)
            button.deleteLater()
        self._words = [f"{number}  {words}" for number, words in enumerate(choices, 1)]
        self.choices = [(QCheckBox if several else QRadioButton)() for _ in choices]
        for button, words in zip(self.choices, choices, strict=True):
            button.setAccessibleName(words)
            self._choices.addWidget(button)
            button.toggled.connect(self._enable)
            button.show()
        self._wrap()
        self.after.hide()
        self._asking = bool(asks)
        self.button.setText(caption or {"choose": "Predict", "slide": "Here", "goal": "Not yet"}.get(asks, "Next"))
        self._enable()
        self._take_focus()

    def show_note(self, words: str) -> None:
        """Show words below the step, which can be answered still; none where they are empty."""
        self.after.setText(words)
        self.after.setVisible(bool(words))

    def show_wait(self) -> None:
        """Lock the answer while the outcome is being made."""
        for button in self.choices:
            button.setEnabled(False)
        self.button.setEnabled(False)

    def show_after(self, words: str, right: Collection[int] = ()) -> None:
        """Show what is said after the answer, with the right choices; the answer is locked."""
        self.show_wait()
        theme = style.current()
        for index, button in enumerate(self.choices):
            button.setStyleSheet(f"font-weight: bold; color: {theme.text};" if index in right else "")
        self.after.setText(words)
        self.after.setVisible(bool(words))
        self._asking = False
        self.button.setText("Next")
        self.button.setEnabled(True)
        self.button.setFocus()
        # Once the scroll area has room for them.
        QTimer.singleShot(0, self._show_end)

    def chosen(self) -> set[int]:
        """Return the indices of the choices that are ticked."""
        return {index for index, button in enumerate(self.choices) if button.isChecked()}

    def choose(self, index: int) -> None:
        """Tick a choice, or take it back where several may be right."""
        if index < len(self.choices) and self.choices[index].isEnabled():
            self.choices[index].click()

    def sizeHint(self) -> QSize:
        """Return a size with room for a step."""
        return scaled_size(290, 260)

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.header.restyle()

    def showEvent(self, event: QShowEvent | None) -> None:
        """Take the keys."""
        super().showEvent(event)
        self._take_focus()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Break the choices into other lines."""
        super().resizeEvent(event)
        self._wrap()

    def _wrap(self) -> None:
        """Break the words of choices into lines that fit, in bold and beside a scroll bar too: buttons do not."""
        bar = self._scroll.verticalScrollBar()
        room = self._scroll.width() - MARGINS - (bar.sizeHint().width() if bar is not None else 0)
        for button, words in zip(self.choices, self._words, strict=True):
            font = button.font()
            font.setBold(True)
            metrics, plain = QFontMetrics(font), words.replace("&", "&&")
            button.setText(plain)
            beside = button.sizeHint().width() - button.fontMetrics().horizontalAdvance(words)
            lines: list[str] = []
            for word in plain.split(" "):
                if lines and metrics.horizontalAdvance(f"{lines[-1]} {word}") <= room - beside:
                    lines[-1] += f" {word}"
                else:
                    lines.append(word)
            button.setText("\n".join(lines))

    def _take_focus(self) -> None:
        (self.choices[0] if self.choices else self.button).setFocus()

    @pyqtSlot()
    def _show_end(self) -> None:
        if (bar := self._scroll.verticalScrollBar()) is not None and not self.after.isHidden():
            bar.setValue(bar.maximum())

    @pyqtSlot()
    def _on_button(self) -> None:
        if self.button.isEnabled():
            (self.answered if self._asking else self.next_requested).emit()

    @pyqtSlot()
    def _enable(self) -> None:
        waits = bool(self.choices) and not self.chosen()
        self.button.setEnabled(not (self._asking and (waits or self.button.text() == "Not yet")))
