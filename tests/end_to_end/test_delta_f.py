"""dF/F by a switch: drawn as core gives it, exported beside the data, and never in place of them."""

import json

import numpy as np
import pytest
from PyQt5.QtCore import Qt, QTimer
from PyQt5.QtWidgets import QAction, QApplication, QComboBox, QLineEdit, QPushButton

from neuropil_gui.core.baseline import BaselineSettings, delta_f
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.features.delta_f.dialog import BaselineDialog
from neuropil_gui.ui import dialogs
from neuropil_gui.ui.message_bar import MessageBar

pytestmark = pytest.mark.any_version


def action(window, name):
    (found,) = window.findChildren(QAction, name)
    return found


def switch(qtbot, window):
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_F, modifiers)


def wait(qtbot, window):
    session = window.session
    qtbot.waitUntil(lambda: session.up_to_date and not session.delta_f.pending, timeout=20_000)


def data(curve):
    return curve.series.values


def units(window):
    return [plot.item.getAxis("left").labelText for plot in (window.traces.raw, window.traces.matched)]


def expected(window, baseline=None):
    session = window.session
    baseline, cell = baseline or BaselineSettings(), session.cell
    arguments = baseline, session.recording.frame_rate, cell.trial_starts
    raw = delta_f(cell.traces[0], *arguments).values
    return raw, delta_f(session.result.matched[0], *arguments, cell.traces[0]).values


def check_drawn(window, baseline=None):
    assert units(window) == ["ΔF/F", "ΔF/F"]
    raw, matched = expected(window, baseline)
    np.testing.assert_array_equal(data(window.traces.raw.curves[0]), raw)
    np.testing.assert_array_equal(data(window.traces.matched.curves[0]), matched)
    np.testing.assert_array_equal(data(window.traces.matched.curves[1]), raw)
    assert [curve.isVisible() for curve in window.traces.raw.curves[:3]] == [True, False, False]


def check_untransformed(window):
    assert units(window) == ["Raw", "Best match"]
    np.testing.assert_array_equal(data(window.traces.raw.curves[0]), window.session.cell.traces[0])
    np.testing.assert_array_equal(data(window.traces.matched.curves[0]), window.session.result.matched[0])
    assert window.traces.raw.curves[2].isVisible()


