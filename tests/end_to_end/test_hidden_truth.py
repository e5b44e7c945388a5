"""While the truth is hidden, nothing in the window or written by it holds it; shown again, all do."""

import json
import logging

import numpy as np
import pytest
from PyQt5.QtWidgets import QAction, QApplication, QWidget

from neuropil_gui import read
from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.features.figures.figure_spec import FigureSpec

pytestmark = pytest.mark.any_version

TRUE = {key for key, number in NUMBERS.items() if number.needs == "truth"}


def words_of(window):
    """Return all texts, tool tips and descriptions of widgets and actions."""
    found = []
    for each in (*window.findChildren(QWidget), *window.findChildren(QAction)):
        for name in ("text", "toolTip", "statusTip", "accessibleName", "accessibleDescription", "whatsThis"):
            words = getattr(each, name, None)
            if callable(words) and isinstance(text := words(), str):
                found.append(text)
    return "\n".join(found)


def words_for_truth(text, values):
    """Return what in a text is of the truth: its name, the names of its numbers, or values of it."""
    return [each for each in ("truth", *TRUE, *(value for value in values if len(value) > 4)) if each in text]


def numbers_at_hand(session):
    """Return the keys of all numbers that the session holds."""
    keys = {*session.numbers}
    for _, outcome in session.outcomes():
        keys |= {*outcome.numbers}
    for index in range(len(session.recording.cells)):
        result = session.results.newest(index)
        keys |= {*result.numbers} if result is not None else set()
    return keys


@pytest.fixture
def shown(window, open_and_wait, short, run_and_wait):
    """Return the window with a simulated recording, separated, and its truth shown."""
    open_and_wait(short)
    run_and_wait()
    return window


def drawn_truth(window):
    """Return whether truth is drawn in the best match, the lanes and the matrix."""
    return (
        "show_truth" in window.traces.matched.series,
        bool(window.traces.separated.sources),
        window.mixing.drawn_truth() is not None,
    )


def test_nothing_holds_a_hidden_truth_and_all_do_when_it_is_revealed(qtbot, shown, tmp_path, caplog):
    window, session = shown, shown.session
    result = session.result
    assert drawn_truth(window) == (True, True, True)
    assert numbers_at_hand(session) >= TRUE
    secret = session.cell.truth
    values = {f"{value:.4g}" for value in (*secret.mixing.ravel(), session.numbers["r_truth"])}
    caplog.set_level(logging.DEBUG)
    window.traces.raw.box.setXRange(3, 5, padding=0)

    window.commands["hide_truth"].trigger()
    assert session.cell.truth is None
    assert all(session.recording.cells[index].truth is None for index in range(4))
    assert session.result is result
    assert window.traces.raw.box.viewRange()[0] == [3, 5]
    assert drawn_truth(window) == (False, False, False)
    assert not numbers_at_hand(session) & TRUE
    for page in ("compare", "sweep", "trust", "history", "cell"):
        window.pages.open(page)
        qtbot.waitUntil(lambda page=page: page == "cell" or not window.pages.made[page].busy, timeout=30_000)
    words = words_of(window)
    assert not [value for value in values if len(value) > 4 and value in words]
    assert not window.traces.separated.legend.word("lanes_truth").isVisible()
    assert not window.mixing.truth.isVisible()
    assert "truth" not in " ".join(record.getMessage() for record in caplog.records)
    # Neither files nor the clipboard hold it.
    path = tmp_path / "hidden.npz"
    with qtbot.waitSignal(window.controller.written, timeout=10_000):
        window.controller.export(path)
    with np.load(path) as file:
        assert not [name for name in file if "truth" in name]
        assert "truth" not in json.dumps([str(file[name]) for name in file if file[name].dtype.kind == "U"])
    assert read(path).cells[0].truth is None
    window.commands["copy_values"].trigger()
    assert "truth" not in QApplication.clipboard().text()
    window.commands["copy_script"].trigger()
    assert not words_for_truth(QApplication.clipboard().text(), values)
    written = {
        "report.html": lambda path: window.controller.export_report(path, None),
        "all.csv": lambda path: window.controller.export_all(path, [0], receipt=True),
        "figure.svg": lambda path: window._figures._write_figure(FigureSpec(), path, window._figures._values()),
        "recording.npz": lambda path: window.controller.export_recording(path, {}),
    }
    for name, write in written.items():
        with qtbot.waitSignal(window.controller.written, timeout=30_000):
            write(tmp_path / name)
    for file in tmp_path.iterdir():
        text = file.read_bytes().decode("latin-1") if file.suffix != ".npz" else " ".join(np.load(file))
        assert not words_for_truth(text, values), file.name
    assert {"report.html", "all.receipt.txt", "figure.svg"} <= {file.name for file in tmp_path.iterdir()}
    # Another cell, and what is separated now, come without it too.
    session.select(1)
    qtbot.waitUntil(lambda: session.cell is not None and session.up_to_date, timeout=20_000)
    assert session.cell.truth is None
    assert not numbers_at_hand(session) & TRUE

    session.select(0)
    qtbot.waitUntil(lambda: session.result is result)
    window.commands["hide_truth"].trigger()
    qtbot.waitUntil(lambda: session.cell.truth is not None)
    np.testing.assert_array_equal(session.cell.truth.sources, secret.sources)
    assert session.result is result
    assert {*session.numbers} >= TRUE
    assert drawn_truth(window) == (True, True, True)


def test_a_recording_that_is_opened_while_the_truth_is_hidden_comes_without_it(window, open_and_wait, short):
    window.commands["hide_truth"].trigger()
    open_and_wait(short)
    assert window.session.cell.truth is None
    assert not {*window.session.numbers} & TRUE
    assert "r_neuropil" in window.session.numbers


def test_nothing_that_is_written_of_a_simulation_makes_its_truth_again(qtbot, window, tmp_path, monkeypatch):
    window.commands["simulator"].trigger()
    qtbot.waitUntil(lambda: window.session.cell is not None)
    window.commands["hide_truth"].trigger()
    path = tmp_path / "cell.npz"
    monkeypatch.setattr("neuropil_gui.ui.dialogs.ask_save", lambda *_: path)
    with qtbot.waitSignal(window.controller.written):
        window._teaching.view.save_requested.emit()
    with np.load(path) as file:
        assert not [name for name in file if "truth" in name]
        assert "seed" not in str(file["provenance"])
    QApplication.clipboard().clear()
    window.commands["copy_script"].trigger()
    assert QApplication.clipboard().text() == ""
    assert "While the truth is hidden" in window.messages.text.text()
    window.commands["hide_truth"].trigger()
    qtbot.waitUntil(lambda: window.session.cell is not None and window.session.cell.truth is not None)
    window.commands["copy_script"].trigger()
    assert "seed=2" in QApplication.clipboard().text()
