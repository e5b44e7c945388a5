"""NWB files: those that pynwb writes in the layouts of suite2p, roiextractors and CaImAn, and NWB 1 as the Allen's."""

import datetime
import os

import h5py
import numpy as np
import pynwb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pynwb.ophys import Fluorescence, ImageSegmentation, RoiResponseSeries

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.plain.rows import BRING_NEUROPIL
from neuropil_gui.formats.programs import nwb, nwb_choice
from neuropil_gui.formats.registry import read

GROUP = "processing/ophys/Fluorescence"
START = datetime.datetime(2020, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)


class Maker:
    """An NWB file in the making, with one table of ROIs."""

    def __init__(self, rois):
        self.file = pynwb.NWBFile(
            session_description="running on a wheel", identifier="mouse 7", session_start_time=START
        )
        device = self.file.create_device(name="Microscope")
        channel = pynwb.ophys.OpticalChannel(name="green", description="", emission_lambda=500.0)
        plane = self.file.create_imaging_plane(
            name="ImagingPlane",
            optical_channel=channel,
            imaging_rate=12.5,
            description="",
            device=device,
            excitation_lambda=600.0,
            indicator="GCaMP",
            location="V1",
        )
        self.module = self.file.create_processing_module(name="ophys", description="processed")
        segmentation = ImageSegmentation()
        self.module.add(segmentation)
        self.table = segmentation.create_plane_segmentation(
            description="ROIs", imaging_plane=plane, name="PlaneSegmentation"
        )
        for k in range(rois):
            self.table.add_roi(pixel_mask=[(k, k, 1.0)])

    def series(self, name, data, rois=None, **time):
        region = self.table.create_roi_table_region(
            description="ROIs", region=list(range(data.shape[1]) if rois is None else rois)
        )
        return RoiResponseSeries(name=name, data=data, unit="lumens", rois=region, **(time or {"rate": 30.0}))

    def put(self, name, *series):
        container = Fluorescence(name=name)
        self.module.add(container)
        for each in series:
            container.add_roi_response_series(each)

    def write(self, path):
        with pynwb.NWBHDF5IO(path, "w") as stream:
            stream.write(self.file)
        return path


def values(frames, rois, seed=0):
    return np.random.default_rng(seed).random((frames, rois), np.float32) + 1


@pytest.fixture
def like_suite2p(tmp_path):
    """suite2p's ophys.nwb of two planes, of which the second has a frame less, and so a zero at its end."""
    maker = Maker(7)
    marks = np.column_stack([[1, 0, 1, 1, 1, 1, 0], np.linspace(0.1, 0.7, 7)])
    maker.table.add_column(name="iscell", description="two columns - iscell & probcell", data=marks)
    data = {}
    for k, container in enumerate(("Fluorescence", "Neuropil", "Deconvolved")):
        for plane, rois in enumerate((range(4), range(4, 7))):
            data[container, plane] = values(60, len(rois), 10 * k + plane)
        data[container, 1][-1] = 0
        planes = [
            maker.series(f"plane{plane}", data[container, plane], rois, rate=7.5)
            for plane, rois in enumerate((range(4), range(4, 7)))
        ]
        maker.put(container, *planes)
    return maker.write(tmp_path / "ophys.nwb"), data


def test_suite2p(like_suite2p):
    path, data = like_suite2p
    recording = read(path)
    assert (recording.frame_rate, recording.source, recording.rows_are_frames) == (7.5, str(path), None)
    assert recording.format.startswith("NWB 2.")
    assert dict(recording.origin) == {
        "identifier": "mouse 7",
        "session_description": "running on a wheel",
        "session_start_time": "2020-01-02T03:04:05+00:00",
    }
    places = [(0, 0), (0, 2), (0, 3), (1, 0), (1, 1)]
    assert [header.name for header in recording.cells.headers] == [f"plane{p} ROI {row}" for p, row in places]
    for (plane, row), cell, header in zip(places, recording.cells, recording.cells.headers, strict=True):
        frames = 60 - plane
        for signal, container in enumerate(("Fluorescence", "Neuropil")):
            assert np.array_equal(cell.traces[signal], data[container, plane][:frames, row].astype(float))
        assert (cell.name, cell.traces.shape) == (header.name, (2, header.frames))
        assert cell.signal_names == ("ROI", "neuropil")
        facts = dict(header.facts)
        assert facts["plane"] == f"plane{plane}"
        assert facts["probability"] == pytest.approx(np.linspace(0.1, 0.7, 7)[row + 4 * plane])
    warnings = " ".join(recording.warnings)
    assert "plane1: 1 frames of zeros" in warnings
    assert "plane0: 3 of 4 ROIs are shown, those that iscell marks" in warnings


