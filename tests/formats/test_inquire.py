"""What files leave open: the questions, their guesses, and that a preview shows what would be read."""

import time

import h5py
import numpy as np
import pytest
import scipy.io

from neuropil_gui import write_rois
from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.registry import FORMATS, inquire, read

RNG = np.random.default_rng(8)
TRACES = RNG.random((4, 60))


def questions(path):
    return {each.name: each for each in inquire(path).questions}


def same(path, options=None):
    """The preview shows the first cell that would be read with these answers."""
    options = options or inquire(path).guess
    preview = inquire(path).preview(options)
    answers = {name: getattr(options, name) for name in ("rows_are_frames", "dataset", "neuropil", "roi_column")}
    recording = read(path, frame_rate=options.frame_rate, **answers)
    cell = recording.cells[0]
    assert np.array_equal(preview.traces, cell.traces)
    assert preview.signal_names == cell.signal_names
    assert (preview.frames, preview.cells) == (cell.traces.shape[1], len(recording.cells))
    assert preview.frame_rate == recording.frame_rate
    return preview


def test_plain_arrays_ask_only_in_doubt(tmp_path):
    np.save(tmp_path / "clear.npy", TRACES)
    assert not questions(tmp_path / "clear.npy")
    np.save(tmp_path / "turned.npy", TRACES.T)
    question = questions(tmp_path / "turned.npy")["rows_are_frames"]
    assert question.guess is True
    assert "60 rows and 4 columns" in question.why
    for order in "CF":
        for shape in ((4, 60), (60, 4), (5, 4, 60), (5, 60, 4), (2, 3, 4, 60)):
            np.save(tmp_path / "a.npy", np.asarray(RNG.random(shape), order=order))
            for asked in (None, False, True):
                same(tmp_path / "a.npy", Options(rows_are_frames=asked, frame_rate=20.0))


def test_archives_ask_which_array(tmp_path):
    path = tmp_path / "a.npz"
    np.savez(path, raw=TRACES, other=TRACES)
    assert not questions(path)
    np.savez(path, F=TRACES, Fneu=TRACES / 2, spks=TRACES * 0, text=np.array("x"))
    found = questions(path)
    assert list(found) == ["dataset", "neuropil", "rows_are_frames", "frame_rate"]
    assert (found["dataset"].guess, found["neuropil"].guess) == ("F", "Fneu")
    assert "as traces are" in found["dataset"].why
    assert [choice.value for choice in found["neuropil"].choices] == ["", "Fneu", "spks"]
    assert inquire(path).guess == Options(dataset="F", neuropil="Fneu")
    same(path)
    same(path, Options(dataset="spks"))
    same(path, Options(dataset="Fneu", neuropil="F", rows_are_frames=True))
    np.savez(path, text=np.array("x"))
    with pytest.raises(DataError, match="no array of 2 to 4 dimensions among text"):
        inquire(path)


def test_the_guessed_neuropil_follows_the_chosen_array(tmp_path):
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for plane, count in (("plane0", 4), ("plane1", 7)):
            for name in ("F", "Fneu", "spks"):
                file[f"{plane}/{name}"] = RNG.random((count, 60))
    inquiry = inquire(path)
    asked = {each.name: each for each in inquiry.questions}
    offered = [choice.value for choice in asked["neuropil"].choices]
    assert (asked["dataset"].guess, asked["neuropil"].guess) == ("plane1/F", "plane1/Fneu")
    for name, guess in (("plane1/F", "plane1/Fneu"), ("plane0/F", "plane0/Fneu"), ("plane1/Fneu", "")):
        (followed,) = [each for each in inquiry.follow(name) if each.name == "neuropil"]
        assert (followed.name, followed.guess) == ("neuropil", guess)
        assert [choice.value for choice in followed.choices] == offered
        assert guess in offered
        same(path, Options(dataset=name, neuropil=guess))
    np.savez(tmp_path / "a.npz", dff=TRACES, image=np.ones((9, 9)), other=np.ones((9, 9)))
    assert "neuropil" not in questions(tmp_path / "a.npz")
    about = inquire(tmp_path / "a.npz").follow("image")
    assert [each.name for each in about] == ["rows", "rows_are_frames", "frame_rate"]
    assert "9 rows and 9 columns" in about[1].why


def test_matlab_asks_between_arrays_and_cells(tmp_path):
    path = tmp_path / "a.mat"
    trials = np.empty((1, 2), object)
    trials[0, 0], trials[0, 1] = TRACES, TRACES + 1
    scipy.io.savemat(path, {"x": trials, "image": np.ones((99, 99))})
    found = questions(path)
    assert [choice.value for choice in found["dataset"].choices] == ["x", "image"]
    for dataset in ("x", "image"):
        same(path, Options(dataset=dataset))


