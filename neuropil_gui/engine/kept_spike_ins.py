"""Spike-in tests of cells as plain facts for a project, and back."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
from neuropil_gui.core.analysis.recovery import Estimate
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.formats.project.packing import plain_fields

ESTIMATES = ("gain", "leak")


def spike_in_facts(found: CellSpikeIn) -> dict[str, Any]:
    """Return a test as JSON holds it; `spike_in_of` reads it."""
    return asdict(found)


def spike_in_of(facts: Mapping[str, Any] | None) -> CellSpikeIn | None:
    """Return the test that `spike_in_facts` was given; None where there was none.

    Raises ValueError, or what strange facts lead to, where it is none.
    """
    if facts is None:
        return None
    rate, asked = facts["frame_rate"], facts["test"]
    test = plain_fields(SpikeInTest, asked) | {name: asked[name] for name in ("shares", "other")}
    values: dict[str, Any] = plain_fields(CellSpikeIn, facts)
    for name in ESTIMATES:
        values[name] = Estimate(**{end: float(value) for end, value in facts[name].items()})
    return CellSpikeIn(
        test=SpikeInTest(**test),
        frame_rate=None if rate is None else float(rate),
        remarks=tuple(str(each) for each in facts["remarks"]),
        **values,
    )
