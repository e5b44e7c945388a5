"""Two matrices: partners have one place and one colour."""

from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui.core.analysis.pairing import pair
from neuropil_gui.core.matching import match, rank
from neuropil_gui.features.compare.matrix_pair import MatrixPair, tiles
from neuropil_gui.ui import style


@pytest.fixture
def two(cell, separation_of):
    """A result, and the same with its components mixed otherwise, so that their order is another."""
    one = separation_of(cell)
    mixing = one.mixing[:, ::-1].copy()
    mixing[0] = mixing[0][::-1] * np.array([0.1, 2.0, 0.3, 4.0])
    order, scores = rank(mixing)
    separated = one.separated[::-1].copy()
    other = replace(
        one, separated=separated, mixing=mixing, order=order, scores=scores,
        matched=match(separated, mixing, order, one.median),
    )  # fmt: skip
    return one, other


@pytest.fixture
def view(qtbot):
    view = MatrixPair()
    qtbot.addWidget(view)
    view.resize(800, 240)
    view.show()
    return view


def test_columns_sum_to_one_and_stand_by_their_partners(two):
    one, other = two
    pairing = pair(one, other)
    assert sorted(pairing.partners) == [0, 1, 2, 3]
    assert pairing.partners != (0, 1, 2, 3)
    shown = tiles(other, pairing)
    assert shown.ranks == (0, 1, 2, 3)
    np.testing.assert_allclose(shown.values.sum(axis=0), 1)
    for column, name in enumerate(shown.names):
        own = int(name[1:]) - 1
        assert pairing.partners[own] == column
        raw = other.mixing[:, other.order[own]]
        np.testing.assert_allclose(shown.values[:, column], raw / raw.sum())
        assert f"like the reference's c{column + 1}: |r| = 1.000" in shown.tips[column]


def test_one_without_a_partner_takes_the_place_that_is_left_and_is_grey(cell, separation_of):
    one, other = separation_of(cell, empty=(1,)), separation_of(cell)
    dead = next(rank for rank in range(4) if not one.separated[one.order[rank]].any())
    shown = tiles(other, pair(one, other))
    assert [rank for rank in shown.ranks if rank is not None] == [rank for rank in range(4) if rank != dead]
    assert shown.ranks[dead] is None
    assert "has no partner" in shown.tips[dead]


def test_both_are_drawn_on_one_scale_with_the_colours_of_the_first(view, two, cell):
    one, other = two
    view.show_pair(one, other, pair(one, other), ("present", "A"), cell.signal_names)
    colours = [[colour.name() for _, _, colour in plot.columns.labels] for plot in (view.first, view.second)]
    assert colours[0] == colours[1] == [style.component_text_colour(rank).name() for rank in range(4)]
    assert "colours 0 to 1 · partners alike" in view.header.subtitle_text
    assert (view.first.title.text(), view.second.title.text()) == ("<b>present</b>", "<b>A</b>")


def test_a_signed_matrix_makes_both_scales_signed(view, cell, separation_of):
    one, other = separation_of(cell), separation_of(cell, method="ica")
    view.show_pair(one, other, pair(one, other), ("present", "ICA"), cell.signal_names)
    assert "colours \N{MINUS SIGN}" in view.header.subtitle_text


def test_what_has_no_matrix_says_so(view, cell, separation_of):
    view.show_pair(separation_of(cell), None, None, ("present", "raw ROI"), cell.signal_names)
    assert view.second.tiles is None
    assert "nothing was separated" in view.second.sentence.text()
    assert view.second.sentence.isVisible()
    view.restyle()
    assert view.first.tiles is not None
