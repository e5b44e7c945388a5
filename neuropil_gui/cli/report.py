"""The report command: write a web page on what a project, or a file of results, holds."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from neuropil_gui.cli.shared import DONE, print_message

if TYPE_CHECKING:
    from neuropil_gui.engine.report import Reported


def run(words: Sequence[str]) -> int:
    """Write a report, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="neuropil-gui report",
        description="Write one web page on the cells of a project: methods, a table, distributions, and a figure of "
        "each cell with its mark and note. It needs no other file, and no script.",
    )
    parser.add_argument("path", metavar="PROJECT", help="a project (.npgui), or a .npz or .mat of results")
    parser.add_argument("-o", "--output", required=True, metavar="OUT.html", help="the page; replaced if it exists")
    options = parser.parse_args(words)

    from neuropil_gui.engine.report import report

    output = Path(options.output)
    report(output, _reported(Path(options.path)))(lambda _: None, lambda: False)
    print(output)
    return DONE


def _reported(path: Path) -> "Reported":
    from neuropil_gui.engine.file_results import ResultsOfFile
    from neuropil_gui.engine.kept_state import Kept
    from neuropil_gui.engine.report import Reported, results_of
    from neuropil_gui.formats import registry
    from neuropil_gui.formats.project.database import Database
    from neuropil_gui.formats.project.opening import is_project_file, read_project

    if not is_project_file(path):
        recording = registry.read(path)
        outcomes = ResultsOfFile(recording, None).outcomes(lambda: False)
        return Reported(recording, outcomes, results_of({}, None), recording.marks)
    recording = read_project(path).recording
    for warning in recording.warnings:
        print_message(warning)
    with Database(path) as database:
        kept = Kept.of(database, len(recording.cells))
        digests = kept.digests(database) if kept is not None else {}
    if kept is None:
        return Reported(recording, {}, results_of({}, None))
    if kept.frame_rate is not None:
        recording = recording.with_frame_rate(kept.frame_rate)
    return Reported(recording, kept.outcomes, results_of({}, path, digests), kept.marks)
