"""Where the work on a recording is kept."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

from neuropil_gui.core.recording import Cell, Recording
from neuropil_gui.engine.project_place import home_of
from neuropil_gui.formats.paths import Options

RECORDING = Recording("a", "/data/a.npz", None, [Cell("cell 1", [[1.0, 2.0]], ("ROI",))])


def test_projects_of_before_there_were_movies_are_found_again():
    names = ("rows_are_frames", "frame_rate", "dataset", "neuropil", "roi_column", "plane", "time_unit", "rows")
    answers = dict.fromkeys((*names, "neuropil_file")) | {"dataset": "F"}
    text = json.dumps(["/data/a.npz", answers])
    old = hashlib.blake2b(text.encode(), digest_size=10).hexdigest() + ".npgui"
    assert home_of(Path("/kept"), RECORDING, Options(dataset="F", frame_rate=30.0)) == Path("/kept") / old


def test_other_rois_or_regions_of_a_movie_are_other_work():
    given = [Options(rois="r.zip"), Options(rois="s.zip"), Options(rois="r.zip", gap=1), Options()]
    assert len({home_of(Path("/kept"), RECORDING, each) for each in given}) == len(given)
    assert len(asdict(given[0])) > 9
