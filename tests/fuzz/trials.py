"""Trials of mutated files of a format: what became of them, and what is printed of it."""

import tempfile
from collections import Counter
from pathlib import Path

from tests.fuzz.mutations import attempt, make_seed, mutate


def run(name, count, seed, keep=None):
    """Try `count` mutations of a format; return the bugs as sentences, and the lines to print."""
    bugs, outcomes, sentences = [], Counter(), Counter()
    with tempfile.TemporaryDirectory() as folder:
        data, file = make_seed(name, Path(folder))
        for number in range(count):
            changed = mutate(data, f"{seed}/{name}/{number}")
            outcome, words = attempt(file, changed)
            outcomes[outcome] += 1
            sentences[words] += 1
            if outcome == "BUG":
                bugs.append(f"{name} --seed {seed}, number {number}: {words[:300]}")
                if keep is not None:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{seed}-{number}-{file.name}").write_bytes(changed)
    counts = "".join(f"{key}: {outcomes[key]:6}  " for key in ("read", "refused", "child died", "BUG"))
    often = [f"    {times:6} {words[:150]}" for words, times in sentences.most_common(3)] if bugs else []
    return bugs, [*bugs, f"{name:12}{counts}".rstrip(), *often]
