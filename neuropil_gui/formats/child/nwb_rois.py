"""ROIs of NWB files, from the tables of segmentation; runs in the child process.

Layout: the NWB 2 schema's PlaneSegmentation, with ``pixel_mask`` (x, y, weight) or ``image_mask`` (ROI, x, y).
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.formats.child.h5_lookup import is_numbers, numbers, text
from neuropil_gui.formats.child.h5file import opened, walk
from neuropil_gui.formats.paths import MOST_CELLS, WHOLE_BYTES, data_error, join_names
from neuropil_gui.formats.progress import tick

_ACCEPTED = ("iscell", "Accepted", "accepted")
_MOST_PIXELS = 2**27


def segmentation(path: Path) -> dict[str, Any]:
    """Return the pixels of all ROIs of the first table of segmentation.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict
        ``x``, ``y`` and ``weight`` of all pixels, ``ends`` (where those of each ROI end), ``accepted`` (a bool for each
        ROI, or None), ``notes``.

    Raises
    ------
    DataError
        When there is none that can be read.
    """
    import h5py

    with opened(path) as file:
        tables = {
            name: group
            for name, group in walk(file)
            if isinstance(group, h5py.Group) and text(group.attrs.get("neurodata_type")) == "PlaneSegmentation"
        }
        if not tables:
            raise data_error(path, "it holds no table of ROIs (PlaneSegmentation).")
        name, table = next(iter(sorted(tables.items())))
        notes = (
            [] if len(tables) == 1 else [f"The first of {len(tables)} tables of ROIs is read: {join_names([name])}."]
        )
        found = _pixel_mask(table)
        if found is None:
            found = _image_mask(table)
        if found is None:
            raise data_error(path, f"{join_names([name])} has neither pixel_mask nor image_mask that can be read.")
        accepted = None
        for column in _ACCEPTED:
            values = numbers(table, column)
            if values is not None and values.ndim in (1, 2) and len(values) == len(found["ends"]) and values.size:
                accepted = np.asarray(values.reshape(len(values), -1)[:, 0] > 0)
                break
        return {**found, "accepted": accepted, "notes": notes}


def _pixel_mask(table: Any) -> dict[str, NDArray[Any]] | None:
    import h5py

    data: Any = table.get("pixel_mask") if "pixel_mask" in table else None
    ends = numbers(table, "pixel_mask_index")
    usable = isinstance(data, h5py.Dataset) and not data.external and not data.is_virtual and data.ndim == 1
    if not usable or ends is None or ends.ndim != 1 or not {"x", "y"} <= set(data.dtype.names or ()):
        return None
    if data.size > _MOST_PIXELS or len(ends) > MOST_CELLS:
        return None
    fields = {key: np.asarray(data.fields(key)[()]) for key in ("x", "y", "weight") if key in data.dtype.names}
    fields.setdefault("weight", np.ones(data.size))
    if any(each.dtype.kind not in "iuf" for each in fields.values()) or ends.dtype.kind not in "iu":
        return None
    last = ends.astype(np.int64)
    if len(last) and (last[0] < 0 or (np.diff(last) < 0).any() or last[-1] > data.size):
        return None
    return _whole(fields) | {"ends": last}


def _image_mask(table: Any) -> dict[str, NDArray[Any]] | None:
    data: Any = table.get("image_mask") if "image_mask" in table else None
    if not is_numbers(data) or data.ndim != 3 or data.size // max(len(data), 1) * data.dtype.itemsize > WHOLE_BYTES:
        return None
    parts: list[NDArray[Any]] = []
    ends = []
    total = 0
    for index in range(data.shape[0]):
        picture = np.asarray(data[index])
        x, y = np.nonzero(picture)
        total += len(x)
        if total > _MOST_PIXELS:
            return None
        parts.append(np.stack([x, y, picture[x, y].astype(np.float64)]))
        ends.append(total)
        tick((index + 1) / data.shape[0])
    joined = np.concatenate(parts, axis=1) if parts else np.zeros((3, 0))
    return _whole(dict(zip(("x", "y", "weight"), joined, strict=True))) | {"ends": np.array(ends, np.int64)}


def _whole(fields: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Return coordinates as whole numbers; those that are none lie outside of any picture."""
    places = {}
    for key in ("x", "y"):
        values = fields[key].astype(np.float64)
        places[key] = np.where(np.isfinite(values) & (np.abs(values) < 2**31), values, -1).astype(np.int64)
    return places | {"weight": fields["weight"].astype(np.float64)}
