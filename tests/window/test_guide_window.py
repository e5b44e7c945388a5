import ast
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PyQt5.QtCore import Qt, QUrl
from PyQt5.QtGui import QImage, QTextDocument, QTextTable
from PyQt5.QtWidgets import QApplication

import neuropil_gui
from neuropil_gui import SeparationSettings, read, separate_cell
from neuropil_gui.assets import RESOURCES
from neuropil_gui.core import advice, signal_remarks
from neuropil_gui.core.demos import DEMOS
from neuropil_gui.core.metrics import pearson
from neuropil_gui.core.settings import PARAMETERS
from neuropil_gui.panels.cells.cell_filter import FILTER_COLUMNS, parse_filter
from neuropil_gui.ui import style
from neuropil_gui.window import action_table, guide_window
from neuropil_gui.window.action_table import ACTIONS, key_list
from neuropil_gui.window.guide_window import LINE_HEIGHT, MARGIN, GuideWindow

pytestmark = pytest.mark.any_version

GUIDE = RESOURCES / "guide"
PAGES = sorted(GUIDE.glob("*.md"))
ROOT = Path(__file__).resolve().parents[2]
README, CONTRIBUTING = ROOT / "README.md", ROOT / ".github" / "CONTRIBUTING.md"
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)]+)\)")
RENEW = "python tests/make_pictures.py tables writes it anew"


def text(name: str) -> str:
    return (GUIDE / name).read_text(encoding="utf-8")


def table(name: str, title: str) -> list[list[str]]:
    """The rows of the table whose first line is `title`."""
    rows = text(name).partition(f"{title}\n")[2].partition("\n\n")[0].splitlines()[1:]
    return [[each.strip() for each in row.strip("|").split(" | ")] for row in rows]


@pytest.fixture
def guide(qtbot):
    window = GuideWindow(GUIDE)
    qtbot.addWidget(window)
    window.show()
    return window


# What the pages say


@pytest.mark.parametrize("path", [*PAGES, README, CONTRIBUTING], ids=lambda path: path.name)
def test_every_link_and_picture_is_there(path):
    found = LINK.findall(path.read_text(encoding="utf-8"))
    assert found
    for is_picture, words, target in found:
        assert words.strip()
        if not target.startswith("https://"):
            assert (path.parent / target).is_file(), target
        if is_picture:
            assert not QImage(str(path.parent / target)).isNull()
            assert len(words.split()) >= 4, f"{target} is not described for those who cannot see it"


def test_every_picture_is_shown_and_small():
    pictures = sorted((GUIDE / "pictures").glob("*.png"))
    pages = "".join(path.read_text(encoding="utf-8") for path in PAGES)
    for picture in pictures:
        assert picture.stat().st_size <= 200_000
        assert f"pictures/{picture.name.replace('-dark', '')}" in pages
        dark = picture.with_name(f"{picture.stem}-dark.png")
        assert "dark" in picture.name or picture.stem == "figure" or dark in pictures


def test_keys_are_those_of_the_actions():
    listed = [(keys, words) for keys, words in table("11-keys.md", "| Keys | What they do |")]
    assert listed == key_list(), RENEW


def test_keys_in_the_text_are_those_of_the_actions():
    known = {key for keys, _ in key_list() for key in keys.split(" or ")} | {"Ctrl+Page Up", "Ctrl+Page Down"}
    for path in PAGES:
        for found in re.findall(r"\((Ctrl\+[^)]+|F\d+)\)", path.read_text(encoding="utf-8")):
            assert found in known, f"{path.name}: {found}"


def test_each_page_leads_to_the_one_below_it():
    for path, following in pairwise(PAGES):
        assert f"]({following.name})" in path.read_text(encoding="utf-8").rstrip().splitlines()[-1], path.name


def test_menus_in_the_text_are_those_of_the_actions():
    known = {f"{spec.menu.replace('&', '')} > {action_table.title(spec.name)}" for spec in ACTIONS}
    known |= {"File > Export plot", "View > Panels", "Learn > Lessons"}  # which are menus themselves
    for path in [*PAGES, README, *(RESOURCES / "lessons").glob("*.md")]:
        words = " ".join(path.read_text(encoding="utf-8").split())
        for found in re.findall(r"\*(\w+ > [^*]+)\*", words):
            assert found in known, f"{path.name}: {found}"


