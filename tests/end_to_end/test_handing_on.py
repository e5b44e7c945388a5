"""What was decided is handed on: an export with its receipt opens as it was, and a project has a report."""

import runpy

import numpy as np
import pytest
from PyQt5.QtWidgets import QAction

from neuropil_gui.__main__ import main
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine import live
from neuropil_gui.engine.kept_state import Kept
from neuropil_gui.formats.project.database import Database
from neuropil_gui.panels.cells.cell_model import CellColumn
from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.ui import dialogs
from neuropil_gui.window.main_window import MainWindow

pytestmark = pytest.mark.any_version

SETTINGS, OWN = SeparationSettings(alpha=0.02), SeparationSettings(alpha=0.05)


@pytest.fixture
def window(qtbot, add_window, tmp_path, monkeypatch):
    """The window, which keeps projects, and checks no result against FISSA's by itself."""
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.0)
    window = MainWindow(Preferences(), projects=tmp_path / "projects")
    add_window(window)
    with qtbot.waitExposed(window):
        window.show()
    yield window
    window.close()
    assert window.threads_ended


def test_an_export_opens_as_it_was_until_it_is_run_again(
    qtbot, window, short, open_and_wait, tmp_path, monkeypatch, capsys
):
    session, controller = window.session, window.controller
    open_and_wait(short)
    session.set_settings(SETTINGS)
    session.select(3)
    window.findChild(QAction, "own_settings").trigger()
    session.set_settings(OWN)
    assert window.form.header.title.text() == "Separation, this cell"
    session.select(0)
    assert (session.settings, window.form.header.title.text()) == (SETTINGS, "Separation")
    with qtbot.waitSignal(controller.batch_ended, timeout=30_000):
        controller.separate_all()
    assert dict(session.outcomes())[3].settings == OWN
    assert window.cells.model.text(3, CellColumn.OWN) == "alpha 0.05"
    assert all(each.up_to_date for each in window.cells.model.summaries.values())
    session.marks.judge([1, 3], "accepted")
    session.marks.write_note([1], "soma")
    before = session.results.get(3, OWN).separation
    assert window.keeper.flush()
    database = Database(window.keeper.path)
    assert Kept.of(database, 4).settings == CellSettings(SETTINGS, {3: OWN})
    database.close()
    target = tmp_path / "out.npz"
    monkeypatch.setattr(dialogs, "ask_save", lambda *_: target)
    monkeypatch.setattr(dialogs, "ask_choice", lambda *_: "those that you accepted: 2")
    receipt = window.findChild(QAction, "receipt")
    assert not receipt.isIconVisibleInMenu()  # its box is seen
    receipt.trigger()
    with qtbot.waitSignal(controller.written, timeout=30_000) as caught:
        window.findChild(QAction, "export_all").trigger()
    assert caught.args == [target, []]
    made = runpy.run_path(str(tmp_path / "out.py"))["results"]
    assert "2 cells separated" in capsys.readouterr().out
    np.testing.assert_allclose(made[4].matched, before.matched, rtol=1e-12, atol=1e-12 * before.median)

    open_and_wait(target)
    assert (session.settings, session.marks.all) == (SETTINGS, {0: Mark("accepted", "soma"), 1: Mark("accepted")})
    assert session.result.origin == "out.npz"
    assert receipt.isChecked()
    qtbot.waitUntil(lambda: len(session.outcomes()) == 2)
    model = window.cells.model
    assert [model.text(row, CellColumn.CONVERGED) for row in range(2)] == ["✓", "✓"]
    assert session.own.all == CellSettings(SETTINGS, {1: OWN})
    badge, text = window._run_bar.badge, window._run_bar.text
    assert badge.state == "from file"
    assert text.text().startswith("out.npz: ")
    session.select(1)
    qtbot.waitUntil(lambda: session.result is not None and session.result.origin == "out.npz")
    np.testing.assert_array_equal(session.result.matched, before.matched)
    controller.run()
    qtbot.waitUntil(lambda: session.result.origin == "" and not controller.separating, timeout=20_000)
    assert badge.state == "exact"

    page, kept = tmp_path / "page.html", window.keeper.path
    with qtbot.waitSignal(controller.written, timeout=30_000):
        controller.export_report(page, kept)
    assert window.keeper.flush()
    assert main(["report", str(kept), "-o", str(tmp_path / "again.html")]) == 0
    for path in (page, tmp_path / "again.html"):
        written = path.read_text(encoding="utf-8")
        # Both cells, what they are before and after, and their correlations.
        assert written.count('role="img"') == 4
        assert "The signals of 2 of 2 cells were separated" in written
        assert "soma" in written
