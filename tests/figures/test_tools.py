"""Figures of what the tools find: what they draw, and that all text stays on the page."""

import math
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.text import Text

from neuropil_gui import (
    plot_before_after,
    plot_comparison,
    plot_contributions,
    plot_convergence,
    plot_correlations,
    plot_events,
    plot_field,
    plot_indicators,
    plot_population_sweep,
    plot_runs,
    plot_spike_in,
    plot_spike_in_cells,
    plot_spike_test,
    plot_stability,
    plot_sweep,
    separate_cell,
)
from neuropil_gui.core.analysis.before_after import CellSides, before_and_after
from neuropil_gui.core.analysis.cell_spike_in import CellSpikeIn
from neuropil_gui.core.analysis.contributions import contributions
from neuropil_gui.core.analysis.correlations import correlations
from neuropil_gui.core.analysis.events import compare_events
from neuropil_gui.core.analysis.inferred_spikes import InferredSpikes
from neuropil_gui.core.analysis.judgement import judge
from neuropil_gui.core.analysis.numbers import INDICATORS, NUMBERS
from neuropil_gui.core.analysis.population import PopulationSweep
from neuropil_gui.core.analysis.recovery import Estimate
from neuropil_gui.core.analysis.rival import Rival
from neuropil_gui.core.analysis.spike_detection import AucPoint, spike_test
from neuropil_gui.core.analysis.spike_in import SpikeInPoint, spike_in
from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
from neuropil_gui.core.analysis.stability import Stability
from neuropil_gui.core.analysis.sweep import Tile, run_sweep
from neuropil_gui.core.analysis.sweep_plans import Axis, SweepPlan
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.history import History, RunHistory, Try
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.core.spike_times import SpikeTimes
from neuropil_gui.figures.events import MARKERS
from neuropil_gui.formats.movies import read_movie
from neuropil_gui.imaging.field_of_view import FieldOfView
from neuropil_gui.imaging.regions import RegionSettings
from neuropil_gui.imaging.roi import EllipseRoi
from neuropil_gui.imaging.roi_set import RoiSet

FAST = SeparationSettings(solver="accelerated")


@pytest.fixture(scope="module")
def simulated():
    return simulate(Simulation(regions=3, frames=300, seed=3)).cells[0]


@pytest.fixture(scope="module")
def separated(simulated):
    return separate_cell(simulated, FAST)


def draw(figure, monkeypatch):
    """Draw a figure; return its texts, all of which must lie on the page."""
    found, own = [], Text.draw

    def spy(text, renderer):
        own(text, renderer)
        if text.get_text():
            found.append((text.get_text(), text.get_window_extent(renderer)))

    with monkeypatch.context() as patched:
        patched.setattr(Text, "draw", spy)
        figure.savefig(BytesIO(), format="raw")  # as a PNG is drawn, without packing it
    page = figure.bbox
    for text, box in found:
        assert page.x0 - 0.5 <= box.x0 <= box.x1 <= page.x1 + 0.5, text
        assert page.y0 - 0.5 <= box.y0 <= box.y1 <= page.y1 + 0.5, text
    return [text for text, _ in found]


def test_convergence_has_a_curve_for_each_try_and_tol(simulated, monkeypatch):
    tries = (Try(1, np.arange(1, 6), np.full(5, 0.5)), Try(2, np.arange(1, 4), np.array([0.1, 0.01, 0.0])))
    figure = plot_convergence(RunHistory(FAST, tries), dpi=80)
    axes = figure.axes[0]
    first, last = [line for line in axes.lines if len(line.get_xdata()) > 2]
    np.testing.assert_array_equal(first.get_xydata(), np.column_stack([tries[0].iterations, tries[0].violations]))
    np.testing.assert_array_equal(last.get_ydata(), [0.1, 0.01, np.nan])
    assert last.get_linewidth() > first.get_linewidth()
    assert (first.get_linestyle(), last.get_linestyle()) == ("--", "-")
    assert axes.get_yscale() == "log"
    words = draw(figure, monkeypatch)
    assert {"Convergence", "Iteration", "try 1", "try 2", "tol 0.0001", "Violation (relative)"} <= set(words)
    with pytest.raises(DataError, match="no iteration"):
        plot_convergence(RunHistory(FAST))


