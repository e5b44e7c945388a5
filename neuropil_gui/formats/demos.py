"""Write the demos: ``python -m neuropil_gui.formats.demos resources/demos``, the same bytes each time."""

import sys
from pathlib import Path

import numpy as np

from neuropil_gui.core.demos import DEMOS, MOVIE_DEMO, demo_arrays, demo_files, demo_picture
from neuropil_gui.core.movie_simulation import simulate_movie
from neuropil_gui.core.simulation import to_arrays
from neuropil_gui.formats.extraction import extract
from neuropil_gui.formats.simulated_movie import write_simulated_movie


def main() -> None:
    """Write all demos into the folder that the command names."""
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m neuropil_gui.formats.demos FOLDER")
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for demo in DEMOS.values():
        arrays = demo_arrays(demo)
        # numpy writes the members of an .npz without a time, so the bytes depend on the data alone.
        np.savez_compressed(folder / f"{demo.name}.npz", **arrays)  # type: ignore[arg-type]
        (folder / f"{demo.name}.svg").write_text(demo_picture(arrays), encoding="ascii", newline="\n")
    movie, rois = demo_files(folder, MOVIE_DEMO.name)
    write_simulated_movie(movie, simulate_movie(MOVIE_DEMO.movie), packed=True)
    picture = demo_picture(to_arrays(extract(movie, rois or "")))
    movie.with_suffix(".svg").write_text(picture, encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
