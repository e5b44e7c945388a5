import numpy as np
import pytest

from neuropil_gui import RegionSettings, extract, read
from neuropil_gui.core.errors import Cancelled, DataError

FRAMES = np.random.default_rng(3).integers(0, 4000, (12, 20, 24)).astype(np.uint16)
SQUARE = np.array([(6, 6), (12, 6), (12, 11), (6, 11)])


def test_a_recording_of_all_rois_that_can_be_read():
    corner = np.zeros((20, 24), bool)
    corner[0, 0] = True
    recording = extract([FRAMES[:5], FRAMES[5:]], [SQUARE, SQUARE + 100, corner], RegionSettings(6, 0.3), frame_rate=5)
    assert [cell.name for cell in recording.cells] == ["ROI 1", "ROI 3"]
    assert [cell.source_index for cell in recording.cells] == [0, 2]
    assert recording.cells[0].trial_starts == (0, 5)
    assert recording.frame_rate == 5
    assert recording.cells[0].signal_names == ("ROI", "np 1", "np 2", "np 3", "np 4", "np 5", "np 6")
    assert len(recording.cells[1].traces) == 3
    assert recording.warnings[0] == "Left out: ROI 2: it has no pixel in a picture of 24 x 20."
    assert recording.warnings[1].startswith("ROI 3: np ")
    assert recording.warnings[1].endswith("has no pixel and is left out.")
    assert ("extraction gap", "0") in recording.origin


def test_nothing_to_extract_and_cancelling():
    with pytest.raises(DataError, match=r"a region around it\. ROI 1: it has no pixel"):
        extract(FRAMES, [SQUARE + 100])
    with pytest.raises(Cancelled):
        extract(FRAMES, [SQUARE], should_stop=lambda: True)


def test_fissas_own_example_from_its_files_to_its_traces(real_data, tmp_path):
    from neuropil_gui.formats.registry import write_recording

    folder = real_data / "imaging"
    recording = extract(sorted(folder.glob("*.tif")), folder / "rois.zip")
    assert len(recording.files) == 3
    write_recording(tmp_path / "raw.npz", recording)
    expected = np.load(folder / "expected_py3.npz", allow_pickle=True)["raw"]
    for cell, trials in zip(read(tmp_path / "raw.npz").cells, expected, strict=True):
        assert np.array_equal(cell.traces, np.concatenate(list(trials), axis=1))


def test_a_plane_of_suite2p_gives_its_cells_regions(tmp_path):
    FRAMES.astype(np.int16).tofile(tmp_path / "data.bin")
    np.save(tmp_path / "ops.npy", {"Ly": 20, "Lx": 24, "fs": 31.0, "frames_per_file": [4, 8]}, allow_pickle=True)
    rows, columns = np.mgrid[8:12, 9:14].reshape(2, -1)
    cell = {"ypix": rows, "xpix": columns, "lam": np.linspace(1, 2, 20)}
    np.save(tmp_path / "stat.npy", np.array([cell, cell], object), allow_pickle=True)
    np.save(tmp_path / "iscell.npy", np.array([[0, 0.1], [1, 0.9]]))
    recording = extract(tmp_path, tmp_path, RegionSettings(weighted=True))
    (found,) = recording.cells
    assert (found.name, found.trial_starts, recording.frame_rate) == ("ROI 1", (0, 4), 31)
    expected = np.average(FRAMES[:, rows, columns], axis=1, weights=cell["lam"])
    assert np.allclose(found.traces[0], expected, rtol=1e-12)
    assert len(found.traces) == 5
