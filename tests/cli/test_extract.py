import numpy as np
import pytest
import tifffile

from neuropil_gui import read, write_rois
from neuropil_gui.__main__ import main

FRAMES = np.random.default_rng(3).integers(0, 4000, (40, 20, 24)).astype(np.uint16)
SQUARE = np.array([(6, 6), (12, 6), (12, 11), (6, 11)])


@pytest.fixture
def files(tmp_path):
    """Two trials and two ROIs, one of which lies outside."""
    for name, part in (("A2.tif", FRAMES[:25]), ("A10.tif", FRAMES[25:])):
        tifffile.imwrite(tmp_path / name, part)
    write_rois(tmp_path / "rois.zip", [SQUARE, SQUARE + 100])
    return [str(tmp_path / "A10.tif"), str(tmp_path / "A2.tif"), "--rois", str(tmp_path / "rois.zip")]


def test_extract_writes_what_opens_again(files, tmp_path, capsys):
    output = tmp_path / "out.npz"
    assert main(["extract", *files, "--regions", "3", "--gap", "1", "--fs", "20", "-o", str(output)]) == 0
    said = capsys.readouterr()
    assert said.out == f"{output}: 1 cell, 40 frames, 2 trials\n"
    assert "Left out: ROI 2: it has no pixel" in said.err
    recording = read(output)
    assert recording.frame_rate == 20
    assert recording.cells[0].trial_starts == (0, 25)
    assert len(recording.cells[0].traces) == 4
    assert np.array_equal(recording.cells[0].traces[0], FRAMES[:, 6:11, 6:12].mean(axis=(1, 2), dtype=float))
    assert '"extraction gap": "1"' in str(np.load(output)["provenance"])


def test_separate_goes_from_the_movie_to_results(files, tmp_path, capsys):
    assert main(["separate", *files, "--exclude-others", "--jobs", "1", "-o", str(tmp_path / "out.npz")]) == 0
    assert "1 of 1 cell separated" in capsys.readouterr().out
    assert read(tmp_path / "out.npz").cells[0].stored is not None


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--regions", "0"], "from 1"),
        (["--expansion", "0"], "above 0"),
        (["--output-folder", "out"], "not allowed with argument"),
    ],
)
def test_flags_that_do_not_fit_are_wrong_usage(files, words, why, capsys):
    with pytest.raises(SystemExit):
        main(["separate", *files, "-o", "out.npz", *words])
    assert why in capsys.readouterr().err


def test_flags_of_regions_need_rois(files, capsys):
    with pytest.raises(SystemExit):
        main(["separate", files[0], "--gap", "2", "-o", "out.npz"])
    assert "--gap goes with --rois" in capsys.readouterr().err


def test_failures_are_sentences(files, tmp_path, capsys):
    assert main(["extract", *files, "--plane", "x", "-o", str(tmp_path / "out.npz")]) == 1
    assert main(["extract", *files, "-o", str(tmp_path / "out.csv")]) == 1
    assert main(["extract", *files[:3], str(tmp_path / "gone.zip"), "-o", str(tmp_path / "out.npz")]) == 1
    assert "gone.zip: there is no such file" in capsys.readouterr().err
