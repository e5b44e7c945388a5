"""Provenance of written results, and the fields of a cell by the names of their keys."""

import datetime
import hashlib
import json
import platform
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from neuropil_gui._version import __version__
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.result import Separation
from neuropil_gui.formats.writing.delta_f import DeltaFFields

CITATION = (
    "Keemink SW, Lowe SC, Pakan JMP, Dylda E, van Rossum MCW, Rochefort NL (2018). FISSA: A neuropil "
    "decontamination toolbox for calcium imaging signals. Scientific Reports 8:3493. "
    "doi:10.1038/s41598-018-21640-2"
)


class Provenance:
    """Source, settings and versions of a result, gathered while its cells are written.

    Parameters
    ----------
    recording : Recording
    delta_f : DeltaFFields
    """

    def __init__(self, recording: Recording, delta_f: DeltaFFields) -> None:
        self._delta_f = delta_f
        self._facts: dict[str, Any] = {
            "program": "neuropil_gui",
            "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "versions": {
                "neuropil_gui": __version__,
                **{name: _version(name) for name in ("numpy", "scipy", "scikit-learn")},
                "python": platform.python_version(),
            },
            "source": recording.source if recording.source is not None else recording.name,
            "format": recording.format,
            **({"origin": dict(recording.origin)} if recording.origin else {}),
            "settings": None,
            "settings_of_cells": {},
            "sha256": {},
            "warnings": {},
            "citation": CITATION,
            "doi": "10.1038/s41598-018-21640-2",
        }

    def add(self, number: int, cell: Cell, separation: Separation) -> None:
        """Add a cell: the SHA-256 of its input, and its settings where they differ from those of the first.

        Parameters
        ----------
        number : int
            Of the cell, from 1.
        cell : Cell
        separation : Separation
        """
        facts, settings = self._facts, separation.settings.to_dict()
        facts["sha256"][str(number)] = hashlib.sha256(np.ascontiguousarray(cell.traces, "<f8").data).hexdigest()
        if facts["settings"] is None:
            facts["settings"] = settings
        elif facts["settings"] != settings:
            facts["settings_of_cells"][str(number)] = settings
        if separation.warnings:
            facts["warnings"][str(number)] = [str(each) for each in separation.warnings]

    def text(self) -> str:
        """Return all of it as one line of JSON in ASCII."""
        return json.dumps(self._facts | self._delta_f.facts())


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # e.g. in a frozen application
        return "unknown"


def fields(index: int, cell: Cell, separation: Separation) -> dict[str, Any]:
    """Return the fields of a cell with its result, by the names of the keys.

    Parameters
    ----------
    index : int
        The cell's place in the recording, from 0; it stands in for a source index that is not known.
    cell : Cell
    separation : Separation
    """
    return {
        **inputs(index, cell),
        "matched": separation.matched,
        "separated": separation.separated,
        "mixing": separation.mixing,
        "scores": separation.scores,
        "order": np.asarray(separation.order, np.int64),
        "iterations": np.int64(separation.iterations),
        "converged": np.bool_(separation.converged),
        "seed": np.int64(separation.seed),
        "offset": np.float64(separation.offset),
    }


def inputs(index: int, cell: Cell) -> dict[str, Any]:
    """Return the fields of a cell without a result: its traces, and its truth where it is known.

    Parameters
    ----------
    index : int
        The cell's place in the recording, from 0.
    cell : Cell
    """
    row: dict[str, Any] = {
        "raw": cell.traces,
        "trial_starts": np.array(cell.trial_starts, np.int64),
        "signal_names": np.array(cell.signal_names, np.str_),
        "name": np.array(cell.name, np.str_),
        "source_index": np.int64(index if cell.source_index is None else cell.source_index),
    }
    if cell.truth is not None:
        row |= {"truth_sources": cell.truth.sources, "truth_mixing": cell.truth.mixing}
    return row
