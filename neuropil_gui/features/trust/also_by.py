"""Choice of other methods that a test of the Trust tool measures beside the usual ones."""

from PyQt5.QtWidgets import QComboBox

from neuropil_gui.core.analysis.plug_ins import find_plug_ins
from neuropil_gui.core.analysis.rivals import RIVALS
from neuropil_gui.ui.widgets.spike_in_choices import add_choice

SLOW_RIVALS = ("ast", "tuncat")
"""Rivals that are measured where they are asked for."""


SECONDS, FRAME_SECONDS = 0.25, 5e-6


def rival_seconds(frames: int) -> float:
    """Return the expected duration of another rival on a recording of so many frames."""
    return SECONDS + FRAME_SECONDS * frames


class AlsoBy(QComboBox):
    """Combo box of the rivals that take long, and of plug-ins."""

    def __init__(self) -> None:
        super().__init__()
        add_choice(self, "nothing else", "", "The raw ROI, F \N{MINUS SIGN} 0.7 Fneu and ICA, or NMF, alone")
        for key in (*SLOW_RIVALS, *(each.name for each in find_plug_ins() if not each.problem)):
            rival = RIVALS.get(key)
            tip = rival.assumes if rival is not None else "A plug-in; the page Compare says what it assumes"
            add_choice(self, rival.label if rival is not None else key, key, tip)
        every = ",".join(self.itemData(row) for row in range(1, self.count()))
        add_choice(self, "all of these", every, "Each of these on the same recordings")

    @property
    def keys(self) -> tuple[str, ...]:
        """Keys of the rivals that are asked for."""
        return tuple(key for key in str(self.currentData()).split(",") if key)
