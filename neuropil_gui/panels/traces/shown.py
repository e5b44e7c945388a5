"""What is drawn in place of a cell's own numbers."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neuropil_gui.drawing.pyramid import Pyramid

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64] | Pyramid


@dataclass(frozen=True, eq=False)
class Shown:
    """What is drawn in place of the recorded and the separated numbers; None leaves them."""

    raw: Pyramid | None = None
    separated: Pyramid | None = None
    matched: Pyramid | None = None
    unit: str = ""
    label: str = ""

    @classmethod
    def in_unit(cls, raw: "Values", matched: "Values | None", unit: str) -> "Shown":
        """Draw these in another unit."""
        return cls(Pyramid.of(raw), None, None if matched is None else Pyramid.of(matched), unit)
