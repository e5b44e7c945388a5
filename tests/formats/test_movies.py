import numpy as np
import pytest
import tifffile

from neuropil_gui import extract, read_movie
from neuropil_gui.core.errors import DataError

FRAMES = np.random.default_rng(3).integers(0, 4000, (12, 20, 24)).astype(np.int16)
SQUARE = [np.array([(6, 6), (12, 6), (12, 11), (6, 11)])]


def whole(movie):
    return movie.read(0, movie.shape[0])


def test_trials_come_in_the_natural_order_of_their_names(tmp_path):
    for number in (1, 2, 10):
        tifffile.imwrite(tmp_path / f"A{number}.tif", FRAMES[:number])
    paths = [tmp_path / f"A{number}.tif" for number in (10, 1, 2)]
    for movie in (read_movie(paths), read_movie(tmp_path)):
        assert movie.trial_starts == (0, 1, 3)
        assert movie.shape == (13, 20, 24)
        assert movie.source == str(tmp_path / "A1.tif")
        assert movie.files[-1].endswith("A10.tif")


def test_arrays_are_trials(tmp_path):
    movie = read_movie([FRAMES[:5], FRAMES[5:]], frame_rate=30)
    assert (movie.trial_starts, movie.frame_rate) == ((0, 5), 30)
    assert np.array_equal(whole(movie), FRAMES)
    np.save(tmp_path / "a.npy", FRAMES)
    assert np.array_equal(whole(read_movie(tmp_path / "a.npy")), FRAMES)
    with pytest.raises(DataError, match="No movie was given"):
        read_movie([])
    with pytest.raises(DataError, match="not of both"):
        read_movie([FRAMES, tmp_path / "a.npy"])


def suite2p(folder, **facts):
    folder.mkdir(exist_ok=True)
    FRAMES.tofile(folder / "data.bin")
    np.save(folder / "ops.npy", {"Ly": 20, "Lx": 24, "fs": 31.0} | facts, allow_pickle=True)
    return folder


def test_the_registered_movie_of_suite2p_with_its_trials(tmp_path):
    plane = suite2p(tmp_path / "plane0", frames_per_file=np.array([4, 8]))
    for path in (plane, plane / "data.bin", tmp_path):
        movie = read_movie(path)
        assert (movie.trial_starts, movie.frame_rate) == ((0, 4), 31)
        assert np.array_equal(whole(movie), FRAMES)
    assert "half of the values" in movie.notes[0]
    for lengths in ([0, 12], [[4], [4, 4]]):
        suite2p(plane, frames_per_file=lengths)
        assert read_movie(plane).trial_starts == (0,)
    suite2p(plane, Lx=25)
    with pytest.raises(DataError, match=r"data\.bin: its 11520 bytes are no whole number of frames of 20 x 25"):
        read_movie(plane)
    (plane / "ops.npy").unlink()
    with pytest.raises(DataError, match=r"data\.bin: the size of its frames"):
        read_movie(plane)


@pytest.mark.parametrize("order", ["C", "F"])
def test_both_orders_of_caiman(tmp_path, order, monkeypatch):
    monkeypatch.setattr("neuropil_gui.imaging.pixel_major.BLOCK", 12 * 4 * 100)
    path = tmp_path / f"memmap__d1_20_d2_24_d3_1_order_{order}_frames_12_.mmap"
    pixels = FRAMES.transpose(2, 1, 0).reshape(-1, 12).astype(np.float32)  # column after column of the picture
    path.write_bytes(pixels.tobytes(order))
    movie = read_movie(path)
    assert np.array_equal(whole(movie), FRAMES.astype(np.float32))
    assert np.array_equal(movie.read(3, 5), FRAMES[3:5].astype(np.float32))
    found, expected = (extract(each, SQUARE).cells[0].traces for each in (movie, FRAMES))
    assert np.allclose(found, expected, rtol=1e-12)
    path.write_bytes(pixels.tobytes()[:-4])
    with pytest.raises(DataError, match="as its name says"):
        read_movie(path)
    path.rename(tmp_path / "movie.mmap")
    with pytest.raises(DataError, match="does not say the size"):
        read_movie(tmp_path / "movie.mmap")


def test_what_is_no_movie_is_named(tmp_path):
    (tmp_path / "a.avi").write_bytes(b"RIFF" + bytes(100))
    (tmp_path / "b.tif").write_bytes(b"II*\0" + bytes(100))
    np.save(tmp_path / "c.npy", FRAMES[0])
    np.save(tmp_path / "d.npy", np.asfortranarray(FRAMES))
    (tmp_path / "e.npy").write_bytes((tmp_path / "d.npy").read_bytes()[:200])
    (tmp_path / "empty").mkdir()
    for name, why in (
        ("a.avi", "no movie that can be read"),
        ("b.tif", "no TIFF, or holds no picture"),
        ("c.npy", "a movie of shape"),
        ("d.npy", "Fortran"),
        ("e.npy", "cut short"),
        ("empty", "no movie was found"),
        ("gone", "no such file"),
    ):
        with pytest.raises(DataError, match=f"^{name}: .*{why}"):
            read_movie(tmp_path / name)
