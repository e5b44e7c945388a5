"""Entry point of the program: dispatches to a command, or opens the window.

Nothing heavy is imported before it is known what to do.
"""

import os
import signal
import sys

if __name__ == "__main__":
    # Ctrl+C in the middle of an import would be reported as an error of the import.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))

import errno
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from neuropil_gui.cli import window
from neuropil_gui.cli.commands import COMMANDS, run_command
from neuropil_gui.cli.shared import DONE, FAILED, INTERRUPTED, print_message, print_no_more
from neuropil_gui.formats.writing.unfinished import remove_unfinished


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program, and return its exit code: 0 done, 1 failed, 2 wrong usage, 130 interrupted."""
    if getattr(sys, "frozen", False):
        # Processes of a frozen program are started by the program itself, with arguments that multiprocessing takes.
        import multiprocessing.spawn

        multiprocessing.spawn.freeze_support()
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # closed, or without a console; a file opened later must not take its number
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115 -- until the program ends
        elif isinstance(stream, io.TextIOWrapper):  # a code page may lack a sign, and a name of a file may be no text
            stream.reconfigure(errors="replace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    with _ending_at_once():
        try:
            try:
                return run_command(words[0], words[1:]) if words and words[0] in COMMANDS else window.run(words)
            finally:
                sys.stdout.flush()
        except BrokenPipeError:  # who reads has seen enough, as `head` has
            print_no_more(sys.stdout)
            return DONE
        except OSError as error:
            if error.errno != errno.ENOSPC or error.filename is not None:
                raise
            print_no_more(sys.stdout)
            print_message(f"what is printed could not be written ({error.strerror}).")
            return FAILED


@contextmanager
def _ending_at_once() -> Iterator[None]:
    """Let Ctrl+C end the program: libraries swallow a KeyboardInterrupt, or make another error of it."""

    def end(number: int, frame: FrameType | None) -> None:
        remove_unfinished()
        os._exit(INTERRUPTED)

    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


if __name__ == "__main__":
    sys.exit(main())
