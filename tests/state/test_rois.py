import numpy as np
import pytest

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.recording import CellsInMemory, Recording
from neuropil_gui.core.script import check_as_read
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.imaging.extraction import extract_traces
from neuropil_gui.imaging.movie import join
from neuropil_gui.imaging.regions import RegionSettings, regions_of
from neuropil_gui.imaging.roi import EllipseRoi
from neuropil_gui.imaging.roi_cells import EditedMovie, RoiCells
from neuropil_gui.imaging.roi_edits import moved
from neuropil_gui.imaging.roi_set import RoiSet
from neuropil_gui.imaging.stack import ArrayStack
from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.state.results import Result
from neuropil_gui.state.rois import Tried
from neuropil_gui.state.session import Session
from neuropil_gui.state.teaching import Locks
from neuropil_gui.state.undo import Undo

SHAPE = (40, 60)
FAST = SeparationSettings(solver="accelerated")
OWN = SeparationSettings(alpha=0.5)


def disc(x, y=20, radius=4, name="cell"):
    return EllipseRoi(name, (x, y), (radius, radius))


class Reader:
    """Reads the selected cell, as the controller does in a thread."""

    def __init__(self, session):
        self.session = session
        session.selection_changed.connect(self.read)

    def read(self):
        session = self.session
        if session.recording is not None:
            session.set_cell(session.recording.cells[session.index])


@pytest.fixture
def session(qapp):
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 200, (50, *SHAPE)) + rng.integers(0, 400, (50, 1, 1))
    movie = join("movie", [ArrayStack(frames.astype(np.uint16))])
    rois = RoiSet.of([disc(x, name=f"cell {x}") for x in (10, 30, 50)], SHAPE, RegionSettings())
    source = EditedMovie(lambda: movie, movie.shape)
    cells = RoiCells(source, rois, {})
    session = Session()
    session.reader = Reader(session)
    in_memory = CellsInMemory(list(cells))
    session.set_recording(Recording("movie", "movie.tif", None, in_memory))
    session.rois.begin(cells)
    return session


@pytest.fixture
def undo(session):
    return Undo(session)


def separate_all(session):
    for index in range(len(session.recording.cells)):
        session.store_other(index, separate_cell(session.recording.cells[index], FAST), {})


def names(session):
    return [header.name for header in session.recording.cells.headers]


def expected(session, index):
    cells = session.rois.cells
    return extract_traces(cells.source.movie, [cells.rois.regions[index]])[0]


def show_moved(session, index, by, exact=True):
    rois = session.rois.all
    roi = moved(rois.rois[index], by, 0)
    regions = regions_of(roi, SHAPE, rois.settings, np.zeros(SHAPE, np.int32))
    source = session.rois.cells.source
    cell = source.cell(regions, rois.numbers[index], extract_traces(source.movie, [regions])[0])
    session.rois.show(index, roi, Tried(regions, cell, exact))
    return roi


def test_rois_of_the_open_recording_are_as_they_were_read(session):
    assert session.rois.as_read == {1, 2, 3}
    assert not session.rois.edited
    session.set_recording(None)
    assert session.rois.all is None
    assert session.rois.as_read == frozenset()


def test_a_roi_that_is_moved_gets_other_signals_and_others_keep_their_results(session, qtbot):
    separate_all(session)
    session.marks.restore({1: Mark("accepted")})
    rois = session.rois.all
    with qtbot.waitSignals([session.cells_changed, session.rois.changed]):
        session.rois.restore(rois.changed(1, disc(33, name="cell 30")))
    assert session.index == 0
    assert session.results.best(0, FAST) is not None
    assert session.results.best(1, FAST) is None
    assert session.outcome(1) is None
    assert session.outcome(2) is not None
    assert session.marks[1].verdict == "accepted"
    assert np.array_equal(session.recording.cells[1].traces, expected(session, 1))
    assert session.rois.as_read == {1, 3}
    assert session.rois.edited
    assert dict(session.recording.origin)["ROIs edited"] == "2 of 3 are as they were read"
    with pytest.raises(DataError, match="The ROIs were edited"):
        check_as_read(session.recording)
    session.rois.restore(rois)
    assert not session.rois.edited
    check_as_read(session.recording)


def test_what_is_known_and_chosen_goes_with_the_cells_when_one_is_deleted(session, undo):
    separate_all(session)
    session.select(2)
    session.marks.restore({0: Mark("rejected", "twice"), 2: Mark("accepted")})
    session.own.restore(CellSettings(own={0: OWN, 2: FAST}))
    session.pins.pin("A")
    result = session.results.best(2, FAST)
    undo.change_rois(session.rois.all.removed([0]), "delete ROI 1")
    assert names(session) == ["cell 30", "cell 50"]
    assert session.index == 1
    assert session.cell.name == "cell 50"
    assert session.results.best(1, FAST) is result
    assert session.marks.all == {1: Mark("accepted")}
    assert session.own.all.own == {1: FAST}
    assert session.pins["A"].index == 1
    assert {run.index for run in session.runs.all()} == {1}
    assert undo.undoText() == "delete ROI 1"
    undo.undo()
    assert names(session) == ["cell 10", "cell 30", "cell 50"]
    assert session.cell.name == "cell 10", "what came back is selected"
    assert session.marks.all == {0: Mark("rejected", "twice"), 2: Mark("accepted")}
    assert session.own.all.own == {0: OWN, 2: FAST}
    assert session.pins["A"].index == 2
    assert session.results.best(2, FAST) is result
    undo.redo()
    assert session.marks.all == {1: Mark("accepted")}
    assert session.own.all.own == {1: FAST}
    undo.undo()
    assert undo.undoText() == "pin A"
    undo.undo()
    assert session.pins["A"] is None


