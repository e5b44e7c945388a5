"""The best match over the raw ROI, with the truth and a stored result where they are known."""

from typing import TYPE_CHECKING

import numpy as np

from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import Separation
from neuropil_gui.views import style
from neuropil_gui.views.time_plot import TimePlot, limits

if TYPE_CHECKING:
    from PyQt5.QtGui import QColor

    from neuropil_gui.views.time_plot import FloatArray

HELP = """<b>Best match</b><p>c1, the part of the ROI's signal that is the cell's own, in the file's units.</p>
<p>Behind it, faint, the raw ROI, moved down so that the two can be compared; the line above says by how much.</p>
<p>Where the raw ROI rises and c1 does not, the rise came from around the cell.</p>
<p>Dashed: the true source of a simulated cell, scaled to fit; or a result stored in the file.</p>
<p>With ICA the baseline is lost: c1 has mean zero.</p>"""


class MatchPlot(TimePlot):
    """Draws c1 and what it is compared with; `data_limits` is the range of all of it."""

    def __init__(self) -> None:
        super().__init__("Best match", HELP)
        self.data_limits = (0.0, 1.0)
        self._legend: list[tuple[str, QColor]] = []

    def show_match(self, x: "FloatArray", cell: Cell | None, separation: Separation | None) -> None:
        """Draw one cell's best match, or only its raw ROI where there is no result yet."""
        self._legend = []
        drawn: list[FloatArray] = []
        if cell is not None:
            best = separation.matched[0] if separation is not None else None
            raw, said = self._comparable(cell.traces[0], best, separation)
            lines = [("faint", f"raw {cell.signal_names[0]}{said}", raw, 0)]
            if cell.stored is not None and cell.stored.matched.shape[-1] == len(x):
                lines.append(("stored", cell.stored.origin, cell.stored.matched[0], 2))
            if cell.truth is not None and cell.truth.sources.shape[-1] == len(x):
                lines.append(
                    (
                        "truth",
                        "truth, scaled",
                        _fit(cell.truth.sources[0], raw if best is None else best),
                        1,
                    )
                )
            if best is not None:
                lines.insert(0, ("matched", "c1", best, 3))
            for index, (role, name, values, depth) in enumerate(lines):
                self.draw(index, x, values, style.pen(role), depth)
                is_match = role == "matched"
                colour = style.component_text_colour(0) if is_match else style.readable(
                    style.role_colour(role), style.current().window, 4.5
                )  # fmt: skip
                mark = "╌ " if role in ("truth", "stored") else "─ "
                self._legend.append((mark + name, colour))
                drawn.append(values)
        self.hide_from(len(drawn))
        self.data_limits = limits(*drawn)

    def legend(self) -> list[str]:
        """Return what is drawn as rich text, each in its colour."""
        return [style.coloured(text, colour) for text, colour in self._legend]

    @staticmethod
    def _comparable(
        raw: "FloatArray", best: "FloatArray | None", separation: Separation | None
    ) -> tuple["FloatArray", str]:
        """Move the raw ROI to the best match's level, and say how."""
        if best is None or separation is None:
            return raw, ""
        if separation.settings.method == "ica":
            return raw - raw.mean(), " \N{MINUS SIGN} its mean"
        shift = float(np.median(raw - best))
        sign = "+" if shift < 0 else "\N{MINUS SIGN}"
        return raw - shift, f" {sign} {abs(shift):.4g}"


def _fit(source: "FloatArray", target: "FloatArray") -> "FloatArray":
    """Return `source` with the scale and offset that bring it nearest to `target`."""
    centred = source - source.mean()
    power = float(centred @ centred)
    scale = float(centred @ (target - target.mean())) / power if power else 0.0
    return scale * centred + target.mean()  # type: ignore[no-any-return]
