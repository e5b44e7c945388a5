"""Valid files of each format, ways to spoil them, and what becomes of reading one."""

import random
import time
import warnings
from contextlib import closing

import h5py
import hdf5storage
import numpy as np
import roifile
import scipy.io
import tifffile
from PIL import Image

from neuropil_gui import grow_regions, read_movie, read_rois, write_rois
from neuropil_gui.core.analysis.population import PopulationSweep, population_plan
from neuropil_gui.core.analysis.sweep import Tile
from neuropil_gui.core.errors import DataError
from neuropil_gui.core.marks import Mark
from neuropil_gui.core.recording import Cell, Recording, Truth
from neuropil_gui.core.separation import separate_cell
from neuropil_gui.core.settings import SeparationSettings
from neuropil_gui.engine.file_results import ResultsOfFile
from neuropil_gui.engine.kept_state import Kept, record_facts
from neuropil_gui.engine.kept_sweeps import pack_sweep, sweep_key
from neuropil_gui.formats.paths import Options
from neuropil_gui.formats.project.database import SUFFIX, Database
from neuropil_gui.formats.project.glance import glance
from neuropil_gui.formats.project.packing import fingerprint, pack, pack_separation, unpack_separation
from neuropil_gui.formats.project.recording import origin_facts, pack_cell, pack_headers
from neuropil_gui.formats.registry import inquire, read, write, write_recording
from neuropil_gui.formats.spike_files import read_spike_file
from neuropil_gui.imaging.roi import EllipseRoi, PolygonRoi
from neuropil_gui.state.results import Outcome, Result
from neuropil_gui.state.runs import Run
from neuropil_gui.state.stored_results import result_key

#: Seconds after which an answer is too late: that a child may take to start on a machine that is busy.
SLOW = 30.0
_RNG = np.random.default_rng(1)
_TRACES = _RNG.random((2, 3, 40))
_SPIKES = np.cumsum(np.random.default_rng(2).random(20))
_FRAMES = _RNG.integers(0, 4000, (6, 12, 14)).astype(np.uint16)
_DEAD = ("the reader crashed", "the reader failed", "made no progress", "takes more memory than")


def _npy(path):
    np.save(path, _TRACES)


def _npz(path):
    np.savez(path, raw=_TRACES, other=np.arange(5))


def _npz_packed(path):
    np.savez_compressed(path, F=_TRACES[0], Fneu=_TRACES[1])


def _fissa(path):
    raw = np.empty((2, 2), object)
    for index in np.ndindex(2, 2):
        raw[index] = _TRACES[index[0]]
    np.savez_compressed(path, raw=raw, result=raw)


def _results(path):
    truth = Truth(_TRACES[0][:2], np.ones((3, 2)))
    cells = [Cell(f"cell {k}", _TRACES[k], ("ROI", "a", "b"), (0, 20), truth) for k in range(2)]
    write_recording(path, Recording("made", None, 20.0, cells))


def _made(path):
    """Results with settings and marks, which a window takes as its own; plain, so that their bytes are spoiled, too."""
    cells = [Cell(f"cell {k}", _TRACES[k], ("ROI", "a", "b"), (0, 20)) for k in range(2)]
    results = {k: separate_cell(cell, SeparationSettings(n=2, max_iter=50)) for k, cell in enumerate(cells)}
    write(path, Recording("made", None, 20.0, cells), results, marks={1: Mark("accepted", "dendrite")})


def _suite2p(path):
    np.save(path.with_name("F.npy"), _TRACES[0])
    np.save(path.with_name("Fneu.npy"), _TRACES[1])
    np.save(path, np.array({"fs": 29.87, "Ly": 5, "mean": np.ones((4, 4)), "path": "x"}, object), allow_pickle=True)


def _csv(path):
    np.savetxt(path, _TRACES[0].T, delimiter=",", header="time (s),a,b", comments="")


def _wide(path):
    rows = [";".join([f"µ{k}", *(repr(x).replace(".", ",") for x in row)]) for k, row in enumerate(_TRACES[0].tolist())]
    path.write_bytes("\n".join(rows).encode("utf-16"))


def _mat(path, packed=False):
    cells = np.empty((1, 2), object)
    cells[0, 0], cells[0, 1] = _TRACES[0], _TRACES[1].astype("f4")
    variables = {"x": cells, "s": {"a": 1.0, "text": "abc", "b": _TRACES[0]}, "raw": _TRACES}
    scipy.io.savemat(path, variables, do_compression=packed)


def _mat_packed(path):
    _mat(path, packed=True)


