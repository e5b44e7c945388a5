import numpy as np
import pytest
from PyQt5.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt5.QtWidgets import QToolButton

from neuropil_gui.core.history import History
from neuropil_gui.core.result import Progress
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.solvers.stepping import Step
from neuropil_gui.panels.convergence_plot import ConvergencePlot

SETTINGS = SeparationSettings(tol=1e-3)


def run_of(*ends, settings=SETTINGS, snapshots=True, violation=lambda k: 1.0 / k):
    history = History(settings)
    state = (lambda: (np.ones((2, 5)), np.ones((3, 2)))) if snapshots else None
    for attempt, end in enumerate(ends, 1):
        history.add(Progress(attempt, Step(0, float("nan"), state)))
        for k in range(1, end + 1):
            history.add(Progress(attempt, Step(k, violation(k), state)))
    return history.to_run_history()


@pytest.fixture
def plot(qtbot):
    plot = ConvergencePlot()
    qtbot.addWidget(plot)
    plot.resize(320, 178)
    with qtbot.waitExposed(plot):
        plot.show()
    return plot


@pytest.fixture
def chosen(plot):
    seen = []
    plot.iteration_chosen.connect(seen.append)
    return seen


def place_of(plot, iteration):
    scene = plot.box.mapViewToScene(QPointF(iteration, np.mean(plot.box.viewRange()[1])))
    return plot.widget.mapFromScene(scene)


def test_the_violation_is_drawn_as_it_is_and_tol_with_it(plot):
    plot.show_history(run_of(500))
    (curve,) = [each for each in plot.curves if each.isVisible()]
    x, y = curve.getOriginalDataset()
    np.testing.assert_array_equal(y, 1.0 / x)
    assert x[-1] == 500
    assert plot.tol_line.isVisible()
    assert plot.tol_line.value() == -3
    (left, right), (low, high) = plot.box.viewRange()
    assert left <= 1
    assert right >= 500
    assert low < -3
    assert high > 0
    assert not plot.nothing.isVisible()
    assert plot.header.subtitle.text() == "0.002 at 500"
    assert "above tol" in plot.header.subtitle.toolTip()


def test_tries_stand_apart(plot):
    plot.show_history(run_of(30, 40, 20))
    shown = [each for each in plot.curves if each.isVisible()]
    assert [len(each.getOriginalDataset()[0]) for each in shown] == [30, 40, 20]
    assert len({each.opts["pen"].style() for each in shown}) == 3
    assert [each.textItem.toPlainText() for each in plot.labels] == ["try 1", "try 2", "try 3"]
    assert shown[-1].opts["pen"].width() == 2
    plot.show_history(run_of(10))
    assert [each.isVisible() for each in plot.curves] == [True, False, False]
    assert not plot.labels[0].isVisible()


def test_it_grows_while_it_runs_and_the_old_line_stays_until_then(plot):
    plot.show_history(run_of(9))
    plot.start(SETTINGS)
    assert len(plot.curves[0].getOriginalDataset()[0]) == 9
    plot.add(Progress(1, Step(0, float("nan"))))
    assert len(plot.curves[0].getOriginalDataset()[0]) == 9
    for iteration in (5, 80, 300):
        plot.add(Progress(1, Step(iteration, 1.0 / iteration)))
    np.testing.assert_array_equal(plot.curves[0].getOriginalDataset()[0], [5, 80, 300])
    assert plot.box.viewRange()[0][1] >= 300


def test_clicking_and_dragging_goes_to_what_was_kept(plot, chosen, mouse):
    plot.show_history(run_of(1000))
    kept = [each.iteration for each in plot.run.snapshots]
    view = plot.widget.viewport()
    mouse(view, (QEvent.MouseButtonPress, place_of(plot, 300)), (QEvent.MouseButtonRelease, place_of(plot, 300)))
    assert len(chosen) == 1
    assert chosen[0] in kept
    assert abs(chosen[0] - 300) < 20
    assert plot.marker.isVisible()
    assert plot.marker.value() == chosen[0] == plot.chosen
    assert plot.marker_label.textItem.toPlainText() == f"iteration {chosen[0]}"
    start = place_of(plot, 400)
    steps = [(QEvent.MouseMove, start + QPoint(x, 0)) for x in (10, 40, 80)]
    mouse(view, (QEvent.MouseButtonPress, start), *steps, (QEvent.MouseButtonRelease, steps[-1][1]))
    assert len(chosen) >= 3
    assert chosen[1:] == sorted(set(chosen[1:]))
    assert set(chosen) <= set(kept)
    mouse(view, (QEvent.MouseButtonPress, place_of(plot, 1000)), (QEvent.MouseButtonRelease, place_of(plot, 1000)))
    assert chosen[-1] is None
    assert not plot.marker.isVisible()


def test_by_keyboard_and_back(qtbot, plot, chosen):
    plot.show_history(run_of(1000))
    before_end = [each.iteration for each in plot.run.snapshots if each.iteration < 1000]
    plot.widget.setFocus()
    for key in (Qt.Key_Right, Qt.Key_Left, Qt.Key_Left, Qt.Key_Right):
        qtbot.keyClick(plot.widget, key)
    assert chosen == [before_end[-1], before_end[-2], before_end[-1]]
    back = plot.findChild(QToolButton, "convergence_back")
    assert back.isVisible()
    assert back.toolTip()
    qtbot.mouseClick(back, Qt.LeftButton)
    assert chosen[-1] is None
    assert not back.isVisible()
    qtbot.keyClick(plot.widget, Qt.Key_Left)
    qtbot.keyClick(plot.widget, Qt.Key_Escape)
    assert chosen[-2:] == [before_end[-1], None]


