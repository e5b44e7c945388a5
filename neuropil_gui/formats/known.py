"""Table of formats that are known but not read: what each is, and how its traces can be brought here."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

from neuropil_gui.formats.paths import join_names, printable_name


@dataclass(frozen=True)
class KnownFormat:
    """A format that is known but not read.

    Attributes
    ----------
    what : str
        What it is, as a sentence continues after "it is".
    advice : str
        What to do, as a sentence begins.
    suffixes : tuple of str
        Endings of its names, lower case, with the dot.
    magic : bytes
        What its files begin with, by which one of another name is known; empty where that says nothing.
    """

    what: str
    advice: str
    suffixes: tuple[str, ...]
    magic: bytes = b""


_MOVIE = "save it as TIFF where it was made, and open that with its ROIs"
_CSV = "export the traces as CSV there, and open that"
_R = 'in R, write.csv(traces, "traces.csv") makes a table that can be opened'
_PANDAS = "in Python, pandas reads it, and to_csv() makes a table that can be opened"
_ZARR = 'in Python, e.g. open_minian(folder)["C"].to_pandas().to_csv("C.csv") makes a table that can be opened'
_SAVE = "in Python, load it where you trust it, and np.save() the array of traces, or to_csv() the table"
_ANSWERS = (
    "hand it in to your teacher as it is; Learn > Grade makes the marks of a folder of them. The exercise itself is "
    "the file that ends in .exercise.json"
)
_UNPACK = "unpack it, and open what is in it"

KNOWN_FORMATS = (
    KnownFormat("an Excel workbook", "save the sheet as CSV, and open that", (".xlsx", ".xlsm", ".xlsb")),
    KnownFormat("an old workbook of Excel", "save the sheet as CSV, and open that", (), b"\xd0\xcf\x11\xe0"),
    KnownFormat("an OpenDocument sheet", "save the sheet as CSV, and open that", (".ods",)),
    KnownFormat("Apple's Numbers document", "export the sheet as CSV, and open that", (".numbers",)),
    KnownFormat("Inscopix's data", "export the traces as CSV in IDPS, and open that", (".isxd", ".isxp", ".isxc")),
    KnownFormat("a Zarr store, as Minian writes it", _ZARR, (".zarr",)),
    KnownFormat("a film", _MOVIE, (".avi", ".mp4", ".mkv", ".mov", ".wmv", ".mj2", ".m4v")),
    KnownFormat("a movie of a microscope", _MOVIE, (".czi", ".lif", ".lsm", ".nd2", ".oir", ".oib", ".vsi", ".sbx")),
    KnownFormat("a movie of a microscope", _MOVIE, (".stk", ".dv", ".spe", ".raw", ".cxd", ".mdf", ".pmt")),
    KnownFormat("a movie without its size", "suite2p's data.bin is opened where its ops.npy is beside it", (".bin",)),
    KnownFormat("a picture", "open the traces that it shows", (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".svg")),
    KnownFormat("a document", "open the traces that it shows", (".pdf", ".doc", ".docx", ".ppt", ".pptx")),
    KnownFormat("a figure of MATLAB", "save the arrays that it shows as a .mat file", (".fig",)),
    KnownFormat("a Python pickle, which could run anything", _SAVE, (".pkl", ".pickle", ".joblib", ".dill", ".pt")),
    KnownFormat("a table of columns", _PANDAS, (".parquet", ".feather", ".arrow", ".orc"), b"PAR1"),
    KnownFormat("a file of R", _R, (".rds", ".rdata", ".rda")),
    KnownFormat("a file of Igor Pro", _CSV, (".ibw", ".pxp", ".itx")),
    KnownFormat("a file of GraphPad Prism", _CSV, (".pzfx", ".pzf", ".prism")),
    KnownFormat("a file of Origin", _CSV, (".opj", ".opju", ".ogw")),
    KnownFormat("a file of SPSS, Stata or IDL", _CSV, (".sav", ".dta", ".idl")),
    KnownFormat("a recording of Spike2", "export the channels as text or .mat there", (".smr", ".smrx")),
    KnownFormat("a recording of pClamp", "export the channels as text there", (".abf",)),
    KnownFormat("a recording of LabVIEW", _CSV, (".tdms", ".lvm")),
    KnownFormat("a recording of TDT Synapse", _CSV, (".tev", ".tsq", ".tbk", ".tdx")),
    KnownFormat("a recording of electrophysiology", _CSV, (".plx", ".nev", ".ns5", ".ncs", ".edf", ".bdf", ".rhd")),
    KnownFormat("a database", _CSV, (".sqlite", ".sqlite3", ".db", ".mdb"), b"SQLite format 3"),
    KnownFormat("a student's answers to an exercise", _ANSWERS, (".answers.json",)),
    KnownFormat("a text of settings, not a table", "open the file that holds the traces", (".json", ".xml", ".yaml")),
    KnownFormat("a text of settings, not a table", "open the file that holds the traces", (".yml", ".toml", ".ini")),
    KnownFormat("a program", "run it, and open the file that it writes", (".py", ".ipynb", ".m", ".r", ".ijm")),
    KnownFormat(
        "a packed archive", _UNPACK, (".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".zst"), b"\x1f\x8b"
    ),
    KnownFormat("a packed archive", _UNPACK, (), b"7z\xbc\xaf"),
)

_BY_SUFFIX = {suffix: each for each in KNOWN_FORMATS for suffix in each.suffixes}
#: Names in a folder of Zarr.
_ZARR_NAMES = (".zgroup", ".zarray", ".zattrs", ".zmetadata", "zarr.json")
_MOST_NAMED = 2000


def known_unread(path: Path, head: bytes) -> str | None:
    """Return a sentence on a file or folder of a known format that is not read; None for all others.

    Parameters
    ----------
    path : Path
    head : bytes
        First bytes of the file; none for a folder.
    """
    if path.is_dir():
        endings = {child.suffix.lower() for child in path.iterdir()}
        zarr = path.suffix.lower() == ".zarr" or any((path / name).exists() for name in _ZARR_NAMES)
        zarr = zarr or (".zarr" in endings and not endings & {".npy", ".npz", ".mat", ".h5", ".hdf5", ".nwb"})
        return _sentence(_BY_SUFFIX[".zarr"]) if zarr else None
    if head.startswith(b"PK"):
        return _zipped(path)
    for each in KNOWN_FORMATS:
        if each.magic and head.startswith(each.magic):
            return _sentence(each)
    ends = ("".join(path.suffixes[-2:]).lower(), path.suffix.lower())
    found = next((_BY_SUFFIX[each] for each in ends if each in _BY_SUFFIX), None)
    return _sentence(found) if found is not None else None


def known_in_folder(folder: Path) -> str | None:
    """Return a sentence on a folder without recordings that holds files of a known format; None where it has none.

    Parameters
    ----------
    folder : Path
    """
    names = sorted(child.name for child in list(folder.iterdir())[:_MOST_NAMED])
    for name in names:
        found = _BY_SUFFIX.get(Path(name).suffix.lower())
        if found is not None and found.what != "a text of settings, not a table":
            return f"no recording was found in it, but {printable_name(name)}, {found.what}: {found.advice}."
    return None


def _zipped(path: Path) -> str | None:
    """Return a sentence on a ZIP archive that holds no arrays; None for NumPy's, and for a damaged one."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()[:_MOST_NAMED]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    if not names or any(name.endswith(".npy") for name in names):
        return None
    if any(name.startswith(("xl/", "content.xml", "Index/")) for name in names):
        return _sentence(_BY_SUFFIX.get(path.suffix.lower(), KNOWN_FORMATS[0]))
    found = _BY_SUFFIX.get(path.suffix.lower())
    if found is not None:
        return _sentence(found)
    return f"it is a ZIP archive without arrays of NumPy ({join_names(names, 3)}): {_UNPACK}."


def _sentence(found: KnownFormat) -> str:
    return f"it is {found.what}: {found.advice}."
