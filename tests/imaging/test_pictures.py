"""Pictures of a movie against NumPy on the whole of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.formats.movies import read_movie
from neuropil_gui.imaging.pictures import moving_pictures

pytestmark = pytest.mark.any_version


def pictures_of(movie, **keywords):
    steps = list(moving_pictures(movie, **keywords))
    parts = [part for part, _ in steps]
    assert parts == sorted(parts)
    assert parts[-1] == 1
    return steps[-1][1].pictures()


def correlation_of(frames):
    """The mean of Pearson's r with the neighbours, by np.corrcoef of each pair."""
    _, rows, columns = frames.shape
    found = np.full((rows, columns), np.nan)
    for row in range(rows):
        for column in range(columns):
            around = [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)]
            r = [
                np.corrcoef(frames[:, row, column], frames[:, y, x])[0, 1]
                for y, x in around
                if 0 <= y < rows and 0 <= x < columns and np.ptp(frames[:, y, x]) and np.ptp(frames[:, row, column])
            ]
            found[row, column] = np.mean(r) if r else np.nan
    return found


def check(found, frames, rtol=1e-5):
    values = frames.astype(np.float64)
    np.testing.assert_allclose(found["mean"], values.mean(axis=0), rtol=1e-6)
    np.testing.assert_array_equal(found["max"], frames.max(axis=0).astype(np.float32))
    np.testing.assert_allclose(found["sd"], values.std(axis=0), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(found["correlation"], correlation_of(values), rtol=rtol, atol=2e-5)


def simulated(frames=150, rows=7, columns=9, dtype=np.uint16):
    rng = np.random.default_rng(5)
    shared = rng.gamma(2.0, 30.0, frames)[:, None, None]
    return (2000 + shared + rng.normal(0, 20, (frames, rows, columns))).astype(dtype)


@given(
    frames=st.integers(2, 60), rows=st.integers(1, 5), columns=st.integers(1, 5), seed=st.integers(0, 2**16),
    dtype=st.sampled_from(["uint8", "int16", "uint16", "float32"]),
)  # fmt: skip
def test_pictures_are_numpys(frames, rows, columns, seed, dtype):
    movie = np.random.default_rng(seed).integers(0, 200, (frames, rows, columns)).astype(dtype)
    check(pictures_of(read_movie(movie)), movie, rtol=1e-3)


def test_blocks_and_trials_make_the_same_pictures(monkeypatch):
    from neuropil_gui.imaging import stack

    movie = simulated()
    monkeypatch.setattr(stack, "BLOCK", 5 * movie[0].nbytes)
    check(pictures_of(read_movie([movie[:47], movie[47:48], movie[48:]])), movie)


def test_values_far_above_their_spread_lose_no_digits():
    movie = simulated(dtype=np.int32) + 1_000_000
    found = pictures_of(read_movie(movie))
    np.testing.assert_allclose(found["sd"], movie.std(axis=0), rtol=1e-5)
    np.testing.assert_allclose(found["correlation"], correlation_of(movie.astype(float)), atol=2e-5)


def test_of_a_long_movie_every_kth_frame_is_taken():
    movie = simulated(101)
    found = pictures_of(read_movie([movie[:30], movie[30:]]), most_frames=26)
    np.testing.assert_allclose(found["mean"], movie.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(found["sd"], movie[::4].std(axis=0), rtol=1e-4)
    np.testing.assert_allclose(found["correlation"], correlation_of(movie[::4].astype(float)), atol=2e-5)


@pytest.mark.parametrize("pixels_a_block", [1, 3, 7, 20, 1000])
def test_movies_stored_pixel_after_pixel_make_the_same_pictures(tmp_path, monkeypatch, pixels_a_block):
    from neuropil_gui.imaging import pixel_major

    movie = simulated().astype(np.float32)
    paths = []
    for name, part in (("a", movie[:101]), ("b", movie[101:])):
        frames, rows, columns = part.shape
        paths.append(tmp_path / f"{name}_d1_{rows}_d2_{columns}_d3_1_order_C_frames_{frames}_.mmap")
        part.transpose(2, 1, 0).tofile(paths[-1])
    monkeypatch.setattr(pixel_major, "BLOCK", pixels_a_block * 101 * 4)
    check(pictures_of(read_movie(paths)), movie)
    found = pictures_of(read_movie(paths), most_frames=40)
    np.testing.assert_allclose(found["sd"], movie[::4].std(axis=0), rtol=1e-4)
    for part, running in moving_pictures(read_movie(paths)):
        # While pixels of one trial are there and others not, there is no picture that is true of all.
        assert bool(running.pictures()) == (part in (101 / 150, 1.0))


def test_a_constant_pixel_has_no_correlation_and_a_missing_one_no_value():
    movie = simulated(dtype=np.float32)
    movie[:, 2, 3] = 5
    movie[7, 5, 5] = np.nan
    found = pictures_of(read_movie(movie))
    assert np.isnan(found["correlation"][2, 3])
    assert found["sd"][2, 3] == 0
    assert all(np.isnan(found[name][5, 5]) for name in ("mean", "sd", "correlation"))
    # Neighbours are compared with those that are known.
    assert np.isfinite(np.delete(found["correlation"].ravel(), [2 * 9 + 3, 5 * 9 + 5])).all()
