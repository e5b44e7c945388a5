"""Signal names as plots write them: short beside narrow rows, in full elsewhere."""

import re

LONGEST = 12
"""Characters of a short name."""


def short_name(name: str) -> str:
    """Return `name`, cut off where it would take the room of the tiles."""
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def full_name(name: str) -> str:
    """Return `name` with the "np" of the default names of neuropil regions written out."""
    return re.sub(r"^np (?=\d+$)", "neuropil ", name)
