"""The elements of MATLAB's version 5 files, of which no more is read or unpacked than is asked for.

A file is elements one behind the other: a type, a number of bytes, and these bytes. A variable is a matrix (type 14),
or one that is packed with zlib (type 15), and holds elements itself. Layout: MATLAB's "MAT-File Format".
"""

import struct
import zlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

import numpy as np

from neuropil_gui.formats.paths import MOST_BYTES, WHOLE_BYTES, data_error, error_text, os_errors_as_data_errors
from neuropil_gui.formats.progress import tick

if TYPE_CHECKING:
    from numpy.typing import NDArray

NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4", 14: "i8", 15: "u8"}
MATRIX, COMPRESSED = 14, 15
CELL, STRUCT, CHAR, OPAQUE = 1, 2, 4, 17
COMPLEX, LOGICAL = 0x0800, 0x0200
#: The bytes before the first element.
HEAD = 128
_BOMB_RATIO = 200
#: Variables of a file.
_MOST = 20_000
#: Axes of an array; bytes of a name, a shape, or the names of all fields.
_AXES, _SHORT = 32, 2**20
_BLOCK, _PIECE, _LITTLE = 4 * 2**20, 2**18, 2**12


class Damaged(Exception):  # noqa: N818 -- never leaves the readers of this format
    """The bytes are not what the format says."""


class Source(Protocol):
    """Bytes of which some are read."""

    def read(self, at: int, count: int) -> bytes:
        """Return `count` bytes from `at`, or raise `Damaged`."""


class Stretch:
    """A part of a source, whose bytes are read when they are asked for."""

    def __init__(self, source: Source, start: int, stop: int) -> None:
        self.source, self.start, self.stop = source, start, stop

    def __len__(self) -> int:
        return self.stop - self.start

    def __getitem__(self, which: slice) -> "Stretch":
        start, stop, _ = which.indices(len(self))
        return Stretch(self.source, self.start + start, self.start + max(start, stop))

    def tobytes(self) -> bytes:
        """Read it."""
        return self.source.read(self.start, len(self))


class Plain:
    """The bytes of an open file."""

    def __init__(self, stream: IO[bytes], size: int) -> None:
        self.stream, self.size = stream, size

    def read(self, at: int, count: int) -> bytes:
        """Return bytes of the file, in blocks: one call for all would be silent for seconds."""
        if at + count > self.size:
            raise Damaged("it ends too early")
        self.stream.seek(at)
        blocks = []
        left = count
        while left and (block := self.stream.read(min(left, _BLOCK))):
            blocks.append(block)
            left -= len(block)
            if count > _BLOCK:
                tick((at + count - left) / self.size)
        if left:
            raise Damaged("it ends too early")
        return blocks[0] if len(blocks) == 1 else b"".join(blocks)


