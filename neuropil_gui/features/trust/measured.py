"""Table and texts of a page that measures several methods: what is read only, and how its sentences look."""

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QAbstractItemView, QLabel, QTableWidget

from neuropil_gui.ui.sizes import keep_scaled, set_row_height


def make_read_only(table: QTableWidget, row_height: int) -> None:
    """Make a table one whose cells are not selected, edited or focused, without names of rows."""
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    table.setShowGrid(False)
    table.setWordWrap(False)
    if (rows := table.verticalHeader()) is not None:
        rows.hide()
        keep_scaled(table, set_row_height, row_height)


def dress_texts(prefix: str, words: QLabel, notes: QLabel, limits: QLabel) -> None:
    """Name the labels of what was found, of remarks, and of what the test cannot say, and set how each looks."""
    for label, name in ((words, "words"), (notes, "notes"), (limits, "limits")):
        label.setObjectName(f"{prefix}_{name}")
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
    notes.setProperty("note", True)
    limits.setProperty("muted", True)
