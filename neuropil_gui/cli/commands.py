"""The commands that need no window: separate, info and simulate."""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuropil_gui import __version__
from neuropil_gui.cli.reading_flags import FLAGS, add_reading_flags, answers
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.settings import PARAMETERS, Parameter, SeparationSettings

if TYPE_CHECKING:
    from neuropil_gui.core.baseline import BaselineSettings
    from neuropil_gui.core.recording import Recording
    from neuropil_gui.core.result import Progress, Separation
    from neuropil_gui.formats.questions import FileQuestion

DONE, FAILED = 0, 1

EXAMINED_VALUES = 20_000_000
NAMED_DOUBTS, NAMED_CHOICES = 5, 12


def run_command(name: str, words: Sequence[str]) -> int:
    """Run the command `name`; returns its exit code."""
    try:
        return COMMANDS[name](words)
    except DataError as error:
        _tell(str(error))
        return FAILED


def _tell(sentence: str) -> None:
    print(f"neuropil-gui: {sentence}", file=sys.stderr)


def _add_parameter(parser: argparse.ArgumentParser, parameter: Parameter, default: Any) -> None:
    """Give `parser` an option for `parameter`, with its own help, limits and choices."""
    flag = "--" + parameter.name.replace("_", "-")
    text = parameter.help.replace("%", "%%") + f" Default: {'auto' if default is None else default}."
    if parameter.kind is bool:
        parser.add_argument(flag, action="store_true", default=default, help=text)
        return

    def convert(word: str) -> Any:
        if parameter.optional and word.lower() in ("auto", "none", "random"):
            return None
        try:
            return parameter.check(word if parameter.kind is str else parameter.kind(word))
        except ValueError as error:
            wanted = parameter.describe().replace("or None", "or auto")
            raise argparse.ArgumentTypeError(f"expected {wanted}, but found {word!r}") from error

    parser.add_argument(flag, type=convert, default=default, metavar=parameter.name.upper(), help=text)


# separate


def _separate(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="neuropil-gui separate",
        description="Separate the cells of a recording, and write the results.",
        epilog="A fit that does not converge is told and written; a cell that cannot be separated is named, the others "
        "are written, and the exit code is 1.",
    )
    parser.add_argument("path", metavar="PATH", help="the recording")
    parser.add_argument(
        *("-o", "--output"),
        required=True,
        metavar="OUT",
        help="where to write: .npz, .csv, .mat or .nwb, or .fissa.npz or .fissa.mat for FISSA's names; replaced if it "
        "exists",
    )
    parser.add_argument("--cells", type=_cell_numbers, metavar="1,3-5", help="which cells, from 1; default: all")
    add_reading_flags(parser)
    defaults = SeparationSettings()
    for each in fields(SeparationSettings):
        _add_parameter(parser, PARAMETERS[each.name], getattr(defaults, each.name))
    _add_baseline(parser)
    options = parser.parse_args(words)
    baseline = _baseline(parser, options)

    from neuropil_gui.core.brief import brief
    from neuropil_gui.core.solvers import coordinate_sweep
    from neuropil_gui.formats import registry

    coordinate_sweep.preload()
    output = Path(options.output)
    recording = registry.read(Path(options.path), **answers(options))
    for warning in recording.warnings:
        _tell(warning)
    count = len(recording.cells)
    chosen = options.cells or range(1, count + 1)
    beyond = [number for number in chosen if number > count]
    if beyond:
        parser.error(f"argument --cells: {recording.name} has {count} cells, but cell {beyond[0]} was asked for")
    if recording.frame_rate is None and (options.deltaf == "fissa" or options.deltaf_window is not None):
        flag = "--deltaf fissa" if options.deltaf == "fissa" else "--deltaf-window"
        parser.error(f"{flag} needs the frame rate, which the file does not tell: give --fs")
    settings = SeparationSettings(**{each.name: getattr(options, each.name) for each in fields(SeparationSettings)})
    good = _GoodCells(recording, settings, chosen)
    without = registry.write(output, recording, good, baseline)
    for sentence in without:
        _tell(f"written without {sentence}")
    print(f"{output}: {good.done} of {len(chosen)} cells separated ({brief(settings)})")
    return FAILED if good.bad or without else DONE


