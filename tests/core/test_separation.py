"""separate_cell(): the numbers of separate(), in values that stay, with progress, cancel and warnings."""

import threading
import time

import hypothesis
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from threadpoolctl import threadpool_info

from neuropil_gui import Cell, SeparationSettings, read, separate, separate_cell
from neuropil_gui.core import separation
from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.core.separation import find_median
from neuropil_gui.core.solvers import accelerated, ica, nmf
from neuropil_gui.core.solvers.stepping import SAMPLES_PER_STEP, run

MAX_SEED = 2**32 - 1


def signals(count=4, frames=120, seed=0):
    rng = np.random.default_rng(seed)
    sources = rng.gamma(0.3, 1.0, (count, frames))
    mixing = rng.uniform(0.1, 0.7, (count, count)) + np.eye(count)
    return 20 + 10 * mixing @ sources + rng.normal(0, 0.5, (count, frames)) ** 2


@pytest.fixture
def cell():
    return Cell.from_traces(signals())


@pytest.fixture
def seeds(monkeypatch):
    """The seeds of all tries."""
    used = []

    def noting(original):
        def solver(*arguments):
            used.append(arguments[-1])
            return original(*arguments)

        return solver

    monkeypatch.setattr(nmf, "factorise", noting(nmf.factorise))
    monkeypatch.setattr(ica, "unmix", noting(ica.unmix))
    return used


@pytest.mark.parametrize(
    ("settings", "arguments"),
    [
        (SeparationSettings(), {}),
        (SeparationSettings(n=2, alpha=0.5, seed=7, tol=1e-3), {"n": 2, "alpha": 0.5, "random_state": 7, "tol": 1e-3}),
        (SeparationSettings(method="ica"), {"sep_method": "ica"}),
        (SeparationSettings(method="ica", n=3, seed=MAX_SEED), {"sep_method": "ica", "n": 3, "random_state": MAX_SEED}),
        (
            SeparationSettings(method="ica", max_iter=3, tol=0, max_tries=3, seed=MAX_SEED),
            {"sep_method": "ica", "max_iter": 3, "tol": 0, "max_tries": 3, "random_state": MAX_SEED},
        ),
    ],
    ids=["defaults", "nmf", "ica", "ica n", "ica retries"],
)
def test_the_same_as_separate(cell, settings, arguments):
    found = separate_cell(cell, settings)
    separated, matched, mixing, convergence = separate(cell.traces, verbosity=0, **arguments)
    np.testing.assert_array_equal(found.separated, separated)
    np.testing.assert_array_equal(found.matched, matched)
    np.testing.assert_array_equal(found.mixing, mixing)
    assert convergence == {
        "iterations": found.iterations,
        "max_iterations": settings.max_iter,
        "random_state": found.seed,
        "converged": found.converged,
    }
    assert found.settings == settings
    assert found.n == len(separated)


