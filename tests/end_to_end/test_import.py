"""Opening what leaves a question: the whole window, with files as labs have them."""

import struct
import time
import zlib

import h5py
import numpy as np
import pytest
import scipy.io
from PyQt5.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt5.QtGui import QDropEvent
from PyQt5.QtWidgets import QAction, QComboBox, QDialog, QFileDialog, QLabel, QLineEdit, QPushButton, QWidget

from neuropil_gui import read
from neuropil_gui.engine import jobs
from neuropil_gui.features.files.import_dialog import ImportDialog
from neuropil_gui.formats import registry
from neuropil_gui.formats.paths import Options
from neuropil_gui.ui import dialogs
from neuropil_gui.window.preferences_dialog import Choices, PreferencesDialog

pytestmark = pytest.mark.any_version

RNG = np.random.default_rng(12)
F, FNEU, SPKS = RNG.random((3, 6, 300)) + 1


@pytest.fixture
def archive(tmp_path):
    """Three arrays of one shape: which is the signals, and which the neuropil?"""
    path = tmp_path / "archive.npz"
    np.savez(path, F=F, Fneu=FNEU, spks=SPKS)
    return path


@pytest.fixture
def alike(tmp_path):
    """Another recording, laid out in the same way."""
    path = tmp_path / "alike.npz"
    np.savez(path, F=F + 1, Fneu=FNEU + 1, spks=SPKS + 1)
    return path


def asked(window):
    found = [each for each in window.findChildren(ImportDialog) if each.isVisible()]
    assert len(found) <= 1
    return found[0] if found else None


def drawn(dialog):
    return np.array([curve.series.values for curve in dialog.plot.curves if curve.isVisible()])


@pytest.fixture
def ask(qtbot, window):
    """Open a file, and wait for the dialog with its first look."""

    def ask(path, **keywords):
        window.open_path(path, **keywords)
        qtbot.waitUntil(lambda: asked(window) is not None and len(drawn(asked(window))) > 0, timeout=10_000)
        return asked(window)

    return ask


@pytest.fixture
def opened(qtbot, window):
    """Do something, and wait for the recording that it opens without a question."""

    def opened(act):
        with qtbot.waitSignal(window.session.recording_changed, timeout=10_000):
            act()
        assert asked(window) is None
        return window.session.recording

    return opened


def message(window):
    return " ".join(label.text() for label in window.findChildren(QLabel, "message_text") if label.isVisible())


def press(qtbot, dialog, key=Qt.Key.Key_Return):
    qtbot.keyClick(dialog, key)


def choose(dialog, name, index):
    dialog.findChild(QComboBox, f"import_{name}").setCurrentIndex(index)


def test_enter_takes_the_guess_and_the_same_file_asks_nothing_again(qtbot, window, archive, ask, opened):
    dialog = ask(archive)
    np.testing.assert_array_equal(drawn(dialog), [F[0], FNEU[0]])
    assert "6 cells, 2 signals in the first, 300 frames" in dialog.summary.text()
    first = opened(lambda: press(qtbot, dialog))
    np.testing.assert_array_equal(first.cells[4].traces, [F[4], FNEU[4]])
    again = opened(lambda: window.open_path(archive))
    np.testing.assert_array_equal(again.cells[4].traces, first.cells[4].traces)
    assert "files like this" not in message(window)


def test_another_choice_shows_other_data_and_is_what_is_read(qtbot, window, archive, ask, opened):
    dialog = ask(archive)
    choose(dialog, "dataset", 2)
    qtbot.waitUntil(lambda: np.array_equal(drawn(dialog), [SPKS[0], FNEU[0]]), timeout=5000)
    choose(dialog, "neuropil", 0)
    qtbot.waitUntil(lambda: np.array_equal(drawn(dialog), SPKS[:1]), timeout=5000)
    dialog.findChild(QLineEdit, "import_frame_rate").setText("15")
    size = "6 cells, 1 signal in the first, 300 frames, 15 Hz: 20 s"
    qtbot.waitUntil(lambda: size in dialog.summary.text(), timeout=5000)
    recording = opened(lambda: press(qtbot, dialog))
    np.testing.assert_array_equal(recording.cells[5].traces, SPKS[5:])
    assert recording.frame_rate == 15
    again = opened(lambda: window.open_path(archive))
    np.testing.assert_array_equal(again.cells[5].traces, SPKS[5:])
    assert again.frame_rate == 15


