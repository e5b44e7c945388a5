"""Makes the pictures of the guide and of the README: ``python tests/make_pictures.py [NAME ...]``.

The program's own window draws them, without a display: those of the guide from the demos, in light
and dark (``-dark``), and ``resources/pictures/window.png`` from FISSA's example where the tests' real
recordings are. The guide's tables of keys, of the filter's columns and of the public names are written from
the program too. With names only those are made again (``real``: the README's, ``tables``). Times in the pictures
depend on the machine.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

# Before Qt is imported: no display, and three pixels for two, so that words stay sharp on good screens.
os.environ |= {"QT_QPA_PLATFORM": "offscreen", "QT_FONT_DPI": "96", "QT_SCALE_FACTOR": "1.5"}

import numpy as np
import pyqtgraph as pg
from PyQt5.QtCore import QEventLoop, QPoint, QRect, QRectF, Qt, QTimer
from PyQt5.QtGui import QColor, QImage, QPainter, QPixmap
from PyQt5.QtWidgets import QAction, QApplication, QDockWidget, QPushButton, QTabWidget, QToolButton, QWidget

import neuropil_gui
from neuropil_gui.core.analysis.numbers import NUMBERS
from neuropil_gui.core.exercises import Exercise, Grade
from neuropil_gui.core.lessons import BASE, Choice, Situation, Step
from neuropil_gui.core.movie_simulation import MovieSimulation, simulate_movie
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.runner import Runner
from neuropil_gui.features.figures import figure_spec
from neuropil_gui.features.sweep.held_out_page import HeldOutPage
from neuropil_gui.formats.registry import write_recording
from neuropil_gui.formats.simulated_movie import write_simulated_movie
from neuropil_gui.panels.cells.cell_filter import FILTER_COLUMNS
from neuropil_gui.panels.cells.cell_list import CellList
from neuropil_gui.panels.convergence_plot import ConvergencePlot
from neuropil_gui.panels.numbers_table import number_text
from neuropil_gui.panels.traces.trace_view import TraceView
from neuropil_gui.state.own_settings import CellSettings
from neuropil_gui.state.preferences import Preferences
from neuropil_gui.ui import style
from neuropil_gui.ui.tool_page import ToolPage
from neuropil_gui.window.action_table import key_list
from neuropil_gui.window.main_window import MainWindow

ROOT = Path(__file__).resolve().parent.parent
PICTURES, GUIDE = ROOT / "resources" / "pictures", ROOT / "resources" / "guide"
REAL_DATA = Path(os.environ.get("NEUROPIL_GUI_TEST_DATA", ROOT.parent / "shared" / "data"))
SCALE = 1.5
SIZE = 1280, 800
LARGEST = 200_000
FINEST = 256
PATIENCE = 60_000

Shot = Callable[["Stage"], "QPixmap | QImage"]
SHOTS: dict[str, Shot] = {}


def shot(function: Shot) -> Shot:
    """Register a picture of the guide by the function's name."""
    SHOTS[function.__name__.replace("_", "-")] = function
    return function


