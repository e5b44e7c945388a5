"""Figures of a separation: their files, what they draw, and that all text stays on the page."""

import re
import zlib
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from neuropil_gui import plot_best_match, plot_components, plot_mixing_matrix, plot_raw, plot_separation
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.recording import Cell, StoredResult
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.figures.palette import LIGHT, OKABE_ITO, contrast
from neuropil_gui.figures.result import PARTS
from neuropil_gui.formats.registry import read

TITLES = {"raw": "Raw", "separated": "Separated", "matched": "Best match", "mixing": "Mixing matrix"}


def saved(figure, form, **kwargs):
    stream = BytesIO()
    figure.savefig(stream, format=form, **kwargs)
    return stream.getvalue()


def svg_words(figure):
    content = saved(figure, "svg").decode()
    return [each.strip() for each in re.findall(r"<text[^>]*>([^<]*)</text>", content, re.DOTALL)]


def pdf_streams(content):
    """Return what the streams of a PDF say, unpacked."""
    unpacked = []
    for each in re.findall(rb"stream\r?\n(.*?)endstream", content, re.DOTALL):
        try:
            unpacked.append(zlib.decompressobj().decompress(each))
        except zlib.error:
            unpacked.append(each)
    return b"\n".join(unpacked)


def curves(axes):
    """Return the traces that are drawn in axes, without borders, trials and single points."""
    return [line for line in axes.lines if len(line.get_xdata()) > 2 and line.get_linestyle() != "None"]


def written(figure, monkeypatch):
    """Return the texts that are drawn, with their boxes."""
    found, draw = [], Text.draw

    def spy(text, renderer):
        draw(text, renderer)
        if text.get_text():
            found.append((text.get_text(), text.get_window_extent(renderer)))

    with monkeypatch.context() as patched:
        patched.setattr(Text, "draw", spy)
        saved(figure, "raw")
    return found


@pytest.mark.parametrize(("width", "height", "dpi"), [(180.0, 120.0, 300), (89.0, 61.5, 600), (254.0, 143.0, 72)])
def test_a_png_has_the_pixels_of_its_millimetres(cell, separation_of, width, height, dpi):
    from PIL import Image

    figure = plot_separation(separation_of(cell), cell, parts=("raw",), size_mm=(width, height), dpi=dpi)
    image = Image.open(BytesIO(saved(figure, "png")))
    assert image.size == (round(width / 25.4 * dpi), round(height / 25.4 * dpi))
    assert image.info["dpi"] == pytest.approx((dpi, dpi), abs=0.02)
    assert "cell 1" in image.info["Description"]
    assert "alpha 0.1" in image.info["Description"]
    assert figure.pixels().shape == (*image.size[::-1], 4)
    assert tuple(figure.get_size_inches() * 25.4) == pytest.approx((width, height))


def test_a_notebook_shows_it_by_itself(cell, separation_of):
    figure = plot_separation(separation_of(cell), cell, dpi=60)
    assert figure._repr_png_() == saved(figure, "png")


def test_the_paper_is_white_and_opaque(cell, separation_of):
    pixels = plot_separation(separation_of(cell, empty=(2,)), cell, frame_rate=10.0, dpi=100).pixels()
    assert (pixels[..., 3] == 255).all()
    assert (pixels[[0, 0, -1, -1], [0, -1, 0, -1]] == 255).all()
    assert (pixels == 255).all(axis=2).mean() > 0.6


def test_svg_says_its_size_and_its_words_as_text(cell, separation_of):
    figure = plot_separation(separation_of(cell, empty=(1,)), cell, frame_rate=10.0)
    content = saved(figure, "svg").decode()
    sizes = re.search(r'width="([\d.]+)pt" height="([\d.]+)pt"', content).groups()
    assert [float(each) / 72 * 25.4 for each in sizes] == pytest.approx([180, 120])
    words = svg_words(figure)
    for each in ("Raw", "Separated", "Best match", "Mixing matrix", "ROI", "3 neuropil regions", "3 trials", "np 3",
                 "Time (s)", "Signal (a.u.)", "Component", "c1", "truth",
                 "Share of the component"):  # fmt: skip
        assert each in words, each
    assert any(each.startswith("raw ROI") for each in words)
    assert any("empty (all zero)" in each for each in words)
    assert "<image" not in content
    assert "cell 1" in content[: content.index("<defs>")]


