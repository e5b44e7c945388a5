"""The empty window: what it offers can be clicked, typed and read, and fits the smallest window."""

from pathlib import Path

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import QApplication, QPushButton

from neuropil_gui.core.demos import DEMOS
from neuropil_gui.ui import style
from neuropil_gui.window.welcome import RECENT, Welcome
from neuropil_gui.window.welcome_cards import MINIATURE, ROW_MARGIN, DemoCard, RecentFile, picture_colours

ALL = [(name, demo.title, demo.what_to_see) for name, demo in DEMOS.items()]
PATHS = ["/data/a/separated.npz", "/data/b/separated.npz", "/data/" + "long/" * 60 + "suite2p", "/x" * 120, "/a.csv"]


@pytest.fixture
def welcome(qtbot):
    view = Welcome()
    qtbot.addWidget(view)
    view.resize(1280, 610)
    view.show_demos(ALL)
    with qtbot.waitExposed(view):
        view.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    return view


def rows(welcome):
    return [row for row in welcome.findChildren(RecentFile) if row.isVisible()]


def cards(welcome):
    return welcome.findChildren(DemoCard)


def settled(welcome):
    QApplication.sendPostedEvents()
    QApplication.processEvents()
    return welcome


def test_a_click_opens_a_file_a_recent_one_or_a_demo(welcome, qtbot):
    welcome.show_recent(PATHS)
    settled(welcome)
    with qtbot.waitSignal(welcome.open_requested):
        qtbot.mouseClick(welcome.findChild(QPushButton, "welcome_open"), Qt.LeftButton)
    for row, path in zip(rows(welcome), PATHS, strict=True):
        with qtbot.waitSignal(welcome.recent_requested) as asked:
            qtbot.mouseClick(row, Qt.LeftButton)
        assert asked.args == [path]
    for name in DEMOS:
        card = welcome.findChild(DemoCard, f"demo_{name}")
        # The words and the picture do not stand between the pointer and the card.
        for place in (card.picture.geometry().center(), card.rect().center()):
            assert welcome.childAt(card.mapTo(welcome, place)) is card
        with qtbot.waitSignal(welcome.demo_requested) as asked:
            qtbot.mouseClick(card, Qt.LeftButton)
        assert asked.args == [name]


def test_tab_goes_from_top_to_bottom_and_enter_and_space_open(welcome, qtbot):
    welcome.show_recent(["/old.npz"])
    welcome.show_recent(PATHS[:2])
    settled(welcome)
    welcome.open_button.setFocus()
    stops, asked = [], []
    for signal in (welcome.open_requested, welcome.recent_requested, welcome.demo_requested):
        signal.connect(lambda *values: asked.append(values))
    for _ in range(1 + 2 + len(DEMOS)):
        focus = QApplication.focusWidget()
        stops.append(focus)
        for key in (Qt.Key_Return, Qt.Key_Enter, Qt.Key_Space):
            qtbot.keyClick(focus, key)
        qtbot.keyClick(focus, Qt.Key_Tab)
    assert stops == [welcome.open_button, *rows(welcome), *cards(welcome)]
    expected = [(), *((path,) for path in PATHS[:2]), *((name,) for name in DEMOS)]
    assert asked == [values for values in expected for _ in range(3)]


def test_recent_files_are_hidden_when_there_are_none_and_at_most_five(welcome):
    settled(welcome)
    assert not welcome.recent_title.isVisible()
    assert rows(welcome) == []
    welcome.show_recent([f"/data/{k}.npz" for k in range(9)])
    settled(welcome)
    assert welcome.recent_title.isVisible()
    assert [row.name for row in rows(welcome)] == [f"{k}.npz" for k in range(RECENT)]
    welcome.show_recent([])
    settled(welcome)
    assert not welcome.recent_title.isVisible()
    assert rows(welcome) == []


def test_recent_files_say_name_and_folder(qtbot, monkeypatch):
    monkeypatch.setenv("HOME", "/home/ana")
    row = RecentFile("/home/ana/data/suite2p")
    qtbot.addWidget(row)
    assert (row.name, Path(row.folder)) == ("suite2p", Path("~/data"))
    assert row.accessibleName() == "Open suite2p again"
    assert row.accessibleDescription() == f"in {Path('/home/ana/data')}"
    assert row.toolTip() == "/home/ana/data/suite2p"
    trials = RecentFile("/home/ana/data/A01.tif", 2)
    qtbot.addWidget(trials)
    assert trials.name == "A01.tif and 2 more"
    assert trials.accessibleName() == "Open A01.tif and 2 more again"
    assert trials.toolTip() == "/home/ana/data/A01.tif and 2 more"
    odd = RecentFile("/")
    qtbot.addWidget(odd)
    assert odd.name == "/"
    for width in (1, 30, 400):
        row.resize(width, row.sizeHint().height())
        assert not row.grab().isNull()


