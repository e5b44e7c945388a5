"""Values to draw, and the light theme to start with."""

from collections.abc import Callable

import numpy as np
import pytest
from PyQt5.QtCore import QEvent, QPoint, QPointF, Qt
from PyQt5.QtGui import QMouseEvent
from PyQt5.QtWidgets import QApplication, QWidget

from neuropil_gui.core.recording import Cell, Truth
from neuropil_gui.core.separation import Separation
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.views import style


@pytest.fixture(autouse=True)
def light_theme(qapp: QApplication):
    style.apply_theme(qapp, "light")
    yield
    style.apply_theme(qapp, "light")


@pytest.fixture
def mouse():
    """Send mouse events as Qt does; QTest's moves carry no button, and its double click one press too many."""

    def send(widget: QWidget, *events: tuple[QEvent.Type, QPoint]) -> None:
        for kind, place in events:
            button = Qt.NoButton if kind == QEvent.MouseMove else Qt.LeftButton
            held = Qt.NoButton if kind == QEvent.MouseButtonRelease else Qt.LeftButton
            event = QMouseEvent(kind, QPointF(place), QPointF(widget.mapToGlobal(place)), button, held, Qt.NoModifier)
            QApplication.sendEvent(widget, event)

    return send


@pytest.fixture
def cell() -> Cell:
    rng = np.random.default_rng(7)
    sources = rng.gamma(2.0, 1.0, (3, 120))
    mixing = rng.random((4, 3)) + 0.2
    return Cell("cell 1", 50 + mixing @ sources, ("ROI", "np 1", "np 2", "np 3"), (0, 50, 80), Truth(sources, mixing))


@pytest.fixture
def separation_of() -> Callable[..., Separation]:
    """Make a separation of a cell whose columns and rows are all different; some may be empty."""

    def make(cell: Cell, empty: tuple[int, ...] = (), method: str = "nmf") -> Separation:
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
