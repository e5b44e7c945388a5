"""Make baseline_reference.npz: what FISSA 1.0.0's own Experiment.calc_deltaf answers.

From the repository's folder, in the environment that the head of make_fissa_reference.py describes:

    python tests/data/make_baseline_reference.py

The file holds, without pickle, for each group g of trials:

    g/starts              int64: the frame at which each trial starts
    g/raw, g/result       float32 (frames,): the ROI and one separated trace; convert to float64
    g/RATE/across         float64 (2, frames / 5): dF/F of raw and of the separated trace, every 5th frame,
                          one baseline for all trials
    g/RATE/each           the same with a baseline for each trial
"""

from pathlib import Path

import fissa
import numpy as np

OUT = Path(__file__).with_name("baseline_reference.npz")
EVERY = 5
RATES = (0.8, 1.0, 2.5, 10.0, 30.0)
GROUPS = {"nmf": (240, 300, 61), "ica": (200, 260), "short": (8, 2, 40)}


def traces(name, frames, rng):
    """Return raw and separated: a slow drift, events and noise; around 0 for ICA."""
    events = np.convolve(rng.random(frames) < 0.03, np.exp(-np.arange(40) / 12), "full")[:frames]
    drift = 10 * np.sin(np.arange(frames) / 70)
    raw = 100 + drift + 40 * events + rng.normal(0, 3, frames)
    result = np.maximum(30 * events + rng.normal(2, 1, frames), 0)
    if name == "ica":
        result = result - result.mean()
    return raw.astype(np.float32), result.astype(np.float32)


def main():
    """Write the reference."""
    rng = np.random.default_rng(5)
    arrays = {}
    for name, lengths in GROUPS.items():
        raw, result = traces(name, sum(lengths), rng)
        starts = np.cumsum((0, *lengths[:-1]))
        arrays |= {f"{name}/starts": starts, f"{name}/raw": raw, f"{name}/result": result}
        for rate in RATES:
            for key, across in (("across", True), ("each", False)):
                experiment = fissa.Experiment(["-"] * len(lengths), [["-"]] * len(lengths), verbosity=0)
                for attribute, values in (("raw", raw), ("result", result)):
                    trials = np.empty((1, len(lengths)), object)
                    for k, part in enumerate(np.split(values.astype(np.float64), starts[1:])):
                        trials[0, k] = part[np.newaxis]
                    setattr(experiment, attribute, trials)
                experiment.calc_deltaf(rate, across_trials=across)
                both = [
                    np.concatenate(each[0], axis=1)[0] for each in (experiment.deltaf_raw, experiment.deltaf_result)
                ]
                arrays[f"{name}/{rate:g}/{key}"] = np.array(both)[:, ::EVERY]
    np.savez_compressed(OUT, **arrays)
    print(f"{len(arrays)} arrays, {OUT.stat().st_size / 1000:.0f} kB in {OUT}")


if __name__ == "__main__":
    main()
