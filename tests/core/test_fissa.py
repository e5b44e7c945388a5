"""separate(): a drop-in for fissa.neuropil.separate. The numbers in names and comments are those of its promises."""

import threading
import warnings

import numpy as np
import pytest
import threadpoolctl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sklearn.decomposition import NMF, PCA

from neuropil_gui import separate
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.solvers import ica, nmf
from neuropil_gui.core.solvers.stepping import one_blas_thread

MAX_SEED = 2**32 - 1


def signals(count=4, frames=120, seed=0):
    """Make mixed, positive signals with a baseline."""
    rng = np.random.default_rng(seed)
    sources = rng.gamma(0.3, 1.0, (count, frames))
    mixing = rng.uniform(0.1, 0.7, (count, count)) + np.eye(count)
    return 20 + 10 * mixing @ sources + rng.normal(0, 0.5, (count, frames)) ** 2


@pytest.fixture
def S():
    return signals()


def assert_same(found, wanted, limit=1e-9):
    for a, b in zip(found[:3], wanted[:3], strict=True):
        assert a.shape == b.shape
        assert np.abs(a - b).max() <= limit * np.abs(b).max()
    assert found[3] == wanted[3]


# 1.1: any array of real numbers, never modified


@pytest.mark.parametrize("method", ["nmf", "ica", "FactorAnalysis"])
def test_the_input_is_never_modified(S, method):
    before = S.copy()
    separate(S, method, n=2, verbosity=0)
    np.testing.assert_array_equal(S, before)


def test_the_input_is_not_modified_by_a_fit_that_fails(S, monkeypatch):
    def fail(*_args):
        raise RuntimeError
        yield

    monkeypatch.setattr(nmf, "factorise", fail)
    before = S.copy()
    with pytest.raises(RuntimeError):
        separate(S, verbosity=0)
    np.testing.assert_array_equal(S, before)


def read_only(S):
    S = S.copy()
    S.flags.writeable = False
    return S


def strided(S):
    wide = np.full((2 * len(S), 3 * S.shape[1]), np.nan)
    wide[::2, ::3] = S
    return wide[::2, ::3]


@pytest.mark.parametrize(
    "form",
    [
        np.ndarray.tolist,
        lambda S: tuple(map(tuple, S.tolist())),
        list,
        read_only,
        np.asfortranarray,
        strided,
        lambda S: S[:, ::-1].copy()[:, ::-1],
        lambda S: S.astype(">f8"),
        lambda S: S.astype(np.longdouble),
    ],
    ids=["lists", "tuples", "rows", "read-only", "Fortran", "strided", "backwards", "big-endian", "long"],
)
@pytest.mark.parametrize("method", ["nmf", "ica"])
def test_forms_of_input(S, form, method):
    assert_same(separate(form(S), method, verbosity=0), separate(S, method, verbosity=0))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.int64, np.float32, np.float16])
def test_numbers_of_any_type_are_computed_in_float64(S, dtype):
    given_as = S.astype(dtype)
    found = separate(given_as, verbosity=0)
    assert_same(found, separate(given_as.astype(np.float64), verbosity=0), limit=0)
    assert all(array.dtype == np.float64 for array in found[:3])


def test_results_belong_to_the_caller(S):
    for array in separate(S, verbosity=0)[:3]:
        assert array.flags.writeable
        assert not np.may_share_memory(array, S)


# 1.2: methods


@pytest.mark.parametrize(
    ("alias", "method"),
    [("NMF", "nmf"), ("nnmf", "nmf"), ("NnMf", "nmf"), ("ICA", "ica"), ("FastICA", "fastica"), ("FASTICA", "fastica")],
)
def test_method_names_in_any_case(S, alias, method):
    assert_same(separate(S, alias, verbosity=0), separate(S, method, verbosity=0), limit=0)