def test_convergence_of_a_run_goes_into_given_axes(simulated, monkeypatch):
    history = History(SeparationSettings(method="ica"))
    separate_cell(simulated, SeparationSettings(method="ica"), history.add)
    figure = Figure(dpi=80)
    assert plot_convergence(history.to_run_history(), ax=figure.add_subplot()) is figure
    figure.canvas.draw()
    assert figure.axes[0].get_ylabel() == "Change of the unmixing"


def test_a_strip_draws_each_row_and_the_numbers_beside_it(simulated, monkeypatch):
    plan = SweepPlan(FAST, Axis("alpha", (0.0, 0.1, 1.0, 1000.0)))
    tiles = run_sweep(simulated, plan)
    figure = plot_sweep(plan, tiles, number="score", frames=300, frame_rate=10.0, dpi=80)
    strip, alive, score = figure.axes
    image = strip.images[0].get_array()
    assert image.shape == (4, 300)
    trace = tiles[0].trace[1]
    row = image[tiles[0].ix]
    np.testing.assert_allclose(row, (trace - trace.min()) / np.ptp(trace))
    by_row = sorted(tiles, key=lambda tile: tile.ix)
    np.testing.assert_array_equal(alive.lines[0].get_xdata(), [tile.value("alive") for tile in by_row])
    np.testing.assert_array_equal(score.lines[0].get_xdata(), [tile.value("score") for tile in by_row])
    assert strip.get_xlim() == (0.0, 29.9)
    words = draw(figure, monkeypatch)
    assert {"Best match over alpha", "1000", "Time (s)", "Alive", "Match score"} <= set(words)


def test_a_map_writes_the_number_and_marks_collapse(simulated, monkeypatch):
    plan = SweepPlan(FAST, Axis("alpha", (0.1, 1000.0)), Axis("n", (2, None)))
    tiles = run_sweep(simulated, plan)
    figure = plot_sweep(plan, tiles, number="r_truth", dpi=80)
    shown = figure.axes[0].collections[0].get_array()
    for tile in tiles:
        value = shown[1 - tile.iy, tile.ix]
        assert value is np.ma.masked if tile.collapsed else value == tile.value("r_truth")
    assert any(tile.collapsed for tile in tiles)
    words = draw(figure, monkeypatch)
    assert {"alpha across, n up", "auto", "2", "1000"} <= set(words)


def test_a_sweep_without_tiles_or_of_an_unknown_number_is_refused():
    plan = SweepPlan(FAST, Axis("alpha", (0.1, 1.0)))
    with pytest.raises(DataError, match="Nothing"):
        plot_sweep(plan, [Tile(0, 0, FAST, "refused")])
    with pytest.raises(DataError, match="one of"):
        plot_sweep(plan, [], number="beauty")


def test_a_comparison_moves_all_to_the_level_of_the_reference(simulated, separated, monkeypatch):
    candidates = {"c1": separated.matched[0], "raw": simulated.traces[0], "truth": simulated.truth.sources[0]}
    roles = {"c1": "matched", "raw": "raw", "truth": "truth"}
    figure = plot_comparison(simulated, candidates, compared="raw", roles=roles, dpi=80)
    above, below = figure.axes
    for line, trace in zip(
        [each for each in above.lines if len(each.get_xdata()) > 2], candidates.values(), strict=True
    ):
        np.testing.assert_allclose(line.get_ydata(), trace - np.median(trace) + np.median(candidates["c1"]))
    (gap,) = [each for each in below.lines if len(each.get_xdata()) > 2]
    np.testing.assert_array_equal(gap.get_ydata(), candidates["c1"] - candidates["raw"])
    words = draw(figure, monkeypatch)
    assert "c1 \N{MINUS SIGN} raw" in words
    assert f"Pearson's r {np.corrcoef(candidates['c1'], candidates['raw'])[0, 1]:.4f}" in words
    alone = plot_comparison(simulated, {"c1": separated.matched[0]}, dpi=80)
    assert len(alone.axes) == 1
    with pytest.raises(DataError, match="300 frames"):
        plot_comparison(simulated, {"c1": np.zeros(5)})


