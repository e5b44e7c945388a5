"""The registry of numbers: on planted faults, against the truth over a sweep, and on cells without an answer."""

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
import scipy.stats

from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
from neuropil_gui.core.analysis.judgement import judge
from neuropil_gui.core.analysis.numbers import (
    INDICATORS,
    NUMBERS,
    SUMMARY,
    TESTED,
    TRUTH,
    measure,
    numbers,
    numbers_of_trace,
    raw_key,
)
from neuropil_gui.core.analysis.recovery import Estimate
from neuropil_gui.core.analysis.sample import Sample
from neuropil_gui.core.analysis.spike_in import spike_in
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.analysis.subtraction import fixed
from neuropil_gui.core.draft import separate_draft
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.metrics import autocorrelation, negative_excursions, pearson
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate

CELL = simulate(Simulation(frames=1500, seed=5)).cells[0]
NMF = separate_cell(CELL, SeparationSettings(solver="accelerated"))
ICA = separate_cell(CELL, SeparationSettings(method="ica", n=5))


def test_each_says_what_it_means_what_it_is_good_for_and_when_it_lies():
    assert len({number.name for number in NUMBERS.values()}) == len(NUMBERS)
    assert len({number.symbol for number in NUMBERS.values()}) == len(NUMBERS)
    for key, number in NUMBERS.items():
        assert number.key == key
        assert number.low < number.high
        assert number.meaning.endswith(".")
        assert number.better in ("", "lower", "higher", "zero", "one")
        assert number.needs in ("trace", "truth", "rate", "separation", "test")
        assert not number.better or key in ("iterations", "seconds") or number.good_for
    for key in (*INDICATORS, *TESTED):
        assert NUMBERS[key].better
        assert NUMBERS[key].good_for.endswith(".")
        assert NUMBERS[key].lies_when.endswith(".")
    # A score that is high, and components that live, are no sign of a good separation.
    assert NUMBERS["score"].better == NUMBERS["alive"].better == ""


@pytest.mark.parametrize("separation", [NMF, ICA], ids=["nmf", "ica"])
def test_each_is_in_its_range_and_the_same_however_it_is_asked_for(separation):
    found = numbers(CELL, separation)
    assert list(found) == [key for key, number in NUMBERS.items() if number.needs not in ("rate", "test")]
    for key, value in found.items():
        assert math.isnan(value) or NUMBERS[key].low <= value <= NUMBERS[key].high, key
    for keys in (SUMMARY, INDICATORS):
        assert list(numbers(CELL, separation, keys)) == list(keys)
        assert numbers(CELL, separation, keys) == pytest.approx({key: found[key] for key in keys}, nan_ok=True)
    of_best = numbers_of_trace(CELL, separation.matched[0])
    assert of_best == pytest.approx({key: found[key] for key in of_best})
    raw = numbers_of_trace(CELL, CELL.traces[0])
    assert raw == pytest.approx({key: found[raw_key(key)] for key in of_best})


def test_those_of_a_spike_in_test_are_known_where_there_was_one():
    sample = Sample.of_separation(CELL, NMF)
    assert measure(sample, TESTED) == {}
    tested = CellSpikeIn(SpikeInTest(), 30.0, Estimate(0.82, 0.7, 0.94), Estimate(0.03, -0.1, 0.16))
    assert measure(replace(sample, spike_in=tested), TESTED) == {"gain": 0.82, "leak": 0.03}
    refused = CellSpikeIn(SpikeInTest(), 30.0, failed="It has no room.")
    assert all(map(math.isnan, measure(replace(sample, spike_in=refused), TESTED).values()))


@pytest.mark.parametrize("other", ["regions", 2])
def test_a_judgement_has_gain_and_leak_of_linear_methods_as_a_test_measures_them(other):
    test = SpikeInTest(repeats=2, count=4, shares=0.1, other=other, other_share=0.3)
    settings = SeparationSettings(solver="accelerated")
    measured = spike_in(CELL, settings, test, frame_rate=30.0, reference=NMF).recoveries
    found = judge(CELL, NMF, CellSpikeIn(test, 30.0, Estimate(0.82, 0.7, 0.94), Estimate(0.03, -0.1, 0.16)))
    assert (found.result["gain"], found.result["leak"]) == (0.82, 0.03)
    raw, subtraction = measured["raw"], measured["fixed"]
    assert (found.raw["gain"], found.raw["leak"]) == pytest.approx((raw.gain.mean, raw.leak.mean))
    assert found.subtraction["leak"] == pytest.approx(subtraction.leak.mean)
    assert "gain" not in found.subtraction
    assert "gain" not in judge(CELL, NMF, CellSpikeIn(test, 30.0, failed="It has no room.")).result