@pytest.mark.parametrize("method", ["FactorAnalysis", "SparsePCA", "MiniBatchSparsePCA", "MiniBatchNMF"])
def test_ad_hoc_methods_run_and_say_so(S, method, capsys):
    separated, matched, mixing, convergence = separate(S, method, n=2, max_iter=300)
    first, second = capsys.readouterr().out.splitlines()[:2]
    assert first == (
        f"Using ad hoc signal decomposition method sklearn.decomposition.{method}. "
        "Only NMF and ICA are officially supported."
    )
    assert second.startswith(f"{method} converged after {convergence['iterations']} iteration") or "failed" in second
    assert separated.shape == matched.shape == (2, S.shape[1])
    assert mixing.shape == (len(S), 2)


@pytest.mark.parametrize(
    "name",
    [
        "PCA", "TruncatedSVD", "IncrementalPCA", "LatentDirichletAllocation", "nonsense", "NMF2", "factoranalysis", "",
        "non_negative_factorization", "dict_learning", "randomized_svd", "__all__", "_nmf", "KernelPCA",
    ],
)  # fmt: skip
def test_other_methods_are_refused_by_name(S, name):
    with pytest.raises(ValueError, match=r"cannot be used|Unknown separation method") as caught:
        separate(S, name, verbosity=0)
    assert name in str(caught.value)


@pytest.mark.parametrize("method", [None, 3, b"nmf"])
def test_a_method_that_is_no_name(S, method):
    with pytest.raises(TypeError, match="sep_method") as caught:
        separate(S, method)
    assert repr(method) in str(caught.value)


# 1.3: the number of components


@pytest.mark.parametrize("method", ["nmf", "fastica", "FactorAnalysis"])
def test_as_many_components_as_signals(S, method):
    assert separate(S, method, verbosity=0, max_tries=1)[0].shape == S.shape


@given(st.integers(2, 8), st.integers(0, 2**31))
@settings(max_examples=25, deadline=None)
def test_ica_counts_components_above_one_percent(count, seed):
    rng = np.random.default_rng(seed)
    S = 50 + rng.normal(size=(count, count)) @ (rng.gamma(0.5, 1, (count, 60)) * 10.0 ** -rng.uniform(0, 3, (count, 1)))
    expected = max(1, int((PCA().fit(S.T).explained_variance_ratio_ > 0.01).sum()))
    assert len(separate(S, "ica", max_iter=3, max_tries=1, verbosity=0)[0]) == expected


@pytest.mark.parametrize("method", ["nmf", "ica", "FactorAnalysis"])
@pytest.mark.parametrize("n", [1, 3, np.int64(3), np.uint8(2)])
def test_n_is_taken_as_asked(S, method, n):
    separated, matched, mixing, _ = separate(S, method, n=n, verbosity=0)
    assert separated.shape == matched.shape == (n, S.shape[1])
    assert mixing.shape == (len(S), n)


# 1.4: NMF


@pytest.mark.parametrize("alpha", [0, 0.1, 1.0])
def test_nmf_is_that_of_scikit_learn_with_alpha_spread(S, alpha):
    frames = S.shape[1]
    X = (S / np.median(S)).T
    model = NMF(
        4, init="nndsvdar", random_state=892, max_iter=10000, alpha_W=alpha / 4, alpha_H=alpha / frames, l1_ratio=0.5
    )
    W = model.fit_transform(X)
    separated, _, mixing, convergence = separate(S, alpha=alpha, verbosity=0)
    assert convergence["iterations"] == model.n_iter_
    np.testing.assert_allclose(separated, W.T, rtol=0, atol=1e-9 * W.max())
    np.testing.assert_allclose(mixing, model.components_.T, rtol=0, atol=1e-9 * model.components_.max())


