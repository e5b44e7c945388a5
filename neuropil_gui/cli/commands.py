"""Table of the commands that need no window."""

from collections.abc import Sequence
from importlib import import_module

from neuropil_gui.cli.shared import FAILED, print_message
from neuropil_gui.core.errors import DataError

COMMANDS = ("separate", "info", "simulate", "report", "grade", "extract")
"""The names of the commands, each with a module of its name whose `run` takes the words that follow."""


def run_command(name: str, words: Sequence[str]) -> int:
    """Run the command `name`, and return its exit code."""
    try:
        return int(import_module(f"neuropil_gui.cli.{name}").run(words))
    except DataError as error:
        print_message(str(error))
        return FAILED
    except MemoryError:
        print_message("there is not enough free memory for this.")
        return FAILED
