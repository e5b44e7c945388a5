"""BaselineRequests: the switch of dF/F, its baseline in the preferences, and the message where there is none."""

import pytest
from PyQt5.QtWidgets import QAction

from neuropil_gui.core.baseline import BaselineSettings
from neuropil_gui.features.delta_f.dialog import BaselineDialog
from neuropil_gui.features.delta_f.requests import BaselineRequests
from neuropil_gui.state.preferences import Preferences

KEPT = BaselineSettings(percentile=20.0)
OTHER = BaselineSettings(percentile=30.0)


@pytest.fixture
def session(session_of, cell):
    return session_of(cell)


@pytest.fixture
def preferences():
    preferences = Preferences()
    preferences.baseline = KEPT
    return preferences


@pytest.fixture
def make(qtbot, parent, session, preferences):
    """Make the requests; their message bar is closed after the test."""

    def make():
        requests = BaselineRequests(parent, session, preferences)
        qtbot.addWidget(requests.bar)
        return requests

    return make


@pytest.fixture
def answer(monkeypatch):
    """Answer the dialog with these settings; return the arguments of its calls."""
    asked = []

    def answer(settings):
        monkeypatch.setattr(BaselineDialog, "ask", lambda *args: asked.append(args) or settings)
        return asked

    return answer


def refuse(session, sentence):
    session.store_delta_f(session.delta_f.question, None, sentence)


@pytest.mark.parametrize("on", [True, False])
def test_it_begins_as_the_preferences_have_it(make, session, preferences, on):
    preferences.delta_f = on
    make()
    assert session.delta_f.last_baseline == KEPT
    assert session.delta_f.baseline == (KEPT if on else None)


def test_the_switch_moves_the_session_the_preferences_and_the_action(make, session, preferences):
    requests, action = make(), QAction()
    action.setCheckable(True)
    requests.follow(action)
    assert not action.isChecked()
    requests.switch(True)
    assert (session.delta_f.baseline, preferences.delta_f, action.isChecked()) == (KEPT, True, True)
    requests.switch(False)
    assert (session.delta_f.baseline, preferences.delta_f, action.isChecked()) == (None, False, False)
    assert preferences.baseline == KEPT


def test_an_action_is_checked_where_delta_f_is_on_already(make, preferences):
    preferences.delta_f = True
    action = QAction()
    action.setCheckable(True)
    make().follow(action)
    assert action.isChecked()


def test_the_dialog_begins_with_the_last_baseline_and_switches_on(make, session, preferences, answer):
    requests, asked = make(), answer(OTHER)
    requests.ask()
    assert asked[0][:2] == (KEPT, 20.0)
    assert session.delta_f.baseline == OTHER
    assert (preferences.delta_f, preferences.baseline) == (True, OTHER)


def test_a_cancelled_dialog_changes_nothing(make, session, preferences, answer):
    requests = make()
    answer(None)
    requests.ask()
    assert session.delta_f.baseline is None
    assert preferences.baseline == KEPT


def test_a_refusal_is_shown_and_goes_with_the_switch(make, session):
    requests = make()
    requests.switch(True)
    refuse(session, "The baseline is zero.")
    assert requests.bar.isVisible()
    assert requests.bar.text.text() == "No ΔF/F, the plots stay in the file's units. The baseline is zero."
    assert not requests.bar.action_button.text()  # it is the percentile already
    requests.switch(False)
    assert not requests.bar.isVisible()


def test_a_closed_refusal_does_not_return_with_the_next_result(make, session, cell, separation_of):
    requests = make()
    requests.switch(True)
    refuse(session, "The baseline is zero.")
    requests.bar.close_button.click()
    session.store(separation_of(cell), {})
    refuse(session, "The baseline is zero.")
    assert not requests.bar.isVisible()
    session.store(separation_of(cell), {})
    refuse(session, "The baseline is negative.")
    assert requests.bar.isVisible()


def test_fissas_baseline_has_the_percentile_as_remedy(make, session):
    requests = make()
    session.set_baseline(BaselineSettings(kind="fissa", percentile=20.0))
    refuse(session, "The baseline is zero.")
    assert requests.bar.action_button.text() == "Use the percentile"
    requests.bar.action_button.click()
    assert session.delta_f.baseline == KEPT
