"""JSON files that students and teachers hand on: read within limits, and refused in a sentence."""

import base64
import binascii
import json
import zlib
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.paths import check_path, data_error, os_errors_as_data_errors

MOST_BYTES = 256 * 1024
"""Of a file, and of what is packed in it: an exercise takes 1 to 3 kB."""

KINDS: dict[type, str] = {str: "text", bool: "true or false", list: "a list", dict: "an object", int: "a whole number"}


def read_object(path: Path) -> dict[str, Any]:
    """Read a file that holds one JSON object.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict

    Raises
    ------
    DataError
        (a ValueError) When it cannot be read, is too large, or is something else.
    """
    check_path(path)
    with os_errors_as_data_errors(path), open(path, "rb") as stream:
        body = stream.read(MOST_BYTES + 1)
    if len(body) > MOST_BYTES:
        raise data_error(path, f"it has more than {MOST_BYTES // 1024} kB, and is no such file.")
    try:
        return parsed(body)
    except DataError as error:
        raise data_error(path, str(error)) from error


def parsed(body: bytes) -> dict[str, Any]:
    """Return the JSON object that bytes hold.

    Parameters
    ----------
    body : bytes
        UTF-8, with or without a mark of its order.

    Returns
    -------
    dict

    Raises
    ------
    DataError
        (a ValueError) When they hold something else, numbers of thousands of digits or too deep a nesting.
    """
    try:
        found = json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant)
    except RecursionError as error:
        raise DataError("its JSON is nested too deeply.") from error
    except (ValueError, UnicodeDecodeError) as error:
        raise DataError("it is not JSON, or was cut off.") from error
    return dict(checked("the file", found, dict))


def packed(values: Mapping[str, Any]) -> str:
    """Return values as text that is not read by accident.

    Parameters
    ----------
    values : mapping

    Returns
    -------
    str
        Base64 of compressed JSON.
    """
    return base64.b64encode(zlib.compress(json.dumps(values).encode(), 9)).decode()


def unpacked(text: str) -> dict[str, Any]:
    """Return what `packed` wrote.

    Parameters
    ----------
    text : str

    Returns
    -------
    dict

    Raises
    ------
    DataError
        (a ValueError) When it is something else, or larger than `MOST_BYTES` when it is unpacked.
    """
    try:
        unpack = zlib.decompressobj()
        body = unpack.decompress(base64.b64decode(text.encode(), validate=True), MOST_BYTES)
    except (binascii.Error, zlib.error, ValueError) as error:
        raise DataError("what is packed in it is damaged.") from error
    if not unpack.eof:
        cut = "is larger than it can be" if len(body) >= MOST_BYTES else "is cut off"
        raise DataError(f"what is packed in it {cut}.")
    return parsed(body)


def checked(what: str, value: Any, kind: type, most: int = 0) -> Any:
    """Return a value of a kind.

    Parameters
    ----------
    what : str
        As a sentence begins.
    value : object
    kind : type
        float takes whole numbers too; bool is no number.
    most : int, optional
        Greatest length, where there is a limit.

    Returns
    -------
    object
        Of that kind.

    Raises
    ------
    DataError
        (a ValueError) When it is of another, or longer.
    """
    fits = isinstance(value, int | float if kind is float else kind)
    if not fits or (isinstance(value, bool) and kind is not bool):
        raise DataError(f"{what} must be {KINDS.get(kind, 'a number')}, but {_short(value)} was found.")
    if most and len(value) > most:
        raise DataError(f"{what} is longer than {most:,}.")
    try:
        return float(value) if kind is float else value
    except OverflowError as error:
        raise DataError(f"{what} is too large a number.") from error


def check_keys(what: str, found: Mapping[str, Any], known: Collection[str], needed: Collection[str] = ()) -> None:
    """Refuse an object that has another key than those known, or lacks one that is needed.

    Parameters
    ----------
    what : str
        As a sentence begins.
    found : mapping
    known, needed : collection of str

    Raises
    ------
    DataError
        (a ValueError) It names the key.
    """
    if unknown := sorted(found.keys() - set(known)):
        raise DataError(f"{what} has an unknown key {_short(unknown[0])}; expected one of {', '.join(sorted(known))}.")
    if missing := sorted(set(needed) - found.keys()):
        raise DataError(f"{what} has no {missing[0]!r}.")


def _short(value: Any) -> str:
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    try:
        text = repr(value)
    except ValueError:  # a number of thousands of digits
        return "a number of very many digits"
    return text if len(text) <= 40 else f"{text[:37]}..."


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
