import os
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from configparser import ConfigParser
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.__main__ import main
from neuropil_gui.cli import desktop, window
from neuropil_gui.formats import exercises
from neuropil_gui.formats.project import database

pytestmark = pytest.mark.any_version


@pytest.fixture
def home(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def entry(folder):
    parser = ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read(folder / "applications" / "neuropil-gui.desktop", encoding="utf-8")
    return parser["Desktop Entry"]


def words_of(value):
    """Return the words of an Exec, as the specification of desktop files has it, without the field codes."""
    text = value.replace("\\\\", "\\")
    return [word.replace("%%", "%") for word in shlex.split(text) if word not in ("%f", "%F")]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="for the desktops of Linux")
def test_what_is_installed_starts_this_program_and_goes_again(home, monkeypatch, capsys):
    monkeypatch.setattr(desktop.shutil, "which", lambda name: None)
    other = home / "applications" / "other.desktop"
    other.parent.mkdir()
    other.write_text("[Desktop Entry]\n")
    for _ in range(2):  # again after an update of the program
        assert main(["--install-desktop"]) == 0
        assert set(capsys.readouterr().out.split()) == {str(home / place) for place in desktop.PLACES}
    assert files(home) == {*desktop.PLACES, "applications/other.desktop"}
    words = words_of(entry(home)["Exec"])
    assert Path(words[0]).is_absolute()
    clean = {key: value for key, value in os.environ.items() if key != "PATH"}
    done = subprocess.run([*words, "--version"], capture_output=True, text=True, env=clean, cwd="/")
    assert done.stdout.startswith("neuropil-gui ")
    assert main(["--uninstall-desktop"]) == 0
    assert files(home) == {"applications/other.desktop"}
    assert main(["--uninstall-desktop"]) == 0
    assert "there is nothing" in capsys.readouterr().err


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="for the desktops of Linux")
def test_a_standalone_build_starts_itself_and_the_desktop_is_told(home, monkeypatch):
    monkeypatch.setattr(desktop.sys, "frozen", True, raising=False)
    monkeypatch.setattr(desktop.sys, "executable", "/opt/my programs/100%/neuropil-gui")
    monkeypatch.setattr(desktop.shutil, "which", lambda name: f"/usr/bin/{name}")
    told = []
    monkeypatch.setattr(desktop.subprocess, "run", lambda words, **_: told.append(words))
    assert desktop.install() == 0
    assert words_of(entry(home)["Exec"]) == ["/opt/my programs/100%/neuropil-gui"]
    assert told == [
        ["/usr/bin/update-desktop-database", str(home / "applications")],
        ["/usr/bin/update-mime-database", str(home / "mime")],
    ]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="for the desktops of Linux")
def test_a_folder_that_cannot_be_written_is_named(home, monkeypatch, capsys):
    (home / "applications").write_text("a file where a folder should be")
    assert main(["--install-desktop"]) == 1
    assert "neuropil-gui.desktop: it could not be changed" in capsys.readouterr().err
    (home / "applications").unlink()
    (home / "applications" / "neuropil-gui.desktop").mkdir(parents=True)
    assert main(["--install-desktop"]) == 1
    assert "neuropil-gui.desktop: " in capsys.readouterr().err
    (home / "mime" / "packages").mkdir(parents=True)
    (home / "mime" / "packages" / "neuropil-gui.xml").write_text("")
    monkeypatch.setattr(Path, "unlink", Path.rmdir)  # as where the folder is not the user's
    assert main(["--uninstall-desktop"]) == 1
    assert "neuropil-gui.xml: it could not be changed" in capsys.readouterr().err


def test_elsewhere_it_is_refused_in_words(home, monkeypatch, capsys):
    monkeypatch.setattr(desktop.sys, "platform", "win32")
    assert desktop.install() == 1
    assert "Linux" in capsys.readouterr().err
    assert files(home) == set()


@given(st.text(st.characters(codec="ascii", min_codepoint=32), min_size=1))
def test_any_path_survives_the_quoting(path):
    value = desktop.quoted(path)
    inside = value[1:-1].replace("%%", "%").replace("\\\\", "\0")
    # A backslash of a text stands for itself once; within quotation marks it then escapes the sign behind it.
    unescaped, at = "", 0
    while at < len(inside):
        if inside[at] == "\0":
            at += 1
            unescaped += "\\" if inside[at] == "\0" else inside[at]
        else:
            assert inside[at] not in '"`$'
            unescaped += inside[at]
        at += 1
    assert unescaped == path


def test_a_relative_data_folder_does_not_count():
    assert desktop.data_home({"XDG_DATA_HOME": "data"}) == Path.home() / ".local" / "share"
    assert desktop.data_home({}) == Path.home() / ".local" / "share"
    assert desktop.data_home({"XDG_DATA_HOME": "/data"}) == Path("/data")


def test_the_three_files_name_the_same_types_and_the_window_they_belong_to():
    spaces = {"m": "http://www.freedesktop.org/standards/shared-mime-info"}
    kinds = ET.parse(desktop.DESKTOP / "neuropil-gui-mime.xml").getroot().findall("m:mime-type", spaces)
    patterns = {kind.find("m:glob", spaces).get("pattern") for kind in kinds}
    assert patterns == {f"*{database.SUFFIX}", f"*{exercises.SUFFIX}"}
    number = kinds[0].find("m:magic/m:match/m:match", spaces)
    assert (number.get("offset"), int(number.get("value"), 16)) == ("68", database.APPLICATION_ID)
    types = [kind.get("type") for kind in kinds]
    parser = ConfigParser(interpolation=None)
    parser.read(desktop.DESKTOP / "neuropil-gui.desktop", encoding="utf-8")
    assert parser["Desktop Entry"]["MimeType"].rstrip(";").split(";") == types
    assert parser["Desktop Entry"]["StartupWMClass"] == window.NAME
    assert f"applications/{window.DESKTOP_FILE}.desktop" in desktop.PLACES
    described = ET.parse(desktop.DESKTOP / "neuropil-gui.metainfo.xml").getroot()
    assert [each.text for each in described.findall("provides/mediatype")] == types
    assert described.findtext("launchable") == "neuropil-gui.desktop"