def _mat73(path):
    cells = np.empty((2, 2), object)
    for index in np.ndindex(2, 2):
        cells[index] = _TRACES[index[0]]
    variables = {"raw": cells, "result": cells, "s": {"a": 1.0, "text": "abc"}}
    hdf5storage.savemat(str(path), variables, format="7.3", oned_as="row", store_python_metadata=False)


def _hdf5(path):
    with h5py.File(path, "w") as file:
        file["plain/F"] = _TRACES[0]
        options = {"compression": "gzip", "shuffle": True, "fletcher32": True}
        file.create_dataset("plain/Fneu", data=_TRACES[1], chunks=(1, 20), **options)
        file["soft"] = h5py.SoftLink("/plain/F")
        file.attrs["text"] = "abc"


def _hdf5_new(path):
    with h5py.File(path, "w", libver="latest") as file:
        file.create_dataset("raw", data=_TRACES, chunks=(1, 3, 10), maxshape=(None, 3, None), compression="lzf")
        file.create_group("g", track_order=True)["x"] = _TRACES[0].astype("i2")


def _fall(path):
    values = {"F": _TRACES[0], "Fneu": _TRACES[1], "iscell": np.ones((3, 2)), "redcell": [], "ops": {"fs": 29.87}}
    scipy.io.savemat(path, values | {"stat": np.array([{"ypix": np.arange(3)}] * 3, object)})


def _caiman(path):
    with h5py.File(path, "w") as file:
        for name, value in (("data", np.ones(9)), ("indices", np.arange(9)), ("indptr", [0, 3, 6, 9])):
            file[f"estimates/A/{name}"] = value
        file["estimates/A/shape"] = (16, 3)
        for name, value in (("C", _TRACES[0]), ("YrA", _TRACES[1]), ("b", np.ones((16, 2))), ("f", _TRACES[0][:2])):
            file[f"estimates/{name}"] = value
        file["estimates/idx_components"], file["estimates/SNR_comp"] = [0, 2], np.ones(3)
        file["params/data/fr"], file["estimates/W"] = 30, b"NoneType"


def _nwb(path):
    with h5py.File(path, "w") as file:
        file.attrs["nwb_version"], file["identifier"] = "2.7.0", "mouse 7"
        table = file.create_group("processing/ophys/ImageSegmentation/PlaneSegmentation")
        table["iscell"] = np.ones((3, 2))
        for k, container in enumerate(("Fluorescence", "Neuropil")):
            group = file.create_group(f"processing/ophys/{container}/plane0")
            group.attrs["neurodata_type"] = "RoiResponseSeries"
            group.create_dataset("data", data=_TRACES[k].T, chunks=(20, 2), compression="gzip")
            group["rois"], group["timestamps"] = np.arange(3), np.arange(40) / 30
            group["rois"].attrs["table"] = table.ref


def _project(path):
    """A project with its signals and what a window keeps, from which all is brought back."""
    cells = [Cell(f"cell {k}", _TRACES[k], ("ROI", "a", "b"), (0, 20)) for k in range(2)]
    made = Recording("made", str(path.with_name("gone.npy")), 20.0, cells)
    settings = SeparationSettings(n=2, max_iter=50)
    results = [separate_cell(cell, settings) for cell in cells]
    outcomes = [Outcome.of(Result(each, {"alive": 2.0})) for each in results]
    runs = [Run.of(k + 1, 1.0, k, cells[k].name, results[k], {"alive": 2.0}) for k in range(2)]
    facts = {
        "at": 1.0, "frame_rate": 20.0, "settings": settings.to_dict(), "baseline": None, "index": 1,
        "marks": {"0": {"verdict": "accepted", "note": "dendrite"}}, "pins": [None, None, None], "view": {},
    }  # fmt: skip
    items = [("state", "now", pack(facts | origin_facts(made, Options(), path)))]
    items += [("recording", "cells", pack_headers(made)), ("picture", "now", pack({}, {"line": _TRACES[0, 0]}))]
    for k in range(2):
        key = f"{k:09}"
        items += [
            ("cell", key, pack_cell(cells[k])), ("signals", key, pack_cell(cells[k], True)),
            ("outcome", key, pack(record_facts(outcomes[k]))), ("run", f"{k + 1:09}", pack(record_facts(runs[k]))),
            ("result", result_key(k, settings), pack_separation(results[k], {"alive": 2.0}, fingerprint(cells[k]))),
        ]  # fmt: skip
    plan = population_plan(settings, made.cells.headers, "method")
    sweep = PopulationSweep(plan, 2)
    sweep.add(Tile(ix, k, plan.settings_at(ix), numbers={"alive": 2.0}) for ix in range(2) for k in range(2))
    items.append(("sweep", sweep_key(plan), pack_sweep(sweep, [])))
    with closing(Database(path, write=True)) as database:
        database.change(items)


