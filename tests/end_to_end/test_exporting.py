"""Exports that are cancelled, closed upon, or whose recording is gone: no file is lost, and nothing said is false."""

import shutil
import threading

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QMessageBox, QPushButton

from neuropil_gui import SeparationSettings, read

pytestmark = pytest.mark.any_version


class Writing:
    """A table that is being written until the test says `go_on`."""

    def __init__(self, window, path):
        self.path, self.controller, self.window = path, window.controller, window
        self._begun, self._goes_on = threading.Event(), threading.Event()
        self.go_on = self._goes_on.set

    def start(self, qtbot):
        self.path.write_bytes(b"old")
        self.controller.export_table(self.path, ["run"], self._rows())
        qtbot.waitUntil(self._begun.is_set)

    def _rows(self):
        self._begun.set()
        assert self._goes_on.wait(60)
        yield {"run": 1}

    def box(self):
        """Return the dialog that is shown on closing, None for none."""
        boxes = self.window.findChildren(QMessageBox, "closing_dialog")
        return next((box for box in boxes if box.isVisible()), None)

    def click(self, qtbot, name):
        qtbot.mouseClick(self.box().findChild(QPushButton, name), Qt.LeftButton)


@pytest.fixture
def writing(qtbot, window, tmp_path):
    writing = Writing(window, tmp_path / "table.csv")
    writing.start(qtbot)
    yield writing
    writing.go_on()
    qtbot.waitUntil(lambda: window.controller.writing is None)


def test_escape_cancels_an_export_and_the_old_file_stays(qtbot, window, writing):
    with qtbot.waitSignal(window.controller.cancelled):
        qtbot.keyClick(window, Qt.Key_Escape)
    assert window.controller.writing == writing.path
    with qtbot.waitSignal(window.controller.write_cancelled):
        writing.go_on()
    assert writing.path.read_bytes() == b"old"
    assert [each.name for each in writing.path.parent.glob("*.tmp")] == []
    assert window.messages.text.text() == "table.csv was not written: cancelled. What was there before stays."


def test_closing_waits_for_what_is_written(qtbot, window, writing):
    assert not window.close()
    assert writing.box().text() == "table.csv is still being written. The window closes when it is done."
    writing.go_on()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert writing.path.read_text() == "run\n1\n"
    assert window.threads_ended


def test_closing_may_stop_what_is_written(qtbot, window, writing):
    assert not window.close()
    writing.click(qtbot, "stop_writing")
    assert window.isVisible()  # until it is known what became of the file
    writing.go_on()
    qtbot.waitUntil(lambda: not window.isVisible())
    assert writing.path.read_bytes() == b"old"


@pytest.mark.parametrize("leave", [lambda qtbot, writing: writing.click(qtbot, "stay_open"),
                                   lambda qtbot, writing: qtbot.keyClick(writing.box(), Qt.Key_Escape)],
                         ids=["button", "Escape"])  # fmt: skip
def test_the_window_may_stay_open(qtbot, window, writing, leave):
    assert not window.close()
    leave(qtbot, writing)
    with qtbot.waitSignal(window.controller.written):
        writing.go_on()
    assert window.isVisible()
    assert writing.box() is None
    assert writing.path.read_text() == "run\n1\n"


def test_the_window_stays_open_where_the_file_could_not_be_written(qtbot, window, writing):
    shutil.rmtree(writing.path.parent)
    assert not window.close()
    with qtbot.waitSignal(window.controller.write_failed):
        writing.go_on()
    assert window.isVisible()
    assert writing.box() is None
    assert "there is no folder" in window.messages.text.text()


def test_all_is_exported_from_memory_where_the_folder_is_gone(qtbot, window, open_and_wait, tmp_path):
    folder, target = tmp_path / "cells", tmp_path / "all.npz"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in (1, 2, 3):
        np.save(folder / f"cell {number}.npy", rng.random((3, 200)) + 1)
    before = [cell.traces for cell in read(folder).cells]
    open_and_wait(folder)
    window.session.set_settings(SeparationSettings(solver="accelerated"))
    with qtbot.waitSignal(window.controller.batch_ended, timeout=30_000):
        window.controller.separate_all()
    shutil.rmtree(folder)
    with qtbot.waitSignal(window.controller.written, timeout=30_000) as caught:
        window.controller.export_all(target)
    assert caught.args == [target, []]
    for cell, traces in zip(read(target).cells, before, strict=True):
        np.testing.assert_array_equal(cell.traces, traces)


@pytest.mark.parametrize("name", ["table", "figure", "result"])
def test_nothing_is_exported_over_a_part_of_the_recording(qtbot, window, open_and_wait, tmp_path, name):
    folder = tmp_path / "cells"
    folder.mkdir()
    for number in (1, 2):
        np.savetxt(folder / f"cell {number}.csv", np.random.default_rng(number).random((200, 3)) + 1, delimiter=",")
    open_and_wait(folder)
    part = folder / "cell 1.csv"
    before, link = part.read_bytes(), tmp_path / "figure.svg"
    link.symlink_to(part)
    controller = window.controller
    exports = {
        "table": lambda: controller.export_table(part, ["run"], [{"run": 1}]),
        "figure": lambda: controller.export_figure(link, lambda: pytest.fail("drawn all the same")),
        "result": lambda: controller.export(part),
    }
    with qtbot.waitSignal(controller.write_failed, timeout=20_000) as caught:
        exports[name]()
    assert "it is a part of the recording" in caught.args[0]
    assert part.read_bytes() == before
