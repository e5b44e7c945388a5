"""Results back in a copy of their suite2p folder: its layout, what is copied, and that it opens again."""

import os

import numpy as np
import pytest

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.marks import Mark
from neuropil_gui.formats.progress import watched
from neuropil_gui.formats.registry import read
from neuropil_gui.formats.writing.suite2p_out import write_suite2p

CELLS = (0, 2, 3, 5)
"""Rows that suite2p takes for cells."""


def make_plane(folder, seed=0):
    folder.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    for name in ("F", "Fneu", "spks"):
        np.save(folder / f"{name}.npy", rng.random((6, 80), np.float32) + 5)
    iscell = np.column_stack([np.isin(np.arange(6), CELLS), rng.random(6)])
    np.save(folder / "iscell.npy", np.asfortranarray(iscell))
    (folder / "stat.npy").write_bytes(b"\x93NUMPY, and a pickle that nobody opens")
    (folder / "ops.npy").write_bytes(b"another")
    (folder / "data.bin").write_bytes(b"frames")
    return folder


@pytest.fixture
def plane(tmp_path):
    return make_plane(tmp_path / "plane0")


def test_f_is_the_best_match_and_all_else_is_copied(tmp_path, plane, separation):
    recording = read(plane, frame_rate=30.0)
    results = {index: separation(recording.cells[index]) for index in (0, 1, 3)}
    marks = {0: Mark("rejected", "blood"), 1: Mark("accepted"), 2: Mark("look again")}
    target = tmp_path / "separated"
    write_suite2p(target, recording, results.items(), marks, receipt=lambda: "Methods")
    text = (target / "neuropil_gui.txt").read_text(encoding="utf-8")
    assert text.startswith(f"A copy of {plane}\n")
    assert text.endswith("Methods")
    assert sorted(path.name for path in target.iterdir()) == [
        "F.npy", "Fneu.npy", "iscell.npy", "neuropil_gui.txt", "ops.npy", "spks.npy", "stat.npy",
    ]  # fmt: skip
    for name in ("ops", "spks", "stat"):
        assert (target / f"{name}.npy").read_bytes() == (plane / f"{name}.npy").read_bytes()
    before, found = np.load(plane / "F.npy"), np.load(target / "F.npy")
    assert (found.dtype, found.shape) == (np.float32, before.shape)
    for row in range(6):
        index = CELLS.index(row) if row in CELLS else None
        expected = results[index].matched[0].astype(np.float32) if index in results else before[row]
        assert np.array_equal(found[row], expected)
    neuropil = np.load(target / "Fneu.npy")
    assert (neuropil.dtype, neuropil.shape, neuropil.any()) == (np.float32, before.shape, False)
    iscell = np.load(target / "iscell.npy")
    assert iscell[:, 0].tolist() == [0, 0, 1, 1, 0, 1]
    assert np.array_equal(iscell[:, 1], np.load(plane / "iscell.npy")[:, 1])
    again = read(target, frame_rate=30.0)
    assert [header.source_index for header in again.cells.headers] == [2, 3, 5]
    assert np.array_equal(again.cells[2].traces[0], found[5])


def test_the_raw_level_comes_back_on_request(tmp_path, plane, separation):
    recording = read(plane, frame_rate=30.0)
    result = separation(recording.cells[1])
    write_suite2p(tmp_path / "out", recording, [(1, result)], {}, at_raw_level=True)
    found, raw = np.load(tmp_path / "out" / "F.npy")[2].astype(float), recording.cells[1].traces[0]
    level = BaselineSettings().percentile
    assert np.percentile(found, level) == pytest.approx(np.percentile(raw, level), rel=1e-5)
    assert np.ptp(found - result.matched[0]) < 1e-5


def test_each_plane_has_its_own_rows(tmp_path, separation):
    for number in range(2):
        make_plane(tmp_path / "suite2p" / f"plane{number}", number)
    recording = read(tmp_path / "suite2p", frame_rate=30.0)
    results = {index: separation(cell, seed=index) for index, cell in enumerate(recording.cells)}
    target = tmp_path / "out"
    write_suite2p(target, recording, results.items(), {4: Mark("rejected")})
    for number in range(2):
        found = np.load(target / f"plane{number}" / "F.npy")
        for place, row in enumerate(CELLS):
            assert np.array_equal(found[row], results[4 * number + place].matched[0].astype(np.float32))
        marks = np.load(target / f"plane{number}" / "iscell.npy")[list(CELLS), 0]
        assert marks.tolist() == ([1, 1, 1, 1], [0, 1, 1, 1])[number]
    assert len(read(target, frame_rate=30.0).cells) == 7


def test_a_folder_without_marks_of_suite2p_has_ours(tmp_path, plane, separation):
    (plane / "iscell.npy").unlink()
    recording = read(plane, frame_rate=30.0)
    write_suite2p(tmp_path / "out", recording, [(0, separation(recording.cells[0]))], {4: Mark("rejected")})
    assert np.load(tmp_path / "out" / "iscell.npy").tolist() == [[1, 1]] * 4 + [[0, 1], [1, 1]]


def test_nothing_is_replaced_and_nothing_is_left_of_what_failed(tmp_path, plane, separation, recording, monkeypatch):
    opened = read(plane, frame_rate=30.0)
    results = [(0, separation(opened.cells[0]))]
    before = sorted(os.listdir(tmp_path))
    with pytest.raises(DataError, match="plane0: there is something of this name"):
        write_suite2p(plane, opened, results, {})
    with pytest.raises(DataError, match="no result to write"):
        write_suite2p(tmp_path / "out", opened, [], {})
    with pytest.raises(DataError, match="opened as a suite2p folder"):
        write_suite2p(tmp_path / "out", recording(), results, {})
    with pytest.raises(Cancelled), watched(should_stop=lambda: True):
        write_suite2p(tmp_path / "out", opened, results, {})

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(np, "save", full)
    with pytest.raises(DataError, match=r"out: .*No space left on device"):
        write_suite2p(tmp_path / "out", opened, results, {})
    assert sorted(os.listdir(tmp_path)) == before
