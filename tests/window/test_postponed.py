"""A view that is hidden is drawn once, when it is shown."""

import pytest
from PyQt5.QtCore import QObject
from PyQt5.QtWidgets import QStackedWidget, QWidget

from neuropil_gui.window.draws import draws_when_shown
from neuropil_gui.window.postponed import Postponed


class Drawer(QObject):
    """Draws a view by two slots."""

    def __init__(self, view):
        super().__init__()
        self.calls = []
        self.postponed = Postponed(view, self.draw_all, self)

    def puts_off(self, view):
        assert view == "view"
        return self.postponed.put_off()

    def draw_all(self):
        self.calls.append("all")

    @draws_when_shown("view")
    def draw_one(self):
        self.calls.append("one")


@pytest.fixture
def pages(qtbot):
    """Two pages, the first of which is shown."""
    pages = QStackedWidget()
    qtbot.addWidget(pages)
    pages.addWidget(QWidget())
    pages.addWidget(QWidget())
    pages.show()
    return pages


def test_what_changes_while_a_view_is_hidden_is_drawn_once_when_it_is_shown(pages):
    drawer = Drawer(pages.widget(1))
    drawer.draw_one()
    drawer.draw_one()
    assert drawer.calls == []
    pages.setCurrentIndex(1)
    assert drawer.calls == ["all"]
    drawer.draw_one()
    assert drawer.calls == ["all", "one"]


def test_a_view_that_is_not_behind_is_not_drawn_again(pages):
    drawer = Drawer(pages.widget(0))
    drawer.draw_one()
    pages.setCurrentIndex(1)
    pages.setCurrentIndex(0)
    assert drawer.calls == ["one"]


def test_an_error_of_a_slot_that_is_drawn_later_names_its_view(qtbot, pages):
    class Broken(Drawer):
        def draw_all(self):
            self.draw_one()

        @draws_when_shown("view")
        def draw_one(self):
            raise RuntimeError("no image")

    drawer = Broken(pages.widget(1))
    drawer.draw_one()
    with qtbot.captureExceptions() as errors:
        pages.setCurrentIndex(1)
    assert [error.__notes__ for _, error, _ in errors] == [["The view could not be drawn."]]
