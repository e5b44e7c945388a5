import contextlib
import io
import struct
import zipfile

import numpy as np
import pytest
import roifile
import tifffile
from hypothesis import given
from hypothesis import strategies as st

from neuropil_gui.core.errors import DataError
from neuropil_gui.imaging import imagej_rois
from neuropil_gui.imaging.imagej_rois import parse_roi, read_roi_file, read_roi_zip, read_tiff_rois
from neuropil_gui.imaging.outlines import write_roi_zip
from neuropil_gui.imaging.roi import EllipseRoi, PixelRoi, PolygonRoi

SHAPE = (60, 60)
CORNERS = np.array([(10, 10), (30, 12), (25, 31), (12, 28)])
KIND, SUBKIND = roifile.ROI_TYPE, roifile.ROI_SUBTYPE


def bytes_of(kind=KIND.POLYGON, corners=CORNERS, **changes):
    roi = roifile.ImagejRoi.frompoints(corners, name=changes.pop("name", "cell"))
    roi.roitype = kind
    for name, value in changes.items():
        setattr(roi, name, value)
    return roi.tobytes()


def box(kind, left, top, right, bottom, **changes):
    return roifile.ImagejRoi(roitype=kind, left=left, top=top, right=right, bottom=bottom, **changes).tobytes()


def pixels(roi):
    return set(zip(*(each.tolist() for each in roi.pixels(SHAPE)), strict=True))


def test_polygons_and_what_fissa_closes_to_one():
    expected = pixels(PolygonRoi("", (CORNERS.astype(float),)))
    assert len(expected) > 200
    for kind in (KIND.POLYGON, KIND.FREEHAND, KIND.TRACED, KIND.POLYLINE, KIND.FREELINE, KIND.ANGLE, KIND.POINT):
        roi = parse_roi(bytes_of(kind), "member")
        assert roi.name == "cell"
        assert pixels(roi) == expected


def test_coordinates_below_a_pixel_are_kept_whatever_is_shown_with_them():
    corners = CORNERS + 0.37
    roi = parse_roi(bytes_of(corners=corners), "")  # roifile sets the options for labels and backgrounds too
    assert np.allclose(roi.paths[0], corners, atol=1e-5)


def test_rectangles_ovals_and_ellipses():
    assert len(pixels(parse_roi(box(KIND.RECT, 5, 6, 15, 26), "r"))) == 200
    oval = parse_roi(box(KIND.OVAL, 5, 6, 26, 31), "o")
    assert oval == EllipseRoi("o", (15.5, 18.5), (10.5, 12.5))
    fine = parse_roi(
        box(
            KIND.OVAL,
            5,
            6,
            26,
            31,
            version=227,
            options=roifile.ROI_OPTIONS(128),
            xd=5.25,
            yd=6.5,
            widthd=20.5,
            heightd=24.0,
        ),
        "f",
    )
    assert fine == EllipseRoi("f", (15.5, 18.5), (10.25, 12.0))
    data = bytearray(bytes_of(KIND.FREEHAND, subtype=SUBKIND.ELLIPSE, x1=10.0, y1=20.0, x2=40.0, y2=20.0))
    data[52:56] = struct.pack(">f", 0.5)
    ellipse = parse_roi(bytes(data), "")
    assert (ellipse.centre, ellipse.radii, ellipse.closed) == ((25.0, 20.0), (15.0, 7.5), False)


def test_composites_keep_their_holes():
    stream = io.BytesIO()
    outer = np.array([(10, 10), (40, 10), (40, 40), (10, 40)], float)
    inner = np.array([(20, 20), (30, 20), (30, 30), (20, 30)], float)
    assert write_roi_zip(stream, [PolygonRoi("ring", (outer, inner))]) == ["ring"]
    with zipfile.ZipFile(stream) as archive:
        roi = parse_roi(archive.read("ring.roi"), "")
    assert len(pixels(roi)) == 900 - 100


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (box(KIND.LINE, 5, 5, 9, 9), "a line, which has no area"),
        (bytes_of(subtype=SUBKIND.ARROW), "an arrow"),
        (bytes_of(KIND.POINT, CORNERS[:2]), "a set of points of 2 corners"),
        (b"Iout", "damaged"),
        (bytes_of()[:70], "damaged"),
        (b"nonsense" * 20, "no ROI of ImageJ"),
        (bytes_of() + bytes(2**20), "larger than"),
    ],
)
def test_what_is_no_area_is_refused_by_what_it_is(data, why):
    with pytest.raises(DataError, match=why):
        parse_roi(data, "x")


