"""Addition of a processing module to an NWB 2 file by h5py; runs in the child process, as the file may be crafted.

Layout: the NWB 2 schema (https://nwb-schema.readthedocs.io), ProcessingModule, Fluorescence, RoiResponseSeries and
DynamicTable.
"""

import uuid
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.formats.child.h5_lookup import is_numbers, numbers, step
from neuropil_gui.formats.paths import data_error
from neuropil_gui.formats.progress import tick

_BLOCK = 2**20
_MODULE = "neuropil_gui"


def append(path: Path, description: str, columns: list[list[Any]], series: list[dict[str, Any]]) -> str:
    """Add a processing module with series that refer to the ROIs of others, and a table of their cells.

    Parameters
    ----------
    path : Path
        A copy, which is changed in place.
    description : str
        Of the module.
    columns : list of [str, str, list]
        Name, description and values of each column of the table.
    series : list of dict
        ``name``, ``description`` and ``unit``; ``data`` of shape (frames, ROIs); ``source``, the path of the series
        whose ROIs they are, and ``rows``, which of them.

    Returns
    -------
    str
        Name of the module.

    Raises
    ------
    DataError
        When the file has not the layout of NWB 2, or cannot be written.
    """
    import h5py

    try:
        with h5py.File(path, "r+") as file:
            if "processing" not in file:
                file.create_group("processing")
            processing = step(file, "processing")
            if not isinstance(processing, h5py.Group):
                raise data_error(path, "it has no group 'processing', which NWB 2 has.")
            taken = set(processing)
            name = next(name for k in range(1, len(taken) + 2) if (name := _MODULE + f"_{k}" * (k > 1)) not in taken)
            module = _typed(processing.create_group(name), "core", "ProcessingModule", description)
            container = _typed(module.create_group("Fluorescence"), "core", "Fluorescence")
            done, total = 0, sum(each["data"].size for each in series) or 1
            for each in series:
                _add_series(path, file, container, each, lambda part, done=done: tick((done + part) / total))
                done += each["data"].size
            _add_table(module, columns)
    except (OSError, RuntimeError) as error:
        raise data_error(path, f"it could not be written ({error}).") from error
    return name


def _typed(place: Any, namespace: str, kind: str, description: str = "") -> Any:
    place.attrs.update({"namespace": namespace, "neurodata_type": kind, "object_id": str(uuid.uuid4())})
    if description:
        place.attrs["description"] = description
    return place


def _add_series(path: Path, file: Any, container: Any, each: dict[str, Any], report: Any) -> None:
    import h5py

    source = step(file, each["source"])
    region, data, rows = step(source, "rois"), each["data"], each["rows"]
    table = region.attrs.get("table") if region is not None else None
    rois = numbers(source, "rois")
    if rois is None or rois.ndim != 1 or rows.max() >= len(rois) or not isinstance(table, h5py.Reference):
        raise data_error(path, f"{each['source']} does not say which ROIs it has, so that no series can refer to them.")
    added = _typed(container.create_group(each["name"]), "core", "RoiResponseSeries", each["description"])
    added.attrs["comments"] = "no comments"
    values = added.create_dataset("data", data.shape, data.dtype)
    values.attrs.update({"conversion": 1.0, "offset": 0.0, "resolution": -1.0, "unit": each["unit"]})
    height = max(1, _BLOCK // max(1, data[:1].nbytes))
    for start in range(0, len(data), height):
        values[start : start + height] = data[start : start + height]
        report(start * data.shape[1])
    places = added.create_dataset("rois", data=rois[rows])
    _typed(places, "hdmf-common", "DynamicTableRegion", "the ROIs of this series").attrs["table"] = table
    _copy_times(source, added, len(data))


def _copy_times(source: Any, added: Any, frames: int) -> None:
    """Give the added series the times of its source."""
    times, start = step(source, "timestamps"), step(source, "starting_time")
    if is_numbers(times):
        copied = added.create_dataset("timestamps", data=times[:frames])
        copied.attrs.update({"interval": np.int32(1), "unit": "seconds"})
    elif is_numbers(start) and start.shape == ():
        copied = added.create_dataset("starting_time", data=float(start[()]))
        copied.attrs.update({"rate": float(np.ravel(start.attrs.get("rate", 0.0))[0]), "unit": "seconds"})


def _add_table(module: Any, columns: list[list[Any]]) -> None:
    import h5py

    table = _typed(module.create_group("cells"), "hdmf-common", "DynamicTable", "the cells, in the order of the series")
    text = h5py.string_dtype()
    table.attrs["colnames"] = np.array([name for name, _, _ in columns], dtype=object)
    ids: NDArray[np.int64] = np.arange(len(columns[0][2]))
    _typed(table.create_dataset("id", data=ids), "hdmf-common", "ElementIdentifiers")
    for name, description, values in columns:
        kind = text if values and isinstance(values[0], str) else None
        column = table.create_dataset(name, data=np.array(values, object if kind else None), dtype=kind)
        _typed(column, "hdmf-common", "VectorData", description)
