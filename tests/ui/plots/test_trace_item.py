"""What a trace looks like: pixels of pictures, and the rows of bars."""

import time
from itertools import pairwise

import numpy as np
import pyqtgraph as pg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PyQt5.QtCore import QEvent, QPoint, Qt
from PyQt5.QtGui import QColor, QImage, QPainter
from PyQt5.QtWidgets import QApplication

from neuropil_gui.core.recording import Cell
from neuropil_gui.drawing.prepared import prepare_cell
from neuropil_gui.drawing.pyramid import Pyramid
from neuropil_gui.drawing.series import Series, common_limits
from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.ui import style
from neuropil_gui.ui.plots import strokes
from neuropil_gui.ui.plots.time_plot import FADED
from neuropil_gui.ui.plots.trace_item import TraceItem

WIDTH, HEIGHT = 640, 200


class Sheet:
    """One trace that fills a widget, and a picture of it."""

    def __init__(self, qtbot):
        self.box = pg.ViewBox(enableMenu=False, defaultPadding=0.0)
        self.widget = pg.GraphicsView(background="w")
        self.widget.setCentralItem(self.box)
        self.widget.resize(WIDTH, HEIGHT)
        qtbot.addWidget(self.widget)
        with qtbot.waitExposed(self.widget):
            self.widget.show()
        self.item = TraceItem(self.box)
        self.item.set_pen(pg.mkPen("#0000ff", width=1))

    def draw(self, values, low, high, start=None, end=None, ratio=1.0):
        """Return where there is ink, (rows, columns), the top first."""
        series = values if isinstance(values, Series) else Series(Pyramid(values))
        self.item.set_series(series)
        first, last = series.extent
        self.box.setXRange(first if start is None else start, last if end is None else end)
        self.box.setYRange(low, high, padding=0)
        image = QImage(round(WIDTH * ratio), round(HEIGHT * ratio), QImage.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        self.widget.viewport().render(painter, QPoint())
        painter.end()
        self.colours = colours(image)
        return self.colours != 0xFFFFFF


def colours(image):
    bits = image.constBits()
    bits.setsize(image.byteCount())
    return np.frombuffer(bits, np.uint32).reshape(image.height(), image.width()).copy() & 0xFFFFFF


@pytest.fixture
def sheet(qtbot):
    return Sheet(qtbot)


def assert_connected(ink):
    """Every column has one run of ink, which touches that of the next column."""
    columns = [np.flatnonzero(column) for column in ink.T]
    assert all(len(rows) and len(rows) == rows[-1] - rows[0] + 1 for rows in columns)
    for left, right in pairwise(columns):
        assert left[0] - 1 <= right[-1]
        assert right[0] - 1 <= left[-1]


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("frames", [2, 300, 640, 641, 1500, 200_000])
@pytest.mark.parametrize("width", [1, 2, 3])
def test_a_constant_is_a_line_as_bold_as_its_pen(sheet, frames, width, ratio):
    sheet.item.set_pen(pg.mkPen("k", width=width))
    ink = sheet.draw(np.full(frames, 2.0), 0, 4, ratio=ratio)
    rows = np.flatnonzero(ink.any(axis=1))
    assert len(rows) == int(width * ratio + 0.5)
    assert abs(rows.mean() - ratio * HEIGHT / 2) <= width * ratio / 2 + 1
    assert ink[rows].all()


@pytest.mark.parametrize("ratio", [1.0, 1.5])
@pytest.mark.parametrize("zoom", [1, 3, 40, 700, 9_000, 200_000])
@pytest.mark.parametrize("spike", [0, 4_321_987, 9_999_999])
def test_one_frame_of_ten_million_is_seen_at_any_zoom(sheet, long_zeros, spike, zoom, ratio):
    values, pyramid = long_zeros
    values[spike] = 1.0
    # The bins above it, as a new pyramid would have them, without the time of making one.
    for size, _, high in pyramid.reduction.levels:
        high.flags.writeable = True
        high[0, spike // size] = 1.0
    length = (len(values) - 1) / zoom
    start = min(max(spike - 0.3 * length, 0.0), len(values) - 1 - length)
    ink = sheet.draw(Series(pyramid), -0.1, 1.1, start, start + length, ratio)
    for size, _, high in pyramid.reduction.levels:
        high[0, spike // size] = 0.0
    values[spike] = 0.0
    top = round(ratio * HEIGHT / 12)
    inked = np.flatnonzero(ink[top - 1 : top + 2].any(axis=0))
    assert len(inked)
    place = (spike - start) / length * WIDTH * ratio
    assert abs(inked.mean() - place) <= 2
    assert_connected(ink)


@pytest.fixture(scope="module")
def long_zeros():
    values = np.zeros(10_000_000)
    return values, Pyramid(values)


@pytest.mark.parametrize("frames", [2, 5, 100, 640, 1000, 30_000, 500_000])
def test_a_step_is_joined_whatever_its_size(sheet, frames):
    values = np.zeros(frames)
    values[frames // 2 :] = 1.0
    ink = sheet.draw(values, -0.5, 1.5)
    assert_connected(ink)
    assert abs(np.flatnonzero(ink.any(axis=1))[0] - HEIGHT / 4) <= 1
    assert abs(np.flatnonzero(ink.any(axis=1))[-1] - 3 * HEIGHT / 4) <= 1


@pytest.mark.parametrize("frames", [3, 50, 639, 640, 700, 5_000, 300_000])
def test_noise_is_one_line_without_a_hole(sheet, frames):
    values = np.random.default_rng(frames).normal(size=frames)
    assert_connected(sheet.draw(values, -5, 5))


def test_few_values_are_joined_by_straight_lines(sheet):
    values = np.array([0.0, 1.0, 0.2, 0.8])
    ink = sheet.draw(values, 0, 1)
    columns = np.arange(1, WIDTH - 1)
    line = HEIGHT * (1 - np.interp((columns + 0.5) / WIDTH * 3, np.arange(4), values))
    middles = [np.flatnonzero(ink[:, column]).mean() + 0.5 for column in columns]
    assert np.abs(middles - line).max() <= 1.1


def test_nan_is_a_gap_and_infinity_leaves_the_picture(sheet):
    values = np.ones(10_000)
    values[2000:3000] = np.nan
    values[7000] = np.inf
    ink = sheet.draw(values, 0, 2)
    inked = ink.any(axis=0)
    gap = slice(round(0.2 * WIDTH) + 2, round(0.3 * WIDTH) - 2)
    assert not inked[gap].any()
    assert inked[: gap.start - 4].all()
    assert inked[gap.stop + 4 :].all()
    assert ink[: HEIGHT // 2, round(0.7 * WIDTH) - 1 : round(0.7 * WIDTH) + 2].any(axis=1).all()
    assert not sheet.draw(np.full(50, np.nan), 0, 2).any()
    # A value between two NaN is a dot, though there is nothing to join.
    assert sheet.draw(np.array([np.nan, 1.0, np.nan]), 0, 2).sum() == 1


def test_one_value_is_a_dot_and_none_is_nothing(sheet):
    assert sheet.draw(np.ones(1), 0, 2, -1, 1).sum() == 1
    assert not sheet.draw(np.zeros(0), 0, 2, 0, 1).any()


def test_values_far_out_of_view_are_cut_off(sheet):
    values = np.array([1e300, -1e300, 1e300, 0.5])
    ink = sheet.draw(values, 0, 1)
    assert ink.any()
    assert not sheet.draw(values + 1e301, 0, 1).any()


def test_it_stands_where_scale_shift_start_and_spacing_put_it(sheet):
    values = np.zeros(100)
    values[50] = 1.0
    ink = sheet.draw(Series(Pyramid(values), 0, 10.0, 0.5, 4.0, 5.0), 0, 10, 0, 200)
    inked = np.flatnonzero(ink.any(axis=0))
    assert inked[[0, -1]] / WIDTH * 200 == pytest.approx([10.0, 59.5], abs=0.5)
    rows = np.flatnonzero(ink.any(axis=1))
    assert rows[[0, -1]] / HEIGHT == pytest.approx([0.1, 0.5], abs=0.01)
    peak = np.flatnonzero(ink[rows[0]]).mean()
    assert peak / WIDTH * 200 == pytest.approx(35.0, abs=0.5)
    # A lane is placed by the item.
    sheet.item.place(0.5, 1.0)
    lower = np.flatnonzero(sheet.draw(Series(Pyramid(values), scale=4.0, shift=5.0), 0, 10, 0, 200).any(axis=1))
    assert lower[[0, -1]] / HEIGHT == pytest.approx([1 - 5.5 / 10, 1 - 3.5 / 10], abs=0.01)


def test_a_faded_or_clear_pen_never_covers_itself(sheet):
    values = np.random.default_rng(1).normal(size=3000)
    for width in (1, 2, 3):
        colour = QColor("#000000")
        colour.setAlpha(100)
        sheet.item.set_pen(pg.mkPen(colour, width=width))
        sheet.draw(values, -4, 4)
        assert len(np.unique(sheet.colours)) == 2
    sheet.item.set_pen(pg.mkPen("k", width=2))
    sheet.item.setOpacity(FADED)
    sheet.draw(values[:40], -4, 4)
    assert len(np.unique(sheet.colours)) == 2


def test_dashes_are_gaps_where_it_is_flat_and_move_with_it(sheet):
    values = np.zeros(100_000)
    values[::9_001] = 1.0
    sheet.item.set_pen(pg.mkPen("k", width=1, style=Qt.PenStyle.DashLine))
    ink = sheet.draw(values, -1, 2, 20_000, 60_000)
    inked = ink.any(axis=0)
    assert 0.5 < inked.mean() < 0.8
    for spike in range(27_003, 60_000, 9_001):
        column = round((spike - 20_000) / 40_000 * WIDTH)
        assert ink[: HEIGHT // 2, column - 1 : column + 2].any()
    by_ten = 10 / WIDTH * 40_000
    moved = sheet.draw(values, -1, 2, 20_000 + by_ten, 60_000 + by_ten)
    np.testing.assert_array_equal(moved[:, 1:-11], ink[:, 11:-1])


def test_a_part_is_painted_as_in_the_whole(qtbot, sheet):
    values = np.random.default_rng(2).normal(size=20_000)
    whole = sheet.draw(values, -4, 4, 1000, 9000)
    image = QImage(WIDTH, HEIGHT, QImage.Format_RGB32)
    for left, width in ((100, 3), (0, 1), (WIDTH - 2, 2), (300, 50)):
        image.fill(Qt.GlobalColor.white)
        painter = QPainter(image)
        # The view's own way to paint a part of itself.
        sheet.widget.scene().prepareForPaint()
        target = sheet.widget.rect().intersected(sheet.widget.rect().adjusted(left, 0, left + width - WIDTH, 0))
        sheet.widget.viewport().render(painter, target.topLeft(), pg.QtGui.QRegion(target))
        painter.end()
        part = colours(image)[:, left : left + width] != 0xFFFFFF
        np.testing.assert_array_equal(part, whole[:, left : left + width])


ROWS = st.lists(st.tuples(st.integers(-50, 50), st.integers(0, 30)), min_size=1, max_size=40)


@given(ROWS, st.sets(st.integers(0, 39)), st.integers(1, 5))
def test_bars_meet_and_bold_ones_are_what_a_square_pen_covers(rows, gaps, width):
    tops = np.array([float(top) for top, _ in rows])
    bottoms = tops + [size for _, size in rows]
    missing = np.isin(np.arange(len(rows)), list(gaps))
    tops[missing] = bottoms[missing] = np.nan
    joined_tops, joined_bottoms = strokes.joined(tops, bottoms)
    np.testing.assert_array_equal(np.isnan(joined_tops), missing)
    assert not (joined_tops > tops).any()
    assert not (joined_bottoms < bottoms).any()
    assert not (joined_tops[1:] > joined_bottoms[:-1] + 1).any()
    assert not (joined_tops[:-1] > joined_bottoms[1:] + 1).any()
    if not missing.any():
        # Nothing is drawn above the highest or below the lowest of two neighbours.
        around = np.pad(tops, 1, mode="edge"), np.pad(bottoms, 1, mode="edge")
        assert (joined_tops >= np.min([around[0][:-2], tops, around[0][2:]], axis=0)).all()
        assert (joined_bottoms <= np.max([around[1][:-2], bottoms, around[1][2:]], axis=0)).all()
    bold_tops, bold_bottoms = strokes.bolder(joined_tops, joined_bottoms, width)
    above, below = (width - 1) // 2, width // 2
    for column in range(len(rows)):
        pen = slice(max(column - below, 0), column + above + 1)
        if np.isnan(joined_tops[pen]).all():
            assert np.isnan(bold_tops[column])
        else:
            assert bold_tops[column] == np.nanmin(joined_tops[pen]) - above
            assert bold_bottoms[column] == np.nanmax(joined_bottoms[pen]) + below


@settings(deadline=None)
@given(
    st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=50),
    st.floats(-10, 10),
    st.floats(0.01, 10),
    st.floats(-5, 5),
    st.floats(-5, 5),
)
def test_a_series_returns_its_values(values, start, spacing, scale, shift):
    series = Series(Pyramid(np.array(values)), 0, start, spacing, scale, shift)
    expected = np.array(values) * scale + shift
    np.testing.assert_allclose(series.values, expected)
    np.testing.assert_allclose(series.values_at(series.times), expected)
    np.testing.assert_allclose(series.limits, (expected.min(), expected.max()))
    low, high = series.limits_between(*series.extent)
    np.testing.assert_allclose((low, high), (expected.min(), expected.max()), atol=1e-9)
    np.testing.assert_allclose(series.moved(2.0, 1.0).values, 2 * expected + 1, atol=1e-9)
    assert series.values_at(start - 100) == series.values_at(start)
    assert common_limits([series.limits, (np.nan, np.nan)]) == series.limits


def test_a_series_without_scale_and_shift_is_no_copy():
    values = np.arange(5.0)
    assert np.shares_memory(Series(Pyramid(values)).values, values)
    assert common_limits([]) == (0.0, 1.0)


def test_ten_million_frames_move_without_a_halt(qtbot, long_zeros):
    """A guard against looking at every value; the benchmark measures how fast it is."""
    values, _ = long_zeros
    view = TraceView()
    qtbot.addWidget(view)
    view.resize(1400, 900)
    with qtbot.waitExposed(view):
        view.show()
    cell = prepare_cell(Cell("long", np.broadcast_to(values, (5, len(values))), tuple("abcde")))
    view.show_cell(cell, 30.0)
    QApplication.processEvents()
    painted = []
    view.raw.widget.viewport().installEventFilter(spy := Spy(painted))
    took = []
    for part in (0.5, 0.5, 0.01, 0.001):
        began = time.thread_time()
        view.zoom(part)
        view.pan(0.1)
        painted.clear()
        while not painted:
            QApplication.processEvents()
        took.append(time.thread_time() - began)
    view.raw.widget.viewport().removeEventFilter(spy)
    assert min(took) < 5 * 0.016
    assert max(took) < 0.5


class Spy(pg.QtCore.QObject):
    def __init__(self, painted):
        super().__init__()
        self.painted = painted

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            self.painted.append(watched)
        return False


def test_pointing_moves_no_more_than_the_crosshair(qtbot, sheet):
    """A part that is exposed is all that is computed."""
    values = np.random.default_rng(3).normal(size=5000)
    sheet.draw(values, -4, 4)
    asked = []
    columns = Pyramid.columns

    def spy(self, row, first, width, count):
        asked.append(count)
        return columns(self, row, first, width, count)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pyramid, "columns", spy)
        QApplication.processEvents()
        asked.clear()
        sheet.widget.viewport().repaint(100, 0, 5, HEIGHT)
        assert len(asked) == 1
        assert asked[0] < 30


def test_style_pens_of_all_roles_can_be_drawn(sheet):
    for role in ("raw", "region", "faint", "matched", "truth", "stored", "subtraction"):
        sheet.item.set_pen(style.pen(role))
        assert sheet.draw(np.sin(np.arange(5000) / 300), -2, 2).any()
