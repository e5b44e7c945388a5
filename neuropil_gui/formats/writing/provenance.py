"""Provenance of written results, and the fields of a cell by the names of their keys."""

import datetime
import hashlib
import json
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import numpy as np

from neuropil_gui._version import __version__
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.methods import FISSA
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.result import Separation
from neuropil_gui.formats.writing.added_fields import AddedFields


class Provenance:
    """Source, settings and versions of a result, gathered while its cells are written.

    Parameters
    ----------
    recording : Recording
    added : AddedFields
    """

    def __init__(self, recording: Recording, added: AddedFields) -> None:
        self._added = added
        self._facts: dict[str, Any] = {
            "program": "neuropil_gui",
            "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "versions": versions(),
            "source": recording.source if recording.source is not None else recording.name,
            "format": recording.format,
            **({"files": list(recording.files)} if recording.files else {}),
            **({"origin": dict(recording.origin)} if recording.origin else {}),
            "settings": None,
            "settings_of_cells": {},
            "sha256": {},
            "warnings": {},
            "levels": {},
            "citation": FISSA,
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
        facts["sha256"][str(number)] = digest(cell.traces)
        if facts["settings"] is None:
            facts["settings"] = settings
        elif facts["settings"] != settings:
            facts["settings_of_cells"][str(number)] = settings
        if separation.warnings:
            facts["warnings"][str(number)] = [str(each) for each in separation.warnings]
            facts["levels"][str(number)] = [each.level for each in separation.warnings]

    def text(self) -> str:
        """Return all of it as one line of JSON in ASCII."""
        return json.dumps(self._facts | self._added.facts())


def versions() -> dict[str, str]:
    """Return the versions of this program, of the libraries that its numbers depend on, and of Python."""
    libraries = {name: _version(name) for name in ("numpy", "scipy", "scikit-learn")}
    return {"neuropil_gui": __version__, **libraries, "python": platform.python_version()}


def digest(values: FloatArray) -> str:
    """Return the SHA-256 of an array's values, as 8-byte floats.

    Parameters
    ----------
    values : ndarray
    """
    return hashlib.sha256(np.ascontiguousarray(values, "<f8").data).hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # e.g. in a frozen application
        return "unknown"


def clean(text: str) -> str:
    """Return text as Unicode allows it: names from odd file systems may hold lone surrogates.

    Parameters
    ----------
    text : str
    """
    return text.encode("utf-8", "replace").decode("utf-8")


def fields(index: int, cell: Cell, separation: Separation, marks: Mapping[int, Mark]) -> dict[str, Any]:
    """Return the fields of a cell with its result, by the names of the keys.

    Parameters
    ----------
    index : int
        The cell's place in the recording, from 0; it stands in for a source index that is not known.
    cell : Cell
    separation : Separation
    marks : mapping of int to Mark
        By the index of their cell.
    """
    mark = marks.get(index, Mark())
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
        "label": np.array(mark.verdict, np.str_),
        "note": np.array(mark.note, np.str_),
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
