"""Times beside the signals: the unit that a file names, the guess where it names none, the answer of the user."""

import h5py
import numpy as np
import pytest
import scipy.io
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.plain import clock
from neuropil_gui.formats.registry import inquire, read

RNG = np.random.default_rng(3)
TRACES = RNG.random((4, 60))
IN_SECONDS = np.arange(60) / 30


def questions(path):
    return {each.name: each for each in inquire(path).questions}


def sheet(path, times, title="time", index=False):
    """A table as pandas writes it, with its own count of the rows or without."""
    head = ["", title] if index else [title]
    lines = [",".join([*head, "ROI", "np 1", "np 2", "np 3"])]
    for row, (t, values) in enumerate(zip(times.tolist(), TRACES.T.tolist(), strict=True)):
        lines.append(",".join(map(repr, [*([row] if index else []), t, *values])))
    path.write_text("\n".join(lines) + "\n")
    return path


@given(st.floats(0.4, 400), st.sampled_from([("s", 1.0), ("ms", 1e3), ("min", 1 / 60)]))
def test_the_rate_of_a_microscope_is_found_in_seconds_milliseconds_and_minutes(rate, unit):
    name, per_second = unit
    step = per_second / rate
    guess, why = clock.guessed(step)
    if (name == "ms" and rate > 300) or (name == "min" and rate < 25) or abs(step - 1) < 1e-9:
        return  # 2 ms could be 2 s
    assert guess == name
    assert f"{rate:.4g} Hz" in why


@pytest.mark.parametrize(
    ("scale", "unit", "rate", "why"),
    [
        (1, "s", 30, "They rise by 0.03333, which in seconds is 30 Hz, as microscopes record."),
        (1000, "ms", 30, "in seconds would be 0.03 Hz; in milliseconds it is 30 Hz."),
        (1 / 60, "min", 30, "in seconds would be 1800 Hz; in minutes it is 30 Hz."),
        (30, "frames", None, "They rise by 1, as a count of frames does."),
    ],
)
@pytest.mark.parametrize("index", [False, True])
def test_a_column_of_times_without_a_unit_is_asked_about(tmp_path, scale, unit, rate, why, index):
    path = sheet(tmp_path / "a.csv", np.round(IN_SECONDS * scale, 12), index=index)
    found = questions(path)
    assert list(found) == ["time_unit"]
    assert (found["time_unit"].text, found["time_unit"].guess) == ("Times are in", unit)
    assert why in found["time_unit"].why
    assert [each.value for each in found["time_unit"].choices] == ["s", "ms", "min", "frames"]
    recording = read(path)
    assert recording.cells[0].signal_names == ("ROI", "np 1", "np 2", "np 3")
    assert recording.frame_rate == (None if rate is None else pytest.approx(rate))
    assert "is a guess" in recording.warnings[-1]
    assert "--time-unit" in recording.warnings[-1]
    step = IN_SECONDS[1] * scale
    for asked, wanted in (("s", 1 / step), ("ms", 1000 / step), ("min", 1 / 60 / step), ("frames", None)):
        wanted = None if wanted is None else pytest.approx(wanted)
        answered = read(path, time_unit=asked)
        assert answered.frame_rate == wanted
        assert inquire(path).preview(Options(time_unit=asked)).frame_rate == wanted
        assert not [each for each in answered.warnings if "a guess" in each]
    assert read(path, frame_rate=7.0).frame_rate == 7
    assert not [each for each in read(path, frame_rate=7.0).warnings if "a guess" in each]


@pytest.mark.parametrize("step", [1e-300, 1e300])
def test_times_of_no_recording_give_no_rate_and_say_so(tmp_path, step):
    recording = read(sheet(tmp_path / "a.csv", np.arange(60) * step, "time_s"))
    assert recording.frame_rate is None
    assert f"rise by {step:g}, which is no frame rate from 0.000001 to 1000000000 Hz" in " ".join(recording.warnings)