def test_a_start_of_ones_own_is_used_and_copied(S):
    rng = np.random.default_rng(3)
    W0, H0 = rng.uniform(0.1, 1, (S.shape[1], 3)), rng.uniform(0.1, 1, (3, len(S)))
    X = (S / np.median(S)).T
    model = NMF(3, init="custom", max_iter=10000, alpha_W=0.1 / 4, alpha_H=0.1 / S.shape[1], l1_ratio=0.5)
    W = model.fit_transform(X, W=W0.copy(), H=H0.copy())
    before = W0.copy(), H0.copy()
    separated, *_, convergence = separate(S, n=3, W0=W0, H0=H0, verbosity=0)
    np.testing.assert_array_equal(W0, before[0])
    np.testing.assert_array_equal(H0, before[1])
    assert convergence["iterations"] == model.n_iter_
    np.testing.assert_allclose(separated, W.T, rtol=0, atol=1e-9 * W.max())
    assert_same(separate(S, n=3, W0=W0.tolist(), H0=H0.tolist(), verbosity=0), separate(S, n=3, W0=W0, H0=H0))


def test_ica_ignores_a_start_of_nmf(S):
    assert_same(separate(S, "ica", W0=3, verbosity=0), separate(S, "ica", verbosity=0), limit=0)


# 1.6, 1.8, 1.9: retries, the convergence and what is printed


@pytest.mark.parametrize(
    ("method", "name"), [("nmf", "NMF"), ("nnmf", "NMF"), ("ica", "FastICA"), ("FastICA", "FastICA")]
)
def test_it_says_that_it_converged(S, method, name, capsys):
    convergence = separate(S, method)[3]
    assert capsys.readouterr().out == f"{name} converged after {convergence['iterations']} iterations.\n"
    assert convergence == {
        "random_state": 892,
        "iterations": convergence["iterations"],
        "max_iterations": 10000,
        "converged": True,
    }


@pytest.mark.parametrize("prefix", ["[ROI 1/4]", "[ROI 1/4] "])
@pytest.mark.parametrize(
    ("method", "extra"),
    [
        ("nmf", ""),
        (
            "FactorAnalysis",
            "[ROI 1/4] Using ad hoc signal decomposition method sklearn.decomposition.FactorAnalysis. "
            "Only NMF and ICA are officially supported.\n",
        ),
    ],
)
def test_it_says_that_it_failed(S, method, extra, prefix, capsys):
    convergence = separate(S, method, max_iter=2, max_tries=2, tol=1e-9, prefix=prefix)[3]
    assert capsys.readouterr().out == (
        f"{extra}[ROI 1/4] Attempt 1 failed to converge at 2 iterations.\n"
        "[ROI 1/4] Trying a new random state.\n"
        f"{extra}[ROI 1/4] Attempt 2 failed to converge at 2 iterations.\n"
        "[ROI 1/4] Warning: maximum number of allowed tries reached at 2 iterations for 2 tries of different "
        "random seed states.\n"
    )
    assert convergence == {"random_state": 893, "iterations": 2, "max_iterations": 2, "converged": False}


@pytest.mark.parametrize("method", ["nmf", "ica", "FactorAnalysis"])
def test_it_says_nothing_when_asked_not_to(S, method, capfd):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        separate(S, method, max_iter=2, max_tries=2, verbosity=0)
    assert not caught
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("method", ["nmf", "ica"])
def test_seeds_follow_each_other_and_wrap(S, method, monkeypatch):
    seeds = []
    module, name = (nmf, "factorise") if method == "nmf" else (ica, "unmix")
    original = getattr(module, name)

    def noted(*arguments):
        seeds.append(arguments[-1])
        return original(*arguments)

    monkeypatch.setattr(module, name, noted)
    convergence = separate(S, method, random_state=MAX_SEED - 1, max_iter=1, max_tries=4, tol=0, verbosity=0)[3]
    assert seeds == [MAX_SEED - 1, MAX_SEED, 0, 1]
    assert convergence["random_state"] == 1