def test_the_guessed_neuropil_goes_with_the_data_set(qtbot, window, tmp_path, ask):
    path = tmp_path / "uneven.npz"
    np.savez(path, F=F, Fneu=FNEU, other=F[:, :99])
    dialog = ask(path)
    choose(dialog, "dataset", 2)
    qtbot.waitUntil(lambda: np.array_equal(drawn(dialog), F[:, :99]), timeout=5000)
    choose(dialog, "dataset", 0)
    qtbot.waitUntil(lambda: np.array_equal(drawn(dialog), [F[0], FNEU[0]]), timeout=5000)
    press(qtbot, dialog, Qt.Key.Key_Escape)


def test_the_unit_of_times_is_asked_once_and_makes_the_frame_rate(qtbot, window, tmp_path, ask, opened):
    path = tmp_path / "times.csv"
    rows = np.column_stack([np.arange(300) * 40.0, F[:3].T])
    np.savetxt(path, rows, delimiter=",", header="time,ROI,a,b", comments="", fmt="%.17g")
    dialog = ask(path)
    assert list(dialog.values().items()) == [("time_unit", "ms")]
    assert "25 Hz: 12 s" in dialog.summary.text()
    choose(dialog, "time_unit", 2)
    qtbot.waitUntil(lambda: "0.000416667 Hz: 200 h" in dialog.summary.text(), timeout=5000)
    choose(dialog, "time_unit", 3)
    qtbot.waitUntil(lambda: "frame rate unknown" in dialog.summary.text(), timeout=5000)
    choose(dialog, "time_unit", 0)
    qtbot.waitUntil(lambda: "0.025 Hz" in dialog.summary.text(), timeout=5000)
    for recording in (opened(lambda: press(qtbot, dialog)), opened(lambda: window.open_path(path))):
        assert recording.frame_rate == pytest.approx(0.025)
        assert not [each for each in recording.warnings if "guess" in each]
    other = tmp_path / "other.csv"
    other.write_bytes(path.read_bytes())
    assert opened(lambda: window.open_path(other)).frame_rate == pytest.approx(0.025)
    assert "times in seconds" in message(window)


def test_cancel_leaves_what_was_open_and_remembers_nothing(qtbot, window, archive, demo, open_and_wait, ask):
    open_and_wait(demo)
    before, result = window.session.recording, window.session.result
    for _ in range(2):
        dialog = ask(archive)
        press(qtbot, dialog, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: asked(window) is None)
        assert window.session.recording is before
        assert window.session.result is result
        assert not window.controller.working


def test_files_like_it_are_read_alike_with_a_message(qtbot, window, archive, alike, ask, opened):
    dialog = ask(archive)
    choose(dialog, "dataset", 2)
    opened(lambda: press(qtbot, dialog))
    recording = opened(lambda: window.open_path(alike))
    np.testing.assert_array_equal(recording.cells[1].traces, [SPKS[1] + 1, FNEU[1] + 1])
    assert "as you answered for files like this: spks; Fneu; By the shape" in message(window)
    assert "frame rate unknown" in message(window)


def test_files_like_it_are_asked_about_where_that_was_wanted(qtbot, window, archive, alike, ask, opened):
    dialog = ask(archive)
    qtbot.mouseClick(dialog.remember, Qt.MouseButton.LeftButton)
    opened(lambda: press(qtbot, dialog))
    opened(lambda: window.open_path(archive))
    dialog = ask(alike)
    press(qtbot, dialog, Qt.Key.Key_Escape)


