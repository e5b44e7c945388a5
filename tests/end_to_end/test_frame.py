"""The frame of the window: panels, preferences, recent files, keys, all cells at once."""

import numpy as np
import pytest
from PyQt5.QtCore import QByteArray, QSize, Qt
from PyQt5.QtGui import QScreen
from PyQt5.QtWidgets import QAction, QDockWidget

from neuropil_gui import SeparationSettings, read, separate_cell
from neuropil_gui.assets import RESOURCES
from neuropil_gui.features.figures.dialog import FigureDialog
from neuropil_gui.features.files.import_dialog import ImportDialog
from neuropil_gui.formats.registry import inquire
from neuropil_gui.ui import dialogs
from neuropil_gui.ui.screen import FRAME
from neuropil_gui.window.action_table import ACTIONS, PAGES, key_list
from neuropil_gui.window.guide_window import GuideWindow
from neuropil_gui.window.preferences_dialog import Choices, PreferencesDialog

pytestmark = pytest.mark.any_version


def action(window, name):
    (found,) = window.findChildren(QAction, name)
    return found


def dock(window, name):
    (found,) = window.findChildren(QDockWidget, f"{name}_dock")
    return found


def open_in(qtbot, window, path):
    with qtbot.waitSignal(window.session.result_changed, timeout=10_000):
        window.open_path(path)
    qtbot.waitUntil(lambda: window.session.up_to_date, timeout=10_000)


def test_panels_geometry_theme_and_recent_files_survive_a_restart(qtbot, make_window, demo, tmp_path, preferences):
    path = tmp_path / "recording.npy"
    np.save(path, np.random.default_rng(0).random((3, 200)) + 1)
    window = make_window()
    open_in(qtbot, window, path)
    dock(window, "numbers").close()
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock(window, "separation"))
    size = QSize(790, 555)
    window.resize(size)
    assert window.size() == size
    action(window, "dark").trigger()
    window.close()
    window = make_window()
    assert window.size() == size
    assert preferences.theme == "dark"
    recent = [each for each in window.findChildren(QAction) if each.objectName() == f"recent_{path}"]
    assert len(recent) == 1
    with qtbot.waitSignal(window.session.result_changed, timeout=10_000):
        recent[0].trigger()
    assert not dock(window, "numbers").isVisible()
    assert window.dockWidgetArea(dock(window, "separation")) == Qt.DockWidgetArea.RightDockWidgetArea
    action(window, "reset_layout").trigger()
    assert dock(window, "numbers").isVisible()
    assert window.dockWidgetArea(dock(window, "separation")) == Qt.DockWidgetArea.LeftDockWidgetArea
    action(window, "dark").trigger()


def test_demos_are_not_recent_files(qtbot, make_window, demo, preferences):
    open_in(qtbot, make_window(), demo)
    assert preferences.recent == []


def test_garbage_in_the_saved_state_is_ignored(qtbot, make_window, demo, preferences):
    preferences.geometry = QByteArray(b"garbage")
    preferences.docks = QByteArray(b"\x00\xff more garbage")
    window = make_window()
    open_in(qtbot, window, demo)
    for name in ("cells", "separation", "mixing", "numbers"):
        assert dock(window, name).isVisible()


def test_nothing_comes_back_where_that_is_not_wanted(qtbot, make_window, demo, preferences):
    preferences.restore_layout = False
    window = make_window()
    open_in(qtbot, window, demo)
    dock(window, "numbers").close()
    first = window.size()
    window.resize(700, 550)
    window.close()
    window = make_window()
    assert window.size() == first
    open_in(qtbot, window, demo)
    assert dock(window, "numbers").isVisible()


SMALL_SCREENS = {
    "1366 x 768 at 1.25": (1092, 614),
    "1600 x 1000 at 2": (800, 500),
    "1366 x 768 at 2": (683, 384),
}


