"""Packing of results and plain facts into the bytes of a project's items, without pickle."""

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, fields
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.remarks import Remark
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings import SeparationSettings

DTYPES = ("<f8", "<i8")
MOST_COUNTED = 2**53
"""Greatest whole number of a fact: any of a result is far below."""

ARRAYS = ("separated", "matched", "mixing", "order", "scores")


def pack(facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]] | None = None) -> bytes:
    """Return facts and arrays as bytes: the length of a JSON text, the text, and the arrays' values.

    Parameters
    ----------
    facts : mapping
        What JSON holds.
    arrays : mapping of str to ndarray, optional
        Of floats or integers; kept with 8 bytes a value.

    Returns
    -------
    bytes
    """
    plain = {
        name: np.ascontiguousarray(array, "<i8" if array.dtype.kind in "iu" else "<f8")
        for name, array in (arrays or {}).items()
    }
    shapes = {name: [array.dtype.str, list(array.shape)] for name, array in plain.items()}
    text = json.dumps({"facts": dict(facts), "arrays": shapes}).encode()
    return b"".join([len(text).to_bytes(8, "little"), text, *(array.tobytes() for array in plain.values())])


def unpack(body: bytes) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Return the facts and the arrays of `pack`.

    Parameters
    ----------
    body : bytes

    Returns
    -------
    facts : dict
    arrays : dict of str to ndarray
        Read-only.

    Raises
    ------
    DataError
        When the bytes are not of that form.
    """
    try:
        start = 8 + int.from_bytes(body[:8], "little")
        if len(body) < start:
            raise ValueError("its text is cut off")
        head = json.loads(body[8:start])
        arrays = {}
        for name, (dtype, shape) in head["arrays"].items():
            if dtype not in DTYPES or not all(type(side) is int and side >= 0 for side in shape):
                raise ValueError(f"{name} is of type {dtype}, shape {shape}")
            count = math.prod(shape)
            if start + 8 * count > len(body):
                raise ValueError(f"{name} is cut off")
            arrays[name] = np.frombuffer(body, dtype, count, start).reshape(shape)
            start += 8 * count
        if start != len(body):
            raise ValueError(f"{len(body) - start} bytes are left over")
        return dict(head["facts"]), arrays
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise DataError(f"An item of the project cannot be read: {error}.") from error


def plain_fields(kind: type, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a dataclass that are numbers, flags and texts, as far as there are any.

    Parameters
    ----------
    kind : type
        The dataclass.
    facts : mapping
        May hold more, which is left out.

    Returns
    -------
    dict

    Raises
    ------
    ValueError
        When a value is of another type than the field.
    """
    found = {}
    for each in fields(kind):
        if each.type in (bool, int, float, str) and each.name in facts:
            value = facts[each.name]
            value = float(value) if each.type is float and type(value) is int else value
            if type(value) is not each.type or (isinstance(value, int) and abs(value) > MOST_COUNTED):
                raise ValueError(f"{each.name} is {str(value)[:40]}")
            found[each.name] = value
    return found


def numbers_of(facts: Mapping[str, Any]) -> dict[str, float]:
    """Return the numbers of a result.

    Parameters
    ----------
    facts : mapping
        With ``numbers``.

    Returns
    -------
    dict of str to float
    """
    return {str(name): float(value) for name, value in facts["numbers"].items()}


def fingerprint(cell: Cell) -> str:
    """Return the SHA-256 of a cell's traces, by which a changed recording is noticed.

    Parameters
    ----------
    cell : Cell

    Returns
    -------
    str
        As in the provenance of written results.
    """
    return hashlib.sha256(np.ascontiguousarray(cell.traces, "<f8").data).hexdigest()


@lru_cache(maxsize=1000)
def settings_key(settings: SeparationSettings) -> str:
    """Return a short name of settings, different for different ones.

    Parameters
    ----------
    settings : SeparationSettings

    Returns
    -------
    str
    """
    text = json.dumps(settings.to_dict(), sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def settings_of(facts: Mapping[str, Any]) -> SeparationSettings:
    """Return the settings that `SeparationSettings.to_dict` gave; names that are not known are left out.

    Parameters
    ----------
    facts : mapping

    Returns
    -------
    SeparationSettings

    Raises
    ------
    DataError
        When a value is out of its limits.
    """
    known = {each.name for each in fields(SeparationSettings)}
    try:
        return _settings_of_text(json.dumps({name: value for name, value in facts.items() if name in known}))
    except (TypeError, AttributeError, ValueError) as error:
        raise DataError(f"The settings of a result in the project cannot be read: {error}") from error


@lru_cache(maxsize=100)
def _settings_of_text(text: str) -> SeparationSettings:
    """Return settings; the results of many cells have the same."""
    return SeparationSettings(**json.loads(text))


def remarks_of(facts: Mapping[str, Any]) -> tuple[Remark, ...]:
    """Return the remarks on a result.

    Parameters
    ----------
    facts : mapping
        With ``warnings``.

    Returns
    -------
    tuple of Remark
    """
    return tuple(Remark(**each) for each in facts["warnings"])


def pack_separation(separation: Separation, numbers: Mapping[str, float], digest: str) -> bytes:
    """Return a result as bytes.

    Parameters
    ----------
    separation : Separation
    numbers : mapping of str to float
    digest : str
        `fingerprint` of the cell that was separated.

    Returns
    -------
    bytes
    """
    facts = {
        each.name: getattr(separation, each.name)
        for each in fields(Separation)
        if each.name not in (*ARRAYS, "settings")
    }
    facts |= {"settings": separation.settings.to_dict(), "numbers": dict(numbers), "traces": digest}
    facts["warnings"] = [asdict(each) for each in separation.warnings]
    return pack(facts, {name: getattr(separation, name) for name in ARRAYS})


def unpack_separation(body: bytes) -> tuple[Separation, dict[str, float], str]:
    """Return the result, the numbers and the fingerprint that `pack_separation` was given.

    Parameters
    ----------
    body : bytes

    Raises
    ------
    DataError
        When they are not such, or do not fit each other.
    """
    facts, arrays = unpack(body)
    try:
        numbers, digest = numbers_of(facts), str(facts["traces"])
        values = plain_fields(Separation, facts)
        values |= {"settings": settings_of(facts["settings"]), "warnings": remarks_of(facts)}
        n, frames = arrays["separated"].shape
        signals = arrays["mixing"].shape[0]
        expected = {
            "separated": (n, frames), "matched": (n, frames), "mixing": (signals, n), "order": (n,), "scores": (n,),
        }  # fmt: skip
        if {name: array.shape for name, array in arrays.items()} != expected or n != values["n"]:
            raise ValueError("its arrays do not fit each other")
        if sorted(arrays["order"].tolist()) != list(range(n)):
            raise ValueError("its order is none")
        arrays["order"] = arrays["order"].astype(np.intp)
        return Separation(**(values | arrays)), numbers, digest
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise DataError(f"A result in the project cannot be read: {error}.") from error
