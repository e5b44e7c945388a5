"""Undo and redo by real keys and a real pointer, with what the menu says."""

from dataclasses import replace

import pytest
from PyQt5.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt5.QtGui import QMouseEvent
from PyQt5.QtWidgets import (
    QAction,
    QApplication,
    QDoubleSpinBox,
    QLineEdit,
    QPushButton,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QWidget,
)

from neuropil_gui import SeparationSettings
from neuropil_gui.state import undo

pytestmark = [pytest.mark.usefixtures("unchecked"), pytest.mark.any_version]

CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def window(emptied_window):
    return emptied_window


def undo_action(window):
    return window.findChild(QAction, "undo")


def redo_action(window):
    return window.findChild(QAction, "redo")


def drag(slider, pixels, steps=5):
    """Take the handle, and go that far; QTest's own moves carry no button."""
    option = QStyleOptionSlider()
    slider.initStyleOption(option)
    start = slider.style().subControlRect(QStyle.CC_Slider, option, QStyle.SC_SliderHandle, slider).center()
    places = [start + QPoint(pixels * step // steps, 0) for step in range(steps + 1)]
    for kind, place in (
        (QEvent.Type.MouseButtonPress, places[0]),
        *((QEvent.Type.MouseMove, place) for place in places),
        (QEvent.Type.MouseButtonRelease, places[-1]),
    ):
        button = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
        held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
        event = QMouseEvent(
            kind, QPointF(place), QPointF(slider.mapToGlobal(place)), button, held, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(slider, event)


@pytest.fixture
def open_demo(demo, open_and_wait):
    open_and_wait(demo)


def test_there_is_nothing_to_undo_at_first(window, open_demo):
    assert not undo_action(window).isEnabled()
    assert not redo_action(window).isEnabled()
    assert undo_action(window).text() == "&Undo"


def test_a_drag_is_one_step(qtbot, window, open_demo, listen):
    slider = window.findChild(QSlider, "alpha_slider")
    seen = []
    listen(window.session.settings_changed, lambda: seen.append(window.session.settings.alpha))
    drag(slider, 40)
    assert len(seen) > 2
    alpha = window.session.settings.alpha
    assert undo_action(window).text() == f"&Undo alpha 0.1 → {alpha:g}"
    drag(slider, -15)
    undo_action(window).trigger()
    assert window.session.settings.alpha == alpha
    undo_action(window).trigger()
    assert window.session.settings == SeparationSettings()
    assert not undo_action(window).isEnabled()
    assert redo_action(window).text() == f"&Redo alpha 0.1 → {alpha:g}"


def test_keys_of_a_slider_and_the_keys_of_undo(qtbot, window, open_demo, monkeypatch):
    monkeypatch.setattr(undo, "REPEAT", 60.0)  # seconds in which a busy machine handles the next key
    slider = window.findChild(QSlider, "alpha_slider")
    slider.setFocus()
    for _ in range(3):
        qtbot.keyClick(slider, Qt.Key.Key_Right)
    alpha = window.session.settings.alpha
    assert alpha > 0.1
    qtbot.keyClick(slider, Qt.Key.Key_Z, CTRL)
    assert window.session.settings.alpha == 0.1
    qtbot.keyClick(slider, Qt.Key.Key_Z, CTRL | SHIFT)
    assert window.session.settings.alpha == alpha
    assert slider.number() == alpha


def test_a_text_field_keeps_its_own_undo_while_it_has_the_focus(qtbot, window, open_demo):
    window.session.set_settings(replace(window.session.settings, alpha=0.5))
    seed = window.findChild(QLineEdit, "seed")
    seed.setFocus()
    qtbot.keyClicks(seed, "1")
    assert window.session.settings.seed == 8921
    qtbot.keyClick(seed, Qt.Key.Key_Z, CTRL)
    assert seed.text() == "892"
    assert window.session.settings == SeparationSettings(alpha=0.5)
    for _ in range(3):
        qtbot.keyClick(seed, Qt.Key.Key_Z, CTRL)
    assert window.session.settings.alpha == 0.5


def test_a_box_that_nothing_was_typed_into_leaves_undo_to_the_window(qtbot, window, open_demo):
    box = window.findChild(QDoubleSpinBox, "alpha")
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Up)
    assert window.session.settings.alpha > 0.1
    qtbot.keyClick(box, Qt.Key.Key_Z, CTRL)
    assert window.session.settings.alpha == 0.1
    assert box.value() == 0.1
    qtbot.keyClick(box, Qt.Key.Key_Z, CTRL | SHIFT)
    assert window.session.settings.alpha > 0.1


def test_what_is_typed_into_a_box_is_undone_there_first(qtbot, window, open_demo):
    box = window.findChild(QDoubleSpinBox, "alpha")
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "0.7")
    assert window.session.settings.alpha == 0.7
    qtbot.keyClick(box, Qt.Key.Key_Z, CTRL)
    assert box.text() != "0.7"
    assert not redo_action(window).isEnabled()


def test_defaults_and_the_frame_rate_and_delta_f(qtbot, window, open_demo):
    window.session.set_settings(SeparationSettings(n=2, alpha=1.0))
    window.findChild(QPushButton, "reset").click()
    assert undo_action(window).text() == "&Undo FISSA's defaults"
    rate = window.session.recording.frame_rate
    edit = window.findChild(QLineEdit, "frame_rate")
    edit.setFocus()
    edit.setText("12.5")
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert undo_action(window).text() == f"&Undo frame rate {rate:g} Hz → 12.5 Hz"
    window.findChild(QAction, "delta_f").trigger()
    assert undo_action(window).text() == "&Undo show ΔF/F"
    undo_action(window).trigger()
    assert not window.findChild(QAction, "delta_f").isChecked()
    undo_action(window).trigger()
    assert edit.text() == f"{rate:g}"
    undo_action(window).trigger()
    assert window.session.settings == SeparationSettings(n=2, alpha=1.0)
    undo_action(window).trigger()
    assert window.session.settings == SeparationSettings()
    for _ in range(4):
        redo_action(window).trigger()
    assert window.session.recording.frame_rate == 12.5
    assert window.findChild(QAction, "delta_f").isChecked()


def test_what_is_undone_is_shown_at_once_where_it_is_known(qtbot, window, open_demo):
    first = window.session.result
    window.session.set_settings(replace(window.session.settings, alpha=0.5))
    qtbot.waitUntil(lambda: window.session.answered, timeout=20_000)
    undo_action(window).trigger()
    assert window.session.result is first


def test_another_recording_forgets_the_steps(window, demo, open_and_wait):
    open_and_wait(demo)
    window.session.set_settings(replace(window.session.settings, alpha=0.5))
    open_and_wait(demo)
    assert not undo_action(window).isEnabled()
    assert window.session.settings.alpha == 0.5


def test_the_keys_work_in_the_windows_beside(qtbot, window, open_demo):
    window.findChild(QAction, "history").trigger()
    window.findChild(QAction, "detach").trigger()
    tool = window.findChild(QWidget, "history_window")
    window.session.set_settings(replace(window.session.settings, alpha=0.5))
    qtbot.waitUntil(lambda: QApplication.activeWindow() is tool)
    qtbot.keyClick(tool, Qt.Key.Key_Z, CTRL)
    assert window.session.settings.alpha == 0.1