def test_columns_of_the_filter_are_the_programs():
    listed = [(name, meaning) for name, meaning in table("07-many-cells.md", "| Column | Meaning |")]
    assert listed == [(f"`{each.name}`", each.help) for each in FILTER_COLUMNS.values()], RENEW


def test_public_names_are_those_of_the_package():
    listed = [(name, purpose) for name, purpose in table("13-from-python.md", "| Name | Purpose |")]
    names = [name for name in sorted(neuropil_gui.__all__, key=str.lower) if not name.startswith("__")]
    purposes = [getattr(neuropil_gui, name).__doc__.strip().splitlines()[0] for name in names]
    assert listed == [(f"`{name}`", purpose) for name, purpose in zip(names, purposes, strict=True)], RENEW


def test_examples_of_the_filter_are_understood():
    examples = [row[0].strip("`") for row in table("07-many-cells.md", "| Type | to see |")]
    assert len(examples) >= 8
    for example in examples:
        assert parse_filter(example).columns


def sentences() -> list[str]:
    """The beginning of each thing that the modules of remarks say, as far as it is not filled in."""
    found: list[ast.expr] = []
    modules = [ast.parse(Path(str(each.__file__)).read_text(encoding="utf-8")) for each in (advice, signal_remarks)]
    for node in (node for module in modules for node in ast.walk(module)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Remark":
            found.append(node.args[0])
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "text":
            found.append(node.value)
    starts = [[each for each in literals(node) if len(each.split()) >= 2] for node in found]
    return [each[0] for each in starts if each]


def literals(node: ast.AST) -> list[str]:
    """The texts in a node, in the order in which they are written."""
    if isinstance(node, ast.Constant):
        return [node.value] if isinstance(node.value, str) else []
    return [each for child in ast.iter_child_nodes(node) for each in literals(child)]


def test_every_warning_is_explained():
    page = " ".join(text("04-warnings.md").split())
    found = sentences()
    assert len(found) >= 16
    for sentence in found:
        start = " ".join(re.split(r"[.:,(?]", sentence.strip(" :,"))[0].split()[:6])
        assert start in page, f"{sentence!r} is not in the guide"
    assert page.count("**Try**") == page.count(" ## ") - 1  # but for the refusals


def test_thresholds_are_the_programs():
    page = " ".join(text("04-warnings.md").split())
    nmf, ica = advice.LEAST_MATCH["nmf"], advice.LEAST_MATCH["ica"]
    assert (
        f"less than {nmf:g} times as strong as in the average region for NMF, less than {ica:g} times for ICA" in page
    )
    assert f"above {signal_remarks.SAME:g}" in page


def test_every_setting_is_explained():
    page = text("03-choosing-settings.md")
    for parameter in PARAMETERS.values():
        assert re.search(rf"\b{re.escape(parameter.label)}", page), parameter.label


def test_statements_about_the_demos_hold():
    """The table of r with the truth, anew."""
    rows = table(
        "03-choosing-settings.md", "| Demo | raw ROI | F − 0.7·Fneu | NMF, alpha 0.1 | alpha 1 | alpha 3 | ICA |"
    )
    assert len(rows) == len(DEMOS)
    for name, row in zip(DEMOS, rows, strict=True):
        cells = list(read(RESOURCES / "demos" / f"{name}.npz").cells)
        traces = [
            [cell.traces[0] for cell in cells],
            [cell.traces[0] - 0.7 * cell.traces[1:].mean(axis=0) for cell in cells],
        ]
        for settings in (
            # FISSA's solver comes to the same four digits, in seven times the time.
            SeparationSettings(solver="accelerated"),
            SeparationSettings(alpha=1.0, solver="accelerated"),
            SeparationSettings(alpha=3.0, solver="accelerated"),
            # Those that converge need 20 iterations; a try that does not would go on for seconds.
            SeparationSettings(method="ica", max_iter=200),
        ):
            traces.append([separate_cell(cell, settings).matched[0] for cell in cells])
        means = [np.mean([pearson(*pair) for pair in zip(each, truths(cells), strict=True)]) for each in traces]
        assert [float(each) for each in row[1:]] == pytest.approx(means, abs=0.0151), name


def truths(cells):
    return [cell.truth.sources[0] for cell in cells]


# The window


def test_every_page_opens_and_says_something(guide):
    titles = [path.read_text(encoding="utf-8").partition("\n")[0].lstrip("# ") for path in PAGES]
    assert [guide.pages.item(row).text() for row in range(guide.pages.count())] == titles
    for row, title in enumerate(titles):
        guide.pages.setCurrentRow(row)
        assert guide.text.toPlainText().startswith(title)
        assert guide.text.verticalScrollBar().value() == 0


def pictures(guide):
    """The pictures of the page that is shown, as they are drawn."""
    document, kind = guide.text.document(), QTextDocument.ResourceType.ImageResource
    names = re.findall(r"!\[[^\]]*\]\(([^)]+)\)", document.toMarkdown())
    return [document.resource(kind, QUrl(name)) for name in names]


@pytest.mark.parametrize("width", [680, 1060, 2200])
def test_pictures_and_tables_fit_the_page(guide, width):
    guide.resize(width, 700)
    QApplication.processEvents()
    shown = 0
    for row in range(guide.pages.count()):
        guide.pages.setCurrentRow(row)
        QApplication.processEvents()
        room = guide.text.viewport().width()
        for picture in pictures(guide):
            assert 0 < picture.width() / picture.devicePixelRatio() <= room - 2 * MARGIN
            shown += 1
        assert guide.text.document().size().width() <= room + MARGIN
        tables = [each for each in guide.text.document().rootFrame().childFrames() if isinstance(each, QTextTable)]
        assert all(each.format().width().rawValue() == 100 for each in tables)
    assert shown >= 10


def test_lines_of_code_stand_together_and_the_window_has_the_programs_icon(guide):
    guide.text.show_markdown("One.\n\n```sh\nfirst\nsecond\n```\n\nTwo.")
    layout, document = guide.text.document().documentLayout(), guide.text.document()
    blocks = {document.findBlockByNumber(k).text(): document.findBlockByNumber(k) for k in range(document.blockCount())}
    tops = {words: layout.blockBoundingRect(block).top() for words, block in blocks.items()}
    line = layout.blockBoundingRect(blocks["first"]).height() * LINE_HEIGHT / 100
    assert tops["second"] - tops["first"] == pytest.approx(line, abs=1)
    assert tops["first"] - tops["One."] > line + 5
    assert not guide.windowIcon().isNull()


def test_pictures_follow_the_width(guide):
    guide.pages.setCurrentRow(1)
    widths = []
    for width in (700, 1000):
        guide.resize(width, 700)
        QApplication.processEvents()
        widths.append(pictures(guide)[0].width())
    assert widths[1] - widths[0] == pytest.approx(300 * guide.devicePixelRatioF(), abs=2)


def test_the_dark_theme_has_dark_pictures_and_keeps_the_place(guide, qapp):
    guide.pages.setCurrentRow(1)
    QApplication.processEvents()
    bar = guide.text.verticalScrollBar()
    bar.setValue(200)
    assert guide.text.picture_file("pictures/traces.png").name == "traces.png"
    style.apply_theme(qapp, "dark")
    QApplication.processEvents()
    QApplication.processEvents()
    assert guide.text.picture_file("pictures/traces.png").name == "traces-dark.png"
    assert guide.text.picture_file("pictures/figure.png").name == "figure.png"
    assert bar.value() == 200
    image = guide.grab().toImage()
    assert image.pixelColor(image.width() - 40, image.height() // 2).lightness() < 128


def test_links_lead_to_pages_and_back(guide):
    guide.text.anchorClicked.emit(QUrl("12-citing.md"))
    assert guide.text.toPlainText().startswith("Citing")
    assert PAGES[guide.pages.currentRow()].name == "12-citing.md"
    guide.go_back()
    assert guide.pages.currentRow() == 0
    guide.go_back()
    assert guide.pages.currentRow() == 0


def test_links_to_the_web_open_outside(guide, monkeypatch):
    opened = []
    monkeypatch.setattr(guide_window.QDesktopServices, "openUrl", lambda url: opened.append(url.toString()))
    guide.text.anchorClicked.emit(QUrl("https://doi.org/10.1038/s41598-018-21640-2"))
    guide.text.anchorClicked.emit(QUrl("file:///etc/hostname"))
    assert opened == ["https://doi.org/10.1038/s41598-018-21640-2"]


def test_keyboard(guide, qtbot):
    guide.activateWindow()
    guide.pages.setFocus()
    qtbot.keyClick(guide.pages, Qt.Key_Down)
    assert guide.pages.currentRow() == 1
    guide.text.setFocus()
    qtbot.keyClick(guide.text, Qt.Key_PageDown, Qt.ControlModifier)
    assert guide.pages.currentRow() == 2
    qtbot.keyClick(guide.text, Qt.Key_PageUp, Qt.ControlModifier)
    assert guide.pages.currentRow() == 1
    qtbot.keyClick(guide.text, Qt.Key_Left, Qt.AltModifier)
    assert guide.pages.currentRow() == 2
    qtbot.keyClick(guide.text, Qt.Key_Escape)
    assert not guide.isVisible()


def test_a_picture_that_is_missing_leaves_its_page(qtbot, tmp_path):
    (tmp_path / "01.md").write_text("# One\n\n![a picture that is not there](pictures/no.png)\n\nText.\n")
    window = GuideWindow(tmp_path)
    qtbot.addWidget(window)
    window.show()
    assert "Text." in window.text.toPlainText()


def test_a_folder_without_pages_opens_empty(qtbot, tmp_path):
    window = GuideWindow(tmp_path)
    qtbot.addWidget(window)
    window.show()
    window.next_page()
    window.previous_page()
    window.go_back()
    assert window.pages.count() == 0


@pytest.fixture
def little(qtbot, tmp_path):
    """Three pages, one of which has nothing to find."""
    for name, words in (("1", "alpha twice: **al**pha"), ("2", "nothing"), ("3", "ALPHA")):
        (tmp_path / f"{name}.md").write_text(f"# Page {name}\n\n{words}\n")
    window = GuideWindow(tmp_path)
    qtbot.addWidget(window)
    with qtbot.waitActive(window):
        window.show()
        window.activateWindow()
    return window


def test_search_goes_through_all_pages_and_from_the_last_to_the_first(little, qtbot):
    qtbot.keyClick(little.text, Qt.Key_F, Qt.ControlModifier)
    qtbot.waitUntil(little.search.hasFocus)
    qtbot.keyClicks(little.search, "alpha")
    found = []
    for _ in range(4):
        qtbot.keyClick(little.search, Qt.Key_Return)
        cursor = little.text.textCursor()
        assert cursor.selectedText().lower() == "alpha"
        found.append((little.pages.currentRow(), cursor.selectionStart()))
    assert [row for row, _ in found] == [0, 0, 2, 0]
    assert found[0] == found[3] != found[1]
    assert not little.search.property("invalid")


def test_search_marks_what_is_nowhere_and_leaves_the_page(little, qtbot):
    little.pages.setCurrentRow(1)
    qtbot.keyClicks(little.search, "beta")
    qtbot.keyClick(little.search, Qt.Key_Return)
    assert little.search.property("invalid")
    assert little.pages.currentRow() == 1
    little.search.clear()
    qtbot.keyClick(little.search, Qt.Key_Return)
    assert not little.search.property("invalid")


def test_text_grows_and_shrinks_on_every_page(little, qtbot):
    def height():
        return little.text.document().size().height()

    first = height()
    for _ in range(4):
        qtbot.keyClick(little.text, Qt.Key_Plus, Qt.ControlModifier)
    assert height() > first
    larger = height()
    little.next_page()
    assert height() == pytest.approx(larger, rel=0.05)
    little.previous_page()
    for _ in range(4):
        qtbot.keyClick(little.text, Qt.Key_Minus, Qt.ControlModifier)
    assert height() == first
