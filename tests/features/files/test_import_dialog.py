"""The dialog by itself: its controls, what it returns, what it shows of a first look."""

from dataclasses import replace

import numpy as np
import pytest
from PyQt5.QtCore import Qt
from PyQt5.QtWidgets import QCheckBox, QComboBox, QDialog, QFileDialog, QLabel, QLineEdit, QPushButton, QRadioButton

from neuropil_gui.core.recording import Cell
from neuropil_gui.features.files.import_dialog import ImportDialog, describe_preview
from neuropil_gui.formats.plain.rows import NEUROPIL_FILE, guess_rows
from neuropil_gui.formats.questions import Choice, FileQuestion, Inquiry, Preview, PreviewPicture
from neuropil_gui.ui import style

DATASET = FileQuestion(
    "dataset", "Which array?", "F", "It is called F.", (Choice("F", "F (3 × 9)"), Choice("dF", "dF (3 × 9)"))
)
NEUROPIL = FileQuestion(
    "neuropil", "Which neuropil?", "", "No name says so.", (Choice("", "none"), Choice("N", "N & co"))
)
AXES = FileQuestion(
    "rows_are_frames", "Which axis is time?", None, "The longer side.",
    (Choice(False, "columns"), Choice(True, "rows"), Choice(None, "by the shape")),
)  # fmt: skip
PLANE = FileQuestion("plane", "Which plane?", None, "All are there.", (Choice(None, "all"), Choice("plane1", "plane1")))
UNIT = FileQuestion(
    "time_unit", "Times are in", "s", "A step of 0.03.", (Choice("s", "seconds"), Choice("ms", "milliseconds"))
)
RATE = FileQuestion("frame_rate", "How many frames a second?", 10.0, "Often a default.")
ALL = (DATASET, NEUROPIL, AXES, PLANE, RATE)


def nothing(_options):
    raise AssertionError("the dialog itself reads nothing")


@pytest.fixture
def dialog_of(qtbot, tmp_path):
    def make(questions=ALL, before=None):
        inquiry = Inquiry("NumPy archive", tuple(questions), nothing, "x")
        dialog = ImportDialog(tmp_path / "some file.npz", inquiry, before or {})
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        qtbot.addWidget(dialog)
        dialog.show()
        return dialog

    return make


def look(traces, frames=None, cells=1, rate=None, step=1, estimated=False):
    names = tuple(f"signal {k}" for k in range(len(traces)))
    preview = Preview(traces, names, frames or traces.shape[1], cells, rate, step, estimated)
    return preview, Cell("first look", traces[:100], names[:100])


def test_the_best_guesses_are_the_answers_that_enter_takes(qtbot, dialog_of):
    dialog = dialog_of()
    guesses = {question.name: question.guess for question in ALL}
    assert dialog.values() == guesses
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.result() == QDialog.DialogCode.Accepted
    assert dialog.values() == guesses
    assert dialog.remember.isChecked()


def test_what_was_answered_before_comes_first(dialog_of):
    before = {"dataset": "dF", "rows_are_frames": True, "frame_rate": None, "plane": "plane1", "neuropil": "gone"}
    assert dialog_of(before=before).values() == {**before, "neuropil": ""}


def test_each_control_answers_its_question(qtbot, dialog_of):
    dialog = dialog_of()
    for name, index in (("dataset", 1), ("neuropil", 1), ("plane", 1)):
        with qtbot.waitSignal(dialog.answers_changed):
            dialog.findChild(QComboBox, f"import_{name}").setCurrentIndex(index)
    with qtbot.waitSignal(dialog.answers_changed):
        dialog.findChild(QRadioButton, "import_rows_are_frames_1").click()
    edit = dialog.findChild(QLineEdit, "import_frame_rate")
    edit.selectAll()
    with qtbot.waitSignal(dialog.answers_changed):
        qtbot.keyClicks(edit, "7,5")
    assert dialog.values() == {
        "dataset": "dF", "neuropil": "N", "rows_are_frames": True, "plane": "plane1", "frame_rate": 7.5
    }  # fmt: skip
    edit.clear()
    assert dialog.values()["frame_rate"] is None


