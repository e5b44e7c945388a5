"""Figure of a spike-in test: put in against came back, the mean transient, and gain and leak over alpha."""

import math
from collections.abc import Iterable

import numpy as np

from neuropil_gui.core.analysis.spike_in import SpikeIn, SpikeInPoint
from neuropil_gui.core.recording import Cell
from neuropil_gui.figures import page, scales, traces
from neuropil_gui.figures.figure import ResultFigure
from neuropil_gui.figures.page import FAINT, GAP, MARGIN, RAW, Entry, Ink, Panel
from neuropil_gui.figures.palette import LIGHT, OKABE_ITO, readable
from neuropil_gui.figures.result import described


def plot_spike_in(
    found: SpikeIn,
    cell: Cell,
    *,
    points: Iterable[SpikeInPoint] = (),
    size_mm: tuple[float, float] = (180.0, 60.0),
    dpi: int = 300,
) -> ResultFigure:
    """Draw what came back of added transients over what was put in, the mean transient, and both over alpha.

    Parameters
    ----------
    found : SpikeIn
        Of `cell`.
    cell : Cell
    points : iterable of SpikeInPoint, optional
        Gain and leak over alpha, whose axis has no place for 0; the last panel is left out where there are none.
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
    made, over = found.result, [each for each in points if each.alpha > 0]
    time = "Time from onset (s)" if found.frame_rate else "Frames from onset"
    panels = [(_put_in(figure, found), "Peak put in"), (_course(figure, found), time)]
    if over:
        panels.append((_over_alpha(figure, over, found.reference.settings.alpha), "log10 of alpha"))
    width, height = (each - 2 * MARGIN for each in figure.get_size_inches() * 72)
    each = (width - 2 * GAP * (len(panels) - 1)) / len(panels)
    for place, (panel, label) in enumerate(panels):
        traces.stack([panel], label, MARGIN + place * (each + 2 * GAP), MARGIN, each, height)
    figure.title = f"{cell.name}, spike-in test"
    gain, leak, test = made.gain, made.leak, found.test
    counts = [len(each.put_in) for each in made.repeats]
    least, most = min(counts), max(counts)
    added = f"{least}" if least == most else f"{least} to {most}"
    figure.description = " ".join(
        (
            described(found.reference),
            f"{added} transients ({test.kernel}) were added in each of {test.repeats} repeats, seed {test.seed}: "
            f"gain {gain.mean:.3f} ({gain.low:.3f} to {gain.high:.3f}), "
            f"leak {leak.mean:.3f} ({leak.low:.3f} to {leak.high:.3f}).",
            *found.remarks,
        )
    ).strip()
    return figure


def _other() -> str:
    """Return the colour of light that is not the cell's."""
    return readable(OKABE_ITO[4], LIGHT.base, LIGHT.line_contrast)


def _put_in(figure: ResultFigure, found: SpikeIn) -> Panel:
    axes = figure.add_subplot()
    scales.dress(axes)
    repeats, own = found.result.repeats, page.component_colour(0)
    put_in = np.concatenate([each.put_in for each in repeats])
    came_back = np.concatenate([each.came_back for each in repeats])
    leaked = np.concatenate([each.leaked for each in repeats])
    ends = np.array([0.0, float(put_in.max())])
    axes.plot(ends, ends, color=RAW, linewidth=0.6, linestyle="--", zorder=1)
    axes.plot(ends, 0 * ends, color=FAINT, linewidth=0.4, zorder=1)
    axes.plot(
        put_in, leaked, "o", markersize=1.8, markerfacecolor="none", markeredgecolor=_other(), markeredgewidth=0.4
    )
    axes.plot(put_in, came_back, "o", markersize=1.8, color=own, markeredgewidth=0)
    axes.plot(ends, found.result.gain.mean * ends, color=own, linewidth=0.8)
    axes.set_xlim(0, 1.06 * ends[1])
    traces.fit_values(axes, np.concatenate([ends, came_back, leaked]))
    axes.set_ylabel("Peak that came back")
    entries: list[Entry] = [("the cell's light", Ink(own, 0.8)), ("other light", Ink(_other(), 0.8))]
    return Panel(axes, "Put in, came back", entries)


def _course(figure: ResultFigure, found: SpikeIn) -> Panel:
    axes = figure.add_subplot()
    scales.dress(axes)
    made, times = found.result, np.arange(len(found.kernel)) / (found.frame_rate or 1.0)
    inks = {
        "put in": (made.before, Ink(RAW, 0.6, "--")),
        "came back": (made.after, page.component_ink(0, 0.9)),
        "of other light": (made.other, Ink(_other(), 0.7, ":")),
    }
    axes.axhline(0, color=FAINT, linewidth=0.4)
    for course, ink in inks.values():
        axes.plot(times, course, color=ink.colour, linewidth=ink.points, linestyle=ink.line)
    axes.set_xlim(0, times[-1])
    shown = np.concatenate([course for course, _ in inks.values()])
    traces.fit_values(axes, shown[np.isfinite(shown)])
    axes.set_ylabel("Light above the recording")
    return Panel(axes, "Mean transient", [(name, ink) for name, (_, ink) in inks.items()])


def _over_alpha(figure: ResultFigure, points: list[SpikeInPoint], alpha: float) -> Panel:
    axes = figure.add_subplot()
    scales.dress(axes)
    xs = np.log10([each.alpha for each in points])
    for level in (0.0, 1.0):
        axes.axhline(level, color=FAINT, linewidth=0.4)
    if alpha > 0:
        axes.axvline(math.log10(alpha), color=LIGHT.muted, linewidth=0.5, linestyle="--")
    shown = [np.array([0.0, 1.0])]
    inks = {"gain": page.component_ink(0, 0.8), "leak": Ink(_other(), 0.8)}
    for name, ink in inks.items():
        numbers = [getattr(each, name) for each in points]
        means = np.array([each.mean for each in numbers])
        for x, each in zip(xs, numbers, strict=True):
            axes.plot([x, x], [each.low, each.high], color=ink.colour, linewidth=0.4)
        face = ink.colour if name == "gain" else LIGHT.base
        axes.plot(xs, means, "o-", color=ink.colour, linewidth=0.8, markersize=3, markerfacecolor=face)
        shown += [means - 0.25, means + 0.25]
    axes.set_xlim(xs.min() - 0.1, xs.max() + 0.1)
    traces.fit_values(axes, np.concatenate(shown))
    axes.set_ylabel("Gain, leak")
    return Panel(axes, "Over alpha", list(inks.items()))
