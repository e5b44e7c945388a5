"""What all tests share: an offscreen Qt, settings in a temporary folder, real recordings, a leak check."""

import os
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_FONT_DPI", "96")

import pytest

ROOT = Path(__file__).resolve().parent.parent
REAL_DATA = Path(os.environ.get("NEUROPIL_GUI_TEST_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real recordings, which is not part of the repository."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"no real recordings at {REAL_DATA} (NEUROPIL_GUI_TEST_DATA names their folder)")
    return REAL_DATA
