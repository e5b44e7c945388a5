"""Pages: the tabs, what each page shows beside it, and a page in a window of its own."""

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QAction, QApplication, QComboBox, QDockWidget, QToolButton

from neuropil_gui.window.action_table import PAGES

pytestmark = pytest.mark.any_version

HOME_DOCKS = {"mixing", "convergence", "numbers"}


@pytest.fixture
def docks(window):
    """Names of the docks that are visible."""
    return lambda: {each.objectName()[:-5] for each in window.findChildren(QDockWidget) if each.isVisible()}


def click_tab(qtbot, window, name):
    bar = window.pages.bar
    qtbot.mouseClick(bar, Qt.LeftButton, pos=bar.tabRect(PAGES.index(name)).center())


def test_a_start_without_a_recording_has_no_tabs(window, demo, open_and_wait):
    assert not window.pages.bar.isVisible()
    open_and_wait(demo)
    assert window.pages.bar.isVisible()
    assert window.pages.current == "cell"


def test_cells_and_settings_stay_beside_each_page(qtbot, window, demo, open_and_wait, docks):
    open_and_wait(demo)
    size = window.size()
    widths = {each: each.width() for each in window.findChildren(QDockWidget)}
    keys = dict(zip(PAGES, "1234567", strict=True))
    for by in ("tab", "key"):
        for name in (*PAGES[1:], "cell"):
            if by == "tab":
                click_tab(qtbot, window, name)
            else:
                qtbot.keyClick(window, keys[name], Qt.ControlModifier)
            assert window.pages.current == name
            assert docks() == {"cells", "separation"} | (HOME_DOCKS if name == "cell" else set())
            assert [tool for tool in window.pages.made if window.pages.made[tool].visible] == [name] * (name != "cell")
            assert window.traces.isVisible() == (name == "cell")
            assert window.size() == size
        assert {each: each.width() for each in window.findChildren(QDockWidget)} == widths


def test_settings_drive_the_page_in_view(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    click_tab(qtbot, window, "history")
    box = window.form.findChild(QComboBox, "method")
    box.setFocus()
    qtbot.keyClick(box, Qt.Key_Down)
    qtbot.waitUntil(lambda: window.session.up_to_date, timeout=20_000)
    assert window.pages.made["history"].view.model.runs[-1].values()["method"] == "ica"


def test_each_page_keeps_its_own_panels(qtbot, window, demo, open_and_wait, docks):
    open_and_wait(demo)
    window.findChild(QDockWidget, "numbers_dock").close()
    click_tab(qtbot, window, "trust")
    window.findChild(QDockWidget, "convergence_dock").show()
    window.findChild(QDockWidget, "cells_dock").close()
    click_tab(qtbot, window, "cell")
    assert docks() == {"cells", "separation", "mixing", "convergence"}
    click_tab(qtbot, window, "trust")
    assert docks() == {"separation", "convergence"}
    window.findChild(QAction, "reset_layout").trigger()
    assert docks() == {"cells", "separation"}
    click_tab(qtbot, window, "cell")
    assert docks() == {"cells", "separation"} | HOME_DOCKS


def test_the_arrangement_that_was_saved_is_that_of_the_cells_page(qtbot, make_window, demo):
    for page in ("cell", "history"):
        window = make_window()
        window.findChild(QAction, page).trigger()
        with qtbot.waitSignal(window.session.recording_changed, timeout=10_000):
            window.open_path(demo, ask=False)
        if page == "cell":
            window.close()
    mixing = window.findChild(QDockWidget, "mixing_dock")
    assert window.pages.current == "history"
    assert not mixing.isVisible()
    window.findChild(QAction, "cell").trigger()
    assert mixing.isVisible()


def test_a_detached_page_is_a_window_until_it_is_closed(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    detach = window.pages.findChild(QToolButton, "detach_button")
    assert not detach.isEnabled()
    click_tab(qtbot, window, "sweep")
    qtbot.mouseClick(detach, Qt.LeftButton)
    page = window.pages.made["sweep"].page
    assert page.isWindow()
    assert page.isVisible()
    assert page.header.title.isVisible()
    assert window.pages.current == "cell"
    click_tab(qtbot, window, "sweep")
    assert window.pages.bar.currentIndex() == 0  # its window comes to the front
    page.resize(901, 555)
    page.close()
    assert not page.isWindow()
    assert window.pages.current == "cell"
    click_tab(qtbot, window, "sweep")
    assert page.isVisible()
    assert not page.isWindow()
    assert not page.header.title.isVisible()
    qtbot.mouseClick(detach, Qt.LeftButton)
    assert (page.width(), page.height()) == (901, 555)
    qtbot.keyClick(page, Qt.Key_Escape)
    assert not page.isWindow()


def test_closing_the_main_window_closes_a_detached_page(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    click_tab(qtbot, window, "history")
    window.findChild(QAction, "detach").trigger()
    window.close()
    assert not [each for each in QApplication.topLevelWidgets() if each.isVisible()]


@pytest.mark.parametrize("detached", [False, True])
def test_escape_in_an_open_list_of_choices_closes_the_list_alone(qtbot, window, demo, open_and_wait, detached):
    open_and_wait(demo)
    click_tab(qtbot, window, "sweep")
    if detached:
        window.findChild(QAction, "detach").trigger()
    page = window.pages.made["sweep"].page
    box = page.findChild(QComboBox, "strip_axis")
    box.showPopup()
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
    qtbot.keyClick(QApplication.activePopupWidget(), Qt.Key_Escape)
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is None)
    assert page.isVisible()
    qtbot.keyClick(box, Qt.Key_Escape)
    assert window.pages.current == "cell"
    assert not page.isVisible()


def test_pages_do_not_widen_the_window(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    for size in ((1280, 720), (800, 560)):
        window.resize(*size)
        for name in PAGES:
            click_tab(qtbot, window, name)
            QApplication.processEvents()
            assert (window.width(), window.height()) == size
