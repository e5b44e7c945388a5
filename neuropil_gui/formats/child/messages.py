"""What a reading child and its parent say to each other: JSON, with arrays as bytes behind it.

No pickle: a child that a crafted file has taken over could say anything, and what it says must stay data.
"""

import json
import math
import re
import struct
from collections.abc import Callable
from typing import IO, Any

import numpy as np

from neuropil_gui.formats.paths import MOST_BYTES

_BLOCK = 2**20
_LONGEST = 256 * 2**20
_HEAD = struct.Struct("<Q")
_KINDS = "fiubc"
_CODE = re.compile(r"[<>|=][fiubc][0-9]{1,2}")


class BrokenMessageError(Exception):
    """What arrived is no message, or the other side is gone."""


def send(stream: IO[bytes], kind: str, value: object = None, step: Callable[[float], object] | None = None) -> None:
    """Write a message.

    Parameters
    ----------
    stream : binary file
    kind : str
    value : object
        None, booleans, numbers, text, bytes, lists, tuples, dicts and arrays of numbers or of such objects.
    step : callable, optional
        Called with the part of the arrays that is written.
    """
    arrays: list[np.ndarray[Any, Any]] = []
    body = {"kind": kind, "value": _packed(value, arrays)}
    body["arrays"] = [[a.dtype.str, list(a.shape), _is_fortran(a)] for a in arrays]
    head = json.dumps(body).encode("ascii")
    stream.write(_HEAD.pack(len(head)) + head)
    total, done = sum(a.nbytes for a in arrays), 0
    for array in arrays:
        flat = np.ascontiguousarray(array.T if _is_fortran(array) else array).reshape(-1)
        view = flat.view(np.uint8).data if flat.size else memoryview(b"")
        for start in range(0, len(view), _BLOCK):
            stream.write(view[start : start + _BLOCK])
            done += min(_BLOCK, len(view) - start)
            if step is not None:
                step(done / total)
    stream.flush()


def receive(stream: IO[bytes], step: Callable[[], object] | None = None) -> tuple[str, Any]:
    """Read a message: its kind and value.

    Parameters
    ----------
    stream : binary file
    step : callable, optional
        Called as bytes arrive.

    Raises
    ------
    BrokenMessageError
        When it is cut short, or not what `send` writes.
    """
    (length,) = _HEAD.unpack(_exactly(stream, bytearray(_HEAD.size), step))
    if length > _LONGEST:
        raise BrokenMessageError(f"a message of {length} bytes")
    try:
        body = json.loads(bytes(_exactly(stream, bytearray(length), step)))
        arrays = []
        room = MOST_BYTES
        for code, shape, fortran in body["arrays"]:
            if not _CODE.fullmatch(str(code)) or not all(type(side) is int and side >= 0 for side in shape):
                raise BrokenMessageError("an impossible array")
            dtype = np.dtype(str(code))
            room -= math.prod(shape) * dtype.itemsize
            if room < 0:
                raise BrokenMessageError("more than can be held in memory")
            values = np.empty(math.prod(shape), dtype)
            _exactly(stream, values.view(np.uint8).data if values.size else bytearray(), step)
            arrays.append(values.reshape(shape, order="F" if fortran else "C"))
        return str(body["kind"]), _unpacked(body["value"], arrays)
    except (ValueError, TypeError, KeyError, IndexError, RecursionError, AttributeError) as error:
        raise BrokenMessageError("it is not what was expected") from error


def _exactly(
    stream: IO[bytes], into: "bytearray | memoryview[int]", step: Callable[[], object] | None
) -> "bytearray | memoryview[int]":
    view = memoryview(into)
    done = 0
    while done < len(view):
        part = stream.read(min(_BLOCK, len(view) - done))
        if not part:
            raise BrokenMessageError("it ended")
        view[done : done + len(part)] = part
        done += len(part)
        if step is not None:
            step()
    return into


def _is_fortran(array: "np.ndarray[Any, Any]") -> bool:
    return bool(array.flags.f_contiguous and not array.flags.c_contiguous)


def _packed(value: Any, arrays: list["np.ndarray[Any, Any]"]) -> Any:
    """Return `value` as JSON can hold it, its arrays taken out; what is not a plain value is a pair with its kind."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value.item() if isinstance(value, np.generic) else value
    if isinstance(value, (bytes, bytearray)):
        return {"b": bytes(value).decode("latin-1")}
    if isinstance(value, (list, tuple)):
        return {"t" if isinstance(value, tuple) else "l": [_packed(each, arrays) for each in value]}
    if isinstance(value, dict):
        return {"d": [[_packed(key, arrays), _packed(each, arrays)] for key, each in value.items()]}
    if isinstance(value, np.generic):
        return _packed(value.item(), arrays)
    if isinstance(value, np.ndarray) and value.dtype.kind == "O":
        return {"o": [_packed(each, arrays) for each in value.flat], "shape": list(value.shape)}
    if isinstance(value, np.ndarray) and value.dtype.kind in _KINDS:
        arrays.append(value)
        return {"a": len(arrays) - 1}
    raise TypeError(f"a {type(value).__name__} is no part of a message")


def _unpacked(value: Any, arrays: list["np.ndarray[Any, Any]"]) -> Any:
    if not isinstance(value, dict):
        return value
    if "b" in value:
        return value["b"].encode("latin-1")
    if "l" in value:
        return [_unpacked(each, arrays) for each in value["l"]]
    if "t" in value:
        return tuple(_unpacked(each, arrays) for each in value["t"])
    if "d" in value:
        return {_unpacked(key, arrays): _unpacked(each, arrays) for key, each in value["d"]}
    if "a" in value:
        return arrays[value["a"]]
    objects = np.empty(len(value["o"]), object)
    for index, each in enumerate(value["o"]):
        objects[index] = _unpacked(each, arrays)
    return objects.reshape(value["shape"])
