"""What comes by itself: drafts, fast results, FISSA's own to check them, and the neighbours."""

from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QAction, QDockWidget, QLabel, QPushButton, QSlider

from neuropil_gui import Cell, SeparationSettings, separate_cell
from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.analysis import pairing
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.engine import controller, live, prefetch
from neuropil_gui.engine.live import Stage, live_question
from neuropil_gui.ui import style
from neuropil_gui.window.reporter import status


@pytest.fixture
def window(emptied_window):
    return emptied_window


def badge(window):
    return window.findChild(QLabel, "badge").text()


def line(window):
    return window.findChild(QLabel, "run_text").text()


def change_alpha(window, alpha):
    window.session.set_settings(replace(window.session.settings, alpha=alpha))


def is_exact(window):
    session = window.session
    return session.result is not None and session.result.settings == session.settings


@pytest.fixture
def impatient(window, monkeypatch):
    """An idle second that is over at once."""
    monkeypatch.setattr(prefetch, "IDLE_MILLISECONDS", 0)
    return window


def test_a_fast_result_is_checked_against_fissa(qtbot, impatient, demo, open_and_wait):
    open_and_wait(demo)
    qtbot.waitUntil(lambda: is_exact(impatient), timeout=20_000)
    assert badge(impatient) == "exact"
    assert "same as the accelerated solver's: r = 1.0000" in line(impatient)
    assert impatient.session.history.snapshots
    assert not impatient.findChild(QPushButton, "rival_button").isVisible()


def test_more_signals_than_bins_of_frames_are_separated(qtbot, window, tmp_path, open_and_wait):
    path = tmp_path / "twelve.npy"
    np.save(path, np.random.default_rng(0).gamma(2, 100, (12, 200)))
    open_and_wait(path)
    qtbot.waitUntil(lambda: window.session.result is not None, timeout=20_000)
    assert badge(window) in ("converged", "exact")


def test_it_says_that_it_is_not_checked_yet(window, demo, open_and_wait):
    open_and_wait(demo)
    assert window.session.result.settings.solver == "accelerated"
    assert badge(window) == "converged"
    assert "checked against FISSA" in line(window)


def test_another_minimum_is_reported_and_shown_on_a_click(qtbot, impatient, demo, open_and_wait, monkeypatch):
    monkeypatch.setattr(pairing, "SAME", 1.5)
    open_and_wait(demo)
    qtbot.waitUntil(lambda: is_exact(impatient), timeout=20_000)
    # FISSA's is run on to the minimum beside it, which is counted as another one here.
    qtbot.waitUntil(lambda: "another minimum" in line(impatient), timeout=20_000)
    objectives = impatient.session.agreement.objectives
    assert f"another minimum than the accelerated solver's: r = 1.000, objective {objectives[0]:.6g}" in line(impatient)
    button = impatient.findChild(QPushButton, "rival_button")
    button.click()
    assert impatient.session.result.settings.solver == "accelerated"
    assert impatient.session.up_to_date
    assert button.text() == "Show FISSA's"
    button.click()
    assert is_exact(impatient)


def test_neighbours_are_there_before_they_are_asked_for(qtbot, window, demo, open_and_wait, listen):
    open_and_wait(demo)
    fast = live.fast(window.session.settings)
    qtbot.waitUntil(lambda: window.session.knows(1, fast), timeout=20_000)
    asked = []
    listen(window.controller.separation_started, asked.append)
    window.session.select(1)
    qtbot.waitUntil(lambda: window.session.cell is not None and window.session.answered)
    assert not asked


def test_going_back_is_instant(qtbot, window, demo, open_and_wait, listen):
    open_and_wait(demo)
    first = window.session.result
    change_alpha(window, 0.5)
    qtbot.waitUntil(lambda: window.session.answered, timeout=20_000)
    asked = []
    listen(window.controller.separation_started, asked.append)
    change_alpha(window, 0.1)
    assert window.session.result is first
    assert not asked


def drafts(window, listen):
    """Return a list that grows by what is seen of each draft when it comes: frames a value, and what can be done."""
    seen = []

    def look():
        if window.session.draft is not None:
            spacing = window.traces.matched.best.spacing * window.session.recording.frame_rate
            exportable = window.findChild(QAction, "export").isEnabled()
            seen.append((badge(window), round(spacing, 6), exportable, window.session.up_to_date))

    listen(window.session.draft_changed, look)
    return seen


