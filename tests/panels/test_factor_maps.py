import numpy as np
import pytest
from PyQt5.QtCore import QPoint, Qt
from PyQt5.QtGui import QColor

from neuropil_gui.panels.factor_maps import FactorMaps
from neuropil_gui.panels.mixing_plot import MixingPlot
from neuropil_gui.ui import style


@pytest.fixture
def maps(qtbot, cell, separation_of):
    maps = FactorMaps()
    qtbot.addWidget(maps)
    maps.show_result(cell, separation_of(cell))
    maps.resize(300, maps.sizeHint().height())
    with qtbot.waitExposed(maps):
        maps.show()
    return maps


def middle(room, column, columns, row, rows):
    return QPoint(
        int(room.left() + (column + 0.5) * room.width() / columns), int(room.top() + (row + 0.5) * room.height() / rows)
    )


def test_each_tile_has_the_colour_of_its_value(maps):
    picture = maps.grab().toImage()
    mixing = maps.factors.mixing
    colours = style.heatmap_colours(False)
    for row, column in np.ndindex(*mixing.shape):
        place = middle(maps.rooms()[1], column, mixing.shape[1], row, len(mixing))
        expected = QColor(*colours.map([mixing[row, column] / mixing.max()], mode="byte")[0])
        drawn = picture.pixelColor(place)
        assert max(abs(a - b) for a, b in zip(drawn.getRgb(), expected.getRgb(), strict=True)) <= 2


def test_pointing_at_a_column_or_a_row_is_emitted_and_lit(qtbot, maps):
    seen = []
    maps.component_hovered.connect(seen.append)
    count = len(maps.factors.components)
    _, mixing, components, residual = maps.rooms()
    qtbot.mouseMove(maps, middle(mixing, 1, count, 0, 1))
    qtbot.mouseMove(maps, middle(components, 0, 1, 2, count))
    assert "c3" in maps.toolTip()
    qtbot.mouseMove(maps, middle(residual, 0, 1, 0, 1))
    assert seen == [1, 2, None]
    before = maps.grab().toImage()
    maps.show_lit(2)
    after = maps.grab().toImage()
    for rank in range(count):
        places = (middle(mixing, rank, count, 0, len(maps.factors.mixing)), middle(components, 0, 60, rank, count))
        for place in places:
            assert (before.pixelColor(place) == after.pixelColor(place)) == (rank == 2)


def test_the_maps_follow_the_matrix_where_they_are_shown(qtbot, cell, separation_of):
    plot = MixingPlot()
    qtbot.addWidget(plot)
    plot.resize(300, 500)
    plot.show_result(cell, separation_of(cell))
    with qtbot.waitExposed(plot):
        plot.show()
    assert plot.maps.factors is None
    qtbot.mouseClick(plot.maps_button, Qt.LeftButton)
    assert plot.maps.isVisible()
    assert not plot.widget.isVisible()
    separation = plot.separation
    np.testing.assert_allclose(plot.maps.factors.mixing[0], separation.scores[separation.order])
    other = separation_of(cell, empty=(0,))
    plot.show_result(cell, other)
    assert (plot.maps.factors.mixing.sum(axis=0) == 0).sum() == 1
    qtbot.mouseClick(plot.maps_button, Qt.LeftButton)
    assert not plot.maps.isVisible()
    assert plot.widget.isVisible()
    assert plot.maps.factors is None
