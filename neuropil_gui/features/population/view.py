"""Population view: four pages on all cells, and a progress row."""

from PyQt5.QtCore import pyqtSignal
from PyQt5.QtWidgets import QTabWidget, QWidget

from neuropil_gui.features.population.before_page import BeforePage
from neuropil_gui.features.population.correlation_page import CorrelationPage
from neuropil_gui.features.population.setting_page import SettingPage
from neuropil_gui.features.population.spike_ins_page import SpikeInsPage
from neuropil_gui.ui.widgets.layouts import stack
from neuropil_gui.ui.widgets.page import Page
from neuropil_gui.ui.widgets.work_row import WorkRow

HELP = """<b>Population</b><p>All cells of the recording at a glance.</p>
<p><b>One setting for all</b>: a row for each cell, a column for each value of alpha (or n, or the method), coloured
by a number of the result. Grey cells have collapsed: nothing was separated in them; a line marks from which value on. A
circle marks a result that is unstable (the best match is another at the next value, or by the other method: r below
0.9), a triangle one that has not converged.</p>
<p>Below, how many cells that are at each value. The shaded range has none (or, where no value has none, 1 % of the
cells at most), and the sentence gives the reasons; it does not say which value in the range is best. A click selects a
cell; a double click, or a click among the counts, takes the value for the recording. With the keyboard: arrows, Space
for the cell, Enter for the value.</p>
<p><b>Before and after</b>: numbers of the raw ROI, of F &minus; 0.7 Fneu and of the best match, a point for each cell.
Rest the pointer on one to see the same cell in all, and in the table of cells.</p>
<p><b>Correlations</b>: Pearson's r of each pair of cells, because shared neuropil makes cells seem correlated. All
matrices have one order and one range of colours. A mean that falls shows that something common was taken out; below 0
it may have been too much.</p>
<p><b>Spike-in</b>: transients are added to each cell's recording, and it is separated again. Gain is how much comes
back of light added as the cell's, leak how much of light added to the regions alone. Gain and leak of each cell are
columns of the table of cells, too, and of its filter: <i>gain &lt; 0.7</i>.</p>"""

TITLES = {
    "setting": "One setting for all",
    "before": "Before and after",
    "correlation": "Correlations",
    "spike_in": "Spike-in",
}


class PopulationView(QWidget):
    """The pages with a progress row below.

    Signals: `page_changed`.
    """

    page_changed = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        self.setting, self.before, self.correlation = SettingPage(), BeforePage(), CorrelationPage()
        self.spike_in = SpikeInsPage()
        self.pages: dict[str, Page] = {
            "setting": self.setting, "before": self.before, "correlation": self.correlation,
            "spike_in": self.spike_in,
        }  # fmt: skip
        self.tabs = QTabWidget()
        self.tabs.setObjectName("population_tabs")
        self.tabs.setAccessibleName("Views of all cells")
        self.tabs.setDocumentMode(True)
        if (bar := self.tabs.tabBar()) is not None:
            bar.setDrawBase(False)
        for name, page in self.pages.items():
            self.tabs.addTab(page, TITLES[name])
        self.row = WorkRow("population")
        stack(self, (self.tabs, 1), self.row)
        self.tabs.currentChanged.connect(self.page_changed)

    @property
    def page(self) -> str:
        """Name of the visible page."""
        return list(self.pages)[self.tabs.currentIndex()]
