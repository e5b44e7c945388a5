"""Pickled arrays through an allow-list that builds plain data and runs nothing else.

Not even NumPy's own constructors see what the file says: a crafted dtype or shape could make them
allocate without bounds or read memory that is not theirs. Each name that is let through stands for a
function of this module that checks its arguments.
"""

import datetime
import io
import math
import pathlib
import pickle
import pickletools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from neuropil_gui.formats.paths import MOST_BYTES, data_error, join_names, os_errors_as_data_errors
from neuropil_gui.formats.plain.npy import Header, read_header

_DEEPEST = 500  # nested tuples are hashed recursively, on the C stack


class _Refused(pickle.UnpicklingError):
    """The pickle asks for something that is not plain data."""


class _Maker:
    """A callable that a pickle can call but neither change nor subclass."""

    __slots__ = ("_make",)
    _make: Callable[..., object]

    def __init__(self, make: Callable[..., object]) -> None:
        object.__setattr__(self, "_make", make)

    def __call__(self, *arguments: object) -> object:
        return self._make(*arguments)

    def __setattr__(self, name: str, value: object) -> None:
        raise _Refused("it changes one of the names that it may use")

    def __setstate__(self, state: object) -> None:
        raise _Refused("it changes one of the names that it may use")


class _Dtype:
    """Stands for numpy.dtype: a kind, a size and a byte order, nothing else."""

    __slots__ = ("_name", "_order")

    def __init__(self, name: object, *_: object) -> None:
        if not isinstance(name, str) or name[:1] not in tuple("fiubcSUO") or not name[1:].isdigit():
            raise _Refused(f"it holds an array of type {str(name)[:20]!r}")
        self._name, self._order = name, "="

    def __setstate__(self, state: Any) -> None:
        _, order, subarray, names, fields, *_rest = state
        if order not in ("<", ">", "|", "=") or not (subarray is names is fields is None):
            raise _Refused("it holds an array of records")
        self._order = order

    def real(self) -> "np.dtype[Any]":
        return np.dtype(object) if self._name[0] == "O" else np.dtype(self._order + self._name)


class _Array(np.ndarray[Any, Any]):
    """An array that believes its pickled state only as far as the bytes are there."""

    def __setstate__(self, state: Any) -> None:
        _version, shape, dtype, fortran, values = state
        real = dtype.real()
        if not all(type(side) is int and side >= 0 for side in shape):
            raise _Refused("it holds an array of impossible shape")
        count = math.prod(shape)
        if real.kind == "O":
            if not isinstance(values, list) or len(values) != count:
                raise _Refused("it holds an array of objects that are not there")
        else:
            if isinstance(values, str):  # as Python 2 wrote bytes
                values = values.encode("latin-1")
            if real.itemsize == 0 or not isinstance(values, bytes) or len(values) != count * real.itemsize:
                raise _Refused("it holds an array whose values are not there")
        state = (1, shape, real, bool(fortran), values)
        super().__setstate__(state)


def _reconstruct(_kind: object, shape: object, _code: object) -> _Array:
    if shape != (0,):
        raise _Refused("it asks for an array of its own making")
    return np.zeros(0, np.int8).view(_Array)


def _frombuffer(values: Any, dtype: Any, shape: Any, order: object, _axes: object = None) -> object:
    real = dtype.real()
    if real.kind == "O" or real.itemsize == 0 or order not in ("C", "F") or not isinstance(values, (bytes, bytearray)):
        raise _Refused("it asks for an array of its own making")
    return np.frombuffer(values, real).reshape(shape, order=order)


def _scalar(dtype: Any, values: Any = b"") -> object:
    real = dtype.real()
    if isinstance(values, str):
        values = values.encode("latin-1")
    if real.kind == "O" or real.itemsize == 0 or not isinstance(values, bytes) or len(values) != real.itemsize:
        raise _Refused("it holds a number whose bytes are not there")
    return np.frombuffer(values, real)[0]


def _encode(text: object, encoding: object = "latin1") -> bytes:
    if not isinstance(text, str) or encoding not in ("latin1", "latin-1"):
        raise _Refused("it asks for another encoding than Latin-1")
    return text.encode("latin-1")


def _plain(make: Callable[..., object], *kinds: type) -> Callable[..., object]:
    """Let `make` take only a few arguments of these kinds."""

    def made(*arguments: object) -> object:
        if len(arguments) > 64 or not all(isinstance(argument, kinds) for argument in arguments):
            raise _Refused(f"it makes a {make.__name__} of something unexpected")
        return make(*arguments)

    return made