def test_texts():
    assert NUMBERS["r_neuropil"].text(-0.004) == "0.00"
    assert NUMBERS["r_neuropil"].text(-0.25) == "\N{MINUS SIGN}0.25"
    assert NUMBERS["negative"].text(12.34) == "12.3 %"
    assert NUMBERS["iterations"].text(12345) == "12,345"
    assert NUMBERS["score"].text(math.nan) == "\N{EN DASH}"
    assert NUMBERS["error_truth"].text(0.28441, 3) == "0.284"


def test_structure_is_white_noises_zero_and_slow_lights_one():
    rng = np.random.default_rng(0)
    white = rng.normal(size=20_000)
    slow = np.convolve(white, np.ones(50) / 50, mode="same")
    roi = 100 + white
    assert abs(autocorrelation(white, roi)) < 0.03
    assert autocorrelation(slow, roi) == pytest.approx(0.98, abs=0.01)
    expected = np.corrcoef((white + 3 * slow)[:-1], (white + 3 * slow)[1:])[0, 1]
    assert autocorrelation(white + 3 * slow, roi) == pytest.approx(expected)
    assert math.isnan(autocorrelation(1e-13 * white, roi))
    assert math.isnan(numbers(CELL, ICA)["structure"])


def test_a_missing_component_shows_as_structure():
    noisy = simulate(Simulation(frames=3000, seed=5, noise=6, contamination=1.0)).cells[0]
    found = {}
    for n in (1, 4):
        separation = separate_cell(noisy, SeparationSettings(n=n, alpha=0.01, solver="accelerated"))
        found[n] = numbers(noisy, separation)
    assert found[1]["structure"] > 0.5
    assert found[4]["structure"] < 0.3
    assert found[1]["explained"] < found[4]["explained"]


def test_too_much_subtraction_shows():
    cell = simulate(Simulation(frames=6000, contamination=0.6, leak=0, neighbours=0, fluctuation=25, seed=3)).cells[0]
    table = {r: numbers_of_trace(cell, fixed(cell, r).trace) for r in (0.0, 0.6, 1.4)}
    values = {key: [table[r][key] for r in table] for key in ("r_neuropil", "excursions", "skewness")}
    raw, right, too_much = values["r_neuropil"]
    assert too_much < -0.2 < right < 0.2 < raw
    raw, right, too_much = values["excursions"]
    assert too_much > 5 * right + 1
    raw, right, too_much = values["skewness"]
    assert right > max(raw, too_much)


def test_what_cannot_be_judged_is_nan():
    flat = np.full(500, 0.1)
    found = numbers_of_trace(Cell.from_traces(np.stack([flat, flat])), flat)
    assert found.pop("negative") == 0
    assert all(map(math.isnan, found.values()))
    assert math.isnan(negative_excursions(np.array([1.0, 2.0])))
    alone = Cell.from_traces(CELL.traces[:1])
    found = numbers_of_trace(alone, alone.traces[0])
    assert math.isnan(found["r_neuropil"])
    assert found["skewness"] == pytest.approx(scipy.stats.skew(alone.traces[0]))


def test_drafts_are_judged_over_their_bins():
    draft = separate_draft(CELL, NMF.settings)
    found, whole = numbers(CELL, draft), numbers(CELL, NMF)
    for key in ("r_neuropil", "r_truth"):
        assert found[key] == pytest.approx(whole[key], abs=0.1)
    near = separate_draft(CELL, SeparationSettings(alpha=0.2, solver="accelerated"), NMF)
    assert math.isfinite(numbers(CELL, near)["explained"])
    with pytest.raises(DataError, match="other traces"):
        numbers(Cell.from_traces(CELL.traces[:, :900]), NMF)


def test_a_result_is_judged_beside_the_raw_roi_and_the_subtraction():
    found = judge(CELL, NMF)
    assert list(found.result) == list(INDICATORS)
    neuropil = CELL.traces[1:].mean(axis=0)
    for side, trace in ((found.raw, CELL.traces[0]), (found.subtraction, CELL.traces[0] - 0.7 * neuropil)):
        assert side["r_neuropil"] == pytest.approx(np.corrcoef(trace, neuropil)[0, 1])
        assert side["r_truth"] == pytest.approx(np.corrcoef(trace, CELL.truth.sources[0])[0, 1])
        # They leave no residual, and explain nothing.
        assert not {"structure", "explained"} & set(side)
    unknown = judge(Cell.from_traces(CELL.traces), NMF)
    assert not set(TRUTH) & {*unknown.result, *unknown.raw, *unknown.subtraction}


def table(cell, **changes):
    return numbers(cell, separate_cell(cell, SeparationSettings(**changes)), SUMMARY)


@pytest.fixture(scope="module")
def cell():
    return simulate(Simulation(frames=600, seed=10, fluctuation=30.0, neuropil=100.0)).cells[0]


