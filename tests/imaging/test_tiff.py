import struct

import numpy as np
import pytest
import tifffile

from neuropil_gui.core.errors import DataError
from neuropil_gui.imaging.movie import join
from neuropil_gui.imaging.tiff import TiffStack

FRAMES = np.random.default_rng(0).integers(0, 4000, (6, 20, 24)).astype(np.uint16)


@pytest.fixture
def written(tmp_path):
    def write(values=FRAMES, **options):
        path = tmp_path / "movie.tif"
        tifffile.imwrite(path, values, **options)
        return path

    return write


def frames(path, **options):
    stack = TiffStack(path, **options)
    assert stack.dtype.isnative
    with stack.open() as reader:
        return reader.read(0, stack.frames)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"bigtiff": True},
        {"metadata": None},
        {"byteorder": ">"},
        {"compression": "zlib"},
        {"compression": "zlib", "predictor": True},
        {"compression": "zlib", "byteorder": ">"},
        {"rowsperstrip": 7},
        {"tile": (16, 16)},
        {"imagej": True},
        {"imagej": True, "metadata": {"axes": "TYX"}},
        {"truncate": True, "metadata": {"axes": "TYX"}},
        {"photometric": "minisblack", "ome": True, "metadata": {"axes": "TYX"}},
    ],
)
def test_pages_are_frames_however_they_were_written(written, options):
    assert np.array_equal(frames(written(**options)), FRAMES)


def test_files_written_frame_by_frame_have_all_their_frames(tmp_path):
    path = tmp_path / "movie.tif"
    with tifffile.TiffWriter(path) as writer:
        for frame in FRAMES:
            writer.write(frame, contiguous=False)
    assert np.array_equal(frames(path), FRAMES)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint32, np.float32, np.float64])
def test_pixels_keep_their_type(written, dtype):
    values = (FRAMES.astype(np.int64) - 1000).astype(dtype)
    found = frames(written(values))
    assert found.dtype == dtype
    assert np.array_equal(found, values)


def test_channels_and_planes_are_chosen(written):
    values = np.random.default_rng(1).integers(0, 99, (5, 3, 2, 20, 24)).astype(np.uint16)
    for options in ({"imagej": True}, {"ome": True}):
        path = written(values, metadata={"axes": "TZCYX"}, photometric="minisblack", **options)
        assert np.array_equal(frames(path), values[:, 0, 0])
        assert np.array_equal(frames(path, channel=2, plane=3), values[:, 2, 1])
        assert "2 channels: the first is read" in " ".join(TiffStack(path).notes)
        with pytest.raises(DataError, match="2 channels, but channel 3 was asked for"):
            TiffStack(path, channel=3)


def test_an_image_stack_without_time_is_one_in_time(written):
    path = written(FRAMES, imagej=True, metadata={"axes": "ZYX"})
    assert np.array_equal(frames(path), FRAMES)
    assert "taken as frames" in TiffStack(path).notes[0]


def test_claims_that_do_not_fit_are_not_followed(written):
    description = "ImageJ=1.11a\nimages=99\nframes=99\nhyperstack=true\n"
    path = written(FRAMES, description=description, metadata=None)
    assert np.array_equal(frames(path), FRAMES)


def test_scanimage_channels_and_rate(tmp_path):
    text = "SI.hChannels.channelSave = [1; 2]\nSI.hRoiManager.scanFrameRate = 30.5\nSI.VERSION_MAJOR = 2020\n"
    path = tmp_path / "scan.tif"
    make_scanimage(path, FRAMES.astype(np.int16), text)
    stack = TiffStack(path)
    assert stack.frames == 3
    assert stack.frame_rate == 30.5
    assert np.array_equal(frames(path, channel=2), FRAMES[1::2])


def make_scanimage(path, values, text):
    """A BigTIFF with ScanImage's header: magic, version, lengths of the metadata, then the metadata."""
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        for frame in values:
            writer.write(frame, contiguous=False, metadata=None, software="SI.LINE = 1", description="frameNumbers = 1")
    data = path.read_bytes()
    block = text.encode() + b"\0"
    head = struct.pack("<IIII", 117637889, 3, len(block), 2) + block + b"{}"
    head += bytes(-len(head) % 16)
    moved = bytearray(data[:8] + struct.pack("<Q", struct.unpack("<Q", data[8:16])[0] + len(head)) + head + data[16:])
    place = struct.unpack("<Q", moved[8:16])[0]
    while place:  # each page's own offsets move with the data
        (count,) = struct.unpack("<Q", moved[place : place + 8])
        for entry in range(place + 8, place + 8 + 20 * count, 20):
            code, kind, number = struct.unpack("<HHQ", moved[entry : entry + 12])
            size = {2: 1, 3: 2, 4: 4, 5: 8, 16: 8}[kind] * number
            if code == 273 or size > 8:
                form = {3: "<H", 4: "<I"}.get(kind, "<Q") if size <= 8 else "<Q"
                (value,) = struct.unpack_from(form, moved, entry + 12)
                struct.pack_into(form, moved, entry + 12, value + len(head))
        after = place + 8 + 20 * count
        (following,) = struct.unpack("<Q", moved[after : after + 8])
        place = following + len(head) if following else 0
        struct.pack_into("<Q", moved, after, place)
    path.write_bytes(bytes(moved))


