"""Tables as programs write them: what is a title, a time, a count, a mark, a unit, and what a signal."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuropil_gui.core.errors import DataError
from neuropil_gui.formats.plain.roles import Role, find_roles
from neuropil_gui.formats.registry import inquire, read

RNG = np.random.default_rng(12)
FRAMES = 120
TRACES = np.round(80 + 20 * RNG.random((4, FRAMES)), 5)
SECONDS = np.arange(FRAMES) / 20


def sheet(path, head, columns, delimiter=",", end=""):
    """Write columns below lines of a head."""
    lines = [*head, *(delimiter.join(map(str, row)) + end for row in zip(*columns, strict=True))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def names(recording):
    return [header.name for header in recording.cells.headers]


def questions(path):
    return {each.name: each for each in inquire(path).questions}


@pytest.mark.parametrize("index", [True, False])
@pytest.mark.parametrize("wide", [True, False])
def test_pandas_frames_with_and_without_index(tmp_path, index, wide):
    values = TRACES if wide else TRACES.T
    rows = [[*([k] if index else []), *row] for k, row in enumerate(values.tolist())]
    head = ",".join([*([""] if index else []), *map(str, range(values.shape[1]))])
    recording = read(sheet(tmp_path / "a.csv", [head], zip(*rows, strict=True)))
    assert np.array_equal(recording.cells[0].traces, TRACES)
    assert recording.rows_are_frames is not wide
    turned = read(tmp_path / "a.csv", rows_are_frames=wide, rows="signals")
    assert turned.cells[0].traces.shape == TRACES.T.shape


def test_inscopix_statuses_are_marks_of_cells(tmp_path):
    head = [" , C00, C01, C02, C03", "Time(s)/Cell Status, accepted, rejected, undecided, accepted"]
    path = sheet(tmp_path / "a.csv", head, [SECONDS, *TRACES], ", ")
    recording = read(path)
    assert names(recording) == ["C00", "C01", "C02", "C03"]
    assert [dict(header.facts)["status"] for header in recording.cells.headers] == [
        *("accepted", "rejected", "undecided", "accepted")
    ]
    assert recording.frame_rate == pytest.approx(20)
    assert np.array_equal(np.concatenate([cell.traces for cell in recording.cells]), TRACES)
    assert any("read as a cell of its own" in note and "Inscopix" in note for note in recording.warnings)
    one = read(path, rows="signals")
    assert one.cells[0].signal_names == ("C00", "C01", "C02", "C03")
    assert not any("cell of its own" in note for note in one.warnings)


@pytest.mark.parametrize("name", ["a.csv", "a.xls"])
def test_imagej_measures_the_mean_and_more(tmp_path, name):
    delimiter = "\t" if name.endswith("xls") else ","
    titles, columns = [], []
    for k, trace in enumerate(TRACES, 1):
        titles += [f"Area{k}", f"Mean{k}", f"Min{k}", f"Max{k}"]
        columns += [np.full(FRAMES, 100 + k), trace, trace - 3, trace + 3]
    path = sheet(tmp_path / name, [delimiter.join([" ", *titles])], [np.arange(FRAMES) + 1, *columns], delimiter)
    recording = read(path)
    assert recording.cells[0].signal_names == ("Mean1", "Mean2", "Mean3", "Mean4")
    assert np.array_equal(recording.cells[0].traces, TRACES)
    assert any(note.startswith("Area1, Min1, Max1") and "left out" in note for note in recording.warnings)
    assert questions(path)["rows"].guess == "signals"
    chosen = read(path, roi_column="Max2").cells[0]
    assert chosen.signal_names[0] == "Max2"
    assert np.array_equal(chosen.traces[0], TRACES[1] + 3)


def test_a_table_of_one_mean_is_a_cell_without_neuropil(tmp_path):
    columns = [np.arange(FRAMES) + 1, np.full(FRAMES, 9.0), TRACES[0], TRACES[0] - 1, TRACES[0] + 1]
    recording = read(sheet(tmp_path / "a.csv", [" ,Area,Mean,Min,Max"], columns))
    assert np.array_equal(recording.cells[0].traces, TRACES[:1])
    assert any("--neuropil-file" in note for note in recording.warnings)


def test_an_exported_plot_repeats_its_abscissa(tmp_path):
    columns = [each for trace in TRACES[:3] for each in (SECONDS, trace)]
    titles = ",".join(f"{name}_{axis}" for name in ("ROI", "neuropil", "other") for axis in "xy")
    recording = read(sheet(tmp_path / "a.csv", [titles], columns))
    assert recording.cells[0].signal_names == ("ROI_y", "neuropil_y", "other_y")
    assert recording.frame_rate == pytest.approx(20)


def test_neurophotometrics_counter_and_flags_are_no_signals(tmp_path):
    flags = np.where(np.arange(FRAMES) % 2, 18, 17)
    head = ["FrameCounter,Timestamp,Flags,Region0G,Region1G"]
    path = sheet(tmp_path / "a.csv", head, [np.arange(FRAMES), 1000 + SECONDS, flags, *TRACES[:2]])
    recording = read(path)
    assert recording.cells[0].signal_names == ("Region0G", "Region1G")
    assert recording.frame_rate == pytest.approx(20)
    for asked in ("FrameCounter", "1", "Timestamp", "2"):
        with pytest.raises(DataError, match="holds the times or counts the frames"):
            read(path, roi_column=asked)


def test_minian_numbers_its_units(tmp_path):
    head = [",".join(["unit_id", *map(str, range(FRAMES))])]
    recording = read(sheet(tmp_path / "a.csv", head, [[0, 3, 4, 9], *TRACES.T]))
    assert names(recording) == ["unit_id 0", "unit_id 3", "unit_id 4", "unit_id 9"]
    assert np.array_equal(recording.cells[3].traces, TRACES[3:])
    assert not any("transposed" in note for note in recording.warnings)


@pytest.mark.parametrize(
    "form", ["%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f", "%H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S.%f+00:00"]
)
def test_dates_and_times_of_day_are_times(tmp_path, form):
    begin = datetime(2024, 1, 1, 10)
    moments = [(begin + timedelta(seconds=second)).strftime(form) for second in SECONDS.tolist()]
    recording = read(sheet(tmp_path / "a.csv", ["time,F,Fneu"], [moments, *TRACES[:2]]))
    assert recording.frame_rate == pytest.approx(20)
    assert recording.cells[0].signal_names == ("F", "Fneu")
    assert np.array_equal(recording.cells[0].traces, TRACES[:2])
    assert recording.warnings == ()
    broken = tmp_path / "a.csv"
    broken.write_text(broken.read_text().replace(moments[77], "noon"))
    with pytest.raises(DataError, match="row 79, column 1 holds 'noon', but a date or a time of day"):
        read(broken)


def test_thousands_are_told_apart_from_decimals(tmp_path):
    def german(value):
        return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))

    values = np.round(TRACES[:2] * 30, 2)
    columns = [[german(x) for x in each] for each in (SECONDS, *values)]
    path = sheet(tmp_path / "a.csv", ["Zeit (s);Zelle;Umgebung"], columns, ";")
    recording = read(path)
    assert np.array_equal(recording.cells[0].traces, values)
    assert recording.frame_rate == pytest.approx(20)
    english = [[f"{x:,.2f}" for x in each] for each in (SECONDS, *values)]
    assert np.array_equal(read(sheet(path, ["t (s);a;b"], english, ";")).cells[0].traces, values)
    path.write_text("a;b\n1,5;2,5\n3,5;4.5\n")  # a point that stands before no three digits
    with pytest.raises(DataError, match=r"row 3, column 2 holds '4\.5'"):
        read(path)


def test_equal_titles_are_told_apart_and_slashes_are_shown(tmp_path):
    path = sheet(tmp_path / "a.csv", ["time (s),Mean,Mean,raw/ROI,dF/F"], [SECONDS, *TRACES])
    offered = [choice.label for choice in questions(path)["roi_column"].choices]
    assert offered == ["Mean", "Mean (2)", "raw/ROI", "dF/F"]
    for k, name in enumerate(offered):
        cell = read(path, roi_column=name).cells[0]
        assert cell.signal_names[0] == name
        assert np.array_equal(cell.traces[0], TRACES[k])


@pytest.mark.parametrize("units", ["s,a.u.,a.u.", "(s),(dF/F),", "[s],%,%"])
def test_a_row_of_units_and_title_lines(tmp_path, units):
    head = ["Experiment 7", "", "Time,ROI,Neuropil", units]
    recording = read(sheet(tmp_path / "a.csv", head, [SECONDS, *TRACES[:2]]))
    assert recording.cells[0].signal_names == ("ROI", "Neuropil")
    assert np.array_equal(recording.cells[0].traces, TRACES[:2])
    assert recording.frame_rate == pytest.approx(20)
    assert recording.warnings == ("Above the titles, a line was left out: 'Experiment 7'.",)


def test_doric_names_its_channels_in_two_rows(tmp_path):
    head = ["---,Analog In. | Ch.1,Analog In. | Ch.2", "Time(s),AIn-1 - Dem (AOut-1),AIn-1 - Dem (AOut-1)"]
    cell = read(sheet(tmp_path / "a.csv", head, [SECONDS, *TRACES[:2]])).cells[0]
    assert cell.signal_names == (*("Analog In. | Ch.1 AIn-1 - Dem (AOut-1)", "Analog In. | Ch.2 AIn-1 - Dem (AOut-1)"),)


@pytest.mark.parametrize("delimiter", ["\t", ",", ";"])
@pytest.mark.parametrize("titled", [True, False])
def test_a_delimiter_behind_each_row_makes_no_signal(tmp_path, delimiter, titled):
    head = [delimiter.join(["Axis [s]", "#1 ()", "#2 ()"]) + delimiter * titled]
    recording = read(sheet(tmp_path / "a.txt", head, [SECONDS, *TRACES[:2]], delimiter, end=delimiter))
    assert recording.cells[0].signal_names == ("#1 ()", "#2 ()")
    assert np.array_equal(recording.cells[0].traces, TRACES[:2])


def test_a_constant_is_not_guessed_to_be_the_roi(tmp_path):
    path = sheet(tmp_path / "a.csv", ["left,right,far"], [np.full(FRAMES, 7), *TRACES[:2]])
    assert read(path).cells[0].signal_names == ("right", "left", "far")
    assert questions(path)["roi_column"].guess == "right"
    assert read(path, roi_column="left").cells[0].signal_names[0] == "left"


def test_very_long_titles_are_cut(tmp_path):
    path = sheet(tmp_path / "a.csv", [f"{'x' * 20_000}a,{'x' * 20_000}b,ROI"], TRACES[:3])
    found = read(path).cells[0].signal_names
    assert max(map(len, found)) < 120
    assert len(set(found)) == 3


def test_a_table_that_is_written_while_it_is_read(tmp_path, monkeypatch):
    path = sheet(tmp_path / "a.csv", ["ROI,np"], TRACES[:2])
    loadtxt = np.loadtxt

    def meanwhile(*arguments, **keywords):
        path.write_text(path.read_text()[:-9])
        return loadtxt(*arguments, **keywords)

    monkeypatch.setattr(np, "loadtxt", meanwhile)
    with pytest.raises(DataError, match="has changed since it was opened"):
        read(path)


@pytest.mark.parametrize("named", [True, False])
def test_r_gives_no_title_to_the_names_of_rows(tmp_path, named):
    first = [f"s{k}" if named else k + 1 for k in range(FRAMES)]
    recording = read(sheet(tmp_path / "a.txt", ['"ROI" "np"'], [first, *TRACES[:2]], " "), rows_are_frames=True)
    assert np.array_equal(recording.cells[0].traces, TRACES[:2])
    assert recording.cells[0].signal_names == ("ROI", "np")


COLUMNS = {
    Role.TIME: ("time (s)", SECONDS),
    Role.COUNT: ("frame", np.arange(FRAMES) * 2 + 5),
    Role.MARK: ("LedState", np.arange(FRAMES) % 3),
    Role.EMPTY: ("", np.full(FRAMES, "")),
    Role.CONSTANT: ("level", np.full(FRAMES, 4.5)),
    Role.RAMP: ("position", 3 + 0.5 * np.arange(FRAMES)),
}


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.sampled_from([*COLUMNS, Role.SIGNAL, Role.SIGNAL]), min_size=1, max_size=7, unique_by=lambda r: r.value)
    | st.permutations([*COLUMNS, Role.SIGNAL]),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from([(), ("from the microscope",)]),
)
def test_no_time_count_mark_or_nothing_is_ever_a_signal(tmp_path_factory, roles, delimiter, above):
    roles = [*roles, Role.SIGNAL] if Role.SIGNAL not in roles else roles
    columns = [COLUMNS.get(role, ("left", TRACES[0])) for role in roles]
    path = tmp_path_factory.getbasetemp() / "roles.csv"
    head = [*above, delimiter.join(title for title, _ in columns)]
    recording = read(sheet(path, head, [values for _, values in columns], delimiter), rows="signals")
    cell = recording.cells[0]
    assert cell.signal_names[0] == "left"
    assert np.array_equal(cell.traces[0], TRACES[0])
    kept = {COLUMNS[role][0] for role in roles if role in (Role.CONSTANT, Role.RAMP)}
    assert set(cell.signal_names[1:]) == kept
    assert (recording.frame_rate is not None) == (Role.TIME in roles)


@given(st.integers(1, 6), st.integers(10, 40))
def test_without_titles_at_least_one_column_is_a_signal(count, frames):
    roles = find_roles([np.arange(frames) * (k + 1.0) for k in range(count)], None)
    assert Role.SIGNAL in roles or Role.RAMP in roles


def test_a_table_of_time_stamps_is_no_cell(tmp_path):
    head = ["Frame Number,Time Stamp (ms),Buffer Index"]
    path = sheet(tmp_path / "timeStamps.csv", head, [np.arange(FRAMES), np.round(SECONDS * 1000), np.zeros(FRAMES)])
    with pytest.raises(DataError, match=r"timeStamps\.csv: none of its columns holds a signal: .*Time Stamp \(ms\)"):
        read(path)
