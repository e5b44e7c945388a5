"""Plug-ins in a process of their own: what they say and make, and that what they break is not this process."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui.core.analysis.plug_ins import PlugIn, find_plug_ins
from neuropil_gui.core.analysis.rival import trace_of
from neuropil_gui.core.analysis.rivals import RIVALS
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.engine import plug_in_process
from neuropil_gui.engine.plug_in_process import PlugInProcess, installed_plug_ins

SIGNALS = np.random.default_rng(4).random((3, 200_000))  # more than a pipe holds

HOSTILE = """
import os
from pathlib import Path

from neuropil_gui import Rival

Path(__file__).with_suffix(".imported").touch()


def made(trace):
    return Rival("", "Hostile", "Nobody 2026", "Nothing.", "Always.", trace)


def hang(signals):
    Path(__file__).with_suffix(".called").touch()
    while True:
        pass


HANG, DIE = made(hang), made(lambda signals: os.abort())
LEAVE, RAISE = made(lambda signals: os._exit(3)), made(lambda signals: 1 / 0)
"""


@pytest.fixture
def hostile(install, tmp_path):
    """Install plug-ins that do harm, and return each as found."""
    points = {"hostile_hang": "HANG", "hostile_die": "DIE", "hostile_leave": "LEAVE", "hostile_raise": "RAISE"}
    install("hostile_method", HOSTILE, points)
    return tmp_path / "site" / "hostile_method"


def never():
    return False


def test_the_example_says_and_makes_the_same_as_in_this_process(example_method):
    (found,) = installed_plug_ins(never)
    assert (found.problem, found.rival.label, found.rival.plug_in) == ("", "darkest region", "example_method 1.0")
    with pytest.raises(DataError, match="in a process of its own"):
        trace_of(found.rival, SIGNALS)
    with PlugInProcess(never) as process:
        here = process.callable_here(found.rival)
        for part in (0.5, 1.0):  # the same process for both
            made = trace_of(here, SIGNALS, {"part": part, "percentile": 0.0})
            np.testing.assert_array_equal(made.trace, SIGNALS[0] - part * SIGNALS[1:].min(axis=0))
            assert made.how == f"{part:g} of the 0th percentile"
        assert process.callable_here(RIVALS["ast"]) is RIVALS["ast"]


def test_what_does_harm_is_a_sentence(hostile):
    found = {each.name: each for each in installed_plug_ins(never)}
    assert all(each.rival is not None for each in found.values())
    sentences = {
        "hostile_raise": "of hostile_method 1.0 failed with ZeroDivisionError: division by zero",
        "hostile_leave": "of hostile_method 1.0 ended its process with exit code 3",
        "hostile_die": "of hostile_method 1.0 ended its process by SIGABRT",
    }
    with PlugInProcess(never) as process:
        for name, sentence in sentences.items():
            with pytest.raises(DataError, match=f"^The plug-in {name} {sentence}"):
                trace_of(process.callable_here(found[name].rival), SIGNALS)


def test_one_that_hangs_is_ended_when_it_is_asked_to_stop(hostile):
    found = {each.name: each for each in installed_plug_ins(never)}
    called = hostile / "hostile_method.called"
    with PlugInProcess(called.exists) as process, pytest.raises(Cancelled):
        trace_of(process.callable_here(found["hostile_hang"].rival), SIGNALS)
    assert called.exists()
    assert process._process is None
    assert not any(each.name == "sender to plug-ins" for each in threading.enumerate())


def test_an_import_that_does_not_end_is_refused(install, monkeypatch):
    install("slow_method", "while True:\n    pass\n", {"slow": "RIVAL"})
    monkeypatch.setattr(plug_in_process, "LONGEST_IMPORT", 0.5)
    (found,) = installed_plug_ins(never)
    assert found.problem == "The plug-in slow of slow_method 1.0 cannot be used: its import took more than 0.5 s."
    assert found.rival is None


def test_an_import_that_fails_is_told_and_a_name_that_is_taken_is_not_imported(install):
    install("failing_method", "1 / 0\n", {"failing": "RIVAL", "raw": "RIVAL"})
    failing, raw = installed_plug_ins(never)
    assert "cannot be imported (ZeroDivisionError: division by zero)" in failing.problem
    assert "taken by this program" in raw.problem
    assert raw == find_plug_ins()[1]


def test_without_plug_ins_no_process_is_started(monkeypatch):
    monkeypatch.setattr(plug_in_process, "SpawnProcess", None)
    assert installed_plug_ins(never) == ()
    with PlugInProcess(never) as process:
        assert process.described(PlugIn("x", "y 1", problem="It is not usable.")).problem == "It is not usable."
        assert replace(process.callable_here(RIVALS["raw"])) == RIVALS["raw"]
