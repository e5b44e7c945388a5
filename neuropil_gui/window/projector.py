"""Projector mode: large text and traces, light colours, little around the plots, the pointer and keys made visible."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PyQt5 import sip
from PyQt5.QtCore import QByteArray, QEvent, QObject, Qt, pyqtSlot
from PyQt5.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QWindow
from PyQt5.QtWidgets import QApplication, QMainWindow, QWidget

from neuropil_gui.ui import sizes, style
from neuropil_gui.ui.widgets.pointer_ring import PointerRing, PressedKeys
from neuropil_gui.window.action_table import key_list
from neuropil_gui.window.docks import Docks

LINES = 1080
"""Lines of the screen for which the sizes below are meant; they are in proportion on others."""

TEXT, LEAST_TEXT, LEAST_LETTERS = 24, 18, 20
"""Pixels of the text, on a screen of any size at least, and of small letters."""

WIDER, LEAST_WIDER = 2.5, 2.0
"""Factor of the widths of traces, and the least on any screen."""

NO_HEIGHT, ANY_HEIGHT = 0, 16_777_215

MODIFIERS = {
    Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_AltGr, Qt.Key.Key_Meta, Qt.Key.Key_CapsLock,
    Qt.Key.Key_unknown,
}  # fmt: skip


@dataclass(frozen=True)
class Before:
    """How the window was: geometry, name of the theme, and which of the chrome was shown."""

    geometry: QByteArray
    theme: str
    shown: tuple[bool, ...]


class Projector(QObject):
    """Switches projector mode, and sets the size of the text in both modes.

    Parameters
    ----------
    window : QMainWindow
        It fills the screen meanwhile, unless its size is fixed, as for a picture.
    docks : Docks
    chrome : sequence of QWidget
        What is hidden, besides the menus; Alt brings back menus and the first of them.
    restyle : callable
        Draws everything in the theme of a name, and in the sizes of now.
    """

    def __init__(
        self, window: QMainWindow, docks: Docks, chrome: Sequence[QWidget], restyle: Callable[[str], None]
    ) -> None:
        super().__init__(window)
        self._window, self._docks, self._chrome, self._restyle = window, docks, chrome, restyle
        self._per_cent = round(100 * sizes.scale())
        self._before: Before | None = None
        self._ring: PointerRing | None = None
        self._keys: PressedKeys | None = None
        self._alone = False
        self._titles = {
            QKeySequence(each).toString(): title for keys, title in key_list() for each in keys.split(" or ")
        }

    @property
    def on(self) -> bool:
        """Whether the mode is on."""
        return self._before is not None

    @pyqtSlot(int)
    def set_text_size(self, per_cent: int) -> None:
        """Set the size of the text outside projector mode, and at least in it."""
        self._per_cent = per_cent
        self._rescale(style.current().name)

    @pyqtSlot(bool)
    def switch(self, on: bool) -> None:
        """Switch the mode on, or off, which brings the window back as it was."""
        if on != self.on:
            if on:
                self._begin()
            else:
                self._end()

    def _begin(self) -> None:
        window = self._window
        shown = tuple(not each.isHidden() for each in self._chrome)
        self._before = Before(window.saveGeometry(), style.current().name, shown)
        # First, because the docks keep their state together with that of the tool bar.
        self._docks.project(True)
        self._show_menus(False)
        for each in self._chrome:
            each.hide()
        if window.minimumSize() != window.maximumSize():
            window.showFullScreen()
        self._rescale("light")
        self._ring, self._keys = PointerRing(window), PressedKeys(window)
        application = QApplication.instance()
        assert application is not None
        application.installEventFilter(self)

    def _end(self) -> None:
        before, application = self._before, QApplication.instance()
        assert before is not None
        assert application is not None
        application.removeEventFilter(self)
        for each in (self._ring, self._keys):
            if each is not None and not sip.isdeleted(each):
                each.setParent(None)
                each.deleteLater()
        self._ring = self._keys = self._before = None
        if self._window.isFullScreen():
            self._window.restoreGeometry(before.geometry)
        # A theme that was chosen meanwhile stays.
        self._rescale(before.theme if style.current().name == "light" else style.current().name)
        self._show_menus(True)
        for each, shown in zip(self._chrome, before.shown, strict=True):
            each.setVisible(shown)
        # The docks come back into the room that they had.
        layout = self._window.layout()
        assert layout is not None
        layout.activate()
        self._docks.project(False)

    def _rescale(self, theme: str) -> None:
        factor, lines, letters = self._per_cent / 100, 1.0, 0
        if self.on:
            part = self._height() / LINES
            factor = max(factor, max(TEXT * part, LEAST_TEXT) / sizes.desktop_pixels())
            lines, letters = max(WIDER * part, LEAST_WIDER), round(LEAST_LETTERS * min(part, 1.0))
        sizes.set_scale(factor, lines, letters)
        self._restyle(theme)
        self._docks.rescale()

    def _height(self) -> int:
        screen = self._window.screen()
        if screen is None or self._window.minimumSize() == self._window.maximumSize():
            return self._window.height()
        return screen.size().height()

    def _show_menus(self, on: bool) -> None:
        # The keys of actions in a menu bar that is hidden would do nothing: it has no height instead.
        menus = self._window.menuBar()
        if menus is not None:
            menus.setMaximumHeight(ANY_HEIGHT if on else NO_HEIGHT)

    # The pointer and the keys

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Move and fill the ring, show keys, and bring back the menus by Alt."""
        if event is None:
            return False
        # Qt's windows get all moves of the pointer, widgets only those that they ask for.
        widget = QWidget.find(watched.winId()) if isinstance(watched, QWindow) else watched
        if not isinstance(widget, QWidget):
            return False
        kind = event.type()
        if isinstance(event, QMouseEvent):
            self._follow(widget, event, kind)
        elif isinstance(event, QKeyEvent):
            self._note_key(widget, event, kind)
        elif kind == QEvent.Type.Leave and widget.isWindow():
            self._ring_now().hide()
        return False

    def _ring_now(self) -> PointerRing:
        """Return the ring; one that was deleted with a dialog, into which it had gone, is made again."""
        if self._ring is None or sip.isdeleted(self._ring):
            self._ring = PointerRing(self._window)
        return self._ring

    def _keys_now(self) -> PressedKeys:
        """Return the line of keys, made again as the ring is."""
        if self._keys is None or sip.isdeleted(self._keys):
            self._keys = PressedKeys(self._window)
        return self._keys

    def _follow(self, watched: QWidget, event: QMouseEvent, kind: QEvent.Type) -> None:
        window = watched.window()
        if window is None or window.windowType() == Qt.WindowType.Popup:
            return
        ring = self._ring_now()
        if kind in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            self._alone = False
            ring.fill(True)
        elif kind == QEvent.Type.MouseButtonRelease:
            ring.fill(False)
        ring.move_to(window, window.mapFromGlobal(event.globalPos()))

    def _note_key(self, watched: QWidget, event: QKeyEvent, kind: QEvent.Type) -> None:
        if event.key() == Qt.Key.Key_Alt:
            if kind == QEvent.Type.KeyPress:
                self._alone = True
            elif kind == QEvent.Type.KeyRelease and self._alone:
                self._alone = False
                self._bring_menus()
        elif kind in (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress):
            self._alone = False
            window = watched.window()
            if event.key() not in MODIFIERS and window is not None:
                self._keys_now().show_keys(window, self._words(event))

    def _bring_menus(self) -> None:
        menus = self._window.menuBar()
        hidden = menus is not None and menus.maximumHeight() == NO_HEIGHT
        self._show_menus(hidden)
        self._chrome[0].setVisible(hidden)

    def _words(self, event: QKeyEvent) -> str:
        sequence = QKeySequence(int(event.modifiers()) & ~int(Qt.KeyboardModifier.KeypadModifier) | event.key())
        title = self._titles.get(sequence.toString(), "")
        keys = sequence.toString(QKeySequence.SequenceFormat.NativeText)
        return f"{keys}   {title}" if title else keys
