"""Open the window, or write a picture of it."""

import argparse
import os
import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from neuropil_gui._version import __version__
from neuropil_gui.cli.commands import COMMANDS
from neuropil_gui.cli.extraction_flags import add_extraction_flags, check_extraction_flags
from neuropil_gui.cli.shared import DONE, FAILED, add_reading_flags, answers, print_message

if TYPE_CHECKING:
    from pathlib import Path

DEMOS = ("easy", "contaminated", "correlated", "failing", "movie")
"""Named here too, because core.demos imports numpy."""

NAME = "neuropil_gui"
"""Of the application, by which Qt finds the folders of what it keeps."""

PAGES = ("cell", "compare", "sweep", "trust", "population", "field", "history")
"""Named here too, because the window's table of actions is not imported for a command."""

DESKTOP_FILE = "neuropil-gui"
"""Name of the desktop file without its suffix, by which a desktop finds the icon of the window."""

SCREENSHOT_SIZE = (1600, 1000)

EPILOG = f"""commands, each with its own --help:
  {"  ".join(f"neuropil-gui {command}" for command in COMMANDS)}

A file that has the name of a command is opened as ./NAME."""


def run(words: Sequence[str]) -> int:
    """Open the window as the words of the command line say, and return the exit code."""
    options = _parse(words)
    if options.instead is not None:
        return int(options.instead())
    return _open_window(options)


def _print_facts() -> int:
    from PyQt5.QtCore import QCoreApplication

    from neuropil_gui.window.crash_reporter import data_folder, log_path
    from neuropil_gui.window.program_facts import program_facts

    QCoreApplication.setApplicationName(NAME)
    print(program_facts(data_folder(), log_path()))
    return DONE


def _install_desktop() -> int:
    from neuropil_gui.cli import desktop

    return desktop.install()


def _uninstall_desktop() -> int:
    from neuropil_gui.cli import desktop

    return desktop.uninstall()


def _parse(words: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="neuropil-gui",
        description="See, tune and trust the separation of a cell's two-photon signal from its neuropil.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="a project (.npgui), an exercise (.exercise.json), or a recording to open: a file, a suite2p folder, a "
        "folder of a file for each cell; or several files, a movie and its ROIs",
    )
    parser.add_argument(
        "--demo",
        nargs="?",
        const=DEMOS[0],
        choices=DEMOS,
        metavar="NAME",
        help=f"open a simulated recording: {', '.join(DEMOS)}; default: {DEMOS[0]}",
    )
    parser.add_argument("--theme", choices=("light", "dark"), help="colours of the window")
    parser.add_argument("--projector", action="store_true", help="large text and traces, for a room")
    parser.add_argument(
        "--screenshot", metavar="OUT.png", help="write a picture of the window and end; needs no display"
    )
    parser.add_argument("--page", choices=PAGES, help="the page to show; default: the selected cell's")
    parser.add_argument("--cell", type=_cell, default=1, metavar="N", help="the cell to show, from 1")
    parser.add_argument("--size", type=_size, metavar="WxH", help="size of the window in pixels, e.g. 1600x1000")
    parser.add_argument(
        "--clear-state",
        action="store_true",
        help="forget preferences, recent files, answers about files and the layout",
    )
    add_reading_flags(parser)
    add_extraction_flags(parser, movie=True)
    group = parser.add_argument_group("instead of a window")
    for flag, function, text in (
        ("--info", _print_facts, "print what a report of a fault needs: versions, system, libraries, folders"),
        (
            "--install-desktop",
            _install_desktop,
            "add the program and the types of its files to your Linux desktop",
        ),
        ("--uninstall-desktop", _uninstall_desktop, "take it away again"),
    ):
        group.add_argument(flag, action="store_const", const=function, dest="instead", help=text)
    group.add_argument("--version", action="version", version=f"neuropil-gui {__version__}")
    options = parser.parse_args(words)
    check_extraction_flags(parser, options, options.paths)
    options.path = options.paths[0] if options.paths else None
    if options.screenshot is not None and not options.screenshot.lower().endswith(".png"):
        parser.error(f"--screenshot writes a .png, but {options.screenshot!r} was found")
    if options.path is not None and options.demo is not None:
        parser.error("give PATH or --demo, not both")
    if options.screenshot is not None and options.path is None and options.demo is None:
        parser.error("--screenshot needs PATH or --demo")
    if options.screenshot is not None and str(options.path).lower().endswith(".exercise.json"):
        parser.error("--screenshot shows a recording or a project; an exercise asks for a name first")
    return options


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.lower().partition("x")
    if not (width.isdecimal() and height.isdecimal() and 200 <= int(width) <= 10000 and 200 <= int(height) <= 10000):
        raise argparse.ArgumentTypeError(f"expected WIDTHxHEIGHT, each from 200 to 10000, but found {text!r}")
    return int(width), int(height)


