import json
import os
from dataclasses import fields

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PyQt5.QtCore import QByteArray, QSettings

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.formats.paths import Options
from neuropil_gui.state.answers import Answers
from neuropil_gui.state.preferences import MAX_THREADS, RECENT, THEMES, Preferences

pytestmark = pytest.mark.any_version


@pytest.fixture
def path(tmp_path):
    return tmp_path / "preferences.ini"


def preferences(path):
    return Preferences(QSettings(str(path), QSettings.Format.IniFormat))


def test_defaults(path):
    kept = preferences(path)
    assert (kept.theme, kept.live, kept.restore_layout) == ("system", True, True)
    assert (kept.recent, kept.folder, kept.geometry, kept.docks) == ([], "", None, None)


def test_everything_survives_a_restart(path, tmp_path):
    kept = preferences(path)
    kept.theme, kept.live, kept.restore_layout, kept.folder = "dark", False, False, str(tmp_path)
    kept.geometry, kept.docks = QByteArray(b"\x00\x01geometry"), QByteArray(b"docks\xff")
    kept.add_recent("/one")
    del kept
    again = preferences(path)
    assert (again.theme, again.live, again.restore_layout, again.folder) == ("dark", False, False, str(tmp_path))
    assert (bytes(again.geometry), bytes(again.docks)) == (b"\x00\x01geometry", b"docks\xff")
    assert again.recent == ["/one"]


def test_recent_holds_the_newest_first_and_once(path):
    kept = preferences(path)
    for name in [*(f"/{k}" for k in range(2 * RECENT)), "/3", "/19"]:
        kept.add_recent(name)
    assert kept.recent[:3] == ["/19", "/3", "/18"]
    assert len(kept.recent) == RECENT


def test_one_recent_file_comes_back_as_a_list(path):
    preferences(path).add_recent("/a, b;c")
    assert preferences(path).recent == ["/a, b;c"]


@pytest.mark.parametrize(
    "text",
    [
        "[General]\ntheme=pink\nlive=perhaps\nrecent=@Invalid()\nfolder=/no/such/folder\ngeometry=7\ndocks=@Variant(x)\n",
        "\x00\xff garbage [[[",
        "[General]\nrecent=1, 2, 3\ntheme=@ByteArray(\\xff)\n",
        "",
    ],
)
def test_garbage_reads_as_defaults(path, text):
    path.write_bytes(text.encode("latin-1"))
    kept = preferences(path)
    assert (kept.theme, kept.live, kept.folder, kept.geometry, kept.docks) == ("system", True, "", None, None)
    assert all(isinstance(name, str) for name in kept.recent)


def test_a_folder_that_is_gone_is_not_offered(path, tmp_path):
    kept = preferences(path)
    folder = tmp_path / "gone"
    folder.mkdir()
    kept.folder = str(folder)
    assert kept.folder == str(folder)
    folder.rmdir()
    assert kept.folder == ""


def test_the_text_size_is_within_its_limits(path):
    stored = QSettings(str(path), QSettings.Format.IniFormat)
    for wanted, read in (("150", 150), ("20", 80), ("900", 200), ("large", 100), ("1" * 30, 100)):
        stored.setValue("text_size", wanted)
        assert Preferences(stored).text_size == read


def test_threads_are_at_least_one_and_at_most_what_there_is(path):
    stored = QSettings(str(path), QSettings.Format.IniFormat)
    kept = Preferences(stored)
    for wanted in (0, -3, 10_000, "many"):
        stored.setValue("threads", wanted)
        assert 1 <= kept.threads <= MAX_THREADS
    kept.threads = 1
    assert preferences(path).threads == 1


def test_without_settings_they_last_as_long_as_the_program():
    kept = Preferences()
    kept.theme, kept.live = "dark", False
    kept.add_recent("/one")
    assert (kept.theme, kept.live, kept.recent) == ("dark", False, ["/one"])
    kept.clear()
    assert (kept.theme, kept.recent) == ("system", [])
    assert Preferences().live


def test_clear_forgets_all(path):
    kept = preferences(path)
    kept.theme = "dark"
    kept.clear()
    assert preferences(path).theme == "system"


