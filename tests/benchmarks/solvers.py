"""How fast the solvers are beside scikit-learn, and how long they go without a poll or hold the interpreter.

    python tests/benchmarks/solvers.py [--json OUT.json] [--quick]

Prints one table. Must: at most 1.2 times NMF.fit_transform at 5 x 54,000 and 1.4 times at 5 x 864; between two
polls, and in any hold of the interpreter, at most 50 ms up to 5 x 200,000 and 100 ms at 5 x 1,000,000. Time that
a thread spent waiting for a processor that others used is subtracted (Linux tells it), and printed beside.
"""

import argparse
import json
import statistics
import sys
import threading
import time
import warnings
from pathlib import Path

import measuring

if __name__ == "__main__":
    measuring.mend_environment()

import numpy as np

from neuropil_gui.core.recording import Cell
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.solvers import nmf
from neuropil_gui.core.solvers.stepping import one_blas_thread, run

SPEED = {864: (10000, 7), 6000: (10000, 5), 54_000: (300, 5), 200_000: (60, 3)}
"""Frames: (max_iter, runs of each)."""

MUST_RATIO = {864: 1.4, 54_000: 1.2}
MUST_MS = {200_000: 50.0, 1_000_000: 100.0}


def signals(frames: int, count: int = 5) -> np.ndarray:
    """Make signals (count, frames) like those of a cell and its neuropil, not negative."""
    rng = np.random.default_rng(frames)
    spikes = rng.random((count, frames)) < 0.02
    kernel = np.exp(-np.arange(60) / 12)
    sources = np.array([np.convolve(row, kernel)[:frames] for row in spikes * rng.gamma(2, 1, spikes.shape)])
    mixing = rng.uniform(0.1, 0.6, (count, count)) + np.eye(count)
    return np.abs(100 + 40 * mixing @ sources + rng.normal(0, 4, (count, frames)))


def speed(frames: int, max_iter: int, runs: int) -> dict[str, float]:
    """Time our NMF and scikit-learn's in turn."""
    from sklearn.decomposition import NMF

    traces = signals(frames)
    samples = np.ascontiguousarray((traces / np.median(traces)).T)
    model = NMF(
        5, init="nndsvdar", tol=1e-4, max_iter=max_iter, alpha_W=0.1 / 5, alpha_H=0.1 / frames, l1_ratio=0.5,
        random_state=892,
    )  # fmt: skip
    times: dict[str, list[float]] = {"ours": [], "sklearn": []}
    with one_blas_thread(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(runs + 1):
            began = time.perf_counter()
            iterations = run(nmf.factorise(samples, 5, 0.1, 1e-4, max_iter, "nndsvdar", 892), lambda _step: None)[2]
            between = time.perf_counter()
            model.fit_transform(samples)
            times["sklearn"].append(time.perf_counter() - between)
            times["ours"].append(between - began)
    assert iterations == model.n_iter_, (iterations, model.n_iter_)
    ratios = [a / b for a, b in zip(times["ours"][1:], times["sklearn"][1:], strict=True)]
    return {
        "frames": frames,
        "iterations": iterations,
        "ours_s": statistics.median(times["ours"][1:]),
        "sklearn_s": statistics.median(times["sklearn"][1:]),
        "ratio": statistics.median(ratios),
    }


class Heartbeat(threading.Thread):
    """Beats every millisecond; what it misses beyond that, somebody held the interpreter."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.done = threading.Event()

    def run(self) -> None:
        self.gaps = measuring.Gaps()
        while not self.done.is_set():
            time.sleep(0.001)
            self.gaps.beat()


def responsiveness(frames: int, method: str, max_iter: int = 5) -> dict[str, float | str]:
    """Separate a cell, from the call to its return, and measure polls and holds."""
    settings = SeparationSettings(method=method, max_iter=max_iter, max_tries=1)
    separate_cell(Cell.from_traces(signals(500)), settings)  # loads what it needs
    cell = Cell.from_traces(signals(frames))
    heartbeat = Heartbeat()
    heartbeat.start()
    polls = measuring.Gaps()
    result = separate_cell(cell, settings, progress=lambda _progress: None, should_stop=polls.beat)
    polls.beat()
    heartbeat.done.set()
    heartbeat.join()
    return {
        "frames": frames,
        "method": method,
        "seconds": result.seconds,
        "poll_ms": max(polls.net),
        "hold_ms": max(heartbeat.gaps.net) - 1,
        "poll_ms_with_waiting": max(polls.raw),
        "hold_ms_with_waiting": max(heartbeat.gaps.raw) - 1,
    }


def main() -> int:
    """Measure and print; return the exit code, 1 where a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", type=Path, help="write the numbers to this file")
    parser.add_argument("--quick", action="store_true", help="only the sizes that have a limit, fewer runs")
    arguments = parser.parse_args()

    about = measuring.machine()
    print(measuring.in_words(about))
    missed = 0
    print(f"\n{'NMF, 5 signals x':>18} {'iterations':>10} {'ours':>9} {'sklearn':>9} {'ratio':>6} {'must':>6}")
    speeds = []
    for frames, (max_iter, runs) in SPEED.items():
        if arguments.quick and frames not in MUST_RATIO:
            continue
        row = speed(frames, max_iter, 3 if arguments.quick else runs)
        must = MUST_RATIO.get(frames)
        missed += must is not None and row["ratio"] > must
        speeds.append(row)
        print(
            f"{frames:>18,} {row['iterations']:>10} {row['ours_s']:>8.3f}s {row['sklearn_s']:>8.3f}s "
            f"{row['ratio']:>6.2f} {f'<={must}' if must else '':>6}"
        )
    print(f"\n{'5 signals x':>18} {'method':>10} {'between polls':>22} {'longest hold':>22} {'must':>9}")
    gaps = []
    for frames, must in MUST_MS.items():
        for method in ("nmf", "ica"):
            gap = responsiveness(frames, method)
            missed += max(gap["poll_ms"], gap["hold_ms"]) > must
            gaps.append(gap)
            poll = f"{gap['poll_ms']:.0f} ms ({gap['poll_ms_with_waiting']:.0f})"
            hold = f"{gap['hold_ms']:.0f} ms ({gap['hold_ms_with_waiting']:.0f})"
            print(f"{frames:>18,} {method:>10} {poll:>22} {hold:>22} {f'<={must:.0f} ms':>9}")
    print("\nIn brackets: with the time that other processes took.")
    if missed:
        print(f"{missed} of these are above what they must be.")
    if arguments.json:
        arguments.json.write_text(json.dumps({"machine": about, "speed": speeds, "gaps": gaps}, indent=1) + "\n")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
