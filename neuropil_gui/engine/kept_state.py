"""State of a session as plain facts for a project, and back."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from neuropil_gui.core.analysis.population import PopulationSweep
from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.marks import VERDICTS, Mark
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.spike_times import SpikeTimes
from neuropil_gui.drawing.thumbnail import thumbnail
from neuropil_gui.engine.kept_spike_ins import spike_in_facts, spike_in_of
from neuropil_gui.engine.kept_spikes import KIND as SPIKES
from neuropil_gui.engine.kept_spikes import unpack_spikes
from neuropil_gui.engine.kept_sweeps import Identity, unpack_sweep
from neuropil_gui.formats.paths import MOST_CELLS, data_error
from neuropil_gui.formats.project.database import Database
from neuropil_gui.formats.project.packing import numbers_of, pack, plain_fields, remarks_of, settings_of, unpack
from neuropil_gui.formats.project.recording import frame_rate_of, strange_as_data_error
from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.state.pins import SLOTS, Pinned
from neuropil_gui.state.results import Outcome
from neuropil_gui.state.runs import Run
from neuropil_gui.state.session import Session


@dataclass(frozen=True, eq=False)
class PinFacts:
    """A pin, without its result; its settings are such as make that again."""

    index: int
    cell: str
    settings: SeparationSettings


@dataclass(frozen=True, eq=False)
class Kept:
    """What a project holds of a session, beside results.

    Attributes
    ----------
    at : float
        When it was saved, in seconds since 1970.
    origin : mapping
        What `origin_facts` returned of the recording.
    frame_rate : float or None
    settings : CellSettings
    baseline : BaselineSettings or None
        Of dF/F; None where that was not shown.
    index : int
        The selected cell's.
    marks : mapping of int to Mark
    pins : tuple of PinFacts or None
        One for each slot.
    runs : tuple of Run
    outcomes : mapping of int to Outcome
    sweeps : tuple of (PopulationSweep, list)
        Of all cells, with the identity of the recording that each is of.
    view : mapping
        What was in view, as whoever shows it has it.
    spikes : mapping of int to SpikeTimes
        By the index of their cell.
    """

    at: float
    origin: Mapping[str, Any]
    frame_rate: float | None
    settings: CellSettings
    baseline: BaselineSettings | None
    index: int
    marks: Mapping[int, Mark]
    pins: tuple[PinFacts | None, ...]
    runs: tuple[Run, ...]
    outcomes: Mapping[int, Outcome]
    sweeps: tuple[tuple[PopulationSweep, Identity], ...]
    view: Mapping[str, Any]
    spikes: Mapping[int, SpikeTimes]

    @classmethod
    def of(cls, database: Database, cells: int) -> "Kept | None":
        """Read the project of a recording of so many cells; None where nothing was saved in it yet.

        Raises DataError where it is damaged, or holds something else than expected.
        """
        body = database.get("state", "now")
        if body is None:
            if any(database.keys(kind) for kind in ("recording", "outcome", "run")):
                raise data_error(database.path, "the project is damaged: its state is missing.")
            return None
        with strange_as_data_error(database.path):
            state, _ = unpack(body)
            pins = [_pin_of(facts) for facts in state["pins"]]
            if len(pins) != len(SLOTS):
                raise ValueError(f"{len(pins)} pins")
            outcomes = {_place(key): _outcome_of(facts) for key, facts in _facts(database, "outcome")}
            sweeps = [unpack_sweep(body) for _, body in database.items("sweep")]
            spikes = {_place(key): unpack_spikes(body) for key, body in database.items(SPIKES)}
            own = {_place(key): settings_of(facts) for key, facts in state.get("own", {}).items()}
            return cls(
                at=_moment(state["at"]),
                origin={name: state[name] for name in ("source", "relative", "name", "identity", "answers")},
                frame_rate=frame_rate_of(state),
                settings=CellSettings(
                    settings_of(state["settings"]), {index: each for index, each in own.items() if index < cells}
                ),
                baseline=None if state["baseline"] is None else BaselineSettings(**state["baseline"]),
                index=_place(state["index"]),
                marks={_place(key): _mark_of(facts) for key, facts in state["marks"].items()},
                pins=tuple(pin if pin is not None and pin.index < cells else None for pin in pins),
                runs=tuple(_run_of(facts) for _, facts in _facts(database, "run")),
                outcomes={index: outcome for index, outcome in outcomes.items() if index < cells},
                sweeps=tuple(each for each in sweeps if each[0].cells == cells),
                view=dict(state["view"]),
                spikes={index: train for index, train in spikes.items() if index < cells},
            )

    def digests(self, database: Database) -> dict[int, str]:
        """Return the fingerprints of the cells that were separated; empty where one is not known."""
        with strange_as_data_error(database.path):
            found = {_place(key): str(facts["traces"]) for key, facts in _facts(database, "cell")}
        return {index: found.get(index, "") for index in self.outcomes}

    def restore(self, session: Session, frame_rate: float | None) -> None:
        """Set in a session what does not depend on the signals, at this frame rate."""
        session.set_frame_rate(frame_rate)
        session.own.restore(self.settings)
        session.set_baseline(self.baseline)
        session.marks.restore(self.marks)
        session.spikes.restore(self.spikes)
        session.runs.restore(self.runs)

    def words(self) -> str:
        """Return in a few words what there is."""
        return summary(len(self.outcomes), len(self.marks), sum(1 for pin in self.pins if pin), len(self.runs))

    @property
    def when(self) -> str:
        """When it was saved, to the minute."""
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(self.at))


def summary(results: int, marks: int, pins: int = 0, runs: int = 0) -> str:
    """Return how many there are of each, in words."""
    counts = ((results, "result"), (marks, "mark"), (pins, "pin"), (runs, "run"))
    return ", ".join(f"{number} {word}{'' if number == 1 else 's'}" for number, word in counts if number)


def pack_picture(cell: Cell) -> bytes:
    """Return the miniature of a cell as a project keeps it."""
    return pack({}, {"line": thumbnail(cell.traces[0])})


def session_facts(session: Session) -> dict[str, Any]:
    """Return what is open, set, selected, marked and pinned; `Kept.of` reads it."""
    recording, baseline = session.recording, session.delta_f.baseline
    # Not those of an exercise on the recording, which end with it.
    known = session.teaching.outside or session.own.all
    return {
        "at": time.time(),
        "frame_rate": recording.frame_rate if recording is not None else None,
        "settings": known.common.to_dict(),
        "own": {str(index): settings.to_dict() for index, settings in known.own.items()},
        "baseline": None if baseline is None else baseline.to_dict(),
        "index": session.index,
        "marks": {str(index): asdict(mark) for index, mark in session.marks.all.items()},
        "pins": [_pin_facts(pin) for pin in session.pins.all],
    }


def record_facts(record: Outcome | Run) -> dict[str, Any]:
    """Return the fields of a record as JSON holds them."""
    facts = {each.name: getattr(record, each.name) for each in fields(record)}
    if isinstance(record, Outcome):
        facts["warnings"] = [asdict(each) for each in record.warnings]
        facts["spike_in"] = None if record.spike_in is None else spike_in_facts(record.spike_in)
    return facts | {"settings": record.settings.to_dict(), "numbers": dict(record.numbers)}


def _facts(database: Database, kind: str) -> list[tuple[str, dict[str, Any]]]:
    return [(key, unpack(body)[0]) for key, body in database.items(kind)]


def _place(index: Any) -> int:
    place = int(index)
    if not 0 <= place < MOST_CELLS:
        raise ValueError(f"a cell at {place}")
    return place


def _pin_of(facts: Mapping[str, Any] | None) -> PinFacts | None:
    return PinFacts(_place(facts["index"]), str(facts["cell"]), settings_of(facts["settings"])) if facts else None


def _moment(at: Any) -> float:
    time.localtime(at)  # raises where there is no such day
    return float(at)


def _outcome_of(facts: Mapping[str, Any]) -> Outcome:
    values = plain_fields(Outcome, facts) | {
        "warnings": remarks_of(facts),
        "spike_in": spike_in_of(facts.get("spike_in")),
    }
    return Outcome(settings=settings_of(facts["settings"]), numbers=numbers_of(facts), **values)


def _run_of(facts: Mapping[str, Any]) -> Run:
    _moment(facts["at"])
    _place(facts["index"])
    return Run(settings=settings_of(facts["settings"]), numbers=numbers_of(facts), **plain_fields(Run, facts))


def _mark_of(facts: Mapping[str, Any]) -> Mark:
    if facts["verdict"] not in ("", *VERDICTS):
        raise ValueError(f"{facts['verdict']} is no verdict")
    return Mark(facts["verdict"], str(facts["note"]))


def _pin_facts(pin: Pinned | None) -> dict[str, Any] | None:
    if pin is None:
        return None
    return {"index": pin.index, "cell": pin.cell, "settings": pin.separation.repeatable().to_dict()}
