"""What the empty window offers: drop a file, open one, or try a demo."""

from collections.abc import Sequence
from itertools import zip_longest

from PyQt5.QtCore import QSize, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from neuropil_gui.views import style
from neuropil_gui.views.demo_card import DemoCard
from neuropil_gui.views.icons import icon

FORMATS = "FISSA  ·  suite2p  ·  .npz  .npy  .mat  .csv"
MARGIN = 24


class Welcome(QWidget):
    """A place to drop a file on, a button to open one, and a card for each demo."""

    open_requested = pyqtSignal()
    demo_requested = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self._cards: list[DemoCard] = []
        self.symbol, self.title, self.formats = QLabel(), QLabel("Drop a recording here"), QLabel(FORMATS)
        self.open_button = QPushButton("  Open a file…")
        self.open_button.setObjectName("welcome_open")
        self.open_button.setProperty("primary", True)
        self.open_button.setAccessibleName("Open a file")
        self.open_button.setToolTip("Choose a recording to open (Ctrl+O)")
        self.open_button.setIconSize(QSize(18, 18))
        self.open_button.clicked.connect(self._open_clicked)
        self.drop_area = QFrame()
        self.drop_area.setObjectName("drop_area")
        centre = Qt.AlignmentFlag.AlignHCenter
        drop = QVBoxLayout(self.drop_area)
        drop.setContentsMargins(24, 20, 24, 20)
        drop.setSpacing(8)
        for widget in (self.symbol, self.title, self.formats, self.open_button):
            drop.addWidget(widget, 0, centre)
        self.formats.setProperty("muted", True)
        font = self.title.font()
        font.setPixelSize(round(self.fontInfo().pixelSize() * 1.5))
        self.title.setFont(font)
        self.demos_title = QLabel("Or try a simulated cell whose truth is known")
        self._grid = QGridLayout()
        self._grid.setSpacing(12)
        self._column = column = QWidget()
        column.setMaximumWidth(960)
        inner = QVBoxLayout(column)
        inner.setContentsMargins(MARGIN, 16, MARGIN, 16)
        inner.setSpacing(10)
        inner.addStretch(1)
        inner.addWidget(self.drop_area)
        inner.addSpacing(8)
        inner.addWidget(self.demos_title, 0, centre)
        inner.addLayout(self._grid)
        inner.addStretch(2)
        page = QWidget()
        outer = QGridLayout(page)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(column, 0, 1)
        outer.setColumnStretch(1, 10)
        for side in (0, 2):
            outer.setColumnStretch(side, 1)
        scroll = QScrollArea()
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidgetResizable(True)
        scroll.setWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(scroll)
        self.show_demos([])
        self.restyle()

    def show_demos(self, demos: Sequence[tuple[str, str, str]]) -> None:
        """Offer these demos: a name, a title and a sentence each."""
        for card in self._cards:
            self._grid.removeWidget(card)
            card.deleteLater()
        self._cards = [DemoCard(*demo) for demo in demos]
        for index, card in enumerate(self._cards):
            card.chosen.connect(self.demo_requested)
            self._grid.addWidget(card, index // 2, index % 2)
        self.demos_title.setVisible(bool(demos))
        self._share_height()

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Make the cards of a row as high as the longer words need."""
        super().resizeEvent(event)
        self._share_height()

    def _share_height(self) -> None:
        width = (min(self.width(), self._column.maximumWidth()) - 2 * MARGIN - self._grid.spacing()) // 2
        for row in zip_longest(self._cards[::2], self._cards[1::2]):
            cards = [card for card in row if card is not None]
            height = max(card.height_for(width) for card in cards)
            for card in cards:
                card.setFixedHeight(height)

    def restyle(self) -> None:
        """Follow the theme."""
        theme = style.current()
        self.symbol.setPixmap(icon("app").pixmap(64, 64))
        self.open_button.setIcon(icon("open", theme.accent_text))
        self.drop_area.setStyleSheet(
            f"#drop_area {{ border: 2px dashed {theme.border}; border-radius: 12px; background: {theme.base}; }}"
        )
        for card in self._cards:
            card.restyle()

    @pyqtSlot()
    def _open_clicked(self) -> None:
        """Ask to open a file."""
        self.open_requested.emit()
