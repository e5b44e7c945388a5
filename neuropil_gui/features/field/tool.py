"""Field: the field of view of the open recording, its pictures, cells and regions."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from PyQt5.QtCore import QPointF, QTimer, pyqtSlot
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Recording
from neuropil_gui.engine.controller import Controller
from neuropil_gui.engine.tool import Tool
from neuropil_gui.features.field import jobs, words
from neuropil_gui.features.field.colouring import OF_RESULT, coloured
from neuropil_gui.features.field.crosshair_link import CrosshairLink
from neuropil_gui.features.field.editing import Editing
from neuropil_gui.features.field.frames import Frames
from neuropil_gui.features.field.jobs import Found, Made, PicturePass
from neuropil_gui.features.field.picture import FieldPicture
from neuropil_gui.features.field.region_remedies import RegionRemedies
from neuropil_gui.features.field.small_field import SmallField
from neuropil_gui.features.field.view import FieldView
from neuropil_gui.features.field.work_line import WorkLine
from neuropil_gui.imaging.field_of_view import FieldOfView
from neuropil_gui.imaging.pictures import Picture
from neuropil_gui.state.session import Session
from neuropil_gui.ui.plots.crosshair import Crosshair
from neuropil_gui.ui.tool_page import ToolPage

if TYPE_CHECKING:
    from neuropil_gui.figures.figure import ResultFigure

COMPUTED = ("mean", "max", "sd", "correlation")
"""Pictures that are made of the movie."""

REST = 300
"""Milliseconds in which all that becomes known of cells is coloured at once."""

FIND, PICTURES = "find", "pictures"
"""Questions to the thread."""


class FieldTool(Tool):
    """Finds the field of view of the open recording, makes its pictures, and links its cells to all else.

    Attributes
    ----------
    view : FieldView
    frames : Frames
    remedies : RegionRemedies
    editing : Editing
        Lets ROIs be drawn and changed.
    work : WorkLine
    """

    def __init__(self, session: Session, engine: Controller, parent: QWidget) -> None:
        self.view = view = FieldView()
        super().__init__(session, engine, ToolPage("field", "Field", words.HELP, view), parent, "The field of view")
        self.frames = Frames(self)
        self._key: tuple[object] | None = None
        self._found: Found | None = None
        self._pictures: dict[str, Picture] = {}
        self._made = self._stopped = False
        self._pass: PicturePass | None = None
        self._trouble = ""
        self._small: SmallField | None = None
        self.editing = Editing(session, self.page, view.picture, view.edit, view.form, self)
        self.editing.drawing.mode_changed.connect(view.show_mode)
        self.remedies = RegionRemedies(session, self.editing.changes, view.regions, self)
        self.work = WorkLine(session.rois, self.editing.changes, view, self)
        self.work.pictures_cancelled.connect(self._on_cancel)
        self.work.pictures_wanted.connect(self._on_run)
        for signal in (
            session.cell_replaced, session.cells_changed, session.cell_changed, session.frame_rate_changed,
            session.result_changed, session.settings_changed,
        ):  # fmt: skip
            signal.connect(self.follow)
        session.recording_changed.connect(self._on_recording)
        session.selection_changed.connect(self._select)
        session.draft_changed.connect(self._show_traces)
        session.marks.changed.connect(self._show_colours)
        # Results of all cells come many a second.
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(REST)
        self._later.timeout.connect(self._show_colours)
        for signal in (session.outcome_changed, session.outcomes_changed):
            signal.connect(self._show_colours_later)
        highlight = session.highlight
        highlight.changed.connect(self._light)
        highlight.cell_changed.connect(view.picture.show_hovered)
        self._link_pointer(view.picture)
        view.regions.signal_hovered.connect(highlight.hover_signal)
        view.picture.pointed.connect(self._on_pointed)
        view.picture_chosen.connect(self._draw)
        view.colours_chosen.connect(self._show_colours)
        view.traces.frame_changed.connect(self._on_frame)
        view.traces.frame_wanted.connect(self._on_frame_wanted)
        view.traces.means_changed.connect(self._draw)
        self.frames.read.connect(self._draw)
        self.frames.failed.connect(self._on_refused)

    def link_crosshair(self, crosshair: Crosshair) -> None:
        """Let the slider follow the line in the traces of the page Cell, and move it."""
        CrosshairLink(self._session, crosshair, self.view.traces)

    def small(self) -> SmallField:
        """Return a small picture that shows what the page does, also while the page is hidden."""
        if self._small is None:
            self._small = small = SmallField()
            self.view.picture.set_twin(small.picture)
            self._link_pointer(small.picture)
            small.say(self.view.sentence.text())
            small.shown.connect(self._on_shown)
            small.hidden.connect(self._on_hidden)
        return self._small

    @pyqtSlot()
    def _on_hidden(self) -> None:
        """Rest where neither the page nor the small picture is seen."""
        self.editing.leave()
        if not self.page.isVisible() and (self._small is None or not self._small.isVisible()):
            super()._on_hidden()

    def _link_pointer(self, picture: FieldPicture) -> None:
        session = self._session
        picture.cell_chosen.connect(session.select)
        picture.stepped.connect(session.step)
        picture.cell_hovered.connect(session.highlight.hover_cell)
        picture.signal_hovered.connect(session.highlight.hover_signal)

    def _say(self, sentence: str) -> None:
        self.view.say(sentence)
        if self._small is not None:
            self._small.say(sentence)

    @property
    def field(self) -> FieldOfView | None:
        """The field of view, None until it is found."""
        return self._found.field if self._found is not None else None

    @property
    def pictures(self) -> Mapping[str, Picture]:
        """The pictures that are known, by name."""
        return self._pictures

    @property
    def busy(self) -> bool:
        """Whether the field of view, its pictures or a frame are on their way."""
        own = self.frames.busy or self.editing.busy or self._session.rois.reading is not None
        return self.runner.busy or own or self._later.isActive()

    def figure(self) -> "Callable[[], ResultFigure] | None":
        """Return what draws the picture with the cells as they are shown; None where there is none."""
        recording, field, drawn = self._session.recording, self.field, self.view.drawn
        if recording is None or field is None or drawn is None:
            return None
        kind, levels, selected = self.view.chosen, self.view.contrast.levels, self._session.index
        title = self.frames.title if kind == "frame" else words.PICTURES[kind][0]
        shown = coloured(self.view.colours.currentData(), field, self._session, recording)
        colours = {index: colour.name() for index, colour in shown.colours.items()}

        def draw() -> "ResultFigure":
            from neuropil_gui.figures.field import plot_field

            return plot_field(
                field, drawn, levels=levels, colours=colours, values=shown.values, label=shown.name,
                legend=shown.legend, title=title, selected=selected,
            )  # fmt: skip

        return draw

    # Following

    def _update(self) -> None:
        recording = self._session.recording
        if recording is None:
            self._forget(None)
            self._say(words.NO_RECORDING)
            return
        if not self._is_of(recording):
            self._forget(self._key_of(recording))
        if self._found is None:
            if self._trouble:
                self._say(self._trouble)
            elif not self.runner.busy:
                self._say(words.LOOKING)
                whole = self._session.whole_recording or recording  # its cells come back when ROIs change
                self.runner.submit(jobs.find_field(whole, self._session.index), FIND)
            return
        if self._session.rois.trying:
            self._show_traces()  # a hand moves, and all else is as it was
            return
        self._follow_rois()
        self._say("")
        self._make_pictures()
        self._show_place(recording)
        self.view.traces.show_frames(self._found.field.movie is not None)
        self._show_traces()
        if self._later.isActive() or not self.view.picture.outlines.coloured:
            self._show_colours()
        self._draw()

    @pyqtSlot()
    def _on_recording(self) -> None:
        self._forget(None)
        self.view.traces.show_frame(0)
        self.follow()

    def _key_of(self, recording: Recording) -> tuple[object]:
        """Return the plane of the selected cell, of which the field of view is."""
        return (dict(recording.cells.headers[self._session.index].facts).get("plane"),)

    def _is_of(self, recording: Recording) -> bool:
        """Return whether the field of view that is shown, or looked for, is that of the selected cell."""
        return self._key == self._key_of(recording)

    def _follow_rois(self) -> None:
        """Take ROIs that were changed; movie and pictures stay."""
        rois = self._session.rois.all
        if self._found is not None and rois is not None and self._found.field.rois is not rois:
            self._show_found(self._found.with_rois(rois))

    def _show_found(self, found: Found) -> None:
        self._found = found
        self.view.picture.show_field(found.field, found.outlines)
        self.page.header.set_subtitle(words.summary(found.field))
        self.view.regions.show_notes(" ".join(found.field.notes))

    def _forget(self, key: tuple[object] | None) -> None:
        self._key, self._found, self._pictures, self._trouble = key, None, {}, ""
        self._made = self._stopped = False
        self._pass = None
        self.runner.drop()
        self.frames.forget()
        self.view.picture.show_field(None, {})
        self.view.draw("", None)
        self.view.contrast.forget()
        self.page.header.set_subtitle("")
        self.work.show_rest()
        self.editing.offer(None)

    def _rest(self) -> None:
        self.editing.leave()
        self.frames.drop()
        self._later.stop()
        self.view.picture.show_colours({})  # other results may be there when it comes back
        self._session.highlight.hover_cell(None)
        self._session.highlight.hover_signal(None)

    @pyqtSlot()
    def _select(self) -> None:
        """Show where another cell lies; its traces come once they are read, and those of the last stay until then."""
        recording = self._session.recording
        if not self.visible or recording is None:
            return
        if self._found is None or not self._is_of(recording):
            self._update()
        else:
            self._show_place(recording)

    def _show_place(self, recording: Recording) -> None:
        """Show the place and the regions of the selected cell."""
        field, index = self.field, self._session.index
        assert field is not None
        if self.view.picture.selected != index or self.view.regions.shown != (field, index):
            self.view.picture.show_selected(index)
            self.remedies.show(field, index, recording.cells.headers)
            self._light()

    @pyqtSlot()
    def _show_traces(self) -> None:
        """Draw the selected cell's traces, and its result or draft."""
        session = self._session
        if self.visible and session.recording is not None:
            self.view.traces.show_cell(session.cell, session.recording.frame_rate)
            self.view.traces.show_result(session.drawn, session.up_to_date or self._engine.separating)

    @pyqtSlot()
    def _light(self) -> None:
        row = self._session.highlight.signal
        self.view.picture.show_lit(row)
        self.view.regions.show_lit(row)

    @pyqtSlot()
    def _show_colours_later(self, _: object = None) -> None:
        """Colour the outlines in a moment, where that depends on results."""
        if self.visible and self.view.colours.currentData() in OF_RESULT and not self._later.isActive():
            self._later.start()

    @pyqtSlot()
    def _show_colours(self, _: object = None) -> None:
        """Colour the outlines."""
        recording, field = self._session.recording, self.field
        if self.visible and recording is not None and field is not None:
            self.view.show_colours(coloured(self.view.colours.currentData(), field, self._session, recording))

    # Pictures and frames

    def _make_pictures(self) -> None:
        field = self.field
        assert field is not None
        if field.movie is not None and not self._made and not self._stopped and not self.runner.busy:
            self._pass = self._pass or PicturePass(field.movie)
            self.runner.submit(self._pass.go_on(), PICTURES)
            self.work.show_pictures(self._pass.part)

    @pyqtSlot()
    def _draw(self) -> None:
        """Draw the picture that is chosen, and ask for a frame that is not there."""
        field = self.field
        if field is None or not self.visible:
            return
        known = [key for key in words.PICTURES if key in self._pictures]
        waits = [key for key in COMPUTED if field.movie is not None and key not in known]
        kinds = [key for key in words.PICTURES if key in known or key in waits]
        self.view.show_kinds(kinds + (["frame"] if field.movie is not None else []))
        name = self.view.chosen
        if name == "frame" and field.movie is not None:
            traces = self.view.traces
            self.view.draw("frame", self.frames.ask(field.movie, traces.frame, traces.count))
        else:
            self.frames.drop()
            self.view.draw(name, self._pictures.get(name))

    @pyqtSlot()
    def _on_frame(self, _: int = 0) -> None:
        if self.view.chosen == "frame":
            self._draw()

    @pyqtSlot()
    def _on_frame_wanted(self) -> None:
        if self.field is not None and self.field.movie is not None:
            self.view.choose("frame")

    @pyqtSlot(str)
    def _on_refused(self, sentence: str) -> None:
        self.work.show_rest(sentence)

    @pyqtSlot(object)
    def _on_pointed(self, place: QPointF | None) -> None:
        recording, field = self._session.recording, self.field
        if place is None or recording is None or field is None:
            self.view.show_pointed("")
            return
        drawn, x, y = self.view.drawn, place.x(), place.y()
        inside = drawn is not None and 0 <= x < drawn.shape[1] and 0 <= y < drawn.shape[0]
        value = float(drawn[int(y), int(x)]) if drawn is not None and inside else None
        self.view.show_pointed(words.pixel_words(field, x, y, value, recording.cells.headers))

    # Answers

    @pyqtSlot(object, object)
    def _on_reported(self, question: str, report: Any) -> None:
        if isinstance(report, Made):
            self._take(report)

    @pyqtSlot(object, object)
    def _on_finished(self, question: str, answer: Any) -> None:
        if isinstance(answer, Found):
            self._pictures = dict(answer.field.pictures)
            self._show_found(answer)
            if answer.editable is not None and self._session.rois.all is None:
                self._session.rois.begin(answer.editable)
            self.editing.offer(answer.field)
            self.follow()
        else:
            self._made, self._pass = True, None
            self._take(answer)
            self.work.show_rest()

    @pyqtSlot(object, object)
    def _on_failed(self, question: str, error: DataError) -> None:
        self._trouble = str(error)
        if question == PICTURES:
            self._stopped, self._pass = True, None
            self.work.show_rest(str(error), True)
        self.follow()

    def _take(self, made: Made) -> None:
        self._pictures |= made.pictures
        self.work.show_pictures(made.part)
        if self.view.chosen in COMPUTED:
            self._draw()

    @pyqtSlot()
    def _on_cancel(self) -> None:
        self.runner.drop()
        self._stopped = True
        self.work.show_rest(words.CANCELLED, True)

    @pyqtSlot()
    def _on_run(self) -> None:
        self._stopped, self._trouble = False, ""
        self.follow()
