"""The user guide, in a window of its own."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QEvent, Qt, QTimer, QUrl, pyqtSlot
from PyQt5.QtGui import (
    QBrush,
    QColor,
    QDesktopServices,
    QFontInfo,
    QImageReader,
    QKeySequence,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextFrameFormat,
    QTextLength,
    QTextTable,
)
from PyQt5.QtWidgets import QAction, QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QTextBrowser, QWidget

from neuropil_gui.ui import style

ROLE = 256  # Qt.UserRole: the page's file

COLUMN = 700
"""Pixels across the text: about 85 letters, beyond which lines are hard to follow."""

MARGIN = 28
PIXELS = 1.5
"""Of a picture's file for each on the screen, as ``tests/make_pictures.py`` draws them."""

LINE_HEIGHT = 138
"""Per cent; lines that hold a picture keep their own."""

OBJECT = "\N{OBJECT REPLACEMENT CHARACTER}"
"""Stands in the text for a picture."""

HEADINGS = {1: 1.75, 2: 1.25, 3: 1.05}
"""Size of each level's letters, relative to the text's."""


@dataclass(frozen=True)
class Run:
    """A run of letters of one look, or a picture; Qt's own fragments do not survive a change of the text."""

    start: int
    length: int
    look: QTextCharFormat


