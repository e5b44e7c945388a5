"""Dialogs that ask for a line."""

import pytest
from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtTest import QTest
from PyQt5.QtWidgets import QApplication, QDialogButtonBox, QInputDialog, QWidget

from neuropil_gui.ui import dialogs

pytestmark = pytest.mark.any_version


def test_an_empty_line_is_not_taken_and_the_question_stays(qtbot):
    parent, seen = QWidget(), []
    qtbot.addWidget(parent)

    def type_name():
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QInputDialog)
        button = dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok)
        for text in ("", "  "):
            dialog.setTextValue(text)
            QTest.keyClick(dialog, Qt.Key.Key_Return)
            seen.append((button.isEnabled(), dialog.isVisible()))
        dialog.setTextValue(" Ada ")
        QTest.keyClick(dialog, Qt.Key.Key_Return)

    QTimer.singleShot(0, type_name)
    assert dialogs.ask_line(parent, "Exercise", "Your name:") == "Ada"
    assert seen == [(False, True), (False, True)]
    QTimer.singleShot(0, lambda: QTest.keyClick(QApplication.activeModalWidget(), Qt.Key.Key_Escape))
    assert dialogs.ask_line(parent, "Exercise", "Your name:") is None
