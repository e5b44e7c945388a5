"""The picture of the field of view with its cells: what is pointed at, clicked and dragged, in picture coordinates.

Coordinates are ImageJ's: pixel (row r, column c) covers x from c to c + 1 and y from r to r + 1.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QEvent, QObject, QPointF, QRectF, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor, QImage, QKeyEvent
from PyQt5.QtWidgets import QSizePolicy, QWidget

from neuropil_gui.features.field.outline_item import Outline, OutlineItem
from neuropil_gui.features.field.selection_items import SelectionItems
from neuropil_gui.imaging.field_of_view import FieldOfView
from neuropil_gui.imaging.outlines import outlines
from neuropil_gui.imaging.pictures import Picture
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.bare_plot import BarePlotView
from neuropil_gui.ui.sizes import keep_scaled
from neuropil_gui.ui.widgets.layouts import stack

LEAST = 160

FARTHEST = 4.0
"""Pictures of the field's size that fit into the view at the farthest zoom."""

STEP = 1.25
"""Factor of a zoom by a key."""


class Editor(Protocol):
    """What takes the mouse and keys in place of the picture, as a mode of drawing does; True where it took them."""

    def drag(self, ev: Any, place: QPointF) -> bool:
        """Take a drag of the mouse (pyqtgraph's), which is at a place."""

    def click(self, ev: Any, place: QPointF) -> bool:
        """Take a click."""

    def move(self, place: QPointF) -> bool:
        """Take a move without a button."""

    def key(self, event: QKeyEvent) -> bool:
        """Take a key."""


class PictureBox(pg.ViewBox):  # type: ignore[misc]
    """View box in picture coordinates: drag pans, the wheel zooms, double click shows all; an editor comes first.

    Signals: `clicked` (place), `contrast_dragged` (right and up, as parts of the box, since the last).
    """

    clicked = pyqtSignal(object)
    contrast_dragged = pyqtSignal(float, float)

    def __init__(self) -> None:
        super().__init__(enableMenu=False, defaultPadding=0.02, lockAspect=True, invertY=True)
        self.editor: Editor | None = None
        self.whole = QRectF(0, 0, 1, 1)
        self.disableAutoRange()
        # pyqtgraph updates its transform during a paint, which makes Qt paint everything once more.
        self.sigRangeChanged.connect(self.updateMatrix)

    def show_all(self) -> None:
        """Show the whole picture."""
        self.setRange(self.whole, padding=0.02)

    def mouseClickEvent(self, ev: Any) -> None:
        """Emit `clicked`; show all on a double click."""
        place = self.mapSceneToView(ev.scenePos())
        if self.editor is not None and self.editor.click(ev, place):
            ev.accept()
        elif ev.button() == Qt.MouseButton.LeftButton:
            ev.accept()
            if ev.double():
                self.show_all()
            else:
                self.clicked.emit(place)

    def mouseDragEvent(self, ev: Any, axis: int | None = None) -> None:
        """Pan, or, with the right button, emit `contrast_dragged`."""
        if self.editor is not None and self.editor.drag(ev, self.mapSceneToView(ev.scenePos())):
            ev.accept()
        elif ev.button() == Qt.MouseButton.RightButton:
            ev.accept()
            moved = ev.scenePos() - ev.lastScenePos()
            self.contrast_dragged.emit(moved.x() / max(self.width(), 1), -moved.y() / max(self.height(), 1))
        else:
            super().mouseDragEvent(ev, axis)


class _Image(pg.ImageItem):  # type: ignore[misc]
    """Image in a format of which Qt draws a part enlarged in a third of the time that a grey one takes."""

    qimage: QImage | None

    def render(self) -> None:
        """Make the image that is drawn."""
        super().render()
        if self.qimage is not None:
            some_unknown = self.qimage.hasAlphaChannel()  # pixels that are NaN
            formats = QImage.Format.Format_RGB32, QImage.Format.Format_ARGB32_Premultiplied
            self.qimage = self.qimage.convertToFormat(formats[some_unknown])


