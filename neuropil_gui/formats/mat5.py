"""MATLAB's version 5 files, read without trusting them.

``scipy.io.loadmat`` documents that it is not hardened, and a few flipped bytes do end the process
(segmentation fault within 4,000 altered files, three runs of three, SciPy 1.17). This reader takes
numbers, text, cells and structs, and passes over the rest. Layout: MATLAB's "MAT-File Format".
"""

import math
import struct
import zlib
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from neuropil_gui.formats.files import MOST, WHOLE, bad, said, told
from neuropil_gui.formats.watch import tick

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
_TEXT = {2: "latin-1", 1: "latin-1", 4: "utf-16", 16: "utf-8", 17: "utf-16", 18: "utf-32"}
_MATRIX, _COMPRESSED = 14, 15
_CELL, _STRUCT, _CHAR = 1, 2, 4
_COMPLEX, _LOGICAL = 0x0800, 0x0200
_DEEPEST = 32
_BOMB_RATIO = 200
_NAME_WITHIN = 1024  # bytes of a variable, its class and shape before the name
_BLOCK, _PIECE = 4 * 2**20, 2**18


class _Damaged(Exception):  # noqa: N818 -- never leaves this module
    """The bytes are not what the format says."""


class _Bytes:
    """Walks over the elements of a stretch of bytes."""

    def __init__(self, data: memoryview, order: str) -> None:
        self.data, self.order, self.at = data, order, 0

    def element(self) -> tuple[int, memoryview]:
        """Return type and bytes of the next element."""
        if self.at + 8 > len(self.data):
            raise _Damaged("an element is cut short")
        kind, size = struct.unpack_from(self.order + "II", self.data, self.at)
        if kind >> 16:  # up to four bytes are packed into the tag
            size, kind, start, end = kind >> 16, kind & 0xFFFF, self.at + 4, self.at + 8
            if size > 4:
                raise _Damaged("a small element is too large")
        else:
            start = self.at + 8
            end = start + size + (-size % 8 if kind != _COMPRESSED else 0)
        if start + size > len(self.data):
            raise _Damaged(f"an element of {size} bytes is cut short")
        self.at = min(end, len(self.data))
        return kind, self.data[start : start + size]

    def numbers(self) -> "NDArray[Any]":
        """Return the next element as numbers."""
        kind, data = self.element()
        if kind not in _NUMBERS:
            raise _Damaged(f"numbers were expected, but element type {kind} was found")
        dtype = np.dtype(self.order + _NUMBERS[kind])
        return np.frombuffer(data[: len(data) // dtype.itemsize * dtype.itemsize], dtype)


def read(path: Path, only: Collection[str] | None = None) -> dict[str, Any]:
    """Return the variables of a MATLAB file of version 5 (``-v6``, ``-v7``).

    Parameters
    ----------
    path : Path
    only : collection of str, optional
        The names of those that are wanted; the others are passed over. None takes all.

    Returns
    -------
    dict
        Numbers are arrays in MATLAB's shape; text is str; cells are arrays of object; a struct
        array is an array of object that holds a dict for each element. Sparse and other classes are left out.

    Raises
    ------
    DataError
        When it is damaged, cut short, of another version, or would unpack beyond all measure.
    """
    with told(path):
        size = path.stat().st_size
        if size > MOST:
            raise bad(path, f"its {size / 2**30:.0f} GiB are more than can be held in memory.")
        data = bytearray()
        with open(path, "rb") as stream:
            while block := stream.read(_BLOCK):
                data += block
                tick(len(data) / size / 4)
    mark = bytes(data[126:128])
    if mark not in (b"IM", b"MI"):
        raise bad(path, "this is not a MATLAB file of version 5 (saved with '-v7' or '-v6'), which was expected.")
    walk = _Bytes(memoryview(data)[128:], "<" if mark == b"IM" else ">")
    found: dict[str, Any] = {}
    room = [MOST if size > WHOLE // _BOMB_RATIO else WHOLE]
    try:
        with told(path):
            while walk.at < len(walk.data):
                tick(0.25 + 0.75 * walk.at / len(walk.data))
                kind, body = walk.element()
                if not kind and found:
                    raise _Damaged("there are zeros where a variable was expected")
                if not kind:  # step by step through a file of zeros would take minutes
                    break
                if only is not None and kind in (_MATRIX, _COMPRESSED) and _name(kind, body, walk.order) not in only:
                    continue
                if kind == _COMPRESSED:
                    kind, body = _Bytes(_unpack(body, walk.order, room), walk.order).element()
                if kind == _MATRIX and len(body):
                    name, value = _matrix(_Bytes(body, walk.order), 0)
                    if value is not None and name:
                        found[name] = value
    except (_Damaged, zlib.error, struct.error, ValueError) as error:
        if isinstance(error, ValueError) and type(error) is not ValueError:
            raise
        raise bad(path, f"the file is damaged or cut short ({said(error)}); a MATLAB v5 file was expected.") from error
    return found


def names(path: Path) -> list[str]:
    """Return the names of the variables, reading little more than those.

    Parameters
    ----------
    path : Path

    Returns
    -------
    list of str
        Up to the first that is damaged; empty for a file of another version.
    """
    found: list[str] = []
    with told(path), open(path, "rb") as stream:
        head = stream.read(128)
        if head[126:128] not in (b"IM", b"MI"):
            return []
        order, end = "<" if head[126:128] == b"IM" else ">", path.stat().st_size
        while len(tag := stream.read(8)) == 8:
            kind, size = struct.unpack(order + "II", tag)
            if kind not in (_MATRIX, _COMPRESSED):
                break
            after = stream.tell() + size
            body = stream.read(min(size, _NAME_WITHIN))
            try:
                found.append(_name(kind, memoryview(body), order))
            except (_Damaged, zlib.error):
                break
            if after > end:
                break
            stream.seek(after)
    return found


def _name(kind: int, body: memoryview, order: str) -> str:
    """Return the name of a variable, unpacking no more of it than that takes."""
    if not len(body):
        return ""
    if kind == _COMPRESSED:
        body = memoryview(zlib.decompressobj().decompress(body[:_NAME_WITHIN], _NAME_WITHIN)[8:])
    walk = _Bytes(body, order)
    walk.element(), walk.element()
    return bytes(walk.element()[1]).decode("latin-1")


def _unpack(packed: memoryview, order: str, room: list[int]) -> memoryview:
    """Decompress one variable, whose tag says how long it is."""
    tag = zlib.decompressobj().decompress(packed, 8)
    if len(tag) < 8:
        raise _Damaged("a packed variable is cut short")
    size = 8 + struct.unpack(order + "II", tag)[1]
    room[0] -= size
    if room[0] < 0 or (size > WHOLE and size > _BOMB_RATIO * max(len(packed), 1)):
        raise _Damaged(f"{len(packed)} bytes would unpack to {size}: that is no recording")
    # The end of the stream holds the checksum, so one more byte is asked for. In blocks, because one call for all
    # would be silent for seconds.
    unpacker = zlib.decompressobj()
    data = bytearray()
    for start in range(0, len(packed), _PIECE):
        piece = bytes(packed[start : start + _PIECE])
        while piece and len(data) <= size and not unpacker.eof:
            data += unpacker.decompress(piece, size + 1 - len(data))
            piece = unpacker.unconsumed_tail
        tick(0.25)
    if len(data) < size or not unpacker.eof:
        raise _Damaged("a packed variable is cut short")
    return memoryview(data)


def declared(path: Path) -> int:
    """Return how many bytes a file's variables say that they take, looking at the start of each only.

    A file that is damaged says what it says; `read` finds that out.
    """
    total = 0
    with told(path), open(path, "rb") as stream:
        head = stream.read(128)
        order = "<" if head[126:128] == b"IM" else ">"
        while len(tag := stream.read(8)) == 8 and any(tag):
            kind, size = struct.unpack(order + "II", tag)
            start = stream.tell()
            if kind == _COMPRESSED:
                with suppress(zlib.error):
                    inner = zlib.decompressobj().decompress(stream.read(min(size, 64)), 8)
                    total += struct.unpack(order + "II", inner)[1] if len(inner) == 8 else 0
            else:
                total += size
            stream.seek(start + size + (-size % 8 if kind != _COMPRESSED else 0))
    return min(total, MOST)


def _matrix(walk: _Bytes, depth: int) -> tuple[str, Any]:
    """Return name and value of a variable; the value is None for a class that is not read."""
    if depth > _DEEPEST:
        raise _Damaged("its values are nested too deeply")
    flags = walk.numbers()
    if not len(flags):
        raise _Damaged("a variable without a class")
    word = int(flags[0])
    kind = word & 0xFF
    shape = tuple(int(side) for side in walk.numbers()) if kind != 17 else ()
    if any(side < 0 for side in shape) or len(shape) > 32:
        raise _Damaged(f"a variable of shape {shape}")
    name = bytes(walk.element()[1]).decode("latin-1")
    count = math.prod(shape)
    if kind in _CLASSES:
        return name, _numeric(walk, word, shape, count)
    if kind == _CHAR:
        encoding, data = walk.element()
        codec = _TEXT.get(encoding, "latin-1")
        if codec in ("utf-16", "utf-32"):
            codec += "-le" if walk.order == "<" else "-be"
        return name, bytes(data).decode(codec, "replace")
    if kind == _CELL:
        return name, _objects(shape, [_inner(walk, depth) for _ in range(_there(walk, count))])
    if kind == _STRUCT:
        width = int(walk.numbers()[:1].sum())
        raw = bytes(walk.element()[1])
        if not 0 < width <= 64 and raw:
            raise _Damaged("a struct with impossible field names")
        names = [raw[k : k + width].split(b"\0")[0].decode("latin-1") for k in range(0, len(raw), width or 1)]
        _there(walk, count * max(len(names), 1))
        rows = [{field: _inner(walk, depth) for field in names} for _ in range(count)]
        return name, _objects(shape, rows)
    return name, None


def _there(walk: _Bytes, count: int) -> int:
    """Return `count` if that many elements can be left."""
    if count * 8 > len(walk.data) - walk.at:
        raise _Damaged(f"{count} values are announced, but are not there")
    return count


def _inner(walk: _Bytes, depth: int) -> Any:
    kind, body = walk.element()
    if kind != _MATRIX:
        raise _Damaged(f"a value was expected, but element type {kind} was found")
    return _matrix(_Bytes(body, walk.order), depth + 1)[1] if len(body) else np.zeros((0, 0))


def _objects(shape: tuple[int, ...], values: list[Any]) -> "NDArray[Any]":
    array = np.empty(len(values), object)
    for index, value in enumerate(values):
        array[index] = value
    return array.reshape(shape, order="F")


def _numeric(walk: _Bytes, word: int, shape: tuple[int, ...], count: int) -> "NDArray[Any]":
    stored = walk.numbers()
    if len(stored) != count:
        raise _Damaged(f"shape {shape} needs {count} numbers, but {len(stored)} are there")
    with np.errstate(invalid="ignore"):  # a crafted file may hold a NaN where the class says integers
        values = stored.astype(_CLASSES[word & 0xFF])  # stored as small as they fit
    if word & _COMPLEX:
        imaginary = walk.numbers()
        if len(imaginary) != count:
            raise _Damaged("the imaginary part is cut short")
        real, values = values, np.empty(count, complex)
        values.real, values.imag = real, imaginary  # 1j * inf would not be what was stored
    if word & _LOGICAL:
        values = values.astype(bool)
    return values.reshape(shape, order="F")