def _tiff(path):
    """An ImageJ stack with channels, a frame rate and a ROI in its overlay."""
    metadata = {"axes": "TCYX", "finterval": 0.1, "Overlays": [_roi_bytes()]}
    tifffile.imwrite(path, _FRAMES.reshape(3, 2, 12, 14), imagej=True, metadata=metadata)


def _tiff_packed(path):
    tifffile.imwrite(
        path, _FRAMES, compression="zlib", predictor=True, rowsperstrip=5, metadata={"axes": "TYX"}, ome=True
    )


def _tiff_big(path):
    with tifffile.TiffWriter(path, bigtiff=True) as writer:
        for frame in _FRAMES:
            writer.write(frame, contiguous=False, metadata=None)


def _roi_bytes(name="cell"):
    return roifile.ImagejRoi.frompoints([(2.5, 2), (9, 3), (8, 9.5), (3, 8)], name=name).tobytes()


def _roi(path):
    path.write_bytes(_roi_bytes())


def _rois(path):
    square = [(1, 1), (9, 1), (9, 9), (1, 9)], [(3, 3), (6, 3), (6, 6), (3, 6)]
    ring = PolygonRoi("ring", tuple(np.array(each, float) for each in square))
    write_rois(path, [EllipseRoi("oval", (6, 5), (4, 3)), ring, np.array([(2.5, 2), (9, 3), (8, 9.5)])])


def _labels(path):
    labels = np.zeros((12, 14), np.uint16)
    labels[2:5, 3:8], labels[6:10, 2:6] = 1, 300
    Image.fromarray(labels).save(path)


def _movie_npy(path):
    np.save(path, _FRAMES)


def _movie_h5(path):
    with h5py.File(path, "w") as file:
        file.create_dataset("movie", data=_FRAMES, chunks=(2, 12, 14), compression="gzip")


def _nwb_rois(path):
    pixels = np.array([(2, 3, 1.0), (3, 3, 0.5), (4, 5, 1.0)], [("x", "u4"), ("y", "u4"), ("weight", "f4")])
    with h5py.File(path, "w") as file:
        table = file.create_group("processing/ophys/ImageSegmentation/PlaneSegmentation")
        table.attrs["neurodata_type"] = "PlaneSegmentation"
        table["pixel_mask"], table["pixel_mask_index"] = pixels, np.array([2, 3])


def _spikes_csv(path):
    path.write_text("a,b\n" + "\n".join(f"{0.5 * k:.3f},{k if k < 6 else ''}" for k in range(12)) + "\n")


def _spikes_npz(path):
    np.savez(path, a=_SPIKES, b=np.arange(5), trace=_TRACES[0])


def _spikes_mat(path):
    cells = np.empty((1, 2), object)
    cells[0, 0], cells[0, 1] = _SPIKES.reshape(-1, 1), _SPIKES.reshape(1, -1)
    scipy.io.savemat(path, {"a": _SPIKES, "spikes": cells, "fs": 30.0})


def _spikes_nwb(path):
    with h5py.File(path, "w") as file:
        file.attrs["nwb_version"] = "2.6.0"
        units = file.create_group("units")
        units["id"], units["spike_times"] = np.arange(2), np.concatenate([_SPIKES, _SPIKES])
        units["spike_times_index"] = np.array([len(_SPIKES), 2 * len(_SPIKES)], np.uint8)
        series = file.create_group("processing/ophys/Fluorescence/RoiResponseSeries")
        series.attrs["neurodata_type"] = "RoiResponseSeries"
        series["data"], series["timestamps"] = _TRACES[0].T, 0.5 + np.arange(40) / 10


SEEDS = {
    "tiff": ("a.tif", _tiff),
    "tiff-packed": ("b.tif", _tiff_packed),
    "tiff-big": ("b.tif", _tiff_big),
    "roi": ("a.roi", _roi),
    "rois": ("a.zip", _rois),
    "labels": ("a.png", _labels),
    "movie-npy": ("movie.npy", _movie_npy),
    "movie-h5": ("movie.h5", _movie_h5),
    "nwb-rois": ("rois.nwb", _nwb_rois),
    "project": ("a.npgui", _project),
    "fall": ("Fall.mat", _fall),
    "caiman": ("a.hdf5", _caiman),
    "nwb": ("a.nwb", _nwb),
    "spikes-csv": ("spikes.csv", _spikes_csv),
    "spikes-npy": ("spikes.npy", lambda path: np.save(path, _SPIKES)),
    "spikes-npz": ("spikes.npz", _spikes_npz),
    "spikes-mat": ("spikes.mat", _spikes_mat),
    "spikes-nwb": ("spikes.nwb", _spikes_nwb),
    "npy": ("a.npy", _npy),
    "npz": ("a.npz", _npz),
    "npz-packed": ("a.npz", _npz_packed),
    "fissa": ("a.npz", _fissa),
    "results": ("a.npz", _results),
    "made": ("a.npz", _made),
    "made-mat": ("a.mat", _made),
    "suite2p": ("ops.npy", _suite2p),
    "csv": ("a.csv", _csv),
    "wide": ("a.csv", _wide),
    "mat5": ("a.mat", _mat),
    "mat5-packed": ("a.mat", _mat_packed),
    "mat73": ("a.mat", _mat73),
    "hdf5": ("a.h5", _hdf5),
    "hdf5-new": ("a.h5", _hdf5_new),
}


