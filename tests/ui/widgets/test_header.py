import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from neuropil_gui.ui.widgets.header import Header


@pytest.fixture
def page(qtbot):
    page = QWidget()
    layout = QVBoxLayout(page)
    page.header, page.edit = Header("Cells", "<b>Cells</b><p>Five lines.</p>"), QLineEdit()
    layout.addWidget(page.header)
    layout.addWidget(page.edit)
    qtbot.addWidget(page)
    with qtbot.waitExposed(page):
        page.show()
    return page


def test_help_opens_and_closes_and_the_window_goes_on(qtbot, page):
    popup = page.findChild(QFrame, "help_popup")
    for _ in range(3):
        qtbot.mouseClick(page.header.help_button, Qt.LeftButton)
        assert popup.isVisible()
        qtbot.keyClick(popup, Qt.Key_Escape)
        assert not popup.isVisible()
    page.edit.setFocus()
    qtbot.keyClicks(page.edit, "alive")
    assert page.edit.text() == "alive"


def test_a_click_beside_the_help_closes_it(qtbot, page):
    popup = page.findChild(QFrame, "help_popup")
    qtbot.mouseClick(page.header.help_button, Qt.LeftButton)
    qtbot.mousePress(popup, Qt.LeftButton, pos=popup.rect().bottomRight() * 2)
    assert not popup.isVisible()
