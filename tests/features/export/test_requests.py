"""Export of the File menu with fakes of its dialogs, of the table of cells and of the controller."""

from pathlib import Path
from unittest.mock import MagicMock

import pytest

from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.recording import Recording
from neuropil_gui.engine.controller import Controller
from neuropil_gui.features.export import requests as module
from neuropil_gui.features.export.requests import ExportRequests
from neuropil_gui.panels.cells.cell_list import CellList
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.state.session import Session


class Menu:
    def __init__(self, parent, monkeypatch):
        self.session, self.preferences = Session(), Preferences()
        self.controller, self.cells = MagicMock(spec=Controller), MagicMock(spec=CellList)
        self.cells.selected.return_value, self.cells.listed.return_value = [0], None
        self.dialogs = MagicMock(spec=module.dialogs, folder_beside=module.dialogs.folder_beside)
        monkeypatch.setattr(module, "dialogs", self.dialogs)
        requests = ExportRequests(parent, self.session, self.controller, self.preferences, self.cells, None)
        self.actions = requests.handlers()

    def open(self, *cells, source=None):
        self.session.set_recording(Recording("one", source, None, cells))


@pytest.fixture
def menu(parent, monkeypatch):
    return Menu(parent, monkeypatch)


def test_cancel_writes_nothing(menu, cell):
    menu.open(cell)
    menu.dialogs.ask_save.return_value = None
    for name in ("export", "export_all"):
        menu.actions[name]()
    menu.controller.export.assert_not_called()
    menu.controller.export_all.assert_not_called()


@pytest.mark.parametrize(
    ("name", "ending", "which"), [("export", "_cell1_separated.npz", []), ("export_all", "_separated.npz", [[0]])]
)
def test_results_are_written_beside_the_recording_and_the_folder_is_kept(menu, cell, tmp_path, name, ending, which):
    menu.open(cell, source=str(tmp_path / "deep" / "one.npy"))
    target, project = tmp_path / "out.npz", [None] if name == "export_all" else []
    menu.dialogs.ask_save.return_value = target
    menu.actions[name]()
    getattr(menu.controller, name).assert_called_once_with(target, *which, False, *project)
    assert Path(menu.dialogs.ask_save.call_args.args[2]) == tmp_path / "deep" / f"one{ending}"
    menu.actions["receipt"](True)
    menu.actions[name]()
    assert Path(menu.dialogs.ask_save.call_args.args[2]) == tmp_path / f"one{ending}"
    getattr(menu.controller, name).assert_called_with(target, *which, True, *project)
    assert menu.preferences.receipt


def test_nothing_is_written_beside_a_demo(menu, cell):
    menu.open(cell, source=str(RESOURCES / "demos" / "easy.npz"))
    menu.dialogs.ask_save.return_value = None
    menu.actions["export"]()
    assert Path(menu.dialogs.ask_save.call_args.args[2]).parent == Path.home()


def test_without_a_recording_there_is_nothing_to_ask(menu):
    for name in ("export", "export_all"):
        menu.actions[name]()
    menu.dialogs.ask_save.assert_not_called()


def test_which_cells_is_asked_where_there_is_a_choice(menu, cell, tmp_path):
    menu.open(*[cell] * 5)
    menu.session.marks.judge([3, 0], "accepted")
    menu.session.marks.judge([1], "rejected")
    menu.cells.listed.return_value, menu.cells.selected.return_value = [2, 4], [1, 2, 3]
    menu.dialogs.ask_save.return_value = tmp_path / "out.npz"
    menu.dialogs.ask_choice.return_value = "all 5 cells"
    menu.actions["export_all"]()
    offered = menu.dialogs.ask_choice.call_args.args[3]
    assert offered == [
        "all 5 cells",
        "those that the filter lists: 2",
        "those that you accepted: 2",
        "those selected in the table: 3",
    ]
    written = []
    for choice in offered:
        menu.dialogs.ask_choice.return_value = choice
        menu.actions["export_all"]()
        written.append(menu.controller.export_all.call_args.args[1])
    assert written == [[0, 1, 2, 3, 4], [2, 4], [0, 3], [1, 2, 3]]
    menu.dialogs.ask_choice.return_value = None
    menu.controller.reset_mock()
    menu.actions["export_all"]()
    menu.controller.export_all.assert_not_called()


def test_a_suite2p_folder_is_written_beside_the_source(menu, cell, tmp_path):
    menu.open(cell, cell, source=str(tmp_path / "plane0"))
    menu.dialogs.ask_new_folder.return_value = tmp_path / "new"
    for level, lifted in module.LEVELS.items():
        menu.dialogs.ask_choice.return_value = level
        menu.actions["export_suite2p"]()
        menu.controller.export_copy.assert_called_with(tmp_path / "new", [0, 1], lifted, None)
    assert menu.dialogs.ask_new_folder.call_args.args[2] == str(tmp_path / "plane0_separated")
    menu.controller.reset_mock()
    for name in ("ask_choice", "ask_new_folder"):
        getattr(menu.dialogs, name).return_value = None
        menu.actions["export_suite2p"]()
    menu.controller.export_copy.assert_not_called()


def test_an_nwb_copy_is_written_beside_the_source(menu, cell, tmp_path):
    menu.open(cell, cell, source=str(tmp_path / "mouse 7.nwb"))
    menu.dialogs.ask_save.return_value = tmp_path / "new.nwb"
    for level, lifted in module.LEVELS.items():
        menu.dialogs.ask_choice.return_value = level
        menu.actions["export_nwb_copy"]()
        menu.controller.export_copy.assert_called_with(tmp_path / "new.nwb", [0, 1], lifted, None)
    assert menu.dialogs.ask_save.call_args.args[2] == str(tmp_path / "mouse 7_separated.nwb")
    menu.controller.reset_mock()
    for name in ("ask_choice", "ask_save"):
        getattr(menu.dialogs, name).return_value = None
        menu.actions["export_nwb_copy"]()
    menu.controller.export_copy.assert_not_called()
