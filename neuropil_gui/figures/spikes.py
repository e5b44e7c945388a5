"""Figure of a cell's traces against its spikes: averages around them, ROC, and its area over r and alpha."""

import math
from collections.abc import Iterable, Sequence
from typing import Literal

import numpy as np

from neuropil_gui.core.analysis.rivals import RIVALS
from neuropil_gui.core.analysis.spike_detection import AucPoint, SpikeTest
from neuropil_gui.core.analysis.spike_in_plan import RESULT
from neuropil_gui.core.analysis.subtraction import USUAL_FACTOR
from neuropil_gui.core.recording import Cell
from neuropil_gui.figures import page, scales, traces
from neuropil_gui.figures.figure import ResultFigure
from neuropil_gui.figures.page import FAINT, GAP, MARGIN, RAW, Entry, Ink, Panel
from neuropil_gui.figures.palette import COMPARED, LIGHT, OKABE_ITO, readable

LINES: tuple[Literal["-", "--", ":", "-."], ...] = ("-", "--", ":", "-.")


def plot_spike_test(
    found: SpikeTest,
    cell: Cell,
    *,
    points: Iterable[AucPoint] = (),
    frame_rate: float | None = None,
    size_mm: tuple[float, float] = (180.0, 55.0),
    dpi: int = 300,
) -> ResultFigure:
    """Draw averages of traces around spikes, the ROC of each, and the area under it over r and alpha.

    Parameters
    ----------
    found : SpikeTest
        Of `cell`.
    cell : Cell
    points : iterable of AucPoint, optional
        AUC over alpha, whose axis has no place for 0; the last panel is left out where there are none.
    frame_rate : float, optional
        In Hz; without it times are in frames.
    size_mm, dpi
        As of `plot_separation`.

    Returns
    -------
    ResultFigure

    Raises
    ------
    DataError
        (a ValueError) When the page is too small.
    """
    figure = ResultFigure(size_mm, dpi)
    over = [each for each in points if each.value > 0 and math.isfinite(each.auc)]
    panels = [
        (_average(figure, found), f"Time from spike ({'s' if frame_rate else 'frames'})"),
        (_roc(figure, found), "False detections"),
    ]
    raw, result = found.responses["raw"].roc.auc, found.responses[RESULT].roc.auc
    if found.over_factor:
        panel = _auc(figure, found.over_factor, _ink("fixed"), result, _ink(RESULT), "AUC over r", False)
        panels.append((panel, "r of F \N{MINUS SIGN} r Fneu"))
    if over:
        panels.append((_auc(figure, over, _ink(RESULT), raw, _ink("raw"), "AUC over alpha", True), "log10 of alpha"))
    width, height = (each - 2 * MARGIN for each in figure.get_size_inches() * 72)
    each = (width - 2 * GAP * (len(panels) - 1)) / len(panels)
    for place, (panel, label) in enumerate(panels):
        traces.stack([panel], label, MARGIN + place * (each + 2 * GAP), MARGIN, each, height)
    figure.title = f"{cell.name}, spikes"
    aucs = ", ".join(f"{_name(key)} {one.roc.auc:.3f} ± {one.roc.error:.3f}" for key, one in found.responses.items())
    parts = [f"{found.events} events against {found.windows} windows without a spike. AUC: {aucs}."]
    if found.over_factor:
        best = found.best_factor
        parts.append(f"F \N{MINUS SIGN} r Fneu is best at r = {best.value:.2f}, {best.auc:.3f}.")
    figure.description = " ".join((*parts, *found.remarks))
    return figure


def _name(method: str) -> str:
    if method == RESULT:
        return "best match"
    if method == "fixed":
        return f"F \N{MINUS SIGN} {USUAL_FACTOR:g} Fneu"
    return RIVALS[method].label if method in RIVALS else method


def _ink(method: str) -> Ink:
    if method == RESULT:
        return page.component_ink(0, 0.9)
    if method == "raw":
        return Ink(RAW, 0.6)
    colour, line = COMPARED.get(method, (7, 0))
    return Ink(readable(OKABE_ITO[colour], LIGHT.base, LIGHT.line_contrast), 0.7, LINES[line])


def _average(figure: ResultFigure, found: SpikeTest) -> Panel:
    axes = figure.add_subplot()
    scales.dress(axes)
    axes.axhline(0, color=FAINT, linewidth=0.4)
    axes.axvline(0, color=FAINT, linewidth=0.4)
    shown, entries = [], list[Entry]()
    for key, each in found.responses.items():
        ink, error = _ink(key), np.nan_to_num(each.error)
        axes.fill_between(found.times, each.mean - error, each.mean + error, color=ink.colour, alpha=0.18, linewidth=0)
        axes.plot(found.times, each.mean, color=ink.colour, linewidth=ink.points, linestyle=ink.line)
        shown += [each.mean - error, each.mean + error]
        entries.append((_name(key), ink))
    axes.set_xlim(found.times[0], found.times[-1])
    values = np.concatenate(shown)
    traces.fit_values(axes, values[np.isfinite(values)])
    axes.set_ylabel("Light above that before")
    return Panel(axes, "Average", entries)


def _roc(figure: ResultFigure, found: SpikeTest) -> Panel:
    axes = figure.add_subplot()
    scales.dress(axes)
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=0.4)
    for key, each in found.responses.items():
        ink = _ink(key)
        axes.plot(each.roc.false_rate, each.roc.true_rate, color=ink.colour, linewidth=ink.points, linestyle=ink.line)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.set_ylabel("Spikes detected")
    return Panel(axes, "ROC", [])


def _auc(
    figure: ResultFigure, points: Sequence[AucPoint], ink: Ink, level: float, level_ink: Ink, title: str, log: bool
) -> Panel:
    axes = figure.add_subplot()
    scales.dress(axes)
    xs = np.array([math.log10(each.value) if log else each.value for each in points])
    aucs, errors = np.array([each.auc for each in points]), np.array([each.error for each in points])
    axes.axhline(level, color=level_ink.colour, linewidth=0.6, linestyle="--")
    for x, auc, error in zip(xs, aucs, errors, strict=True):
        axes.plot([x, x], [auc - error, auc + error], color=ink.colour, linewidth=0.4)
    axes.plot(xs, aucs, "o-", color=ink.colour, linewidth=0.7, markersize=2)
    axes.set_xlim(xs.min() - 0.05, xs.max() + 0.05)
    traces.fit_values(axes, np.concatenate([aucs - errors, aucs + errors, [level]]))
    axes.set_ylabel("AUC")
    return Panel(axes, title, [("best match" if level_ink.colour == _ink(RESULT).colour else "raw ROI", level_ink)])
