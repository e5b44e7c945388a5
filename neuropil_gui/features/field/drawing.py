"""Modes of drawing: what mouse and keys do on the picture while ROIs are drawn, moved, reshaped, split and deleted."""

from typing import Any

import numpy as np
from PyQt5.QtCore import QEvent, QObject, QPointF, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QKeyEvent
from PyQt5.QtWidgets import QApplication

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.features.field import edit_words as words
from neuropil_gui.features.field.drawing_modes import DELETE, ELLIPSE, FREEHAND, MERGE, POLYGON, RESHAPE, SPLIT
from neuropil_gui.features.field.edit_items import EditItems
from neuropil_gui.features.field.edit_jobs import Followed
from neuropil_gui.features.field.following import Following
from neuropil_gui.features.field.picture import FieldPicture
from neuropil_gui.features.field.roi_changes import RoiChanges
from neuropil_gui.imaging import roi_edits
from neuropil_gui.imaging.roi import Roi
from neuropil_gui.state.session import Session

NEAR = 9
"""Pixels of the screen within which a handle, or the first corner of a polygon, is taken."""

LEAST_STEP = 0.35
"""Pixels of the picture between two corners of a freehand stroke."""

ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}

Place = tuple[float, float]


class Drawing(QObject):
    """Takes mouse and keys of the picture while a mode is on.

    Signals: `mode_changed` (name, empty for none), `said` (sentence about a step, whether it is a refusal).

    Attributes
    ----------
    mode : str
        One of `drawing_modes.MODES`, or empty.
    """

    mode_changed = pyqtSignal(str)
    said = pyqtSignal(str, bool)

    def __init__(
        self, session: Session, picture: FieldPicture, following: Following, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._picture, self._following = session, picture, following
        self.changes = RoiChanges(session, following, self)
        self.changes.said.connect(self.said)
        self.mode = ""
        self._items = EditItems()
        for each in self._items.items:
            each.setZValue(20)
            picture.box.addItem(each, ignoreBounds=True)
        self._points: list[Place] = []
        self._start: Place | None = None
        self._handle: int | None = None
        self._roi: Roi | None = None
        self._given_up = False
        following.followed.connect(self._on_followed)
        for signal in (session.rois.changed, session.rois.begun, session.selection_changed, session.cell_changed):
            signal.connect(self._show_handles)

    # Modes

    @pyqtSlot(str)
    def set_mode(self, mode: str) -> None:
        """Begin a mode; an empty one ends that which is on."""
        if self._session.rois.all is None:
            mode = ""
        if mode == self.mode:
            return
        self._give_up()
        before, self.mode = self.mode, mode
        self._picture.box.editor = self if mode else None
        application = QApplication.instance()
        assert application is not None
        if mode and not before:
            application.installEventFilter(self)
            self._picture.widget.setFocus()
        elif not mode:
            application.removeEventFilter(self)
        self._picture.widget.setCursor(
            Qt.CursorShape.CrossCursor if mode not in ("", RESHAPE) else Qt.CursorShape.ArrowCursor
        )
        self._show_handles()
        if mode:
            self._following.prepare()
        else:
            self._following.rest()
        self.mode_changed.emit(mode)
        self.said.emit("", False)

    @pyqtSlot()
    def leave(self) -> None:
        """End the mode; what was not finished is gone."""
        self.set_mode("")

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """End the mode by Escape, wherever the focus is, unless a dialog or a menu has it.

        The press itself is taken, too: else it would leave the page.
        """
        if (
            not isinstance(event, QKeyEvent)
            or event.key() != Qt.Key.Key_Escape
            or QApplication.activeModalWidget() is not None
            or QApplication.activePopupWidget() is not None
        ):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress:
            self.leave()
            return True
        return False

    # The mouse

    def drag(self, ev: Any, place: QPointF) -> bool:
        """Take a drag of the left button, unless it only moves the picture."""
        if ev.button() != Qt.MouseButton.LeftButton or self.mode in ("", POLYGON):
            return False
        begins, ends = ev.isStart(), ev.isFinish()
        now = place.x(), place.y()
        if begins:
            self._given_up = False
            down = self._picture.box.mapSceneToView(ev.buttonDownScenePos())
            if not self._begin((down.x(), down.y())):
                return False
        if self._given_up or self._start is None:
            # Given up by Escape, or a drag that moves the picture.
            return self._given_up
        shift = bool(ev.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._go_on(now, shift)
        if ends:
            self._finish(now, shift, takes_away(ev.modifiers()))
        return True

    def click(self, ev: Any, place: QPointF) -> bool:
        """Take a click: a corner of a polygon, a ROI to delete; selecting another ROI is left to the picture."""
        now = place.x(), place.y()
        if self.mode == POLYGON:
            if ev.button() == Qt.MouseButton.RightButton or ev.double():
                self._close_polygon()
            elif ev.button() == Qt.MouseButton.LeftButton:
                if len(self._points) > 2 and self._near([self._points[0]], now) is not None:
                    self._close_polygon()
                else:
                    self._points.append(now)
                    self._draw_polygon(now)
            return True
        if ev.button() != Qt.MouseButton.LeftButton:
            return False
        if self.mode == DELETE:
            index = self._roi_at(now)
            self.changes.delete([] if index is None else [index], words.NO_ROI_HERE)
            return True
        if self.mode == RESHAPE:
            return self._click_corner(now, ev.modifiers())
        if self._roi_at(now) in (None, self._session.index):
            self.changes.refuse(words.CLICKED[self.mode])
            return True
        return False  # another ROI is selected

    def move(self, place: QPointF) -> bool:
        """Draw the line from the last corner of a polygon to the pointer; light nothing while something is dragged."""
        if self._start is not None:
            return True
        if self.mode == POLYGON and self._points:
            self._draw_polygon((place.x(), place.y()))
            return True
        return False

    def key(self, event: QKeyEvent) -> bool:
        """Take the keys of a mode: Return, Backspace, Delete, arrows."""
        key = event.key()
        if self.mode == POLYGON and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._close_polygon()
            return True
        if self.mode == POLYGON and key == Qt.Key.Key_Backspace and self._points:
            self._points.pop()
            self._draw_polygon(self._points[-1] if self._points else (0.0, 0.0))
            return True
        if self.mode == RESHAPE and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.changes.delete([self._session.index], "")
            return True
        if self.mode == RESHAPE and key in ARROWS and self._start is None:
            self.changes.nudge(*ARROWS[Qt.Key(key)], bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))
            return True
        return False

    def _begin(self, down: Place) -> bool:
        """Begin a drag; False for one that moves the picture."""
        rois = self._session.rois.all
        if rois is None:
            return False
        self._handle = self._roi = None
        if self.mode == RESHAPE:
            roi = rois.rois[self._session.index]
            self._handle = self._near(roi_edits.handles(roi, rois.shape), down)
            if self._handle is None and self._roi_at(down) != self._session.index:
                return False
            self._roi = roi
        self._session.highlight.hover_signal(None)
        self._start = down
        self._points = [down]
        return True

    def _go_on(self, now: Place, shift: bool) -> None:
        assert self._start is not None
        if self.mode == RESHAPE:
            roi = self._dragged(now)
            if roi is not None:
                self._follow(roi)
        elif self.mode == FREEHAND:
            if np.hypot(now[0] - self._points[-1][0], now[1] - self._points[-1][1]) >= LEAST_STEP:
                self._points.append(now)
            self._items.show_line(np.array(self._points), closed=True)
        elif self.mode == ELLIPSE:
            self._items.show_box(self._start, _as_square(self._start, now) if shift else now, ellipse=True)
        elif self.mode == SPLIT:
            self._items.show_line(np.array([self._start, now]))
        else:
            self._items.show_box(self._start, now)

    def _finish(self, now: Place, shift: bool, less: bool) -> None:
        start, points = self._start, self._points
        assert start is not None
        mode = self.mode
        roi = self._dragged(now) if mode == RESHAPE else None
        corner = self._handle is not None
        self._start, self._handle, self._roi, self._points = None, None, None, []
        self._items.clear()
        if mode == RESHAPE:
            if roi is not None:
                self.changes.put(roi, words.RESHAPE_STEP if corner else words.MOVE_STEP)
        elif mode == FREEHAND:
            self.changes.draw(lambda name, shape: roi_edits.polygon_of(points, name, shape), shift, less)
        elif mode == ELLIPSE:
            end = _as_square(start, now) if shift else now
            self.changes.draw(lambda name, shape: roi_edits.ellipse_of(start, end, name, shape), take_away=less)
        elif mode == SPLIT:
            index = self._roi_at(((start[0] + now[0]) / 2, (start[1] + now[1]) / 2))
            self.changes.split(self._session.index if index is None else index, start, now)
        elif mode == MERGE:
            self.changes.merge(start, now)
        else:
            self.changes.delete(self.changes.rois.in_box(start, now), words.NOTHING_IN_BOX)

    def _give_up(self) -> None:
        """Drop what was begun and not finished; a ROI that was dragged is where it was."""
        self._given_up = self._start is not None
        self._start, self._points, self._handle, self._roi = None, [], None, None
        self._items.clear()
        self.changes.take_back()

    def _click_corner(self, now: Place, modifiers: Any) -> bool:
        """Add a corner by Shift, or take one away by Ctrl or Alt."""
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self.changes.add_corner(now)
        elif takes_away(modifiers):
            self.changes.take_corner(self._near(roi_edits.handles(self.changes.selected, self.changes.rois.shape), now))
        else:
            return False
        return True

    # Polygons

    def _draw_polygon(self, now: Place) -> None:
        self._items.show_line(np.array([*self._points, now]) if self._points else np.zeros((0, 2)))
        self._items.show_handles(np.array(self._points) if self._points else None)

    def _close_polygon(self) -> None:
        points, self._points = self._points, []
        self._items.clear()
        self._show_handles()
        self.changes.draw(lambda name, shape: roi_edits.polygon_of(points, name, shape))

    # What is under the pointer

    def _dragged(self, now: Place) -> Roi | None:
        rois, start, roi = self._session.rois.all, self._start, self._roi
        if rois is None or start is None or roi is None:
            return None
        if self._handle is not None:
            return roi_edits.reshaped(roi, self._handle, now, rois.shape)
        return roi_edits.moved(roi, now[0] - start[0], now[1] - start[1])

    def _follow(self, roi: Roi) -> None:
        rois = self._session.rois.all
        assert rois is not None
        self._items.show_handles(roi_edits.handles(roi, rois.shape))
        self._following.try_roi(roi)

    def _roi_at(self, place: Place) -> int | None:
        """Return the place of the ROI at a point: the selected one before others."""
        rois = self._session.rois.all
        row, column = int(np.floor(place[1])), int(np.floor(place[0]))
        if rois is None or not (0 <= row < rois.shape[0] and 0 <= column < rois.shape[1]):
            return None
        flat = row * rois.shape[1] + column
        order = [self._session.index, *range(len(rois))]
        return next((index for index in order if (rois.regions[index].pixels[0] == flat).any()), None)

    def _near(self, points: "FloatArray | list[Place]", place: Place) -> int | None:
        """Return which of some points is near a place on the screen."""
        if not len(points):
            return None
        width, height = self._picture.box.viewPixelSize()
        distance = np.hypot(
            (np.asarray(points)[:, 0] - place[0]) / width, (np.asarray(points)[:, 1] - place[1]) / height
        )
        nearest = int(distance.argmin())
        return nearest if distance[nearest] <= NEAR else None

    @pyqtSlot(object)
    def _on_followed(self, followed: Followed) -> None:
        self._picture.show_signals(followed.outlines)

    @pyqtSlot()
    def _show_handles(self) -> None:
        """Draw the handles of the selected ROI."""
        rois, index = self._session.rois.all, self._session.index
        if self.mode != RESHAPE or rois is None or not index < len(rois):
            self._items.show_handles(None)
        elif self._start is None:
            self._items.show_handles(roi_edits.handles(rois.rois[index], rois.shape))


def takes_away(modifiers: Any) -> bool:
    """Return whether a stroke or a click takes away: by Alt, as in ImageJ, or by Ctrl.

    Window managers of X11 often take clicks with Alt for themselves, to move the window.
    """
    return bool(modifiers & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier))


def _as_square(start: Place, end: Place) -> Place:
    """Return the corner of a square from a point towards another."""
    side = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
    return start[0] + np.copysign(side, end[0] - start[0]), start[1] + np.copysign(side, end[1] - start[1])
