"""The simulate command: write a simulated recording with its truth."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from neuropil_gui._version import __version__
from neuropil_gui.cli.shared import DONE, add_parameter


def run(words: Sequence[str]) -> int:
    """Write a simulated recording, and return the exit code."""
    from neuropil_gui.core.simulation import SIMULATION_PARAMETERS, Simulation, simulate

    parser = argparse.ArgumentParser(
        prog="neuropil-gui simulate", description="Write a simulated recording with its true sources and mixing."
    )
    parser.add_argument("-o", "--output", required=True, metavar="OUT.npz", help="where to write")
    defaults = Simulation()
    for parameter in SIMULATION_PARAMETERS.values():
        add_parameter(parser, parameter, getattr(defaults, parameter.name))
    options = parser.parse_args(words)

    from neuropil_gui.formats import registry

    simulation = Simulation(**{name: getattr(options, name) for name in SIMULATION_PARAMETERS})
    provenance = {"program": f"neuropil-gui {__version__} simulate", "parameters": simulation.to_dict()}
    registry.write_recording(Path(options.output), simulate(simulation), provenance=provenance)
    return DONE
