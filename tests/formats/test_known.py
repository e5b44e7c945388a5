"""Formats that are known but not read: each says what it is and what to do."""

import zipfile

import numpy as np
import pytest

from neuropil_gui.formats.known import KNOWN_FORMATS
from neuropil_gui.formats.registry import read

NEVER = ("is not known", "no variables", "no suite2p plane", "damaged", "holds no numbers")


@pytest.mark.parametrize(
    ("suffix", "known"),
    [(suffix, each) for each in KNOWN_FORMATS for suffix in each.suffixes],
    ids=lambda v: str(v)[:12],
)
def test_each_is_named_with_what_to_do(tmp_path, refusal, suffix, known):
    path = tmp_path / f"recording{suffix.upper()}"
    path.write_bytes(known.magic + b"\0some bytes of it" * 40)
    sentence = refusal(path)
    assert known.what in sentence
    assert known.advice in sentence
    assert not any(words in sentence for words in NEVER)


@pytest.mark.parametrize("known", [each for each in KNOWN_FORMATS if each.magic], ids=lambda each: each.what)
def test_a_file_by_another_name_is_known_by_its_first_bytes(tmp_path, refusal, known):
    path = tmp_path / "recording.csv"
    path.write_bytes(known.magic + bytes(600))
    assert known.advice in refusal(path)


def zipped(path, *names):
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, b"x" * 30)
    return path


def test_zip_archives_that_hold_no_arrays(tmp_path, refusal):
    book = ("[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml")
    assert "an Excel workbook: save the sheet as CSV" in refusal(zipped(tmp_path / "a.xlsx", *book))
    assert "an Excel workbook: save the sheet as CSV" in refusal(zipped(tmp_path / "a.npz", *book))
    assert "an OpenDocument sheet" in refusal(zipped(tmp_path / "a.ods", "mimetype", "content.xml"))
    assert "--movie MOVIE" in refusal(zipped(tmp_path / "RoiSet.zip", "0001-0052.roi", "0002-0100.roi"))
    assert "a ZIP archive without arrays of NumPy (a.csv): unpack it" in refusal(zipped(tmp_path / "b.zip", "a.csv"))


def test_folders_of_known_formats(tmp_path, refusal):
    minian = tmp_path / "minian"
    (minian / "C.zarr").mkdir(parents=True)
    (minian / "timeStamps.csv").write_text("Frame Number,Time Stamp (ms),Buffer Index\n0,0,0\n1,33,0\n2,66,0\n")
    assert "a Zarr store, as Minian writes it" in refusal(minian)
    (minian / "C.zarr" / ".zgroup").write_text("{}")
    assert "a Zarr store, as Minian writes it" in refusal(minian / "C.zarr")
    movies = tmp_path / "movies"
    movies.mkdir()
    (movies / "one.isxd").write_bytes(b"abc")
    assert "one.isxd, Inscopix's data: export the traces as CSV in IDPS" in refusal(movies)


def test_fissas_output_folder_is_read(tmp_path):
    raw, result = np.empty((2, 1), object), np.empty((2, 1), object)
    for k in range(2):
        raw[k, 0] = np.random.default_rng(k).random((3, 40))
        result[k, 0] = raw[k, 0] / 2
    np.savez(tmp_path / "prepared.npz", raw=raw)
    mixing = np.empty((2, 1), object)
    mixing[0, 0] = mixing[1, 0] = np.eye(3)
    np.savez(tmp_path / "separated.npz", result=result, sep=result, mixmat=mixing)
    recording = read(tmp_path)
    assert np.array_equal(recording.cells[1].traces, raw[1, 0])
    assert np.array_equal(recording.cells[1].stored.matched, raw[1, 0] / 2)
