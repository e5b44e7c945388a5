"""Welcome page of the empty window: drop or open a file, open a recent one, try a demo, or begin a lesson."""

from collections.abc import Mapping, Sequence
from itertools import pairwise, zip_longest

from PyQt5.QtCore import QSize, Qt, pyqtSignal, pyqtSlot
from PyQt5.QtGui import QResizeEvent
from PyQt5.QtWidgets import (
    QBoxLayout,
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from neuropil_gui.ui import style
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.sizes import scaled
from neuropil_gui.window.welcome_cards import DemoCard, Line, RecentFile, picture_colours

FORMATS = "suite2p  ·  CaImAn  ·  NWB  ·  FISSA  ·  TIFF + ROIs  ·  .mat  .h5  .npz  .npy  .csv"
MARGIN = 24
RECENT = 5
"""Number of recent recordings that are offered; the menu has more."""

COLUMN, COLUMN_SHARE = 1240, 0.6
ROOMY = 800
"""From this height on, the drop area is tall, and the recent recordings stand in one column instead of two."""


class Welcome(QWidget):
    """A place to drop a file on, a button to open one, the recent ones, a card for each demo, and lessons.

    Signals: `open_requested`, `recent_requested` (path), `demo_requested` (name), `lesson_requested` (name).
    """

    open_requested = pyqtSignal()
    recent_requested = pyqtSignal(str)
    demo_requested = pyqtSignal(str)
    lesson_requested = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self._cards: list[DemoCard] = []
        self._recent: list[RecentFile] = []
        self._make_drop_area()
        self.recent_title = QLabel("Recent")
        self._recent_rows = QGridLayout()
        self._recent_rows.setSpacing(0)
        self.demos_title, self.lessons = QLabel(), QLabel()
        self.lessons.setObjectName("welcome_lessons")
        self.lessons.setWordWrap(True)
        self.lessons.setContentsMargins(2, 4, 0, 0)
        by_mouse = Qt.TextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse)
        self.lessons.setTextInteractionFlags(by_mouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard)
        self.lessons.linkActivated.connect(self.lesson_requested)
        self.lessons.linkHovered.connect(self._show_about)
        self._lessons: dict[str, tuple[str, str]] = {}
        self._grid = QGridLayout()
        self._grid.setSpacing(10)
        for grid in (self._recent_rows, self._grid):
            for side in (0, 1):
                grid.setColumnStretch(side, 1)
        self._column = column = QWidget()
        inner = QVBoxLayout(column)
        inner.setContentsMargins(scaled(MARGIN), 12, scaled(MARGIN), 12)
        inner.setSpacing(6)
        inner.addStretch(2)
        inner.addWidget(self.drop_area)
        inner.addWidget(self.recent_title)
        inner.addLayout(self._recent_rows)
        inner.addWidget(self.demos_title)
        inner.addLayout(self._grid)
        inner.addWidget(self.lessons)
        inner.addStretch(3)
        page = QWidget()
        outer = QGridLayout(page)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(column, 0, 1)
        outer.setColumnStretch(1, 1000)
        for side in (0, 2):
            outer.setColumnStretch(side, 1)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidgetResizable(True)
        self.area.setWidget(page)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.area)
        self.show_recent([])
        self.show_demos([])
        self.show_lessons({})
        self.restyle()

    def _make_drop_area(self) -> None:
        self.symbol, self.title, self.formats = QLabel(), QLabel("Drop a recording here"), QLabel(FORMATS)
        font = self.title.font()
        font.setPixelSize(round(self.fontInfo().pixelSize() * 1.5))
        self.title.setFont(font)
        self.formats.setProperty("muted", True)
        self.open_button = QPushButton("  Open a file…")
        self.open_button.setObjectName("welcome_open")
        self.open_button.setProperty("primary", True)
        self.open_button.setAccessibleName("Open a file")
        self.open_button.setToolTip("Choose a recording to open (Ctrl+O)")
        self.open_button.setIconSize(QSize(18, 18))
        self.open_button.setAutoDefault(True)
        self.open_button.clicked.connect(self._open_clicked)
        self.drop_area = QFrame()
        self.drop_area.setObjectName("drop_area")
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self.title)
        words.addWidget(self.formats)
        self._drop = QBoxLayout(QBoxLayout.Direction.LeftToRight, self.drop_area)
        self._drop.addStretch(1)
        self._drop.addWidget(self.symbol, 0, Qt.AlignmentFlag.AlignCenter)
        self._drop.addLayout(words)
        self._drop.addWidget(self.open_button, 0, Qt.AlignmentFlag.AlignCenter)
        self._drop.addStretch(1)

    def show_recent(self, paths: Sequence[str], trials: Mapping[str, int] | None = None) -> None:
        """Offer these recordings again, the newest first; at most `RECENT` of them.

        `trials` has, by the path, how many further files open with it.
        """
        for row in self._recent:
            self._recent_rows.removeWidget(row)
            row.hide()
            row.deleteLater()
        self._recent = [RecentFile(path, (trials or {}).get(path, 0)) for path in paths[:RECENT]]
        for row in self._recent:
            row.chosen.connect(self.recent_requested)
        self.recent_title.setVisible(bool(self._recent))
        self._share_room()
        self._order_tabs()

    def show_glances(self, seen: Mapping[str, tuple[Line, str]]) -> None:
        """Show beside recent recordings, by their path, a miniature of 0 to 1 and what is kept of them in words."""
        for row in self._recent:
            row.show_glance(*seen.get(row.path, (None, "")))

    def show_demos(self, demos: Sequence[tuple[str, str, str]]) -> None:
        """Offer these demos: a name, a title and a sentence each."""
        for card in self._cards:
            self._grid.removeWidget(card)
            card.hide()
            card.deleteLater()
        self._cards = [DemoCard(*demo) for demo in demos]
        for index, card in enumerate(self._cards):
            card.chosen.connect(self.demo_requested)
            self._grid.addWidget(card, index // 2, index % 2)
        self.demos_title.setVisible(bool(demos))
        self._share_room()
        self._order_tabs()

    def show_lessons(self, lessons: Mapping[str, tuple[str, str]]) -> None:
        """Offer these lessons, (title, what it is about) by name, as words that are links."""
        self._lessons = dict(lessons)
        links = " · ".join(f'<a href="{name}">{title}</a>' for name, (title, _) in lessons.items())
        self.lessons.setText(f"Or learn by a lesson: {links}")
        self.lessons.setVisible(bool(lessons))

    @pyqtSlot(str)
    def _show_about(self, name: str) -> None:
        self.lessons.setToolTip(f"<qt>{self._lessons[name][1]}</qt>" if name else "")

    def _order_tabs(self) -> None:
        """Let Tab go through what is offered from top to bottom."""
        stops: list[QWidget] = [self.open_button, *self._recent, *self._cards, self.lessons]
        for first, second in pairwise(stops):
            QWidget.setTabOrder(first, second)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Share the room among the parts."""
        super().resizeEvent(event)
        self._share_room()

    def _share_room(self) -> None:
        """Make the cards of a row as high as the longer text needs, and share the rest of the height."""
        bar = self.area.verticalScrollBar()
        room = self.width() - (bar.sizeHint().width() if bar is not None else 0)
        column = min(room, max(scaled(COLUMN), round(COLUMN_SHARE * room)))
        self._column.setMaximumWidth(column)
        width = (column - 2 * scaled(MARGIN) - self._grid.spacing()) // 2
        for pair in zip_longest(self._cards[::2], self._cards[1::2]):
            cards = [card for card in pair if card is not None]
            height = max(card.fit(width) for card in cards)
            for card in cards:
                card.setFixedHeight(height)
        roomy = self.height() >= scaled(ROOMY)
        for index, row in enumerate(self._recent):
            self._recent_rows.addWidget(row, *((index, 0, 1, 2) if roomy else (index // 2, index % 2)))
        for title in (self.recent_title, self.demos_title):
            title.setContentsMargins(2, 24 if roomy else 4, 0, 0)
        way = QBoxLayout.Direction
        self._drop.setDirection(way.TopToBottom if roomy else way.LeftToRight)
        self._drop.setSpacing(14 if roomy else 24)
        above = self.height() // 24 if roomy else 8
        self._drop.setContentsMargins(24, above, 24, above)
        for label in (self.title, self.formats):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter if roomy else Qt.AlignmentFlag.AlignLeft)

    def restyle(self) -> None:
        """Follow the theme."""
        theme = style.current()
        self.symbol.setPixmap(icon("app").pixmap(64, 64))
        self.open_button.setIcon(icon("open", theme.accent_text))
        self.drop_area.setStyleSheet(
            f"#drop_area {{ border: 2px dashed {theme.border}; border-radius: 12px; background: {theme.base}; }}"
        )
        raw, true = (style.coloured("━", colour) for colour in picture_colours())
        self.demos_title.setText(
            f"Or try a simulated cell whose truth is known: &nbsp;{raw} raw ROI &nbsp; {true} true cell"
        )
        for each in (*self._recent, *self._cards):
            each.restyle()

    @pyqtSlot()
    def _open_clicked(self) -> None:
        """Emit `open_requested`."""
        self.open_requested.emit()
