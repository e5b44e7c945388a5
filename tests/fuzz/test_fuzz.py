"""2,000 mutations at every test run, of all formats together; ``python -m tests.fuzz`` tries as many as one likes."""

import pytest

from tests.fuzz.__main__ import run
from tests.fuzz.mutations import SEEDS

pytestmark = pytest.mark.any_version


@pytest.mark.parametrize("name", SEEDS)
def test_a_spoiled_file_is_read_or_refused(tmp_path, name):
    assert run([name], -(-2000 // len(SEEDS)), 7, tmp_path) == []
