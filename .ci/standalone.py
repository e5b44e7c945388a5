"""Start of the standalone build: PyInstaller runs a file, not a module."""

import sys

from neuropil_gui.__main__ import main

sys.exit(main())
