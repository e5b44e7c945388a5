"""Batch row: progress of "separate all", with a button that stops it."""

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.sizes import keep_scaled


class BatchRow(QWidget):
    """Progress row that is visible while a batch runs."""

    cancel_requested = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.progress = QProgressBar()
        self.progress.setObjectName("batch_progress")
        self.progress.setAccessibleName("Cells separated so far")
        self.progress.setTextVisible(False)
        keep_scaled(self.progress, QWidget.setFixedHeight, 6)
        self.text = QLabel()
        self.text.setProperty("muted", True)
        self.cancel_button = QToolButton()
        self.cancel_button.setObjectName("batch_cancel")
        self.cancel_button.setAccessibleName("Stop separating all cells")
        self.cancel_button.setToolTip(
            "<qt>Stop. What is separated stays; pressing the button above again goes on with the rest.</qt>"
        )
        self.cancel_button.setAutoRaise(True)
        self.cancel_button.clicked.connect(self.cancel_requested)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 0, 6, 2)
        layout.addWidget(self.progress, 1)
        layout.addWidget(self.text)
        layout.addWidget(self.cancel_button)
        self.restyle()
        self.show_batch(0, None)

    def show_batch(self, done: int, total: int | None) -> None:
        """Show how many of how many cells are done; None hides the row."""
        self.setVisible(total is not None)
        if total is not None:
            self.progress.setRange(0, max(total, 1))
            self.progress.setValue(done)
            self.text.setText(f"{done:,} of {total:,}")

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.cancel_button.setIcon(icon("cancel"))
