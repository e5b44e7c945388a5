"""Fields added to results where there are any: dF/F, and spike-in tests."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn, spike_in_table
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.baseline import DIVISORS, BaselineSettings
from neuropil_gui.core.cell_delta_f import cell_delta_f
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.result import Separation

NAMES = ("deltaf_raw", "deltaf_matched", "deltaf_subtraction")


class AddedFields:
    """Computes dF/F of cells as they are written, and collects its warnings; a cell without it is written all the same.

    Parameters
    ----------
    recording : Recording
    settings : BaselineSettings or None
        None where no dF/F is wanted.
    tests : mapping of int to CellSpikeIn
        What came back of transients that were added, by the index of the cell.
    """

    def __init__(
        self,
        recording: Recording,
        settings: BaselineSettings | None,
        tests: Mapping[int, CellSpikeIn] = MappingProxyType({}),
    ) -> None:
        self._frame_rate, self._settings, self._tests = recording.frame_rate, settings, tests
        self._warnings: dict[str, list[str]] = {}
        self._missing: dict[str, str] = {}
        self._written: set[int] = set()

    def fields(self, number: int, cell: Cell, separation: Separation) -> dict[str, FloatArray]:
        """Return the dF/F of a cell by the names of `NAMES`.

        Parameters
        ----------
        number : int
            Of the cell, from 1.
        cell : Cell
        separation : Separation

        Returns
        -------
        dict of str to ndarray, shape (frames,)
            Empty where dF/F is not wanted, or there is none.
        """
        self._written.add(number - 1)
        if self._settings is None:
            return {}
        try:
            made = cell_delta_f(cell, separation, self._settings, self._frame_rate)
        except DataError as error:
            self._missing[str(number)] = str(error)
            return {}
        if made.warnings:
            self._warnings[str(number)] = list(made.warnings)
        parts = zip(NAMES, (made.raw, made.matched, made.subtraction), strict=True)
        return {name: part.values for name, part in parts if part is not None}

    def numbers(self, index: int) -> dict[str, np.float64]:
        """Return gain and leak of a cell by the names of their keys.

        Parameters
        ----------
        index : int
            Of the cell, from 0.

        Returns
        -------
        dict of str to float64
            Empty where it was not tested.
        """
        found = self._tests.get(index)
        return {} if found is None else {name: np.float64(value) for name, value in found.numbers.items()}

    def facts(self) -> dict[str, Any]:
        """Return the entries of the provenance: on dF/F, and the row of each cell that was tested and is written."""
        rows = spike_in_table({index: self._tests[index] for index in self._written & self._tests.keys()})
        # JSON has no NaN: what is not known is null.
        plain = [{key: None if value != value else value for key, value in row.items()} for row in rows]
        return ({"spike_in": plain} if plain else {}) | self._delta_f_facts()

    def _delta_f_facts(self) -> dict[str, Any]:
        if self._settings is None:
            return {}
        facts = {
            "settings": self._settings.to_dict(),
            "frame_rate": self._frame_rate,
            "divisor": DIVISORS[self._settings.divisor],
            "warnings": self._warnings,
            "missing": self._missing,
        }
        return {"deltaf": facts}

    def refusals(self) -> list[str]:
        """Return a sentence for each reason why cells have none."""
        cells: dict[str, list[str]] = {}
        for number, sentence in self._missing.items():
            cells.setdefault(sentence, []).append(number)
        return [f"dF/F of {_named(numbers)}: {sentence}" for sentence, numbers in cells.items()]


def _named(numbers: Sequence[str]) -> str:
    if len(numbers) > 5:
        return f"{len(numbers):,} cells"
    return f"cell{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}"