class Stage:
    """A window to be photographed."""

    def __init__(self) -> None:
        # A picture is the same whatever the user has chosen.
        self.window = MainWindow(Preferences())
        self.window.setFixedSize(*SIZE)
        self.window.show()
        self.settle()

    def close(self) -> None:
        self.window.close()
        self.window.deleteLater()
        self.settle()

    def settle(self, milliseconds: int = 120) -> None:
        """Let what has changed be laid out and drawn."""
        loop = QEventLoop()
        QTimer.singleShot(milliseconds, loop.quit)
        loop.exec_()

    def wait(self, is_done: Callable[[], bool]) -> None:
        for _ in range(PATIENCE // 20):
            if is_done():
                self.settle()
                return
            self.settle(20)
        sys.exit("A picture was waited for too long.")

    def open(self, path: "str | Path", index: int = 0, **answers: str) -> None:
        session = self.window.session
        before = session.recording
        if isinstance(path, str):
            self.window.open_demo(path)
        else:
            self.window.open_path(path, ask=False, **answers)
        self.wait(lambda: session.recording is not before)
        session.select(index)
        self.wait(lambda: session.index == index and session.answered)
        self.run()

    def run(self) -> None:
        """Have FISSA's own result shown."""
        session = self.window.session
        self.window.controller.run()
        self.wait(lambda: session.result is not None and session.result.settings == session.settings)

    def set(self, **settings: object) -> None:
        session = self.window.session
        session.set_settings(SeparationSettings(**settings))
        self.run()

    def find(self, kind: type, name: str = "") -> QWidget:
        found = self.window.findChild(kind, name) if name else self.window.findChild(kind)
        assert found is not None, (kind, name)
        return found

    def resize(self, name: str, pixels: int, way: Qt.Orientation) -> None:
        """Give a dock more room, or less."""
        self.window.resizeDocks([self.find(QDockWidget, f"{name}_dock")], [pixels], way)
        self.settle()

    def grab(self, *names: str) -> QPixmap:
        """Return a picture of the docks with these names, of the traces, or of all that lies between them."""
        parts = [self.find(QWidget, f"{name}_dock") if name != "traces" else self.find(TraceView) for name in names]
        place = QRect()
        for part in parts:
            place |= QRect(part.mapTo(self.window, part.rect().topLeft()), part.size())
        self.settle()
        return self.window.grab(place)


@shot
def start(stage: Stage) -> QPixmap:
    stage.wait(lambda: not stage.window.controller.working)  # the solvers are loaded
    return stage.window.grab()


@shot
def window(stage: Stage) -> QPixmap:
    stage.open("contaminated")
    return stage.window.grab()


@shot
def traces(stage: Stage) -> QPixmap:
    stage.open("contaminated")
    stage.find(TraceView).crosshair.show_at(51)
    return stage.grab("traces")


@shot
def overview(stage: Stage) -> QPixmap:
    stage.open("contaminated")
    view = stage.find(TraceView)
    view.raw.box.setXRange(26, 40, padding=0)
    view.matched.set_shown("show_subtraction", True)
    view.fit_matched_view()
    stage.settle()
    top = view.matched.mapTo(stage.window, view.matched.rect().topLeft())
    below = view.rect().height() - view.matched.mapTo(view, view.matched.rect().topLeft()).y()
    return stage.window.grab(QRect(top.x(), top.y(), view.width(), below))


@shot
def highlight(stage: Stage) -> QPixmap:
    stage.open("contaminated")
    stage.window.session.highlight.keep_component(1)
    return stage.grab("traces", "mixing")


@shot
def matrix(stage: Stage) -> QPixmap:
    stage.open("contaminated")
    return stage.grab("mixing")


@shot
def convergence(stage: Stage) -> QPixmap:
    stage.open("contaminated")
    plot = stage.find(ConvergencePlot)
    before = stage.grab("convergence")
    plot.choose_near(120.0)
    return _stacked([("The line", before), ("An earlier iteration is shown", stage.grab("convergence"))])


@shot
def settings(stage: Stage) -> QPixmap:
    # Higher, so that nothing has to be scrolled.
    stage.window.setFixedSize(SIZE[0], 950)
    stage.open("contaminated")
    stage.resize("separation", 360, Qt.Orientation.Horizontal)
    for button in stage.window.findChildren(QToolButton):
        if button.text() == "Advanced":
            button.click()
    return stage.grab("separation")


@shot
def alpha(stage: Stage) -> QPixmap:
    stage.window.setFixedSize(SIZE[0], 720)
    stage.open("contaminated")
    pictures = []
    for value in (0.01, 0.1, 1.0, 3.0):
        stage.set(alpha=value)
        plot = stage.find(TraceView).matched
        numbers = stage.window.session.numbers
        texts = {key: number_text(NUMBERS[key], numbers) for key in ("alive", "r_truth")}
        caption = f"alpha {value:g}: {texts['alive']} components alive, r with truth {texts['r_truth']}"
        pictures.append((caption, plot.widget.grab(QRect(0, 0, plot.widget.width(), plot.widget.height() - 40))))
    return _stacked(pictures)


@shot
def warning(stage: Stage) -> QPixmap:
    stage.window.setFixedSize(SIZE[0], 1400)
    stage.open("failing")
    stage.resize("numbers", 360, Qt.Orientation.Horizontal)
    stage.resize("numbers", 900, Qt.Orientation.Vertical)
    return stage.grab("numbers")


@shot
def cells(stage: Stage) -> QPixmap:
    stage.open("correlated")
    stage.window.controller.separate_all()
    stage.wait(lambda: len(stage.window.session.outcomes()) == 4 and not stage.window.controller.working)
    stage.resize("cells", 360, Qt.Orientation.Horizontal)
    stage.resize("cells", 250, Qt.Orientation.Vertical)
    every = stage.grab("cells")
    stage.find(CellList).filter.setText("r_neuropil > 0.5 and converged")
    return _stacked([("All cells separated", every), ("Filtered", stage.grab("cells"))])


@shot
def marks(stage: Stage) -> QPixmap:
    stage.open("correlated")
    session = stage.window.session
    session.own.restore(CellSettings(session.settings, {3: SeparationSettings(alpha=0.02)}))
    stage.window.controller.separate_all()
    stage.wait(lambda: len(session.outcomes()) == 4 and not stage.window.controller.working)
    session.marks.judge([0, 3], "accepted")
    session.marks.judge([1], "rejected")
    session.marks.write_note([1], "a dendrite?")
    session.marks.judge([2], "look again")
    stage.resize("cells", 620, Qt.Orientation.Horizontal)
    stage.resize("cells", 250, Qt.Orientation.Vertical)
    return stage.grab("cells")


@shot
def compare(stage: Stage) -> QPixmap:
    stage.open("contaminated")
    stage.window.session.pins.pin()
    stage.set(alpha=1.0)
    return _tool(stage, "compare", (1180, 720)).grab()


def _tool(stage: Stage, name: str, size: tuple[int, int]) -> ToolPage:
    """Open a page in a window of its own, and wait until it has nothing left to do."""
    stage.find(QAction, name).trigger()
    window = stage.window.pages.made[name].page
    if not window.detached:
        stage.find(QAction, "detach").trigger()
    window.resize(*size)
    stage.settle(600)  # it asks when the hand rests
    stage.wait(lambda: all(runner.idle and not runner.busy for runner in stage.window.findChildren(Runner)))
    return window


def _simulated(**parameters: float) -> Path:
    """Return the path of a simulated recording, which lies in the folder of temporary files."""
    path = Path(tempfile.gettempdir()) / "simulated.npz"
    write_recording(path, neuropil_gui.simulate(neuropil_gui.Simulation(**parameters)), provenance={})
    return path


@shot
def sweep(stage: Stage) -> QPixmap:
    stage.open("contaminated")
    return _tool(stage, "sweep", (1080, 620)).grab()


@shot
def sweep_map(stage: Stage) -> QPixmap:
    stage.open("contaminated")
    _tool(stage, "sweep", (1080, 560)).findChild(QTabWidget).setCurrentIndex(1)
    return _tool(stage, "sweep", (1080, 560)).grab()


@shot
def held_out(stage: Stage) -> QPixmap:
    stage.open("contaminated")
    _tool(stage, "sweep", (840, 520)).findChild(QTabWidget).setCurrentIndex(2)
    page = _tool(stage, "sweep", (840, 520)).findChild(HeldOutPage)
    first, last = page.plots["n"].geometry(), page.plots["alpha"].geometry()
    return page.grab(first | last)  # the sentences below are in the guide


@shot
def trust(stage: Stage) -> QPixmap:
    stage.open("contaminated")
    _tool(stage, "trust", (1080, 600)).findChild(QTabWidget).setCurrentIndex(1)
    return _tool(stage, "trust", (1080, 600)).grab()


@shot
def population(stage: Stage) -> QPixmap:
    stage.open(_simulated(cells=40, frames=900, regions=3, leak=0.2, seed=5))
    return _tool(stage, "population", (1080, 620)).grab()


@shot
def field(stage: Stage) -> QPixmap:
    folder = Path(tempfile.gettempdir())
    simulation = neuropil_gui.Simulation(cells=24, frames=400, seed=4)
    movie, rois = write_simulated_movie(folder / "simulated.tif", simulate_movie(MovieSimulation(simulation, 150)))
    stage.open(movie, rois=str(rois))
    page, session = _tool(stage, "field", (700, 540)), stage.window.session
    tool = stage.window.pages.made["field"]
    session.select(tool.field.doubtful[0])
    tool.view.contrast.low.setValue(75)  # little but the cells, which keeps the file small
    stage.wait(lambda: session.answered and not tool.busy)
    picture, panel = tool.view.picture, tool.view.regions
    left = picture.mapTo(page, picture.rect().topLeft())
    lower = panel.mapTo(page, panel.rect().bottomRight())
    return page.grab(QRect(left, QPoint(lower.x(), left.y() + picture.height())))


def _separated(stage: Stage, page: int) -> QPixmap:
    """Return a picture of a page on the results of all cells."""
    stage.open(_simulated(cells=40, frames=900, regions=3, leak=0.2, seed=5))
    stage.window.controller.separate_all()
    stage.wait(lambda: len(stage.window.session.outcomes()) == 40 and not stage.window.controller.working)
    _tool(stage, "population", (1080, 560)).findChild(QTabWidget).setCurrentIndex(page)
    return _tool(stage, "population", (1080, 560)).grab()


@shot
def population_before(stage: Stage) -> QPixmap:
    return _separated(stage, 1)


@shot
def population_correlations(stage: Stage) -> QPixmap:
    return _separated(stage, 2)


@shot
def population_spike_in(stage: Stage) -> QPixmap:
    _separated(stage, 3)
    page = _tool(stage, "population", (1080, 560))
    stage.find(QPushButton, "population_run").click()
    stage.wait(lambda: all(each.spike_in is not None for _, each in stage.window.session.outcomes()))
    return page.grab()


@shot
def spike_in(stage: Stage) -> QPixmap:
    stage.open("contaminated")
    _tool(stage, "trust", (1240, 620)).findChild(QTabWidget).setCurrentIndex(4)
    return _tool(stage, "trust", (1240, 620)).grab()


@shot
def exercise(stage: Stage) -> QPixmap:
    choices = (Choice("the cell's", False), Choice("a neighbour's", False), Choice("the neuropil's", True))
    question = Step("**Whose are the slow waves?**\n\nLook at lanes and matrix.", choices=choices)
    start = Situation(replace(BASE, contamination=1.3), SeparationSettings(alpha=0.5))
    made = Exercise("Find alpha", "", start, (question,), {"alpha": (0.0, 2.0)}, grade=Grade((1.0,), 2.0))
    player, session = stage.window._teaching.exercises.player, stage.window.session
    player.begin(made, "Ada", Path())
    stage.wait(lambda: player.exercise is not None and session.answered)
    stage.run()
    player.view.button.click()
    player.view.choose(2)
    return stage.grab("lesson", "separation", "traces")


@shot
def history(stage: Stage) -> QPixmap:
    stage.open("contaminated")
    for alpha in (0.01, 0.3, 1.0):
        stage.set(alpha=alpha)
    stage.set(method="ica")
    return _tool(stage, "history", (1240, 330)).grab()


@shot
def figure(stage: Stage) -> QImage:
    stage.open("contaminated")
    session = stage.window.session
    assert session.recording is not None
    assert session.cell is not None
    spec = figure_spec.FigureSpec(("raw", "separated", "matched", "mixing"), 180, 120, 150)
    return figure_spec.render_image(spec, session.cell, session.result, session.recording.frame_rate, (0.0, 70.0))


def _stacked(pictures: "list[tuple[str, QPixmap]]") -> QPixmap:
    """Return pictures one below the other, each with a line of words above it."""
    line, gap = 24, 6
    sizes = [picture.size() / picture.devicePixelRatioF() for _, picture in pictures]
    width, height = max(size.width() for size in sizes), sum(size.height() + line + gap for size in sizes) - gap
    whole = QPixmap(round(width * SCALE), round(height * SCALE))
    whole.setDevicePixelRatio(SCALE)
    whole.fill(QColor(style.current().window))
    painter = QPainter(whole)
    painter.setPen(QColor(style.current().text))
    top = 0
    for (words, picture), size in zip(pictures, sizes, strict=True):
        painter.drawText(QRectF(8, top, width - 8, line), int(Qt.AlignmentFlag.AlignVCenter), words)
        painter.drawPixmap(0, top + line, picture)
        top += line + size.height() + gap
    painter.end()
    return whole


def save(picture: "QPixmap | QImage", path: Path) -> None:
    """Write a picture with its 256 most frequent colours, which is a third of the bytes."""
    image = picture.toImage() if isinstance(picture, QPixmap) else picture
    image = image.convertToFormat(QImage.Format_RGB32)
    image.setDevicePixelRatio(1.0)
    bits = image.constBits()
    assert bits is not None
    pixels = np.frombuffer(bits.asstring(image.byteCount()), np.uint32) | 0xFF000000
    values, counts = np.unique(pixels, return_counts=True)
    # Of colours that differ by little one is enough: the first of each group is its most frequent.
    values = values[np.argsort(-counts, kind="stable")]
    _, first = np.unique(values & 0xFFF0F0F0, return_index=True)
    table = values[np.sort(first)][:FINEST]
    small = image.convertToFormat(QImage.Format_Indexed8, [int(value) for value in table])
    path.parent.mkdir(parents=True, exist_ok=True)
    assert small.save(str(path), "PNG", 0)
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)}: {small.width()} x {small.height()}, {size / 1000:.0f} kB")
    assert size <= LARGEST, f"{path.name} has {size} bytes, more than {LARGEST}"


