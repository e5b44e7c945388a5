"""Tables of text as spreadsheets, MATLAB, pandas and NumPy write them."""

from unittest import mock

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neuropil_gui.formats.plain import table as tables
from neuropil_gui.formats.registry import read

ROWS = np.array(
    [[1.5, 2.5, 3.5], [4.5, 5.5, 6.5], [7.5, 8.5, 9.5], [1.25, 2.25, 3.25], [4, 5, 6], [7, 8, 9.0], [1, 5, 2]]
)


def table(rows, delimiter=",", comma=False, end="\n"):
    lines = [delimiter.join(repr(float(x)) for x in row) for row in rows]
    text = end.join(lines) + end
    return text.replace(".", ",") if comma else text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("delimiter", "comma"),
    [(",", False), (";", False), ("\t", False), (" ", False), ("   ", False), (";", True), ("\t", True), (" ", True)],
)
@pytest.mark.parametrize("header", [None, ["µ ROI", "np_1", "np_2"]])
def test_every_way_to_write_a_table(tmp_path, encoding, end, delimiter, comma, header):
    if header and " " in delimiter:
        header = [name.replace(" ", "") for name in header]
    text = (delimiter.join(header) + end if header else "") + table(ROWS, delimiter, comma, end)
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    recording = read(tmp_path / "a.csv")
    cell = recording.cells[0]
    assert np.array_equal(cell.traces, ROWS.T)
    assert cell.signal_names == (tuple(header) if header else ("ROI", "np 1", "np 2"))
    assert recording.frame_rate is None
    assert recording.rows_are_frames is True
    assert len(recording.warnings) == (0 if header else 2)


@given(
    st.text(alphabet="12,\r\n\u00b5\u20ac\U0001d11e", max_size=40),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.integers(1, 9),
)
@settings(deadline=None)
def test_the_blocks_in_which_text_is_decoded_do_not_show(content, encoding, size):
    data = content.encode(encoding)
    with mock.patch.object(tables, "BLOCK", size):
        lines = tables.decoded_lines(data, encoding)
    assert lines == content.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def test_one_letter_of_an_old_encoding_far_down(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "BLOCK", 16)
    monkeypatch.setattr(tables, "CELLS", 6)
    (tmp_path / "a.csv").write_bytes((table(ROWS) + "# 3 µm").encode("latin-1"))
    assert np.array_equal(read(tmp_path / "a.csv").cells[0].traces, ROWS.T)


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


def timed(times, title="time (s)", delimiter=","):
    rows = [[t, 1.5 + k, k * k] for k, t in enumerate(times)]
    return delimiter.join([title, "ROI", "np 1"]) + "\n" + table(rows, delimiter)


@pytest.mark.parametrize(
    ("title", "scale"),
    [
        *((title, 1) for title in ("time", "Time (s)", "t", "t [s]", "time_s", "Timestamps", "seconds", "Time/s")),
        *((title, 1000) for title in ("time (ms)", "Time_ms", "t [ms]", "ms", "milliseconds", "time [msec]")),
        ("Time since start (min)", 1 / 60),
    ],
)
def test_a_time_column_gives_the_frame_rate(tmp_path, title, scale):
    path = write(tmp_path / "a.csv", timed(np.arange(40) / 29.87 * scale, title))
    recording = read(path)
    assert recording.frame_rate == pytest.approx(29.87)
    assert recording.cells[0].signal_names == ("ROI", "np 1")
    named = title.lower() not in ("time", "t", "timestamps")
    assert [each for each in recording.warnings if "is a guess, seconds (--time-unit)" not in each] == []
    assert len(recording.warnings) == (0 if named else 1)
    assert read(path, frame_rate=5).frame_rate == 5


