"""All long checks before a release, one after the other, and one page with their figures.

    python tests/benchmarks/release.py [--quick] [--only NAME ... | --left] [--page OUT.md]

Hours on an idle machine; the page (.github/RELEASE_CHECKS.md, if not said otherwise) is committed with the release. It
is written anew after each check and keeps the others, so that the checks may be made on several days; it says of which
commit each is. --quick takes minutes and shows that all checks run; its figures are too few to judge by, and go to the
terminal alone. Exits with 1 where a limit is not kept, or a check has ended in an error.
"""

import argparse
import datetime
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import measuring

from neuropil_gui import __version__

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / ".github" / "RELEASE_CHECKS.md"
NOISE = ("This plugin does not support", "QStandardPaths: XDG_RUNTIME_DIR")
"""Beginnings of lines that Qt prints where there is no screen and no login."""

LONGEST = 120
"""Lines of what a check printed that the page has at most, the last ones."""


@dataclass(frozen=True)
class Check:
    """A check: what it looks at, and its words of a command, of which `quick` take the place of `full`."""

    name: str
    about: str
    module: str
    full: str = ""
    quick: str = ""

    def words(self, is_quick):
        start = ["-m", "tests.fuzz"] if self.module == "tests.fuzz" else [f"tests/benchmarks/{self.module}.py"]
        return [*start, *(self.quick if is_quick else self.full).split()]


def fuzz(of, *formats):
    """Return the check of mutated files of these formats, the slowest first: all at once would take hours."""
    words = " ".join(f"--format {each}" for each in formats)
    about = f"mutated files: {', '.join(formats)}"
    return Check(f"fuzz of {of}", about, "tests.fuzz", f"--count 50000 --jobs 2 {words}", f"--count 20 {words}")


CHECKS = (
    Check("walk", "random steps through the window, beside a model of it", "walk", "--steps 10000", "--steps 300"),
    Check("projects walk", "random steps through projects", "keeper_walk", "--steps 10000", "--steps 300"),
    fuzz("movies", "nwb-rois", "movie-h5", "tiff", "tiff-packed", "tiff-big", "movie-npy", "roi", "rois", "labels"),
    fuzz("tables and arrays", "csv", "wide", "npy", "npz", "npz-packed", "fissa", "results", "made"),
    fuzz("spike times", "spikes-mat", "spikes-nwb", "spikes-npz", "spikes-npy", "spikes-csv"),
    fuzz("programs' files", "nwb", "fall", "caiman", "suite2p", "project"),
    fuzz("MATLAB", "made-mat", "mat5", "mat5-packed", "mat73"),
    fuzz("HDF5", "hdf5", "hdf5-new"),
    Check("faults", "saves that are killed, cut and refused", "faults", "--calls", "--kills 5 --damage 20"),
    Check(
        "soak",
        "memory, threads and files over hours, and closing at any moment",
        "soak",
        quick="--runs 10 --changes 20 --closings 2",
    ),
    Check("startup", "from the start to a window and to a result", "startup", "--runs 15", "--runs 1"),
    Check("field", "moving, zooming and selecting among many cells in the picture", "field", quick="--quick"),
    Check("field_live", "a ROI that is dragged, and its best match", "field_live", quick="--quick"),
    Check("cell table", "showing, sorting and filtering many cells", "cell_table", quick="--quick"),
    Check("live", "from a move of a slider to the painted trace", "live", quick="--moves 10"),
    Check("simulator", "from a step of a simulator's slider to the painted trace", "simulator", quick="--steps 8"),
    Check("plotting", "from a turn of the wheel to the painted plots", "plotting", quick="--frames 1000 --repeats 5"),
    Check(
        "responsiveness",
        "the event loop while work is done, and cancelling",
        "responsiveness",
        quick="--quick --cancels 4 --seconds 1",
    ),
    Check("sweep", "20 alphas x 5 n, and the window meanwhile", "sweep"),
    Check("spike-in", "the gain that a test of added transients finds", "spike_in", quick="--cells 2"),
    Check("one spike-in", "the test of one cell on its page, and cancelling", "spike_in", "--one", "--one --rounds 1"),
    Check("events", "kinds of events beside known spikes", "events", quick="--cells 2"),
    Check(
        "rivals", "the two methods that are fitted, and another fit of one", "rivals", quick="--seeds 1 --steps 2000"
    ),
    Check("extract", "traces from a movie, beside FISSA 1.0.0", "extract", quick="--without-fissa --frames 400"),
    Check("many", "many cells in processes, beside FISSA 1.0.0 by joblib", "many", "--fissa", "--quick"),
    Check(
        "many on disk",
        "memory of many long cells, and kills of the program and of workers",
        "many_on_disk",
        quick="--cells 4 --kills 1",
    ),
    Check("memory", "what a long recording takes", "memory", quick="--frames 100000 --separate 20000"),
    Check("projects", "opening and saving of large projects", "projects", quick="--cells 20 --frames 1000"),
    Check("solvers", "solvers beside scikit-learn", "solvers", quick="--quick"),
    Check(
        "against FISSA", "the accelerated solver beside FISSA 1.0.0", "against_fissa", "--exact", "--quick --only 864"
    ),
)


