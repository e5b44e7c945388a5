"""ROIs that were edited, in a project: handed to its writer, and brought back with their cells."""

from functools import partial

from neuropil_gui.core.recording import CellsInMemory, Recording
from neuropil_gui.formats.project.database import Database
from neuropil_gui.formats.project.rois import KeptRois, pack_rois, unpack_rois
from neuropil_gui.formats.project.writer import Writer
from neuropil_gui.formats.simulated_movie import truth_of_edited
from neuropil_gui.imaging.movie import Movie
from neuropil_gui.imaging.roi_cells import EditedMovie, RoiCells
from neuropil_gui.state.rois import Rois

ITEM = ("rois", "now")
"""Kind and key of the item."""


def put_rois(writer: Writer, rois: Rois) -> None:
    """Hand the ROIs to a writer; such as are all as they were read are not kept."""
    edited = rois.all
    if edited is None or not rois.edited:
        writer.put(*ITEM, None)
    else:
        writer.put(*ITEM, partial(pack_rois, edited, rois.as_read))


def kept_rois(database: Database, recording: Recording) -> KeptRois | None:
    """Return the ROIs of a project whose recording is at hand; None where none were edited.

    Raises DataError where they are damaged.
    """
    from neuropil_gui.formats.movie_with_rois import sources_of

    body = database.get(*ITEM)
    if body is None or recording.cells.absent or sources_of(recording) is None:
        return None
    return unpack_rois(body, database.path)


def edited_cells(kept: KeptRois, recording: Recording, same: bool) -> RoiCells:
    """Return the cells of edited ROIs; those as read are such of the recording, if its files are the `same`."""

    def open_movie() -> Movie:
        from neuropil_gui.formats.field_of_view import movie_of

        return movie_of(recording)

    cells, rois = recording.cells, kept.rois
    header = cells.headers[0]
    starts = cells[0].trial_starts if isinstance(cells, CellsInMemory) else (0,)
    known, truth = {}, None
    if same and isinstance(cells, CellsInMemory):
        truth = truth_of_edited(cells)
        places = {each.source_index: place for place, each in enumerate(cells.headers)}
        known = {
            index: cells[places[number - 1]]
            for index, number in enumerate(rois.numbers)
            if number in kept.as_read and number - 1 in places
        }
    return RoiCells(EditedMovie(open_movie, (header.frames, *rois.shape), starts, truth), rois, known)