def test_a_later_try_may_converge(S, capsys):
    # Each seed of ICA needs another number of iterations.
    needed = [separate(S, "ica", random_state=seed, verbosity=0)[3]["iterations"] for seed in range(30)]
    seed = next(k for k in range(29) if needed[k] > needed[k + 1] + 1)
    found = separate(S, "ica", random_state=seed, max_iter=needed[seed + 1] + 1)
    assert capsys.readouterr().out == (
        f"Attempt 1 failed to converge at {needed[seed + 1] + 1} iterations.\nTrying a new random state.\n"
        f"FastICA converged after {needed[seed + 1]} iterations.\n"
    )
    assert found[3]["converged"]
    assert_same((*found[:3], None), (*separate(S, "ica", random_state=seed + 1, verbosity=0)[:3], None), limit=0)


def test_convergence_at_the_very_limit_counts_as_failed_as_in_fissa(S):
    iterations = separate(S, verbosity=0)[3]["iterations"]
    assert not separate(S, max_iter=iterations, max_tries=1, verbosity=0)[3]["converged"]
    assert separate(S, max_iter=iterations + 1, max_tries=1, verbosity=0)[3]["converged"]


@pytest.mark.parametrize("method", ["nmf", "ica", "FactorAnalysis"])
def test_without_a_seed_one_is_drawn_and_returned(S, method):
    found = separate(S, method, random_state=None, verbosity=0)
    seed = found[3]["random_state"]
    assert 0 <= seed <= MAX_SEED
    assert_same(separate(S, method, random_state=seed, verbosity=0), found, limit=0)


def test_drawn_seeds_differ(S):
    seeds = {separate(S, random_state=None, max_iter=1, max_tries=1, verbosity=0)[3]["random_state"] for _ in range(5)}
    assert len(seeds) > 1


# 1.7, 1.8: matching, orders and units


@pytest.mark.parametrize("method", ["nmf", "ica"])
def test_matching_is_fissas(S, method):
    separated, matched, mixing, _ = separate(S, method, verbosity=0)
    scores = np.abs(mixing)[0] / np.abs(mixing).sum(axis=0)
    order = np.argsort(scores, kind="stable")[::-1]
    for k, column in enumerate(order):
        np.testing.assert_allclose(matched[k], np.median(S) * mixing[0, column] * separated[column], rtol=1e-12)


def test_matched_traces_add_up_to_the_roi(S):
    _, matched, _, _ = separate(S, alpha=0, tol=1e-7, verbosity=0)
    assert np.corrcoef(matched.sum(axis=0), S[0])[0, 1] > 0.99
    _, matched, _, _ = separate(S, "fastica", verbosity=0)
    np.testing.assert_allclose(matched.sum(axis=0), S[0] - S[0].mean(), atol=1e-9 * S.max())


def test_empty_components_match_last(S):
    separated, matched, mixing, _ = separate(S, alpha=2, verbosity=0)
    dead = ~mixing.any(axis=0)
    assert dead.any()
    assert not matched[-int(dead.sum()) :].any()
    assert np.isfinite(separated).all()


def test_all_components_empty(S):
    separated, matched, mixing, convergence = separate(S, alpha=1e6, verbosity=0)
    assert not separated.any()
    assert not matched.any()
    assert not mixing.any()
    assert convergence["converged"]


# 1.10: refusals


def broken(place, value, base=None):
    S = signals() if base is None else base
    S[place] = value
    return S


