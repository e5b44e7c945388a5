"""Messages lie over the top of the page: nothing moves when one comes or goes."""

import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtWidgets import QDockWidget, QWidget

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.ui import sizes

pytestmark = pytest.mark.any_version

SENTENCE = "Written: /home/ann/mouse 12/day 3/results.npz, without cell 2: of 3 frames no separation can be made. "


@pytest.fixture(autouse=True)
def usual_look(qapp):
    """End each test in the usual sizes, in which the next one begins."""
    yield
    sizes.set_scale(1.0)


def arrangement(window):
    """Place and size of all that is visible beside the messages."""
    window.centralWidget().layout().activate()
    views = [*window.centralWidget().findChildren(QWidget), *window.findChildren(QDockWidget)]
    over = window.findChild(QWidget, "messages_over_page")
    return {
        each: (each.mapTo(window, QPoint()), each.size())
        for each in views
        if each.isVisible() and each is not over and not over.isAncestorOf(each)
    }


def rest(qtbot, window):
    """Wait until nothing moves any more, and return where it is."""
    seen = [{}]

    def the_same():
        seen.append(arrangement(window))
        return all(each == seen[-1] for each in seen[-5:])

    qtbot.waitUntil(the_same)
    return seen[-1]


LOOKS = {
    "usual": lambda window: None,
    "projector mode": lambda window: window.commands["projector"].trigger(),
    "text of 140 %": lambda window: window._projector.set_text_size(140),
}


@pytest.mark.parametrize("look", LOOKS)
def test_nothing_moves_when_a_message_comes_or_goes(qtbot, window, demo, open_and_wait, unchecked, look):
    window.setFixedSize(1280, 720)
    open_and_wait(demo)
    qtbot.waitUntil(lambda: not window.controller.working)
    LOOKS[look](window)
    messages, over = window.messages, window.findChild(QWidget, "messages_over_page")
    qtbot.waitUntil(lambda: window.size().height() == 720 and over.height() == 0)
    before = rest(qtbot, window)
    assert len(before) > 30
    messages.show_message(SENTENCE, "warning", "Transpose")
    qtbot.waitUntil(lambda: over.height() >= messages.text.heightForWidth(messages.text.width()) > 0)
    assert rest(qtbot, window) == before
    # Below the tabs, over the page.
    assert over.y() == window.pages.bar.mapTo(window.pages, QPoint()).y() + window.pages.bar.height()
    assert over.width() == window.pages.width()
    one = over.height()
    window._refusal.show_message(SENTENCE, "error")
    qtbot.waitUntil(lambda: over.height() > one)
    # However long a message is, half of the page is seen, and the message is scrolled.
    messages.add_message(30 * SENTENCE)
    qtbot.waitUntil(lambda: over.height() == window._home.height() // 2)
    assert messages.findChild(QWidget, "message_area").verticalScrollBar().maximum() > 0
    assert rest(qtbot, window) == before
    for bar in (messages, window._refusal):
        qtbot.mouseClick(bar.close_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: over.height() == 0)
    assert rest(qtbot, window) == before


def test_a_message_about_the_traces_is_over_their_page_alone(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    window.session.set_frame_rate(None)
    window.session.set_baseline(BaselineSettings("fissa"))
    bar = window._baseline.bar
    qtbot.waitUntil(bar.isVisible)
    assert not window.traces.isAncestorOf(bar)
    window.pages.open("history")
    assert not bar.isVisible()
    window.pages.open("cell")
    assert bar.isVisible()
