"""What a figure is made of, as values: panels, curves and words, in the light theme's colours."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from PyQt5.QtCore import Qt

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.figures.palette import LIGHT, OKABE_ITO
from neuropil_gui.ui import style

if TYPE_CHECKING:
    from neuropil_gui.core.arrays import FloatArray

PARTS = {"raw": "Raw", "separated": "Separated", "matched": "Best match", "mixing": "Mixing matrix"}
SMALLEST_MM, LARGEST_MM = 20.0, 1000.0
SMALLEST_DPI, LARGEST_DPI = 50, 1200
FULL_POINTS = 10_000
"""Up to this many points of a trace are all drawn."""
PAPER = LIGHT
SOLID, DASH, DOT, _ = style.LINE_STYLES
SIGNAL_LABEL = "Signal (a.u.)"
"""The unit is the file's own, which no format tells."""
NOT_SEPARATED = "not separated yet"


@dataclass(frozen=True)
class FigureSpec:
    """What a figure shows, and how large it is."""

    parts: tuple[str, ...] = tuple(PARTS)
    width_mm: float = 180.0
    height_mm: float = 120.0
    dpi: int = 300
    whole_recording: bool = False
    normalised: bool = True

    def __post_init__(self) -> None:
        if not self.parts or not set(self.parts) <= set(PARTS):
            raise DataError(f"A figure shows one or more of {', '.join(PARTS)}, but {self.parts} was found.")
        for name, value in (("width", self.width_mm), ("height", self.height_mm)):
            if not SMALLEST_MM <= value <= LARGEST_MM:
                raise DataError(
                    f"A figure's {name} is from {SMALLEST_MM:g} to {LARGEST_MM:g} mm, but {value:g} mm was found."
                )
        if not SMALLEST_DPI <= self.dpi <= LARGEST_DPI:
            raise DataError(f"A figure has from {SMALLEST_DPI} to {LARGEST_DPI} dpi, but {self.dpi:g} was found.")

    def pixels(self) -> tuple[int, int]:
        """Return the width and the height of the picture in pixels."""
        return round(self.width_mm / 25.4 * self.dpi), round(self.height_mm / 25.4 * self.dpi)


@dataclass(frozen=True)
class Ink:
    """How a line is drawn; its width is in points."""

    colour: str
    points: float
    line: Qt.PenStyle = SOLID


@dataclass(frozen=True, eq=False)
class Curve:
    """A trace: its own numbers, and where the axis has them (`y * scale + shift`)."""

    x: "FloatArray"
    y: "FloatArray"
    ink: Ink
    scale: float = 1.0
    shift: float = 0.0


@dataclass(frozen=True, eq=False)
class TracePanel:
    """One plot over time; `lanes` are its names and their colours, where it has these instead of a scale."""

    title: str
    label: str
    legend: tuple[tuple[str, Ink | None], ...] = ()
    curves: tuple[Curve, ...] = ()
    limits: tuple[float, float] = (0.0, 1.0)
    lanes: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, eq=False)
class MatrixPanel:
    """The mixing matrix, signals x components in matched order."""

    title: str
    label: str
    values: "FloatArray"
    alive: tuple[bool, ...]
    rows: tuple[str, ...]
    columns: tuple[tuple[str, str], ...]
    levels: tuple[float, float]
    colours: str
    note: str = ""


@dataclass(frozen=True, eq=False)
class Figure:
    """All that is drawn, and a sentence on it for the file."""

    traces: tuple[TracePanel, ...]
    matrix: MatrixPanel | None
    x_label: str
    x_limits: tuple[float, float]
    trials: tuple[float, ...]
    title: str
    description: str