_POSIX = _plain(pathlib.PurePosixPath, str)
_WINDOWS = _plain(pathlib.PureWindowsPath, str)
_NAMES: dict[tuple[str, str], Callable[..., object]] = {
    ("numpy", "dtype"): _Dtype,
    ("numpy", "ndarray"): _plain(np.ndarray, type(None)),  # only handed to _reconstruct, never called
    ("_codecs", "encode"): _encode,
    ("builtins", "set"): _plain(set, list),
    ("builtins", "frozenset"): _plain(frozenset, list),
    ("builtins", "complex"): _plain(complex, float),
    ("datetime", "datetime"): _plain(datetime.datetime, bytes, str, datetime.tzinfo),
    ("datetime", "date"): _plain(datetime.date, bytes, str),
    ("datetime", "timedelta"): _plain(datetime.timedelta, int),
    ("datetime", "timezone"): _plain(datetime.timezone, datetime.timedelta, str),
}
for _core in ("numpy.core.multiarray", "numpy._core.multiarray"):
    _NAMES[_core, "_reconstruct"] = _reconstruct
    _NAMES[_core, "scalar"] = _scalar
    _NAMES[_core.replace("multiarray", "numeric"), "_frombuffer"] = _frombuffer  # from protocol 5 on
for _home in ("pathlib", "pathlib._local"):
    _NAMES[_home, "PosixPath"] = _NAMES[_home, "PurePosixPath"] = _POSIX
    _NAMES[_home, "WindowsPath"] = _NAMES[_home, "PureWindowsPath"] = _WINDOWS


class _Unpickler(pickle.Unpickler):
    """Finds the names above and no others, so that nothing else can be run."""

    def find_class(self, module: str, name: str) -> Any:
        make = _NAMES.get((module.replace("__builtin__", "builtins"), name))
        if make is None:
            raise _Refused(f"it asks for {join_names([f'{module}.{name}'])}")
        return _Maker(make)


def _scan(data: bytes) -> None:
    """Refuse what makes the unpickler itself take endless memory or stack.

    A memo index is allocated up to its value, and nested tuples are hashed by recursion.
    """
    depth: dict[int, int] = {}  # of the memo's entries
    stack: list[int] = []
    mark = -1
    for operation, argument, _position in pickletools.genops(data):
        name = operation.name
        if "PUT" in name or name == "MEMOIZE":
            index = len(depth) if name == "MEMOIZE" else int(argument or 0)
            if index > len(data):
                raise _Refused("its memo is larger than itself")
            depth[index] = stack[-1] if stack else 0
        elif "GET" in name:
            stack.append(depth.get(int(argument or 0), 0))
        elif name == "MARK":
            stack.append(mark)
        elif name == "DUP":
            stack.append(stack[-1] if stack else 0)
        elif name == "POP":
            del stack[-1:]
        else:
            inside = 0
            for before in reversed(operation.stack_before):
                if before.name in ("mark", "stackslice"):
                    if before.name == "mark":
                        while stack and (top := stack.pop()) != mark:
                            inside = max(inside, top)
                elif stack and stack[-1] != mark:
                    inside = max(inside, stack.pop())
            if inside > _DEEPEST:
                raise _Refused("its values are nested too deeply")
            grows = inside + 1 if name.startswith("TUPLE") or name in ("FROZENSET", "REDUCE") else inside
            stack.extend(0 if not operation.stack_before else grows for _ in operation.stack_after)


def load_pickle(data: bytes, what: str | Path) -> object:
    """Return the plain data that `data` holds.

    Parameters
    ----------
    data : bytes
        A pickle of numbers, text, containers, NumPy arrays, dates and paths.
    what : path
        The file, for messages.

    Raises
    ------
    DataError
        When it is damaged, or asks for anything else; that is not run.
    """
    try:
        _scan(data)
        # Python 2 wrote arrays as text, which only Latin-1 brings back.
        return _Unpickler(io.BytesIO(data), encoding="latin-1").load()
    except _Refused as error:
        raise data_error(
            what, f"it holds more than plain data ({error}), which could run code and was refused."
        ) from error
    except (
        pickle.UnpicklingError,
        EOFError,
        ValueError,
        TypeError,
        AttributeError,
        IndexError,
        KeyError,
        OverflowError,
        MemoryError,
        RecursionError,
        NotImplementedError,
    ) as error:
        raise data_error(what, "the objects in it are damaged or cut short and cannot be read.") from error


def load_object_array(data: bytes, header: Header, what: str | Path) -> "np.ndarray[Any, Any]":
    """Return the array of objects that follows `header`, e.g. FISSA's ``raw[cell, trial]``.

    Raises
    ------
    DataError
        When it is damaged, of another shape than its header says, or more than plain data.
    """
    loaded = load_pickle(data, what)
    if not isinstance(loaded, np.ndarray) or loaded.shape != header.shape:
        raise data_error(what, f"its objects are not the array of shape {header.shape} that its header announces.")
    return np.asarray(loaded)


def load_npy_objects(path: Path) -> object:
    """Return what a .npy file of pickled objects holds, e.g. the dict in suite2p's ``ops.npy``.

    Raises
    ------
    DataError
        As `load_object_array` does.
    """
    with os_errors_as_data_errors(path), open(path, "rb") as stream:
        header = read_header(stream, path)
        if header.dtype.kind != "O" or path.stat().st_size > MOST_BYTES:
            raise data_error(path, f"it holds {header.words}, but pickled objects were expected.")
        data = stream.read()
    array = load_object_array(data, header, path)
    return array.item() if array.ndim == 0 else array
