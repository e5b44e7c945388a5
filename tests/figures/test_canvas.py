"""Pictures of figures: lines drawn in pieces look like lines, and drawing can be stopped."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.figure import Figure

from neuropil_gui.core.errors import Cancelled, DataError
from neuropil_gui.engine import jobs
from neuropil_gui.figures.canvas import POINTS, WHOLE, PieceCanvas
from neuropil_gui.figures.figure import ResultFigure
from neuropil_gui.formats.progress import watched

RNG = np.random.default_rng(7)


def with_lines(figure, style="-", points=3000):
    axes = figure.add_axes((0.05, 0.05, 0.9, 0.9))
    values = np.cumsum(RNG.normal(size=points))
    values[points // 2] = np.nan
    axes.plot(values, style, color="k", solid_capstyle="butt", dash_capstyle="butt", linewidth=1.5)
    axes.set_axis_off()
    return figure


@pytest.mark.parametrize("style", ["-", "--", ":"])
def test_a_line_in_pieces_looks_as_drawn_at_once(style, monkeypatch):
    figure = with_lines(Figure(figsize=(6, 3), dpi=200), style)
    drawn = []
    for whole in (WHOLE, 10**6):
        monkeypatch.setattr("neuropil_gui.figures.canvas.WHOLE", whole)
        canvas = PieceCanvas(figure)
        canvas.draw()
        drawn.append(np.asarray(canvas.buffer_rgba()).astype(float)[..., 0])
    pieces, whole = drawn
    assert np.abs(pieces - whole).mean() < 0.1
    assert (np.abs(pieces - whole) > 60).mean() < 1e-3


def test_agg_gets_a_few_points_at_once_and_is_polled_between_them(monkeypatch):
    figure = with_lines(ResultFigure((100, 50), 100), points=5000)
    counts, polls, draw_path = [], [], RendererAgg.draw_path

    def counted(renderer, gc, path, *arguments):
        counts.append(len(path.vertices))
        draw_path(renderer, gc, path, *arguments)

    monkeypatch.setattr(RendererAgg, "draw_path", counted)
    figure.stop_by(lambda: polls.append(len(counts)))
    figure.pixels()
    assert max(counts) <= POINTS + 2
    assert sum(counts) >= 5000
    assert set(range(len(counts))) <= set(polls)


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_writing_a_figure_stops_in_the_middle_and_the_old_file_stays(tmp_path, suffix):
    path, asked = tmp_path / f"a{suffix}", []
    path.write_bytes(b"old")

    def should_stop():
        asked.append(True)
        return len(asked) > 20

    work = jobs.export_figure(path, lambda: with_lines(ResultFigure((100, 50), 100), points=20_000))
    with pytest.raises(Cancelled), watched(should_stop=should_stop):
        work(lambda _: None, should_stop)
    assert len(asked) < 30
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_an_area_of_too_many_edges_is_a_sentence(monkeypatch):
    figure = with_lines(ResultFigure((100, 50), 100))
    size = tuple(figure.get_size_inches())

    def refuse(*_):
        raise OverflowError("Exceeded cell block limit in Agg")

    monkeypatch.setattr(RendererAgg, "draw_path", refuse)
    with pytest.raises(DataError, match=r"too large for so many dpi: choose fewer, a smaller size, or SVG or PDF"):
        figure.pixels()
    assert tuple(figure.get_size_inches()) == size
