"""ROIs of CaImAn's results and of NWB files, which the reading process opens."""

from pathlib import Path

import numpy as np

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.child import nwb_rois, process
from neuropil_gui.formats.paths import Identity
from neuropil_gui.formats.programs import caiman
from neuropil_gui.imaging.roi import PixelRoi, Roi, Rois

#: Part of a footprint's largest weight above which a pixel belongs to the cell.
_FOOTPRINT = 0.2


def rois_of_caiman(path: Path) -> Rois:
    """Return the accepted components of CaImAn's results as ROIs, with the weights of their footprints.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        When the footprints cannot be read.
    """
    found = process.call(caiman.footprints, path, bytes_needed=4 * Identity.of(path).size)
    rows, _ = found["dims"]
    count = len(found["indptr"]) - 1
    accepted = found["accepted"]
    chosen = range(count) if accepted is None else [k for k in accepted.tolist() if 0 <= k < count]
    notes = [
        f"A footprint's pixels above {_FOOTPRINT:.0%} of its largest weight are the ROI.",
        *([f"{len(chosen)} of {count} components are taken, those that were accepted."] if len(chosen) < count else []),
    ]
    rois: list[Roi] = []
    for number in chosen:
        part = slice(int(found["indptr"][number]), int(found["indptr"][number + 1]))
        weights, places = found["data"][part], found["indices"][part]
        kept = weights > _FOOTPRINT * weights.max(initial=0)
        if not kept.any():
            notes.append(f"component {number}: left out, as its footprint is empty.")
            continue
        columns, row = np.divmod(places[kept], rows)
        rois.append(PixelRoi(f"component {number}", row, columns, weights[kept]))
    if not rois:
        raise DataError("no component with a footprint was found.")
    return Rois(tuple(rois), tuple(notes))


def rois_of_nwb(path: Path, shape: tuple[int, int] | None) -> Rois:
    """Return the ROIs of a table of segmentation in an NWB file, with their weights.

    Parameters
    ----------
    path : Path
    shape : (int, int) or None
        Rows and columns of the picture: files that have y in place of x are turned where only that fits.

    Raises
    ------
    DataError
        When there is none that can be read.
    """
    found = process.call(nwb_rois.segmentation, path, bytes_needed=4 * Identity.of(path).size)
    x, y, ends = found["x"], found["y"], found["ends"]
    notes = list(found["notes"])
    if shape is not None and len(x):
        fits, turned = (int(a.max()) < shape[1] and int(b.max()) < shape[0] for a, b in ((x, y), (y, x)))
        if turned and not fits:
            x, y = y, x
            notes.append("x and y of its ROIs are exchanged, as the picture is too small for them otherwise.")
        elif turned:
            notes.append("Whether x and y of its ROIs are exchanged, as in suite2p's files, cannot be told.")
    accepted = np.ones(len(ends), bool) if found["accepted"] is None else found["accepted"]
    if not accepted.all():
        notes.append(f"{int(accepted.sum())} of {len(ends)} ROIs are taken, which are marked as accepted.")
    starts = np.concatenate([[0], ends[:-1]]).astype(int) if len(ends) else ends
    rois: list[Roi] = [
        PixelRoi(f"ROI {number}", y[first:last], x[first:last], found["weight"][first:last])
        for number, (first, last) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True))
        if accepted[number] and last > first
    ]
    if not rois:
        raise DataError("no ROI with a pixel was found.")
    return Rois(tuple(rois), tuple(notes))
