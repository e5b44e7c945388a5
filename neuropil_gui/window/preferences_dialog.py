"""Preferences dialog: theme, text size, Live at start, threads, scheduler and layout."""

from dataclasses import dataclass

from PyQt5.QtWidgets import QCheckBox, QComboBox, QDialog, QDialogButtonBox, QFormLayout, QLineEdit, QSpinBox, QWidget

from neuropil_gui.state.preferences import DEFAULT_GIGABYTES, MAX_GIGABYTES, TEXT_SIZES

THEMES = {"system": "As the desktop", "light": "Light", "dark": "Dark"}


@dataclass(frozen=True)
class Choices:
    """Values that the dialog shows and returns.

    Attributes
    ----------
    theme : {"system", "light", "dark"}
    live : bool
        Whether the window starts with Live on.
    threads : int
        How many cells are separated at a time when all are.
    restore_layout : bool
        Whether place, size and panels survive a restart.
    forget_answers : bool
        Whether every file is to be asked about again.
    project_gigabytes : int
        Room on the disk for what is kept of recordings without a project of their own.
    text_size : int
        In per cent of the desktop's.
    scheduler : str
        Address of the scheduler whose workers separate all cells; empty for this machine.
    """

    theme: str
    live: bool
    threads: int
    restore_layout: bool
    forget_answers: bool = False
    project_gigabytes: int = DEFAULT_GIGABYTES
    text_size: int = 100
    scheduler: str = ""


class PreferencesDialog(QDialog):
    """Theme, text size, Live at start, threads, and what to restore."""

    def __init__(self, choices: Choices, max_threads: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self.setObjectName("preferences_dialog")
        self.theme = QComboBox()
        for name, text in THEMES.items():
            self.theme.addItem(text, name)
        self.theme.setCurrentIndex(self.theme.findData(choices.theme))
        self.text_size = QSpinBox()
        self.text_size.setRange(*TEXT_SIZES)
        self.text_size.setSingleStep(10)
        self.text_size.setSuffix(" %")
        self.text_size.setValue(choices.text_size)
        self.live = QCheckBox("Separate at once whenever something changes (Live)")
        self.live.setChecked(choices.live)
        self.threads = QSpinBox()
        self.threads.setRange(1, max_threads)
        self.threads.setValue(choices.threads)
        self.scheduler = QLineEdit(choices.scheduler)
        self.scheduler.setPlaceholderText("none: this machine")
        self.restore_layout = QCheckBox("Place, size and panels of the window")
        self.restore_layout.setChecked(choices.restore_layout)
        self.project_gigabytes = QSpinBox()
        self.project_gigabytes.setRange(1, MAX_GIGABYTES)
        self.project_gigabytes.setValue(choices.project_gigabytes)
        self.project_gigabytes.setSuffix(" GB")
        self.forget_answers = QCheckBox("Forget my answers about files, and ask again")
        layout = QFormLayout(self)
        layout.setContentsMargins(18, 18, 18, 14)
        layout.setSpacing(10)
        for name, label, tip in (
            ("theme", "Colours", "Light or dark, or what the desktop uses"),
            (
                "text_size",
                "Text size",
                "Size of all texts, and of what holds them, in per cent of the desktop's",
            ),
            ("live", "At start", "Whether the window starts with Live on"),
            ("threads", "Cells at a time", "How many cells are separated at a time when all are separated"),
            (
                "scheduler",
                "Scheduler",
                "Address of a dask.distributed scheduler, such as tcp://host:8786, whose workers separate all cells in "
                "place of this machine",
            ),
            ("restore_layout", "Bring back", "What comes back as it was when the program starts"),
            (
                "project_gigabytes",
                "Kept work",
                "Room on the disk for what is kept of recordings that were not saved as a project; beyond it, results "
                "of those that were saved longest ago go first",
            ),
            (
                "forget_answers",
                "Answers",
                "Which array is what, frame rates: all that is remembered of files",
            ),
        ):
            control: QWidget = getattr(self, name)
            control.setObjectName(f"preferences_{name}")
            control.setAccessibleName(label)
            control.setToolTip(tip)
            layout.addRow(label, control)
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButtons(QDialogButtonBox.StandardButton.Ok)
            | QDialogButtonBox.StandardButton.Cancel
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout.addRow(buttons)

    def choices(self) -> Choices:
        """Return the current choices."""
        return Choices(
            self.theme.currentData(),
            self.live.isChecked(),
            self.threads.value(),
            self.restore_layout.isChecked(),
            self.forget_answers.isChecked(),
            self.project_gigabytes.value(),
            self.text_size.value(),
            self.scheduler.text().strip(),
        )

    @classmethod
    def ask(cls, choices: Choices, max_threads: int, parent: QWidget | None = None) -> Choices | None:
        """Show the dialog, and return the choices; None where it is cancelled."""
        dialog = cls(choices, max_threads, parent)
        answer = dialog.choices() if dialog.exec_() == QDialog.DialogCode.Accepted else None
        dialog.deleteLater()
        return answer
