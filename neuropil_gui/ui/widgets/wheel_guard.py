"""Controls of a form that leave alone what is not meant for them: a wheel that scrolls by, and keys that undo."""

from PyQt5.QtCore import QEvent, QObject, Qt
from PyQt5.QtGui import QKeyEvent, QKeySequence
from PyQt5.QtWidgets import QAbstractSpinBox, QComboBox, QSlider, QWidget


def calm(form: QWidget) -> None:
    """Make all boxes and sliders in a form calm."""
    filter_ = _Calm(form)
    for widget in form.findChildren(QWidget):
        if isinstance(widget, (QAbstractSpinBox, QComboBox, QSlider)):
            widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            widget.installEventFilter(filter_)


class _Calm(QObject):
    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Let the wheel scroll the form, not change a setting that nobody chose; leave undoing to who can."""
        if event is None:
            return False
        is_wheel = event.type() == QEvent.Type.Wheel
        unused_wheel = is_wheel and isinstance(watched, QWidget) and not watched.hasFocus()
        kept = True
        if isinstance(event, QKeyEvent) and isinstance(watched, QAbstractSpinBox):
            kept = event.type() != QEvent.Type.ShortcutOverride or _undoes_itself(watched, event)
        if unused_wheel or not kept:
            event.ignore()
            return True
        return super().eventFilter(watched, event)


def _undoes_itself(box: QAbstractSpinBox, event: QKeyEvent) -> bool:
    """Whether a box does something with a key; undo is of use to it only where something was typed."""
    edit = box.lineEdit()
    if edit is not None and event.matches(QKeySequence.StandardKey.Undo):
        return edit.isUndoAvailable()
    if edit is not None and event.matches(QKeySequence.StandardKey.Redo):
        return edit.isRedoAvailable()
    return True
