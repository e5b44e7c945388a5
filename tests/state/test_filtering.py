"""The filter of the table of cells, against Python's own logic, and its errors in words."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.core.errors import DataError
from neuropil_gui.state.filtering import FilterColumn, FilterError
from neuropil_gui.state.filtering import parse as parse_with

COLUMNS = {
    name: FilterColumn(name, kind)
    for name, kind in {
        "name": str, "r": float, "alive": float, "converged": bool, "frames": float, "score": float, "plane": str,
        "red": bool, "probability": float, "explained": float, "n": float, "number": float,
    }.items()
}  # fmt: skip


def parse(text):
    return parse_with(text, COLUMNS)


KNOWN = {"name": "ROI 12", "r": 0.4, "alive": 2, "converged": True, "frames": 864, "score": -0.5}
UNKNOWN = {"name": "cell's own", "r": None, "alive": None, "converged": None, "frames": 100, "score": math.nan}


@pytest.mark.parametrize(
    ("text", "known", "unknown"),
    [
        ("", True, True),
        ("  ", True, True),
        ("r > 0.3 and alive < 3", True, False),
        ("r>0.3 AND alive<2", False, False),
        ("r > 0.5 or alive <= 2", True, False),
        ("R >= .4", True, False),
        ("r = 0.4", True, False),
        ("r == 4e-1", True, False),
        ("r != 0.4", False, False),
        ("not r > 0.5", True, False),
        ("not r > 0.3", False, False),
        ("not not r > 0.3", True, False),
        ("score < -0.4", True, False),
        ("score < −0.4", True, False),
        ("score ≤ -.5 and r ≠ 1", True, False),
        ("score != 3", True, False),
        ("0.3 < r", True, False),
        ("0.3 < r <= 0.4", True, False),
        ("0.4 < r < 0.5", False, False),
        ("converged", True, False),
        ("not converged", False, False),
        ("converged = no", False, False),
        ("converged != no", True, False),
        ("Converged == TRUE", True, False),
        ("(r < 0.3 or alive = 2) and converged", True, False),
        ("r < 0.3 or alive = 2 and converged", True, False),
        ("not (r < 0.3 or alive = 3)", True, False),
        ("frames < 200 or converged", True, True),
        ("frames < 200 and not r > 2", False, False),
        ("not (frames > 200 and r > 2)", True, True),
        ("roi", True, False),
        ("roi  12", True, False),
        ("roi 1", True, False),
        ("roi 2", False, False),
        ("not roi", False, True),
        ("'roi 12' and r > 0", True, False),
        ('"converged"', False, False),
        ("12", True, False),
        ('name ~ "ROI 1"', True, False),
        ("name ~ roi 1 and r > 0.3", True, False),
        ("name !~ roi", False, True),
        ("name = roi 12", True, False),
        ("name = roi 1", False, False),
        ("name != 'roi 12'", False, True),
        ('name ~ "cell\'s"', False, True),
        ("r2", False, False),
        ("roi-12", False, False),
    ],
)
def test_what_matches(text, known, unknown):
    found = parse(text)
    assert (found.matches(KNOWN), found.matches(UNKNOWN)) == (known, unknown)
    assert found.text == text


def test_a_row_without_a_key_is_unknown():
    assert not parse("r > 0 or not r > 0 or converged or not converged or roi").matches({})


def test_it_lists_the_columns_that_it_uses():
    assert parse("0 < r < 1 and not (roi 1 or converged)").columns == {"r", "name", "converged"}
    assert parse("").columns == frozenset()


@pytest.mark.parametrize(
    ("text", "position", "words"),
    [
        ("r >", 3, "Expected a value after >, but the end was found (at character 4)"),
        ("r > and alive < 3", 4, "Expected a value after >, but 'and'"),
        ("r > abc", 4, "r is compared with a number, but 'abc' was found"),
        ("r > 0,3", 4, "with a point instead of the comma"),
        ("r > 0.3 alive", 4, "'0.3 alive'"),
        ("rr > 3", 0, "There is no column 'rr'; there are name"),
        ("3 > rr", 4, "no column 'rr'"),
        ("'r' > 3 and roi", 0, "Neither 'r' nor '3' is a column; there are name"),
        ("(r > 1", 0, "This ( is never closed"),
        ("r > 1)", 5, "This ) closes nothing"),
        ("(r > 1 (", 7, "Expected and, or, or ), but '('"),
        ("r > 1 (alive)", 6, "Expected and, or, or the end, but '('"),
        ("()", 1, "Expected a column, a word or (, but ')'"),
        ("and", 0, "but 'and' was found"),
        ("not", 3, "the end"),
        ("roi or", 6, "the end"),
        ('name ~ "ROI', 7, "quotation mark is never closed"),
        ("  !converged", 2, "'!' is not understood; write not"),
        ("name > 3", 5, "name is text: use ~"),
        ("r ~ 3", 2, "~ searches text, but r is none"),
        ("converged > 3", 12, "converged is yes or no"),
        ("converged > yes", 10, "converged is yes or no"),
        ("r > 1 > 2", 4, "Neither '1' nor '2'"),
        ("(" * 60 + "r" + ")" * 60, 50, "More than 50 parentheses"),
    ],
)
def test_errors_say_what_and_where(text, position, words):
    with pytest.raises(FilterError) as caught:
        parse(text)
    assert words in str(caught.value)
    assert caught.value.position == position


def test_other_names_of_a_column_are_understood_and_not_listed():
    columns = {"name": COLUMNS["name"], "r_neuropil": FilterColumn("r_neuropil", float, aliases=("r",))}
    for text in ("r > 0.3", "R_neuropil > 0.3", "0.3 < r"):
        assert parse_with(text, columns).columns == {"r_neuropil"}
        assert parse_with(text, columns).matches({"r_neuropil": 0.4})
    with pytest.raises(FilterError, match=r"there are name, r_neuropil \("):
        parse_with("q > 1", columns)


values = st.one_of(st.none(), st.integers(-3, 3).map(lambda tenths: tenths / 2))
rows = st.fixed_dictionaries({"r": values, "alive": values, "converged": st.sampled_from([True, False, None])})


def _compared(name, op, number):
    plain = "==" if op == "=" else op
    return f"{name} {op} {number}", lambda row: None if row[name] is None else eval(f"{row[name]} {plain} {number}")


def _negated(pair):
    text, test = pair
    return f"not ({text})", lambda row: None if test(row) is None else not test(row)


def _joined(left, word, right):
    def test(row):
        answers = left[1](row), right[1](row)
        decided = word == "or"
        return decided if decided in answers else None if None in answers else not decided

    return f"({left[0]}) {word} ({right[0]})", test


filters = st.recursive(
    st.one_of(
        st.builds(
            _compared,
            st.sampled_from(["r", "alive"]),
            st.sampled_from(["<", "<=", ">", ">=", "=", "==", "!="]),
            st.integers(-3, 3).map(lambda tenths: tenths / 2),
        ),
        st.just(("converged", lambda row: row["converged"])),
    ),
    lambda inner: st.one_of(inner.map(_negated), st.builds(_joined, inner, st.sampled_from(["and", "or"]), inner)),
    max_leaves=8,
)


@given(filters, rows)
def test_logic_with_unknown_values(pair, row):
    text, test = pair
    assert parse(text).matches(row) == (test(row) is True)


@given(st.lists(st.sampled_from(["r", "converged", "and", "or", "not"]), min_size=1, max_size=9), rows)
def test_precedence_is_pythons(words, row):
    written = " ".join("r > 0" if word == "r" else word for word in words)
    try:
        expected = eval(written, {}, {"r": row["r"] or 0, "converged": bool(row["converged"])})
    except SyntaxError:
        return
    known = {"r": row["r"] or 0, "converged": bool(row["converged"])}
    assert parse(written).matches(known) == bool(expected)


@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(
            st.sampled_from(
                ["r", "name", "converged", "and", "or", "not", "(", ")", "<", "=", "!=", "~", "0.3", '"a b"']
            ),
            max_size=12,
        ).map(" ".join),
    )
)
def test_any_text_is_a_filter_or_an_error_in_words(text):
    try:
        found = parse(text)
    except DataError as caught:
        error = caught
    else:
        assert found.matches(KNOWN) in (True, False)
        assert found.matches(UNKNOWN) in (True, False)
        return
    assert 0 <= error.position <= len(text)
    assert str(error).endswith(f"(at character {error.position + 1})")


@given(st.text(st.characters(exclude_characters="\"'", exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_a_quoted_name_finds_itself(name):
    assert parse(f'"{name}"').matches({"name": f"a {name} b"})
    assert parse(f"name = '{name}'").matches({"name": name})


def test_long_filters_are_read():
    assert parse(" and ".join(["r > 0.3"] * 5000)).matches(KNOWN)
    assert parse("not " * 5001 + "r > 0.3").matches(KNOWN) is False
