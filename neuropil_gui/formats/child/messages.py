"""Plain data over a connection between processes: JSON, with the bytes of arrays behind it.

Nothing is unpickled: a child that a crafted file has taken over could send anything, and what it sends must stay data.
"""

import json
import math
import re
from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from neuropil_gui.formats.paths import MOST_BYTES

_BLOCK = 2**20
_LONGEST = 256 * 2**20
_DTYPE = re.compile(r"[<>|=][fiubc][0-9]{1,2}")


class Connection(Protocol):
    """Part of `multiprocessing.connection.Connection` that is used."""

    def send_bytes(self, buf: Any, /) -> None:
        """Send bytes as one message."""

    def recv_bytes(self, maxlength: int | None = None) -> bytes:
        """Return the bytes of a message.

        Parameters
        ----------
        maxlength : int, optional
            Most bytes.

        Returns
        -------
        bytes

        Raises
        ------
        OSError
            When the message is longer than `maxlength`.
        EOFError
            When the other end is closed.
        """


class BrokenMessageError(Exception):
    """The received bytes are no message, or the other side is gone."""


def send(
    connection: Connection, kind: str, value: object = None, step: Callable[[float], object] | None = None
) -> None:
    """Send a message.

    Parameters
    ----------
    connection : Connection
    kind : str
    value : object
        None, booleans, numbers, text, bytes, lists, tuples, dicts and arrays of numbers or of such objects.
    step : callable, optional
        Takes the part of the arrays that is sent, from 0 to 1.

    Raises
    ------
    TypeError
        For other values.
    RecursionError
        For values that are nested too deeply.
    """
    arrays: list[np.ndarray[Any, Any]] = []
    body = {"kind": kind, "value": _encode(value, arrays)}
    body["arrays"] = [[each.dtype.str, list(each.shape), _is_fortran(each)] for each in arrays]
    connection.send_bytes(json.dumps(body).encode("ascii"))
    total, done = sum(each.nbytes for each in arrays), 0
    for array in arrays:
        flat = np.ascontiguousarray(array.T if _is_fortran(array) else array).reshape(-1)
        view = flat.view(np.uint8).data if flat.size else memoryview(b"")
        for start in range(0, len(view), _BLOCK):
            block = view[start : start + _BLOCK]
            connection.send_bytes(block)
            done += len(block)
            if step is not None:
                step(done / total)


def receive(connection: Connection, step: Callable[[], object] | None = None) -> tuple[str, Any]:
    """Receive a message.

    Parameters
    ----------
    connection : Connection
    step : callable, optional
        Called as bytes arrive.

    Returns
    -------
    kind : str
    value : object

    Raises
    ------
    BrokenMessageError
        When it is not what `send` sends, or the other side is gone.
    """
    try:
        body = json.loads(connection.recv_bytes(_LONGEST))
        arrays, room = [], MOST_BYTES
        for code, shape, fortran in body["arrays"]:
            if not _DTYPE.fullmatch(str(code)) or not all(type(side) is int and side >= 0 for side in shape):
                raise BrokenMessageError("an impossible array")
            dtype = np.dtype(str(code))
            room -= math.prod(shape) * dtype.itemsize
            if room < 0:
                raise BrokenMessageError("more than can be held in memory")
            values = np.empty(math.prod(shape), dtype)
            view = values.view(np.uint8).data if values.size else memoryview(bytearray())
            done = 0
            while done < len(view):
                block = connection.recv_bytes(_BLOCK)
                if not block:
                    raise BrokenMessageError("an array is cut short")
                view[done : done + len(block)] = block
                done += len(block)
                if step is not None:
                    step()
            arrays.append(values.reshape(shape, order="F" if fortran else "C"))
        return str(body["kind"]), _decode(body["value"], arrays)
    except (ValueError, TypeError, LookupError, RecursionError, AttributeError, EOFError, OSError) as error:
        raise BrokenMessageError("it is not what was expected") from error


def _is_fortran(array: np.ndarray[Any, Any]) -> bool:
    return bool(array.flags.f_contiguous and not array.flags.c_contiguous)


def _encode(value: Any, arrays: list[np.ndarray[Any, Any]]) -> Any:
    """Return `value` as JSON holds it, with its arrays in `arrays`; what JSON has not is a pair with its kind."""
    if isinstance(value, np.generic):
        return _encode(value.item(), arrays)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (bytes, bytearray)):
        arrays.append(np.frombuffer(value, np.uint8))
        return {"b": len(arrays) - 1}
    if isinstance(value, (list, tuple)):
        return {"t" if isinstance(value, tuple) else "l": [_encode(each, arrays) for each in value]}
    if isinstance(value, dict):
        return {"d": [[_encode(key, arrays), _encode(each, arrays)] for key, each in value.items()]}
    if isinstance(value, np.ndarray) and value.dtype.kind == "O":
        return {"o": [_encode(each, arrays) for each in value.flat], "shape": list(value.shape)}
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiubc":
        arrays.append(value)
        return {"a": len(arrays) - 1}
    raise TypeError(f"a {type(value).__name__} is no part of a message")


def _decode(value: Any, arrays: list[np.ndarray[Any, Any]]) -> Any:
    if not isinstance(value, dict):
        return value
    if "b" in value:
        return arrays[value["b"]].tobytes()
    if "l" in value:
        return [_decode(each, arrays) for each in value["l"]]
    if "t" in value:
        return tuple(_decode(each, arrays) for each in value["t"])
    if "d" in value:
        return {_decode(key, arrays): _decode(each, arrays) for key, each in value["d"]}
    if "a" in value:
        return arrays[value["a"]]
    objects = np.empty(len(value["o"]), object)
    for index, each in enumerate(value["o"]):
        objects[index] = _decode(each, arrays)
    return objects.reshape(value["shape"])