def test_without_states_or_while_it_runs_nothing_is_chosen(qtbot, plot, chosen):
    plot.show_history(run_of(1000, snapshots=False))
    plot.choose_near(10.0)
    qtbot.keyClick(plot.widget, Qt.Key_Left)
    plot.show_history(run_of(1000))
    plot.start(SETTINGS)
    plot.choose_near(10.0)
    assert chosen == []


def test_a_new_history_takes_the_mark_away_without_a_word(plot, chosen):
    plot.show_history(run_of(1000))
    plot.show_iteration(8)
    assert plot.chosen == 8
    plot.show_history(run_of(50))
    assert plot.chosen is None
    assert not plot.marker.isVisible()
    assert chosen == []


def test_nothing_to_show(plot):
    assert plot.nothing.isVisible()
    plot.show_history(run_of(5))
    plot.show_history(None)
    assert plot.nothing.isVisible()
    assert not plot.tol_line.isVisible()
    assert not plot.curves[0].isVisible()


@pytest.mark.parametrize(
    ("ends", "violation", "tol"),
    [
        ((1,), lambda k: 0.0, 1e-4), ((2,), lambda k: 2.0 - k, 1e-4), ((3,), lambda k: 1.0, 0.0),
        ((3,), lambda k: 1e-300, 1e-4),
    ],
)  # fmt: skip
def test_odd_numbers_are_borne(plot, ends, violation, tol):
    plot.show_history(run_of(*ends, violation=violation, settings=SeparationSettings(tol=tol)))
    plot.grab()
    assert np.isfinite(plot.box.viewRange()).all()
    assert plot.tol_line.isVisible() == (tol > 0)


def test_ica_turns(plot):
    plot.show_history(run_of(5, settings=SeparationSettings(method="ica")))
    assert plot.item.getAxis("left").labelText == "change"
    assert "change" in plot.header.subtitle.toolTip()
    plot.show_history(run_of(5), up_to_date=False)
    assert "out of date" in plot.header.subtitle.text()


def test_hovering_says_what_is_there(qtbot, plot):
    plot.show_history(run_of(200))
    plot.widget.scene().sigMouseMoved.emit(plot.box.mapViewToScene(QPointF(100, -1)))
    assert plot.header.subtitle.text() == "0.01 at 100"


def test_a_run_is_played_from_its_start_in_even_steps_of_the_logarithm(qtbot, plot, chosen):
    plot.show_history(run_of(1000))
    kept = [each.iteration for each in plot.run.snapshots]
    for part in (0.0, 0.25, 0.5, 0.75, 1.0):
        plot.play_button.moved.emit(part)
    assert chosen[0] == kept[0] == 0
    np.testing.assert_allclose(np.log1p(chosen[1:4]) / np.log(1001), [0.25, 0.5, 0.75], atol=0.06)
    assert chosen[4] is None
    plot.play_button.whole = 200
    plot.widget.setFocus()
    qtbot.keyClick(plot.widget, Qt.Key_Space)
    assert plot.play_button.playing
    qtbot.waitUntil(lambda: not plot.play_button.playing)
    played = chosen[5:]
    assert played[0] == 0
    assert played[-1] is None
    assert played[:-1] == sorted(set(played[:-1]))


def test_a_run_that_is_played_is_paused_and_goes_on_from_there(qtbot, plot, chosen):
    plot.show_history(run_of(1000))
    plot.play_button.whole = 10**9
    assert "Space" in plot.play_button.toolTip()
    qtbot.mouseClick(plot.play_button, Qt.LeftButton)
    plot.play_button.moved.emit(0.5)
    qtbot.keyClick(plot.widget, Qt.Key_Space)
    there = plot.chosen
    assert 20 < there < 50
    assert not plot.play_button.playing
    qtbot.keyClick(plot.widget, Qt.Key_Space)
    assert plot.play_button.playing
    assert plot.chosen == there
    qtbot.keyClick(plot.widget, Qt.Key_Left)
    assert not plot.play_button.playing
    assert plot.chosen < there


@pytest.mark.parametrize("ending", ["click", "result", "run", "history", "hidden"])
def test_playing_ends_with_what_else_is_asked_for(qtbot, plot, ending):
    plot.show_history(run_of(1000))
    plot.play_button.whole = 10**9
    plot.play_button.click()
    assert plot.play_button.playing
    {
        "click": lambda: plot.choose_near(30.0),
        "result": plot.go_back,
        "run": lambda: plot.start(SETTINGS),
        "history": lambda: plot.show_history(run_of(50)),
        "hidden": plot.hide,
    }[ending]()
    assert not plot.play_button.playing


def test_without_states_the_button_says_so_in_place_of_playing(qtbot, plot, chosen):
    plot.show_history(run_of(1000, snapshots=False))
    assert not plot.play_button.isEnabled()
    assert "No states" in plot.play_button.toolTip()
    qtbot.keyClick(plot.widget, Qt.Key_Space)
    assert chosen == []


def test_the_start_is_marked_and_named(plot):
    plot.show_history(run_of(1000))
    plot.show_iteration(0)
    assert plot.marker.value() == 0
    assert plot.marker_label.textItem.toPlainText() == "start"
    assert len(plot.point.data) == 0
