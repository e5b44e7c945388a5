"""Mutate a valid file of each format and read it: ``python -m tests.fuzz --count 2000``.

Each mutation (bit flips, cuts, doubled, dropped and zeroed blocks, edits of the header) is one of a seeded
sequence, so that a find comes again with the same ``--seed``, ``--format`` and number. What may happen is that the
file is read, refused with a sentence, or that the reading child dies, which is a sentence as well. Anything else
(another exception here or in the child, a message of several lines, more than `SLOW` seconds) is a bug: the file is
kept in ``--keep``, and the exit code is 1.
"""

import argparse
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.fuzz.mutations import SEEDS
from tests.fuzz.trials import run


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.split("\n\n")[0])
    parser.add_argument("--count", type=int, default=2000, help="mutations of each format")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", choices=SEEDS, action="append", help="only this one; may be given several times")
    parser.add_argument("--keep", type=Path, help="a folder for files that found a bug")
    parser.add_argument("--jobs", type=int, default=1, help="processes, each of which takes a format after the other")
    options = parser.parse_args()
    found = 0
    with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool:
        formats = options.format or list(SEEDS)
        work = [pool.submit(run, name, options.count, options.seed, options.keep) for name in formats]
        for each in work:
            bugs, lines = each.result()
            found += len(bugs)
            print(*lines, sep="\n", flush=True)
    print(f"{found} bugs")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
