"""Present: a frozen view of the session, which is handed to its children."""

from dataclasses import dataclass, field

from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.state.results import Result


@dataclass(frozen=True, eq=False)
class Present:
    """Open recording, selected cell, settings and drawn result, frozen.

    Attributes
    ----------
    recording : Recording or None
    index : int
        The selected cell's place in the recording, from 0.
    cell : Cell or None
        The selected cell, once its signals are read.
    settings : SeparationSettings
        The settings as they stand.
    latest : Result or None
        The newest finished result of the selected cell.
    """

    recording: Recording | None = None
    index: int = 0
    cell: Cell | None = None
    settings: SeparationSettings = field(default_factory=SeparationSettings)
    latest: Result | None = None

    @property
    def result(self) -> Separation | None:
        """The separation of `latest`."""
        return self.latest.separation if self.latest is not None else None

    @property
    def frame_rate(self) -> float | None:
        """The frame rate in Hz, None where it is not known."""
        return self.recording.frame_rate if self.recording is not None else None
