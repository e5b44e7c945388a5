"""The settings of a separation, with limits, units and help of each as data.

The form, the command line and the checks all read `PARAMETERS`.
"""

import math
import numbers
import operator
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from neuropil_gui.core.errors import DataError, DataTypeError

MAX_SEED = 2**32 - 1


@dataclass(frozen=True)
class Parameter:
    """A setting: its label, type, limits, unit and help.

    Attributes
    ----------
    name : str
        The name in `SeparationSettings`, on the command line and of the widget that edits it.
    label : str
        What the form writes beside it.
    kind : type
        int, float, str or bool.
    minimum, maximum : int, float or None
        Both inclusive; None where there is no limit.
    optional : bool
        Whether None is allowed, and means a choice made from the data.
    choices : dict
        For text: each value and what the form calls it.
    methods : tuple of str
        The methods that use it.
    unit : str
    help : str
        Symbol, meaning and advice, for tool tips and ``--help``.
    ignored : str
        Why a method that is not in `methods` does not use it.
    """

    name: str
    label: str
    kind: type
    minimum: float | None = None
    maximum: float | None = None
    optional: bool = False
    choices: dict[str, str] = field(default_factory=dict)
    methods: tuple[str, ...] = ("nmf", "ica")
    unit: str = ""
    help: str = ""
    ignored: str = ""

    def check(self, value: Any) -> Any:
        """Return `value` in the parameter's type.

        Parameters
        ----------
        value : object
            A candidate value; None is allowed where the parameter is optional.

        Returns
        -------
        bool, int, float, str or None

        Raises
        ------
        DataError
            (a ValueError) When it is out of range or not one of the choices.
        TypeError
            When it is of another type.
        """
        if value is None and self.optional:
            return None
        text = str(value) if isinstance(value, numbers.Real) else repr(value)
        found = f"{self.name} must be {self.describe()}, but {text} was found."
        if self.kind is bool:
            if not isinstance(value, bool) and type(value).__name__ not in ("bool", "bool_"):
                raise DataTypeError(found)
            return bool(value)
        if self.kind is str:
            if not isinstance(value, str):
                raise DataTypeError(found)
            if value not in self.choices:
                raise DataError(found)
            return str(value)
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise DataTypeError(found)
        if self.kind is int:
            try:
                value = operator.index(value)  # type: ignore[arg-type]  # a float raises, as it should
            except TypeError as error:
                raise DataTypeError(found) from error
        else:
            value = float(value)
            if not math.isfinite(value):
                raise DataError(found)
        low = -math.inf if self.minimum is None else self.minimum
        high = math.inf if self.maximum is None else self.maximum
        if not low <= value <= high:
            raise DataError(found)
        return value

    def describe(self) -> str:
        """Return the allowed values as text."""
        if self.kind is bool:
            return "True or False"
        if self.kind is str:
            return "one of " + ", ".join(self.choices)
        what = "a whole number" if self.kind is int else "a finite number"
        if self.maximum is not None:
            what += f" from {self.minimum} to {self.maximum}"
        elif self.minimum is not None:
            what += f" of at least {self.minimum:g}"
        return f"{what}, or None" if self.optional else what

    def write(self, value: Any) -> str:
        """Return a value as the form writes it.

        Parameters
        ----------
        value : object
            A value that `check` accepts.

        Returns
        -------
        str
            "auto", "random", "on", "off", the name of a choice, or a number.
        """
        if value is None:
            return "random" if self.name == "seed" else "auto"
        if self.kind is bool:
            return "on" if value else "off"
        return self.choices[value] if self.kind is str else f"{value:.10g}"


