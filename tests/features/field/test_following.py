"""Following: it shows what the newest trial makes of the selected cell, a draft until the movie is read around it."""

import numpy as np
import pytest

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import CellsInMemory, Recording
from neuropil_gui.features.field import following as module
from neuropil_gui.features.field.edit_jobs import Trial
from neuropil_gui.features.field.following import BINS, Following
from neuropil_gui.imaging import neighbourhood
from neuropil_gui.imaging.extraction import extract_traces
from neuropil_gui.imaging.movie import join
from neuropil_gui.imaging.neighbourhood import Box, box_of
from neuropil_gui.imaging.regions import RegionSettings
from neuropil_gui.imaging.roi import EllipseRoi
from neuropil_gui.imaging.roi_cells import EditedMovie, RoiCells
from neuropil_gui.imaging.roi_edits import moved
from neuropil_gui.imaging.roi_set import RoiSet
from neuropil_gui.imaging.stack import ArrayStack
from neuropil_gui.state.session import Session

pytestmark = pytest.mark.any_version

SHAPE, FRAMES = (48, 60), 200


@pytest.fixture
def session(qapp):
    rng = np.random.default_rng(0)
    frames = rng.poisson(100 + 80 * rng.gamma(1.0, 1.0, (FRAMES, 1, 1)) * rng.random(SHAPE))
    movie = join("movie", [ArrayStack(frames.astype(np.uint16))])
    discs = [EllipseRoi(f"cell {x}", (x, 24), (4, 4)) for x in (14, 44)]
    cells = RoiCells(EditedMovie(lambda: movie, movie.shape), RoiSet.of(discs, SHAPE, RegionSettings()), {})
    session = Session()
    session.set_recording(Recording("movie", None, None, CellsInMemory(list(cells))))
    session.set_cell(session.recording.cells[0])
    session.rois.begin(cells)
    return session


@pytest.fixture
def parts_only(monkeypatch):
    """Let memory be too small for the whole picture."""
    read = neighbourhood.box_to_read
    monkeypatch.setattr(module, "box_to_read", lambda cell, movie: read(cell, movie, 1600 * FRAMES * 2))


@pytest.fixture
def following(session, runners, parent):
    made = Following(session, parent)
    made.shown, made.said = [], []
    made.followed.connect(made.shown.append)
    made.refused.connect(made.said.append)
    return made


def roi_at(session, x):
    return moved(session.rois.all.rois[0], x, 0)


def answer(runner):
    runner.answer(runner.compute())


def expected(session, followed):
    return extract_traces(session.rois.cells.source.movie, [followed.regions])[0]


def test_each_answer_is_drawn_and_the_next_trial_is_where_the_hand_is_then(following, session):
    following.prepare()
    assert following.reader.question == Box(0, 0, *SHAPE)
    answer(following.reader)
    assert not following.reader.busy, "what holds the whole picture needs no bins"
    for x in (1, 2, 3, 4):
        following.try_roi(roi_at(session, x))
    asked = following.runner.asked
    assert [trial.roi.centre[0] for trial in asked] == [15]
    answer(following.runner)
    assert [trial.roi.centre[0] for trial in asked] == [15, 18]
    assert len(following.shown) == 1
    answer(following.runner)
    tried = following.shown[-1].tried
    assert tried.exact
    assert session.cell is tried.cell
    assert session.draft is tried.draft is not None
    assert np.array_equal(session.cell.traces, expected(session, following.shown[-1]))
    assert following.runner.question is following.shown[-1], "the hand rests: the whole separation follows"
    answer(following.runner)
    assert session.draft is None
    assert session.result.settings.solver == "accelerated"
    assert not following.runner.busy


def test_a_newer_trial_does_not_wait_for_the_whole_separation(following, session):
    following.prepare()
    answer(following.reader)
    following.try_roi(roi_at(session, 1))
    answer(following.runner)
    assert not isinstance(following.runner.question, Trial)
    following.try_roi(roi_at(session, 2))
    assert isinstance(following.runner.question, Trial)


def test_until_the_movie_is_read_a_draft_of_the_traces_is_shown(following, session, parts_only):
    following.prepare()
    box = following.reader.question
    assert box.holds(box_of(session.rois.all.regions[0]))
    assert box != Box(0, 0, *SHAPE)
    answer(following.reader)
    assert following.reader.question == BINS
    answer(following.reader)
    following.try_roi(roi_at(session, 30))
    answer(following.runner)
    tried = following.shown[-1].tried
    exact = expected(session, following.shown[-1])
    assert not tried.exact
    assert not np.array_equal(tried.cell.traces, exact)
    assert np.allclose(tried.cell.traces.mean(axis=1), exact.mean(axis=1), rtol=1e-5)
    assert following.reading
    answer(following.runner)
    answer(following.reader)
    assert isinstance(following.runner.question, Trial), "it is tried again where the hand rests"
    answer(following.runner)
    assert following.shown[-1].tried.exact
    assert np.array_equal(session.cell.traces, exact)


def test_without_bins_only_the_outline_follows_until_the_movie_is_read(following, session, parts_only):
    before = session.cell
    following.prepare()
    following.try_roi(roi_at(session, 2))
    answer(following.runner)
    assert following.shown[-1].tried is None
    assert session.cell is before
    answer(following.reader)
    answer(following.runner)
    assert session.cell is not before


def test_a_shape_without_a_pixel_is_refused_and_the_last_one_stays(following, session):
    following.prepare()
    answer(following.reader)
    following.try_roi(roi_at(session, 1))
    answer(following.runner)
    shown = session.cell
    following.try_roi(roi_at(session, 500))
    with pytest.raises(DataError) as error:
        following.runner.compute()
    following.runner.fail(error.value)
    assert "has no pixel" in following.said[0]
    assert session.cell is shown


def test_a_movie_that_cannot_be_read_is_said_once(following, session, parts_only):
    following.prepare()
    following.reader.fail(DataError("movie.tif: the file is cut short."))
    assert following.said == ["movie.tif: the file is cut short."]
    following.prepare()
    following.try_roi(roi_at(session, 1))
    answer(following.runner)
    assert not following.reader.busy
    assert following.shown[-1].tried is None


def test_without_live_traces_follow_and_nothing_is_separated(following, session):
    session.set_live(False)
    following.prepare()
    answer(following.reader)
    following.try_roi(roi_at(session, 1))
    answer(following.runner)
    assert (session.draft, session.result) == (None, None)
    assert np.array_equal(session.cell.traces, expected(session, following.shown[-1]))
    assert not following.runner.busy


def test_an_answer_to_rois_of_before_is_dropped(following, session):
    following.prepare()
    answer(following.reader)
    following.try_roi(roi_at(session, 1))
    made = following.runner.compute()
    session.rois.restore(session.rois.all.removed([1]))
    shown = session.cell
    following.runner.answer(made)
    assert session.cell is shown
    assert following.shown == []
