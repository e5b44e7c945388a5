"""All cells over one setting: what is counted, and the range that is recommended with its reasons."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.core import metrics
from neuropil_gui.core.analysis.numbers import numbers
from neuropil_gui.core.analysis.population import (
    ALPHAS,
    BINS,
    POPULATION_NUMBERS,
    STABLE,
    PopulationSweep,
    advise,
    population_plan,
    trouble_words,
)
from neuropil_gui.core.analysis.sample import Sample
from neuropil_gui.core.analysis.sweep import Tile, summary, thinned
from neuropil_gui.core.analysis.sweep_plans import Axis, SweepPlan
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import CellHeader
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate

pytestmark = pytest.mark.any_version

FAST = SeparationSettings(solver="accelerated")
PLAN = SweepPlan(FAST, Axis("alpha", (0.01, 0.1, 1.0)))
RISING, OTHER = np.arange(40.0), np.tile([0.0, 1.0], 20)


def tile(ix, cell, *, collapsed=False, converged=True, error="", trace=RISING, iterations=100):
    known = {} if error else {"r_neuropil": 0.1 * ix - 0.2 * cell, "alive": 3.0, "iterations": float(iterations)}
    return Tile(
        ix, cell, PLAN.settings_at(ix), error, 3, converged and not error, collapsed, numbers=known,
        trace=thinned(trace, BINS),
    )  # fmt: skip


def filled(*others, cells=2):
    """Return a sweep of cells without trouble, but for some tiles."""
    found = PopulationSweep(PLAN, cells)
    found.add([tile(ix, cell) for ix in range(3) for cell in range(cells)])
    found.add(others)
    return found


def test_plans_have_values_that_suit_all_cells():
    headers = [CellHeader("a", 5, 100), CellHeader("b", 3, 100), CellHeader("alone", 1, 100)]
    settings = SeparationSettings(alpha=0.7, n=2, seed=3)
    alpha, n, method = (population_plan(settings, headers, name) for name in ("alpha", "n", "method"))
    assert alpha.x.values == ALPHAS
    assert SeparationSettings().alpha in ALPHAS
    assert n.x.values == (1, 2, 3)
    assert method.x.values == ("nmf", "ica")
    assert alpha.settings_at(0).seed == 3
    assert alpha.settings_at(0).n == 2
    assert alpha == population_plan(SeparationSettings(alpha=0.1, n=2, seed=3), headers, "alpha")
    with pytest.raises(DataError, match="alpha, n, method"):
        population_plan(settings, headers, "seed")


def test_it_keeps_of_each_cell_what_a_separation_of_it_gives():
    cell = simulate(Simulation(frames=300, regions=2)).cells[0]
    made = separate_cell(cell, PLAN.settings_at(1))
    found = PopulationSweep(PLAN, 1)
    found.add([summary(Sample.of_separation(cell, made), made, 1, 0, width=BINS, keys=POPULATION_NUMBERS)])
    expected = numbers(cell, made, POPULATION_NUMBERS)
    assert {key: values[0, 1] for key, values in found.numbers.items()} == expected
    assert found.done.tolist() == [[False, True, False]]
    assert found.left() == [(0, [0]), (2, [0])]


def test_coarse_values_are_left_first():
    plan = population_plan(FAST, [CellHeader("a", 3, 9)], "alpha")
    order = [ix for ix, _ in PopulationSweep(plan, 1).left()]
    assert sorted(order) == list(range(len(ALPHAS)))
    assert all(ix % 2 == 0 for ix in order[: len(ALPHAS) // 2 + 1])


def test_a_result_is_unstable_where_the_best_match_is_another_at_the_next_value():
    found = filled(tile(2, 0, trace=OTHER))
    assert found.agreement[0, 0] == pytest.approx(1)
    assert found.agreement[0, 1] == pytest.approx(metrics.pearson(RISING, OTHER), abs=1e-6)
    assert abs(found.agreement[0, 1]) < STABLE
    assert found.unstable.tolist() == [[False, True, True], [False, False, False]]
    # A collapsed result is no neighbour to compare with.
    found = filled(tile(2, 0, trace=OTHER, collapsed=True))
    assert not found.unstable.any()


def test_troubles_are_counted_once_for_each_cell():
    found = filled(tile(2, 0, collapsed=True, converged=False), tile(0, 1, converged=False))
    assert {name: each.tolist() for name, each in found.counts().items()} == {
        "collapsed": [0, 0, 1], "unstable": [0, 0, 0], "not converged": [1, 0, 0],
    }  # fmt: skip
    assert found.troubled().tolist() == [1, 0, 1]


def test_the_advice_names_the_range_and_its_reasons():
    found = filled(tile(2, 0, collapsed=True), tile(0, 1, converged=False, iterations=10_000))
    advice = advise(found)
    assert (advice.first, advice.last) == (1, 1)
    assert advice.text == (
        "alpha 0.1: no cell has collapsed, is unstable or has not converged; alpha 0.01: 1 not converged, 1 with over "
        "5,000 iterations; alpha 1: 1 collapsed."
    )
    advice = advise(filled(tile(1, 0, converged=False)))
    assert (advice.first, advice.last) == (2, 2)
    assert "converged; nor at alpha 0.01; alpha 0.1: 1 not converged." in advice.text
    assert advise(filled()).text == "alpha 0.01 to 1: no cell has collapsed, is unstable or has not converged."


def test_without_such_a_range_the_value_with_the_fewest_troubles_is_named():
    found = filled(*(tile(ix, 0, collapsed=True) for ix in range(3)), tile(0, 1, collapsed=True))
    advice = advise(found)
    assert advice.first is None
    assert "Fewest at alpha 0.1: 1 cell of 2 (1 collapsed)." in advice.text


def test_of_many_cells_one_in_a_hundred_may_be_in_trouble():
    tiles = [tile(ix, 0, converged=False) for ix in range(3)] + [tile(2, cell, collapsed=True) for cell in range(1, 4)]
    advice = advise(filled(*tiles, cells=150))
    assert (advice.first, advice.last) == (0, 1)
    assert advice.text.startswith("alpha 0.01 to 0.1: at most 1 cell of 150 in trouble; alpha 0.01: 1 not converged; ")
    assert "alpha 1: 3 collapsed, 1 not converged" in advice.text


def test_refused_cells_are_left_out_and_said():
    found = filled(*(tile(ix, 1, error="no region") for ix in range(3)))
    assert found.first_error == "no region"
    assert advise(found).text.endswith("1 cell left out: refused at every value.")
    assert advise(filled(*(tile(ix, 0, error="x") for ix in range(3)), cells=1)).text == "No cell could be separated."


def test_only_values_that_are_complete_are_judged():
    found = PopulationSweep(PLAN, 2)
    assert advise(found).text == ""
    found.add([tile(0, 0), tile(0, 1), tile(1, 0)])
    assert (advise(found).first, advise(found).last) == (0, 0)
    assert advise(found).text == (
        "So far, with 1 of 3 values known: alpha 0.01: no cell has collapsed, is unstable or has not converged."
    )
    found = PopulationSweep(PLAN, 1)
    found.add([tile(0, 0, collapsed=True)])
    assert advise(found).text.startswith("So far, with 1 of 3 values known: at every alpha some cell has collapsed")
    found = PopulationSweep(PLAN, 1)
    found.add([tile(0, 0, error="x")])
    assert advise(found).text == "So far, with 1 of 3 values known: no cell could be separated."


def test_of_methods_none_is_unstable_but_they_agree_or_differ():
    found = PopulationSweep(population_plan(FAST, [CellHeader("a", 3, 40)], "method"), 2)
    found.add([tile(ix, cell) for ix in range(2) for cell in range(2)])
    assert advise(found).text == "NMF and ICA: no cell has collapsed or has not converged, and the methods agree."
    found.add([tile(1, 0, trace=OTHER)])
    assert advise(found).text == (
        "At every method some cell has collapsed, has not converged or has another best match by the other method. "
        "Fewest at NMF: 1 cell of 2 (methods differ in 1)."
    )
    assert trouble_words("method", "collapsed") == "collapsed"


STATES = st.sampled_from(["", "fine", "collapsed", "not converged", "refused"])


@given(st.lists(st.tuples(STATES, STATES, STATES), min_size=1, max_size=6))
def test_the_range_has_no_cell_in_trouble_whatever_is_known(states):
    found = PopulationSweep(PLAN, len(states))
    for cell, row in enumerate(states):
        kinds = {"collapsed": {"collapsed": True}, "not converged": {"converged": False}, "refused": {"error": "no"}}
        found.add([tile(ix, cell, **kinds.get(state, {})) for ix, state in enumerate(row) if state])
    advice = advise(found)
    if advice.first is not None:  # of so few cells none may be in trouble
        inside = slice(advice.first, advice.last + 1)
        assert found.done[:, inside].all()
        assert not any(counts[inside].any() for counts in found.counts().values())
    counts = np.array(list(found.counts().values()))
    assert (counts.sum(axis=0) <= found.done.sum(axis=0)).all()
    assert sum(len(cells) for _, cells in found.left()) == (~found.done).sum()
