"""The result on screen, which is what is copied, drawn in figures and exported."""

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.result import Separation
from neuropil_gui.core.settings_summary import brief
from neuropil_gui.state.session import Session


def result_on_screen(session: Session) -> Separation | None:
    """Return the result on screen, None for none yet.

    Parameters
    ----------
    session : Session

    Returns
    -------
    Separation or None

    Raises
    ------
    DataError
        (a ValueError) Where a draft, or an earlier iteration of a run, is on screen in place of a result.
    """
    if session.draft is not None and session.delta_f.baseline is None:
        raise DataError("What is drawn is a draft, not a result: wait for the result, or press Run.")
    if session.iteration is not None:
        raise DataError(
            f"What is drawn is iteration {session.iteration:,} of this run, not its result: press Escape in the "
            "Convergence plot first."
        )
    return session.result


def remark_on_settings(session: Session) -> str:
    """Return words on the result, with a comma before, where other settings made it than those that stand; else "".

    Parameters
    ----------
    session : Session

    Returns
    -------
    str
    """
    result = session.result
    if result is None or session.answered:
        return ""
    return f", made with earlier settings: {brief(result.settings, result.n)}"
