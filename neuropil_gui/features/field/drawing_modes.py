"""Names of the modes of drawing on the Field page."""

RESHAPE, FREEHAND, POLYGON, ELLIPSE, SPLIT, MERGE, DELETE = MODES = (
    "reshape", "freehand", "polygon", "ellipse", "split", "merge", "delete",
)  # fmt: skip