def test_all_of_it_uses_one_thread_of_blas(cell, monkeypatch):
    # Others wait busily when they have done their part, which took 40 % of the time of two processes on two cores.
    def judge(*_):
        threads.extend(each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas")
        return ()

    threads = []
    monkeypatch.setattr(separation, "advise", judge)
    separate_cell(cell, SeparationSettings())
    assert set(threads) == {1}


@pytest.mark.parametrize(
    ("settings", "solvers"),
    [
        (SeparationSettings(), ["nmf.factorise"]),
        (SeparationSettings(solver="accelerated"), ["accelerated.factorise"]),
        (SeparationSettings(method="ica", solver="accelerated"), ["ica.unmix"]),
    ],
    ids=["fissa", "accelerated", "ica has one"],
)
def test_which_solver_is_asked(cell, monkeypatch, settings, solvers):
    asked = []

    def answer(name):
        def solver(samples, n, *_rest):
            asked.append(name)
            yield from ()
            return np.ones((n, len(samples))), np.ones((samples.shape[1], n)), 1

        return solver

    for module, name in ((nmf, "factorise"), (accelerated, "factorise"), (ica, "unmix")):
        monkeypatch.setattr(module, name, answer(f"{module.__name__.rpartition('.')[2]}.{name}"))
    assert separate_cell(cell, settings).settings == settings
    assert asked == solvers


@pytest.mark.parametrize(
    "settings",
    [SeparationSettings(), SeparationSettings(solver="accelerated"), SeparationSettings(method="ica")],
    ids=["nmf", "accelerated", "ica"],
)
def test_orders_and_units(cell, settings):
    found = separate_cell(cell, settings)
    assert found.median == np.median(cell.traces)
    assert found.separated.shape == found.matched.shape == (found.n, 120)
    assert found.mixing.shape == (4, found.n)
    np.testing.assert_allclose(found.scores, np.abs(found.mixing[0]) / np.abs(found.mixing).sum(axis=0))
    assert (np.diff(found.scores[found.order]) <= 0).all()
    for k, column in enumerate(found.order):
        expected = found.median * found.mixing[0, column] * found.separated[column]
        np.testing.assert_allclose(found.matched[k], expected, rtol=1e-12)
    assert found.seconds > 0
    assert found.offset == 0


def test_scores_of_empty_components_are_zero(cell):
    found = separate_cell(cell, SeparationSettings(alpha=1e6))
    np.testing.assert_array_equal(found.scores, 0)
    np.testing.assert_array_equal(found.order, [3, 2, 1, 0])


def test_trials_are_separated_jointly():
    whole = signals()
    trials = Cell.from_traces([whole[:, :50], whole[:, 50:70], whole[:, 70:]])
    assert trials.trial_starts == (0, 50, 70)
    a = separate_cell(trials, SeparationSettings())
    b = separate_cell(Cell.from_traces(whole), SeparationSettings())
    np.testing.assert_array_equal(a.matched, b.matched)


def test_what_is_returned_stays(cell):
    before = cell.traces.copy()
    found = separate_cell(cell, SeparationSettings())
    for name in ("separated", "matched", "mixing", "order", "scores"):
        array = getattr(found, name)
        assert not array.flags.writeable
        assert not np.may_share_memory(array, cell.traces)
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    with pytest.raises(AttributeError):
        found.n = 3
    np.testing.assert_array_equal(cell.traces, before)


@given(
    arrays(
        np.float64,
        array_shapes(min_dims=2, max_dims=2, max_side=40),
        elements=st.one_of(st.floats(-1e6, 1e6), st.sampled_from([0.0, 1.0])),
    ),
    st.integers(1, 50),
)
@hypothesis.settings(deadline=None)
def test_the_median_is_numpys(traces, block):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(separation, "SAMPLES_PER_STEP", block)
        assert run(find_median(traces), lambda _step: None) == np.median(traces)


@pytest.mark.parametrize("frames", [60_000, 60_001])
def test_the_median_of_long_traces_whatever_a_sample_shows(frames):
    traces = signals(3, frames)
    assert run(find_median(traces), lambda _step: None) == np.median(traces)
    # All that a sample of every so many values sees is far from the median.
    traces.ravel()[:: 1 + traces.size // 10_000] = 1e6
    assert run(find_median(traces), lambda _step: None) == np.median(traces)


# retries


def test_nmf_tries_a_start_without_random_numbers_once_and_says_so(cell, seeds):
    found = separate_cell(cell, SeparationSettings(max_iter=3, max_tries=5, start="nndsvda"))
    assert (found.tries, found.converged, found.seed, seeds) == (1, False, 892, [892])
    assert any("Not converged after 3 iterations." in remark.text for remark in found.warnings)
    assert any(
        "Tried once instead of up to 5 times: with the start nndsvda" in remark.text for remark in found.warnings
    )


def test_no_warning_of_tries_that_were_not_asked_for(cell):
    found = separate_cell(cell, SeparationSettings(max_iter=3, max_tries=1))
    assert not any("Tried once" in remark.text for remark in found.warnings)


@pytest.mark.parametrize("asked", [{}, {"start": "random"}, {"method": "ica"}])
def test_where_the_seed_matters_the_next_ones_are_tried(cell, seeds, asked):
    found = separate_cell(cell, SeparationSettings(max_iter=2, tol=0, max_tries=3, seed=MAX_SEED, **asked))
    assert seeds == [MAX_SEED, 0, 1]
    assert (found.tries, found.converged, found.seed) == (3, False, 1)
    assert any("Not converged after 2 iterations in each of 3 tries." in remark.text for remark in found.warnings)


def test_it_stops_trying_once_it_converged(cell, seeds):
    found = separate_cell(cell, SeparationSettings(method="ica"))
    assert (found.tries, found.converged, seeds) == (1, True, [892])
    assert not any("converge" in remark.text for remark in found.warnings)


def test_a_seed_that_was_drawn_is_recorded(cell):
    settings = SeparationSettings(method="ica", seed=None)
    found = separate_cell(cell, settings)
    assert 0 <= found.seed <= MAX_SEED
    assert found.settings.seed is None
    again = separate_cell(cell, SeparationSettings(method="ica", seed=found.seed))
    np.testing.assert_array_equal(again.matched, found.matched)


# offset


def test_an_offset_is_subtracted_and_recorded():
    traces = signals() - 25
    least = traces.min()
    found = separate_cell(Cell.from_traces(traces), SeparationSettings(offset=True))
    assert found.offset == least
    assert found.median == np.median(traces - least)
    np.testing.assert_array_equal(found.matched, separate(traces - least, verbosity=0)[1])
    assert any(f"{least:.6g}" in remark.text and "subtracted" in remark.text for remark in found.warnings)


@pytest.mark.parametrize(
    ("traces", "method"), [(signals(), "nmf"), (signals() - 25, "ica")], ids=["not negative", "ica"]
)
def test_no_offset_where_none_is_needed(traces, method):
    with_offset = separate_cell(Cell.from_traces(traces), SeparationSettings(method=method, offset=True))
    without = separate_cell(Cell.from_traces(traces), SeparationSettings(method=method))
    assert with_offset.offset == 0
    np.testing.assert_array_equal(with_offset.matched, without.matched)
    assert not any("subtracted" in remark.text for remark in with_offset.warnings)


# pedestal


@pytest.mark.parametrize("solver", ["fissa", "accelerated"])
def test_a_pedestal_is_subtracted_and_recorded(solver):
    traces = signals()
    found = separate_cell(Cell.from_traces(traces), SeparationSettings(pedestal=12.5, solver=solver))
    without = separate_cell(Cell.from_traces(traces - 12.5), SeparationSettings(solver=solver))
    assert (found.offset, without.offset) == (12.5, 0)
    assert found.median == np.median(traces - 12.5)
    np.testing.assert_array_equal(found.matched, without.matched)
    assert [remark.text for remark in found.warnings if "subtracted" in remark.text] == [
        "The pedestal, 12.5, was subtracted from all traces before the separation. It is not added back, so baselines "
        "differ from the raw ones."
    ]


@pytest.mark.parametrize("pedestal", [0.5, 30.0])
def test_a_pedestal_and_the_automatic_offset_are_one(pedestal):
    # What the pedestal takes too much, the offset gives back; what it takes too little, the offset takes.
    traces = signals() - 25
    least = float(traces.min())
    found = separate_cell(Cell.from_traces(traces), SeparationSettings(pedestal=pedestal, offset=True))
    assert found.offset == least
    above = separate_cell(Cell.from_traces(traces - least + 9), SeparationSettings(pedestal=4, offset=True))
    assert above.offset == 4
    beyond = separate_cell(Cell.from_traces(traces - least + 9), SeparationSettings(pedestal=10, offset=True))
    assert beyond.offset == pytest.approx(9, rel=1e-12)


def test_ica_needs_no_pedestal(cell):
    found = separate_cell(cell, SeparationSettings(method="ica", pedestal=1e6))
    assert found.offset == 0
    np.testing.assert_array_equal(found.matched, separate_cell(cell, SeparationSettings(method="ica")).matched)


def test_a_pedestal_mends_real_cells_that_constant_light_collapses(real_data):
    collapsed = 0
    for cell in read(real_data / "fissa_example" / "prepared.npz").cells:
        light = float(2 * np.median(cell.traces))
        lit = Cell.from_traces(cell.traces + light)
        wanted = separate_cell(cell, SeparationSettings())
        found = separate_cell(lit, SeparationSettings())
        collapsed += found.separated.any(axis=1).sum() == 1 < wanted.separated.any(axis=1).sum()
        mended = separate_cell(lit, SeparationSettings(pedestal=light))
        np.testing.assert_allclose(mended.matched, wanted.matched, rtol=0, atol=1e-6 * wanted.median)
    assert collapsed == 2


# warnings


def warnings_of(traces, **settings):
    return " ".join(map(str, separate_cell(Cell.from_traces(traces), SeparationSettings(**settings)).warnings))


def test_a_good_separation_has_no_warnings(cell):
    assert separate_cell(cell, SeparationSettings(alpha=0.01)).warnings == ()


def test_empty_components_are_named_by_their_place(cell):
    found = separate_cell(cell, SeparationSettings(alpha=2))
    dead = [k for k in range(4) if not found.matched[k].any()]
    assert dead
    assert f"c{dead[-1] + 1} " in " ".join(map(str, found.warnings))
    assert "empty" in " ".join(map(str, found.warnings))
    assert "All components are empty" in warnings_of(signals(), alpha=1e6)


@pytest.mark.parametrize("method", ["nmf", "ica"])
def test_a_cell_without_neuropil_is_refused_with_what_brings_it(method):
    with pytest.raises(DataError, match=r"no neuropil to separate it from\. .* --neuropil-file"):
        separate_cell(Cell.from_traces(signals()[:1]), SeparationSettings(method=method))


def test_a_lost_baseline_is_a_warning():
    assert "mean of zero" in warnings_of(signals(), method="ica")


# progress and cancel


@pytest.mark.parametrize("method", ["nmf", "ica"])
def test_progress_has_each_iteration(cell, method):
    seen = []
    found = separate_cell(cell, SeparationSettings(method=method), progress=seen.append)
    iterations = [each.step.iteration for each in seen]
    assert iterations == sorted(iterations)
    assert sorted(set(iterations)) == list(range(found.iterations + 1))
    assert {each.attempt for each in seen} == {1}


def test_progress_has_the_try(cell):
    seen = []
    settings = SeparationSettings(method="ica", max_iter=2, tol=0, max_tries=3)
    separate_cell(cell, settings, progress=seen.append)
    assert sorted({each.attempt for each in seen}) == [1, 2, 3]


@pytest.mark.parametrize("method", ["nmf", "ica"])
@pytest.mark.parametrize("after", [0, 1, 2, 5, 12])
def test_it_ends_at_the_first_poll_that_says_so(cell, method, after):
    polls, seen = [], []

    def should_stop():
        polls.append(len(seen))
        return len(polls) > after

    with pytest.raises(Cancelled):
        separate_cell(cell, SeparationSettings(method=method), progress=seen.append, should_stop=should_stop)
    assert len(polls) == after + 1
    assert len(seen) == polls[-1]


def test_a_poll_comes_with_every_step(cell):
    polls, seen = [], []
    separate_cell(cell, SeparationSettings(), seen.append, lambda: polls.append(None))
    assert len(polls) > len(seen) > 0


@pytest.mark.parametrize("method", ["nmf", "ica"])
def test_a_long_recording_is_cancelled_within_an_iteration(method):
    cell = Cell.from_traces(signals(3, 3 * SAMPLES_PER_STEP))
    steps = []
    with pytest.raises(Cancelled):
        separate_cell(
            cell,
            SeparationSettings(method=method),
            progress=steps.append,
            should_stop=lambda: bool(steps) and steps[-1].step.state is not None,
        )
    assert steps[-1].step.iteration == 0


def test_errors_of_progress_come_through_and_leave_no_limit(cell):
    def fail(_progress):
        raise KeyError("a view's own mistake")

    with pytest.raises(KeyError):
        separate_cell(cell, SeparationSettings(), progress=fail)
    assert separate_cell(cell, SeparationSettings()).converged


def test_cells_can_be_separated_in_several_threads(cell):
    found = {}

    def work(seed):
        found[seed] = separate_cell(cell, SeparationSettings(method="ica", seed=seed))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for seed, each in found.items():
        alone = separate_cell(cell, SeparationSettings(method="ica", seed=seed))
        np.testing.assert_array_equal(each.matched, alone.matched)
    assert len(found) == 6


@pytest.mark.parametrize(("method", "milliseconds"), [("nmf", 50), ("ica", 50)])
def test_polls_come_often_on_a_long_recording(method, milliseconds):
    # The benchmark holds the limit itself; five times as much here tells a hang from a busy machine.
    cell = Cell.from_traces(signals(5, 200_000))
    settings = SeparationSettings(method=method, max_iter=3, max_tries=1)
    separate_cell(Cell.from_traces(signals()), settings)  # imports what is imported late
    times = [time.thread_time()]
    separate_cell(cell, settings, should_stop=lambda: times.append(time.thread_time()))
    times.append(time.thread_time())
    assert np.diff(times).max() < 5 * milliseconds / 1000


# refusals


@pytest.mark.parametrize(
    ("traces", "settings", "words"),
    [
        (signals(), {"n": 5}, "n = 5 components were asked for, but there are only 4 signals"),
        (signals(), {"n": 5, "method": "ica"}, "n = 5"),
        (signals().T, {}, "transposed"),
        (signals() - 25, {}, "negative"),
        (signals(), {"pedestal": 26}, "a pedestal of 26 is more than the least value, 2"),
        (signals() - 25, {"pedestal": 1}, "negative"),
        (np.zeros((3, 20)), {}, "100% of them are 0"),
        (-np.ones((3, 20)), {"offset": True}, "median of all values is 0"),
        (np.ones((3, 20)), {"method": "ica"}, "constant"),
        (np.where(np.arange(20) == 3, np.nan, np.ones((3, 20))), {}, "3 values are NaN or infinite"),
        (np.vstack([signals(), signals()[:1]]), {"method": "ica", "n": 5}, "vary in only 4"),
    ],
    ids=[
        "n",
        "ica n",
        "transposed",
        "negative",
        "pedestal",
        "negative before",
        "zeros",
        "offset zeros",
        "constant",
        "NaN",
        "copies",
    ],
)
def test_refusals(traces, settings, words):
    with pytest.raises(DataError, match=words):
        separate_cell(Cell.from_traces(traces), SeparationSettings(**settings))


@pytest.mark.parametrize("method", ["nmf", "ica"])
@pytest.mark.parametrize("value", [1e300, -1e31])
def test_values_that_would_overflow_are_refused_in_words(method, value):
    traces = np.random.default_rng(0).random((4, 90)) + 1
    traces[2, 7] = value
    words = rf"^Values up to 1e\+30 .* but {value:g} was found in np 2 at frame 7 ".replace("e+", r"e\+")
    with pytest.raises(DataError, match=words):
        separate_cell(Cell.from_traces(traces), SeparationSettings(method=method))
    traces[2, 7] = 1e30 if value > 0 else -1e30
    separate_cell(Cell.from_traces(traces), SeparationSettings(method=method, offset=True, max_iter=20))


@given(st.permutations([1, 2, 3]), st.integers(0, 1000))
@hypothesis.settings(max_examples=20, deadline=None)
def test_the_order_of_neuropil_regions_does_not_matter(order, seed):
    # FISSA's own start, nndsvdar, fills zeros at random by row: 1 of 900 orders then ended in another minimum.
    settings = SeparationSettings(start="nndsvda")
    S = signals(4, 80, seed)
    a, b = (separate_cell(Cell.from_traces(rows), settings).matched for rows in (S, S[[0, *order]]))
    np.testing.assert_allclose(b, a, atol=1e-9 * np.abs(a).max())
