"""Scales of sliders: from the place of a handle to a number and back."""

import math
from dataclasses import dataclass

STEPS = 200
"""Places of a handle, but for whole numbers."""


@dataclass(frozen=True)
class Scale:
    """A range of numbers along a slider, linear or logarithmic.

    Attributes
    ----------
    low, high : float
        Ends that are worth showing; beyond them the handle stays at the end.
    log : bool
    zero : bool
        Whether the first place is 0, below a logarithmic range.
    whole : bool
        Whether numbers are whole.
    """

    low: float
    high: float
    log: bool = False
    zero: bool = False
    whole: bool = False

    @property
    def last(self) -> int:
        """The last place; the first is 0."""
        return int(self.high - self.low) if self.whole and not self.log else STEPS

    def number(self, place: int) -> float | int:
        """Return the number at a place, of three digits on a logarithmic scale."""
        if self.zero and place == 0:
            return 0.0
        part = (place - self.zero) / (self.last - self.zero)
        if self.log:
            value = float(f"{self.low * (self.high / self.low) ** part:.2e}")
        else:
            value = round(self.low + part * (self.high - self.low), 4)
        return round(value) if self.whole else value

    def place(self, number: float) -> int:
        """Return the place nearest to a number."""
        if self.zero and number < self.low:
            return 0
        number = min(max(number, self.low), self.high)
        part = (
            math.log(number / self.low) / math.log(self.high / self.low)
            if self.log
            else (number - self.low) / (self.high - self.low)
        )
        return self.zero + round(part * (self.last - self.zero))


SHOWN = {
    "contamination": Scale(0, 2),
    "fluctuation": Scale(0, 80),
    "neighbours": Scale(0, 8, whole=True),
    "neighbour_amplitude": Scale(10, 400, log=True),
    "shared_drive": Scale(0, 0.9),
    "noise": Scale(0.5, 40, log=True),
    "pedestal": Scale(10, 2000, log=True, zero=True),
    "frames": Scale(200, 20_000, log=True, whole=True),
}
"""Scales of the sliders that are always in view, in their order; the seed is below them."""

MORE = {
    "regions": Scale(1, 8, whole=True),
    "leak": Scale(0, 0.5),
    "neighbour_leak": Scale(0, 1),
    "amplitude": Scale(10, 200, log=True),
    "spike_rate": Scale(0.05, 2, log=True),
    "decay": Scale(0.1, 3, log=True),
    "rise": Scale(0.02, 0.5, log=True),
    "neuropil": Scale(0, 400),
    "bleaching": Scale(0, 0.8),
    "photon_noise": Scale(0, 5),
}
"""Scales of the sliders that are folded."""
