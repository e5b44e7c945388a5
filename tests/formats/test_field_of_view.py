"""Where the field of view of a recording comes from, and why there is none."""

from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.formats.extraction import extract
from neuropil_gui.formats.field_of_view import read_field
from neuropil_gui.formats.progress import watched
from neuropil_gui.formats.registry import read
from neuropil_gui.formats.rois import write_rois
from neuropil_gui.imaging.regions import RegionSettings
from neuropil_gui.imaging.roi import PixelRoi
from neuropil_gui.imaging.roi_cells import EditedMovie, RoiCells

pytestmark = pytest.mark.any_version


@pytest.fixture
def movie():
    return np.random.default_rng(3).integers(0, 900, (40, 30, 36)).astype(np.uint16)


@pytest.fixture
def files(tmp_path, movie):
    """A movie in two trials and its ROIs; the second ROI lies beside the picture."""
    paths = [tmp_path / "a1.npy", tmp_path / "a2.npy"]
    np.save(paths[0], movie[:25])
    np.save(paths[1], movie[25:])
    corners = np.array([[4, 4], [10, 4], [10, 11], [4, 11]])
    rois = tmp_path / "rois.zip"
    write_rois(rois, [corners, corners + 500, corners + 15])
    return paths, rois


SETTINGS = RegionSettings(3, 1.5, exclude_others=True, gap=1)


def test_a_movie_and_its_rois_are_found_by_the_files_of_the_recording(files, movie):
    recording = extract(*files, SETTINGS)
    field = read_field(recording)
    assert field.settings == SETTINGS
    assert field.rois.numbers == (1, 3)
    assert field.shape == movie.shape[1:]
    np.testing.assert_array_equal(field.movie.read(0, 40), movie)
    assert sorted(field.cells) == [0, 1]
    for index, cell in field.cells.items():
        traces = recording.cells[index].traces
        assert cell.regions.name == recording.cells[index].name
        # Each signal of the recording is the mean of the pixels that are drawn as it.
        for (_, pixels), trace in zip(cell.signals, traces, strict=True):
            np.testing.assert_allclose(movie.reshape(40, -1)[:, pixels].mean(axis=1), trace)


def test_it_can_be_stopped(files):
    with watched(should_stop=lambda: True), pytest.raises(Cancelled):
        read_field(extract(*files, SETTINGS))


def test_traces_alone_have_none(cell, movie):
    with pytest.raises(DataError, match="Open the movie and its ROIs, or the folder that suite2p wrote"):
        read_field(Recording("traces", "traces.npy", 10.0, (cell,), "NumPy"))
    with pytest.raises(DataError, match="not known as files: open them"):
        read_field(extract(movie, [np.array([[4, 4], [10, 4], [10, 11]])]))


def test_rois_of_another_file_are_refused(files):
    recording = extract(*files, SETTINGS)
    corners = np.array([[4, 4], [10, 4], [10, 11], [4, 11]])
    write_rois(files[1], [corners])
    with pytest.raises(DataError, match=r"rois\.zip: 1 cell of the traces cannot be found in it: the file has changed"):
        read_field(recording)
    write_rois(files[1], [np.array([[400, 400], [410, 400], [410, 411]])])
    with pytest.raises(DataError, match=r"rois\.zip: 2 cells of the traces cannot be found in it"):
        read_field(recording)


# suite2p


def write_plane(folder, rows=20, columns=24, **changes):
    folder.mkdir(parents=True)
    rng = np.random.default_rng(1)
    stat = []
    for k in range(3):
        y, x = np.mgrid[3:6, 4 + 5 * k : 8 + 5 * k]
        ring = np.setdiff1d(np.arange(200, 300), y.ravel() * columns + x.ravel())
        stat.append({"ypix": y.ravel(), "xpix": x.ravel(), "lam": np.ones(y.size), "neuropil_mask": ring})
    ops = {
        "Ly": rows, "Lx": columns, "fs": 20.0, "meanImg": rng.random((rows, columns)), "yrange": [2, 18],
        "xrange": [1, 21], "max_proj": rng.random((16, 20)), "Vcorr": rng.random((16, 20)),
    } | changes  # fmt: skip
    np.save(folder / "stat.npy", np.array(stat, object), allow_pickle=True)
    np.save(folder / "ops.npy", np.array(ops, object), allow_pickle=True)
    np.save(folder / "F.npy", rng.random((3, 50)).astype(np.float32))
    np.save(folder / "Fneu.npy", rng.random((3, 50)).astype(np.float32))
    np.save(folder / "iscell.npy", np.array([[1, 0.9], [0, 0.1], [1, 0.8]]))
    return ops, stat


def test_a_suite2p_plane_has_its_pictures_and_masks(tmp_path):
    ops, stat = write_plane(tmp_path / "plane0")
    field = read_field(read(tmp_path / "plane0"))
    assert sorted(field.cells) == [0, 1]
    second = field.cells[1]
    np.testing.assert_array_equal(np.sort(second.regions.pixels[0]), np.sort(stat[2]["ypix"] * 24 + stat[2]["xpix"]))
    assert [name for name, _ in second.signals] == ["ROI", "neuropil"]
    np.testing.assert_array_equal(second.regions.pixels[1], stat[2]["neuropil_mask"])
    np.testing.assert_allclose(field.pictures["mean"], ops["meanImg"], rtol=1e-6)
    np.testing.assert_allclose(field.pictures["max"][2:18, 1:21], ops["max_proj"], rtol=1e-6)
    assert np.isnan(field.pictures["max"][:2]).all()
    assert field.movie is None
    assert "data.bin was looked for in plane0" in field.notes[0]