def test_what_each_trace_is_and_a_second_file_are_asked(qtbot, dialog_of, monkeypatch, tmp_path):
    dialog = dialog_of((*guess_rows(50).questions(), NEUROPIL_FILE))
    assert dialog.values() == {"rows": "cells", "neuropil_file": None}
    with qtbot.waitSignal(dialog.answers_changed):
        dialog.findChild(QRadioButton, "import_rows_0").click()
    asked = []
    monkeypatch.setattr(
        QFileDialog, "getOpenFileName", lambda *arguments: asked.append(arguments) or (str(tmp_path / "Fneu.npy"), "")
    )
    with qtbot.waitSignal(dialog.answers_changed):
        dialog.findChild(QPushButton, "import_choose_neuropil_file").click()
    assert asked[0][2] == str(tmp_path)  # the folder of the first file
    assert dialog.values() == {"rows": "signals", "neuropil_file": str(tmp_path / "Fneu.npy")}
    with qtbot.waitSignal(dialog.answers_changed):
        dialog.findChild(QLineEdit, "import_neuropil_file").clear()
    assert dialog.values()["neuropil_file"] is None
    widths = [each.sizeHint().width() for each in dialog.findChildren(QRadioButton)]
    assert max(widths) < dialog.findChild(QLabel, "import_head").width()


def test_a_reason_stands_beside_each_question_and_names_the_guess_once_it_is_left(dialog_of):
    dialog = dialog_of()
    for question in ALL:
        why = dialog.findChild(QLabel, f"import_why_{question.name}")
        assert why.text() == question.why
        assert why.font().pointSizeF() < dialog.font().pointSizeF()
    dialog.findChild(QComboBox, "import_dataset").setCurrentIndex(1)
    assert dialog.findChild(QLabel, "import_why_dataset").text() == "The best guess is: F (3 × 9). It is called F."


def test_a_rate_that_is_none_cannot_be_opened(qtbot, dialog_of):
    dialog = dialog_of()
    edit = dialog.findChild(QLineEdit, "import_frame_rate")
    edit.setText("-3")
    assert not dialog.open_button.isEnabled()
    assert "above 0" in dialog.summary.text()
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert dialog.isVisible()
    edit.setText("3")
    assert dialog.open_button.isEnabled()


def test_a_refusal_stands_in_place_of_the_plot_until_answers_fit_again(qtbot, dialog_of):
    dialog = dialog_of()
    dialog.show_preview(*look(np.random.default_rng(0).random((3, 50))))
    assert dialog.plot.isVisible()
    dialog.show_refusal("F and N differ.")
    assert dialog.refusal.isVisible()
    assert dialog.refusal.text() == "F and N differ."
    assert not dialog.open_button.isEnabled()
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert dialog.isVisible()
    dialog.show_preview(*look(np.random.default_rng(0).random((3, 50))))
    assert dialog.plot.isVisible()
    assert dialog.open_button.isEnabled()


@pytest.mark.parametrize("points", [1, 2, 50, 4000])
def test_the_plot_draws_the_traces_as_they_are_the_roi_bold(dialog_of, points):
    dialog = dialog_of()
    traces = np.random.default_rng(1).random((3, points))
    traces[1, 0] = np.nan
    dialog.show_preview(*look(traces))
    drawn = [curve for curve in dialog.plot.curves if curve.isVisible()]
    np.testing.assert_array_equal([curve.series.values for curve in drawn], traces)
    assert [curve.pen.width() for curve in drawn] == [2, 1, 1]
    (left, right), (bottom, top) = dialog.plot.box.viewRange()
    assert (left, right) == pytest.approx((0, max(points - 1, 1) / 10))  # the guess is 10 Hz
    assert bottom < np.nanmin(traces)
    assert top > np.nanmax(traces)
    dialog.grab()


def test_of_very_many_signals_the_first_are_drawn_and_the_summary_says_so(dialog_of):
    dialog = dialog_of()
    dialog.show_preview(*look(np.random.default_rng(2).random((5000, 6))))
    assert sum(curve.isVisible() for curve in dialog.plot.curves) == 100
    assert "5,000 signals" in dialog.summary.text()
    assert "the first 100 signals" in dialog.summary.text()


def test_a_cell_without_a_number_shows_why_it_is_empty(dialog_of):
    dialog = dialog_of()
    dialog.show_preview(*look(np.full((2, 9), np.nan)))
    assert "No value of it is a finite number." in dialog.summary.text()
    dialog.grab()


