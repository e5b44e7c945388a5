import numpy as np
import pytest
from PyQt5.QtCore import QEvent, QPointF, Qt
from PyQt5.QtGui import QFont, QFontMetrics
from PyQt5.QtWidgets import QCheckBox, QRadioButton

from neuropil_gui.core.recording import Cell
from neuropil_gui.panels.mixing_plot import MixingPlot


@pytest.fixture
def plot(qtbot):
    plot = MixingPlot()
    qtbot.addWidget(plot)
    plot.resize(300, 340)
    with qtbot.waitExposed(plot):
        plot.show()
    return plot


def choose(qtbot, plot, name):
    button = plot.findChild(QRadioButton, name)
    button.setFocus()
    qtbot.keyClick(button, Qt.Key_Space)
    assert button.isChecked()


def test_raw_is_the_mixing_in_matched_order(qtbot, plot, cell, separation_of):
    separation = separation_of(cell)
    plot.show_result(cell, separation)
    choose(qtbot, plot, "mixing_raw")
    np.testing.assert_array_equal(plot.image.image, separation.mixing[:, separation.order])


def test_normalised_columns_sum_to_one(plot, cell, separation_of):
    plot.show_result(cell, separation_of(cell))
    np.testing.assert_allclose(plot.image.image.sum(axis=0), 1.0)
    assert list(plot.image.levels) == [0, 1]
    ica = separation_of(cell, method="ica")
    plot.show_result(cell, ica)
    np.testing.assert_allclose(np.abs(plot.image.image).sum(axis=0), 1.0)
    assert plot.image.levels[0] == -plot.image.levels[1]


def test_an_empty_component_gets_dashes(plot, cell, separation_of):
    plot.show_result(cell, separation_of(cell, empty=(2,)))
    texts = np.array(plot.values.texts[:16]).reshape(4, 4)
    assert (texts[:, 3] == "–").all()
    assert not (texts[:, :3] == "–").any()
    assert (plot.empty.image[:, 3, 3] == 255).all()
    assert (plot.empty.image[:, :3, 3] == 0).all()


@pytest.mark.parametrize("signals", [1, 2, 5, 12])
def test_writing_fits_the_tiles_from_1_to_12(plot, separation_of, signals):
    cell = Cell.from_traces(np.random.default_rng(1).random((signals, 60)))
    plot.show_result(cell, separation_of(cell))
    assert len(plot.values.texts) == signals * (signals + 1)
    font = QFont()
    font.setPixelSize(plot.values.font_size)
    widest = max(QFontMetrics(font).horizontalAdvance(text) for text in plot.values.texts)
    assert widest <= plot.box.width() / signals


def test_nothing_to_show(plot, cell, separation_of):
    plot.show_result(cell, separation_of(cell))
    plot.show_result(cell, None)
    assert not plot.image.isVisible()
    assert "not separated" in plot.header.subtitle.toolTip()
    assert plot.drawn_values().size == 0


def test_out_of_date_is_shown(plot, cell, separation_of):
    separation = separation_of(cell)
    plot.show_result(cell, separation, False)
    assert "out of date" in plot.header.subtitle.text()


def place_of(plot, x, y):
    return plot.widget.mapFromScene(plot.box.mapViewToScene(QPointF(x, y)))


def test_the_solvers_order_keeps_the_names(qtbot, plot, cell, separation_of):
    separation = separation_of(cell)
    plot.show_result(cell, separation)
    box = plot.findChild(QCheckBox, "mixing_solver_order")
    box.setFocus()
    qtbot.keyClick(box, Qt.Key_Space)
    choose(qtbot, plot, "mixing_raw")
    np.testing.assert_array_equal(plot.image.image, separation.mixing)
    names = [text for _, text, _ in plot.columns.labels]
    assert [separation.order[int(name[1:]) - 1] for name in names] == [0, 1, 2, 3]
    assert "solver's order" in plot.header.subtitle.toolTip()


def test_scores_are_written_and_drawn(qtbot, plot, cell, separation_of):
    separation = separation_of(cell, empty=(1,))
    plot.show_result(cell, separation)
    scores = separation.scores[separation.order]
    texts = plot.values.texts[16:20]
    assert [float(text) for text in texts[:3]] == pytest.approx(scores[:3], abs=0.005)
    assert texts[3] == "–"
    np.testing.assert_allclose(plot.bars.opts["width"][4:], 0.88 * scores)
    choose(qtbot, plot, "mixing_raw")
    assert plot.values.texts[16:20] == texts
    assert [text for _, text, _ in plot.rows.labels] == [*cell.signal_names, "score"]


