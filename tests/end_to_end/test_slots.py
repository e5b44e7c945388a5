"""An exception in any slot, handler or job: reported once, in the log, and the window goes on.

Which slots there are is not written here: they are found by introspection. Each is reached through the very signal
that it is connected to, as Qt lists it (`QObject.dumpObjectInfo`); one that nothing in the window is connected to,
such as a dialog's, through a signal made for it.
"""

import contextlib
import faulthandler
import gc
import importlib
import inspect
import pkgutil
import re
import sys
import threading
from functools import partial
from types import CodeType, FunctionType

import numpy as np
import pytest
from PyQt5 import sip
from PyQt5.QtCore import (
    QCoreApplication,
    QEvent,
    QItemSelection,
    QModelIndex,
    QObject,
    QPoint,
    QPointF,
    QRectF,
    Qt,
    QTimer,
    QUrl,
    pyqtSignal,
    qInstallMessageHandler,
)
from PyQt5.QtWidgets import QAction, QApplication, QTabWidget

import neuropil_gui
from neuropil_gui.engine import batch, jobs
from neuropil_gui.engine.runner import Runner, Work
from neuropil_gui.features.compare import jobs as compare_jobs
from neuropil_gui.features.sweep import jobs as sweep_jobs
from neuropil_gui.features.trust import questions
from neuropil_gui.ui import dialogs
from neuropil_gui.window.action_table import ACTIONS
from neuropil_gui.window.crash_reporter import MOST_DIALOGS, CrashReporter, log, log_path
from neuropil_gui.window.pages import TOOLS

pytestmark = pytest.mark.any_version

PLANTED = "planted by a test"

NOT_PLANTED = ("neuropil_gui.window.crash_reporter.", "neuropil_gui.cli.screenshot.", "neuropil_gui.__main__.")
"""The reporter of errors cannot report its own; the others are parts of the command line, not of the window."""

HANDLING = r"neuropil_gui\.(window|features|panels|ui|engine|state)\.(?!.*\b(runner|jobs|questions|action_table)$)"
"""Modules with slots and handlers: those of Qt, but for what threads run and for plain values."""

WITHOUT_QT = tuple(f"neuropil_gui.{room}." for room in ("core", "imaging", "formats", "drawing", "figures"))
"""Rooms that do not import Qt, as lint-imports checks; the last of them imports matplotlib, which takes seconds."""


def modules():
    names = [each.name for each in pkgutil.walk_packages(neuropil_gui.__path__, "neuropil_gui.")]
    return [importlib.import_module(name) for name in names if not f"{name}.".startswith((*NOT_PLANTED, *WITHOUT_QT))]


def classes():
    """The classes of the package that Qt can send signals to."""
    for module in modules():
        for _, cls in sorted(vars(module).items()):
            if isinstance(cls, type) and issubclass(cls, QObject) and cls.__module__ == module.__name__:
                yield cls


def slots_of(cls):
    return {name: function for name, function in vars(cls).items() if hasattr(function, "__pyqtSignature__")}


# A slot of the thread's own is reached by the tests of jobs below.
CLASSES = [cls for cls in classes() if slots_of(cls) and cls.__module__ != "neuropil_gui.engine.runner"]


def handlers():
    """All that a signal or an action of the window can come upon first: slots, methods and functions."""
    for module in modules():
        if not re.match(HANDLING, module.__name__):
            continue
        for name, value in vars(module).items():
            if getattr(value, "__module__", "") != module.__name__:
                continue
            # Those two only make and pass on handlers.
            if isinstance(value, FunctionType) and name not in ("_call", "_choose"):
                yield f"{module.__name__}.{name}", value
            if isinstance(value, type):
                for each, function in vars(value).items():
                    # camelCase: what Qt calls by itself, not through a signal.
                    if isinstance(function, FunctionType) and each == each.lower() and not each.startswith("__"):
                        yield f"{value.__name__}.{each}", function


def _raise(*arguments, **names):
    raise RuntimeError("planted by a test")


def _raise_in_closure():
    __class__ = None

    def inner(*arguments, **names):
        raise RuntimeError("planted by a test", __class__)

    return inner