def _add_baseline(parser: argparse.ArgumentParser) -> None:
    """Give `parser` the options of dF/F."""
    from neuropil_gui.core.baseline import BASELINE_PARAMETERS, KINDS

    def number(name: str) -> Callable[[str], float]:
        def convert(word: str) -> float:
            try:
                return float(BASELINE_PARAMETERS[name].check(float(word)))
            except ValueError as error:
                wanted = BASELINE_PARAMETERS[name].describe().removesuffix(", or None")
                raise argparse.ArgumentTypeError(f"expected {wanted}, but found {word!r}") from error

        return convert

    parser.add_argument(
        "--deltaf",
        choices=KINDS,
        help="write dF/F of the raw ROI and the best match beside the data, both divided by the raw ROI's F0: a "
        "percentile in a window, or FISSA's level, which needs the frame rate",
    )
    for flag, name, metavar in (("percentile", "percentile", "P"), ("window", "window_seconds", "S")):
        text = BASELINE_PARAMETERS[name].help.replace("%", "%%")
        parser.add_argument(f"--deltaf-{flag}", type=number(name), metavar=metavar, help=text)


def _baseline(parser: argparse.ArgumentParser, options: argparse.Namespace) -> "BaselineSettings | None":
    from neuropil_gui.core.baseline import BaselineSettings

    given = {"percentile": options.deltaf_percentile, "window_seconds": options.deltaf_window}
    given = {name: value for name, value in given.items() if value is not None}
    if given and options.deltaf != "percentile":
        parser.error("--deltaf-percentile and --deltaf-window go with --deltaf percentile")
    return BaselineSettings(options.deltaf, **given) if options.deltaf is not None else None


class _GoodCells:
    """Separates cell after cell as the writer asks for them; tells of each that cannot be separated."""

    def __init__(self, recording: "Recording", settings: SeparationSettings, chosen: Sequence[int]) -> None:
        self._recording, self._settings, self._chosen = recording, settings, chosen
        self.done = self.bad = 0

    def __iter__(self) -> "Iterator[tuple[int, Separation]]":
        from neuropil_gui.core.separation import separate_cell

        for place, number in enumerate(self._chosen, 1):
            line = _ProgressLine(f"cell {number} ({place} of {len(self._chosen)})")
            try:
                result = separate_cell(self._recording.cells[number - 1], self._settings, line.show)
            except DataError as error:
                line.clear()
                self.bad += 1
                _tell(f"cell {number}: {error}")
                continue
            line.clear()
            if not result.converged:
                _tell(f"cell {number}: not converged after {result.iterations} iterations.")
            self.done += 1
            yield number - 1, result
        if not self.done:
            raise DataError("No cell could be separated, so nothing was written.")


