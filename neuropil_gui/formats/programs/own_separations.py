"""Results in this program's own files as they were made: with their settings, order and scores."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.gaps import kept_frames, without_gaps
from neuropil_gui.core.remarks import Remark
from neuropil_gui.core.result import Separation
from neuropil_gui.core.separation import scale
from neuropil_gui.core.settings import MAX_SEED, SeparationSettings
from neuropil_gui.core.solvers import nmf
from neuropil_gui.core.solvers.stepping import run
from neuropil_gui.formats.project.packing import settings_of

ARRAYS = ("matched", "separated", "mixing", "scores", "order", "iterations", "converged", "seed", "offset")
"""Fields of a cell of which its result is made."""


@dataclass(frozen=True)
class Made:
    """How the results of a file were made.

    Attributes
    ----------
    settings : SeparationSettings
        Of the first result, and of all that are not in `of_cells`.
    of_cells : mapping of int to SeparationSettings
        By the number of the cell, from 1.
    warnings : mapping of int to tuple of Remark
    """

    settings: SeparationSettings
    of_cells: Mapping[int, SeparationSettings] = field(default_factory=dict)
    warnings: Mapping[int, tuple[Remark, ...]] = field(default_factory=dict)


def made_by(provenance: object) -> Made | None:
    """Return how the results of a file were made; None where it does not say, or says what cannot be.

    Parameters
    ----------
    provenance : object
        The JSON that `Provenance` writes, as the file's reader returns it.
    """
    text = np.asarray(provenance)
    if text.size != 1 or text.dtype.kind != "U":
        return None
    try:
        facts = json.loads(str(text.ravel()[0]))
        levels = facts.get("levels", {})
        warnings = {
            int(number): tuple(
                Remark(sentence, level)
                for sentence, level in zip(sentences, levels.get(number, ["warning"] * len(sentences)), strict=True)
            )
            for number, sentences in facts["warnings"].items()
        }
        of_cells = {int(number): settings_of(each) for number, each in facts["settings_of_cells"].items()}
        return Made(settings_of(facts["settings"]), of_cells, warnings)
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return None


def separation_of(
    traces: FloatArray, row: Mapping[str, Any], number: int, made: Made, origin: str
) -> Separation | None:
    """Return the result of a cell as it was made; None where its fields are not all there, or do not fit each other.

    What the file does not hold is computed of what it does: the median, the objective and the number of tries.

    Parameters
    ----------
    traces : ndarray, shape (signals, frames)
    row : mapping
        The fields of the cell, by their names in the file.
    number : int
        Of the cell, from 1.
    made : Made
    origin : str
        Name of the file.
    """
    found = {name: np.asarray(row.get(name)) for name in ARRAYS}
    if any(array.dtype.kind not in "fiub" for array in found.values()):
        return None
    values: dict[str, NDArray[np.float64]] = {name: array.astype(np.float64) for name, array in found.items()}
    n = values["scores"].size
    shapes = {"matched": (n, traces.shape[1]), "separated": (n, traces.shape[1]), "mixing": (len(traces), n)}
    facts = [values[name] for name in ARRAYS[5:]]
    if not n or any(values[name].shape != shape for name, shape in shapes.items()):
        return None
    if any(array.size != 1 or not np.isfinite(array).all() for array in facts):
        return None
    if sorted(values["order"].ravel()) != list(range(n)):
        return None
    iterations, converged, seed, offset = (array.item() for array in facts)
    settings = made.of_cells.get(number, made.settings)
    kept = kept_frames(traces) if settings.drop_nan else None
    used = without_gaps(traces, kept) - offset
    separated = without_gaps(values["separated"], kept)
    if not used.size or not all(np.isfinite(each).all() for each in (used, separated, values["mixing"])):
        return None
    median, objective = float(np.median(used)), float("nan")
    if settings.method == "nmf" and median:
        steps = nmf.objective(scale(used, median), separated, values["mixing"], settings.alpha)
        objective = run(steps, lambda _: None)
    tries = 1 if settings.seed is None else (int(seed) - settings.seed) % (MAX_SEED + 1) + 1
    return Separation(
        values["separated"], values["matched"], values["mixing"], values["order"].ravel().astype(np.intp),
        values["scores"].ravel(), int(iterations), bool(converged), n, int(seed), tries, settings, offset, median,
        made.warnings.get(number, ()), 0.0, objective, origin=origin,
    )  # fmt: skip