def raising(function: FunctionType, name: str) -> CodeType:
    """Return code that raises in the place of `function`'s, so that what is connected already raises too."""
    code = (_raise_in_closure() if function.__code__.co_freevars else _raise).__code__
    return code.replace(co_name=name, co_freevars=function.__code__.co_freevars)


class Planted:
    """While it is entered, every handler raises at once, and so none is reached with arguments made up here."""

    def __init__(self):
        self._code = {function: (function.__code__, raising(function, name)) for name, function in handlers()}

    def __enter__(self):
        for function, (_, code) in self._code.items():
            function.__code__ = code

    def __exit__(self, *_):
        for function, (code, _) in self._code.items():
            function.__code__ = code


class Crashes:
    """Texts of the exceptions that came to the hook, and the dialogs that it made."""

    def __init__(self, reporter):
        self.texts = []
        reporter.crashed.connect(self.texts.append)

    def of(self, name):
        return [text for text in self.texts if f"in {name}\n" in text]

    def are_shown(self):
        """Whether there is a dialog for each, or as many as the reporter opens at once."""
        return len(self.dialogs()) == min(len(set(self.texts)), MOST_DIALOGS)

    @staticmethod
    def dialogs():
        shown = QApplication.topLevelWidgets()
        return [each for each in shown if each.objectName() == "crash_dialog" and each.isVisible()]


@contextlib.contextmanager
def crash_log(folder):
    """The program's own reporter in place of pytest-qt's, with a log in `folder`; Qt's warnings still fail the test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(folder))
        for module in (sys, threading):
            patch.setattr(module, "excepthook", module.excepthook)
        before = list(log.handlers)
        listener = qInstallMessageHandler(None)
        reporter = CrashReporter()
        reporter.install()
        qInstallMessageHandler(listener)
        try:
            yield Crashes(reporter)
        finally:
            for dialog in Crashes.dialogs():
                dialog.close()
            faulthandler.enable(sys.__stderr__)
            for handler in set(log.handlers) - set(before):
                log.removeHandler(handler)
                handler.close()


@pytest.fixture
def crashes(qtbot, tmp_path):
    with crash_log(tmp_path / "crashes") as crashes:
        yield crashes


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.npy"
    rng = np.random.default_rng(5)
    np.save(path, rng.gamma(2.0, 1.0, (3, 3, 60)) + 1)
    return path


@pytest.fixture
def check_alive(qtbot, window, small):
    """Whatever happened: a recording still opens and is separated, and a setting still makes another result."""

    def check_alive(crashes):
        for dialog in crashes.dialogs():
            dialog.close()
        count = len(crashes.texts)
        with qtbot.waitSignal(window.session.recording_changed, timeout=10_000):
            window.open_path(small)
        window.session.set_live(True)
        qtbot.waitUntil(lambda: window.session.up_to_date and not window.controller.working, timeout=20_000)
        assert window.isVisible()
        assert crashes.texts[count:] == []

    return check_alive


def written():
    for handler in log.handlers:
        handler.flush()
    return log_path().read_text()


# Who is connected to whom

ARGUMENTS = {
    "bool": False, "int": 0, "double": 0.0, "float": 0.0, "QString": "", "PyQt_PyObject": None,
    "QModelIndex": QModelIndex(), "QPointF": QPointF(), "QPoint": QPoint(), "QUrl": QUrl(), "QRectF": QRectF(),
    "QItemSelection": QItemSelection(), "QVector<int>": [], "Qt::Orientation": Qt.Orientation.Horizontal,
    "Qt::SortOrder": Qt.SortOrder.AscendingOrder,
}  # fmt: skip


def arguments(types):
    return [None if each.endswith("*") else ARGUMENTS[each] for each in types]


def split(signature):
    name, _, rest = signature.partition("(")
    return name, [each for each in rest.rstrip(")").split(",") if each]


def living():
    """Return all objects of Qt that Python knows and that exist."""
    # By their type: a mock of another test calls itself an instance of what it stands for.
    return [each for each in gc.get_objects() if issubclass(type(each), QObject) and not sip.isdeleted(each)]


def connections(senders):
    """Return (class of the receiver, slot) -> [(sender, signal)], from Qt's own account."""
    found = {}
    lines = []
    listener = qInstallMessageHandler(lambda kind, context, message: lines.append(message.strip()))
    try:
        for sender in senders:
            lines.clear()
            sender.dumpObjectInfo()
            signal = ""
            for line in lines:
                if line == "SIGNALS IN":
                    break
                if line.startswith("signal: "):
                    signal = line.removeprefix("signal: ")
                elif match := re.match(r"--> (\w+)::.* (\w+)\(", line):
                    found.setdefault(match.groups(), []).append((sender, signal))
    finally:
        qInstallMessageHandler(listener)
    return found


