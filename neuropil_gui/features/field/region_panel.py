"""Panel of the selected cell: its ROI and regions in numbers, a warning, and remedies."""

from PyQt5.QtCore import QEvent, QObject, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from neuropil_gui.features.field import words
from neuropil_gui.features.field.words import Remedy
from neuropil_gui.imaging.field_of_view import RegionFacts
from neuropil_gui.ui import style
from neuropil_gui.ui.sizes import keep_scaled, set_row_height
from neuropil_gui.ui.widgets.layouts import stack

TITLES = {
    "signal": "The ROI, and the neuropil regions around it",
    "pixels": "Pixels that it has",
    "others": "Share of its pixels that belong to other cells",
    "beyond": "Share of it that would lie beyond the picture, were the picture larger",
}


class RegionPanel(QWidget):
    """Table of the selected cell's ROI and regions.

    Signals: `signal_hovered` (row of the signal among those with pixels, or None), `remedy_chosen` (Remedy).

    Attributes
    ----------
    shown : (FieldOfView, int) or None
        Of what the facts are.
    """

    signal_hovered = pyqtSignal(object)
    remedy_chosen = pyqtSignal(object)

    def __init__(self) -> None:
        super().__init__()
        self._facts: list[RegionFacts] = []
        self._remedies: list[Remedy] = []
        self._lit: int | None = None
        self.shown: tuple[object, int] | None = None
        self.title = QLabel()
        self.title.setObjectName("field_cell")
        self.table = QTableWidget(0, len(TITLES))
        self.table.setObjectName("field_regions")
        self.table.setAccessibleName("The ROI and its regions")
        self.table.setHorizontalHeaderLabels(list(TITLES))
        for column, tip in enumerate(TITLES.values()):
            item = self.table.horizontalHeaderItem(column)
            if item is not None:
                item.setToolTip(f"<qt>{tip}</qt>")
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.table.setShowGrid(False)
        self.table.setMouseTracking(True)
        rows, columns = self.table.verticalHeader(), self.table.horizontalHeader()
        assert rows is not None
        assert columns is not None
        rows.hide()
        columns.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        columns.setMinimumSectionSize(20)
        keep_scaled(self.table, set_row_height, 22)
        self.warning = QLabel()
        self.warning.setObjectName("field_warning")
        self.warning.setProperty("note", True)
        self.warning.setWordWrap(True)
        self.buttons = [QPushButton(), QPushButton()]
        line = QHBoxLayout()
        line.setSpacing(6)
        line.setContentsMargins(0, 4, 0, 0)
        for place, (button, name) in enumerate(zip(self.buttons, ("exclude", "gap"), strict=True)):
            button.setObjectName(f"field_{name}")
            line.addWidget(button, 1)
            button.clicked.connect(self._choose_second if place else self._choose_first)
        self.notes = QLabel()
        self.notes.setObjectName("field_notes")
        self.notes.setWordWrap(True)
        self.notes.setProperty("muted", True)
        stack(self, self.title, self.table, self.warning, line, self.notes)
        self.table.cellEntered.connect(self._on_entered)
        viewport = self.table.viewport()
        assert viewport is not None
        viewport.installEventFilter(self)
        self.show_facts("", [], "", [])

    def show_facts(self, title: str, facts: list[RegionFacts], warning: str, remedies: list[Remedy]) -> None:
        """Show what there is to know of a cell, and a button for each remedy."""
        self.title.setText(title)
        self._facts = facts
        self.table.setVisible(bool(facts))
        self.table.setRowCount(len(facts))
        for row, each in enumerate(facts):
            texts = (each.name, f"{each.pixels:,}", words.share_words(each.others), words.share_words(each.beyond))
            for column, text in enumerate(texts):
                self._item(row, column).setText(text)
        self.warning.setText(warning)
        self.warning.setVisible(bool(warning))
        self._remedies = remedies
        for place, button in enumerate(self.buttons):
            button.setVisible(place < len(remedies))
            if place < len(remedies):
                button.setText(remedies[place].text)
                button.setToolTip(f"<qt>{remedies[place].tip}</qt>")
                button.setAccessibleName(remedies[place].text)
        self._fit()
        self._paint()

    def set_busy(self, busy: bool) -> None:
        """Take no remedy while one is on its way."""
        for button in self.buttons:
            button.setEnabled(not busy)

    def show_notes(self, notes: str) -> None:
        """Show what is missing of the field of view."""
        self.notes.setText(notes)
        self.notes.setVisible(bool(notes))

    def show_lit(self, row: int | None) -> None:
        """Light the row of a signal, counted among those with pixels."""
        if row != self._lit:
            self._lit = row
            self._paint()

    def _item(self, row: int, column: int) -> QTableWidgetItem:
        item = self.table.item(row, column)
        if item is None:
            item = QTableWidgetItem()
            if column:
                item.setTextAlignment(int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter))
            self.table.setItem(row, column, item)
        return item

    def _rows(self) -> list[int]:
        """Return the row of the table of each signal that has pixels."""
        return [row for row, each in enumerate(self._facts) if each.pixels]

    def _fit(self) -> None:
        header, rows = self.table.horizontalHeader(), self.table.verticalHeader()
        assert header is not None
        assert rows is not None
        height = header.sizeHint().height() + min(len(self._facts), 9) * rows.defaultSectionSize() + 4
        self.table.setFixedHeight(height)

    def _paint(self) -> None:
        rows, theme = self._rows(), style.current()
        lit = rows[self._lit] if self._lit is not None and self._lit < len(rows) else None
        for row, facts in enumerate(self._facts):
            for column in range(len(TITLES)):
                item, doubt = self._item(row, column), (column == 2 and facts.doubtful) or not facts.pixels
                item.setBackground(QColor(theme.info_back if row == lit else theme.base))
                item.setForeground(QColor(theme.error if doubt else theme.text))

    @pyqtSlot(int, int)
    def _on_entered(self, row: int, _: int) -> None:
        rows = self._rows()
        self.signal_hovered.emit(rows.index(row) if row in rows else None)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Light nothing once the pointer has left."""
        if event is not None and event.type() == QEvent.Type.Leave:
            self.signal_hovered.emit(None)
        return super().eventFilter(watched, event)

    @pyqtSlot()
    def _choose_first(self) -> None:
        self.remedy_chosen.emit(self._remedies[0])

    @pyqtSlot()
    def _choose_second(self) -> None:
        self.remedy_chosen.emit(self._remedies[1])

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self._fit()
        self._paint()
