"""Bar of the modes of drawing, with what a mode takes and why something was refused."""

from PyQt5.QtCore import pyqtSignal, pyqtSlot
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QGridLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from neuropil_gui.features.field import edit_words as words
from neuropil_gui.features.field.drawing_modes import MODES
from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import scaled

LEAST = 400
"""Pixels between the buttons below which the sentence gets a line of its own."""


class EditBar(QWidget):
    """A button for each mode of drawing, a sentence, and a button that saves the ROIs.

    Signals: `mode_chosen` (name, empty for none), `save_requested`.

    Attributes
    ----------
    buttons : dict of str to QToolButton
        By the name of the mode.
    save : QPushButton
    """

    mode_chosen = pyqtSignal(str)
    save_requested = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self._refused = False
        self.buttons: dict[str, QToolButton] = {}
        self._group = QButtonGroup(self)
        self._group.setExclusive(False)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(10, 0, 10, 4)
        self._grid.setSpacing(4)
        self._grid.setColumnStretch(len(MODES), 1)
        for column, mode in enumerate(MODES):
            text, tip = words.BUTTONS[mode]
            button = QToolButton()
            button.setObjectName(f"field_{mode}")
            button.setText(text)
            button.setAccessibleName(tip)
            button.setCheckable(True)
            self._group.addButton(button, column)
            self._grid.addWidget(button, 0, column)
            self.buttons[mode] = button
        self.sentence = QLabel()
        self.sentence.setObjectName("field_edit_words")
        self.sentence.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.save = QPushButton("Save ROIs …")
        self.save.setObjectName("field_save_rois")
        self.save.setToolTip("<qt>Write all ROIs as a zip that ImageJ and FISSA read</qt>")
        self._grid.addWidget(self.sentence, 0, len(MODES))
        self._grid.addWidget(self.save, 0, len(MODES) + 1)
        self._group.buttonClicked.connect(self._on_clicked)
        self.save.clicked.connect(self.save_requested)
        self.show_why_not(words.NOT_HERE["none"])

    def show_why_not(self, reason: str) -> None:
        """Offer the modes, or say why ROIs cannot be drawn."""
        for mode, button in self.buttons.items():
            button.setEnabled(not reason)
            button.setToolTip(f"<qt>{reason or words.BUTTONS[mode][1]}</qt>")
        self.save.setEnabled(not reason)
        self.say("", False)

    @pyqtSlot(str)
    def show_mode(self, mode: str) -> None:
        """Show which mode is on."""
        for name, button in self.buttons.items():
            button.setChecked(name == mode)

    @pyqtSlot(str, bool)
    def say(self, sentence: str, refused: bool) -> None:
        """Show a sentence, in the colour of warnings where something was refused."""
        self._refused = refused
        self.sentence.setText(sentence)
        self.sentence.setToolTip(f"<qt>{sentence}</qt>" if sentence else "")
        self.restyle()

    def resizeEvent(self, a0: QResizeEvent | None) -> None:
        """Put the sentence below the buttons where there is no room between them.

        That is so whether there is one or not: the picture would move under the hand.
        """
        super().resizeEvent(a0)
        buttons = sum(each.sizeHint().width() + self._grid.spacing() for each in (*self.buttons.values(), self.save))
        margins = self._grid.contentsMargins()
        between = self.width() - buttons - margins.left() - margins.right() >= scaled(LEAST)
        self._grid.removeWidget(self.sentence)
        if between:
            self._grid.addWidget(self.sentence, 0, len(MODES))
        else:
            self._grid.addWidget(self.sentence, 1, 0, 1, len(MODES) + 2)

    @pyqtSlot(QAbstractButton)
    def _on_clicked(self, button: QAbstractButton) -> None:
        self.mode_chosen.emit(MODES[self._group.id(button)] if button.isChecked() else "")

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        theme = style.current()
        self.sentence.setStyleSheet(f"color: {theme.error if self._refused else theme.muted}")
        # Qt's own style hardly shows which of the buttons is checked.
        checked = f"QToolButton:checked {{ background: {theme.accent}; color: {theme.accent_text}; }}"
        for button in self.buttons.values():
            if button.styleSheet() != checked:
                button.setStyleSheet(checked)
