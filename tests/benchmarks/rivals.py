"""Time the asymmetric Student-t model and TUnCaT's regression, and hold the model against a variational fit of it.

Limits, in seconds of the processor: 1 for 5 x 6,000, 2 for 5 x 54,000. The other fit of the model is that of its
description (https://basellasermouse.github.io/ast_model/model.html): normal distributions of all its numbers and of the
neuropil in each frame, by stochastic gradients. Without ``--recordings`` it is made of a simulated cell. The folder
``tests`` of ast_model has two published recordings of a ROI and its neuropil, 14,400 frames each::

    python tests/benchmarks/rivals.py
    python tests/benchmarks/rivals.py --recordings ast_model/tests
"""

import argparse
import sys
import time
from pathlib import Path

import numpy as np
import scipy.io
from scipy.stats import norm

from neuropil_gui.core.analysis.asymmetric_t import _terms, fit_asymmetric_t
from neuropil_gui.core.analysis.rival import trace_of
from neuropil_gui.core.analysis.rivals import RIVALS
from neuropil_gui.core.metrics import pearson
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.core.solvers.stepping import one_blas_thread

LIMITS = {6000: 1.0, 54_000: 2.0}
FARTHEST, LEAST_R = 0.07, 0.98
"""Greatest difference of the two fits' contaminations, and least r of their traces."""


@one_blas_thread()
def fitted_by_gradients(pair, areas, steps, seed=0):
    """Return contamination and trace by stochastic variational inference with Adam's steps."""
    unit = pair.std(axis=1).max()
    y, frames = pair / unit, pair.shape[1]
    levels = y.mean(axis=1)
    # Mean and log deviation of: a normal variable for alpha, z in each frame, two levels, log sigma.
    means = np.concatenate([[0.0], y[1] - levels[1], levels, [0.0]])
    numbers = np.concatenate([means, np.full_like(means, -5.0)])
    size, rng = len(means), np.random.default_rng(seed)
    momentum, square, alphas = np.zeros_like(numbers), np.zeros_like(numbers), []
    for step in range(1, steps + 1):
        mean, deviation = numbers[:size], np.exp(numbers[size:])
        drawn = rng.standard_normal(size)
        each = mean + deviation * drawn
        alpha, z, sigma = norm.cdf(each[0]), each[1 : frames + 1], np.exp(each[-1])
        slope = np.zeros(size)
        for row, share in enumerate((alpha, 1.0)):
            rest = y[row] - share * z - each[frames + 1 + row]
            pull = _terms(rest, sigma / np.sqrt(areas[row]))[1] * rest
            slope[1 : frames + 1] += share * pull
            slope[frames + 1 + row] = pull.sum()
            slope[0] += (pull @ z) * norm.pdf(each[0]) * (row == 0)
            slope[-1] += pull @ rest - frames
        # The priors are standard normal; the divergence from them is known.
        up = np.concatenate([slope - mean, slope * drawn * deviation - (deviation**2 - 1)])
        momentum, square = 0.9 * momentum + 0.1 * up, 0.999 * square + 0.001 * up**2
        numbers += 0.01 * (momentum / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
        if step > 0.9 * steps:
            alphas.append(norm.cdf(numbers[0]))
    return np.mean(alphas), pair[0] - np.mean(alphas) * unit * numbers[1 : frames + 1]


def time_rivals(seeds):
    """Time both rivals, and return whether they are within the limits."""
    good = True
    for frames, limit in LIMITS.items():
        for key in ("ast", "tuncat"):
            taken, gained = [], []
            for seed in range(seeds):
                cell = simulate(Simulation(frames=frames, seed=seed)).cells[0]
                own = cell.truth.sources[0]
                began = time.process_time()
                made = trace_of(RIVALS[key], cell.traces)
                taken.append(time.process_time() - began)
                gained.append((pearson(cell.traces[0], own), pearson(made.trace, own)))
            raw, r = np.mean(gained, axis=0)
            between = f"{min(taken):.2f} to {max(taken):.2f} s"
            print(f"{key:8} 5 x {frames:,}: {between}; r with the truth {r:.3f}, raw {raw:.3f}")
            good &= max(taken) <= limit
    return good


def compare_fits(name, pair, areas, steps):
    """Compare the two fits of a recording, and return whether they agree."""
    ours = fit_asymmetric_t(*pair, ratio=areas[1] / areas[0])
    alpha, trace = fitted_by_gradients(pair, areas, steps)
    r = pearson(ours.trace, trace)
    print(f"{name}: contamination {ours.contamination:.3f}, by gradients {alpha:.3f}; r of the traces {r:.4f}")
    return abs(ours.contamination - alpha) <= FARTHEST and r >= LEAST_R


def main():
    """Run all, and return 1 where a limit is exceeded."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recordings", type=Path, help="folder of ast_model's recordings")
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--steps", type=int, default=3000)
    options = parser.parse_args()
    good = time_rivals(options.seeds)
    if options.recordings is None:
        signals = simulate(Simulation(frames=6000, seed=1)).cells[0].traces
        pair = np.stack([signals[0], signals[1:].mean(axis=0)])
        return int(not (compare_fits("simulated", pair, (1, 40), options.steps) and good))
    for path in sorted(options.recordings.glob("*.mat")):
        read = scipy.io.loadmat(path, squeeze_me=True)
        good &= compare_fits(path.stem, read["traces"].astype(float), read["n_sectors"], options.steps)
    return int(not good)


if __name__ == "__main__":
    sys.exit(main())