def test_what_is_asked_of_suite2ps(like_suite2p):
    path, data = like_suite2p
    inquiry = nwb.inquire(path)
    asked = {question.name: question for question in inquiry.questions}
    assert list(asked) == ["dataset", "neuropil", "plane"]
    assert asked["dataset"].guess == "processing/ophys/Fluorescence"
    assert asked["neuropil"].guess == "processing/ophys/Neuropil"
    assert [choice.value for choice in asked["plane"].choices] == [None, "plane0", "plane1"]
    for question in inquiry.questions:
        assert question.guess in [choice.value for choice in question.choices]
    look = inquiry.preview(Options())
    assert (look.frames, look.cells, look.frame_rate) == (60, 7, 7.5)
    assert np.array_equal(look.traces[1], data["Neuropil", 0][:, 0].astype(float))
    one = inquiry.preview(Options(plane="1", neuropil=nwb_choice.NO_NEUROPIL))
    assert one.signal_names == ("ROI",)
    assert np.array_equal(one.traces[0], data["Fluorescence", 1][:, 0].astype(float))


def test_answers_choose(like_suite2p):
    path, data = like_suite2p
    spikes = nwb.read(
        path, Options(dataset="/processing/ophys/Deconvolved/plane0", neuropil="processing/ophys/Neuropil")
    )
    assert np.array_equal(spikes.cells[1].traces[0], data["Deconvolved", 0][:, 2].astype(float))
    assert np.array_equal(spikes.cells[1].traces[1], data["Neuropil", 0][:, 2].astype(float))
    assert spikes.cells[0].name == "ROI 0"
    assert len(nwb.read(path, Options(plane="plane1")).cells) == 2
    alone = nwb.read(path, Options(neuropil=""))
    assert alone.cells[0].traces.shape == (1, 60)
    assert "has no neuropil to go with it" in alone.warnings[-1]
    assert BRING_NEUROPIL in alone.warnings
    assert nwb.inquire(path).preview(Options(neuropil="")).signal_names == ("ROI",)
    both = nwb.read(path, Options(dataset="processing/ophys/Neuropil"))
    assert len(both.cells) == 5
    assert nwb.read(path, Options(frame_rate=3.0)).frame_rate == 3.0
    for options, words in (
        (Options(dataset="processing/ophys/x"), "no series 'x' in it; processing/ophys/Deconvolved/plane0"),
        (Options(plane="2"), "no plane '2' in it; plane0, plane1 is there"),
        (Options(neuropil="processing/ophys/Neuropil/plane1"), "must have the same ROIs and frames"),
        (Options(neuropil="processing/ophys/Fluorescence"), "there is no neuropil for processing/ophys/Fluorescence/p"),
        (Options(plane="0", neuropil="processing/ophys/Fluorescence/plane0"), "as cells and as their neuropil"),
    ):
        with pytest.raises(DataError, match=words):
            nwb.read(path, options)


