"""Table of text: its lines, how they are cut into cells, and what is known of its columns."""

import csv
import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.formats.paths import Identity

EMPTY = {"", "na", "n/a", "nan", "null", "none", "#n/a", "#nan"}
#: Numbers with a sign between thousands: where the decimal sign is a comma, and where it is a point.
_THOUSANDS_POINT = re.compile(r"[+-]?\d{1,3}(\.\d{3})+(,\d*)?")
_THOUSANDS_COMMA = re.compile(r"[+-]?\d{1,3}(,\d{3})+\.\d*")


@dataclass
class TextTable:
    """Lines of a file, with their numbers, delimiter and decimal sign.

    Attributes
    ----------
    path : Path
    lines : list of str
        Those with data.
    numbers : list of int
        Of these lines in the file, from 1.
    delimiter : str or None
        None for white space.
    comma : bool
        Whether the decimal sign is a comma.
    whole : float
        How many times as long as what was read the file is, for a first look; else 1.
    header : list of str or None
        The titles of the columns.
    labels : list of str
        The names that the first column holds; empty where it holds numbers.
    corner : str
        The title above the labels or stamps.
    stamps : ndarray or None
        Seconds since the first row, where the first column holds dates or times of day.
    marks : list of str or None
        What a row below the titles says of each column, e.g. that a cell is accepted.
    notes : list of str
        Sentences on what was left out.
    identity : Identity or None
        Of the file, to notice a change while it is read.
    """

    path: Path
    lines: list[str]
    numbers: list[int]
    delimiter: str | None = ","
    comma: bool = False
    whole: float = 1.0
    header: list[str] | None = None
    labels: list[str] = field(default_factory=list)
    corner: str = ""
    stamps: NDArray[np.float64] | None = None
    marks: list[str] | None = None
    notes: list[str] = field(default_factory=list)
    identity: Identity | None = None

    def cut(self, line: str) -> list[str]:
        """Return the cells of a line."""
        if self.delimiter is None and '"' not in line:
            return line.split()
        if '"' in line:
            sign = self.delimiter or " "
            parts = next(csv.reader([line.strip() if sign == " " else line], delimiter=sign, skipinitialspace=True))
        else:
            parts = line.split(self.delimiter)
        return [part.strip() for part in parts]

    def number(self, cell: str) -> float | None:
        """Return the number in a cell, NaN where it is empty, None where it is something else."""
        if cell.lower() in EMPTY:
            return np.nan
        try:
            return float(self.plain(cell))
        except ValueError:
            return None

    def plain(self, cell: str) -> str:
        """Return a cell with a decimal point, and without signs between thousands."""
        if self.comma:
            if "." in cell:
                cell = cell.replace(".", "") if _THOUSANDS_POINT.fullmatch(cell) else "."
            return cell.replace(",", ".")
        return cell.replace(",", "") if "," in cell and _THOUSANDS_COMMA.fullmatch(cell) else cell

    def is_data(self, row: list[str]) -> bool:
        """Return whether a row holds numbers, but for a label in front."""
        named = len(row) > 1 and self.number(row[0]) is None
        numbers = [self.number(cell) for cell in (row[1:] if named else row)]
        return None not in numbers and any(map(bool, row[named:]))
