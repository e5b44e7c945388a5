"""Make fissa_reference.npz: what FISSA 1.0.0 itself answers to simulated signals.

From the repository's folder, in an environment of its own (Python 3.11; FISSA 1.0.0 does not run
with today's scikit-learn and numpy):

    pip install fissa==1.0.0 scikit-learn==1.1.3 numpy==1.23.5 scipy==1.11.4
    PYTHONPATH=. python tests/data/make_fissa_reference.py

The file holds, without pickle:

    cases               text, JSON: {case: {"input": key, "kwargs": {...}, "custom": bool, "every": int,
                        "convergence": {...}, "printed": text}}; kwargs are those of fissa.neuropil.separate
    inputs/KEY          int16 (signals, frames); convert to float64
    CASE/S_sep          float32 (n, frames / every): the frames [::every]
    CASE/S_matched      float32, likewise
    CASE/A_sep          float64 (signals, n)
    CASE/W0, CASE/H0    float64, where "custom" is true

A case whose answer hangs on rounding is no reference for anybody. Each is run again with two
threads of BLAS, and with its input changed by 1e-14 of itself; where the iterations change, or the
answer by more than 1e-8 of its largest value, the case is left out and named on the screen. One was,
and is no longer in the list: "ica" on 12x240 with n found by PCA took 10000 or 2056 iterations.
"""

import contextlib
import io
import json
import sys
import warnings
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from neuropil_gui.core.simulation import Simulation, simulate

OUT = Path(__file__).with_name("fissa_reference.npz")


def signals(signals, frames, seed, **changes):
    """Return simulated signals as whole numbers, which compress well."""
    changes = {"neuropil": 100.0, "fluctuation": 30.0, "spike_rate": 0.5, "noise": 2.0, **changes}
    simulation = Simulation(regions=signals - 1, frames=frames, seed=seed, **changes)
    return np.round(8 * simulate(simulation).cells[0].traces).astype(np.int16)


INPUTS = {
    "2x60": signals(2, 60, 1),
    "3x120": signals(3, 120, 2),
    "5x300": signals(5, 300, 3),
    "5x301_contaminated": signals(5, 301, 4, contamination=1.3),
    "8x200": signals(8, 200, 5, neighbours=4),
    "12x240": signals(12, 240, 6, neighbours=5),
    "2x2000": signals(2, 2000, 7),
    "5x2000": signals(5, 2000, 8, bleaching=0.2),
    "5x250_pedestal": signals(5, 250, 9, pedestal=1000.0),
}
INPUTS["4x200_zeros"] = np.vstack([INPUTS["5x300"][:3, :200], np.zeros((1, 200), np.int16)])
# As dF/F: rows around zero, whose common median is above (or below) zero.
_means = np.round(np.mean(INPUTS["5x300"], axis=1, keepdims=True)).astype(np.int16)
INPUTS["5x300_around_zero"] = INPUTS["5x300"] - _means + np.int16(40)
INPUTS["5x300_negative_median"] = INPUTS["5x300"] - _means - np.int16(90)

