from dataclasses import replace

import pytest
from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtWidgets import QApplication, QCheckBox, QComboBox, QDialogButtonBox, QDoubleSpinBox

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.features.delta_f.dialog import BaselineDialog


@pytest.mark.parametrize("rate", [30.0, None])
@pytest.mark.parametrize(
    "settings",
    [
        BaselineSettings(),
        BaselineSettings("fissa", across_trials=False),
        BaselineSettings(percentile=12.5, window_seconds=0.25, window_frames=7),
        BaselineSettings(window_seconds=None, window_frames=None),
        BaselineSettings("maximin", window_seconds=30.0, smoothing_frames=2.5),
        BaselineSettings(divisor="subtraction"),
    ],
)
def test_what_is_given_is_shown_and_returned(qtbot, settings, rate):
    dialog = BaselineDialog(settings, rate)
    qtbot.addWidget(dialog)
    assert dialog.settings() == settings


def test_each_control_edits_its_setting(qtbot):
    dialog = BaselineDialog(BaselineSettings(), 30.0)
    qtbot.addWidget(dialog)
    dialog.show()
    percentile = dialog.findChild(QDoubleSpinBox, "baseline_percentile")
    window = dialog.findChild(QDoubleSpinBox, "baseline_window")
    for box, text in ((percentile, "15"), (window, "2,5")):
        box.selectAll()
        qtbot.keyClicks(box, text)
    assert dialog.settings() == BaselineSettings(percentile=15.0, window_seconds=2.5)
    qtbot.mouseClick(dialog.findChild(QCheckBox, "baseline_whole_trial"), Qt.MouseButton.LeftButton)
    assert dialog.settings().window_seconds is None
    assert not window.isEnabled()
    kind = dialog.findChild(QComboBox, "baseline_kind")
    qtbot.keyClick(kind, Qt.Key.Key_Down)
    assert dialog.settings().kind == "fissa"
    assert not percentile.isEnabled()
    assert "5th percentile" in percentile.toolTip()
    across = dialog.findChild(QCheckBox, "baseline_across_trials")
    assert across.isEnabled()
    across.click()
    assert not dialog.settings().across_trials


def test_it_says_what_each_divisor_makes_of_the_best_match(qtbot):
    dialog = BaselineDialog(BaselineSettings(), 30.0)
    qtbot.addWidget(dialog)
    dialog.show()
    assert "about half of the true one" in dialog.note.text()
    notes = set()
    for row in range(dialog.divisor.count()):
        dialog.divisor.setCurrentIndex(row)
        notes.add(dialog.note.text())
        qtbot.waitUntil(lambda: dialog.note.height() >= dialog.note.heightForWidth(dialog.note.width()))
        assert dialog.settings().divisor == dialog.divisor.currentData()
    assert len(notes) == 3


def test_maximin_smooths_and_has_a_window_but_no_percentile(qtbot):
    dialog = BaselineDialog(BaselineSettings("maximin"), 30.0)
    qtbot.addWidget(dialog)
    enabled = {name: control.isEnabled() for name, (control, _) in dialog._controls.items()}
    assert enabled["smoothing"]
    assert enabled["window"]
    assert not enabled["percentile"]
    dialog.kind.setCurrentIndex(dialog.kind.findData("percentile"))
    assert not dialog.smoothing.isEnabled()


def test_without_a_frame_rate_the_window_counts_frames(qtbot):
    dialog = BaselineDialog(BaselineSettings(), None)
    qtbot.addWidget(dialog)
    dialog.window_length.setValue(250)
    assert dialog.settings() == replace(BaselineSettings(), window_frames=250)
    assert "counts frames" in dialog.note.text()
    dialog.kind.setCurrentIndex(1)
    assert "needs the frame rate" in dialog.note.text()


@pytest.mark.parametrize("button", ["Ok", "Cancel"])
def test_ask_returns_what_was_chosen_or_nothing(qtbot, button):
    def answer():
        dialog = QApplication.activeModalWidget()
        dialog.percentile.setValue(30)
        buttons = dialog.findChild(QDialogButtonBox)
        buttons.button(getattr(QDialogButtonBox.StandardButton, button)).click()

    QTimer.singleShot(50, answer)
    found = BaselineDialog.ask(BaselineSettings(), 30.0)
    assert found == (BaselineSettings(percentile=30.0) if button == "Ok" else None)
