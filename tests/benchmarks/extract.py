"""How fast traces are made from a movie and ROIs, beside FISSA 1.0.0, and whether they are the same.

    python tests/benchmarks/extract.py [--fissa-env DIR] [--without-fissa] [--cells 200] [--frames 2000]

200 polygons, each with four regions, and 2,000 frames of 512 x 512 uint16 in 4 TIFFs. Both programs run in a process of
their own, one after the other, and their processor time is compared. FISSA's environment is made where there is none
(Python 3.11), with a shapely below 2, with which alone FISSA reads polygons.
Must: 20 times as fast as FISSA's preparation, 4 times as its reading and means alone, at most 1 ms a frame and 200 MB
above the start, and 99 of 100 traces the same bit for bit: where two pixels lie on one ray from a ROI's centre, the
last bit of NumPy's arctan2 decides to which region they belong, and it differs from version to version. FISSA's part
takes minutes.
"""

import measuring

if __name__ == "__main__":
    measuring.mend_environment()

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ENVIRONMENT = Path.home() / ".cache" / "neuropil_gui" / "fissa-1.0.0-extraction"
REQUIREMENTS = ("fissa==1.0.0", "shapely==1.8.5.post1", "scikit-learn==1.1.3", "numpy==1.26.4")

SIDE, TRIALS = 512, 4
PREPARATION, MEANS, FRAME, MEMORY = 20, 4, 1.0, 200
"""What must be held: times as fast as FISSA, as its reading and means, milliseconds a frame, megabytes."""

OURS = """
import json, resource, sys, time
import numpy as np
import scipy.sparse, tifffile, roifile
from neuropil_gui import extract
from neuropil_gui.formats import extraction
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
began = time.process_time()
recording = extract(sys.argv[2:-1], sys.argv[-1])
seconds = time.process_time() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
np.save(sys.argv[1], np.stack([cell.traces for cell in recording.cells]))
print(json.dumps({"seconds": seconds, "megabytes": (peak - before) / 1024}))
"""

FISSAS = """
import json, sys, time, warnings
import numpy as np
import fissa
from fissa.extraction import DataHandlerTifffile as handler
warnings.simplefilter("ignore")
movies, rois = sys.argv[2:-1], sys.argv[-1]
began = time.process_time()
experiment = fissa.Experiment(list(movies), rois, ncores_preparation=1, ncores_separation=1, verbosity=0)
experiment.separation_prep(redo=True)
seconds = time.process_time() - began
np.save(sys.argv[1], np.array([np.concatenate(list(cell), axis=1) for cell in experiment.raw]))
masks = list(np.random.default_rng(0).random((1000, 512, 512)) < 190 / 512**2)
masks = masks[: 5 * len(experiment.raw)]
began = time.process_time()
for movie in movies:
    data = handler.image2array(movie)
    handler.getmean(data)
    handler.extracttraces(data, masks)
print(json.dumps({"seconds": seconds, "means": time.process_time() - began}))
"""


def make(folder, cells, frames):
    """Write the movies and the ROIs, and return their paths."""
    import tifffile

    from neuropil_gui import write_rois

    rng = np.random.default_rng(0)
    movies = []
    for trial in range(TRIALS):
        movies.append(str(folder / f"trial{trial}.tif"))
        with tifffile.TiffWriter(movies[-1]) as writer:
            for _ in range(frames // TRIALS):
                frame = rng.integers(0, 4000, (SIDE, SIDE), np.uint16)
                writer.write(frame, contiguous=False, metadata=None)
    angle = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    rois = [rng.uniform(30, SIDE - 30, 2) + rng.uniform(5, 10) * circle for _ in range(cells)]
    write_rois(folder / "rois.zip", [np.round(each) for each in rois])
    return [*movies, str(folder / "rois.zip")]


def answer(python, code, *words):
    """Run code in a process of its own, with one thread, and return what it prints as JSON."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    environment = os.environ | threads
    if str(python) != sys.executable:
        environment.pop("PYTHONPATH", None)
    words = [str(python), "-c", code, *words]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True, env=environment)
    return json.loads(done.stdout.strip().splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fissa-env", type=Path, default=ENVIRONMENT, help="FISSA's environment, made if not there")
    parser.add_argument("--without-fissa", action="store_true", help="only this program's part, which takes seconds")
    parser.add_argument("--cells", type=int, default=200)
    parser.add_argument("--frames", type=int, default=2000)
    options = parser.parse_args()
    if not options.without_fissa and not options.fissa_env.exists():
        subprocess.run([sys.executable, "-m", "venv", options.fissa_env], check=True)
        subprocess.run([options.fissa_env / "bin" / "pip", "install", "-q", *REQUIREMENTS], check=True)
    print(measuring.in_words(measuring.machine()), flush=True)
    missed = []

    def judge(words, value, limit, least):
        good = value >= limit if least else value <= limit
        print(f"{words}: {value:.2f} (must be {'at least' if least else 'at most'} {limit}){'' if good else ' MISSED'}")
        missed.extend([] if good else [words])

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = make(folder, options.cells, options.frames)
        ours = [answer(sys.executable, OURS, str(folder / "ours.npy"), *files) for _ in range(3)]
        seconds = min(each["seconds"] for each in ours)
        print(
            f"{options.cells} cells, {options.frames} frames: {seconds:.2f} s of the processor, best of 3", flush=True
        )
        judge("milliseconds a frame", 1000 * seconds / options.frames, FRAME, False)
        judge("megabytes above the start", max(each["megabytes"] for each in ours), MEMORY, False)
        if not options.without_fissa:
            fissa = answer(options.fissa_env / "bin" / "python", FISSAS, str(folder / "fissa.npy"), *files)
            print(f"FISSA: {fissa['seconds']:.1f} s, of which reading and means {fissa['means']:.1f} s")
            judge("times as fast as FISSA's preparation", fissa["seconds"] / seconds, PREPARATION, True)
            judge("times as fast as its reading and means", fissa["means"] / seconds, MEANS, True)
            both = [np.load(folder / name) for name in ("ours.npy", "fissa.npy")]
            judge(
                "traces that are the same bit for bit, in %",
                100 * float((both[0] == both[1]).all(axis=2).mean()),
                99,
                True,
            )
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