def test_the_frame_rate_is_that_of_the_recording_not_of_the_display(written):
    assert TiffStack(written(imagej=True, metadata={"axes": "TYX", "fps": 7.0})).frame_rate is None
    assert TiffStack(written(imagej=True, metadata={"axes": "TYX", "finterval": 0.04})).frame_rate == 25
    metadata = {"axes": "TYX", "TimeIncrement": 50.0, "TimeIncrementUnit": "ms"}
    assert TiffStack(written(ome=True, photometric="minisblack", metadata=metadata)).frame_rate == 20


@pytest.mark.parametrize(
    ("values", "options", "why"),
    [
        (np.zeros((4, 20, 24, 3), np.uint8), {"photometric": "rgb"}, "in colour"),
        (FRAMES.astype(np.complex64), {}, "real numbers were expected"),
    ],
)
def test_what_is_no_movie_is_refused(written, values, options, why):
    with pytest.raises(DataError, match=why):
        TiffStack(written(values, **options))


def test_packing_that_needs_imagecodecs_is_named(written, monkeypatch):
    path = written(compression="zlib")
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as file:
        places = [page.tags[259].valueoffset for page in file.pages]
    for place in places:
        data[place : place + 2] = struct.pack("<H", 50000)  # Zstandard
    path.write_bytes(data)

    def refuse(*_, **__):
        raise ValueError("<COMPRESSION.ZSTD: 50000> requires the 'imagecodecs' package")

    monkeypatch.setattr(tifffile.TiffPage, "asarray", refuse)  # where the package or Python has it, too
    with pytest.raises(DataError, match="packed by ZSTD, which needs the package imagecodecs"):
        TiffStack(path)


def test_pages_of_two_sizes_are_refused_by_number(tmp_path):
    path = tmp_path / "movie.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(FRAMES[0], contiguous=False)
        writer.write(FRAMES[1, :10], contiguous=False)
    with pytest.raises(DataError, match=r"movie\.tif: page 2 holds uint16 of shape \(10, 24\)"):
        join("m", [named(TiffStack(path))]).read(0, 2)


def named(stack, name="movie.tif"):
    stack.name = name
    return stack


def test_trials_of_other_sizes_are_named(tmp_path):
    for name, values in (("a.tif", FRAMES), ("b.tif", FRAMES[:, :10])):
        tifffile.imwrite(tmp_path / name, values)
    stacks = [named(TiffStack(tmp_path / name), name) for name in ("a.tif", "b.tif")]
    with pytest.raises(DataError, match=r"b\.tif: its frames are uint16 of 10 x 24, but those of a\.tif"):
        join("m", stacks)
    movie = join("m", [stacks[0], stacks[0]])
    assert movie.shape == (12, 20, 24)
    assert movie.trial_starts == (0, 6)
    assert np.array_equal(movie.read(4, 9), np.concatenate([FRAMES[4:], FRAMES[:3]]))


def test_cut_files_are_refused_or_say_so(written):
    path = written(bigtiff=True, metadata=None)
    data = path.read_bytes()
    said = 0
    for size in (3, 8, 20, 300, 2000, 4000, len(data) // 2, len(data) - 1):
        path.write_bytes(data[:size])
        try:
            movie = join("m", [named(TiffStack(path))])
            movie.read(0, movie.shape[0])
        except DataError:
            continue
        assert "cut short or damaged" in movie.notes[0]
        said += 1
    assert said


@pytest.mark.parametrize(("count", "back_to"), [(1, 0), (150, 3)])
def test_a_chain_of_pages_without_an_end_ends(tmp_path, count, back_to):
    path = tmp_path / "movie.tif"
    with tifffile.TiffWriter(path) as writer:
        for _ in range(count):
            writer.write(FRAMES[0], contiguous=False, metadata=None)
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as file:
        places = [page.offset for page in file.pages]
    (tags,) = struct.unpack_from("<H", data, places[-1])
    struct.pack_into("<I", data, places[-1] + 2 + 12 * tags, places[back_to])
    path.write_bytes(data)
    stack = TiffStack(path)
    assert stack.frames == count
    assert "cut short or damaged" in stack.notes[0]
    assert (frames(path) == FRAMES[0]).all()


def test_a_page_of_a_giant_size_is_refused_before_it_is_read(written):
    for options in ({"metadata": None}, {"metadata": None, "compression": "zlib"}):
        path = written(FRAMES[:1], **options)
        data = bytearray(path.read_bytes())
        with tifffile.TiffFile(path) as file:
            places = [(file.pages[0].tags[code].valueoffset, file.pages[0].tags[code].dtype) for code in (256, 257)]
        for place, kind in places:
            width = 2 if int(kind) == 3 else 4
            data[place : place + width] = struct.pack("<I", 2**20)[:width] if width == 4 else struct.pack("<H", 60000)
        path.write_bytes(data)
        with pytest.raises(DataError, match=r"damaged or cut short|GiB"):
            TiffStack(path)