def test_open_with_questions_asks_again_from_the_last_answers(qtbot, window, archive, ask, opened, monkeypatch):
    dialog = ask(archive)
    choose(dialog, "dataset", 2)
    opened(lambda: press(qtbot, dialog))
    monkeypatch.setattr(dialogs, "ask_files", lambda *_: [archive])
    action = window.findChild(QAction, "open_asking")
    assert action.shortcut().toString() == "Ctrl+Alt+O"
    action.trigger()
    qtbot.waitUntil(lambda: asked(window) is not None, timeout=5000)
    assert asked(window).values()["dataset"] == "spks"
    choose(asked(window), "dataset", 0)
    recording = opened(lambda: press(qtbot, asked(window)))
    np.testing.assert_array_equal(recording.cells[0].traces[0], F[0])


def test_open_with_questions_shows_what_leaves_none(qtbot, window, demo, ask, opened):
    dialog = ask(demo, ask=True)
    np.testing.assert_array_equal(drawn(dialog), read(demo).cells[0].traces)
    opened(lambda: qtbot.mouseClick(dialog.open_button, Qt.MouseButton.LeftButton))


def test_what_leaves_no_question_is_opened_without_one(window, tmp_path, opened, demo):
    path = tmp_path / "plain.npy"
    np.save(path, F)
    opened(lambda: window.open_path(path))
    opened(lambda: window.open_path(demo))


def test_an_answer_from_a_script_leaves_no_question(window, archive, opened):
    recording = opened(lambda: window.open_path(archive, dataset="spks"))
    assert window.loader.options_of(recording) == Options(dataset="spks")
    opened(lambda: window.open_path(archive, frame_rate=9.0))
    recording = opened(lambda: window.open_path(archive, ask=False))
    np.testing.assert_array_equal(recording.cells[0].traces[0], F[0])


def test_cells_without_neuropil_open_for_viewing_until_a_second_file_brings_it(qtbot, window, tmp_path, ask, opened):
    cells = np.random.default_rng(4).gamma(2.0, 1.0, (25, 200)) + 1
    np.save(tmp_path / "cells.npy", cells)
    np.save(tmp_path / "around.npy", cells / 2)
    dialog = ask(tmp_path / "cells.npy")
    np.testing.assert_array_equal(drawn(dialog), cells[:1])
    with qtbot.waitSignal(window.controller.separation_failed) as refused:
        opened(lambda: press(qtbot, dialog))
    assert "no neuropil to separate it from" in refused.args[0]
    assert "a second file can bring it" in message(window)
    qtbot.waitUntil(lambda: window.session.cell is not None and window.session.cell.traces.shape == (1, 200))
    assert window.session.result is None
    window.open_path(tmp_path / "cells.npy", ask=True)
    qtbot.waitUntil(lambda: window.findChild(QLineEdit, "import_neuropil_file") is not None)
    dialog = window.findChild(QDialog, "import_dialog")
    dialog.findChild(QLineEdit, "import_neuropil_file").setText(str(tmp_path / "around.npy"))
    qtbot.waitUntil(lambda: np.array_equal(drawn(dialog), [cells[0], cells[0] / 2]), timeout=5000)
    recording = opened(lambda: press(qtbot, dialog))
    np.testing.assert_array_equal(recording.cells[7].traces, [cells[7], cells[7] / 2])


def test_turning_keeps_the_other_answers(qtbot, window, archive, ask, opened):
    dialog = ask(archive)
    choose(dialog, "dataset", 2)
    choose(dialog, "neuropil", 0)
    dialog.findChild(QLineEdit, "import_frame_rate").setText("15")
    opened(lambda: press(qtbot, dialog))
    recording = opened(window.findChild(QAction, "transpose").trigger)
    np.testing.assert_array_equal(recording.cells[0].traces, SPKS.T[:1])
    assert recording.frame_rate == 15
    window.session.set_frame_rate(None)
    recording = opened(window.findChild(QAction, "transpose").trigger)
    np.testing.assert_array_equal(recording.cells[0].traces, SPKS[:1])
    assert recording.frame_rate is None


