"""Movies in TIFF files: stacks of pages, BigTIFF, ImageJ's, OME's and ScanImage's, read page by page."""

import logging
import math
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from neuropil_gui.core.errors import DataError
from neuropil_gui.imaging.damage import damage_as_data_error
from neuropil_gui.imaging.pages import page_offsets
from neuropil_gui.imaging.stack import FrameReader, Stack, as_native, read_into
from neuropil_gui.imaging.tiff_layout import Axes, axes_of, chosen, frame_rate_of

MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
"""First bytes of TIFF and BigTIFF files, in either byte order."""

#: Deflate packs no picture more than this; a file that claims more is made to fill the memory.
_PACKING = 1100


class TiffStack(Stack):
    """A movie in a TIFF file.

    All pages of equal size are frames, however the file was written, unless metadata of ImageJ, OME or ScanImage group
    them into channels and planes.

    Parameters
    ----------
    path : Path
    channel, plane : int, optional
        Which is read where there are several, from 1; the first by default.

    Raises
    ------
    DataError
        When there is no movie in the file that can be read.
    """

    def __init__(self, path: Path, channel: int | None = None, plane: int | None = None) -> None:
        self._path = path
        self._offsets, is_whole = page_offsets(path)
        if not self._offsets:
            raise DataError("it is no TIFF, or holds no picture.")
        with _opened(path) as file:
            page = file.pages[0]
            if file.is_scanimage and not file.is_bigtiff:
                # Offsets overflow in those above 4 GiB, which tifffile repairs.
                self._offsets, is_whole = [], True
            pages = len(self._offsets) or len(file.pages)
            _check_page(page, os.stat(path).st_size)
            self.shape, self.dtype = page.shape[-2:], page.dtype.newbyteorder("=")
            #: Byte at which all frames follow each other; None where each page is a frame.
            self._contiguous: int | None = None
            series = None
            pictures = pages
            if pages == 1 and is_whole:
                series = file.series[0]
                pictures = math.prod(series.shape[:-2])
                if series.shape[-2:] != self.shape or series.dtype != page.dtype:
                    raise DataError(f"its pictures have a shape of {series.shape}; frames of grey were expected.")
                if pictures > 1 and series.dataoffset is not None:
                    self._contiguous = int(series.dataoffset)
                elif pictures > 1:
                    raise DataError("its frames are packed together in one page; save it as a stack of pages.")
            notes: list[str] = []
            self._axes = Axes(pictures)
            if is_whole:
                self._axes, notes = axes_of(file, pictures, series if pictures > 1 else None)
            else:
                notes.append(f"It is cut short or damaged: only its first {pages} pages can be found.")
            self._channel = chosen(channel, self._axes.channels, "channel", notes)
            self._plane = chosen(plane, self._axes.planes, "plane", notes)
            self.frames, self.channels, self.planes = self._axes.frames, self._axes.channels, self._axes.planes
            self.frame_rate = frame_rate_of(file, self._axes)
            self.notes = tuple(notes)
            self._check()
            if not page.is_contiguous and self._contiguous is None:
                _decoded(page)  # whether it can be unpacked is known before anything is started

    @contextmanager
    def open(self) -> Iterator[FrameReader]:
        """Open the file, and yield what reads frames."""
        with _opened(self._path) as file, open(self._path, "rb", buffering=0) as stream:
            yield _TiffReader(self, file, stream)

    def place(self, frame: int) -> int:
        """Return which picture of the file a frame is, from 0."""
        return self._axes.index(frame, self._plane, self._channel)

    def page(self, file: Any, place: int) -> Any:
        """Return a page of the open file, by its place from 0."""
        import tifffile

        if not self._offsets:
            return file.pages[place]
        file.filehandle.seek(self._offsets[place])
        return tifffile.TiffPage(file, place)

    @property
    def contiguous(self) -> int | None:
        """The byte at which all pictures follow each other; None where each is a page."""
        return self._contiguous


class _TiffReader:
    def __init__(self, stack: TiffStack, file: Any, stream: IO[bytes]) -> None:
        self._stack, self._file, self._stream = stack, file, stream
        swapped = file.byteorder != ("<" if sys.byteorder == "little" else ">")
        self._stored = stack.dtype.newbyteorder("S") if swapped else stack.dtype

    def read(self, start: int, stop: int) -> NDArray[Any]:
        stack = self._stack
        block = np.empty((stop - start, *stack.shape), self._stored)
        for row, frame in enumerate(range(start, stop)):
            place = stack.place(frame)
            if stack.contiguous is not None:
                read_into(self._stream, stack.contiguous + place * block[row].nbytes, block[row])
                continue
            page = stack.page(self._file, place)
            if page.shape != stack.shape or page.dtype is None or page.dtype.newbyteorder("=") != stack.dtype:
                raise DataError(
                    f"page {place + 1} holds {page.dtype} of shape {str(page.shape)[:60]}, but the first {stack.dtype} "
                    f"of shape {stack.shape}: the pages of a movie are equal."
                )
            if page.is_contiguous:
                read_into(self._stream, page.dataoffsets[0], block[row])
            else:
                block[row] = _decoded(page)
        return as_native(block)


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """Open a TIFF, and turn what the reader makes of a damaged one into a DataError."""
    import tifffile

    logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # what it logs of damage is said in a sentence here
    with damage_as_data_error("it is damaged, or no TIFF; a movie was expected."), tifffile.TiffFile(path) as file:
        yield file


def _check_page(page: Any, file_size: int) -> None:
    """Raise a DataError for a page that is no frame of a movie, before it is read."""
    if len(page.shape) > 2 and (page.samplesperpixel > 1 or page.photometric.name in ("RGB", "PALETTE")):
        raise DataError(
            f"its pictures are in colour ({page.samplesperpixel} samples a pixel); save one channel as a stack in grey."
        )
    if page.dtype is None or page.dtype.kind not in "iufb" or len(page.shape) < 2:
        raise DataError(f"its pixels of {page.bitspersample} bits cannot be read; real numbers were expected.")
    if page.nbytes > file_size * (1 if page.compression == 1 and page.dtype.kind != "b" else _PACKING):
        rows, columns = page.shape[-2:]
        raise DataError(
            f"it is damaged or cut short: a picture of {rows} x {columns} has {page.nbytes} bytes, but the file has "
            f"{file_size}."
        )


def _decoded(page: Any) -> NDArray[Any]:
    """Return the pixels of a page that has to be unpacked or put together."""
    try:
        with damage_as_data_error(f"page {page.index + 1} is damaged."):
            return np.asarray(page.asarray(maxworkers=1))
    except DataError as error:
        if "imagecodecs" in str(error.__cause__):
            raise DataError(
                f"its pages are packed by {page.compression.name}, which needs the package imagecodecs "
                "(pip install imagecodecs), or saving it without."
            ) from error
        raise
