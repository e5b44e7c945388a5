"""The picture, the sum and the bar hold what the truth holds, and nothing of it where it is hidden."""

from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import QPointF, Qt

from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.features.teach import words
from neuropil_gui.features.teach.field_picture import INNER, REACH, ROI, FieldPicture
from neuropil_gui.features.teach.simulator_view import ShareBar

SIMULATION = Simulation(frames=600, neighbours=3, pedestal=100.0, seed=2)


@pytest.fixture(scope="module")
def cell():
    return simulate(SIMULATION).cells[0]


def test_a_signal_is_written_as_the_sum_of_its_sources(cell):
    text = words.sum_of(SIMULATION, cell, 0, {0: 0}).replace("\N{NO-BREAK SPACE}", " ")
    assert "<b>ROI</b> = " in text
    for source, name in enumerate(["cell", "neuropil", "neighbour 1", "neighbour 2", "neighbour 3", "pedestal"]):
        assert f">{cell.truth.mixing[0, source]:.2f} × {name}<" in text


def test_the_bar_holds_what_moves_a_signal(cell):
    parts = words.shares(cell, 1)
    assert sum(parts) == pytest.approx(1.0)
    assert parts[-1] == pytest.approx(0.0)  # constant light moves nothing
    moved = cell.truth.mixing[1] * cell.truth.sources.std(axis=1)
    assert parts[:2] == pytest.approx(list(moved[:2] / moved.sum()))


def test_sources_have_the_component_that_found_them(cell):
    found = words.found_by(separate_cell(cell, SeparationSettings(solver="accelerated")), cell.truth)
    assert found[0] == 0
    assert len(set(found.values())) == len(found)
    assert words.found_by(None, cell.truth) == {}


def test_the_picture_is_as_bright_as_the_sources_are(cell):
    at = int(np.argmax(cell.truth.sources[0]))
    field = words.field_of(SIMULATION, cell, {0: 0}, at, separated=True)
    assert field.sources[0].light == 1.0
    assert [source.rank for source in field.sources] == [0, None, None, None, None]
    assert [source.lost for source in field.sources] == [False, True, True, True, True]
    assert field.homes == tuple(int(np.argmax(cell.truth.mixing[1:, 2 + index])) for index in range(3))
    assert not any(source.lost for source in words.field_of(SIMULATION, cell, {}, at, separated=False).sources)


def test_nothing_of_a_hidden_truth_is_in_words_or_picture(cell):
    hidden = replace(cell, truth=None)
    field = words.field_of(SIMULATION, hidden, {}, 5, separated=True)
    assert {source.light for source in field.sources} == {None}
    assert not any(source.lost for source in field.sources)
    assert words.sum_of(SIMULATION, hidden, 0, {}) == words.HIDDEN
    assert words.shares(hidden, 0) == []


@pytest.fixture
def picture(qtbot, cell):
    picture = FieldPicture()
    qtbot.addWidget(picture)
    picture.resize(2 * REACH + 6, 2 * REACH + 6)
    picture.show_field(words.field_of(SIMULATION, cell, {0: 0}, None, separated=True))
    with qtbot.waitExposed(picture):
        picture.show()
    return picture


def test_regions_go_clockwise_from_noon_around_the_roi(picture):
    middle, between = QPointF(picture.width() / 2, picture.height() / 2), (INNER + REACH) / 2
    corners = [(1, -1), (1, 1), (-1, 1), (-1, -1)]
    places = [middle + QPointF(x, y) * between * 0.7 for x, y in corners]
    assert [picture.signal_at(place) for place in places] == [1, 2, 3, 4]
    assert picture.signal_at(middle) == 0
    assert picture.signal_at(middle + QPointF((ROI + INNER) / 2, 0)) is None
    assert picture.signal_at(QPointF(0, 0)) is None


def test_each_neighbour_lies_in_its_region_and_apart_from_the_others(qtbot, picture):
    many = Simulation(frames=100, neighbours=8)
    field = words.field_of(many, simulate(many).cells[0], {}, None, separated=False)
    picture.show_field(field)
    middle = QPointF(picture.width() / 2, picture.height() / 2)
    centres = [picture.neighbour_centre(index) for index in range(8)]
    assert [picture.signal_at(middle + centre) - 1 for centre in centres] == list(field.homes)
    apart = [np.hypot(*(a - b for a, b in zip((one.x(), one.y()), (two.x(), two.y()), strict=True)))
             for index, one in enumerate(centres) for two in centres[:index]]  # fmt: skip
    assert min(apart) > 30


def test_the_signal_under_the_pointer_is_announced(qtbot, picture):
    hovered = []
    picture.signal_hovered.connect(hovered.append)
    qtbot.mouseMove(picture, picture.rect().center())
    qtbot.waitUntil(lambda: hovered[-1:] == [0])
    before = picture.grab().toImage()
    picture.show_lit(2)
    assert picture.grab().toImage() != before


def test_the_share_bar_has_words(qtbot):
    bar = ShareBar()
    qtbot.addWidget(bar)
    bar.show_parts([("cell", 0.75, Qt.GlobalColor.red), ("neighbour 1", 0.25, Qt.GlobalColor.blue)])
    assert "cell 75 %, neighbour 1 25 %" in bar.toolTip()
