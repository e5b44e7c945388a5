"""Table of actions: name, menu, text, keys, and when each is enabled."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Situation:
    """Facts that decide whether an action is enabled."""

    recording: bool = False
    cell: bool = False
    result: bool = False
    working: bool = False
    can_turn: bool = False
    suite2p: bool = False
    nwb: bool = False
    pinned: bool = False
    pinned_here: bool = False
    can_detach: bool = False
    without_signals: bool = False
    in_exercise: bool = False
    numbers_hidden: bool = False
    undo: str = ""
    redo: str = ""


@dataclass(frozen=True)
class ActionSpec:
    """One action: its name is its objectName, its icon's and its handler's."""

    name: str
    text: str
    menu: str
    tip: str
    keys: str = ""  # several with " or " between them
    enabled: Callable[[Situation], bool] = lambda situation: True
    checkable: bool = False
    starts_group: bool = False
    on_traces: bool = False
    on_cells: bool = False  # in the context menu of the table of cells
    says: Callable[[Situation], str] | None = None  # what stands behind the text, and in place of the tip


ACTIONS = (
    ActionSpec(
        "open", "&Open…", "&File",
        "Open a project or a file: suite2p, CaImAn, NWB, FISSA, MATLAB, HDF5, NumPy, a table; asks what it leaves open",
        "Ctrl+O",
    ),
    ActionSpec(
        "open_folder", "Open &folder…", "&File", "Open a folder that suite2p wrote, or one of a file for each cell",
        "Ctrl+Shift+O",
    ),
    ActionSpec(
        "open_asking", "Open &with questions…", "&File",
        "Open a file and say how it is to be read, even where your answers are remembered", "Ctrl+Alt+O",
    ),
    ActionSpec(
        "save_project", "&Save project as…", "&File",
        "Give what you do with this recording a name and place; it is saved there from then on, as you do it",
        "Ctrl+Shift+S", enabled=lambda now: now.recording, starts_group=True,
    ),
    ActionSpec(
        "save_copy", "Save a &copy with the recording inside…", "&File",
        "Write one file that holds the project and its signals, to be handed on",
        enabled=lambda now: now.recording and not now.without_signals,
    ),
    ActionSpec(
        "find_recording", "Fi&nd recording…", "&File", "Say where the recording of this project is now",
        enabled=lambda now: now.without_signals,
    ),
    ActionSpec(
        "export", "&Export result…", "&File",
        "Write the selected cell's result: .npz, .csv, .mat, .nwb, or with FISSA's names", "Ctrl+S",
        enabled=lambda now: now.result, starts_group=True,
    ),
    ActionSpec(
        "export_all", "Export &all cells…", "&File",
        "Write the results of all cells with the settings shown; those not separated yet are", "Ctrl+Alt+S",
        enabled=lambda now: now.recording,
    ),
    ActionSpec(
        "export_suite2p", "Export suite&2p folder…", "&File",
        "Write a copy of the suite2p folder with the best matches as F and your marks as iscell, to go on with suite2p",
        enabled=lambda now: now.suite2p,
    ),
    ActionSpec(
        "export_nwb_copy", "Export NW&B copy…", "&File",
        "Write a copy of the NWB file with the best matches as a series beside the one that was read",
        enabled=lambda now: now.nwb,
    ),
    ActionSpec(
        "receipt", "&Receipt beside exports", "&File",
        "Write beside each export a text on how its numbers were made, and a Python script that makes them again",
        checkable=True,
    ),
    ActionSpec(
        "report", "Repor&t…", "&File",
        "Write one web page on all cells: methods, a table, distributions, and a figure of each with its mark and note",
        enabled=lambda now: now.recording and not now.numbers_hidden,
    ),
    ActionSpec(
        "figure", "&Figure…", "&File", "Write a figure for print: PNG, SVG or PDF, at a size in millimetres", "Ctrl+E",
        enabled=lambda now: now.cell, starts_group=True,
    ),
    ActionSpec("quit", "&Quit", "&File", "Close the window", "Ctrl+Q", starts_group=True),
    ActionSpec(
        "undo", "&Undo", "&Edit", "Take back the last change of a setting, a pin, a mark, the frame rate or ΔF/F",
        "Ctrl+Z", enabled=lambda now: bool(now.undo), says=lambda now: now.undo,
    ),
    ActionSpec(
        "redo", "&Redo", "&Edit", "Do again what was undone last", "Ctrl+Shift+Z or Ctrl+Y",
        enabled=lambda now: bool(now.redo), says=lambda now: now.redo,
    ),
    ActionSpec(
        "copy_figure", "Copy &figure", "&Edit", "Copy a picture of the traces in view and the matrix", "Ctrl+Shift+C",
        enabled=lambda now: now.cell, starts_group=True,
    ),
    ActionSpec(
        "copy_values", "Copy &values", "&Edit", "Copy the traces in view as a table for a spreadsheet", "Ctrl+Alt+C",
        enabled=lambda now: now.cell,
    ),
    ActionSpec("copy_settings", "Copy &settings", "&Edit", "Copy the settings as JSON"),
    ActionSpec(
        "copy_script", "Copy as &Python", "&Edit", "Copy a Python script that makes these numbers", "Ctrl+Shift+P",
        enabled=lambda now: now.cell,
    ),
    ActionSpec(
        "transpose", "&Transpose", "&Edit", "Read the file again with signals and frames exchanged",
        "Ctrl+T", enabled=lambda now: now.can_turn, starts_group=True,
    ),
    ActionSpec(
        "accept", "&Accept cell", "&Edit", "Mark the selected cells as accepted; again takes the mark away", "A",
        enabled=lambda now: now.recording, on_cells=True, starts_group=True,
    ),
    ActionSpec(
        "reject", "Re&ject cell", "&Edit", "Mark the selected cells as rejected; again takes the mark away", "R",
        enabled=lambda now: now.recording, on_cells=True,
    ),
    ActionSpec(
        "look_again", "&Look at cell again", "&Edit", "Mark the selected cells to look at again", "L",
        enabled=lambda now: now.recording, on_cells=True,
    ),
    ActionSpec(
        "note", "&Note on cell…", "&Edit", "Write a note on the selected cells", "Ctrl+Return",
        enabled=lambda now: now.recording, on_cells=True,
    ),
    ActionSpec(
        "preferences", "&Preferences…", "&Edit",
        "Colours, Live at start, cells at a time, what comes back, room for what is kept", "Ctrl+,",
        starts_group=True,
    ),
    ActionSpec(
        "reset", "FISSA's &defaults", "&Edit", "Set all settings to FISSA's defaults", "Ctrl+D",
        enabled=lambda now: not now.in_exercise,
    ),
    ActionSpec(
        "show_all", "Show &whole recording", "&View", "Show all of the recording, and fit it to the plots", "Home",
        enabled=lambda now: now.cell, on_traces=True,
    ),
    ActionSpec("zoom_in", "Zoom &in", "&View", "Show less", "+ or =", enabled=lambda now: now.cell, on_traces=True),
    ActionSpec("zoom_out", "Zoom &out", "&View", "Show more", "-", enabled=lambda now: now.cell, on_traces=True),
    ActionSpec(
        "pan_left", "&Earlier", "&View", "Move to earlier times", "Left", enabled=lambda now: now.cell, on_traces=True
    ),
    ActionSpec(
        "pan_right", "&Later", "&View", "Move to later times", "Right", enabled=lambda now: now.cell, on_traces=True
    ),
    ActionSpec(
        "previous_cell", "&Previous cell", "&View", "Select the cell above", "Up", enabled=lambda now: now.recording,
        on_traces=True, starts_group=True,
    ),
    ActionSpec(
        "next_cell", "&Next cell", "&View", "Select the cell below", "Down", enabled=lambda now: now.recording,
        on_traces=True,
    ),
    ActionSpec(
        "delta_f", "Show Δ&F/F", "&View",
        "Show raw and best match as ΔF/F, the change relative to the baseline F0 of the raw ROI, and export it beside "
        "the data, which stay as they are. Where half of the ROI's light is neuropil, that of the best match is about "
        "half of the true one: the baseline can be another", "Ctrl+Shift+F", checkable=True, starts_group=True,
    ),
    ActionSpec(
        "baseline_settings", "&Baseline of ΔF/F…", "&View", "Choose how F0 is found, and show ΔF/F", "Ctrl+B",
    ),
    ActionSpec(
        "reset_layout", "&Reset layout", "&View", "Put all panels back where they are at first",
        enabled=lambda now: now.recording, starts_group=True,
    ),
    ActionSpec(
        "projector", "Pro&jector", "&View",
        "Large text and traces for a room: full screen, light, little but the plots; Alt shows the menus", "F11",
        checkable=True,
    ),
    ActionSpec("dark", "&Dark theme", "&View", "Light traces on a dark background", checkable=True),
    ActionSpec(
        "run", "&Run", "&Separation", "Separate the selected cell with the settings shown", "Ctrl+R",
        enabled=lambda now: now.cell,
    ),
    ActionSpec(
        "separate_all", "Separate &all cells", "&Separation",
        "Separate all cells in the background with the settings shown, the selected one first", "Ctrl+Shift+R",
        enabled=lambda now: now.recording,
    ),
    ActionSpec(
        "own_settings", "Settings for this cell al&one", "&Separation",
        "Keep what is set from now on for the selected cells alone; taken away, they have the recording's again", "O",
        enabled=lambda now: now.recording and not now.in_exercise, on_cells=True, checkable=True,
    ),
    ActionSpec(
        "cancel", "&Cancel", "&Separation", "Stop what is running; the last result stays", "Esc",
        enabled=lambda now: now.working,
    ),
    ActionSpec(
        "live", "&Live", "&Separation", "Separate at once whenever a setting or the cell changes", "Ctrl+L",
        checkable=True,
    ),
    ActionSpec(
        "cell", "C&ell", "&Pages", "The selected cell: traces, mixing matrix, convergence and numbers", "Ctrl+1",
        enabled=lambda now: now.recording,
    ),
    ActionSpec(
        "compare", "&Compare", "&Pages",
        "Lay results, simple corrections, ICA and what the file carries over each other", "Ctrl+2 or Ctrl+K",
        enabled=lambda now: now.cell and not now.numbers_hidden,
    ),
    ActionSpec(
        "sweep", "&Sweep", "&Pages",
        "The selected cell separated at many settings, as a film strip over alpha or as a map of two of them",
        "Ctrl+3 or Ctrl+G", enabled=lambda now: now.recording and not now.numbers_hidden,
    ),
    ActionSpec(
        "trust", "&Trust", "&Pages",
        "How far the result can be trusted: stability, where the light went, indicators, trials, spike-in, events",
        "Ctrl+4 or Ctrl+J", enabled=lambda now: now.recording and not now.numbers_hidden,
    ),
    ActionSpec(
        "population", "P&opulation", "&Pages",
        "All cells at many values of alpha, n or method, to choose one for the recording", "Ctrl+5",
        enabled=lambda now: now.recording and not now.numbers_hidden,
    ),
    ActionSpec(
        "field", "&Field", "&Pages",
        "Where the cells lie: pictures of the movie, the regions around each cell, and what else is in them", "Ctrl+6",
        enabled=lambda now: now.recording and not now.numbers_hidden,
    ),
    ActionSpec(
        "history", "&History", "&Pages", "List all results that were on screen, to sort, filter and bring back",
        "Ctrl+7 or Ctrl+H", enabled=lambda now: not now.numbers_hidden,
    ),
    ActionSpec(
        "detach", "&Detach page", "&Pages", "Make a window of the page, for a second screen; closed, it goes back",
        "Ctrl+Shift+D", enabled=lambda now: now.can_detach, starts_group=True,
    ),
    ActionSpec(
        "pin", "&Pin", "&Pages", "Keep the current result under a letter, to compare with what comes next", "P",
        enabled=lambda now: now.result, starts_group=True,
    ),
    ActionSpec(
        "swap", "S&wap", "&Pages", "Show what is pinned, and pin in its place what is shown", "Ctrl+Shift+A",
        enabled=lambda now: now.pinned_here,
    ),
    ActionSpec(
        "unpin_all", "&Unpin all", "&Pages", "Take out all pins", enabled=lambda now: now.pinned,
    ),
    ActionSpec(
        "hide_truth", "&Hide the truth", "&Learn",
        "Hide what is known of simulated recordings from all views and files, so that it can be guessed first",
        "Ctrl+U", checkable=True, enabled=lambda now: not now.in_exercise,
    ),
    ActionSpec(
        "simulator", "&Simulator", "&Learn",
        "Simulate a cell, and see what each part of it does: contamination, waves, neighbours, noise",
        "Ctrl+Shift+M", enabled=lambda now: not now.in_exercise,
    ),
    ActionSpec(
        "open_lesson", "&Open lesson…", "&Learn", "Open a lesson of your own: a .md file with its .toml beside it",
        starts_group=True, enabled=lambda now: not now.in_exercise,
    ),
    ActionSpec(
        "make_exercise", "&Make an exercise…", "&Learn",
        "Make a file of the cell and settings on screen with questions about them, which a class opens and answers",
        enabled=lambda now: now.cell and not now.in_exercise, starts_group=True,
    ),
    ActionSpec(
        "grade", "&Grade…", "&Learn", "Grade the answers of a class to an exercise, and write a table of marks",
    ),
    ActionSpec("guide", "&Guide", "&Help", "First minute, reading the plots, choosing settings, formats", "Shift+F1"),
    ActionSpec("keys", "&Keys", "&Help", "List all keys", "F1 or ?"),
    ActionSpec("log", "Open &log file", "&Help", "Open the file that errors are written to"),
    ActionSpec("log_folder", "Show log &folder", "&Help", "Show the folder of the log file"),
    ActionSpec("about", "&About", "&Help", "Version, licence and how to cite FISSA"),
)  # fmt: skip

PAGES = ("cell", "compare", "sweep", "trust", "population", "field", "history")
"""The actions that open a page, in the order of the tabs."""

TOOL_BAR = ("open", "", "run", "cancel", "live", "", "pin", "", "export")
"""The actions on the tool bar, with a gap for each empty name."""


def title(name: str) -> str:
    """Return the text of an action without the marks of menus."""
    return next(spec.text for spec in ACTIONS if spec.name == name).replace("&", "").rstrip("…")


def key_list() -> list[tuple[str, str]]:
    """Return the keys with what they do."""
    moving = [
        ("Up, Down", "Previous or next cell, in the table of cells too"),
        ("Drag, wheel, double click", "In a plot: pan, zoom about the pointer, show all"),
    ]
    return [(spec.keys, title(spec.name)) for spec in ACTIONS if spec.keys] + moving