class FieldPicture(QWidget):
    """A picture, the outlines of all cells, and the selected cell with its regions.

    Signals: `cell_chosen` (index, by a click or key), `cell_hovered` (index or None), `signal_hovered` (row of the
    selected cell's signal, or None), `pointed` (place, or None), `contrast_dragged` (right, up),
    `stepped` (to the next cell, or -1 for the one before).

    Attributes
    ----------
    box : PictureBox
        Holds all items; its `editor` takes the mouse first.
    field : FieldOfView or None
    selected : int
        Index of the selected cell.
    """

    cell_chosen = pyqtSignal(int)
    cell_hovered = pyqtSignal(object)
    signal_hovered = pyqtSignal(object)
    pointed = pyqtSignal(object)
    contrast_dragged = pyqtSignal(float, float)
    stepped = pyqtSignal(int)

    def __init__(self, name: str = "field_picture", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field: FieldOfView | None = None
        self._twin: FieldPicture | None = None
        self._colours: Mapping[int, QColor] = {}
        self.selected = 0
        self._outlines: Mapping[int, Outline] = {}
        self._hovered: tuple[int | None, int | None] = (None, None)
        self.box = PictureBox()
        self.widget = BarePlotView(self.box, {})
        self.widget.setObjectName(name)
        self.widget.setAccessibleName("Picture of the field of view with its cells")
        # In a scroll area a view with sentences gets its preferred height: it has none, and takes what is there.
        self.widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        keep_scaled(self.widget, QWidget.setMinimumSize, LEAST, LEAST)
        self.widget.item.layout.setContentsMargins(0, 0, 0, 0)
        self.image = _Image(axisOrder="row-major")
        self.outlines = OutlineItem()
        self.hovered = OutlineItem()
        self.selection = SelectionItems()
        items: tuple[Any, ...] = self.image, self.outlines, *self.selection.items, self.hovered
        for depth, each in enumerate(items):
            each.setZValue(depth)
            self.box.addItem(each, ignoreBounds=True)
        stack(self, self.widget)
        self.box.clicked.connect(self._on_clicked)
        self.box.sigRangeChanged.connect(self._on_zoomed)
        self.box.sigResized.connect(self._on_zoomed)
        self.box.contrast_dragged.connect(self.contrast_dragged)
        self.widget.scene().sigMouseMoved.connect(self._on_moved)
        self.widget.installEventFilter(self)
        self.restyle()

    def set_twin(self, twin: "FieldPicture") -> None:
        """Let another picture show from now on what this one shows; each has a zoom of its own."""
        self._twin = twin
        twin.show_field(self.field, self._outlines)
        shown = self.image.image if self.image.isVisible() else None
        twin.show_picture(shown, (0.0, 1.0) if shown is None else tuple(self.image.getLevels()))
        twin.show_colours(self._colours)
        twin.show_selected(self.selected)

    def show_field(self, field: FieldOfView | None, cell_outlines: Mapping[int, Outline]) -> None:
        """Show the cells of a field of view by their outlines; another one is shown whole."""
        if self._twin is not None:
            self._twin.show_field(field, cell_outlines)
        before, self.field = self.field, field
        self._outlines = cell_outlines
        rows, columns = field.shape if field is not None else (1, 1)
        whole = QRectF(0, 0, columns, rows)
        self.outlines.set_outlines(cell_outlines, whole)
        self.hovered.set_outlines(cell_outlines, whole)
        if before is None or field is None or before.shape != field.shape:
            self.box.whole = whole
            most = FARTHEST * max(rows, columns)
            self.box.setLimits(maxXRange=most, maxYRange=most, minXRange=4, minYRange=4)
            self.box.show_all()
        self._show_selection()

    def show_picture(self, picture: Picture | None, levels: tuple[float, float] = (0.0, 1.0)) -> None:
        """Show a picture between two values; None shows none."""
        if self._twin is not None:
            self._twin.show_picture(picture, levels)
        self.image.setVisible(picture is not None)
        if picture is not None:
            self.image.setImage(picture, autoLevels=False, levels=levels)
            rows, columns = picture.shape
            self.image.setRect(QRectF(0, 0, columns, rows))

    def show_levels(self, low: float, high: float) -> None:
        """Show the picture between other values."""
        if self._twin is not None:
            self._twin.show_levels(low, high)
        if self.image.image is not None:
            self.image.setLevels((low, high))

    def show_colours(self, colours: Mapping[int, QColor]) -> None:
        """Draw the outlines of cells in these colours."""
        if self._twin is not None:
            self._twin.show_colours(colours)
        self._colours = colours
        self.outlines.set_colours(colours)

    def show_selected(self, index: int) -> None:
        """Fill another cell and its regions, and move it into view."""
        if self._twin is not None:
            self._twin.show_selected(index)
        self.selected = index
        self._show_selection()
        self._reach(index)

    def show_lit(self, row: int | None) -> None:
        """Light the region of a signal of the selected cell."""
        if self._twin is not None:
            self._twin.show_lit(row)
        self.selection.show_lit(row)

    def show_hovered(self, index: int | None) -> None:
        """Mark the cell that the pointer is on, here or in the table of cells."""
        if self._twin is not None:
            self._twin.show_hovered(index)
        colour = QColor(style.current().accent_text)
        self.hovered.set_colours({index: colour} if index is not None else {})

    def show_signals(self, signals: Sequence[Outline]) -> None:
        """Draw these outlines as the selected cell's ROI and regions, as while it is dragged."""
        self.selection.show_signals(signals)

    def _show_selection(self) -> None:
        field = self.field
        cell = field.cells.get(self.selected) if field is not None else None
        if field is None or cell is None:
            self.selection.show_signals([])
            return
        columns = field.shape[1]
        known = {0: self._outlines.get(self.selected)} if len(cell.regions.pixels[0]) else {}
        self.selection.show_signals(
            [
                known.get(row) or outlines(pixels // columns, pixels % columns)
                for row, (_, pixels) in enumerate(cell.signals)
            ]
        )

    def _reach(self, index: int) -> None:
        """Move the view where the cell is out of it; the zoom stays."""
        outline = self._outlines.get(index)
        if not outline:
            return
        low, high = (
            np.min([path.min(axis=0) for path in outline], axis=0),
            np.max([path.max(axis=0) for path in outline], axis=0),
        )
        seen = self.box.viewRect()
        if not seen.contains(QRectF(QPointF(*low), QPointF(*high))):
            middle = (low + high) / 2
            self.box.translateBy(x=middle[0] - seen.center().x(), y=middle[1] - seen.center().y())

    # The pointer and the keys

    @pyqtSlot()
    def _on_zoomed(self, *_: object) -> None:
        self.selection.show_zoom(self.box.width() / max(self.box.viewRect().width(), 1e-9))

    @pyqtSlot(object)
    def _on_clicked(self, place: QPointF) -> None:
        index = self.field.cell_at(place.x(), place.y()) if self.field is not None else None
        if index is not None:
            self.cell_chosen.emit(index)

    @pyqtSlot(object)
    def _on_moved(self, scene: QPointF) -> None:
        place = self.box.mapSceneToView(scene)
        if self.box.editor is not None and self.box.editor.move(place):
            return
        cell = row = None
        if self.field is not None:
            cell = self.field.cell_at(place.x(), place.y())
            if cell in (None, self.selected):
                row = self.field.signal_at(self.selected, place.x(), place.y())
        self._hover(cell, row)
        self.pointed.emit(place)

    def _hover(self, cell: int | None, row: int | None) -> None:
        before, self._hovered = self._hovered, (cell, row)
        if cell != before[0]:
            self.cell_hovered.emit(cell)
        if row != before[1]:
            self.signal_hovered.emit(row)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Point at nothing once the pointer has left, and move and zoom by keys."""
        if event is not None and event.type() == QEvent.Type.Leave:
            self._hover(None, None)
            self.pointed.emit(None)
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self._take_key(event):
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def _take_key(self, event: QKeyEvent) -> bool:
        if self.box.editor is not None and self.box.editor.key(event):
            return True
        key = event.key()
        others = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
        if event.modifiers() & others:
            return False
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.box.scaleBy((1 / STEP, 1 / STEP))
        elif key == Qt.Key.Key_Minus:
            self.box.scaleBy((STEP, STEP))
        elif key == Qt.Key.Key_Home:
            self.box.show_all()
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.stepped.emit(-1 if key == Qt.Key.Key_Up else 1)
        else:
            return False
        return True

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        self.widget.setBackground(style.current().base)
        self.selection.restyle()
