"""From a movie and ROIs that are dropped on the window to traces, results and files."""

import gc

import numpy as np
import pytest
import tifffile
from PyQt5.QtCore import QEvent, QMimeData, QPointF, Qt, QUrl
from PyQt5.QtGui import QDropEvent
from PyQt5.QtWidgets import QApplication, QCheckBox, QLabel, QLineEdit

from neuropil_gui import RegionSettings, extract, write_rois
from neuropil_gui.core.errors import Cancelled
from neuropil_gui.core.metrics import pearson
from neuropil_gui.core.movie_simulation import MovieSimulation, simulate_movie
from neuropil_gui.core.simulation import Simulation
from neuropil_gui.features.files.import_dialog import ImportDialog
from neuropil_gui.formats import kept_traces
from neuropil_gui.formats.movie_with_rois import sources_of
from neuropil_gui.formats.simulated_movie import write_simulated_movie
from neuropil_gui.imaging import extraction, stack
from neuropil_gui.imaging.pixels import inside_paths
from neuropil_gui.imaging.roi import PolygonRoi
from neuropil_gui.window.main_window import MainWindow

pytestmark = pytest.mark.any_version

FRAMES = np.random.default_rng(3).integers(100, 4000, (40, 20, 24)).astype(np.uint16)
SQUARE = np.array([(6, 6), (12, 6), (12, 11), (6, 11)])
BESIDE = SQUARE + np.array((6, 0))


@pytest.fixture
def folder(tmp_path):
    """Two trials, and two ROIs that touch."""
    for name, part in (("A2.tif", FRAMES[:25]), ("A10.tif", FRAMES[25:])):
        tifffile.imwrite(tmp_path / name, part)
    write_rois(tmp_path / "rois.zip", [SQUARE, BESIDE])
    return tmp_path


def drop(window, *paths):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    keys = Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, keys))


def asked(window):
    found = [each for each in window.findChildren(ImportDialog) if each.isVisible()]
    return found[0] if found else None


@pytest.fixture
def dialog(qtbot, window):
    """Wait for the dialog, and for what it shows at first."""

    def dialog(shows="cells"):
        qtbot.waitUntil(lambda: asked(window) is not None and shows in asked(window).summary.text())
        return asked(window)

    return dialog


@pytest.fixture
def opened(qtbot, window):
    """Do something, and wait for the recording that it opens."""

    def opened(act):
        with qtbot.waitSignal(window.session.recording_changed):
            act()
        return window.session.recording

    return opened


def assert_same(recording, expected):
    assert len(recording.cells) == len(expected.cells)
    for one, other in zip(recording.cells, expected.cells, strict=True):
        assert (one.name, one.trial_starts) == (other.name, other.trial_starts)
        np.testing.assert_array_equal(one.traces, other.traces)


def test_a_movie_and_its_rois_that_are_dropped_together_are_a_recording(qtbot, window, folder, dialog, opened):
    drop(window, folder / "rois.zip", folder / "A10.tif", folder / "A2.tif")
    shown = dialog("2 cells, 5 signals in the first, 40 frames")
    assert shown.open_button.text() == "Extract and open"
    assert "in 2 files, which are trials" in shown.inquiry.format
    assert shown.picture.isVisible()
    corners = shown.picture.first.boundingRect()  # in pixels of the movie
    assert (corners.left(), corners.top(), corners.right(), corners.bottom()) == (6, 6, 12, 11)
    assert shown.picture.rois.boundingRect().right() == 18
    shown.findChild(QLineEdit, "import_frame_rate").setText("20")
    shown.findChild(QLineEdit, "import_regions").setText("3")
    shown.findChild(QLineEdit, "import_gap").setText("1")
    shown.findChild(QCheckBox, "import_exclude_others").click()
    recording = opened(shown.open_button.click)
    settings = RegionSettings(3, 1.0, True, 1)
    assert_same(recording, extract([FRAMES[:25], FRAMES[25:]], [SQUARE, BESIDE], settings))
    assert (recording.frame_rate, recording.format) == (20, "movie and ROIs")
    assert recording.source == str(folder / "A2.tif")
    assert recording.files == (str(folder / "A10.tif"), str(folder / "rois.zip"))
    found = sources_of(recording)
    assert (found.movie, found.rois) == ((recording.source, recording.files[0]), recording.files[1])
    assert found.settings == settings
    qtbot.waitUntil(lambda: window.session.result is not None)
    del shown
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    # What was read of the movie for the dialog is not kept.
    assert not [each for each in gc.get_objects() if isinstance(each, stack.ArrayStack)]
    window.commands["copy_script"].trigger()
    words = f"rois={recording.files[1]!r}, trial_files=({recording.files[0]!r},), regions=3, expansion=1.0"
    assert words in QApplication.clipboard().text()
    again = opened(lambda: window.open_path(folder / "A2.tif"))  # as from the recent files: nothing is asked
    assert asked(window) is None
    assert_same(again, recording)
    assert sources_of(again) == found


