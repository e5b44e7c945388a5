"""Simulated movies whose light is known: cells, neighbours and neuropil in a field of view."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from neuropil_gui.core.arrays import FloatArray
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.simulation import Simulation, simulate

#: Frames that are made at once.
_BLOCK = 50
_CORNERS = 24
_TRIES = 2000
#: Patterns of neuropil, each with a time course of its own.
_PATTERNS = 2
#: The random numbers of where things lie, and of the noise.
_PLACES, _NOISE = 1, 2
#: Space between the rims of two neighbours, in pixels.
_APART = 1.5


@dataclass(frozen=True)
class MovieSimulation:
    """Parameters of a simulated movie.

    Attributes
    ----------
    simulation : Simulation
        Its cells are the ROIs; time courses, noise of a pixel, contamination, leak, trials and frame rate are as it
        says. Its neighbours and regions are not used: neighbours are what lies beside a cell, and regions are grown.
    side : int
        Rows and columns of a frame.
    radius : float
        Of the cells, in pixels.

    Raises
    ------
    DataError
        When the cells do not fit into a frame.
    """

    simulation: Simulation
    side: int = 96
    radius: float = 6.0

    def __post_init__(self) -> None:
        if not 1 <= self.radius <= 1000:
            raise DataError(f"radius must be from 1 to 1000 pixels, but {self.radius:g} was found.")
        room = (self.side - 2 * self.radius - 2) ** 2
        if room <= 0 or self.simulation.cells * (2 * self.radius + _APART) ** 2 > 0.8 * room:
            raise DataError(
                f"{self.simulation.cells} cells of {2 * self.radius:g} pixels do not fit into a frame of {self.side} x "
                f"{self.side}: give fewer cells, or a larger side."
            )


@dataclass(frozen=True, eq=False)
class SimulatedMovie:
    """A movie whose light is known: frames = footprints x sources + noise.

    Attributes
    ----------
    parameters : MovieSimulation
    footprints : ndarray of float32, shape (k, rows, columns)
        How much of each source is in each pixel: first those of the cells, then those of the neuropil.
    sources : ndarray, shape (k, frames)
        In counts; trials are joined in time.
    outlines : tuple of ndarray, shape (corners, 2)
        The x and y of the ROI of each cell, in ImageJ's coordinates.
    """

    parameters: MovieSimulation
    footprints: NDArray[np.float32]
    sources: FloatArray
    outlines: tuple[FloatArray, ...]

    def frames(self, trial: int) -> Iterator[NDArray[np.uint16]]:
        """Yield the frames of a trial, from 0, each of shape (rows, columns)."""
        simulation = self.parameters.simulation
        rng = np.random.default_rng(np.random.SeedSequence(simulation.seed, spawn_key=(_NOISE, trial)))
        flat = self.footprints.reshape(len(self.footprints), -1).astype(np.float64)
        first = trial * simulation.frames
        for start in range(first, first + simulation.frames, _BLOCK):
            stop = min(start + _BLOCK, first + simulation.frames)
            light = self.sources[:, start:stop].T @ flat
            light += np.sqrt(simulation.noise**2 + simulation.photon_noise * light) * rng.standard_normal(light.shape)
            counts = np.clip(np.rint(light), 0, np.iinfo(np.uint16).max).astype(np.uint16)
            yield from counts.reshape(-1, self.parameters.side, self.parameters.side)


def simulate_movie(parameters: MovieSimulation) -> SimulatedMovie:
    """Make a movie whose sources are known.

    Cells are discs with a soft rim, half of them beside another one; around each is a faint halo, by which its light
    leaks. Neuropil has a few smooth patterns, each of a time course of its own, and is fainter or brighter within
    cells by `contamination`. Time courses are those of `simulate`.

    Parameters
    ----------
    parameters : MovieSimulation

    Returns
    -------
    SimulatedMovie
        The same parameters make the same movie.

    Raises
    ------
    DataError
        When no place is found for a cell.
    """
    given = parameters.simulation
    rng = np.random.default_rng(np.random.SeedSequence(given.seed, spawn_key=(_PLACES,)))
    centres = _places(rng, parameters)
    rows, columns = np.mgrid[: parameters.side, : parameters.side] + 0.5
    footprints, within = [], np.zeros((parameters.side, parameters.side))
    for x, y in centres:
        distance = np.hypot(columns - x, rows - y) - parameters.radius
        disc = 1 / (1 + np.exp(distance / 0.4))
        halo = given.leak * np.exp(-((np.maximum(distance, 0) / (0.8 * parameters.radius)) ** 2))
        footprints.append(np.maximum(disc, halo))
        within = np.maximum(within, disc)
    share = 1 + (given.contamination - 1) * within
    footprints += [share * pattern for pattern in _patterns(rng, parameters.side)]
    several = Simulation(
        **{**given.to_dict(), "cells": max(given.cells, _PATTERNS), "regions": 1, "neighbours": 0, "noise": 0.0}
    )
    truths = [cell.truth for cell in simulate(several).cells]
    sources = [truth.sources[0] for truth in truths[: given.cells] if truth is not None]
    sources += [truth.sources[1] for truth in truths[:_PATTERNS] if truth is not None]
    if given.pedestal:
        footprints.append(np.ones_like(within))
        sources.append(np.full(sources[0].shape, given.pedestal))
    angles = np.arange(_CORNERS) * (2 * np.pi / _CORNERS)
    circle = parameters.radius * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    outlines = tuple(np.round(circle + centre, 2) for centre in centres)
    return SimulatedMovie(parameters, np.array(footprints, np.float32), np.array(sources), outlines)


def _places(rng: Generator, parameters: MovieSimulation) -> list[tuple[float, float]]:
    """Return the x and y of the cells' centres: every second one lies beside the one before."""
    least = 2 * parameters.radius + _APART
    margin = parameters.radius + 1
    places: list[tuple[float, float]] = []
    while len(places) < parameters.simulation.cells:
        for attempt in range(_TRIES):
            if len(places) % 2 and attempt < _TRIES // 4:
                angle, distance = rng.uniform(0, 2 * np.pi), least + rng.uniform(0.0, 2.0)
                x, y = places[-1][0] + distance * np.cos(angle), places[-1][1] + distance * np.sin(angle)
            else:
                x, y = rng.uniform(margin, parameters.side - margin, 2)
            inside = margin <= min(x, y) and max(x, y) <= parameters.side - margin
            if inside and all(np.hypot(x - a, y - b) >= least for a, b in places):
                places.append((float(x), float(y)))
                break
        else:
            raise DataError(
                f"No place was found for cell {len(places) + 1} of {parameters.simulation.cells}: give fewer cells, or "
                "a larger side."
            )
    return places


def _patterns(rng: Generator, side: int) -> Iterator[NDArray[Any]]:
    """Yield how bright the neuropil is in each pixel: one almost even pattern, and one with bright places."""
    from scipy.ndimage import gaussian_filter

    for even in (True, False):
        field = gaussian_filter(rng.standard_normal((side, side)), side / 8, mode="wrap")
        field = (field - field.min()) / (field.max() - field.min())
        yield 0.8 + 0.2 * field if even else 0.7 * field