def public_names() -> "list[tuple[str, str]]":
    """Return the package's public names, each with the first line of its description."""
    names = [name for name in sorted(neuropil_gui.__all__, key=str.lower) if not name.startswith("__")]
    return [(f"`{name}`", str(getattr(neuropil_gui, name).__doc__).strip().splitlines()[0]) for name in names]


def write_tables() -> None:
    """Write what the guide lists from the program's own tables."""
    columns = ((f"`{column.name}`", column.help) for column in FILTER_COLUMNS.values())
    for page, title, rows in (
        ("11-keys.md", "| Keys | What they do |", key_list()),
        ("07-many-cells.md", "| Column | Meaning |", columns),
        ("13-from-python.md", "| Name | Purpose |", public_names()),
    ):
        path = GUIDE / page
        before, found, after = path.read_text(encoding="utf-8").partition(f"{title}\n|---|---|\n")
        assert found, f"{page} has no table {title}"
        _, _, rest = after.partition("\n\n")
        table = "\n".join(f"| {left} | {right} |" for left, right in rows)
        path.write_text(f"{before}{found}{table}\n\n{rest}", encoding="utf-8")


def photograph(take: Shot, theme: str) -> "QPixmap | QImage":
    """Return a picture taken of a new window."""
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    style.apply_theme(application, theme)
    stage = Stage()
    try:
        return take(stage)
    finally:
        stage.close()