def test_stability_draws_the_band_and_the_agreement(simulated, separated, monkeypatch):
    best = separated.matched[0]
    agreement = np.linspace(0.5, 1.0, separated.n)
    agreement[-1] = np.nan
    found = Stability("seeds", separated, np.stack([best - 1, best, best + 2]), agreement, 20, ("Rough.",))
    figure = plot_stability(found, simulated, frame_rate=10.0, dpi=80)
    axes, bars = figure.axes
    ribbon = axes.collections[0].get_paths()[0].vertices
    assert ribbon[:, 1].max() == pytest.approx(best.max() + 2)
    assert ribbon[:, 1].min() == pytest.approx(best.min() - 1)
    widths = sorted(patch.get_width() for patch in bars.patches)
    assert widths == pytest.approx(sorted([*agreement[:-1], *[1.0] * separated.n]))
    words = draw(figure, monkeypatch)
    assert {"Seeds", "median of 20", "5 to 95 %", "Agreement", "0.500", "empty"} <= set(words)
    assert "Rough." in figure.description


def test_events_are_marked_by_what_became_of_them(simulated, separated, monkeypatch):
    found = compare_events(simulated, separated, frame_rate=10.0)
    figure = plot_events(found, simulated, separated, frame_rate=10.0, dpi=80)
    (axes,) = figure.axes
    marks = {line.get_marker(): line.get_xdata() for line in axes.lines}
    for kind, marker in MARKERS.items():
        np.testing.assert_allclose(marks[marker], [each.onset / 10 for each in found.events if each.kind == kind])
    words = draw(figure, monkeypatch)
    assert {"Events", "c1", *(f"{found.count(kind)} {kind}" for kind in MARKERS)} <= set(words)
    with pytest.raises(DataError, match="A draft has no events"):
        plot_events(found, simulated, replace(separated, frames_per_value=2))


def test_inferred_spikes_are_drawn_below_the_traces(simulated, separated, monkeypatch):
    found = compare_events(simulated, separated, frame_rate=10.0)
    roi, best = np.zeros((2, simulated.traces.shape[1]))
    roi[[5, 200]], best[40], best[41] = (4.0, 2.0), 8.0, np.nan
    plain = plot_events(found, simulated, separated, frame_rate=10.0, dpi=80)
    figure = plot_events(found, simulated, separated, frame_rate=10.0, inferred=InferredSpikes(roi, best, 1.5), dpi=80)
    up, down = [line for line in figure.axes[0].lines if np.isnan(line.get_ydata()).any()]
    np.testing.assert_allclose(up.get_xdata(), [4.0] * 3)
    np.testing.assert_allclose(down.get_xdata(), [0.5] * 3 + [20.0] * 3)
    height = np.diff(up.get_ydata()[:2])
    np.testing.assert_allclose(np.diff(down.get_ydata().reshape(2, 3)[:, :2], axis=1).ravel(), -height * [0.5, 0.25])
    low, _ = figure.axes[0].get_ylim()
    assert height > 0
    assert low < down.get_ydata()[1] < up.get_ydata()[0] < plain.axes[0].get_ylim()[0]
    words = draw(figure, monkeypatch)
    assert f"spikes by OASIS: c1 up, {simulated.signal_names[0]} down" in words
    assert "1 of the best match, 2 of the ROI; their transients have peaks of up to 8." in figure.description
    assert "OASIS" not in plain.description
    none = plot_events(found, simulated, separated, inferred=InferredSpikes(0 * roi, 0 * roi, 1.5), dpi=80)
    assert "0 of the best match, 0 of the ROI" in none.description


