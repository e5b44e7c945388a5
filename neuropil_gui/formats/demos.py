"""Write the demos: ``python -m neuropil_gui.formats.demos resources/demos``, the same bytes each time."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from neuropil_gui.core.demos import DEMOS, MOVIE_DEMO, demo_arrays, demo_picture
from neuropil_gui.core.movie_simulation import simulate_movie
from neuropil_gui.core.simulation import to_arrays
from neuropil_gui.formats.extraction import extract
from neuropil_gui.formats.paths import os_errors_as_data_errors
from neuropil_gui.formats.simulated_movie import truth_of, write_simulated_movie


def make_movie_demo(path: Path) -> None:
    """Write the movie of the demo, its ROIs and its truth, where they are not there yet; it takes half a second.

    Parameters
    ----------
    path : Path
        Of the movie; its folder is made where there is none.

    Raises
    ------
    DataError
        When it cannot be written.
    """
    with os_errors_as_data_errors(path):
        if truth_of(path).exists():  # which is written last
            return
        path.parent.mkdir(parents=True, exist_ok=True)
    write_simulated_movie(path, simulate_movie(MOVIE_DEMO.movie))


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
    with TemporaryDirectory() as made:
        movie = Path(made) / f"{MOVIE_DEMO.name}.tif"
        make_movie_demo(movie)
        picture = demo_picture(to_arrays(extract(movie, movie.with_suffix(".zip"))))
    (folder / movie.with_suffix(".svg").name).write_text(picture, encoding="ascii", newline="\n")


if __name__ == "__main__":
    main()
