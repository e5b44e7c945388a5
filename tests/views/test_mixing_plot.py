import numpy as np
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QRadioButton

from neuropil_gui.core.recording import Cell
from neuropil_gui.views.mixing_plot import MixingPlot


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
    texts = np.array([item.toPlainText() for item in plot.values._items[:16]]).reshape(4, 4)
    assert (texts[:, 3] == "–").all()
    assert not (texts[:, :3] == "–").any()
    assert (plot.empty.image[:, 3, 3] == 255).all()
    assert (plot.empty.image[:, :3, 3] == 0).all()


@pytest.mark.parametrize("signals", [1, 2, 5, 12])
def test_writing_fits_the_tiles_from_1_to_12(plot, separation_of, signals):
    cell = Cell.from_traces(np.random.default_rng(1).random((signals, 60)))
    plot.show_result(cell, separation_of(cell))
    shown = [item for item in plot.values._items if item.isVisible()]
    assert len(shown) == signals**2
    width = plot.box.width() / signals
    assert max(item.boundingRect().width() for item in shown) <= width + 8  # the document's own margin


def test_nothing_to_show(plot, cell, separation_of):
    plot.show_result(cell, separation_of(cell))
    plot.show_result(cell, None)
    assert not plot.image.isVisible()
    assert "not separated" in plot.header.subtitle.toolTip()
    assert plot.shown().size == 0


def test_out_of_date_is_said(plot, cell, separation_of):
    separation = separation_of(cell)
    plot.show_result(cell, separation, False)
    assert "out of date" in plot.header.subtitle.text()
