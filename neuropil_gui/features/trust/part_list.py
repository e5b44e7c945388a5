"""List of the parts of a ROI's light: a switch and a share of the time in view for each."""

import math
from collections.abc import Sequence

from PyQt5.QtCore import QSignalBlocker, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import QCheckBox, QGridLayout, QLabel, QWidget

from neuropil_gui.core.analysis.contributions import Shares
from neuropil_gui.ui import style

RIGHT = Qt.Alignment(Qt.AlignmentFlag.AlignRight) | Qt.AlignmentFlag.AlignVCenter


class PartList(QWidget):
    """A switch and a percentage for each component; constant and residual below.

    Signals: `switched` (frozenset of the ranks that are taken out).
    """

    switched = pyqtSignal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.switches: list[QCheckBox] = []
        self.per_cents: list[QLabel] = []
        self._count = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)
        self._rest = [(QLabel(name), QLabel()) for name in ("constant", "residual")]
        for name, value in self._rest:
            name.setProperty("muted", True)
            value.setAlignment(RIGHT)
            value.setObjectName(f"share_{name.text()}")

    @property
    def off(self) -> frozenset[int]:
        """Ranks that are taken out."""
        return frozenset(rank for rank, each in enumerate(self.switches[: self._count]) if not each.isChecked())

    def show_parts(self, count: int, empty: Sequence[int], constant: str) -> None:
        """Show `count` components, all included.

        `empty` are the ranks of empty components; `constant` is the tool tip of the constant part.
        """
        while len(self.switches) < count:
            self._add()
        self._count = count
        for rank, (switch, value) in enumerate(zip(self.switches, self.per_cents, strict=True)):
            with QSignalBlocker(switch):
                switch.setChecked(True)
            switch.setVisible(rank < count)
            value.setVisible(rank < count)
            switch.setEnabled(rank not in empty)
            switch.setText(f"c{rank + 1}, not in it" if rank in empty else f"c{rank + 1}")
        for row, (name, value) in enumerate(self._rest):
            self._grid.addWidget(name, len(self.switches) + row, 0)
            self._grid.addWidget(value, len(self.switches) + row, 1)
        self._rest[0][0].setToolTip(constant)
        self._rest[1][0].setToolTip("What the components and the constant leave of the ROI's trace")
        self.restyle()

    def show_shares(self, shares: Shares) -> None:
        """Show the shares of the light in view."""
        for value, share in zip(self.per_cents, shares.components, strict=False):
            value.setText(per_cent(share))
        for (_, value), share in zip(self._rest, (shares.constant, shares.residual), strict=True):
            value.setText(per_cent(share))

    def restyle(self) -> None:
        """Apply the colours of the current theme."""
        back = style.current().window
        for rank, switch in enumerate(self.switches):
            colour = style.readable(style.component_text_colour(rank), back, 4.5)
            if not switch.isEnabled():
                colour = QColor(style.current().muted)
            switch.setStyleSheet(f"QCheckBox {{ color: {colour.name()}; font-weight: bold; }}")

    def _add(self) -> None:
        rank = len(self.switches)
        switch, value = QCheckBox(), QLabel()
        switch.setObjectName(f"part_{rank + 1}")
        switch.setAccessibleName(f"Leave c{rank + 1} in the ROI")
        switch.setToolTip(f"<qt>Untick to see the ROI without what c{rank + 1} brings to it</qt>")
        switch.toggled.connect(self._on_toggled)
        value.setObjectName(f"share_{rank + 1}")
        value.setAlignment(RIGHT)
        self.switches.append(switch)
        self.per_cents.append(value)
        self._grid.addWidget(switch, rank, 0)
        self._grid.addWidget(value, rank, 1)

    @pyqtSlot()
    def _on_toggled(self) -> None:
        self.switched.emit(self.off)


def per_cent(share: float) -> str:
    """Return a share as text; a share above 0 is not written as 0."""
    if math.isnan(share):
        return "–"
    return "< 0.1 %" if 0 < share < 0.05 else f"{share:.1f} %"
