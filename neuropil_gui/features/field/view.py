"""Field view: choice of picture and colours, the picture, the selected cell's regions, contrast, traces."""

from PyQt5.QtCore import QSignalBlocker, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSizePolicy, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from neuropil_gui.features.field import words
from neuropil_gui.features.field.colouring import Coloured, ways
from neuropil_gui.features.field.contrast import Contrast
from neuropil_gui.features.field.edit_bar import EditBar
from neuropil_gui.features.field.edit_words import HINTS
from neuropil_gui.features.field.picture import FieldPicture
from neuropil_gui.features.field.region_form import RegionForm
from neuropil_gui.features.field.region_panel import RegionPanel
from neuropil_gui.features.field.trace_strip import TraceStrip
from neuropil_gui.imaging.pictures import Picture
from neuropil_gui.ui import style
from neuropil_gui.ui.plots.colour_bar import ColourBar
from neuropil_gui.ui.widgets.layouts import stack
from neuropil_gui.ui.widgets.page import Page, side_panel
from neuropil_gui.ui.widgets.work_row import WorkRow

SIDE = 286
SQUARE = "\N{BLACK SQUARE}"


class FieldView(Page):
    """The page's content, or the sentence why there is none.

    Signals: `picture_chosen`, `colours_chosen`.
    """

    picture_chosen = pyqtSignal()
    colours_chosen = pyqtSignal()

    def __init__(self) -> None:
        super().__init__("field")
        self.picture, self.regions, self.contrast = FieldPicture(), RegionPanel(), Contrast()
        self.traces, self.bar, self.row = TraceStrip(), ColourBar(), WorkRow("field")
        self.edit, self.form = EditBar(), RegionForm()
        self._drawn: tuple[str, Picture | None] = ("", None)
        self.kind, self.colours = QComboBox(), QComboBox()
        for box, name, label in (
            (self.kind, "field_kind", "Picture"), (self.colours, "field_colours", "Colours of the outlines"),
        ):  # fmt: skip
            box.setObjectName(name)
            box.setAccessibleName(label)
            box.setToolTip(label)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        for way in ways():
            self.colours.addItem(way.name, way.key)
            self.colours.setItemData(self.colours.count() - 1, f"<qt>{way.tip}</qt>", Qt.ItemDataRole.ToolTipRole)
        self.legend = QLabel()
        self.legend.setObjectName("field_legend")
        # Cut where there is no room, rather than widening the page; its tool tip is whole.
        self.legend.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.line, self._hint = QLabel(words.IDLE), words.IDLE
        self.line.setObjectName("field_words")
        self.line.setProperty("muted", True)
        self.line.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        # One line for both, so that the picture keeps its size when work ends.
        self._below = QStackedWidget()
        self._below.addWidget(self.line)
        self._below.addWidget(self.row)
        self._below.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._arrange()
        self.kind.currentIndexChanged.connect(self.picture_chosen)
        self.colours.currentIndexChanged.connect(self.colours_chosen)
        self.contrast.changed.connect(self.picture.show_levels)
        self.picture.contrast_dragged.connect(self.contrast.move_levels)

    def _arrange(self) -> None:
        controls = QHBoxLayout()
        controls.setContentsMargins(10, 6, 10, 4)
        controls.setSpacing(8)
        controls.addWidget(QLabel("Picture"))
        controls.addWidget(self.kind)
        controls.addWidget(QLabel("outlines by"))
        controls.addWidget(self.colours)
        controls.addWidget(self.bar)
        controls.addWidget(self.legend, 1)
        controls.addStretch(0)
        inside = QWidget()
        side = QVBoxLayout(inside)
        side.setContentsMargins(10, 4, 10, 4)
        side.setSpacing(10)
        # Above what grows and shrinks with its values, so that its boxes stay under the pointer.
        side.addWidget(self.form)
        side.addWidget(self.regions)
        side.addWidget(self.contrast)
        side.addStretch(1)
        middle = QWidget()
        row = QHBoxLayout(middle)
        row.setContentsMargins(10, 0, 0, 0)
        row.setSpacing(0)
        left = QWidget()
        stack(left, (self.picture, 1), self._below)
        row.addWidget(left, 1)
        row.addWidget(side_panel(inside, SIDE))
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.addWidget(middle)
        splitter.addWidget(self.traces)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 1)
        splitter.setCollapsible(0, False)
        content = QWidget()
        splitter.setSizes([1000, 280])
        stack(content, controls, self.edit, (splitter, 1))
        self.set_content(content)

    @property
    def chosen(self) -> str:
        """Key of the picture that is chosen, empty where there is none."""
        return self.kind.currentData() or ""

    def show_kinds(self, keys: list[str]) -> None:
        """Offer these pictures; what was chosen stays where it is among them."""
        if keys == [self.kind.itemData(place) for place in range(self.kind.count())]:
            return
        before = self.chosen
        with QSignalBlocker(self.kind):
            self.kind.clear()
            for key in keys:
                name, tip = words.PICTURES[key]
                self.kind.addItem(name, key)
                self.kind.setItemData(self.kind.count() - 1, f"<qt>{tip}</qt>", Qt.ItemDataRole.ToolTipRole)
            self.kind.setCurrentIndex(max(self.kind.findData(before), 0))
        if self.chosen != before:
            self.picture_chosen.emit()

    def choose(self, key: str) -> None:
        """Choose a picture."""
        self.kind.setCurrentIndex(self.kind.findData(key))

    def draw(self, name: str, picture: Picture | None) -> None:
        """Draw a picture with its levels; the same again costs nothing."""
        if self._drawn[0] == name and self._drawn[1] is picture:
            return
        self._drawn = name, picture
        self.contrast.show_picture(name, picture)
        self.picture.show_picture(picture, self.contrast.levels)

    @property
    def drawn(self) -> Picture | None:
        """The picture that is drawn."""
        return self._drawn[1]

    def show_colours(self, found: Coloured) -> None:
        """Draw outlines in these colours, and say what they mean."""
        self.picture.show_colours(found.colours)
        scale = found.scale
        self.bar.setVisible(scale is not None)
        if scale is not None:
            self.bar.show_scale(found.name, found.text(scale.low), found.text(scale.high), scale.signed)
        legend = "&nbsp; ".join(
            f"{style.coloured(SQUARE, style.readable(colour, style.current().window, 2.0))} {word}"
            for word, colour in (found.legend or {}).items()
        )
        self.legend.setText(legend)
        self.legend.setToolTip(f"<qt>{legend}</qt>" if legend else "")
        self.legend.setVisible(bool(legend))

    @pyqtSlot(str)
    def show_mode(self, mode: str) -> None:
        """Say what mouse and keys do in a mode of drawing, or in none."""
        self._hint = HINTS[mode] or words.IDLE
        self.line.setText(self._hint)
        self.line.setToolTip(HINTS[mode])  # whole, where it is cut

    def show_pointed(self, text: str) -> None:
        """Say what is under the pointer in place of the hint; an empty text brings the hint back."""
        self.line.setText(text if text and self._hint == words.IDLE else self._hint)

    def show_work(self, text: str, part: float) -> None:
        """Show work in progress in place of the hint."""
        self.row.show_work(text, round(1000 * part), 1000)
        self._below.setCurrentWidget(self.row)

    def show_rest(self, text: str = "", can_run: bool = False) -> None:
        """Show how work ended, or the hint."""
        self.row.show_rest(text, can_run)
        self._below.setCurrentIndex(int(bool(text)))
