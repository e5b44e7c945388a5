"""The simulator's dock: shows the session in it, and hands on what is done there."""

from collections.abc import Callable
from pathlib import Path

from PyQt5.QtCore import QObject, pyqtSlot
from PyQt5.QtGui import QColor
from PyQt5.QtWidgets import QWidget

from neuropil_gui import __version__
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.engine.controller import Controller
from neuropil_gui.features.teach import words
from neuropil_gui.features.teach.simulator import Simulator
from neuropil_gui.features.teach.simulator_view import SimulatorView
from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.state.session import Session
from neuropil_gui.state.undo import Undo
from neuropil_gui.ui import dialogs, style


class TeachRequests(QObject):
    """Connects the simulator and its view with the session.

    Attributes
    ----------
    view : SimulatorView
    simulator : Simulator
    """

    def __init__(
        self,
        window: QWidget,
        session: Session,
        controller: Controller,
        undo: Undo,
        traces: TraceView,
        copy_script: Callable[[], None],
    ) -> None:
        super().__init__(window)
        self._window, self._session, self._controller, self._traces = window, session, controller, traces
        self.view, self.simulator = SimulatorView(), Simulator(session, self)
        self._found: tuple[Cell | None, Separation | None, dict[int, int]] = (None, None, {})
        view, form = self.view, self.view.form
        view.start_requested.connect(self.start)
        view.save_requested.connect(self._save)
        view.copy_requested.connect(copy_script)
        view.picture.signal_hovered.connect(session.highlight.hover_signal)
        form.simulation_changed.connect(undo.simulate)
        form.held.connect(undo.hold)
        form.held.connect(traces.hold)
        session.teaching.simulation_changed.connect(self._show_simulation)
        for signal in (
            session.cell_changed, session.result_changed, session.highlight.changed, traces.crosshair.frame_changed,
            view.restyled,
        ):  # fmt: skip
            signal.connect(self._show_field)
        self._show_simulation()

    def handlers(self) -> dict[str, Callable[..., object]]:
        """Return what each action does."""
        return {"simulator": self.start, "hide_truth": self._session.teaching.hide_truth}

    @pyqtSlot()
    def start(self) -> None:
        """Open a simulated cell."""
        self.simulator.start()

    @pyqtSlot()
    def _save(self) -> None:
        recording, simulation = self._session.recording, self._session.teaching.simulation
        if recording is None or simulation is None:
            return
        path = dialogs.ask_save(self._window, "Save as recording", f"{recording.name}.npz", "Recording (*.npz)")
        if path is not None:
            provenance = {"program": f"neuropil-gui {__version__} simulate", "parameters": simulation.to_dict()}
            self._controller.export_recording(Path(path), provenance)

    @pyqtSlot()
    def _show_simulation(self) -> None:
        simulation = self._session.teaching.simulation
        self.view.show_simulated(simulation is not None)
        if simulation is not None:
            self.view.form.show_simulation(simulation)

    @pyqtSlot()
    def _show_field(self) -> None:
        session = self._session
        simulation, cell, result = session.teaching.simulation, session.cell, session.result
        if simulation is None or cell is None:
            return
        if self._found[:2] != (cell, result):
            self._found = (cell, result, words.found_by(result, cell.truth))
        found = self._found[2]
        row = session.highlight.signal or 0
        frame = self._traces.crosshair.frame
        self.view.picture.show_field(words.field_of(simulation, cell, found, frame, result is not None))
        self.view.picture.show_lit(session.highlight.signal)
        if row < len(cell.traces):
            names, parts = words.source_names(simulation), words.shares(cell, row)
            colours = [
                style.component_colour(found[source]) if source in found else QColor(style.current().muted)
                for source in range(len(parts))
            ]
            shown = list(zip(names, parts, colours, strict=False)) if len(names) == len(parts) else []
            known = cell.truth is None or len(names) == len(cell.truth.sources)
            self.view.show_sum(words.sum_of(simulation, cell, row, found) if known else "", shown)
