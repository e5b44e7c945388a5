"""Texts on candidates and differences on the page Compare."""

import math
from html import escape

from neuropil_gui.core.analysis.candidates import CANDIDATE_NUMBERS, Candidate, Difference
from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.analysis.rival import Rival

SHORT = {
    "raw": "raw", "fixed": "k fixed", "regression": "regression", "robust": "robust", "cross_validation": "cross-val.",
    "nmf": "NMF", "ica": "ICA", "present": "current", "ast": "ASt", "tuncat": "TUnCaT",
}  # fmt: skip
"""For where there is little room; others have their key."""


def tip(rival: Rival | None) -> str:
    """Return what a rival assumes, when it fails and its reference, as rich text; empty for other candidates."""
    if rival is None:
        return ""
    # What a plug-in says of itself is text, whatever signs are in it.
    assumes, fails, source, package = map(escape, (rival.assumes, rival.fails, rival.source, rival.plug_in))
    cite = f"<br><b>Source</b>: {source}" if source else ""
    cite += f"<br><b>Plug-in</b>: {package}" if package else ""
    return f"<br><b>Assumes</b>: {assumes}<br><b>Fails</b>: {fails}{cite}"


def numbers(made: Candidate | None) -> tuple[str, ...]:
    """Return a candidate's numbers as texts, one for each column of the list; empty where there is none."""
    values = made.numbers if made is not None else {}
    # The unit stands in the column's title.
    texts = {key: NUMBERS[key].text(value).removesuffix(" %") for key, value in values.items()}
    return tuple(texts.get(key, "") for key in CANDIDATE_NUMBERS)


def moved(shift: float, level: float) -> str:
    """Return by how much a trace is shifted to `level`; empty where it is not."""
    if abs(shift) <= 1e-9 * max(abs(level), abs(shift - level)):
        return ""
    return f"{'+' if shift > 0 else chr(0x2212)}{abs(shift):.4g}"


def difference(found: Difference, rate: float | None) -> str:
    """Return the correlation of two traces, and where they differ most."""
    where = f"{found.frame / rate:.2f} s" if rate else f"frame {found.frame:,}"
    return f"r = {_r(found)}, at most {found.greatest:.3g} at {where}"


def parity(found: Difference) -> str:
    """Return how close a result is to the one that the file carries."""
    part = ""
    if not math.isnan(found.part):
        value = 100 * found.part
        percent = (
            f"{value:.0f} %" if value >= 10 else f"{value:.2g} %" if value >= 0.01 or value == 0 else "below 0.01 %"
        )
        part = f" ({percent} of the range)"
    return f"r = {_r(found)}, greatest difference {found.greatest:.3g}{part}"


def _r(found: Difference) -> str:
    return "undefined" if math.isnan(found.r) else f"{found.r:.4f}".replace("-", "\N{MINUS SIGN}")
