import csv
import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.writing.plain_table import table_text, without_formula, write_table

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters='\n"\t,'))


@given(
    rows=st.lists(st.fixed_dictionaries({"a": st.floats(allow_nan=False), "b": texts, "c": st.booleans()})),
    delimiter=st.sampled_from([",", "\t"]),
)
def test_what_is_written_is_read_back_as_the_same(rows, delimiter):
    text = table_text(["a", "b", "c"], rows, delimiter)
    read = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    assert [(float(row["a"]), row["b"], row["c"] == "yes") for row in read] == [
        (row["a"], row["b"], row["c"]) for row in rows
    ]


def test_what_is_not_known_is_left_empty():
    rows = [{"n": None, "r": math.nan, "seed": 2**32 - 1}]
    assert table_text(["n", "r", "seed", "score"], rows) == "n,r,seed,score\n,,4294967295,\n"


def test_a_table_that_cannot_be_written_is_refused_in_words(tmp_path):
    with pytest.raises(DataError, match="there is no folder"):
        write_table(tmp_path / "no" / "table.csv", ["a"], [])
    write_table(tmp_path / "table.csv", ["a"], [{"a": "µ"}])
    assert (tmp_path / "table.csv").read_text(encoding="utf-8") == "a\nµ\n"


@given(texts)
def test_no_text_of_somebody_else_becomes_a_formula(text):
    safe = without_formula(text)
    assert safe.removeprefix("'" if safe != text else "") == text
    assert not safe.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert without_formula(f"={text}") == f"'={text}"