REFUSED_SIGNALS = {
    "scalar": (5.0, {}, ["0-D", "shape ()"]),
    "1-D": (np.ones(5), {}, ["1-D", "(5,)"]),
    "3-D": (np.ones((2, 3, 4)), {}, ["3-D", "(2, 3, 4)"]),
    "no signals": (np.ones((0, 4)), {}, ["no signals"]),
    "one observation": (np.ones((1, 1)), {}, ["2 observations", "1 was found"]),
    "transposed": (signals().T, {}, ["(120)", "(4)", "transposed?"]),
    "one signal too many": (np.ones((5, 4)), {}, ["(5)", "(4)"]),
    "a NaN": (broken((2, 7), np.nan), {}, ["1 value is NaN or infinite", "signal 2 at observation 7"]),
    "infinite": (broken((slice(1, 3), 5), -np.inf), {}, ["2 values are NaN or infinite", "signal 1 at observation 5"]),
    "ica NaN": (broken((2, 7), np.nan), {"sep_method": "ica"}, ["signal 2 at observation 7"]),
    "ragged": ([[1, 2, 3], [1, 2]], {}, ["different lengths"]),
    "zero median": (np.eye(4, 20), {}, ["median", "95% of them are 0"]),
    "ica zero median": (np.eye(4, 20), {"sep_method": "ica"}, ["median", "is 0"]),
    "negative median": (signals() - 200, {}, ["median is -", "ICA", "offset"]),
    "negative values": (
        broken((3, slice(4, 6)), [-2.5, -1]), {}, ["2 values are negative", "least -2.5 in signal 3 at observation 4"],
    ),
    "ica constant": (np.full((3, 20), 4.2), {"sep_method": "ica"}, ["constant"]),
    "fastica constant": (np.ones((3, 20)) * [[1], [2], [3]], {"sep_method": "fastica"}, ["constant"]),
}  # fmt: skip

REFUSED_TYPES = {
    "complex": (signals() + 0j, ["complex"]),
    "objects": (signals().astype(object), ["objects"]),
    "None among numbers": ([[1.0, None], [2.0, 3.0]], ["objects"]),
    "text": (signals().astype(str), ["text"]),
    "bytes": (signals().astype(bytes), ["bytes"]),
    "dates": (np.zeros((2, 5), "datetime64[s]"), ["datetime64"]),
    "masked": (np.ma.masked_array(signals(), signals() > 30), ["masked"]),
    "masked rows": (list(np.ma.masked_array(signals(), signals() > 30)), ["masked"]),
    "nothing": (None, ["objects"]),
}

REFUSED_ARGUMENTS = {
    "n 0": ({"n": 0}, ["n ", "found", "0"]),
    "n -1": ({"n": -1}, ["-1"]),
    "n above": ({"n": 5}, ["n = 5", "4 signals"]),
    "ica n above": ({"n": 5, "sep_method": "ica"}, ["n = 5", "4 signals"]),
    "ad hoc n above": ({"n": 5, "sep_method": "FactorAnalysis"}, ["n = 5", "4 signals"]),
    "alpha": ({"alpha": -0.1}, ["alpha", "-0.1"]),
    "alpha numpy": ({"alpha": np.float64(-0.5)}, ["alpha", "but -0.5 was"]),
    "alpha nan": ({"alpha": float("nan")}, ["alpha", "nan"]),
    "alpha inf": ({"alpha": float("inf")}, ["alpha", "inf"]),
    "tol": ({"tol": -1e-4}, ["tol", "-0.0001"]),
    "tol nan": ({"tol": float("nan")}, ["tol", "nan"]),
    "max_iter": ({"max_iter": 0}, ["max_iter", "0"]),
    "max_tries": ({"max_tries": 0}, ["max_tries", "0"]),
    "seed below": ({"random_state": -1}, ["random_state", "-1", str(MAX_SEED)]),
    "seed above": ({"random_state": 2**32}, ["random_state", str(2**32)]),
    "W0 alone": ({"W0": np.ones((120, 4))}, ["W0 was given without H0"]),
    "H0 alone": ({"H0": np.ones((4, 4))}, ["H0 was given without W0"]),
    "W0 shape": ({"W0": np.ones((4, 120)), "H0": np.ones((4, 4))}, ["W0", "(120, 4)", "(4, 120)"]),
    "H0 shape": ({"W0": np.ones((120, 3)), "H0": np.ones((4, 4)), "n": 3}, ["H0", "(3, 4)", "(4, 4)"]),
    "W0 negative": ({"W0": -np.ones((120, 4)), "H0": np.ones((4, 4))}, ["W0", "480 of 480"]),
    "H0 nan": ({"W0": np.ones((120, 4)), "H0": broken((0, 1), np.nan, np.ones((4, 4)))}, ["H0", "1 of 16"]),
    "W0 zeros": ({"W0": np.zeros((120, 4)), "H0": np.ones((4, 4))}, ["W0", "only zeros"]),
}

