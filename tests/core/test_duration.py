from dataclasses import replace

import pytest

from neuropil_gui.core.duration import expected_seconds
from neuropil_gui.core.settings import SeparationSettings

FISSA = SeparationSettings()
FAST = SeparationSettings(solver="accelerated")
ICA = SeparationSettings(method="ica")
FRAMES = (1, 10, 200, 864, 5_000, 54_000, 200_000, 1_000_000, 10_000_000)


@pytest.mark.parametrize("settings", [FISSA, FAST, ICA, replace(FISSA, alpha=0.0), replace(FAST, n=2)])
def test_more_frames_take_longer(settings):
    seconds = [expected_seconds(settings, 5, frames) for frames in FRAMES]
    assert seconds == sorted(set(seconds))
    assert seconds[0] > 0


def test_more_components_take_longer():
    for settings in (FISSA, FAST, ICA):
        assert expected_seconds(replace(settings, n=2), 5, 864) < expected_seconds(settings, 5, 864)


def test_fissas_own():
    assert expected_seconds(FISSA, 5, 864) < 1
    assert expected_seconds(FISSA, 5, 54_000) > 5
    assert expected_seconds(replace(FISSA, max_iter=10), 5, 54_000) < 0.1
    assert expected_seconds(replace(FISSA, alpha=1.0), 5, 54_000) < expected_seconds(FISSA, 5, 54_000)


def test_the_accelerated_solver_takes_no_longer_with_many_signals():
    for signals, n in ((100, 10), (300, 10), (40, 15)):
        own = expected_seconds(replace(FISSA, n=n), signals, 500)
        assert 0 < expected_seconds(replace(FAST, n=n), signals, 500) <= own + 5e-3


def test_the_accelerated_solver_takes_far_less():
    for frames in (5_000, 54_000, 200_000):
        assert 10 * expected_seconds(FAST, 5, frames) < expected_seconds(FISSA, 5, frames)
