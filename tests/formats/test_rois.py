import struct
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from neuropil_gui import grow_regions, read_rois, write_rois
from neuropil_gui.core.errors import DataError
from neuropil_gui.imaging.roi import PixelRoi

LABELS = np.zeros((20, 24), np.uint16)
LABELS[3:6, 4:9], LABELS[10:14, 10:15] = 7, 2


def test_pictures_of_labels(tmp_path):
    tifffile.imwrite(tmp_path / "a.tif", LABELS)
    np.save(tmp_path / "a.npy", LABELS)
    Image.fromarray(LABELS).save(tmp_path / "a.png")  # 16 bits, as Cellpose's _cp_masks.png
    Image.fromarray(LABELS.astype(np.uint8)).save(tmp_path / "b.png")
    for name in ("a.tif", "a.npy", "a.png", "b.png"):
        rois = read_rois(tmp_path / name).rois
        assert [roi.name for roi in rois] == ["ROI 2", "ROI 7"]
        assert [len(roi.rows) for roi in rois] == [20, 15]
    np.save(tmp_path / "b.npy", np.array([[0, 2**64 - 1], [1, 1]], np.uint64))
    assert [roi.name for roi in read_rois(tmp_path / "b.npy").rois] == ["ROI 1", f"ROI {2**64 - 1}"]


def test_a_png_of_many_labels_keeps_all_16_bits(tmp_path):
    many = np.arange(1, 20 * 24 + 1, dtype=np.uint16).reshape(20, 24) * 100
    Image.fromarray(many).save(tmp_path / "many_cp_masks.png")
    found = read_rois(tmp_path / "many_cp_masks.png").rois
    assert [roi.name for roi in found] == [f"ROI {100 * k}" for k in range(1, 481)]
    assert all(many[roi.rows, roi.columns] == int(roi.name[4:]) for roi in found)


def test_pngs_that_are_no_labels_are_sentences(tmp_path):
    for name, picture, why in (
        ("colour.png", np.zeros((9, 9, 3), np.uint8), "in colour"),
        ("black.png", np.zeros((9, 9), np.uint8), "no label above 0"),
    ):
        Image.fromarray(picture).save(tmp_path / name)
        with pytest.raises(DataError, match=f"{name}: .*{why}"):
            read_rois(tmp_path / name)
    noise = np.random.default_rng(1).integers(0, 9, (60, 60)).astype(np.uint16)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    whole = (tmp_path / "noise.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match=r"cut\.png: it is damaged; a PNG picture of labels"):
        read_rois(tmp_path / "cut.png")
    claims = struct.pack(">IIBBBBB", 2**20, 2**20, 16, 0, 0, 0, 0)
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + claims
    (tmp_path / "giant.png").write_bytes(head + struct.pack(">I", zlib.crc32(b"IHDR" + claims)) + whole[33:])
    with pytest.raises(DataError, match=r"giant\.png: "):
        read_rois(tmp_path / "giant.png")


def test_what_is_written_reads_back(tmp_path):
    rois = [PixelRoi("one", *np.nonzero(LABELS == 7)), LABELS == 2, np.array([(1, 1), (9, 2), (5, 8)])]
    assert write_rois(tmp_path / "a.zip", rois) == []
    found = read_rois(tmp_path / "a.zip").rois
    for a, b in zip(grow_regions(rois, LABELS.shape), grow_regions(found, LABELS.shape), strict=True):
        assert np.array_equal(a.masks, b.masks)
    with pytest.raises(DataError, match=r"written as \.zip"):
        write_rois(tmp_path / "a.roi", rois)


def test_suite2p_cells_with_their_weights(tmp_path):
    def row(top, **changes):
        y, x = np.mgrid[top : top + 3, 4:9].reshape(2, -1)
        return {"ypix": y, "xpix": x, "lam": np.linspace(1, 2, y.size)} | changes

    rows = [row(2), row(8), {"nothing": 1}, row(14, lam=np.ones(3)), row(14, ypix=[[1], [1, 2]])]
    np.save(tmp_path / "stat.npy", np.array(rows, object), allow_pickle=True)
    found = read_rois(tmp_path)
    assert [roi.name for roi in found.rois] == ["ROI 0", "ROI 1", "ROI 3"]
    assert found.notes == tuple(f"ROI {k}: left out, as it has no pixels (ypix, xpix)." for k in (2, 4))
    assert found.rois[0].weights[-1] == 2
    assert found.rois[2].weights is None
    np.save(tmp_path / "iscell.npy", np.array([[0, 0.1], [1, 0.9], [0, 0.2], [1, 0.8], [0, 0]]))
    assert [roi.name for roi in read_rois(tmp_path / "stat.npy").rois] == ["ROI 1", "ROI 3"]
    np.save(tmp_path / "iscell.npy", np.ones(3))
    with pytest.raises(DataError, match=r"^iscell\.npy: it has 3 rows for 5 ROIs"):
        read_rois(tmp_path)


def test_the_sample_of_suite2p(real_data):
    found = read_rois(real_data / "suite2p")
    assert len(found.rois) == 21
    assert all(len(each.pixels) == 5 for each in grow_regions(found.rois, (176, 156)))


def test_what_holds_no_rois_is_named(tmp_path):
    (tmp_path / "a.txt").write_text("hello there")
    tifffile.imwrite(tmp_path / "b.tif", np.zeros((5, 20, 24), np.uint16))
    np.save(tmp_path / "c.npy", np.zeros((9, 9)))
    np.save(tmp_path / "d.npy", np.zeros((9, 9), int))
    (tmp_path / "e.png").write_bytes(b"\x89PNG" + bytes(50))
    (tmp_path / "empty").mkdir()
    for name, why in (
        ("a.txt", "no ROIs that can be read"),
        ("b.tif", "holds no ROIs of ImageJ"),
        ("c.npy", "a picture of labels was expected"),
        ("d.npy", "no label above 0"),
        ("e.png", "it is damaged; a PNG picture"),
        ("empty", "no ROIs were found"),
    ):
        with pytest.raises(DataError, match=f"^{name}: .*{why}"):
            read_rois(tmp_path / name)