def test_the_registered_movie_is_taken_where_it_has_the_frames_of_the_traces(tmp_path):
    write_plane(tmp_path / "plane0")
    movie = np.arange(50 * 20 * 24, dtype=np.int16).reshape(50, 20, 24)
    movie.tofile(tmp_path / "plane0" / "data.bin")
    field = read_field(read(tmp_path / "plane0"))
    np.testing.assert_array_equal(field.movie.read(49, 50)[0], movie[49])
    movie[:49].tofile(tmp_path / "plane0" / "data.bin")
    field = read_field(read(tmp_path / "plane0"))
    assert field.movie is None
    assert "49 frames, but the traces 50" in " ".join(field.notes)


def test_each_plane_has_a_field_of_its_own(tmp_path):
    for k in range(2):
        write_plane(tmp_path / f"plane{k}", meanImg=np.full((20, 24), float(k)))
    recording = read(tmp_path)
    assert len(recording.cells) == 4
    for index, plane in enumerate((0, 0, 1, 1)):
        field = read_field(recording, index)
        assert field.pictures["mean"][0, 0] == plane
        assert sorted(field.cells) == [2 * plane, 2 * plane + 1]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("ops.npy", None, "ops.npy is missing"),
        ("ops.npy", [1, 2], "not what suite2p writes"),
        ("ops.npy", {"Ly": -4, "Lx": 10**12}, "-4 x 1000000000000 pixels"),
        ("stat.npy", [{"ypix": [1.5], "xpix": [2]}, 5, None], "no pixels of the cells"),
    ],
)
def test_what_is_not_there_or_nonsense_is_said(tmp_path, name, content, sentence):
    write_plane(tmp_path / "plane0")
    recording = read(tmp_path / "plane0")
    (tmp_path / "plane0" / name).unlink()
    if content is not None:
        np.save(tmp_path / "plane0" / name, np.array(content, object), allow_pickle=True)
    with pytest.raises(DataError, match=sentence):
        read_field(recording)


def test_pictures_that_do_not_fit_and_masks_that_are_missing_are_left_out(tmp_path):
    write_plane(tmp_path / "plane0", meanImg=np.zeros((3, 3)), max_proj="none", yrange=[5, 500])
    recording = read(tmp_path / "plane0")
    stat = [{"ypix": np.array([3]), "xpix": np.array([k]), "neuropil_mask": np.nan} for k in range(3)]
    np.save(tmp_path / "plane0" / "stat.npy", np.array(stat, object), allow_pickle=True)
    field = read_field(recording)
    assert dict(field.pictures) == {}
    assert "the neuropil of 2 cells" in field.notes[0]
    assert field.facts(0)[0].pixels == 1


def test_the_sample_of_suite2p(real_data):
    recording = read(real_data / "suite2p" / "plane0")
    field = read_field(recording)
    assert (field.shape, len(field.cells)) == ((176, 156), 21)
    assert sorted(field.pictures) == ["correlation", "enhanced", "max", "mean"]
    # suite2p leaves all cells out of its neuropil masks.
    assert max(field.greatest_shares.values()) < 0.05


def test_regions_of_the_example_hold_other_cells(real_data):
    """66 % of one region of cell 3 and 42 % of one of cell 4 are another ROI, counted from FISSA's own masks."""
    from neuropil_gui.formats.rois import read_rois
    from neuropil_gui.imaging.field_of_view import FieldOfView
    from neuropil_gui.imaging.roi_set import RoiSet

    rois = RoiSet.of(read_rois(real_data / "imaging" / "rois_4cells.zip").rois, (176, 156), RegionSettings())
    shares = FieldOfView.of_rois("example", rois).greatest_shares
    assert [round(shares[k], 2) for k in (2, 3)] == [0.66, 0.42]


def test_pixels_without_a_roi_of_their_own_are_no_cell(files):
    """A ROI of a label picture keeps its place among those of the file."""
    paths, _ = files
    labels = np.zeros((30, 36), np.uint16)
    labels[3:8, 3:8], labels[20:26, 20:27] = 7, 2
    path = paths[0].with_name("labels.npy")
    np.save(path, labels)
    recording = extract(paths, path)
    field = read_field(recording)
    assert [recording.cells[k].name for k in field.cells] == ["ROI 2", "ROI 7"]
    assert isinstance(field.cells[0].roi, PixelRoi)
    assert len(field.cells[0].regions.pixels[0]) == 42


def test_a_movie_that_was_cut_since_is_refused(files, movie):
    recording = extract(*files, SETTINGS)
    np.save(files[0][1], movie[25:30])
    with pytest.raises(DataError, match="30 frames, but the traces 40: it has changed"):
        read_field(recording)


def test_edited_rois_are_taken_as_they_are(files):
    recording = extract(*files, SETTINGS)
    field = read_field(recording)
    rois = field.rois.removed([0])
    source = EditedMovie(lambda: field.movie, field.movie.shape, field.movie.trial_starts)
    edited = read_field(replace(recording, cells=RoiCells(source, rois, {})))
    assert edited.rois is rois
    assert edited.movie is field.movie
    np.testing.assert_array_equal(edited.cells[0].regions.pixels[0], field.cells[1].regions.pixels[0])
