"""What an exercise locks, and the sentence that says so."""

from dataclasses import replace

import pytest

from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.state.teaching import Locks, Teaching

pytestmark = pytest.mark.any_version

DEFAULTS = SeparationSettings()


def test_a_refusal_names_what_is_locked_and_what_is_free():
    locks = Locks(("alpha", "k"))
    assert locks.refusal(DEFAULTS, replace(DEFAULTS, alpha=2.0, solver="accelerated")) == ""
    assert locks.refusal(DEFAULTS, replace(DEFAULTS, alpha=2.0, n=3)) == (
        "The exercise leaves n as it is: only alpha may be changed."
    )
    assert Locks(("k",)).refusal(DEFAULTS, replace(DEFAULTS, method="ica", seed=1)) == (
        "The exercise leaves Method and seed as they are: no setting may be changed."
    )


def test_all_cells_are_locked_while_an_exercise_is_on(qapp):
    teaching, said = Teaching(), []
    teaching.refused.connect(said.append)
    before = CellSettings(DEFAULTS, {1: replace(DEFAULTS, n=2)})
    after = CellSettings(DEFAULTS, {})
    assert teaching.allows_all(before, after)
    assert teaching.allows_selection()
    assert not teaching.numbers_hidden
    teaching.set_locks(Locks(("alpha",), ("numbers",)))
    assert teaching.in_exercise
    assert teaching.numbers_hidden
    assert not teaching.allows_all(before, after)
    assert not teaching.allows_all(before, replace(before, own={1: replace(DEFAULTS, n=3)}))
    assert teaching.allows_all(before, replace(before, own={1: replace(DEFAULTS, n=2, alpha=1.0)}))
    assert not teaching.allows_selection()
    assert len(said) == 3
    teaching.set_locks(None)
    assert teaching.allows_all(before, after)
