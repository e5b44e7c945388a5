"""The separate command: separate the cells of a recording and write the results."""

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING

from neuropil_gui.cli.extraction_flags import (
    add_extraction_flags,
    check_extraction_flags,
    check_outputs_of_movie,
    extracted,
)
from neuropil_gui.cli.shared import (
    DONE,
    FAILED,
    add_parameter,
    add_reading_flags,
    answers,
    print_message,
)
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.settings import PARAMETERS, SeparationSettings

MAX_JOBS = 1024

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from neuropil_gui.cli.separated_cells import SeparatedCells
    from neuropil_gui.core.baseline import BaselineSettings
    from neuropil_gui.core.recording import Recording
    from neuropil_gui.formats.paths import Options


def run(words: Sequence[str]) -> int:
    """Separate the cells of recordings, write the results, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="neuropil-gui separate",
        description="Separate the cells of recordings, and write the results.",
        epilog="A fit that does not converge is reported and written; a cell that cannot be separated is named, the "
        "others are written, and the exit code is 1.",
    )
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="+",
        help="the recording, or several with --output-folder; or with --rois a movie, or several that are its trials",
    )
    output = parser.add_mutually_exclusive_group(required=True)
    output.add_argument(
        *("-o", "--output"),
        metavar="OUT",
        help="where to write: .npz, .csv, .mat or .nwb, or .fissa.npz or .fissa.mat for FISSA's names, replaced if it "
        "exists; or a project, .npgui, which takes each result as it comes",
    )
    output.add_argument("--output-folder", metavar="DIR", help="where to write NAME.npz for each recording")
    parser.add_argument(
        "--resume",
        action="store_true",
        help="go on with the project OUT.npgui: what it holds of the same signals and settings is not separated again",
    )
    parser.add_argument(
        "--receipt",
        action="store_true",
        help="write beside OUT a text on how its numbers were made, and a Python script that makes them again",
    )
    parser.add_argument("--cells", type=_cell_numbers, metavar="1,3-5", help="which cells, from 1; default: all")
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--jobs", type=_jobs, metavar="N", help="how many cells at a time, each in a process; default: as many as cores"
    )
    place.add_argument(
        "--scheduler",
        default="",
        metavar="ADDRESS",
        help="separate by the workers of a dask.distributed scheduler, as tcp://HOST:8786, in place of this machine",
    )
    parser.add_argument(
        "--strict", action="store_true", help="exit code 1 if a cell has a serious warning or did not converge"
    )
    add_reading_flags(parser)
    add_extraction_flags(parser)
    defaults = SeparationSettings()
    for each in fields(SeparationSettings):
        add_parameter(parser, PARAMETERS[each.name], getattr(defaults, each.name))
    _add_baseline(parser)
    options = parser.parse_args(words)
    baseline = _baseline(parser, options)
    check_extraction_flags(parser, options, options.paths)
    check_outputs_of_movie(parser, options)
    outputs = _outputs(parser, options)

    from neuropil_gui.core.solvers import coordinate_sweep
    from neuropil_gui.engine.separate_all import workers_of

    coordinate_sweep.preload()
    workers = workers_of(options.jobs or os.cpu_count() or 1, scheduler=options.scheduler)
    codes = []
    for path, output_path in outputs.items():
        try:
            codes.append(_separate(parser, options, path, output_path, baseline, workers))
        except DataError as error:
            if len(outputs) == 1:
                raise
            print_message(f"{path}: {error}")
            codes.append(FAILED)
    workers.shutdown()
    return max(codes)


def _outputs(parser: argparse.ArgumentParser, options: argparse.Namespace) -> dict[Path, Path]:
    """Return where to write the results of each recording."""
    paths = [Path(path) for path in options.paths]
    project = options.output is not None and is_project_name(options.output)
    if options.resume and not project:
        parser.error("--resume needs a project, which has each result as soon as it is there: -o OUT.npgui")
    if options.receipt and project:
        parser.error("--receipt is of a file of results: a project has one when its results are exported")
    if options.output is not None:
        if len(paths) > 1 and options.rois is None:
            parser.error(f"{len(paths)} recordings cannot be written to one file: give --output-folder in place of -o")
        return {paths[0]: Path(options.output)}
    outputs: dict[Path, Path] = {}
    for path in paths:
        output = Path(options.output_folder) / f"{path.resolve().stem}.npz"
        if output in outputs.values():
            parser.error(f"two of the recordings would be written to {output}: separate one of them with -o")
        outputs[path] = output
    return outputs


def _separate(
    parser: argparse.ArgumentParser,
    options: argparse.Namespace,
    path: Path,
    output: Path,
    baseline: "BaselineSettings | None",
    workers: "Executor",
) -> int:
    """Separate the cells of one recording, write the results, and return the exit code."""
    from neuropil_gui.cli.separated_cells import SeparatedCells
    from neuropil_gui.core import checks
    from neuropil_gui.core.settings_summary import brief
    from neuropil_gui.formats.paths import counted

    recording, how = _read(path, options)
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
    cells = SeparatedCells(recording, settings, chosen, workers)
    if options.output is not None and is_project_name(options.output):
        _write_project(output, recording, how, settings, baseline, options.resume, cells)
        missing = []
    else:
        missing = _write_file(output, recording, options, how, baseline, cells, count - len(chosen))
    for sentence in missing:
        print_message(f"written without {sentence}")
    for sentence, numbers in cells.warnings.items():
        print_message(f"{'cell' if len(numbers) == 1 else 'cells'} {_ranges(numbers)}: {sentence}")
    before = f", {cells.before} of them before" * bool(cells.before)
    about = f", {cells.doubtful} with warnings" + f" ({cells.serious} of them serious)" * bool(cells.serious)
    done = f"{cells.done} of {counted(len(chosen), 'cell')} separated{before} ({brief(settings)})"
    print(f"{output}: {done}{about * bool(cells.doubtful)}")
    strictly = options.strict and (cells.serious or cells.not_converged)
    return FAILED if cells.failed or missing or strictly else DONE


def is_project_name(name: str) -> bool:
    """Return whether an output is to be a project, by its suffix."""
    from neuropil_gui.formats.project.database import SUFFIX

    return name.lower().endswith(SUFFIX)


def _read(path: Path, options: argparse.Namespace) -> "tuple[Recording, Options]":
    """Return a recording and how it was read."""
    from neuropil_gui.formats import registry
    from neuropil_gui.formats.paths import Options
    from neuropil_gui.formats.project.opening import is_project_file, read_project

    if options.rois is not None:
        return extracted(path, answers(options))
    how = Options(**answers(options))
    if is_project_file(path):
        opened = read_project(path, how)
        return opened.recording, opened.options
    return registry.read(path, **answers(options)), how


def _write_project(
    output: Path,
    recording: "Recording",
    how: "Options",
    settings: SeparationSettings,
    baseline: "BaselineSettings | None",
    resume: bool,
    cells: "SeparatedCells",
) -> None:
    """Separate the cells into a project."""
    from neuropil_gui.engine.project_output import ProjectOutput

    if output.exists() and not resume:
        raise DataError(f"{output} is there already: --resume goes on with it, and another name begins a new project.")
    with ProjectOutput(output, recording, how, settings, baseline) as project:
        cells.write_to(project)


def _write_file(
    output: Path,
    recording: "Recording",
    options: argparse.Namespace,
    how: "Options",
    baseline: "BaselineSettings | None",
    cells: "SeparatedCells",
    not_chosen: int,
) -> list[str]:
    """Separate the cells into a file of results, and return a sentence for each thing that is missing in it."""
    from neuropil_gui.formats import registry
    from neuropil_gui.formats.writing.receipt import Receipt

    receipt = Receipt(recording, asdict(how), {"not chosen": not_chosen})
    if options.output_folder is not None:
        output.parent.mkdir(parents=True, exist_ok=True)
    missing = registry.write(output, recording, receipt.watch(cells) if options.receipt else cells, baseline)
    if options.receipt:
        missing += receipt.write(output, cells.failed)
    return missing


def _add_baseline(parser: argparse.ArgumentParser) -> None:
    """Add the options of dF/F."""
    from neuropil_gui.core.baseline import BASELINE_PARAMETERS, DIVISORS, KINDS

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
        help="write dF/F of the raw ROI and the best match beside the data, both divided by the raw ROI's F0 (see "
        "--deltaf-divisor): a percentile in a window, FISSA's level, which needs the frame rate, or suite2p's maximin",
    )
    parser.add_argument("--deltaf-divisor", choices=tuple(DIVISORS), help=BASELINE_PARAMETERS["divisor"].help)
    for flag, name, metavar in (("percentile", "percentile", "P"), ("window", "window_seconds", "S")):
        text = BASELINE_PARAMETERS[name].help.replace("%", "%%")
        parser.add_argument(f"--deltaf-{flag}", type=number(name), metavar=metavar, help=text)


def _baseline(parser: argparse.ArgumentParser, options: argparse.Namespace) -> "BaselineSettings | None":
    from neuropil_gui.core.baseline import BASELINE_PARAMETERS, BaselineSettings

    given = {
        "percentile": options.deltaf_percentile,
        "window_seconds": options.deltaf_window,
        "divisor": options.deltaf_divisor,
    }
    given = {name: value for name, value in given.items() if value is not None}
    for name in given:
        kinds = BASELINE_PARAMETERS[name].methods
        if options.deltaf not in kinds:
            parser.error(f"--deltaf-{name.removesuffix('_seconds')} goes with --deltaf {' or '.join(kinds)}")
    return BaselineSettings(options.deltaf, **given) if options.deltaf is not None else None


def _jobs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MAX_JOBS:
        raise argparse.ArgumentTypeError(f"expected a number from 1 to {MAX_JOBS}, but found {text!r}")
    return int(text)


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
