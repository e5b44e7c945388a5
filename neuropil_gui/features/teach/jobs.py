"""Jobs of the simulator and of exercises, for the runner."""

import math
from dataclasses import dataclass, replace
from pathlib import Path

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.exercises import AnswerSheet, Exercise, Scorer
from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.drawing.prepared import prepare_cell
from neuropil_gui.engine import grading, jobs
from neuropil_gui.engine.jobs import load_solvers
from neuropil_gui.engine.live import fast
from neuropil_gui.engine.runner import Report, ShouldStop, Work
from neuropil_gui.formats.answer_sheets import write_answer_sheet
from neuropil_gui.formats.project.packing import fingerprint
from neuropil_gui.state.results import Result


@dataclass(frozen=True, eq=False)
class Simulated:
    """A simulated recording, and the result of its first cell; None where there is none."""

    recording: Recording
    result: Result | None


def make(simulation: Simulation, settings: SeparationSettings | None) -> Work:
    """Simulate a recording and separate its first cell by the fast solver; None for no separation.

    What cannot be separated has no result; asking again, as the window does, says why.
    """

    def work(report: Report, should_stop: ShouldStop) -> Simulated:
        recording = simulate(simulation, f"simulated cell {simulation.seed}")
        cell = prepare_cell(recording.cells[0])
        if settings is None:
            return Simulated(recording, None)
        try:
            separation, numbers, history = jobs.separated(cell, fast(settings), report, should_stop)
        except DataError:
            return Simulated(recording, None)
        return Simulated(recording, Result(separation, numbers, history))

    return work


def exercise_recording(exercise: Exercise, name: str) -> Work:
    """Simulate the cell of an exercise for a student."""

    def work(report: Report, should_stop: ShouldStop) -> Recording:
        return simulate(exercise.situation(name).simulation, exercise.title)

    return work


def signals_of(cell: Cell) -> Work:
    """Answer with the checksum of a cell's signals, which takes long where they are."""
    return lambda report, should_stop: fingerprint(cell)


def hand_in(exercise: Exercise, sheet: AnswerSheet, path: Path) -> Work:
    """Score a student's settings, and write the answers; answer with them."""

    def work(report: Report, should_stop: ShouldStop) -> AnswerSheet:
        found = math.nan
        if exercise.grade.score:
            load_solvers()
            try:
                found = Scorer(exercise).score(sheet.name, sheet.settings, sheet.k)
            except DataError:  # that it cannot be separated is on screen; the answers are handed in all the same
                found = math.nan
        scored = replace(sheet, score=found)
        write_answer_sheet(path, exercise, scored)
        return scored

    return work


def grade(exercise: Path, folder: Path, output: Path) -> Work:
    """Grade the answers in a folder; answer with the marks. Reports (done, of how many)."""

    def work(report: Report, should_stop: ShouldStop) -> grading.Marks:
        load_solvers()
        return grading.grade(exercise, folder, output, report, should_stop)

    return work