@pytest.mark.parametrize("name", SMALL_SCREENS)
def test_the_window_is_never_larger_than_the_screen(qtbot, make_window, demo, preferences, monkeypatch, name):
    large = make_window()
    large.resize(2000, 1400)
    large.close()
    assert preferences.geometry is not None
    screen = QSize(*SMALL_SCREENS[name])
    monkeypatch.setattr(QScreen, "availableSize", lambda _: screen)
    window = make_window()
    room = screen - FRAME
    open_in(qtbot, window, demo)
    window.messages.show_message("Continued where you left it.", "info", "Start afresh")
    for page in PAGES:
        window.pages.open(page)
        # A window that needs more room is made larger by its layout.
        needed = window.minimumSizeHint().expandedTo(window.size())
        assert needed.boundedTo(room) == needed, page
    window.pages.detach()
    detached = window.pages.made["history"].page
    assert detached.isWindow()
    assert detached.size().boundedTo(room) == detached.size()


def test_dialogs_and_the_guide_are_never_larger_than_the_screen(qtbot, monkeypatch, tmp_path):
    np.save(tmp_path / "a.npy", np.ones((30, 40)))
    monkeypatch.setattr(QScreen, "availableSize", lambda _: QSize(683, 384))
    dialog = ImportDialog(tmp_path / "a.npy", inquire(tmp_path / "a.npy"), {})
    figure = FigureDialog(read(tmp_path / "a.npy").cells[0], None, None, None)
    for widget in (dialog, figure, GuideWindow(RESOURCES / "guide")):
        qtbot.addWidget(widget)
        widget.show()
        assert widget.size().boundedTo(QSize(683, 384) - FRAME) == widget.size()
    figure.reject()


def test_a_floating_panel_comes_home(qtbot, make_window, demo):
    window = make_window()
    open_in(qtbot, window, demo)
    dock(window, "mixing").setFloating(True)
    assert dock(window, "mixing").isFloating()
    action(window, "reset_layout").trigger()
    assert not dock(window, "mixing").isFloating()
    for name in ("mixing", "convergence", "numbers"):
        dock(window, name).close()
    # Panels fold into tabs in a low window: where none is left, Qt has nothing to warn of.
    for height in (500, 1000):
        window.resize(1280, height)
        qtbot.waitUntil(lambda height=height: window.height() == height)
    assert dock(window, "mixing").isHidden()


def test_preferences_are_asked_and_kept(qtbot, make_window, preferences, monkeypatch):
    window = make_window()
    monkeypatch.setattr(PreferencesDialog, "ask", lambda *_: Choices("dark", False, 1, False))
    action(window, "preferences").trigger()
    assert (preferences.theme, preferences.live, preferences.threads) == ("dark", False, 1)
    assert action(window, "dark").isChecked()
    window.close()
    window = make_window()
    assert not window.session.live
    action(window, "dark").trigger()


def test_the_preferences_dialog_returns_what_it_shows(qtbot):
    choices = Choices("light", False, 2, True)
    dialog = PreferencesDialog(choices, 4)
    qtbot.addWidget(dialog)
    assert dialog.choices() == choices
    dialog.live.click()
    dialog.threads.setValue(3)
    dialog.project_gigabytes.setValue(5)
    dialog.text_size.setValue(120)
    dialog.scheduler.setText(" tcp://here:8786 ")
    shown = Choices("light", True, 3, True, project_gigabytes=5, text_size=120, scheduler="tcp://here:8786")
    assert dialog.choices() == shown


