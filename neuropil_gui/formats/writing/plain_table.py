"""Writer of tables of plain values: text for the clipboard, and ``.csv`` files."""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from neuropil_gui.core.values import Value
from neuropil_gui.formats.writing.atomic import replacing


def table_text(columns: Sequence[str], rows: Iterable[Mapping[str, Value]], delimiter: str = ",") -> str:
    """Write a table whose first line is `columns`.

    Parameters
    ----------
    columns : sequence of str
        The keys to write, in this order.
    rows : iterable of mapping
        Numbers are written such that they are read back as the same; a flag is yes or no; what is None, NaN or missing
        is left empty. Text that holds the delimiter, a quotation mark or a line break is quoted.
    delimiter : str
        A comma, or a tab for a spreadsheet's clipboard.

    Returns
    -------
    str
        With a line feed after each line.
    """
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_written(row.get(column)) for column in columns] for row in rows)
    return stream.getvalue()


def write_table(path: str | Path, columns: Sequence[str], rows: Iterable[Mapping[str, Value]]) -> None:
    """Write `table_text` to `path` in UTF-8; what was there before stays until all of it is written.

    Parameters
    ----------
    path : path
        The file.
    columns : Sequence[str]
        Titles.
    rows : iterable of Mapping[str, Value]
        A value for each column.

    Raises
    ------
    DataError
        When the file cannot be written.
    """
    with replacing(path) as stream:
        stream.write(table_text(columns, rows).encode())


def without_formula(text: str) -> str:
    """Return text that somebody else wrote such that no spreadsheet takes it for a formula.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        With an apostrophe before a sign that begins a formula.
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _written(value: Value) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else repr(value).removesuffix(".0")
