"""What is on screen, in a word and a line: what it is, how it came about, and how it compares."""

from typing import NamedTuple

from neuropil_gui.core.separation import Separation
from neuropil_gui.engine.live import is_draft_only
from neuropil_gui.state.session import Session


class Status(NamedTuple):
    """What the run bar shows.

    Attributes
    ----------
    state : str
        The word in the badge.
    text : str
        The line beside it.
    working : bool
        Whether more is being computed.
    rival : str
        What the button says that shows the other solver's result; empty for no button.
    """

    state: str
    text: str = ""
    working: bool = False
    rival: str = ""


def status(session: Session, checking: bool = False) -> Status:
    """Say what the session shows while nothing is being separated; `checking` is whether FISSA will be asked."""
    drawn = session.drawn
    if drawn is None:
        return Status("idle", "" if session.recording else "No recording is open")
    if not session.up_to_date:
        return Status("out of date", "The settings have changed since this result: press Run.")
    if session.draft is not None:
        averaged = f"{drawn.frames_per_value} frames averaged to a value; " if drawn.frames_per_value > 1 else ""
        too_long = session.cell is not None and is_draft_only(session.cell)
        rest = "this cell is too long for more as you go: press Run" if too_long else "the result follows"
        return Status("draft", averaged + rest)
    exact = drawn.settings.solver == "fissa" or drawn.settings.method != "nmf"
    state = "not converged" if not drawn.converged else "exact" if exact else "converged"
    agreement = session.agreement
    if agreement is None:
        remark = "" if exact else " · being checked against FISSA" if checking else " · not checked against FISSA"
        return Status(state, _describe(drawn) + remark)
    other = "the accelerated solver's" if exact else "FISSA's"
    if agreement.same:
        return Status(state, f"{_describe(drawn)} · same as {other}: r = {agreement.r:.4f}")
    own, its = agreement.objectives
    remark = f" · another minimum than {other}: r = {agreement.r:.3f}, objective {own:.6g} against {its:.6g}"
    return Status(state, _describe(drawn) + remark, rival="Show the other" if exact else "Show FISSA's")


def _describe(result: Separation) -> str:
    name = "ICA"
    if result.settings.method == "nmf":
        name = "FISSA's NMF" if result.settings.solver == "fissa" else "NMF, accelerated,"
    seed = f", seed {result.seed}" if result.settings.seed is None else ""
    verb = "converged after" if result.converged else "did not converge within"
    return f"{name} {verb} {result.iterations:,} iterations, {result.seconds:.2f} s{seed}"
