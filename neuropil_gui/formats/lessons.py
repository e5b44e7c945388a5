"""Lessons in files: the words as Markdown, and beside them what the window does, as TOML of the same name.

A lesson is ``05-alpha.md`` with ``05-alpha.toml``; ``05-alpha.de.md`` is its translation. In the Markdown, the heading
is the title, the first paragraph what the lesson is about, and each ``## `` begins a step: its text, its choices as
``- [x]`` and ``- [ ]`` (or ``- [condition]``), and what is said after the answer behind a line that begins with an
arrow.
"""

import locale
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.lessons import MOST_STEPS, MOST_WORDS, Choice, Lesson, Situation, Step, names_in, parts
from neuropil_gui.formats.paths import data_error, os_errors_as_data_errors

ARROW = "\N{RIGHTWARDS ARROW}"

LESSON_KEYS = {"format", "minutes", "simulation", "settings", "k", "panels", "step"}
STEP_KEYS = {"hide", "several", "control", "answer", "near", "goal", "first", "then", "also"}
PANELS = {"simulator", "separation", "mixing", "convergence", "numbers"}
HIDDEN = {"truth", "result", *PANELS}


def read_lesson(path: str | Path, language: str = "") -> Lesson:
    """Read a lesson.

    Parameters
    ----------
    path : path
        Of the Markdown file; its TOML file lies beside it.
    language : str, optional
        Such as ``"de"``: the words come from the translation, where there is one.

    Returns
    -------
    Lesson

    Raises
    ------
    DataError
        (a ValueError) When a file cannot be read, or holds something else; names the step, and what is expected.
    """
    path = Path(path)
    with os_errors_as_data_errors(path):
        translated = path.with_suffix(f".{language}.md")
        words = (translated if language and translated.is_file() else path).read_text(encoding="utf-8")
    data_path = path.with_suffix(".toml")
    with os_errors_as_data_errors(data_path):
        data = data_path.read_text(encoding="utf-8")
    try:
        facts = tomllib.loads(data)
    except tomllib.TOMLDecodeError as error:
        raise data_error(data_path, f"it is not TOML: {error}.") from error
    if facts.get("format") != 1:
        raise data_error(data_path, f"expected format = 1, but {facts.get('format')!r} was found.")
    _check_keys(data_path, "the lesson", facts, LESSON_KEYS)
    try:
        title, about, steps = _steps(words, facts.get("step", []))
        start = Situation().changed(
            {
                f"{part}.{name}": value
                for part in ("simulation", "settings")
                for name, value in facts.get(part, {}).items()
            }
            | ({"k": facts["k"]} if "k" in facts else {})
        )
        for step in steps:
            _check(start, step)
        panels = _panels(facts.get("panels", []))
    except (DataError, TypeError) as error:
        raise data_error(path, str(error)) from error
    return Lesson(path.stem, title, about, int(facts.get("minutes", 5)), start, tuple(steps), panels)


def lessons_in(folder: Path) -> list[Path]:
    """Return the lessons in a folder, by their name.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    list of Path
        Markdown files with a TOML file of the same name beside them.
    """
    return sorted(path for path in folder.glob("*.md") if path.with_suffix(".toml").is_file())


def title_and_about(path: Path) -> tuple[str, str]:
    """Return the title of a lesson, and what it is about, from the head of its words.

    Parameters
    ----------
    path : Path
        Of the Markdown file.

    Returns
    -------
    tuple of str
    """
    title, _, rest = path.read_text(encoding="utf-8").partition("\n")
    return title.removeprefix("# ").strip(), rest.partition("\n## ")[0].strip()


def own_language() -> str:
    """Return the language of the desktop, such as ``"de"``; empty where none is set."""
    return (locale.getlocale()[0] or "").partition("_")[0].lower()


def _steps(words: str, facts: list[Mapping[str, Any]]) -> tuple[str, str, list[Step]]:
    head, *bodies = re.split(r"^## .*$", words, flags=re.MULTILINE)
    title, _, about = head.strip().partition("\n")
    if not title.startswith("# ") or not bodies:
        raise DataError("expected '# ' and a title in the first line, and a '## ' for each step.")
    if len(bodies) > MOST_STEPS:
        raise DataError(f"a lesson has at most {MOST_STEPS} steps, but {len(bodies)} were found.")
    if len(facts) != len(bodies):
        raise DataError(f"the words have {len(bodies)} steps, but the .toml file beside them {len(facts)} [[step]].")
    return (
        title.removeprefix("# ").strip(),
        about.strip(),
        [_step(number, body, each) for number, (body, each) in enumerate(zip(bodies, facts, strict=True), 1)],
    )


def _step(number: int, body: str, facts: Mapping[str, Any]) -> Step:
    where = f"step {number}"
    unknown = sorted(facts.keys() - STEP_KEYS)
    if unknown:
        raise DataError(f"{where}: unknown key {unknown[0]!r}; expected one of {', '.join(sorted(STEP_KEYS))}.")
    shown, _, after = body.partition(f"\n{ARROW}")
    choices = [
        Choice(found[2].strip(), {"x": True, " ": False}.get(found[1], found[1]))
        for found in re.finditer(r"^- \[([^\]]+)\] (.*)$", shown, re.MULTILINE)
    ]
    text = re.sub(r"^- \[[^\]]+\] .*$", "", shown, flags=re.MULTILINE).strip()
    if not text:
        raise DataError(f"{where} has no words.")
    count = len(re.sub(r"\{[^}]*\}", "0", " ".join((text, after, *(choice.words for choice in choices)))).split())
    if count > MOST_WORDS:
        raise DataError(f"{where} has {count} words; more than {MOST_WORDS} are not read.")
    hide = tuple(facts.get("hide", ()))
    if set(hide) - HIDDEN:
        raise DataError(f"{where}: hide takes a list of {', '.join(sorted(HIDDEN))}, but {hide} was found.")
    if choices and not any(choice.right for choice in choices):
        raise DataError(f"{where}: none of its choices is right; mark one with [x].")
    step = Step(text, after.strip(), tuple(choices), **{**facts, "hide": hide})
    if sum((bool(step.choices), bool(step.control), bool(step.goal))) > 1:
        raise DataError(f"{where} asks for more than one thing; expected choices, a control or a goal.")
    return step


def _check(start: Situation, step: Step) -> None:
    """Raise DataError where a step names what there is not."""
    for changes in (step.first, step.then, *step.also.values()):
        start.changed(changes)
    if step.control:
        try:
            start.value(step.control)
        except (AttributeError, TypeError) as error:
            raise DataError(
                f"there is no control {step.control!r}; expected simulation.NAME, settings.NAME or k."
            ) from error
    for condition in (step.goal, *(choice.right for choice in step.choices if isinstance(choice.right, str))):
        if condition:
            parts(condition)
    if step.answer and step.control == "":
        raise DataError("an answer needs the control that is to be near it.")
    names_in(step.after)


def _panels(found: Any) -> tuple[str, ...]:
    """Return the panels that a lesson needs, as it names them."""
    if not isinstance(found, list) or not all(isinstance(each, str) and each in PANELS for each in found):
        raise DataError(f"panels takes a list of {', '.join(sorted(PANELS))}, but {found!r} was found.")
    return tuple(found)


def _check_keys(path: Path, what: str, found: Mapping[str, Any], known: set[str]) -> None:
    unknown = sorted(found.keys() - known)
    if unknown:
        raise data_error(path, f"{what} has an unknown key {unknown[0]!r}; expected one of {', '.join(sorted(known))}.")
