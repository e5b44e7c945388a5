import json
import subprocess
import sys

import numpy as np
import pytest
import tifffile

from neuropil_gui import read, write_rois
from neuropil_gui.__main__ import main
from neuropil_gui.imaging import extraction

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
    made_of = json.loads(str(np.load(tmp_path / "out.npz")["provenance"]))
    assert [made_of["source"], *made_of["files"]] == [files[1], files[0], files[3]]


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


def test_what_would_be_asked_of_a_movie_is_printed(files, capsys):
    assert main(["info", files[1]]) == 0
    said = capsys.readouterr().out
    assert "Which ROIs? (--rois)" in said
    assert "25 frames of 24 × 20 pixels" in said.replace("\N{NO-BREAK SPACE}", " ")
    assert "The only ROIs beside it" in said
    assert main(["info", files[0], files[1], *files[2:], "--gap", "1", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["cells"], facts["frames"], facts["trials"]) == (1, 40, 2)
    assert [each["flag"] for each in facts["questions"]] == ["--fs", "--regions", "--expansion", "--exclude-others"]
    with pytest.raises(SystemExit):
        main(["info", *files[:2]])


def test_a_project_and_a_receipt_of_a_movie(files, tmp_path, capsys):
    out, project = tmp_path / "out.npz", tmp_path / "out.npgui"
    words = [*files, "--jobs", "1", "--gap", "1", "--max-iter", "50"]
    assert main(["separate", *words, "-o", str(project)]) == 0
    assert main(["separate", *words, "-o", str(project), "--resume"]) == 0
    assert "1 of them before" in capsys.readouterr().out
    assert main(["separate", *words, "-o", str(out), "--receipt"]) == 0
    run = subprocess.run([sys.executable, str(tmp_path / "out.py")], capture_output=True, text=True, timeout=120)
    assert run.stdout == "1 cells separated, 1 of them equal to out.npz in every bit.\n", run.stderr
    np.testing.assert_array_equal(read(project).cells[0].traces, read(out).cells[0].traces)


def test_too_little_memory_is_a_sentence(files, tmp_path, monkeypatch, capsys):
    def fill(*arguments):
        raise MemoryError

    monkeypatch.setattr(extraction, "extract_traces", fill)
    assert main(["extract", *files, "-o", str(tmp_path / "out.npz")]) == 1
    assert "memory" in capsys.readouterr().err
    monkeypatch.setattr("neuropil_gui.cli.extract.extracted", fill)
    assert main(["extract", *files, "-o", str(tmp_path / "out.npz")]) == 1
    assert capsys.readouterr().err == "neuropil-gui: there is not enough free memory for this.\n"


def test_failures_are_sentences(files, tmp_path, capsys):
    assert main(["extract", *files, "--plane", "x", "-o", str(tmp_path / "out.npz")]) == 1
    assert main(["extract", *files, "-o", str(tmp_path / "out.csv")]) == 1
    assert main(["extract", *files[:3], str(tmp_path / "gone.zip"), "-o", str(tmp_path / "out.npz")]) == 1
    assert "gone.zip: there is no such file" in capsys.readouterr().err
    for gone in ([*files[:3], str(tmp_path / "gone.zip")], [files[0], str(tmp_path / "gone.tif"), *files[2:]]):
        assert main(["separate", *gone, "-o", str(tmp_path / "out.npz")]) == 1
        assert capsys.readouterr().err.startswith("neuropil-gui: gone.")  # and not that of what is there
