"""Progress row of a tool window: text, progress bar, Cancel and Run."""

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from neuropil_gui.ui.sizes import keep_scaled


class WorkRow(QWidget):
    """Text, progress bar and the buttons Cancel and Run.

    Signals: `cancel_requested`, `run_requested`.
    """

    cancel_requested = pyqtSignal()
    run_requested = pyqtSignal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = QLabel()
        self.text.setObjectName(f"{name}_work")
        self.text.setProperty("muted", True)
        self.text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.bar = QProgressBar()
        self.bar.setObjectName(f"{name}_progress")
        self.bar.setAccessibleName("How far it is")
        keep_scaled(self.bar, QProgressBar.setFixedWidth, 180)
        self.bar.setTextVisible(False)
        self.cancel, self.run = QPushButton("Cancel"), QPushButton("Run")
        for button, what, tip in (
            (self.cancel, "cancel", "Stop what is under way in this window"),
            (self.run, "run", "Compute what this page shows"),
        ):
            button.setObjectName(f"{name}_{what}")
            button.setAccessibleName(tip)
            button.setToolTip(tip)
        self.cancel.clicked.connect(self.cancel_requested)
        self.run.clicked.connect(self.run_requested)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 4, 10, 6)
        layout.setSpacing(10)
        layout.addWidget(self.text, 1)
        layout.addWidget(self.bar)
        layout.addWidget(self.cancel)
        layout.addWidget(self.run)
        # Keep the height whichever widgets are visible.
        self.setFixedHeight(self.run.sizeHint().height() + 10)
        self.show_rest("")

    def show_work(self, text: str, done: int = 0, total: int = 0) -> None:
        """Show work in progress; `total` is 0 where it is unknown."""
        self.text.setText(text)
        self.bar.setRange(0, total)
        self.bar.setValue(done)
        self.bar.show()
        self.cancel.show()
        self.run.hide()

    def show_rest(self, text: str, can_run: bool = False, action: str = "Run") -> None:
        """Show the state between two runs; `can_run` shows the Run button, which says the `action`."""
        self.text.setText(text)
        self.run.setText(action)
        self.bar.hide()
        self.cancel.hide()
        self.run.setVisible(can_run)