def test_truth_stands_at_the_edge_of_each_tile(qtbot, plot, cell, separation_of):
    separation = separation_of(cell)
    plot.show_result(cell, separation)
    truth = plot.drawn_truth()
    assert truth.shape == plot.drawn_values().shape
    known = ~np.isnan(truth).any(axis=0)
    assert np.count_nonzero(known) == 3
    np.testing.assert_allclose(truth[:, known].sum(axis=0), 1.0)
    picture = plot.edges.image.reshape((4, 4, -1, 4))
    assert (picture[:, :, 0, 3] == 0).all()
    assert ((picture[:, :, -1, 3] == 255) == known).all()
    box = plot.findChild(QCheckBox, "mixing_truth")
    assert box.isVisible()
    box.setFocus()
    qtbot.keyClick(box, Qt.Key_Space)
    assert plot.drawn_truth() is None
    assert not plot.edges.isVisible()
    without = Cell(cell.name, cell.traces, cell.signal_names)
    plot.show_result(without, separation)
    assert not box.isVisible()


def test_the_pointer_lights_its_column_and_its_row(qtbot, mouse, plot, cell, separation_of):
    components, signals, clicked = [], [], []
    plot.component_hovered.connect(components.append)
    plot.signal_hovered.connect(signals.append)
    plot.component_clicked.connect(clicked.append)
    plot.show_result(cell, separation_of(cell))
    qtbot.waitUntil(lambda: plot.columns.height() > 10)  # once the names are drawn
    view = plot.widget.viewport()
    for x, y in ((1.5, 2.5), (1.6, 2.4), (3.5, 2.5), (3.5, 4.8), (0.5, -0.2)):
        # The scene itself passes on no more than a hundred moves a second.
        plot.widget.scene().sigMouseMoved.emit(plot.box.mapViewToScene(QPointF(x, y)))
    assert components == [1, 3, 0]
    assert signals == [2, None]
    place = place_of(plot, 2.5, 1.5)
    mouse(view, (QEvent.MouseButtonPress, place), (QEvent.MouseButtonRelease, place))
    assert clicked == [2]
    plot.eventFilter(view, QEvent(QEvent.Leave))
    assert components[-1] is None


def test_the_tool_tip_shows_found_and_true(plot, cell, separation_of):
    separation = separation_of(cell)
    plot.show_result(cell, separation)
    plot.widget.scene().sigMouseMoved.emit(plot.box.mapViewToScene(QPointF(0.5, 0.5)))
    assert f"ROI, c1: {plot.drawn_values()[0, 0]:.4g}" in plot.widget.toolTip()
    assert "truth" in plot.widget.toolTip() or np.isnan(plot.drawn_truth()[0, 0])
    plot.widget.scene().sigMouseMoved.emit(plot.box.mapViewToScene(QPointF(0.5, 4.8)))
    assert f"component {separation.order[0] + 1} of the solver" in plot.widget.toolTip()


def test_what_is_lit_is_outlined_without_drawing_anew(qtbot, plot, cell, separation_of):
    plot.show_result(cell, separation_of(cell))
    image = plot.image.image
    plot.show_highlight(2, 1)
    assert all(outline.isVisible() for outline in plot.outlines)
    x, y = plot.outlines[1].getData()
    assert (np.nanmin(x[6:]), np.nanmax(x[6:]), np.nanmin(y[6:]), np.nanmax(y[6:])) == (2, 3, 0, 4)
    assert (np.nanmin(x[:5]), np.nanmax(x[:5]), np.nanmin(y[:5]), np.nanmax(y[:5])) == (0, 4, 1, 2)
    assert plot.image.image is image
    plot.show_highlight(None, None)
    assert not any(outline.isVisible() for outline in plot.outlines)
    plot.show_highlight(17, 99)
    assert not any(outline.isVisible() for outline in plot.outlines)


def test_the_colour_bar_is_there_where_there_is_no_room_for_numbers(plot, separation_of):
    many = Cell.from_traces(np.random.default_rng(1).random((40, 60)))
    plot.show_result(many, separation_of(many))
    assert plot.bar.isVisible()
    few = Cell.from_traces(np.random.default_rng(1).random((3, 60)))
    plot.show_result(few, separation_of(few))
    assert not plot.bar.isVisible()
