import logging
import sys
import threading
from unittest.mock import MagicMock

import pytest
from PyQt5 import sip
from PyQt5.QtCore import QThread, qInstallMessageHandler
from PyQt5.QtWidgets import QApplication, QMessageBox, QPushButton, QWidget

from neuropil_gui import __version__
from neuropil_gui.window.crash_reporter import MOST_DIALOGS, CrashReporter, log, log_path


@pytest.fixture
def reporter(qtbot, monkeypatch):
    for module, name in ((sys, "excepthook"), (threading, "excepthook")):
        monkeypatch.setattr(module, name, getattr(module, name))
    handlers = list(log.handlers)
    reporter = CrashReporter()
    reporter.install()
    # pytest-qt listens to Qt's messages itself.
    qInstallMessageHandler(None)
    yield reporter
    for handler in set(log.handlers) - set(handlers):
        log.removeHandler(handler)
        handler.close()
    for dialog in dialogs():
        dialog.close()


def dialogs():
    return [each for each in QApplication.topLevelWidgets() if isinstance(each, QMessageBox) and each.isVisible()]


def fail(text):
    raise RuntimeError(text)


def report(text):
    try:
        fail(text)
    except RuntimeError:
        sys.excepthook(*sys.exc_info())


def test_one_dialog_for_each_distinct_traceback_and_all_in_the_log(qtbot, reporter):
    for _ in range(5):
        report("once")
    report("twice")
    qtbot.waitUntil(lambda: len(dialogs()) == 2)
    for handler in log.handlers:
        handler.flush()
    written = log_path().read_text()
    assert written.count("RuntimeError: once") == 5
    assert "RuntimeError: twice" in written


def test_errors_that_all_differ_do_not_cover_the_screen(qtbot, reporter):
    for index in range(MOST_DIALOGS + 3):
        report(f"error {index}!")
    assert len(dialogs()) == MOST_DIALOGS
    for handler in log.handlers:
        handler.flush()
    assert f"RuntimeError: error {MOST_DIALOGS + 2}!" in log_path().read_text()
    # One that was not shown is shown when it comes again and there is room; one that was shown is not.
    next(each for each in dialogs() if "error 0!" in each.informativeText()).close()
    report("error 0!")
    assert len(dialogs()) == MOST_DIALOGS - 1
    report(f"error {MOST_DIALOGS}!")
    assert len(dialogs()) == MOST_DIALOGS
    assert [each for each in dialogs() if f"error {MOST_DIALOGS}!" in each.informativeText()]


def test_a_dialog_stays_when_that_of_an_earlier_error_is_closed(qtbot, reporter):
    report("first")
    (first,) = dialogs()
    qtbot.waitUntil(first.isActiveWindow)
    report("second")
    first.close()
    (second,) = dialogs()
    assert "second" in second.informativeText()


def test_what_is_closed_with_its_window_leaves_room(qtbot, reporter):
    window = QWidget()
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    for index in range(MOST_DIALOGS):
        report(f"error {index}!")
    assert {each.parentWidget() for each in dialogs()} == {window}
    sip.delete(window)
    assert not dialogs()
    report("another")
    assert len(dialogs()) == 1


def test_an_error_is_a_line_on_stderr_whatever_stderr_is(qtbot, reporter, capsys, monkeypatch):
    report("seen")
    assert capsys.readouterr().err == f"neuropil-gui: RuntimeError: seen The log file is {log_path()}.\n"
    full = MagicMock(spec=sys.stderr)
    full.write.side_effect = OSError(28, "No space left on device")
    for stream in (None, full):
        monkeypatch.setattr(sys, "stderr", stream)
        report("unseen")
    qtbot.waitUntil(lambda: len(dialogs()) == 2)


def test_details_can_be_copied_and_the_dialog_stays(qtbot, reporter):
    report("copied")
    qtbot.waitUntil(lambda: len(dialogs()) == 1)
    dialog = dialogs()[0]
    button = next(each for each in dialog.findChildren(QPushButton) if each.text() == "Copy details")
    button.click()
    assert "RuntimeError: copied" in QApplication.clipboard().text()
    assert f"neuropil_gui {__version__}" in QApplication.clipboard().text()
    assert dialog.isVisible()
    assert str(log_path()) in dialog.informativeText()


def test_from_another_thread_the_dialog_is_made_in_this_one(qtbot, reporter):
    thread = threading.Thread(target=report, args=("elsewhere",))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(dialogs()) == 1)
    assert dialogs()[0].thread() is QThread.currentThread()


def test_an_exception_that_escapes_from_a_thread(qtbot, reporter):
    thread = threading.Thread(target=fail, args=("escaped",))
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: len(dialogs()) == 1)
    assert "escaped" in dialogs()[0].informativeText()


def test_a_home_that_cannot_be_written_does_not_keep_the_window_away(qtbot, tmp_path, monkeypatch):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    monkeypatch.setenv("XDG_DATA_HOME", str(blocked / "below"))
    for module in (sys, threading):
        monkeypatch.setattr(module, "excepthook", module.excepthook)
    before = list(log.handlers)
    CrashReporter().install()
    qInstallMessageHandler(None)
    added = set(log.handlers) - set(before)
    assert all(not isinstance(handler, logging.FileHandler) for handler in added)
    for handler in added:
        log.removeHandler(handler)
