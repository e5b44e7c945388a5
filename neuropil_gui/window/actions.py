"""Menus and tool bar, made from the table of actions, and whether each action is enabled."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from PyQt5.QtCore import QSignalBlocker, Qt
from PyQt5.QtGui import QKeySequence
from PyQt5.QtWidgets import QAction, QMainWindow, QMenu, QToolBar, QToolButton, QWidget

from neuropil_gui.engine.controller import Controller
from neuropil_gui.state.session import Session
from neuropil_gui.state.undo import Undo
from neuropil_gui.ui import style
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.sizes import tool_icon_size
from neuropil_gui.window.action_table import ACTIONS, TOOL_BAR, Situation


class Actions:
    """The actions of one window."""

    def __init__(
        self, window: QMainWindow, traces: QWidget, cells: QWidget, handlers: Mapping[str, Callable[..., Any]]
    ) -> None:
        self._actions: dict[str, QAction] = {}
        self._menus: dict[str, QMenu] = {}
        self._choices: dict[str, QMenu] = {}
        self._buttons: dict[str, QToolButton] = {}
        self._situation: Situation | None = None
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
            action.setIconVisibleInMenu(not spec.checkable)  # where a box shows whether it is ticked
            action.setToolTip(f"{spec.tip} ({spec.keys})" if spec.keys else spec.tip)
            action.setStatusTip(spec.tip)
            (action.toggled if spec.checkable else action.triggered).connect(handlers[spec.name])
            if spec.on_traces:
                # Elsewhere these keys belong to what has the focus: a slider, a box, the list of cells.
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                traces.addAction(action)
            if spec.on_cells:
                cells.addAction(action)
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
        """Put a menu of choices, key -> (text, tool tip), before the action named `before`, into its menu.

        The handler is called with the key that was chosen.
        """
        menu = QMenu(text, self.tool_bar)
        menu.setObjectName(name)
        menu.setToolTipsVisible(True)
        self._fill(menu, name, choices, handler)
        place = next(spec.menu for spec in ACTIONS if spec.name == before)
        self._menus[place].insertMenu(self._actions[before], menu)
        self._choices[name] = menu
        return menu

    def add_panels(self, toggles: Sequence[QAction], before: str) -> None:
        """Put the actions that show and hide panels into the View menu before the action named `before`."""
        menu = QMenu("&Panels", self.tool_bar)
        menu.setObjectName("panels")
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
        """Enable the actions that can be used now, and write what undo and redo would do."""
        if situation == self._situation:
            return
        self._situation = situation
        for spec in ACTIONS:
            action = self._actions[spec.name]
            action.setEnabled(spec.enabled(situation))
            if spec.says is not None:
                what = spec.says(situation)
                action.setText(f"{spec.text} {what.replace('&', '&&')}" if what else spec.text)
                tip = f"{spec.text.replace('&', '')} {what}" if what else spec.tip
                action.setToolTip(f"{tip} ({spec.keys})")
                action.setStatusTip(tip)
        self._choices["export_plot"].setEnabled(situation.cell)
        self._choices["panels"].setEnabled(situation.recording)
        self._choices["lessons"].setEnabled(not situation.in_exercise)

    def restyle(self) -> None:
        """Draw the icons in the theme and size of now, and tick the dark one."""
        self.tool_bar.setIconSize(tool_icon_size())
        with QSignalBlocker(self["dark"]):
            self["dark"].setChecked(style.current().name == "dark")
        for name, action in self._actions.items():
            action.setIcon(icon(name))
        for name, menu in self._choices.items():
            menu.setIcon(icon(name))
        for name, button in self._buttons.items():
            button.setIcon(icon(name))


def _choose(handler: Callable[[str], object], key: str, checked: bool = False) -> None:
    handler(key)


def situation(session: Session, controller: Controller, undo: Undo, can_detach: bool) -> Situation:
    """Return the facts that decide whether each action is enabled."""
    recording = session.recording
    return Situation(
        recording=recording is not None,
        cell=session.cell is not None,
        result=session.result is not None and session.draft is None,
        working=controller.working,
        can_turn=recording is not None and recording.rows_are_frames is not None,
        suite2p=recording is not None and recording.format == "suite2p",
        nwb=recording is not None and recording.format.startswith("NWB 2"),
        pinned=any(session.pins.all),
        pinned_here=bool(session.pins.here) and session.cell is not None,
        can_detach=can_detach,
        in_exercise=session.teaching.in_exercise,
        numbers_hidden=session.teaching.numbers_hidden,
        without_signals=recording is not None and bool(recording.cells.absent),
        undo=undo.undoText(),
        redo=undo.redoText(),
    )