class Page(QTextBrowser):
    """Shows Markdown in one column of readable width, with pictures that fit into it."""

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._text = ""
        self._column = 0
        self._is_whole = True
        self.setObjectName("guide_text")
        self.setAccessibleName("The page")
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_markdown(self, text: str) -> None:
        """Show another page from its beginning."""
        self._text, self._column = text, 0
        # The scroll bar comes and goes meanwhile, and the page is not whole yet.
        self._is_whole = False
        self.setMarkdown(text)
        self._dress()
        self._is_whole = True
        self._fit()
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def restyle(self) -> None:
        """Follow the theme; the page stays where it is."""
        bar = self.verticalScrollBar()
        place = bar.value() if bar is not None else 0
        self.show_markdown(self._text)
        if bar is not None:
            bar.setValue(place)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Keep the column in the middle."""
        super().resizeEvent(event)
        if self._is_whole:
            self._fit()

    def picture_file(self, name: str) -> Path:
        """Return the file of a picture: in the dark theme the dark one, where there is one."""
        path = self._folder / name
        dark = path.with_name(f"{path.stem}-dark{path.suffix}")
        return dark if style.current().name == "dark" and dark.is_file() else path

    def _page(self) -> QTextDocument:
        document = self.document()
        assert document is not None
        return document

    def _blocks(self) -> Iterator[QTextBlock]:
        block = self._page().begin()
        while block.isValid():
            yield block
            block = block.next()

    def _dress(self) -> None:
        """Give headings, lines, code and tables their look."""
        theme = style.current()
        size = QFontInfo(self.font()).pointSizeF()
        for block in self._blocks():
            shape = QTextBlockFormat()
            level = block.blockFormat().headingLevel()
            if level:
                shape.setTopMargin(0 if level == 1 else 24)
                shape.setBottomMargin(12 if level == 1 else 6)
            elif block.textList() is not None:
                shape.setBottomMargin(5)
            elif QTextCursor(block).currentTable() is None:
                shape.setBottomMargin(11)
            if not level and OBJECT not in block.text():
                shape.setLineHeight(LINE_HEIGHT, int(QTextBlockFormat.LineHeightTypes.ProportionalHeight))
            QTextCursor(block).mergeBlockFormat(shape)
        for run in self._fragments():
            letters = run.look
            level = self._page().findBlock(run.start).blockFormat().headingLevel()
            if level:
                # Markdown's own, which is in steps, would win.
                letters.clearProperty(QTextFormat.Property.FontSizeAdjustment)
                letters.setFontPointSize(size * HEADINGS.get(level, 1.0))
                self._set_letters(run, letters)
            elif letters.fontFixedPitch():
                letters.setBackground(QBrush(QColor(theme.window)))
                self._set_letters(run, letters)
        root = self._page().rootFrame()
        for frame in root.childFrames() if root is not None else []:
            if isinstance(frame, QTextTable):
                look = frame.format()
                look.setBorderCollapse(True)
                look.setBorder(1)
                look.setBorderBrush(QBrush(QColor(theme.border)))
                look.setBorderStyle(QTextFrameFormat.BorderStyle.BorderStyle_Solid)
                look.setCellPadding(6)
                look.setCellSpacing(0)
                look.setTopMargin(4)
                look.setBottomMargin(14)
                look.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
                frame.setFormat(look)

    def _fragments(self) -> list[Run]:
        found = []
        for block in self._blocks():
            place = block.begin()
            while not place.atEnd():
                fragment = place.fragment()
                found.append(Run(fragment.position(), fragment.length(), fragment.charFormat()))
                place += 1
        return found

    def _set_letters(self, run: Run, look: QTextCharFormat) -> None:
        cursor = QTextCursor(self._page())
        cursor.setPosition(run.start)
        cursor.setPosition(run.start + run.length, QTextCursor.MoveMode.KeepAnchor)
        cursor.setCharFormat(look)

    def _fit(self) -> None:
        """Put the column into the middle, and the pictures into the column."""
        viewport = self.viewport()
        root = self._page().rootFrame()
        if viewport is None or root is None:
            return
        room = viewport.width()
        column = max(min(COLUMN, room - 2 * MARGIN), 100)
        look = root.frameFormat()
        side = max((room - column) / 2, 0)
        if look.leftMargin() != side or look.topMargin() != MARGIN:
            look.setLeftMargin(side)
            look.setRightMargin(side)
            look.setTopMargin(MARGIN)
            look.setBottomMargin(2 * MARGIN)
            root.setFrameFormat(look)
        if column != self._column:
            self._column = column
            for run in self._fragments():
                if run.look.isImageFormat():
                    self._fit_picture(run, column)

    def _fit_picture(self, run: Run, column: int) -> None:
        look = run.look.toImageFormat()
        reader = QImageReader(str(self.picture_file(look.name())))
        size = reader.size()
        if not size.isValid():
            return
        ratio = self.devicePixelRatioF()
        width = min(column, round(size.width() / PIXELS))
        height = round(width * size.height() / size.width())
        # Scaled here, because a document draws its pictures without smoothing.
        image = reader.read().scaled(
            round(width * ratio),
            round(height * ratio),
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        image.setDevicePixelRatio(ratio)
        resource = int(QTextDocument.ResourceType.ImageResource)
        self._page().addResource(resource, QUrl(look.name()), image)
        look.setWidth(width)
        look.setHeight(height)
        self._set_letters(run, look)


class GuideWindow(QWidget):
    """The pages at the left, the page at the right; links between pages stay in the window.

    Up and Down in the list, or Ctrl+Page Up and Ctrl+Page Down, go from page to page, Tab and Enter
    follow a link, Alt+Left goes back, Escape closes the window.
    """

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._past: list[int] = []
        self._going_back = False
        self.setWindowTitle("Guide \N{EM DASH} neuropil_gui")
        self.setObjectName("guide_window")
        self.pages = QListWidget()
        self.pages.setObjectName("guide_pages")
        self.pages.setAccessibleName("Pages of the guide")
        self.pages.setFrameShape(QFrame.Shape.NoFrame)
        self.pages.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text = Page(folder)
        for path in sorted(folder.glob("*.md")):
            item = QListWidgetItem(_title(path))
            item.setData(ROLE, path.name)
            self.pages.addItem(item)
        self._restyle_list()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.pages)
        layout.addWidget(self.text, 1)
        self._restyling = QTimer(self)
        self._restyling.setSingleShot(True)
        self._restyling.setInterval(0)
        self._restyling.timeout.connect(self.restyle)
        self._add_key("Esc", self.close)
        self._add_key("Alt+Left", self.go_back)
        self._add_key("Ctrl+PgUp", self.previous_page)
        self._add_key("Ctrl+PgDown", self.next_page)
        self.pages.currentItemChanged.connect(self._show_page)
        self.text.anchorClicked.connect(self._follow)
        self.setMinimumSize(680, 400)
        self.resize(1060, 780)
        self.pages.setCurrentRow(0)

    @pyqtSlot()
    def go_back(self) -> None:
        """Show the page that was shown before."""
        if self._past:
            self._going_back = True
            self.pages.setCurrentRow(self._past.pop())
            self._going_back = False

    @pyqtSlot()
    def next_page(self) -> None:
        """Show the page below."""
        self.pages.setCurrentRow(min(self.pages.currentRow() + 1, self.pages.count() - 1))

    @pyqtSlot()
    def previous_page(self) -> None:
        """Show the page above."""
        self.pages.setCurrentRow(max(self.pages.currentRow() - 1, 0))

    @pyqtSlot()
    def restyle(self) -> None:
        """Follow the theme."""
        self._restyle_list()
        self.text.restyle()

    def changeEvent(self, event: QEvent | None) -> None:
        """Draw anew when the theme changes: this window is no child of the one that it changes in."""
        super().changeEvent(event)
        if event is not None and event.type() == QEvent.Type.PaletteChange:
            # Once everything has the new colours.
            self._restyling.start()

    def _restyle_list(self) -> None:
        theme = style.current()
        self.pages.setStyleSheet(
            f"QListWidget {{ background: {theme.window}; color: {theme.text}; padding: 18px 8px; outline: 0; }}"
            "QListWidget::item { padding: 7px 10px; border-radius: 4px; }"
            f"QListWidget::item:selected {{ background: {theme.accent}; color: {theme.accent_text}; }}"
            f"QListWidget::item:hover:!selected {{ background: {theme.grid}; }}"
        )
        self.pages.setFixedWidth(self.pages.sizeHintForColumn(0) + 40)

    def _add_key(self, keys: str, slot: Callable[[], Any]) -> None:
        action = QAction(self)
        action.setShortcut(QKeySequence(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.triggered.connect(slot)
        self.addAction(action)

    @pyqtSlot(QListWidgetItem, QListWidgetItem)
    def _show_page(self, current: QListWidgetItem | None, previous: QListWidgetItem | None) -> None:
        if current is not None:
            path = self._folder / current.data(ROLE)
            self.text.show_markdown(path.read_text(encoding="utf-8"))
        if previous is not None and not self._going_back:
            self._past.append(self.pages.row(previous))

    @pyqtSlot(QUrl)
    def _follow(self, link: QUrl) -> None:
        for row in range(self.pages.count()):
            item = self.pages.item(row)
            if item is not None and item.data(ROLE) == link.path():
                self.pages.setCurrentRow(row)
                return
        if link.scheme() in ("http", "https"):
            QDesktopServices.openUrl(link)


def _title(path: Path) -> str:
    """Return the first heading of a page."""
    first, _, _ = path.read_text(encoding="utf-8").partition("\n")
    return first.lstrip("# ").strip() or path.stem
