"""Registry of the numbers that judge a result: names, units, ranges, use and limits of each, and what measures them.

Every table, axis, legend and filter takes its numbers from here, so that one word shows one number. None of them is a
measure of quality: each can be at its best on a wrong result. Where the truth is known, `error_truth` is what the
others can be tested against.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from neuropil_gui.core.analysis.number import Number
from neuropil_gui.core.analysis.number_entries import OF_A_SEPARATION, OF_A_TEST, OF_A_TRACE
from neuropil_gui.core.analysis.sample import Sample
from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.recording import Cell
from neuropil_gui.core.result import Separation
from neuropil_gui.core.solvers.stepping import one_blas_thread


def raw_key(key: str) -> str:
    """Return the key of the same number of the raw ROI.

    Parameters
    ----------
    key : str
        Key of a number of the result, e.g. ``"skewness"``.

    Returns
    -------
    str
    """
    return f"{key}_raw"


def _of_raw_roi(number: Number) -> Number:
    return replace(
        number,
        key=raw_key(number.key),
        name=f"{number.name}, raw ROI",
        symbol=f"raw {number.symbol}",
        meaning=number.meaning.replace("the best match", "the raw ROI"),
        measure=lambda sample: number.measure(replace(sample, trace=sample.traces[0], separation=None)),
    )


NUMBERS: Mapping[str, Number] = {
    number.key: number for number in (*OF_A_TRACE, *map(_of_raw_roi, OF_A_TRACE), *OF_A_SEPARATION, *OF_A_TEST)
}
"""All numbers by key. Those of a trace exist of the raw ROI, too: see `raw_key`."""

TRUTH = ("r_truth", "error_truth")
"""The numbers that need the truth."""

TESTED = tuple(number.key for number in OF_A_TEST)
"""The numbers that need a spike-in test."""

SUMMARY = (
    "r_neuropil", "r_neuropil_raw", "explained", "score", "n", "alive", "negative",
    "r_truth", "r_truth_raw", "error_truth", "error_truth_raw",
)  # fmt: skip
"""Numbers that are measured of every result that is shown or kept."""

INDICATORS = ("r_neuropil", "skewness", "excursions", "explained", "structure", *TRUTH)
"""Keys of the numbers that may give reason to doubt a result, those that need the truth last."""


def measure(sample: Sample, keys: Iterable[str]) -> dict[str, float]:
    """Measure a sample.

    Parameters
    ----------
    sample : Sample
    keys : iterable of str
        Of `NUMBERS`.

    Returns
    -------
    dict of str to float
        By key in the given order, without those that have no meaning for the sample. NaN where one is not defined.
    """
    return {key: NUMBERS[key].measure(sample) for key in keys if NUMBERS[key].known_of(sample)}


@one_blas_thread()
def numbers(cell: Cell, separation: Separation, keys: Iterable[str] = tuple(NUMBERS)) -> dict[str, float]:
    """Return the numbers that judge a separation.

    Parameters
    ----------
    cell : Cell
    separation : Separation
        Of this cell; a draft is judged over its bins.
    keys : iterable of str
        Of `NUMBERS`, which says of each what it means, its unit and range, and when it misleads.

    Returns
    -------
    dict of str to float
        By key. Those against the truth only where it is known, and none that need the frame rate or a spike-in test;
        NaN where a number is not defined.

    Raises
    ------
    DataError
        (a ValueError) When the separation is of other traces.
    """
    return measure(Sample.of_separation(cell, separation), keys)


@one_blas_thread()
def numbers_of_trace(
    cell: Cell, trace: FloatArray, keys: Iterable[str] = tuple(number.key for number in OF_A_TRACE)
) -> dict[str, float]:
    """Return the numbers that judge any correction of the ROI's trace, such as the raw ROI or a subtraction.

    Parameters
    ----------
    cell : Cell
    trace : ndarray, shape (frames,)
        In the unit of the cell's traces.
    keys : iterable of str
        Of `NUMBERS`; those of separations are left out.

    Returns
    -------
    dict of str to float
        As of `numbers`.
    """
    return measure(Sample.of_trace(cell, trace), keys)