PARAMETERS = {
    parameter.name: parameter
    for parameter in (
        Parameter(
            "method",
            "Method",
            str,
            choices={"nmf": "NMF", "ica": "ICA"},
            help="How the signals are taken apart. NMF (non-negative matrix factorisation, FISSA's default) keeps "
            "the baseline and needs signals that are not negative. ICA (independent component analysis) is "
            "faster, but its traces have lost their baseline.",
        ),
        Parameter(
            "n",
            "n",
            int,
            minimum=1,
            optional=True,
            unit="components",
            help="n: how many components to look for, from 1 to the number of signals. Auto takes as many as there "
            "are signals for NMF; for ICA, as many as explain more than 1 % of the variance each.",
        ),
        Parameter(
            "alpha",
            "alpha",
            float,
            minimum=0.0,
            methods=("nmf",),
            help="\N{GREEK SMALL LETTER ALPHA}: weight of the sparsity penalty of NMF, 0 or above, without unit "
            "(signals are divided by their median). Higher empties more components, lower keeps more of them and "
            "takes longer. The same value acts more weakly on a longer recording.",
            ignored="ICA has no sparsity penalty: alpha is not used.",
        ),
        Parameter(
            "seed",
            "seed",
            int,
            minimum=0,
            maximum=MAX_SEED,
            optional=True,
            help="Seed of the random numbers at the start, from 0 to 2\N{SUPERSCRIPT THREE}\N{SUPERSCRIPT TWO} "
            "\N{MINUS SIGN} 1, or a new one each time; the one used is recorded. With NMF and FISSA's start "
            "(nndsvdar) it usually changes next to nothing; with ICA it changes the order and sign of components.",
        ),
        Parameter(
            "tol",
            "tol",
            float,
            minimum=0.0,
            help="Tolerance: stop when the violation of the optimum has fallen to this part of that of the first "
            "iteration (NMF), or when the unmixing matrix changes by less than this (ICA). Smaller is "
            "slower and more exact.",
        ),
        Parameter(
            "max_iter",
            "max. iterations",
            int,
            minimum=1,
            unit="iterations",
            help="Iterations after which a try is given up as not converged.",
        ),
        Parameter(
            "max_tries",
            "max. tries",
            int,
            minimum=1,
            unit="tries",
            help="How many seeds are tried, each one above the last, until one converges. With NMF and FISSA's "
            "start (nndsvdar) another try usually takes the same path; with nndsvda always, so that it tries once.",
        ),
        Parameter(
            "start",
            "start",
            str,
            choices={"nndsvdar": "nndsvdar (FISSA)", "nndsvda": "nndsvda", "random": "random"},
            methods=("nmf",),
            help="Where NMF starts. nndsvdar, FISSA's choice, comes from a singular value decomposition with zeros "
            "filled by small random values; nndsvda fills them with the mean; random makes the seed matter.",
            ignored="ICA always starts from random numbers: start is not used.",
        ),
        Parameter(
            "offset",
            "subtract minimum",
            bool,
            methods=("nmf",),
            help="Where a trace is negative (dF/F, background-subtracted): subtract the least value of all traces "
            "before the separation, as FISSA's own pipeline does. What was subtracted is recorded, and is not "
            "added back.",
            ignored="ICA takes negative values as they are: no offset is used.",
        ),
        Parameter(
            "pedestal",
            "pedestal",
            float,
            minimum=0.0,
            methods=("nmf",),
            unit="that of the traces",
            help="Constant light, or the detector's offset, to subtract from all traces before the separation. NMF "
            "takes light that all signals share for one component: two medians of it, added to four real cells, left "
            "two of them with a single component, without any warning of the solver. What was subtracted is recorded "
            "with the result, and is not added back.",
            ignored="ICA does not mind constant light: no pedestal is subtracted.",
        ),
        Parameter(
            "drop_nan",
            "leave out missing frames",
            bool,
            help="Leave frames out in which a signal is NaN or infinite, as after motion or photostimulation, or where "
            "a table has empty rows: the other frames are separated as if they followed each other. Frames keep their "
            "numbers, and the result is NaN, drawn as a gap, where one was left out.",
        ),
        Parameter(
            "solver",
            "solver",
            str,
            choices={"fissa": "FISSA", "accelerated": "accelerated"},
            methods=("nmf",),
            help="How NMF looks for its optimum. fissa goes FISSA's own way, iteration for iteration, to FISSA's "
            "numbers. accelerated minimises the same objective from the same start in far fewer passes. It is nearly "
            "always as low or lower, with the same traces but for small differences; now and then it ends in another "
            "minimum, which may be the higher one, so that its results are checked against FISSA's.",
            ignored="ICA has one solver: solver is not used.",
        ),
    )
}


@dataclass(frozen=True)
class SeparationSettings:
    """Settings of a separation; the defaults are those of ``fissa.neuropil.separate`` 1.0.0.

    Attributes are described by `PARAMETERS`, each with its limits, and checked when an
    instance is made. `pedestal` and `drop_nan` are none of that function's; their defaults change nothing.

    Raises
    ------
    DataError
        (a ValueError) When a value is out of range.
    TypeError
        When a value is of another type.
    """

    method: str = "nmf"
    n: int | None = None
    alpha: float = 0.1
    seed: int | None = 892
    tol: float = 1e-4
    max_iter: int = 10000
    max_tries: int = 10
    start: str = "nndsvdar"
    offset: bool = False
    pedestal: float = 0.0
    drop_nan: bool = False
    solver: str = "fissa"

    def __post_init__(self) -> None:
        for each in fields(self):
            object.__setattr__(self, each.name, PARAMETERS[each.name].check(getattr(self, each.name)))

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain values, for JSON."""
        return asdict(self)

    def asks_like(self, other: "SeparationSettings") -> bool:
        """Return whether two settings are equal but for their solver.

        Parameters
        ----------
        other : SeparationSettings

        Returns
        -------
        bool
        """
        return all(getattr(self, name) == getattr(other, name) for name in _ASKED)


_ASKED = tuple(each.name for each in fields(SeparationSettings) if each.name != "solver")


def uses(method: str, name: str) -> bool:
    """Return whether a method takes a setting into account.

    Parameters
    ----------
    method : str
        "nmf" or "ica".
    name : str
        Name of the setting, a key of `PARAMETERS`.

    Returns
    -------
    bool
    """
    return method in PARAMETERS[name].methods
