"""Colours and line styles shared by the window's plots and the figures, without Qt and matplotlib."""

import colorsys
from dataclasses import dataclass
from functools import cache

# Okabe and Ito's colours without black, which is the raw trace's, and with grey as the eighth.
OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#7F7F7F")

COMPARED = {
    "pin_A": (1, 1), "pin_B": (2, 3), "pin_C": (5, 2), "fixed": (3, 3), "regression": (4, 0), "robust": (6, 0),
    "cross_validation": (5, 0), "nmf": (2, 0), "ica": (1, 0), "stored": (7, 1), "subtraction": (3, 3),
    "ast": (4, 1), "tuncat": (6, 1), "plug_in_1": (7, 2), "plug_in_2": (5, 1), "plug_in_3": (1, 3), "plug_in_4": (4, 3),
}  # fmt: skip
"""Role of each trace in Compare, as indices into `OKABE_ITO` and the line styles: solid, dash, dot, dash-dot."""

EVENTS = {"kept": 2, "shrunk": 1, "removed": 4, "new": 3}
"""Kind of event, as an index into `OKABE_ITO`."""

DIVERGING = (
    "#2151db", "#7075e2", "#a09ce8", "#c9c5ed", "#eee7ea", "#f0beb1", "#e78c77", "#d7583f", "#c00206",
)  # fmt: skip
"""Heat map of signed values, from blue through nearly white, at 0, to red."""

TEXT_CONTRAST = 4.5
"""The least contrast ratio of coloured text."""


@dataclass(frozen=True)
class Theme:
    """Colours of one theme by role, as ``"#rrggbb"``.

    Parameters
    ----------
    name : str
    window, base, text, muted, faint, grid, border, button, accent, accent_text : str
    good, error, error_back, warning, warning_back, info_back : str
    line_contrast : float
        Least contrast ratio of a trace with `base`.
    """

    name: str
    window: str
    base: str
    text: str
    muted: str
    faint: str
    grid: str
    border: str
    button: str
    accent: str
    accent_text: str
    good: str
    error: str
    error_back: str
    warning: str
    warning_back: str
    info_back: str
    line_contrast: float


LIGHT = Theme(
    name="light", window="#F3F5F7", base="#FFFFFF", text="#1B1F24", muted="#59626D", faint="#A9B1BA", grid="#E1E5EA",
    border="#CFD5DC", button="#FBFCFD", accent="#0072B2", accent_text="#FFFFFF", good="#00775A", error="#B3261E",
    error_back="#FCE6E4", warning="#6B4A00", warning_back="#FFF1CC", info_back="#E1EFF9", line_contrast=2.1,
)  # fmt: skip
DARK = Theme(
    name="dark", window="#1D2024", base="#141619", text="#E7E9EC", muted="#A0A8B2", faint="#656D77", grid="#2B3036",
    border="#3B4149", button="#2A2E34", accent="#1B78B5", accent_text="#FFFFFF", good="#0B7F61", error="#FF9B92",
    error_back="#43221F", warning="#F2D79B", warning_back="#3A2F14", info_back="#1A3347", line_contrast=4.5,
)  # fmt: skip


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, as WCAG 2 defines it.

    Parameters
    ----------
    first, second : str
        As ``"#rrggbb"``.

    Returns
    -------
    float
        From 1 to 21.
    """
    dark, light = sorted((_luminance(first), _luminance(second)))
    return (light + 0.05) / (dark + 0.05)


@cache
def readable(colour: str, background: str, ratio: float) -> str:
    """Return a colour, darkened or lightened until its contrast with the background is high enough.

    Parameters
    ----------
    colour, background : str
        As ``"#rrggbb"``.
    ratio : float
        Least contrast ratio.

    Returns
    -------
    str
        As ``"#rrggbb"``.
    """
    step = -0.02 if _luminance(background) > 0.4 else 0.02
    hue, lightness, saturation = colorsys.rgb_to_hls(*_channels(colour))
    while contrast(colour, background) < ratio and 0 <= lightness + step <= 1:
        lightness += step
        red, green, blue = (round(255 * part) for part in colorsys.hls_to_rgb(hue, lightness, saturation))
        colour = f"#{red:02x}{green:02x}{blue:02x}"
    return colour


@cache
def ink(back: str) -> str:
    """Return black or white, whichever has the greater contrast with a background.

    Parameters
    ----------
    back : str
        As ``"#rrggbb"``.

    Returns
    -------
    str
        As ``"#rrggbb"``.
    """
    return max(("#000000", "#ffffff"), key=lambda each: contrast(each, back))


def mixed(colour: str, background: str, part: float) -> str:
    """Return a translucent colour on a background as an opaque one.

    Parameters
    ----------
    colour, background : str
        As ``"#rrggbb"``.
    part : float
        Opacity of `colour`, 0 to 1.

    Returns
    -------
    str
        As ``"#rrggbb"``.
    """
    pairs = zip(_channels(colour), _channels(background), strict=True)
    red, green, blue = (round(255 * (part * above + (1 - part) * below)) for above, below in pairs)
    return f"#{red:02x}{green:02x}{blue:02x}"


@cache
def _luminance(colour: str) -> float:
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in _channels(colour))
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def _channels(colour: str) -> tuple[float, float, float]:
    red, green, blue = bytes.fromhex(colour[1:])
    return red / 255, green / 255, blue / 255