@pytest.mark.parametrize(
    ("containers", "cell", "neuropil"),
    [
        # roiextractors and neuroconv, with two channels, beside dF/F
        (
            {
                "Fluorescence": ("NeuropilChan1Plane0", "RoiResponseSeriesChan1Plane0", "Deconvolved", "DfOverF"),
                "More": ("NeuropilChan2Plane0", "RoiResponseSeriesChan2Plane0"),
            },
            "Fluorescence/RoiResponseSeriesChan1Plane0",
            "Fluorescence/NeuropilChan1Plane0",
        ),
        # CaImAn's own
        (
            {"Fluorescence": ("Background_Fluorescence_Response", "RoiResponseSeries", "residuals")},
            "Fluorescence/RoiResponseSeries",
            "Fluorescence/Background_Fluorescence_Response",
        ),
        # Allen's Visual Behavior
        (
            {"corrected_fluorescence": ("traces",), "demixed_trace": ("traces",), "neuropil_trace": ("traces",)},
            "demixed_trace/traces",
            "neuropil_trace/traces",
        ),
        ({"dff": ("traces",)}, "dff/traces", None),
    ],
)
def test_pairs_by_name(tmp_path, containers, cell, neuropil):
    maker, data = Maker(5), {}
    for container, names in containers.items():
        for name in names:
            data[f"{container}/{name}"] = values(40, 5, len(data))
        maker.put(container, *(maker.series(name, data[f"{container}/{name}"]) for name in names))
    recording = read(maker.write(tmp_path / "a.nwb"))
    expected = [data[name][:, 3].astype(float) for name in (cell, neuropil) if name is not None]
    assert np.array_equal(recording.cells[3].traces, np.array(expected))
    assert (recording.cells[3].name, recording.frame_rate) == ("ROI 3", 30.0)


def test_planes_as_roiextractors_calls_them(tmp_path):
    maker, data = Maker(4), {}
    for name in ("RoiResponseSeries", "Neuropil", "Deconvolved"):
        for plane in (0, 1, 10):
            data[f"{name}Plane{plane}"] = values(40, 4, len(data))
    maker.put("Fluorescence", *(maker.series(name, each) for name, each in data.items()))
    path = maker.write(tmp_path / "a.nwb")
    inquiry = nwb.inquire(path)
    guesses = {question.name: question.guess for question in inquiry.questions}
    assert guesses == {"dataset": GROUP, "neuropil": GROUP, "plane": None}
    for options in (Options(), inquiry.guess):
        recording = nwb.read(path, options)
        assert [header.name for header in recording.cells.headers[::4]] == [
            "plane0 ROI 0",
            "plane1 ROI 0",
            "plane10 ROI 0",
        ]
        for k, plane in enumerate((0, 1, 10)):
            pair = [data[f"{name}Plane{plane}"][:, 2] for name in ("RoiResponseSeries", "Neuropil")]
            assert np.array_equal(recording.cells[4 * k + 2].traces, np.array(pair, float))
    one = nwb.read(path, Options(plane="10"))
    assert np.array_equal(one.cells[0].traces[1], data["NeuropilPlane10"][:, 0].astype(float))
    spikes = nwb.read(path, Options(dataset=f"{GROUP}/DeconvolvedPlane1"))
    assert np.array_equal(spikes.cells[0].traces[0], data["DeconvolvedPlane1"][:, 0].astype(float))


def test_the_real_planes_come_back_from_suite2ps_layout(real_data, tmp_path):
    folder = real_data / "suite2p" / "plane0"
    maker = Maker(23)
    marks = np.load(folder / "iscell.npy")
    maker.table.add_column(name="iscell", description="two columns - iscell & probcell", data=marks)
    for container, name in (("Fluorescence", "F"), ("Neuropil", "Fneu"), ("Deconvolved", "spks")):
        maker.put(container, maker.series("plane0", np.load(folder / f"{name}.npy").T))
    recording, same = read(maker.write(tmp_path / "ophys.nwb")), read(folder)
    assert recording.cells.headers == same.cells.headers
    for cell, other in zip(recording.cells, same.cells, strict=True):
        assert np.array_equal(cell.traces, other.traces)


def test_time_stamps(tmp_path):
    times = np.arange(100) / 25 + 7
    jittered = times + np.random.default_rng(1).normal(0, 1e-4, 100)
    gap = times + 2.0 * (times > 9)
    for stamps, rate, words in (
        (times, 25, None),
        (jittered, 25, None),
        (gap, 25, "1 of 99 intervals differ by more than a tenth from 0.04 s, up to 2.04 s"),
        (np.zeros(100), None, "do not ascend"),
    ):
        maker = Maker(3)
        maker.put("Fluorescence", maker.series("RoiResponseSeries", values(100, 3), timestamps=stamps))
        recording = read(maker.write(tmp_path / "a.nwb"))
        assert recording.frame_rate == (None if rate is None else pytest.approx(rate, rel=1e-3))
        assert (words is None) or words in recording.warnings[0]
    assert [question.name for question in nwb.inquire(tmp_path / "a.nwb").questions] == ["frame_rate"]


