"""Decorators of slots that draw: an error in one names the view, and what is hidden is drawn later."""

from collections.abc import Callable
from contextlib import ContextDecorator
from functools import wraps
from types import TracebackType
from typing import Any, TypeVar, cast

from PyQt5.QtCore import pyqtSlot

Slot = TypeVar("Slot", bound=Callable[..., None])


class _Named(ContextDecorator):
    def __init__(self, view: str) -> None:
        self._note = f"The {view} could not be drawn."

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None and self._note not in getattr(error, "__notes__", ()):
            error.add_note(self._note)


def draws(view: str, *types: type) -> Callable[[Slot], Slot]:
    """Return a decorator that makes a slot of `types`, and adds the name of its view to an error in it."""
    return lambda slot: pyqtSlot(*types)(_Named(view)(slot))


def draws_when_shown(view: str) -> Callable[[Slot], Slot]:
    """Return a decorator like `draws`, of a slot that does nothing where the object's `puts_off(view)` is True."""

    def decorate(slot: Slot) -> Slot:
        @wraps(slot)
        def draw(self: Any) -> None:
            if not self.puts_off(view):
                slot(self)

        return draws(view)(cast("Slot", draw))

    return decorate
