"""Crash reporter: logs each unexpected error of any thread, and shows it once in a dialog, a few at a time."""

import faulthandler
import logging
import os
import sys
import threading
import traceback
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from PyQt5 import sip
from PyQt5.QtCore import (
    QMessageLogContext,
    QObject,
    QStandardPaths,
    Qt,
    QtMsgType,
    pyqtSignal,
    pyqtSlot,
    qInstallMessageHandler,
)
from PyQt5.QtWidgets import QApplication, QMessageBox, QPushButton, QWidget

log = logging.getLogger("neuropil_gui")

NO_DISPLAY = (
    "The window could not be opened. On Linux, log in to a desktop or connect with ssh -X, and install the system "
    "packages that the README names. --screenshot, separate and info need no display.\n"
)

MOST_DIALOGS = 5
"""Dialogs that are open at once. An error whose text differs each time it comes must not cover the screen with them."""


def data_folder() -> Path:
    """Return the folder of what the program keeps."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.AppLocalDataLocation))


def log_path() -> Path:
    """Return the path of the log file."""
    return data_folder() / "neuropil_gui.log"


class CrashReporter(QObject):
    """Replaces the exception hooks, which would print or abort the program.

    Signals: `crashed` (the traceback as text).
    """

    crashed = pyqtSignal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shown: set[str] = set()
        self._dialogs: list[QMessageBox] = []  # a dialog without a window to belong to is kept here
        self.crashed.connect(self._show)

    def install(self) -> None:
        """Log and show, from now on, the errors of slots and threads and the messages of Qt."""
        path = log_path()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handler: logging.Handler = RotatingFileHandler(path, maxBytes=2**20, backupCount=2, encoding="utf-8")
        except OSError:
            handler = logging.StreamHandler()  # a home that cannot be written must not keep the window away
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.INFO)
        if isinstance(handler, logging.FileHandler) and handler.stream is not None:
            faulthandler.enable(handler.stream)
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_thread_exception
        qInstallMessageHandler(_on_qt_message)

    def _on_exception(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.exit(130)
            return
        # Text only: a kept traceback would keep every array of its frames.
        text = "".join(traceback.format_exception(kind, error, trace))
        log.error(text)
        if sys.stderr is not None:
            with suppress(OSError, ValueError):  # a full disk, or closed
                sys.stderr.write(f"neuropil-gui: {text.strip().splitlines()[-1]} The log file is {log_path()}.\n")
        for name in ("last_type", "last_value", "last_traceback", "last_exc"):
            vars(sys).pop(name, None)  # Python would keep it there until the next error
        self.crashed.emit(text)

    def _on_thread_exception(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            self._on_exception(args.exc_type, args.exc_value, args.exc_traceback)

    @pyqtSlot(str)
    def _show(self, text: str) -> None:
        # A dialog is deleted when it is closed, or with the window that it belongs to.
        self._dialogs = [dialog for dialog in self._dialogs if not sip.isdeleted(dialog) and dialog.isVisible()]
        # One that is not shown now is in the log, and is shown if it comes again when there is room.
        if text in self._shown or len(self._dialogs) >= MOST_DIALOGS:
            return
        self._shown.add(text)
        dialog = QMessageBox(
            QMessageBox.Warning,
            "Something went wrong",
            "neuropil_gui met an error that it did not expect. Your data are untouched and the window goes on; "
            "what was being done may be incomplete.",
            QMessageBox.Close,
            self._window(),
        )
        dialog.setObjectName("crash_dialog")
        dialog.setInformativeText(f"{text.strip().splitlines()[-1]}\n\nThe log file is {log_path()}.")
        dialog.setDetailedText(text)
        copy = QPushButton("Copy details")
        dialog.addButton(copy, QMessageBox.ActionRole)
        copy.clicked.disconnect()  # copying does not close the dialog
        copy.clicked.connect(_Copier(text, dialog).copy)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setModal(False)
        self._dialogs.append(dialog)
        dialog.show()

    def _window(self) -> QWidget | None:
        """Return the window that a dialog belongs to: no dialog of another error, with which it would be closed."""
        window = QApplication.activeWindow()
        return window.parentWidget() if window in self._dialogs else window


class _Copier(QObject):
    """Copies the traceback, and what a report needs beside it."""

    def __init__(self, text: str, parent: QObject) -> None:
        super().__init__(parent)
        self._text = text

    @pyqtSlot()
    def copy(self) -> None:
        # Imported when it is asked for: the hooks are installed before anything of this program is imported.
        from neuropil_gui.window.program_facts import program_facts

        clipboard = QApplication.clipboard()
        if clipboard is not None:
            clipboard.setText(f"{self._text}\n{program_facts(data_folder(), log_path())}\n")


def _on_qt_message(kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
    serious = kind in (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)
    log.log(logging.WARNING if serious else logging.INFO, "Qt: %s", message)
    if kind == QtMsgType.QtFatalMsg:
        # Qt aborts next without a message to the user; the usual cause is that it found no display.
        sys.stderr.write(f"neuropil-gui: {message}\n")
        if "platform plugin" in (message or "") or "display" in (message or ""):
            sys.stderr.write(NO_DISPLAY)
        sys.stderr.flush()
        os._exit(1)
