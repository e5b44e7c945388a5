"""Entry point of the program: dispatches to a command, or opens the window.

Nothing heavy is imported before it is known what to do.
"""

import sys
from collections.abc import Sequence

from neuropil_gui.cli import window
from neuropil_gui.cli.commands import COMMANDS, run_command
from neuropil_gui.cli.shared import INTERRUPTED


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program, and return its exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    if getattr(sys, "frozen", False):
        # Processes of a frozen program are started by the program itself, with arguments that multiprocessing takes.
        import multiprocessing.spawn

        multiprocessing.spawn.freeze_support()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        return run_command(words[0], words[1:]) if words and words[0] in COMMANDS else window.run(words)
    except KeyboardInterrupt:
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
