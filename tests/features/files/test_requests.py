"""The File menu with fakes of its dialogs, of the importer and of the controller."""

from pathlib import Path
from unittest.mock import MagicMock

import pytest
from PyQt5.QtWidgets import QWidget

from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.recording import Recording
from neuropil_gui.engine.controller import Controller
from neuropil_gui.features.files import requests as module
from neuropil_gui.features.files.import_requests import ImportRequests
from neuropil_gui.features.files.requests import FileRequests
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.state.session import Session
from neuropil_gui.ui.message_bar import MessageBar


class Menu:
    def __init__(self, parent, monkeypatch):
        self.session, self.preferences = Session(), Preferences()
        self.controller, self.imports = MagicMock(spec=Controller), MagicMock(spec=ImportRequests)
        self.messages = MagicMock(spec=MessageBar)
        self.dialogs = MagicMock(spec=module.dialogs, folder_beside=module.dialogs.folder_beside)
        monkeypatch.setattr(module, "dialogs", self.dialogs)
        self.requests = FileRequests(
            parent, self.session, self.controller, self.imports, self.preferences, self.messages
        )


@pytest.fixture
def menu(qtbot, monkeypatch):
    parent = QWidget()
    qtbot.addWidget(parent)
    return Menu(parent, monkeypatch)


def test_a_chosen_file_or_folder_is_opened(menu, tmp_path):
    paths = [tmp_path / "a.tif", tmp_path / "rois.zip"]
    menu.dialogs.ask_files.return_value = paths
    menu.requests.open_file()
    menu.imports.open_paths.assert_called_once_with(paths, None)
    menu.requests.open_asking()
    menu.imports.open_paths.assert_called_with(paths, True)
    menu.dialogs.ask_folder.return_value = tmp_path
    menu.requests.open_folder()
    menu.imports.open_path.assert_called_with(tmp_path)


def test_cancel_opens_nothing(menu):
    menu.dialogs.ask_files.return_value = []
    menu.dialogs.ask_folder.return_value = None
    for request in ("open_file", "open_asking", "open_folder"):
        getattr(menu.requests, request)()
    menu.imports.open_path.assert_not_called()
    menu.imports.open_paths.assert_not_called()


def test_a_file_is_looked_for_in_the_users_folder_where_a_demo_is_open(menu, cell):
    menu.session.set_recording(Recording("easy", str(RESOURCES / "demos" / "easy.npz"), None, [cell]))
    menu.dialogs.ask_files.return_value = []
    menu.requests.open_file()
    assert Path(menu.dialogs.ask_files.call_args.args[1]) == Path.home()


def test_the_log_is_opened_and_named(menu, tmp_path):
    menu.requests.show_log(tmp_path / "log")
    menu.dialogs.open_file.assert_called_once_with(tmp_path / "log")
    menu.messages.show_message.assert_called_once_with(f"The log is {tmp_path / 'log'}", "info")
