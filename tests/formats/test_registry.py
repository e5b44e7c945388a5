"""The table of formats, and what the dialogs say."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.formats import registry
from neuropil_gui.formats.paths import printable_name


def test_the_dialogs_name_every_suffix():
    opening, saving = registry.dialog_filter(), registry.save_filter()
    for each in registry.FORMATS:
        assert all(f"*{suffix}" in opening for suffix in each.suffixes)
    assert opening.endswith("All files (*)")
    ends = [part.rpartition("*")[2] for part in saving.split(";;")]
    assert ends == [".npz)", ".csv)", ".mat)", ".nwb)", ".fissa.npz)", ".fissa.mat)"]


def test_the_import_is_light():
    heavy = "('scipy', 'sklearn', 'PyQt5')"
    code = f"import sys, neuropil_gui.formats.registry; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_content_counts_and_not_the_name(tmp_path, refusal):
    np.savez(tmp_path / "a.npz", raw=np.ones((2, 9)))
    os.replace(tmp_path / "a.npz", tmp_path / "a.npy")
    assert len(registry.read(tmp_path / "a.npy").cells) == 1
    (tmp_path / "plain").write_text("1 2\n3 4\n")
    assert registry.read(str(tmp_path / "plain")).format == "text"
    (tmp_path / "picture.tif").write_bytes(b"II*\0" + bytes(50))
    assert "--rois ROIS" in refusal(tmp_path / "picture.tif")
    (tmp_path / "a.mat").write_bytes(b"II*\0" + bytes(50))
    assert "this is a movie" in refusal(tmp_path / "a.mat")
    (tmp_path / "a.mat").write_bytes(b"\0\1\2\3" * 99)
    assert "a MATLAB file was expected" in refusal(tmp_path / "a.mat")


def test_names_in_messages_are_one_short_line():
    assert printable_name("/a/b\nc.npy") == "b\\nc.npy"
    assert printable_name("x" * 500).startswith("xxx")
    assert len(printable_name("x" * 500)) == 100
    assert printable_name("/") == "/"
    assert printable_name(os.fsdecode(b"\xff.npy")).isprintable()


def test_everything_real_opens(real_data):
    for name, cells in (
        ("suite2p", 21),
        ("fissa_example/prepared.npz", 4),
        ("fissa_example/plain.npz", 4),
        ("fissa_example/separated.mat", 4),
        ("cNMFdata.mat", 1),
    ):
        recording = registry.read(real_data / name)
        assert len(recording.cells) == cells
        assert recording.source is not None


@pytest.mark.parametrize(("name", "more"), [("one.npy", {}), (".", {}), ("one.npy", {"neuropil_file": "two.npy"})])
def test_what_is_kept_of_paths_holds_in_any_working_folder(tmp_path, monkeypatch, name, more):
    rng = np.random.default_rng(0)
    for each in ("one.npy", "two.npy"):
        np.save(tmp_path / each, rng.random((3, 50)) + 1)
    monkeypatch.chdir(tmp_path)
    recording = registry.read(name, **more)
    assert recording.source == str(tmp_path / name)
    assert {*map(Path, recording.files)} == {"one.npy": {*map(tmp_path.joinpath, more.values())}}.get(
        name, {tmp_path / "one.npy", tmp_path / "two.npy"}
    )
    results = [separate_cell(recording.cells[0], SeparationSettings())]
    registry.write("out.npz", recording, results)
    with np.load("out.npz") as found:
        assert json.loads(str(found["provenance"]))["source"] == recording.source
    if more:
        Path("link.npz").symlink_to("two.npy")
        with pytest.raises(DataError, match="a part of the recording"):
            registry.write("link.npz", recording, results)
