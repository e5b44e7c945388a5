"""Results that an export of this program holds, taken by the session as they are."""

from dataclasses import replace

import numpy as np
import pytest

from neuropil_gui.core.marks import Mark
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.core.simulation import Simulation, simulate
from neuropil_gui.engine.file_results import FileResults, ResultsOfFile
from neuropil_gui.engine.runner import close_runners
from neuropil_gui.formats.registry import read, write
from neuropil_gui.state.results import Result
from neuropil_gui.state.session import Session

SETTINGS = SeparationSettings(alpha=0.02)


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Four cells, of which the last was separated otherwise than the others, and the third was not."""
    path = tmp_path_factory.mktemp("exported") / "out.npz"
    recording = simulate(Simulation(cells=4, frames=150))
    settings = {0: SETTINGS, 1: SETTINGS, 3: replace(SETTINGS, alpha=0.5)}
    results = {index: separate_cell(recording.cells[index], each) for index, each in settings.items()}
    write(path, recording, results, marks={1: Mark("accepted", "soma")})
    return path, results


@pytest.fixture
def session(qapp):
    session = Session()
    FileResults(session, session)
    yield session
    assert close_runners(session, 10_000)


@pytest.mark.parametrize("suffix", [".npz", ".mat"])
def test_each_result_comes_back_as_it_was(exported, tmp_path, suffix):
    path, results = exported
    write(tmp_path / f"again{suffix}", recording := read(path), dict(enumerate(results.values())))
    for cell, result in zip(read(tmp_path / f"again{suffix}").cells, results.values(), strict=True):
        found = cell.stored.separation
        assert found.origin == f"again{suffix}"
        assert (found.settings, found.seed, found.tries) == (result.settings, result.seed, result.tries)
        assert (found.iterations, found.converged, found.n) == (result.iterations, result.converged, result.n)
        assert found.warnings == result.warnings
        for name in ("matched", "separated", "mixing", "scores", "order"):
            assert np.array_equal(getattr(found, name), getattr(result, name))
        assert found.median == pytest.approx(result.median, rel=1e-14)
        assert found.objective == pytest.approx(result.objective, rel=1e-12)
    assert recording.settings == SETTINGS


def test_the_results_of_a_file_are_those_of_the_session(qtbot, session, exported):
    path, results = exported
    recording = read(path)
    session.set_recording(recording)
    assert session.settings == SETTINGS
    assert session.marks.all == {1: Mark("accepted", "soma")}
    session.set_cell(recording.cells[0])
    assert session.answered
    assert session.result.origin == "out.npz"
    assert np.array_equal(session.result.matched, results[0].matched)
    qtbot.waitUntil(lambda: len(session.outcomes()) == 3)
    assert session.own.all.own == {2: replace(SETTINGS, alpha=0.5)}
    outcomes = dict(session.outcomes())
    assert [outcomes[index].settings.alpha for index in range(3)] == [0.02, 0.02, 0.5]
    assert outcomes[1].numbers.keys() == outcomes[0].numbers.keys() > {"score", "r_neuropil"}
    again = separate_cell(recording.cells[0], SETTINGS)
    session.store(again, {})
    assert (session.result, session.result.origin) == (again, "")


def test_what_was_made_since_comes_first(exported):
    path, results = exported
    recording, newer = read(path), Result(replace(results[0], iterations=7), {})

    class Later:
        def get(self, index, settings):
            return newer if (index, settings) == (0, SETTINGS) else None

        def newest(self, index):
            return newer if index == 0 else None

    stored = ResultsOfFile(recording, Later())
    assert stored.get(0, SETTINGS) is stored.newest(0) is newer
    assert stored.get(1, SETTINGS).separation.origin == "out.npz"
    assert stored.get(2, SETTINGS) is None  # which is of another alpha
    assert stored.newest(2).separation.settings.alpha == 0.5


def test_another_recording_has_nothing_of_the_file(qtbot, session, exported):
    path, _ = exported
    session.set_recording(read(path))
    session.set_recording(simulate(Simulation(cells=2, frames=150)))
    assert session.results.stored is None
    assert (session.marks.all, session.outcomes()) == ({}, [])


@pytest.mark.parametrize(
    "fault",
    [
        {"1/order": np.array([0, 0, 1, 2, 3])},
        {"1/scores": np.zeros(0)},
        {"1/separated": np.ones((5, 3))},
        {"1/seed": np.array(["x"])},
        {"1/offset": np.float64("nan")},
        {"1/mixing": np.full((5, 5), np.inf)},
        {"provenance": np.array("{}")},
        {"provenance": np.array("[" * 100_000)},
        {"provenance": np.array('{"settings": {"alpha": -1}, "settings_of_cells": {}, "warnings": {}}')},
    ],
    ids=lambda fault: next(iter(fault)),
)
def test_a_result_that_does_not_fit_is_only_compared_with(exported, tmp_path, fault):
    with np.load(exported[0]) as file:
        arrays = dict(file) | fault
    np.savez(tmp_path / "wrong.npz", **arrays)
    stored = read(tmp_path / "wrong.npz").cells[0].stored
    assert stored.separation is None
    assert np.array_equal(stored.matched, arrays["1/matched"])
