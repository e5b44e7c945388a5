"""Plug-ins by entry points: found without an import, loaded by name, and refused in words."""

import sys

import numpy as np
import pytest

from neuropil_gui import Cell, SeparationSettings, compare, rivals, separate_cell
from neuropil_gui.core.analysis.plug_ins import find_plug_ins, find_rival, load_plug_in
from neuropil_gui.core.analysis.rivals import RIVALS
from neuropil_gui.core.errors import DataError

HEAD = "from neuropil_gui import Rival, RivalParameter\n\n\ndef trace(signals):\n    return signals[0]\n\n\n"
TEXTS = '"mine", "Mine", "Me 2026", "Nothing.", "Never."'


def test_without_any_there_are_this_programs_own():
    assert find_plug_ins() == ()
    assert rivals() == RIVALS


def test_the_example_is_found_and_compared(example_method):
    (found,) = find_plug_ins()
    assert (found.name, found.package, found.rival, found.problem) == (
        "darkest_region", "example_method 1.0", None, "",
    )  # fmt: skip
    assert "example_method" not in sys.modules
    rival = load_plug_in("darkest_region")
    assert (rival.key, rival.plug_in, rival.label) == ("darkest_region", "example_method 1.0", "darkest region")
    assert list(rivals()) == [*RIVALS, "darkest_region"]
    cell = Cell.from_traces(np.random.default_rng(2).random((4, 300)) + 1)
    separation = separate_cell(cell, SeparationSettings(solver="accelerated"))
    parameters = {"darkest_region": {"part": 0.5, "percentile": 0.0}}
    made = compare(cell, separation, ("ast", "darkest_region"), parameters=parameters)
    np.testing.assert_allclose(made["darkest_region"].trace, cell.traces[0] - 0.5 * cell.traces[1:].min(axis=0))
    assert made["darkest_region"].how == "0.5 of the 0th percentile"
    with pytest.raises(DataError, match=r"one of raw, fixed, .*, darkest_region, stored, truth was expected"):
        compare(cell, separation, ("brightest_region",))


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("import surely_not_there\n", "cannot be imported .ModuleNotFoundError: No module named 'surely_not_there'"),
        ("RIVAL = (\n", "cannot be imported .SyntaxError"),
        ("raise SystemExit(3)\n", "cannot be imported .SystemExit: 3"),
        ("OTHER = 1\n", "cannot be imported .AttributeError"),
        ("RIVAL = print\n", "is a builtin_function_or_method, but a Rival was expected"),
        (f"{HEAD}RIVAL = Rival({TEXTS})\n", "its trace must be a function, but NoneType was found"),
        (f"{HEAD}RIVAL = Rival('mine', '', 'Me', 'A', 'B', trace)\n", "its label must be a text of 1 to 2000 letters"),
        (f"{HEAD}RIVAL = Rival({TEXTS}, trace, (1,))\n", "must be RivalParameters, but int was found"),
        (
            f"{HEAD}RIVAL = Rival({TEXTS}, trace, (RivalParameter('k', 'k', 3, 0, 1, 'How much'),))\n",
            "the default of its parameter k, 3, is not in 0 to 1",
        ),
        (
            f"{HEAD}RIVAL = Rival({TEXTS}, trace, (RivalParameter('k', 'k', 3, 0, float('inf'), 'How much'),))\n",
            "default and range of its parameter k must be finite numbers",
        ),
        (
            f"{HEAD}RIVAL = Rival({TEXTS}, trace, (RivalParameter('k', 13 * 'k', 3, 0, 5, 'How much'),))\n",
            "the label of its parameter k must be a text of 1 to 12 letters",
        ),
        (
            f"{HEAD}RIVAL = Rival({TEXTS}, trace, (RivalParameter('k k', 'k', 3, 0, 5, 'How much'),))\n",
            "must be a keyword of its function, but 'k k' was found",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(install, source, sentence):
    install("broken_method", source, {"mine": "RIVAL"})
    with pytest.raises(DataError, match=f"^The plug-in mine of broken_method 1.0 .*{sentence}"):
        find_rival("mine")
    assert rivals() == RIVALS


def test_a_name_that_is_taken_is_refused(install):
    source = f"{HEAD}RIVAL = Rival({TEXTS}, trace)\n"
    install("first_method", source, {"mine": "RIVAL", "nmf": "RIVAL", "not a word": "RIVAL"})
    install("second_method", source, {"mine": "RIVAL"})
    problems = {(each.package, each.name): each.problem for each in find_plug_ins()}
    assert problems["first_method 1.0", "mine"] == ""
    assert "taken by first_method 1.0" in problems["second_method 1.0", "mine"]
    assert "taken by this program" in problems["first_method 1.0", "nmf"]
    assert "must be a word" in problems["first_method 1.0", "not a word"]
    assert find_rival("nmf") is RIVALS["nmf"]
    assert find_rival("mine").plug_in == "first_method 1.0"
    assert list(rivals()) == [*RIVALS, "mine"]
