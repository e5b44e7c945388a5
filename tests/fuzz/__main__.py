"""Mutate a valid file of each format and read it: ``python -m tests.fuzz --count 2000``.

Each mutation (bit flips, cuts, doubled, dropped and zeroed blocks, edits of the header) is one of a seeded
sequence, so that a find comes again with the same ``--seed``, ``--format`` and number. What may happen is that the
file is read, refused with a sentence, or that the reading child dies, which is a sentence as well. Anything else
(another exception here or in the child, a message of several lines, more than `SLOW` seconds) is a bug: the file is
kept in ``--keep``, and the exit code is 1.
"""

import argparse
import sys
import tempfile
from collections import Counter
from pathlib import Path

from tests.fuzz.mutations import SEEDS, attempt, make_seed, mutate


def run(formats, count, seed, folder, keep=None, out=print):
    """Try `count` mutations of each format; return the bugs as sentences."""
    bugs = []
    for name in formats:
        data, file = make_seed(name, folder)
        outcomes, sentences = Counter(), Counter()
        for number in range(count):
            changed = mutate(data, f"{seed}/{name}/{number}")
            outcome, words = attempt(file, changed)
            outcomes[outcome] += 1
            sentences[words] += 1
            if outcome == "BUG":
                bugs.append(f"{name} --seed {seed}, number {number}: {words[:300]}")
                out(bugs[-1])
                if keep is not None:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{seed}-{number}-{file.name}").write_bytes(changed)
        out(f"{name:12}" + "".join(f"{key}: {outcomes[key]:6}  " for key in ("read", "refused", "child died", "BUG")))
        for words, times in sentences.most_common(3) if outcomes["BUG"] else []:
            out(f"    {times:6} {words[:150]}")
    return bugs


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.split("\n\n")[0])
    parser.add_argument("--count", type=int, default=2000, help="mutations of each format")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", choices=SEEDS, action="append", help="only this one; may be given several times")
    parser.add_argument("--keep", type=Path, help="a folder for files that found a bug")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bugs = run(options.format or list(SEEDS), options.count, options.seed, Path(folder), options.keep)
    print(f"{len(bugs)} bugs")
    return 1 if bugs else 0


if __name__ == "__main__":
    sys.exit(main())
