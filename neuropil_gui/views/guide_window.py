"""The user guide, in a window of its own."""

from pathlib import Path

from PyQt5.QtCore import QUrl, pyqtSlot
from PyQt5.QtGui import QDesktopServices
from PyQt5.QtWidgets import QHBoxLayout, QListWidget, QListWidgetItem, QTextBrowser, QWidget

ROLE = 256  # Qt.UserRole: the page's file


class GuideWindow(QWidget):
    """The pages at the left, the page at the right; links between pages stay in the window."""

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self.setWindowTitle("Guide \N{EM DASH} neuropil_gui")
        self.setObjectName("guide_window")
        self.pages = QListWidget()
        self.pages.setObjectName("guide_pages")
        self.pages.setAccessibleName("Pages of the guide")
        self.pages.setFixedWidth(230)
        self.text = QTextBrowser()
        self.text.setObjectName("guide_text")
        self.text.setAccessibleName("The page")
        self.text.setOpenLinks(False)
        self.text.setSearchPaths([str(folder)])
        self.text.document().setDocumentMargin(24)  # type: ignore[union-attr]  # a QTextBrowser always has one
        for path in sorted(folder.glob("*.md")):
            item = QListWidgetItem(_title(path))
            item.setData(ROLE, path.name)
            self.pages.addItem(item)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.pages)
        layout.addWidget(self.text, 1)
        self.pages.currentItemChanged.connect(self._show_page)
        self.text.anchorClicked.connect(self._follow)
        self.pages.setCurrentRow(0)
        self.resize(1000, 720)

    @pyqtSlot(QListWidgetItem, QListWidgetItem)
    def _show_page(self, current: QListWidgetItem | None, previous: QListWidgetItem | None) -> None:
        if current is not None:
            path = self._folder / current.data(ROLE)
            # Qt's Markdown keeps the size of pictures, which are wider than the page.
            self.text.setMarkdown(path.read_text(encoding="utf-8"))

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
