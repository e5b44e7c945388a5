"""Results in a copy of their NWB file: written beside the raw series, read back by pynwb and by the program."""

import datetime
import os

import numpy as np
import pynwb
import pytest
from pynwb.ophys import Fluorescence, ImageSegmentation, RoiResponseSeries

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.marks import Mark
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.progress import watched
from neuropil_gui.formats.registry import read, write
from neuropil_gui.formats.writing.nwb_copy import write_nwb_copy

FRAMES = 80


def make_file(path, planes=1, **time):
    """Write a file as roiextractors does: a series of four ROIs for each plane, and one of their neuropil."""
    start = datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    file = pynwb.NWBFile(session_description="running", identifier="mouse 7", session_start_time=start)
    device = file.create_device(name="Microscope")
    channel = pynwb.ophys.OpticalChannel(name="green", description="", emission_lambda=500.0)
    plane = file.create_imaging_plane(
        name="ImagingPlane", optical_channel=channel, description="", device=device, excitation_lambda=600.0,
        indicator="GCaMP", location="V1", imaging_rate=12.5,
    )  # fmt: skip
    module = file.create_processing_module(name="ophys", description="processed")
    segmentation = ImageSegmentation()
    module.add(segmentation)
    table = segmentation.create_plane_segmentation(description="ROIs", imaging_plane=plane, name="PlaneSegmentation")
    for row in range(4 * planes):
        table.add_roi(pixel_mask=[(row, row, 1.0)])
    rng = np.random.default_rng(1)
    for name in ("Fluorescence", "Neuropil"):
        container = Fluorescence(name=name)
        module.add(container)
        for k in range(planes):
            region = table.create_roi_table_region(description="ROIs", region=list(range(4 * k, 4 * k + 4)))
            data, timing = rng.random((FRAMES, 4), np.float32) + 1, time or {"rate": 30.0}
            container.add_roi_response_series(
                RoiResponseSeries(name=f"plane{k}", data=data, unit="lumens", rois=region, **timing)
            )
    with pynwb.NWBHDF5IO(path, "w") as stream:
        stream.write(file)
    return path


@pytest.fixture(scope="module")
def nwb_bytes(tmp_path_factory):
    """What pynwb wrote once, which takes it long."""
    return make_file(tmp_path_factory.mktemp("nwb") / "raw.nwb").read_bytes()


@pytest.fixture
def nwb(tmp_path, nwb_bytes):
    path = tmp_path / "raw.nwb"
    path.write_bytes(nwb_bytes)
    return path


def test_the_best_matches_stand_beside_the_raw_series_and_refer_to_its_rois(tmp_path, nwb, separation):
    before, recording = nwb.read_bytes(), read(nwb)
    results = {index: separation(recording.cells[index]) for index in (3, 1)}
    marks = {1: Mark("accepted", "soma"), 2: Mark("rejected")}
    target = tmp_path / "separated.nwb"
    write_nwb_copy(target, recording, Options(), results.items(), marks, receipt=lambda: "Methods")
    assert nwb.read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["raw.nwb", "separated.nwb"]
    assert not pynwb.validate(path=str(target))
    with pynwb.NWBHDF5IO(target, "r") as stream:
        file = stream.read()
        raw, module = file.processing["ophys"]["Fluorescence"]["plane0"], file.processing["neuropil_gui"]
        series, cells = module["Fluorescence"]["best_match"], module["cells"]
        assert module.description.endswith("Methods")
        assert "processing/ophys/Fluorescence/plane0" in series.description
        assert (series.rate, series.starting_time, series.unit) == (30.0, raw.starting_time, "lumens")
        assert series.rois.table is raw.rois.table
        assert list(series.rois.data) == [1, 3]
        for column, index in enumerate((1, 3)):
            assert np.array_equal(series.data[:, column], results[index].matched[0])
        found = {name: list(cells[name][:]) for name in cells.colnames}
        assert found == {
            "number": [2, 4], "cell_name": ["ROI 1", "ROI 3"], "series": ["best_match"] * 2, "column": [0, 1],
            "label": ["accepted", ""], "note": ["soma", ""],
        }  # fmt: skip
    again = read(target)
    assert (len(again.cells), again.frame_rate) == (4, 30.0)  # the raw series and its neuropil, as before
    assert np.array_equal(again.cells[1].traces, recording.cells[1].traces)
    own = read(target, dataset="processing/neuropil_gui/Fluorescence/best_match", neuropil="")
    assert np.array_equal(own.cells[0].traces[0], results[1].matched[0])


