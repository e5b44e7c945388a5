"""Trust view: seven pages on how far a result can be trusted, and a progress row."""

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QTabWidget, QWidget

from neuropil_gui.features.trust.events_page import EventsPage
from neuropil_gui.features.trust.indicators_page import IndicatorsPage
from neuropil_gui.features.trust.parts_page import PartsPage
from neuropil_gui.features.trust.spike_in_page import SpikeInPage
from neuropil_gui.features.trust.spikes_page import SpikesPage
from neuropil_gui.features.trust.stability_page import StabilityPage
from neuropil_gui.features.trust.trials_page import TrialsPage
from neuropil_gui.ui.widgets.layouts import stack
from neuropil_gui.ui.widgets.page import Page
from neuropil_gui.ui.widgets.work_row import WorkRow

HELP = """<b>Trust</b><p>Seven checks of the current result of the selected cell. Each follows it; nothing here
changes it.</p>
<p><b>Stability</b>: would another start, other trials or one region less give another trace?</p>
<p><b>Where the light went</b>: how much of the ROI's light each component explains, and what is left.</p>
<p><b>Indicators</b>: numbers that need no truth, and when each of them misleads.</p>
<p><b>Trials</b>: all trials separated jointly, beside each alone.</p>
<p><b>Spike-in</b>: what comes back of known transients that are added to the recording?</p>
<p><b>Events</b>: which transients were kept, shrunk or removed, and which component took each.</p>
<p><b>Spikes</b>: how well does each trace tell the spikes that an electrode recorded at the same time?</p>
<p>What takes long can be cancelled below, and stops when the page or the window is left.</p>"""

TITLES = {
    "stability": "Stability",
    "parts": "Where the light went",
    "indicators": "Indicators",
    "trials": "Trials",
    "spike_in": "Spike-in",
    "events": "Events",
    "spikes": "Spikes",
}


class _Tabs(QTabWidget):
    """Tabs that take the height that is there.

    A wrapped sentence on a page would give all pages a height for their width, that of their plots at their largest.
    """

    def hasHeightForWidth(self) -> bool:
        """Return that they have none."""
        return False


class TrustView(QWidget):
    """The seven pages with a progress row below.

    Signals: `page_changed`.
    """

    page_changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.stability, self.parts = StabilityPage(), PartsPage()
        self.indicators, self.trials, self.spike_in = IndicatorsPage(), TrialsPage(), SpikeInPage()
        self.events, self.spikes = EventsPage(), SpikesPage()
        self.pages: dict[str, Page] = {
            "stability": self.stability, "parts": self.parts, "indicators": self.indicators, "trials": self.trials,
            "spike_in": self.spike_in, "events": self.events, "spikes": self.spikes,
        }  # fmt: skip
        self.tabs = _Tabs()
        self.tabs.setObjectName("trust_tabs")
        self.tabs.setAccessibleName("Checks of a result")
        self.tabs.setDocumentMode(True)
        bar = self.tabs.tabBar()
        if bar is not None:
            bar.setDrawBase(False)
        for name, page in self.pages.items():
            self.tabs.addTab(page, TITLES[name])
        self.row = WorkRow("trust")
        stack(self, (self.tabs, 1), self.row)
        self.tabs.currentChanged.connect(self.page_changed)

    @property
    def page(self) -> str:
        """Name of the visible page."""
        return list(self.pages)[self.tabs.currentIndex()]