def test_a_spike_in_test_draws_its_points_courses_and_alphas(simulated, monkeypatch):
    settings = SeparationSettings(solver="accelerated")
    found = spike_in(simulated, settings, SpikeInTest(count=3, repeats=2), frame_rate=10.0, rivals=False)
    points = [SpikeInPoint(alpha, found.result.gain, found.result.leak) for alpha in (0.0, 0.01, 0.1)]
    figure = plot_spike_in(found, simulated, points=points, dpi=80)
    put_in, course, over = figure.axes
    drawn = [line.get_ydata() for line in put_in.lines]
    for name in ("came_back", "leaked"):
        values = np.concatenate([getattr(each, name) for each in found.result.repeats])
        assert any(np.array_equal(line, values) for line in drawn)
    assert any(np.array_equal(line.get_ydata(), found.result.after) for line in course.lines)
    assert any(np.array_equal(line.get_ydata(), [found.result.gain.mean] * 2) for line in over.lines)
    words = draw(figure, monkeypatch)
    assert {"Put in, came back", "Mean transient", "Over alpha", "gain", "leak"} <= set(words)
    assert f"gain {found.result.gain.mean:.3f}" in figure.description
    assert "3 transients (gcamp6s) were added" in figure.description
    assert len(plot_spike_in(found, simulated, dpi=80).axes) == 2


def test_spike_in_tests_of_all_cells_are_points_and_distributions(monkeypatch):
    test, none = SpikeInTest(repeats=10), (math.nan, math.nan)
    made = {k: CellSpikeIn(test, 10.0, Estimate(0.8 + k / 100, *none), Estimate(-k / 100, *none)) for k in range(9)} | {
        9: CellSpikeIn(test, 10.0, failed="It has no room.")
    }
    figure = plot_spike_in_cells(made, dpi=80)
    scatter, gain, leak = figure.axes
    np.testing.assert_allclose(scatter.collections[0].get_offsets(), [(0.8 + k / 100, -k / 100) for k in range(9)])
    for axes in (gain, leak):
        assert sum(patch.get_height() for patch in axes.patches) == 9
    words = draw(figure, monkeypatch)
    assert {"9 cells", "Gain", "Leak", "median 0.84", "median \N{MINUS SIGN}0.04", "Spike-in gain"} <= set(words)
    assert "10 transients (gcamp6s) were added to each of 9 cells in each of 10 repeats" in figure.description
    with pytest.raises(DataError, match="no cell was tested"):
        plot_spike_in_cells({9: made[9]})


