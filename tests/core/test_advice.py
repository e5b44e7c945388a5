"""Advice: given where the measured trouble is, absent where the data are good, and cheap."""

import time
from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui import Cell, SeparationSettings, read, separate_cell
from neuropil_gui.core.advice import advise, match_strength, pedestal, seed_matters
from neuropil_gui.core.remarks import LEVELS

WORDS = {
    "empty": "empty",
    "region": "only one neuropil region",
    "match": "not mostly the ROI's",
    "copies": "Nearly the same signal",
    "pedestal": "High pedestal",
    "seed": "seed hardly matters",
    "baseline": "ICA has lost the baseline",
    "convergence": "onverged after",
    "much": "too much taken out",
    "dead": "dead:",
    "extreme": "extreme:",
}


def texts(result):
    return [remark.text for remark in result.warnings]


def kinds_of(separation):
    """The kinds of advice that a separation gets."""
    found = texts(separation)
    kinds = {kind for kind, words in WORDS.items() if any(words in text for text in found)}
    assert len(kinds) == len(found), found
    return kinds


def kinds_for(cell, **asked):
    return kinds_of(separate_cell(cell, SeparationSettings(**asked)))


@pytest.fixture
def demo_kinds(separated):
    """Return the kinds of advice that each cell of a demo gets."""
    return lambda name, **asked: [kinds_of(separation) for separation in separated(name, **asked)]


@pytest.fixture
def cell(demo_cells):
    """A good cell, shortened."""
    return Cell.from_traces(demo_cells("easy")[0].traces[:, :400])


@pytest.mark.parametrize(
    ("name", "questions"),
    [("easy", [False, False, False, True]), ("contaminated", [False, False, True, False])],
)
def test_good_demos_are_quiet_but_for_the_question(demo_kinds, name, questions):
    assert ["much" in kinds for kinds in demo_kinds(name)] == questions
    assert all(kinds <= {"empty", "much"} for kinds in demo_kinds(name))
    short = {"alpha": 0.01, "max_tries": 1, "max_iter": 1000}
    assert all(kinds <= {"convergence", "much"} for kinds in demo_kinds(name, **short))
    assert demo_kinds(name, method="ica") == [{"baseline"}] * 4


def test_the_match_is_doubted_exactly_where_the_demo_fails(demo_kinds):
    assert ["match" in kinds for kinds in demo_kinds("correlated")] == [False, True, True, False]


def test_the_failing_demo_says_why_and_its_remedies_silence_it(demo_kinds):
    assert demo_kinds("failing") == [{"empty", "match", "pedestal"}] * 4
    assert [kinds - {"much"} for kinds in demo_kinds("failing", method="ica")] == [{"baseline"}] * 4
    assert not any("pedestal" in kinds for kinds in demo_kinds("failing", alpha=0.01, max_tries=1, max_iter=1000))


def test_real_cells_are_quiet(real_data):
    for cell in read(real_data / "fissa_example" / "prepared.npz").cells:
        assert kinds_for(cell) == {"empty"}
        assert kinds_for(cell, method="ica") - {"much"} == {"baseline"}
    for cell in read(real_data / "suite2p" / "plane0").cells[:6]:
        assert kinds_for(cell) == {"region"}


def test_a_real_cell_that_collapses_under_constant_light_has_a_warning(real_data):
    cell = read(real_data / "fissa_example" / "prepared.npz").cells[0]
    lit = Cell.from_traces(cell.traces + 2 * np.median(cell.traces))
    assert kinds_for(lit) == {"empty", "match", "pedestal"}


def test_one_dark_frame_does_not_hide_a_pedestal(demo_cells):
    traces = demo_cells("failing")[0].traces.copy()
    traces[:, 100] = 0
    cell = Cell.from_traces(traces)
    assert pedestal(cell, separate_cell(cell, SeparationSettings(max_iter=2, max_tries=1))) > 0.95


