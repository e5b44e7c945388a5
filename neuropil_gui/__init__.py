"""Separate a cell's two-photon signal from its neuropil, and see what the separation did.

The names below are the public interface for scripts and notebooks. They are
imported when first used, so that ``import neuropil_gui`` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from neuropil_gui._version import __version__

_HOMES = {
    "separate": "neuropil_gui.core.fissa",
    "read": "neuropil_gui.formats.registry",
    "write": "neuropil_gui.formats.registry",
    "read_movie": "neuropil_gui.formats.movies",
    "read_rois": "neuropil_gui.formats.rois",
    "write_rois": "neuropil_gui.formats.rois",
    "grow_regions": "neuropil_gui.imaging.regions",
    "RegionSettings": "neuropil_gui.imaging.regions",
    "extract": "neuropil_gui.formats.extraction",
    "simulate": "neuropil_gui.core.simulation",
    "Simulation": "neuropil_gui.core.simulation",
    "Recording": "neuropil_gui.core.recording",
    "Cell": "neuropil_gui.core.recording",
    "Truth": "neuropil_gui.core.recording",
    "SeparationSettings": "neuropil_gui.core.settings",
    "Separation": "neuropil_gui.core.result",
    "separate_cell": "neuropil_gui.core.separation",
    "separate_all": "neuropil_gui.engine.separate_all",
    "numbers": "neuropil_gui.core.analysis.numbers",
    "sweep": "neuropil_gui.core.analysis.sweep",
    "Sweep": "neuropil_gui.core.analysis.sweep",
    "bi_cross_validation": "neuropil_gui.core.analysis.bi_cross_validation",
    "plot_held_out": "neuropil_gui.figures.held_out",
    "compare": "neuropil_gui.core.analysis.candidates",
    "Rival": "neuropil_gui.core.analysis.rival",
    "RivalParameter": "neuropil_gui.core.analysis.rival",
    "RivalTrace": "neuropil_gui.core.analysis.rival",
    "rivals": "neuropil_gui.core.analysis.plug_ins",
    "plot_separation": "neuropil_gui.figures.result",
    "plot_raw": "neuropil_gui.figures.result",
    "plot_components": "neuropil_gui.figures.result",
    "plot_best_match": "neuropil_gui.figures.result",
    "plot_mixing_matrix": "neuropil_gui.figures.result",
    "plot_convergence": "neuropil_gui.figures.runs",
    "plot_runs": "neuropil_gui.figures.runs",
    "plot_before_after": "neuropil_gui.figures.before_after",
    "plot_correlations": "neuropil_gui.figures.before_after",
    "plot_population_sweep": "neuropil_gui.figures.population",
    "plot_sweep": "neuropil_gui.figures.sweep",
    "plot_comparison": "neuropil_gui.figures.comparison",
    "compare_events": "neuropil_gui.core.analysis.events",
    "spike_in": "neuropil_gui.core.analysis.spike_in",
    "SpikeIn": "neuropil_gui.core.analysis.spike_in",
    "SpikeInTest": "neuropil_gui.core.analysis.spike_in_plan",
    "SpikeTimes": "neuropil_gui.core.spike_times",
    "read_spike_times": "neuropil_gui.formats.spike_files",
    "spike_test": "neuropil_gui.core.analysis.spike_detection",
    "plot_events": "neuropil_gui.figures.events",
    "plot_spike_in": "neuropil_gui.figures.spike_in",
    "spike_in_all": "neuropil_gui.engine.spike_in_all",
    "plot_spike_in_cells": "neuropil_gui.figures.spike_in_cells",
    "plot_spike_test": "neuropil_gui.figures.spikes",
    "plot_stability": "neuropil_gui.figures.trust",
    "plot_contributions": "neuropil_gui.figures.trust",
    "plot_indicators": "neuropil_gui.figures.trust",
    "read_field": "neuropil_gui.formats.field_of_view",
    "plot_field": "neuropil_gui.figures.field",
}

__all__ = [
    "Cell",
    "Recording",
    "RegionSettings",
    "Rival",
    "RivalParameter",
    "RivalTrace",
    "Separation",
    "SeparationSettings",
    "Simulation",
    "SpikeIn",
    "SpikeInTest",
    "SpikeTimes",
    "Sweep",
    "Truth",
    "__version__",
    "bi_cross_validation",
    "compare",
    "compare_events",
    "extract",
    "grow_regions",
    "numbers",
    "plot_before_after",
    "plot_best_match",
    "plot_comparison",
    "plot_components",
    "plot_contributions",
    "plot_convergence",
    "plot_correlations",
    "plot_events",
    "plot_field",
    "plot_held_out",
    "plot_indicators",
    "plot_mixing_matrix",
    "plot_population_sweep",
    "plot_raw",
    "plot_runs",
    "plot_separation",
    "plot_spike_in",
    "plot_spike_in_cells",
    "plot_spike_test",
    "plot_stability",
    "plot_sweep",
    "read",
    "read_field",
    "read_movie",
    "read_rois",
    "read_spike_times",
    "rivals",
    "separate",
    "separate_all",
    "separate_cell",
    "simulate",
    "spike_in",
    "spike_in_all",
    "spike_test",
    "sweep",
    "write",
    "write_rois",
]

if TYPE_CHECKING:
    from neuropil_gui.core.analysis.bi_cross_validation import bi_cross_validation
    from neuropil_gui.core.analysis.candidates import compare
    from neuropil_gui.core.analysis.events import compare_events
    from neuropil_gui.core.analysis.numbers import numbers
    from neuropil_gui.core.analysis.plug_ins import rivals
    from neuropil_gui.core.analysis.rival import Rival, RivalParameter, RivalTrace
    from neuropil_gui.core.analysis.spike_detection import spike_test
    from neuropil_gui.core.analysis.spike_in import SpikeIn, spike_in
    from neuropil_gui.core.analysis.spike_in_plan import SpikeInTest
    from neuropil_gui.core.analysis.sweep import Sweep, sweep
    from neuropil_gui.core.fissa import separate
    from neuropil_gui.core.recording import Cell, Recording, Truth
    from neuropil_gui.core.result import Separation
    from neuropil_gui.core.separation import separate_cell
    from neuropil_gui.core.settings import SeparationSettings
    from neuropil_gui.core.simulation import Simulation, simulate
    from neuropil_gui.core.spike_times import SpikeTimes
    from neuropil_gui.engine.separate_all import separate_all
    from neuropil_gui.engine.spike_in_all import spike_in_all
    from neuropil_gui.figures.before_after import plot_before_after, plot_correlations
    from neuropil_gui.figures.comparison import plot_comparison
    from neuropil_gui.figures.events import plot_events
    from neuropil_gui.figures.field import plot_field
    from neuropil_gui.figures.held_out import plot_held_out
    from neuropil_gui.figures.population import plot_population_sweep
    from neuropil_gui.figures.result import (
        plot_best_match,
        plot_components,
        plot_mixing_matrix,
        plot_raw,
        plot_separation,
    )
    from neuropil_gui.figures.runs import plot_convergence, plot_runs
    from neuropil_gui.figures.spike_in import plot_spike_in
    from neuropil_gui.figures.spike_in_cells import plot_spike_in_cells
    from neuropil_gui.figures.spikes import plot_spike_test
    from neuropil_gui.figures.sweep import plot_sweep
    from neuropil_gui.figures.trust import plot_contributions, plot_indicators, plot_stability
    from neuropil_gui.formats.extraction import extract
    from neuropil_gui.formats.field_of_view import read_field
    from neuropil_gui.formats.movies import read_movie
    from neuropil_gui.formats.registry import read, write
    from neuropil_gui.formats.rois import read_rois, write_rois
    from neuropil_gui.formats.spike_files import read_spike_times
    from neuropil_gui.imaging.regions import RegionSettings, grow_regions


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