def test_the_time_axis_is_found_by_the_number_of_rois(tmp_path):
    maker = Maker(3)
    data = values(50, 3)
    maker.put("Fluorescence", maker.series("RoiResponseSeries", data))
    path = maker.write(tmp_path / "a.nwb")
    with h5py.File(path, "r+") as file:
        group = file["processing/ophys/Fluorescence/RoiResponseSeries"]
        attributes = dict(group["data"].attrs)
        del group["data"]
        group["data"] = data.T
        group["data"].attrs.update(attributes | {"conversion": 2.0, "offset": -1.0})
    recording = read(path)
    assert np.array_equal(recording.cells[2].traces[0], 2 * data[:, 2].astype(float) - 1)
    warnings = " ".join(recording.warnings)
    assert "lies as ROIs x time" in warnings
    assert "was converted to lumens as the file says: times 2 plus -1" in warnings
    with h5py.File(path, "r+") as file:
        del file["processing/ophys/Fluorescence/RoiResponseSeries/rois"]
    assert read(path).cells[0].traces.shape == (1, 3)  # time x ROIs, as NWB has it
    turned = nwb.read(path, Options(rows_are_frames=False))
    assert (turned.cells[0].traces.shape, turned.rows_are_frames) == ((1, 50), False)
    assert [question.name for question in nwb.inquire(path).questions] == ["rows_are_frames"]


@pytest.mark.parametrize("version", [1, 2])
def test_allens_nwb_1(tmp_path, version):
    path = tmp_path / "510517131.nwb"
    data = {name: values(80, 6, k).T for k, name in enumerate(("raw", "demixed", "neuropil", "dff"))}
    times = np.arange(80) / 30.1 + 9.6
    with h5py.File(path, "w") as file:
        file["nwb_version"], file["identifier"] = "NWB-1.0.5", "510517131"
        pipeline = file.create_group("processing/brain_observatory_pipeline")
        names = {"imaging_plane_1": "raw", "imaging_plane_1_demixed_signal": "demixed"}
        names |= {"imaging_plane_1_neuropil_response": "neuropil"} if version == 2 else {}
        for name, kind in names.items():
            group = pipeline.create_group(f"Fluorescence/{name}")
            group["data"], group["timestamps"] = data[kind], times
            group["r"] = np.ones(6)
            group.attrs["neurodata_type"] = "TimeSeries"
            group.attrs["ancestry"] = np.array([b"TimeSeries", b"RoiResponseSeries"])
        if version == 1:
            pipeline["Fluorescence/imaging_plane_1/neuropil_traces"] = data["neuropil"]
        pipeline["DfOverF/imaging_plane_1/data"] = data["dff"]
        pipeline["DfOverF/imaging_plane_1/timestamps"] = times
    recording = read(path)
    assert recording.frame_rate == pytest.approx(30.1)
    assert recording.warnings == ()
    assert recording.format == "NWB NWB-1.0.5"
    assert np.array_equal(recording.cells[4].traces, np.stack([data["demixed"][4], data["neuropil"][4]]).astype(float))


def test_nothing_leads_out_of_the_file(tmp_path, refusal):
    maker = Maker(3)
    maker.put("Fluorescence", maker.series("RoiResponseSeries", values(50, 3)))
    secret, path = maker.write(tmp_path / "secret.nwb"), tmp_path / "a.nwb"
    with h5py.File(path, "w") as file:
        file.attrs["nwb_version"] = "2.6.0"
        file["processing"] = h5py.ExternalLink("secret.nwb", "processing")
        file["soft"] = h5py.SoftLink("/processing/ophys")
        file["loop"] = h5py.SoftLink("/loop")
        file["circle"] = file["/"]
        group = file.create_group("outside/Fluorescence/a")
        (tmp_path / "raw").write_bytes(bytes(range(240)))
        group.create_dataset("data", (10, 3), "f8", external=[(str(tmp_path / "raw"), 0, 240)])
        layout = h5py.VirtualLayout((50, 3), "f4")
        layout[:] = h5py.VirtualSource(secret, "processing/ophys/Fluorescence/RoiResponseSeries/data", (50, 3))
        file.create_group("outside/Fluorescence/b").create_virtual_dataset("data", layout)
    assert "no series of ROIs" in refusal(path)


