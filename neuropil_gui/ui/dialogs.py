"""Modal dialogs: file and folder choice, About, and the list of keys."""

import os
import platform
from collections.abc import Iterable
from functools import partial
from importlib.metadata import version
from pathlib import Path

from PyQt5.QtCore import QSize, Qt, QUrl
from PyQt5.QtGui import QDesktopServices
from PyQt5.QtWidgets import (
    QApplication,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFrame,
    QInputDialog,
    QLabel,
    QMessageBox,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from neuropil_gui._version import __version__
from neuropil_gui.assets import is_demo
from neuropil_gui.core.errors import printable_text
from neuropil_gui.core.recording import Recording
from neuropil_gui.ui.screen import resize_within_screen

LIBRARIES = ("numpy", "scipy", "scikit-learn", "PyQt5", "pyqtgraph")

FIGURE_FORMATS = {".png": "PNG picture", ".svg": "SVG drawing", ".pdf": "PDF document"}

CITATION = (
    "Keemink SW, Lowe SC, Pakan JMP, Dylda E, van Rossum MCW, Rochefort NL (2018). FISSA: A neuropil "
    "decontamination toolbox for calcium imaging signals. Scientific Reports 8, 3493. doi:10.1038/s41598-018-21640-2"
)


def ask_text(parent: QWidget, title: str, question: str, text: str) -> str | None:
    """Ask for a text of some lines; None where the user cancels."""
    answer, accepted = QInputDialog.getMultiLineText(parent, title, question, text)
    return answer if accepted else None


def ask_line(parent: QWidget, title: str, question: str) -> str | None:
    """Ask for a line of text, which must not be empty; None where the user cancels."""
    dialog = QInputDialog(parent)
    dialog.setObjectName("line_dialog")
    dialog.setWindowTitle(title)
    dialog.setLabelText(question)
    dialog.sizeHint()  # makes the buttons, which there are none of before it is shown
    buttons = dialog.findChild(QDialogButtonBox)
    button = buttons.button(QDialogButtonBox.StandardButton.Ok) if buttons is not None else None
    assert button is not None
    dialog.textValueChanged.connect(lambda text: button.setEnabled(bool(text.strip())))
    button.setEnabled(False)
    accepted = dialog.exec()
    answer = dialog.textValue().strip()
    dialog.deleteLater()
    return answer or None if accepted else None


def ask_choice(parent: QWidget, title: str, question: str, choices: list[str]) -> str | None:
    """Ask for one of some choices; None where the user cancels."""
    answer, accepted = QInputDialog.getItem(parent, title, question, choices, editable=False)
    return answer if accepted else None


def folder_beside(recording: Recording | None) -> str:
    """Return the folder of a recording's file, to begin a dialog in; the user's own for a demo, "" for none."""
    if recording is None or not recording.source:
        return ""
    source = Path(recording.source)
    return str(Path.home() if is_demo(source) else source.parent)


def ask_file(parent: QWidget, folder: str, filters: str, title: str = "Open a recording") -> Path | None:
    """Return the file that the user chooses to open, or None."""
    name, _ = QFileDialog.getOpenFileName(parent, title, folder, filters)
    return Path(name) if name else None


def ask_files(parent: QWidget, folder: str, filters: str, title: str = "Open a recording") -> list[Path]:
    """Return the files that the user chooses to open: one, or those that belong together, as a movie and its ROIs."""
    names, _ = QFileDialog.getOpenFileNames(parent, title, folder, filters)
    return [Path(name) for name in names]


def ask_folder(parent: QWidget, folder: str, title: str = "Open a folder") -> Path | None:
    """Return the folder that the user chooses to open, or None."""
    name = QFileDialog.getExistingDirectory(parent, title, folder)
    return Path(name) if name else None


def ask_new_folder(parent: QWidget, title: str, suggestion: str) -> Path | None:
    """Return the path of a folder that is to be made, or None."""
    name, _ = QFileDialog.getSaveFileName(parent, title, suggestion, "Folder (*)")
    return Path(name) if name else None


def ask_save(parent: QWidget, title: str, suggestion: str, filters: str) -> Path | None:
    """Return the path that the user chooses to write, or None.

    A name without a suffix, or with that of `suggestion`, takes the suffix of the chosen filter.
    """
    chosen = ""
    while True:
        name, chosen = QFileDialog.getSaveFileName(parent, title, suggestion, filters, chosen)
        if not name:
            return None
        path = _ending_as(Path(name), Path(suggestion).suffix, chosen)
        # Unlike Path.exists, os.path.exists is False for a folder that is out of reach.
        if path == Path(name) or not os.path.exists(path):
            return path
        suggestion = str(path)  # ask again with the full name: the dialog then confirms an overwrite itself


def _ending_as(path: Path, suggested: str, chosen: str) -> Path:
    """Return `path` with the suffix of the `chosen` filter, unless another suffix than `suggested` was typed."""
    if "*." not in chosen:
        return path
    endings = ["." + part.rstrip(")").split()[0] for part in chosen.split("*.")[1:]]
    if path.suffix not in ("", suggested) or path.name.lower().endswith(tuple(endings)):
        return path
    return path.with_suffix(endings[0])


def show_closing(parent: QWidget, name: str) -> QMessageBox:
    """Show that the window closes when the file of that name is written, with buttons to stop it or to stay."""
    box = QMessageBox(
        QMessageBox.Information,
        "Close neuropil_gui",
        f"{printable_text(name)} is still being written. The window closes when it is done.",
        QMessageBox.NoButton,
        parent,
    )
    box.setObjectName("closing_dialog")
    for button_name, text, role in (
        ("stop_writing", "Stop writing, and close", QMessageBox.DestructiveRole),
        ("stay_open", "Stay open", QMessageBox.RejectRole),
    ):
        button = QPushButton(text)
        button.setObjectName(button_name)
        box.addButton(button, role)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.open()
    return box


def show_loss(parent: QWidget, sentence: str) -> QMessageBox:
    """Show why not all could be saved as the window is closed, with buttons to close it all the same or to stay."""
    box = QMessageBox(
        QMessageBox.Warning,
        "Close neuropil_gui",
        f"Not all of what was done could be saved, and what was not is lost when the window closes.\n\n{sentence}",
        QMessageBox.NoButton,
        parent,
    )
    box.setObjectName("loss_dialog")
    box.setTextFormat(Qt.TextFormat.PlainText)
    for button_name, text, role in (
        ("lose", "Close, and lose it", QMessageBox.DestructiveRole),
        ("stay_open", "Stay open", QMessageBox.RejectRole),
    ):
        button = QPushButton(text)
        button.setObjectName(button_name)
        button.setAccessibleName(text)
        box.addButton(button, role)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
    return box


def is_clicked(box: QMessageBox, name: str) -> bool:
    """Return whether a box was closed by its button of that name."""
    clicked = box.clickedButton()
    return clicked is not None and clicked.objectName() == name


def elided(path: str, length: int = 60) -> str:
    """Return `path` cut off at its start to `length` characters, with "&" escaped for a menu."""
    text = path if len(path) <= length else f"…{path[1 - length :]}"
    return text.replace("&", "&&")


def show_about(parent: QWidget, facts: str, log: Path) -> None:
    """Show version, licence, citation and the path of the log, with buttons that copy the citation and the `facts`."""
    versions = f"neuropil_gui {__version__}, Python {platform.python_version()}, " + ", ".join(
        f"{name} {version(name)}" for name in LIBRARIES
    )
    box = QMessageBox(
        QMessageBox.NoIcon,
        "About neuropil_gui",
        f"<h3>neuropil_gui {__version__}</h3><p>See, tune and trust the separation of a cell's two-photon signal "
        "from its neuropil.</p>",
        QMessageBox.Close,
        parent,
    )
    box.setObjectName("about_dialog")
    box.setInformativeText(
        f"<p>If it helped your work, please cite the method:<br>{CITATION}</p>"
        f"<p>{versions}</p><p>The log is {log}</p>"
        "<p>Free software under the GNU General Public License, version 3 or later.</p>"
    )
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    for name, text, content in (
        ("copy_citation", "Copy citation", CITATION),
        ("copy_versions", "Copy versions", facts),
    ):
        button = QPushButton(text)
        button.setObjectName(name)
        box.addButton(button, QMessageBox.ActionRole)
        button.clicked.disconnect()  # copying does not close the dialog
        button.clicked.connect(partial(_copy, content))
    _open(box)


def _copy(text: str, checked: bool = False) -> None:
    clipboard = QApplication.clipboard()
    if clipboard is not None:
        clipboard.setText(text)


def show_keys(parent: QWidget, keys: Iterable[tuple[str, str]]) -> None:
    """Show a table of (key, what it does)."""
    rows = "".join(f"<tr><td style='padding-right: 24px'><b>{key}</b></td><td>{text}</td></tr>" for key, text in keys)
    dialog, area, table = QDialog(parent), QScrollArea(), QLabel(f"<table cellspacing='4'>{rows}</table>")
    dialog.setObjectName("keys_dialog")
    dialog.setWindowTitle("Keys")
    table.setMargin(12)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setWidget(table)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    layout = QVBoxLayout(dialog)
    layout.addWidget(area, 1)
    layout.addWidget(buttons)
    # All keys where the screen has room for them, beside a scroll bar where it has not.
    resize_within_screen(dialog, table.sizeHint() + QSize(40, 80))
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()


def open_file(path: Path) -> None:
    """Open `path` with the program that the desktop associates with it."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def _open(box: QMessageBox) -> None:
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
