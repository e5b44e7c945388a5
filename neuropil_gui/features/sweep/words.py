"""Texts on a tile of a sweep, one line and a tool tip, and on held-out blocks."""

import math
from html import escape

from neuropil_gui.core.analysis.bi_cross_validation import HeldOut
from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.analysis.pairing import SAME
from neuropil_gui.core.analysis.sweep import TILE_NUMBERS, Tile
from neuropil_gui.core.analysis.sweep_plans import Axis, SweepPlan, value_text

IN_LINE = ("score", "r_neuropil", "explained", "r_truth")
"""The numbers of a tile's line, beside how many components are alive."""


def labels(axis: Axis) -> list[str]:
    """Return the texts of all values of an axis."""
    return [value_text(axis.name, value) for value in axis.values]


def place_text(plan: SweepPlan, place: tuple[int, int]) -> str:
    """Return the swept settings at a place of a plan, such as "alpha 0.1, n 3"."""
    found = [f"{plan.x.name} {labels(plan.x)[place[0]]}"]
    if plan.y is not None:
        found.append(f"{plan.y.name} {labels(plan.y)[place[1]]}")
    return ", ".join(found)


def number_text(key: str, value: float) -> str:
    """Return a number as a tile shows it; a dash where it is not defined."""
    if not math.isfinite(value):
        return "\N{EN DASH}"
    text = f"{value:,.0f}" if key in ("alive", "iterations") else f"{value:.3g}"
    return text.replace("-", "\N{MINUS SIGN}")


def state_text(tile: Tile) -> str:
    """Return how a separation ended; empty where it converged."""
    found = [
        "draft" if tile.draft else "",
        "collapsed: nothing separated" if tile.collapsed else "",
        "" if tile.converged or tile.error or tile.draft else "not converged",
        "over-subtracted?" if tile.over_subtracted else "",
        check_text(tile),
    ]
    return ", ".join(each for each in found if each)


def check_text(tile: Tile) -> str:
    """Return how a tile agrees with FISSA's own result; empty where there is nothing to check."""
    if tile.draft or tile.error:
        return ""
    if tile.unchecked:
        return "unchecked against FISSA"
    if math.isnan(tile.r_fissa):
        return ""
    r = f"r = {tile.r_fissa:.4f}"
    if tile.settings.solver == "fissa":
        return f"FISSA's own, with the lower objective (the accelerated solver's: {r})"
    return f"same as FISSA's: {r}" if tile.r_fissa >= SAME else f"other than FISSA's: {r}"


def line(plan: SweepPlan, place: tuple[int, int], tile: Tile | None) -> str:
    """Return the numbers of a place in one line."""
    parts = [place_text(plan, place)]
    if tile is None:
        return f"{parts[0]} · not separated yet"
    if tile.error:
        return f"{parts[0]} · {tile.error}"
    parts.append(f"{tile.value('alive'):.0f} of {tile.n} components alive")
    values = {key: tile.value(key) for key in IN_LINE}
    parts += [
        f"{NUMBERS[key].name} {number_text(key, value)}" for key, value in values.items() if not math.isnan(value)
    ]
    parts.append(state_text(tile))
    return " · ".join(each for each in parts if each)


def tip(plan: SweepPlan, place: tuple[int, int], tile: Tile | None) -> str:
    """Return the tool tip of a place as rich text."""
    head = f"<b>{escape(place_text(plan, place))}</b>"
    if tile is None:
        return f"<qt>{head}<br>not separated yet</qt>"
    if tile.error:
        return f"<qt>{head}<p>{escape(tile.error)}</p></qt>"
    rows = [
        f"<tr><td>{escape(NUMBERS[key].name)}&nbsp;&nbsp;</td><td align='right'>{number_text(key, value)}"
        f"{' of ' + str(tile.n) if key == 'alive' else ' s' if key == 'seconds' else ''}</td></tr>"
        for key, value in ((key, tile.value(key)) for key in TILE_NUMBERS)
        if not math.isnan(value)
    ]
    state = state_text(tile)
    parts = f"<br>{escape(state)}" if state else ""
    return f"<qt>{head}{parts}<table>{''.join(rows)}</table>Click to take these settings.</qt>"


def value_texts(found: HeldOut) -> list[str]:
    """Return the texts of all values of held-out blocks, in their order."""
    return [value_text(found.name, value) for value in found.values]


def held_out_line(found: HeldOut, place: int) -> str:
    """Return what is known of held-out blocks at a value, in one line."""
    head, mean = f"{found.name} {value_texts(found)[place]}", found.means[place]
    if math.isnan(mean):
        return f"{head} · not predicted yet"
    text = f"{head} · error {mean:.3f}, mean of {found.errors.shape[1]} blocks"
    if place == found.best:
        return f"{text} · the least"
    more, error = mean - found.means[found.best], found.difference_errors[place]
    return f"{text} · {more:.3f} \N{PLUS-MINUS SIGN} {error:.3f} above the least"