def test_a_test_of_spikes_draws_its_averages_rocs_and_areas(simulated, separated, monkeypatch):
    frames = simulated.traces.shape[1]
    spikes = SpikeTimes(np.arange(8, frames - 10, frames // 9).astype(float), "frames")
    found = spike_test(simulated, separated, spikes, frame_rate=10.0, window=0.3)
    points = [AucPoint(0.0, 0.5, 0.1), AucPoint(0.01, 0.7, 0.1), AucPoint(0.1, 0.8, 0.1), AucPoint(1.0, np.nan, np.nan)]
    figure = plot_spike_test(found, simulated, points=points, frame_rate=10.0, dpi=80)
    average, roc, over_r, over_alpha = figure.axes
    for each in found.responses.values():
        assert any(np.array_equal(line.get_ydata(), each.mean) for line in average.lines)
        assert any(np.array_equal(line.get_ydata(), each.roc.true_rate) for line in roc.lines)
    assert any(np.array_equal(line.get_ydata(), [each.auc for each in found.over_factor]) for line in over_r.lines)
    assert any(np.array_equal(line.get_ydata(), [0.7, 0.8]) for line in over_alpha.lines)
    words = draw(figure, monkeypatch)
    assert {"Average", "ROC", "AUC over r", "AUC over alpha", "best match", "raw ROI"} <= set(words)
    assert f"{found.events} events against {found.windows} windows" in figure.description
    assert f"best match {found.responses['result'].roc.auc:.3f}" in figure.description
    assert len(plot_spike_test(found, simulated, dpi=80).axes) == 3
    plug_in = Rival("own", "Own", "", "", "", lambda signals: signals[0])
    other = spike_test(simulated, separated, spikes, frame_rate=10.0, window=0.3, rivals=(plug_in,))
    assert "own 0." in plot_spike_test(other, simulated, frame_rate=10.0, dpi=80).description


@pytest.mark.parametrize("method", ["nmf", "ica"])
def test_contributions_are_stacked_where_they_only_add(simulated, method, monkeypatch):
    separation = separate_cell(simulated, SeparationSettings(method=method, solver="accelerated"))
    made = contributions(simulated, separation)
    figure = plot_contributions(made, simulated, dpi=80)
    above, below = figure.axes
    assert len(above.collections) == (separation.n + 1 if method == "nmf" else 0)
    if method == "nmf":
        tops = [path.get_paths()[0].vertices[:, 1].max() for path in above.collections]
        sums = np.cumsum(np.vstack([np.full(300, made.constant), made.components]), axis=0)
        assert tops == pytest.approx([max(row.max(), 0) for row in sums])
    (rest,) = [line for line in below.lines if len(line.get_xdata()) > 2]
    np.testing.assert_array_equal(rest.get_ydata(), made.residual)
    shares = made.shares(0, 300)
    assert f"c1 {shares.components[0]:.0f} %" in draw(figure, monkeypatch)


def test_indicators_are_written_and_held_against_the_truth(simulated, separated, monkeypatch):
    judgement = judge(simulated, separated)
    words = draw(plot_indicators(judgement, simulated, dpi=80), monkeypatch)
    assert {"Indicators", "raw ROI", "result", "F \N{MINUS SIGN} 0.7 Fneu", "skewness \N{UPWARDS ARROW}"} <= set(words)
    for numbers in (judgement.raw, judgement.result, judgement.subtraction):
        assert {NUMBERS[key].text(value, 3) for key, value in numbers.items()} <= set(words)
    plan = SweepPlan(FAST, Axis("alpha", (0.03, 0.1, 1000.0)))
    tiles = run_sweep(simulated, plan, keys=INDICATORS)
    assert any(tile.collapsed for tile in tiles)
    for number, label in (("skewness", "skewness"), ("error_truth", "log10 of alpha")):
        figure = plot_indicators(judgement, simulated, tiles=tiles, number=number, dpi=80)
        axes = figure.axes[1]
        drawn = sorted(line.get_ydata()[0] for line in axes.lines if line.get_markersize() == 3.5)
        known = [tile for tile in tiles if np.isfinite(tile.value(number))]
        assert drawn == sorted(tile.value("error_truth") for tile in known)
        assert {"Against the truth", label, "error against truth"} <= set(draw(figure, monkeypatch))
    with pytest.raises(DataError, match="too small"):
        plot_indicators(judgement, simulated, tiles=tiles, size_mm=(60.0, 60.0))


def test_runs_are_drawn_by_their_numbers_and_methods(monkeypatch):
    runs = [
        {"run": 1, "method": "nmf", "score": 0.5, "explained": 0.9, "r_neuropil": 0.2, "iterations": 100},
        {"run": 3, "method": "ica", "score": 0.7, "explained": float("nan"), "r_neuropil": -0.2, "iterations": 7},
    ]
    figure = plot_runs(runs, dpi=80)
    assert [to_hex(line.get_color()) for line in figure.axes[0].lines if line.get_marker() == "o"] == [
        "#0072b2", "#d55e00",
    ]  # fmt: skip
    points = [line.get_xydata().tolist() for line in figure.axes[1].lines if line.get_marker() == "o"]
    assert points == [[[1.0, 0.9]]]
    assert {"match score", "Run", "NMF", "ICA", "iterations"} <= set(draw(figure, monkeypatch))
    with pytest.raises(DataError, match="no runs"):
        plot_runs([])


def test_a_page_too_small_is_refused(simulated, separated):
    for plot in (
        lambda size: plot_contributions(contributions(simulated, separated), simulated, size_mm=size),
        lambda size: plot_comparison(simulated, {"c1": separated.matched[0]}, size_mm=size),
        lambda size: plot_convergence(RunHistory(FAST, (Try(1, np.arange(1, 4), np.ones(3)),)), size_mm=size),
    ):
        with pytest.raises(DataError, match="too small"):
            plot((20.0, 20.0))


def test_a_population_is_drawn_with_its_troubles(monkeypatch):
    plan = SweepPlan(FAST, Axis("alpha", (0.01, 0.1, 1.0)))
    found = PopulationSweep(plan, 4)
    with pytest.raises(DataError, match="No cell"):
        plot_population_sweep(found)
    for ix, cell in np.ndindex(3, 4):
        numbers = {"r_neuropil": 0.1 * ix - 0.2 * cell}
        found.add([Tile(ix, cell, plan.settings_at(ix), converged=True, collapsed=ix == 2 > cell, numbers=numbers)])
    figure = plot_population_sweep(found, dpi=80)
    texts = draw(figure, monkeypatch)
    assert {"r with neuropil", "Cells in trouble", "alpha", "0.01", "1", "4"} <= set(texts)
    image, counts = figure.axes[:2]
    values = image.images[1].get_array()
    np.testing.assert_allclose(values.compressed(), found.numbers["r_neuropil"][~found.collapsed])
    np.testing.assert_array_equal(counts.lines[0].get_ydata(), [0, 0, 2])
    assert "alpha 0.01 to 0.1" in figure.description
    assert not any(text.startswith("chosen") for text in texts)
    # The value that was chosen is named and framed.
    figure = plot_population_sweep(found, settings=replace(FAST, alpha=0.1), dpi=80)
    assert "chosen: alpha 0.1" in draw(figure, monkeypatch)
    assert "Chosen for the recording: NMF, n auto, alpha 0.1" in figure.description
    for alpha, expected in ((0.1, [0.5, 1.5]), (9.0, [])):
        drawn = plot_population_sweep(found, settings=replace(FAST, alpha=alpha), dpi=80).axes[0].lines
        assert [line.get_xdata()[0] for line in drawn if len(set(line.get_xdata())) == 1] == expected
    with pytest.raises(DataError, match="number must be"):
        plot_population_sweep(found, number="seconds")


def test_cells_before_and_after_are_points_with_their_median(simulated, separated, monkeypatch):
    cells = [before_and_after(index, simulated, separated) for index in range(3)]
    figure = plot_before_after(cells, dpi=80)
    texts = draw(figure, monkeypatch)
    assert {"3 cells", "raw ROI", "best match", "r with neuropil", "Signal kept (%)"} <= set(texts)
    assert not any("oise of" in text for text in texts), "no frame rate is known"
    points = figure.axes[0].collections[0].get_offsets()
    np.testing.assert_allclose(points[:, 1], [each.numbers["raw"]["r_neuropil"] for each in cells])
    figure = plot_before_after(cells, settings=replace(FAST, alpha=0.3), dpi=80)
    assert any("alpha 0.3" in text for text in draw(figure, monkeypatch))
    flat = [CellSides(0, {"raw": {"noise": 2.0}, "subtraction": {}, "matched": {"snr": 0.5}})]
    assert "1 flat best matches: no noise known" in draw(plot_before_after(flat, dpi=80), monkeypatch)
    with pytest.raises(DataError, match="separate the cells first"):
        plot_before_after([])


def test_correlations_are_drawn_as_matrices_and_distributions(monkeypatch):
    rng = np.random.default_rng(0)
    found = correlations({side: rng.normal(size=(6, 40)) for side in ("raw", "subtraction", "matched")})
    figure = plot_correlations(found, dpi=80)
    texts = draw(figure, monkeypatch)
    assert {"raw ROI", "best match", "All pairs", "Pairs (%)"} <= set(texts)
    assert any(text.startswith("mean r ") for text in texts)
    drawn = figure.axes[0].images[0].get_array()
    np.testing.assert_array_equal(drawn, found.matrices["raw"][np.ix_(found.order, found.order)])
    np.testing.assert_allclose(figure.axes[-1].patches[0].get_data().values.sum(), 100)
    placed = found.with_places(rng.uniform(0, 100, (6, 2)))
    figure = plot_correlations(placed, dpi=80)
    assert {"Distance (pixels)", "Mean r"} <= set(draw(figure, monkeypatch))
    np.testing.assert_array_equal(figure.axes[-1].lines[0].get_xydata().T, placed.curves["raw"])
    texts = draw(plot_correlations(found, settings=replace(FAST, alpha=0.3), dpi=80), monkeypatch)
    assert any("alpha 0.3" in text for text in texts)


@pytest.fixture
def field():
    rng = np.random.default_rng(4)
    rois = [EllipseRoi(f"ROI {k}", (12.0 + 14 * k, 15.0), (4.0, 4.0)) for k in range(3)]
    movie = read_movie(rng.integers(0, 500, (50, 40, 56)).astype(np.uint16))
    return FieldOfView.of_rois("simulated", RoiSet.of(rois, (40, 56), RegionSettings()), movie)


def test_a_field_of_view_is_its_picture_and_the_outlines_of_its_pixels(field, monkeypatch):
    figure = plot_field(field, "max", selected=1, dpi=80)
    texts = draw(figure, monkeypatch)
    assert {"Maximum", "3 cells", "ROI 1 and its regions", "1", "2", "3", "4"} <= set(texts)
    (axes,) = figure.axes
    np.testing.assert_array_equal(axes.images[0].get_array(), field.movie.read(0, 50).max(axis=0))
    low, high = axes.images[0].get_clim()
    assert (low, high) == pytest.approx(np.percentile(field.movie.read(0, 50).max(axis=0), (1, 99.5)))
    # The area within each outline is that of its pixels, and so it is with the regions.
    outlines = [each for each in axes.collections if isinstance(each, LineCollection)]
    assert [_area(each.get_segments()) for each in outlines] == [
        len(field.cells[k].regions.pixels[0]) for k in (0, 1, 2, 1)
    ]
    regions = [each for each in axes.collections if isinstance(each, PolyCollection)]
    areas = [_area([path.vertices for path in each.get_paths()]) for each in regions]
    assert areas == [len(pixels) for pixels in field.cells[1].regions.pixels[1:]]


def _area(paths):
    return round(abs(sum(0.5 * np.sum(p[:-1, 0] * p[1:, 1] - p[1:, 0] * p[:-1, 1]) for p in map(np.asarray, paths))))


def test_a_field_of_view_is_coloured_by_numbers_or_by_words(field, monkeypatch):
    mean = field.movie.read(0, 50).mean(axis=0)
    values = {0: 0.1, 1: np.nan, 2: 0.7}
    figure = plot_field(field, mean, values=values, label="r with neuropil", title="Frame 3", dpi=80)
    assert {"Frame 3", "colours: r with neuropil", "0.2"} <= set(draw(figure, monkeypatch))
    drawn = next(each for each in figure.axes[0].collections if each.get_array() is not None)
    assert drawn.get_array().tolist() == [0.1, 0.7]
    figure = plot_field(field, mean, colours={0: "#009e73"}, legend={"accepted": "#009e73"}, dpi=80)
    assert "accepted" in draw(figure, monkeypatch)
    assert to_hex(figure.axes[0].collections[0].get_color()[0]) == "#009e73"
    assert plot_field(field, mean, values={}, label="r", dpi=80).axes[1:] == []


def test_pictures_that_are_not_there_are_named(field):
    with pytest.raises(DataError, match=r"shape \(40, 56\) was expected, but \(3, 3\)"):
        plot_field(field, np.zeros((3, 3)))
    with pytest.raises(DataError, match="no picture 'enhanced'"):
        plot_field(field, "enhanced")
    with pytest.raises(DataError, match="too small"):
        plot_field(field, np.zeros((40, 56)), size_mm=(12.0, 8.0))