def test_rois_alone_find_their_movie_and_a_movie_its_rois(qtbot, window, folder, dialog, opened):
    drop(window, folder / "rois.zip")
    shown = dialog()
    assert shown.findChild(QLineEdit, "import_movie").text() == str(folder)
    qtbot.keyClick(shown, Qt.Key.Key_Escape)
    drop(window, folder / "A2.tif")
    shown = dialog("25 frames")
    assert shown.findChild(QLineEdit, "import_rois").text() == str(folder / "rois.zip")
    recording = opened(shown.open_button.click)
    assert_same(recording, extract(FRAMES[:25], [SQUARE, BESIDE]))


def test_a_movie_without_rois_opens_with_a_circle_to_be_redrawn(qtbot, window, folder, dialog, opened):
    (folder / "rois.zip").unlink()
    drop(window, folder / "A2.tif")
    qtbot.waitUntil(lambda: asked(window) is not None and asked(window).refusal.isVisible())
    assert "No ROIs yet: draw them" in asked(window).refusal.text()
    assert not asked(window).open_button.isEnabled()
    asked(window).findChild(QCheckBox, "import_draw_rois").click()
    shown = dialog("1 cell, 5 signals")
    assert not shown.findChild(QLineEdit, "import_rois").isEnabled()
    assert "a circle" in shown.findChild(QLabel, "import_why_rois").text()
    box = shown.picture.rois.boundingRect()
    assert (box.width(), box.height()) == (5, 5)
    recording = opened(shown.open_button.click)
    assert [cell.name for cell in recording.cells] == ["ROI 1 (circle)"]
    qtbot.waitUntil(lambda: window.pages.current == "field")
    assert window.messages.text.text().startswith("No ROIs were given: ROI 1 is a circle at the brightest place.")
    tool = window.pages.made["field"]
    qtbot.waitUntil(lambda: tool.field is not None and not tool.busy and window.session.up_to_date)
    assert tool.view.edit.buttons["freehand"].isEnabled()
    again = opened(lambda: window.open_path(folder / "A2.tif"))  # as from the recent files: nothing is asked
    assert asked(window) is None
    assert_same(again, recording)
    window.open_path(folder / "A2.tif", ask=True)
    shown = dialog("1 cell, 5 signals")
    assert shown.findChild(QCheckBox, "import_draw_rois").isChecked()
    shown.reject()


def test_a_project_of_a_movie_without_rois_opens_again_with_those_drawn(
    qtbot, tmp_path, folder, add_window, preferences
):
    project = tmp_path / "drawn.npgui"
    for start in (1, 2):
        window = MainWindow(preferences, projects=tmp_path / "data" / "projects")
        add_window(window)
        with qtbot.waitExposed(window):
            window.show()
        rois, session = window.session.rois, window.session
        with qtbot.waitSignal(window.loader.loaded):
            if start == 1:
                window.open_path(folder / "A2.tif", ask=False, rois="none")
            else:
                window.open_path(project)
        window.pages.open("field")
        qtbot.waitUntil(lambda rois=rois: rois.all is not None)
        if start == 1:
            rois.change(rois.all.added(PolygonRoi("mine", (SQUARE.astype(float),))), "draw mine")
            rois.change(rois.all.removed([0]), "delete ROI 1 (circle)")
            with qtbot.waitSignal(window.keeper.named):
                window.keeper.save_as(project)
        else:
            assert window.loader.options_of(session.recording).rois == "none"
        assert [cell.name for cell in session.recording.cells] == ["mine"]
        qtbot.waitUntil(lambda session=session: session.answered)
        window.close()


