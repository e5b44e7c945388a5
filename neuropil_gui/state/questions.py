"""What is asked of a thread about what the session holds."""

from dataclasses import dataclass

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation


@dataclass(frozen=True)
class DeltaFQuestion:
    """Of what dF/F is wanted, and how; cells and results are told apart by their identity."""

    cell: Cell
    result: Separation | None
    settings: BaselineSettings
    frame_rate: float | None