def test_tables_ask_which_column_is_the_roi(tmp_path):
    path = tmp_path / "a.csv"
    header = "left,right,soma,far"
    np.savetxt(path, TRACES.T, delimiter=",", header=header, comments="", fmt="%.17g")
    question = questions(path)["roi_column"]
    assert (question.guess, question.why) == ("soma", "Its name says so.")
    assert inquire(path).guess == Options(roi_column="soma")
    assert same(path).signal_names == ("soma", "left", "right", "far")
    for asked, row in (("far", 3), ("FAR", 3), ("2", 1), ("1", 0)):
        assert np.array_equal(read(path, roi_column=asked).cells[0].traces[0], TRACES[row])
        same(path, Options(roi_column=asked))
    for asked in ("5", "0", "-1", "middle", ""):
        with pytest.raises(DataError, match="left, right, soma, far, or 1 to 4 was expected"):
            read(path, roi_column=asked)
    np.savetxt(path, TRACES.T, delimiter=",", header="ROI,a,b,c", comments="", fmt="%.17g")
    assert not questions(path)


def test_a_column_of_times_is_counted_but_is_no_roi(tmp_path):
    path = tmp_path / "a.tsv"
    rows = np.column_stack([np.arange(60) / 20, TRACES.T])
    np.savetxt(path, rows, delimiter="\t", header="time (s)\ta\tb\tc\td", comments="", fmt="%.17g")
    recording = read(path, roi_column="3")
    assert recording.cells[0].signal_names == ("b", "a", "c", "d")
    assert recording.frame_rate == pytest.approx(20)
    with pytest.raises(DataError, match="column 1 was asked for as the ROI, but it holds the times"):
        read(path, roi_column="1")


def test_a_look_at_a_long_table_is_short(tmp_path):
    path = tmp_path / "long.csv"
    block = RNG.random((1000, 20))
    text = "\n".join(",".join(f"{x:.9f}" for x in row) for row in block) + "\n"
    path.write_text("soma," + ",".join(f"n{k}" for k in range(19)) + "\n" + text * 460)
    assert path.stat().st_size > 100e6
    begin = time.thread_time()
    preview = inquire(path).preview(Options(roi_column="n3"))
    assert time.thread_time() - begin < 1
    assert preview.frames == pytest.approx(460_000, rel=1e-3)
    assert preview.estimated
    assert preview.traces[0, 0] == pytest.approx(block[0, 4], abs=1e-9)


def test_what_leaves_no_question_can_be_looked_at(real_data):
    for name in ("suite2p", "fissa_example/prepared.npz", "fissa_example/separated.mat"):
        asked = inquire(real_data / name)
        if not asked.questions:
            assert asked.preview(Options()).traces.shape[1] == 864
        assert asked.signature
    assert sum(each.inquire is not None for each in FORMATS) >= 5


def test_a_movie_of_large_frames_is_looked_at_by_a_smaller_picture(tmp_path):
    frames = np.zeros((3, 1500, 2100), np.uint8)
    frames[:, 100:200, 300:400] = 90
    np.save(tmp_path / "movie.npy", frames)
    write_rois(tmp_path / "rois.zip", [np.array([(300, 100), (400, 100), (400, 200), (300, 200)])])
    asked = inquire(tmp_path / "movie.npy", Options(rois=str(tmp_path / "rois.zip")))
    assert asked.extracts
    assert asked.guess.regions == 4
    picture = asked.preview(asked.guess).picture
    assert (picture.step, picture.mean.shape) == (3, (500, 700))
    assert picture.mean[34:66, 100:133].min() == 90
    assert np.ptp(picture.first[0], axis=0).tolist() == [100, 100]


def test_why_a_movie_cannot_be_read_names_its_rois_too(tmp_path):
    movie, rois = tmp_path / "movie.tif", tmp_path / "cells.zip"
    movie.write_bytes(b"II*\0" + bytes(20))
    alone = r"^movie\.tif: it is no TIFF, or holds no picture\.$"
    with pytest.raises(DataError, match=alone):
        inquire(movie)
    write_rois(rois, [np.array([[2, 2], [6, 2], [6, 6], [2, 6]])])
    both = alone[:-1] + r" Its ROIs, cells\.zip, were found, but are not read without it\.$"
    for path, options in (
        (movie, None),  # found beside it
        (movie, Options(rois=str(rois))),
        (rois, None),
        (rois, Options(movie=str(movie))),
    ):
        with pytest.raises(DataError, match=both):
            inquire(path, options)