@pytest.mark.parametrize("title", ["T1", "t-cell", "tdTomato", "S1 cortex", "ROI", "mean"])
def test_other_titles_are_no_times(tmp_path, title):
    recording = read(write(tmp_path / "a.csv", timed(np.arange(40) / 30, title)))
    wanted = ("ROI (2)", "ROI", "np 1") if title == "ROI" else ("ROI", title, "np 1")
    assert recording.cells[0].signal_names == wanted  # no ramp is taken for the ROI
    assert recording.frame_rate is None
    assert "rises evenly, as a clock does" in recording.warnings[0]


@pytest.mark.parametrize(("title", "rate"), [("Zeit (s)", 30), ("Temps [ms]", 30_000), ("tiempo_s", 30)])
def test_a_clock_is_known_by_its_unit_in_any_language(tmp_path, title, rate):
    recording = read(write(tmp_path / "a.csv", timed(np.arange(40) / 30, title)))
    assert recording.frame_rate == pytest.approx(rate)
    assert recording.cells[0].signal_names == ("ROI", "np 1")
    assert title in recording.warnings[0]


def test_rounded_times_are_even_and_gaps_are_not(tmp_path):
    times = np.round(np.arange(300) / 30, 3)
    assert read(write(tmp_path / "a.csv", timed(times))).frame_rate == pytest.approx(30, rel=1e-3)
    recording = read(write(tmp_path / "a.csv", timed(np.delete(times, 100))))
    assert recording.frame_rate is None
    assert "not evenly spaced" in recording.warnings[0]
    assert recording.cells[0].traces.shape == (2, 299)
    assert read(write(tmp_path / "a.csv", timed(times[::-1]))).frame_rate is None


def test_times_and_counts_without_a_header(tmp_path):
    rng = np.random.default_rng(1)
    rows = np.column_stack([np.arange(50) / 20, rng.random((50, 2))])
    recording = read(write(tmp_path / "a.csv", table(rows)))
    assert recording.frame_rate == pytest.approx(20)
    assert "taken for the time" in recording.warnings[0]
    assert "a guess, seconds (--time-unit). They rise by 0.05, which in seconds is 20 Hz" in recording.warnings[1]
    assert np.array_equal(recording.cells[0].traces, rows[:, 1:].T)
    rows[:, 0] = np.arange(50)
    recording = read(write(tmp_path / "a.csv", table(rows)))
    assert recording.frame_rate is None
    assert "counts the frames" in recording.warnings[0]
    assert recording.cells[0].traces.shape == (2, 50)


def test_as_pandas_and_numpy_write(tmp_path):
    values = np.random.default_rng(1).random((20, 2))
    rows = "".join(f"{k},{a!r},{b!r}\n" for k, (a, b) in enumerate(values.tolist()))
    for header, names in ((",0,1\n", ("0", "1")), (",ROI,np\n", ("ROI", "np")), ("frame,ROI,np\n", ("ROI", "np"))):
        recording = read(write(tmp_path / "a.csv", header + rows))
        assert np.array_equal(recording.cells[0].traces, values.T)
        assert recording.cells[0].signal_names == names
        assert recording.frame_rate is None
    np.savetxt(tmp_path / "b.txt", values, header="ROI np", fmt="%.17g")
    cell = read(tmp_path / "b.txt").cells[0]
    assert np.array_equal(cell.traces, values.T)
    assert cell.signal_names == ("ROI", "np")
    quoted = '"ROI, the cell","np ""1"""\n' + "".join(f'"{a!r}","{b!r}"\n' for a, b in values.tolist())
    cell = read(write(tmp_path / "c.csv", quoted)).cells[0]
    assert cell.signal_names == ("ROI, the cell", 'np "1"')
    assert np.array_equal(cell.traces, values.T)


def test_comments_blank_lines_and_trailing_delimiters(tmp_path):
    text = "# made by hand\n\n" + "".join(f"{k % 4};{k % 7};\n" for k in range(15)) + "\n# end\n"
    assert read(write(tmp_path / "a.csv", text)).cells[0].traces.shape == (2, 15)