CASES = {
    "nmf_2x60": ("2x60", {}),
    "nmf_2x2000": ("2x2000", {}),
    "nmf_3x120_alpha_0": ("3x120", {"alpha": 0.0}),
    "nmf_5x300": ("5x300", {"prefix": "[Cell 1]"}),
    "nmf_5x300_alpha_0": ("5x300", {"alpha": 0.0}),
    "nmf_5x300_alpha_001": ("5x300", {"alpha": 0.01}),
    "nmf_5x300_alpha_03": ("5x300", {"alpha": 0.3}),
    "nmf_5x300_alpha_1": ("5x300", {"alpha": 1.0}),
    "nmf_5x300_alpha_100": ("5x300", {"alpha": 100.0}),
    "nmf_5x300_n_1": ("5x300", {"n": 1}),
    "nmf_5x300_n_3": ("5x300", {"n": 3}),
    "nmf_5x300_tol": ("5x300", {"tol": 1e-6, "random_state": 7, "max_iter": 40000}),
    "nmf_5x300_tries": ("5x300", {"max_iter": 12, "max_tries": 2}),
    "nmf_5x300_custom": ("5x300", {"n": 3}),
    "nmf_contaminated": ("5x301_contaminated", {}),
    "nmf_contaminated_alpha_001": ("5x301_contaminated", {"alpha": 0.01}),
    "nmf_pedestal": ("5x250_pedestal", {}),
    "nmf_8x200": ("8x200", {"sep_method": "NNMF"}),
    "nmf_8x200_alpha_1": ("8x200", {"alpha": 1.0}),
    "nmf_12x240": ("12x240", {}),
    "nmf_12x240_n_4": ("12x240", {"n": 4, "alpha": 0.0}),
    "nmf_12x240_alpha_03": ("12x240", {"alpha": 0.3}),
    "nmf_5x2000": ("5x2000", {}),
    "nmf_5x2000_alpha_001": ("5x2000", {"alpha": 0.01}),
    "nmf_zeros": ("4x200_zeros", {}),
    "ica_2x60": ("2x60", {"sep_method": "ica"}),
    "ica_3x120": ("3x120", {"sep_method": "ICA"}),
    "ica_5x300": ("5x300", {"sep_method": "ica"}),
    "ica_5x300_seed": ("5x300", {"sep_method": "ica", "random_state": 2**32 - 1}),
    "ica_5x300_tries": (
        "5x300",
        {"sep_method": "ica", "max_iter": 2, "max_tries": 2, "random_state": 2**32 - 1, "prefix": "a "},
    ),
    "ica_5x2000": ("5x2000", {"sep_method": "ica"}),
    "ica_8x200": ("8x200", {"sep_method": "ica"}),
    "ica_12x240_n_3": ("12x240", {"sep_method": "ica", "n": 3}),
    "ica_around_zero": ("5x300_around_zero", {"sep_method": "ica"}),
    "ica_negative_median": ("5x300_negative_median", {"sep_method": "ica"}),
    "fastica_5x300": ("5x300", {"sep_method": "FastICA"}),
    "fastica_5x2000": ("5x2000", {"sep_method": "fastica"}),
    "fastica_8x200_n_4": ("8x200", {"sep_method": "fastica", "n": 4}),
    "factor_analysis_5x300": ("5x300", {"sep_method": "FactorAnalysis", "n": 2}),
    "factor_analysis_8x200": ("8x200", {"sep_method": "FactorAnalysis", "n": 3, "prefix": "ROI 8"}),
    "factor_analysis_negative": ("5x300_negative_median", {"sep_method": "FactorAnalysis", "n": 1}),
}
CUSTOM = {"nmf_5x300_custom"}
# Long answers are thinned, to keep the file small.
EVERY = {"2x2000": 7, "5x2000": 9, "12x240": 3, "8x200": 3}


def start(shape, n):
    """Return a start W0 (frames, n), H0 (n, signals) of NMF."""
    rng = np.random.default_rng(1)
    return np.round(rng.uniform(0.1, 1, (shape[1], n)), 3), np.round(rng.uniform(0.1, 1, (n, shape[0])), 3)


def run(case, threads=1, change=0.0):
    """Return FISSA's four values and what it printed."""
    from fissa.neuropil import separate

    key, kwargs = CASES[case]
    S = INPUTS[key].astype(np.float64)
    S *= 1 + change * np.random.default_rng(0).uniform(-1, 1, S.shape)
    extra = {}
    if case in CUSTOM:
        extra["W0"], extra["H0"] = start(S.shape, kwargs["n"])
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), threadpool_limits(threads), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return (*separate(S, **kwargs, **extra), printed.getvalue())


def is_stable(case, result):
    """Say whether a case gives the same answer under changes that ought not to matter."""
    for other in (run(case, threads=2), run(case, change=1e-14), run(case, change=1e-13)):
        if other[3] != result[3]:
            print(f"{case}: {result[3]['iterations']} or {other[3]['iterations']} iterations")
            return False
        for a, b in zip(result[:3], other[:3]):  # noqa: B905 -- both have three
            difference = np.abs(a - b).max() / max(np.abs(b).max(), np.finfo(float).tiny)
            if difference > 1e-8:
                print(f"{case}: differs by {difference:.1e}")
                return False
    return True


def main():
    """Write the reference."""
    arrays, cases = {}, {}
    for case, (key, kwargs) in CASES.items():
        result = run(case)
        if not is_stable(case, result):
            print(f"{case}: left out")
            continue
        S_sep, S_matched, A_sep, convergence, printed = result
        every = EVERY.get(key, 1)
        cases[case] = {
            "input": key,
            "kwargs": kwargs,
            "custom": case in CUSTOM,
            "every": every,
            "convergence": {name: getattr(value, "item", lambda v=value: v)() for name, value in convergence.items()},
            "printed": printed,
        }
        arrays[f"{case}/S_sep"] = S_sep[:, ::every].astype(np.float32)
        arrays[f"{case}/S_matched"] = S_matched[:, ::every].astype(np.float32)
        arrays[f"{case}/A_sep"] = A_sep
        if case in CUSTOM:
            arrays[f"{case}/W0"], arrays[f"{case}/H0"] = start(INPUTS[key].shape, kwargs["n"])
        print(case, convergence["iterations"], S_sep.shape[0], "components")
    used = sorted({case["input"] for case in cases.values()})
    np.savez_compressed(
        OUT, cases=np.array(json.dumps(cases, indent=1)), **{f"inputs/{k}": INPUTS[k] for k in used}, **arrays
    )
    print(f"{len(cases)} cases, {OUT.stat().st_size / 1000:.0f} kB in {OUT}")


if __name__ == "__main__":
    sys.exit(main())