def emit(sender, signal):
    """Emit it with whatever fits; what it brings does not matter to what raises at once."""
    name, types = split(signal)
    bound = getattr(sender, name)
    with contextlib.suppress(KeyError, TypeError):  # where it has one signature only
        bound = bound[signal]
    bound.emit(*arguments(types))


def bare(cls):
    """Return an instance whose own __init__ was never called, for what only a dialog would make."""
    instance = cls.__new__(cls)
    base = next(each for each in cls.__mro__ if not each.__module__.startswith("neuropil_gui"))
    base.__init__(instance)
    return instance


def emit_a_signal_made_for(instance, name):
    meta = instance.metaObject()
    methods = [meta.method(index) for index in range(meta.methodCount())]
    method = next(each for each in methods if bytes(each.name()).decode() == name)
    types = [bytes(each).decode() for each in method.parameterTypes()]
    probe = type("Probe", (QObject,), {"fired": pyqtSignal(*types)})()
    probe.fired.connect(getattr(instance, name))
    probe.fired.emit(*arguments(types))


def reach(cls, name, objects, wired):
    """Raise in one slot; returns whether it was through the signal that it is really connected to."""
    # A subclass that has a slot of its own by that name does not reach this one.
    heirs = [each for each in (cls, *descendants(cls)) if getattr(each, name) is vars(cls)[name]]
    senders = [
        sender for (receiver, slot), sender in wired.items()
        if slot == name and any(receiver == each.__name__ for each in heirs)
    ]  # fmt: skip
    for sender, signal in (each for some in senders for each in some):
        if sip.isdeleted(sender):
            continue
        try:
            emit(sender, signal)
        except (KeyError, TypeError, AttributeError):
            continue  # one of Qt's private signals
        return True
    instances = (each for each in objects if type(each) in heirs and not sip.isdeleted(each))
    emit_a_signal_made_for(next(instances, None) or bare(cls), name)
    return False


def descendants(cls):
    for each in cls.__subclasses__():
        yield each
        yield from descendants(each)


@pytest.fixture
def wait_until_idle(qtbot, window):
    """Wait until nothing is under way that could raise by itself."""

    def wait_until_idle():
        timers = [each for tool in window.pages.made.values() for each in tool.findChildren(QTimer)]
        runners = window.findChildren(Runner)
        busy = [
            *(each.isActive for each in timers),
            *(lambda each=each: each.busy or not each.idle for each in runners),
        ]
        qtbot.waitUntil(lambda: not any(each() for each in busy), timeout=60_000)

    return wait_until_idle


@pytest.fixture
def everything(window, open_and_wait, small, wait_until_idle):
    """Open a recording and the pages."""
    open_and_wait(small)
    for name in TOOLS:
        window.pages.open(name)
    wait_until_idle()
    return window


def close_tools(window):
    for tool in window.pages.made.values():
        tool.page.close()


def chunks(sequence, count):
    return [sequence[at : at + count] for at in range(0, len(sequence), count)]


@contextlib.contextmanager
def named(name):
    """Have an error say of what it is."""
    try:
        yield
    except Exception as error:
        error.add_note(f"This is of {name}.")
        raise


