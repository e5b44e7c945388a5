"""LAPACK alone gives what scipy's decomposition does, bit for bit, and leaves scipy as it is."""

import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg

from neuropil_gui.core.solvers import lapack
from neuropil_gui.core.solvers.lapack import left_singular

ALONE = """
import sys
import numpy as np
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.solvers import coordinate_sweep
from neuropil_gui.core.solvers.lapack import left_singular, load_lapack
from neuropil_gui.core.solvers.stepping import one_blas_thread

coordinate_sweep.preload()
samples = np.random.default_rng(3).gamma(2.0, 1.0, (4, 500))
with one_blas_thread():
    from threadpoolctl import threadpool_info
    found = [each for each in threadpool_info() if each["user_api"] == "blas"]
    assert {each["num_threads"] for each in found} == {1}, found
    axes, values = left_singular(samples)
result = separate_cell(Cell.from_traces(samples), SeparationSettings())
assert load_lapack() is not None
assert not [name for name in sys.modules if name.startswith(("scipy.linalg", "numpy.f2py"))]
from scipy import linalg
with one_blas_thread():
    wanted_axes, wanted_values, _ = linalg.svd(samples, full_matrices=False)
    later = [each for each in threadpool_info() if each["user_api"] == "blas"]
# Sets: threadpoolctl lists libraries in the order of a set of names, which changes with what else is loaded.
assert {each["filepath"] for each in later} == {each["filepath"] for each in found}, "its BLAS was loaded before"
assert linalg.lapack.dgesdd is linalg.get_lapack_funcs("gesdd")
assert (axes == wanted_axes).all() and (values == wanted_values).all()
assert (left_singular(samples)[0] == axes).all()
assert (separate_cell(Cell.from_traces(samples), SeparationSettings()).matched == result.matched).all()
"""


@pytest.fixture(scope="module")
def alone():
    """The extension, though `scipy.linalg` is imported."""
    return lapack._alone()


def test_a_process_that_separates_imports_no_more_of_scipy():
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


@given(st.integers(1, 8), st.integers(1, 300), st.booleans(), st.integers(0, 2**32 - 1))
def test_each_bit_is_that_of_scipy(alone, rows, columns, turned, seed):
    samples = np.random.default_rng(seed).normal(size=(rows, columns))
    samples = np.ascontiguousarray(samples.T).T if turned else samples
    before = samples.copy()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(lapack, "load_lapack", lambda: alone)
        axes, values = left_singular(samples)
    wanted_axes, wanted_values, _ = linalg.svd(samples, full_matrices=False, check_finite=False)
    np.testing.assert_array_equal(axes, wanted_axes)
    np.testing.assert_array_equal(values, wanted_values)
    np.testing.assert_array_equal(samples, before)


@pytest.mark.parametrize("has", [True, False])
def test_what_is_no_number_is_refused_as_by_scipy(alone, monkeypatch, has):
    monkeypatch.setattr(lapack, "load_lapack", lambda: alone if has else None)
    with pytest.raises(ValueError, match=r"NaN|illegal"):
        left_singular(np.full((3, 3), np.nan))


def test_where_it_is_not_found_alone_scipy_does_the_work(monkeypatch, caplog):
    monkeypatch.setattr(lapack, "EXTENSION", "scipy.linalg._no_such")
    monkeypatch.setattr(lapack, "sys", SimpleNamespace(modules={}))  # as if scipy.linalg were not imported yet
    caplog.set_level("INFO")
    assert lapack._loaded.__wrapped__() is None
    assert "cannot be loaded alone" in caplog.text
