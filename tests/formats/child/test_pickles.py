"""The allow-list: real files load, and nothing that a pickle asks for is run."""

import datetime
import io
import os
import pathlib
import pickle
import struct
import time
import tracemalloc
import zipfile
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.child import pickles, process
from neuropil_gui.formats.child.pickles import load_pickle, object_array
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.plain.npy import read_npy_objects
from neuropil_gui.formats.registry import inquire, read

# The standard library's own scanner remarks on escapes in altered text; a later Python says SyntaxWarning.
pytestmark = [
    pytest.mark.filterwarnings("ignore:.*invalid escape sequence:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*invalid escape sequence:SyntaxWarning"),
]


class Touch:
    """Makes a file when it is unpickled by a loader without a list of allowed types."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("wrap", [lambda x: x, lambda x: [1, {"fs": x}], lambda x: np.array([x, 1], object)])
def test_a_bomb_is_refused_and_does_not_go_off(tmp_path, protocol, wrap):
    target = tmp_path / "ran"
    data = pickle.dumps(wrap(Touch(target)), protocol)
    with pytest.raises(DataError, match=r"ops\.npy: it holds more than plain data .*mkdir.* was refused\.$"):
        load_pickle(data, "ops.npy")
    assert not target.exists()
    pickle.loads(data)  # it is a bomb indeed
    assert target.is_dir()


@pytest.mark.parametrize("protocol", range(6))
def test_plain_data_comes_back(protocol):
    value = {
        "fs": 29.87,
        "scalar": np.float32(1.5),
        "array": np.asfortranarray(np.arange(12, dtype=">i2").reshape(3, 4)),
        "objects": np.array([np.ones(3), "a", None], object),
        "text": np.array(["µ", "bb"]),
        "bools": np.array([True, False]),
        "when": datetime.datetime(2021, 7, 26, tzinfo=datetime.timezone(datetime.timedelta(hours=1))),
        "path": pathlib.PurePosixPath("/a/b"),
        "set": {1, 2},
        "nested": [(1, (2, {"a": b"x"}))],
        "complex": 1j,
        "big": 10**30,
    }
    if protocol < 3:
        del value["nested"]  # without bytes: Python 2 had none
    found = load_pickle(pickle.dumps(value, protocol), "x")
    for name in ("array", "text", "bools"):
        assert np.array_equal(found[name], value[name])
        assert found[name].dtype == value[name].dtype.newbyteorder("=") or protocol == 5
    assert np.array_equal(found["objects"][0], np.ones(3))
    assert list(found["objects"][1:]) == ["a", None]
    for name in set(value) - {"array", "text", "bools", "objects"}:
        assert found[name] == value[name]


@settings(deadline=None, max_examples=60)
@given(hnp.arrays(hnp.scalar_dtypes().filter(lambda t: t.kind in "fiubc"), hnp.array_shapes(max_dims=4)))
def test_any_numeric_array_comes_back(array):
    found = np.asarray(load_pickle(pickle.dumps(array, 4), "x"))
    assert found.dtype == pickle.loads(pickle.dumps(array, 4)).dtype
    assert np.array_equal(found, array, equal_nan=True)


def test_suite2ps_own_files_load(real_data):
    plane = real_data / "suite2p" / "plane0"
    ops = read_npy_objects(plane / "ops.npy")
    truth = np.load(plane / "ops.npy", allow_pickle=True).item()
    assert ops.keys() == truth.keys()
    for name, value in truth.items():
        if isinstance(value, np.ndarray) and value.dtype.kind != "O":
            assert np.array_equal(ops[name], value)
        elif isinstance(value, (int, float, str)):
            assert ops[name] == value
        elif isinstance(value, datetime.datetime):
            assert ops[name] == str(value)
    stat = read_npy_objects(plane / "stat.npy")
    assert len(stat) == 23
    assert np.array_equal(stat[3]["ypix"], np.load(plane / "stat.npy", allow_pickle=True)[3]["ypix"])


def asks(module, name, arguments, state=None):
    """A pickle that calls module.name(*arguments) and sets a state on what comes back."""
    body = b"\x80\x04" + b"c" + f"{module}\n{name}\n".encode() + pickle.dumps(arguments, 4)[2:-1] + b"R"
    if state is not None:
        body += pickle.dumps(state, 4)[2:-1] + b"b"
    return body + b"."


RECONSTRUCT = b"cnumpy._core.multiarray\n_reconstruct\ncnumpy\nndarray\n"


def array_pickle(shape, kind, values, flags=-1):
    """A pickled array whose state says whatever it likes."""
    dtype = asks("numpy", "dtype", (kind, False, True), (3, "|", None, None, None, -1, -1, flags))[2:-1]
    parts = [pickle.dumps(part, 4)[2:-1] for part in (1, shape)]
    rest = [pickle.dumps(part, 4)[2:-1] for part in (False, values)]
    empty = pickle.dumps((0,), 4)[2:-1] + pickle.dumps(b"b", 4)[2:-1]
    return b"\x80\x04" + RECONSTRUCT + empty + b"\x87R(" + b"".join([*parts, dtype, *rest]) + b"tb."


def test_the_hand_made_array_is_a_good_one():
    assert np.array_equal(load_pickle(array_pickle((2,), "O8", [1, "a"], 63), "x"), np.array([1, "a"], object))


def nested_key(depth):
    return b"\x80\x04}" + b")" + b"\x85" * depth + b"K\x01s."


@pytest.mark.parametrize(
    "data",
    [
        asks("builtins", "eval", ("1",)),
        asks("builtins", "getattr", ("a", "b")),
        asks("builtins", "range", (10**12,)),
        asks("builtins", "bytearray", (10**12,)),
        asks("numpy", "ndarray", ((10**12,),)),
        asks("numpy", "zeros", ((10**12,),)),
        asks("numpy", "dtype", ("f8,O",)),
        asks("numpy", "dtype", ("V8",)),
        asks("numpy", "dtype", ("f8",), (3, "<", ("f8", (2,)), None, None, 16, 8, 0)),
        asks("numpy.core.multiarray", "_reconstruct", (0, (10**12,), b"d")),
        asks("numpy.core.multiarray", "scalar", (0, b"1234")),
        asks("_codecs", "encode", ("a", "hex")),
        asks("_codecs", "encode", ("a", "utf-32")),
        asks("datetime", "datetime", (b"1234",)),
        asks("datetime", "timedelta", (10**18,)),
        asks("pathlib", "PosixPath", ("a",), (None, {"__str__": 1})),
        asks("pathlib", "Path.home", ()),
        asks("os.path", "join", ("a", "b")),
        array_pickle((10**12,), "O8", [1]),
        array_pickle((10**12,), "f8", b"12345678"),
        array_pickle((-1, -1), "u1", b"1"),
        array_pickle((1,), "O8", b"\x01\x00\x00\x00\x00\x00\x00\x00", 0),  # a pointer of the file's choosing
        array_pickle((10**6, 10**6), "S0", b""),
        array_pickle(5, "u1", b"1"),
        array_pickle(("a",), "u1", b"1"),
        b"\x80\x04K\x01r" + struct.pack("<I", 2**31 - 1) + b".",  # a memo of 2**31 places
        b"\x80\x04\x8e" + struct.pack("<Q", 2**60) + b"x.",
        b"\x80\x04cnumpy\ndtype\n(N}X\x01\x00\x00\x00aK\x01stb.",  # changes what it may only call
        b"\x80\x04cnumpy\ndtype\n)\x81.",
        nested_key(200_000),
        b"(" * 100_000,
        b"Ppersistent\n.",
        b"\x82\x01.",
        b"I" + b"9" * 10_000 + b"\n.",
        b"",
        b".",
        b"\x80\xff.",
    ],
)
def test_abuse_is_a_sentence(data):
    with pytest.raises(DataError, match=r"^x\.npy: .*\.$"):
        process.call(object_array, "x.npy", data, (1,))  # in the child: one of them crashes Python


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_flipped_bytes_never_escape(data):
    value = {"fs": 1.0, "raw": np.array([np.ones(3), np.zeros((2, 2), "f4")], object), "t": (1, (2,))}
    raw = bytearray(pickle.dumps(value, data.draw(st.sampled_from([2, 4]))))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    with suppress(DataError):
        load_pickle(bytes(raw), "x.npy")


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_random_bytes_never_escape(data):
    with suppress(DataError):
        load_pickle(data, "x.npy")


def test_header_and_objects_must_agree(tmp_path):
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": "|O", "fortran_order": False, "shape": (7,)})
    (tmp_path / "ops.npy").write_bytes(stream.getvalue() + pickle.dumps(np.array([1], object)))
    with pytest.raises(DataError, match="not the array of shape"):
        read_npy_objects(tmp_path / "ops.npy")
    np.save(tmp_path / "n.npy", np.ones(3))
    with pytest.raises(DataError, match="pickled objects were expected"):
        read_npy_objects(tmp_path / "n.npy")


def nested(depth, leaf):
    """Lists of two lists each, of which every two are one and the same: 2**depth values in a few bytes."""
    value = leaf
    for _ in range(depth):
        value = [value, value]
    return value


@pytest.mark.parametrize("leaf", [1.0, np.zeros(1000), "text" * 1000])
def test_values_without_end_are_refused_before_they_take_memory(tmp_path, leaf):
    tracemalloc.start()
    array = np.empty((1, 1), object)
    array[0, 0] = nested(40, leaf)
    np.savez(tmp_path / "a.npz", raw=array)
    assert (tmp_path / "a.npz").stat().st_size < 14_000
    for ask in (read, lambda path: inquire(path).preview(Options())):
        with pytest.raises(DataError, match="refer to each other without end"):
            ask(tmp_path / "a.npz")
    assert tracemalloc.get_traced_memory()[1] < 50 * 2**20
    tracemalloc.stop()


@pytest.mark.parametrize("limit", ["MOST_STEPS", "MOST_VALUES"])
def test_more_objects_than_any_recording_are_refused_by_their_number(tmp_path, monkeypatch, limit):
    array = np.empty(1, object)
    array[0] = [[] for _ in range(400)]
    data = pickle.dumps(array, protocol=2)
    assert len(object_array(tmp_path, data, (1,))[0]) == 400
    monkeypatch.setattr(pickles, limit, 390)
    with pytest.raises(DataError, match="more than 390 objects, more than any recording"):
        object_array(tmp_path, data, (1,))


def test_a_small_packed_file_of_many_objects_is_refused_soon(tmp_path, refusal, slowdown):
    lists = b"]" * 20_000_000
    head = pickle.dumps(np.empty(1, object), protocol=2).partition(b"]")[0]
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "|O", "fortran_order": False, "shape": (1,)})
    with zipfile.ZipFile(tmp_path / "a.npz", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("raw.npy", header.getvalue() + head + b"(" + lists + b"l.")
    assert (tmp_path / "a.npz").stat().st_size < 20_000
    begin = time.perf_counter()
    assert "objects" in refusal(tmp_path / "a.npz")
    assert time.perf_counter() - begin < 15 * slowdown()


def test_values_are_such_as_a_message_takes(tmp_path):
    loop = []
    loop.append(loop)
    shared = {"a": (1, {2})}
    values = [np.float32(2), np.array(["µ"]), 1j, 10**30, pathlib.PurePosixPath("/a"), {("k",): None}, shared, shared]
    array = np.empty(len(values), object)
    array[:] = values
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    found = read_npy_objects(tmp_path / "a.npy").tolist()
    assert found[0] == 2
    assert found[1].tolist() == ["µ"]
    assert found[2] == "1j"
    assert np.isnan(found[3])
    assert found[4:] == ["/a", {"('k',)": None}, {"a": (1, [2])}, {"a": (1, [2])}]
    array[0] = loop
    np.save(tmp_path / "a.npy", array, allow_pickle=True)
    with pytest.raises(DataError, match="nested too deeply"):
        read_npy_objects(tmp_path / "a.npy")