def test_a_draft_comes_first_where_the_result_takes_long(qtbot, window, demo, open_and_wait, listen, monkeypatch):
    monkeypatch.setattr(live, "DRAFT_SECONDS", 0.0)
    seen = drafts(window, listen)
    open_and_wait(demo)
    qtbot.waitUntil(lambda: window.session.answered and window.session.draft is None, timeout=20_000)
    assert seen == [("draft", 20, False, True)]
    assert window.findChild(QAction, "export").isEnabled()


def test_a_draft_goes_on_from_what_is_drawn(qtbot, window, demo, open_and_wait, listen):
    open_and_wait(demo)
    seen, made = drafts(window, listen), []
    listen(window.session.draft_changed, lambda: made.append(window.session.draft))
    for alpha in (0.09, 0.08, 0.07):  # where no component dies
        made.clear()
        change_alpha(window, alpha)
        qtbot.waitUntil(lambda: bool(made) and window.session.answered and window.session.draft is None, timeout=20_000)
        assert np.corrcoef(made[0].matched[0], window.session.result.matched[0])[0, 1] > 0.999
    assert seen == [("draft", 1, False, True)] * 3
    assert window.findChild(QAction, "export").isEnabled()


def test_all_views_follow_a_draft(qtbot, window, demo, open_and_wait, monkeypatch):
    open_and_wait(demo)
    monkeypatch.setattr(controller, "REST", 60_000)  # the hand goes on
    change_alpha(window, 0.2)
    qtbot.waitUntil(lambda: window.session.draft is not None, timeout=20_000)
    draft = window.session.draft
    lanes = window.traces.separated
    qtbot.waitUntil(lambda: window.mixing.separation is draft and lanes.series[0].pyramid.values is draft.separated)
    assert window.traces.matched.words().startswith("draft")


def test_a_very_long_cell_has_a_draft_only_until_it_is_run(qtbot, window, demo, open_and_wait, monkeypatch):
    monkeypatch.setattr(live, "DRAFT_ONLY_VALUES", 100)
    open_and_wait(demo)
    qtbot.waitUntil(lambda: not window.controller.separating)
    assert window.session.result is None
    assert badge(window) == "draft"
    assert "press Run" in line(window)
    window.controller.run()
    qtbot.waitUntil(lambda: is_exact(window), timeout=20_000)
    assert badge(window) == "exact"
    assert window.session.draft is None


def test_the_draft_goes_when_the_rest_is_cancelled(qtbot, window, long_recording, open_and_wait, monkeypatch):
    open_and_wait(long_recording)
    with qtbot.waitSignal(window.session.draft_changed, timeout=20_000):
        change_alpha(window, 0.2)
    qtbot.waitUntil(lambda: window.controller.separating or window.session.answered)
    window.controller.cancel()
    assert window.session.draft is None


