"""The cells of the recording, to choose one from."""

from PyQt5.QtCore import QModelIndex, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QFrame, QLabel, QListView, QSizePolicy, QVBoxLayout, QWidget

from neuropil_gui.core.recording import Recording
from neuropil_gui.views.cell_model import CellDelegate, CellModel, shape_text
from neuropil_gui.views.frame_rate_box import FrameRateBox
from neuropil_gui.views.header import Header

HELP = """<b>Cells</b><p>The cells of the recording, counted from 1. Click one, or go up and down with
the arrow keys.</p>
<p>"row 7" is the cell's row in the file it came from, counted from 0, where its name does not say so.</p>
<p>Each cell has an ROI signal and the signals of the neuropil regions around it.</p>
<p>The frame rate turns frames into seconds. It is taken from the file where the file knows it; else type it, or leave
it empty and times are counted in frames.</p>"""


class CellList(QWidget):
    """Shows the cells and the frame rate; emits what the user selects."""

    cell_selected = pyqtSignal(int)
    frame_rate_changed = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.header = Header("Cells", HELP)
        self.model = CellModel(self)
        self.view = QListView()
        self.view.setObjectName("cells")
        self.view.setAccessibleName("Cells")
        self.view.setToolTip("Click a cell, or use the arrow keys, to see it")
        self.view.setModel(self.model)
        self.view.setItemDelegate(CellDelegate(self.view))
        self.view.setUniformItemSizes(True)
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.sizes = QLabel()
        self.sizes.setProperty("muted", True)
        self.sizes.setContentsMargins(10, 6, 10, 0)
        self.sizes.setToolTip("The size of the first cell; rest the pointer on a cell to read its own")
        self.sizes.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.frame_rate = FrameRateBox()
        self.frame_rate.frame_rate_changed.connect(self.frame_rate_changed)
        self._shown = -1
        selection = self.view.selectionModel()
        assert selection is not None
        selection.currentChanged.connect(self._current_changed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.header)
        layout.addWidget(self.view, 1)
        layout.addWidget(self.sizes)
        layout.addWidget(self.frame_rate)
        self.show_recording(None)

    def show_recording(self, recording: Recording | None) -> None:
        """List a recording's cells; reads none of their traces."""
        headers = recording.cells.headers if recording is not None else ()
        self._shown = -1
        self.model.set_headers(headers)
        self.frame_rate.show_frame_rate(recording.frame_rate if recording is not None else None)
        self.frame_rate.setEnabled(recording is not None)
        count = len(headers)
        self.header.set_subtitle(f"{count:,} cell{'s' * (count != 1)}" if count else "")
        self.sizes.setText(shape_text(headers[0]) if count else "")
        self.sizes.setVisible(bool(count))

    def show_frame_rate(self, rate: float | None) -> None:
        """Show another frame rate of the same recording without emitting."""
        self.frame_rate.show_frame_rate(rate)

    def show_selection(self, index: int) -> None:
        """Mark a cell as the selected one without emitting."""
        self._shown = index
        if 0 <= index < self.model.rowCount():
            self.view.setCurrentIndex(self.model.index(index, 0))
        else:
            self.view.clearSelection()

    @pyqtSlot(QModelIndex, QModelIndex)
    def _current_changed(self, current: QModelIndex, _: QModelIndex) -> None:
        """Tell which cell the user went to."""
        if current.isValid() and current.row() != self._shown:
            self._shown = current.row()
            self.cell_selected.emit(current.row())

    def restyle(self) -> None:
        """Follow the theme."""
        self.header.restyle()
        self.frame_rate.restyle()