def test_a_movie_that_is_chosen_for_rois_is_looked_at(qtbot, window, folder, tmp_path_factory, dialog, opened):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "rois.zip"
    (folder / "rois.zip").rename(elsewhere)
    drop(window, elsewhere)
    qtbot.waitUntil(lambda: asked(window) is not None and asked(window).refusal.isVisible())
    assert "Choose the movie" in asked(window).refusal.text()
    assert not asked(window).open_button.isEnabled()
    asked(window).findChild(QLineEdit, "import_movie").setText(str(folder / "A10.tif"))
    shown = dialog("15 frames")
    recording = opened(shown.open_button.click)
    assert recording.source == str(folder / "A10.tif")
    assert recording.files == (str(elsewhere),)
    assert len(recording.cells) == 2


def test_rois_that_do_not_fit_are_a_sentence_in_the_dialog(qtbot, window, folder, dialog):
    write_rois(folder / "rois.zip", [SQUARE + 100])
    drop(window, folder)
    qtbot.waitUntil(lambda: asked(window) is not None and asked(window).refusal.isVisible())
    assert "No ROI has a pixel in the picture" in asked(window).refusal.text()
    assert not asked(window).open_button.isEnabled()
    asked(window).reject()


def test_the_demo_is_made_opened_and_not_kept_as_a_recent_file(qtbot, window, opened):
    recording = opened(lambda: window.open_demo("movie"))
    assert len(recording.cells) == 6
    assert all(cell.truth is not None for cell in recording.cells)
    qtbot.waitUntil(lambda: window.session.result is not None)
    assert window.windowTitle().startswith("movie.tif")
    assert str(recording.source) not in window._preferences.recent


@pytest.fixture
def export_all(qtbot, window):
    """Separate all cells, and export them."""

    def export_all(path):
        with qtbot.waitSignal(window.controller.batch_ended):
            window.controller.separate_all()
        with qtbot.waitSignal(window.controller.written) as caught:
            window.controller.export_all(path)
        assert caught.args == [path, []]
        with np.load(path) as written:
            return dict(written)

    return export_all


def test_fissas_own_example_from_drop_to_export(window, real_data, tmp_path, dialog, opened, export_all):
    """Number by number what FISSA 1.0.0 made of the same movies and ROIs: raw, result, iterations."""
    folder = real_data / "imaging"
    with np.load(folder / "expected_py3.npz", allow_pickle=True) as file:
        names = ("raw", "result", "sep", "mixmat", "info")
        raw, result, separated, mixing, info = (file[name] for name in names)
    drop(window, *sorted(folder.glob("*.tif")), folder / "rois.zip")
    opened(dialog("2 cells, 5 signals in the first, 87 frames").open_button.click)
    written = export_all(tmp_path / "out.npz")
    for k in range(2):
        number = k + 1
        assert written[f"{number}/trial_starts"].tolist() == [0, 29, 58]
        np.testing.assert_array_equal(written[f"{number}/raw"], np.concatenate(list(raw[k]), axis=1))
        assert {each["iterations"] for each in info[k]} == {int(written[f"{number}/iterations"])}
        assert written[f"{number}/converged"]
        for name, expected in (("matched", result), ("separated", separated)):
            ours, theirs = written[f"{number}/{name}"], np.concatenate(list(expected[k]), axis=1)
            np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-7 * np.abs(theirs).max(), err_msg=name)
        np.testing.assert_allclose(written[f"{number}/mixing"], mixing[k, 0], rtol=1e-6, atol=1e-8)


def test_a_simulated_movie_from_drop_to_export(window, tmp_path, dialog, opened, export_all):
    """The truth goes with it: light, and how much of it is in each signal."""
    simulated = simulate_movie(MovieSimulation(Simulation(cells=4, frames=200, frame_rate=10, noise=10, seed=1), 56, 5))
    movie, rois = write_simulated_movie(tmp_path / "movie.tif", simulated)
    drop(window, movie, rois)
    shown = dialog("4 cells, 5 signals in the first, 200 frames, 10 Hz: 20 s")
    assert not shown.inquiry.asks("frame_rate")
    opened(shown.open_button.click)
    written = export_all(tmp_path / "out.npz")
    frames = np.array(list(simulated.frames(0)), float)
    for number, (corners, light) in enumerate(zip(simulated.outlines, simulated.sources, strict=False), 1):
        rows, columns = inside_paths([corners], (56, 56))
        np.testing.assert_array_equal(written[f"{number}/raw"][0], frames[:, rows, columns].mean(axis=1))
        truth = written[f"{number}/truth_mixing"] @ written[f"{number}/truth_sources"]
        assert np.abs(written[f"{number}/raw"] - truth).mean() < 1.5  # 10 counts of a pixel, over 78 pixels
        assert pearson(written[f"{number}/truth_sources"][0], light) == pytest.approx(1.0)
        best = pearson(written[f"{number}/matched"][0], light)
        assert best > max(0.9, pearson(written[f"{number}/raw"][0], light))


