"""Guide window: the pages of the user guide, with search and larger text."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PyQt5.QtCore import QEvent, QSize, Qt, QTimer, QUrl, pyqtSlot
from PyQt5.QtGui import (
    QBrush,
    QColor,
    QDesktopServices,
    QImage,
    QKeySequence,
    QResizeEvent,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextLength,
)
from PyQt5.QtWidgets import (
    QAction,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from neuropil_gui.ui import style
from neuropil_gui.ui.icons import icon
from neuropil_gui.ui.screen import resize_within_screen

SIZE = QSize(1060, 780)

ROLE = int(Qt.ItemDataRole.UserRole)  # the page's file

MARGIN = 28
PIXELS = 1.5
"""Pixels of a picture's file for each on the screen, as ``tests/make_pictures.py`` draws them."""

LINE_HEIGHT = 130
"""Per cent."""


class GuidePage(QTextBrowser):
    """Page of the guide: Markdown with pictures of the theme, which are scaled to the width."""

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._text = ""
        self.setObjectName("guide_text")
        self.setAccessibleName("The page")
        self.setOpenLinks(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        # Always there, because pictures are as wide as the room beside it.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_markdown(self, text: str) -> None:
        """Show another page from its beginning."""
        self._text = text
        document = self.document()
        assert document is not None
        whole = QTextCursor(document)
        whole.beginEditBlock()  # or Qt would lay a table out anew with each of its cells
        self.setMarkdown(text)
        whole.endEditBlock()
        document.setDocumentMargin(MARGIN)
        document.pageCount()  # ends the layout, which what follows goes on from: the bar's range is right at once
        block = document.begin()
        whole.beginEditBlock()  # one layout for all changes
        while block.isValid():
            spacing, cursor = QTextBlockFormat(), QTextCursor(block)
            if (table := cursor.currentTable()) is not None:
                if block.position() == table.firstPosition():
                    look = table.format()
                    look.setBorderCollapse(True)
                    look.setBorderBrush(QBrush(QColor(style.current().border)))
                    look.setCellPadding(6)
                    look.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
                    table.setFormat(look)
            elif block.blockFormat().hasProperty(QTextFormat.Property.BlockCodeFence):
                spacing.setBottomMargin(0)  # each line of code is a block
            else:
                spacing.setBottomMargin(6 if block.textList() is not None else 11)
            if "\N{OBJECT REPLACEMENT CHARACTER}" not in block.text():  # which stands for a picture
                spacing.setLineHeight(LINE_HEIGHT, int(QTextBlockFormat.LineHeightTypes.ProportionalHeight))
            cursor.mergeBlockFormat(spacing)
            block = block.next()
        whole.endEditBlock()

    def restyle(self) -> None:
        """Follow the theme and the width; the page stays at its place."""
        bar = self.verticalScrollBar()
        place = bar.value() if bar is not None else 0
        self.show_markdown(self._text)
        if bar is not None:
            bar.setValue(place)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Fit the pictures to another width."""
        super().resizeEvent(event)
        if event is not None and event.size().width() != event.oldSize().width():
            self.restyle()

    def loadResource(self, kind: int, name: QUrl) -> Any:  # noqa: N802 -- overrides Qt's
        """Return a picture, scaled smoothly where it is wider than the page."""
        picture = QImage(str(self.picture_file(name.path())))
        viewport = self.viewport()
        if kind != QTextDocument.ResourceType.ImageResource or picture.isNull() or viewport is None:
            return None
        ratio = self.devicePixelRatioF()
        width = min(picture.width() / PIXELS, max(viewport.width() - 2 * MARGIN, 100))
        picture = picture.scaledToWidth(round(width * ratio), Qt.TransformationMode.SmoothTransformation)
        picture.setDevicePixelRatio(ratio)
        return picture

    def picture_file(self, name: str) -> Path:
        """Return the file of a picture: in the dark theme the dark one, where there is one."""
        path = self._folder / name
        dark = path.with_name(f"{path.stem}-dark{path.suffix}")
        return dark if style.current().name == "dark" and dark.is_file() else path


class GuideWindow(QWidget):
    """The pages at the left, the page at the right; links between pages stay in the window.

    Up and Down in the list, or Ctrl+Page Up and Ctrl+Page Down, go from page to page, Tab and Enter follow a link,
    Alt+Left goes back, Ctrl+F searches all pages, Ctrl++ and Ctrl+- change the size of the text, Escape closes.
    """

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._past: list[int] = []
        self._going_back = False
        self.setWindowTitle("Guide \N{EM DASH} neuropil_gui")
        self.setObjectName("guide_window")
        self.setWindowIcon(icon("app"))
        self.pages = QListWidget()
        self.pages.setObjectName("guide_pages")
        self.pages.setAccessibleName("Pages of the guide")
        self.pages.setFrameShape(QFrame.Shape.NoFrame)
        self.pages.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.text = GuidePage(folder)
        self.search = QLineEdit()
        self.search.setObjectName("guide_search")
        self.search.setAccessibleName("Search the guide")
        self.search.setPlaceholderText("Search all pages (Ctrl+F)")
        self.search.setToolTip("Enter finds the next place, on this page and on those below")
        self.search.setClearButtonEnabled(True)
        for path in sorted(folder.glob("*.md")):
            item = QListWidgetItem(_title(path))
            item.setData(ROLE, path.name)
            self.pages.addItem(item)
        self._restyle_list()
        side = QVBoxLayout()
        side.setContentsMargins(8, 10, 0, 0)
        side.addWidget(self.search)
        side.addWidget(self.pages, 1)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(side)
        layout.addWidget(self.text, 1)
        self._restyling = QTimer(self)
        self._restyling.setSingleShot(True)
        self._restyling.setInterval(0)
        self._restyling.timeout.connect(self.restyle)
        keys_and_slots: tuple[tuple[str, Callable[[], Any]], ...] = (
            ("Esc", self.close),
            ("Alt+Left", self.go_back),
            ("Ctrl+PgUp", self.previous_page),
            ("Ctrl+PgDown", self.next_page),
            ("Ctrl+F", self.start_search),
            ("Ctrl++ or Ctrl+=", lambda: self.text.zoomIn()),
            ("Ctrl+-", lambda: self.text.zoomOut()),
        )
        for keys, slot in keys_and_slots:
            action = QAction(self)
            action.setShortcuts([QKeySequence(each) for each in keys.split(" or ")])
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.triggered.connect(slot)
            self.addAction(action)
        self.search.returnPressed.connect(self.find_next)
        self.pages.currentItemChanged.connect(self._show_page)
        self.text.anchorClicked.connect(self._follow)
        self.setMinimumSize(640, 330)
        resize_within_screen(self, SIZE)
        self.pages.setCurrentRow(0)
        self.text.setFocus()

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
    def start_search(self) -> None:
        """Go to the search field."""
        self.search.setFocus()
        self.search.selectAll()

    @pyqtSlot()
    def find_next(self) -> None:
        """Select the next place of the searched text on this page, else on the next page that has it."""
        words, row = self.search.text(), self.pages.currentRow()
        found = not words or self.text.find(words)
        for below in range(1, self.pages.count() + 1):
            if found:
                break
            page = (row + below) % self.pages.count()
            document = QTextDocument()
            document.setMarkdown(self._markdown(page))
            if not document.find(words).isNull():
                self.pages.setCurrentRow(page)
                self.text.moveCursor(QTextCursor.MoveOperation.Start)
                found = self.text.find(words)
        self.search.setProperty("invalid", not found)
        self.search.setStyleSheet("")  # applies the program's sheet anew

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
            f"QListWidget {{ background: {theme.window}; color: {theme.text}; padding: 8px 0; outline: 0; }}"
            "QListWidget::item { padding: 7px 10px; border-radius: 4px; }"
            f"QListWidget::item:selected {{ background: {theme.accent}; color: {theme.accent_text}; }}"
            f"QListWidget::item:hover:!selected {{ background: {theme.grid}; }}"
        )
        self.pages.setFixedWidth(self.pages.sizeHintForColumn(0) + 24)

    def _markdown(self, row: int) -> str:
        item = self.pages.item(row)
        return (self._folder / item.data(ROLE)).read_text(encoding="utf-8") if item is not None else ""

    @pyqtSlot(QListWidgetItem, QListWidgetItem)
    def _show_page(self, current: QListWidgetItem | None, previous: QListWidgetItem | None) -> None:
        self.text.show_markdown(self._markdown(self.pages.row(current)))
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
