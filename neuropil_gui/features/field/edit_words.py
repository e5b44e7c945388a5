"""Words of drawing on the Field page: buttons, hints, steps, refusals."""

from dataclasses import fields

from neuropil_gui.features.field.drawing_modes import DELETE, ELLIPSE, FREEHAND, MERGE, POLYGON, RESHAPE, SPLIT
from neuropil_gui.imaging.regions import RegionSettings

SETTINGS = {
    "regions": "regions",
    "expansion": "area",
    "exclude_others": "exclude other cells",
    "gap": "gap",
    "weighted": "weights",
}
"""Words for the settings of regions."""

BUTTONS = {
    RESHAPE: (
        "Edit",
        "Move and reshape the selected ROI; traces and separation follow the hand. Arrows move it by a pixel, "
        "with Alt they stretch an ellipse, Del deletes it (E)",
    ),
    FREEHAND: ("Freehand", "Draw a ROI with one stroke (T)"),
    POLYGON: ("Polygon", "Draw a ROI corner by corner"),
    ELLIPSE: ("Ellipse", "Draw an ellipse from one corner of its box to the other"),
    SPLIT: ("Split", "Split a ROI by a line"),
    MERGE: ("Merge", "Merge the ROIs that a box touches into a new one"),
    DELETE: ("Delete", "Delete a ROI by a click, or all that a box touches"),
}
"""Text and tool tip of the button of each mode."""

HINTS = {
    "": "",
    RESHAPE: "Drag the ROI or a corner · Shift or Ctrl and click: corner more or less · Esc: end",
    FREEHAND: "Drag around the cell · Shift: add to the selected ROI, Ctrl: take away · Esc: end",
    POLYGON: "Click corners · double click or Return: close · Backspace: one back · Esc: end",
    ELLIPSE: "Drag from corner to corner of its box · Shift: a circle · Esc: end",
    SPLIT: "Drag a line across a ROI · Esc: end",
    MERGE: "Drag a box that touches the ROIs to merge · Esc: end",
    DELETE: "Click a ROI, or drag a box over several · Esc: end",
}
"""Hints on what mouse and keys do in each mode."""


FORM = {
    "regions": ("Number", "Number of neuropil regions around each ROI; FISSA's default is 4"),
    "expansion": ("Area", "Area of each region, as a multiple of the ROI's, no unit; FISSA's default is 1"),
    "gap": ("Gap", "Steps of growth around the ROI whose pixels belong to no region; FISSA has none (0)"),
    "exclude": (
        "Exclude other cells",
        "Leave pixels of other ROIs out of regions; FISSA does not, and its regions may hold other cells",
    ),
}
"""Label and tool tip of each control of regions."""

MOVE_STEP, RESHAPE_STEP, DRAW_STEP = "move {}", "reshape {}", "draw {}"
SPLIT_STEP, MERGE_STEP, DELETE_STEP = "split {}", "merge {}", "delete {}"

CLICKED = {
    FREEHAND: "A click draws nothing: drag around the cell.",
    ELLIPSE: "A click draws nothing: drag from corner to corner of a box.",
    SPLIT: "A click splits nothing: drag a line across a ROI.",
    MERGE: "A click merges nothing: drag a box over some ROIs.",
}
"""Why a click does nothing in a mode that takes drags."""

NO_ROI_HERE = "There is no ROI here: click one, or drag a box over some."
NOTHING_IN_BOX = "The box touches no ROI."
NO_CORNERS = "An ellipse has no corners: drag one of its four handles."
NO_CORNER_HERE = "There is no corner here: click one with Ctrl."
READING = "Reading around this ROI ({:.0%}); until then a draft"

NOT_HERE = {
    "none": "ROIs can be drawn once the field of view is found.",
    "movie": "ROIs can be drawn where the movie is at hand.",
    "suite2p": "These traces are suite2p's own. To draw ROIs, open its movie (data.bin) with its ROIs (stat.npy).",
}
"""Why ROIs cannot be drawn."""


def done(text: str) -> str:
    """Return that a step was done, and how to take it back."""
    return f"Done: {text}. Ctrl+Z takes it back."


def regions_step(before: RegionSettings, after: RegionSettings) -> str:
    """Return which of the settings of regions changed, and how."""
    changed = [each.name for each in fields(RegionSettings) if getattr(before, each.name) != getattr(after, each.name)]
    if len(changed) > 1:
        return "neuropil regions"
    name = changed[0]
    was, now = getattr(before, name), getattr(after, name)
    if isinstance(now, bool):
        return f"{SETTINGS[name]} {'on' if now else 'off'}"
    return f"{SETTINGS[name]} {was:g} → {now:g}"