class Packed:
    """A variable that is unpacked from its start, as far as it is read; up to `WHOLE` bytes of it are kept.

    Parameters
    ----------
    packed : Stretch
    order : str
        ``<`` or ``>``, as `struct` has it.
    """

    def __init__(self, packed: Stretch, order: str) -> None:
        self.packed = packed
        self._restart()
        tag = self._filled(0, 8)
        #: Of the variable with its tag, as that says.
        self.size = 8 + int(struct.unpack(order + "II", tag)[1])

    @property
    def held(self) -> int:
        """The bytes that are kept of it."""
        return self._stop - self._starts[0] if self._starts else 0

    def check(self, room: list[int]) -> None:
        """Refuse what no recording would unpack to; takes its size from the `room` that is left for all."""
        room[0] -= self.size
        if room[0] < 0 or (self.size > WHOLE_BYTES and self.size > _BOMB_RATIO * max(len(self.packed), 1)):
            raise Damaged(f"{len(self.packed)} bytes would unpack to {self.size}: that is no recording")

    def read(self, at: int, count: int) -> bytes:
        """Return bytes of the variable; those behind what was read last are reached without a new start."""
        if at + count > self.size:
            raise Damaged("a packed variable is cut short")
        if self._starts and at < self._starts[0]:
            self._restart()
        data = self._filled(at, count)
        if at + count == self.size:
            self._end()
        return data

    def _restart(self) -> None:
        self._unpacker = zlib.decompressobj()
        self._next, self._left = 0, b""
        # A list, because one growing array costs as much as the unpacking.
        self._blocks: list[bytes] = []
        self._starts: list[int] = []
        self._stop = 0

    def _filled(self, at: int, count: int) -> bytes:
        end = at + count
        while self._stop < end:
            self._more(max(min(end - self._stop, _BLOCK), _LITTLE))
            while self.held > WHOLE_BYTES and self._starts[0] + len(self._blocks[0]) <= at:  # too much to be kept
                del self._starts[0], self._blocks[0]
        if not count:
            return b""
        first, last = bisect_right(self._starts, at) - 1, bisect_left(self._starts, end)
        blocks = self._blocks[first:last]
        joined = blocks[0] if len(blocks) == 1 else b"".join(blocks)
        return joined[at - self._starts[first] : end - self._starts[first]]

    def _more(self, most: int) -> None:
        """Unpack up to so many bytes."""
        piece = self._left
        if not piece:
            piece = self.packed[self._next : self._next + max(_LITTLE, min(most, _PIECE))].tobytes()
            self._next += len(piece)
        if self._unpacker.eof or not piece:
            raise Damaged("a packed variable is cut short")
        if block := self._unpacker.decompress(piece, most):
            self._blocks.append(block)
            self._starts.append(self._stop)
            self._stop += len(block)
        self._left = self._unpacker.unconsumed_tail
        tick(0.25)

    def _end(self) -> None:
        """Go to the end of the stream, which holds the checksum; there may be no more bytes."""
        while not self._unpacker.eof and self._stop <= self.size:
            self._more(1)
        if self._stop > self.size:
            raise Damaged("a packed variable is longer than it says")


