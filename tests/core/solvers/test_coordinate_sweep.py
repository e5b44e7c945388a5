"""Each in a process of its own, because what is loaded cannot be unloaded."""

import contextlib
import io
import multiprocessing
import subprocess
import sys
import warnings
from concurrent.futures import ProcessPoolExecutor

import pytest

FIT = """
import sys
import numpy as np
rng = np.random.default_rng(3)
X = rng.random((80, 4)) + 0.1

def ours():
    from neuropil_gui.core.solvers import nmf
    from neuropil_gui.core.solvers.stepping import run
    W, H, iterations = run(nmf.factorise(X, 3, 0.1, 1e-4, 500, "nndsvda", 0), lambda step: None)
    return W.T, iterations

def theirs():
    from sklearn.decomposition import NMF
    model = NMF(3, init="nndsvda", tol=1e-4, max_iter=500, alpha_W=0.1 / 4, alpha_H=0.1 / 80, l1_ratio=0.5)
    return model.fit_transform(X), model.n_iter_

def check(a, b):
    np.testing.assert_allclose(a[0], b[0], atol=1e-8)
    assert a[1] == b[1]

def compiled():
    return find_sweep() is not sweep_in_numpy

from neuropil_gui.core.solvers import coordinate_sweep
from neuropil_gui.core.solvers.coordinate_sweep import find_sweep, sweep_in_numpy
"""

PRELOAD = "coordinate_sweep.preload()\n"


# Imported once, before the processes part: most of the time that importing scikit-learn takes. Not scikit-learn itself.
SHARED = ["neuropil_gui.core.solvers.nmf", "scipy.stats", "scipy.spatial", "joblib", "pandas", "pytest"]


def execute(code):
    assert "sklearn" not in sys.modules
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()) as printed:
        warnings.simplefilter("error")
        exec(FIT + code, {})
    return printed.getvalue().strip()


@pytest.fixture(scope="module")
def python():
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(SHARED)
    with ProcessPoolExecutor(1, context, max_tasks_per_child=1) as pool:
        yield lambda code: pool.submit(execute, code).result(timeout=300)


def test_the_library_imports_scikit_learn_normally(python):
    code = """
first = ours()
import sklearn
assert compiled() and sys.modules["sklearn.base"] and sklearn.__version__ and sklearn.decomposition
check(first, theirs())
"""
    python(code)


def test_a_preloaded_sweep_comes_without_scikit_learn():
    code = PRELOAD + "ours(); print(compiled(), 'sklearn' in sys.modules, 'scipy.stats' in sys.modules)"
    command = [sys.executable, "-W", "error", "-c", FIT + code]
    assert (
        subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=300).stdout
        == "True False False\n"
    )


def test_scikit_learn_works_when_imported_after(python):
    code = """
first = ours()
check(first, theirs())
import sklearn, sklearn.decomposition._nmf as theirs_too
assert sklearn.__version__ and theirs_too._update_cdnmf_fast is find_sweep()
check(first, ours())
"""
    python(PRELOAD + code)


def test_scikit_learn_works_when_another_thread_imports_it_at_the_same_time(python):
    code = """
import threading
start, failed = threading.Barrier(2), []
def import_it():
    start.wait()
    try:
        import sklearn, sklearn.decomposition, sklearn.linear_model
        sklearn.__version__, sklearn.decomposition.NMF, sklearn.linear_model.HuberRegressor
    except BaseException as error:
        failed.append(error)
thread = threading.Thread(target=import_it)
thread.start()
start.wait()
mine = ours()
thread.join()
assert not failed, failed
assert compiled()
check(mine, theirs())
"""
    # As the window does it, before it starts threads. Without, two threads import scikit-learn normally at once, and
    # Python may then hand one of them a module that the other has half made.
    python(PRELOAD + code)


def test_no_thread_sees_the_empty_package(python):
    # The time for which it stands in is made long; another thread then asks for scikit-learn.
    code = """
import threading
from types import SimpleNamespace
from neuropil_gui.core.solvers import extensions
original = extensions.PathFinder.find_spec
entered, imported, failed = threading.Event(), threading.Event(), []
def slowly(*arguments):
    entered.set()
    imported.wait(30)
    return original(*arguments)
extensions.PathFinder = SimpleNamespace(find_spec=slowly)
def import_it():
    entered.wait(1)
    try:
        import sklearn
        sklearn.__version__
        from sklearn.decomposition import NMF
    except BaseException as error:
        failed.append(error)
    imported.set()
thread = threading.Thread(target=import_it)
thread.start()
coordinate_sweep.preload()
first = ours()
thread.join()
assert not failed, failed
assert not entered.is_set()
check(first, theirs())
"""
    python(code)


