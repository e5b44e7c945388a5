"""The page Population as a user has it: opened by its key, filled, clicked, undone, before and after, correlated."""

import math

import pytest
from PyQt5.QtCore import QPointF, Qt
from PyQt5.QtWidgets import QAction, QLabel, QPushButton, QTabWidget

from neuropil_gui.engine import distribution, population
from neuropil_gui.features.population import spike_ins_page
from neuropil_gui.features.population.correlation_plot import CorrelationPlot
from neuropil_gui.features.population.setting_plot import SettingPlot
from neuropil_gui.features.population.sides_plot import SidesPlot
from neuropil_gui.features.population.spike_ins_plot import SpikeInsPlot

pytestmark = [pytest.mark.usefixtures("unchecked"), pytest.mark.any_version]


def test_one_alpha_is_taken_for_all_cells_and_what_it_gives_is_compared(
    qtbot, window, short, open_and_wait, monkeypatch
):
    for module in (population, distribution):
        monkeypatch.setattr(module, "START_SECONDS", math.inf)  # in this process, where so little is sooner done
    open_and_wait(short)
    qtbot.keyClick(window, Qt.Key.Key_5, Qt.KeyboardModifier.ControlModifier)
    tool = window.pages.made["population"]
    page, session = tool.page, window.session
    qtbot.waitUntil(page.isVisible)
    qtbot.waitUntil(lambda: not tool.busy and tool.setting.found.complete)
    assert "no cell has collapsed" in page.findChild(QLabel, "population_advice").text()
    plot = page.findChild(SettingPlot)

    def click(box, column, row):
        place = plot.widget.mapFromScene(box.mapViewToScene(QPointF(column, row)))
        qtbot.mouseClick(plot.widget.viewport(), Qt.MouseButton.LeftButton, pos=place)

    click(plot.cells.getViewBox(), 4, 2)
    assert session.index == 2
    click(plot.counts.getViewBox(), 4, 0.5)
    assert session.settings.alpha == 0.05
    window.findChild(QAction, "undo").trigger()
    assert session.settings.alpha == 0.1
    # Run separates the cells that are missing, and their numbers are drawn.
    tabs = page.findChild(QTabWidget, "population_tabs")
    tabs.setCurrentIndex(1)
    qtbot.mouseClick(page.findChild(QPushButton, "population_run"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(page.findChild(SidesPlot).cells) == 4)
    tabs.setCurrentIndex(2)
    found = page.findChild(CorrelationPlot)
    qtbot.waitUntil(lambda: found.found is not None)
    assert found.found.cells == (0, 1, 2, 3)
    assert abs(found.found.pairs["matched"].mean) <= 1
    assert tool.figure() is not None
    # Transients are added to all cells, and what comes back is in the table of cells.
    monkeypatch.setattr(spike_ins_page, "REPEATS", 2)
    tabs.setCurrentIndex(3)
    assert all(outcome.spike_in is None for _, outcome in session.outcomes())
    qtbot.mouseClick(page.findChild(QPushButton, "population_run"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not tool.busy and len(page.findChild(SpikeInsPlot).cells) == 4)
    values = {index: window.cells.model.values("gain", range(index, index + 1))[0] for index in range(4)}
    assert values == {index: each.gain.mean for index, each in tool.part.known().items()}
    assert all(0 < gain < 1.5 for gain in values.values())
    window.cells.filter.setText("gain < 0")
    assert window.cells.proxy.rowCount() == 0
