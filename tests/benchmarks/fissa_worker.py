"""Separates by FISSA 1.0.0 in an environment of its own, for against_fissa.py: a line of JSON asks, one answers."""

import json
import sys
import time
import warnings
from importlib.metadata import version

import numpy as np
from fissa.neuropil import separate
from joblib import Parallel, delayed


def one(ask):
    """Separate one cell, some times in a row; its answer goes to a file, so that the other side can judge it."""
    traces = np.load(ask["signals"])
    seconds = []
    for _ in range(ask["times"]):
        copy = traces.copy()  # FISSA divides what it is given
        began = time.perf_counter()
        separated, matched, mixing, convergence = separate(copy, verbosity=0, **ask["settings"])
        seconds.append(time.perf_counter() - began)
    np.savez(ask["answer"], separated=separated, matched=matched, mixing=mixing)
    return {"seconds": seconds, "iterations": int(convergence["iterations"])}


def all_cells(ask):
    """Separate cells as FISSA's Experiment does: by threads, one a core."""
    cells = np.load(ask["cells"])
    began = time.perf_counter()
    Parallel(n_jobs=-1, backend="threading")(delayed(separate)(cell, verbosity=0, **ask["settings"]) for cell in cells)
    return {"seconds": time.perf_counter() - began}


def main():
    """Answer until there is nothing more to read."""
    warnings.simplefilter("ignore")  # convergence is judged by the iterations
    separate(np.random.RandomState(0).gamma(2, size=(3, 100)), verbosity=0)  # what is done once is done
    print(json.dumps({name: version(name) for name in ("fissa", "scikit-learn", "numpy", "scipy")}), flush=True)
    for line in sys.stdin:
        ask = json.loads(line)
        print(json.dumps(all_cells(ask) if "cells" in ask else one(ask)), flush=True)


if __name__ == "__main__":
    main()
