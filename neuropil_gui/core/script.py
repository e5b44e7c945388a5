"""A separation as a script: "copy as Python", and its settings as JSON."""

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.settings import SeparationSettings


def script(
    recording_source: str | None,
    cell_index: int,
    settings: SeparationSettings,
    answers: Mapping[str, object] | None = None,
) -> str:
    """Return a short Python script that makes the same numbers, and draws them.

    Parameters
    ----------
    recording_source : str or None
        `Recording.source`, the path that it was read from.
    cell_index : int
        The cell's place in the recording, from 0.
    settings : SeparationSettings
        With a seed of None the script draws one of its own; for the numbers of a result give
        its settings with its `seed` in place.
    answers : mapping of str to object, optional
        How the file was read, by the keywords of `read`, such as ``frame_rate``; what is None is left out.

    Returns
    -------
    str
        Ends with a line break.

    Raises
    ------
    DataError
        When the recording was not read from a file.
    """
    if recording_source is None:
        raise DataError("This recording was not read from a file, so no script can read it: save it first.")
    # repr() keeps quotes, backslashes and line breaks of a path from being code.
    arguments = [repr(str(Path(recording_source).absolute()))]
    arguments += [f"{name}={value!r}" for name, value in (answers or {}).items() if value is not None]
    lines = [
        "from neuropil_gui import SeparationSettings, plot_separation, read, separate_cell",
        "",
        f"recording = read({', '.join(arguments)})",
        f"cell = recording.cells[{int(cell_index)}]  # counted from 0",
        "settings = SeparationSettings(",
        *(f"    {each.name}={getattr(settings, each.name)!r}," for each in fields(settings)),
        ")",
        "result = separate_cell(cell, settings)"
        + ("  # draws a new seed each time: result.seed" if settings.seed is None else ""),
        "",
        "best_match = result.matched[0]  # (frames,), in the units of the traces",
        'print(cell.name, "converged:", result.converged, "iterations:", result.iterations)',
        'print(*result.warnings, sep="\\n")',
        "",
        "figure = plot_separation(result, cell, frame_rate=recording.frame_rate)  # a notebook shows it",
        'figure.savefig("figure.pdf")  # or .png, .svg',
    ]
    return "\n".join(lines) + "\n"


def settings_json(settings: SeparationSettings) -> str:
    """Return settings as JSON, one a line.

    Parameters
    ----------
    settings : SeparationSettings

    Returns
    -------
    str
        ``SeparationSettings(**json.loads(text))`` makes the settings again.
    """
    return json.dumps(settings.to_dict(), indent=2) + "\n"
