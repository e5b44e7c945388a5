"""Offsets of the pages of a TIFF, by a walk along their chain that ends whatever the file holds."""

import os
import struct
from pathlib import Path

from neuropil_gui.core.errors import DataError

#: Pages above which a file is no movie; a walk along them takes a few seconds.
MOST_PAGES = 1_000_000
_MOST_TAGS = 4096


def page_offsets(path: Path) -> tuple[list[int], bool]:
    """Return the places of the pages of a TIFF or BigTIFF, in bytes.

    Nothing but the links from page to page is read: 40,000 pages take a fifth of a second, and a chain that leads back
    to itself ends, which it does not in tifffile.

    Parameters
    ----------
    path : Path

    Returns
    -------
    offsets : list of int
        Empty where it is no TIFF.
    is_whole : bool
        Whether the chain ended as it should.

    Raises
    ------
    DataError
        When there are more than `MOST_PAGES`.
    """
    offsets: list[int] = []
    seen: set[int] = set()
    size = os.stat(path).st_size
    with open(path, "rb", buffering=512) as stream:
        head = stream.read(16)
        order = {b"II": "<", b"MM": ">"}.get(head[:2])
        if order is None or len(head) < 8:
            return offsets, False
        (version,) = struct.unpack(f"{order}H", head[2:4])
        if version == 42:
            count_form, link_form, entry, link = f"{order}H", f"{order}I", 12, head[4:8]
        elif version == 43 and len(head) == 16:
            count_form, link_form, entry, link = f"{order}Q", f"{order}Q", 20, head[8:16]
        else:
            return offsets, False
        count_size, link_size = struct.calcsize(count_form), struct.calcsize(link_form)
        while True:
            if len(link) < link_size:
                return offsets, False
            (place,) = struct.unpack(link_form, link)
            if place == 0:
                return offsets, True
            if place in seen or place >= size:
                return offsets, False
            seen.add(place)
            if len(seen) > MOST_PAGES:
                raise DataError(f"it has more than {MOST_PAGES} pages.")
            stream.seek(place)
            field = stream.read(count_size)
            count = struct.unpack(count_form, field)[0] if len(field) == count_size else 0
            if not 0 < count <= _MOST_TAGS:
                return offsets, False
            link = stream.read(count * entry + link_size)[count * entry :]
            offsets.append(place)
