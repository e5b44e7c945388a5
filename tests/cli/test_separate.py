import shutil

import numpy as np
import pytest

from neuropil_gui import read
from neuropil_gui.__main__ import main
from neuropil_gui.assets import RESOURCES
from neuropil_gui.engine import distribution

pytestmark = pytest.mark.any_version

DEMO = RESOURCES / "demos" / "contaminated.npz"


@pytest.fixture
def two_paths(tmp_path):
    rng = np.random.default_rng(0)
    for name in "ab":
        np.save(tmp_path / f"{name}.npy", rng.random((3, 4, 200)) + 1)
    return tmp_path / "a.npy", tmp_path / "b.npy"


def test_several_recordings_are_written_to_a_folder_that_is_made(two_paths, tmp_path, capsys):
    folder = tmp_path / "out" / "today"
    assert main(["separate", *map(str, two_paths), "--output-folder", str(folder)]) == 0
    assert sorted(path.name for path in folder.iterdir()) == ["a.npz", "b.npz"]
    assert capsys.readouterr().out.count("3 of 3 cells separated") == 2
    np.testing.assert_array_equal(read(folder / "b.npz").cells[1].traces, read(two_paths[1]).cells[1].traces)


def test_one_that_cannot_be_read_does_not_keep_the_others_from_being_separated(two_paths, tmp_path, capsys):
    two_paths[0].write_bytes(b"not an array")
    assert main(["separate", *map(str, two_paths), "--output-folder", str(tmp_path / "out")]) == 1
    printed = capsys.readouterr()
    assert "a.npy" in printed.err
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["b.npz"]


def test_recordings_that_would_be_written_over_one_another_are_refused(two_paths, tmp_path, capsys):
    (tmp_path / "other").mkdir()
    other = shutil.copy(two_paths[0], tmp_path / "other")
    for words in (["--output-folder", str(tmp_path / "out")], ["-o", str(tmp_path / "out.npz")]):
        with pytest.raises(SystemExit) as end:
            main(["separate", str(two_paths[0]), str(other), *words])
        assert end.value.code == 2
    assert "would be written to" in (printed := capsys.readouterr().err)
    assert "give --output-folder in place of -o" in printed
    assert not (tmp_path / "out").exists()


def test_processes_write_what_one_thread_does_in_the_same_order(tmp_path, monkeypatch):
    one, two = tmp_path / "one.npz", tmp_path / "two.npz"
    words = ["separate", str(DEMO), "--max-iter", "50", "-o"]
    assert main([*words, str(one)]) == 0
    monkeypatch.setattr(distribution, "START_SECONDS", 0)
    assert main([*words, str(two), "--jobs", "2"]) == 0
    with np.load(one, allow_pickle=False) as first, np.load(two, allow_pickle=False) as second:
        assert list(first) == list(second)
        for name in first:
            if name != "provenance" and not name.endswith("seconds"):
                np.testing.assert_array_equal(first[name], second[name], err_msg=name)


@pytest.mark.parametrize("jobs", ["0", "x", "5000"])
def test_a_number_of_jobs_that_cannot_be_is_refused(tmp_path, capsys, jobs):
    with pytest.raises(SystemExit) as end:
        main(["separate", str(DEMO), "-o", str(tmp_path / "out.npz"), "--jobs", jobs])
    assert end.value.code == 2
    assert f"expected a number from 1 to 1024, but found '{jobs}'" in capsys.readouterr().err


def test_what_did_not_converge_fails_where_it_is_strict(two_paths, tmp_path):
    words = ["separate", str(two_paths[0]), "-o", str(tmp_path / "out.npz"), "--max-iter", "3", "--max-tries", "1"]
    assert main(words) == 0
    assert main([*words, "--strict"]) == 1


def test_a_project_is_gone_on_with_when_that_is_asked_for(two_paths, tmp_path, capsys):
    project = tmp_path / "out.npgui"
    words = ["separate", str(two_paths[0]), "-o", str(project)]
    assert main([*words, "--cells", "1,3"]) == 0
    assert main(words) == 1
    assert "out.npgui is there already: --resume goes on with it" in capsys.readouterr().err
    assert main([*words, "--resume"]) == 0
    assert "3 of 3 cells separated, 2 of them before" in capsys.readouterr().out
    assert main([*words[:1], str(project), "-o", str(project), "--resume"]) == 0  # the project as recording, too
    assert "3 of 3 cells separated, 3 of them before" in capsys.readouterr().out


def test_what_only_a_project_can_or_cannot_do_is_refused(two_paths, tmp_path, capsys):
    for name, flag, reason in (("out.npz", "--resume", "needs a project"), ("out.npgui", "--receipt", "of a file")):
        with pytest.raises(SystemExit) as end:
            main(["separate", str(two_paths[0]), "-o", str(tmp_path / name), flag])
        assert end.value.code == 2
        assert f"{flag} " in (printed := capsys.readouterr().err)
        assert reason in printed
        assert not (tmp_path / name).exists()


def test_the_summary_of_a_project_names_what_is_doubtful_before_and_now(two_paths, tmp_path, capsys):
    project = tmp_path / "out.npgui"
    words = ["separate", str(two_paths[0]), "-o", str(project), "--max-iter", "3", "--max-tries", "1"]
    assert main([*words, "--cells", "2"]) == 0
    assert main([*words, "--resume", "--strict"]) == 1
    printed = capsys.readouterr()
    assert "cells 1-3: Not converged after 3 iterations" in printed.err
    assert "1 of them before" in printed.out


def test_what_is_serious_is_said_in_full_once_and_the_summary_names_all_its_cells(tmp_path, capsys):
    path = tmp_path / "constant.npy"
    traces = np.random.default_rng(0).random((4, 3, 200)) + 1
    traces[1:, 2] = 4  # dead
    np.save(path, traces)
    assert main(["separate", str(path), "-o", str(tmp_path / "out.npz")]) == 0
    printed = capsys.readouterr()
    assert printed.err.count("A neuropil region is dead: np 2 is 4 in all frames. It holds") == 1
    assert "cells 2-4: A neuropil region is dead\n" in printed.err
    assert "(3 of them serious)" in printed.out