def test_a_rate_that_is_a_default_can_be_called_unknown(qtbot, window, tmp_path, ask, opened):
    folder = tmp_path / "suite2p" / "plane0"
    folder.mkdir(parents=True)
    np.save(folder / "F.npy", F.astype(np.float32))
    np.save(folder / "Fneu.npy", FNEU.astype(np.float32))
    np.save(folder / "ops.npy", {"fs": 10.0})
    assert read(tmp_path / "suite2p").frame_rate == 10
    dialog = ask(tmp_path / "suite2p")
    assert "10 Hz" in dialog.summary.text()
    dialog.findChild(QLineEdit, "import_frame_rate").clear()
    assert opened(lambda: press(qtbot, dialog)).frame_rate is None
    assert opened(lambda: window.open_path(tmp_path / "suite2p")).frame_rate is None


def test_a_file_that_is_dropped_is_asked_about(qtbot, window, archive):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(archive))])
    keys = Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, keys))
    qtbot.waitUntil(lambda: asked(window) is not None, timeout=5000)
    press(qtbot, asked(window), Qt.Key.Key_Escape)


def test_answers_that_do_not_fit_are_a_sentence_and_cannot_be_opened(qtbot, window, tmp_path, ask):
    path = tmp_path / "uneven.npz"
    np.savez(path, F=F, Fneu=FNEU, other=F[:, :99])
    dialog = ask(path)
    choose(dialog, "neuropil", 0)
    choose(dialog, "neuropil", 1)  # which is an answer then, and no guess that would follow the data set
    choose(dialog, "dataset", 2)
    qtbot.waitUntil(lambda: dialog.refusal.isVisible(), timeout=5000)
    assert "Fneu" in dialog.refusal.text()
    assert not dialog.findChild(QPushButton, "import_open").isEnabled()
    press(qtbot, dialog)
    assert dialog.isVisible()
    choose(dialog, "neuropil", 0)
    qtbot.waitUntil(lambda: np.array_equal(drawn(dialog), F[:, :99]), timeout=5000)
    assert dialog.findChild(QPushButton, "import_open").isEnabled()
    press(qtbot, dialog, Qt.Key.Key_Escape)


def test_remembered_answers_that_do_not_fit_are_asked_again(qtbot, window, archive, tmp_path, ask, opened):
    dialog = ask(archive)
    choose(dialog, "dataset", 2)
    opened(lambda: press(qtbot, dialog))
    before = window.session.recording
    uneven = tmp_path / "uneven.npz"
    np.savez(uneven, F=F, Fneu=FNEU, spks=SPKS[:, :99])
    with qtbot.waitSignal(window.loader.failed, timeout=5000):
        window.open_path(uneven)
    dialog = asked(window)
    assert "spks" in message(window)
    assert dialog.values()["dataset"] == "F"
    assert window.session.recording is before
    press(qtbot, dialog, Qt.Key.Key_Escape)


def test_a_broken_file_is_a_sentence_without_a_dialog(qtbot, window, archive, demo, open_and_wait):
    open_and_wait(demo)
    before = window.session.recording
    archive.write_bytes(archive.read_bytes()[:-200])
    with qtbot.waitSignal(window.loader.failed, timeout=5000):
        window.open_path(archive)
    assert asked(window) is None
    assert "archive.npz" in message(window)
    assert window.session.recording is before


def test_a_file_that_goes_while_it_is_asked_about_is_a_sentence(qtbot, window, archive, ask):
    dialog = ask(archive)
    archive.unlink()
    choose(dialog, "dataset", 2)
    qtbot.waitUntil(lambda: dialog.refusal.isVisible(), timeout=5000)
    assert "archive.npz" in dialog.refusal.text()
    press(qtbot, dialog, Qt.Key.Key_Escape)


def test_another_file_takes_the_place_of_one_that_is_asked_about(qtbot, window, archive, ask, opened, demo):
    ask(archive)
    opened(lambda: window.open_path(demo))
    ask(archive)
    opened(lambda: window.open_demo("easy"))


def test_the_window_can_be_closed_while_it_asks(qtbot, window, archive, ask):
    dialog = ask(archive)
    choose(dialog, "dataset", 2)
    window.close()
    assert window.threads_ended
    assert not dialog.isVisible()
    assert window.session.recording is None


