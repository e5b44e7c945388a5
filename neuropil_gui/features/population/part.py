"""Base of the parts of the Population tool: a page, and the questions that fill it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from neuropil_gui.core.recording import Recording
from neuropil_gui.core.settings import PARAMETERS, SeparationSettings, uses
from neuropil_gui.core.values import Value
from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.runner import Work
from neuropil_gui.features.population import words
from neuropil_gui.state.session import Session
from neuropil_gui.ui.widgets.page import Page

if TYPE_CHECKING:
    from neuropil_gui.figures.figure import ResultFigure

AnyPage = TypeVar("AnyPage", bound=Page)


FACTS = ("method", "n", "alpha", "seed", "solver", "frame_rate")
"""Columns of each table that say how its numbers were made."""


@dataclass(frozen=True, eq=False)
class Table:
    """What a page writes as a table: an ending for the file's name, its columns, and its rows."""

    ending: str
    columns: tuple[str, ...]
    rows: Iterable[Mapping[str, Value]]


class Part(Generic[AnyPage]):
    """Follows the session for one page; the tool asks it what is to be done.

    Attributes
    ----------
    page : Page
    trouble : str
        Why there is nothing more to show; empty where there is not.
    """

    def __init__(self, session: Session, engine: Controller, page: AnyPage) -> None:
        self._session, self._engine, self.page = session, engine, page
        self.trouble = ""

    def follow(self, recording: Recording) -> bool:
        """Show what is known of the session as it stands; return whether that is another question than before."""
        raise NotImplementedError

    def left(self) -> bool:
        """Return whether something is to be made without being asked for."""
        raise NotImplementedError

    def seconds(self) -> float:
        """Return how long that takes, as expected."""
        return 0.0

    def words(self) -> tuple[str, int, int]:
        """Return what is under way, how much of it is done, and of how much."""
        raise NotImplementedError

    def rest(self) -> tuple[str, str]:
        """Return the sentence while nothing is under way, and what the button says that goes on; "" for no button."""
        return self.trouble, words.TRY_AGAIN if self.trouble else ""

    def run(self) -> None:
        """Do what the button says, beside what is left."""
        self.trouble = ""

    def work(self) -> Work:
        """Return the job that makes what is left."""
        raise NotImplementedError

    def take(self, answer: object) -> None:
        """Take a report that is a part of the answer, or the answer, and show it."""
        raise NotImplementedError

    def figure(self) -> "Callable[[], ResultFigure] | None":
        """Return what draws what is shown; None where that is nothing."""
        return None

    def table(self) -> Table | None:
        """Return what is shown as a table; None where that is nothing."""
        return None

    def facts(self, settings: SeparationSettings) -> dict[str, Value]:
        """Return what `FACTS` are where cells are separated by these settings."""
        recording = self._session.recording
        facts: dict[str, Value] = {}
        for name in FACTS[:-1]:
            value = getattr(settings, name)
            written = PARAMETERS[name].write(value) if value is None else value  # auto, random
            facts[name] = written if uses(settings.method, name) else None
        return facts | {"frame_rate": None if recording is None else recording.frame_rate}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all cells."""
        recording = self._session.recording
        return () if recording is None else tuple(header.name for header in recording.cells.headers)
