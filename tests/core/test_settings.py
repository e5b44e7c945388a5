"""Settings: the defaults are FISSA's, and what is out of range is refused in words."""

import inspect
import json
from dataclasses import FrozenInstanceError, fields
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui import SeparationSettings, separate
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.settings import MAX_SEED, PARAMETERS, uses

NAMES = {"sep_method": "method", "random_state": "seed"}


def test_the_defaults_are_those_of_separate():
    defaults = {
        NAMES.get(name, name): parameter.default for name, parameter in inspect.signature(separate).parameters.items()
    }
    settings = SeparationSettings()
    for name in ("method", "n", "alpha", "seed", "tol", "max_iter", "max_tries"):
        assert getattr(settings, name) == defaults[name]
        assert type(getattr(settings, name)) is type(defaults[name])
    assert (settings.start, settings.offset, settings.solver) == ("nndsvdar", False, "fissa")
    assert settings.pedestal == 0


def test_there_is_a_parameter_for_each_setting():
    assert list(PARAMETERS) == [each.name for each in fields(SeparationSettings)]
    for name, parameter in PARAMETERS.items():
        assert parameter.name == name
        assert parameter.label
        assert parameter.help.endswith(".")
        assert bool(parameter.ignored) == (len(parameter.methods) == 1)
        assert parameter.check(getattr(SeparationSettings(), name)) == getattr(SeparationSettings(), name)


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("n", np.int64(3), 3),
        ("n", np.uint8(3), 3),
        ("n", None, None),
        ("seed", None, None),
        ("seed", np.uint32(MAX_SEED), MAX_SEED),
        ("seed", 0, 0),
        ("alpha", 0, 0.0),
        ("alpha", np.float32(0.5), 0.5),
        ("alpha", np.int16(2), 2.0),
        ("alpha", Fraction(1, 4), 0.25),
        ("alpha", 1e9, 1e9),
        ("tol", 0, 0.0),
        ("max_iter", 10**9, 10**9),
        ("method", np.str_("ica"), "ica"),
        ("start", "random", "random"),
        ("offset", np.True_, True),
    ],
)
def test_values_are_kept_in_their_own_type(name, value, kept):
    found = getattr(SeparationSettings(**{name: value}), name)
    assert found == kept
    assert type(found) is type(kept)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("n", 0, "n must be a whole number of at least 1, or None, but 0 was found."),
        ("n", -3, "-3"),
        ("seed", -1, "seed must be a whole number from 0 to 4294967295, or None, but -1 was found."),
        ("seed", 2**32, "4294967296"),
        ("alpha", -1e-9, "alpha must be a finite number of at least 0, but -1e-09 was found."),
        ("alpha", float("nan"), "nan"),
        ("alpha", float("inf"), "inf"),
        ("alpha", np.float64(-2.0), "but -2.0 was"),
        ("tol", -1.0, "tol"),
        ("pedestal", -0.5, "pedestal must be a finite number of at least 0, but -0.5 was found."),
        ("tol", float("nan"), "tol"),
        ("max_iter", 0, "max_iter"),
        ("max_tries", 0, "max_tries"),
        ("method", "NMF", "method must be one of nmf, ica, but 'NMF' was found."),
        ("method", "", "''"),
        ("start", "custom", "one of nndsvdar, nndsvda, random"),
        ("solver", "fast", "solver must be one of fissa, accelerated, but 'fast' was found."),
    ],
)
def test_values_that_are_refused(name, value, words):
    with pytest.raises(ValueError, match="must be") as caught:
        SeparationSettings(**{name: value})
    assert words in str(caught.value)
    assert isinstance(caught.value, DataError)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 2.0), ("n", True), ("n", np.True_), ("n", "3"), ("n", np.float64(3)), ("n", [3]), ("n", np.array(3)),
        ("seed", 1.5), ("seed", "1"), ("alpha", None), ("alpha", "0.1"), ("alpha", True), ("alpha", 1j),
        ("tol", None), ("max_iter", 1e4), ("max_iter", None), ("max_tries", False), ("method", None),
        ("method", ["nmf"]), ("method", 3), ("start", None), ("offset", 1), ("offset", None), ("offset", "yes"),
        ("solver", None),
    ],
)  # fmt: skip
def test_types_that_are_refused(name, value):
    with pytest.raises(TypeError, match=f"^{name} must be .* was found.$"):
        SeparationSettings(**{name: value})


@given(st.one_of(st.integers(), st.floats(), st.text(), st.none(), st.booleans(), st.lists(st.integers())))
def test_anything_else_is_taken_or_refused_in_words(value):
    for parameter in PARAMETERS.values():
        try:
            kept = parameter.check(value)
        except DataError as refusal:
            words = str(refusal)
        else:
            words = parameter.name
            assert kept is None or type(kept) is parameter.kind
        assert parameter.name in words


def test_settings_are_values():
    settings = SeparationSettings(alpha=0, n=np.int64(3))
    assert settings == SeparationSettings(alpha=0.0, n=3)
    assert hash(settings) == hash(SeparationSettings(alpha=0.0, n=3))
    assert settings != SeparationSettings()
    with pytest.raises(FrozenInstanceError):
        settings.alpha = 1.0


def test_settings_go_through_json():
    settings = SeparationSettings(method="ica", n=3, seed=None, offset=True)
    assert SeparationSettings(**json.loads(json.dumps(settings.to_dict()))) == settings


def test_settings_written_before_there_was_a_choice_of_solver_or_a_pedestal_are_fissas():
    earlier = SeparationSettings(n=3, alpha=0.5).to_dict()
    del earlier["solver"], earlier["pedestal"]
    assert SeparationSettings(**earlier) == SeparationSettings(n=3, alpha=0.5, solver="fissa", pedestal=0)


def test_which_method_uses_what():
    assert [name for name in PARAMETERS if not uses("ica", name)] == ["alpha", "start", "offset", "pedestal", "solver"]
    assert all(uses("nmf", name) for name in PARAMETERS)