def test_how_much_there_is_in_words():
    preview = look(np.zeros((5, 10)), frames=54_000, cells=3, step=5400)[0]
    assert describe_preview(preview, 30.0, 5) == "3 cells, 5 signals in the first, 54,000 frames, 30 Hz: 30 min."
    assert describe_preview(look(np.zeros((1, 1)))[0], None, 1) == "1 cell, 1 signal, 1 frame, frame rate unknown."


def test_an_estimate_and_a_beginning_are_called_so():
    preview = look(np.zeros((3, 1000)), frames=460_123, step=7, estimated=True)[0]
    assert describe_preview(preview, 10.0, 2) == (
        "1 cell, 3 signals, about 460,123 frames, 10 Hz: about 12.8 h. Drawn: the first 2 signals, the first 7,000 "
        "frames."
    )
    whole = look(np.zeros((3, 1000)), frames=6994, step=7)[0]
    assert describe_preview(whole, None, 3) == "1 cell, 3 signals, 6,994 frames, frame rate unknown."


def test_the_time_is_in_seconds_where_the_rate_is_known_else_in_frames(dialog_of):
    dialog = dialog_of((UNIT,))
    axis = dialog.plot.item.getAxis("bottom")
    for rate, step, right, label in ((None, 10, 990, "Frame"), (20.0, 10, 49.5, "Time (s)"), (None, 1, 99, "Frame")):
        dialog.show_preview(*look(np.random.default_rng(4).random((3, 100)), frames=100 * step, rate=rate, step=step))
        assert dialog.plot.box.viewRange()[0] == pytest.approx([0, right])
        assert axis.labelText == label
        assert axis.style["showValues"]
    dialog.grab()


def test_a_guess_follows_the_data_set_and_an_answer_stays(qtbot, tmp_path):
    guesses = {"F": "N", "dF": ""}
    asked = []

    def follow(name):
        return (replace(NEUROPIL, guess=guesses[name], why=f"It goes with {name}."),)

    inquiry = Inquiry("NumPy archive", (DATASET, replace(NEUROPIL, guess="N")), nothing, "x", follow=follow)
    dialog = ImportDialog(tmp_path / "a.npz", inquiry, {})
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.answers_changed.connect(lambda: asked.append(dialog.values()))
    dataset, neuropil = (dialog.findChild(QComboBox, f"import_{name}") for name in ("dataset", "neuropil"))
    dataset.setCurrentIndex(1)
    dataset.setCurrentIndex(0)
    assert asked == [{"dataset": "dF", "neuropil": ""}, {"dataset": "F", "neuropil": "N"}]
    assert dialog.findChild(QLabel, "import_why_neuropil").text() == "It goes with F."
    neuropil.setCurrentIndex(0)
    neuropil.setCurrentIndex(1)
    dataset.setCurrentIndex(1)
    assert dialog.values() == {"dataset": "dF", "neuropil": "N"}
    assert dialog.findChild(QLabel, "import_why_neuropil").text() == "The best guess is: none. It goes with dF."
    again = ImportDialog(tmp_path / "a.npz", inquiry, {"neuropil": "N"})
    again.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(again)
    again.findChild(QComboBox, "import_dataset").setCurrentIndex(1)
    assert again.values()["neuropil"] == "N"


def test_the_typed_rate_is_the_one_that_is_shown(dialog_of):
    dialog = dialog_of()
    dialog.findChild(QLineEdit, "import_frame_rate").clear()
    dialog.show_preview(*look(np.zeros((2, 100)), rate=10.0))
    assert "frame rate unknown" in dialog.summary.text()


def test_without_a_question_there_is_only_the_look(dialog_of):
    dialog = dialog_of(questions=())
    assert dialog.values() == {}
    assert not dialog.remember.isVisible()
    assert "says all by itself" in dialog.findChild(QLabel, "import_head").text()


def test_every_control_has_a_name_for_those_who_do_not_see_it(dialog_of):
    dialog = dialog_of()
    for kind in (QComboBox, QRadioButton, QLineEdit):
        for control in dialog.findChildren(kind):
            assert control.accessibleName(), control.objectName()
            assert control.objectName()


def test_nothing_is_cut_off_sideways(qtbot, dialog_of):
    long = "session/with/a/long/path/" * 6
    dialog = dialog_of(
        (FileQuestion("dataset", "Which?", long, "Why? " * 60, (Choice(long, long), Choice("b", "b"))), *ALL[1:])
    )
    inside = dialog.boxes[0].parentWidget()
    assert inside.width() <= inside.parentWidget().width()
    assert all(box.geometry().right() <= inside.width() for box in dialog.boxes)


