"""Expected duration of a separation: rough, for choices that need not be exact.

The iterations of FISSA's solver were read off 160 fits of real and simulated cells (2 to 12
signals, 200 to 54,000 frames, alpha 0.01 to 1): about 30 times the square root of the frames at
alpha 0.1, fewer where alpha is higher, half or twice as many in single cases. Times are those
of a desktop processor.
"""

import math

from neuropil_gui.core.settings import SeparationSettings


def expected_seconds(settings: SeparationSettings, signals: int, frames: int) -> float:
    """Return the expected duration of one cell's separation.

    Parameters
    ----------
    settings : SeparationSettings
    signals, frames : int
        Size of the cell's traces.

    Returns
    -------
    float
        In seconds, within a factor of about two for most cells.
    """
    n = settings.n or signals
    values = frames * n * (signals + 1)
    if settings.method == "ica":
        return 5e-3 + 30 * (1e-4 + 2e-8 * frames * n)
    iterations = 30 * math.sqrt(frames) * math.pow(0.1 / max(settings.alpha, 1e-3), 0.75)
    sweeps = min(iterations, settings.max_iter) * (5e-5 + 2e-9 * values)
    if settings.solver == "accelerated":
        step = 5e-4 + 2.5e-9 * values + 1e-9 * min(1 << n, frames) * n**4 + 4e-10 * (n * signals) ** 3
        return 5e-3 + min(20 * step, sweeps)
    return sweeps
