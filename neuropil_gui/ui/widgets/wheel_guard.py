"""Guard of a form: the wheel scrolls it without changing a control, and undo keys reach the window."""

from PyQt5.QtCore import QEvent, QObject, Qt
from PyQt5.QtGui import QKeyEvent, QKeySequence
from PyQt5.QtWidgets import QAbstractSpinBox, QComboBox, QSlider, QWidget


def guard_wheel(form: QWidget) -> None:
    """Keep the wheel from changing boxes and sliders of `form` without focus, and let undo keys pass."""
    guard = _WheelGuard(form)
    for widget in form.findChildren(QWidget):
        if isinstance(widget, (QAbstractSpinBox, QComboBox, QSlider)):
            widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            widget.installEventFilter(guard)


class _WheelGuard(QObject):
    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Ignore the wheel over a control without focus, and undo keys that the control cannot use."""
        if event is None:
            return False
        is_wheel = event.type() == QEvent.Type.Wheel
        unused_wheel = is_wheel and isinstance(watched, QWidget) and not watched.hasFocus()
        kept = True
        if isinstance(event, QKeyEvent) and isinstance(watched, QAbstractSpinBox):
            kept = event.type() != QEvent.Type.ShortcutOverride or _takes_undo_key(watched, event)
        if unused_wheel or not kept:
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def _takes_undo_key(box: QAbstractSpinBox, event: QKeyEvent) -> bool:
    """Return whether a spin box uses this key: it can undo only what was typed into it."""
    edit = box.lineEdit()
    if edit is not None and event.matches(QKeySequence.StandardKey.Undo):
        return edit.isUndoAvailable()
    if edit is not None and event.matches(QKeySequence.StandardKey.Redo):
        return edit.isRedoAvailable()
    return True