class Elements:
    """Walks over the elements of a stretch of bytes, in memory or not.

    Attributes
    ----------
    data : memoryview or Stretch
    order : str
        ``<`` or ``>``, as `struct` has it.
    at : int
        Where the next element begins.
    """

    def __init__(self, data: "memoryview | Stretch", order: str) -> None:
        self.data, self.order, self.at = data, order, 0

    def element(self) -> "tuple[int, memoryview | Stretch]":
        """Return type and bytes of the next element."""
        if self.at + 8 > len(self.data):
            raise Damaged("an element is cut short")
        kind, size = struct.unpack(self.order + "II", self.data[self.at : self.at + 8].tobytes())
        if kind >> 16:  # up to four bytes are packed into the tag
            size, kind, start, end = kind >> 16, kind & 0xFFFF, self.at + 4, self.at + 8
            if size > 4:
                raise Damaged("a small element is too large")
        else:
            start = self.at + 8
            end = start + size + (-size % 8 if kind != COMPRESSED else 0)
        if start + size > len(self.data):
            raise Damaged(f"an element of {size} bytes is cut short")
        self.at = min(end, len(self.data))
        return kind, self.data[start : start + size]

    def numbers(self) -> "NDArray[Any]":
        """Return the next element as numbers."""
        kind, data = self.element()
        return self._numbers(kind, data if isinstance(data, memoryview) else data.tobytes())

    def _numbers(self, kind: int, data: "bytes | memoryview") -> "NDArray[Any]":
        dtype = number_type(kind, self.order)
        return np.frombuffer(data[: len(data) // dtype.itemsize * dtype.itemsize], dtype)

    def _short(self) -> tuple[int, bytes]:
        kind, data = self.element()
        if len(data) > _SHORT:
            raise Damaged(f"{len(data)} bytes where a name or a shape was expected")
        return kind, data.tobytes()

    def matrix(self) -> "tuple[int, tuple[int, ...], str]":
        """Return flags with class, shape and name, with which a variable begins."""
        flags = self._numbers(*self._short())
        if not len(flags):
            raise Damaged("a variable without a class")
        word = int(flags[0])
        shape: tuple[int, ...] = ()
        if word & 0xFF != OPAQUE:
            sides = self._numbers(*self._short())
            shape = tuple(sides.tolist())
            if sides.dtype.kind not in "iu" or len(shape) > _AXES or any(side < 0 for side in shape):
                raise Damaged(f"a variable of shape {shape[:_AXES]}")
        return word, shape, self._short()[1].decode("latin-1")

    def fields(self) -> list[str]:
        """Return the names of a struct's fields, which follow what `matrix` reads."""
        width = int(self._numbers(*self._short())[:1].sum())
        raw = self._short()[1]
        if not 0 < width <= 64 and raw:
            raise Damaged("a struct with impossible field names")
        return [raw[k : k + width].split(b"\0")[0].decode("latin-1") for k in range(0, len(raw), width or 1)]

    def value(self) -> "Elements | None":
        """Return the elements of the next value in a struct or in cells; None where it is empty."""
        kind, body = self.element()
        if kind != MATRIX:
            raise Damaged(f"a value was expected, but element type {kind} was found")
        return Elements(body, self.order) if len(body) else None

    def expect(self, count: int) -> int:
        """Return `count` if that many elements can be left."""
        if count * 8 > len(self.data) - self.at:
            raise Damaged(f"{count} values are announced, but are not there")
        return count


def number_type(kind: int, order: str) -> "np.dtype[Any]":
    """Return the type of numbers that an element of type `kind` holds."""
    if kind not in NUMBERS:
        raise Damaged(f"numbers were expected, but element type {kind} was found")
    return np.dtype(order + NUMBERS[kind])


def order_of(head: bytes) -> str | None:
    """Return the order of bytes in a file that begins with `head`, as `struct` has it; None for another format."""
    return {b"IM": "<", b"MI": ">"}.get(head[126:128])


@contextmanager
def variables(path: Path, kept: "dict[int, Packed] | None" = None) -> "Iterator[Iterator[tuple[int, Elements]]]":
    """Open a file, and give the variables that are in it: the place of each, and its elements.

    A packed one is unpacked no further than its elements are read.

    Parameters
    ----------
    path : Path
    kept : dict, optional
        Packed variables of the same file, by their places, that are unpacked in part; the others are added.

    Raises
    ------
    DataError
        When it is of another version, or damaged, wherever that shows meanwhile.
    """
    with os_errors_as_data_errors(path), open(path, "rb") as stream:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise data_error(path, f"its {size / 2**30:.0f} GiB are more than can be held in memory.")
        order = order_of(stream.read(HEAD))
        if order is None:
            raise data_error(
                path, "this is not a MATLAB file of version 5 (saved with '-v7' or '-v6'), which was expected."
            )
        try:
            yield _variables(Stretch(Plain(stream, size), HEAD, max(size, HEAD)), order, {} if kept is None else kept)
        except (Damaged, zlib.error, struct.error, ValueError) as error:
            if isinstance(error, ValueError) and type(error) is not ValueError:
                raise
            words = f"the file is damaged or cut short ({error_text(error)}); a MATLAB v5 file was expected."
            raise data_error(path, words) from error


def _variables(data: Stretch, order: str, kept: dict[int, Packed]) -> Iterator[tuple[int, Elements]]:
    walk = Elements(data, order)
    room = [MOST_BYTES if data.stop > WHOLE_BYTES // _BOMB_RATIO else WHOLE_BYTES]
    count = 0
    while walk.at < len(data):
        tick(0.25 * walk.at / len(data))
        place = walk.at
        kind, body = walk.element()
        if not kind and count:
            raise Damaged("there are zeros where a variable was expected")
        if not kind:  # step by step through a file of zeros would take minutes
            return
        count += 1
        if count > _MOST:
            raise Damaged(f"more than {_MOST} variables are no recording")
        assert isinstance(body, Stretch)
        if kind == COMPRESSED:
            packed = kept.get(place) or kept.setdefault(place, Packed(body, order))
            packed.packed = body  # of the stream that is open now
            packed.check(room)
            kind, inner = Elements(Stretch(packed, 0, packed.size), order).element()
        else:
            inner = body
        if kind == MATRIX and len(inner):
            yield place, Elements(inner, order)