def real(stage: Stage) -> QPixmap:
    """Return the README's first picture: FISSA's example, its second cell."""
    stage.open(REAL_DATA / "fissa_example" / "prepared.npz", 1)
    return stage.window.grab()


def main(names: "list[str]") -> None:
    """Make all pictures and tables, or those named."""
    unknown = set(names) - set(SHOTS) - {"real", "tables"}
    if unknown:
        sys.exit(f"There are no pictures {sorted(unknown)}; there are {', '.join([*SHOTS, 'real', 'tables'])}.")
    application = pg.mkQApp("neuropil_gui")
    for name, take in SHOTS.items():
        if names and name not in names:
            continue
        save(photograph(take, "light"), GUIDE / "pictures" / f"{name}.png")
        if name != "figure":  # a figure is white whatever the theme
            save(photograph(take, "dark"), GUIDE / "pictures" / f"{name}-dark.png")
    if not names or "real" in names:
        if REAL_DATA.is_dir():
            save(photograph(real, "light"), PICTURES / "window.png")
        else:
            print(f"No real recordings at {REAL_DATA} (NEUROPIL_GUI_TEST_DATA names their folder): window.png stays.")
    if not names or "tables" in names:
        write_tables()
    application.quit()


if __name__ == "__main__":
    main(sys.argv[1:])
