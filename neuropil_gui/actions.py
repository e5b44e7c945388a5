"""The table of actions, and the menus, tool bar and list of keys made from it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PyQt5.QtCore import Qt
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QAction, QMainWindow, QMenu, QToolBar, QToolButton, QWidget

from neuropil_gui.views.icons import icon


@dataclass(frozen=True)
class Situation:
    """What decides whether an action can be used."""

    recording: bool = False
    cell: bool = False
    result: bool = False
    working: bool = False
    can_turn: bool = False


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


ACTIONS = (
    ActionSpec(
        "open", "&Open…", "&File", "Open a file, or any file of a suite2p folder", "Ctrl+O"
    ),
    ActionSpec(
        "open_folder", "Open &folder…", "&File", "Open a folder that suite2p wrote", "Ctrl+Shift+O"
    ),
    ActionSpec(
        "export", "&Export result…", "&File", "Write the selected cell's result to .npz, .csv or .mat", "Ctrl+S",
        enabled=lambda now: now.result, starts_group=True,
    ),
    ActionSpec(
        "export_all", "Export &all cells…", "&File",
        "Write the results of all cells with the settings shown; those not separated yet are", "Ctrl+Shift+S",
        enabled=lambda now: now.recording,
    ),
    ActionSpec(
        "figure", "&Figure…", "&File", "Write a figure for print: PNG, SVG or PDF, at a size in millimetres", "Ctrl+E",
        enabled=lambda now: now.cell, starts_group=True,
    ),
    ActionSpec("quit", "&Quit", "&File", "Close the window", "Ctrl+Q", starts_group=True),
    ActionSpec(
        "copy_figure", "Copy &figure", "&Edit", "Copy a picture of the traces in view and the matrix", "Ctrl+Shift+C",
        enabled=lambda now: now.cell,
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
        "transpose", "&Turn signals and frames", "&Edit", "Read the file again with its rows as frames, or back",
        "Ctrl+T", enabled=lambda now: now.can_turn, starts_group=True,
    ),
    ActionSpec(
        "preferences", "&Preferences…", "&Edit", "Colours, Live at start, threads, what to bring back", "Ctrl+,",
        starts_group=True,
    ),
    ActionSpec("reset", "FISSA's &defaults", "&Edit", "Set all settings to FISSA's defaults", "Ctrl+D"),
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
        "the data, which stay as they are", "Ctrl+Shift+F", checkable=True, starts_group=True,
    ),
    ActionSpec(
        "baseline_settings", "&Baseline of ΔF/F…", "&View", "Choose how F0 is found, and show ΔF/F", "Ctrl+B",
    ),
    ActionSpec(
        "reset_layout", "&Reset layout", "&View", "Put all panels back where they are at first",
        enabled=lambda now: now.recording, starts_group=True,
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
        "cancel", "&Cancel", "&Separation", "Stop what is running; the last result stays", "Esc",
        enabled=lambda now: now.working,
    ),
    ActionSpec(
        "live", "&Live", "&Separation", "Separate at once whenever a setting or the cell changes", "Ctrl+L",
        checkable=True,
    ),
    ActionSpec("guide", "&Guide", "&Help", "First minute, reading the plots, choosing settings, formats", "Shift+F1"),
    ActionSpec("keys", "&Keys", "&Help", "List all keys", "F1 or ?"),
    ActionSpec("log", "Open &log file", "&Help", "Open the file that errors are written to"),
    ActionSpec("log_folder", "Show log &folder", "&Help", "Show the folder of the log file"),
    ActionSpec("about", "&About", "&Help", "Version, licence and how to cite FISSA"),
)  # fmt: skip

TOOL_BAR = ("open", "", "run", "cancel", "live", "", "export")
"""The actions on the tool bar, with a gap for each empty name."""


class Actions:
    """The actions of one window."""

    def __init__(self, window: QMainWindow, traces: QWidget, handlers: Mapping[str, Callable[..., Any]]) -> None:
        self._actions: dict[str, QAction] = {}
        self._menus: dict[str, QMenu] = {}
        self._choices: dict[str, QMenu] = {}
        self._buttons: dict[str, QToolButton] = {}
        self.tool_bar = QToolBar("Tools", window)
        self.tool_bar.setObjectName("tool_bar")
        self.tool_bar.setMovable(False)
        self.tool_bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        window.addToolBar(self.tool_bar)
        menus = window.menuBar()
        assert menus is not None
        for spec in ACTIONS:
            action = QAction(spec.text, window)
            action.setObjectName(spec.name)
            action.setShortcuts([QKeySequence(keys) for keys in spec.keys.split(" or ") if keys])
            action.setCheckable(spec.checkable)
            action.setToolTip(f"{spec.tip} ({spec.keys})" if spec.keys else spec.tip)
            action.setStatusTip(spec.tip)
            (action.toggled if spec.checkable else action.triggered).connect(handlers[spec.name])
            if spec.on_traces:
                # Elsewhere these keys belong to what has the focus: a slider, a box, the list of cells.
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                traces.addAction(action)
            if spec.menu not in self._menus:
                self._menus[spec.menu] = QMenu(spec.menu, window)
                menus.addMenu(self._menus[spec.menu])
            if spec.starts_group:
                self._menus[spec.menu].addSeparator()
            self._menus[spec.menu].addAction(action)
            self._actions[spec.name] = action
        for name in TOOL_BAR:
            if name:
                self.tool_bar.addAction(self._actions[name])
            else:
                self.tool_bar.addSeparator()
        self.restyle()

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def add_choices(
        self,
        name: str,
        text: str,
        choices: Mapping[str, tuple[str, str]],
        before: str,
        handler: Callable[[str], object],
    ) -> QMenu:
        """Put a menu of choices, key -> (text, tool tip), into the File menu before the action named `before`.

        The handler is called with the key that was chosen.
        """
        menu = QMenu(text, self.tool_bar)
        menu.setObjectName(name)
        menu.setToolTipsVisible(True)
        self._fill(menu, name, choices, handler)
        self._menus["&File"].insertMenu(self._actions[before], menu)
        self._choices[name] = menu
        return menu

    def add_panels(self, toggles: Sequence[QAction], before: str) -> None:
        """Put the actions that show and hide panels into the View menu before the action named `before`."""
        menu = QMenu("&Panels", self.tool_bar)
        menu.addActions(list(toggles))
        self._menus["&View"].insertMenu(self._actions[before], menu)
        self._choices["panels"] = menu

    def replace_choices(
        self, name: str, choices: Mapping[str, tuple[str, str]], handler: Callable[[str], object]
    ) -> None:
        """Put other choices into the menu `name`."""
        menu = self._choices[name]
        menu.clear()
        self._fill(menu, name, choices, handler)
        menu.setEnabled(bool(choices))

    def _fill(
        self, menu: QMenu, name: str, choices: Mapping[str, tuple[str, str]], handler: Callable[[str], object]
    ) -> None:
        for key, (label, tip) in choices.items():
            action = QAction(label, menu)
            menu.addAction(action)
            action.setObjectName(f"{name}_{key}")
            action.setToolTip(tip)
            action.setStatusTip(tip)
            action.triggered.connect(partial(_choose, handler, key))

    def add_button(self, name: str, text: str, tip: str, before: str) -> None:
        """Put a button that opens the menu of choices `name` on the tool bar."""
        button = QToolButton(self.tool_bar)
        button.setObjectName(f"{name}_button")
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(text)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(self._choices[name])
        self._buttons[name] = button
        self.tool_bar.insertWidget(self._actions[before], button)
        self.restyle()

    def update(self, situation: Situation) -> None:
        """Enable what can be used now."""
        for spec in ACTIONS:
            self._actions[spec.name].setEnabled(spec.enabled(situation))
        self._choices["export_plot"].setEnabled(situation.cell)
        self._choices["panels"].setEnabled(situation.recording)

    def restyle(self) -> None:
        """Draw the icons in the colours of the theme."""
        for name, action in self._actions.items():
            action.setIcon(icon(name))
        for name, menu in self._choices.items():
            menu.setIcon(icon(name))
        for name, button in self._buttons.items():
            button.setIcon(icon(name))


def _choose(handler: Callable[[str], object], key: str, checked: bool = False) -> None:
    handler(key)


def key_list() -> list[tuple[str, str]]:
    """Return the keys with what they do."""
    moving = [
        ("Up, Down", "Previous or next cell, in the table of cells too"),
        ("Drag, wheel, double click", "In a plot: pan, zoom about the pointer, show all"),
    ]
    return [(spec.keys, spec.text.replace("&", "").rstrip("…")) for spec in ACTIONS if spec.keys] + moving