def test_extraction_says_how_far_it_is_and_can_be_cancelled(qtbot, window, folder, dialog, monkeypatch):
    own = extraction.extract_traces

    def extract_slowly(movie, cells, progress=None, should_stop=None):
        if progress is None:  # the preview
            return own(movie, cells)
        while not should_stop():
            progress(0.25)
        raise Cancelled

    monkeypatch.setattr(extraction, "extract_traces", extract_slowly)
    drop(window, folder / "A2.tif", folder / "rois.zip")
    dialog().open_button.click()
    qtbot.waitUntil(lambda: window.findChild(QLabel, "run_text").text() == "Reading A2.tif, 25 %")
    window.commands["cancel"].trigger()
    qtbot.waitUntil(lambda: not window.loader.busy)
    assert window.session.recording is None


def test_the_questions_are_asked_again_with_the_answers_of_before(window, folder, dialog, opened):
    drop(window, folder / "A2.tif", folder / "rois.zip")
    shown = dialog()
    shown.findChild(QLineEdit, "import_regions").setText("2")
    opened(dialog("2 cells, 3 signals").open_button.click)
    window.open_path(folder / "A2.tif", ask=True)
    shown = dialog("2 cells, 3 signals")
    assert shown.findChild(QLineEdit, "import_rois").text() == str(folder / "rois.zip")
    write_rois(folder / "other.zip", [SQUARE])
    shown.findChild(QLineEdit, "import_rois").setText(str(folder / "other.zip"))
    opened(dialog("1 cell, 3 signals").open_button.click)
    drop(window, folder / "A2.tif", folder / "rois.zip")  # other ROIs than the last time: a question
    assert dialog("2 cells, 3 signals").findChild(QLineEdit, "import_rois").text() == str(folder / "rois.zip")
    asked(window).reject()


def test_work_on_a_movie_is_there_again_and_its_traces_are_not_extracted_again(
    qtbot, tmp_path, folder, add_window, preferences, monkeypatch
):
    monkeypatch.setattr(kept_traces, "WORTH_BYTES", 0)
    passes, own = [], extraction.extract_traces

    def noting(movie, *arguments):
        passes.append(movie.shape[0])
        return own(movie, *arguments)

    monkeypatch.setattr(extraction, "extract_traces", noting)
    for start in (1, 2):
        window = MainWindow(preferences, projects=tmp_path / "data" / "projects")
        add_window(window)
        with qtbot.waitExposed(window):
            window.show()
        if start == 1:
            drop(window, *(folder / name for name in ("A2.tif", "A10.tif", "rois.zip")))
            qtbot.waitUntil(lambda window=window: asked(window) is not None and "cells" in asked(window).summary.text())
            asked(window).open_button.click()
        else:
            window.open_path(preferences.recent[0])
        qtbot.waitUntil(lambda window=window: window.session.result is not None)
        if start == 1:
            window.session.marks.judge([1], "accepted")
        else:
            assert window.session.marks[1].verdict == "accepted"
            assert window.session.recording.cells[0].trial_starts == (0, 25)
        window.close()
    assert passes.count(40) == 1
    assert preferences.recent == [str(folder / "A2.tif")]


def test_rois_with_weights_leave_another_question_open(window, folder, tmp_path_factory, dialog, opened):
    place = tmp_path_factory.mktemp("plane")
    rows, columns = np.mgrid[6:11, 6:12].reshape(2, -1)
    weights = np.linspace(1, 2, rows.size)
    stat = np.array([{"ypix": rows, "xpix": columns, "lam": weights}], object)
    np.save(place / "stat.npy", stat, allow_pickle=True)
    drop(window, folder / "A2.tif", folder / "rois.zip")
    shown = dialog("2 cells")
    assert not shown.inquiry.asks("weighted")
    shown.findChild(QLineEdit, "import_regions").setText("2")
    shown.findChild(QLineEdit, "import_rois").setText(str(place / "stat.npy"))
    shown = dialog("1 cell, 3 signals")  # what was typed stays
    shown.findChild(QCheckBox, "import_weighted").click()
    recording = opened(dialog("1 cell, 3 signals").open_button.click)
    expected = np.average(FRAMES[:25, rows, columns], axis=1, weights=weights)
    np.testing.assert_allclose(recording.cells[0].traces[0], expected, rtol=1e-12)
