"""The info command: say what a recording holds, and what the window would ask about it."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from neuropil_gui.cli.extraction_flags import add_extraction_flags, check_extraction_flags
from neuropil_gui.cli.shared import DONE, FLAGS, add_reading_flags, answers
from neuropil_gui.core.errors import DataError

if TYPE_CHECKING:
    from neuropil_gui.core.recording import Recording
    from neuropil_gui.formats.questions import FileQuestion, Inquiry

EXAMINED_VALUES = 20_000_000
"""Values of a recording up to which each cell is checked, which takes a second at most."""

NAMED_DOUBTS, NAMED_CHOICES = 5, 12
"""Numbers of doubts and choices that are printed."""


def run(words: Sequence[str]) -> int:
    """Print the facts of a recording, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="neuropil-gui info",
        description="Say what a recording holds, what is doubtful about it, and what the window would ask before it "
        "opens it.",
    )
    parser.add_argument(
        "paths", metavar="PATH", nargs="+", help="the recording; with --rois a movie, or several that are its trials"
    )
    parser.add_argument("--json", action="store_true", help="for programs")
    add_reading_flags(parser)
    add_extraction_flags(parser, movie=True)
    options = parser.parse_args(words)
    check_extraction_flags(parser, options, options.paths)
    if len(options.paths) > 1 and options.trial_files is None:
        parser.error("several paths are the trials of a movie: give its ROIs by --rois")

    from neuropil_gui.formats import registry
    from neuropil_gui.formats.movie_pairs import movie_first
    from neuropil_gui.formats.paths import Options

    path, how = movie_first(Path(options.paths[0]), Options(**answers(options)))
    given = asdict(how)
    inquiry = registry.inquire(path, how)
    asked = inquiry.questions
    if given["dataset"] is not None and inquiry.follow is not None:
        asked = inquiry.follow(given["dataset"])
    open_questions = [each for each in asked if given[each.name] is None]
    try:
        facts = _facts(registry.read(path, **given))
    except DataError as error:
        if not open_questions:
            raise
        facts = _guessed_facts(inquiry, given, str(error))  # the window would ask, and so the file can be opened
    if options.json:
        print(json.dumps({**facts, "questions": [_as_dict(each) for each in open_questions]}))
        return DONE
    facts["frame_rate"] = "unknown" if facts["frame_rate"] is None else f"{facts['frame_rate']:g} Hz"
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


def _facts(recording: "Recording") -> dict[str, Any]:
    headers = recording.cells.headers
    return {
        "format": recording.format,
        "cells": len(headers),
        "signals": max(header.signals for header in headers),
        "frames": max(header.frames for header in headers),
        "frame_rate": recording.frame_rate,
        "trials": max(header.trials for header in headers),
        "warnings": [*recording.warnings, *_doubts(recording)],
    }


def _guessed_facts(inquiry: "Inquiry", given: dict[str, Any], refusal: str) -> dict[str, Any]:
    """Return the facts that the best guesses give, of a file that cannot be read before its questions are answered."""
    known = {name: value for name, value in given.items() if value is not None}
    seen = inquiry.preview(replace(inquiry.guess, **known))
    return {
        "format": inquiry.format,
        "cells": seen.cells,
        "signals": len(seen.signal_names),
        "frames": seen.frames,
        "frame_rate": seen.frame_rate,
        "warnings": [f"By the best guesses: {refusal}"],
    }


def _as_dict(question: "FileQuestion") -> dict[str, Any]:
    """Return a question with its flag, for --json."""
    return {**asdict(question), "flag": FLAGS[question.name]}


def _guess(question: "FileQuestion") -> str:
    labels = [choice.label for choice in question.choices if choice.value == question.guess]
    if labels:
        return f"Guess: {labels[0]}"
    return "No guess" if question.guess is None else f"Guess: {question.guess}"


def _doubts(recording: "Recording") -> list[str]:
    """Return which cells cannot be separated as they are, or have dead signals.

    None of a recording above `EXAMINED_VALUES`.
    """
    from neuropil_gui.core.separation import check_cell
    from neuropil_gui.core.settings import SeparationSettings
    from neuropil_gui.core.signal_remarks import signal_remarks

    if sum(header.signals * header.frames for header in recording.cells.headers) > EXAMINED_VALUES:
        return []
    doubts = []
    for number, cell in enumerate(recording.cells, 1):
        if len(cell.traces) == 1:
            continue  # there is nothing to separate, which a note says
        try:
            check_cell(cell, SeparationSettings())
        except DataError as error:
            doubts.append(f"cell {number}: {error}")
        doubts += [f"cell {number}: {remark}" for remark in signal_remarks(cell)]
    if len(doubts) > NAMED_DOUBTS:
        doubts = [*doubts[:NAMED_DOUBTS], f"and {len(doubts) - NAMED_DOUBTS} more doubts about cells"]
    return doubts