def test_an_offset_takes_the_pedestal_away(cell):
    lifted = Cell.from_traces(cell.traces - cell.traces.min() - 1)
    result = separate_cell(lifted, SeparationSettings(offset=True))
    assert 0 < pedestal(lifted, result) < 0.5
    assert any("was subtracted" in text for text in texts(result))


@pytest.mark.parametrize(("method", "others"), [("nmf", set()), ("ica", {"baseline"})])
def test_one_region(cell, method, others):
    two = Cell.from_traces(cell.traces[:2])
    assert kinds_for(two, method=method, alpha=0.01) - {"match", "much"} == {"region"} | others
    words = " ".join(texts(separate_cell(two, SeparationSettings(method=method))))
    assert ("alpha" in words) == (method == "nmf")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({}, False),
        ({"seed": 1}, True),
        ({"seed": None}, True),
        ({"seed": 1, "start": "nndsvda"}, True),
        ({"seed": 1, "start": "random"}, False),
        ({"seed": 1, "method": "ica"}, False),
    ],
)
def test_a_seed_without_effect(cell, asked, expected):
    assert ("seed" in kinds_for(cell, **asked)) == expected
    assert not (expected and seed_matters(SeparationSettings(**asked)))


def test_no_other_advice_where_all_is_empty(cell):
    assert kinds_for(cell, alpha=1e6) == {"empty"}


def levels(separation):
    return [remark.level for remark in separation.warnings]


def test_what_matters_most_comes_first_and_failures_are_serious(separated, cell):
    for result in separated("failing"):
        assert levels(result) == ["error"] * 2 + ["warning"] * (len(result.warnings) - 2)
        assert result.warnings[0].brief.startswith("High pedestal")
    contaminated = separated("contaminated")
    assert {level for cell in (0, 1, 3) for level in levels(contaminated[cell])} <= {"info"}
    assert {level for result in separated("contaminated", method="ica") for level in levels(result)} == {"info"}
    assert levels(separate_cell(cell, SeparationSettings(alpha=1e6))) == ["error"]
    short = levels(separate_cell(cell, SeparationSettings(max_iter=2, max_tries=2, start="nndsvda")))
    assert short == sorted(short, key=LEVELS.index)
    assert {"warning", "info"} <= set(short)


def test_it_asks_whether_too_much_was_taken_out(cell):
    result = separate_cell(cell, SeparationSettings())
    neuropil = cell.traces[1:].mean(axis=0)
    against, noise = neuropil.max() - neuropil, np.random.default_rng(0).normal(0, neuropil.std(), len(neuropil))

    def questions(best):
        changed = replace(result, matched=np.vstack([best, result.matched[1:]]))
        return [remark for remark in advise(cell, changed) if WORDS["much"] in remark.text]

    assert questions(noise) == questions(neuropil) == []
    (remark,) = questions(against)
    assert remark.level == "warning"
    assert remark.brief == "Was too much taken out?"
    assert "-1.00" in remark.text


def test_match_strength(cell):
    result = separate_cell(cell, SeparationSettings())
    mixing = np.array([[4.0, 0.0], [1.0, 3.0], [-3.0, 0.0]])
    order = np.array([0, 1])
    assert match_strength(replace(result, mixing=mixing, order=order)) == 2
    assert match_strength(replace(result, mixing=mixing[[0, 0, 0]] * [[-1], [0], [0]], order=order)) == np.inf
    assert np.isnan(match_strength(replace(result, mixing=0 * mixing, order=order)))


def test_it_is_cheap_on_a_long_recording():
    traces = np.random.default_rng(0).random((5, 1_000_000)) + 1
    cell = Cell.from_traces(traces)
    result = separate_cell(cell, SeparationSettings(max_iter=1, max_tries=1))
    times = []
    for _ in range(3):
        began = time.thread_time()
        assert advise(cell, result) == result.warnings
        times.append(time.thread_time() - began)
    # 0.1 s on a busy machine.
    assert min(times) < 0.35