class _ProgressLine:
    """One line on a terminal that is written over; nothing where stderr is a file."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = 0.0
        self._on = sys.stderr.isatty()

    def show(self, progress: "Progress") -> None:
        now = time.monotonic()
        if self._on and now - self._shown > 0.1:
            self._shown = now
            step = progress.step
            state = f"try {progress.attempt}, iteration {step.iteration}, violation {step.violation:.1e}"
            print(f"\r{self._what}: {state}\x1b[K", end="", file=sys.stderr, flush=True)

    def clear(self) -> None:
        if self._on:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _cell_numbers(text: str) -> list[int]:
    """Read ``1,3-5``."""
    numbers: list[int] = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not first.isdecimal() or (dash and not last.isdecimal()):
            raise argparse.ArgumentTypeError(f"expected numbers such as 1,3-5, but found {text!r}")
        low, high = int(first), int(last or first)
        if low < 1 or high < low:
            raise argparse.ArgumentTypeError(f"expected ascending numbers from 1, but found {part.strip()!r}")
        if high > 10_000_000:
            raise argparse.ArgumentTypeError(f"no recording has {high} cells")
        numbers += range(low, high + 1)
    return sorted(set(numbers))


# info


def _info(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="neuropil-gui info",
        description="Say what a recording holds, what is doubtful about it, and what the window would ask before it "
        "opens it.",
    )
    parser.add_argument("path", metavar="PATH", help="the recording")
    parser.add_argument("--json", action="store_true", help="for programs")
    add_reading_flags(parser)
    options = parser.parse_args(words)

    from neuropil_gui.formats import registry

    path, given = Path(options.path), answers(options)
    open_questions = [each for each in registry.inquire(path).questions if given[each.name] is None]
    recording = registry.read(path, **given)
    headers = recording.cells.headers
    facts: dict[str, Any] = {
        "format": recording.format,
        "cells": len(headers),
        "signals": max(header.signals for header in headers),
        "frames": max(header.frames for header in headers),
        "frame_rate": recording.frame_rate,
        "trials": max(header.trials for header in headers),
        "warnings": [*recording.warnings, *_doubts(recording)],
    }
    if options.json:
        print(json.dumps({**facts, "questions": [_question(each) for each in open_questions]}))
        return DONE
    facts["frame_rate"] = "unknown" if recording.frame_rate is None else f"{recording.frame_rate:g} Hz"
    for key, value in facts.items():
        if key != "warnings":
            print(f"{key.replace('_', ' '):<11} {value}")
    for warning in facts["warnings"]:
        print(f"note        {warning}")
    for question in open_questions:
        print(f"question    {question.text} ({FLAGS[question.name]})")
        print(f"            {_guess(question)}: {question.why}")
        if question.choices:
            labels = [choice.label for choice in question.choices]
            more = f" and {len(labels) - NAMED_CHOICES} more" if len(labels) > NAMED_CHOICES else ""
            print(f"            Choices: {'; '.join(labels[:NAMED_CHOICES])}{more}")
    return DONE


def _question(question: "FileQuestion") -> dict[str, Any]:
    """Return a question for programs."""
    return {**asdict(question), "flag": FLAGS[question.name]}


def _guess(question: "FileQuestion") -> str:
    labels = [choice.label for choice in question.choices if choice.value == question.guess]
    if labels:
        return f"Guess: {labels[0]}"
    return "No guess" if question.guess is None else f"Guess: {question.guess}"


def _doubts(recording: "Recording") -> list[str]:
    """Say which cells could not be separated as they are, where looking takes no longer than a moment."""
    import numpy as np

    from neuropil_gui.core import checks

    if sum(header.signals * header.frames for header in recording.cells.headers) > EXAMINED_VALUES:
        return []
    doubts = []
    for number, cell in enumerate(recording.cells, 1):
        try:
            checks.check_signals(cell.traces, cell.signal_names)
            median = float(np.median(cell.traces))
            checks.check_for_nmf(cell.traces, median, cell.signal_names)
            checks.check_median(cell.traces, median)
        except DataError as error:
            doubts.append(f"cell {number}: {error}")
    if len(doubts) > NAMED_DOUBTS:
        doubts = [*doubts[:NAMED_DOUBTS], f"and {len(doubts) - NAMED_DOUBTS} more cells with doubts"]
    return doubts


# simulate


def _simulate(words: Sequence[str]) -> int:
    from neuropil_gui.core.simulation import SIMULATION_PARAMETERS, Simulation, simulate

    parser = argparse.ArgumentParser(
        prog="neuropil-gui simulate", description="Write a simulated recording with its true sources and mixing."
    )
    parser.add_argument("-o", "--output", required=True, metavar="OUT.npz", help="where to write")
    defaults = Simulation()
    for parameter in SIMULATION_PARAMETERS.values():
        _add_parameter(parser, parameter, getattr(defaults, parameter.name))
    options = parser.parse_args(words)

    from neuropil_gui.formats import registry

    simulation = Simulation(**{name: getattr(options, name) for name in SIMULATION_PARAMETERS})
    provenance = {"program": f"neuropil-gui {__version__} simulate", "parameters": simulation.to_dict()}
    registry.write_recording(Path(options.output), simulate(simulation), provenance=provenance)
    return DONE


COMMANDS = {"separate": _separate, "info": _info, "simulate": _simulate}
