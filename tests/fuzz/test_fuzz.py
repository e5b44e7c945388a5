"""1,200 mutations at every test run, of all formats together; ``python -m tests.fuzz`` tries as many as one likes."""

import pytest

from neuropil_gui.formats.child import process
from tests.fuzz.mutations import SEEDS
from tests.fuzz.trials import run

pytestmark = pytest.mark.any_version


@pytest.mark.parametrize("name", SEEDS)
def test_a_spoiled_file_is_read_or_refused(monkeypatch, name):
    monkeypatch.setattr(process, "LONGEST_SILENCE", 3.0)  # files in which HDF5 does not find the end cost no more
    bugs, _ = run(name, 1200 // len(SEEDS), 7)
    assert bugs == []
