"""Reader of CaImAn's results (``.hdf5``): C + YrA + background of each component, with the background.

Source of the names: CaImAn's ``cnmf.py`` (``save``) and ``utils.py`` (``recursively_save_dict_contents_to_group``).
The background that a cell sees is CaImAn's own: ``detrend_df_f`` (A.T b f, the footprints A of unit norm).
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.frame_rate import is_frame_rate
from neuropil_gui.core.recording import Cell, CellHeader, Recording
from neuropil_gui.formats.child import h5_lookup, process
from neuropil_gui.formats.child.h5_lookup import is_numbers, numbers, part, step
from neuropil_gui.formats.child.h5file import opened
from neuropil_gui.formats.paths import (
    MOST_BYTES,
    CellsOnDemand,
    Identity,
    Options,
    check_count,
    data_error,
    printable_name,
)
from neuropil_gui.formats.plain.arrays import read_only
from neuropil_gui.formats.plain.preview import of_recording
from neuropil_gui.formats.questions import FileQuestion, Inquiry

BLOCK = 64 * 2**20
_DEMIXED = (
    "CaImAn has demixed these cells and taken their background apart already: a cell is its C + YrA + background, and "
    "its neuropil the background at its place. Raw traces of the movie would tell more."
)


def sniff(path: Path, head: bytes) -> bool:
    """Return whether the path is an HDF5 file with CaImAn's ``estimates``.

    Parameters
    ----------
    path : Path
        The file.
    head : bytes
        Its first 512 bytes; none for a folder.
    """
    return h5_lookup.is_kind(path, head, "caiman")


def read(path: Path, options: Options) -> Recording:
    """Read CaImAn's results.

    Parameters
    ----------
    path : Path
    options : Options

    Returns
    -------
    Recording
        The accepted components (``idx_components``); `source_index` is the component's row in ``C``.

    Raises
    ------
    DataError
        When ``C`` is missing, or the parts do not fit each other.
    """
    identity = Identity.of(path)
    found = process.call(survey, path, bytes_needed=2 * identity.size)
    components, frames = found["shape"]
    warnings = [_DEMIXED, *found["notes"]]
    weights: NDArray[np.float64] | None = found["weights"]
    rows = found["accepted"]
    if rows is None:
        warnings.append(f"The file does not say which components were accepted: all {components} are shown.")
        rows = np.arange(components)
    elif len(rows) < components:
        warnings.append(f"{len(rows)} of {components} components are shown, those that were accepted.")
    names = ("ROI", "background") if weights is not None else ("ROI",)
    snr = found["snr"]
    headers = [
        CellHeader(f"component {row}", len(names), frames, 1, row, () if snr is None else (("snr", float(snr[row])),))
        for row in rows.tolist()
    ]
    count = max(1, BLOCK // (16 * frames))
    held: dict[int, NDArray[np.float64]] = {}  # the last block alone

    def load(index: int) -> Cell:
        row = int(rows[index])
        start = row // count * count
        if start not in held:
            held.clear()
            identity.check()
            stop = min(start + count, components)
            held[start] = process.call(block, path, start, stop, bytes_needed=3 * 8 * frames * (stop - start))
            identity.check()
        with np.errstate(all="ignore"):  # odd bits in a file are no arithmetic of ours
            signal = held[start][row - start] * found["norms"][row]
            traces = [signal] if weights is None else [signal + (seen := weights[row] @ found["f"]), seen]
        return Cell(f"component {row}", read_only(np.stack(traces)), names, source_index=row)

    rate = options.frame_rate if options.frame_rate is not None else found["rate"]
    cells = CellsOnDemand(headers, load)
    return Recording(printable_name(path), str(path), rate, cells, "CaImAn", tuple(warnings))


def inquire(path: Path) -> Inquiry:
    """Return the questions about a file of results: the frame rate, where it is missing.

    Parameters
    ----------
    path : Path

    Raises
    ------
    DataError
        As `read` does.
    """
    rate = read(path, Options()).frame_rate
    questions: tuple[FileQuestion, ...] = ()
    if rate is None:
        questions = (FileQuestion("frame_rate", "At how many frames a second?", None, "The file does not say it."),)
    return Inquiry("CaImAn results", questions, lambda options: of_recording(read(path, options)), "caiman")


def survey(path: Path) -> dict[str, Any]:
    """Return all but the traces; for the child process.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict
        ``shape`` (components, frames); ``norms`` of the footprints; ``weights`` (components, backgrounds) with which a
        cell sees the backgrounds ``f`` (backgrounds, frames), None where there are none; ``accepted`` and ``snr``, None
        where they are not there; ``rate`` in Hz or None; ``notes``, sentences.
    """
    with opened(path) as file:
        estimates, notes = step(file, "estimates"), []
        traces = step(estimates, "C")
        if not is_numbers(traces) or traces.ndim != 2 or not traces.size:
            raise data_error(path, "estimates/C is no array of components x frames, as CaImAn's results have it.")
        components, frames = traces.shape
        check_count(path, components)
        residual = step(estimates, "YrA")
        if not is_numbers(residual) or residual.shape != traces.shape:
            notes.append("It has no residual YrA for its C: the cells are the denoised traces, without their noise.")
        footprints = _sparse(path, estimates, "A")
        if footprints is None or footprints.shape[1] != components:
            raise data_error(path, f"estimates/A does not hold the footprints of the {components} components in C.")
        norms = np.sqrt(np.asarray(footprints.multiply(footprints).sum(axis=0)).ravel())
        weights = backgrounds = None
        b, f = _matrix(path, estimates, "b", footprints.shape[0]), numbers(estimates, "f")
        if b is not None and f is not None and f.shape == (b.shape[1], frames) and f.size:
            with np.errstate(divide="ignore", invalid="ignore"):
                seen = np.asarray((footprints.T @ b) / np.where(norms > 0, norms, 1)[:, None], np.float64)
            weights, backgrounds = seen, f.astype(np.float64)
        elif is_numbers(step(estimates, "b0")) or step(estimates, "W/data") is not None:
            notes.append(
                "Its background is CNMF-E's ring model (W, b0), which takes the movie to give a signal: the cells are "
                "C + YrA, and there is no neuropil to separate them from."
            )
        else:
            notes.append("It has no background (b, f): the cells are C + YrA, with no neuropil to separate them from.")
        accepted = numbers(estimates, "idx_components")
        if accepted is not None:
            accepted = np.unique(accepted.ravel().astype(np.int64))
            if len(accepted) and not (accepted[0] >= 0 and accepted[-1] < components):
                raise data_error(path, f"idx_components names components beyond the {components} that there are.")
            if not len(accepted):
                notes.append("No component was accepted; all are shown.")
                accepted = np.arange(components)
        snr, rate = numbers(estimates, "SNR_comp"), numbers(file, "params/data/fr", 64)
        return {
            "shape": (components, frames),
            "norms": norms,
            "weights": weights,
            "f": backgrounds,
            "accepted": accepted,
            "snr": snr.astype(np.float64) if snr is not None and snr.shape == (components,) else None,
            "rate": _rate(rate),
            "notes": notes,
        }


def footprints(path: Path) -> dict[str, Any]:
    """Return the footprints of the components, as a matrix stored by columns; for the child process.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict
        ``data``, ``indices`` and ``indptr`` of the matrix (pixels, components), pixels column after column of the
        picture; ``dims``, rows and columns of the picture; ``accepted``, None where that is not known.
    """
    with opened(path) as file:
        estimates = step(file, "estimates")
        matrix = _sparse(path, estimates, "A")
        dims = numbers(estimates, "dims", 64)
        dims = numbers(file, "dims", 64) if dims is None else dims
        sides = [int(side) for side in dims.ravel()] if dims is not None and dims.dtype.kind in "iu" else []
        if matrix is None or len(sides) != 2 or min(sides) < 1 or sides[0] * sides[1] != matrix.shape[0]:
            raise data_error(path, "estimates/A does not hold the footprints of components in one plane (dims).")
        accepted = numbers(estimates, "idx_components")
        return {
            "data": matrix.data,
            "indices": matrix.indices,
            "indptr": matrix.indptr,
            "dims": sides,
            "accepted": None if accepted is None else np.unique(accepted.ravel().astype(np.int64)),
        }


def block(path: Path, start: int, stop: int) -> NDArray[np.float64]:
    """Return C + YrA of the components `start` to `stop`, shape (stop - start, frames); for the child process.

    Parameters
    ----------
    path : Path
        The file.
    start : int
        First row.
    stop : int
        Row after the last.
    """
    with opened(path) as file:
        traces, residual = step(file, "estimates/C"), step(file, "estimates/YrA")
        values = part(traces, False, start, stop, traces.shape[1]).astype(np.float64)
        if is_numbers(residual) and residual.shape == traces.shape:
            values += part(residual, False, start, stop, traces.shape[1])
        return values


def _rate(value: NDArray[Any] | None) -> float | None:
    rate = float(value.ravel()[0]) if value is not None and value.size == 1 else 0.0
    return rate if is_frame_rate(rate) else None


def _sparse(path: Path, group: Any, name: str) -> Any:
    """Return a matrix that was stored by columns (``data``, ``indices``, ``indptr``, ``shape``); None if not so."""
    from scipy.sparse import csc_matrix

    fields = [numbers(group, f"{name}/{field}") for field in ("data", "indices", "indptr", "shape")]
    if any(field is None or field.ndim != 1 for field in fields):
        return None
    data, indices, indptr, shape = (np.asarray(field) for field in fields)
    if len(shape) != 2 or (shape < 0).any() or (shape > 2**40).any() or indptr.dtype.kind not in "iu":
        raise data_error(path, f"estimates/{name} has no possible shape.")
    rows, columns = (int(side) for side in shape)
    ordered = len(indptr) == columns + 1 and indptr[0] == 0 and (np.diff(indptr.astype(np.int64)) >= 0).all()
    fits = ordered and indptr[-1] == len(data) == len(indices)
    if not fits or (len(indices) and not (int(indices.min()) >= 0 and int(indices.max()) < rows)):
        raise data_error(path, f"estimates/{name} is not the sparse matrix of shape ({rows}, {columns}) that it says.")
    # SciPy's own code in C trusts what was checked here.
    places = (indices.astype(np.int64), indptr.astype(np.int64))
    return csc_matrix((data.astype(np.float64), *places), shape=(rows, columns))


def _matrix(path: Path, group: Any, name: str, rows: int) -> NDArray[np.float64] | None:
    """Return a matrix of this many rows that was stored dense or sparse; None where there is none."""
    dense = numbers(group, name)
    if dense is None:
        sparse = _sparse(path, group, name) if step(group, name) is not None else None
        if sparse is None:
            return None
        if sparse.shape[0] * sparse.shape[1] * 8 > MOST_BYTES:
            raise DataError(f"{printable_name(path)}: estimates/{name} is more than can be held in memory.")
        dense = np.asarray(sparse.todense())
    return dense.astype(np.float64) if dense.ndim == 2 and dense.shape[0] == rows else None
