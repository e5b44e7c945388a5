import argparse
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

from neuropil_gui import SeparationSettings, __version__, read, separate_cell
from neuropil_gui.__main__ import main
from neuropil_gui.assets import RESOURCES
from neuropil_gui.cli.commands import COMMANDS
from neuropil_gui.cli.shared import add_reading_flags
from neuropil_gui.cli.window import DEMOS
from neuropil_gui.core import demos
from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.core.cell_delta_f import cell_delta_f
from neuropil_gui.core.solvers import accelerated, nmf
from neuropil_gui.formats.plain.clock import UNITS

pytestmark = pytest.mark.any_version

DEMO = RESOURCES / "demos" / "contaminated.npz"
SMALL = ("--size", "800x600")
"""Of a window that takes less time to paint than in its usual size."""


def program(*words, **keywords):
    return [sys.executable, "-m", "neuropil_gui", *map(str, words)]


def started(command, **environment):
    """Run a command without a display until it ends."""
    clean = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env={**clean, **environment})


def run(*words, **environment):
    return started(program(*words), **environment)


@pytest.fixture
def traces(tmp_path):
    """Three cells; the second holds negative values."""
    rng = np.random.default_rng(5)
    cells = rng.random((3, 4, 200)) + 1
    cells[1, 2, 7] = -3
    path = tmp_path / "three.npy"
    np.save(path, cells)
    return path


