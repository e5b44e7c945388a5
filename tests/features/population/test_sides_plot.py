"""Plots of numbers before and after, in a narrow page."""

import pytest
from PyQt5.QtGui import QPainter, QPicture

from neuropil_gui.core.analysis.before_after import SIDES, CellSides
from neuropil_gui.features.population.sides_plot import SHORT, SidesPlot
from neuropil_gui.ui import sizes

pytestmark = pytest.mark.any_version


@pytest.fixture
def scaled(qapp):
    """Set the size of text as projector mode does, and end the test in the usual one."""
    yield sizes.set_scale
    sizes.set_scale(1.0)


def drawn(axis):
    """Return the texts that the axis draws."""
    painter = QPainter(picture := QPicture())
    texts = [text for _, _, text in axis.generateDrawSpecs(painter)[2]]
    painter.end()
    assert not picture.isNull() or not texts
    return texts


@pytest.mark.parametrize(("width", "height", "letters"), [(950, 430, 13), (1130, 600, 19)], ids=["720", "1000"])
def test_all_sides_are_named_below_each_plot_in_projector_mode(qtbot, scaled, width, height, letters):
    scaled(letters / 13, 2.0, letters)
    plot = SidesPlot()
    qtbot.addWidget(plot)
    plot.resize(width, height)
    with qtbot.waitExposed(plot):
        plot.show()
    numbers = {"r_neuropil": 0.1, "skewness": 1.0, "noise": 0.3, "snr": 0.98, "kept": 0.6}
    plot.show_cells(
        [CellSides(k, {side: {key: v + k for key, v in numbers.items()} for side in SIDES}) for k in (0, 1)]
    )
    for name, each in plot.plots.items():
        qtbot.waitUntil(lambda each=each: drawn(each.getAxis("bottom")) == list(SHORT.values()))
        assert each.titleLabel.item.boundingRect().width() <= each.boundingRect().width(), name