def make_figure(
    spec: FigureSpec,
    cell: Cell,
    separation: Separation | None,
    frame_rate: float | None,
    time_range: tuple[float, float] | None,
) -> Figure:
    """Put a figure together from the same values that the screen shows.

    `time_range` is in seconds where the frame rate is known, else in frames; None is the whole recording.
    """
    x = np.arange(cell.traces.shape[1]) / (frame_rate or 1.0)
    start, end = float(x[0]), float(x[-1])
    if time_range is not None and not spec.whole_recording:
        start, end = max(start, min(time_range)), min(end, max(time_range))
    inside = np.flatnonzero((x >= start) & (x <= end))
    if not len(inside):
        raise DataError("There is no frame in the time in view: show more of it, or the whole recording.")
    seen = slice(int(inside[0]), int(inside[-1]) + 1)
    panels = []
    for name in PARTS:
        if name in spec.parts and name != "mixing":
            panel = {"raw": _raw, "separated": _separated, "matched": _matched}[name](x, seen, cell, separation)
            panels.append(panel)
    bins = max(FULL_POINTS // 2, spec.pixels()[0])
    is_reduced = bool(panels) and len(inside) > 2 * bins
    if is_reduced:
        panels = [replace(each, curves=tuple(_reduced(curve, bins) for curve in each.curves)) for each in panels]
    said = [f"{', '.join(PARTS[name].lower() for name in PARTS if name in spec.parts)} of {cell.name}."]
    said += [_settings(separation)] if separation is not None else []
    if is_reduced:
        said.append(
            f"Of {len(inside)} frames a trace, the least and the greatest value of each {-(-len(inside) // bins)} "
            "are drawn."
        )
    return Figure(
        traces=tuple(panels),
        matrix=_matrix(cell, separation, spec.normalised) if "mixing" in spec.parts else None,
        x_label="Time (s)" if frame_rate else "Frame",
        x_limits=(start, end if end > start else start + 1.0 / (frame_rate or 1.0)),
        trials=tuple(
            place for each in cell.trial_starts[1:] if start < (place := (each - 0.5) / (frame_rate or 1.0)) < end
        ),
        title=f"{cell.name}, neuropil separation",
        description=" ".join(each[0].upper() + each[1:] for each in said),
    )


def component_colour(rank: int, ratio: float) -> str:
    """Return a component's colour on paper, with this contrast at least."""
    return style.readable(OKABE_ITO[rank % len(OKABE_ITO)], PAPER.base, ratio).name()


def _component_ink(rank: int, points: float) -> Ink:
    line = style.LINE_STYLES[(rank // len(OKABE_ITO)) % len(style.LINE_STYLES)]
    return Ink(component_colour(rank, PAPER.line_contrast), points, line)


def _raw(x: "FloatArray", seen: slice, cell: Cell, _: Separation | None) -> TracePanel:
    roi, region = Ink(PAPER.text, 0.75), Ink("#9AA1A9", 0.5)
    count, trials = len(cell.traces) - 1, len(cell.trial_starts)
    legend: list[tuple[str, Ink | None]] = [(cell.signal_names[0], roi)]
    if count:
        legend.append((f"{count} neuropil region{'s' * (count > 1)}", region))
    if trials > 1:
        legend.append((f"{trials} trials", Ink(PAPER.muted, 0.5, DOT)))
    # The ROI comes last, to lie on top.
    curves = [Curve(x[seen], row[seen], region) for row in cell.traces[1:]]
    curves.append(Curve(x[seen], cell.traces[0][seen], roi))
    return TracePanel("Raw", SIGNAL_LABEL, tuple(legend), tuple(curves), _roomy(curves))


def _separated(x: "FloatArray", seen: slice, _: Cell, separation: Separation | None) -> TracePanel:
    if separation is None:
        return TracePanel("Separated", "Component", ((NOT_SEPARATED, None),), lanes=())
    curves: list[Curve] = []
    lanes, empty = [], []
    for rank, row in enumerate(separation.order):
        component = separation.separated[row]
        if not component.any():
            empty.append(f"c{rank + 1}")
            continue
        # The whole recording sets the scale, as on the screen, so that noise is not blown up to fill a lane.
        low, high = limits(component)
        scale = 0.8 / (high - low) if high > low else 1.0
        shift = -len(curves) - 0.9 - low * scale
        curves.append(Curve(x[seen], component[seen], _component_ink(rank, 0.6), scale, shift))
        lanes.append((f"c{rank + 1}", component_colour(rank, 4.5)))
    signed = "sign and " if separation.settings.method == "ica" else ""
    legend: list[tuple[str, Ink | None]] = [(f"each lane its own {signed}scale", None)] if curves else []
    if empty:
        legend.insert(0, (f"{', '.join(empty)} {'is' if len(empty) == 1 else 'are'} empty (all zero)", None))
    return TracePanel(
        "Separated", "Component", tuple(legend), tuple(curves), (-float(max(len(curves), 1)), 0.0), tuple(lanes)
    )


def _matched(x: "FloatArray", seen: slice, cell: Cell, separation: Separation | None) -> TracePanel:
    best = separation.matched[0] if separation is not None else None
    raw, said = _levelled(cell.traces[0], best, separation)
    # Dashes come last: they leave to be seen what they lie on.
    lines = [(f"raw {cell.signal_names[0]}{said}", raw, Ink("#9AA1A9", 0.6))]
    if best is not None:
        lines.append(("c1", best, _component_ink(0, 0.75)))
    if cell.truth is not None and cell.truth.sources.shape[-1] == len(x):
        fitted = _fitted(cell.truth.sources[0], raw if best is None else best)
        lines.append(("truth, scaled", fitted, Ink(PAPER.text, 0.6, DASH)))
    if cell.stored is not None and cell.stored.matched.shape[-1] == len(x):
        colour = style.readable(OKABE_ITO[4], PAPER.base, PAPER.line_contrast).name()
        lines.append((cell.stored.origin, cell.stored.matched[0], Ink(colour, 0.6, DASH)))
    curves = tuple(Curve(x[seen], values[seen], ink) for _, values, ink in lines)
    legend: list[tuple[str, Ink | None]] = [(name, ink) for name, _, ink in lines]
    if best is None:
        legend.append((NOT_SEPARATED, None))
    else:
        legend[:2] = legend[1::-1]
    return TracePanel("Best match", SIGNAL_LABEL, tuple(legend), curves, _roomy(curves))


def _levelled(raw: "FloatArray", best: "FloatArray | None", separation: Separation | None) -> tuple["FloatArray", str]:
    """Move the raw ROI to the best match's level as the screen does, and say how."""
    if best is None or separation is None:
        return raw, ""
    if separation.settings.method == "ica":
        return raw - raw.mean(), " \N{MINUS SIGN} its mean"
    shift = float(np.median(raw - best))
    return raw - shift, f" {'+' if shift < 0 else chr(0x2212)} {abs(shift):.4g}"


def _fitted(source: "FloatArray", target: "FloatArray") -> "FloatArray":
    """Return `source` with the scale and offset that bring it nearest to `target`."""
    centred = source - source.mean()
    power = float(centred @ centred)
    scale = float(centred @ (target - target.mean())) / power if power else 0.0
    return np.asarray(scale * centred + target.mean())


def _matrix(cell: Cell, separation: Separation | None, normalised: bool) -> MatrixPanel:
    if separation is None:
        nothing = np.zeros((0, 0))
        return MatrixPanel("Mixing matrix", "", nothing, (), (), (), (0.0, 1.0), "cividis", NOT_SEPARATED)
    values = separation.mixing[:, separation.order]
    alive = tuple(bool(separation.separated[row].any() and separation.mixing[:, row].any()) for row in separation.order)
    if normalised:
        sums = np.abs(values).sum(axis=0)
        values = values / np.where(sums > 0, sums, 1.0)
    most, signed = float(np.abs(values).max()) or 1.0, bool((values < 0).any())
    return MatrixPanel(
        title="Mixing matrix",
        label=("Signed share" if signed else "Share") + " of the component"
        if normalised
        else "Weight (solver's units)",
        values=values,
        alive=alive,
        rows=tuple(name if len(name) <= 12 else name[:11] + "…" for name in cell.signal_names),
        columns=tuple((f"c{rank + 1}", component_colour(rank, 4.5)) for rank in range(values.shape[1])),
        levels=(-most, most) if signed else (0.0, 1.0 if normalised else most),
        colours="CET-D1" if signed else "cividis",
        note=("absolute columns sum to 1" if signed else "columns sum to 1") if normalised else "",
    )


def _settings(separation: Separation) -> str:
    used = separation.settings
    words = [used.method.upper(), f"{separation.n} components"]
    words += [f"alpha {used.alpha:g}"] if used.method == "nmf" else []
    words += [f"seed {separation.seed}", f"{separation.iterations} iterations"]
    return f"{', '.join(words)}, {'converged' if separation.converged else 'not converged'}."


def _roomy(curves: "list[Curve] | tuple[Curve, ...]") -> tuple[float, float]:
    low, high = limits(*(curve.y for curve in curves))
    room = 0.06 * (high - low) or 0.5
    return low - room, high + room


def _reduced(curve: Curve, bins: int) -> Curve:
    """Keep the frames at which each of the bins has its least and its greatest value."""
    count = len(curve.y)
    width = -(-count // bins)
    ends = np.arange(0, count, width)
    padded = np.full(len(ends) * width, np.nan)
    padded[:count] = curve.y
    blocks = padded.reshape(len(ends), width)
    finite = np.isfinite(blocks)
    lows = np.where(finite, blocks, np.inf).argmin(axis=1) + ends
    highs = np.where(finite, blocks, -np.inf).argmax(axis=1) + ends
    # A gap stays a gap: the first value that is no number stands for it.
    gaps = np.flatnonzero(~np.isfinite(curve.y))
    gaps = gaps[np.unique(gaps // width, return_index=True)[1]]
    kept = np.unique(np.concatenate([lows, highs, gaps, [0, count - 1]]))
    return replace(curve, x=curve.x[kept], y=curve.y[kept])


def limits(*arrays: "FloatArray") -> tuple[float, float]:
    """Return the least and the greatest finite value of all; 0 and 1 where there is none."""
    finite = [array[np.isfinite(array)] for array in arrays]
    ends = [(float(values.min()), float(values.max())) for values in finite if values.size]
    return (min(low for low, _ in ends), max(high for _, high in ends)) if ends else (0.0, 1.0)