def test_pdf_has_fonts_text_operators_and_its_size(cell, separation_of):
    content = saved(plot_separation(separation_of(cell), cell, frame_rate=10.0), "pdf")
    assert content.startswith(b"%PDF")
    assert b"/FontFile2" in content
    assert b"/ToUnicode" in content
    assert b"/Subtype /Image" not in content
    assert b"cell 1" in content
    assert len(re.findall(rb"\bT[jJ]\b", pdf_streams(content))) > 20
    box = re.search(rb"/MediaBox \[ ?0 0 (\S+) (\S+) ?\]", content)
    assert [float(each) for each in box.groups()] == pytest.approx([180 / 25.4 * 72, 120 / 25.4 * 72], abs=0.01)


def test_saving_leaves_the_settings_of_matplotlib(cell, separation_of):
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    saved(plot_separation(separation_of(cell), cell), "svg")
    assert dict(mpl.rcParams) == before


def test_the_numbers_drawn_are_the_data(cell, separation_of):
    separation = separation_of(cell, empty=(0,))
    # The matrix is made last, and placed before the traces.
    raw, separated, matched, matrix, _ = plot_separation(separation, cell, frame_rate=10.0).axes
    assert len(curves(raw)) == len(cell.traces)
    for curve, row in zip(curves(raw), (*cell.traces[1:], cell.traces[0]), strict=True):
        np.testing.assert_array_equal(curve.get_ydata(), row)
        np.testing.assert_array_equal(curve.get_xdata(), np.arange(120) / 10.0)
    alive = [row for row in separation.order if separation.separated[row].any()]
    for lane, (curve, row) in enumerate(zip(curves(separated), alive, strict=True)):
        component, drawn = separation.separated[row], curve.get_ydata()
        expected = -lane - 0.9 + 0.8 * (component - component.min()) / np.ptp(component)
        np.testing.assert_allclose(drawn, expected)
    best = next(curve for curve in curves(matched) if to_hex(curve.get_color()).upper() == OKABE_ITO[0])
    np.testing.assert_array_equal(best.get_ydata(), separation.matched[0])
    shares = matrix.collections[0].get_array()
    np.testing.assert_allclose(shares.sum(axis=0).compressed(), 1.0)
    assert np.ma.count_masked(shares) == len(cell.traces)
    plain = plot_separation(separation, cell, parts=("mixing",), normalised=False).axes[0].collections[0].get_array()
    np.testing.assert_array_equal(plain.data, separation.mixing[:, separation.order])


def test_components_have_the_colours_and_styles_of_the_screen(separation_of):
    rng = np.random.default_rng(1)
    cell = Cell.from_traces(rng.gamma(2.0, 1.0, (10, 60)))
    axes = plot_components(separation_of(cell), cell).axes[0]
    lanes = curves(axes)
    assert [to_hex(line.get_color()) for line in lanes[:8]] != [to_hex(line.get_color()) for line in lanes[1:9]]
    assert to_hex(lanes[8].get_color()) == to_hex(lanes[0].get_color()) == OKABE_ITO[0].lower()
    assert [line.get_linestyle() for line in lanes] == ["-"] * 8 + ["--"] * 2
    assert all(contrast(to_hex(line.get_color()), LIGHT.base) >= LIGHT.line_contrast for line in lanes)


def test_the_time_in_view_or_the_whole_recording(cell):
    (axes,) = plot_raw(cell, frame_rate=10.0, time_range=(3.0, 6.02)).axes
    assert axes.get_xlim() == (3.0, 6.02)
    np.testing.assert_array_equal(curves(axes)[-1].get_ydata(), cell.traces[0, 30:61])
    trials = [line.get_xdata()[0] for line in axes.lines if len(set(line.get_xdata())) == 1]
    assert trials == [pytest.approx(4.95)]
    assert len(curves(plot_raw(cell).axes[0])[-1].get_ydata()) == 120
    with pytest.raises(DataError, match="no frame"):
        plot_separation(None, cell, frame_rate=10.0, time_range=(3.01, 3.02))