def test_the_baseline_survives_a_restart(path):
    kept = preferences(path)
    assert (kept.delta_f, kept.baseline) == (False, BaselineSettings())
    kept.delta_f, kept.baseline = True, BaselineSettings("fissa", 12.5, None, 7, False)
    again = preferences(path)
    assert (again.delta_f, again.baseline) == (True, BaselineSettings("fissa", 12.5, None, 7, False))


@pytest.mark.parametrize("text", ["[]", "7", "{", '{"kind": "pink"}', '{"percentile": "8"}', '{"colour": 1}', "null"])
def test_a_garbage_baseline_reads_as_the_default(path, text):
    settings = QSettings(str(path), QSettings.Format.IniFormat)
    settings.setValue("baseline", text)
    assert Preferences(settings).baseline == BaselineSettings()


KEYS = (
    *("theme", "live", "restore_layout", "recent", "folder", "geometry", "docks"),
    *("threads", "delta_f", "baseline", "answers"),
)
DEEP = "[" * 100_000
DIGITS = "9" * 5000

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(10**400),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
ANSWERED = st.dictionaries(st.sampled_from([each.name for each in fields(Options)]), JSON)
FIELDS = st.dictionaries(st.sampled_from([each.name for each in fields(BaselineSettings)]), JSON)
ANYTHING = st.one_of(
    st.text(),
    st.sampled_from([DEEP, '{"a":' * 100_000, DIGITS, "-" + DIGITS, "1e999", "\0", "/a\0b", "true" * 9, "x" * 100_000]),
    st.integers(),
    st.floats(),
    st.binary().map(QByteArray),
    st.lists(st.text() | st.integers()),
    JSON.map(json.dumps),
    FIELDS.map(json.dumps),
    st.lists(st.tuples(st.text(), ANSWERED)).map(json.dumps),
)


def use(kept):
    """Read each preference as the window does, and check its kind."""
    assert kept.theme in THEMES
    assert all(isinstance(flag, bool) for flag in (kept.live, kept.restore_layout, kept.delta_f))
    assert all(isinstance(path, str) and os.path.isabs(path) and "\0" not in path for path in kept.recent)
    assert kept.folder == "" or os.path.isdir(kept.folder)
    assert all(each is None or isinstance(each, QByteArray) for each in (kept.geometry, kept.docks))
    assert 1 <= kept.threads <= MAX_THREADS
    assert isinstance(kept.baseline, BaselineSettings)
    assert kept.answers("a key that nobody has") is None


@settings(max_examples=25)  # of many values each
@given(st.dictionaries(st.sampled_from(KEYS), ANYTHING))
def test_whatever_is_kept_gives_a_value(values):
    kept = Preferences()
    for key, value in values.items():
        kept.keep(key, value)
    use(kept)
    kept.add_recent("/one")
    kept.remember_answers("a", Answers({"plane": "1"}))
    assert kept.recent[0] == "/one"
    assert kept.answers("a") == Answers({"plane": "1"})


@given(st.sampled_from(KEYS), st.text(st.characters(codec="utf-8")) | st.sampled_from([DEEP, DIGITS]))
def test_whatever_stands_in_the_file_gives_a_value(tmp_path_factory, key, text):
    path = tmp_path_factory.mktemp("any") / "preferences.ini"
    path.write_text(f"[General]\n{key}={text}\n", encoding="utf-8")
    use(preferences(path))


def test_a_path_is_kept_such_that_another_working_folder_opens_the_same(path, tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    kept = preferences(path)
    kept.add_recent("a.npy")
    monkeypatch.chdir(tmp_path)
    assert preferences(path).recent == [str(tmp_path / "here" / "a.npy")]
    kept.keep("recent", ["a.npy", str(tmp_path)])  # as earlier versions did
    assert kept.recent == [str(tmp_path)]


@pytest.mark.parametrize("name", ["is_dir", "exists", "stat"])
def test_a_folder_out_of_reach_is_not_offered(path, tmp_path, monkeypatch, name):
    kept = preferences(path)
    kept.folder = str(tmp_path)

    def refuse(*_args, **_kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(f"pathlib.Path.{name}", refuse)
    monkeypatch.setattr(os, "stat", refuse)
    assert kept.folder == ""
