"""The film strip by its data: rows, marks, numbers, and what a click emits."""

from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import QEvent, QPointF, Qt

from neuropil_gui import SeparationSettings
from neuropil_gui.core.analysis.sweep import Tile, thinned
from neuropil_gui.core.analysis.sweep_plans import axis_of, plan_of
from neuropil_gui.features.sweep.film_strip import StripPlot
from neuropil_gui.ui import style

PLAN = plan_of(SeparationSettings(), 3, "alpha", alphas=10)


def made(ix, **other):
    wave = np.sin(np.arange(800) / (5 + ix)) * (ix + 1)
    tile = Tile(
        ix, 0, PLAN.settings_at(ix), n=3, converged=True, trace=thinned(wave, 400),
        numbers={"alive": 3, "score": 0.5 + ix / 100},
    )  # fmt: skip
    return replace(tile, **other)


@pytest.fixture
def tiles():
    found = {(ix, 0): made(ix) for ix in range(10)}
    for ix in (8, 9):
        found[ix, 0] = made(ix, collapsed=True, numbers={"alive": 1, "score": 0.5 + ix / 100})
    found[3, 0] = made(3, converged=False)
    return found


@pytest.fixture
def plot(qtbot, tiles):
    plot = StripPlot()
    qtbot.addWidget(plot)
    plot.resize(900, 500)
    plot.show_time(800, 10.0)
    plot.show_sweep(PLAN, tiles)
    with qtbot.waitExposed(plot):
        plot.show()
    return plot


def at(plot, row, which=0):
    """Return where a row is on screen."""
    box = plot.plots[which].getViewBox()
    (left, right), _ = box.viewRange()
    scene = box.mapViewToScene(QPointF((left + right) / 2, row))
    return plot.widget.mapFromScene(scene)


def test_each_row_is_the_mean_of_its_bins_in_its_own_range(plot, tiles):
    picture = plot.picture()
    assert picture.shape == (10, 400)
    for row in range(10):
        own = tiles[row, 0].trace[1]
        np.testing.assert_allclose(picture[row], (own - own.min()) / np.ptp(own), rtol=1e-6)
    np.testing.assert_array_equal(plot.image.image, picture)


def test_rows_in_a_common_range(plot, tiles):
    plot.choose("score", False)
    np.testing.assert_allclose(plot.picture()[4], tiles[4, 0].trace[1])
    assert plot.ends == (pytest.approx(plot.picture().min()), pytest.approx(plot.picture().max()))
    assert tuple(plot.image.levels) == pytest.approx(plot.ends)


def test_the_lowest_alpha_is_at_the_bottom_and_time_in_seconds(plot):
    rect = plot.image.mapRectToParent(plot.image.boundingRect())
    assert (rect.left(), rect.right()) == (pytest.approx(-0.05), pytest.approx(79.95))
    assert (rect.top(), rect.bottom()) == (-0.5, 9.5)
    assert at(plot, 0).y() > at(plot, 9).y()
    assert plot.strip.getAxis("bottom").labelText == "Time (s)"
    assert [(place, text) for place, text, _ in plot.rows.labels][:3] == [(0, "0"), (1, "0.001"), (2, "0.00316")]
    plot.show_time(800, None)
    assert plot.strip.getAxis("bottom").labelText == "Frame"
    assert plot.strip.getViewBox().viewRange()[0] == [-0.5, 799.5]


def test_numbers_stand_on_the_same_rows(plot):
    for points, expected in zip(plot.points, ([3] * 8 + [1] * 2, [0.5 + ix / 100 for ix in range(10)]), strict=True):
        x, y = points.getData()
        assert list(y) == list(range(10))
        assert list(x) == pytest.approx(expected)
    symbols = [str(spot.symbol()) for spot in plot.points[0].points()]
    assert symbols == ["o"] * 8 + ["x"] * 2
    hollow = [spot.brush().color().name() == style.current().base.lower() for spot in plot.points[0].points()]
    assert hollow == [ix == 3 for ix in range(10)]
    plot.choose("iterations", True)
    assert plot.sides[1].getAxis("bottom").labelText == "iterations"


