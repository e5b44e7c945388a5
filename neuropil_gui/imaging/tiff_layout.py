"""Layout of a TIFF: frames, channels and frame rate, by the metadata of ImageJ, OME and ScanImage."""

import re
from dataclasses import dataclass
from typing import Any

from neuropil_gui.core.errors import DataError
from neuropil_gui.core.frame_rate import is_frame_rate

_SECONDS = {"s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "msec": 1e-3, "min": 60.0, "µs": 1e-6}


@dataclass(frozen=True)
class Axes:
    """How the pictures of a file follow each other.

    Attributes
    ----------
    frames, planes, channels : int
    order : str
        Of T, Z and C, the slowest first.
    """

    frames: int = 1
    planes: int = 1
    channels: int = 1
    order: str = "TZC"

    def index(self, frame: int, plane: int, channel: int) -> int:
        """Return the place of a picture, all counted from 0."""
        sizes = {"T": self.frames, "Z": self.planes, "C": self.channels}
        places = {"T": frame, "Z": plane, "C": channel}
        found = 0
        for axis in self.order:
            found = found * sizes[axis] + places[axis]
        return found


def axes_of(file: Any, pictures: int, series: Any | None) -> tuple[Axes, list[str]]:
    """Return how the pictures of an open TIFF are grouped, with notes on what was decided.

    Parameters
    ----------
    file : tifffile.TiffFile
    pictures : int
        Their number.
    series : tifffile.TiffPageSeries or None
        Where all pictures follow the one page of the file.
    """
    found = _claimed(file, pictures, series)
    notes: list[str] = []
    if found is None:
        return Axes(pictures), notes
    if found.frames * found.planes * found.channels != pictures:
        if found.frames * found.planes * found.channels > 1:
            notes.append(
                f"Its metadata say {found.frames} frames x {found.planes} planes x {found.channels} channels, but "
                f"{pictures} pictures are there: each is taken as a frame."
            )
        return Axes(pictures), notes
    if found.frames == 1 and found.planes > 1:
        found = Axes(found.planes, 1, found.channels, found.order.replace("T", "").replace("Z", "T") + "Z")
        notes.append(f"Its metadata name no frames in time: its {found.frames} planes are taken as frames.")
    elif found.frames == 1 and found.channels > 1:
        found = Axes(found.channels)
        notes.append(f"Its metadata name no frames in time: its {found.frames} channels are taken as frames.")
    return found, notes


def _claimed(file: Any, pictures: int, series: Any | None) -> Axes | None:
    if file.is_scanimage:
        return _scanimage_axes(_scanimage(file), pictures)
    if file.is_imagej:
        metadata = file.imagej_metadata or {}
        frames, planes, channels = (_count(metadata.get(key)) for key in ("frames", "slices", "channels"))
        if frames * planes * channels > 1 or series is None:
            return Axes(frames, planes, channels)
    if file.is_ome or series is not None:
        return _series_axes(series if series is not None else file.series[0])
    return None


def _series_axes(series: Any) -> Axes | None:
    sizes = dict(zip(series.axes[:-2], series.shape[:-2], strict=True))
    if len(sizes) != len(series.axes) - 2:
        return None
    unnamed = [axis for axis in sizes if axis not in "TZC"]
    if len(sizes) == 1:
        return Axes(next(iter(sizes.values())))
    if unnamed:
        return None
    order = "".join(sizes) + "".join(axis for axis in "TZC" if axis not in sizes)
    return Axes(sizes.get("T", 1), sizes.get("Z", 1), sizes.get("C", 1), order)


def _scanimage(file: Any) -> dict[str, Any]:
    found = (file.scanimage_metadata or {}).get("FrameData")
    return found if isinstance(found, dict) else {}


def _scanimage_axes(metadata: dict[str, Any], pictures: int) -> Axes:
    saved = metadata.get("SI.hChannels.channelSave", 1)
    channels = len(saved) if isinstance(saved, list) else 1
    planes = 1
    if metadata.get("SI.hFastZ.enable") in (True, 1):
        planes = _count(metadata.get("SI.hFastZ.numFramesPerVolume", metadata.get("SI.hStackManager.numSlices")))
    return Axes(max(pictures // (planes * channels), 1), planes, channels)


def _count(value: Any) -> int:
    return int(value) if isinstance(value, int | float) and 1 <= value < 2**40 else 1


def frame_rate_of(file: Any, axes: Axes) -> float | None:
    """Return the frame rate in Hz that the metadata name; None where they do not.

    ImageJ's ``fps`` is the speed at which it shows a stack, not that of the recording, and is not taken.

    Parameters
    ----------
    file : tifffile.TiffFile
    axes : Axes
    """
    rate: float = 0.0
    if file.is_scanimage:
        key = "SI.hRoiManager.scanVolumeRate" if axes.planes > 1 else "SI.hRoiManager.scanFrameRate"
        rate = _number(_scanimage(file).get(key))
    elif file.is_imagej:
        metadata = file.imagej_metadata or {}
        interval = _number(metadata.get("finterval")) * _SECONDS.get(str(metadata.get("tunit", "s")).lower(), 0.0)
        rate = 1 / interval if interval > 0 else 0.0
    elif file.is_ome:
        text = str(file.ome_metadata)[:200_000]
        step = re.search(r'TimeIncrement="([0-9.eE+-]+)"', text)
        unit = re.search(r'TimeIncrementUnit="([^"]*)"', text)
        if step is not None:
            try:
                interval = float(step.group(1)) * _SECONDS.get(unit.group(1) if unit else "s", 0.0)
            except ValueError:
                interval = 0.0
            rate = 1 / interval if interval > 0 else 0.0
    return rate if is_frame_rate(rate) else None


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0


def chosen(number: int | None, count: int, what: str, notes: list[str]) -> int:
    """Return the place, from 0, of a channel or plane that is asked for by its number from 1.

    Parameters
    ----------
    number : int or None
        None takes the first, with a note where there are more.
    count : int
    what : str
        "channel" or "plane".
    notes : list of str
        Where the note is added.

    Raises
    ------
    DataError
        When there is none of that number.
    """
    if number is None:
        if count > 1:
            notes.append(f"It has {count} {what}s: the first is read; --{what} chooses another.")
        return 0
    if not 1 <= number <= count:
        raise DataError(f"it has {count} {what}{'s' * (count != 1)}, but {what} {number} was asked for.")
    return number - 1
