"""Each in an interpreter of its own, because what is loaded cannot be unloaded."""

import subprocess
import sys

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
    from neuropil_gui.core.solvers import nmf
    return nmf.find_sweep() is not nmf.sweep_in_numpy
"""


def python(code):
    done = subprocess.run([sys.executable, "-W", "error", "-c", FIT + code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_sweep_comes_without_scikit_learn():
    assert python("ours(); print(compiled(), 'sklearn' in sys.modules, 'scipy.stats' in sys.modules)") == (
        "True False False"
    )


def test_scikit_learn_works_when_imported_after():
    code = """
first = ours()
check(first, theirs())
import sklearn, sklearn.decomposition._nmf as theirs_too
from neuropil_gui.core.solvers.sklearn_sweep import find_sweep
assert sklearn.__version__ and theirs_too._update_cdnmf_fast is find_sweep()
check(first, ours())
"""
    python(code)


def test_scikit_learn_may_have_been_imported_before():
    code = """
second = theirs()
check(ours(), second)
import sklearn.decomposition._nmf as theirs_too
from neuropil_gui.core.solvers.sklearn_sweep import find_sweep
assert theirs_too._update_cdnmf_fast is find_sweep()
"""
    python(code)


def test_only_the_package_may_have_been_imported_before():
    python("import sklearn\nfirst = ours()\nassert compiled()\ncheck(first, theirs())")


def test_threads_that_ask_at_once_get_the_same():
    code = """
import threading
from neuropil_gui.core.solvers.sklearn_sweep import find_sweep
start, found = threading.Barrier(8), []
def ask():
    start.wait()
    found.append(find_sweep())
threads = [threading.Thread(target=ask) for _ in range(8)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
print(len(found), len(set(found)), None in found)
"""
    assert python(code) == "8 1 False"


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
def test_where_the_file_does_not_load_alone_it_is_imported(method, name):
    code = LOADER_FAILS.format(method=method, name=name)
    # Older versions have no _cyutility, and nothing to fail.
    code += "first = ours()\nassert compiled() and ('sklearn' in sys.modules) == bool(failed)\ncheck(first, theirs())"
    python(code)


@pytest.mark.parametrize("finder", ["module.PathFinder", "module.importlib.util"])
def test_where_the_file_is_not_found_it_is_imported(finder):
    code = f"""
from types import SimpleNamespace
from neuropil_gui.core.solvers import sklearn_sweep as module
{finder} = SimpleNamespace(find_spec=lambda *_: None)
first = ours()
assert compiled() and "sklearn" in sys.modules
check(first, theirs())
"""
    python(code)


@pytest.mark.parametrize("more", ["import sklearn.utils", "import sklearn; sklearn.get_config()"])
def test_an_extension_that_needs_more_is_imported_with_all_of_it(more):
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
first = ours()
assert compiled() and tried == [False, True]
check(first, theirs())
import sklearn.utils
sklearn.utils.check_array(X)
"""
    python(code)


def test_without_scikit_learn_numpy_does_it():
    assert python("sys.modules['sklearn'] = None\nours()\nprint(compiled())") == "False"


def test_a_sweep_that_has_moved_is_done_in_numpy():
    code = """
from types import ModuleType
sys.modules["sklearn.decomposition._cdnmf_fast"] = ModuleType("sklearn.decomposition._cdnmf_fast")
ours()
print(compiled())
"""
    assert python(code) == "False"