@pytest.fixture
def archive(tmp_path):
    def make(members, name="rois.zip"):
        with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as stream:
            for member, data in members:
                stream.writestr(member, data)
        return tmp_path / name

    return make


def test_one_bad_member_is_named_and_the_others_go_on(archive):
    members = [("b.roi", bytes_of(name="")), ("__MACOSX/._b.roi", b"x"), ("folder/", b""), ("a.roi", bytes_of()[:66])]
    members += [("c.roi", bytes_of(name="third")), ("notes.txt", b"hello")]
    found = read_roi_zip(archive(members))
    assert [roi.name for roi in found.rois] == ["b", "third"]
    assert found.notes == (
        "a: left out, as it is a damaged ROI.",
        "notes.txt: left out, as it is no ROI of ImageJ.",
    )


def test_names_are_printable_and_on_one_line(archive):
    found = read_roi_zip(archive([("a.roi", bytes_of(name="two\nlines")), ("o\nval\x01.roi", b"hello")]))
    assert [roi.name for roi in found.rois] == [r"two\nlines"]
    assert found.notes == (r"o\nval\x01: left out, as it is no ROI of ImageJ.",)


def test_archives_without_rois_are_refused(archive, tmp_path, monkeypatch):
    with pytest.raises(DataError, match="no ROI that can be read"):
        read_roi_zip(archive([("a.txt", b"hello")]))
    (tmp_path / "bad.zip").write_bytes(b"PK" + bytes(100))
    with pytest.raises(DataError, match="damaged; a zip"):
        read_roi_zip(tmp_path / "bad.zip")
    with pytest.raises(DataError, match="larger than"):  # a member that would unpack to 300 MiB is not unpacked
        read_roi_zip(archive([("bomb.roi", b"Iout" + bytes(50 * 2**20))], "bomb.zip"))
    monkeypatch.setattr(imagej_rois, "_MOST_UNPACKED", 2**20)
    with pytest.raises(DataError, match="take 2 MiB unpacked"):
        read_roi_zip(archive([(f"{k}.roi", b"Iout" + bytes(2**20)) for k in range(2)], "many.zip"))


def test_rois_of_a_tiff_and_of_a_file(tmp_path):
    overlay, selection = bytes_of(name="one"), bytes_of(name="two")
    metadata = {"Overlays": [overlay, selection], "ROI": [selection]}
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((9, 9), np.uint8), imagej=True, metadata=metadata)
    assert [roi.name for roi in read_tiff_rois(tmp_path / "a.tif").rois] == ["one", "two"]
    tifffile.imwrite(tmp_path / "b.tif", np.zeros((9, 9), np.uint8))
    with pytest.raises(DataError, match="holds no ROIs"):
        read_tiff_rois(tmp_path / "b.tif")
    (tmp_path / "c.roi").write_bytes(bytes_of(name=""))
    assert read_roi_file(tmp_path / "c.roi").rois[0].name == "c"


def test_what_is_written_is_read_back_to_the_pixel(tmp_path):
    blob = np.zeros(SHAPE, bool)
    blob[5:9, 6:12] = blob[9, 7:9] = True
    rois = [
        PolygonRoi("whole", (CORNERS.astype(float),)),
        PolygonRoi("whole", (CORNERS + 0.37,)),
        PixelRoi("pixels", *np.nonzero(blob)),
        EllipseRoi("oval", (20, 22), (7, 9)),
        EllipseRoi("turned", (30.3, 22), (12, 4), 0.7, closed=False),
    ]
    with open(tmp_path / "out.zip", "wb") as stream:
        assert write_roi_zip(stream, rois) == []
    found = read_roi_zip(tmp_path / "out.zip").rois
    assert [roi.name for roi in found] == ["whole", "whole (2)", "pixels", "oval", "turned"]
    assert [pixels(roi) for roi in found] == [pixels(roi) for roi in rois]


@given(st.data())
def test_mutated_rois_are_read_or_refused_in_words(data):
    seed = bytearray(
        data.draw(st.sampled_from([bytes_of(), bytes_of(corners=CORNERS + 0.5), box(KIND.OVAL, 5, 6, 9, 9)]))
    )
    for _ in range(data.draw(st.integers(1, 6))):
        seed[data.draw(st.integers(4, len(seed) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(DataError):
        parse_roi(bytes(seed[: data.draw(st.integers(4, len(seed)))]), "x").pixels(SHAPE)
