"""The map by its tiles: places, colours, what is hatched, crossed and framed, and what keys and clicks emit."""

import math
from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import QPoint, QRectF, Qt
from PyQt5.QtGui import QColor

from neuropil_gui import SeparationSettings
from neuropil_gui.core.analysis.sweep import Tile, thinned
from neuropil_gui.core.analysis.sweep_plans import plan_of
from neuropil_gui.features.sweep.tile_grid import TileGrid, thumbnail
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.colour_bar import ColourBar, Scale

PLAN = plan_of(SeparationSettings(), 3, "alpha", "n", alphas=6)


def made(ix, iy, **other):
    tile = Tile(
        ix, iy, PLAN.settings_at(ix, iy), n=3, converged=True, trace=thinned(np.sin(np.arange(900) / 9), 400),
        numbers={"alive": 2, "score": 0.4, "iterations": 10**ix, "r_neuropil": 0.1 * ix - 0.2 * iy},
    )  # fmt: skip
    return replace(tile, **other)


@pytest.fixture
def tiles():
    return {place: made(*place) for place in PLAN.tiles()}


@pytest.fixture
def grid(qtbot, tiles):
    grid = TileGrid()
    qtbot.addWidget(grid)
    grid.resize(700, 260)
    grid.show_tiles(PLAN, tiles, "r_neuropil")
    with qtbot.waitActive(grid):
        grid.show()
        grid.activateWindow()
    return grid


def pixel(grid, place, dx=0.5, dy=0.9):
    rect = grid.rect_of(place)
    point = QPoint(int(rect.left() + dx * rect.width()), int(rect.top() + dy * rect.height()))
    return grid.grab().toImage().pixelColor(point)


def colours_in(grid, place):
    image, rect = grid.grab().toImage(), grid.rect_of(place).adjusted(6, 6, -6, -6).toRect()
    return {
        image.pixelColor(x, y).name()
        for x in range(rect.left(), rect.right())
        for y in range(rect.top(), rect.bottom())
    }


def test_places_and_their_rectangles_agree(grid):
    for place in PLAN.tiles():
        assert grid.place_at(grid.rect_of(place).center().toPoint()) == place
    assert grid.place_at(QPoint(3, 3)) is None
    assert grid.rect_of((0, 0)).top() > grid.rect_of((0, 2)).top()
    assert grid.rect_of((0, 0)).left() < grid.rect_of((5, 0)).left()


def test_tiles_have_the_colour_of_their_number(grid):
    assert grid.scale.signed
    assert (grid.scale.low, grid.scale.high) == (-0.5, 0.5)
    for place in ((0, 2), (5, 0), (2, 1)):
        assert grid.scale.colour(grid.values()[place]).name() in colours_in(grid, place)


def test_other_numbers_make_other_colours(grid):
    grid.show_tiles(PLAN, grid.tiles, "iterations")
    assert grid.scale.logarithmic
    assert not grid.scale.signed
    assert grid.scale.part(1e5) == 1
    assert grid.scale.part(10) == pytest.approx(0.2)
    assert grid.scale.colour(1e5).name() in colours_in(grid, (5, 1))


def test_what_comes_later_is_drawn_into_the_picture(qtbot, grid, tiles):
    late = tiles.pop((3, 1))
    grid.show_tiles(PLAN, tiles, "r_neuropil")
    assert grid.scale.colour(late.value("r_neuropil")).name() not in colours_in(grid, (3, 1))
    picture = grid.picture
    grid.show_tiles(PLAN, {**tiles, (3, 1): late}, "r_neuropil")
    assert grid.scale.colour(late.value("r_neuropil")).name() in colours_in(grid, (3, 1))
    assert grid.picture is picture
    # Another range of values has other colours: all tiles are drawn anew.
    grid.show_tiles(PLAN, {**tiles, (3, 1): replace(late, numbers={"r_neuropil": 0.9})}, "r_neuropil")
    assert grid.scale.colour(tiles[5, 0].value("r_neuropil")).name() in colours_in(grid, (5, 0))


def test_hatching_and_crosses(grid, tiles):
    plain = len(colours_in(grid, (1, 1)))
    for change in ({"collapsed": True}, {"converged": False}):
        grid.show_tiles(PLAN, {**tiles, (1, 1): made(1, 1, **change)}, "r_neuropil")
        assert len(colours_in(grid, (1, 1))) > plain
    refused = Tile(1, 1, PLAN.settings_at(1, 1), error="n = 9 is <too> many.")
    grid.show_tiles(PLAN, {**tiles, (1, 1): refused}, "r_neuropil")
    assert QColor(style.current().error).name() in colours_in(grid, (1, 1))
    assert "n = 9 is &lt;too&gt; many." in grid.tip_at(grid.rect_of((1, 1)).center().toPoint())


def test_marks_of_what_is_unchecked_and_where_too_much_may_have_been_taken_out(grid, tiles):
    grid.resize(900, 400)
    plain = grid.grab().toImage()

    def changed(**change):
        grid.show_tiles(PLAN, {**tiles, (1, 0): made(1, 0, **change)}, "iterations")
        image, rect = grid.grab().toImage(), grid.rect_of((1, 0)).toRect()
        right = range(rect.right() - 16, rect.right())
        return [
            any(image.pixelColor(x, y) != plain.pixelColor(x, y) for x in right for y in rows)
            for rows in (range(rect.top(), rect.top() + 16), range(rect.bottom() - 16, rect.bottom()))
        ]

    grid.show_tiles(PLAN, tiles, "iterations")
    plain = grid.grab().toImage()
    assert tiles[1, 0].unchecked
    assert changed() == [False, False]
    assert changed(r_fissa=0.9999) == [True, False]  # the ring is gone
    much = {"alive": 2, "score": 0.4, "iterations": 10, "r_neuropil": -0.31}
    assert changed(numbers=much) == [False, True]
    place = grid.rect_of((1, 0)).center().toPoint()
    assert "over-subtracted?, unchecked against FISSA" in grid.tip_at(place)
    changed(r_fissa=0.9999)
    assert "same as FISSA&#x27;s: r = 0.9999" in grid.tip_at(place)


