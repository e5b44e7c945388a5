"""What can be done now, as a function of what is open, shown, pinned and under way."""

from neuropil_gui.engine.controller import Controller
from neuropil_gui.state.session import Session
from neuropil_gui.state.undo import Undo
from neuropil_gui.window.action_table import Situation


def situation(session: Session, controller: Controller, undo: Undo) -> Situation:
    """Return what decides whether each action can be used."""
    recording = session.recording
    return Situation(
        recording=recording is not None,
        cell=session.cell is not None,
        result=session.result is not None and session.draft is None,
        working=controller.working,
        can_turn=recording is not None and recording.rows_are_frames is not None,
        pinned=any(session.pins.all),
        pinned_here=bool(session.pins.here) and session.cell is not None,
        undo=undo.undoText(),
        redo=undo.redoText(),
    )