def _cell(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"expected a number from 1, but found {text!r}")
    return int(text)


def _open_window(options: argparse.Namespace) -> int:
    if options.screenshot is not None:
        # Before Qt is imported: no display is needed, and the scale is 1.
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        os.environ["QT_FONT_DPI"] = "96"
    elif _display_is_missing():
        print_message(
            "there is no display to open a window on. Log in to a desktop, connect with ssh -X, or use "
            "--screenshot, separate or info, which need none."
        )
        return FAILED
    import gc
    import signal

    # Until the window is there, much is allocated and little freed: collecting garbage would only take time.
    gc.disable()
    # Before pyqtgraph, which would install an excepthook that only prints.
    from PyQt5.QtCore import QCoreApplication, QSize

    from neuropil_gui.window.crash_reporter import CrashReporter, data_folder

    QCoreApplication.setApplicationName(NAME)
    reporter = CrashReporter()
    reporter.install()
    import pyqtgraph

    application = pyqtgraph.mkQApp(NAME)
    application.setDesktopFileName(DESKTOP_FILE)
    from neuropil_gui.core.solvers import coordinate_sweep
    from neuropil_gui.state.preferences import Preferences
    from neuropil_gui.ui import sizes, style
    from neuropil_gui.ui.screen import resize_within_screen
    from neuropil_gui.window.main_window import MainWindow

    # A picture does not depend on the user's preferences.
    preferences = Preferences() if options.screenshot is not None else Preferences.of_user()
    if options.clear_state:
        preferences.clear()
    sizes.set_scale(preferences.text_size / 100)
    style.apply_theme(application, options.theme or ("light" if options.screenshot else preferences.theme))
    coordinate_sweep.preload()  # before the window starts threads
    window = MainWindow(preferences, projects=None if options.screenshot is not None else data_folder() / "projects")
    if options.size:
        resize_within_screen(window, QSize(*options.size))
    source = _source(options)
    if source is not None:
        # A picture takes the best guesses, and a demo leaves no questions.
        asks = options.screenshot is None and options.demo is None
        if len(options.paths) > 1 and options.trial_files is None:
            from pathlib import Path

            window.imports.open_paths([Path(path).absolute() for path in options.paths], None if asks else False)
        else:
            window.open_path(source, ask=None if asks else False, **answers(options))
    # Modules and widgets stay: a collection that looks through them all would block the window for 50 ms.
    gc.freeze()
    gc.enable()
    # A solver's thread releases the interpreter to the window after 1 ms, not after 5.
    sys.setswitchinterval(1e-3)
    # Qt's event loop does not handle Python's signals; the default action ends the program at once.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if options.screenshot is not None:
        from neuropil_gui.cli.screenshot import Photographer

        size = options.size or SCREENSHOT_SIZE
        photographer = Photographer(
            window, reporter, options.screenshot, options.cell - 1, size, options.page or "cell"
        )
        window.commands["projector"].setChecked(options.projector)
        code = photographer.exec_(application)
    else:
        if options.page:
            window.session.recording_changed.connect(partial(window.pages.open, options.page))
        window.show()
        window.commands["projector"].setChecked(options.projector)
        code = int(application.exec_())
    _end(code or int(window.keeper.lost), window.threads_ended)


def _end(code: int, threads_ended: bool) -> NoReturn:
    """End the program without PyQt's handler of its end.

    That deletes objects of Qt while it goes through the list of all, which also lose their children: up to 4 in 10
    programs that had refused a file ended in a segmentation fault.
    """
    import logging
    import multiprocessing
    import threading
    from multiprocessing import util

    from neuropil_gui.formats.child.process import close_idle

    if threads_ended:  # else a reader deep in a library has a child, and cannot be stopped
        close_idle()
        # Only processes of a batch that are still starting are left. `util._exit_function` would wait for ever for the
        # thread that writes a task to one of them; the thread of their pool may fail when they are killed.
        threading.excepthook = lambda _: None
        for child in multiprocessing.active_children():
            child.kill()
        util._run_finalizers(0)  # type: ignore[attr-defined] # they remove semaphores; none waits
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _display_is_missing() -> bool:
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return False
    return not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _source(options: argparse.Namespace) -> "Path | None":
    """Return the recording to open; that of a demo of a movie goes with its ROIs among the options."""
    from pathlib import Path

    if options.demo is None:
        return Path(options.path) if options.path is not None else None
    from neuropil_gui.assets import MADE_DEMOS, RESOURCES
    from neuropil_gui.core.demos import demo_files
    from neuropil_gui.window.crash_reporter import data_folder

    path, options.rois = demo_files(options.demo, RESOURCES / "demos", data_folder() / MADE_DEMOS)
    return path
