"""Docks: all panels are tabs at one side of a small window, and lie where they were in a larger one."""

import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QDockWidget, QMainWindow, QWidget

from neuropil_gui.window.dock_panel import LEFT, RIGHT, DockPanel
from neuropil_gui.window.docks import SMALL, Docks

pytestmark = pytest.mark.any_version

SIDES = {
    "lesson": LEFT, "cells": LEFT, "simulator": LEFT, "separation": LEFT,
    "mixing": RIGHT, "convergence": RIGHT, "numbers": RIGHT,
}  # fmt: skip
ASKED_FOR = "lesson", "simulator"
SMALLER, LARGER = (675, 344), (1280, 900)


class Window(QMainWindow):
    """A window of docks that fold as it is resized."""

    def __init__(self, size):
        super().__init__()
        panels = [
            DockPanel(
                name,
                name,
                QWidget(),
                QWidget(),
                area,
                20 if name == "separation" else 100,
                at_first=name not in ASKED_FOR,
            )
            for name, area in SIDES.items()
        ]
        for panel in panels:
            panel.view.setMinimumSize(250, 120)
        self.setCentralWidget(QWidget())
        self.docks = Docks(self, panels, "cell")
        self.resize(*size)

    def resizeEvent(self, event):
        super().resizeEvent(event)
        self.docks.fold()

    def dock(self, name):
        return self.findChild(QDockWidget, f"{name}_dock")

    def sides(self):
        return {name: self.dockWidgetArea(self.dock(name)) for name in SIDES}

    def shown(self):
        return {name for name in SIDES if not self.dock(name).isHidden()}


@pytest.fixture
def make(qtbot):
    def make(size, saved=None):
        window = Window(size)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        window.docks.show(saved)
        return window

    return make


AT_FIRST = {name for name in SIDES if name not in ASKED_FOR}


def test_a_small_window_has_one_side_of_tabs_and_stays_small(qtbot, make):
    window = make(SMALLER)
    assert set(window.sides().values()) == {LEFT}
    assert window.shown() == AT_FIRST
    assert len(window.tabifiedDockWidgets(window.dock("cells"))) == len(SIDES) - 1
    window.docks.set_shown("lesson", True)
    qtbot.waitUntil(lambda: not window.dock("lesson").visibleRegion().isEmpty())
    window.docks.reset()
    qtbot.wait(0)
    assert (window.width(), window.height()) == SMALLER
    window.dock("numbers").close()
    window.resize(*LARGER)
    qtbot.waitUntil(lambda: window.sides() == SIDES)
    assert window.shown() == AT_FIRST - {"numbers"}
    assert not window.tabifiedDockWidgets(window.dock("mixing"))
    assert window.dock("cells").geometry().bottom() < window.dock("separation").y()
    window.resize(SMALL.width() - 1, LARGER[1])
    qtbot.waitUntil(lambda: set(window.sides().values()) == {LEFT})


def test_the_arrangement_of_a_larger_window_outlives_a_small_one(make):
    window = make(LARGER)
    window.addDockWidget(RIGHT, window.dock("separation"))
    saved = window.docks.hide()
    small = make(SMALLER, saved)
    assert set(small.sides().values()) == {LEFT}
    small.dock("mixing").close()
    saved = small.docks.hide()
    assert (small.width(), small.height()) == SMALLER
    window = make(LARGER, saved)
    assert window.sides() == {**SIDES, "separation": RIGHT}
    assert window.shown() == AT_FIRST - {"mixing"}


def test_projector_mode_leaves_a_small_window_as_it_was(make):
    window = make(SMALLER)
    window.docks.project(True)
    assert window.dockWidgetArea(window.dock("mixing")) == Qt.DockWidgetArea.RightDockWidgetArea
    window.docks.project(False)
    assert set(window.sides().values()) == {LEFT}
    assert window.shown() == AT_FIRST


def test_tabs_beside_a_lesson_have_the_share_of_the_first(qtbot, make):
    window = make((790, 790))
    window.docks.project(True)
    window.docks.lead_with("simulator")
    window.docks.set_shown("lesson", True)
    assert window.dock("separation") in window.tabifiedDockWidgets(window.dock("simulator"))
    lesson, simulator = (window.dock(name) for name in ASKED_FOR)
    qtbot.waitUntil(lambda: simulator.height() > 0.7 * lesson.height() > 200)


def test_docks_that_are_withheld_before_any_is_shown_come_back_too(qtbot):
    window = Window(LARGER)
    qtbot.addWidget(window)
    window.show()
    docks = window.docks
    docks.withhold(("separation",))
    docks.want(("convergence",))
    docks.show()
    assert window.dock("separation").isHidden()
    assert not window.dock("convergence").isHidden()
    docks.withhold(())
    docks.want(())
    assert not window.dock("separation").isHidden()
    assert not window.dock("convergence").isHidden()
    docks.withhold(("separation",))
    docks.hide()
    docks.show()
    assert not window.dock("separation").isHidden()


def test_docks_that_are_withheld_come_back_where_they_were(qtbot):
    window = Window(LARGER)
    qtbot.addWidget(window)
    window.show()
    docks = window.docks
    docks.show()
    docks.set_shown("cells", False)
    docks.turn_to("other")
    docks.set_shown("cells", False)
    docks.withhold(("numbers", "cells"))
    docks.turn_to("cell")
    for go in (lambda: docks.show_panel("numbers"), lambda: docks.set_shown("numbers", True), docks.reset):
        go()
        assert window.dock("numbers").isHidden()
        assert not window.dock("numbers").toggleViewAction().isEnabled()
    docks.withhold(("numbers",))
    assert window.dock("cells").toggleViewAction().isEnabled()
    docks.withhold(())
    assert not window.dock("numbers").isHidden()
    assert window.dock("cells").isHidden()
