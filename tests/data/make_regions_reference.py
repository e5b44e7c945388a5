"""Writes regions_reference.npz: masks and neuropil regions of random polygons, made by FISSA 1.0.0.

FISSA's package admits shapely 2, with which it cannot read polygons, so that the environment is made for it:

    python3.11 -m venv /tmp/fissa
    /tmp/fissa/bin/pip install "fissa==1.0.0" "shapely==1.8.5.post1" "numpy<2"
    /tmp/fissa/bin/python tests/data/make_regions_reference.py tests/data/regions_reference.npz

A picture of labels is kept for each polygon: 0 outside, 1 the ROI, 2 and above its regions; 255 all over where FISSA
refuses.
"""

import sys

import numpy as np

SHAPE = (36, 44)
CASES = 300


def polygons():
    """Corners (x, y) of each case: round, star-like or crossing itself, on whole numbers or between them."""
    rng = np.random.default_rng(892)
    made = []
    for case in range(CASES):
        count = int(rng.integers(3, 24))
        middle = rng.uniform((-2, -2), (SHAPE[1] + 2, SHAPE[0] + 2))
        radius = rng.uniform(0.8, 9)
        angle = rng.uniform(0, 2 * np.pi, count)
        if case % 3:
            angle.sort()
        reach = radius * rng.uniform(0.4 if case % 2 else 0.9, 1.1, count)
        corners = middle + reach[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        made.append(np.round(corners * 2) / 2 if case % 5 == 1 else np.round(corners) if case % 5 < 3 else corners)
    return made


def settings(case):
    """Number of regions and expansion of a case."""
    return ((4, 1), (8, 0.5), (3, 2.5), (1, 1), (2, 4))[case % 5]


def main(path):
    """Write the reference."""
    from fissa import roitools

    pictures = np.zeros((CASES, *SHAPE), np.uint8)
    for case, corners in enumerate(polygons()):
        try:
            mask = roitools.rois2masks([corners.copy()], SHAPE)[0]
            pictures[case][mask] = 1
            regions = roitools.getmasks_npil(mask, *settings(case))
        except ValueError:
            pictures[case] = 255
            continue
        for number, region in enumerate(regions, 2):
            pictures[case][region] = number
    np.savez_compressed(path, pictures=pictures)


if __name__ == "__main__":
    main(sys.argv[1])