def test_each_plane_has_a_series_and_times_are_those_of_its_source(tmp_path, separation):
    times = np.arange(FRAMES) / 7.5 + 3
    recording = read(make_file(tmp_path / "raw.nwb", 2, timestamps=times))
    results = {index: separation(recording.cells[index]) for index in (2, 5)}
    target = tmp_path / "out.nwb"
    write_nwb_copy(target, recording, Options(), results.items(), {}, at_raw_level=True)
    assert not pynwb.validate(path=str(target))
    level = BaselineSettings().percentile
    with pynwb.NWBHDF5IO(target, "r") as stream:
        found = stream.read().processing["neuropil_gui"]["Fluorescence"].roi_response_series
        assert found.keys() == {"best_match_plane0", "best_match_plane1"}
        for (name, series), (index, row) in zip(sorted(found.items()), ((2, 2), (5, 5)), strict=True):
            assert np.array_equal(series.timestamps[:], times), name
            assert list(series.rois.data) == [row]
            raw = recording.cells[index].traces[0]
            assert np.percentile(series.data[:, 0], level) == pytest.approx(np.percentile(raw, level))
            assert np.ptp(series.data[:, 0] - results[index].matched[0]) < 1e-9


def test_a_copy_of_a_copy_has_both(tmp_path, nwb, separation):
    recording = read(nwb)
    result = separation(recording.cells[0])
    write_nwb_copy(tmp_path / "one.nwb", recording, Options(), [(0, result)], {})
    write_nwb_copy(tmp_path / "two.nwb", read(tmp_path / "one.nwb"), Options(), [(1, result)], {})
    with pynwb.NWBHDF5IO(tmp_path / "two.nwb", "r") as stream:
        modules = stream.read().processing
        assert set(modules) == {"ophys", "neuropil_gui", "neuropil_gui_2"}
        assert list(modules["neuropil_gui_2"]["Fluorescence"]["best_match"].rois.data) == [1]


def test_nothing_is_replaced_and_nothing_is_left_of_what_failed(tmp_path, nwb, separation, recording):
    opened = read(nwb)
    results = [(0, separation(opened.cells[0]))]
    there = tmp_path / "there.nwb"
    there.write_bytes(b"mine")
    write(tmp_path / "own.nwb", opened, dict(results))
    own = read(tmp_path / "own.nwb", dataset="processing/neuropil_gui/Fluorescence/raw", neuropil="")
    before = sorted(os.listdir(tmp_path))
    for target in (there, nwb):
        with pytest.raises(DataError, match="there is something of this name"):
            write_nwb_copy(target, opened, Options(), results, {})
    new = tmp_path / "new.nwb"
    with pytest.raises(DataError, match="no result to write"):
        write_nwb_copy(new, opened, Options(), [], {})
    with pytest.raises(DataError, match="opened as an NWB 2 file"):
        write_nwb_copy(new, recording(), Options(), results, {})
    with pytest.raises(Cancelled), watched(should_stop=lambda: True):
        write_nwb_copy(new, opened, Options(), results, {})
    with pytest.raises(DataError, match=r"could not be written \(No such file"):
        write_nwb_copy(tmp_path / "gone" / "new.nwb", opened, Options(), results, {})
    assert len(own.cells) == 1
    assert there.read_bytes() == b"mine"
    assert sorted(os.listdir(tmp_path)) == before
