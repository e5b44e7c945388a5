"""Themes, colours and pens by role, applied to Qt and to pyqtgraph."""

from typing import TYPE_CHECKING, Any

import pyqtgraph as pg
from PyQt5.QtCore import Qt
from PyQt5.QtGui import QColor, QPalette, QPen

from neuropil_gui.assets import ICONS
from neuropil_gui.figures import palette
from neuropil_gui.figures.palette import COMPARED, DARK, LIGHT, OKABE_ITO, TEXT_CONTRAST, Theme
from neuropil_gui.ui.sizes import line_width, scaled

if TYPE_CHECKING:
    from PyQt5.QtWidgets import QApplication

LINE_STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)


THEMES = {theme.name: theme for theme in (LIGHT, DARK)}

_current = LIGHT
_desktop_is_dark: bool | None = None


def current() -> Theme:
    """Return the current theme."""
    return _current


def contrast(first: QColor | str, second: QColor | str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21, as WCAG 2 defines it."""
    return palette.contrast(QColor(first).name(), QColor(second).name())


def readable(colour: QColor | str, background: QColor | str, ratio: float) -> QColor:
    """Return `colour`, darkened or lightened until its contrast with `background` is at least `ratio`."""
    return QColor(palette.readable(QColor(colour).name(), QColor(background).name(), ratio))


def component_colour(rank: int) -> QColor:
    """Return the colour of the component with this rank, from 0 for the best match."""
    return readable(OKABE_ITO[rank % len(OKABE_ITO)], _current.base, _current.line_contrast)


def component_text_colour(rank: int) -> QColor:
    """Return the colour of a component for text."""
    return readable(OKABE_ITO[rank % len(OKABE_ITO)], _current.base, TEXT_CONTRAST)


def component_pen(rank: int) -> QPen:
    """Return the pen of a component: eight colours, repeated with other line styles."""
    style = LINE_STYLES[(rank // len(OKABE_ITO)) % len(LINE_STYLES)]
    return pg.mkPen(component_colour(rank), width=line_width(1), style=style)  # type: ignore[no-any-return]


def role_colour(role: str) -> QColor:
    """Return the colour of a role such as "raw", "region", "matched", "truth", or one of `COMPARED`."""
    if role in ("separated", "matched"):
        return component_colour(0)
    if role == "ribbon":
        return mixed(component_colour(0), 0.3)
    theme = _current
    colours = {
        "raw": theme.text, "region": theme.muted, "faint": theme.faint, "trial": theme.muted, "lane": theme.grid,
        "truth": theme.text, "difference": theme.text,
        "median": theme.text, "constant": theme.grid, "residual": theme.muted, "without": OKABE_ITO[4],
    }  # fmt: skip
    if role in COMPARED:
        return readable(OKABE_ITO[COMPARED[role][0]], theme.base, theme.line_contrast)
    colour = QColor(colours[role])
    return readable(colour, theme.base, theme.line_contrast) if role == "without" else colour


def pen(role: str) -> QPen:
    """Return the pen of a role; only that of the raw ROI is bold."""
    solid, dash, dot, _ = LINE_STYLES
    line = {"truth": dash, "trial": dot, "median": dash}.get(role, solid)
    if role in COMPARED:
        line = LINE_STYLES[COMPARED[role][1]]
    colour = role_colour(role)
    if role == "region":
        colour.setAlpha(150)
    width = 1.0 if role in ("trial", "lane") else line_width(2 if role == "raw" else 1)
    return pg.mkPen(colour, width=width, style=line)  # type: ignore[no-any-return]


def mixed(colour: QColor | str, part: float) -> QColor:
    """Return an opaque blend of `colour`, by the fraction `part`, with the background of plots."""
    return QColor(palette.mixed(QColor(colour).name(), _current.base, part))


def area_colour(rank: int) -> QColor:
    """Return the fill colour of a component's area, lighter than its line."""
    return mixed(component_colour(rank), 0.7)


def wide_pen(colour: QColor) -> QPen:
    """Return the pen that a legend draws the sample of an area with."""
    wide: QPen = pg.mkPen(colour, width=8)
    wide.setCapStyle(Qt.PenCapStyle.FlatCap)
    return wide


def heatmap_colours(signed: bool) -> Any:
    """Return the colour map of heatmaps: sequential, or diverging at the middle for signed values."""
    return pg.colormap.get("CET-D1" if signed else "viridis")


def ink(back: QColor) -> QColor:
    """Return black or white, whichever has the greater contrast with `back`."""
    return QColor(palette.ink(back.name()))


def coloured(text: str, colour: QColor | str) -> str:
    """Return `text`, escaped, as rich text in `colour`."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;")
    return f'<span style="color:{QColor(colour).name()}">{escaped}</span>'


def apply_theme(app: "QApplication", name: str) -> Theme:
    """Apply the theme with this name, or the desktop's light or dark for "system", and return it.

    Views that have drawn already follow by their `restyle`.
    """
    global _current, _desktop_is_dark
    if _desktop_is_dark is None:
        _desktop_is_dark = app.palette().color(QPalette.ColorRole.Window).lightness() < 128
    if name == "system":
        name = "dark" if _desktop_is_dark else "light"
    _current = theme = THEMES[name]
    app.setStyle("Fusion")
    app.setPalette(_palette(theme))
    app.setStyleSheet(_style_sheet(theme))
    pg.setConfigOptions(background=theme.base, foreground=theme.muted, antialias=False)
    return theme


def _palette(theme: Theme) -> QPalette:
    palette, role = QPalette(), QPalette.ColorRole
    for each, colour in (
        (role.Window, theme.window),
        (role.WindowText, theme.text),
        (role.Base, theme.base),
        (role.AlternateBase, theme.window),
        (role.Text, theme.text),
        (role.Button, theme.button),
        (role.ButtonText, theme.text),
        (role.BrightText, theme.error),
        (role.Highlight, theme.accent),
        (role.HighlightedText, theme.accent_text),
        (role.ToolTipBase, theme.base),
        (role.ToolTipText, theme.text),
        (role.PlaceholderText, theme.muted),
        (role.Mid, theme.border),
        (role.Link, readable(theme.accent, theme.window, TEXT_CONTRAST).name()),
    ):
        palette.setColor(each, QColor(colour))
    disabled = QPalette.ColorGroup.Disabled
    for each in (role.WindowText, role.Text, role.ButtonText, role.Highlight):
        palette.setColor(disabled, each, QColor(theme.faint))
    palette.setColor(disabled, role.Base, QColor(theme.window))
    return palette


def _style_sheet(theme: Theme) -> str:
    check, box, dot = (ICONS / "check.svg").as_posix(), scaled(13), scaled(5)
    return f"""
    QToolTip {{ background: {theme.base}; color: {theme.text}; border: 1px solid {theme.border}; padding: 4px; }}
    QLabel[muted="true"] {{ color: {theme.muted}; }}
    QLabel[invalid="true"] {{ color: {theme.error}; }}
    QFrame#help_popup {{ background: {theme.base}; color: {theme.text}; border: 1px solid {theme.border}; }}
    QLabel[note="true"] {{ background: {theme.warning_back}; color: {theme.warning}; border-radius: 4px;
        padding: 7px 9px; }}
    QLabel[keys="true"] {{ background: {theme.text}; color: {theme.base}; border-radius: 6px; padding: 6px 14px; }}
    QLabel[level="error"] {{ background: {theme.error_back}; color: {theme.error}; }}
    QLabel[level="info"] {{ background: {theme.info_back}; color: {theme.text}; }}
    QPushButton[primary="true"] {{ background: {theme.accent}; color: {theme.accent_text};
        border: 1px solid {theme.accent}; border-radius: 4px; padding: 5px 14px; font-weight: bold; }}
    QPushButton[primary="true"]:hover, QPushButton[primary="true"]:focus {{ border-color: {theme.text}; }}
    QPushButton[primary="true"]:disabled {{ background: {theme.button}; color: {theme.faint};
        border-color: {theme.border}; }}
    NumberEdit {{ border: 1px solid {theme.border}; border-radius: 3px; padding: 2px 4px; background: {theme.base}; }}
    NumberEdit:focus {{ border-color: {theme.accent}; }}
    NumberEdit:disabled {{ background: {theme.window}; color: {theme.faint}; }}
    NumberEdit[invalid="true"] {{ color: {theme.error}; border-color: {theme.error}; background: {theme.error_back}; }}
    QCheckBox::indicator, QRadioButton::indicator {{ width: {box}px; height: {box}px;
        border: 1px solid {theme.faint}; background: {theme.base}; }}
    QCheckBox::indicator {{ border-radius: 3px; }}
    QRadioButton::indicator {{ border-radius: {box // 2 + 1}px; }}
    QCheckBox::indicator:checked {{ background: {theme.accent}; border-color: {theme.accent}; image: url({check}); }}
    QRadioButton::indicator:checked {{ width: {dot}px; height: {dot}px; border: {dot}px solid {theme.accent};
        border-radius: {3 * dot // 2}px; background: {theme.accent_text}; }}
    QCheckBox::indicator:focus, QRadioButton::indicator:focus {{ border-color: {theme.text}; }}
    QCheckBox:disabled, QRadioButton:disabled {{ color: {theme.faint}; }}
    QTabBar#page_bar::tab {{ color: {theme.muted}; padding: 6px 12px 5px 12px; border: none;
        border-bottom: 2px solid transparent; }}
    QTabBar#page_bar::tab:hover {{ color: {theme.text}; border-bottom-color: {theme.border}; }}
    QTabBar#page_bar::tab:selected {{ color: {theme.text}; border-bottom-color: {theme.accent}; }}
    QTabBar#page_bar::tab:disabled {{ color: {theme.border}; }}
    QTabBar#page_bar::tab:focus {{ border-bottom-color: {theme.text}; }}
    QMainWindow > QTabBar {{ qproperty-elideMode: ElideNone; qproperty-usesScrollButtons: true; }}
    QWidget#page_head {{ border-bottom: 1px solid {theme.border}; }}
    QSplitter::handle {{ background: {theme.window}; }}
    """
