"""The page of spikes: what it draws and copies is the test's; a file is asked about, and its spikes go to the cell."""

import math
from unittest.mock import MagicMock

import numpy as np
import pytest
from PyQt5.QtCore import QObject, Qt
from PyQt5.QtWidgets import QApplication, QWidget

from neuropil_gui.core.analysis.spike_detection import AucPoint, spike_test
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate, spike_counts
from neuropil_gui.core.spike_times import SpikeTimes
from neuropil_gui.features.trust import spike_requests
from neuropil_gui.features.trust.spike_dialog import SpikeDialog
from neuropil_gui.features.trust.spike_requests import SpikeRequests
from neuropil_gui.features.trust.spikes_page import NOTHING, SpikesPage
from neuropil_gui.formats.spike_files import SpikeFile, read_spike_file
from neuropil_gui.ui import style

SIMULATION = Simulation(frames=1500, seed=2, contamination=1.2, spike_rate=0.3)


@pytest.fixture(scope="module")
def cell():
    return simulate(SIMULATION).cells[0]


@pytest.fixture(scope="module")
def result(cell):
    return separate_cell(cell, SeparationSettings(solver="accelerated"))


@pytest.fixture(scope="module")
def spikes():
    return SpikeTimes(np.append(np.repeat(np.arange(1500), spike_counts(SIMULATION)) / 30, 99.0), "s", "units.csv, a")


@pytest.fixture(scope="module")
def found(cell, result, spikes):
    return spike_test(cell, result, spikes, frame_rate=30.0)


@pytest.fixture
def page(qtbot, cell, result, spikes):
    page = SpikesPage()
    qtbot.addWidget(page)
    page.resize(1200, 700)
    page.show()
    page.set_spikes(spikes)
    page.show_cell(cell, 30.0, result)
    page.say("")
    return page


def test_without_spikes_it_says_which_files_it_wants(page, cell, result):
    page.set_spikes(None)
    page.show_cell(cell, 30.0, result)
    assert page.words.text() == NOTHING
    assert not page.remove.isEnabled()
    assert not page.copy.isEnabled()
    assert page.traces.spikes.xvals == []


def test_spikes_are_ticks_below_the_traces(page, spikes):
    np.testing.assert_allclose(page.traces.spikes.xvals, spikes.times)
    low, high = page.traces.spikes.yrange
    assert low == 0
    assert high < 0.1
    assert page.words.text().startswith(
        f"{len(spikes.times)} spikes of units.csv, a; 1 lies beyond the recording's 50 s."
    )


def test_a_test_is_drawn(page, found):
    page.show_test(found, 0.1)
    for key, each in found.responses.items():
        np.testing.assert_allclose(page.average.curves[key].getData()[1], each.mean)
        np.testing.assert_allclose(page.average.bands[key][1].getData()[1], each.mean + each.error)
        np.testing.assert_allclose(page.roc.curves[key].getData()[0], each.roc.false_rate)
        np.testing.assert_allclose(page.roc.curves[key].getData()[1], each.roc.true_rate)
    np.testing.assert_allclose(page.factor.curve.getData()[1], [each.auc for each in found.over_factor])
    assert page.factor.here.value() == found.best_factor.value
    assert page.factor.level.value() == found.responses["result"].roc.auc
    points = (AucPoint(0.01, 0.7, 0.1), AucPoint(0.1, 0.8, 0.1), AucPoint(1.0, math.nan, math.nan))
    page.show_points(points)
    np.testing.assert_allclose(page.alpha.curve.getData(), [[-2, -1], [0.7, 0.8]])
    np.testing.assert_allclose(page.alpha.bars.getData()[1], [0.6, 0.8, 0.7, 0.9])
    assert (page.alpha.here.value(), page.alpha.level.value()) == (-1.0, found.responses["raw"].roc.auc)
    names = [page.table.item(line, 0).text() for line in range(page.table.rowCount())]
    assert names[:3] == ["this result", "raw ROI", "F − 0.7 Fneu"]
    for line, each in enumerate(found.responses.values()):
        assert f"{each.roc.auc:.2f}" in page.table.item(line, 2).text()
        assert page.table.item(line, 1).text().replace("\N{MINUS SIGN}", "-") == f"{each.mean.max():.3g}"
    assert f"{found.events} spikes without another in the window before, against {found.windows} windows" in (
        page.words.text()
    )
    assert f"at its best r, {found.best_factor.value:.2f}" in page.words.text()


def test_the_numbers_are_copied_with_r_and_alpha(page, found, qtbot):
    page.show_test(found, 0.1)
    page.show_points((AucPoint(0.01, 0.7, 0.1),))
    qtbot.mouseClick(page.copy, Qt.LeftButton)
    head, *lines = QApplication.clipboard().text().splitlines()
    rows = [dict(zip(head.split("\t"), line.split("\t"), strict=True)) for line in lines]
    assert len(rows) == len(found.responses) + len(found.over_factor) + 1
    assert float(rows[0]["auc"]) == found.responses["result"].roc.auc
    assert (float(rows[-1]["alpha"]), float(rows[-1]["auc"])) == (0.01, 0.7)