def test_missing_cells_are_counted(tmp_path):
    path = write(tmp_path / "a.csv", "ROI,np\n1,2\n,4\nNaN,n/a\n7,8\n")
    recording = read(path)
    assert recording.warnings == ("3 of 8 fields are empty or not a number.",)
    assert np.array_equal(np.isnan(recording.cells[0].traces), [[0, 1, 1, 0], [0, 0, 1, 0]])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n3\n5,6\n", "row 3 has 1 columns, but 2"),
        ("a,b\n\n# note\n1,2\n3,4,5\n", "row 5 has 3 columns, but 2"),
        ("a,b\n1,2\n3,x4\n", "row 3, column 2 holds 'x4'"),
        ("1,2\n3,4\n5,six\n", "row 3, column 2 holds 'six'"),
        ("1;2\n3;2021-07-26\n", "row 2, column 2 holds '2021-07-26'"),
        ("a,b\n1,2\n1e,2\n", "row 3, column 1 holds '1e'"),
        ("a,b\n", "no rows of numbers below"),
        ("# nothing\n\n", "no numbers"),
        ("\n \n", "no numbers"),
        ("Dear all, this is a letter.\nIt holds no numbers, as letters go.\n", "holds"),
        ("a\0b", "binary"),
    ],
)
def test_bad_tables_are_refused_by_row_and_column(tmp_path, refusal, text, words):
    sentence = refusal(write(tmp_path / "a.csv", text))
    assert sentence.startswith("a.csv: ")
    assert words in sentence


def test_rows_of_signals_can_be_turned(tmp_path):
    values = np.random.default_rng(1).random((3, 40))
    path = write(tmp_path / "a.tsv", table(values, "\t"))
    recording = read(path)
    assert np.array_equal(recording.cells[0].traces, values)
    assert (recording.rows_are_frames, len(recording.warnings)) == (False, 1)
    assert recording.warnings[0].startswith("The 3 traces were read as signals of one cell.")
    assert read(path, rows_are_frames=True, rows="signals").cells[0].traces.shape == (40, 3)


@settings(deadline=None, max_examples=60)
@given(
    hnp.arrays(
        "f8",
        hnp.array_shapes(min_dims=2, max_dims=2, min_side=2, max_side=9),
        elements=st.floats(allow_infinity=False, allow_nan=False),
    ),
    st.booleans(),
    st.sampled_from([(",", False), (";", False), ("\t", False), (" ", False), (";", True)]),
)
def test_any_numbers_come_back(tmp_path_factory, values, header, how):
    delimiter, comma = how
    path = tmp_path_factory.getbasetemp() / "any.csv"
    names = [f"signal{k}" for k in range(values.shape[1])]
    text = (delimiter.join(names) + "\n" if header else "") + table(values, delimiter, comma)
    recording = read(write(path, text), rows_are_frames=True, rows="signals")
    traces = recording.cells[0].traces
    if len(traces) < values.shape[1]:  # its first column counts the rows, and was left out
        assert "was left out" in " ".join(recording.warnings)
        values = values[:, 1:]
    assert np.array_equal(traces, values.T)


@settings(deadline=None, max_examples=80)
@given(st.text(alphabet="0123456789.,;\t \n-+eE#\"'naif\u00b5\r", max_size=120))
def test_any_text_is_a_sentence_or_a_recording(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "text.csv"
    path.write_text(text or " ", encoding="utf-8", newline="")
    try:
        read(path)
    except ValueError as error:
        if not str(error).startswith("text.csv: "):
            raise


def test_a_long_table_is_read_fast_enough(tmp_path):
    values = np.random.default_rng(1).random((100_000, 5))
    np.savetxt(tmp_path / "a.csv", values, delimiter=",", fmt="%.9f")
    assert read(tmp_path / "a.csv").cells[0].traces.shape == (5, 100_000)