def test_a_roi_that_is_added_is_selected_and_one_that_is_deleted_gives_way_to_the_nearest(session):
    rois = session.rois.all
    session.rois.restore(rois.added(disc(20, 8, 3, rois.next_name())))
    assert session.index == 3
    assert session.cell.name == "ROI 4"
    assert session.cell.source_index == 3
    assert np.array_equal(session.cell.traces, expected(session, 3))
    session.rois.restore(session.rois.all.removed([3]))
    assert session.cell.name == "cell 50"


def test_while_a_roi_is_dragged_only_its_signals_change(session, qtbot):
    separate_all(session)
    session.select(1)
    before, cells = session.cell, session.recording.cells
    changed = []
    session.cells_changed.connect(lambda: changed.append("cells"))
    session.rois.changed.connect(lambda: changed.append("ROIs"))
    show_moved(session, 1, 2)
    roi = show_moved(session, 1, 3)
    assert changed == []
    assert session.recording.cells[1] is session.cell
    assert session.cell is not before
    assert session.recording.cells[0] is cells[0]
    assert session.results.best(1, FAST) is None
    shown = session.cell
    session.rois.restore(session.rois.all.changed(1, roi))
    assert changed == ["cells", "ROIs"]
    assert session.cell is shown
    assert np.array_equal(shown.traces, expected(session, 1))


def test_the_traces_of_a_draft_do_not_stay(session):
    session.select(1)
    roi = show_moved(session, 1, 3, exact=False)
    draft = session.cell
    session.rois.restore(session.rois.all.changed(1, roi))
    assert session.cell is not draft
    assert np.array_equal(session.cell.traces, expected(session, 1))


def test_what_was_dragged_is_taken_back(session):
    session.select(1)
    before, rois = session.cell, session.rois.all
    changed = []
    session.rois.changed.connect(lambda: changed.append("ROIs"))
    show_moved(session, 1, 3)
    session.rois.restore(rois)
    assert session.cell is before
    assert session.recording.cells[1] is before
    assert changed == []


def test_a_result_made_while_the_hand_moved_stays_when_it_rests(session):
    separate_all(session)
    session.select(1)
    rois = session.rois.all
    roi = moved(rois.rois[1], 3, 0)
    regions = regions_of(roi, SHAPE, rois.settings, np.zeros(SHAPE, np.int32))
    source = session.rois.cells.source
    cell = source.cell(regions, 2, extract_traces(source.movie, [regions])[0])
    result = Result(separate_cell(cell, FAST), {})
    count = len(session.runs)
    session.rois.show(1, roi, Tried(regions, cell, True, result=result))
    assert session.latest is result
    assert (session.outcome(1), len(session.runs)) == (None, count)
    session.rois.restore(rois.changed(1, roi))
    assert session.latest.separation is result.separation
    assert session.outcome(1).answers(FAST)
    assert session.runs.present.seconds == result.separation.seconds


def test_steps_of_rois_come_back_one_by_one(session, undo):
    first = session.rois.all
    second = first.added(disc(20, 8, 3, "ROI 4"))
    undo.change_rois(second, "draw ROI 4")
    third = second.merged([0, 1])
    undo.change_rois(third, "merge ROIs 1, 2")
    assert names(session) == ["cell 50", "ROI 4", "ROI 5"]
    undo.undo()
    assert session.rois.all is second
    undo.undo()
    assert session.rois.all is first
    assert undo.undoText() == ""
    undo.redo()
    undo.redo()
    assert session.rois.all is third


def test_other_regions_change_all_cells(session, undo):
    separate_all(session)
    undo.change_rois(session.rois.all.with_settings(RegionSettings(2, 3)), "regions 4 → 2")
    assert [len(cell.traces) for cell in session.recording.cells] == [3, 3, 3]
    assert dict(session.recording.origin)["extraction regions"] == "2"
    assert session.outcomes() == []
    assert session.cell.traces.shape == (3, 50)
    undo.undo()
    assert session.cell.traces.shape == (5, 50)


def test_an_exercise_leaves_rois_as_they_are(session, undo):
    said, before, cell = [], session.rois.all, session.cell
    session.teaching.refused.connect(said.append)
    session.teaching.set_locks(Locks())
    show_moved(session, 0, 4)
    session.rois.change(before.changed(1, disc(33, name="cell 30")), "move")
    assert session.rois.all is before
    assert session.cell is cell
    assert not session.rois.trying
    assert said == ["During an exercise, ROIs stay as they are. Leave ends the exercise, which is kept."] * 2
    session.teaching.set_locks(None)
    session.rois.change(before.changed(1, disc(33, name="cell 30")), "move")
    assert session.rois.all is not before
