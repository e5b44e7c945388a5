"""Numbers that are drawn in place of the recorded and separated ones."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from neuropil_gui.drawing.pyramid import Pyramid

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64] | Pyramid


@dataclass(frozen=True, eq=False)
class Replacement:
    """Replacements of what is drawn, each None where the cell's own numbers are drawn.

    Attributes
    ----------
    raw, separated, matched : Pyramid or None
    unit : str
        Label of the value axis where the unit is another.
    label : str
        State in the headers.
    """

    raw: Pyramid | None = None
    separated: Pyramid | None = None
    matched: Pyramid | None = None
    unit: str = ""
    label: str = ""

    @classmethod
    def in_unit(cls, raw: "Values", matched: "Values | None", unit: str) -> "Replacement":
        """Return replacements of raw and best match in another unit."""
        return cls(Pyramid.of(raw), None, None if matched is None else Pyramid.of(matched), unit)
