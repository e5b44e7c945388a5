"""Lists of MATLAB files, and parts of their arrays, against what scipy finds; and that the rest stays unread."""

import struct
import zlib

import numpy as np
import pytest
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.child import mat5
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.progress import watched
from neuropil_gui.formats.registry import inquire, read

RNG = np.random.default_rng(5)
ARRAYS = hnp.arrays(
    st.sampled_from(["f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "?"]),
    hnp.array_shapes(min_dims=2, max_dims=4, min_side=0, max_side=7),
)


def rows(path):
    return {row["name"]: row for row in mat5.listing(path)}


def test_a_file_that_is_written_while_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "a.mat"
    scipy.io.savemat(path, {"raw": RNG.random((3, 90))})
    loadmat = scipy.io.loadmat

    def meanwhile(*arguments, **keywords):
        found = loadmat(*arguments, **keywords)
        scipy.io.savemat(path, {"raw": np.zeros((3, 91))})
        return found

    monkeypatch.setattr(scipy.io, "loadmat", meanwhile)
    with pytest.raises(DataError, match=r"a\.mat: the file has changed since it was opened"):
        mat5.part(path, "raw")


@st.composite
def arrays_and_parts(draw):
    array = draw(ARRAYS)
    part = []
    for side in array.shape:
        index = st.integers(0, side - 1) if side else st.nothing()
        cut = st.tuples(*[st.none() | st.integers(0, 8)] * 2, st.none() | st.integers(1, 4))
        part.append(draw(index | cut))
    return array, part


@pytest.mark.parametrize("compressed", [False, True])
@settings(deadline=None, max_examples=40)
@given(arrays_and_parts())
def test_a_part_is_what_numpy_takes_of_the_array_that_scipy_wrote(tmp_path_factory, compressed, drawn):
    array, part = drawn
    path = tmp_path_factory.mktemp("part", numbered=True) / "a.mat"
    scipy.io.savemat(path, {"before": np.ones((3, 40)), "a": array, "s": {"a": array}}, do_compression=compressed)
    cut = tuple(each if isinstance(each, int) else slice(*each) for each in part)
    for name in ("a", "s.a"):
        assert rows(path)[name] == {
            "name": name, "kind": "numbers", "shape": array.shape, "dtype": str(array.dtype), "obstacle": None,
            "inner": None,
        }  # fmt: skip
        for which, wanted in ((part, array[cut]), (None, array)):
            found = mat5.part(path, name, which)
            assert found.dtype == array.dtype
            assert found.shape == wanted.shape
            assert np.array_equal(found, wanted, equal_nan=array.dtype.kind == "f")


@pytest.mark.parametrize("compressed", [False, True])
def test_the_list_is_that_of_scipy_and_goes_into_structs(tmp_path, compressed):
    cells = np.empty((2, 3), object)
    for index in np.ndindex(cells.shape):
        cells[index] = RNG.random((4, 10 + index[1]))
    mixed = np.array([[np.ones((2, 2)), "text"]], object)
    values = {
        "F": RNG.random((5, 300)), "text": "some words", "cells": cells, "mixed": mixed, "z": np.ones((2, 3)) * 1j,
        "s": {"n": 3.5, "words": "abc", "deep": {"er": np.arange(6).reshape(1, 6), "cells": cells}},
        "many": np.array([(1.0, 2.0), (3.0, 4.0)], [("a", object), ("b", object)]),
        "sparse": scipy.sparse.eye(3).tocsc(),
    }  # fmt: skip
    path = tmp_path / "a.mat"
    scipy.io.savemat(path, values, do_compression=compressed)
    found = rows(path)
    top = {name: shape for name, shape, kind in scipy.io.whosmat(path) if kind not in ("sparse", "char")}
    assert {name: row["shape"] for name, row in found.items() if "." not in name and name != "text"} == top
    assert [name for name in found if "." in name] == ["s.n", "s.words", "s.deep", "s.deep.er", "s.deep.cells"]
    assert {name: row["kind"] for name, row in found.items()} == {
        "F": "numbers", "text": "text", "cells": "cells", "mixed": "cells", "z": "other", "s": "other",
        "s.n": "numbers",
        "s.words": "text", "s.deep": "other", "s.deep.er": "numbers", "s.deep.cells": "cells", "many": "other",
    }  # fmt: skip
    shapes = [each.shape for each in cells.ravel(order="F")]
    assert found["cells"]["inner"] == found["s.deep.cells"]["inner"] == shapes
    assert found["mixed"]["inner"] is None
    for name in ("text", "z", "s", "cells", "s.none"):
        with pytest.raises(DataError, match="there is no array"):
            mat5.part(path, name)


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("shape", [(4, 3), (1, 5), (5, 1), (1, 1)])
def test_a_look_at_cells_is_at_the_first_cell_with_its_trials(tmp_path, compressed, shape):
    path = tmp_path / "a.mat"
    values = np.empty(shape, object)
    for index in np.ndindex(shape):
        values[index] = RNG.integers(0, 9, (3, 20 + index[-1])) if index[0] % 2 else RNG.random((3, 20 + index[-1]))
    scipy.io.savemat(path, {"s": {"raw": values}, "other": np.ones((9, 9))}, do_compression=compressed)
    look, recording = inquire(path).preview(Options(frame_rate=9.0)), read(path)
    assert np.array_equal(look.traces, recording.cells[0].traces)
    assert look.signal_names == recording.cells[0].signal_names
    assert (look.cells, look.frames, look.frame_rate) == (len(recording.cells), look.traces.shape[1], 9.0)


def element(kind, data, order):
    if len(data) <= 4:
        return struct.pack(order + "I", len(data) << 16 | kind) + data.ljust(4, b"\0")
    return struct.pack(order + "II", kind, len(data)) + data + bytes(-len(data) % 8)


def by_hand(order, kind, data, shape, packed=False, claimed=None):
    """A file with one array of doubles, stored as numbers of another type, as MATLAB does where they fit."""
    body = element(6, struct.pack(order + "II", 6, 0), order)
    body += element(5, struct.pack(f"{order}{len(shape)}i", *shape), order) + element(1, b"abc", order)
    body += element(kind, data, order)
    whole = struct.pack(order + "II", 14, len(body) if claimed is None else claimed) + body
    if packed:
        zipped = zlib.compress(whole)
        whole = struct.pack(order + "II", 15, len(zipped)) + zipped
    return b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack(order + "H", 0x0100) + (b"IM", b"MI")[order == ">"] + whole


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(("kind", "code"), [(2, "u1"), (3, "i2"), (5, "i4"), (7, "f4")])
def test_numbers_that_are_stored_small_in_either_order(tmp_path, order, kind, code, packed):
    path = tmp_path / "a.mat"
    array = RNG.integers(0, 100, (3, 50))
    path.write_bytes(by_hand(order, kind, array.astype(order + code).tobytes("F"), array.shape, packed))
    assert np.array_equal(scipy.io.loadmat(path)["abc"], array)
    assert rows(path)["abc"]["dtype"] == "float64"
    assert np.array_equal(mat5.part(path, "abc"), array)
    assert np.array_equal(mat5.part(path, "abc", [1, (5, None, 7)]), array[1, 5::7])
    assert np.array_equal(mat5.values(path, ["abc"])["abc"], array)


@pytest.mark.parametrize("packed", [False, True])
def test_more_than_there_is_is_refused_before_it_is_made_room_for(tmp_path, packed):
    path = tmp_path / "a.mat"
    for shape, claimed in (((3, 2**30), None), ((2**31 - 1,) * 4, None), ((3, 50), 2**31), ((-3, -50), None)):
        path.write_bytes(by_hand("<", 9, np.ones((3, 50)).tobytes(), shape, packed, claimed))
        with pytest.raises(DataError, match=r"damaged or cut short|unpack"):
            mat5.listing(path)


@pytest.mark.parametrize("compressed", [False, True])
def test_damage_is_found_where_it_is_read(tmp_path, compressed):
    path = tmp_path / "a.mat"
    scipy.io.savemat(path, {"a": RNG.random((20, 20_000)), "b": RNG.random((2, 900))}, do_compression=compressed)
    raw = path.read_bytes()
    assert set(rows(path)) == {"a", "b"}
    path.write_bytes(raw[:-900])
    assert mat5.part(path, "a").shape == (20, 20_000)
    with pytest.raises(DataError, match="damaged or cut short"):
        mat5.part(path, "b")


def test_a_checksum_that_is_wrong_is_damage(tmp_path):
    path = tmp_path / "a.mat"
    scipy.io.savemat(path, {"a": RNG.random((20, 20_000))}, do_compression=True)
    raw = bytearray(path.read_bytes())
    raw[-2] ^= 1
    path.write_bytes(raw)
    with pytest.raises(DataError, match="damaged or cut short"):
        mat5.part(path, "a")


@pytest.mark.parametrize("most", [0, 2**28])
def test_what_was_loaded_is_kept_up_to_a_limit_and_for_one_file(tmp_path, monkeypatch, most):
    monkeypatch.setattr(mat5, "WHOLE_BYTES", most)
    monkeypatch.setattr(mat5, "BOMB_RATIO", 1000)
    loads = []
    load = scipy.io.loadmat
    monkeypatch.setattr(scipy.io, "loadmat", lambda *args, **options: loads.append(options) or load(*args, **options))
    first, second = tmp_path / "a.mat", tmp_path / "b.mat"
    fields = {name: RNG.random((3, 400)) for name in "abc"}
    for path in (first, second):
        scipy.io.savemat(path, {"s": fields}, do_compression=True)
    for path in (first, first, second, first):
        for name in "cab":
            assert np.array_equal(mat5.part(path, f"s.{name}"), fields[name])
    assert len(loads) == (3 if most else 12)


def test_complex_numbers_keep_their_imaginary_part_and_are_no_traces(tmp_path):
    path = tmp_path / "a.mat"
    value = RNG.random((2, 3)) + 1j * RNG.random((2, 3))
    scipy.io.savemat(path, {"s": {"z": value}, "z": value.astype("c8"), "raw": np.ones((2, 30))})
    assert {name: row["kind"] for name, row in rows(path).items()} == {
        "s": "other", "s.z": "other", "z": "other", "raw": "numbers",
    }  # fmt: skip
    found = mat5.values(path, ["s", "z"])
    assert np.array_equal(found["s"][0, 0]["z"], value)
    assert np.array_equal(found["z"], value.astype("c8"))
    with pytest.raises(DataError, match="there is no array"):
        mat5.part(path, "z")
    assert read(path).warnings == ()


def test_only_some_variables_are_listed(tmp_path):
    path = tmp_path / "a.mat"
    scipy.io.savemat(path, {"F": np.ones((2, 30)), "stat": {"x": 1.0}, "ops": {"fs": 30.0}})
    assert [row["name"] for row in mat5.listing(path, ["F", "ops", "none"])] == ["F", "ops", "ops.fs"]


def test_reading_reports_how_far_it_is(tmp_path):
    path = tmp_path / "a.mat"
    scipy.io.savemat(path, {"a": RNG.random((20, 20_000))}, do_compression=True)
    reported = []
    with watched(reported.append):
        mat5.part(path, "a")
    assert len(reported) > 20
    assert reported[-1] > 0.9
