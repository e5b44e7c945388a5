"""What a project holds of a session comes back; what another program may have put there is refused in words."""

import json
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
from neuropil_gui.core.analysis.recovery import Estimate
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.remarks import Remark
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.spike_times import SpikeTimes
from neuropil_gui.engine.kept_spikes import pack_spikes
from neuropil_gui.engine.kept_state import Kept, pack_picture, record_facts, session_facts
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.project.database import Database
from neuropil_gui.formats.project.glance import glance
from neuropil_gui.formats.project.packing import pack, unpack
from neuropil_gui.formats.project.recording import origin_facts, pack_cell
from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.state.results import Outcome, Result
from neuropil_gui.state.runs import Run
from neuropil_gui.state.session import Session

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)

TESTED = CellSpikeIn(
    SpikeInTest(shares=0.1, other=2), None, Estimate(0.82, 0.7, 0.94), Estimate(0.03, -0.1, 0.16), 0.9, 0.1, 0.99,
    ("The frame rate is not known.",),
)  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return tmp_path_factory.mktemp("kept") / "work.npgui"


@pytest.fixture
def items(qapp, path, cell, separation_of):
    """What a session of two cells keeps, as facts by kind and key."""
    session = Session()
    session.set_recording(Recording("made", str(path.with_name("made.npy")), 20.0, [cell, cell]))
    session.set_cell(cell)
    session.store(separation_of(cell), {"alive": 2.0})
    session.pins.pin()
    session.marks.judge([1], "accepted")
    session.own.keep([1], True)
    result = Result(replace(separation_of(cell), warnings=(Remark("It is odd."),)), {"alive": 2.0})
    state = session_facts(session) | origin_facts(session.recording, Options(), path) | {"view": {"page": "cell"}}
    return {
        ("state", "now"): state,
        ("outcome", f"{0:09}"): record_facts(replace(Outcome.of(result), spike_in=TESTED)),
        ("run", f"{1:09}"): record_facts(Run.of(1, 1000.0, 0, cell.name, result.separation, result.numbers)),
        ("cell", f"{0:09}"): unpack(pack_cell(cell))[0],
        ("picture", "now"): pack_picture(cell),
        ("spikes", f"{1:09}"): pack_spikes(SpikeTimes(np.array([0.5, 1.25]), "s", "a.csv, b")),
    }


def write(path, items):
    with closing(Database(path, write=True)) as database:
        packed = [(*name, each if isinstance(each, bytes) else pack(each)) for name, each in items.items()]
        database.change(packed)
    return path


def read(path):
    with closing(Database(path)) as database:
        return Kept.of(database, 2)


def test_a_session_comes_back(items, path, cell):
    kept = read(write(path, items))
    assert kept.marks[1].verdict == "accepted"
    settings = CellSettings(SeparationSettings(), {1: SeparationSettings()})
    assert (kept.frame_rate, kept.settings, kept.baseline) == (20.0, settings, None)
    assert kept.outcomes[0].warnings == (Remark("It is odd."),)
    assert kept.outcomes[0].spike_in == TESTED
    assert kept.outcomes[0].values == {"alive": 2.0, "gain": 0.82, "leak": 0.03}
    assert [run.number for run in kept.runs] == [1]
    assert kept.pins[0].cell == cell.name
    assert list(kept.spikes) == [1]
    np.testing.assert_array_equal(kept.spikes[1].times, [0.5, 1.25])
    assert (kept.spikes[1].unit, kept.spikes[1].source) == ("s", "a.csv, b")
    assert kept.words() == "1 result, 1 mark, 1 pin, 1 run"
    seen = glance(path)
    assert (seen.results, seen.marks, seen.pins, seen.runs, seen.name) == (1, 1, 1, 1, "made")
    assert 0 <= seen.line.min() <= seen.line.max() <= 1


def test_a_project_of_before_the_spike_in_test_is_read(items, path):
    del items["outcome", f"{0:09}"]["spike_in"]
    assert read(write(path, items)).outcomes[0].spike_in is None