@pytest.mark.parametrize(("title", "scale"), [("t (ms)", 1000), ("time_s", 1), ("Time [min]", 1 / 60), ("t_us", 1e6)])
def test_a_title_that_names_the_unit_answers_by_itself(tmp_path, title, scale):
    path = sheet(tmp_path / "a.csv", IN_SECONDS * scale, title)
    assert not questions(path)
    assert read(path).frame_rate == pytest.approx(30)
    assert read(path).warnings == ()


def test_a_wide_sheet_has_its_times_in_its_head(tmp_path):
    path = tmp_path / "a.csv"
    for corner, scale in (("ROI", 1000), ("t (ms)", 1000), ("ROI", 30)):
        rows = [[corner, *(IN_SECONDS * scale).round(9)], *([f"cell {k}", *row] for k, row in enumerate(TRACES))]
        path.write_text("\n".join(",".join(map(str, row)) for row in rows))
        counts = scale == 30
        assert ("time_unit" in questions(path)) == (corner == "ROI" and not counts)
        assert read(path).frame_rate == (None if counts else pytest.approx(30))
    assert read(path, time_unit="s").frame_rate == 1


def test_counts_without_a_title_are_not_asked_about_but_can_be_times(tmp_path):
    path = tmp_path / "a.csv"
    np.savetxt(path, np.column_stack([np.arange(60), TRACES.T]), delimiter=",")
    assert "time_unit" not in questions(path)
    assert read(path).frame_rate is None
    assert read(path, time_unit="s").frame_rate == 1
    assert read(path, time_unit="ms").frame_rate == 1000


def test_a_unit_without_times_says_nothing_and_uneven_times_are_not_asked_about(tmp_path):
    path = tmp_path / "a.csv"
    np.savetxt(path, TRACES.T, delimiter=",", header="ROI,a,b,c", comments="")
    assert clock.NO_TIMES in read(path, time_unit="ms").warnings
    np.save(tmp_path / "a.npy", TRACES)
    sheet(path, np.cumsum(RNG.random(60) + 0.1))
    assert "time_unit" not in questions(path)
    assert read(path, time_unit="ms").frame_rate is None
    assert "not evenly spaced" in read(path).warnings[0]


def write_h5(path, arrays):
    with h5py.File(path, "w") as file:
        for name, values in arrays.items():
            file[name] = values


WRITERS = {
    "a.h5": write_h5,
    "a.npz": lambda path, arrays: np.savez_compressed(path, **arrays),
    "a.mat": lambda path, arrays: scipy.io.savemat(path, arrays, do_compression=True),
}


@pytest.mark.parametrize("name", WRITERS)
def test_an_array_of_times_beside_the_signals(tmp_path, name):
    path, arrays = tmp_path / name, {"dff": TRACES, "junk": np.ones((3, 60))}
    for title, values in (("time", IN_SECONDS * 1000), ("t", IN_SECONDS * 1000 + 5.5)):
        WRITERS[name](path, arrays | {title: values})
        found = questions(path)
        assert "frame_rate" not in found
        assert (found["time_unit"].guess, found["dataset"].guess) == ("ms", "dff")
        recording = read(path)
        assert recording.frame_rate == pytest.approx(30)
        assert any(each.startswith(f"{title}: the unit of the times is a guess, milli") for each in recording.warnings)
        guess = inquire(path).guess
        assert inquire(path).preview(guess).frame_rate == pytest.approx(30)
        other = Options(dataset=guess.dataset, time_unit="frames")
        assert inquire(path).preview(other).frame_rate is None
        assert read(path, time_unit="s").frame_rate == pytest.approx(0.03)
    WRITERS[name](path, arrays | {"time_s": IN_SECONDS})
    assert not {"time_unit", "frame_rate"} & set(questions(path))
    assert read(path).frame_rate == pytest.approx(30)
    for title, values in (("trials", IN_SECONDS), ("time", IN_SECONDS[:-1]), ("t_start", IN_SECONDS)):
        WRITERS[name](path, arrays | {title: values})
        assert "frame_rate" in questions(path)
        assert read(path).frame_rate is None


def test_only_an_array_of_signals_and_its_times_still_ask(tmp_path):
    np.savez(tmp_path / "a.npz", raw=TRACES, time=IN_SECONDS)
    assert list(questions(tmp_path / "a.npz")) == ["time_unit"]