def test_each_slot_may_raise(qtbot, everything, wait_until_idle, small, check_alive, tmp_path):
    objects = living()
    wired, planted, by_its_own = connections(objects), Planted(), {}
    close_tools(everything)  # an open one would begin anew with each recording
    for together in chunks(CLASSES, 16):
        with named(", ".join(cls.__name__ for cls in together)), crash_log(tmp_path / together[0].__name__) as crashes:
            wait_until_idle()
            for cls, name in [(each, name) for each in together for name in slots_of(each)]:
                slot = f"{cls.__name__}.{name}"
                with planted:
                    for turn in (1, 2):
                        by_its_own[slot] = reach(cls, name, objects, wired)
                        QCoreApplication.sendPostedEvents(None, QEvent.MetaCall)  # calls that are queued
                        assert len(crashes.of(slot)) >= turn, f"{slot} was not reached"
                qtbot.waitUntil(crashes.are_shown)
                assert written().count(f"in {slot}\n") == len(crashes.of(slot)), slot
            check_alive(crashes)
    others = [slot for slot, own in by_its_own.items() if not own]
    print(f"{len(by_its_own)} slots; not through a signal that the window connects: {', '.join(others)}")
    assert len(others) < 0.25 * len(by_its_own), "only those of dialogs that are not open should be"


def test_each_action_may_raise(qtbot, window, crashes, open_and_wait, small, check_alive):
    open_and_wait(small)
    qtbot.waitUntil(lambda: not window.controller.working)
    planted = Planted()
    names = {spec.name for spec in ACTIONS if spec.name != "quit"}  # that one is Qt's own close
    for action in window.findChildren(QAction):
        if action.objectName() not in names and not re.match("(demo|recent|export_plot)_", action.objectName()):
            continue
        for _ in range(2):
            count = len(crashes.texts)
            with planted:
                (action.toggled if action.isCheckable() else action.triggered).emit(False)
            assert len(crashes.texts) == count + 1, action.objectName()
        names.discard(action.objectName())
        qtbot.waitUntil(crashes.are_shown)
    assert not names, "these actions were not found"
    assert written().count(PLANTED) >= len(crashes.texts)
    check_alive(crashes)


# In threads


def drawn(window):
    return any(curve.series is not None for curve in window.traces.raw.curves if curve.isVisible())


JOBS = {
    name: module
    for module in (jobs, batch, compare_jobs, sweep_jobs)
    for name, function in vars(module).items()
    if inspect.isfunction(function)
    and function.__module__ == module.__name__
    and function.__annotations__.get("return") is Work
}

QUESTIONS = {cls.__name__: cls for cls in questions.TrustQuestion.__subclasses__()}
"""Their work is a method, and no function of a module."""


def separate_a_rival(window):
    window.findChild(QAction, "compare").trigger()
    window.pages.open("compare")
    window.pages.made["compare"].view.list.word("nmf").click()


def gesture(window, name, small):
    """Return what a user does that asks for this job, None where this test does not know."""
    known = {
        "load": partial(window.open_path, small),
        "inquire": partial(window.open_path, small),
        "preview": partial(window.open_path, small, ask=True),
        "read_cell": partial(window.session.select, 1),
        "separate": window.controller.run,
        "export": window.findChild(QAction, "export").trigger,
        "export_all": window.findChild(QAction, "export_all").trigger,
        "separate_many": window.controller.separate_all,
        "export_table": partial(window.controller.export_table, small.with_name("table.csv"), ["run"], [{"run": 1}]),
        "warm_up": window.controller.warm_up,
        "StabilityQuestion": partial(doubt, window, 0),
        "PartsQuestion": partial(doubt, window, 1),
        "JudgementQuestion": partial(doubt, window, 2),
        "SpikeInQuestion": partial(doubt, window, 4),
        "EventsQuestion": partial(doubt, window, 5),
        "candidate": window.findChild(QAction, "compare").trigger,
        "compare": window.findChild(QAction, "compare").trigger,
        "separate_rival": partial(separate_a_rival, window),
        "sweep": partial(sweep, window, 0),
        "hold_out": partial(sweep, window, 2),
        "subtract": partial(window.traces.matched.subtraction_wanted.emit, window.session.cell, 0.7),
    }
    return known.get(name)


