"""From a movie and ROIs that are dropped on the window to traces, results and files."""

import numpy as np
import pytest
import tifffile
from PyQt5.QtCore import QMimeData, QPointF, Qt, QUrl
from PyQt5.QtGui import QDropEvent
from PyQt5.QtWidgets import QCheckBox, QLineEdit

from neuropil_gui import RegionSettings, extract, write_rois
from neuropil_gui.features.files.import_dialog import ImportDialog
from neuropil_gui.formats.movie_with_rois import sources_of

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
