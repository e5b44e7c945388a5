"""A separation as a script: "copy as Python", the script beside an export, and settings as JSON."""

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation

SCRIPT_HEAD = "Make the numbers of an export of neuropil_gui again, and check them by its receipt."
"""First line of a script beside an export, by which it is known again before it is replaced."""


EDITED_ROIS = "ROIs edited"
"""Key in `Recording.origin` of what was changed of the ROIs after they were read."""


def check_as_read(recording: Recording) -> None:
    """Raise a DataError where no script makes the signals of a recording again, because its ROIs were edited.

    Parameters
    ----------
    recording : Recording
    """
    if EDITED_ROIS in dict(recording.origin):
        raise DataError(
            "The ROIs were edited, and their file makes other signals: save the ROIs, and open the movie with them, "
            "for a script that makes these numbers again."
        )


def script(
    recording_source: str | None,
    cell_index: int,
    settings: SeparationSettings,
    answers: Mapping[str, object] | None = None,
    simulation: Simulation | None = None,
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
    simulation : Simulation, optional
        How the recording was simulated, where it was not read from a file.

    Returns
    -------
    str
        Ends with a line break.

    Raises
    ------
    DataError
        When the recording was neither read from a file nor simulated.
    """
    names, opened = _opening(recording_source, answers, simulation)
    imported = sorted(["SeparationSettings", "plot_separation", "separate_cell", *names])
    lines = [
        f"from neuropil_gui import {', '.join(imported)}",
        "",
        f"recording = {opened}",
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


def export_script(
    name: str,
    receipt: str,
    recording_source: str | None,
    settings: SeparationSettings,
    answers: Mapping[str, object] | None = None,
) -> str:
    """Return a Python script that makes the numbers of an export again, and checks them by its receipt.

    Parameters
    ----------
    name, receipt : str
        Names of the export and of its receipt, which the script looks for beside itself.
    recording_source : str or None
        `Recording.source`, the path that it was read from.
    settings : SeparationSettings
        Those that most cells have; the receipt holds what the others have in their place.
    answers : mapping of str to object, optional
        How the file was read, as of `script`.

    Returns
    -------
    str
        Below 40 lines; ends with a line break. Run, it leaves a dict `results` from the numbers of the cells.

    Raises
    ------
    DataError
        When the recording was not read from a file.
    """
    lines = [
        f'"""{SCRIPT_HEAD}"""',
        "",
        "import hashlib",
        "import json",
        "import re",
        "import sys",
        "from pathlib import Path",
        "",
        "from neuropil_gui import SeparationSettings, read, separate_cell",
        "",
        f"EXPORT, RECEIPT = {name!r}, {receipt!r}",
        f"SETTINGS = {settings.to_dict()!r}",
        "",
        "",
        "def digest(values):",
        '    return hashlib.sha256(values.astype("<f8").tobytes()).hexdigest()',
        "",
        "",
        f"recording = {_opening(recording_source, answers)[1]}",
        'text = Path(sys.argv[0]).with_name(RECEIPT).read_text(encoding="utf-8")',
        "results, same = {}, 0",
        'for number, line in re.findall(r"^cell (\\d+): (.*)$", text, re.MULTILINE):',
        "    facts, cell = json.loads(line), recording.cells[int(number) - 1]",
        '    if digest(cell.traces) != facts["input"]:',
        '        raise SystemExit(f"Cell {number}: {recording.name} holds other signals than those of {EXPORT}.")',
        '    result = separate_cell(cell, SeparationSettings(**{**SETTINGS, **facts["settings"]}))',
        "    results[int(number)] = result  # .matched[0] is the best match",
        '    same += digest(result.matched) == facts["result"]',
        'print(f"{len(results)} cells separated, {same} of them equal to {EXPORT} in every bit.")',
        "if same < len(results):",
        '    print("Other versions of the libraries, or another processor, may round otherwise.")',
    ]
    return "\n".join(lines) + "\n"


def _opening(
    source: str | None, answers: Mapping[str, object] | None, simulation: Simulation | None = None
) -> tuple[list[str], str]:
    """Return the names to import, and the expression that makes the recording."""
    if simulation is not None:
        plain = Simulation().to_dict()
        changed = [f"{name}={value!r}" for name, value in simulation.to_dict().items() if value != plain[name]]
        return ["Simulation", "simulate"], f"simulate(Simulation({', '.join(changed)}))"
    if source is None:
        raise DataError("This recording was not read from a file, so no script can read it: save it first.")
    # repr() keeps quotes, backslashes and line breaks of a path from being code.
    arguments = [repr(str(Path(source).absolute()))]
    arguments += [f"{name}={value!r}" for name, value in (answers or {}).items() if value is not None]
    return ["read"], f"read({', '.join(arguments)})"


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
