import math
import re

import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtGui import QFontInfo
from PyQt5.QtWidgets import (
    QAbstractButton,
    QAction,
    QApplication,
    QComboBox,
    QDialog,
    QDockWidget,
    QGraphicsTextItem,
    QGraphicsView,
    QLabel,
    QTabWidget,
    QWidget,
)
from pyqtgraph import AxisItem

from neuropil_gui.engine import sharing
from neuropil_gui.ui import sizes, style
from neuropil_gui.window.pages import TOOLS
from neuropil_gui.window.preference_requests import PreferenceRequests

SHOWN = {"separation", "mixing", "numbers"}


@pytest.fixture(autouse=True)
def usual_look(qapp):
    """End each test in the usual sizes, in which the next one begins."""
    yield
    sizes.set_scale(1.0)


def action(window, name):
    return window.findChild(QAction, name)


def dock(window, name):
    return window.findChild(QDockWidget, f"{name}_dock")


def letters(window):
    """Pixels of the fonts of all texts that are visible, by what has them."""
    found = {}
    for kind in (QLabel, QAbstractButton, QComboBox):
        for widget in window.findChildren(kind):
            if widget.isVisible() and (kind is QComboBox or widget.text()):
                found[widget] = QFontInfo(widget.font()).pixelSize()
    for view in window.findChildren(QGraphicsView):
        for item in view.scene().items() if view.isVisible() else ():
            if isinstance(item, QGraphicsTextItem) and item.isVisible() and item.toPlainText().strip():
                pixels = re.search(r"<span style=[^>]*font-size:(\d+)px", item.toHtml())
                found[item] = int(pixels[1]) if pixels else QFontInfo(item.font()).pixelSize()
            elif isinstance(item, AxisItem) and item.isVisible() and item.style["showValues"]:
                found[item] = QFontInfo(item.style["tickFont"] or QApplication.font()).pixelSize()
    return found


def visible_docks(window):
    names = (*SHOWN, "cells", "convergence", "lesson", "simulator")
    # One that lies below another tab is out of the window, and visible to Qt.
    return {name for name in names if dock(window, name).isVisible() and dock(window, name).x() >= 0}


def look(window):
    """What projector mode changes."""
    return (
        {name: (dock(window, name).size(), dock(window, name).pos()) for name in visible_docks(window)},
        (style.current().name, QApplication.font(), window.menuBar().height(), window.traces.readout.isVisible()),
        [curve.pen.widthF() for curve in window.traces.raw.curves],
        window.traces.raw.item.getAxis("left").width(),
    )


