"""Spike times of cells in a project, an item for each cell."""

from collections.abc import Iterable, Mapping
from functools import partial

from neuropil_gui.core.spike_times import UNITS, SpikeTimes
from neuropil_gui.formats.project.packing import pack, unpack
from neuropil_gui.formats.project.writer import Writer

KIND = "spikes"


def put_spikes(writer: Writer, indices: Iterable[int], trains: Mapping[int, SpikeTimes]) -> None:
    """Hand the spike times of cells to a writer, and take those away that are gone.

    Parameters
    ----------
    writer : Writer
    indices : iterable of int
        Of the cells.
    trains : mapping of int to SpikeTimes
        What there is now.
    """
    for index in indices:
        spikes = trains.get(index)
        make = None if spikes is None else partial(pack_spikes, spikes)
        writer.put(KIND, f"{index:09}", make)


def pack_spikes(spikes: SpikeTimes) -> bytes:
    """Return spike times as a project keeps them.

    Parameters
    ----------
    spikes : SpikeTimes

    Returns
    -------
    bytes
    """
    return pack({"unit": spikes.unit, "source": spikes.source}, {"times": spikes.times})


def unpack_spikes(body: bytes) -> SpikeTimes:
    """Return the spike times of an item.

    Parameters
    ----------
    body : bytes
        As `pack_spikes` returns it.

    Returns
    -------
    SpikeTimes

    Raises
    ------
    DataError, KeyError, TypeError, ValueError
        When they are something else.
    """
    facts, arrays = unpack(body)
    if facts["unit"] not in UNITS:
        raise ValueError(f"{facts['unit']} is no unit")
    return SpikeTimes(arrays["times"], facts["unit"], str(facts["source"]))