def test_nothing_that_is_asked_for_in_between_is_shown(qtbot, window, archive, alike, ask):
    """The newest question wins, and its answer alone is drawn."""
    window.open_path(archive)
    dialog = ask(alike)
    assert dialog.path == alike
    for index in (1, 2, 0, 1, 2) * 5:
        choose(dialog, "dataset", index)
    qtbot.waitUntil(lambda: np.array_equal(drawn(dialog), [SPKS[0] + 1, FNEU[0] + 1]), timeout=5000)
    press(qtbot, dialog, Qt.Key.Key_Escape)


def test_what_is_remembered_can_be_forgotten(qtbot, window, archive, ask, opened, monkeypatch):
    dialog = ask(archive)
    opened(lambda: press(qtbot, dialog))
    kept = PreferencesDialog(Choices("light", True, 1, True), 4, window)
    kept.forget_answers.setChecked(True)
    monkeypatch.setattr(PreferencesDialog, "ask", lambda *_: kept.choices())
    window.findChild(QAction, "preferences").trigger()
    press(qtbot, ask(archive), Qt.Key.Key_Escape)
    kept.deleteLater()


# What is written


@pytest.mark.parametrize(
    ("typed", "chosen", "expected"),
    [
        ("a.npz", "NumPy archive (*.npz)", "a.npz"),
        ("a.npz", "FISSA's names, NumPy (*.fissa.npz)", "a.fissa.npz"),
        ("b.fissa.npz", "FISSA's names, NumPy (*.fissa.npz)", "b.fissa.npz"),
        ("b", "FISSA's names, MATLAB (*.fissa.mat)", "b.fissa.mat"),
        ("a.npz", "NWB (*.nwb)", "a.nwb"),
        ("b.mat", "NWB (*.nwb)", "b.mat"),
        ("b", "", "b"),
    ],
)
def test_the_chosen_format_is_the_one_that_is_written(qtbot, tmp_path, monkeypatch, typed, chosen, expected):
    asked_with, parent = [], QWidget()
    qtbot.addWidget(parent)

    def answer(_parent, _title, suggestion, _filters, filter_at_first):
        asked_with.append((suggestion, filter_at_first))
        return (str(tmp_path / typed), chosen) if len(asked_with) == 1 else (suggestion, chosen)

    monkeypatch.setattr(QFileDialog, "getSaveFileName", answer)
    suggestion = str(tmp_path / "a.npz")
    assert dialogs.ask_save(parent, "Save", suggestion, "filters") == tmp_path / expected
    assert asked_with == [(suggestion, "")]
    # Nobody was asked yet whether a file by the longer name may be replaced.
    (tmp_path / expected).touch()
    asked_with.clear()
    assert dialogs.ask_save(parent, "Save", suggestion, "filters") == tmp_path / expected
    assert asked_with[1:] == ([] if typed == expected else [(str(tmp_path / expected), chosen)])


def test_each_format_is_written(qtbot, window, demo, run_and_wait, open_and_wait, tmp_path, monkeypatch):
    open_and_wait(demo)
    run_and_wait()
    endings = [part.split(")")[0] for part in registry.save_filter().split("(*")[1:]]
    assert {".npz", ".csv", ".mat", ".nwb", ".fissa.npz", ".fissa.mat"} == set(endings)
    window.session.set_frame_rate(20.0)
    for ending in endings:
        monkeypatch.setattr(dialogs, "ask_save", lambda *_, ending=ending: tmp_path / f"out{ending}")
        with qtbot.waitSignal(window.controller.written, timeout=20_000):
            window.findChild(QAction, "export").trigger()
        assert (tmp_path / f"out{ending}").stat().st_size > 0
    assert "result" in np.load(tmp_path / "out.fissa.npz").files
    window.session.set_frame_rate(None)
    monkeypatch.setattr(dialogs, "ask_save", lambda *_: tmp_path / "none.nwb")
    with qtbot.waitSignal(window.controller.write_failed, timeout=20_000):
        window.findChild(QAction, "export").trigger()
    assert "frame rate" in message(window)
    assert not (tmp_path / "none.nwb").exists()


# Large files


def make_npy(path):
    np.save(path.with_suffix(".npy"), RNG.random((1_300_000, 10)))
    return path.with_suffix(".npy")


