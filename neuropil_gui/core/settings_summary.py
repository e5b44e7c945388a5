"""One-line summary of settings."""

from neuropil_gui.core.settings import PARAMETERS, SeparationSettings, uses

_ALWAYS = ("alpha", "n")


def brief(settings: SeparationSettings, n: int | None = None) -> str:
    """Return the method, alpha and n, and what else differs from FISSA's defaults.

    Parameters
    ----------
    settings : SeparationSettings
    n : int, optional
        What was chosen where the settings leave it to the data.

    Returns
    -------
    str
        Such as ``"NMF, alpha 0.1, n auto: 5, seed 7"``.
    """
    parts = [PARAMETERS["method"].choices[settings.method]]
    defaults = SeparationSettings()
    for name, parameter in PARAMETERS.items():
        value = getattr(settings, name)
        plain = name not in _ALWAYS and value == getattr(defaults, name)
        if name == "method" or plain or not uses(settings.method, name):
            continue
        if name == "n" and value is None:
            parts.append("n auto" if n is None else f"n auto: {n}")
        elif name == "solver":
            parts.append(parameter.choices[value])
        elif parameter.kind is bool:
            parts.append(parameter.label)
        elif value is None:
            parts.append(f"random {parameter.label}")
        else:
            parts.append(f"{parameter.label} {value:g}" if parameter.kind is float else f"{parameter.label} {value}")
    return ", ".join(parts)