def test_it_follows_the_theme(qapp, dialog_of):
    dialog = dialog_of()
    style.apply_theme(qapp, "dark")
    dialog.restyle()
    assert dialog.grab().toImage().pixelColor(3, 3).lightness() < 80


def test_numbers_and_switches_of_regions(qtbot, dialog_of):
    questions = (
        FileQuestion("regions", "Regions", 4, "4 in FISSA."),
        FileQuestion("expansion", "Area", 1.0, "1 in FISSA."),
        FileQuestion("gap", "Gap", 0, "0 in FISSA."),
        FileQuestion("exclude_others", "Others", False, "As FISSA.", (Choice(False, "no"), Choice(True, "yes"))),
    )
    dialog = dialog_of(questions, before={"gap": 2})
    assert dialog.values() == {"regions": 4, "expansion": 1.0, "gap": 2, "exclude_others": False}
    for name, text, value in (("regions", "6", 6), ("expansion", "0,5", 0.5), ("gap", "1", 1)):
        with qtbot.waitSignal(dialog.answers_changed):
            dialog.findChild(QLineEdit, f"import_{name}").setText(text)
        assert dialog.values()[name] == value
    with qtbot.waitSignal(dialog.answers_changed):
        dialog.findChild(QCheckBox, "import_exclude_others").click()
    assert dialog.values()["exclude_others"] is True
    for name, text, why in (
        ("regions", "0", "Neuropil regions of a ROI must be a number from 1 to 64, but 0 was found."),
        ("regions", "1.5", "Neuropil regions of a ROI must be a whole number, but '1.5' was found."),
        ("regions", "", "Neuropil regions of a ROI must be a whole number"),
        ("expansion", "0", "Area of a region must be above 0 and at most 100, but 0 was found."),
        ("gap", "-1", "Gap must be a number of steps from 0 to 100, but -1 was found."),
    ):
        edit = dialog.findChild(QLineEdit, f"import_{name}")
        before = edit.text()
        edit.setText(text)
        assert why in dialog.summary.text()
        assert not dialog.open_button.isEnabled()
        edit.setText(before)


def test_a_movie_shows_its_picture_and_what_is_left_out(dialog_of):
    dialog = dialog_of()
    preview, cell = look(np.ones((2, 9)))
    assert not dialog.picture.isVisible()
    mean = np.arange(12.0, dtype=np.float32).reshape(3, 4)
    mean[0, 0] = np.nan
    square = (np.array([(1.0, 1), (3, 1), (3, 2), (1, 2)]),)
    picture = PreviewPicture(mean, square, square, ())
    dialog.show_preview(replace(preview, picture=picture, notes=("1 ROI left out: it lies beside.",)), cell)
    assert dialog.picture.isVisible()
    assert "1 ROI left out" in dialog.summary.text()
    drawn = dialog.picture.grab().toImage()
    scale = min(drawn.width() / 4, drawn.height() / 3)
    left, top = (drawn.width() - 4 * scale) / 2, (drawn.height() - 3 * scale) / 2
    levels = [drawn.pixelColor(int(left + (c + 0.5) * scale), int(top + (2 + 0.5) * scale)).lightness() for c in (0, 3)]
    assert levels[0] < levels[1]
    small = replace(picture, mean=np.array([[9.0, 1.0]], np.float32), step=2)  # of a movie of 2 x 4 pixels
    dialog.show_preview(replace(preview, picture=small), cell)
    drawn = dialog.picture.grab().toImage()
    scale = min(drawn.width() / 4, drawn.height() / 2)
    left, top = (drawn.width() - 4 * scale) / 2, (drawn.height() - 2 * scale) / 2
    levels = [drawn.pixelColor(int(left + x * scale), int(top + 0.5 * scale)).lightness() for x in (0.5, 3.5)]
    assert levels[0] > 200
    assert levels[1] < 50
    shared = PreviewPicture(np.nan_to_num(mean), square, (), square)  # a region around another ROI
    dialog.show_preview(replace(preview, picture=shared), cell)
    drawn = dialog.picture.grab().toImage()
    scale = min(drawn.width() / 4, drawn.height() / 3)
    x, y = int(drawn.width() / 2), int((drawn.height() - 3 * scale) / 2 + scale)  # on their upper edge
    assert "#e69f00" in {drawn.pixelColor(x, y + d).name() for d in (-1, 0, 1)}