@dataclass(frozen=True)
class Outcome:
    """What came of a check, as a section of the page has it."""

    name: str
    command: str
    code: int
    minutes: float
    day: str
    commit: str
    machine: str
    printed: str

    def section(self):
        return (
            f"## {self.name}\n\n`{self.command}`: exit code {self.code} after {self.minutes:.1f} minutes "
            f"on {self.day}, of commit {self.commit}, on: {self.machine}.\n\n```text\n{self.printed}\n```\n"
        )


SECTION = re.compile(
    r"^## (?P<name>.+)\n\n`(?P<command>.+)`: exit code (?P<code>-?\d+) after (?P<minutes>[\d.]+) minutes "
    r"on (?P<day>\S+), of commit (?P<commit>\S+), on: (?P<machine>.+)\.\n\n```text\n(?P<printed>(?:.*\n)*?)```$",
    re.MULTILINE,
)


def read_page(text):
    """Return the outcomes on a page by the names of their checks."""
    found = (match.groupdict() for match in SECTION.finditer(text))
    return {
        each["name"]: Outcome(
            **{
                **each,
                "code": int(each["code"]),
                "minutes": float(each["minutes"]),
                "printed": each["printed"].removesuffix("\n"),
            }
        )
        for each in found
    }


def run(check, is_quick, commit, machine):
    """Run a check in a process of its own."""
    words = check.words(is_quick)
    began = time.monotonic()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    printed = [line for line in done.stdout.rstrip().splitlines() if not line.startswith(NOISE)]
    cut = [f"... {len(printed) - LONGEST} lines more"] if len(printed) > LONGEST else []
    return Outcome(
        name=check.name,
        command=" ".join(["python", *words]),
        code=done.returncode,
        minutes=(time.monotonic() - began) / 60,
        day=datetime.date.today().isoformat(),
        commit=commit,
        machine=machine,
        printed="\n".join([*cut, *printed[-LONGEST:]]),
    )


def commit_in_words():
    """Return the short name of the commit that is checked, and whether files of it are changed."""
    git = ["git", "-C", str(ROOT)]
    name = subprocess.run([*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()
    changed = subprocess.run(
        [*git, "status", "--porcelain", "neuropil_gui", "tests"], capture_output=True, text=True
    ).stdout
    return (name or "unknown") + ("-changed" if changed else "")


def page(outcomes):
    """Return the page: a table of all checks, then what each printed."""
    made = [outcomes[check.name] for check in CHECKS if check.name in outcomes]
    failed = [each.name for each in made if each.code]
    left = [check.name for check in CHECKS if check.name not in outcomes]
    lines = [
        f"# Checks of {__version__}",
        "",
        "Written by `tests/benchmarks/release.py`.",
        f"Not kept: {', '.join(failed)}." if failed else "All limits of the checks below are kept.",
        *([f"Not run: {', '.join(left)}."] if left else []),
        "",
        "| Check | Of what | Kept | Minutes | Commit |",
        "|---|---|---|---|---|",
    ]
    about = {check.name: check.about for check in CHECKS}
    for each in made:
        kept = "NO" if each.code else "yes"
        lines.append(f"| {each.name} | {about[each.name]} | {kept} | {each.minutes:.1f} | {each.commit} |")
    return "\n".join([*lines, "", *(each.section() for each in made)])


def main():
    names = [check.name for check in CHECKS]
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="little of each, to see that it runs")
    parser.add_argument("--only", action="append", choices=names, help="this check; may be given several times")
    parser.add_argument("--left", action="store_true", help="those that the page does not have")
    parser.add_argument("--page", type=Path, help="the page that is written; it keeps the checks that are not run now")
    options = parser.parse_args()
    target = options.page or (None if options.quick else PAGE)
    outcomes = read_page(target.read_text(encoding="utf-8")) if target is not None and target.exists() else {}
    done = set(outcomes) if options.left else set()
    machine = measuring.in_words(measuring.machine())
    commit = commit_in_words()
    chosen = [check for check in CHECKS if check.name not in done and check.name in (options.only or names)]
    for check in chosen:
        print(f"{check.name} ...", end=" ", flush=True)
        outcome = outcomes[check.name] = run(check, options.quick, commit, machine)
        print(f"{'NOT KEPT' if outcome.code else 'kept'}, {60 * outcome.minutes:.0f} s", flush=True)
        if target is not None:
            target.write_text(page(outcomes), encoding="utf-8")
    if target is None:
        print("\n" + page(outcomes))
    return 1 if any(outcomes[check.name].code for check in chosen) else 0


if __name__ == "__main__":
    measuring.mend_environment()
    sys.exit(main())
