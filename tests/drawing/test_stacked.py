import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuropil_gui import SeparationSettings, separate_cell
from neuropil_gui.core.analysis.contributions import Contributions, contributions
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.drawing.stacked import BIN, RunningShares, take_apart


@pytest.fixture(scope="module")
def cell():
    return simulate(Simulation(cells=1, regions=3, frames=700)).cells[0]


@pytest.fixture(scope="module")
def nmf(cell):
    return separate_cell(cell, SeparationSettings(pedestal=5.0))


@pytest.fixture(scope="module")
def ica(cell):
    return separate_cell(cell, SeparationSettings(method="ica"))


def made_up(values):
    rng = np.random.default_rng(values)
    return Contributions(rng.normal(size=values) + 9, rng.normal(size=(3, values)), 1.5)


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 3 * BIN + 7), st.data())
def test_running_shares_are_those_of_the_contributions(values, data):
    made = made_up(values)
    start = data.draw(st.integers(-5, values - 1))
    stop = data.draw(st.integers(max(start, 0) + 1, values + 5))
    found, expected = RunningShares(made).between(start, stop), made.shares(start, stop)
    assert found.components == pytest.approx(expected.components, rel=1e-9)
    assert (found.constant, found.residual) == pytest.approx((expected.constant, expected.residual), rel=1e-9)


def test_where_there_is_nothing_in_view_no_share_is_known():
    assert all(np.isnan(RunningShares(made_up(10)).between(20, 30).components))


def test_the_stack_adds_up_to_the_roi(cell, nmf):
    parts = take_apart(cell, nmf)
    edges = parts.edges.values
    assert edges[0] == pytest.approx(np.full(700, nmf.offset))
    np.testing.assert_allclose(np.diff(edges, axis=0), nmf.matched, atol=1e-9)
    np.testing.assert_allclose(edges[-1] + parts.residual.values[0], cell.traces[0], rtol=1e-12)
    assert not parts.signed
    assert parts.without is None


def test_what_is_off_takes_no_room_in_the_stack(cell, nmf):
    whole = take_apart(cell, nmf)
    parts = take_apart(cell, nmf, frozenset({1}), known=whole)
    np.testing.assert_allclose(parts.without.values[0], cell.traces[0] - nmf.matched[1], rtol=1e-12)
    np.testing.assert_array_equal(parts.edges.values[1], parts.edges.values[2])
    np.testing.assert_allclose(parts.edges.values[-1] + parts.residual.values[0], parts.without.values[0], rtol=1e-12)
    # What does not depend on it is not made anew.
    assert parts.residual is whole.residual
    assert parts.shares is whole.shares
    assert take_apart(cell, nmf, known=parts).without is None


def test_signed_parts_are_not_stacked(cell, ica):
    parts = take_apart(cell, ica, frozenset({0}))
    assert parts.signed
    np.testing.assert_allclose(parts.edges.values[0].mean(), 0, atol=1e-9)
    np.testing.assert_array_equal(parts.edges.values[1:], ica.matched)
    made = contributions(cell, ica)
    np.testing.assert_allclose(parts.without.values[0], made.without([0]) - made.constant)
    assert take_apart(cell, ica, known=parts).edges is parts.edges


def test_another_cells_result_is_refused(nmf):
    other = simulate(Simulation(cells=1, regions=3, frames=300)).cells[0]
    with pytest.raises(DataError, match="made from other traces"):
        take_apart(other, nmf)


def test_it_can_be_cancelled(cell, nmf):
    with pytest.raises(Cancelled):
        take_apart(cell, nmf, should_stop=lambda: True)