def test_the_collapse_is_marked(plot, tiles):
    assert plot.collapse_row() == 8
    assert plot.collapse_label.isVisible()
    assert plot.collapse_label.toPlainText() == "collapsed from alpha 3.16 on"
    assert {line.value() for line in plot.collapse} == {7.5}
    alive = {place: replace(tile, collapsed=False) for place, tile in tiles.items()}
    plot.show_sweep(PLAN, alive)
    assert not plot.collapse_label.isVisible()
    assert not any(line.isVisible() for line in plot.collapse)


def test_the_present_alpha_is_framed_or_a_line_between_rows(plot):
    plot.show_present((5.0, True))
    assert [item.getData()[1].tolist() for item in plot.outlines[0]] == [[4.5, 4.5, 5.5, 5.5, 4.5]] * 2
    plot.show_present((5.4, False))
    assert set(plot.outlines[1][0].getData()[1]) == {5.4}
    plot.show_present(None)
    assert not plot.outlines[0][0].isVisible()


def test_rows_that_are_not_there_are_empty(plot, tiles):
    del tiles[4, 0]
    tiles[6, 0] = Tile(6, 0, PLAN.settings_at(6), error="This was refused.")
    plot.show_sweep(PLAN, tiles)
    assert np.isnan(plot.picture()[[4, 6]]).all()
    assert 4 not in plot.points[0].getData()[1]
    plot.show_sweep(PLAN, {})
    assert not plot.image.isVisible()


def test_a_draft_of_fewer_bins_fills_its_row(plot, tiles):
    tiles[2, 0] = made(2, draft=True, trace=thinned(np.arange(100.0), 400))
    plot.show_sweep(PLAN, tiles)
    np.testing.assert_allclose(plot.picture()[2], np.repeat(np.arange(100) / 99, 4))


def test_a_click_chooses_a_row_in_each_of_the_plots(qtbot, plot):
    for which, row in enumerate((7, 2, 5)):
        with qtbot.waitSignal(plot.chosen) as caught:
            qtbot.mouseClick(plot.widget.viewport(), Qt.MouseButton.LeftButton, pos=at(plot, row, which))
        assert caught.args == [row]


def test_hovering_emits_the_row(qtbot, plot, mouse):
    pointed = []
    plot.pointed.connect(pointed.append)
    mouse(plot.widget.viewport(), (QEvent.Type.MouseMove, at(plot, 9)))
    qtbot.waitUntil(lambda: pointed[-1:] == [9])
    assert "<b>alpha 10</b>" in plot.widget.toolTip()
    assert "collapsed: nothing separated" in plot.widget.toolTip()


def test_arrows_move_and_enter_takes(qtbot, plot):
    chosen, pointed = [], []
    plot.chosen.connect(chosen.append)
    plot.pointed.connect(pointed.append)
    plot.show_present((5.0, True))
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Return):
        qtbot.keyClick(plot.widget, key)
    assert pointed == [6, 7, 6]
    assert chosen == [6]


def test_n_has_rows_too(qtbot):
    plot, plan = StripPlot(), plan_of(SeparationSettings(), 4, "n")
    qtbot.addWidget(plot)
    plot.show_sweep(plan, {(ix, 0): replace(made(ix), collapsed=ix == 0) for ix in range(4)})
    assert plan.x == axis_of("n", 4)
    assert plot.collapse_row() is None
    assert plot.rows.labelText == "n"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_marks_stand_out(qapp, plot, theme):
    style.apply_theme(qapp, theme)
    plot.restyle()
    pens = [item.opts["pen"].color() for item in plot.outlines[0]]
    assert style.contrast(*pens) > 7
    assert plot.widget.backgroundBrush().color().name() == style.current().base.lower()