def test_keys_of_the_plots(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    traces = window.traces
    traces.raw.setFocus()
    box = traces.raw.box
    (start, end), _ = box.viewRange()
    qtbot.keyClick(traces.raw, Qt.Key.Key_Plus)
    (start_in, end_in), _ = box.viewRange()
    assert end_in - start_in == pytest.approx((end - start) / 2, rel=0.05)
    qtbot.keyClick(traces.raw, Qt.Key.Key_Right)
    assert box.viewRange()[0][0] > start_in
    qtbot.keyClick(traces.raw, Qt.Key.Key_Left)
    assert box.viewRange()[0][0] == pytest.approx(start_in)
    qtbot.keyClick(traces.raw, Qt.Key.Key_Minus)
    qtbot.keyClick(traces.raw, Qt.Key.Key_Home)
    assert box.viewRange()[0] == pytest.approx([start, end])
    qtbot.keyClick(traces.raw, Qt.Key.Key_Down)
    assert window.session.index == 1
    qtbot.keyClick(traces.raw, Qt.Key.Key_Up)
    assert window.session.index == 0


def test_every_key_is_in_the_list_and_used_once(window):
    keys = [key for spec in ACTIONS for key in spec.keys.split(" or ") if key]
    assert len(keys) == len(set(keys))
    assert {spec.keys for spec in ACTIONS if spec.keys} <= {key for key, _ in key_list()}
    promised = "Ctrl+O Ctrl+S Ctrl+R Esc Up Down Left Right + - Home F1 ?"
    assert set(promised.split()) <= set(keys)
    for spec in ACTIONS:
        assert action(window, spec.name).toolTip()


def test_separating_all_cells_fills_in_what_is_known(qtbot, window, short, open_and_wait):
    open_and_wait(short)
    with qtbot.waitSignal(window.controller.batch_ended, timeout=30_000) as caught:
        action(window, "separate_all").trigger()
    assert caught.args == [True]
    for index, cell in enumerate(read(short).cells):
        outcome = window.session.outcome(index)
        assert outcome.n == separate_cell(cell, SeparationSettings()).n
        assert not outcome.failed
    with qtbot.waitSignal(window.controller.batch_ended):
        action(window, "separate_all").trigger()
    window.session.select(2)
    qtbot.waitUntil(lambda: window.session.cell is not None and window.session.up_to_date)
    assert not window.controller.separating


def test_exporting_all_cells(qtbot, window, short, open_and_wait, tmp_path, monkeypatch):
    open_and_wait(short)
    for suffix in (".csv", ".mat", ".npz"):
        target = tmp_path / f"all{suffix}"
        monkeypatch.setattr(dialogs, "ask_save", lambda *_, target=target: target)
        with qtbot.waitSignal(window.controller.written, timeout=30_000) as caught:
            action(window, "export_all").trigger()
        assert caught.args == [target, []]
        assert target.stat().st_size > 0
    recording = read(target)
    assert len(recording.cells) == 4
    expected = separate_cell(read(short).cells[3], SeparationSettings())
    np.testing.assert_array_equal(recording.cells[3].stored.matched, expected.matched)


def test_an_export_of_all_names_the_cells_that_are_missing(qtbot, window, open_and_wait, tmp_path, monkeypatch):
    traces = np.random.default_rng(0).random((3, 2, 100)) + 1
    traces[1, 0, 5] = -1
    path = tmp_path / "three.npy"
    np.save(path, traces)
    open_and_wait(path)
    monkeypatch.setattr(dialogs, "ask_save", lambda *_: tmp_path / "all.npz")
    with qtbot.waitSignal(window.controller.written, timeout=30_000) as caught:
        action(window, "export_all").trigger()
    (sentence,) = caught.args[1]
    assert sentence.startswith("cell 2: NMF needs values that are not negative")


def test_an_export_is_not_given_up_for_another(qtbot, window, demo, open_and_wait, tmp_path, monkeypatch):
    open_and_wait(demo)
    window.session.set_live(False)
    window.session.set_settings(SeparationSettings(alpha=0.35))
    names = iter(["all.npz", "one.npz"])
    monkeypatch.setattr(dialogs, "ask_save", lambda *_: tmp_path / next(names))
    action(window, "export_all").trigger()
    with (
        qtbot.waitSignal(window.controller.write_failed) as refused,
        qtbot.waitSignal(window.controller.written, timeout=30_000) as written,
    ):
        action(window, "export").trigger()
    assert "all.npz is still being written" in refused.args[0]
    assert written.args == [tmp_path / "all.npz", []]
    assert not (tmp_path / "one.npz").exists()
