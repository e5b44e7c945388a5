from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui.core.analysis.agreement import SAME, Agreement
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings


@pytest.fixture(scope="module")
def result():
    traces = np.random.default_rng(1).random((3, 60)) + 1
    return separate_cell(Cell.from_traces(traces), SeparationSettings())


def with_best(result, best, objective=1.0):
    return replace(result, matched=np.vstack((best, result.matched[1:])), objective=objective)


def test_a_result_agrees_with_itself(result):
    agreement = Agreement.of(result, result)
    assert agreement.r == pytest.approx(1)
    assert agreement.same
    assert agreement.objectives == (result.objective, result.objective)


def test_r_is_pearsons_of_the_best_match_and_objectives_keep_their_order(result):
    rng = np.random.default_rng(2)
    a, b = rng.normal(size=(2, 60))
    agreement = Agreement.of(with_best(result, a, 3.0), with_best(result, b, 2.0))
    assert agreement.r == pytest.approx(np.corrcoef(a, b)[0, 1])
    assert not agreement.same
    assert agreement.objectives == (3.0, 2.0)


def test_scale_and_shift_do_not_matter_and_sign_does(result):
    a = result.matched[0]
    assert Agreement.of(result, with_best(result, 3 * a + 7)).r == pytest.approx(1)
    assert Agreement.of(result, with_best(result, -a)).r == pytest.approx(-1)


def test_constant_traces(result):
    flat, zero = with_best(result, np.full(60, 2.0)), with_best(result, np.zeros(60))
    assert Agreement.of(flat, zero).r == 1
    assert Agreement.of(flat, result).r == 0
    assert Agreement.of(result, zero).r == 0


def test_same_begins_at_its_limit():
    assert Agreement(SAME, (1, 1)).same
    assert not Agreement(np.nextafter(SAME, 0), (1, 1)).same