def test_ten_thousand_points_are_all_drawn_and_more_are_reduced_with_a_note():
    rng = np.random.default_rng(0)
    values = rng.normal(100, 1, (2, 50_003))
    values[0, 12_345], values[1, 50_002], values[0, 777] = 500.0, -300.0, np.nan
    long = Cell.from_traces(values)
    exact = plot_separation(None, long, parts=("raw",), time_range=(0, 9_999), dpi=100)
    assert all(len(curve.get_ydata()) == 10_000 for curve in curves(exact.axes[0]))
    assert "are drawn" not in exact.description
    middle = plot_separation(None, long, parts=("raw",), time_range=(1_000, 10_999), dpi=100)
    paths = re.findall(r'd="([^"]*)"', saved(middle, "svg").decode())
    assert sum(each.count("L") == 9_999 for each in paths) == 2
    reduced = plot_separation(None, long, parts=("raw",), dpi=100)
    assert "the least and the greatest value of each 11" in reduced.description
    for curve, row in zip(curves(reduced.axes[0]), (1, 0), strict=True):
        x, y = curve.get_data()
        np.testing.assert_array_equal(y, values[row, x.astype(int)])
        assert len(y) < 10_100
        assert np.nanmax(y) == np.nanmax(values[row])
        assert np.nanmin(y) == np.nanmin(values[row])
        assert (np.diff(x) > 0).all()
        assert np.isnan(y).any() == (row == 0)


def test_a_trace_has_as_many_points_as_are_asked_for(cell, separation_of):
    figure = plot_separation(separation_of(cell), cell, parts=("raw", "matched"), points=20)
    assert "the least and the greatest value of each 12" in figure.description
    for axes in figure.axes:
        for curve in curves(axes):
            assert len(curve.get_ydata()) <= 22


def test_a_result_of_the_file_is_not_drawn_twice(cell, separation_of):
    made = separation_of(cell)
    cell = replace(cell, stored=StoredResult("result in out.npz", made.matched))
    drawn = [len(curves(plot_best_match(each, cell).axes[0])) for each in (made, replace(made, origin="out.npz"))]
    assert drawn == [4, 3]


def test_a_long_noisy_recording_is_rendered(separation_of):
    rng = np.random.default_rng(0)
    long = Cell.from_traces(rng.normal(100, 1, (2, 200_000)))
    pixels = plot_separation(None, long, parts=("raw",), size_mm=(180, 60), dpi=100).pixels()
    assert (pixels[..., :3] != 255).any(axis=2).mean() > 0.3


@pytest.mark.parametrize("parts", [(name,) for name in PARTS] + [PARTS])
@pytest.mark.parametrize("is_separated", [True, False])
def test_each_part_with_and_without_a_result(cell, separation_of, parts, is_separated):
    separation = separation_of(cell, method="ica") if is_separated else None
    words = svg_words(plot_separation(separation, cell, parts=parts, size_mm=(89, 140)))
    for name, title in TITLES.items():
        assert (title in words) == (name in parts)
    assert ("not separated yet" in words) == (not is_separated and parts != ("raw",))


@pytest.mark.parametrize(
    "values",
    [np.ones((2, 1)), np.full((1, 50), 7.0), np.full((2, 50), np.nan), np.full((2, 20), 1e-9), [[1.0, np.nan, 2.0]]],
)
def test_one_frame_constant_and_broken_signals_are_drawn(values):
    figure = plot_separation(None, Cell.from_traces(values), dpi=60)
    # A PDF takes most of the time, for its fonts; what could be wrong in one alone are the gaps.
    forms = ("png", "svg", "pdf") if np.isnan(values).any() else ("png", "svg")
    assert all(len(saved(figure, form)) > 1000 for form in forms)


def test_a_value_between_gaps_is_a_point():
    values = np.array([[1.0, np.nan, 2.0, np.nan, 3.0, 4.0]])
    axes = plot_raw(Cell.from_traces(values)).axes[0]
    (points,) = [line for line in axes.lines if line.get_marker() == "."]
    np.testing.assert_array_equal(points.get_xdata(), [0, 2])


