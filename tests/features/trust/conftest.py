"""A fake of the Trust view, whose pages and methods are mocks."""

from unittest.mock import MagicMock

import pytest
from PyQt5.QtCore import QObject, pyqtSignal
from PyQt5.QtWidgets import QWidget

from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.features.trust.events_page import EventsPage
from neuropil_gui.features.trust.indicators_page import IndicatorsPage
from neuropil_gui.features.trust.parts_page import PartsPage
from neuropil_gui.features.trust.spike_in_page import SpikeInPage
from neuropil_gui.features.trust.spikes_page import SpikesPage
from neuropil_gui.features.trust.stability_page import StabilityPage
from neuropil_gui.features.trust.trials_page import TrialsPage
from neuropil_gui.ui.widgets.work_row import WorkRow


class FakeRow(QObject):
    cancel_requested = pyqtSignal()
    run_requested = pyqtSignal()

    def __init__(self):
        super().__init__()
        mock = MagicMock(spec=WorkRow)
        self.show_work, self.show_rest = mock.show_work, mock.show_rest


class FakeTrustView(QWidget):
    page_changed = pyqtSignal()

    def __init__(self):
        super().__init__()
        self.row, self.page = FakeRow(), "parts"
        self.stability = MagicMock(spec=StabilityPage, asks=("seeds", 5))
        self.parts = MagicMock(spec=PartsPage, off=frozenset())
        self.indicators = MagicMock(spec=IndicatorsPage)
        self.trials = MagicMock(spec=TrialsPage, same_effect=MagicMock())
        self.trials.same_effect.isChecked.return_value = False
        self.events = MagicMock(spec=EventsPage, asks=("gcamp6s", 3.0), infers=False)
        self.spike_in = MagicMock(spec=SpikeInPage, form=MagicMock(test=SpikeInTest(repeats=3), also=()))
        self.spikes = MagicMock(spec=SpikesPage, spikes=None, window_seconds=0.5, also_by=MagicMock(keys=()))
        self.spikes.open_requested = self.spikes.remove_requested = MagicMock()
        self.pages = {
            "stability": self.stability, "parts": self.parts, "indicators": self.indicators, "trials": self.trials,
            "spike_in": self.spike_in, "events": self.events, "spikes": self.spikes,
        }  # fmt: skip

    def turn_to(self, page):
        """Show another page, as a click on its tab does."""
        self.page = page
        self.page_changed.emit()


@pytest.fixture
def fake_view(qapp):
    """Make a fake of the view, with the page "Where the light went" visible."""
    return FakeTrustView