def test_what_is_asked_comes_before_what_is_done_ahead(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    qtbot.waitUntil(lambda: window.controller.working_ahead or window.controller.checking, timeout=20_000)
    window.controller.run()
    assert not window.controller.checking
    assert not window.controller.working_ahead
    qtbot.waitUntil(lambda: is_exact(window), timeout=20_000)


def test_the_slider_moves_the_result(qtbot, window, demo, open_and_wait):
    open_and_wait(demo)
    slider = window.findChild(QSlider, "alpha_slider")
    for _ in range(8):
        slider.setValue(slider.value() + 5)
    qtbot.waitUntil(lambda: window.session.answered and not window.controller.separating, timeout=20_000)
    assert window.session.result.settings.alpha == slider.number()


@pytest.mark.parametrize(
    ("shape", "stage"),
    [((5, 864), Stage.FAST), ((5, 54_000), Stage.DRAFT), ((12, 200), Stage.FAST), ((130, 799), Stage.FAST)],
)
def test_what_is_asked_first(shape, stage):
    cell = Cell.from_traces(np.ones(shape))
    question = live_question(cell, SeparationSettings())
    assert question.stage is stage
    following = question.following()
    assert following is None if stage is Stage.FAST else following.stage is Stage.FAST


def test_where_only_the_penalty_moved_a_draft_comes_first():
    cell = simulate(Simulation(frames=400)).cells[0]
    near = separate_cell(cell, SeparationSettings(solver="accelerated"))
    moved = {"alpha": 0.2, "tol": 1e-3}
    for name, value in {**moved, "n": 3, "start": "random", "seed": 1, "method": "ica"}.items():
        question = live_question(cell, replace(SeparationSettings(), **{name: value}), near)
        assert question.stage is (Stage.DRAFT if name in moved else Stage.FAST), name


def test_empty_components_are_not_expected_back_by_steps():
    cell = simulate(Simulation(frames=400)).cells[0]
    poor = separate_cell(cell, SeparationSettings(solver="accelerated", alpha=10.0))
    assert not poor.mixing.any(axis=0).all()
    for alpha, stage in ((20.0, Stage.DRAFT), (6.0, Stage.DRAFT), (4.0, Stage.FAST), (0.0, Stage.FAST)):
        assert live_question(cell, SeparationSettings(alpha=alpha), poor, poor).stage is stage, alpha
    rich = separate_cell(cell, SeparationSettings(solver="accelerated", alpha=0.01))
    assert rich.mixing.any(axis=0).all()
    assert live_question(cell, SeparationSettings(alpha=0.001), rich, rich).stage is Stage.DRAFT


def test_ica_has_one_solver():
    settings = SeparationSettings(method="ica")
    assert live.fast(settings) == settings


def test_without_a_recording_the_status_is_idle(window):
    assert status(window.session) == ("idle", "No recording is open", False, "", ())


def test_the_badge_is_no_success_on_a_failure_and_a_click_shows_why(qtbot, window, open_and_wait):
    open_and_wait(RESOURCES / "demos" / "failing.npz")
    shown = window.findChild(QLabel, "badge")
    assert shown.text() == "converged · 3 warnings"
    assert style.current().error_back in shown.styleSheet()
    window.findChild(QDockWidget, "numbers_dock").close()
    window.pages.open("history")
    qtbot.mouseClick(shown, Qt.MouseButton.LeftButton)
    assert window.pages.current == "cell"
    assert window.numbers.isVisible()
    [worst] = window.numbers.worst.notes
    assert worst.whole.startswith("High pedestal")
    first_row = next(iter(window.numbers.rows.values()))[0]
    assert worst.y() + worst.height() <= first_row.y()
    assert worst.visibleRegion().boundingRect().height() == worst.height()


def test_frames_without_values_are_left_out_on_a_click_and_drawn_as_gaps(qtbot, window, tmp_path, open_and_wait):
    traces = simulate(Simulation(frames=400)).cells[0].traces.copy()
    traces[2, 100:110] = np.nan
    np.savez(tmp_path / "raw.npz", raw=traces[None])
    with qtbot.waitSignal(window.controller.separation_failed, timeout=20_000):
        window.open_path(tmp_path / "raw.npz", ask=False)
    button = next(each for each in window.findChildren(QPushButton, "message_action") if each.isVisible())
    assert button.text() == "Leave these frames out"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: is_exact(window), timeout=20_000)
    assert not button.isVisible()
    assert np.flatnonzero(np.isnan(window.session.result.matched[0])).tolist() == list(range(100, 110))
    assert any("10 of 400 frames were left out" in note.whole for note in window.numbers.notes.notes)
    assert all(np.isfinite(value) for key, value in window.session.numbers.items() if not key.startswith("error"))
    raw = next(entry.text for entry in window.traces.matched.entries() if entry.text.startswith("raw ROI"))
    assert "nan" not in raw
    window.findChild(QAction, "delta_f").trigger()
    qtbot.waitUntil(lambda: window.session.delta_f.made is not None, timeout=20_000)
    assert np.flatnonzero(np.isnan(window.session.delta_f.made.matched.values)).tolist() == list(range(100, 110))
    window.findChild(QAction, "delta_f").trigger()
    for page in ("compare", "sweep", "trust"):
        window.pages.open(page)
        qtbot.waitUntil(lambda page=page: not window.pages.made[page].busy, timeout=60_000)