REFUSED_ARGUMENT_TYPES = {
    "n float": ({"n": 2.0}, ["n ", "2.0"]),
    "n bool": ({"n": True}, ["n ", "True"]),
    "n text": ({"n": "3"}, ["n ", "'3'"]),
    "alpha None": ({"alpha": None}, ["alpha", "None"]),
    "alpha text": ({"alpha": "0.1"}, ["alpha", "'0.1'"]),
    "max_iter float": ({"max_iter": 1e4}, ["max_iter", "10000.0"]),
    "max_tries None": ({"max_tries": None}, ["max_tries", "None"]),
    "seed object": ({"random_state": np.random.RandomState(1)}, ["random_state", "RandomState"]),
    "seed float": ({"random_state": 1.0}, ["random_state", "1.0"]),
    "W0 complex": ({"W0": np.ones((120, 4)) + 1j, "H0": np.ones((4, 4))}, ["W0", "complex"]),
}


@pytest.fixture
def no_work(monkeypatch):
    """Fail when anything is computed."""

    def work(*_args, **_kwargs):
        raise AssertionError("work was begun before the refusal")

    monkeypatch.setattr(nmf, "factorise", work)
    monkeypatch.setattr(ica, "unmix", work)
    monkeypatch.setattr(ica, "count_components", work)
    # All methods, scikit-learn's others too, compute with one thread of BLAS.
    monkeypatch.setattr("neuropil_gui.core.fissa.one_blas_thread", work)


def assert_refused(kind, S, arguments, words, capsys):
    with pytest.raises(kind) as caught:
        separate(S, **arguments)
    message = str(caught.value)
    assert isinstance(caught.value, DataError)
    for word in words:
        assert word in message
    assert message.endswith((".", "?"))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("case", REFUSED_SIGNALS)
def test_signals_that_are_refused(case, no_work, capsys):
    S, arguments, words = REFUSED_SIGNALS[case]
    assert_refused(ValueError, S, arguments, words, capsys)


@pytest.mark.parametrize("case", REFUSED_TYPES)
def test_types_of_signals_that_are_refused(case, no_work, capsys):
    S, words = REFUSED_TYPES[case]
    assert_refused(TypeError, S, {}, words, capsys)


@pytest.mark.parametrize("case", REFUSED_ARGUMENTS)
def test_arguments_that_are_refused(case, S, no_work, capsys):
    arguments, words = REFUSED_ARGUMENTS[case]
    assert_refused(ValueError, S, arguments, words, capsys)


@pytest.mark.parametrize("case", REFUSED_ARGUMENT_TYPES)
def test_types_of_arguments_that_are_refused(case, S, no_work, capsys):
    arguments, words = REFUSED_ARGUMENT_TYPES[case]
    assert_refused(TypeError, S, arguments, words, capsys)


@pytest.mark.parametrize("method", ["ica", "fastica"])
def test_a_negative_median_is_fine_for_ica(S, method):
    below = S - 2 * np.median(S)
    assert np.median(below) < 0
    _, matched, _, _ = separate(below, method, verbosity=0)
    assert np.isfinite(matched).all()
    if method == "fastica":
        np.testing.assert_allclose(matched.sum(axis=0), S[0] - S[0].mean(), atol=1e-9 * S.max())