def make_hdf5(path):
    with h5py.File(path.with_suffix(".h5"), "w") as file:
        file["traces"] = RNG.random((400, 32_000))
        file["neuropil"] = RNG.random((400, 32_000))
    return path.with_suffix(".h5")


def make_mat(path):
    scipy.io.savemat(path.with_suffix(".mat"), {"dff": RNG.random((100, 131_072))})
    return path.with_suffix(".mat")


def make_packed_mat(path):
    # Of noise, so that there is much to unpack; packed quickly, which scipy does not.
    body = make_mat(path).read_bytes()
    packer = zlib.compressobj(1, strategy=zlib.Z_HUFFMAN_ONLY)
    packed = packer.compress(body[128:]) + packer.flush()
    path.with_suffix(".mat").write_bytes(body[:128] + struct.pack("<II", 15, len(packed)) + packed)
    return path.with_suffix(".mat")


@pytest.mark.parametrize("make", [make_npy, make_hdf5, make_mat, make_packed_mat])
def test_of_a_large_file_there_is_a_first_look_within_a_second(window, tmp_path, ask, make, capsys, slowdown):
    path = make(tmp_path / "large")
    before = slowdown()
    assert path.stat().st_size > 90e6
    begin = time.perf_counter()
    dialog = ask(path, ask=True)
    seconds = time.perf_counter() - begin
    with capsys.disabled():
        print(f"\n{path.suffix}, {path.stat().st_size / 1e6:.0f} MB: a first look after {seconds:.2f} s")
    dialog.reject()
    assert seconds < 5 * max(before, slowdown()), "a second on a machine that is not busy"


@pytest.fixture
def slow(tmp_path):
    path = tmp_path / "slow.csv"
    row = ",".join(f"{value:.9f}" for value in RNG.random(12) + 1) + "\n"
    path.write_text(row * 100_000)
    return path


def test_reading_says_how_far_it_is_and_can_be_cancelled(qtbot, window, slow, demo, open_and_wait):
    open_and_wait(demo)
    qtbot.waitUntil(lambda: not window.controller.working, timeout=10_000)
    before = window.session.recording
    window.session.set_live(False)
    reports, texts = [], []
    label = window.findChild(QLabel, "run_text")

    def note(path, part):
        # Connected after the window's own slots: the label has this report's text, whatever reports follow.
        reports.append((path, part))
        texts.append(label.text())

    window.loader.reported.connect(note)
    window.open_path(slow, ask=False)
    qtbot.waitUntil(lambda: bool(reports), timeout=10_000)
    assert all(path == slow and 0 <= part < 1 for path, part in reports)
    assert texts == [f"Reading slow.csv, {100 * part:.0f} %" for _, part in reports]
    begin = time.process_time()
    with qtbot.waitSignal(window.loader.ended):
        window.findChild(QAction, "cancel").trigger()
    assert not window.controller.working
    loader = window.loader
    qtbot.waitUntil(lambda: loader.idle)
    assert time.process_time() - begin < 2, "seconds of work, which waiting for a busy machine is not"
    assert window.session.recording is before


def test_a_child_that_reads_is_killed_at_once_by_cancel(qtbot, window, tmp_path, monkeypatch, slowdown):
    from neuropil_gui.formats.child import process

    path = make_hdf5(tmp_path / "large")
    started = []
    call = process.call

    def noting(function, *arguments, **keywords):
        started.append(function)
        return call(function, *arguments, **keywords)

    monkeypatch.setattr(process, "call", noting)
    window.open_path(path, ask=False)
    qtbot.waitUntil(lambda: bool(started), timeout=5000)
    window.controller.cancel()
    qtbot.waitUntil(lambda: window.loader.idle, timeout=int(1000 * slowdown()))
    assert window.session.recording is None


def test_the_jobs_report_and_stop_as_the_readers_do(slow):
    reports = []
    recording = jobs.load(slow, Options(frame_rate=4.0))(reports.append, lambda: False).recording
    assert recording.frame_rate == 4
    assert reports == sorted(reports)
    assert len(reports) > 2
    assert jobs.load(slow, Options(), rate_unknown=True)(reports.append, lambda: False).recording.frame_rate is None
