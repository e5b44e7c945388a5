"""Broken and hostile files, each made here: a sentence within 5 s, no crash, memory bounded, nothing executed."""

import io
import os
import pickle
import subprocess
import sys
import time
import zipfile
import zlib
from functools import cache

import h5py
import numpy as np
import pytest
import scipy.io

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.registry import inquire, read

pytestmark = pytest.mark.any_version

SECONDS, MIB = 5.0, 2**20
TRACES = np.random.default_rng(1).random((3, 50))
#: A file that a crafted pickle makes, if it is run.
RAN = "it-was-run"


class Evil:
    def __reduce__(self):
        return os.mkdir, (RAN,)


def npy(array, **options):
    stream = io.BytesIO()
    np.save(stream, array, **options)
    return stream.getvalue()


def header(text, version=1):
    raw = text.encode()
    size = len(raw).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + size + raw


def shaped(shape, descr="<f8"):
    return header(f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n")


def archive(*members, method=zipfile.ZIP_DEFLATED):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as file:
        for name, data in members:
            file.writestr(name, data)
    return stream.getvalue()


def mat(**variables):
    stream = io.BytesIO()
    scipy.io.savemat(stream, variables, do_compression=variables.pop("packed", False))
    return stream.getvalue()


def hdf5(make):
    stream = io.BytesIO()
    with h5py.File(stream, "w") as file:
        make(file)
    return stream.getvalue()


def flipped(data, at):
    raw = bytearray(data)
    raw[at] ^= 0x41
    return bytes(raw)


def evil():
    array = np.empty(1, object)
    array[0] = Evil()
    return array


def objects():
    array = np.empty((1, 1), object)
    array[0, 0] = TRACES
    return array


def huge_element():
    """A MATLAB variable whose packed data say that they unpack to 4 GB."""
    body = zlib.compress(b"\x0e\0\0\0\xff\xff\xff\xf0" + bytes(100))
    return mat(a=1)[:128] + b"\x0f\0\0\0" + len(body).to_bytes(4, "little") + body


def bomb(file):
    file.create_dataset("x", (100, 10**7), "f8", chunks=(1, 10**5), compression="gzip")


def packed_zeros(size):
    """Zeros as zlib packs them, without the seconds that packing gigabytes takes: one block again and again."""
    stream, block = zlib.compressobj(wbits=-15), 2**20
    part = stream.compress(bytes(block)) + stream.flush(zlib.Z_FULL_FLUSH)
    return b"\x78\x9c" + part * (size // block) + b"\x03\0" + ((size % 65521) << 16 | 1).to_bytes(4, "big")


def huge_chunk(file):
    data = file.create_dataset("x", (2, 2**28), "f8", chunks=(2, 2**27), compression="gzip")
    data.id.write_direct_chunk((0, 0), packed_zeros(2**31))


@cache
def npz_bomb():
    return archive(("raw.npy", npy(np.zeros((4, 85 * 10**5)))))


@cache
def many_objects():
    return hdf5(many)


def many(file):
    space = h5py.h5s.create_simple((3, 3))
    for number in range(20_001):
        h5py.h5d.create(file.id, b"%d" % number, h5py.h5t.IEEE_F32LE, space)


def knot(file):
    """A struct of MATLAB v7.3 whose cells hold themselves and each other."""
    cells = file.create_dataset("raw", (2, 2), h5py.ref_dtype)
    cells.attrs["MATLAB_class"] = np.bytes_(b"cell")
    cells[:] = cells.ref
    file["result"] = 1.0
    file["loop/again"] = file


PLAIN = hdf5(lambda file: file.create_dataset("x", data=TRACES, chunks=(1, 50), compression="gzip"))
MAT = mat(a=TRACES)

#: What it is called, the file's name, its bytes or what makes them in a second, and words of the sentence.
ROWS = {
    "npy empty": ("a.npy", b"", "the file is empty"),
    "npy of 3 bytes": ("a.npy", b"\x93NU", "a NumPy array was expected"),
    "npy magic only": ("a.npy", b"\x93NUMPY", "does not start as one"),
    "npy truncated": ("a.npy", npy(TRACES)[:-8], "cut short"),
    "npy of 1e12 numbers": ("a.npy", shaped((10, 10**11)), "cut short"),
    "npy of 3.2 GB in 88 bytes": ("a.npy", shaped((4, 10**8)), "cut short"),
    "npy of S0": ("a.npy", shaped((10, 10**11), "|S0"), "it holds bytes"),
    "npy of negative side": ("a.npy", shaped((-1, 5)), "no valid shape"),
    "npy of 2**63": ("a.npy", shaped((2**63, 1)), "cut short"),
    "npy of 2**32 x 2**32": ("a.npy", shaped((2**32, 2**32)), "cut short"),
    "npy of shape True": ("a.npy", shaped((True, 5)), "no valid shape"),
    "npy of 9000 parentheses": ("a.npy", header("(" * 9000), "cannot be understood"),
    "npy header of 4 GB": ("a.npy", b"\x93NUMPY\2\0\xff\xff\xff\xef" + bytes(38), "header claims"),
    "npy of objects": ("a.npy", npy(evil(), allow_pickle=True), "could run code and was refused"),
    "pickle named npy": ("a.npy", pickle.dumps(Evil()), "a NumPy array was expected"),
    "npy of complex": ("a.npy", npy(TRACES + 1j), "complex"),
    "npy of dates": ("a.npy", npy(np.zeros((3, 50), "M8[s]")), "dates"),
    "npy of no dimension": ("a.npy", npy(np.float64(1)), "shape ()"),
    "npy of records": ("a.npy", npy(np.zeros((3, 5), "f8,i4")), "records"),
    "npy of text": ("a.npy", npy(np.full((3, 5), "x")), "text"),
    "npz bomb": ("a.npz", npz_bomb, "would unpack"),
    "npz truncated": ("a.npz", archive(("raw.npy", npy(TRACES)))[:-40], "cut short"),
    "npz flipped": ("a.npz", flipped(archive(("raw.npy", npy(TRACES)), method=0), 700), "damaged"),
    "npz of another name": (
        "a.npz",
        archive(("raw.npy", npy(TRACES)), method=0).replace(b"raw", b"r\n\0", 1),
        "damaged",
    ),
    "npz of an endless name": ("a.npz", flipped(archive(("raw.npy", npy(TRACES)), method=0), 27), "damaged"),
    "npz of a name that is no UTF-8": (
        "a.npz",
        archive(("\xe9.npy", npy(TRACES))).replace("\xe9".encode(), b"\xff\xff"),
        "damaged",
    ),
    "npz of two names, one no UTF-8": (
        "a.npz",
        archive(("\xe9.npy", npy(TRACES))).replace("\xe9".encode(), b"\xff\xff", 1),
        "damaged",
    ),
    "npz of evil objects": ("a.npz", archive(("raw.npy", npy(evil(), allow_pickle=True))), "could run code"),
    "npz of nothing": ("a.npz", archive(), "empty"),
    "npz of another thing": ("a.npz", archive(("a.txt", b"x")), "without arrays of NumPy"),
    "npz claims too much": ("a.npz", archive(("raw.npy", shaped((10, 10**11)))), "cut short"),
    "mat5 truncated": ("a.mat", MAT[:-50], "cut short"),
    "mat5 header only": ("a.mat", MAT[:128], "no variables"),
    "mat5 of zeros": ("a.mat", MAT[:128] + bytes(10**4), "damaged"),
    "mat5 mdtype": ("a.mat", MAT[:176] + b"\xff\0\0\0" + MAT[180:], "damaged"),
    "mat5 bomb": ("a.mat", huge_element(), "would unpack"),
    "mat v7.3 is no HDF5": ("a.mat", b"MATLAB 7.3 MAT-file".ljust(126) + b"IM" + bytes(900), "damaged"),
    "hdf5 truncated": ("a.h5", PLAIN[:-200], "damaged or cut short"),
    "hdf5 half": ("a.h5", PLAIN[: len(PLAIN) // 2], "damaged or cut short"),
    "hdf5 signature only": ("a.h5", b"\x89HDF\r\n\x1a\n", "damaged or cut short"),
    "hdf5 named mat": ("a.mat", PLAIN[:-200], "damaged or cut short"),
    "hdf5 bomb": ("a.h5", hdf5(bomb), "would unpack"),
    "hdf5 huge chunk": ("a.h5", hdf5(huge_chunk), "would unpack"),
    "hdf5 of 1e12": ("a.h5", hdf5(lambda f: f.create_dataset("x", (10, 10**11), "f8")), "more than can be held"),
    "hdf5 not there": ("a.h5", hdf5(lambda f: f.create_dataset("x", (10, 10**6), "f8")), "are there"),
    "hdf5 of text": ("a.h5", hdf5(lambda f: f.create_dataset("x", data=["a", "b"])), "traces were expected"),
    "hdf5 of complex": ("a.h5", hdf5(lambda f: f.create_dataset("x", data=TRACES + 1j)), "complex128"),
    "hdf5 of nothing": ("a.h5", hdf5(lambda f: None), "no variables"),
    "hdf5 to itself": ("a.h5", hdf5(lambda f: f.update({"x": h5py.ExternalLink("a.h5", "x")})), "no variables"),
    "hdf5 of many objects": ("a.h5", many_objects, "more than 20000 objects"),
    "mat v7.3 in a knot": ("a.mat", hdf5(knot), "part of several values"),
    "csv ragged": ("a.csv", b"1,2\n3,4\n5\n", "row 3 has 1 columns, but 2"),
    "csv of text": ("a.csv", b"a,b\n1,2\n3,x\n", "row 3, column 2 holds 'x'"),
    "csv with a binary inside": ("a.csv", b"1,2\0\x01\n", "binary"),
    "csv of a header": ("a.csv", b"a,b\n", "no rows of numbers"),
    "csv of blanks": ("a.csv", b" \n\n", "no numbers"),
    "csv of delimiters": ("a.csv", b",,,\n,,,\n", "no numbers"),
    "csv of one letter": ("a.csv", b"x", "no rows of numbers"),
    "csv of 1e6 columns, ragged": ("a.csv", b"1," * 10**6 + b"1\n2,3\n", "row 2 has 2 columns"),
    "csv of 3e6 columns": ("a.csv", b"1," * (3 * 10**6), "3000001 columns"),
    "csv of a title too few": ("a.csv", b";\n; 0 0", "columns"),
    "csv of quotes": ("a.csv", b'"1,2\n3,4\n', "column"),
    "unknown": ("a.xyz", b"\0\1\2\3" * 99, "not known"),
}


@pytest.fixture(autouse=True)
def nothing_is_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / RAN).exists()


def read_all(path):
    return list(read(path).cells)


def look(path):
    asked = inquire(path)
    return asked.preview(asked.guess)


@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("ask", [read_all, look])
def test_a_bad_file_is_a_sentence(tmp_path, row, ask, slowdown):
    name, data, words = ROWS[row]
    (tmp_path / name).write_bytes(data() if callable(data) else data)
    begin = time.perf_counter()
    with pytest.raises(DataError) as caught:
        ask(tmp_path / name)
    seconds = time.perf_counter() - begin
    assert seconds < SECONDS or seconds < SECONDS * slowdown()
    sentence = str(caught.value)
    assert sentence.startswith(f"{name}: ")
    assert sentence.endswith(".")
    assert "\n" not in sentence
    assert words in sentence


def test_object_arrays_of_plain_data_are_read(tmp_path):
    (tmp_path / "prepared.npz").write_bytes(archive(("raw.npy", npy(objects(), allow_pickle=True))))
    assert np.array_equal(read(tmp_path / "prepared.npz").cells[0].traces, TRACES)


PEAK = """
import resource, sys
from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.child import process
from neuropil_gui.formats.registry import FORMATS, read
import numpy
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for path in sys.argv[1:]:
    try:
        for cell in read(path).cells:
            pass
    except DataError:
        pass
    process.close_idle()  # the peak of a child counts when it has ended
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(after - before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are counted in KiB on Linux only")
def test_memory_stays_bounded(tmp_path):
    """Hold the peak of one program that reads all of them, which is no less than that of each."""
    rows = [row for row in ROWS if any(word in row for word in ("bomb", "1e", "huge", "GB", "32 x"))]
    paths = []
    for number, row in enumerate(rows):
        name, data, _ = ROWS[row]
        paths.append(tmp_path / str(number) / name)
        paths[-1].parent.mkdir()
        paths[-1].write_bytes(data() if callable(data) else data)
    done = subprocess.run([sys.executable, "-c", PEAK, *paths], capture_output=True, text=True, check=True)
    peaks = [[int(word) / 1024 for word in line.split()] for line in done.stdout.splitlines()]
    assert len(peaks) == len(rows) >= 10
    for row, (here, there) in zip(rows, peaks, strict=True):
        assert here < 300, row
        assert there < 300, row