def make_seed(name, folder):
    """Write the valid file of a format; return its bytes and its path."""
    file_name, make = SEEDS[name]
    path = folder / name / file_name
    path.parent.mkdir()
    make(path)
    outcome, words = attempt(path, path.read_bytes())
    assert outcome == "read", words
    return path.read_bytes(), path


def mutate(data, seed):
    """Return `data` spoiled in one to three ways that `seed` decides."""
    rng = random.Random(seed)
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        if not changed:
            break
        at, size = rng.randrange(len(changed)), rng.choice((1, 2, 4, 8, 64, 512))
        way = rng.randrange(8)
        if way <= 1:
            for _ in range(rng.randint(1, 8)):
                changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
        elif way == 2:
            del changed[at:]
        elif way == 3:
            changed[at:at] = changed[at : at + size]
        elif way == 4:
            del changed[at : at + size]
        elif way == 5:
            changed[at : at + size] = bytes(len(changed[at : at + size]))
        else:  # a number in a header that is as large, as small or as odd as it can be
            at = rng.randrange(min(len(changed), rng.choice((64, 512, 2048))))
            width = rng.choice((1, 2, 4, 8))
            value = rng.choice((0, 1, 0xFF, 0x7F, 0x80, rng.randrange(256)))
            changed[at : at + width] = bytes([value] * width)[: len(changed) - at]
    return bytes(changed)


def attempt(path, data):
    """Read a file of these bytes, look at it, and load all its cells; return the outcome and its words."""
    path.write_bytes(data)
    begin = time.perf_counter()
    outcomes = []
    for ask in _ASKS.get(path.name, (_all, _look, *((_kept,) if path.suffix == SUFFIX else ()))):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                ask(path)
            outcomes.append(("read", ""))
        except DataError as error:
            words = str(error)
            if "\n" in words or not words.endswith(".") or "exit code 1)" in words or len(words) > 1000:
                return "BUG", words
            outcomes.append(("child died" if any(dead in words for dead in _DEAD) else "refused", words))
        except Exception as error:  # noqa: BLE001 -- whatever it is, it is the find
            return "BUG", f"{type(error).__name__}: {error}"
    if time.perf_counter() - begin > SLOW:
        return "BUG", f"{time.perf_counter() - begin:.1f} s for {outcomes}"
    return max(outcomes, key=lambda each: ("read", "refused", "child died").index(each[0]))


def _all(path):
    recording = read(path)
    for cell in recording.cells:
        assert cell.traces.ndim == 2
    ResultsOfFile(recording, None).outcomes(lambda: False)


def _kept(path):
    """Take what a window brings back, and all results."""
    glance(path)
    with closing(Database(path)) as database:
        Kept.of(database, 2)
        for key in database.keys("result"):
            body = database.get("result", key)
            if body is not None:
                unpack_separation(body)


def _look(path):
    asked = inquire(path)
    assert asked.preview(asked.guess).traces.ndim == 2


def _frames(path):
    movie = read_movie(path)
    assert movie.read(0, min(movie.shape[0], 8)).shape[1:] == movie.shape[1:]


def _areas(path):
    grow_regions(read_rois(path, (12, 14)).rois, (12, 14))


#: What is asked of files that are no recordings, by their names.
def _spikes(path):
    found = read_spike_file(path)
    for name in found.trains:
        found.spike_times(name, "s", found.begins).words(30.0, 40)


_ASKS = {
    "a.tif": (_frames, _areas),
    "b.tif": (_frames,),
    "a.roi": (_areas,),
    "a.zip": (_areas,),
    "a.png": (_areas,),
    "movie.npy": (_frames,),
    "movie.h5": (_frames,),
    "rois.nwb": (_areas,),
    **{f"spikes.{suffix}": (_spikes,) for suffix in ("csv", "npy", "npz", "mat", "nwb")},
}
