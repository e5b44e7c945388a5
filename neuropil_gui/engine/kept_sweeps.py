"""Sweeps of all cells that a project keeps, each with the state of the recording that it is of."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from neuropil_gui.core.analysis.population import SETTINGS, PopulationSweep
from neuropil_gui.core.analysis.sweep_plans import Axis, SweepPlan
from neuropil_gui.formats.project.packing import pack, settings_key, settings_of, unpack
from neuropil_gui.formats.project.writer import Writer
from neuropil_gui.state.sweeps import POPULATIONS

Identity = list[list[Any]]
"""Identity of a recording, as `formats.project.recording.identity` returns it."""


class KeptSweeps:
    """Hands sweeps to the writer of a project, and deletes those that no longer have room."""

    def __init__(self) -> None:
        self._known: dict[str, Identity] = {}

    def note(self, plan: SweepPlan, identity: Identity) -> None:
        """Take what the project holds of a sweep."""
        self._known[sweep_key(plan)] = identity

    def drop(self, writer: Writer) -> None:
        """Delete all sweeps, because the cells are others now."""
        for key in self._known:
            writer.put("sweep", key, None)
        self._known.clear()

    def put(self, writer: Writer, sweeps: Iterable[PopulationSweep], identity: Identity) -> None:
        """Keep sweeps that are complete, of the recording in this state; of all that is kept the newest stay."""
        for found in sweeps:
            key = sweep_key(found.plan)
            if self._known.get(key) != identity:
                self._known.pop(key, None)
                self._known[key] = identity
                writer.put("sweep", key, partial(pack_sweep, found, identity))
        while len(self._known) > POPULATIONS:
            key = next(iter(self._known))
            del self._known[key]
            writer.put("sweep", key, None)


def sweep_key(plan: SweepPlan) -> str:
    """Return the key of a sweep in a project, another for each plan of `population_plan`."""
    return f"{plan.x.name}/{len(plan.x)}/{settings_key(plan.settings)}"


def pack_sweep(found: PopulationSweep, identity: Identity) -> bytes:
    """Return a complete sweep as bytes."""
    plan = found.plan
    facts = {"settings": plan.settings.to_dict(), "name": plan.x.name, "values": list(plan.x.values)}
    return pack(facts | {"error": found.first_error, "identity": identity}, found.arrays())


def unpack_sweep(body: bytes) -> tuple[PopulationSweep, Identity]:
    """Return what `pack_sweep` was given; raise DataError, or what strange facts lead to, where it is none."""
    facts, arrays = unpack(body)
    if facts["name"] not in SETTINGS:
        raise ValueError(f"a sweep of {facts['name']}")
    plan = SweepPlan(settings_of(facts["settings"]), Axis(facts["name"], tuple(facts["values"])))
    return PopulationSweep.of_arrays(plan, arrays, str(facts["error"])), facts["identity"]