def test_a_signal_of_zeros_is_fine_for_nmf(S):
    S[2] = 0
    _, matched, mixing, convergence = separate(S, verbosity=0)
    assert convergence["converged"]
    assert np.isfinite(matched).all()
    assert mixing[2].max() < 1e-6


def test_constant_signals_are_fine_for_nmf():
    _, matched, _, _ = separate(np.full((3, 50), 7.0), verbosity=0)
    assert np.isfinite(matched).all()


def test_one_signal_alone(S):
    for method in ("nmf", "ica"):
        separated, matched, mixing, _ = separate(S[:1], method, verbosity=0)
        assert separated.shape == matched.shape == (1, S.shape[1])
        assert mixing.shape == (1, 1)


def test_ica_of_copies_says_how_many_directions_there_are(S):
    with pytest.raises(ValueError, match="vary in only 3 independent directions") as caught:
        separate(np.vstack([S[:3], S[0]]), "fastica", verbosity=0)
    assert "n = 3 or fewer" in str(caught.value)


# what must hold of any separation


@given(st.floats(-6, 6), st.sampled_from(["nmf", "ica"]), st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_scale_does_not_matter(exponent, method, seed):
    S = signals(3, 60, seed)
    factor = 10.0**exponent
    a, b = separate(S, method, verbosity=0), separate(S * factor, method, verbosity=0)
    assert a[3] == b[3]
    for k in (0, 2):
        np.testing.assert_allclose(b[k], a[k], atol=1e-8 * np.abs(a[k]).max())
    np.testing.assert_allclose(b[1] / factor, a[1], atol=1e-8 * np.abs(a[1]).max())


@given(
    st.integers(1, 6).flatmap(lambda k: st.tuples(st.just(k), st.integers(max(k, 2), 60))),
    st.sampled_from(["nmf", "ica"]),
    st.sampled_from([np.float64, np.float32, np.uint16, np.int32]),
    st.integers(0, 2**31),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_shape_and_type(shape, method, dtype, seed):
    S = np.random.default_rng(seed).gamma(2, 100, shape).astype(dtype) + dtype(1)
    before = S.copy()
    separated, matched, mixing, convergence = separate(S, method, max_iter=50, max_tries=1, verbosity=0)
    np.testing.assert_array_equal(S, before)
    assert separated.shape == matched.shape == (mixing.shape[1], shape[1])
    assert len(mixing) == shape[0]
    assert all(np.isfinite(array).all() for array in (separated, matched, mixing))
    assert convergence["iterations"] <= 50


# calm company


def blas_threads():
    import scipy.linalg  # noqa: F401 -- so that its BLAS is seen

    return sorted(each["num_threads"] for each in threadpoolctl.threadpool_info() if each["user_api"] == "blas")


@pytest.mark.parametrize("method", ["nmf", "ica", "FactorAnalysis"])
def test_threads_and_warnings_are_left_as_they_were(S, method):
    filters = list(warnings.filters)
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        separate(S, method, max_iter=2, max_tries=2, verbosity=0)
        assert blas_threads() == before
        with pytest.raises(ValueError, match="directions"):
            separate(np.vstack([S, S]), "fastica", verbosity=0)
        assert blas_threads() == before
    assert warnings.filters == filters


def test_overlapping_limits_of_threads_end_with_the_last():
    inside, leave = threading.Event(), threading.Event()

    def other():
        with one_blas_thread():
            inside.set()
            leave.wait(10)

    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        thread = threading.Thread(target=other)
        with one_blas_thread():
            thread.start()
            assert inside.wait(10)
        assert set(blas_threads()) == {1}
        leave.set()
        thread.join()
        assert blas_threads() == before


def test_a_limit_holds_in_any_thread_after_any_other():
    seen = []

    def limited():
        with one_blas_thread():
            seen.append(blas_threads())
        seen.append(blas_threads())

    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        for _ in range(2):
            thread = threading.Thread(target=limited)
            thread.start()
            thread.join()
        limited()
    assert seen == [[1] * len(before), before] * 3
