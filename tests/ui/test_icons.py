"""Every action has an icon of our own, drawn in the colours of both themes, and no icon lies about unused."""

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PyQt5.QtCore import QSize
from PyQt5.QtGui import QColor, QIcon, QImage
from PyQt5.QtWidgets import QMenu

import neuropil_gui
from neuropil_gui.assets import ICONS
from neuropil_gui.ui import style
from neuropil_gui.ui.icons import icon
from neuropil_gui.window.action_table import ACTIONS
from neuropil_gui.window.main_window import MainWindow

# Of menus, the tool bar and the welcome page, at once, one and a half and twice their size.
SIZES = (16, 20, 24, 30, 32, 36, 40, 48, 64, 128)
NAMES = sorted(path.stem for path in ICONS.glob("*.svg"))
MENUS = {"recent", "demo", "export_plot", "panels", "lessons"}
LEVELS = {"info", "warning", "error"}
OWN_COLOURS = {"app", "check"}


def used_names():
    sources = "".join(path.read_text(encoding="utf-8") for path in Path(neuropil_gui.__file__).parent.rglob("*.py"))
    patterns = (r'\bicon\(\s*"(\w+)"', r'\badd_button\(\s*[^,()]+,\s*"([a-z_]+)"', r'"(\w+)\.svg"')
    found = {name for pattern in patterns for name in re.findall(pattern, sources)}
    return found | {spec.name for spec in ACTIONS} | MENUS | LEVELS


def test_every_action_has_an_icon_and_every_icon_a_use():
    assert used_names() == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_icons_are_drawn_in_one_style(name):
    text = (ICONS / f"{name}.svg").read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    _, _, width, height = map(int, root.get("viewBox").split())
    assert width == height
    if name not in OWN_COLOURS:
        assert width == 24
        assert root.get("stroke") == "currentColor"
        assert (root.get("stroke-width"), root.get("stroke-linecap")) == ("1.7", "round")
        assert not re.search(r"#[0-9a-fA-F]{3,6}\b", text)


def colours_of(image):
    """The red, green, blue and alpha of each pixel, from 0 to 255."""
    plain = image.convertToFormat(QImage.Format.Format_RGBA8888)
    return np.frombuffer(plain.constBits().asstring(plain.sizeInBytes()), np.uint8).reshape(-1, 4)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", NAMES)
def test_icons_are_sharp_and_stand_out_in_both_themes(qapp, name, theme):
    colours = style.apply_theme(qapp, theme)
    drawn = icon(name)
    for size in SIZES:
        image = drawn.pixmap(QSize(size, size)).toImage()
        # Not scaled up, drawn well within its edges, and neither empty nor a blot.
        assert (image.width(), image.height()) == (size, size)
        pixels = colours_of(image)
        covered = pixels[:, 3].mean() / 255
        assert 0.04 < covered < (1 if name in OWN_COLOURS else 0.5), size
        if name not in OWN_COLOURS:
            inked = np.unique(pixels[pixels[:, 3] > 200], axis=0)
            assert len(inked)
            assert min(style.contrast(QColor(*map(int, each)), colours.window) for each in inked) > 4.5
    faint = drawn.pixmap(QSize(24, 24), QIcon.Mode.Disabled).toImage()
    if name not in OWN_COLOURS:
        assert faint != drawn.pixmap(QSize(24, 24)).toImage()


def test_every_action_and_menu_shows_its_icon_in_the_theme_in_use(qapp, qtbot):
    window = MainWindow()
    qtbot.addWidget(window)
    for theme in ("light", "dark"):
        window.set_theme(theme)
        menus = {name: window.findChild(QMenu, name) for name in MENUS}
        shown = {spec.name: window.commands[spec.name] for spec in ACTIONS} | menus
        for name, each in shown.items():
            assert each.icon().cacheKey() == icon(name).cacheKey(), name
    assert window.close()
