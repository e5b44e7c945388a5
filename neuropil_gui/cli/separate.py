"""The separate command: separate the cells of a recording and write the results."""

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from neuropil_gui.cli.shared import (
    DONE,
    FAILED,
    add_parameter,
    add_reading_flags,
    answers,
    print_message,
    print_progress,
)
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.settings import PARAMETERS, SeparationSettings

if TYPE_CHECKING:
    from neuropil_gui.core.baseline import BaselineSettings
    from neuropil_gui.core.recording import Recording
    from neuropil_gui.core.remarks import Remark
    from neuropil_gui.core.result import Progress, Separation


def run(words: Sequence[str]) -> int:
    """Separate the cells of a recording, write the results, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="neuropil-gui separate",
        description="Separate the cells of a recording, and write the results.",
        epilog="A fit that does not converge is reported and written; a cell that cannot be separated is named, the "
        "others are written, and the exit code is 1.",
    )
    parser.add_argument("path", metavar="PATH", help="the recording")
    parser.add_argument(
        *("-o", "--output"),
        required=True,
        metavar="OUT",
        help="where to write: .npz, .csv, .mat or .nwb, or .fissa.npz or .fissa.mat for FISSA's names; replaced if it "
        "exists",
    )
    parser.add_argument(
        "--receipt",
        action="store_true",
        help="write beside OUT a text on how its numbers were made, and a Python script that makes them again",
    )
    parser.add_argument("--cells", type=_cell_numbers, metavar="1,3-5", help="which cells, from 1; default: all")
    add_reading_flags(parser)
    defaults = SeparationSettings()
    for each in fields(SeparationSettings):
        add_parameter(parser, PARAMETERS[each.name], getattr(defaults, each.name))
    _add_baseline(parser)
    options = parser.parse_args(words)
    baseline = _baseline(parser, options)

    from neuropil_gui.core import checks
    from neuropil_gui.core.settings_summary import brief
    from neuropil_gui.core.solvers import coordinate_sweep
    from neuropil_gui.formats import registry
    from neuropil_gui.formats.paths import counted
    from neuropil_gui.formats.writing.receipt import Receipt

    coordinate_sweep.preload()
    output = Path(options.output)
    recording = registry.read(Path(options.path), **answers(options))
    for warning in recording.warnings:
        print_message(warning)
    checks.check_neuropil(max(header.signals for header in recording.cells.headers))
    count = len(recording.cells)
    chosen = options.cells or range(1, count + 1)
    beyond = [number for number in chosen if number > count]
    if beyond:
        parser.error(
            f"argument --cells: {recording.name} has {counted(count, 'cell')}, but cell {beyond[0]} was asked for"
        )
    if recording.frame_rate is None and (options.deltaf == "fissa" or options.deltaf_window is not None):
        flag = "--deltaf fissa" if options.deltaf == "fissa" else "--deltaf-window"
        parser.error(f"{flag} needs the frame rate, which is not in the file: give --fs")
    settings = SeparationSettings(**{each.name: getattr(options, each.name) for each in fields(SeparationSettings)})
    cells = _SeparatedCells(recording, settings, chosen)
    receipt = Receipt(recording, answers(options), {"not chosen": count - len(chosen)})
    missing = registry.write(output, recording, receipt.watch(cells) if options.receipt else cells, baseline)
    if options.receipt:
        missing += receipt.write(output, cells.failed)
    for sentence in missing:
        print_message(f"written without {sentence}")
    for sentence, numbers in cells.warnings.items():
        print_message(f"cell {_ranges(numbers)}: {sentence}")
    about = f", {cells.doubtful} with warnings" + f" ({cells.serious} of them serious)" * bool(cells.serious)
    done = f"{cells.done} of {counted(len(chosen), 'cell')} separated ({brief(settings)})"
    print(f"{output}: {done}{about * bool(cells.doubtful)}")
    return FAILED if cells.failed or missing else DONE


def _add_baseline(parser: argparse.ArgumentParser) -> None:
    """Add the options of dF/F."""
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


class _SeparatedCells:
    """Separates cell after cell as the writer asks for them, and reports each that cannot be separated or used.

    Attributes
    ----------
    done, failed, doubtful, serious : int
        Number of cells: separated, refused, with warnings, and with warnings that are serious.
    warnings : dict of str to list of int
        Warnings in brief, each with the numbers of the cells that have it.
    """

    def __init__(self, recording: "Recording", settings: SeparationSettings, chosen: Sequence[int]) -> None:
        self._recording, self._settings, self._chosen = recording, settings, chosen
        self.done = self.failed = self.doubtful = self.serious = 0
        self.warnings: dict[str, list[int]] = {}

    def __iter__(self) -> "Iterator[tuple[int, Separation]]":
        from neuropil_gui.core.remarks import doubts
        from neuropil_gui.core.separation import separate_cell

        for place, number in enumerate(self._chosen, 1):
            line = _ProgressLine(f"cell {number} ({place} of {len(self._chosen)})")
            try:
                result = separate_cell(self._recording.cells[number - 1], self._settings, line.show)
            except DataError as error:
                line.clear()
                self.failed += 1
                print_message(f"cell {number}: {error}")
                continue
            line.clear()
            self._report(number, doubts(result.warnings))
            self.done += 1
            yield number - 1, result
        if not self.done:
            raise DataError("No cell could be separated, so nothing was written.")

    def _report(self, number: int, remarks: "Sequence[Remark]") -> None:
        """Print what is serious in full and at once, and keep the rest to be printed in brief."""
        serious = [each for each in remarks if each.level == "error"]
        self.doubtful += bool(remarks)
        self.serious += bool(serious)
        for each in remarks:
            if each in serious:
                print_message(f"cell {number}: {each}")
            else:
                self.warnings.setdefault(each.brief, []).append(number)


class _ProgressLine:
    """One line on a terminal that is written over; nothing where stderr is a file."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._shown = 0.0
        self._on = sys.stderr.isatty()

    def show(self, progress: "Progress") -> None:
        now = time.monotonic()
        if self._on and now - self._shown > 0.1:
            self._shown = now
            step = progress.step
            state = f"try {progress.attempt}, iteration {step.iteration}, violation {step.violation:.1e}"
            print_progress(f"\r{self._title}: {state}\x1b[K")

    def clear(self) -> None:
        if self._on:
            print_progress("\r\x1b[K")


def _ranges(numbers: Sequence[int]) -> str:
    """Return ascending numbers as ``1,3-5``."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][-1] + 1:
            parts[-1][1:] = [number]
        else:
            parts.append([number])
    return ",".join("-".join(map(str, part)) for part in parts)


def _cell_numbers(text: str) -> list[int]:
    """Return the numbers of ``1,3-5``, sorted."""
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