def test_another_cell_clears_what_was_drawn(page, found, cell, result):
    page.show_test(found, 0.1)
    page.show_cell(cell, 30.0, result)
    assert page.table.rowCount() == 0
    assert not page.average.curves
    assert not page.average.bands
    assert not page.factor.here.isVisible()
    page.show_refusal("Of 3 spikes")
    assert page.notes.text() == "Of 3 spikes"
    assert page.notes.isVisible()


def test_the_auc_over_alpha_stays_while_other_methods_are_compared(page, found, cell, result):
    points = (AucPoint(0.01, 0.7, 0.1), AucPoint(0.1, 0.8, 0.1))
    page.show_test(found, 0.1)
    page.show_points(points)
    page.show_cell(cell, 30.0, result)
    page.show_test(found, 0.1)
    np.testing.assert_allclose(page.alpha.curve.getData()[1], [0.7, 0.8])
    page.show_test(found, math.nan)  # ICA has no alpha
    assert len(page.alpha.dots.data) == 0
    page.show_points(points)
    page.set_spikes(None)
    page.show_cell(cell, 30.0, result)
    assert len(page.alpha.dots.data) == 0


def test_its_controls_ask(page, qtbot):
    with qtbot.waitSignal(page.asked):
        page.window_box.setValue(1.0)
    assert page.window_seconds == 1.0
    with qtbot.waitSignal(page.asked):
        page.also_by.setCurrentIndex(page.also_by.findData("tuncat"))
    assert page.also_by.keys == ("tuncat",)
    with qtbot.waitSignal(page.open_requested):
        qtbot.mouseClick(page.open, Qt.LeftButton)
    with qtbot.waitSignal(page.remove_requested):
        qtbot.mouseClick(page.remove, Qt.LeftButton)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_it_follows_the_theme(page, found, qapp, theme):
    page.show_test(found, 0.1)
    style.apply_theme(qapp, theme)
    page.restyle()
    assert page.traces.words()


# The file


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "units.csv"
    path.write_text("a,b\n0.5,100\n1.5,200\n,3000\n")
    return path


def test_the_dialog_says_what_would_be_in_the_recording(qtbot, file):
    dialog = SpikeDialog(read_spike_file(file), "cell 1", 30.0, 1500)
    qtbot.addWidget(dialog)
    assert [dialog.train.itemText(row) for row in range(2)] == ["a, 2 spikes", "b, 3 spikes"]
    assert "2 spikes of units.csv, a. The first is at 0.5, the last at 1.5." in dialog.words.text()
    dialog.train.setCurrentIndex(1)
    assert "3 lie beyond the recording's 50 s: are they milliseconds?" in dialog.words.text()
    dialog.unit.setCurrentIndex(1)
    assert "beyond" not in dialog.words.text()
    dialog.begins.setValue(150)
    assert "1 lies before the recording begins" in dialog.words.text()
    assert (dialog.spikes.unit, dialog.spikes.times.tolist()) == ("ms", [-50.0, 50.0, 2850.0])


def test_without_a_frame_rate_the_dialog_offers_frames_and_nwb_says_its_own(qtbot, file):
    dialog = SpikeDialog(read_spike_file(file), "cell 1", None, 1500)
    qtbot.addWidget(dialog)
    assert dialog.spikes.unit == "frames"
    nwb = SpikeDialog(SpikeFile(file, {"unit 1": np.array([5.0])}, "s", 4.5), "cell 1", None, 1500)
    qtbot.addWidget(nwb)
    assert (nwb.spikes.unit, nwb.spikes.times.tolist()) == ("s", [0.5])


@pytest.fixture
def requests(qtbot, session_of, cell, runners, monkeypatch):
    session, owner, over = session_of(cell), QObject(), QWidget()
    qtbot.addWidget(over)
    made = SpikeRequests(session, owner, over)
    made.owner, made.session = owner, session
    yield made
    made.leave()


def test_the_spikes_that_are_accepted_are_the_cells(requests, file, cell, monkeypatch):
    monkeypatch.setattr(spike_requests.dialogs, "ask_file", MagicMock(return_value=file))
    requests.ask()
    assert requests.runner.question is cell
    requests.runner.answer(read_spike_file(file))
    requests.dialog.accept()
    assert requests.session.spikes.get(0).times.tolist() == [0.5, 1.5]
    assert requests.dialog is None
    requests.remove()
    assert requests.session.spikes.get(0) is None


def test_another_cell_leaves_the_dialog(requests, file):
    requests.open_path(file)
    requests.runner.answer(read_spike_file(file))
    assert requests.dialog.isVisible()
    requests.session.selection_changed.emit()
    assert requests.dialog is None
    assert requests.session.spikes.all == {}


def test_a_refusal_is_told(requests, file, qtbot):
    requests.open_path(file)
    with qtbot.waitSignal(requests.failed) as told:
        requests.runner.fail(DataError("units.csv: it holds no spike times."))
    assert told.args == ["units.csv: it holds no spike times."]
