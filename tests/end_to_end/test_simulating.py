"""The simulator in the window: one slider changes one thing, and all that the user chose stays."""

from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtWidgets import QAbstractButton, QApplication, QDockWidget, QFileDialog, QSlider

from neuropil_gui import read
from neuropil_gui.core.metrics import pearson
from neuropil_gui.core.simulation import simulate
from neuropil_gui.features.teach.simulator import FIRST


@pytest.fixture
def simulated(window, qtbot):
    """Return the window with a simulated cell, separated."""
    window.commands["simulator"].trigger()
    qtbot.waitUntil(
        lambda: window.session.teaching.simulation is not None and window.session.up_to_date, timeout=20_000
    )
    return window


def settle(qtbot, window, simulation):
    """Wait until this simulation is shown with its result."""
    expected = simulate(simulation).cells[0].traces
    qtbot.waitUntil(
        lambda: window.session.up_to_date and np.array_equal(window.session.cell.traces, expected), timeout=20_000
    )


def test_a_slider_moves_one_thing_and_what_was_chosen_stays(qtbot, simulated, demo, open_and_wait):
    window, session = simulated, simulated.session
    docks = {name: window.findChild(QDockWidget, f"{name}_dock") for name in ("simulator", "cells")}
    assert (docks["simulator"].isVisible(), docks["cells"].isVisible()) == (True, False)
    # Closed, it comes back where it was.
    docks["simulator"].close()
    window.commands["simulator"].trigger()
    assert docks["simulator"].isVisible()
    window.commands["pin"].trigger()
    window.traces.raw.box.setXRange(10, 20, padding=0)
    first, own = session.cell, session.cell.truth.sources[0]
    slider = window.findChild(QSlider, "simulation_contamination_slider")
    axis = window.traces.raw.box.viewRange()[1]
    slider.sliderPressed.emit()
    for place in range(60, 131, 10):
        slider.setValue(place)
        QApplication.processEvents()
    slider.sliderReleased.emit()
    settle(qtbot, window, replace(FIRST, contamination=1.3))
    assert session.cell is not first
    assert pearson(session.cell.truth.sources[0], own) == pytest.approx(1.0)
    assert window.traces.raw.box.viewRange()[0] == [10, 20]
    low, high = window.traces.raw.box.viewRange()[1]
    assert low <= axis[0]
    assert high >= axis[1]
    assert list(session.pins.here) == ["A"]
    assert "1.30" in window.findChild(type(window._teaching.view.sum), "sum_of_sources").text()
    assert window._undo.undoText() == "contamination 0.7 → 1.3"
    window.commands["undo"].trigger()
    settle(qtbot, window, FIRST)
    assert slider.value() == 70
    # A recording from a file has a table of cells, and no simulation.
    open_and_wait(demo)
    assert session.teaching.simulation is None
    assert (docks["simulator"].isVisible(), docks["cells"].isVisible()) == (False, True)


def test_the_title_is_that_of_the_cell_in_view(qtbot, simulated):
    assert simulated.windowTitle() == "simulated cell 2 \N{EM DASH} neuropil_gui"
    simulated.findChild(QAbstractButton, "another_cell").click()
    seed = simulated.session.teaching.simulation.seed
    assert seed != FIRST.seed
    qtbot.waitUntil(lambda: simulated.windowTitle() == f"simulated cell {seed} \N{EM DASH} neuropil_gui")
    simulated.commands["undo"].trigger()
    qtbot.waitUntil(lambda: simulated.windowTitle() == "simulated cell 2 \N{EM DASH} neuropil_gui")


def test_it_can_be_saved_and_copied(qtbot, simulated, tmp_path, monkeypatch):
    window = simulated
    view = window._teaching.view
    view.copy.click()
    assert f"simulate(Simulation(frames={FIRST.frames}" in QApplication.clipboard().text()
    path = tmp_path / "saved.npz"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_, **__: (str(path), ""))
    with qtbot.waitSignal(window.controller.written, timeout=10_000):
        view.save.click()
    (cell,) = read(path).cells
    np.testing.assert_array_equal(cell.traces, window.session.cell.traces)
    np.testing.assert_array_equal(cell.truth.sources, window.session.cell.truth.sources)
