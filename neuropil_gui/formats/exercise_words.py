"""Questions of an exercise as a teacher types them: Markdown as in lessons, with the points in the headings."""

import re

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.lessons import MOST_STEPS, MOST_WORDS, Choice, Step

EXAMPLE = """## Which component is the cell? (2)
Look at the traces and the matrix.

- [x] c1
- [ ] c2
- [ ] c3
"""

_HEADING = re.compile(r"^## .*$", re.MULTILINE)
_POINTS = re.compile(r"\((\d+(?:\.\d+)?)(?: points?)?\)\s*$")
_CHOICE = re.compile(r"^- \[([^\]]*)\][ \t]*(.*)$", re.MULTILINE)
_PLACE = re.compile(r"^Set: (\w+) = ([\w.-]+) (?:±|\+-) (\d+(?:\.\d+)?)\s*$", re.MULTILINE)


def questions_of(words: str) -> tuple[tuple[Step, ...], tuple[float, ...]]:
    """Return the questions that words ask, and the points of each.

    Parameters
    ----------
    words : str
        A ``## `` and a heading for each question, with its points in brackets at the end (else 1); its text; and
        either its choices, ``- [x]`` for a right and ``- [ ]`` for a wrong one, or ``Set: k = best_r ± 0.1`` for a
        control, the number that it should be near, and how near.

    Returns
    -------
    steps : tuple of Step
    points : tuple of float

    Raises
    ------
    DataError
        (a ValueError) When they are something else; names the question, and what is expected.
    """
    headings = _HEADING.findall(words)
    before, *bodies = _HEADING.split(words)
    if before.strip():
        raise DataError("expected '## ' and a heading before the first question.")
    if len(bodies) > MOST_STEPS:
        raise DataError(f"an exercise has at most {MOST_STEPS} questions, but {len(bodies)} were found.")
    steps, points = [], []
    for number, (heading, body) in enumerate(zip(headings, bodies, strict=True), 1):
        step = _step(f"question {number}", heading.removeprefix("## "), body)
        found = _POINTS.search(heading)
        steps.append(step)
        points.append((float(found[1]) if found else 1.0) if step.asks else 0.0)
    return tuple(steps), tuple(points)


def _step(where: str, heading: str, body: str) -> Step:
    choices = tuple(
        Choice(found[2].strip(), {"x": True, "X": True, " ": False, "": False}.get(found[1], found[1]))
        for found in _CHOICE.finditer(body)
    )
    places = _PLACE.findall(body)
    text = _PLACE.sub("", _CHOICE.sub("", body)).strip()
    title = _POINTS.sub("", heading).strip()
    text = f"**{title}**\n\n{text}".strip() if title else text
    if not text:
        raise DataError(f"{where} has no words.")
    count = len(" ".join((text, *(choice.words for choice in choices))).split())
    if count > MOST_WORDS:
        raise DataError(f"{where} has {count} words; more than {MOST_WORDS} are not read.")
    if len(places) + bool(choices) > 1:
        raise DataError(f"{where} asks for more than one thing; expected choices or one 'Set:'.")
    if choices and not any(choice.right for choice in choices):
        raise DataError(f"{where}: none of its choices is right; mark one with [x].")
    if places:
        name, answer, near = places[0]
        return Step(text, control=name if name == "k" else f"settings.{name}", answer=answer, near=float(near))
    return Step(text, choices=choices, several=sum(bool(choice.right) for choice in choices) > 1)
