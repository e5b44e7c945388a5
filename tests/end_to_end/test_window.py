"""The main job, with real mouse and key events: open, change, see, cancel, export, reopen."""

import numpy as np
import pytest
from PyQt5.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PyQt5.QtGui import QDropEvent
from PyQt5.QtWidgets import (
    QAction,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
)

from neuropil_gui import SeparationSettings, read, separate, separate_cell
from neuropil_gui.ui import dialogs


@pytest.fixture
def window(emptied_window):
    return emptied_window


def find(window, kind, name):
    found = window.findChildren(kind, name)
    assert len(found) == 1, f"{len(found)} of {name}"
    return found[0]


def texts(window):
    return " ".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())


def wait_for_result(qtbot, window):
    qtbot.waitUntil(lambda: window.session.up_to_date and not window.controller.separating, timeout=20_000)


def test_opening_separates_the_first_cell(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    cell = read(demo).cells[0]
    expected = separate_cell(cell, SeparationSettings(solver="accelerated"))
    np.testing.assert_array_equal(window.session.result.matched, expected.matched)
    assert "contaminated" in window.windowTitle()
    assert f"converged after {expected.iterations} iterations" in texts(window)


def test_returns_at_once_and_keeps_what_was_open_when_a_file_is_bad(qtbot, window, demo, open_and_wait, tmp_path):
    open_and_wait(demo)
    before = window.session.recording
    no_recording = tmp_path / "no recording.npy"
    no_recording.write_bytes(b"\x93NUMPY")
    with qtbot.waitSignal(window.loader.failed):
        window.open_path(no_recording)
        assert window.session.recording is before
    assert window.session.recording is before
    assert "no recording.npy" in texts(window)
    open_and_wait(demo)
    assert "no recording.npy" not in texts(window)


def test_typing_alpha_shows_its_result(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    alpha = find(window, QDoubleSpinBox, "alpha")
    alpha.setFocus()
    alpha.selectAll()
    qtbot.keyClicks(alpha, "0.5")
    qtbot.keyClick(alpha, Qt.Key.Key_Return)
    wait_for_result(qtbot, window)
    assert window.session.settings.alpha == 0.5
    expected = separate_cell(window.session.cell, SeparationSettings(alpha=0.5, solver="accelerated"))
    np.testing.assert_array_equal(window.session.result.mixing, expected.mixing)


def test_method_n_and_seed(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    method = find(window, QComboBox, "method")
    method.setFocus()
    qtbot.keyClick(method, Qt.Key.Key_Down)
    wait_for_result(qtbot, window)
    assert window.session.settings.method == "ica"
    assert not find(window, QDoubleSpinBox, "alpha").isEnabled()
    assert "ICA has lost the baseline" in texts(window)
    auto = find(window, QCheckBox, "n_auto")
    qtbot.mouseClick(auto, Qt.MouseButton.LeftButton, pos=QPoint(8, auto.height() // 2))
    wait_for_result(qtbot, window)
    assert window.session.settings.n is not None
    seed = find(window, QLineEdit, "seed")
    seed.selectAll()
    qtbot.keyClicks(seed, "4294967295")
    qtbot.keyClick(seed, Qt.Key.Key_Return)
    wait_for_result(qtbot, window)
    assert window.session.result.seed == 2**32 - 1


def test_cells_by_keyboard(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    cells = window.findChild(type(window.cells)).view
    cells.setFocus()
    for index in (1, 2, 3):
        qtbot.keyClick(cells, Qt.Key.Key_Down)
        qtbot.waitUntil(lambda index=index: window.session.index == index and window.session.up_to_date, timeout=10_000)
        np.testing.assert_array_equal(window.session.cell.traces, read(demo).cells[index].traces)


def test_cancel_is_acknowledged_and_the_last_result_stays(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    kept = window.session.result
    window.session.set_settings(SeparationSettings(tol=0, max_iter=10_000_000))
    cancel = find(window, QPushButton, "cancel_button")
    qtbot.waitUntil(cancel.isVisible)
    qtbot.mouseClick(cancel, Qt.MouseButton.LeftButton)
    assert not window.controller.working
    assert window.session.result is kept
    assert "Cancelled" in texts(window)
    qtbot.keyClick(window, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.controller.separating)
    qtbot.keyClick(window, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not window.controller.working)


def test_without_live_only_run_separates(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    find(window, QAction, "live").trigger()
    assert not window.session.live
    first = window.session.result
    window.session.set_settings(SeparationSettings(alpha=0.3))
    assert not window.controller.separating
    assert window.session.result is first
    assert "out of date" in texts(window)
    qtbot.mouseClick(find(window, QPushButton, "run_button"), Qt.MouseButton.LeftButton)
    wait_for_result(qtbot, window)
    assert window.session.result.settings.alpha == 0.3


def test_two_hundred_rapid_changes_end_with_the_last(qtbot, window, demo, open_and_wait, listen):
    open_and_wait(demo)
    alpha = find(window, QDoubleSpinBox, "alpha")
    shown = []
    listen(window.session.result_changed, lambda: shown.append(window.session.result.settings.alpha))
    values = [round(0.01 + 0.005 * k, 3) for k in range(200)]
    for value in values:
        alpha.setValue(value)
    wait_for_result(qtbot, window)
    assert window.session.settings.alpha == values[-1]
    assert window.session.result.settings.alpha == values[-1]
    assert shown == sorted(shown), "an older question's answer was shown after a newer one's"


def test_drag_and_drop_opens(qtbot, window, demo):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(demo))])
    copy = Qt.DropAction.CopyAction
    none = Qt.KeyboardModifier.NoModifier
    event = QDropEvent(QPointF(600, 300), Qt.DropActions(copy), data, Qt.MouseButton.LeftButton, none)
    with qtbot.waitSignal(window.session.recording_changed):
        window.dropEvent(event)
    assert window.session.recording.source == str(demo)


def test_a_demo_from_the_menu(qtbot, window):
    with qtbot.waitSignal(window.session.recording_changed):
        find(window, QAction, "demo_easy").trigger()
    qtbot.waitUntil(lambda: window.session.up_to_date, timeout=10_000)
    assert window.session.cell.truth is not None


def test_export_and_reopen(qtbot, window, demo, open_and_wait, tmp_path, monkeypatch):
    open_and_wait(demo)
    result = window.session.result
    for suffix in (".csv", ".mat", ".npz"):
        target = tmp_path / f"out{suffix}"
        monkeypatch.setattr(dialogs, "ask_save", lambda *_, target=target: target)
        with qtbot.waitSignal(window.controller.written):
            find(window, QAction, "export").trigger()
        assert str(target) in texts(window)
        assert target.stat().st_size > 0
    open_and_wait(target)
    np.testing.assert_array_equal(window.session.cell.stored.matched, result.matched)
    np.testing.assert_array_equal(window.session.cell.traces, read(demo).cells[0].traces)


def test_a_full_or_missing_folder_is_reported(qtbot, window, demo, open_and_wait, tmp_path, monkeypatch):
    open_and_wait(demo)
    monkeypatch.setattr(dialogs, "ask_save", lambda *_: tmp_path / "no folder" / "out.npz")
    with qtbot.waitSignal(window.controller.write_failed):
        find(window, QAction, "export").trigger()
    assert "out.npz" in texts(window)


def test_export_of_each_plot(qtbot, window, short, open_and_wait, tmp_path, monkeypatch):
    open_and_wait(short)
    for plot, suffix in (("raw", ".png"), ("separated", ".svg"), ("matched", ".png"), ("mixing", ".svg")):
        target = tmp_path / f"{plot}{suffix}"
        monkeypatch.setattr(dialogs, "ask_save", lambda *_, target=target: target)
        with qtbot.waitSignal(window.controller.written, timeout=20_000):
            find(window, QAction, f"export_plot_{plot}").trigger()
        head = target.read_bytes()[:200]
        assert head.startswith(b"\x89PNG") if suffix == ".png" else b"<svg" in head


def test_frame_rate_turns_frames_into_seconds(qtbot, window, open_and_wait, tmp_path):
    path = tmp_path / "plain.npy"
    np.save(path, np.random.default_rng(0).random((3, 300)) + 1)
    open_and_wait(path)
    assert window.session.recording.frame_rate is None
    box = find(window, QLineEdit, "frame_rate")
    qtbot.keyClicks(box, "15")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert window.session.recording.frame_rate == 15.0
    assert "Time" in window.traces.matched.item.getAxis("bottom").labelText


def test_a_file_in_doubt_is_reported_and_one_click_transposes_it(qtbot, window, open_and_wait, tmp_path):
    path = tmp_path / "turned.npy"
    traces = np.random.default_rng(0).random((3, 300)) + 1
    np.save(path, traces.T)
    open_and_wait(path)
    np.testing.assert_array_equal(window.session.cell.traces, traces)
    button = next(
        each for each in window.findChildren(QPushButton) + window.findChildren(QToolButton)
        if each.isVisible() and each.text() == "Transpose"
    )  # fmt: skip
    with qtbot.waitSignal(window.session.recording_changed):
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert [header.frames for header in window.session.recording.cells.headers] == [3] * 300
    with qtbot.waitSignal(window.session.recording_changed):
        find(window, QAction, "transpose").trigger()
    assert window.session.recording.cells.headers[0].signals == 3


def test_what_cannot_be_separated_says_so_and_offset_mends_it(qtbot, window, tmp_path):
    path = tmp_path / "negative.npy"
    np.save(path, np.random.default_rng(0).random((3, 300)) - 0.1)
    with qtbot.waitSignal(window.controller.separation_failed):
        window.open_path(path)
    assert "negative" in texts(window)
    assert window.session.result is None
    window.session.set_settings(SeparationSettings(offset=True))
    wait_for_result(qtbot, window)
    assert window.session.result.offset < 0
    assert "was subtracted" in texts(window)


def test_one_click_does_what_the_refusal_advises(qtbot, window, tmp_path):
    path = tmp_path / "negative.npy"
    np.save(path, np.random.default_rng(0).random((3, 300)) - 0.1)
    with qtbot.waitSignal(window.controller.separation_failed):
        window.open_path(path)
    button = next(
        each for each in window.findChildren(QPushButton) + window.findChildren(QToolButton)
        if each.isVisible() and each.text() == "Subtract minimum"
    )  # fmt: skip
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    wait_for_result(qtbot, window)
    assert window.session.settings.offset
    assert window.session.result.offset < 0


def test_after_cancel_what_is_drawn_says_that_other_settings_made_it(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    window.session.set_live(False)
    window.session.set_settings(SeparationSettings(tol=0, max_iter=10_000_000))
    find(window, QAction, "run").trigger()
    find(window, QAction, "cancel").trigger()
    assert "out of date" in texts(window)
    assert "which other settings made" in texts(window)
    assert not window.session.up_to_date


def test_defaults_take_away_what_could_not_be_read(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    seed = find(window, QLineEdit, "seed")
    seed.selectAll()
    qtbot.keyClicks(seed, "abc")
    assert window.session.settings == SeparationSettings()
    find(window, QAction, "reset").trigger()
    assert seed.text() == "892"


def test_a_cell_that_changed_on_disk_is_reported_and_not_drawn(qtbot, window, tmp_path, open_and_wait):
    folder = tmp_path / "plane0"
    folder.mkdir()
    rng = np.random.default_rng(3)
    for name in ("F", "Fneu"):
        np.save(folder / f"{name}.npy", (rng.random((4, 200)) + 1).astype(np.float32))
    np.save(folder / "iscell.npy", np.ones((4, 2)))
    open_and_wait(folder)
    np.save(folder / "F.npy", np.ones((4, 100), np.float32))
    with qtbot.waitSignal(window.controller.separation_failed):
        window.session.select(2)
    assert window.session.cell is None
    assert "changed" in texts(window)


def test_run_shows_the_numbers_of_separate(qtbot, window, short, open_and_wait, run_and_wait):
    open_and_wait(short)
    run_and_wait()
    separated, matched, mixing, _ = separate(window.session.cell.traces, verbosity=0)
    np.testing.assert_array_equal(window.session.result.separated, separated)
    np.testing.assert_array_equal(window.session.result.matched, matched)
    np.testing.assert_array_equal(window.session.result.mixing, mixing)


def test_dark_theme_and_help(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    dark = find(window, QAction, "dark")
    dark.trigger()
    background = window.grab().toImage().pixelColor(5, window.height() // 2).lightness()
    assert background < 80
    dark.trigger()
    assert window.grab().toImage().pixelColor(5, window.height() // 2).lightness() > 150
    for name in ("keys", "about"):
        find(window, QAction, name).trigger()
        box = next(each for each in window.findChildren(QDialog) if each.isVisible())
        assert box.size().boundedTo(window.screen().availableSize()) == box.size()
        if name == "about":
            box.findChild(QPushButton, "copy_citation").click()
            assert "10.1038/s41598-018-21640-2" in QApplication.clipboard().text()
            box.findChild(QPushButton, "copy_versions").click()
            assert "scikit-learn" in QApplication.clipboard().text()
            assert box.isVisible()
        box.close()
