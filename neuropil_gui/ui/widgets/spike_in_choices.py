"""Choices of a spike-in test: whose course added transients have, and how much of their light regions see."""

from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QComboBox

from neuropil_gui.core.analysis.spike_in_plan import OWN, SpikeInTest
from neuropil_gui.core.analysis.transients import INDICATORS

SHARES: dict[str | float, tuple[str, str]] = {
    "match": (
        "as the best match",
        "As in the best match's column of the mixing matrix. That is an estimate by the method in question, so each "
        "repeat takes it times a factor from 0 to 2",
    ),
    "roi": ("nothing", "The cell's light is in the ROI alone"),
    0.05: ("5 %", "Each region sees 5 % of what the ROI sees of the cell"),
    0.1: ("10 %", "Each region sees 10 % of what the ROI sees of the cell"),
    0.2: ("20 %", "Each region sees 20 % of what the ROI sees of the cell"),
}


def course_choice() -> QComboBox:
    """Return a list of indicators, and of the cell's own transients; its data are values of `SpikeInTest.kernel`."""
    combo = QComboBox()
    for key, each in INDICATORS.items():
        peak, half = 1000 * each.to_peak, 1000 * each.half_decay
        tip = f"{peak:.0f} ms to its peak, {half:.0f} ms to half of it; {each.source}"
        add_choice(combo, each.label, key, tip)
    add_choice(combo, "the cell's own", OWN, "The mean of the transients that are detected in the ROI")
    combo.setCurrentIndex(combo.findData(SpikeInTest().kernel))
    return combo


def shares_choice() -> QComboBox:
    """Return a list of shares of the cell's light in the regions; its data are values of `SpikeInTest.shares`."""
    combo = QComboBox()
    for key, (text, tip) in SHARES.items():
        add_choice(combo, text, key, tip)
    return combo


def add_choice(combo: QComboBox, text: str, key: object, tip: str) -> None:
    """Add an item with its tool tip to a list."""
    combo.addItem(text, key)
    combo.setItemData(combo.count() - 1, f"<qt>{tip}</qt>", Qt.ItemDataRole.ToolTipRole)
