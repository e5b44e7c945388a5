"""Entry point of the program: dispatches to a command, or opens the window.

Nothing heavy is imported before it is known what to do.
"""

import errno
import io
import os
import sys
from collections.abc import Sequence

from neuropil_gui.cli import window
from neuropil_gui.cli.commands import COMMANDS, run_command
from neuropil_gui.cli.shared import DONE, FAILED, INTERRUPTED, print_message


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program, and return its exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    if getattr(sys, "frozen", False):
        # Processes of a frozen program are started by the program itself, with arguments that multiprocessing takes.
        import multiprocessing.spawn

        multiprocessing.spawn.freeze_support()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a code page may lack a sign, and a name of a file may be no text
            stream.reconfigure(errors="replace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        try:
            return run_command(words[0], words[1:]) if words and words[0] in COMMANDS else window.run(words)
        finally:
            if sys.stdout is not None:  # a program without a console has none
                sys.stdout.flush()
    except BrokenPipeError:  # who reads has seen enough, as `head` has
        _print_no_more()
        return DONE
    except OSError as error:
        if error.errno != errno.ENOSPC or error.filename is not None:
            raise
        _print_no_more()
        print_message(f"what is printed could not be written ({error.strerror}).")
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED


def _print_no_more() -> None:
    """Let what is not yet written go nowhere: Python would try once more at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


if __name__ == "__main__":
    sys.exit(main())
