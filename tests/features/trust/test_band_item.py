"""Bands and edges by their pixels: which of them are inked is computed again, value by value."""

import numpy as np
import pytest
from PyQt5.QtGui import QColor, QTransform

from neuropil_gui.drawing.pyramid import Pyramid
from neuropil_gui.drawing.series import Series
from neuropil_gui.features.trust.band_item import BandItem, EdgeItem
from neuropil_gui.features.trust.band_plot import BandPlot, StackPlot

LIMITS = (0.0, 1000.0)


@pytest.fixture
def plot(qtbot):
    plot = BandPlot("Band", "Help")
    qtbot.addWidget(plot)
    return plot


def series(values):
    return Series(Pyramid(values))


def rows(item, upper, columns, frames_per_column):
    """The first and the last row inked, where value 0 is at row 500 and upwards is less."""
    to_device = QTransform(1 / frames_per_column, 0, 0, -1, 0, 500)
    return item.rows(upper, to_device, LIMITS, 0, columns, 1)


def test_a_band_reaches_from_the_least_to_the_greatest_of_both(plot):
    rng = np.random.default_rng(1)
    low = rng.integers(0, 50, 4000).astype(float)
    high = low + rng.integers(0, 80, 4000)
    item = BandItem(plot.box)
    item.set_band(series(low), series(high), QColor("red"))
    tops, bottoms = rows(item, item.series, 100, 40)
    for column in range(100):
        part = slice(40 * column, 40 * column + 40)
        # Bars of neighbours may meet half way, so that a band may reach further, never less far.
        assert tops[column] <= 500 - high[part].max()
        assert bottoms[column] >= 500 - low[part].min()
    assert tops.min() == 500 - high.max()
    assert bottoms.max() == 500 - low.min()


def test_a_band_without_a_lower_edge_reaches_down_to_zero(plot):
    values = np.array([10.0, 20.0, 30.0, 20.0, 10.0] * 20)
    item = BandItem(plot.box)
    item.set_band(None, series(values), QColor("red"))
    tops, bottoms = rows(item, item.series, 20, 5)
    assert (bottoms == 500).all()
    assert (tops <= 470).all()


def test_a_band_is_empty_where_an_edge_is_not_known(plot):
    low, high = np.zeros(100), np.full(100, 9.0)
    high[40:60] = np.nan
    item = BandItem(plot.box)
    item.set_band(series(low), series(high), QColor("red"))
    tops, bottoms = rows(item, item.series, 100, 1)
    assert np.isnan(tops[42:58]).all() or np.isnan(bottoms[42:58]).all()
    assert not np.isnan(tops[:39]).any()


def test_an_edge_is_only_the_upper_side(plot):
    rng = np.random.default_rng(2)
    values = rng.integers(0, 100, 1000).astype(float)
    tops, bottoms = rows(EdgeItem(plot.box), series(values), 50, 20)
    greatest = values.reshape(50, 20).max(axis=1)
    assert (tops <= 500 - greatest).all()
    # It goes down only as far as the way to the neighbour's greatest value.
    around = np.minimum(greatest, np.minimum(np.append(greatest[1:], 999), np.append(999, greatest[:-1])))
    assert (bottoms <= 500 - around).all()


def test_bands_are_made_once_and_hidden(plot):
    values = series(np.arange(50.0))
    plot.fill(1, None, values, QColor("red"))
    assert len(plot.bands) == 2
    plot.empty_from(1)
    assert not plot.bands[1].isVisible()
    assert plot.bands[1].series is None
    plot.fill(1, values, values, QColor("red"))
    assert plot.bands[1].isVisible()
    assert len(plot.bands) == 2


def test_the_time_in_view_stays_until_the_axis_changes(qtbot):
    plot = StackPlot("Stack", "Help")
    qtbot.addWidget(plot)
    plot.set_time(1000, 10.0, (0, 500))
    assert plot.box.viewRange()[0] == pytest.approx([0, 99.9])
    assert plot.item.getAxis("bottom").labelText == "Time (s)"
    plot.box.setXRange(10, 20, padding=0)
    assert plot.frames_in_view() == (100, 201)
    plot.set_time(1000, 10.0, (0, 500))
    assert plot.box.viewRange()[0] == pytest.approx([10, 20])
    plot.set_time(1000, None)
    assert plot.box.viewRange()[0] == pytest.approx([0, 999])
    assert plot.item.getAxis("bottom").labelText == "Frame"
    assert isinstance(plot.curve(0), EdgeItem)


def test_a_band_is_painted(plot, qtbot):
    plot.resize(400, 300)
    plot.show()
    plot.set_time(500, None)
    plot.fill(0, series(np.full(500, 2.0)), series(np.full(500, 4.0)), QColor("#ff0000"))
    plot.fit(0.0, 6.0)
    image = plot.widget.grab().toImage()
    reds = {
        (x, y)
        for x in range(image.width())
        for y in range(image.height())
        if image.pixelColor(x, y) == QColor("#ff0000")
    }
    inside = plot.box.mapRectToScene(plot.box.boundingRect())
    assert len(reds) == pytest.approx(inside.width() * inside.height() * 2 / 6.72, rel=0.05)
