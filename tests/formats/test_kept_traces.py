"""Traces that are kept: taken for the same files and regions alone, bounded, and never trusted when damaged."""

import os

import numpy as np
import pytest
import tifffile

from neuropil_gui import read, write_rois
from neuropil_gui.formats import kept_traces
from neuropil_gui.formats.kept_traces import traces_kept_in
from neuropil_gui.imaging import extraction

FRAMES = np.random.default_rng(3).integers(0, 4000, (30, 2, 20, 24)).astype(np.uint16)
SQUARE = np.array([(6, 6), (12, 6), (12, 11), (6, 11)])


@pytest.fixture
def movie(tmp_path, monkeypatch):
    monkeypatch.setattr(kept_traces, "WORTH_BYTES", 1000)
    tifffile.imwrite(tmp_path / "movie.tif", FRAMES, imagej=True, metadata={"axes": "TCYX"})
    write_rois(tmp_path / "rois.zip", [SQUARE, SQUARE + np.array((6, 3))])
    return tmp_path / "movie.tif"


@pytest.fixture
def passes(monkeypatch):
    """List the movies that are read."""
    made = []
    own = extraction.extract_traces

    def noting(movie, *arguments):
        made.append(movie.name)
        return own(movie, *arguments)

    monkeypatch.setattr(extraction, "extract_traces", noting)
    return made


def opened(movie, **answers):
    with traces_kept_in(movie.parent / "kept"):
        return [cell.traces for cell in read(movie, rois=movie.with_name("rois.zip"), **answers).cells]


def test_the_same_movie_is_read_once(movie, passes):
    first = opened(movie)
    again = opened(movie)
    assert len(passes) == 1
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)
        assert not other.flags.writeable
    assert len(list((movie.parent / "kept").iterdir())) == 1


def test_another_channel_other_regions_and_a_changed_file_are_read_anew(movie, passes):
    first = opened(movie)
    for count, answers in enumerate(({"channel": 2}, {"gap": 1}, {"exclude_others": True}, {"regions": 3}), 2):
        opened(movie, **answers)
        assert len(passes) == count
    opened(movie, frame_rate=7.0)
    assert len(passes) == 5  # the traces are the same at any rate
    tifffile.imwrite(movie, FRAMES[::-1], imagej=True, metadata={"axes": "TCYX"})
    os.utime(movie, ns=(1, 1))
    np.testing.assert_array_equal(opened(movie)[0], first[0][:, ::-1])
    write_rois(movie.with_name("rois.zip"), [SQUARE])
    assert len(opened(movie)) == 1
    assert len(passes) == 7


@pytest.mark.parametrize("damage", ["cut", "other", "gone"])
def test_what_is_damaged_is_extracted_anew(movie, passes, damage):
    first = opened(movie)
    (kept,) = (movie.parent / "kept").iterdir()
    if damage == "cut":
        kept.write_bytes(kept.read_bytes()[:-8])
    elif damage == "other":
        np.save(kept, np.ones((3, 4)))
    else:
        kept.unlink()
    np.testing.assert_array_equal(opened(movie)[0], first[0])
    assert len(passes) == 2


def test_what_was_used_longest_ago_makes_room(movie, monkeypatch):
    opened(movie)
    (first,) = folder = list((movie.parent / "kept").iterdir())
    os.utime(first, ns=(1, 1))
    opened(movie, gap=1)
    size = sum(each.stat().st_size for each in first.parent.iterdir())
    monkeypatch.setattr(kept_traces, "MOST_BYTES", size)
    assert folder == [first]
    opened(movie, gap=2)
    left = list((movie.parent / "kept").iterdir())
    assert first not in left
    assert len(left) == 2
    monkeypatch.setattr(kept_traces, "MOST_OF_ONE", 100)
    opened(movie, gap=3)
    assert sorted(left) == sorted((movie.parent / "kept").iterdir())


def test_nothing_is_kept_without_a_folder_or_of_small_movies(movie, monkeypatch):
    monkeypatch.setattr(kept_traces, "WORTH_BYTES", 10**9)
    opened(movie)
    assert not (movie.parent / "kept").exists()
    monkeypatch.setattr(kept_traces, "WORTH_BYTES", 1000)
    read(movie, rois=movie.with_name("rois.zip"))
    assert not (movie.parent / "kept").exists()
    (movie.parent / "kept").write_text("")  # where no folder can be
    assert len(opened(movie)) == 2
