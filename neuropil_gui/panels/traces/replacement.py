"""Numbers that are drawn in place of the recorded and separated ones."""

from dataclasses import dataclass

from neuropil_gui.core.arrays import FloatArray


@dataclass(frozen=True, eq=False)
class Replacement:
    """Replacements of what is drawn, each None where the cell's own numbers are drawn.

    Attributes
    ----------
    raw, separated, matched : ndarray or None
        `matched` is the best match, or has it in its first row.
    unit : str
        Label of the value axis where the unit is another.
    subtraction : ndarray or None
        F - 0.7 Fneu in that unit, where it is known.
    label : str
        State in the headers.
    """

    raw: FloatArray | None = None
    separated: FloatArray | None = None
    matched: FloatArray | None = None
    unit: str = ""
    subtraction: FloatArray | None = None
    label: str = ""