def test_more_rois_than_any_recording(tmp_path, refusal):
    path = tmp_path / "a.nwb"
    with h5py.File(path, "w") as file:
        file.attrs["nwb_version"] = "2.6.0"
        group = file.create_group("processing/ophys/Fluorescence/a")
        group.create_dataset("data", (2, 100_000_000), "u1", chunks=(1, 1_000_000), compression="gzip")
    assert path.stat().st_size < 10_000
    assert "100,000,000 cells, more than any recording" in refusal(path)


def test_broken_files_are_sentences(like_suite2p, tmp_path, refusal):
    path, _ = like_suite2p
    whole = path.read_bytes()
    short = tmp_path / "short.nwb"
    for part in (len(whole) // 2, len(whole) - 8, 600):
        short.write_bytes(whole[:part])
        assert "short.nwb" in refusal(short)
    recording = read(path)
    os.truncate(path, len(whole) - 8)
    with pytest.raises(DataError, match="has changed since"):
        recording.cells[0]


def test_cells_come_in_blocks(like_suite2p, monkeypatch):
    path, _ = like_suite2p
    whole = [cell.traces for cell in read(path).cells]
    monkeypatch.setattr(nwb, "BLOCK", 2 * 60 * 8 * 2)
    monkeypatch.setattr("neuropil_gui.formats.programs.nwb.LOOK", 8 * 4 * 20)
    again = read(path).cells
    for k in (4, 0, 3, 1, 2):
        assert np.array_equal(again[k].traces, whole[k])
    look = nwb.inquire(path).preview(Options())
    assert (look.traces.shape, look.frames) == ((2, 20), 60)


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 40), st.integers(1, 8), st.booleans(), st.booleans(), st.integers(0, 3))
def test_any_shape_comes_back(tmp_path_factory, frames, rois, turned, chunked, zeros):
    path = tmp_path_factory.getbasetemp() / "any.nwb"
    data = values(frames + zeros, rois)
    data[frames:] = 0
    with h5py.File(path, "w") as file:
        file.attrs["nwb_version"] = "2.7.0"
        group = file.create_group("processing/ophys/Fluorescence/RoiResponseSeries")
        group.attrs["neurodata_type"] = "RoiResponseSeries"
        group["rois"] = np.arange(rois)
        group["starting_time"] = 0.0
        group["starting_time"].attrs["rate"] = 5.0
        stored = data.T if turned else data
        group.create_dataset(
            "data", data=stored, chunks=tuple(-(-side // 2) for side in stored.shape) if chunked else None
        )
    if stored.shape[0] < 2 or frames + zeros == rois:
        return
    recording = read(path)
    assert recording.frame_rate == 5.0
    assert np.array_equal(np.array([cell.traces[0] for cell in recording.cells]), data[:frames].T.astype(float))


def test_the_table_of_rois_settles_the_axes_where_a_region_names_fewer(tmp_path):
    maker, data = Maker(12), values(400, 12)
    maker.put("Fluorescence", maker.series("Fluorescence", data))
    path = maker.write(tmp_path / "stacked.nwb")
    with h5py.File(path, "r+") as file:  # as suite2p writes stacked planes; pynwb would only warn
        group = file[f"{GROUP}/Fluorescence"]
        for name, stored in (("rois", np.arange(5)), ("data", data.T)):
            attributes = dict(group[name].attrs)
            del group[name]
            group[name] = stored
            group[name].attrs.update(attributes)
    recording = nwb.read(path, Options())
    assert len(recording.cells) == 12
    assert np.array_equal(recording.cells[7].traces[0], data[:, 7].astype(float))
