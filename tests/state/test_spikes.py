"""Spike times of cells, and what changed."""

import numpy as np

from neuropil_gui.core.spike_times import SpikeTimes
from neuropil_gui.state.session import Session
from neuropil_gui.state.spikes import Spikes


def test_they_are_put_and_taken_away():
    spikes, changes = Spikes(), []
    spikes.changed.connect(changes.append)
    train = SpikeTimes(np.array([0.5]))
    spikes.put(2, train)
    spikes.put(2, train)
    assert spikes.get(2) is train
    assert spikes.get(0) is None
    spikes.restore({1: train, 2: train})
    spikes.put(2, None)
    spikes.put(5, None)
    assert dict(spikes.all) == {1: train}
    assert changes == [[2], [1], [2]]


def test_another_recording_has_none(qapp):
    session = Session()
    session.spikes.put(0, SpikeTimes(np.array([0.5])))
    session.set_recording(None)
    assert session.spikes.all == {}