def test_the_key_switches_it_and_back(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    check_untransformed(window)
    switch(qtbot, window)
    assert action(window, "delta_f").isChecked()
    wait(qtbot, window)
    check_drawn(window)
    switch(qtbot, window)
    assert not action(window, "delta_f").isChecked()
    check_untransformed(window)


def test_it_follows_cell_result_frame_rate_and_baseline(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    switch(qtbot, window)
    wait(qtbot, window)
    session = window.session
    seen = set()
    sampler = QTimer(window, interval=0)
    sampler.timeout.connect(lambda: seen.update(units(window)))
    sampler.start()
    for change in (
        lambda: qtbot.keyClick(window.traces, Qt.Key.Key_Down),
        lambda: session.set_settings(SeparationSettings(alpha=0.3)),
        lambda: session.set_settings(SeparationSettings(method="ica")),
        lambda: session.set_settings(SeparationSettings(alpha=0.3)),  # known
        lambda: session.select(0),
        lambda: session.select(1),  # known
        lambda: session.set_frame_rate(5.0),
        lambda: session.set_frame_rate(None),
    ):
        change()
        qtbot.waitUntil(lambda: session.cell is not None)
        wait(qtbot, window)
        QApplication.processEvents()
        check_drawn(window)
    sampler.stop()
    assert seen == {"ΔF/F"}, "another unit flashed up"
    assert session.index == 1
    baseline = BaselineSettings(percentile=40.0)
    session.set_baseline(baseline)
    wait(qtbot, window)
    check_drawn(window, baseline)


def test_a_new_result_leaves_the_raw_plot_as_it_was_zoomed(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    switch(qtbot, window)
    wait(qtbot, window)
    window.traces.raw.box.setYRange(0.1, 0.2, padding=0)
    window.session.set_settings(SeparationSettings(alpha=0.3))
    wait(qtbot, window)
    check_drawn(window)
    assert window.traces.raw.box.viewRange()[1] == pytest.approx([0.1, 0.2])


def test_raw_is_shown_before_there_is_a_result(qtbot, window, demo):
    window.session.set_live(False)
    action(window, "delta_f").trigger()
    with qtbot.waitSignal(window.session.delta_f_changed, timeout=10_000):
        window.open_path(demo)
    assert window.session.result is None
    cell, rate = window.session.cell, window.session.recording.frame_rate
    raw = delta_f(cell.traces[0], BaselineSettings(), rate, cell.trial_starts).values
    np.testing.assert_array_equal(data(window.traces.raw.curves[0]), raw)
    window.controller.run()
    wait(qtbot, window)
    check_drawn(window)


def test_a_past_iteration_is_in_the_files_units_and_back(qtbot, window, demo, open_and_wait, run_and_wait):
    open_and_wait(demo)
    run_and_wait()
    switch(qtbot, window)
    wait(qtbot, window)
    history = window.session.history
    past = history.snapshots[2].iteration
    window.convergence.iteration_chosen.emit(past)
    assert units(window) == ["Raw", "Best match"]
    window.convergence.iteration_chosen.emit(None)
    check_drawn(window)
    # While dF/F is on its way too.
    window.session.set_baseline(BaselineSettings(percentile=40.0))
    window.convergence.iteration_chosen.emit(past)
    wait(qtbot, window)
    window.convergence.iteration_chosen.emit(None)
    check_drawn(window, BaselineSettings(percentile=40.0))


def test_no_frame_rate_for_fissas_baseline_is_reported_with_a_remedy(qtbot, window, demo, open_and_wait, monkeypatch):
    open_and_wait(demo)
    window.session.set_frame_rate(None)
    monkeypatch.setattr(BaselineDialog, "ask", lambda *_: BaselineSettings("fissa"))
    action(window, "baseline_settings").trigger()
    wait(qtbot, window)
    (bar,) = (each for each in window.findChildren(MessageBar) if each.isVisible())
    assert "needs the frame rate: type it" in bar.text.text()
    check_untransformed(window)
    # Once closed it does not come back with each cell.
    qtbot.mouseClick(bar.close_button, Qt.MouseButton.LeftButton)
    window.session.select(1)
    qtbot.waitUntil(lambda: window.session.cell is not None)
    wait(qtbot, window)
    assert not bar.isVisible()
    check_untransformed(window)
    window.session.set_baseline(None)
    window.session.set_baseline(BaselineSettings("fissa"))
    wait(qtbot, window)
    assert bar.isVisible()
    qtbot.keyClicks(window.findChild(QLineEdit, "frame_rate"), "20\r")
    wait(qtbot, window)
    assert not bar.isVisible()
    check_drawn(window, BaselineSettings("fissa"))
    window.session.set_frame_rate(None)
    wait(qtbot, window)
    qtbot.mouseClick(bar.findChild(QPushButton, "message_action"), Qt.MouseButton.LeftButton)
    wait(qtbot, window)
    assert not bar.isVisible()
    check_drawn(window)


def test_warnings_of_the_baseline_stand_with_the_notes(qtbot, window, tmp_path):
    path = tmp_path / "dark.npy"
    np.save(path, np.random.default_rng(0).random((3, 200)) - 0.5)
    with qtbot.waitSignal(window.session.cell_changed, timeout=10_000):
        window.open_path(path)
    qtbot.waitUntil(lambda: window.session.cell is not None)
    action(window, "delta_f").trigger()
    qtbot.waitUntil(lambda: not window.session.delta_f.pending)
    assert any(
        "ΔF/F: The baseline of" in note.text() for note in (*window.numbers.worst.notes, *window.numbers.notes.notes)
    )
    action(window, "delta_f").trigger()
    assert not any("ΔF/F" in note.text() for note in (*window.numbers.worst.notes, *window.numbers.notes.notes))


@pytest.mark.parametrize("name", ["export", "export_all"])
def test_an_export_carries_it_beside_the_data(
    qtbot, window, short, open_and_wait, run_and_wait, tmp_path, monkeypatch, name
):
    open_and_wait(short)
    run_and_wait()  # all cells are exported as FISSA separates them, whatever is shown
    paths = []
    for on in (False, True):
        paths.append(tmp_path / f"{on}.npz")
        if on:
            switch(qtbot, window)
            wait(qtbot, window)
        monkeypatch.setattr(dialogs, "ask_save", lambda *_, path=paths[-1]: path)
        with qtbot.waitSignal(window.controller.written, timeout=30_000) as written:
            action(window, name).trigger()
        assert written.args[1] == []
    with np.load(paths[0]) as plain, np.load(paths[1]) as found:
        cells = 1 if name == "export" else 4
        assert len(set(found) - set(plain)) == 2 * cells
        for key in set(plain) - {"provenance"}:
            np.testing.assert_array_equal(found[key], plain[key])
        raw, matched = expected(window)
        np.testing.assert_array_equal(found["1/deltaf_raw"], raw)
        np.testing.assert_array_equal(found["1/deltaf_matched"], matched)
        facts = json.loads(str(found["provenance"]))["deltaf"]
    assert BaselineSettings(**facts["settings"]) == BaselineSettings()
    with qtbot.waitSignal(window.session.recording_changed, timeout=10_000):
        window.open_path(paths[1])
    qtbot.waitUntil(lambda: window.session.cell is not None)
    wait(qtbot, window)
    check_drawn(window)


def test_an_export_without_a_baseline_is_whole_and_reported(qtbot, window, demo, open_and_wait, tmp_path, monkeypatch):
    open_and_wait(demo)
    window.session.set_frame_rate(None)
    window.session.set_baseline(BaselineSettings("fissa"))
    wait(qtbot, window)
    monkeypatch.setattr(dialogs, "ask_save", lambda *_: tmp_path / "out.csv")
    with qtbot.waitSignal(window.controller.written, timeout=30_000):
        action(window, "export").trigger()
    assert "without dF/F of cell 1: FISSA's baseline" in window.messages.text.text()
    assert (tmp_path / "out.csv").exists()


def test_values_are_copied_in_both_units(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    switch(qtbot, window)
    wait(qtbot, window)
    action(window, "copy_values").trigger()
    header, *rows = QApplication.clipboard().text().splitlines()
    table = dict(zip(header.split("\t"), np.array([row.split("\t") for row in rows], float).T, strict=True))
    raw, matched = expected(window)
    np.testing.assert_array_equal(table["deltaf_raw"], raw)
    np.testing.assert_array_equal(table["deltaf_matched"], matched)
    np.testing.assert_array_equal(table["matched_1"], window.session.result.matched[0])


def test_the_dialog_is_kept_for_the_next_start(qtbot, make_window):
    window = make_window()

    def answer():
        dialog = QApplication.activeModalWidget()
        qtbot.keyClick(dialog.findChild(QComboBox, "baseline_kind"), Qt.Key.Key_Down)
        qtbot.keyClick(dialog, Qt.Key.Key_Return)

    QTimer.singleShot(100, answer)
    action(window, "baseline_settings").trigger()
    assert window.session.delta_f.baseline == BaselineSettings("fissa")
    window.close()
    window = make_window()
    assert window.session.delta_f.baseline == BaselineSettings("fissa")
    assert action(window, "delta_f").isChecked()
    action(window, "delta_f").trigger()
    window.close()
    window = make_window()
    assert (window.session.delta_f.baseline, window.session.delta_f.last_baseline) == (None, BaselineSettings("fissa"))
