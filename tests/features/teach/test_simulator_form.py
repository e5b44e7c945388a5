"""The form of a simulation changes one parameter at a time, and refuses in words."""

import pytest
from PyQt5.QtCore import Qt

from neuropil_gui.core.simulation import SIMULATION_PARAMETERS, Simulation
from neuropil_gui.features.teach.scale import MORE, SHOWN
from neuropil_gui.features.teach.simulator import FIRST
from neuropil_gui.features.teach.simulator_form import SimulatorForm


@pytest.fixture
def form(qtbot):
    form = SimulatorForm()
    qtbot.addWidget(form)
    form.show_simulation(FIRST)
    form.emitted = []
    form.simulation_changed.connect(form.emitted.append)
    return form


def test_it_shows_what_it_is_given_without_emitting(form):
    other = Simulation(contamination=1.234, neighbours=7, neighbour_amplitude=90.0, seed=12, frames=777)
    form.show_simulation(other)
    assert {name: box.value() for name, box in form.boxes.items()} == {
        name: getattr(other, {"neighbour_leak": "leak"}.get(name, name)) for name in SHOWN | MORE
    }
    assert form.seed.value() == 12
    assert form.emitted == []


@pytest.mark.parametrize("name", SHOWN | MORE)
def test_a_slider_changes_its_parameter_and_nothing_else(form, name):
    slider = form.sliders[name]
    slider.setValue(slider.value() + (1 if slider.value() < slider.maximum() else -1))
    (made,) = form.emitted
    before, after = FIRST.to_dict(), made.to_dict()
    assert [key for key in before if before[key] != after[key]] == [name]
    assert form.boxes[name].value() == after[name]


def test_a_box_takes_what_the_slider_does_not_show(form):
    form.boxes["contamination"].setValue(7.5)
    assert form.emitted[-1].contamination == 7.5
    assert form.sliders["contamination"].value() == form.sliders["contamination"].maximum()


def test_what_cannot_be_is_refused_in_words_until_it_can(form):
    form.boxes["decay"].setValue(0.01)
    assert form.emitted == []
    assert "decay must be longer than rise" in form.problem.text()
    form.boxes["decay"].setValue(0.5)
    assert form.problem.text() == ""
    assert form.emitted[-1].decay == 0.5


def test_the_dice_draws_another_cell(form, qtbot):
    qtbot.mouseClick(form.dice, Qt.MouseButton.LeftButton)
    (made,) = form.emitted
    assert made.to_dict() | {"seed": FIRST.seed} == FIRST.to_dict()


def test_a_held_handle_says_so(form):
    held = []
    form.held.connect(held.append)
    form.sliders["noise"].sliderPressed.emit()
    form.sliders["noise"].sliderReleased.emit()
    assert held == [True, False]


def test_controls_are_named_and_seldom_ones_are_folded(form):
    for name in SHOWN | MORE:
        box = form.boxes[name]
        assert box.objectName() == f"simulation_{name}"
        assert box.accessibleName()
        assert SIMULATION_PARAMETERS[name].help.split(",")[0].split("'")[0] in box.toolTip()
    assert form.boxes["leak"].isHidden() is False
    assert not form.boxes["leak"].isVisibleTo(form)
    form.more.click()
    assert form.boxes["leak"].isVisibleTo(form)