def test_hatches_lean_to_different_sides(grid, tiles):
    """Collapsed tiles and those that did not converge can be told apart."""
    grid.show_tiles(PLAN, {**tiles, (1, 1): made(1, 1, collapsed=True)}, "alive")
    first = grid.grab(grid.rect_of((1, 1)).toRect()).toImage()
    grid.show_tiles(PLAN, {**tiles, (1, 1): made(1, 1, converged=False)}, "alive")
    second = grid.grab(grid.rect_of((1, 1)).toRect()).toImage()
    assert first != second


def test_thumbnails_need_room(grid):
    assert grid.has_thumbnails
    grid.resize(400, 200)
    assert not grid.has_thumbnails


def test_a_thumbnail_spans_its_rectangle():
    room = QRectF(10, 20, 80, 30)
    polygon = thumbnail(thinned(np.sin(np.arange(900) / 9), 400)[1], room)
    bounds = polygon.boundingRect()
    assert (bounds.left(), bounds.right()) == (10, 90)
    assert (bounds.top(), bounds.bottom()) == (pytest.approx(20), pytest.approx(50))
    assert len(polygon) == 80
    flat = thumbnail(np.ones(400, np.float32), room)
    assert {point.y() for point in flat} == {50.0}
    assert len(thumbnail(np.empty(0, np.float32), room)) == 0


def test_the_tip_lists_all_numbers(grid):
    tip = grid.tip_at(grid.rect_of((2, 1)).center().toPoint())
    assert "<b>alpha 0.01, n 2</b>" in tip
    for words in ("r with neuropil", "match score", "2 of 3", "iterations"):
        assert words in tip
    assert "r with truth" not in tip
    assert grid.tip_at(QPoint(2, 2)) == ""


def test_a_click_chooses_and_hovering_emits_the_place(qtbot, grid):
    pointed = []
    grid.pointed.connect(pointed.append)
    with qtbot.waitSignal(grid.chosen) as caught:
        qtbot.mouseClick(grid, Qt.MouseButton.LeftButton, pos=grid.rect_of((4, 2)).center().toPoint())
    assert caught.args == [(4, 2)]
    qtbot.mouseMove(grid, grid.rect_of((1, 0)).center().toPoint())
    qtbot.waitUntil(lambda: pointed[-1:] == [(1, 0)])


def test_arrows_move_within_the_tiles_and_enter_takes(qtbot, grid):
    grid.show_present(((4, 1), True))
    grid.setFocus()
    grid.cursor_at = (4, 1)
    chosen = []
    grid.chosen.connect(chosen.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Return):
        qtbot.keyClick(grid, key)
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Down, Qt.Key.Key_Enter):
        qtbot.keyClick(grid, key)
    assert chosen == [(5, 2), (4, 1)]


def test_the_present_settings_are_framed(grid):
    before = grid.grab().toImage()
    grid.show_present(((3, 1), True))
    exact = grid.grab().toImage()
    grid.show_present(((3, 1), False))
    nearest = grid.grab().toImage()
    assert exact != before
    assert nearest not in (exact, before)
    rect = grid.rect_of((3, 1)).toRect()
    assert exact.copy(rect) != before.copy(rect)
    assert exact.copy(grid.rect_of((1, 1)).toRect()) == before.copy(grid.rect_of((1, 1)).toRect())


# Scales


def test_scales():
    plain = Scale(np.array([1.0, math.nan, 3.0]))
    assert (plain.part(1.0), plain.part(3.0), plain.part(2.0)) == (0, 1, 0.5)
    signed = Scale(np.array([-1.0, 0.2]))
    assert (signed.low, signed.high, signed.part(0.0)) == (-1, 1, 0.5)
    assert Scale(np.array([2.0, 2.0])).part(2.0) == 0.5
    assert not Scale(np.array([0.0, 2.0]), logarithmic=True).logarithmic
    assert Scale(np.array([math.nan])).part(0.5) == 0.5


def test_colours_are_even_in_lightness():
    """From dark to bright without a step back, and parted at the middle where signed."""
    lights = [style.contrast(Scale(np.array([0.0, 1.0])).colour(value), "black") for value in np.linspace(0, 1, 30)]
    assert all(np.diff(lights) > 0)
    lights = [style.contrast(Scale(np.array([-1.0, 1.0])).colour(value), "black") for value in np.linspace(-1, 1, 31)]
    assert np.argmax(lights) == 15


def test_ink_can_be_read():
    for value in np.linspace(0, 1, 20):
        back = Scale(np.array([0.0, 1.0])).colour(value)
        assert style.contrast(style.ink(back), back) > 4.5


def test_the_bar_says_what_it_shows(qtbot):
    bar = ColourBar()
    qtbot.addWidget(bar)
    assert bar.text() == ""
    bar.show_scale("r", "0.1", "0.9")
    assert bar.text() == "r: from 0.1 to 0.9"
    assert bar.accessibleName() == bar.text()
    bar.resize(bar.sizeHint())
    colours = {bar.grab().toImage().pixelColor(x, bar.height() // 2).name() for x in range(bar.width())}
    assert len(colours) > 60