def test_separate_writes_what_separate_cell_gives(tmp_path, capsys):
    out = tmp_path / "out.npz"
    assert main(["separate", str(DEMO), "-o", str(out), "--cells", "1,3-4", "--alpha", "0.2"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    assert printed.out == f"{out}: 3 of 3 cells separated (NMF, n auto, alpha 0.2)\n"
    with np.load(out, allow_pickle=False) as written:
        assert {name.split("/")[0] for name in written if "/" in name} == {"1", "3", "4"}
        cell = read(DEMO).cells[2]
        expected = separate_cell(cell, SeparationSettings(alpha=0.2))
        np.testing.assert_array_equal(written["3/matched"], expected.matched)
        np.testing.assert_array_equal(written["3/raw"], cell.traces)
        assert written["3/iterations"] == expected.iterations
        settings = json.loads(str(written["provenance"]))["settings"]
    assert settings["alpha"] == 0.2


def test_every_setting_reaches_the_separation(tmp_path):
    out = tmp_path / "out.npz"
    words = ["--method", "ica", "--n", "2", "--seed", "7", "--tol", "0.01", "--max-iter", "50"]
    words += ["--max-tries", "3", "--start", "random", "--offset", "--pedestal", "2.5", "--solver", "accelerated"]
    words += ["--drop-nan"]
    assert main(["separate", str(DEMO), "-o", str(out), "--cells", "1", *words]) == 0
    with np.load(out) as written:
        settings = json.loads(str(written["provenance"]))["settings"]
    assert settings == {
        "method": "ica", "n": 2, "alpha": 0.1, "seed": 7, "tol": 0.01, "max_iter": 50, "max_tries": 3,
        "start": "random", "offset": True, "pedestal": 2.5, "solver": "accelerated",
        "drop_nan": True,
    }  # fmt: skip


def test_the_solver_is_fissas_unless_another_is_asked_for(tmp_path, monkeypatch):
    asked = []

    def noting(*arguments):
        asked.append(arguments)
        return nmf.factorise(*arguments)

    monkeypatch.setattr(accelerated, "factorise", noting)
    words = ["separate", str(DEMO), "-o", str(tmp_path / "out.npz"), "--cells", "1"]
    assert main(words) == main([*words, "--solver", "fissa"]) == 0
    assert not asked
    assert main([*words, "--solver", "accelerated"]) == 0
    assert len(asked) == 1


def test_good_cells_are_written_and_bad_ones_named(traces, tmp_path, capsys):
    out = tmp_path / "out.npz"
    assert main(["separate", str(traces), "-o", str(out)]) == 1
    printed = capsys.readouterr().err
    assert "cell 2" in printed
    assert "negative" in printed
    with np.load(out) as written:
        assert {name.split("/")[0] for name in written if "/" in name} == {"1", "3"}


def test_nothing_is_written_where_no_cell_can_be_separated(traces, tmp_path, capsys):
    out = tmp_path / "out.npz"
    out.write_bytes(b"kept")
    assert main(["separate", str(traces), "-o", str(out), "--cells", "2"]) == 1
    assert out.read_bytes() == b"kept"
    assert list(tmp_path.iterdir()) == [traces, out] or set(tmp_path.iterdir()) == {traces, out}


def test_no_convergence_is_reported_and_written(tmp_path, capsys):
    out = tmp_path / "out.npz"
    assert main(["separate", str(DEMO), "-o", str(out), "--cells", "1", "--max-iter", "3"]) == 0
    assert "Not converged after 3 iterations" in capsys.readouterr().err
    with np.load(out) as written:
        assert not written["1/converged"]


def test_transpose_and_frame_rate(tmp_path):
    path, out = tmp_path / "turned.npy", tmp_path / "out.npz"
    traces = np.random.default_rng(1).random((3, 90)) + 1
    np.save(path, traces.T)
    assert main(["separate", str(path), "-o", str(out), "--transpose", "--fs", "12.5"]) == 0
    with np.load(out) as written:
        np.testing.assert_array_equal(written["1/raw"], traces)
        assert written["frame_rate"] == 12.5


@pytest.mark.parametrize(
    "words",
    [
        ["separate", str(DEMO)],
        ["separate", str(DEMO), "-o", "x.npz", "--alpha", "-1"],
        ["separate", str(DEMO), "-o", "x.npz", "--alpha", "nan"],
        ["separate", str(DEMO), "-o", "x.npz", "--seed", "4294967296"],
        ["separate", str(DEMO), "-o", "x.npz", "--n", "0"],
        ["separate", str(DEMO), "-o", "x.npz", "--n", "2.5"],
        ["separate", str(DEMO), "-o", "x.npz", "--method", "pca"],
        ["separate", str(DEMO), "-o", "x.npz", "--cells", "3-1"],
        ["separate", str(DEMO), "-o", "x.npz", "--cells", "0"],
        ["separate", str(DEMO), "-o", "x.npz", "--cells", "99"],
        ["separate", str(DEMO), "-o", "x.npz", "--fs", "0"],
        ["info"],
        ["simulate"],
        ["simulate", "-o", "x.npz", "--frames", "many"],
        ["--screenshot", "x.png"],
        ["--size", "big", "--demo"],
        ["--theme", "pink"],
        ["--demo", "nonsense"],
        ["--screenshot", "x.jpg", "--demo"],
        ["--demo", "easy", "some.npy"],
        ["--nonsense"],
    ],
)
def test_wrong_usage_ends_with_2_and_writes_nothing(words, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("words", [["info"], ["separate", "-o", "out.npz"]])
def test_a_bad_file_is_one_sentence(words, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.npy").write_bytes(b"not numpy at all")
    assert main([words[0], "bad.npy", *words[1:]]) == 1
    printed = capsys.readouterr().err.strip()
    assert "bad.npy" in printed
    assert len(printed.splitlines()) == 1
    assert not (tmp_path / "out.npz").exists()


def test_an_output_of_unknown_kind_is_refused(tmp_path, capsys):
    assert main(["separate", str(DEMO), "-o", str(tmp_path / "out.xlsx"), "--cells", "1"]) == 1
    assert ".npz, .csv, .mat or .nwb" in capsys.readouterr().err


def test_info_as_json(real_data, capsys):
    assert main(["info", str(real_data / "suite2p"), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["cells"], facts["signals"], facts["frames"], facts["trials"]) == (21, 2, 864, 1)
    assert facts["frame_rate"] == 1.0
    assert "1 Hz" in facts["warnings"][0]
    assert set(facts) == {"format", "cells", "signals", "frames", "frame_rate", "trials", "warnings", "questions"}
    assert [each["name"] for each in facts["questions"]] == ["frame_rate"]


def test_info_names_cells_that_cannot_be_separated_as_they_are(traces, capsys):
    assert main(["info", str(traces), "--json"]) == 0
    (doubt,) = json.loads(capsys.readouterr().out)["warnings"]
    assert doubt.startswith("cell 2: NMF needs values that are not negative")


def dead_recording(tmp_path):
    """Write two cells, of which the second has a dead region."""
    traces = np.random.default_rng(0).gamma(2, 100, (2, 3, 60))
    traces[1, 2] = 4
    np.savez(tmp_path / "raw.npz", raw=traces)
    return tmp_path / "raw.npz"


def test_info_names_dead_signals(tmp_path, capsys):
    assert main(["info", str(dead_recording(tmp_path)), "--json"]) == 0
    (remark,) = json.loads(capsys.readouterr().out)["warnings"]
    assert remark.startswith("cell 2: A neuropil region is dead: np 2 is 4 in all frames.")


def test_separate_prints_what_is_serious_in_full_and_counts_the_rest(tmp_path, capsys):
    out = tmp_path / "out.npz"
    assert main(["separate", str(dead_recording(tmp_path)), "-o", str(out), "--max-iter", "5", "--max-tries", "1"]) == 0
    printed = capsys.readouterr()
    assert "cell 2: A neuropil region is dead: np 2 is 4 in all frames. It holds" in printed.err
    assert printed.err.count("dead") == 1
    assert "cells 1-2: Not converged after 5 iterations\n" in printed.err
    assert printed.out.endswith(", 2 with warnings (1 of them serious)\n")
    assert main(["separate", str(DEMO.with_name("failing.npz")), "-o", str(out), "--cells", "1"]) == 0
    printed = capsys.readouterr()
    assert "cell 1: High pedestal: 99 %" in printed.err
    assert ", 1 with warnings (1 of them serious)" in printed.out


def test_info_in_words(capsys):
    assert main(["info", str(DEMO)]) == 0
    printed = capsys.readouterr().out
    assert "30 Hz" in printed
    assert "2100" in printed


def test_simulate_writes_a_movie_with_its_rois_and_its_truth(tmp_path, capsys):
    out = tmp_path / "movie.tif"
    words = ["--cells", "3", "--frames", "40", "--side", "40", "--radius", "3", "--trials", "2", "--frame-rate", "7"]
    assert main(["simulate", "--movie", "-o", str(out), *words]) == 0
    assert "movie2.tif" in capsys.readouterr().out
    movie = {"trial_files": [tmp_path / "movie2.tif"], "rois": tmp_path / "movie.zip"}
    recording = read(tmp_path / "movie1.tif", **movie)
    assert (len(recording.cells), recording.frame_rate, recording.cells[0].trial_starts) == (3, 7, (0, 40))
    assert all(cell.truth is not None for cell in recording.cells)
    for wrong in (["--movie", "--gap", "1"], ["--movie", "--neighbours", "3"], ["--side", "50"]):
        with pytest.raises(SystemExit):
            main(["simulate", "-o", str(out), *wrong])
    assert main(["simulate", "--movie", "-o", str(out), "--cells", "99"]) == 1
    assert "do not fit into a frame" in capsys.readouterr().err
    assert main(["simulate", "--movie", "-o", str(tmp_path / "out.npz")]) == 1


def test_simulate_writes_a_recording_with_its_truth(tmp_path):
    out = tmp_path / "simulated.npz"
    assert main(["simulate", "-o", str(out), "--cells", "2", "--frames", "300", "--seed", "3"]) == 0
    recording = read(out)
    assert len(recording.cells) == 2
    truth = recording.cells[1].truth
    assert truth.sources.shape[1] == recording.cells[1].traces.shape[1]
    with np.load(out) as written:
        assert {"1/raw", "1/truth_sources", "1/truth_mixing", "frame_rate"} <= set(written)


def test_clear_state_forgets_what_the_user_chose(tmp_path):
    from PyQt5.QtCore import QSettings

    path = tmp_path / "neuropil_gui" / "neuropil_gui.ini"
    QSettings(str(path), QSettings.IniFormat).setValue("theme", "dark")
    code = "import sys, PyQt5.QtWidgets as w; from PyQt5.QtCore import QTimer; from neuropil_gui.__main__ import main\n"
    code += "w.QApplication.exec_ = staticmethod(lambda: w.QApplication.closeAllWindows() or 0)\n"
    code += "sys.exit(main(sys.argv[1:]))"
    words = [sys.executable, "-c", code, "--clear-state"]
    environment = {**os.environ, "XDG_CONFIG_HOME": str(tmp_path), "QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, env=environment)
    assert done.returncode == 0, done.stderr
    assert QSettings(str(path), QSettings.IniFormat).value("theme") is None


def test_the_demos_are_those_that_there_are():
    assert list(DEMOS) == list(demos.WHAT_TO_SEE)
    assert {path.stem for path in (RESOURCES / "demos").glob("*.svg")} == set(DEMOS)


def test_version_and_help_are_light_and_the_readme_has_every_flag(capsys):
    assert run("--version").stdout.strip() == f"neuropil-gui {__version__}"
    flag = re.compile(r"--[a-z]+(?:-[a-z]+)*(?![a-z-])")
    listed = {
        "--help",
        "--output",
        *flag.findall((Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")),
    }
    for words in (["--help"], *([name, "--help"] for name in COMMANDS)):
        with pytest.raises(SystemExit) as ended:
            main(words)
        said = capsys.readouterr().out
        assert ended.value.code == 0
        assert "usage:" in said
        assert words[0] == "simulate" or set(flag.findall(said)) <= listed, words
    code = "import sys, neuropil_gui.__main__; print([m for m in ('numpy', 'PyQt5', 'sklearn') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


def test_what_a_report_needs_is_printed_without_a_window(tmp_path):
    done = run("--info", QT_QPA_PLATFORM="", HOME=str(tmp_path), XDG_DATA_HOME=str(tmp_path / "data"))
    assert (done.returncode, done.stderr) == (0, "")
    facts = dict(line.split(maxsplit=1) for line in done.stdout.splitlines())
    assert facts["neuropil_gui"].startswith(__version__)
    assert facts["log"] == "~/data/neuropil_gui/neuropil_gui.log"
    assert not list(tmp_path.rglob("*.log"))


def test_without_a_display_the_window_says_so():
    done = run("--demo", QT_QPA_PLATFORM="")
    assert done.returncode == 1
    assert "no display" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the X window system is Linux's")
def test_a_display_that_cannot_be_reached_is_reported_and_nothing_aborts():
    done = run("--demo", QT_QPA_PLATFORM="xcb", DISPLAY=":4711")
    assert done.returncode == 1
    assert "The window could not be opened" in done.stderr


def test_the_recording_is_never_replaced_by_its_result(tmp_path, capsys):
    path = tmp_path / "recording.npz"
    path.write_bytes(DEMO.read_bytes())
    assert main(["separate", str(path), "-o", str(path), "--cells", "1"]) == 1
    assert "the recording itself" in capsys.readouterr().err
    assert path.read_bytes() == DEMO.read_bytes()


def test_the_pages_are_those_of_the_window():
    from neuropil_gui.cli import window
    from neuropil_gui.window import action_table

    assert window.PAGES == action_table.PAGES


@pytest.mark.parametrize(("size", "theme", "page"), [("1280x720", "light", "cell"), ("900x1400", "dark", "history")])
def test_screenshot_has_exactly_its_size_and_ends_without_pyqts_handler_of_its_end(tmp_path, size, theme, page):
    from PyQt5.QtGui import QImage

    code = """
import atexit, sys
from neuropil_gui.__main__ import main
atexit.register(print, "the interpreter ends, and PyQt deletes what it has made")
sys.exit(main(sys.argv[1:]))
"""
    out = tmp_path / "picture.png"
    words = ["--screenshot", out, DEMO, "--cell", "2", "--size", size, "--theme", theme, "--page", page]
    done = started([sys.executable, "-c", code, *map(str, words)], QT_QPA_PLATFORM="")
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    image = QImage(str(out))
    assert f"{image.width()}x{image.height()}" == size
    assert (image.pixelColor(5, image.height() // 2).lightness() < 80) == (theme == "dark")


def test_screenshot_of_a_cell_that_cannot_be_separated(traces, tmp_path):
    out = tmp_path / "picture.png"
    done = run("--screenshot", out, traces, "--cell", "2", *SMALL)
    assert done.returncode == 1
    assert "negative" in done.stderr
    assert out.stat().st_size > 10_000


def test_screenshot_of_a_cell_that_is_not_there(tmp_path):
    done = run("--screenshot", tmp_path / "picture.png", DEMO, "--cell", "9", *SMALL)
    assert done.returncode == 1
    assert "4 cells" in done.stderr


def test_screenshot_with_a_view_that_raises_names_it_and_shows_the_others(tmp_path):
    """The picture is written: all but one view are drawn."""
    code = """
import sys
from neuropil_gui.__main__ import main
from neuropil_gui.panels.mixing_plot import MixingPlot
from neuropil_gui.panels.numbers_table import NumbersTable

def fail(*arguments):
    raise RuntimeError("no image")

MixingPlot.show_result = fail
NumbersTable.show_numbers = lambda self, numbers: print(len(numbers))
sys.exit(main(sys.argv[1:]))
"""
    out = tmp_path / "picture.png"
    words = [sys.executable, "-c", code, "--screenshot", str(out), str(DEMO), *SMALL]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "The mixing matrix could not be drawn." in done.stderr
    assert "Traceback" not in done.stderr
    assert max(map(int, done.stdout.split())) > 3
    assert out.stat().st_size > 10_000


def test_ctrl_c_ends_with_130_and_leaves_nothing_half_written(tmp_path):
    recording, out = tmp_path / "long.npy", tmp_path / "out.npz"
    np.save(recording, np.random.default_rng(0).random((5, 50_000)) + 1)
    out.write_bytes(b"kept")
    words = program("separate", recording, "-o", out, "--tol", "0", "--max-iter", "1000000")
    # A shell's background jobs, and all that they start, ignore the signal unless it is given back its meaning.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(words, stderr=subprocess.PIPE)
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        # Once there is a temporary file, writing has begun.
        until = time.monotonic() + 60
        while len(list(tmp_path.iterdir())) < 3 and time.monotonic() < until:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        printed = process.communicate(timeout=60)[1].decode()
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in printed
    assert out.read_bytes() == b"kept"
    assert set(tmp_path.iterdir()) == {recording, out}


def test_separate_writes_delta_f_beside_the_data(tmp_path, capsys):
    words = ["separate", str(DEMO), "-o", str(tmp_path / "out.npz"), "--cells", "1", "--fs", "20"]
    assert main([*words, "--deltaf", "percentile", "--deltaf-percentile", "30", "--deltaf-window", "5"]) == 0
    cell = read(DEMO).cells[0]
    settings = BaselineSettings(percentile=30.0, window_seconds=5.0)
    expected = cell_delta_f(cell, separate_cell(cell, SeparationSettings()), settings, 20.0)
    with np.load(tmp_path / "out.npz") as written:
        np.testing.assert_array_equal(written["1/deltaf_raw"], expected.raw.values)
        np.testing.assert_array_equal(written["1/deltaf_matched"], expected.matched.values)
        np.testing.assert_array_equal(written["1/raw"], cell.traces)
    assert main([*words, "--deltaf", "fissa"]) == 0
    assert main([*words, "--deltaf", "maximin", "--deltaf-divisor", "subtraction"]) == 0
    settings = BaselineSettings("maximin", divisor="subtraction")
    expected = cell_delta_f(cell, separate_cell(cell, SeparationSettings()), settings, 20.0)
    with np.load(tmp_path / "out.npz") as written:
        np.testing.assert_array_equal(written["1/deltaf_subtraction"], expected.subtraction.values)
        assert json.loads(str(written["provenance"]))["deltaf"]["divisor"] == "F0 of F \N{MINUS SIGN} 0.7 Fneu"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--deltaf-window", "5"], "--deltaf-window goes with --deltaf percentile or maximin"),
        (["--deltaf-divisor", "own"], "--deltaf-divisor goes with --deltaf percentile or fissa or maximin"),
        (["--deltaf", "maximin", "--deltaf-percentile", "5"], "--deltaf-percentile goes with --deltaf percentile"),
        (["--deltaf", "fissa", "--deltaf-percentile", "5"], "--deltaf-percentile goes with --deltaf percentile"),
        (["--deltaf", "percentile", "--deltaf-percentile", "101"], "from 0.0 to 100.0"),
        (["--deltaf", "percentile", "--deltaf-window", "0"], "at least 0.01, but found '0'"),
        (["--deltaf", "fissa"], "needs the frame rate"),
        (["--deltaf", "percentile", "--deltaf-window", "5"], "needs the frame rate"),
    ],
)
def test_wrong_baselines_are_refused_before_anything_is_separated(traces, tmp_path, capsys, words, sentence):
    with pytest.raises(SystemExit) as ended:
        main(["separate", str(traces), "-o", str(tmp_path / "out.npz"), *words])
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err
    assert not (tmp_path / "out.npz").exists()


# How a file is to be read


@pytest.fixture
def archive(tmp_path):
    """Three arrays of one shape: which is the signals, and which the neuropil?"""
    path = tmp_path / "archive.npz"
    names = ("F", "Fneu", "spks")
    np.savez(path, **dict(zip(names, np.random.default_rng(3).random((3, 4, 90)) + 1, strict=True)))
    return path


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "table.csv"
    np.savetxt(path, np.random.default_rng(3).random((90, 3)) + 1, delimiter=",", header="left,soma,right", comments="")
    return path


@pytest.fixture
def planes(tmp_path):
    rng = np.random.default_rng(3)
    for number in range(2):
        folder = tmp_path / "suite2p" / f"plane{number}"
        folder.mkdir(parents=True)
        for name in ("F", "Fneu"):
            np.save(folder / f"{name}.npy", (rng.random((2, 90)) + 1).astype(np.float32))
    return tmp_path / "suite2p"


def expect_raw(path, words, expected, tmp_path):
    out = tmp_path / "out.npz"
    assert main(["separate", str(path), "-o", str(out), "--cells", "1", *words]) == 0
    with np.load(out) as written:
        np.testing.assert_array_equal(written["1/raw"], expected)


def test_each_answer_reaches_the_reader(archive, table, planes, tmp_path):
    held = dict(np.load(archive))
    expect_raw(archive, [], [held["F"][0], held["Fneu"][0]], tmp_path)
    expect_raw(archive, ["--dataset", "spks"], [held["spks"][0], held["Fneu"][0]], tmp_path)
    expect_raw(archive, ["--dataset", "Fneu", "--neuropil", "F"], [held["Fneu"][0], held["F"][0]], tmp_path)
    expect_raw(archive, ["--dataset", "spks", "--neuropil", "", "--rows", "signals"], held["spks"], tmp_path)
    doubtful = tmp_path / "doubtful.npy"
    np.save(doubtful, held["F"][:, :4])
    expect_raw(doubtful, ["--transpose"], held["F"][:, :4].T, tmp_path)
    expect_raw(doubtful, ["--no-transpose"], held["F"][:, :4], tmp_path)
    columns = np.loadtxt(table, delimiter=",", skiprows=1).T
    expect_raw(table, ["--roi-column", "right"], columns[[2, 0, 1]], tmp_path)
    expect_raw(table, ["--roi-column", "1"], columns, tmp_path)
    second = [np.load(planes / "plane1" / f"{name}.npy")[0] for name in ("F", "Fneu")]
    expect_raw(planes, ["--plane", "1"], second, tmp_path)


def test_an_answer_that_does_not_fit_is_a_sentence(archive, tmp_path, capsys):
    assert main(["separate", str(archive), "-o", str(tmp_path / "out.npz"), "--dataset", "raw"]) == 1
    printed = capsys.readouterr().err.strip()
    assert "raw" in printed
    assert "Fneu" in printed
    assert "\n" not in printed


def test_info_lists_what_would_be_asked(archive, capsys):
    assert main(["info", str(archive)]) == 0
    printed = capsys.readouterr().out
    assert "question    Which array holds the signals? (--dataset)\n" in printed
    assert "            Guess: F (4 × 90, float64): It is called F, as traces are.\n" in printed
    assert "            Choices: F (4 × 90, float64); Fneu (4 × 90, float64); spks (4 × 90, float64)\n" in printed
    assert "(--fs)\n            No guess: The file does not say" in printed


def test_cells_without_neuropil_are_looked_at_until_a_second_file_brings_it(tmp_path, capsys):
    cells, out = np.random.default_rng(5).random((25, 90)) + 3, tmp_path / "out.npz"
    np.save(tmp_path / "cells.npy", cells)
    np.save(tmp_path / "around.npy", cells / 2 + 1)
    path, around = str(tmp_path / "cells.npy"), str(tmp_path / "around.npy")
    assert main(["info", path]) == 0
    said = capsys.readouterr().out
    assert "cells       25\nsignals     1\n" in said
    assert "question    Each trace is (--rows)\n            Guess: a cell of its own, without neuropil" in said
    assert "(--neuropil-file)\n" in said
    assert main(["separate", path, "-o", str(out)]) == 1
    assert capsys.readouterr().err.count("This cell has one signal, its ROI, and no neuropil to separate it from.") == 1
    assert main(["separate", path, "-o", str(out), "--neuropil-file", around, "--cells", "2"]) == 0
    assert np.array_equal(read(out).cells[0].traces, [cells[1], cells[1] / 2 + 1])
    assert main(["info", path, "--rows", "signals"]) == 0
    assert "signals     25\n" in capsys.readouterr().out


def test_info_ends_well_wherever_the_window_would_ask(tmp_path, capsys):
    path = tmp_path / "several.npz"
    np.savez(path, a=np.ones((3, 60)), b=np.ones((4, 90)))
    assert main(["info", str(path)]) == 0
    printed = capsys.readouterr().out
    assert "signals     4\nframes      90\n" in printed
    assert "note        By the best guesses: several.npz: several arrays could be the traces (a, b)" in printed
    assert "question    Which array holds the signals? (--dataset)\n" in printed
    assert main(["info", str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["questions"][0]["name"] == "dataset"
    assert main(["separate", str(path), "-o", str(tmp_path / "out.npz")]) == 1
    assert "--dataset NAME" in capsys.readouterr().err


def test_with_a_data_set_the_other_questions_are_about_it(tmp_path, capsys):
    path = tmp_path / "planes.npz"
    rng = np.random.default_rng(4)
    np.savez(path, F=rng.random((4, 90)), Fneu=rng.random((4, 90)), other=rng.random((90, 4)))
    for name, guess in (("F", "Fneu"), ("other", None)):
        assert main(["info", str(path), "--json", "--dataset", name]) == 0
        found = {each["name"]: each for each in json.loads(capsys.readouterr().out)["questions"]}
        assert "dataset" not in found
        assert (found["neuropil"]["guess"] or None) == guess
        assert ("rows_are_frames" in found) == (name == "other")
    assert "90 rows and 4 columns" in found["rows_are_frames"]["why"]


def test_info_for_programs_lists_what_would_be_asked(archive, table, capsys):
    assert main(["info", str(archive), "--json"]) == 0
    found = {each["name"]: each for each in json.loads(capsys.readouterr().out)["questions"]}
    assert list(found) == ["dataset", "neuropil", "rows_are_frames", "frame_rate"]
    assert (found["dataset"]["guess"], found["dataset"]["flag"]) == ("F", "--dataset")
    assert [each["value"] for each in found["neuropil"]["choices"]] == ["", "Fneu", "spks"]
    assert found["frame_rate"]["guess"] is None
    assert all(each["text"] and each["why"] for each in found.values())
    assert main(["info", str(table), "--json"]) == 0
    (column, _) = json.loads(capsys.readouterr().out)["questions"]
    assert (column["name"], column["guess"], column["flag"]) == ("roi_column", "soma", "--roi-column")


def test_the_unit_of_times_is_guessed_printed_and_answered(tmp_path, capsys):
    path = tmp_path / "times.csv"
    rows = np.column_stack([np.arange(90) * 40.0, np.random.default_rng(6).random((90, 2))])
    np.savetxt(path, rows, delimiter=",", header="time,ROI,a", comments="")
    assert main(["info", str(path)]) == 0
    printed = capsys.readouterr().out
    assert "frame rate  25 Hz\n" in printed
    assert (
        "note        The first column (time): the unit of the times is a guess, milliseconds (--time-unit)." in printed
    )
    assert (
        "question    Times are in (--time-unit)\n            Guess: milliseconds: They rise by 40, which in" in printed
    )
    assert "Choices: seconds; milliseconds; minutes; frames (the rate is unknown)\n" in printed
    for unit, rate in (("s", 0.025), ("ms", 25), ("min", 1 / 2400), ("frames", None)):
        assert main(["info", str(path), "--json", "--time-unit", unit]) == 0
        facts = json.loads(capsys.readouterr().out)
        assert (facts["questions"], facts["warnings"]) == ([], [])
        assert facts["frame_rate"] == (None if rate is None else pytest.approx(rate))
    assert main(["separate", str(path), "-o", str(tmp_path / "out.npz"), "--max-iter", "5"]) == 0
    assert "is a guess, milliseconds (--time-unit)" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["info", str(path), "--time-unit", "days"])


def test_info_does_not_ask_what_was_answered_or_is_in_the_file(archive, capsys):
    words = ["--dataset", "spks", "--neuropil", "", "--no-transpose", "--fs", "20", "--rows", "signals"]
    assert main(["info", str(archive), "--json", *words]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert (facts["questions"], facts["frame_rate"], facts["cells"], facts["signals"]) == ([], 20, 1, 4)
    assert main(["info", str(DEMO), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["questions"] == []


def test_a_picture_takes_the_guesses_and_the_answers(archive, tmp_path):
    out = tmp_path / "picture.png"
    done = run("--screenshot", out, archive, *SMALL)
    assert done.returncode == 0, done.stderr
    assert out.stat().st_size > 10_000
    done = run("--screenshot", tmp_path / "none.png", archive, "--dataset", "nothing", *SMALL)
    assert done.returncode == 1
    assert "nothing" in done.stderr
    assert not (tmp_path / "none.png").exists()


def test_the_units_of_times_are_those_of_the_readers():
    # Written again in the flags, so that --help imports no numpy.
    parser = argparse.ArgumentParser()
    add_reading_flags(parser)
    assert f"--time-unit {{{','.join(UNITS)}}}" in parser.format_help()


def printed_by(words, encoding, monkeypatch):
    """Run the program here with streams of a code page; return its exit code and what it wrote to each."""
    # The handlers of errors are those that Python gives them.
    streams = {
        name: io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=errors)
        for name, errors in (("stdout", "strict"), ("stderr", "backslashreplace"))
    }
    with monkeypatch.context() as replaced:
        for name, stream in streams.items():
            replaced.setattr(sys, name, stream)
        try:
            code = main(list(map(str, words)))
        except SystemExit as end:
            code = end.code
    for stream in streams.values():
        stream.flush()
    return code, *(stream.buffer.getvalue() for stream in streams.values())


@pytest.mark.parametrize("encoding", ["cp1251", "ascii", "cp437", "gbk", "utf-8"])
def test_no_code_page_ends_a_command(tmp_path, encoding, monkeypatch):
    folder = tmp_path / "\u6570\u636e \u03b1"
    folder.mkdir()
    rng = np.random.default_rng(1)
    path, out = folder / "\u7ec6\u80de.npz", folder / "out.npz"
    np.savez(path, F=rng.random((3, 60)) + 1, other=rng.random((3, 60)) + 1)
    separate = ["separate", path, "-o", out, "--rows", "signals"]
    for words in (["--help"], ["separate", "--help"], ["info", path], separate):
        code, said, told = printed_by(words, encoding, monkeypatch)
        assert code == 0, told
        assert said
        assert b"Traceback" not in told
    assert out.exists()
    if encoding == "ascii":
        out.unlink()
        done = subprocess.run(
            program(*separate), capture_output=True, env={**os.environ, "PYTHONIOENCODING": encoding}, timeout=120
        )
        assert (done.returncode, done.stdout, b"Traceback" in done.stderr) == (0, said, False), done.stderr
        assert out.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no head")
@pytest.mark.parametrize("words", [["--help"], ["info", str(DEMO)], ["separate", "--help"]])
def test_a_reader_that_has_seen_enough_ends_a_command_well(words):
    command = [sys.executable, "-m", "neuropil_gui", *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        child.stdout.close()  # as head does
        assert child.stderr.read() == b""
        assert child.wait(timeout=60) == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is full")
def test_what_cannot_be_printed_is_a_sentence():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "neuropil_gui", "info", str(DEMO)], stdout=full, stderr=subprocess.PIPE, timeout=60
        )
    assert done.returncode == 1
    assert done.stderr == b"neuropil-gui: what is printed could not be written (No space left on device).\n"


CLOSED = {
    "stdout": ">&-",
    "stderr": "2>&-",
    "both": ">&- 2>&-",
    "all": "<&- >&- 2>&-",
    "full": ">/dev/full 2>/dev/full",
}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is full, and another shell")
@pytest.mark.parametrize("streams", CLOSED)
def test_without_a_place_to_print_results_are_written_all_the_same(tmp_path, streams):
    out = tmp_path / "out.npz"
    # Each cell ends with a message: it does not converge.
    words = ["separate", str(DEMO), "--output", str(out), "--max-iter", "2", "--cells", "1,2"]
    command = [sys.executable, "-m", "neuropil_gui", *words]
    shell = ["sh", "-c", f'exec "$@" {CLOSED[streams]}', "sh"]
    done = subprocess.run([*shell, *command], capture_output=True, text=True, timeout=60)
    assert done.returncode == (1 if streams == "full" else 0), done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert [cell.stored.iterations for cell in read(out).cells] == [2, 2]
    if streams == "stderr":
        assert done.stdout.startswith(f"{out}: 2 of 2 cells separated")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize(
    "module", ["argparse", "numpy", "numpy.linalg", "neuropil_gui.core.separation", "threadpoolctl"]
)
def test_ctrl_c_ends_with_130_however_early(tmp_path, module):
    out = tmp_path / "out.npz"
    out.write_bytes(b"old")
    words = ["separate", str(DEMO), "-o", str(out), "--tol", "0", "--max-iter", "1000000000"]
    command = [sys.executable, "-X", "importtime", "-m", "neuropil_gui", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as child:
        for line in child.stderr:
            if line.rpartition("|")[2].strip() == module:
                break
        child.send_signal(signal.SIGINT)
        rest = child.stderr.read()
        assert child.wait(timeout=60) == 130, rest
    assert "Traceback" not in rest
    assert [path.name for path in tmp_path.iterdir()] == ["out.npz"]
    assert out.read_bytes() == b"old"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have names of text alone")
def test_a_name_that_is_no_text_is_read_and_written(tmp_path, monkeypatch):
    odd = os.fsencode(tmp_path) + b"/\xff\xfe.npy"
    np.save(tmp_path / "plain.npy", np.random.default_rng(0).random((3, 90)) + 1)
    os.rename(tmp_path / "plain.npy", odd)
    out = os.fsencode(tmp_path) + b"/\xff.npz"
    for words in (["info", os.fsdecode(odd)], ["info", "--json", os.fsdecode(odd)]):
        code, said, told = printed_by(words, "utf-8", monkeypatch)
        assert (code, bool(said)) == (0, True), told
    words = [sys.executable, "-m", "neuropil_gui", b"separate", odd, b"-o", out]
    done = subprocess.run(words, capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert len(read(os.fsdecode(out)).cells) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_a_screenshot_ends_where_the_reading_child_is_killed(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["raw"] = np.random.default_rng(0).random((4, 3, 50))
    # In the child alone, as soon as it opens the file.
    (tmp_path / "sitecustomize.py").write_text("""
import os, sys
class Killer:
    def find_spec(self, name, *_):
        if name == "h5py":
            os.kill(os.getpid(), 9)
if "--multiprocessing-fork" in sys.orig_argv:
    sys.meta_path.insert(0, Killer())
""")
    folders = os.pathsep.join(filter(None, (str(tmp_path), os.environ.get("PYTHONPATH"))))
    done = run("--screenshot", tmp_path / "out.png", tmp_path / "a.h5", *SMALL, PYTHONPATH=folders)
    assert done.returncode == 1
    assert done.stderr.startswith("neuropil-gui: a.h5: the system ended the process that read it (SIGKILL)")
    assert not (tmp_path / "out.png").exists()


def test_a_screenshot_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    code = """
import os, sys
from neuropil_gui.__main__ import main
def refuse(*_):
    raise OSError(28, os.strerror(28))
os.fsync = refuse
sys.exit(main(sys.argv[1:]))
"""
    out = tmp_path / "out.png"
    out.write_bytes(b"old")
    words = ["--screenshot", str(out), "--demo", *SMALL]
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "neuropil-gui: out.png: it could not be written (No space left on device)" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["out.png"]
    assert out.read_bytes() == b"old"


def test_a_separation_leaves_a_receipt_and_a_report_on_request(tmp_path, capsys):
    out, page = tmp_path / "out.npz", tmp_path / "page.html"
    assert main(["separate", str(DEMO), "-o", str(out), "--cells", "2", "--receipt", "--solver", "accelerated"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.npz", "out.py", "out.receipt.txt"]
    assert "Excluded as not chosen: 3." in " ".join((tmp_path / "out.receipt.txt").read_text().split())
    capsys.readouterr()
    assert main(["report", str(out), "-o", str(page)]) == 0
    assert capsys.readouterr().out.strip() == str(page)
    assert "The signals of 1 of 1 cell were separated" in page.read_text(encoding="utf-8")
    (tmp_path / "no.npgui").write_bytes(b"something else")
    assert main(["report", str(tmp_path / "no.npgui"), "-o", str(page)]) == 1
    assert "no.npgui" in capsys.readouterr().err


def test_a_window_that_loses_something_ends_with_1(tmp_path):
    path, out = tmp_path / "cells.npy", tmp_path / "cells.npz"
    np.save(path, np.random.default_rng(1).gamma(2.0, 1.0, (2, 3, 80)) + 1)
    assert main(["separate", str(path), "-o", str(out)]) == 0
    code = """
import sys
from PyQt5.QtCore import QTimer
from neuropil_gui.__main__ import main
from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.project.database import Database
from neuropil_gui.window.main_window import MainWindow
show = MainWindow.show
def full(*_):
    raise DataError("The disk is full.")
def close(window):
    Database.change = full
    window.session.marks.judge([0], "accepted")
    window.close()
    window.findChild(QMessageBox, "loss_dialog").findChild(QPushButton, "lose").click()
def shown(window):
    show(window)
    window.keeper.begun.connect(lambda: QTimer.singleShot(0, lambda: close(window)))
MainWindow.show = shown
from PyQt5.QtWidgets import QMessageBox, QPushButton
main(sys.argv[1:])
"""
    environment = os.environ | {f"XDG_{name}_HOME": str(tmp_path) for name in ("DATA", "CONFIG", "STATE", "CACHE")}
    done = subprocess.run(
        [sys.executable, "-c", code, str(out)], capture_output=True, text=True, timeout=120, env=environment
    )
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr
    logs = [each.read_text(encoding="utf-8") for each in tmp_path.rglob("*.log")]
    assert any("not all of what was done could be saved in" in each for each in logs)