def sweep(window, page):
    """Turn to a page of the sweep."""
    window.findChild(QAction, "sweep").trigger()
    window.findChild(QTabWidget, "sweep_tabs").setCurrentIndex(page)


def doubt(window, page):
    """Turn to a page of the window on trust."""
    window.findChild(QAction, "trust").trigger()
    window.findChild(QTabWidget, "trust_tabs").setCurrentIndex(page)


ERRORS = [
    *((name, RuntimeError) for name in (*JOBS, *QUESTIONS)),
    *(("separate", each) for each in (KeyError, RecursionError, SystemExit)),
]


@pytest.mark.parametrize("errors", chunks(ERRORS, 8), ids=lambda errors: f"{errors[0][0]} to {errors[-1][0]}")
def test_each_job_may_raise(
    qtbot, window, open_and_wait, wait_until_idle, small, check_alive, monkeypatch, tmp_path, errors
):
    monkeypatch.setattr(dialogs, "ask_save", lambda *_: tmp_path / "out.npz")
    open_and_wait(small)
    for name, error in errors:
        wait_until_idle()
        qtbot.waitUntil(lambda: drawn(window))
        with named(name), crash_log(tmp_path / f"{name}-{error.__name__}") as crashes:
            fail_in_job(qtbot, window, small, crashes, name, error)
            close_tools(window)
            check_alive(crashes)


def fail_in_job(qtbot, window, small, crashes, name, error):
    threads = []

    def work(report, should_stop):
        threads.append(threading.get_ident())
        raise error(PLANTED)

    shown = window.session.recording
    with pytest.MonkeyPatch.context() as patch:
        if name in QUESTIONS:
            patch.setattr(QUESTIONS[name], "work", lambda self, *arguments, **_: work(*arguments))
        else:
            patch.setattr(JOBS[name], name, lambda *_, **__: work)
        if (act := gesture(window, name, small)) is not None:
            act()
        else:
            window.findChild(Runner).submit(work, 0)
        qtbot.waitUntil(lambda: len(crashes.texts) >= 1 and not window.controller.working, timeout=10_000)
        assert len(crashes.dialogs()) == 1
        assert threading.get_ident() not in threads
        assert window.session.recording is shown
        if name == "read_cell":
            # Another cell's traces would be taken for those of the one that is selected.
            assert window.session.cell is None
            # The error may be reported before the reader's own report arrives.
            qtbot.waitUntil(lambda: not drawn(window))
            assert not window.findChild(QAction, "run").isEnabled()
    assert PLANTED in written()


def test_a_python_thread_and_a_thread_of_qt_may_raise_at_once(
    qtbot, window, crashes, open_and_wait, wait_until_idle, small, check_alive
):
    open_and_wait(small)
    wait_until_idle()
    runners, began = window.findChildren(Runner), []

    def fail():
        raise RuntimeError(PLANTED)

    def submit_left():
        """Submit to each runner what has not begun there: a question of the window may have taken its place."""
        for runner in runners:
            if runner not in began and runner.question is not PLANTED:
                runner.submit(lambda report, should_stop, runner=runner: (began.append(runner), fail()), PLANTED)
        return len(began) == len(runners)

    threads = [threading.Thread(target=fail) for _ in range(8)]
    for thread in threads:
        thread.start()
    submit_left()
    for thread in threads:
        thread.join()
    qtbot.waitUntil(submit_left)
    qtbot.waitUntil(lambda: len(crashes.texts) == 8 + len(runners))
    assert crashes.are_shown()
    check_alive(crashes)


def test_no_array_is_kept_by_a_reported_error(qtbot, window, crashes):
    """The text only: a traceback would keep the arrays of all its frames."""
    import weakref

    class Large:
        pass

    def fail():
        large = Large()
        kept.append(weakref.ref(large))
        raise RuntimeError(PLANTED)

    kept = []
    probe = type("Probe", (QObject,), {"fired": pyqtSignal()})()
    probe.fired.connect(fail)
    probe.fired.emit()
    qtbot.waitUntil(lambda: len(crashes.dialogs()) == 1)
    gc.collect()
    assert kept[0]() is None
