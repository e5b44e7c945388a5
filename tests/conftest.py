"""What all tests share: an offscreen Qt, settings in a temporary folder, real data, a leak check, values to draw."""

import gc
import itertools
import os
import sys
import tempfile
import time
import tomllib
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_FONT_DPI", "96")
# One for all tests and their processes: matplotlib takes seconds to list the fonts in a new folder.
if "MPLCONFIGDIR" not in os.environ:
    _matplotlib = tempfile.TemporaryDirectory()
    os.environ["MPLCONFIGDIR"] = _matplotlib.name

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from pytestqt.qtbot import QtBot

# A busy machine is slow, and no failure; an example that failed once is found by its printed blob, not by a database
# that other machines do not have.
settings.register_profile(
    "steady",
    max_examples=50,
    deadline=None,
    database=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")
settings.register_profile("few", settings.get_profile("steady"), max_examples=10)


def pytest_collection_finish():
    """Leave what is there by now out of the collections of garbage, half of whose time went into it."""
    gc.collect()
    gc.freeze()


ROOT = Path(__file__).resolve().parent.parent
REAL_DATA = Path(os.environ.get("NEUROPIL_GUI_TEST_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real recordings, which is not part of the repository."""
    if not REAL_DATA.is_dir():
        if os.environ.get("CI") == "true":
            pytest.fail(f"no real recordings at {REAL_DATA}, on which CI must test")
        pytest.skip(f"no real recordings at {REAL_DATA} (NEUROPIL_GUI_TEST_DATA names their folder)")
    return REAL_DATA


_homes = itertools.count()


@pytest.fixture(autouse=True)
def settings_of_its_own(tmp_path_factory, monkeypatch):
    """Keep log files and preferences of the tests away from the user's; a folder is made by what is first written."""
    home = tmp_path_factory.getbasetemp() / "homes" / str(next(_homes))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))


@pytest.fixture(autouse=True)
def nothing_left_behind(request):
    """Fail a test that leaves a window or a thread of Qt."""
    if not {"qtbot", "qapp"} & set(request.fixturenames):
        yield
        return
    # Its import takes seconds on a busy machine: a window that is closed meanwhile would wait for its thread.
    import sklearn.decomposition  # noqa: F401
    from PyQt5.QtCore import QCoreApplication, QEvent
    from PyQt5.QtWidgets import QApplication

    application = request.getfixturevalue("qapp")
    before = set(map(id, QApplication.topLevelWidgets()))
    yield
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    application.processEvents()
    left = [widget for widget in QApplication.topLevelWidgets() if id(widget) not in before and widget.isVisible()]
    assert not left, f"windows left open: {left}"


PATIENCE = 60_000
"""Milliseconds at least that a test waits for a state: on a busy machine one that comes in 0.1 s has taken 7."""


class PatientBot(QtBot):
    """Waits for states and signals as long as a busy machine may take."""

    def waitUntil(self, callback, *, timeout=PATIENCE):
        super().waitUntil(callback, timeout=max(timeout, PATIENCE))

    def waitSignal(self, signal, *, timeout=PATIENCE, raising=None, **keywords):
        if raising is not False:  # one that must not come is not waited for
            timeout = max(timeout, PATIENCE)
        return super().waitSignal(signal, timeout=timeout, raising=raising, **keywords)

    def mouseClick(self, widget, *arguments, **keywords):
        """Click what has a size: a message that has just been shown is laid out a little later."""
        self.waitUntil(lambda: not widget.rect().isEmpty())
        super().mouseClick(widget, *arguments, **keywords)


@pytest.fixture
def qtbot(qapp, request):
    """Return a bot that is patient."""
    return PatientBot(request)


@pytest.fixture(scope="session")
def light_application(qapp):
    """The application in the light theme, which takes long to apply."""
    from neuropil_gui.ui import style

    style.apply_theme(qapp, "light")
    return qapp


@pytest.fixture(autouse=True)
def light_theme(request):
    """Begin and end each test of a widget in the light theme."""
    if "qapp" not in request.fixturenames:
        yield
        return
    from neuropil_gui.ui import style

    application = request.getfixturevalue("light_application")
    yield
    if style.current().name != "light":
        style.apply_theme(application, "light")


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a package of plug-ins: a module of this source, and entry points {name: object in the module}."""

    def install(module, source, points):
        place = tmp_path / "site" / module
        about = place / f"{module}-1.0.dist-info"
        about.mkdir(parents=True)
        (place / f"{module}.py").write_text(source, encoding="utf-8")
        (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1.0\n", encoding="utf-8")
        lines = (f"{name} = {module}:{each}" for name, each in points.items())
        (about / "entry_points.txt").write_text("\n".join(("[neuropil_gui.methods]", *lines)), encoding="utf-8")
        monkeypatch.syspath_prepend(str(place))
        # What a test imports by this name is not the next one's.
        monkeypatch.delitem(sys.modules, module, raising=False)

    return install


@pytest.fixture
def example_method(install):
    """Install the example of a plug-in, as its pyproject.toml says."""
    folder = ROOT / "tests" / "data" / "example_method"
    said = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    points = said["entry-points"]["neuropil_gui.methods"]
    source = (folder / "example_method.py").read_text(encoding="utf-8")
    install("example_method", source, {name: each.removeprefix("example_method:") for name, each in points.items()})


@pytest.fixture
def slowdown():
    """Measure how many times longer work takes now than alone on the machine, for limits on what others compute."""

    def slowdown():
        wall, own = time.perf_counter(), time.thread_time()
        while time.thread_time() - own < 0.05:
            pass
        return (time.perf_counter() - wall) / (time.thread_time() - own)

    return slowdown


@pytest.fixture
def mouse():
    """Send mouse events as Qt does; QTest's moves carry no button, and its double click one press too many."""

    from PyQt5.QtCore import QEvent, QPointF, Qt
    from PyQt5.QtGui import QMouseEvent
    from PyQt5.QtWidgets import QApplication

    def send(widget, *events):
        for kind, place in events:
            button = Qt.NoButton if kind == QEvent.MouseMove else Qt.LeftButton
            held = Qt.NoButton if kind == QEvent.MouseButtonRelease else Qt.LeftButton
            event = QMouseEvent(kind, QPointF(place), QPointF(widget.mapToGlobal(place)), button, held, Qt.NoModifier)
            QApplication.sendEvent(widget, event)

    return send


@pytest.fixture
def cell():
    from neuropil_gui.core.recording import Cell, Truth

    rng = np.random.default_rng(7)
    sources = rng.gamma(2.0, 1.0, (3, 120))
    mixing = rng.random((4, 3)) + 0.2
    return Cell("cell 1", 50 + mixing @ sources, ("ROI", "np 1", "np 2", "np 3"), (0, 50, 80), Truth(sources, mixing))


@pytest.fixture
def separation_of():
    """Make a separation of a cell whose columns and rows are all different; some may be empty."""

    from neuropil_gui.core.result import Separation
    from neuropil_gui.core.settings import SeparationSettings

    def make(cell, empty=(), method="nmf"):
        rng = np.random.default_rng(3)
        n = len(cell.traces)
        separated = rng.random((n, cell.traces.shape[1])) - (0.5 if method == "ica" else 0.0)
        mixing = rng.random((n, n)) - (0.3 if method == "ica" else 0.0)
        separated[list(empty)] = 0.0
        mixing[:, list(empty)] = 0.0
        sums = np.abs(mixing).sum(axis=0)
        scores = np.where(sums > 0, np.abs(mixing[0]) / np.where(sums > 0, sums, 1.0), 0.0)
        order = np.argsort(scores, kind="stable")[::-1].copy()
        matched = np.array([mixing[0, row] * separated[row] for row in order])
        return Separation(
            separated=separated, matched=matched, mixing=mixing, order=order, scores=scores, iterations=12,
            converged=True, n=n, seed=892, tries=1, settings=SeparationSettings(method=method), offset=0.0,
            median=1.0, warnings=(), seconds=0.1,
        )  # fmt: skip

    return make


@pytest.fixture
def runners(qapp, monkeypatch):
    """Replace the runners of tools and of the engine's parts by fakes without a thread; return those made since."""
    from PyQt5.QtCore import QObject, pyqtSignal

    import neuropil_gui.engine.background
    import neuropil_gui.engine.loader
    import neuropil_gui.engine.prefetch
    import neuropil_gui.engine.tool
    import neuropil_gui.features.compare.tool
    import neuropil_gui.features.field.editing
    import neuropil_gui.features.field.following
    import neuropil_gui.features.field.frames
    import neuropil_gui.features.field.roi_changes
    import neuropil_gui.features.trust.spike_requests

    made = []

    class FakeRunner(QObject):
        """Runner whose question waits until the test calls `answer` or `fail`; `asked` lists all questions."""

        started = pyqtSignal(object)
        reported = pyqtSignal(object, object)
        finished = pyqtSignal(object, object)
        failed = pyqtSignal(object, object)
        cancelled = pyqtSignal(object)

        def __init__(self, parent=None, subject="It"):
            super().__init__(parent)
            self.subject, self.asked, self.work, self.question, self.busy = subject, [], None, None, False
            made.append(self)

        def submit(self, work, question=None):
            self.asked.append(question)
            self.work, self.question, self.busy = work, question, True
            self.started.emit(question)

        def drop(self):
            self.work, self.question, self.busy = None, None, False

        def cancel(self):
            question, busy = self.question, self.busy
            self.drop()
            if busy:
                self.cancelled.emit(question)

        def answer(self, answer):
            question = self.question
            self.drop()
            self.finished.emit(question, answer)

        def fail(self, error):
            question = self.question
            self.drop()
            self.failed.emit(question, error)

        def compute(self):
            """Return the answer of the work, computed in this thread."""
            return self.work(lambda report: None, lambda: False)

    for module in (
        neuropil_gui.engine.background, neuropil_gui.engine.loader, neuropil_gui.engine.prefetch,
        neuropil_gui.engine.tool, neuropil_gui.features.compare.tool, neuropil_gui.features.field.frames,
        neuropil_gui.features.field.roi_changes, neuropil_gui.features.field.editing,
        neuropil_gui.features.field.following, neuropil_gui.features.trust.spike_requests,
    ):  # fmt: skip
        monkeypatch.setattr(module, "Runner", FakeRunner)
    return made


@pytest.fixture
def parent(qtbot):
    """Return a widget in place of the main window."""
    from PyQt5.QtWidgets import QWidget

    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


@pytest.fixture
def session_of(qapp):
    """Make a session on a recording of these cells, the first of them selected and read."""
    from neuropil_gui.core.recording import Recording
    from neuropil_gui.state.session import Session

    def make(*cells, frame_rate=20.0):
        session = Session()
        session.set_recording(Recording("recording", None, frame_rate, cells))
        session.set_cell(cells[0])
        return session

    return make
