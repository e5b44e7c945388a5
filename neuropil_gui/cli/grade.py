"""The grade command: write a table of marks for the answers of a class."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from neuropil_gui.cli.shared import DONE, print_progress


def run(words: Sequence[str]) -> int:
    """Grade a folder of answers, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="neuropil-gui grade",
        description="Grade the answers of a class to an exercise: simulate each cell anew, separate it with the "
        "student's settings by FISSA's solver, and write a row for each student.",
        epilog="Nothing is sent anywhere. Answers and exercises are files that can be changed: points and scores are "
        "made anew, but who did the work cannot be known. Files that cannot be read have a row with a remark; the exit "
        "code is 0 all the same.",
    )
    parser.add_argument("exercise", metavar="EXERCISE", help="NAME.exercise.json")
    parser.add_argument("folder", metavar="FOLDER", help="where the NAME.answers.json are, or the folders of them")
    parser.add_argument("-o", "--output", required=True, metavar="MARKS.csv", help="the table; replaced if it exists")
    options = parser.parse_args(words)
    if not options.output.lower().endswith(".csv"):
        parser.error(f"-o writes a .csv, but {options.output!r} was found")

    from neuropil_gui.core.solvers import coordinate_sweep
    from neuropil_gui.engine.grading import grade
    from neuropil_gui.formats.paths import counted

    coordinate_sweep.preload()
    output = Path(options.output)
    marks = grade(Path(options.exercise), Path(options.folder), output, _show_progress, lambda: False)
    print_progress("\r" + " " * 30 + "\r")
    remarked = f", {marks.remarked} with remarks" if marks.remarked else ""
    print(f"{output}: {counted(len(marks.rows), 'file')} graded{remarked}")
    return DONE


def _show_progress(progress: object) -> None:
    done, of = progress if isinstance(progress, tuple) else (0, 0)
    print_progress(f"\rgrading {done + 1} of {of}")