@pytest.mark.parametrize(
    ("size", "parts"),
    [((180, 120), PARTS), ((89, 140), PARTS), ((120, 90), PARTS), ((60, 160), PARTS),
     ((500, 500), PARTS), ((60, 40), ("raw",)), ((180, 60), ("matched",)), ((90, 90), ("mixing",)),
     ((40, 60), ("mixing",))],
)  # fmt: skip
def test_text_stays_on_the_page(cell, separation_of, monkeypatch, size, parts):
    names = ("a very long name of a ROI indeed", "np 1", "np 2", "np 3")
    stored = StoredResult("a result of another program that has a long name.npz", cell.traces)
    for each, method in (
        (Cell("cell", cell.traces * 1e7, names), "nmf"),
        (Cell("cell", cell.traces, names, stored=stored), "ica"),
    ):
        separation = separation_of(each, method=method)
        figure = plot_separation(separation, each, parts=parts, frame_rate=1234.5, size_mm=size, dpi=72)
        texts, page = written(figure, monkeypatch), figure.bbox
        assert len(texts) > 6
        for text, box in texts:
            assert page.x0 <= box.x0 <= box.x1 <= page.x1 + 0.5, text
            assert page.y0 <= box.y0 <= box.y1 <= page.y1 + 0.5, text


def test_a_power_of_ten_goes_into_the_label(cell):
    (axes,) = plot_raw(Cell.from_traces(cell.traces * 1e6)).axes
    assert axes.get_ylabel() == "Signal (10⁷ a.u.)"
    low, high = axes.get_ylim()
    assert low < axes.get_yticks()[1] < high < 1e8
    texts = axes.yaxis.get_major_formatter().format_ticks(axes.get_yticks())
    assert len(set(texts)) == len(texts)
    assert not axes.yaxis.get_offset_text().get_visible()


def test_a_page_too_small_is_refused(cell, separation_of):
    with pytest.raises(DataError, match="too small"):
        plot_separation(None, cell, size_mm=(30, 30))
    with pytest.raises(DataError, match="too small for the mixing matrix"):
        plot_separation(separation_of(cell), cell, parts=("mixing",), size_mm=(20, 20))


def test_unknown_parts_are_refused(cell):
    for parts in ((), ("raw", "x")):
        with pytest.raises(DataError, match="one or more of"):
            plot_separation(None, cell, parts=parts)


def test_a_picture_too_large_for_the_memory_is_refused(cell):
    figure = plot_separation(None, cell, parts=("raw",), size_mm=(1000, 1000), dpi=1200)
    with pytest.raises(DataError, match="too large"):
        figure.pixels()
    with pytest.raises(DataError, match="too large"):
        saved(figure, "png")
    assert saved(figure, "svg")


def test_each_plot_goes_into_given_axes(cell, separation_of, monkeypatch):
    figure = Figure(figsize=(10, 8))
    axes = figure.subplots(2, 2).ravel()
    separation = separation_of(cell)
    assert plot_raw(cell, ax=axes[0]) is figure
    assert plot_components(separation, cell, ax=axes[1], frame_rate=10.0) is figure
    assert plot_best_match(separation, cell, ax=axes[2]) is figure
    assert plot_mixing_matrix(separation, cell, ax=axes[3], normalised=False) is figure
    words = [text for text, _ in written(figure, monkeypatch)]
    for each in (*TITLES.values(), "Frame", "Time (s)", "c4", "np 3", "Weight (solver's units)"):
        assert each in words, each


@pytest.mark.parametrize(
    ("plot", "title"),
    [(plot_components, "Separated"), (plot_best_match, "Best match"), (plot_mixing_matrix, "Mixing matrix")],
)
def test_each_plot_makes_a_page_of_its_own(cell, separation_of, plot, title):
    assert title in svg_words(plot(separation_of(cell), cell))


def test_the_real_example(real_data):
    cell = read(real_data / "fissa_example" / "prepared.npz").cells[0]
    figure = plot_separation(separate_cell(cell, SeparationSettings()), cell)
    assert "1201 iterations" in figure.description
    assert all(len(saved(figure, form)) > 10_000 for form in ("png", "svg", "pdf"))