def test_a_room_can_read_it_and_the_window_comes_back_as_it_was(qtbot, window, demo, open_and_wait):
    window.setFixedSize(1920, 1080)
    action(window, "dark").trigger()
    open_and_wait(demo)
    qtbot.waitUntil(lambda: not window.controller.working, timeout=20_000)
    before = look(window)
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert action(window, "projector").isChecked()
    assert visible_docks(window) == SHOWN
    assert dock(window, "mixing").y() < dock(window, "numbers").y()
    assert style.current().name == "light"
    assert window.menuBar().height() == 0
    assert not window.commands.tool_bar.isVisible()
    assert not window.traces.readout.isVisible()
    qtbot.waitUntil(lambda: window.mixing.values.font_size >= 20)
    small = {each: size for each, size in letters(window).items() if size < 20}
    assert not small
    assert len(letters(window)) > 30
    widths = [curve.pen.widthF() for curve in window.traces.raw.curves]
    assert widths[0] >= 4
    assert set(widths[1:]) == {2.5}
    # Keys work without the menus; the ring and the keys are seen.
    target = window.traces.raw.widget.viewport()
    ring = window.findChild(QWidget, "pointer_ring")
    qtbot.waitUntil(lambda: window.centralWidget().y() == 0)
    qtbot.mouseMove(target, QPoint(200, 50))
    assert ring.isVisible()
    assert (ring.geometry().center() - target.mapTo(window, QPoint(200, 50))).manhattanLength() <= 2
    assert 40 <= ring.width() <= 50
    qtbot.mousePress(target, Qt.MouseButton.LeftButton, pos=QPoint(200, 50))
    assert ring.filled
    qtbot.mouseRelease(target, Qt.MouseButton.LeftButton, pos=QPoint(200, 50))
    assert not ring.filled
    live = window.session.live
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert window.session.live is not live
    keys = window.findChild(QWidget, "pressed_keys")
    assert keys.isVisible()
    assert keys.text().endswith("Live")
    qtbot.waitUntil(lambda: not keys.isVisible())
    for shown in (True, False):
        qtbot.keyClick(window, Qt.Key.Key_Alt)
        assert (window.menuBar().maximumHeight() > 0) == window.commands.tool_bar.isVisible() == shown
    # Both go along into a dialog, and are there again when it is deleted.
    dialog = QDialog(window)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.show()
    qtbot.mouseClick(dialog, Qt.MouseButton.LeftButton)
    qtbot.keyClick(dialog, Qt.Key.Key_X)
    assert {ring.parent(), keys.parent()} == {dialog}
    with qtbot.waitSignal(dialog.destroyed), qtbot.waitActive(window):
        dialog.close()
        window.activateWindow()
    qtbot.mouseClick(target, Qt.MouseButton.LeftButton, pos=QPoint(200, 50))
    qtbot.keyClick(window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    assert window.findChild(QWidget, "pointer_ring").isVisible()
    assert window.findChild(QWidget, "pressed_keys").isVisible()
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert window.findChild(QWidget, "pointer_ring") is None
    qtbot.waitUntil(lambda: look(window) == before)
    action(window, "dark").trigger()


def test_lessons_panels_and_the_size_of_text_in_the_mode(qtbot, window, demo, open_and_wait):
    """In one window, one after the other, because a window takes seconds."""
    window.setFixedSize(1280, 720)
    open_and_wait(demo)
    simulator_stays_open_after_it(qtbot, window)
    panels_of_a_lesson_are_shown_while_it_is_on(qtbot, window)
    panel_that_is_closed_stays_closed(window)
    text_size_is_applied_at_once(qtbot, window)


def simulator_stays_open_after_it(qtbot, window):
    action(window, "projector").trigger()
    action(window, "simulator").trigger()
    qtbot.waitUntil(lambda: visible_docks(window) == {"simulator", "mixing", "numbers"})
    action(window, "compare").trigger()
    assert not visible_docks(window) & {"mixing", "numbers"}
    action(window, "cell").trigger()
    action(window, "projector").trigger()
    qtbot.waitUntil(lambda: {"simulator", "separation", "convergence"} <= visible_docks(window))
    assert "cells" not in visible_docks(window)


def panels_of_a_lesson_are_shown_while_it_is_on(qtbot, window):
    player = window._teaching.player
    for close in (False, True):
        dock(window, "convergence").setVisible(not close)
        action(window, "projector").trigger()
        assert "convergence" not in visible_docks(window)
        action(window, "lessons_04-nmf-works").trigger()
        qtbot.waitUntil(lambda: {"lesson", "convergence"} <= visible_docks(window))
        # Projector mode is left, and begun again.
        for _ in range(2):
            action(window, "projector").trigger()
            qtbot.waitUntil(lambda: {"lesson", "convergence"} <= visible_docks(window))
        action(window, "compare").trigger()
        assert "convergence" not in visible_docks(window)
        player.leave()
        action(window, "cell").trigger()
        assert not {"lesson", "convergence"} & visible_docks(window)
        action(window, "projector").trigger()
        assert dock(window, "convergence").isHidden() is close
        qtbot.waitUntil(lambda: window.session.cell is not None)
    # Outside of the mode, where it was closed.
    action(window, "lessons_04-nmf-works").trigger()
    qtbot.waitUntil(lambda: {"lesson", "convergence"} <= visible_docks(window))
    player.leave()
    assert dock(window, "convergence").isHidden()
    dock(window, "convergence").show()
    qtbot.waitUntil(lambda: window.session.up_to_date)


def panel_that_is_closed_stays_closed(window):
    dock(window, "numbers").close()
    for _ in range(2):
        action(window, "projector").trigger()
        for page in ("cell", "compare", "cell"):
            assert dock(window, "numbers").isHidden()
            action(window, page).trigger()
    # Closed in the mode.
    dock(window, "numbers").show()
    action(window, "projector").trigger()
    dock(window, "numbers").close()
    action(window, "projector").trigger()
    assert dock(window, "numbers").isHidden()
    assert not dock(window, "convergence").isHidden()
    dock(window, "numbers").show()


def text_size_is_applied_at_once(qtbot, window):
    set_text_size = window.findChild(PreferenceRequests).text_size_changed.emit
    width, font = dock(window, "mixing").width(), QFontInfo(window.form.font()).pixelSize()
    set_text_size(150)
    assert QFontInfo(window.form.font()).pixelSize() == pytest.approx(1.5 * font, abs=1)
    # In a window that is low for it, the panels at the right are tabs.
    assert dock(window, "numbers") in window.tabifiedDockWidgets(dock(window, "mixing"))
    qtbot.waitUntil(lambda: dock(window, "mixing").height() > 400)
    set_text_size(100)
    names = ("mixing", "convergence", "numbers")
    qtbot.waitUntil(lambda: 0 <= dock(window, "mixing").y() < dock(window, "numbers").y())
    assert [dock(window, name).y() for name in names] == sorted(dock(window, name).y() for name in names)
    assert not window.tabifiedDockWidgets(dock(window, "mixing"))
    assert QFontInfo(window.form.font()).pixelSize() == font
    qtbot.waitUntil(lambda: dock(window, "mixing").width() == width)


def test_the_mode_ends_with_the_window_and_is_not_kept(qtbot, make_window, demo, preferences):
    window = make_window()
    action(window, "lessons_01-whose-light").trigger()
    qtbot.waitUntil(lambda: dock(window, "lesson").isVisible())
    assert dock(window, "separation").isHidden()
    with qtbot.waitSignal(window.session.recording_changed, timeout=10_000):
        window.open_path(demo, ask=False)
    size = window.size()
    action(window, "projector").trigger()
    assert window.isFullScreen()
    window.close()
    assert sizes.scale() == 1.0
    window = make_window()
    assert not window.isFullScreen()
    assert window.size() == size
    with qtbot.waitSignal(window.session.recording_changed, timeout=10_000):
        window.open_path(demo, ask=False)
    assert not any(dock(window, name).isHidden() for name in (*SHOWN, "cells", "convergence"))
    assert dock(window, "lesson").isHidden()


def fits(view):
    """Whether a view is seen without scrolling."""
    bars = view.parentWidget().parentWidget()
    return bars.verticalScrollBar().maximum() == bars.horizontalScrollBar().maximum() == 0


@pytest.mark.usefixtures("few_alphas")
def test_no_page_is_larger_than_a_small_projector_shows(qtbot, window, demo, open_and_wait, monkeypatch):
    # Processes that nobody waits for get little of a busy machine.
    monkeypatch.setattr(sharing, "HELP_SECONDS", math.inf)
    window.setFixedSize(1280, 720)
    open_and_wait(demo)
    action(window, "projector").trigger()
    for name in TOOLS:
        window.pages.open(name)
        view = window.pages.made[name].page.view
        if name == "trust":
            view.stability.replicates.setValue(3)
            view.spike_in.form.repeats.setValue(2)
        qtbot.waitUntil(lambda view=view: view.minimumSizeHint().width() <= view.parentWidget().width())
        for tabs in view.findChildren(QTabWidget) if name in ("trust", "population") else ():
            for place in range(tabs.count()):
                tabs.setCurrentIndex(place)
                # Of a page with long sentences, too.
                qtbot.waitUntil(lambda view=view, name=name: not window.pages.made[name].busy and fits(view))
