"""Lessons are read whole, or refused in a sentence that names the step and what is expected."""

import pytest

from neuropil_gui.assets import RESOURCES
from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.lessons import lessons_in, read_lesson, title_and_about

WORDS = """# A title
What it is about.

## One
Look at *this*.

- [x] right
- [ ] wrong
- [r_truth < 0.5] perhaps

→ It is {r_truth}.

## Two
Move it.
"""
DATA = """format = 1
minutes = 3
k = 0.2
panels = ["convergence", "numbers"]
[simulation]
noise = 10
[settings]
alpha = 0.5
[[step]]
hide = ["truth"]
then = { "simulation.noise" = 20 }
also = { A = { k = 0.4 } }
[[step]]
control = "settings.alpha"
answer = "best_r"
near = 0.2
"""


@pytest.fixture
def write(tmp_path):
    def write(words=WORDS, data=DATA, name="lesson.md"):
        path = tmp_path / name
        path.write_text(words, encoding="utf-8")
        (tmp_path / "lesson.toml").write_text(data, encoding="utf-8")
        return path

    return write


def test_a_lesson_is_read_whole(write):
    lesson = read_lesson(write())
    assert (lesson.name, lesson.title, lesson.about, lesson.minutes) == ("lesson", "A title", "What it is about.", 3)
    assert (lesson.start.simulation.noise, lesson.start.settings.alpha, lesson.start.k) == (10.0, 0.5, 0.2)
    assert lesson.panels == ("convergence", "numbers")
    one, two = lesson.steps
    assert (one.asks, two.asks) == ("choose", "slide")
    assert one.text == "Look at *this*."
    assert one.after == "It is {r_truth}."
    assert [(choice.words, choice.right) for choice in one.choices] == [
        ("right", True), ("wrong", False), ("perhaps", "r_truth < 0.5"),
    ]  # fmt: skip
    assert (one.hide, one.then, one.also) == (("truth",), {"simulation.noise": 20}, {"A": {"k": 0.4}})
    assert (two.control, two.answer, two.near) == ("settings.alpha", "best_r", 0.2)
    assert title_and_about(write()) == ("A title", "What it is about.")


def test_words_come_from_the_translation_where_there_is_one(write):
    path = write()
    write(WORDS.replace("A title", "Ein Titel"), name="lesson.de.md")
    assert read_lesson(path, "de").title == "Ein Titel"
    assert read_lesson(path, "fr").title == "A title"
    assert lessons_in(path.parent) == [path]  # a translation is no lesson of its own


@pytest.mark.parametrize(
    ("words", "data", "sentence"),
    [
        (WORDS, "format = 2", "expected format = 1, but 2 was found"),
        (WORDS, "format = ", "it is not TOML"),
        (WORDS, DATA.replace("minutes", "hours"), "unknown key 'hours'"),
        (WORDS, DATA.replace("near", "about"), "step 2: unknown key 'about'"),
        (WORDS, DATA.replace("noise = 10", "noise = -1"), "noise must be"),
        (WORDS, DATA.replace("noise = 10", "colour = 1"), "there is no 'simulation.colour' to set"),
        (WORDS, DATA.replace('"simulation.noise" = 20', '"simulation.noise" = "much"'), "noise must be"),
        (WORDS, DATA.replace("settings.alpha", "settings.beta"), "there is no control 'settings.beta'"),
        (
            WORDS,
            DATA.replace('"numbers"]', '"cells"]'),
            "panels takes a list of convergence, mixing, numbers, separation",
        ),
        (WORDS, DATA.replace('["truth"]', '["window"]'), "step 1: hide takes a list of convergence, mixing"),
        (WORDS, DATA + "[[step]]\n", "the words have 2 steps, but the .toml file beside them 3"),
        (WORDS.replace("# A title", "A title"), DATA, "expected '# ' and a title in the first line"),
        (WORDS.replace("Move it.", ""), DATA, "step 2 has no words"),
        (WORDS.replace("Move it.", "word " * 61), DATA, "step 2 has 61 words; more than 60 are not read"),
        (WORDS.replace("[x]", "[ ]").replace("[r_truth < 0.5]", "[ ]"), DATA, "step 1: none of its choices is right"),
        (WORDS.replace("[r_truth < 0.5]", "[r_truth is 1]"), DATA, "expected conditions such as"),
        (WORDS.replace("Move it.", "Move it.\n\n- [x] yes\n- [ ] no"), DATA, "step 2 asks for more than one thing"),
        (WORDS + "## Three\nMore.\n" * 5, DATA + "[[step]]\n" * 5, "at most 6 steps, but 7 were found"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(write, words, data, sentence):
    with pytest.raises(DataError, match=r"^lesson\.(md|toml): ") as refusal:
        read_lesson(write(words, data))
    assert sentence in str(refusal.value)


def test_a_lesson_without_its_data_names_the_file(write):
    path = write()
    path.with_suffix(".toml").unlink()
    with pytest.raises(DataError, match=r"lesson\.toml"):
        read_lesson(path)


def test_the_lessons_of_the_program_are_within_the_limits():
    paths = lessons_in(RESOURCES / "lessons")
    assert len(paths) >= 6
    for path in paths:
        lesson = read_lesson(path)
        assert (lesson.title, lesson.about) == title_and_about(path)
        assert lesson.minutes <= 10
