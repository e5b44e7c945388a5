"""Pickled objects, through an allow-list that builds plain data and runs nothing else; runs in the child process.

Not even NumPy's own constructors see what the file holds: a crafted dtype or shape could make them read memory that is
not theirs. Each name that is let through stands for a function of this module that checks its arguments. Values of any
number that a few bytes stand for, by references to each other, are refused.
"""

import datetime
import io
import math
import pathlib
import pickle
import pickletools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.paths import data_error, join_names
from neuropil_gui.formats.progress import tick

#: How deep values may be nested, what each counts beside its bytes, and what all may count by byte of the pickle.
_DEEPEST, _VALUE, _MOST_PER_BYTE, _SMALL = 60, 64, 64, 2**22
#: Steps of a pickle and values in it that are more than any recording has; a small packed file can stand for many.
MOST_STEPS, MOST_VALUES = 5_000_000, 1_000_000
#: Steps, of a few milliseconds together, between two reports: one takes as long as a step.
_BETWEEN_TICKS = 1000


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

    def real(self) -> np.dtype[Any]:
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
        for steps, (operation, argument, _position) in enumerate(pickletools.genops(data)):
            if steps % _BETWEEN_TICKS == 0:
                tick(0.0)
            if steps > MOST_STEPS:
                raise data_error(what, f"it holds more than {MOST_STEPS:,} objects, more than any recording.")
            if "PUT" in operation.name and int(argument or 0) > len(data):  # room is made for all indices up to it
                raise _Refused("its memo is larger than itself")
        # Python 2 wrote arrays as text, which only Latin-1 brings back.
        return _Unpickler(io.BytesIO(data), encoding="latin-1").load()
    except DataError:
        raise
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


def object_array(path: Path, data: bytes, shape: Sequence[int]) -> NDArray[Any]:
    """Return a pickled array of objects, e.g. FISSA's ``raw[cell, trial]``, as values that a message takes.

    Parameters
    ----------
    path : Path
        The file, for messages.
    data : bytes
        The pickle.
    shape : sequence of int
        That the array's header announces.

    Returns
    -------
    ndarray of object
        Of arrays, numbers, text, bytes, lists, tuples and dicts. Sets are lists; dates, paths and complex numbers text.

    Raises
    ------
    DataError
        When it is damaged, of another shape, more than plain data, or far more than its bytes.
    """
    loaded = load_pickle(data, path)
    if not isinstance(loaded, np.ndarray) or loaded.shape != tuple(shape):
        raise data_error(path, f"its objects are not the array of shape {tuple(shape)} that its header announces.")
    plain: NDArray[Any] = _Plain(path, len(data)).value(loaded.astype(object), 0)
    return plain


class _Plain:
    """Makes values such as a message takes, as long as they are not far more than the bytes that they come from."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._left = _MOST_PER_BYTE * size + _SMALL
        self._values = 0

    def value(self, value: Any, depth: int) -> Any:
        tick(0.0)
        self._values += 1
        if self._values > MOST_VALUES:
            raise data_error(self._path, f"it holds more than {MOST_VALUES:,} objects, more than any recording.")
        self._left -= _VALUE + (value.nbytes if isinstance(value, np.ndarray) else 0)
        self._left -= len(value) if isinstance(value, (str, bytes)) else 0
        if self._left < 0 or depth > _DEEPEST:
            reason = "are nested too deeply" if depth > _DEEPEST else "refer to each other without end"
            raise data_error(self._path, f"the objects in it {reason}; plain data were expected.")
        if isinstance(value, np.ndarray) and value.dtype.kind not in "OU":
            return np.asarray(value)
        if isinstance(value, np.ndarray):
            objects = np.empty(value.size, object)
            for index, each in enumerate(value.ravel().tolist()):
                objects[index] = self.value(each, depth + 1)
            return objects.reshape(value.shape)
        if isinstance(value, np.generic):
            return self.value(value.item(), depth)
        if isinstance(value, dict):
            return {
                key if isinstance(key, (str, int)) else str(key): self.value(each, depth + 1)
                for key, each in value.items()
            }
        if isinstance(value, (list, set, frozenset)):
            return [self.value(each, depth + 1) for each in value]
        if isinstance(value, tuple):
            return tuple(self.value(each, depth + 1) for each in value)
        if isinstance(value, int) and value.bit_length() > 64:
            return float("nan")
        return value if value is None or isinstance(value, (bool, int, float, str, bytes)) else str(value)
