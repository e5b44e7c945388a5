"""Words of the Field page: pictures, ways to colour cells, sentences."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from neuropil_gui.core.recording import CellHeader
from neuropil_gui.formats.paths import counted
from neuropil_gui.imaging.field_of_view import FieldOfView, RegionFacts
from neuropil_gui.imaging.regions import RegionSettings

NO_RECORDING = "Open a movie with its ROIs, or a folder that suite2p wrote, to see where its cells lie."
LOOKING = "Looking for the field of view …"
READING = "Pictures of the movie: {:.0%} read"
GROWING = "Regions of all cells: {:.0%} made"
TRACES = "Traces of the ROIs that were changed: {:.0%} of the movie read"
TRACES_CANCELLED = "Cancelled: the traces of the ROIs that were changed are not read."
CANCELLED = "Cancelled: the pictures are of the frames read so far."

IDLE = "Click: select · drag: move · wheel: zoom · double click: all · right drag: contrast"

PICTURES = {
    "mean": ("Mean", "The mean of all frames"),
    "max": ("Maximum", "The highest value of each pixel: cells that were active once stand out"),
    "sd": ("Standard deviation", "How much each pixel varies: bright and noisy pixels stand out as well"),
    "correlation": (
        "Correlation",
        "The mean of Pearson's r of each pixel with those above, below, left and right: what is active as one stands "
        "out, however dark. Of suite2p's folder, its own picture of correlation (Vcorr)",
    ),
    "enhanced": ("Enhanced mean", "suite2p's mean picture with even brightness (meanImgE)"),
    "frame": ("Frame", "One frame, or the mean of some around it, at the line in the traces below"),
}
"""Name and tool tip of each picture."""


ANEW = "The traces are made anew from the movie, and undo brings the old ones back."


@dataclass(frozen=True)
class Remedy:
    """Another way to make regions: text and tool tip of its button, the name of the step, and the settings."""

    text: str
    tip: str
    step: str
    settings: RegionSettings


def remedies(settings: RegionSettings) -> list[Remedy]:
    """Return what keeps other cells out of regions: leaving their pixels out, and growing further away."""
    found = []
    if not settings.exclude_others:
        found.append(
            Remedy(
                "Exclude other cells",
                f"Leave pixels of other cells out of all regions, which grow further instead; FISSA does not. {ANEW}",
                "exclude other cells",
                replace(settings, exclude_others=True),
            )
        )
    gap = settings.gap + 2
    found.append(
        Remedy(
            f"Gap of {gap}",
            f"Let the regions of all cells begin {gap} steps of growth away from the ROI; FISSA leaves no gap. {ANEW}",
            f"gap of {gap}",
            replace(settings, gap=gap),
        )
    )
    return found


HELP = """<b>Field</b><p>Where the cells lie, on a picture of what was imaged. The selected cell is drawn bold, its
neuropil regions are filled. A click selects a cell; point at a region to light its row of the mixing matrix and its
trace, and the other way round.</p>
<p><b>Pictures</b> are made in one pass over the movie, and are there as far as it is read. Contrast: the percentiles
at the right, the edges of the histogram, or a drag with the right button.</p>
<p><b>Colours</b> of the outlines: your mark, or a number of each cell; grey where it is not known.</p>
<p><b>Regions</b>: how many pixels, which share of them belongs to other cells, and which share would lie beyond the
picture. FISSA's regions may hold other cells; whose light then counts as neuropil.</p>
<p><b>Edit, Freehand, Polygon, Ellipse, Split, Merge, Delete</b> change the ROIs, where the movie is at hand. Esc ends
each, Ctrl+Z takes a step back. Traces and separation follow a ROI that is dragged.</p>
<p>The slider shows single frames; the line in the traces is at the same frame.</p>"""


def pixel_words(found: FieldOfView, x: float, y: float, value: float | None, headers: Sequence[CellHeader]) -> str:
    """Return what there is to say of a place in the picture."""
    rows, columns = found.shape
    if not (0 <= x < columns and 0 <= y < rows):
        return ""
    parts = [f"x {int(x)}, y {int(y)}"]
    if value is not None and value == value:
        parts.append(f"{value:,.4g}".replace("-", "\N{MINUS SIGN}"))
    cell = found.cell_at(x, y)
    if cell is not None:
        parts.append(headers[cell].name)
    return " · ".join(parts)


def escaped(text: str) -> str:
    """Return a name as rich text."""
    return text.replace("&", "&amp;").replace("<", "&lt;")


def share_words(share: float) -> str:
    """Return a share as per cent; a dash where it is not known."""
    if share != share:
        return "–"
    return "0 %" if share == 0 else "< 1 %" if share < 0.01 else f"{100 * share:.0f} %"


def warning_of(facts: Sequence[RegionFacts], headers: Sequence[CellHeader]) -> str:
    """Return a warning about regions that are mostly another cell, or have no pixel; empty where none is."""
    doubtful = [each for each in facts[1:] if each.doubtful]
    parts = [
        f"{100 * each.others:.0f} % of {each.name} lies in "
        f"{'other cells' if each.most is None else headers[each.most].name}"
        for each in doubtful
    ]
    empty = [each.name for each in facts if not each.pixels]
    sentences = []
    if parts:
        sentences.append(f"{', '.join(parts)}: that light counts as neuropil.")
    if empty:
        sentences.append(f"{', '.join(empty)} has no pixel and is left out.")
    return " ".join(sentences)


def summary(found: FieldOfView) -> str:
    """Return how many cells there are, and how many have a region that is mostly another one."""
    rows, columns = found.shape
    text = f"{columns} × {rows} pixels, {counted(len(found.cells), 'cell')}"
    if found.movie is not None:
        text += f", {found.movie.shape[0]:,} frames"
    if found.doubtful:
        text += f" · {counted(len(found.doubtful), 'cell')} with a region that is mostly another cell"
    return text