def test_a_project_that_has_lost_its_state_is_damaged_and_not_new(items, path):
    write(path, items)
    with closing(Database(path, write=True)) as database:
        database.change(drop=[("state", "now")])
    with pytest.raises(DataError, match="its state is missing"):
        read(path)
    with closing(Database(path, write=True)) as database:
        for kind in ("outcome", "run"):
            database.clear(kind)
    assert read(path) is None


def leaves(facts, way=()):
    """Return the ways to all values in nested facts."""
    found = [way]
    inner = facts.items() if isinstance(facts, dict) else enumerate(facts) if isinstance(facts, list) else ()
    for key, value in inner:
        found += leaves(value, (*way, key))
    return found


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_value_in_the_place_of_another_is_taken_or_refused_in_words(items, path, data):
    name = data.draw(st.sampled_from(sorted(name for name in items if not isinstance(items[name], bytes))))
    facts = json.loads(json.dumps(items[name]))
    way = data.draw(st.sampled_from(leaves(facts)))
    value = data.draw(ANYTHING)
    if way:
        place = facts
        for key in way[:-1]:
            place = place[key]
        place[way[-1]] = value
    elif isinstance(value, dict):
        facts = value
    write(path, items | {name: facts})
    try:
        kept, seen = read(path), glance(path)
    except DataError:
        return
    session = Session()
    session.set_recording(Recording("made", None, 20.0, [*([cell_of(items)] * 2)]))
    kept.restore(session, kept.frame_rate)
    session.restore(kept.outcomes, None)
    assert [run.values() for run in session.runs.all()]
    assert kept.when
    assert kept.words() is not None
    assert seen.name is not None


def cell_of(items):
    from neuropil_gui.core.recording import Cell

    names = tuple(items["cell", f"{0:09}"]["signal_names"])
    return Cell("made", [[1.0, 2.0, 3.0]] * len(names), names)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (("state", "now"), {"marks": {"0": {"verdict": "<b>", "note": ""}}}),
        (("state", "now"), {"marks": {"999999999": {"verdict": "accepted", "note": ""}}}),
        (("state", "now"), {"at": 1e300}),
        (("state", "now"), {"frame_rate": 0}),
        (("run", f"{1:09}"), {"number": "first"}),
        (("run", f"{1:09}"), {"at": 10**40}),
        (("outcome", f"{0:09}"), {"converged": "yes"}),
        (("outcome", f"{0:09}"), {"numbers": {"alive": "many"}}),
    ],
)
def test_strange_values_are_refused(items, path, name, value):
    write(path, items | {name: items[name] | value})
    with pytest.raises(DataError, match="something else than expected"):
        read(path)


def test_settings_of_an_exercise_are_not_those_that_are_kept(items):
    session = Session()
    before = session.own.all
    session.teaching.outside = before
    session.set_settings(replace(session.settings, alpha=1.0))
    assert session_facts(session)["settings"] == before.common.to_dict()
    session.teaching.outside = None
    assert session_facts(session)["settings"]["alpha"] == 1.0


@pytest.mark.parametrize(
    "body",
    [
        pack({"unit": "min", "source": ""}, {"times": np.array([0.5])}),
        pack({"unit": "s", "source": ""}, {"times": np.array([0.5, 0.25])}),
        pack({"unit": "s", "source": ""}),
        pack({"source": ""}, {"times": np.array([0.5])}),
        pack({"unit": ["s"], "source": ""}, {"times": np.array([0.5])}),
    ],
)
def test_spikes_that_are_none_are_refused_in_words(items, tmp_path, body):
    with pytest.raises(DataError, match=r"work\.npgui|Spike time 2"):
        read(write(tmp_path / "work.npgui", items | {("spikes", f"{0:09}"): body}))


def test_spikes_of_a_cell_that_is_not_there_are_left_out(items, tmp_path):
    body = pack_spikes(SpikeTimes(np.array([0.5])))
    assert list(read(write(tmp_path / "work.npgui", items | {("spikes", f"{7:09}"): body})).spikes) == [1]
