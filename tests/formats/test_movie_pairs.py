"""Which of some files is the movie and which its ROIs, and what is found beside one of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

from neuropil_gui import write_rois
from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.movie_pairs import (
    EITHER,
    MOVIE,
    ROIS,
    kind_of,
    movie_beside,
    movie_first,
    pair_of,
    rois_beside,
)
from neuropil_gui.formats.paths import Options

SQUARE = np.array([(1, 1), (5, 1), (5, 5), (1, 5)])
FRAMES = np.zeros((5, 8, 8), np.uint16)


@pytest.fixture
def there(tmp_path):
    """Return where a file of a kind is, made by its name."""

    def there(*names):
        made = []
        for name in names:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if path.suffix in (".tif", ".tiff"):
                tifffile.imwrite(path, FRAMES)
            elif path.suffix == ".zip":
                write_rois(path, [SQUARE])
            elif path.suffix == ".roi":
                path.write_bytes(b"Iout" + bytes(60))
            elif path.suffix == ".png":
                Image.fromarray(FRAMES[0].astype(np.uint8)).save(path)
            elif path.suffix == ".npy":
                np.save(path, FRAMES)
            else:
                path.write_bytes(b"what" + bytes(60))
            made.append(path)
        return made[0] if len(made) == 1 else made

    return there


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.tif", MOVIE), ("A.TIFF", MOVIE), ("a_d1_8_d2_8_d3_1_order_C_frames_3_.mmap", MOVIE), ("a.zip", ROIS),
        ("a.roi", ROIS), ("a_cp_masks.png", ROIS), ("a.npy", EITHER), ("a.csv", ""), ("data.bin", ""),
    ],
)  # fmt: skip
def test_kinds(there, name, kind):
    assert kind_of(there(name.lower() if name.startswith("A") else name)) == kind


def test_kinds_of_what_lies_with_others(there, tmp_path):
    binary, _ = there("plane0/data.bin", "plane0/ops.npy")
    assert kind_of(binary) == MOVIE
    there("plane0/stat.npy", "trials/a.tif", "empty/a.csv")
    assert [kind_of(tmp_path / each) for each in ("plane0", "trials", "empty")] == [EITHER, MOVIE, ""]
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(tmp_path / "colour.png")
    assert kind_of(tmp_path / "colour.png") == ""


@pytest.mark.parametrize(
    ("names", "movie", "rois", "trials"),
    [
        (["r.zip", "A10.tif", "A2.tif"], "A2.tif", "r.zip", ["A10.tif"]),
        (["A1.tif", "A2.tif"], "A1.tif", None, ["A2.tif"]),
        (["A1.tif", "A1_masks.tif"], "A1.tif", "A1_masks.tif", []),
        (["A1.tif", "A1_cp_masks.png"], "A1.tif", "A1_cp_masks.png", []),
        (["A1.tif", "labels.npy"], "A1.tif", "labels.npy", []),
        (["movie.npy", "r.zip"], "movie.npy", "r.zip", []),
    ],
)
def test_pairs(there, names, movie, rois, trials):
    folder = there(*names)[0].parent
    path, options = pair_of([folder / name for name in names])
    assert path == folder / movie
    assert options.rois == (str(folder / rois) if rois else None)
    assert list(options.trial_files or ()) == [str(folder / trial) for trial in trials]


@pytest.mark.parametrize("names", [["a.tif"], ["a.csv", "b.csv"], ["a.tif", "a.csv"], ["r.zip", "s.zip"]])
def test_what_is_no_pair(there, names):
    made = there(*names)
    assert pair_of([made] if isinstance(made, Path) else made) is None


def test_a_plane_of_suite2p_goes_with_rois_of_imagej_and_the_other_way(there, tmp_path):
    there("plane0/data.bin", "plane0/ops.npy", "plane0/stat.npy", "r.zip", "a.tif")
    path, options = pair_of([tmp_path / "plane0", tmp_path / "r.zip"])
    assert (path, options.rois) == (tmp_path / "plane0" / "data.bin", str(tmp_path / "r.zip"))
    path, options = pair_of([tmp_path / "plane0", tmp_path / "a.tif"])
    assert (path, options.rois) == (tmp_path / "a.tif", str(tmp_path / "plane0"))


def test_rois_are_looked_for_beside_a_movie(there, tmp_path):
    movie = there("day/A1.tif")
    assert rois_beside(movie).path is None
    assert rois_beside(movie).why.startswith("None were found")
    above = there("rois.zip")
    assert rois_beside(movie).path == above
    labels, _ = there("day/A1_cp_masks.png", "day/other.png")
    assert rois_beside(movie).path == labels
    near, _ = there("day/A1_rois.zip", "day/B1_rois.zip")
    assert rois_beside(movie).path == near
    assert "of 2 files" in rois_beside(movie).why
    assert rois_beside(tmp_path / "day").path is not None


def test_a_movie_is_looked_for_beside_rois(there, tmp_path):
    rois = there("rois.zip")
    assert movie_beside(rois).path is None
    one, _ = there("A1.tif", "A1_masks.tif")
    assert movie_beside(rois).path == one
    there("A2.tif")
    assert movie_beside(rois).path == tmp_path  # they differ by a number: trials
    named = there("rois-of-day.tif")
    assert movie_beside(rois).path == named


def test_the_movie_comes_first_and_trials_in_their_order(tmp_path):
    options = Options(movie=str(tmp_path / "A10.tif"), trial_files=(str(tmp_path / "A2.tif"),), gap=1)
    path, found = movie_first(tmp_path / "r.zip", options)
    assert path == tmp_path / "A2.tif"
    trials = (str(tmp_path / "A10.tif"),)
    assert found == replace(options, movie=None, rois=str(tmp_path / "r.zip"), trial_files=trials)
    assert movie_first(path, found) == (path, found)


def test_several_files_of_rois_are_a_sentence(there):
    with pytest.raises(DataError, match=r"3 files of ROIs .* as one \.zip"):
        pair_of(there("a.tif", "r.zip", "1.roi", "2.roi"))
