"""Questions as a teacher types them."""

import re

import pytest

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.exercise_words import EXAMPLE, questions_of

pytestmark = pytest.mark.any_version

WORDS = """## Which? (2.5 points)
Look *well*.
- [x] a
- [ ] b
- [alive > 1] c

## Your k
Set: k = best_r ± 0.1

## (3)
Your alpha.
Set: alpha = 0.2 +- 0.05

## Think
"""


def test_questions_are_read_with_their_points():
    (which, k, alpha, think), points = questions_of(WORDS)
    assert points == (2.5, 1.0, 3.0, 0.0)
    assert which.text == "**Which?**\n\nLook *well*."
    assert [(each.words, each.right) for each in which.choices] == [("a", True), ("b", False), ("c", "alive > 1")]
    assert which.several
    assert (k.control, k.answer, k.near) == ("k", "best_r", 0.1)
    assert (alpha.text, alpha.control, alpha.answer) == ("Your alpha.", "settings.alpha", "0.2")
    assert (think.text, think.asks) == ("**Think**", "")
    assert questions_of("") == ((), ())
    (example,), points = questions_of(EXAMPLE)
    assert (len(example.choices), example.several, points) == (3, False, (2.0,))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("Which?\n## a\n", "expected '## ' and a heading before the first question"),
        ("## a\n" * 7, "at most 6 questions, but 7 were found"),
        ("## (2)\n- [x] a\n", "question 1 has no words"),
        ("## a\n" + "b " * 61, "question 1 has 62 words"),
        ("## a\n- [ ] b\n- [ ] c\n", "question 1: none of its choices is right"),
        ("## a\n- [x] b\nSet: k = 1 ± 0.1\n", "question 1 asks for more than one thing"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(words, sentence):
    with pytest.raises(DataError, match=re.escape(sentence)):
        questions_of(words)