@pytest.mark.parametrize("method", ["nmf", "ica"])
def test_numbers_of_a_simulated_cell(cell, method):
    found = table(cell, method=method)
    assert list(found) == list(SUMMARY)
    assert 0.9 < found["explained"] <= 1
    assert found["r_neuropil_raw"] > found["r_neuropil"]
    assert found["r_truth"] > found["r_truth_raw"]
    assert found["error_truth"] < found["error_truth_raw"]
    assert found["n"] == 5 or method == "ica"
    assert (found["negative"] == 0) == (method == "nmf")


def test_ica_with_all_components_explains_everything(cell):
    assert table(cell, method="ica", n=5)["explained"] == pytest.approx(1.0, abs=1e-9)


def test_explained_knows_the_offset(cell):
    shifted = Cell("dF/F", cell.traces - 100.0, cell.signal_names)
    assert shifted.traces.min() < 0
    found = table(shifted, offset=True)
    assert 0.9 < found["explained"] <= 1
    assert "r_truth" not in found


@pytest.mark.parametrize(
    ("values", "changes"),
    [
        (np.full((3, 20), 5.0), {}),
        (np.vstack([np.ones(20), np.zeros(20), np.arange(20.0) + 1]), {}),
        (np.random.default_rng(0).random((3, 20)), {"alpha": 1000.0}),
        (np.random.default_rng(0).random((2, 20)), {"method": "ica"}),
    ],
)
def test_cells_without_an_answer_have_none_and_warn_of_nothing(values, changes):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = table(Cell.from_traces(values), **changes)
    assert all(math.isnan(value) or math.isfinite(value) for value in found.values())
    assert math.isnan(found["r_neuropil"]) or len(values) > 1


def test_nothing_is_left_at_a_high_alpha(cell):
    emptied = table(cell, alpha=1000.0)
    assert emptied["alive"] == 0
    assert math.isnan(emptied["r_neuropil"])
    assert emptied["error_truth"] == 1.0


COSTS = {"lower": float, "higher": lambda value: -value, "zero": abs}
ALPHAS = (0.003, 0.01, 0.03, 0.1, 0.2, 0.5, 1.0, 3.0)


def swept(simulation):
    """Return, for each cell of a simulation and each alpha, its indicators as costs, and r with the truth."""
    sweep = []
    for cell in simulate(simulation).cells:
        rows = []
        for alpha in ALPHAS:
            separation = separate_cell(cell, SeparationSettings(alpha=alpha, solver="accelerated"))
            found = numbers(cell, separation, INDICATORS)
            row = {key: COSTS[NUMBERS[key].better](value) for key, value in found.items()}
            row["like_raw"] = -pearson(separation.matched[0], cell.traces[0])
            row["truth"] = found["r_truth"]
            rows.append(row)
        sweep.append(rows)
    return sweep


def test_what_each_indicator_would_choose_over_a_sweep_of_alpha():
    """Hold what is robust in one simulator; which indicator comes out ahead is not, and is left open.

    Mean r with the truth of the alpha that each chose, 8 cells a simulation (printed with ``pytest -s``)::

        simulation       any   r_neuropil  skewness  excursions  explained  structure  default 0.1  as like raw  oracle
        moderate        0.82     0.93        0.91       0.93        0.92       0.92        0.93         0.70      0.95
        contaminated    0.67     0.80        0.77       0.83        0.82       0.82        0.83         0.25      0.86
    """
    moderate = Simulation(cells=8, frames=800, seed=4)
    contaminated = Simulation(cells=8, frames=800, seed=4, contamination=1.0, neuropil=120, fluctuation=35, noise=5)
    keys = ("r_neuropil", "skewness", "excursions", "explained", "structure", "like_raw")
    for simulation in (moderate, contaminated):
        sweep = swept(simulation)
        truth = np.array([[row["truth"] for row in rows] for rows in sweep])
        chosen, alphas = {}, {}
        for key in keys:
            places = [min(range(len(ALPHAS)), key=lambda k: rows[k][key]) for rows in sweep]
            alphas[key] = [ALPHAS[place] for place in places]
            chosen[key] = truth[np.arange(len(sweep)), places].mean()
        oracle = truth.max(axis=1).mean()
        print({key: round(float(value), 3) for key, value in chosen.items()}, round(truth.mean(), 3), round(oracle, 3))
        # The three of the trace beat an alpha at random, and are not the oracle.
        for key in ("r_neuropil", "skewness", "excursions"):
            assert truth.mean() + 0.05 < chosen[key] < oracle
        # These two cannot choose an alpha: less penalty always fits better.
        assert set(alphas["explained"]) == {ALPHAS[0]}
        assert alphas["structure"].count(ALPHAS[0]) >= 7
        # To stay like the raw trace is to keep the neuropil.
        assert chosen["like_raw"] < truth.mean()