def test_scikit_learn_may_have_been_imported_before(python):
    code = """
second = theirs()
coordinate_sweep.preload()
check(ours(), second)
import sklearn.decomposition._nmf as theirs_too
assert theirs_too._update_cdnmf_fast is find_sweep()
"""
    python(code)


def test_only_the_package_may_have_been_imported_before(python):
    python("import sklearn\n" + PRELOAD + "first = ours()\nassert compiled()\ncheck(first, theirs())")


def test_threads_that_ask_at_once_get_the_same(python):
    code = """
import threading
start, found = threading.Barrier(8), []
def ask():
    start.wait()
    found.append(find_sweep())
threads = [threading.Thread(target=ask) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(found), len(set(found)), sweep_in_numpy in found)
"""
    assert python(code) == "8 1 False"
    assert python(PRELOAD + code) == "8 1 False"


LOADER_FAILS = """
from importlib.machinery import ExtensionFileLoader
original = ExtensionFileLoader.{method}
failed = []
def fail(self, *arguments):
    if not failed and self.name == "{name}":
        failed.append(self.name)
        raise ImportError("DLL load failed")
    return original(self, *arguments)
ExtensionFileLoader.{method} = fail
"""


@pytest.mark.parametrize("name", ["sklearn.decomposition._cdnmf_fast", "sklearn._cyutility"])
@pytest.mark.parametrize("method", ["create_module", "exec_module"])
def test_where_the_file_does_not_load_alone_it_is_imported(python, method, name):
    code = LOADER_FAILS.format(method=method, name=name) + PRELOAD
    # Older versions have no _cyutility, and nothing to fail.
    code += "first = ours()\nassert compiled() and ('sklearn' in sys.modules) == bool(failed)\ncheck(first, theirs())"
    python(code)


@pytest.mark.parametrize("finder", ["extensions.PathFinder", "coordinate_sweep.importlib.util"])
def test_where_the_file_is_not_found_it_is_imported(python, finder):
    code = f"""
from types import SimpleNamespace
from neuropil_gui.core.solvers import extensions
{finder} = SimpleNamespace(find_spec=lambda *_: None)
coordinate_sweep.preload()
first = ours()
assert compiled() and "sklearn" in sys.modules
check(first, theirs())
"""
    python(code)


@pytest.mark.parametrize("more", ["import sklearn.utils", "import sklearn; sklearn.get_config()"])
def test_an_extension_that_needs_more_is_imported_with_all_of_it(python, more):
    code = f"""
from importlib.machinery import ExtensionFileLoader
original = ExtensionFileLoader.exec_module
tried = []
def exec_module(self, module):
    if self.name == "sklearn.decomposition._cdnmf_fast":
        tried.append("sklearn.base" in sys.modules)
        {more}
    original(self, module)
ExtensionFileLoader.exec_module = exec_module
coordinate_sweep.preload()
first = ours()
assert compiled() and tried == [False, True]
check(first, theirs())
import sklearn.utils
sklearn.utils.check_array(X)
"""
    python(code)


def test_without_scikit_learn_numpy_does_it(python):
    assert python("sys.modules['sklearn'] = None\n" + PRELOAD + "ours()\nprint(compiled())") == "False"


def test_a_sweep_that_does_not_work_is_done_in_numpy(python):
    code = """
from types import SimpleNamespace

def one_more(W, gram, target, components, shuffle): return 1.0
def by_name(*, W, HHt, XHt, permutation): return 1.0
def raises(*_): raise RuntimeError("moved")
def nothing(*_): pass
def violation(*a): return 1.01 * sweep_in_numpy(*a)
def copies(W, *a): return sweep_in_numpy(W.copy(), *a)
def numbers(W, *a): v = sweep_in_numpy(W, *a); W *= 1.001; return v
def order(W, gram, target, components): return sweep_in_numpy(W, gram, target, components[::-1])

module = sys.modules["sklearn.decomposition._cdnmf_fast"] = SimpleNamespace()
for broken in (None, 5, one_more, by_name, raises, nothing, violation, copies, numbers, order):
    if broken is not None:
        module._update_cdnmf_fast = broken
    find_sweep.cache_clear()
    assert not compiled(), broken
    W, iterations = ours()
    assert W.shape == (80, 3) and iterations > 1
module._update_cdnmf_fast = lambda *a: sweep_in_numpy(*a)
find_sweep.cache_clear()
assert compiled()
"""
    python(code)


@pytest.mark.parametrize("error", ["ValueError('numpy.dtype size changed')", "RuntimeError()", "OSError()"])
def test_whatever_keeps_scikit_learn_from_being_imported_numpy_does_it(python, error):
    code = f"""
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.startswith("sklearn"):
            raise {error}
sys.meta_path.insert(0, Finder())
ours()
print(compiled())
"""
    assert python(code) == "False"