@pytest.mark.parametrize("paths", [[], PATHS], ids=["new", "recent"])
@pytest.mark.parametrize("size", [(1280, 610), (1920, 970), (2560, 1330)])
def test_all_is_in_view_without_scrolling_and_no_word_is_cut(welcome, size, paths):
    welcome.resize(*size)
    welcome.show_recent(paths)
    settled(welcome)
    assert welcome.area.verticalScrollBar().maximum() == 0
    assert welcome.area.horizontalScrollBar().maximum() == 0
    for card in cards(welcome):
        for label in (card.title, card.sentence):
            assert label.height() >= label.heightForWidth(label.width())
            assert label.width() >= (0 if label.wordWrap() else label.sizeHint().width())
            assert card.rect().contains(label.geometry())
        assert card.rect().contains(card.picture.geometry())
        assert card.picture.width() > 150
    heights = [card.height() for card in cards(welcome)]
    assert heights[0] == heights[1]
    assert heights[2] == heights[3]


def test_a_narrow_window_scrolls_down_to_the_focus_and_never_sideways(welcome, qtbot):
    welcome.resize(760, 300)
    welcome.show_recent(PATHS)
    settled(welcome)
    assert welcome.area.horizontalScrollBar().maximum() == 0
    assert welcome.area.verticalScrollBar().maximum() > 0
    welcome.open_button.setFocus()
    for _ in range(RECENT + len(DEMOS)):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key_Tab)
    last = cards(welcome)[-1]
    assert last.hasFocus()
    assert last.visibleRegion().boundingRect().height() > last.height() // 2


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_are_drawn_in_the_colours_of_the_theme(qapp, welcome, theme):
    style.apply_theme(qapp, theme)
    welcome.restyle()
    settled(welcome)
    back = QColor(style.current().base)
    for card in cards(welcome):
        image = card.grab().toImage()
        ratio = image.devicePixelRatio()
        place = card.picture.geometry()
        found = {
            image.pixelColor(int(x * ratio), int(y * ratio)).name()
            for x in range(place.left(), place.right())
            for y in range(place.top(), place.bottom())
        }
        for colour in picture_colours():
            assert style.contrast(colour, back) >= 2
            near = min(distance(QColor(each), colour) for each in found)
            assert near < 40, colour.name()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 610), (1920, 970)])
def test_what_is_kept_of_a_recording_stands_beside_it_with_a_miniature(qapp, welcome, theme, size):
    style.apply_theme(qapp, theme)
    welcome.restyle()
    welcome.resize(*size)
    welcome.show_recent(PATHS)
    welcome.show_glances(
        {PATHS[0]: (np.linspace(0, 1, 200), "21 results, 2 marks"), "/gone.npy": (np.ones(3), "1 run")}
    )
    settled(welcome)
    first, second = rows(welcome)[:2]
    assert first.words == "21 results, 2 marks"
    assert first.accessibleDescription() == f"in {Path('/data/a')}, 21 results, 2 marks"
    assert second.words == ""
    image = first.grab().toImage()
    colours = {
        image.pixelColor(x, y).name() for x in range(ROW_MARGIN, ROW_MARGIN + MINIATURE) for y in range(image.height())
    }
    assert min(distance(QColor(each), picture_colours()[1]) for each in colours) < 40


def distance(first, second):
    return sum(abs(a - b) for a, b in zip(first.getRgb(), second.getRgb(), strict=True))


def test_everything_has_an_accessible_name_and_a_tip(welcome):
    welcome.show_recent(PATHS)
    settled(welcome)
    buttons = [button for button in welcome.findChildren(QPushButton) if button.isVisible()]
    assert len(buttons) == 1 + RECENT + len(DEMOS)
    for button in buttons:
        assert button.accessibleName()
        assert button.toolTip()
        assert button.objectName()


def test_a_demo_without_a_picture_is_words_only(welcome, qtbot):
    welcome.show_demos([("nothing", "Nothing", "No picture is shipped.")])
    settled(welcome)
    card = welcome.findChild(DemoCard, "demo_nothing")
    assert not card.picture.isVisible()
    assert card.title.isVisible()
    with qtbot.waitSignal(welcome.demo_requested):
        qtbot.mouseClick(card, Qt.LeftButton)


def test_lessons_are_links_that_begin_them(welcome, qtbot):
    assert welcome.lessons.isHidden()
    welcome.show_lessons({"one": ("The first", "It is about one."), "two": ("The second", "It is about two.")})
    assert "The first" in welcome.lessons.text()
    asked = []
    welcome.lesson_requested.connect(asked.append)
    # Tab reaches the first link, and Enter is a click on it.
    welcome.lessons.setFocus()
    qtbot.keyClick(welcome.lessons, Qt.Key.Key_Tab)
    qtbot.keyClick(welcome.lessons, Qt.Key.Key_Return)
    assert asked == ["one"]
    welcome.lessons.linkHovered.emit("two")
    assert "It is about two." in welcome.lessons.toolTip()
